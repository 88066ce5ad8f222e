"""Office hours: when notices and reminders reach people. No legal date depends on them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from jiefen.clock import CHINA
from jiefen.periods.calendar import Calendar
from jiefen.periods.statutory import statutory_holiday

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_office_day(day: date, calendar: Calendar) -> bool:
    """Whether offices are open on ``day``.

    Beyond the published holidays, Monday to Friday are taken for working days, without the holidays that the
    regulation itself fixes: a reminder is no legal date.
    """
    if calendar.covers(day):
        return calendar.is_working_day(day)
    return day.weekday() < _SATURDAY and statutory_holiday(day) is None


def opening(day: date, calendar: Calendar) -> datetime:
    """The instant at which offices open on ``day``, if they do."""
    return datetime.combine(day, calendar.hours.opens, CHINA)


def next_office_day(day: date, calendar: Calendar) -> date:
    """``day``, or the first day after it on which offices are open."""
    while not is_office_day(day, calendar):
        day += _DAY
    return day


def last_office_day(day: date, calendar: Calendar) -> date:
    """``day``, or the last day before it on which offices were open."""
    while not is_office_day(day, calendar):
        day -= _DAY
    return day


def working_time(instant: datetime, calendar: Calendar) -> datetime:
    """``instant`` if offices are open then, else the instant at which they open next (in China time)."""
    local = instant.astimezone(CHINA)
    day = local.date()
    if is_office_day(day, calendar):
        for since, until in calendar.hours.spans:
            if local.time() < since:
                return datetime.combine(day, since, CHINA)
            if local.time() < until:
                return instant
    return opening(next_office_day(day + _DAY, calendar), calendar)
