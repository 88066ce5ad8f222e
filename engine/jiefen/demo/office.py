"""When offices are open, and how their people sign."""

from __future__ import annotations

from datetime import date, timedelta

from jiefen.areas import EVERYWHERE, area_at
from jiefen.periods import Calendar
from jiefen.record.actor import Actor
from jiefen.rules import Role


class Office:
    """The offices of a county on the State Council's calendar; beyond it, from Monday to Friday."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def works(self, day: date) -> bool:
        """Whether offices are open."""
        return self._calendar.is_working_day(day) if self._calendar.covers(day) else day.weekday() < 5

    def after(self, day: date, working_days: int) -> date:
        """The day that comes so many working days after ``day``; ``day`` itself for none."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.works(day)
        return day


def team(role: Role, area: str | None) -> Actor:
    """The people of a role who look after an area; they sign with a number, not with a name."""
    here = (area_at(area, role.level) or area) if area and role.level else area
    return Actor(f"{role.id}@{here or 'county'}", frozenset({role.id}), here or EVERYWHERE)
