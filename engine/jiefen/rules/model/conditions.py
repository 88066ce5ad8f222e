"""Several conditions together, outside tables: when a deadline runs, when an indicator counts."""

from __future__ import annotations

from collections.abc import Mapping

from jiefen.rules.model.unary import MISSING, Test


def holding(when: Mapping[str, Test], facts: Mapping[str, object]) -> bool:
    """Whether every condition holds for ``facts`` (plain values; absent ones are missing)."""
    return all(test.holds(facts.get(name, MISSING)) for name, test in when.items())
