"""How an area organises its work on a case: the pattern its occurrence follows, and who is responsible for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from jiefen.periods import Period, Unit, add_months
from jiefen.rules import Pattern, RuleView
from jiefen.rules.model.conditions import holding

#: How many cases since a date agree with this one in some facts, this one included.
Alike = Callable[[Mapping[str, object], date], int]


def recognise(view: RuleView, facts: Mapping[str, object], day: date, alike: Alike | None) -> Pattern | None:
    """The pattern a matter follows: the one intake named, else the first whose signs are there.

    Patterns that count cases are tried only with ``alike``.
    """
    named = facts.get("occurrence")
    for pattern in view.patterns.values():
        if not pattern.in_force(day) or named not in (None, pattern.occurrence):
            continue
        if named is not None or _recognised(pattern, facts, day, alike):
            return pattern
    return None


def _recognised(pattern: Pattern, facts: Mapping[str, object], day: date, alike: Alike | None) -> bool:
    if not holding(pattern.when, facts) or (pattern.months and day.month not in pattern.months):
        return False
    if pattern.count is None:
        return True
    if alike is None or any(facts.get(name) is None for name in pattern.same):
        return False
    since = _before(day, pattern.within) if pattern.within else date.min
    return alike({name: facts[name] for name in pattern.same}, since) >= pattern.count


def _before(day: date, period: Period) -> date:
    if period.unit in (Unit.MONTH, Unit.YEAR):
        return add_months(day, -period.length * (12 if period.unit is Unit.YEAR else 1))
    return day - timedelta(days=period.length)


def responsible(view: RuleView, facts: Mapping[str, object], day: date) -> dict[str, list[dict[str, Any]]]:
    """Who is responsible or competent, by assignment: 四级包保 as a chain upwards, 归口 one, 调解组织 all."""
    return {
        assignment.id: [
            {"entry": entry.id, "role": entry.role, "level": str(entry.level) if entry.level else None}
            for entry in assignment.assign(facts)
        ]
        for assignment in view.assignments.values()
        if assignment.in_force(day)
    }
