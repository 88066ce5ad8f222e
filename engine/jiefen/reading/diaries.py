"""日程: what is on for a person or an office, read as they may read it: ``engine.diaries``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.engine import Connection

from jiefen.areas import EVERYWHERE, check_held, normalise_area
from jiefen.case.arguments import check_actor, check_id, check_key, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import CHINA, china_date
from jiefen.commands.binding import acting_as
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, FactError, NotAllowed, NotFound
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.people.authority import is_one_of, require_act, require_role
from jiefen.reading.addresses import (
    DiaryAddress,
    address_of,
    digest_of,
    last_day,
    new_token,
    no_such_address,
    posts_left,
    written_posts,
)
from jiefen.reading.reader import Reader, as_
from jiefen.record.actor import Actor, HeldPost
from jiefen.record.refs import Ref
from jiefen.rules import Who
from jiefen.store import routines as store
from jiefen.store.viewing import diaries as addresses

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

    @acting_as("diaries.issue")
    def issue(
        self,
        *,
        by: Actor,
        role: str | None = None,
        area: str | None = None,
        until: date | None = None,
        session: HostTransaction = None,
    ) -> DiaryAddress:
        """Issue a secret address for one's own diary, or for that of an office that one holds.

        Whoever has the address reads the diary, as far as the person may read it. It ends with the posts by which it
        was issued, by their days and by the directory; and after ``until``.

        Args:
            until: its last day in China; a year from today when absent, and at most.

        Raises:
            NotAllowed: they hold no post today, or not this one.
            FactError: it is no actor, an office without its area, an area that cannot be, or a day that is over or too
                far ahead.
        """
        check_actor(by)
        now = self._runtime.clock.now()
        today = china_date(now)
        office = self._office(by, role, area, today)
        require_act(by, area, "the address of a diary", on=today, tests={Who.SELF: is_one_of(by.id)})
        last, token = last_day(until, today), new_token()
        with self._runtime.writing(session) as connection:
            row = addresses.insert(
                connection,
                {
                    "digest": digest_of(token), "person": by.id, "posts": written_posts(by.held(today)),
                    "role": office.role if office is not None else None,
                    "area": office.area if office is not None else None, "issued_at": now, "until": last,
                },
            )  # fmt: skip
            return address_of(row, token)

    @acting_as("diaries.revoke")
    def revoke(
        self, address_id: int, *, reason: str, by: Actor | None = None, session: HostTransaction = None
    ) -> DiaryAddress:
        """Take an address back: nothing is read under it from now on. One's own; a program any.

        Args:
            by: who does it; the program of the engine when absent.

        Raises:
            NotFound: there is no such address.
            NotAllowed: it is somebody else's.
            AlreadyDone: it was taken back before.
            FactError: the reason says nothing.
        """
        check_id(address_id, "address of a diary")
        actor = check_actor(by) if by is not None else self._runtime.program
        why, now = written(reason, "reason"), self._runtime.clock.now()
        with self._runtime.writing(session) as connection:
            row = addresses.lock(connection, address_id)
            if row is None:
                raise NotFound(
                    f"there is no address {address_id}; list yours with `jiefen diaries` (diaries.addresses())",
                    zh=f"没有 {address_id} 号日程地址",
                )
            tests = {Who.SELF: is_one_of(row.person)}
            require_act(actor, None, f"the address {address_id}", on=china_date(now), tests=tests)
            if row.revoked_at is not None:
                raise AlreadyDone(
                    f"the address {address_id} was taken back by {row.revoked_by} already",
                    zh="该日程地址已经收回",
                )
            return address_of(addresses.revoke(connection, address_id, actor.id, now, why))

    def addresses(
        self, *, by: Actor, after: int = 0, limit: int = 100, session: HostTransaction = None
    ) -> list[DiaryAddress]:
        """The addresses that somebody has issued, by their ids; page with ``after=found[-1].id``. No secret is told.

        Raises:
            FactError: it is no actor, or a page that cannot be.
        """
        check_actor(by)
        check_page(after, limit)
        with self._runtime.reading(session) as connection:
            return [address_of(row) for row in addresses.of(connection, by.id, after, limit)]

    def opened(self, token: str, *, session: HostTransaction = None) -> Diary:
        """The diary under a secret address, as its person may read it now.

        Raises:
            NotFound: there is no such address, it was taken back, or its time or its posts are over.
        """
        digest, today = digest_of(token), china_date(self._runtime.clock.now())
        with self._runtime.reading(session) as connection:
            row = addresses.with_digest(connection, digest)
            if row is None or row.revoked_at is not None or row.until < today:
                raise no_such_address()
            left = posts_left(row, self._runtime.directory(connection), today)
        by = Actor(row.person, posts=left)
        try:
            office = self._office(by, row.role, row.area, today)
        except NotAllowed as error:
            raise no_such_address() from error
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
