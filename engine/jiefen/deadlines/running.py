"""The life of a deadline on a case: a budget and a ledger of suspensions, from which the due date is derived.

Nothing here knows the database; :class:`RunningDeadline` is what a step works on between reading and writing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from jiefen.clock import CHINA, china_date, legal_day
from jiefen.errors import FactError
from jiefen.periods import Calendar, FirstDay, Period, Roll, Unit, add_months, due, following_hour
from jiefen.record.kinds import DeadlineStatus
from jiefen.rules import DeadlineRule, DeadlineVersion, Direction, Ladder, Rung

#: Reminders reach people at this hour of a working day, China time.
WORKING_HOUR = time(9)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class End:
    """When a deadline ends: ``on`` and ``at`` as early as it can be, ``latest_on`` and ``latest_at`` as late.

    Both are the same unless the end is ``provisional``: whoever keeps to the early one is safe, and before the late one
    nobody may be held to have missed it.
    """

    on: date
    at: datetime
    latest_on: date
    latest_at: datetime
    provisional: bool

    def within(self, whole: End) -> End:
        """This end, but not after that of the whole case (双时钟)."""
        return End(
            min(self.on, whole.on),
            min(self.at, whole.at),
            min(self.latest_on, whole.latest_on),
            min(self.latest_at, whole.latest_at),
            whole.provisional if whole.at < self.at else self.provisional,
        )


@dataclass(slots=True)
class RunningDeadline:
    """A deadline of the case in work.

    ``extensions`` are ``{"length", "ground", "approver", "by", "at"}`` and, where the parties agreed, ``consent``;
    ``suspensions`` are ``{"ground", "from", "to", "by"}`` with ISO dates (instants for a period in hours), ``from`` the
    first day that does not count and ``to`` the day on which counting goes on, ``None`` while suspended. ``edition`` is
    that of the rule; a case that was taken over to other rules may have deadlines of several.
    """

    seq: int
    rule: DeadlineRule
    version: DeadlineVersion
    anchor: str
    anchored_at: datetime
    started_at: datetime
    status: DeadlineStatus = DeadlineStatus.RUNNING
    extensions: list[dict[str, Any]] = field(default_factory=list)
    suspensions: list[dict[str, Any]] = field(default_factory=list)
    due_on: date | None = None
    due_at: datetime | None = None
    provisional: bool = False
    calendar: str = ""
    edition: str = ""
    closed_at: datetime | None = None
    closed_by: str | None = None

    @property
    def live(self) -> bool:
        """Whether it still runs or may run again."""
        return self.status in (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)

    @property
    def anchored_on(self) -> date:
        """The legal day from which it runs."""
        return china_date(self.anchored_at)

    @property
    def in_hours(self) -> bool:
        """Whether it is counted in hours; then everything about it is an instant, not a day."""
        return self.version.length.unit is Unit.HOUR

    def derive(self, calendar: Calendar, whole: End | None = None) -> End | None:
        """Compute the end anew from anchor, length, extensions and suspensions; ``None`` while suspended.

        ``whole`` is the end of the clock of the whole case, where one runs beside this step.
        """
        if self.status is DeadlineStatus.SUSPENDED:
            self.due_on = self.due_at = None
            self.provisional = False
            return None
        answer = end_of(self, calendar)
        if whole is not None:
            answer = answer.within(whole)
        self.due_on, self.due_at, self.provisional = answer.on, answer.at, answer.provisional
        return answer

    def reopen(self) -> None:
        """Let it run again: it did not end when it seemed to."""
        self.status, self.closed_at, self.closed_by = DeadlineStatus.RUNNING, None, None

    def close(self, status: DeadlineStatus, at: datetime, by: str) -> None:
        """End it, whatever it was before."""
        self.status, self.closed_at, self.closed_by = status, at, by


def start(
    seq: int,
    rule: DeadlineRule,
    anchor: str,
    reached: date | datetime,
    facts: Mapping[str, object],
    now: datetime,
) -> RunningDeadline | None:
    """A deadline that runs from the milestone ``anchor``, reached on ``reached``; its end is not derived yet.

    The day counted from is the rule's date fact where it has one and the fact is known, else ``reached``; an instant
    counts as such, where it falls on that day. ``None``
    when the rule has no version in force on that day, or its conditions do not hold for the case. The conditions are
    looked at here and never again while it runs: a fact that changes later does not end it.

    Raises:
        FactError: when the day lies in the future; only periods counted backwards may have such an anchor.
    """
    for version in reversed(rule.versions):
        dated = facts.get(version.date_fact) if version.date_fact else None
        day = dated if isinstance(dated, date) else legal_day(reached)
        if not (version.since <= day and (version.until is None or day <= version.until)):
            continue
        if not version.applies(facts):
            return None
        if day > china_date(now) and version.direction is Direction.AFTER:
            raise FactError(
                f"{version.date_fact or anchor} is dated {day}, which is in the future, so {rule.id} ({rule.title}) "
                "cannot run from it; correct the date"
            )
        at = reached if isinstance(reached, datetime) and legal_day(reached) == day else instant_of(day, now)
        return RunningDeadline(seq, rule, version, anchor, at, now)
    return None


def instant_of(moment: date | datetime, now: datetime) -> datetime:
    """The instant that stands for a moment: of a day, now if it is today, else its beginning."""
    if isinstance(moment, datetime):
        return moment
    return now if moment == china_date(now) else datetime.combine(moment, time(0), CHINA)


def end_of(deadline: RunningDeadline, calendar: Calendar) -> End:
    """When a deadline ends that is not suspended now.

    A day on which it was suspended does not count: calendar days are made up for by calendar days (also of months
    and years), working days by working days, hours by hours. Extensions in the unit of the length make it longer; in
    another unit they follow its end. Only the last day of all rolls.

    Raises:
        PeriodError: the anchor lies before the known years.
    """
    version, chain = deadline.version, _chain(deadline)
    if version.backwards:
        day = deadline.anchored_at if deadline.in_hours else deadline.anchored_on
        back = due(version.length, day, calendar, ends=version.ends, backwards=True)
        return End(back.due, back.instant, back.latest, back.latest_instant, back.provisional)
    if deadline.in_hours:
        at = _end_in_hours(deadline, chain[0].length)
        return End(china_date(at), at, china_date(at), at, provisional=False)
    early, doubt = _last_day(deadline, chain, calendar, soonest=True)
    late = _last_day(deadline, chain, calendar, soonest=False)[0] if doubt else early
    # A working day needs no rolling, also where it is not known yet which day that will be.
    roll = Roll.NONE if chain[-1].unit is Unit.WORKING_DAY else version.roll
    nothing = Period(0, Unit.DAY)
    first = due(nothing, early, calendar, roll=roll, ends=version.ends)
    last = due(nothing, late, calendar, roll=roll, ends=version.ends) if late != early else first
    provisional = doubt or first.provisional or last.provisional
    return End(first.due, first.instant, last.latest, last.latest_instant, provisional)


def last_part(deadline: RunningDeadline, calendar: Calendar) -> date | None:
    """The day after which a ground can suspend a limitation period; ``None``: on any day (MFD 194)."""
    part = deadline.version.suspends_in_last
    if part is None:
        return None
    return _back(_last_day(deadline, _chain(deadline), calendar, soonest=True)[0], part)


def spans(deadline: RunningDeadline) -> list[tuple[date, date]]:
    """The suspensions that are over: the first day that does not count, and the day on which counting goes on."""
    return [
        (date.fromisoformat(item["from"]), date.fromisoformat(item["to"]))
        for item in deadline.suspensions
        if item["to"] is not None
    ]


def _chain(deadline: RunningDeadline) -> list[Period]:
    chain = [deadline.version.length]
    for extension in deadline.extensions:
        length = Period.parse(extension["length"])
        if length.unit is chain[-1].unit:
            chain[-1] = Period(chain[-1].length + length.length, length.unit)
        else:
            chain.append(length)
    return chain


def _last_day(
    deadline: RunningDeadline, chain: list[Period], calendar: Calendar, *, soonest: bool
) -> tuple[date, bool]:
    """The last day before any rolling, the soonest or the latest possible, and whether the two may differ."""
    version, doubt = deadline.version, False
    day = deadline.anchored_on - (_DAY if version.first_day is FirstDay.INCLUDED else timedelta())
    lost = [] if version.suspends_in_last else spans(deadline)
    for period in chain:
        if period.unit is Unit.WORKING_DAY:
            day, unsure = _working_days_on(period, day, lost, calendar, soonest=soonest)
            doubt = doubt or unsure
        else:
            natural = due(period, day, calendar).due
            day = _days_on((natural - day).days, day, lost)
    if version.suspends_in_last:
        for begin, end in spans(deadline):
            # Also an obstacle that arose earlier, if it was still there in the last part. ``end`` is the day on which
            # it went away (原因消除之日), from which the part runs.
            if begin <= day and end > _back(day, version.suspends_in_last):
                day = max(day, due(version.suspends_in_last, end, calendar).due)
    return day, doubt


def _days_on(left: int, day: date, lost: list[tuple[date, date]]) -> date:
    """The day on which ``left`` days after ``day`` have passed that were not lost."""
    for begin, end in _still_to_come(lost, day):
        used = (begin - day).days - 1
        if used >= left:
            break
        left, day = left - used, end - _DAY
    return day + timedelta(days=left)


def _working_days_on(
    period: Period, day: date, lost: list[tuple[date, date]], calendar: Calendar, *, soonest: bool
) -> tuple[date, bool]:
    left, doubt = period.length, False
    for begin, end in _still_to_come(lost, day):
        doubt = doubt or begin > calendar.known_through
        used = _working_days_between(day, begin, calendar, most=soonest)
        if used >= left:
            break
        left, day = left - used, end - _DAY
    answer = due(Period(left, period.unit), day, calendar)
    return (answer.earliest if soonest else answer.latest), doubt or answer.provisional


def _still_to_come(lost: list[tuple[date, date]], day: date) -> Iterator[tuple[date, date]]:
    """The lost spans after ``day``, each cut down to the days that would have counted."""
    for begin, end in lost:
        first = max(begin, day + _DAY)
        if first < end:
            yield first, end
            day = end - _DAY


def _working_days_between(day: date, before: date, calendar: Calendar, *, most: bool) -> int:
    """How many working days lie after ``day`` and before ``before``; at most or at least, where nobody knows yet."""
    if before - _DAY <= calendar.known_through:
        return calendar.working_days_between(day + _DAY, before)

    def reaches(number: int) -> date:
        answer = due(Period(number, Unit.WORKING_DAY), day, calendar)
        return answer.earliest if most else answer.latest

    return bisect_left(range(1, (before - day).days), before, key=reaches)


def _end_in_hours(deadline: RunningDeadline, left: int) -> datetime:
    """Every hour in which it was suspended, even for a part of it, does not count."""
    at = following_hour(deadline.anchored_at)
    for item in deadline.suspensions:
        if item["to"] in (None, item["from"]):
            continue
        stopped = datetime.fromisoformat(item["from"]).astimezone(CHINA)
        begin = max(stopped.replace(minute=0, second=0, microsecond=0), at)
        end = _full_hour(datetime.fromisoformat(item["to"]))
        used = max((begin - at) // _HOUR, 0)
        if end <= at or used >= left:
            continue
        left, at = left - used, end
    return at + left * _HOUR


def _full_hour(at: datetime) -> datetime:
    """The first full hour in China that begins at ``at`` or later."""
    full = at.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    return full if full == at else full + _HOUR


def _back(day: date, part: Period) -> date:
    """The day from which ``part`` leads to ``day``."""
    if part.unit in (Unit.MONTH, Unit.YEAR):
        return add_months(day, -part.length * (12 if part.unit is Unit.YEAR else 1))
    return day - timedelta(days=part.length)


def worked(day: date, calendar: Calendar) -> bool:
    """Whether people are at work on a day, as far as reminders go.

    Beyond the published holidays, Monday to Friday are taken for working days: a reminder is no legal date.
    """
    return calendar.is_working_day(day) if calendar.covers(day) else day.weekday() < 5


def rung_time(rung: Rung, due_on: date, due_at: datetime, calendar: Calendar) -> datetime:
    """When a rung of a ladder is to fire beside a deadline that ends on ``due_on``, at ``due_at``.

    A rung that is not urgent waits for a working day: a warning before the due date is given on the last working day
    that is early enough, one after it on the next working day.
    """
    offset = rung.offset
    if offset.unit is Unit.HOUR:
        hours = timedelta(hours=offset.length)
        return due_at - hours if rung.before else due_at + hours
    answer = due(offset, due_on, calendar, roll=Roll.NONE, backwards=rung.before) if offset.length else None
    day = answer.due if answer else due_on
    if not rung.urgent:
        step = timedelta(days=-1 if rung.before else 1)
        while not worked(day, calendar):
            day += step
    return datetime.combine(day, WORKING_HOUR, CHINA)


def rungs_of(end: End, ladder: Ladder | None, calendar: Calendar) -> list[tuple[Rung, datetime]]:
    """The rungs beside a deadline with their times, the earliest first.

    Warnings count back from the earliest end that is possible; nobody is pressed before the latest.
    """
    rungs = ladder.rungs if ladder is not None else ()
    early, late = (end.on, end.at), (end.latest_on, end.latest_at)
    times = [(rung, rung_time(rung, *(early if rung.before else late), calendar)) for rung in rungs]
    return sorted(times, key=lambda pair: pair[1])
