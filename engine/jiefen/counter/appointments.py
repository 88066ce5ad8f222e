"""接访、下访、约访、带案下访: booked, moved, held, missed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.agenda import appointments as reminders
from jiefen.agenda.checklists import visit_over
from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_choice, check_count, check_day, check_id, read_place
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import CHINA, china_date
from jiefen.commands.acting import acting, kept_of, refuse_involved, refuse_named, refuse_outsider
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import case_row
from jiefen.errors import AlreadyDone, Conflict, FactError, NotAllowed, NotFound
from jiefen.notation.texts import named, shown, written
from jiefen.record.actor import Actor
from jiefen.record.counter.appointments import Appointment, Booked, meeting_time, zone_name, zone_of
from jiefen.record.counter.kept import Kept
from jiefen.record.desk.parties import Party, masked_title
from jiefen.record.kinds import (
    AppointmentForm,
    AppointmentStatus,
    CaseStatus,
    Grade,
    Happening,
    MissedBy,
)
from jiefen.record.refs import Ref
from jiefen.store.counter import appointments as store
from jiefen.store.counter import ticks
from jiefen.store.desk import absences
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import party_snapshot

_LONGEST: Final = 24 * 60
_MOST_PERSONS: Final = 50
_DAYS: Final = timedelta(days=31)
_SAME: Final = ("seq", "official", "area", "place", "minutes", "moves", "reason", "result")
_GONE: Final = (CaseStatus.MERGED, CaseStatus.VOIDED)


class Appointments:
    """The appointments of cases: ``engine.appointments``. What becomes of each is said, or asked for."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("appointments.book")
    def book(
        self,
        case: int,
        form: AppointmentForm | str,
        *,
        at: datetime,
        place: str,
        official: str,
        by: Actor,
        minutes: int = 30,
        staff: Collection[str] = (),
        parties: Collection[int] = (),
        area: str | None = None,
        session: HostTransaction = None,
    ) -> Appointment:
        """Book a meeting; who is to be there is told, and reminded on the office day before.

        Args:
            form: ``reception`` 接访, ``field_visit`` 下访, ``appointment`` 约访 or ``led_visit`` 带案下访.
            at: when it begins, with its time zone.
            official: who meets the people, by staff number.
            staff: who is there besides.
            parties: the parties that are asked to come, by their number in the case; those with whom the host deals.
            area: where it is; the area of the case when absent.

        Raises:
            NotFound: there is no such case, or it has no such party.
            NotAllowed: the actor or the official is recused or accused in the case, or the actor acts elsewhere.
            Conflict: the official is away on that day, or meets somebody else then; or the case is merged or void.
            FactError: something given cannot be; a time that is over.
        """
        kind = _form(form)
        where, who = written(place, "place", 300), named(official, "official")
        others = _persons(staff)
        there = normalise_area(area) if area is not None else None
        _check_minutes(minutes)
        with self._acting(case, by, session) as (step, row, connection):
            if row.status in _GONE:
                raise Conflict(
                    f"case {case} is {row.status}; book it in the case that goes on",
                    zh=f"{case} 号案已并入他案或者作废",
                )
            begins = meeting_time(at, step.now())
            self._refuse_official(connection, row, (who, *others))
            numbers = _known_parties(connection, case, parties)
            store.lock(connection)
            _require_free(connection, who, begins, minutes, None)
            made = Appointment(
                case=case, seq=store.last(connection, case) + 1, form=kind, official=who, staff=others, parties=numbers,
                area=there or row.area, place=where, starts_at=begins, minutes=minutes,
                status=AppointmentStatus.PLANNED,
            )  # fmt: skip
            _keep(step, made, "booked")
            step.recording.note(Happening.APPOINTED, str(made.seq), **_told(made))
            return made

    @acting_as("appointments.move")
    def move(
        self,
        case: int,
        seq: int,
        *,
        reason: str,
        by: Actor,
        at: datetime | None = None,
        place: str | None = None,
        official: str | None = None,
        session: HostTransaction = None,
    ) -> Appointment:
        """Move a meeting to another time or place, or let another official hold it; all who are to be there are told.

        Raises:
            NotFound: there is no such case or appointment.
            NotAllowed: as for :meth:`book`.
            AlreadyDone: it was held, missed or cancelled.
            Conflict: the official is away on that day, or meets somebody else then.
            FactError: nothing is moved, there is no reason, or something given cannot be.
        """
        why = written(reason, "reason")
        if at is None and place is None and official is None:
            raise FactError(
                "nothing is moved: give at=, place= or official=",
                zh="请写明改到什么时间、什么地点或者由谁接待",
            )
        where = written(place, "place", 300) if place is not None else None
        who = named(official, "official") if official is not None else None
        with self._planned(case, seq, by, session) as (step, before, row, connection):
            begins = meeting_time(at, step.now()) if at is not None else before.starts_at
            now_by = who or before.official
            self._refuse_official(connection, row, (now_by,))
            store.lock(connection)
            _require_free(connection, now_by, begins, before.minutes, (case, seq))
            moved = _changed(
                before,
                place=where or before.place,
                official=now_by,
                starts_at=begins,
                moves=before.moves + 1,
                reason=why,
            )
            also = (before.official,) if before.official != now_by else ()
            _keep(step, moved, "moved", also)
            step.recording.note(Happening.APPOINTMENT_MOVED, str(seq), reason=why, **_told(moved))
            return moved

    @acting_as("appointments.held")
    def held(
        self, case: int, seq: int, *, by: Actor, result: str | None = None, session: HostTransaction = None
    ) -> Appointment:
        """Say that a meeting was held; it counts as a contact of the case. What its checklists miss is told.

        Args:
            result: what came of it, for the office; not in the journal.

        Raises:
            NotFound: there is no such case or appointment.
            NotAllowed: the actor is recused from the case, acts elsewhere, or is accused in it.
            AlreadyDone: it was held, missed or cancelled before.
            Conflict: its day has not come.
            FactError: the result says nothing.
        """
        came = written(result, "result") if result is not None else None
        with self._planned(case, seq, by, session) as (step, before, _, connection):
            _require_day(before, step.now())
            held = _changed(before, status=AppointmentStatus.HELD, result=came)
            _keep(step, held, None)
            step.recording.note(Happening.APPOINTMENT_HELD, str(seq), **_told(held))
            contact, led = held.form.contact, held.form is AppointmentForm.LED_VISIT
            step.recording.note(Happening.CONTACT, contact.value, appointment=seq, leader=led)
            persons = (held.official, *held.staff)
            rows = ticks.of_case(connection, case)
            view, facts = step.register.view, step.facts()
            visit_over(step.recording, view, facts, rows, held.form, held.day, persons, step.register.area)
            return held

    @acting_as("appointments.missed")
    def missed(
        self,
        case: int,
        seq: int,
        *,
        missed_by: MissedBy | str,
        reason: str,
        by: Actor,
        session: HostTransaction = None,
    ) -> Appointment:
        """Say that a meeting did not take place because somebody was not there. It is no fault of a party's.

        Args:
            missed_by: ``official`` or ``party``.

        Raises:
            NotFound: there is no such case or appointment.
            NotAllowed: the actor is recused from the case, acts elsewhere, or is accused in it.
            AlreadyDone: it was held, missed or cancelled before.
            Conflict: its day has not come; cancel or move it.
            FactError: there is no reason, or it is neither of the two.
        """
        why = written(reason, "reason")
        who = MissedBy(check_choice(missed_by, "side that was not there", MissedBy))
        with self._planned(case, seq, by, session) as (step, before, _, _connection):
            _require_day(before, step.now())
            missed = _changed(before, status=AppointmentStatus.MISSED, missed_by=who, reason=why)
            _keep(step, missed, None)
            step.recording.note(
                Happening.APPOINTMENT_MISSED, str(seq), missed_by=str(who), reason=why, **_told(missed)
            )
            return missed

    @acting_as("appointments.cancel")
    def cancel(
        self, case: int, seq: int, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> Appointment:
        """Call a meeting off; who was to be there is told.

        Raises:
            NotFound: there is no such case or appointment.
            NotAllowed: the actor is recused from the case, acts elsewhere, or is accused in it.
            AlreadyDone: it was held, missed or cancelled before.
            FactError: there is no reason.
        """
        why = written(reason, "reason")
        with self._planned(case, seq, by, session) as (step, before, _, _connection):
            gone = _changed(before, status=AppointmentStatus.CANCELLED, reason=why)
            _keep(step, gone, "cancelled")
            step.recording.note(Happening.APPOINTMENT_CANCELLED, str(seq), reason=why, **_told(gone))
            return gone

    def of(self, case: int, *, by: Actor, session: HostTransaction = None) -> list[Appointment]:
        """The appointments of a case by their number, for somebody who may act there.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
        """
        with kept_of(self._runtime, case, by, session) as (connection, _):
            return [appointment_of(row) for row in store.of_case(connection, case)]

    def find(
        self,
        *,
        by: Actor,
        area: str | None = None,
        since: date | None = None,
        until: date | None = None,
        official: str | None = None,
        status: AppointmentStatus | str | None = None,
        after: str | None = None,
        limit: int = 100,
        session: HostTransaction = None,
    ) -> list[Booked]:
        """Appointments over all cases that the actor may work on, by time; page with ``after=found[-1].token``.

        Args:
            area: where they are, with what lies inside it.
            since, until: days in China, both included; today, and a month from ``since`` on, when absent.
            status: ``planned``, ``held``, ``missed`` or ``cancelled``.

        Raises:
            UnknownValue: there is no such status.
            FactError: a day, an area or a page that cannot be.
        """
        check_actor(by)
        check_count(limit)
        today = china_date(self._runtime.clock.now())
        first = _morning(since if since is not None else today, "since")
        last = _morning(until, "until") + timedelta(days=1) if until is not None else first + _DAYS
        inside = normalise_area(area) if area is not None else None
        who = named(official, "official") if official is not None else None
        wanted = (
            str(check_choice(status, "status of appointments", AppointmentStatus))
            if status is not None
            else None
        )
        begin = read_place(after) if after is not None else None
        found: list[Row[Any]] = []
        with self._runtime.reading(session) as connection:
            seen = self._runtime.seen(connection)
            while len(found) < limit:
                rows = store.between(connection, first, last, inside, who, wanted, begin, limit, seen)
                found += [row for row in rows if self._may_see(connection, row, by)]
                if len(rows) < limit:
                    break
                begin = (rows[-1].starts_at, rows[-1].case_id, rows[-1].seq)
            return self._booked(connection, found[:limit])

    def _may_see(self, connection: Connection, row: Any, by: Actor) -> bool:
        case = SimpleNamespace(
            id=row.case_id, recused=row.recused, area=row.area, edition=row.edition, facts=row.facts
        )
        if self._runtime.viewer is not None:
            return True
        try:
            refuse_outsider(self._runtime, connection, case, by)
        except NotAllowed:
            return False
        return True

    def _booked(self, connection: Connection, rows: list[Row[Any]]) -> list[Booked]:
        people: dict[int, list[Party]] = {}
        for row in party_store.of_cases(connection, {row.case_id for row in rows}) if rows else ():
            people.setdefault(row.case_id, []).append(party_snapshot(row))
        found = []
        for row in rows:
            one = appointment_of(row)
            away = absences.away(connection, one.official, one.day)
            found.append(
                Booked(
                    appointment=one,
                    key=row.key,
                    title=masked_title(row.facts.get("title"), people.get(row.case_id, ())),
                    grade=Grade(row.grade),
                    away_until=away.until if away is not None else None,
                    token=f"{row.starts_at.astimezone(UTC).isoformat()}/{row.case_id}/{row.seq}",
                )
            )
        return found

    @contextmanager
    def _acting(
        self, case: int, by: Actor, session: HostTransaction
    ) -> Iterator[tuple[Step, Any, Connection]]:
        """A step of a case by somebody who may act there."""
        with acting(self._runtime, case, by, session) as (step, _, connection):
            row = case_row(connection, case)
            refuse_involved(self._runtime, connection, row, by)
            yield step, row, connection

    @contextmanager
    def _planned(
        self, case: int, seq: int, by: Actor, session: HostTransaction
    ) -> Iterator[tuple[Step, Appointment, Any, Connection]]:
        """The same, with an appointment that is still to be."""
        check_id(seq, "appointment")
        with self._acting(case, by, session) as (step, case_now, connection):
            row = store.one(connection, case, seq)
            if row is None:
                raise NotFound(
                    f"case {case} has no appointment {seq}; list them with `jiefen appointments --case {case}`",
                    zh=f"本案没有 {seq} 号约访",
                )
            if row.status != AppointmentStatus.PLANNED:
                raise AlreadyDone(
                    f"appointment {seq} of case {case} is {row.status} already; book another one",
                    zh="该次接访已经登记结果或者取消,请另行预约",
                )
            yield step, appointment_of(row), case_now, connection

    def _refuse_official(self, connection: Connection, row: Any, persons: Collection[str]) -> None:
        for person in persons:
            refuse_named(self._runtime, connection, row, person)


def appointment_of(row: Any) -> Appointment:
    """An appointment from its row."""
    return Appointment(
        case=row.case_id,
        form=AppointmentForm(row.form),
        status=AppointmentStatus(row.status),
        staff=tuple(row.staff),
        parties=tuple(row.parties),
        starts_at=row.starts_at.astimezone(zone_of(row.zone)),
        missed_by=MissedBy(row.missed_by) if row.missed_by else None,
        **{name: getattr(row, name) for name in _SAME},
    )


def _changed(before: Appointment, **changes: Any) -> Appointment:
    return replace(before, **changes)


def _keep(step: Step, one: Appointment, told: str | None, also: Collection[str] = ()) -> None:
    """Write an appointment, put its reminder on the agenda, and tell who is to be there."""
    recording = step.recording
    row = {"case_id": one.case, "zone": zone_name(one.starts_at)} | {
        name: getattr(one, name) for name in _SAME
    }
    row |= {
        "form": str(one.form), "status": str(one.status), "staff": list(one.staff), "parties": list(one.parties),
        "starts_at": one.starts_at, "missed_by": str(one.missed_by) if one.missed_by else None,
    }  # fmt: skip
    recording.changes.counter[Kept.APPOINTMENT] = [row]
    if one.status is AppointmentStatus.PLANNED:
        reminders.watch(recording, one.seq, one.starts_at, one.moves, step.register.calendar)
    else:
        recording.unplan(Ref.meeting(one.seq))
    if told is not None:
        reminders.tell(recording, SimpleNamespace(**row), told, (one.official, *one.staff, *also))


def _told(one: Appointment) -> dict[str, Any]:
    """What the journal tells of an appointment: no names of parties, no result."""
    return {
        "form": str(one.form), "at": one.starts_at.isoformat(), "zone": zone_name(one.starts_at), "place": one.place,
        "official": one.official, "parties": list(one.parties),
    }  # fmt: skip


def _form(value: object) -> AppointmentForm:
    try:
        return AppointmentForm(value if isinstance(value, str) else "")
    except ValueError:
        forms = ", ".join(f"{one.value} {one.zh}" for one in AppointmentForm)
        raise FactError(f"there is no form of appointment {shown(value)}; there are {forms}") from None


def _persons(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Collection) or len(value) > _MOST_PERSONS:
        raise FactError(f"staff={shown(value)} is no list of at most {_MOST_PERSONS} staff numbers")
    return tuple(dict.fromkeys(named(one, "person who is there besides") for one in value))


def _known_parties(connection: Connection, case: int, numbers: object) -> tuple[int, ...]:
    if isinstance(numbers, str) or not isinstance(numbers, Collection):
        raise FactError(f"parties={shown(numbers)} is no list of numbers of parties")
    asked = tuple(dict.fromkeys(check_id(one, "party") for one in numbers))
    known = {row.seq for row in party_store.of_cases(connection, [case])} if asked else set()
    wrong = [one for one in asked if one not in known]
    if wrong:
        raise NotFound(
            f"case {case} has no party {wrong[0]}; list them with `jiefen parties {case}`",
            zh=f"本案没有 {wrong[0]} 号当事人",
        )
    return asked


def _check_minutes(minutes: object) -> None:
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= _LONGEST:
        raise FactError(f"minutes={shown(minutes)} is no length of a meeting; give 1 to {_LONGEST} minutes")


def _require_free(
    connection: Connection, official: str, begins: datetime, minutes: int, but: tuple[int, int] | None
) -> None:
    """Refuse a time at which an official is away, or meets somebody else.

    Raises:
        Conflict: it is one.
    """
    day, ends = china_date(begins), begins + timedelta(minutes=minutes)
    away = absences.away(connection, official, day)
    if away is not None:
        raise Conflict(
            f"{official} is away from {away.since} through {away.until}, and {away.deputy} stands in; choose another "
            "day, or let the deputy hold it",
            zh=f"{official} 自 {away.since} 至 {away.until} 不在岗,由 {away.deputy} 代理;请改日或者由代理人接待",
        )
    for row in store.planned(connection, official, begins - timedelta(minutes=_LONGEST), ends):
        if (row.case_id, row.seq) != but and row.starts_at + timedelta(minutes=row.minutes) > begins:
            taken = f"{row.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
            raise Conflict(
                f"{official} meets somebody else at {taken} for {row.minutes} minutes; choose another time",
                zh=f"{official} {taken} 已有安排({row.minutes} 分钟),请另选时间",
            )


def _require_day(one: Appointment, now: datetime) -> None:
    if china_date(now) < one.day:
        raise Conflict(
            f"appointment {one.seq} is on {one.day}, which has not come; move it, or cancel it",
            zh=f"该次接访在 {one.day},尚未到期;请改期或者取消",
        )


def _morning(day: object, what: str) -> datetime:
    return datetime.combine(check_day(day, what), time(0), CHINA)
