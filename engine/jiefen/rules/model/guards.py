"""硬性约束, 权限: what no layer may break, and who may do what. Guards are proved at load, and not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, kw_only=True)
class Authority(Rule):
    """权限: who may do an act. What has no row, nobody may.

    A lower layer may name fewer, and ask for a reason where none is asked for above.

    Attributes:
        by: words of :class:`Who` and ids of roles; one of them is enough.
        reason: whether it is refused without one.
    """

    by: tuple[str, ...]
    reason: bool = False

    def lets(self, who: Who) -> bool:
        """Whether one of those that it names is this one."""
        return who.value in self.by
