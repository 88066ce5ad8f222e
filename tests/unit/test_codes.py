"""Codes of cases: a slip of the pen is found, and what people type is understood."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import FactError
from jiefen.record.counter.codes import ALPHABET, DRAWN, digest_of, new_code, read_code
from tests.support.chance import examples


def test_they_have_more_than_64_bits_and_no_look_alikes() -> None:
    assert math.log2(len(ALPHABET)) * DRAWN > 64
    for alike in ("0OQ", "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set(alike) & set(ALPHABET)) <= 1
    assert len({new_code() for _ in range(500)}) == 500


_WIDE = {ord(one): ord(one) + 0xFEE0 for one in ALPHABET}
_FORMS = {
    "small": str.lower,
    "bare": lambda code: code.replace("-", ""),
    "blanks": lambda code: f" {code} ",
    "wide": lambda code: code.translate(_WIDE),
}


@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS)
def test_how_it_is_typed_does_not_matter(form: object) -> None:
    code = new_code()
    assert callable(form)
    assert digest_of(form(code)) == digest_of(code)
    assert code.replace("-", "") not in digest_of(code)


@examples(200)
@given(at=st.integers(0, DRAWN), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_a_slip(at: int, other: str) -> None:
    plain = read_code(new_code())
    wrong = plain[:at] + other + plain[at + 1 :]
    if wrong != plain:
        with pytest.raises(FactError, match="slip of the pen"):
            read_code(wrong)


@examples(200)
@given(one=st.integers(0, DRAWN), two=st.integers(0, DRAWN))
def test_two_that_changed_places_are_a_slip(one: int, two: int) -> None:
    plain = list(read_code(new_code()))
    plain[one], plain[two] = plain[two], plain[one]
    swapped = "".join(plain)
    if plain[one] != plain[two]:
        with pytest.raises(FactError, match="slip of the pen"):
            read_code(swapped)


@pytest.mark.parametrize("typed", ["", "3A4C", "0" * 16, "x" * 200, None, 7, "3A4C-3A4C-3A4C-3A4Z"])
def test_what_cannot_be_a_code_is_told(typed: object) -> None:
    with pytest.raises(FactError):
        read_code(typed)
