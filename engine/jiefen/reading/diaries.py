"""日程: what is on for a person or an office, read as they may read it: ``engine.diaries``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.engine import Connection

from jiefen.areas import EVERYWHERE, check_held, normalise_area
from jiefen.case.arguments import check_actor, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import CHINA, china_date
from jiefen.edition.edition import Edition
from jiefen.errors import FactError, NotAllowed
from jiefen.notation.labels import Label
from jiefen.people.authority import require_role
from jiefen.reading.reader import Reader, as_
from jiefen.record.actor import Actor, HeldPost
from jiefen.record.refs import Ref
from jiefen.store import routines as store

#: Open lists of one post that are looked through; nobody keeps more of them open.
_MOST_LISTS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutineDay:
    """A routine that is to be done on a day, or whose list is still open.

    Attributes:
        at: when it begins; ``last_on`` is its last day.
        nominal_on: the day of the rule, which a holiday may have moved; with rule and area it names the occurrence.
        provisional: holidays that are not published yet may move it.
        left: its list is there and open.
    """

    rule: str
    title: Label
    area: str
    role: str
    at: datetime
    nominal_on: date
    last_on: date
    provisional: bool
    left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What is on for somebody: the calls that read, and what they need to know to ask.

    Attributes:
        reader: reads what they may read, and keeps it in the log.
        person: whose it is, or who keeps it for the office.
        office: the post for which it is; ``None``: it is the person's own.
        posts: the posts by which things are theirs today.
        at: when it was opened.
        routines: of these posts, by time.
    """

    reader: Reader
    person: str
    office: HeldPost | None
    posts: tuple[HeldPost, ...]
    at: datetime
    routines: tuple[RoutineDay, ...]


class Diaries:
    """What is on for persons and offices: ``engine.diaries``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def of(
        self,
        *,
        by: Actor,
        role: str | None = None,
        area: str | None = None,
        session: HostTransaction = None,
    ) -> Diary:
        """The diary of somebody, or of an office that they hold.

        Args:
            role, area: of the office; without them it is their own, over all their posts of the day.

        Raises:
            NotAllowed: they hold no post today, or not this one.
            FactError: it is no actor, an office without its area, or an area that cannot be.
        """
        check_actor(by)
        today = china_date(self._runtime.clock.now())
        office = self._office(by, role, area, today)
        return self._opened(by, office, session)

    def _office(self, by: Actor, role: str | None, area: str | None, today: date) -> HeldPost | None:
        if role is None and area is None:
            if not _posts(by, today):
                raise NotAllowed(
                    f"{by.id} holds no post today, so nothing is on for them; say which they hold (roles=, --role)",
                    zh=f"{by.id} 今日没有岗位,没有日程;请写明岗位和属地",
                )
            return None
        if role is None or area is None:
            raise FactError(
                "an office is a role and an area; give both, or neither for one's own diary",
                zh="单位日程须同时写明岗位和属地;都不写即为本人日程",
            )
        check_key(role, "role")
        check_held(area)
        where = area if area == EVERYWHERE else normalise_area(area)
        known, what = self._runtime.edition.rulebook.roles, f"the diary of {role} in {where}"
        require_role(by, [role], None if where == EVERYWHERE else where, known, what, on=today)
        return HeldPost(role, where)

    def _opened(self, by: Actor, office: HeldPost | None, session: HostTransaction) -> Diary:
        now = self._runtime.clock.now()
        posts = (office,) if office is not None else _posts(by, china_date(now))
        reads = by if office is None else Actor(by.id, posts=posts)
        with self._runtime.reading(session) as connection:
            routines = sorted(self._routines(connection, posts), key=lambda one: (one.at, one.rule, one.area))
        return Diary(
            reader=as_(self._runtime, reads), person=by.id, office=office, posts=posts, at=now,
            routines=tuple(routines),
        )  # fmt: skip

    def _routines(self, connection: Connection, posts: tuple[HeldPost, ...]) -> Iterator[RoutineDay]:
        """The routines that these posts have to do where they are held: the open ones, and those that come next."""
        edition, refs = self._runtime.edition, dict[str, HeldPost]()
        for post in posts:
            if post.area is None or post.area == EVERYWHERE:
                continue
            for row in store.open_lists(connection, post.area, post.role, _MOST_LISTS):
                yield _day(edition, row.rule, post, row.at, row.nominal_on, row.provisional, left=True)
            routines = edition.view(post.area).routines.values()
            refs |= {Ref.routine(one.id, post.area).name: post for one in routines if one.role == post.role}
        for row in store.coming(connection, refs) if refs else ():
            rule, _ = Ref.of(row).rule_and_area
            if row.data["nominal_on"] is not None:
                nominal = date.fromisoformat(row.data["nominal_on"])
                provisional = bool(row.data["provisional"])
                yield _day(edition, rule, refs[row.ref], row.at, nominal, provisional, left=False)


def _day(
    edition: Edition, rule: str, post: HeldPost, at: datetime, nominal: date, provisional: bool, *, left: bool
) -> RoutineDay:
    assert post.area is not None
    routine = edition.view(post.area).routines.get(rule)
    more = timedelta(routine.lasts - 1 if routine is not None else 0)
    return RoutineDay(
        rule=rule,
        title=routine.title if routine is not None else Label(rule, rule),
        area=post.area,
        role=post.role,
        at=at.astimezone(CHINA),
        nominal_on=nominal,
        last_on=china_date(at) + more,
        provisional=provisional,
        left=left,
    )


def _posts(by: Actor, today: date) -> tuple[HeldPost, ...]:
    """The posts of a day that have power somewhere, with the areas as they are kept."""
    held = [
        HeldPost(post.role, post.area if post.area == EVERYWHERE else normalise_area(post.area))
        for post in by.held(today)
        if post.area is not None
    ]
    return tuple(dict.fromkeys(held))
