"""Conditions: the unary tests of DMN, and what is ours about missing facts and lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.rules import MISSING, ConditionError, Fact, FactType, Label, parse_test

LABEL = Label("标题", "title")
KIND = Fact(id="kind", type=FactType.CHOICE, title=LABEL, values=dict.fromkeys(("a", "b", "c"), LABEL))
NUMBER = Fact(id="number", type=FactType.INTEGER, title=LABEL)
MONEY = Fact(id="money", type=FactType.MONEY, title=LABEL)
FLAG = Fact(id="flag", type=FactType.BOOLEAN, title=LABEL)
DAY = Fact(id="day", type=FactType.DATE, title=LABEL)
TEXT = Fact(id="text", type=FactType.TEXT, title=LABEL)
LIST = Fact(id="list", type=FactType.LIST, of=FactType.CHOICE, title=LABEL, values=KIND.values)


@pytest.mark.parametrize(
    ("fact", "raw", "holds", "fails"),
    [
        (KIND, "a", ["a"], ["b"]),
        (KIND, '"a"', ["a"], ["b"]),
        (KIND, ["a", "b"], ["a", "b"], ["c"]),
        (KIND, "a, b", ["a", "b"], ["c"]),
        (KIND, "not(a, b)", ["c"], ["a", "b"]),
        (NUMBER, 5, [5], [4, 6]),
        (NUMBER, "-5", [-5], [5]),
        (NUMBER, "> 5", [6], [5, 4]),
        (NUMBER, ">= 5", [5, 6], [4]),
        (NUMBER, "<5", [4], [5]),
        (NUMBER, "<= 5", [5], [6]),
        (NUMBER, "[1..5]", [1, 5], [0, 6]),
        (NUMBER, "[1..5)", [1, 4], [0, 5]),
        (NUMBER, "(1..5]", [2, 5], [1]),
        (NUMBER, "]1..5[", [2, 4], [1, 5]),
        (NUMBER, "]1..5], 9", [2, 5, 9], [1, 8]),
        (NUMBER, ["< 2", "> 8"], [1, 9], [2, 8]),
        (NUMBER, "not([2..8])", [1, 9], [2, 8]),
        (MONEY, "> 0.5", [Decimal("0.51")], [Decimal("0.50")]),
        (MONEY, Decimal("0.50"), [Decimal("0.5")], [Decimal("0.51")]),
        (FLAG, True, [True], [False]),
        (FLAG, "true", [True], [False]),
        (FLAG, [False, "missing"], [False, MISSING], [True, None]),
        (DAY, date(2026, 3, 1), [date(2026, 3, 1)], [date(2026, 3, 2)]),
        (DAY, ">= 2026-03-01", [date(2026, 3, 1)], [date(2026, 2, 28)]),
        (DAY, '[date("2026-03-01")..2026-03-31]', [date(2026, 3, 31)], [date(2026, 4, 1)]),
        (TEXT, "甲", ["甲"], ["乙"]),
        (TEXT, '"甲, 乙"', ["甲, 乙"], ["甲"]),
        (LIST, "a", [("a",), ("a", "b")], [(), ("b",)]),
        (LIST, ["a", "b"], [("a",), ("b", "c")], [("c",)]),
        (LIST, "not(a)", [(), ("b",)], [("a", "b")]),
    ],
)
def test_a_condition_holds_for_these_values(
    fact: Fact, raw: object, holds: list[object], fails: list[object]
) -> None:
    test = parse_test(raw, fact)
    assert [value for value in holds if not test.holds(value)] == []
    assert [value for value in fails if test.holds(value)] == []


@pytest.mark.parametrize(
    ("raw", "missing", "null"),
    [
        ("-", True, True),
        ("missing", True, False),
        (None, False, True),
        ("null", False, True),
        ("not(null)", False, False),
        (5, False, False),
        ("> 5", False, False),
        ("not(5)", False, True),
        ("not(> 5)", False, False),
        ("not([1..2])", False, False),
        (["missing", 5], True, False),
        (["missing", None], True, True),
    ],
)
def test_missing_and_null_are_different(raw: object, missing: bool, null: bool) -> None:
    test = parse_test(raw, NUMBER)
    assert (test.holds(MISSING), test.holds(None)) == (missing, null)


@pytest.mark.parametrize(
    ("fact", "raw", "message", "hint"),
    [
        (KIND, "d", "not a value of kind", "known are a, b, c"),
        (KIND, "> a", "cannot be compared", "name its values"),
        (KIND, ["a", "x"], "x is not a value", "known are"),
        (KIND, [], "empty list", "leave the fact out"),
        (KIND, "a,,b", "not a condition", "commas"),
        (KIND, '"a', "not a condition", "commas"),
        (KIND, "not(not(a))", "cannot stand inside", "alone"),
        (KIND, "a, -", "cannot stand inside", "alone"),
        (NUMBER, "five", "not a value of number", "a whole number"),
        (NUMBER, "> 5.5", "not a whole number", "a whole number"),
        (NUMBER, "[5..1]", "contains nothing", "smaller bound first"),
        (NUMBER, "(5..5]", "contains nothing", "smaller bound first"),
        (FLAG, "yes", "not a value of flag", "true, false"),
        (DAY, "2026-02-30", "not a day of the calendar", "correct"),
        (DAY, "> yesterday", "not a date", "2026-03-01"),
        (TEXT, 370400, "not a value of text", "quotes"),
        (LIST, "d", "not a value of list", "known are"),
    ],
)
def test_what_is_no_condition_is_refused_with_a_hint(
    fact: Fact, raw: object, message: str, hint: str
) -> None:
    with pytest.raises(ConditionError, match=message) as caught:
        parse_test(raw, fact)
    assert hint in caught.value.hint


bounds = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).filter(lambda pair: pair[0] < pair[1])
simple = st.one_of(
    st.integers(-9, 9).map(str),
    st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), st.integers(-9, 9)),
    st.builds("{1}{0[0]}..{0[1]}{2}".format, bounds, st.sampled_from("[(]"), st.sampled_from("])[")),
)
conditions = st.one_of(
    simple,
    st.lists(simple, min_size=1, max_size=3),
    st.lists(simple, min_size=1, max_size=3).map(lambda parts: f"not({', '.join(parts)})"),
)


@given(conditions, st.integers(-11, 11))
def test_what_a_condition_prints_means_the_same(raw: object, value: int) -> None:
    test = parse_test(raw, NUMBER)
    printed = str(test)
    again = parse_test(printed[1:-1] if isinstance(raw, list) and len(raw) > 1 else printed, NUMBER)
    assert again == test
    assert again.holds(value) == test.holds(value)


@given(st.lists(simple, min_size=1, max_size=3), st.integers(-11, 11))
def test_not_is_the_opposite_for_every_value(parts: list[str], value: int) -> None:
    assert parse_test(parts, NUMBER).holds(value) != parse_test(f"not({', '.join(parts)})", NUMBER).holds(
        value
    )


@given(st.text(max_size=30), st.sampled_from([KIND, NUMBER, MONEY, FLAG, DAY, TEXT, LIST]))
def test_no_text_does_more_than_be_refused(text: str, fact: Fact) -> None:
    try:
        test = parse_test(text, fact)
    except ConditionError as error:
        hint = error.hint
    else:
        hint = str(test)
    assert hint
