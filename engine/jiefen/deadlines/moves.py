"""Which deadlines of a case end on another day by other holidays or other rules, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline
from jiefen.edition import holidays
from jiefen.errors import NotFound
from jiefen.notation.labels import Label
from jiefen.periods import Calendar, Roll
from jiefen.rules import DeadlineRule, DeadlineVersion

_ROLLS: Final = {
    Roll.NONE: Label("{length}(不顺延)", "{length}, no roll"),
    Roll.NEXT_WORKING_DAY: Label("{length}(遇节假日顺延)", "{length}, rolling over holidays"),
}
_OTHER_LENGTH: Final = Label("规则由 {old} 改为 {new}", "the rule changes from {old} to {new}")
_OTHER_ANCHOR: Final = Label(
    "新规则改自另一节点起算;本期限仍按原规则计算,请人工核对(更正起算日,或另记节点)",
    "by the other rules it runs from another milestone; it goes on by its old rule: look at it yourself, correct its "
    "anchor or record the milestone",
)
#: Why a deadline goes whose rule is gone.
GONE: Final = Label("新规则没有这一期限", "the other rulebook does not give this deadline")
_CHANGED: Final = Label("规则有改动", "the rule changes")


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a deadline ends; ``provisional`` while the holidays that decide it are not published."""

    due_on: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One deadline that ends on another day, or whose day becomes certain or uncertain.

    Attributes:
        after: ``None`` when the other rulebook does not give this deadline; it ends then.
        reopened: it had expired, and runs again.
    """

    case: int
    seq: int
    rule: str
    title: Label
    before: DueDate | None
    after: DueDate | None
    why: Label
    reopened: bool = False


def adopt(docket: Docket, register: Register, facts: Mapping[str, object]) -> dict[int, Label]:
    """Let the deadlines of a case run by the rules of its new edition; how each is counted otherwise, or that it goes.

    One that has expired is left to the rules by which it did, unless by the new ones it is not over.
    """
    changes: dict[int, Label] = {}
    for deadline in register.deadlines:
        found = _rule_for(deadline, register, facts)
        if found is not None and _another_anchor(deadline.version, found[1]):
            # What it runs from is another moment, of which nobody can tell here when it was.
            if deadline.live:
                changes[deadline.seq] = _OTHER_ANCHOR
        elif found is not None and (deadline.live or register.would_still_run(deadline, *found)):
            old, version = deadline.version, found[1]
            docket.adopt(deadline, *found)
            if (old.length, old.roll) != (version.length, version.roll):
                changes[deadline.seq] = _other_length(old, version)
            elif _counting(old) != _counting(version):
                changes[deadline.seq] = _CHANGED
        elif deadline.live:
            changes[deadline.seq] = GONE
    return changes


def _other_length(old: DeadlineVersion, new: DeadlineVersion) -> Label:
    """A change of length, and of whether the last day rolls, where that changes too."""

    def told(version: DeadlineVersion) -> Label:
        length = version.length.label
        return length if old.roll is new.roll else _ROLLS[version.roll].format(length=length)

    return _OTHER_LENGTH.format(old=told(old), new=told(new))


def _another_anchor(old: DeadlineVersion, new: DeadlineVersion) -> bool:
    return (old.anchor, old.date_fact) != (new.anchor, new.date_fact)


def _counting(version: DeadlineVersion) -> tuple[object, ...]:
    """What besides length and roll decides when a deadline ends."""
    return (
        version.first_day,
        version.ends,
        version.direction,
        version.suspends_in_last,
        version.late_grounds,
        version.within,
    )


def _rule_for(
    deadline: RunningDeadline, register: Register, facts: Mapping[str, object]
) -> tuple[DeadlineRule, DeadlineVersion] | None:
    """What gives a deadline under the rules of the edition; ``None`` where they do not, or no longer for such facts."""
    rule = register.view.deadlines.get(deadline.rule.id)
    try:
        version = rule.version_at(deadline.anchored_on) if rule is not None else None
    except NotFound:
        return None
    if rule is None or version is None or (deadline.version.applies(facts) and not version.applies(facts)):
        return None
    return rule, version


def moves_by(
    case_id: int, register: Register, known: holidays.Holidays, changed: Mapping[int, Label]
) -> list[Move]:
    """The deadlines of a case that end on another day by the holidays and rules of the register, by their number."""
    found = []
    for deadline in register.derivable():
        end, why = register.end(deadline), changed.get(deadline.seq)
        after = DueDate(end.on, end.provisional)
        if after != _due(deadline) or why is _OTHER_ANCHOR:
            published = _published(deadline, after, known.get(deadline.calendar), register.calendar)
            found.append(move(case_id, deadline, after, why or published))
    return found


def move(case_id: int, deadline: RunningDeadline, after: DueDate | None, why: Label) -> Move:
    """A deadline that ends ``after``; ``None``: the rules give it no longer."""
    return Move(
        case=case_id,
        seq=deadline.seq,
        rule=deadline.rule.id,
        title=deadline.rule.title,
        before=_due(deadline),
        after=after,
        why=why,
        reopened=not deadline.live,
    )


def _due(deadline: RunningDeadline) -> DueDate | None:
    return DueDate(deadline.due_on, deadline.provisional) if deadline.due_on else None


def _published(
    deadline: RunningDeadline, after: DueDate | None, old: Calendar | None, new: Calendar
) -> Label:
    """Which holiday plans have come or changed since a deadline was derived."""
    first, last = deadline.anchored_on.year, (after or deadline).due_on
    had = {plan.year: plan for plan in old.plans} if old is not None else {}
    zh, en = [], []
    for plan in new.plans:
        # The plan of the next year may move the last days of a year.
        if not first <= plan.year <= (last.year if last else first) + 1 or had.get(plan.year) == plan:
            continue
        if plan.year in had:
            zh.append(f"{plan.year}年放假安排修订(第{plan.revision}版)")
            en.append(f"the holiday plan of {plan.year} was revised (revision {plan.revision})")
        elif old is not None:
            zh.append(f"{plan.year}年放假安排公布")
            en.append(f"the holiday plan of {plan.year} was published")
    return Label(";".join(zh) or "放假日历更新", "; ".join(en) or "the holiday calendar is newer")
