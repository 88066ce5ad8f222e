"""When a deadline is over: what the calendar says of its length, extensions and suspensions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiefen.clock import CHINA, china_date
from jiefen.deadlines.running import RunningDeadline
from jiefen.periods import Calendar, FirstDay, Period, Roll, Unit, add_months, due, following_hour
from jiefen.record.kinds import DeadlineStatus

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class End:
    """When a deadline ends: ``on`` and ``at`` as early as it can be, ``latest_on`` and ``latest_at`` as late.

    Both are the same unless the end is ``provisional``: an act by the early one is in time for certain, and only after
    the late one is the deadline missed for certain.
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


def derive(deadline: RunningDeadline, calendar: Calendar, whole: End | None = None) -> End | None:
    """Compute the end from anchor, length, extensions and suspensions, and keep it; ``None`` while suspended.

    ``whole`` is the end of the clock of the whole case, where one runs beside this step.
    """
    if deadline.status is DeadlineStatus.SUSPENDED:
        deadline.due_on = deadline.due_at = None
        deadline.provisional = False
        return None
    answer = end_of(deadline, calendar)
    if whole is not None:
        answer = answer.within(whole)
    deadline.due_on, deadline.due_at, deadline.provisional = answer.on, answer.at, answer.provisional
    return answer


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


def last_part(deadline: RunningDeadline, ground: str, calendar: Calendar) -> date | None:
    """The day after which a ground can suspend a limitation period; ``None``: on any day (MFD 194)."""
    part = deadline.version.suspends_in_last
    if part is None or not deadline.version.late_alone(ground):
        return None
    return _back(_last_day(deadline, _chain(deadline), calendar, soonest=True)[0], part)


def spans(deadline: RunningDeadline, *, late: bool | None = None) -> list[tuple[date, date]]:
    """The suspensions that are over: the first day that does not count, and the day on which counting goes on.

    Args:
        late: only those on grounds that suspend in the last part alone, or only the others.
    """
    return [
        (date.fromisoformat(item["from"]), date.fromisoformat(item["to"]))
        for item in deadline.suspensions
        if item["to"] is not None and late in (None, item["ground"] in deadline.version.late_grounds)
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
    version = deadline.version
    part = version.suspends_in_last
    if part is None:
        return _counted(deadline, chain, calendar, spans(deadline), soonest=soonest)
    if version.late_grounds:
        lost = spans(deadline, late=False)
        day, _ = _counted(deadline, chain, calendar, lost, soonest=soonest)
        opens = _back(day, part) + _DAY
        lost += [(max(begin, opens), end) for begin, end in spans(deadline, late=True) if end > opens]
        return _counted(deadline, chain, calendar, sorted(lost), soonest=soonest)
    day, doubt = _counted(deadline, chain, calendar, [], soonest=soonest)
    for begin, end in spans(deadline):
        # Also an obstacle that arose earlier, if it was still there in the last part. ``end`` is the day on which it
        # went away (原因消除之日), from which the part runs.
        if begin <= day and end > _back(day, part):
            day = max(day, due(part, end, calendar).due)
    return day, doubt


def _counted(
    deadline: RunningDeadline,
    chain: list[Period],
    calendar: Calendar,
    lost: list[tuple[date, date]],
    *,
    soonest: bool,
) -> tuple[date, bool]:
    """The last day when the days of ``lost`` do not count, and whether it may be another one."""
    doubt = False
    day = deadline.anchored_on - (_DAY if deadline.version.first_day is FirstDay.INCLUDED else timedelta())
    for period in chain:
        if period.unit is Unit.WORKING_DAY:
            day, unsure = _working_days_on(period, day, lost, calendar, soonest=soonest)
            doubt = doubt or unsure
        else:
            natural = due(period, day, calendar).due
            day = _days_on((natural - day).days, day, lost)
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
    """How many working days lie after ``day`` and before ``before``: the most, or the fewest, that are possible."""
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
