"""日程订阅地址: the secret addresses under which programs read diaries, without anybody signing in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.engine import Row

from jiefen.areas import EVERYWHERE
from jiefen.case.arguments import check_day
from jiefen.errors import FactError, NotFound
from jiefen.notation.texts import person_id
from jiefen.people.directory import Directory, Organisation, answered_holders
from jiefen.record.actor import HeldPost

#: An address ends after a year at most, and is issued again.
LONGEST: Final = timedelta(days=366)
#: Random bytes of a secret: 256 bits, so that its digest needs no salt and nobody finds it by trying.
_BYTES: Final = 32
_MOST_TYPED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DiaryAddress:
    """A secret address of a diary.

    Attributes:
        person: who has issued it, for their own diary or for an office that they hold.
        role, area: of the office; ``None``: it is their own diary.
        until: the last day in China on which it works.
        token: the secret, said when it is issued and never again.
    """

    id: int
    person: str
    role: str | None
    area: str | None
    issued_at: datetime
    until: date
    revoked_at: datetime | None
    revoked_by: str | None
    token: str | None = field(default=None, repr=False)


def new_token() -> str:
    """A secret that nobody can guess, as it stands in an address."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(token: object) -> str:
    """What is kept of a secret.

    Raises:
        NotFound: it can be none.
    """
    if not isinstance(token, str) or len(token) > _MOST_TYPED or not token.isascii():
        raise no_such_address()
    return sha256(f"jiefen.diary:{token}".encode()).hexdigest()


def no_such_address() -> NotFound:
    """The same for an address that never was, that was taken back and that is over: nobody learns which."""
    return NotFound(
        "there is no diary under this address, or it is over; issue another one with `jiefen diaries issue` "
        "(diaries.issue)",
        zh="没有此日程地址,或者地址已失效;请重新生成",
    )


def last_day(until: date | None, today: date) -> date:
    """Until when an address works.

    Raises:
        FactError: the day is over, or more than a year ahead.
    """
    if until is None:
        return today + LONGEST
    if not today <= check_day(until, "until") <= today + LONGEST:
        raise FactError(
            f"until={until} is over, or more than {LONGEST.days} days ahead; an address is issued again each year",
            zh=f"有效期不能早于今日,也不能超过 {LONGEST.days} 天",
        )
    return until


def written_posts(posts: tuple[HeldPost, ...]) -> list[dict[str, Any]]:
    """Posts as they are kept with an address."""
    return [
        {"role": one.role, "area": one.area, "since": _text(one.since), "until": _text(one.until)}
        for one in posts
    ]


def posts_left(row: Row[Any], directory: Directory | None, today: date) -> tuple[HeldPost, ...]:
    """The posts of an address that are still held today: by their days, and by the directory where there is one.

    Raises:
        JiefenError: the directory of the host answers no holders.
    """
    kept = (HeldPost(one["role"], one["area"], _day(one, "since"), _day(one, "until")) for one in row.posts)
    return tuple(one for one in kept if one.held(today) and _still_held(directory, row.person, one, today))


def address_of(row: Row[Any], token: str | None = None) -> DiaryAddress:
    """An address from its row."""
    names = ("id", "person", "role", "area", "issued_at", "until", "revoked_at", "revoked_by")
    return DiaryAddress(**{name: getattr(row, name) for name in names}, token=token)


def _still_held(directory: Directory | None, person: str, post: HeldPost, today: date) -> bool:
    if directory is None or post.area is None or post.area == EVERYWHERE:
        return True
    who = person_id(person)
    if isinstance(directory, Organisation):
        held = (one for one in directory.posts_of(who) if one.held(today))
        return any((one.role, one.area) == (post.role, post.area) for one in held)
    return any(one.id == who for one in answered_holders(directory, post.role, post.area, None, today))


def _day(post: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(post[name]) if post[name] is not None else None


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
