"""恢复: what an act has met runs again when the act came to nothing, where the law says so.

A voluntary reconsideration that is withdrawn leaves the suit in its original period (行诉法解释第五十八条); a suit
that is withdrawn lets the limitation start again (民法典第一百九十五条).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.rows import DeadlineRow
from jiefen.rules import Revival


def revive(
    docket: Docket, register: Register, closed: Callable[[Collection[str]], list[DeadlineRow]]
) -> None:
    """Let run again what the milestones of this step revive.

    Args:
        closed: reads the deadlines by some rules that the case no longer holds open.
    """
    for milestone, day in docket.reviving:
        rules = [rule.id for rule in register.view.revived_at(milestone)]
        standing = {item.rule.id for item in register.deadlines if item.is_effective}
        met = _met(register, [rule for rule in rules if rule not in standing], closed)
        for deadline in met.values():
            revival = _revival(deadline, milestone)
            if revival is not None and _came_before(register, deadline, day):
                docket.revive(deadline, revival, day)
    docket.reviving.clear()


def _met(
    register: Register, rules: Collection[str], closed: Callable[[Collection[str]], list[DeadlineRow]]
) -> dict[str, RunningDeadline]:
    """The last deadline of each rule, where an act has met it."""
    known = {item.seq: item for item in register.deadlines}
    rows = closed(rules) if rules else []
    found = [known.get(row.seq) or register.restore(row) for row in rows]
    last: dict[str, RunningDeadline] = {}
    for item in sorted([*found, *known.values()], key=lambda one: one.seq):
        if item.rule.id in rules:
            last[item.rule.id] = item
    return {id: item for id, item in last.items() if item.status is DeadlineStatus.MET}


def _revival(deadline: RunningDeadline, milestone: str) -> Revival | None:
    return next((one for one in deadline.version.revivals if one.by == milestone), None)


def _came_before(register: Register, deadline: RunningDeadline, day: date) -> bool:
    """Whether the act that met a deadline is the one that came to nothing, and not a later one."""
    act = register.reached.day(deadline.closed_by or "")
    return act is None or act <= day
