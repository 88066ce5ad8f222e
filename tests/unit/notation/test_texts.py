"""Names, keys and texts that look alike are alike, and an error can show any value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import SYSTEM, Actor, FactError
from jiefen.case.arguments import check_actor, check_key
from jiefen.cli.frame.program import printable
from jiefen.notation.texts import escaped, key_problem, person_id, shown, visible, written

INVISIBLE = [chr(code) for code in (0x00AD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060)]
INVISIBLE += [chr(code) for code in (*range(0x2066, 0x206A), 0xFEFF)]
ENGINE = ["system", "SYSTEM", " System ", "ｓｙｓｔｅｍ", "sys\u200btem"]
MESSAGE = ["message:court.decided", "Message:x", "ｍessage：x"]


class Mute:
    def __repr__(self) -> str:
        raise RuntimeError("nothing to say")


@pytest.mark.parametrize("same", ["0618", "０６１８", " 0618\u00a0", *(f"06{one}18" for one in INVISIBLE)])
def test_a_person_has_one_id_however_it_is_written(same: str) -> None:
    assert Actor(same) == Actor("0618")


@given(st.text(max_size=50))
def test_the_form_in_which_ids_are_compared_is_final(text: str) -> None:
    assert person_id(person_id(text)) == person_id(text)


@pytest.mark.parametrize("id", ENGINE + MESSAGE)
def test_nobody_goes_by_the_names_of_the_engine(id: str) -> None:
    with pytest.raises(FactError, match="the engine itself"):
        Actor(id)
    with pytest.raises(FactError, match="the engine itself"):
        check_actor(SYSTEM)


@pytest.mark.parametrize("one", INVISIBLE)
def test_a_key_shows_all_it_holds(one: str) -> None:
    assert "character 3" in str(key_problem(f"ab{one}c"))
    with pytest.raises(FactError, match=r"U\+"):
        check_key(f"ab{one}c", "key of a case")


@pytest.mark.parametrize("one", INVISIBLE)
def test_texts_lose_what_nobody_sees_and_screens_write_it_out(one: str) -> None:
    assert written(f"张{one}三", "note") == visible(f"张{one}三") == "张三"
    assert one not in escaped(f"张{one}三")
    assert one not in printable(f"张{one}三\n")
    with pytest.raises(FactError, match="empty"):
        written(one, "note")


def test_an_error_shows_any_value_in_few_characters() -> None:
    values = (10**5000, -(10**5000), "x" * 10**7, "\ud800", "\u202e", b"x" * 100, Mute(), [10**5000], None)
    for value in values:
        text = shown(value)
        text.encode()
        assert 0 < len(text) <= 80
        assert "\u202e" not in text
