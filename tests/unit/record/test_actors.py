"""Who acts, and what they write: refused where it is given, with what is wrong, before a database has to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import EVERYWHERE, Actor, FactError
from jiefen.case.arguments import check_actor
from jiefen.notation.texts import MOST_ID, named, visible, written

BAD_TEXTS = [None, 5, b"a", ["a"], "", " \n", "a\0b", "\ud800", "x\udfff"]


@pytest.mark.parametrize("id", [*BAD_TEXTS, "x" * 201])
def test_an_actor_has_a_name_that_every_database_can_keep(id: Any) -> None:
    with pytest.raises(FactError, match="staff number"):
        Actor(id)


@pytest.mark.parametrize("roles", [None, "handling_organ", 5, [7], {"a": 1}])
def test_roles_are_a_set_of_ids(roles: Any) -> None:
    with pytest.raises(FactError, match="frozenset"):
        Actor("g-1", roles, EVERYWHERE)


def test_a_list_of_roles_becomes_a_set_and_blanks_are_no_part_of_a_name() -> None:
    assert Actor(" g-1\n", ["a", "b", "a"], EVERYWHERE) == Actor("g-1", frozenset({"a", "b"}), EVERYWHERE)  # type: ignore[arg-type]


@pytest.mark.parametrize("area", ["abc", 140429, "1404291"])
def test_the_area_of_an_actor_is_a_code(area: Any) -> None:
    with pytest.raises(FactError, match="area code"):
        Actor("g-1", area=area)


@pytest.mark.parametrize("by", [None, "g-1", 5, Actor])
def test_who_acts_is_an_actor(by: Any) -> None:
    with pytest.raises(FactError, match="give for example Actor"):
        check_actor(by)


@pytest.mark.parametrize("value", BAD_TEXTS)
def test_what_cannot_be_kept_is_not_written(value: Any) -> None:
    with pytest.raises(FactError, match="the note cannot be used: it"):
        written(value, "note")


@given(st.text())
def test_what_is_written_can_be_encoded_and_a_name_has_no_blanks_around_it(value: str) -> None:
    try:
        assert written(value, "note", MOST_ID) == visible(value)
        name = named(value, "leader")
    except FactError:
        return
    assert "\0" not in value.encode().decode()
    assert name == name.strip() != ""
