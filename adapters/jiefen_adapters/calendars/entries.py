"""What stands in a diary, put together from the calls that read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Literal, TypeVar
from zoneinfo import ZoneInfo

from jiefen import (
    AppointmentStatus,
    Between,
    Booked,
    CaseStatus,
    DeadlineStatus,
    Diary,
    Due,
    Grade,
    Hit,
    RoutineDay,
)

CHINA: Final = ZoneInfo("Asia/Shanghai")
Language = Literal["zh", "en"]
T = TypeVar("T")

#: What was is shown, and what was cancelled stays, for so long; what will be, so far ahead.
BEFORE: Final = timedelta(days=31)
AHEAD: Final = timedelta(days=366)
#: So many entries of a kind at most; that there are more is said in the calendar.
MOST: Final = 2_000
_PAGE: Final = 500
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
#: Nine o'clock on the day before, from the beginning of a whole day.
_MORNING_BEFORE: Final = timedelta(hours=15)

_FORMS: Final = {
    "reception": ("接访", "Reception"),
    "field_visit": ("下访", "Visit"),
    "appointment": ("约访", "Appointment"),
    "led_visit": ("带案下访", "Visit of the leader"),
}


class Status(StrEnum):
    """How sure an entry is."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a calendar.

    Attributes:
        name: the same for the same thing whenever it is written.
        version: grows when the thing changes.
        starts, ends: days for what lasts whole days, ``ends`` the day after the last; else instants.
        alarm: how long before its beginning a reminder comes.
    """

    name: str
    version: int
    kind: str
    summary: str
    details: tuple[str, ...]
    place: str | None = None
    starts: date | datetime
    ends: date | datetime
    status: Status
    alarm: timedelta | None = None


def entries_of(diary: Diary, language: Language) -> list[Entry]:
    """The entries of a diary, by kind and time."""
    return list(_Writing(diary, language).all())


class _Writing:
    """A diary while it is written in a language."""

    def __init__(self, diary: Diary, language: Language) -> None:
        self._diary, self._zh = diary, language == "zh"
        self._language: Language = language
        self._today = diary.at.astimezone(CHINA).date()
        self._since, self._until = self._today - BEFORE, self._today + AHEAD
        #: The cases that are the person's own, for what names nobody; ``None``: whatever lies in the place is shown.
        self._own = self._own_cases() if diary.office is None else None
        self._roles = diary.reader.edition.rulebook.roles

    def all(self) -> Iterator[Entry]:
        kinds: tuple[Callable[[], Iterator[Entry]], ...] = (
            self._meetings, self._hearings, self._sessions, self._deadlines, self._routines,
        )  # fmt: skip
        for kind in kinds:
            for number, entry in enumerate(kind()):
                if number == MOST:
                    yield self._more(entry.kind)
                    break
                yield entry

    def _say(self, zh: str, en: str) -> str:
        return zh if self._zh else en

    # --- whose -------------------------------------------------------------------------------------------------

    def _own_cases(self) -> frozenset[int]:
        """Cases that the person leads, or in which they have claimed what is open."""
        reader, person = self._diary.reader, self._diary.person
        led = _pages(
            lambda after: reader.cases(leader=person, status="open", after=after or 0, limit=_PAGE),
            lambda one: one.id,
        )
        claimed = _pages(
            lambda after: reader.tasks(assignee=person, after=after or 0, limit=_PAGE), lambda one: one.id
        )
        return frozenset({*(case.id for case in led), *(task.case for task in claimed)})

    def _areas(self) -> list[str | None]:
        """The areas to look into: that of the office; ``None`` is everywhere, where a person's own things may lie."""
        if self._own is not None:
            return [None]
        areas = [post.area for post in self._diary.posts if post.area is not None]
        return [None] if "everywhere" in areas else list(dict.fromkeys(areas))

    # --- kinds -------------------------------------------------------------------------------------------------

    def _meetings(self) -> Iterator[Entry]:
        reader, seen = self._diary.reader, set[tuple[int, int]]()
        for area in self._areas():
            for one in _pages(
                lambda after, area=area: reader.appointments.find(  # type: ignore[misc]
                    area=area, since=self._since, until=self._until, after=after, limit=_PAGE
                ),
                lambda one: one.token,
            ):
                named = one.appointment
                theirs = self._own is None or self._diary.person in (named.official, *named.staff)
                if theirs and (named.case, named.seq) not in seen:
                    seen.add((named.case, named.seq))
                    yield self._meeting(one)

    def _meeting(self, booked: Booked) -> Entry:
        one = booked.appointment
        what = self._say(*_FORMS[str(one.form)])
        outcome = {
            AppointmentStatus.HELD: ("已举行", "held"),
            AppointmentStatus.MISSED: ("未到场", "missed"),
            AppointmentStatus.CANCELLED: ("已取消", "cancelled"),
        }.get(one.status)
        details = [self._say(f"接待人:{one.official}", f"official: {one.official}")]
        if one.staff:
            details.append(self._say(f"陪同:{'、'.join(one.staff)}", f"besides: {', '.join(one.staff)}"))
        if booked.away_until is not None:
            details.append(
                self._say(
                    f"接待人自该日起不在岗,至 {booked.away_until}",
                    f"the official is away until {booked.away_until}",
                )
            )
        planned = one.status is AppointmentStatus.PLANNED
        return Entry(
            name=f"meeting-{one.case}-{one.seq}",
            version=one.moves + (not planned),
            kind=what,
            summary=self._summary(what, booked.title, booked.grade, one.case, outcome),
            details=(self._case(one.case, booked.key, booked.grade), *details),
            place=one.place,
            starts=one.starts_at.astimezone(CHINA),
            ends=one.ends_at.astimezone(CHINA),
            status=Status.CANCELLED if one.status is AppointmentStatus.CANCELLED else Status.CONFIRMED,
            alarm=_HOUR if planned else None,
        )

    def _hearings(self) -> Iterator[Entry]:
        for hit, day in self._days_of("hearing_on"):
            what = self._say("开庭(听证)", "Hearing")
            yield self._whole_day(f"hearing-{hit.case.id}", what, hit, day)

    def _sessions(self) -> Iterator[Entry]:
        for hit, day in self._days_of("session_on"):
            what = self._say("联合调解", "Joint mediation")
            hour, place = hit.case.facts.get("session_time"), hit.case.facts.get("session_place")
            entry = self._whole_day(f"session-{hit.case.id}", what, hit, day, place)
            if isinstance(hour, str):
                starts = datetime.combine(day, time.fromisoformat(hour), CHINA)
                entry = _timed(entry, starts)
            yield entry

    def _days_of(self, fact: str) -> Iterator[tuple[Hit, date]]:
        """Cases in which a day that a fact names lies in the span; those of an edition that has no such fact: none."""
        reader = self._diary.reader
        if fact not in reader.edition.rulebook.vocabulary.facts:
            return
        seen, span = set[int](), Between(self._since, self._until)
        for area in self._areas():
            for hit in _pages(
                lambda after, area=area: (
                    reader.search(  # type: ignore[misc]
                        facts={fact: span}, area=area, unmasked=False, after=after, limit=_PAGE
                    ).items
                ),
                lambda one: one.token,
            ):
                day = hit.case.facts.get(fact)
                theirs = self._own is None or hit.case.id in self._own
                if theirs and isinstance(day, date) and hit.case.id not in seen:
                    seen.add(hit.case.id)
                    yield hit, day

    def _whole_day(self, name: str, what: str, hit: Hit, day: date, place: object = None) -> Entry:
        case = hit.case
        gone = case.status in (CaseStatus.VOIDED, CaseStatus.MERGED)
        outcome = ("已取消", "cancelled") if gone else None
        return Entry(
            name=name,
            version=case.revision,
            kind=what,
            summary=self._summary(what, hit.title, case.grade, case.id, outcome),
            details=(self._case(case.id, case.key, case.grade),),
            place=place if isinstance(place, str) else None,
            starts=day,
            ends=day + _DAY,
            status=Status.CANCELLED if gone else Status.CONFIRMED,
            alarm=None if gone else _MORNING_BEFORE,
        )

    def _deadlines(self) -> Iterator[Entry]:
        """Those that the posts owe or have, and those of the cases that the person leads."""
        reader, seen = self._diary.reader, set[tuple[int, int]]()
        asked: list[dict[str, Any]] = [
            {"holder": post.role, "area": None if post.area == "everywhere" else post.area}
            for post in self._diary.posts
            if post.role in self._roles
        ]
        if self._own is not None:
            asked.append({"leader": self._diary.person})
        for what in asked:
            for due in _pages(
                lambda after, what=what: reader.deadlines_due(  # type: ignore[misc]
                    since=self._since, until=self._until, after=after, limit=_PAGE, **what
                ),
                lambda one: one.token,
            ):
                number = due.deadline.case, due.deadline.seq
                if number not in seen and due.deadline.due_at is not None:
                    seen.add(number)
                    yield self._deadline(due)

    def _deadline(self, due: Due) -> Entry:
        one = due.deadline
        assert one.due_at is not None
        late = one.status is DeadlineStatus.EXPIRED or one.overdue
        title, what = one.title.text(self._language), self._say("期限", "Deadline")
        holder = self._roles.get(one.holder or "")
        said = holder.title.text(self._language) if holder is not None else one.holder
        details = [self._case(one.case, due.key, due.grade), f"{one.law} {one.article}".strip()]
        if said:
            details.append(self._say(f"责任岗位:{said}", f"holder: {said}"))
        if one.provisional:
            details.append(
                self._say("假日安排尚未公布,日期为暂定", "provisional: holidays are not published yet")
            )
        day = one.due_on
        starts = day if day is not None else one.due_at.astimezone(CHINA) - timedelta(minutes=30)
        return Entry(
            name=f"deadline-{one.case}-{one.seq}",
            version=due.revision,
            kind=what,
            summary=self._summary(
                f"{what} {title}", due.title, due.grade, one.case, ("已逾期", "overdue") if late else None
            ),
            details=tuple(filter(None, details)),
            starts=starts,
            ends=day + _DAY if day is not None else one.due_at.astimezone(CHINA),
            status=Status.TENTATIVE if one.provisional else Status.CONFIRMED,
            alarm=None if late else _MORNING_BEFORE if day is not None else _HOUR,
        )

    def _routines(self) -> Iterator[Entry]:
        for one in self._diary.routines:
            if one.at.astimezone(CHINA).date() <= self._until:
                yield self._routine(one)

    def _routine(self, one: RoutineDay) -> Entry:
        role = self._roles.get(one.role)
        office = role.title.text(self._language) if role is not None else one.role
        details = [
            self._say(f"岗位:{office}", f"office: {office}"),
            self._say(f"属地:{one.area}", f"area: {one.area}"),
        ]
        if one.left:
            details.append(self._say("台账待办结", "its list is open"))
        if one.provisional:
            details.append(
                self._say("假日安排尚未公布,日期为暂定", "provisional: holidays are not published yet")
            )
        first = one.at.astimezone(CHINA).date()
        return Entry(
            name=f"routine-{one.rule}-{one.area}-{one.nominal_on:%Y%m%d}",
            version=2 if one.left else int(not one.provisional),
            kind=self._say("例行工作", "Routine"),
            summary=one.title.text(self._language),
            details=tuple(details),
            starts=first,
            ends=one.last_on + _DAY,
            status=Status.TENTATIVE if one.provisional else Status.CONFIRMED,
            alarm=None if one.left else _MORNING_BEFORE,
        )

    # --- words -------------------------------------------------------------------------------------------------

    def _summary(
        self, what: str, title: str | None, grade: Grade, case: int, outcome: tuple[str, str] | None
    ) -> str:
        """What an entry is called. The title of a case that is kept closely stays out: calendars are shown around."""
        about = (
            title if title and not grade.above(Grade.PERSONAL) else self._say(f"{case} 号案", f"case {case}")
        )
        ending = f"({self._say(*outcome)})" if outcome is not None else ""
        return f"{what}:{about}{ending}" if self._zh else f"{what}: {about} {ending}".rstrip()

    def _case(self, case: int, key: str, grade: Grade) -> str:
        """Which case it is; the number of one that is kept closely alone, for its key says where it came from."""
        shown = f"{case}" if grade.above(Grade.PERSONAL) else f"{case} / {key}"
        return self._say(f"案件:{shown}", f"case: {shown}")

    def _more(self, kind: str) -> Entry:
        zh = f"{kind}:另有未列入,请在系统中查看"
        return Entry(
            name=f"more-{kind}",
            version=0,
            kind=kind,
            summary=self._say(zh, f"{kind}: there are more; look into the system"),
            details=(),
            starts=self._today,
            ends=self._today + _DAY,
            status=Status.CONFIRMED,
        )


def _timed(entry: Entry, starts: datetime) -> Entry:
    alarm = timedelta(days=1) if entry.alarm is not None else None
    return replace(entry, starts=starts, ends=starts + 2 * _HOUR, alarm=alarm)


def _pages(call: Callable[[Any], Sequence[T]], token: Callable[[T], object]) -> Iterator[T]:
    """Every item of a list that is given in pages."""
    after: object = None
    while True:
        page = call(after)
        yield from page
        if len(page) < _PAGE:
            return
        after = token(page[-1])
