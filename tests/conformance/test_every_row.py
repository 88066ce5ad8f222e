"""Every verified row of the statutory procedures runs, or says why not."""

from __future__ import annotations

from functools import cache

import pytest

from jiefen import Engine
from jiefen.designer.starts import find_starts
from jiefen.rules import DeadlineRule
from tests.conformance.rows import CARRIED, NO_RULE, VERIFIED
from tests.conformance.test_national_pack import DEADLINES, ELSEWHERE
from tests.support.asking import rulebook
from tests.support.walks import processes


@cache
def started() -> frozenset[str]:
    """The deadlines that something in ordinary use starts."""
    return frozenset(one.rule.id for one in find_starts(rulebook(), processes()) if not one.nothing)


@pytest.mark.parametrize("row", VERIFIED)
def test_a_row_runs_or_says_why_not(row: str) -> None:
    deadlines = set(DEADLINES.get(row, ()))
    assert deadlines <= started(), f"{row}: nothing starts {deadlines - started()}"
    rules = {rule.id for rule in rulebook().rules() if rule.active}
    assert set(ELSEWHERE.get(row, ())) <= rules
    assert deadlines or row in ELSEWHERE or row in CARRIED or row in NO_RULE, f"nothing carries {row}"


@pytest.mark.parametrize(("row", "carrier"), CARRIED.items(), ids=list(CARRIED))
def test_what_carries_a_row_is_there(row: str, carrier: str) -> None:
    kind, *names = carrier.split()
    book = rulebook().view()
    if kind == "element":
        process, _, element = names[0].partition(".")
        assert processes().element(process, element), row
    elif kind == "row":
        table, _, name = names[0].partition("/")
        assert name in {one.id for one in book.tables[table].rows}, row
    elif kind == "table":
        assert names[0] in book.tables, row
    elif kind == "call":
        assert callable(getattr(Engine, names[0])), row
    elif kind == "deadline":
        assert names[0] in started(), row
    else:
        rule = book.deadlines[names[0]]
        assert isinstance(rule, DeadlineRule)
        assert names[1] in rule.versions[-1].suspensions, row


def test_a_row_without_a_rule_is_in_one_list() -> None:
    assert not set(CARRIED) & set(NO_RULE)
    assert set(CARRIED) | set(NO_RULE) <= set(VERIFIED)
