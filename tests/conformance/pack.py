"""The national pack as its tests read it."""

from __future__ import annotations

from pathlib import Path

from jiefen.rules import NATION, DeadlineRule, Rule, Rulebook

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"


def nation_of(rulebook: Rulebook) -> list[Rule]:
    return [rule for rule in rulebook.rules() if rule.layer == NATION]


def deadlines_of(rulebook: Rulebook) -> dict[str, DeadlineRule]:
    return {rule.id: rule for rule in nation_of(rulebook) if isinstance(rule, DeadlineRule)}
