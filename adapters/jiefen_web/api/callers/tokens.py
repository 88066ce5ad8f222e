"""Bearer tokens of an OpenID provider: who somebody is, and which posts they say they hold.

The directory has the last word: where one is loaded, nobody holds a post that it does not know.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from jiefen import Engine, HeldPost, Organisation
from jiefen_web.api.callers.caller import Caller, posts_of

_LOG: Final = logging.getLogger("jiefen.http")
#: Nothing that a shared secret or nobody signs.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_LEEWAY: Final = 30
_LONGEST: Final = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Whose tokens are taken, and what their claims mean.

    Attributes:
        jwks: where the keys of the provider are.
        person: the claim with the staff number.
        claim: the claim that lists posts, and ``posts`` what each of its values stands for; ``None``: the posts are
            those of the directory.
    """

    issuer: str
    audience: str
    jwks: str
    person: str
    claim: str | None = None
    posts: Mapping[str, HeldPost] = field(default_factory=dict)
    only: frozenset[str] | None = None
    per_minute: int


class Tokens:
    """Tells whose a token is. Safe to use from several threads."""

    def __init__(self, provider: Provider, engine: Engine) -> None:
        self._provider, self._engine = provider, engine
        self._keys = jwt.PyJWKClient(provider.jwks, cache_keys=True, lifespan=600, timeout=10)

    def caller(self, token: str) -> Caller | None:
        """Whose a token is; ``None`` when it is nobody's, or holds no more."""
        if len(token) > _LONGEST:
            return None
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=list(_ALGORITHMS),
                issuer=self._provider.issuer,
                audience=self._provider.audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            _LOG.error("the keys of the provider of tokens cannot be fetched: %s", type(error).__name__)
            return None
        except jwt.PyJWTError:
            return None
        person = claims.get(self._provider.person)
        if not isinstance(person, str) or not person:
            return None
        provider = self._provider
        return Caller(
            id=person, posts=self._posts(person, claims), only=provider.only, per_minute=provider.per_minute
        )

    def _posts(self, person: str, claims: Mapping[str, Any]) -> tuple[HeldPost, ...]:
        known = tuple(posts_of(self._engine, person))
        if self._provider.claim is None:
            return known
        said = claims.get(self._provider.claim)
        values = said if isinstance(said, list) else [said]
        theirs = [
            self._provider.posts[one]
            for one in values
            if isinstance(one, str) and one in self._provider.posts
        ]
        if not isinstance(self._engine.directory(), Organisation):
            return tuple(theirs)
        claimed = {(one.role, one.area) for one in theirs}
        return tuple(one for one in known if (one.role, one.area) in claimed)
