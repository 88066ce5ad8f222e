"""催办梯级: when each rung of the ladder beside a deadline is to fire."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from jiefen.deadlines.end import End
from jiefen.periods import Calendar, Roll, Unit, due
from jiefen.periods.hours import last_office_day, next_office_day, opening
from jiefen.rules import Ladder, Rung


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
        day = last_office_day(day, calendar) if rung.before else next_office_day(day, calendar)
    return opening(day, calendar)


def rungs_of(end: End, ladder: Ladder | None, calendar: Calendar) -> list[tuple[Rung, datetime]]:
    """The rungs beside a deadline with their times, the earliest first.

    Warnings count back from the earliest end that is possible; no reminder is sent before the latest.
    """
    rungs = ladder.rungs if ladder is not None else ()
    early, late = (end.on, end.at), (end.latest_on, end.latest_at)
    times = [(rung, rung_time(rung, *(early if rung.before else late), calendar)) for rung in rungs]
    return sorted(times, key=lambda pair: pair[1])
