"""代理: while somebody is away, another one does what they had taken on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.appointments import BEFORE
from jiefen.areas import EVERYWHERE
from jiefen.case.arguments import check_actor, check_day, check_id, check_key, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import CHINA, china_date, midnight_after
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.lookup import locked_case
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound
from jiefen.notation.texts import named, written
from jiefen.people.authority import Tests, disposers, is_one_of, require_act, require_role
from jiefen.people.directory import Directory, Organisation
from jiefen.people.posts import holds_any
from jiefen.periods import Span
from jiefen.record.actor import Actor
from jiefen.record.kinds import Happening
from jiefen.record.refs import Ref
from jiefen.record.rows import JournalRow
from jiefen.rules import Who
from jiefen.store.cases import lock_claimed, save_notes
from jiefen.store.counter import appointments
from jiefen.store.desk import absences as store
from jiefen.story.facts import WITHHELD

#: Nobody is away for longer without being asked again.
_LONGEST: Final = timedelta(days=366)
#: In the journals of so many cases it is noted at once.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away from one day in China through another, and who does their tasks meanwhile.

    Attributes:
        until: the last day on which somebody stands in.
        reason, by, at: why, and who has said it when.
        meant_until: the last day as it was said.
        ended_by, ended_at: who has ended it before, and when.
    """

    id: int
    person: str
    deputy: str
    since: date
    until: date
    reason: str
    by: str
    at: datetime
    meant_until: date
    ended_by: str | None
    ended_at: datetime | None


def delegate(
    runtime: Runtime,
    person: str,
    deputy: str,
    *,
    since: date,
    until: date,
    reason: str,
    by: Actor,
    session: HostTransaction = None,
) -> Absence:
    """Let somebody do the tasks that another one has claimed, from a day through another; it ends by itself.

    Who stands in needs a post for each task, as for any; what they do is theirs in the journal. Where they are away
    too, whoever stands in for them does both. The journal of each case in which the person has claimed a task says who
    stands in; why somebody is away is kept with the absence alone. Appointments of these days are told to who is to
    be there, and to the deputy.

    Raises:
        NotAllowed: it is said by somebody else than the person, who by the directory is not over them; or the
            directory knows no post of the deputy in this time.
        Conflict: the person is away in this time already, or what goes to their deputy would come back to them; or both
            are one.
        FactError: no days, a span that ends before it begins or lasts longer than a year, or no reason.
    """
    check_actor(by)
    person, deputy = named(person, "person who is away"), named(deputy, "person who stands in")
    why = written(reason, "reason")
    check_day(since, "since")
    check_day(until, "until")
    if not since <= until <= since + _LONGEST:
        raise FactError(
            f"since={since}, until={until} is no span of at most a year; give two dates in their order",
            zh="请写明起止日期,最长一年",
        )
    if person == deputy:
        raise Conflict("nobody stands in for themselves; name another one", zh="不能自己代理自己")
    with runtime.writing(session) as connection:
        directory = runtime.directory(connection)
        _permit(runtime, directory, person, by, person)
        if isinstance(directory, Organisation) and not holds_any(directory, deputy, Span(since, until)):
            raise NotAllowed(
                f"the directory knows no post that {deputy} holds between {since} and {until}; name who holds one, or "
                "load a directory that knows them",
                zh=f"通讯录中没有 {deputy} 在 {since} 至 {until} 期间的任职;请另指定代理人,或者更新通讯录",
            )
        store.lock(connection)
        other = store.in_the_way(connection, person, deputy, since, until)
        if other is not None:
            raise Conflict(
                f"{other.person} is away from {other.since} through {other.until} already, and {other.deputy} stands "
                f"in (absence {other.id}); end that first",
                zh=f"{other.person} 自 {other.since} 至 {other.until} 已由 {other.deputy} 代理;请先结束该代理",
            )
        said = {
            "person": person,
            "deputy": deputy,
            "since": since,
            "until": until,
            "reason": why,
            "by": by.id,
        }
        now = runtime.clock.now()
        made = _absence(store.insert(connection, said | {"at": now, "meant_until": until}))
        _note(connection, Happening.ABSENCE, made, by, now)
        _tell_of_appointments(runtime, connection, made, by)
    runtime.stand_ins.forget()
    return made


