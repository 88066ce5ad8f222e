"""Between which days a due date must lie while the holidays of its year are not published.

The bounds rest on limits that every plan since 2007 has kept (a test holds them against all of them): a plan makes at
most eight weekend days of a year working days; within any four weeks at most ten weekdays are off, within a year at
most twenty-four; and no run of days off is longer than ten. An area with holidays of its own may have as many besides
as it ever had within a year. A plan that went beyond them would show as a moved date when it is imported, not as a
wrong one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from jiefen.periods.calendar import Calendar
from jiefen.periods.statutory import statutory_weekdays

#: Most weekend days that one plan makes working days.
WORKED_WEEKEND_DAYS = 8
#: Most weekdays that are off within four weeks, and within a year.
WEEKDAYS_OFF = ((28, 10), (366, 24))
#: Longest run of days off.
LONGEST_RUN = 10

_DAY = timedelta(days=1)
_YEAR = 366


@dataclass(frozen=True, slots=True)
class _Limits:
    """What no plan goes beyond, the days besides among them that an area of its own has off and works within a year."""

    more_off: int = 0
    more_worked: int = 0

    def run(self) -> int:
        """Longest run of days off: each day more may join a weekend to it."""
        return LONGEST_RUN + 3 * self.more_off

    def most(self, span: int, weekdays: Callable[[int], int]) -> int:
        """Most working days within ``span`` consecutive days, of which ``weekdays`` tells how many are weekdays."""
        years, rest = divmod(span, _YEAR)
        weekend = rest - (weekdays(span) - weekdays(span - rest))
        worked = WORKED_WEEKEND_DAYS + self.more_worked
        return weekdays(span) + years * worked + min(weekend, worked)

    def least(self, span: int, weekdays: Callable[[int], int]) -> int:
        """Fewest working days within ``span`` consecutive days: of a longer span never fewer than of a shorter one."""
        whole = (span - span % length for length, _ in WEEKDAYS_OFF)
        return max(0, *(weekdays(part) - self._most_off(part) for part in (span, *whole)))

    def _most_off(self, days: int) -> int:
        """Most weekdays that can be off within ``days`` consecutive days."""
        return min(-(-days // span) * (most + self.more_off) for span, most in WEEKDAYS_OFF)


def _limits(calendar: Calendar) -> _Limits:
    """The limits of a calendar, from what its area has had off and worked besides the plans of the nation."""
    return _Limits(
        _most_within_a_year(day for holiday in calendar.local for day in holiday.off),
        _most_within_a_year(day for holiday in calendar.local for day in holiday.worked),
    )


def _most_within_a_year(days: Iterable[date]) -> int:
    ordered = sorted(set(days))
    return max(
        (bisect_left(ordered, day + timedelta(days=_YEAR)) - at for at, day in enumerate(ordered)), default=0
    )


def working_day_bounds(start: date, number: int, calendar: Calendar) -> tuple[date, date]:
    """Between which days the ``number``-th working day after ``start`` lies; before ``start`` when it is negative.

    Takes (nearly) the same time for every number.

    Raises:
        PeriodError: the day lies before the known years.
    """
    return _after(start, number, calendar) if number > 0 else _before(start, -number, calendar)


def latest_roll(natural: date, calendar: Calendar) -> date:
    """The latest day to which the last day ``natural`` can roll."""
    return max(natural, calendar.known_through + _DAY) + timedelta(days=_limits(calendar).run())


def _after(start: date, number: int, calendar: Calendar) -> tuple[date, date]:
    limits, day, left = _limits(calendar), start, number
    if start < calendar.known_through:
        day = calendar.known_through
        left -= calendar.working_days_between(start + _DAY, day + _DAY)

    def weekdays(span: int) -> int:
        return _weekdays(day + _DAY, span)

    def most(span: int) -> int:
        return limits.most(span, weekdays) - statutory_weekdays(day + _DAY, span)

    return (
        day + timedelta(days=_span(left, most)),
        day + timedelta(days=_span(left, lambda span: limits.least(span, weekdays))),
    )


def _before(start: date, number: int, calendar: Calendar) -> tuple[date, date]:
    limits, unknown = _limits(calendar), max((start - calendar.known_through - _DAY).days, 0)

    def weekdays(span: int) -> int:
        return _weekdays(start - timedelta(days=span), span)

    def most(span: int) -> int:
        beyond = min(span, unknown)  # the known days before are counted by their plans
        return limits.most(span, weekdays) - statutory_weekdays(start - timedelta(days=beyond), beyond)

    def day(working: Callable[[int], int]) -> date:
        if working(unknown) >= number:
            return start - timedelta(days=_span(number, working))
        begin = start - timedelta(days=unknown)
        return calendar.add_working_days(begin, working(unknown) - number)

    return day(lambda span: limits.least(span, weekdays)), day(most)


def _span(number: int, working: Callable[[int], int]) -> int:
    """The fewest days in which ``number`` working days can lie, where ``working`` tells how many do."""
    return bisect_left(range(2 * number + 2 * _YEAR), number, key=working)


def _weekdays(first: date, span: int) -> int:
    """How many of the ``span`` days from ``first`` on are Mondays to Fridays."""
    offset = first.weekday()
    weeks, rest = divmod(offset + span, 7)
    return weeks * 5 + min(rest, 5) - min(offset, 5)
