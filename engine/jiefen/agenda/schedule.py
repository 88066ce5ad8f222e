"""例行工作: reception days, meetings, patrols and reviews, planned one after the other on the agenda.

Each occurrence leaves a list to work through. An occurrence that falls on a day off follows the holiday policy of its
rule; beyond the published holidays only weekends and the holidays that the regulation fixes count as days off, and the
occurrence says that it is provisional.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from jiefen.clock import CHINA, china_date
from jiefen.periods import Calendar
from jiefen.periods.hours import is_office_day
from jiefen.rules import Every, HolidayPolicy, Routine

_DAY = timedelta(days=1)
_LEAP_DAY = (2, 29)
#: Holidays move an occurrence by less than this.
_MOST_MOVED = timedelta(days=15)
#: A day of the year comes again within so long: a 29 February waits eight years, from 2096 to 2104.
_HORIZON = timedelta(days=366 * 8) + 2 * _MOST_MOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time a routine must be done: at ``at``, on ``nominal`` by the rule; a holiday may have moved it."""

    at: datetime
    nominal: date
    provisional: bool


def next_occurrence(
    routine: Routine, after: datetime, calendar: Calendar, last: Occurrence | None = None
) -> Occurrence | None:
    """The first occurrence after an instant; ``None`` when the rule has ended, or yields no day that is known.

    Args:
        last: the occurrence that came last. What the rule names no later than that has come already, even where a newer
            calendar moves it to a day that lies ahead.
    """
    came = _named_at(last) if last is not None else None
    return _first(routine, after, calendar, lambda named: came is None or named > came)


def planned_again(
    routine: Routine, planned: Occurrence, after: datetime, calendar: Calendar
) -> Occurrence | None:
    """What stands in the place of an occurrence that was planned by an older calendar.

    Args:
        after: the instant after which it was looked for.
    """
    # Where days off are skipped, an earlier day may turn out to be worked; elsewhere every day of the rule stays, and
    # moves.
    skips, least = routine.holiday is HolidayPolicy.SKIP, _named_at(planned)
    return _first(routine, after, calendar, lambda named: skips or named >= least)


#: The day and the time that the rule names, whatever the holidays.
_Named = tuple[date, time]


def _named_at(occurrence: Occurrence) -> _Named:
    return occurrence.nominal, occurrence.at.astimezone(CHINA).time()


def _first(
    routine: Routine, after: datetime, calendar: Calendar, wanted: Callable[[_Named], bool]
) -> Occurrence | None:
    # A moved occurrence lies some days from its nominal day, so the search begins before and looks at several.
    found: list[Occurrence] = []
    for nominal in _nominal_days(routine, china_date(after) - _MOST_MOVED):
        if found and nominal > china_date(found[0].at) + _MOST_MOVED:
            break
        day, provisional = _moved(routine, nominal, calendar)
        if day is None or not routine.in_force(nominal):
            continue
        for clock in _times(routine, calendar):
            at = datetime.combine(day, clock, CHINA)
            if at > after and wanted((nominal, clock)):
                found.append(Occurrence(at=at, nominal=nominal, provisional=provisional))
        found.sort(key=lambda item: item.at)
    return found[0] if found else None


def _times(routine: Routine, calendar: Calendar) -> tuple[time, ...]:
    return tuple(time.fromisoformat(text) for text in routine.at) or (calendar.hours.opens,)


def _nominal_days(routine: Routine, start: date) -> Iterator[date]:
    """The days that the rule names, from ``start`` on, whatever the holidays."""
    day, last = start, start + _HORIZON
    if routine.every is Every.YEAR:
        yield from (day for day in _days_of_years(routine, start.year, last.year) if start <= day <= last)
        return
    while day <= last:
        if _named(routine, day):
            yield day
        day += _DAY


def _days_of_years(routine: Routine, first: int, last: int) -> Iterator[date]:
    """The days of a yearly rule in order; 29 February only in the years that have one."""
    days = sorted(day for day in routine.days if isinstance(day, tuple))
    for year in range(first, last + 1):
        for month, number in days:
            if (month, number) != _LEAP_DAY or isleap(year):
                yield date(year, month, number)


def _named(routine: Routine, day: date) -> bool:
    if routine.every is Every.DAY:
        return True
    if routine.every is Every.WEEK:
        return day.isoweekday() in routine.days
    tomorrow = day + _DAY
    if routine.every is Every.MONTH:
        number, is_last = day.day, tomorrow.month != day.month
    else:
        first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        number, is_last = (day - first).days + 1, tomorrow.day == 1 and tomorrow.month in (1, 4, 7, 10)
    return number in routine.days or (is_last and -1 in routine.days)


def _moved(routine: Routine, nominal: date, calendar: Calendar) -> tuple[date | None, bool]:
    """The day after the holiday policy, and whether holidays not published yet may still change it."""
    if routine.holiday is HolidayPolicy.KEEP:
        return nominal, False
    if is_office_day(nominal, calendar):
        return nominal, not calendar.covers(nominal)
    if routine.holiday is HolidayPolicy.SKIP:
        return None, not calendar.covers(nominal)
    step = _DAY if routine.holiday is HolidayPolicy.NEXT_WORKDAY else -_DAY
    day = nominal
    while not is_office_day(day, calendar):
        day += step
    return day, not (calendar.covers(day) and calendar.covers(nominal))


def closed_period(every: Every, day: date) -> tuple[date, date]:
    """The period that is over, or ends, on a day: the day, the seven days up to it, else the last whole one.

    Returns:
        Its first and its last day.
    """
    if every in (Every.DAY, Every.WEEK):
        return day - timedelta(days=0 if every is Every.DAY else 6), day
    months = {Every.MONTH: 1, Every.QUARTER: 3}.get(every, 12)
    tomorrow = day + timedelta(days=1)
    after = tomorrow.year * 12 + (tomorrow.month - 1) // months * months
    first, last = (date(one // 12, one % 12 + 1, 1) for one in (after - months, after))
    return first, last - timedelta(days=1)
