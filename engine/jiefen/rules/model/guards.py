"""硬性约束: what no layer may break. Guards are proved when a rulebook is loaded; they are not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
