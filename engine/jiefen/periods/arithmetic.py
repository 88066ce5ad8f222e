"""Due dates of legal periods.

The starting day is not counted; months and years end on the corresponding day, or on the month's last day where there
is none (MFD 201, 202; MSF 85); hours start with the next full hour (MSJ 125). Whether a last day that is a day off
rolls to the next working day is a property of the law (MFD 203, MSF 85), and rolling is another operation than counting
working days.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from jiefen.clock import CHINA, china_date
from jiefen.errors import CalendarUnknown, PeriodError
from jiefen.periods.bounds import latest_roll, working_day_bounds
from jiefen.periods.calendar import Calendar
from jiefen.periods.statutory import statutory_holiday
from jiefen.periods.units import Ends, FirstDay, Period, Roll, Unit

_DAY = timedelta(days=1)
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One day on the way to a due date, and why it did not count or was not the last."""

    day: date
    kind: Literal["start", "skipped", "rolled", "due"]
    why: str


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a period ends.

    Attributes:
        due: the last day (legal day in China). While ``provisional``, the earliest day that is possible: whoever
            keeps to it is safe.
        earliest, latest: both equal ``due`` unless provisional; then every possible plan lies between them.
        instant: when the period is over: the end of ``due``, or the close of business, or the hour.
        latest_instant: the same for ``latest``; before it nobody may be held to have missed the period.
        provisional: the holidays that decide it are not published yet.
        reason: why it is provisional.
    """

    period: Period
    start: date | datetime
    due: date
    earliest: date
    latest: date
    instant: datetime
    latest_instant: datetime
    provisional: bool = False
    reason: str | None = None
    _calendar: Calendar = field(repr=False, compare=False)
    _natural: date = field(repr=False, compare=False)

    def steps(self, language: Literal["zh", "en"] = "zh") -> Iterator[Step]:
        """Each day that was skipped or rolled over, with the reason; worked out only when asked for."""
        chinese = language == "zh"
        start = self.start if not isinstance(self.start, datetime) else china_date(self.start)
        yield Step(start, "start", "起算日不计入" if chinese else "the starting day is not counted")
        calendar = self._calendar
        if self.period.unit is Unit.WORKING_DAY:
            day, last = min(start, self.due) + _DAY, max(start, self.due)
            while day < last:
                if calendar.off_for_certain(day):
                    yield Step(day, "skipped", calendar.why(day, language))
                day += _DAY
        else:
            day = self._natural
            while day < self.due:
                yield Step(day, "rolled", calendar.why(day, language))
                day += _DAY
        if calendar.covers(self.due):
            yield Step(self.due, "due", calendar.why(self.due, language))
        else:
            why = "放假安排尚未公布" if chinese else "the holidays of that year are not published yet"
            yield Step(self.due, "due", why)


def due(
    period: Period,
    start: date | datetime,
    calendar: Calendar,
    *,
    roll: Roll = Roll.NONE,
    first_day: FirstDay = FirstDay.EXCLUDED,
    ends: Ends = Ends.MIDNIGHT,
    backwards: bool = False,
    next_hour: bool = True,
) -> Due:
    """The last day of ``period`` counted from ``start``.

    Args:
        start: the day of the event, which is not counted; for hours a zone-aware instant.
        roll: whether a last day that is a day off moves to the next working day.
        first_day: whether the day of the event counts, where a law says so.
        ends: at 24:00, or at the close of business.
        backwards: count back from ``start``: the last day on which a notice is early enough. While ``provisional``,
            a notice on the earliest day is early enough for certain.
        next_hour: hours start with the next full hour (MSJ 125); false: at once.

    Raises:
        PeriodError: the start lies before the known years, or has no zone, or is no instant for a period of hours;
            or ``roll``, ``first_day`` or ``ends`` is a word and no value of its type.
    """
    if type(roll) is not Roll or type(first_day) is not FirstDay or type(ends) is not Ends:
        raise _word(roll=(roll, Roll), first_day=(first_day, FirstDay), ends=(ends, Ends))
    if period.unit is Unit.HOUR:
        return _hours(period, start, calendar, backwards, next_hour)
    first = _in_china(start).date() if isinstance(start, datetime) else start
    if first < calendar.known_from:
        raise _too_early(first, calendar)
    try:
        counted = first - _DAY if first_day is FirstDay.INCLUDED and not backwards else first
        natural, earliest, latest = _last_day(period, counted, calendar, backwards)
        if roll is Roll.NEXT_WORKING_DAY and period.unit is not Unit.WORKING_DAY and not backwards:
            earliest, latest = _rolled(natural, calendar)
        if earliest != latest:
            # Whatever the plan will say, the last day is worked.
            earliest, latest = _not_on_a_holiday(earliest, 1), _not_on_a_holiday(latest, -1)
        ends_at = _end_of(earliest, ends, calendar), _end_of(latest, ends, calendar)
    except OverflowError as error:
        raise _too_far(period, first) from error
    provisional = earliest != latest or not (backwards or _certain(period, roll, latest, calendar))
    reason = None
    if provisional:
        reason = f"the holiday plan of {calendar.known_through.year + 1} is not loaded"
    return Due(
        period=period,
        start=start,
        due=earliest,
        earliest=earliest,
        latest=latest,
        instant=ends_at[0],
        latest_instant=ends_at[1],
        provisional=provisional,
        reason=reason,
        _calendar=calendar,
        _natural=natural,
    )


def add_months(day: date, months: int) -> date:
    """The corresponding day ``months`` later (earlier when negative), or the last day of that month (MFD 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except ValueError as error:
        raise PeriodError(f"{months} months from {day} leave the calendar; check the date") from error


def following_hour(at: datetime) -> datetime:
    """The next full hour in China: the hour in which something happens is not counted, also when it has just begun.

    期间开始的时,不计算在期间内 (MSF 85 ¶2); 从次时起算 (MSJ 125).

    Raises:
        PeriodError: the instant has no zone, or the hour leaves the calendar.
    """
    begun = _in_china(at).replace(minute=0, second=0, microsecond=0)
    try:
        return begun + timedelta(hours=1)
    except OverflowError as error:
        raise PeriodError(f"the hour after {at} leaves the calendar; check the date") from error


def served_by_public_notice(published: date) -> date:
    """The day on which something counts as served that was published on ``published``: thirty days on (MSF 95).

    Published is what was posted or printed last (MSJ 138).

    Raises:
        PeriodError: the day leaves the calendar.
    """
    try:
        return published + timedelta(days=30)
    except OverflowError as error:
        raise PeriodError(f"thirty days after {published} leave the calendar; check the date") from error


def _last_day(period: Period, start: date, calendar: Calendar, backwards: bool) -> tuple[date, date, date]:
    """The day the period ends by itself, and the bounds between which that day lies."""
    sign = -1 if backwards else 1
    number = sign * period.length
    if period.unit is Unit.WORKING_DAY:
        try:
            day = calendar.add_working_days(start, number)
        except CalendarUnknown:
            earliest, latest = working_day_bounds(start, number, calendar)
            return earliest, earliest, latest
    elif period.unit is Unit.DAY:
        day = start + timedelta(days=number)
    else:
        day = add_months(start, number * (12 if period.unit is Unit.YEAR else 1))
    return day, day, day


def _rolled(natural: date, calendar: Calendar) -> tuple[date, date]:
    try:
        rolled = calendar.next_working_day(natural)
    except CalendarUnknown:
        return max(natural, calendar.known_through + _DAY), latest_roll(natural, calendar)
    return rolled, rolled


def _not_on_a_holiday(day: date, direction: int) -> date:
    """``day``, or the first day after it (before it) that the regulation does not make a holiday."""
    while statutory_holiday(day):
        day += direction * _DAY
    return day


def _certain(period: Period, roll: Roll, last: date, calendar: Calendar) -> bool:
    """Calendar days that do not roll need no holidays at all."""
    needs_holidays = period.unit is Unit.WORKING_DAY or roll is Roll.NEXT_WORKING_DAY
    return not needs_holidays or last <= calendar.known_through or period.length == 0


def _hours(
    period: Period, start: date | datetime, calendar: Calendar, backwards: bool, next_hour: bool
) -> Due:
    if not isinstance(start, datetime):
        raise PeriodError(f"{period} need an instant to count from, not the date {start}; give a time of day")
    begin = _in_china(start)
    if begin.date() < calendar.known_from:
        raise _too_early(begin.date(), calendar)
    if next_hour and not backwards:
        begin = following_hour(begin)
    try:
        end = begin + timedelta(hours=period.length) * (-1 if backwards else 1)
    except OverflowError as error:
        raise _too_far(period, start) from error
    day = end.date()
    return Due(
        period=period,
        start=start,
        due=day,
        earliest=day,
        latest=day,
        instant=end,
        latest_instant=end,
        _calendar=calendar,
        _natural=day,
    )


def _word(**given: tuple[StrEnum, type[StrEnum]]) -> PeriodError:
    """A plain word stands where a value is asked for: a typo would count as what is the default."""
    name, value, kind = next((name, *pair) for name, pair in given.items() if type(pair[0]) is not pair[1])
    known = ", ".join(f"{kind.__name__}.{item.name}" for item in kind)
    return PeriodError(f"{name} is {value!r}, which is no {kind.__name__}; give one of {known}")


def _too_early(day: date, calendar: Calendar) -> PeriodError:
    return PeriodError(
        f"{day} lies before {calendar.known_from}, the first day whose holidays are known; check the date"
    )


def _too_far(period: Period, start: date) -> PeriodError:
    return PeriodError(f"{period} from {start} leaves the calendar; check the date")


def _in_china(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise PeriodError(f"{instant} has no time zone; give one, for example +08:00")
    try:
        return instant.astimezone(CHINA)
    except OverflowError as error:
        raise PeriodError(f"{instant} leaves the calendar of China; check the date") from error


def _end_of(day: date, ends: Ends, calendar: Calendar) -> datetime:
    if ends is Ends.CLOSE_OF_BUSINESS:
        return datetime.combine(day, calendar.hours.closes, CHINA)
    return datetime.combine(day + _DAY, _MIDNIGHT, CHINA)
