"""Which right a correction takes from a party: every deadline counts for itself, whatever others of its rule did."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from jiefen.desk.corrections import Right, lost, lost_by_correction

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def row(seq: int, status: str = "running", due: date | None = JUNE, rule: str = "sue") -> Any:
    return SimpleNamespace(seq=seq, rule=rule, due_on=due, status=status, kind="right")


def test_two_rights_of_one_rule_are_two() -> None:
    two = [Right(1, "sue", JUNE), Right(2, "sue", JULY)]
    assert lost_by_correction(two, [row(1), row(2, "cancelled", JULY)]) == two[1]
    assert lost_by_correction(two, [row(1, "cancelled"), row(2, due=JULY)]) == two[0]
    # One new deadline stands in for one of the two.
    gone = [row(1, "superseded"), row(2, "superseded", JULY), row(3, due=JULY)]
    assert lost_by_correction(two, gone) == two[0]
    assert lost_by_correction(two, [*gone, row(4)]) is None


def test_that_another_of_the_rule_was_used_once_says_nothing() -> None:
    right = Right(2, "sue", JULY)
    assert lost_by_correction([right], [row(1, "met"), row(2, "cancelled", JULY)]) == right


def test_what_the_correction_shows_to_be_used_is_not_lost() -> None:
    right = Right(2, "sue", JULY)
    assert lost_by_correction([right], [row(2, "met")]) is None
    assert lost_by_correction([right], [row(2, "superseded"), row(3, "met")]) is None


@pytest.mark.parametrize("due", [JULY, date(2026, 8, 1), None])
def test_one_that_ends_no_sooner_is_not_lost(due: date | None) -> None:
    assert lost_by_correction([Right(1, "sue", JULY)], [row(1, due=due)]) is None
    assert lost([Right(1, "sue", JULY)], [Right(9, "sue", due)]) is None


def test_one_that_ends_sooner_or_by_another_rule_is() -> None:
    right = Right(1, "sue", JULY)
    assert lost_by_correction([right], [row(1)]) == right
    assert lost([right], [Right(9, "review", JULY)]) == right


def test_whose_day_was_not_known_goes_on_by_any_day() -> None:
    assert lost_by_correction([Right(1, "sue", None)], [row(1)]) is None
