"""A deadline and its row: what is kept is read back, and the row has the columns of the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from jiefen.bundled import bundled
from jiefen.deadlines.running import restored, start
from jiefen.errors import NotFound
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.rows import CHANGING, FIXED, DeadlineRow
from jiefen.rules import Rulebook, load_rulebook
from jiefen.store import schema

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(bundled("rules"))


def test_a_row_has_the_columns_of_the_table_in_their_order() -> None:
    assert list(DeadlineRow._fields) == schema.deadline.c.keys()


def test_the_key_of_a_row_never_changes() -> None:
    assert {column.name for column in schema.deadline.primary_key} <= FIXED
    assert FIXED.isdisjoint(CHANGING)
    assert FIXED | set(CHANGING) == set(DeadlineRow._fields)


def test_what_is_kept_is_read_back(rulebook: Rulebook) -> None:
    rule = rulebook.view().deadline("petition.handle")
    anchor = rule.versions[-1].anchor
    deadline = start(3, rule, anchor, date(2026, 3, 1), {}, NOW)
    assert deadline is not None
    deadline = replace(
        deadline,
        status=DeadlineStatus.EXPIRED,
        extensions=[{"length": "30 d", "approver": "head"}],
        suspensions=[{"ground": "g", "from": "2026-03-03", "to": None, "by": "clerk"}],
        due_on=date(2026, 5, 1),
        due_at=NOW,
        provisional=True,
        calendar="c",
        edition="e",
        closed_at=NOW,
        closed_by="system",
    )
    assert restored(deadline.row(7), rulebook, None) == deadline


def test_a_row_without_its_rule_is_refused(rulebook: Rulebook) -> None:
    rule = rulebook.view().deadline("petition.handle")
    deadline = start(1, rule, rule.versions[-1].anchor, date(2026, 3, 1), {}, NOW)
    assert deadline is not None
    with pytest.raises(NotFound, match=r"no layer .* petition\.gone"):
        restored(deadline.row(7)._replace(rule="petition.gone"), rulebook, None)