def absences(
    runtime: Runtime,
    *,
    person: str | None = None,
    on: date | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Absence]:
    """Who is away, and who stands in, by id; of one person (also as the one who stands in), or on a day.

    Somebody who reads (:meth:`~jiefen.Engine.as_`) holds a post to be told; why somebody is away is for who is, who
    stands in, and who has said it.

    Raises:
        FactError: a person, a day or a page that cannot be.
    """
    check_page(after, limit)
    if person is not None:
        check_key(person, "person")
    if on is not None:
        check_day(on, "on")
    with runtime.reading(session) as connection:
        if runtime.viewer is None or runtime.viewer.actor.trusted:
            return [_absence(row) for row in store.of(connection, person, on, after, limit)]
        if not runtime.places():
            return []
        who = runtime.viewer.actor.id
        found = (_absence(row) for row in store.of(connection, person, on, after, limit))
        return [
            one if who in (one.person, one.deputy, one.by) else replace(one, reason=WITHHELD) for one in found
        ]


def end_absence(runtime: Runtime, absence_id: int, *, by: Actor, session: HostTransaction = None) -> Absence:
    """Somebody is back: the one who stood in does so no longer from today on. One that is over stays as it is.

    Raises:
        NotFound: there is no such absence.
        NotAllowed: it is neither the actor's own, nor theirs to end.
    """
    check_id(absence_id, "absence")
    check_actor(by)
    now = runtime.clock.now()
    today = china_date(now)
    with runtime.writing(session) as connection:
        row = store.one(connection, absence_id)
        if row is None:
            raise NotFound(f"there is no absence {absence_id}; list them with `jiefen absences` (absences())")
        _permit(runtime, runtime.directory(connection), row.person, by, row.person, row.deputy)
        if row.until < today:
            return _absence(row)
        over = _absence(store.end(connection, absence_id, today - timedelta(days=1), by.id, now))
        _note(connection, Happening.ABSENCE_ENDED, over, by, now)
    runtime.stand_ins.forget()
    return over


def _note(connection: Connection, kind: Happening, absence: Absence, by: Actor, now: datetime) -> None:
    """Say in each case in which the person has claimed a task that another one stands in, or does so no longer."""
    told = {
        "absence": absence.id, "person": absence.person, "deputy": absence.deputy,
        "since": absence.since.isoformat(), "until": absence.until.isoformat(),
    }  # fmt: skip
    after = 0
    while cases := lock_claimed(connection, absence.person, after, _AT_ONCE):
        entries = [
            JournalRow(
                case, now, by.id, str(kind), task.element, {"token": task.key, "name": task.name, **told}
            )
            for case, tasks in cases.items()
            for task in tasks
        ]
        if entries:
            save_notes(connection, entries, now)
        if len(cases) < _AT_ONCE:
            return
        after = max(cases)


def _tell_of_appointments(runtime: Runtime, connection: Connection, absence: Absence, by: Actor) -> None:
    """The appointments of somebody who will be away are told at the next sweep: to them, their staff and the deputy."""
    begin = datetime.combine(absence.since, time(0), CHINA)
    planned = appointments.planned(connection, absence.person, begin, midnight_after(absence.until))
    for row in sorted(planned, key=lambda one: (one.case_id, one.seq)):
        recording = recording_of(runtime, locked_case(connection, row.case_id), by)
        recording.plan(Ref.meeting(row.seq), recording.now, data={"stage": BEFORE, "moves": row.moves})
        keep(connection, recording)


def _permit(
    runtime: Runtime, directory: Directory | None, person: str, by: Actor, *theirs_to_say: str
) -> None:
    """Let who may say that somebody is away, by the row of the place where they hold a post, else of the actor's."""
    today = china_date(runtime.clock.now())
    posts = directory.posts_of(person) if isinstance(directory, Organisation) else ()
    where = [post.area for post in posts if post.held(today)] or sorted(by.areas(today) - {EVERYWHERE})
    tests: Tests = {
        Who.SELF: is_one_of(*theirs_to_say),
        Who.DISPOSES: partial(_stands_over, runtime, directory, person, today),
    }
    require_act(by, where[0] if where else None, f"the absence of {person}", on=today, tests=tests)


def _stands_over(runtime: Runtime, directory: Directory | None, person: str, today: date, by: Actor) -> None:
    """Who stands over a person, as the directory and the roles have it, or gives out their tasks."""
    roles = runtime.edition.rulebook.roles
    refused: NotAllowed | None = None
    for post in directory.posts_of(person) if isinstance(directory, Organisation) else ():
        over = disposers([post.role], roles)
        if post.held(today) and over:
            try:
                require_role(by, over, post.area, roles, f"the absence of {person}", on=today)
            except NotAllowed as error:
                refused = error
            else:
                return
    raise refused or NotAllowed(
        f"that {person} is away is theirs to say; the directory names no post of theirs over which {by.id} stands",
        zh=f"{person} 的代理由本人设定,或者由通讯录中其上级设定",
    )


def _absence(row: Any) -> Absence:
    return Absence(**{name: getattr(row, name) for name in Absence.__slots__})
