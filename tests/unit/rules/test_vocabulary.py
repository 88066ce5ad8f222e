"""Facts: types, domains, JSON, and messages that help without giving personal data away."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.errors import FactError
from jiefen.notation.texts import visible
from jiefen.record.kinds import Grade
from jiefen.rules import Fact, FactType, Label, Vocabulary

LABEL = Label("标题", "title")
KIND = Fact(
    id="kind", type=FactType.CHOICE, title=LABEL, values={"labour": Label("劳动", "Labour"), "family": LABEL}
)
AMOUNT = Fact(id="amount", type=FactType.MONEY, title=LABEL, minimum=Decimal(0), maximum=Decimal(1000))
PERSONS = Fact(id="persons", type=FactType.INTEGER, title=LABEL, minimum=1, maximum=9)
URGENT = Fact(id="urgent", type=FactType.BOOLEAN, title=LABEL)
DAY = Fact(id="day", type=FactType.DATE, title=LABEL, minimum=date(2000, 1, 1))
NAME = Fact(id="name", type=FactType.TEXT, title=LABEL, max_length=5, grade=Grade.PERSONAL)
SEATS = Fact(
    id="seats",
    type=FactType.LIST,
    of=FactType.CHOICE,
    title=LABEL,
    values={"a": LABEL, "b": LABEL},
    max_items=2,
)
VOCABULARY = Vocabulary({fact.id: fact for fact in (KIND, AMOUNT, PERSONS, URGENT, DAY, NAME, SEATS)})


@pytest.mark.parametrize(
    ("fact", "value", "plain"),
    [
        (KIND, "labour", "labour"),
        (AMOUNT, 5, Decimal(5)),
        (AMOUNT, Decimal("5.25"), Decimal("5.25")),
        (PERSONS, 9, 9),
        (URGENT, False, False),
        (DAY, date(2026, 3, 1), date(2026, 3, 1)),
        (SEATS, ["a", "b"], ("a", "b")),
        (NAME, "王五", "王五"),
        (KIND, None, None),
    ],
)
def test_values_in_the_domain_come_out_plain(fact: Fact, value: object, plain: object) -> None:
    assert VOCABULARY.check(fact.id, value) == plain


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        (KIND, "labor", "did you mean 'labour'"),
        (KIND, 5, "not one of its values"),
        (AMOUNT, 1.5, "an int or a Decimal"),
        (AMOUNT, Decimal("0.001"), "at most two decimals"),
        (AMOUNT, Decimal("NaN"), "at most two decimals"),
        (AMOUNT, Decimal("Infinity"), "at most two decimals"),
        (AMOUNT, -1, "below the smallest value, 0"),
        (AMOUNT, 1001, "above the greatest value, 1000"),
        (PERSONS, True, "not a whole number"),
        (PERSONS, "5", "not a whole number"),
        (URGENT, "true", "not true or false"),
        (URGENT, 1, "not true or false"),
        (DAY, "2026-03-01", "not a date"),
        (DAY, datetime(2026, 3, 1), "not a date"),  # noqa: DTZ001 - a naive instant is what is refused
        (DAY, date(1999, 12, 31), "below the smallest value, 2000-01-01"),
        (SEATS, "a", "not a list"),
        (SEATS, ["a", "c"], "not one of its values"),
        (SEATS, ["a", "a", "a"], "at most 2"),
        (NAME, "六个字的名字", "at most 5"),
    ],
)
def test_values_outside_the_domain_are_refused_with_the_reason(fact: Fact, value: object, words: str) -> None:
    with pytest.raises(FactError, match=f"(?s)fact '{fact.id}'.*{words}"):
        VOCABULARY.check(fact.id, value)


def test_an_unknown_fact_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(FactError, match="did you mean 'persons'"):
        VOCABULARY.check("person", 3)


def test_personal_data_never_stands_in_a_message() -> None:
    with pytest.raises(FactError) as caught:
        VOCABULARY.check("name", "张三李四王五")
    assert "张三" not in str(caught.value)
    assert NAME.shown("张三", "zh") == "***"


@pytest.mark.parametrize(
    ("text", "reason"), [("2026-02-30", "day of the calendar"), ("20260301", "not a date")]
)
def test_dates_in_json_must_exist(text: str, reason: str) -> None:
    with pytest.raises(FactError, match=reason):
        VOCABULARY.from_json({"day": text})


def test_money_in_json_is_read_as_it_is_written() -> None:
    assert VOCABULARY.from_json({"amount": 0.1}) == {"amount": Decimal("0.1")}
    assert VOCABULARY.from_json({"amount": "12.50"}) == {"amount": Decimal("12.50")}


values = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["labour", "family", None]),
        "amount": st.none() | st.decimals(0, 1000, places=2),
        "persons": st.none() | st.integers(1, 9),
        "urgent": st.none() | st.booleans(),
        "day": st.none() | st.dates(date(2000, 1, 1)),
        "name": st.none()
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5).map(
            visible
        ),
        "seats": st.none() | st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
    },
)


@given(values)
def test_json_there_and_back_changes_nothing(facts: dict[str, object]) -> None:
    assert VOCABULARY.from_json(VOCABULARY.to_json(facts)) == facts


@pytest.mark.parametrize("kind", list(FactType))
@pytest.mark.parametrize(
    "value",
    [10**5_000, -(10**5_000), [10**5_000], {"a": 10**5_000}, "\ud800", ["\ud800"], "x" * 10_000_000],
    ids=lambda value: type(value).__name__,
)
def test_no_value_is_too_odd_to_be_refused(kind: FactType, value: object) -> None:
    """Python does not write numbers of more than 4,300 digits."""
    fact = Fact(id="f", type=kind, title=Label("甲", "A"), values={"a": Label("甲", "A")}, maximum=None)
    with suppress(FactError):
        fact.check(value)
    with pytest.raises(FactError) as error:
        Vocabulary({"f": fact}).fact("f" * 10_000_000)
    assert len(str(error.value)) < 500
