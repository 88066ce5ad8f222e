"""Between which days a due date must lie while the holidays of its year are not published.

The bounds rest on limits that every plan since 2007 has kept (a test holds them against all of them): a plan makes at
most eight weekend days of a year working days; within any four weeks at most ten weekdays are off, within a year at
most twenty-four; and no run of days off is longer than ten. A plan that went beyond them would show as a moved date
when it is imported, not as a wrong one.
"""

from __future__ import annotations

from datetime import date, timedelta

from jiefen.periods.calendar import Calendar

#: Most weekend days that one plan makes working days.
WORKED_WEEKEND_DAYS = 8
#: Most weekdays that are off within four weeks, and within a year.
WEEKDAYS_OFF = ((28, 10), (366, 24))
#: Longest run of days off.
LONGEST_RUN = 10

_DAY = timedelta(days=1)


def soonest_working_day(start: date, number: int, calendar: Calendar) -> date:
    """The earliest day that can be the ``number``-th working day after ``start``."""
    day, left = _known_part(start, number, calendar)
    spare, unknown = WORKED_WEEKEND_DAYS, 0
    while left > 0:
        day += _DAY
        unknown += 1
        if unknown > 366:
            spare, unknown = spare + WORKED_WEEKEND_DAYS, 1
        if day.weekday() < 5:
            left -= 1
        elif spare > 0:
            spare, left = spare - 1, left - 1
    return day


def latest_working_day(start: date, number: int, calendar: Calendar) -> date:
    """The latest day that can be the ``number``-th working day after ``start``."""
    day, left = _known_part(start, number, calendar)
    weekdays = unknown = 0
    while weekdays - _most_off(unknown) < left:
        day += _DAY
        unknown += 1
        weekdays += day.weekday() < 5
    return day


def latest_roll(natural: date, calendar: Calendar) -> date:
    """The latest day to which the last day ``natural`` can roll."""
    return max(natural, calendar.known_through + _DAY) + timedelta(days=LONGEST_RUN)


def _known_part(start: date, number: int, calendar: Calendar) -> tuple[date, int]:
    """Where what is known ends, and how many working days are still to be counted from there."""
    if start >= calendar.known_through:
        return start, number
    known = calendar.working_days_between(start + _DAY, calendar.known_through + _DAY)
    return calendar.known_through, number - known


def _most_off(days: int) -> int:
    """Most weekdays that can be off within ``days`` consecutive days."""
    return min(-(-days // span) * most for span, most in WEEKDAYS_OFF)
