"""硬性约束, 权限: what no layer may break, and who may do what. Guards are proved at load, and not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jiefen.periods import Period
from jiefen.rules.model.rule import Rule
from jiefen.rules.model.unary import Test


@dataclass(frozen=True, kw_only=True)
class Guard(Rule):
    """Over a table: for cases that meet ``where``, each row that can match gives only outputs that meet ``must``.
    Or over the deadlines whose attributes meet ``where``: their attributes meet ``must``.

    Attributes:
        table: the table it watches; ``None`` when it watches deadlines.
        where, must: conditions per fact (table) or per attribute (deadlines).
    """

    table: str | None
    where: Mapping[str, Test]
    must: Mapping[str, Test]


class Who(StrEnum):
    """Who may do an act, where that is no role by its id."""

    ANYBODY = "anybody"
    PROGRAM = "program"
    PARTY = "party"
    POST = "post"
    CORRECTS = "corrects"
    BINDS_LEADERS = "binds_leaders"
    PRESSES = "presses"
    OVERRULES = "overrules"
    LEADER = "leader"
    TASK = "task"
    CLAIMER = "claimer"
    DISPOSES = "disposes"
    APPROVES = "approves"
    ANSWERS = "answers"
    CENTRE = "centre"
    SELF = "self"
    ROUTINE = "routine"
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


#: Who can be told at every act, by what they hold.
_HELD: Final = frozenset(
    {
        Who.ANYBODY, Who.PROGRAM, Who.POST, Who.CORRECTS, Who.BINDS_LEADERS, Who.SYSTEM, Who.SECURITY, Who.AUDIT,
    }
)  # fmt: skip
#: Who can be told at these acts besides: by what each is about.
_ABOUT: Final[Mapping[str, tuple[Who, ...]]] = {
    "diaries.issue": (Who.SELF,), "diaries.revoke": (Who.SELF,),
    "message": (Who.PARTY,), "message.will": (Who.PARTY,),
    "claim": (Who.TASK,), "complete": (Who.TASK,),
    "release": (Who.TASK, Who.CLAIMER, Who.DISPOSES), "reassign": (Who.TASK, Who.CLAIMER, Who.DISPOSES),
    "delegate": (Who.SELF, Who.DISPOSES), "end_absence": (Who.SELF, Who.DISPOSES),
    "extend": (Who.APPROVES,), "recuse": (Who.SELF,),
    "supervise": (Who.PRESSES,), "check_answer": (Who.PRESSES,), "withdraw_supervision": (Who.PRESSES,),
    "answer_supervision": (Who.ANSWERS,),
    "close_by": (Who.PRESSES,), "close_by.change": (Who.OVERRULES,), "lift_closing_date": (Who.OVERRULES,),
    "leading.plan": (Who.LEADER,), "leading.report": (Who.LEADER,), "log_contact": (Who.LEADER,),
    "leading.extend_plan": (Who.OVERRULES,), "leading.release_leader": (Who.OVERRULES,),
    "dispatch": (Who.CENTRE,), "recall": (Who.CENTRE,), "whistle": (Who.CENTRE,),
    "routines.close": (Who.ROUTINE,),
}  # fmt: skip


def told_of(act: str) -> frozenset[Who]:
    """The words that the row of an act may name; what the engine cannot tell of an act, no row of it may ask."""
    return _HELD | {*_ABOUT.get(act, ())}


#: The acts that two persons can do together: each is about one case, and who may is told by what they hold.
BY_TWO: Final = frozenset(
    {
        "attachments.withdraw", "bind_leader", "correct", "lift_recusal", "parties.change", "parties.end",
        "records.erase", "records.hold", "records.lift_hold", "reopen", "void",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Authority(Rule):
    """权限: who may do an act. What has no row, nobody may.

    A lower layer may name fewer, keep it to some offices, and ask for a reason or a second person where none is asked
    for above.

    Attributes:
        by: words of :class:`Who` and ids of roles; one of them is enough.
        only: roles of which whoever does it must hold one there besides; empty: it is kept to none.
        reason: whether it is refused without one.
        four_eyes: whether another person who may do it has to agree.
        agree_within: so long that one may; what nobody has agreed to by then lapses.
    """

    by: tuple[str, ...]
    only: tuple[str, ...] = ()
    reason: bool = False
    four_eyes: bool = False
    agree_within: Period | None = None

    def lets(self, who: Who) -> bool:
        """Whether one of those that it names is this one."""
        return who.value in self.by
