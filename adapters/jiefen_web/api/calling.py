"""A call: who makes it, as whom the engine is asked, in which language.

Nobody is anonymous: whatever reads goes through ``engine.as_(actor)``, whatever writes says ``by=actor``.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from jiefen import Actor, Clock, Conflict, Engine, Reader
from jiefen_web.api.callers import Caller, Callers
from jiefen_web.api.callers.keys import ApiKeys
from jiefen_web.api.callers.signed import SCHEME, Signed
from jiefen_web.api.callers.tokens import Tokens
from jiefen_web.api.limits import BODY, Limits, Streams
from jiefen_web.api.problems import Refusal, language_of
from jiefen_web.api.words import Language

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What an application serves: an engine, to whom, how often."""

    engine: Engine
    clock: Clock
    callers: Callers
    keys: ApiKeys
    signed: Signed
    #: What takes tokens, where the file says whose.
    tokens: Callable[[], Tokens | None]
    limits: Limits
    streams: Streams
    most_behind: float
    #: Set when the server is about to end: whoever waits is let go.
    stopping: threading.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of somebody who is known."""

    engine: Engine
    caller: Caller
    actor: Actor
    because: str | None
    language: Language
    stopping: threading.Event
    #: Whether the caller may still call.
    holds: Callable[[], bool]
    #: The key under which it happens once, and the digest of what is asked.
    once: tuple[str, str] | None
    #: The revision of the case that the caller has seen.
    seen: int | None
    path: Mapping[str, Any]

    @property
    def reader(self) -> Reader:
        """What they may read."""
        return self.engine.as_(self.actor, because=self.because)

    def do(self, act: Callable[..., R], *args: Any, **said: Any) -> R:
        """Let them do something: once, where they say ``Idempotency-Key``; on what they have seen, by ``If-Match``.

        A call that has a key of its own needs no other.

        Raises:
            Refusal: the case is another one by now.
            JiefenError: as the act.
        """
        # Looked at before the transaction begins: that they have read it is kept in one of its own.
        number = self._seen_case() if self.seen is not None else None
        with ExitStack() as stack:
            session = None
            if self.once is not None and "key" not in said:
                key, digest = self.once
                kept = self.engine.calls.once(f"call/{self.caller.id}", key, digest)
                session = stack.enter_context(kept)
            if self.seen is not None and number is not None:
                try:
                    unchanged = self.engine.calls.unchanged(number, self.seen, session=session)
                    session = stack.enter_context(unchanged)
                except Conflict as error:
                    raise Refusal("changed", (error.text("zh"), error.text("en"))) from None
            return act(*args, **said, by=self.actor, session=session)

    def _seen_case(self) -> int | None:
        """The case that the call is about, which they may read; ``None``: it is about none.

        Raises:
            NotFound: it is not theirs to read.
        """
        if "case" in self.path:
            return self.reader.case(int(self.path["case"])).id
        return self.reader.task(int(self.path["task"])).case if "task" in self.path else None


def served(request: Request) -> Served:
    """What the application serves."""
    found: Served = request.app.state.jiefen
    return found


_KEY = APIKeyHeader(
    name="Jiefen-Key",
    scheme_name="key",
    description="An API key, from `jiefen callers key`",
    auto_error=False,
)
_TOKEN = HTTPBearer(
    scheme_name="token", description="A token of the OpenID provider of the file of callers", auto_error=False
)
_REVISION = re.compile(r'"(\d{1,18})"')


def calling(
    request: Request,
    key: Annotated[str | None, Security(_KEY)] = None,
    token: Annotated[HTTPAuthorizationCredentials | None, Security(_TOKEN)] = None,
    jiefen_actor: Annotated[
        str | None, Header(description="The staff number of who acts, from a program that speaks for people")
    ] = None,
    jiefen_because: Annotated[
        str | None, Header(description="Why a case that is sealed is read; percent-encoded UTF-8")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=200, description="The same again does nothing and is told as `already-done`"),
    ] = None,
    if_match: Annotated[
        str | None, Header(description="The `ETag` of the case as it was seen; another revision is `changed`")
    ] = None,
) -> Call:
    """Whose call it is.

    Raises:
        Refusal: nobody knows who calls, they have called too often, or this part is not for them.
    """
    serving = served(request)
    address = request.client.host if request.client is not None else "-"
    serving.limits.require_known(address)
    bearer = token.credentials if token is not None else None
    caller = _caller(request, serving, key, bearer)
    if caller is None:
        serving.limits.unknown(address)
        raise Refusal(
            "not-authenticated",
            (
                "请给出有效的密钥(Jiefen-Key)、令牌或者签名",
                "give a key that holds (Jiefen-Key), a token, or a signature",
            ),
            {"WWW-Authenticate": f'Jiefen-Key realm="jiefen", Bearer, {SCHEME}'},
        )
    request.state.caller = caller.id
    serving.limits.call(caller)
    parts = frozenset(request.scope["route"].tags)
    if caller.only is not None and not parts & caller.only:
        raise Refusal(
            "not-allowed",
            (
                f"{caller.id} 不能使用这一部分",
                f"this part of the interface is not for {caller.id} (only: in the file)",
            ),
        )
    if jiefen_actor is not None and not caller.speaks_for_people:
        raise Refusal(
            "not-allowed",
            (
                f"{caller.id} 不能代他人办理",
                f"{caller.id} speaks for nobody else (speaks_for_people in the file)",
            ),
        )
    actor = caller.actor(serving.engine, unquote(jiefen_actor) if jiefen_actor is not None else None)

    def holds() -> bool:
        if request.headers.get("authorization", "").startswith(SCHEME):
            return caller.id in serving.callers.signing
        return _caller(request, serving, key, bearer) == caller

    return Call(
        engine=serving.engine,
        caller=caller,
        actor=actor,
        because=unquote(jiefen_because) if jiefen_because is not None else None,
        language=language_of(request),
        stopping=serving.stopping,
        holds=holds,
        once=(idempotency_key, _digest(request, actor)) if idempotency_key is not None else None,
        seen=_revision(if_match),
        path=request.path_params,
    )


def _caller(request: Request, serving: Served, key: str | None, bearer: str | None) -> Caller | None:
    """Who calls, by whichever way they say it."""
    if key is not None:
        return serving.keys.caller(key)
    if bearer is not None:
        tokens = serving.tokens()
        return tokens.caller(bearer) if tokens is not None else None
    scheme, _, parameters = request.headers.get("authorization", "").partition(" ")
    if scheme != SCHEME:
        return None
    actor = request.headers.get("jiefen-actor", "")
    body = request.scope.get(BODY, b"")
    return serving.signed.caller(
        parameters, request.method, _address(request), actor, body, serving.clock.now()
    )


def _address(request: Request) -> str:
    """The address as it was sent."""
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _digest(request: Request, actor: Actor) -> str:
    """What is asked, and for whom."""
    asked = f"{request.method} {_address(request)} {actor.id}\n".encode()
    return hashlib.sha256(asked + request.scope.get(BODY, b"")).hexdigest()


def _revision(tag: str | None) -> int | None:
    if tag is None or tag.strip() == "*":
        return None
    found = _REVISION.fullmatch(tag.strip())
    if found is None:
        raise Refusal("facts", ("If-Match 不是案件的 ETag", "If-Match is no ETag of a case"))
    return int(found.group(1))


Calling = Annotated[Call, Depends(calling)]
