"""Texts are compared with their form as Python would, but in steps that grow with the text alone."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.notation import patterns
from jiefen.notation.patterns import MAX_PLACES, PatternError, TextPattern
from tests.support.chance import examples

ATOMS = st.sampled_from(["a", "b", "-", ".", "[ab]", "[^a]", "[a-c]", "\\d", "\\w", "\\s", "()", "解"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    times = st.sampled_from(["?", "*", "+", "*?", "{2}", "{0}", "{1,3}", "{0,2}", "{,2}", "{2,}"])
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, times).map(lambda pair: f"({pair[0]}){pair[1]}"),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=6)
TEXTS = st.text("ab-c1 解\n", max_size=8)


@examples(400)
@given(EXPRESSIONS, st.lists(TEXTS, max_size=6), st.sampled_from(["{}", "^{}$", "^{}|a$", "\\A{}\\Z"]))
def test_it_says_what_python_says(expression: str, texts: list[str], ends: str) -> None:
    expression = ends.format(expression)
    with suppress(PatternError):  # too many places
        pattern = TextPattern(expression)
        assert [pattern.matches(text) for text in texts] == [
            re.fullmatch(expression, text) is not None for text in texts
        ]


@pytest.mark.parametrize(
    "expression",
    [
        "(a|a?)+",
        "(a*)*b",
        "(a|a)*b",
        "(.*a){12}",
        "(a?){40}a{40}",
        "(x+x+)+y",
        "a*a*a*a*a*a*b",
        "([a-z]+)*[0-9]",
    ],
)
def test_no_expression_makes_a_text_expensive(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    step = TextPattern._step

    def counted(self: TextPattern, places: int, character: str) -> int:
        nonlocal steps
        steps += 1
        return step(self, places, character)

    monkeypatch.setattr(TextPattern, "_step", counted)
    pattern = TextPattern(expression)
    for text in ("a" * 10_000 + "!", "a" * 41, "x" * 10_000, "ab" * 5_000):
        steps = 0
        pattern.matches(text)
        assert steps <= len(text), "one step a character"
        assert len(pattern._kept) <= patterns._MAX_KEPT


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("[", "not a regular expression"),
        ("(a)\\1", "refers back"),
        ("(?=a)a", "looks ahead"),
        ("(?<!a)b", "looks ahead or back"),
        ("a\\bb", "in its middle"),
        ("a$b", "in its middle"),
        ("(?i)abc", "flags"),
        ("(?i:abc)d", "flags"),
        ("(?>a+)a", "going back"),
        ("(((a{30}){30}){30}){30}", f"more than {MAX_PLACES}"),
        ("a{1000000000}", f"more than {MAX_PLACES}"),
        (".{0,10000}", f"more than {MAX_PLACES}"),
        ("a" * 2_000, "more than 1000"),
        ("(" * 900 + ")" * 900, "more than 1000"),
    ],
)
def test_what_is_not_taken_is_told_with_the_way_to_write_it(expression: str, said: str) -> None:
    with pytest.raises(PatternError) as error:
        TextPattern(expression)
    assert said in error.value.message
    assert error.value.hint


@pytest.mark.parametrize("expression", ["(){1000000000}", "(a{0}){0,900000000}", "(?:(?:)*)*", "(((a?)*)*)*"])
def test_emptiness_is_not_repeated(expression: str) -> None:
    assert TextPattern(expression).matches("")


def test_what_counties_write() -> None:
    telephone = TextPattern("1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
    assert telephone.matches("0355-6531234")
    assert telephone.matches("13800000000")
    assert not telephone.matches("110")
    assert TextPattern("[0-9]{15}|[0-9]{17}[0-9Xx]").matches("14042919800101001X")
    assert not TextPattern("[0-9]{2,15}").matches("140429\n")
