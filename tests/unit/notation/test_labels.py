"""A label is one text in two languages, and the mapping that JSON has of it."""

from __future__ import annotations

import msgspec
import pytest

from jiefen.notation.labels import Label

BOTH = {"zh": "期限", "en": "Deadline"}
LABEL = Label("期限", "Deadline")


def test_it_is_the_mapping_of_its_texts() -> None:
    assert LABEL == BOTH
    assert BOTH == LABEL
    assert dict(LABEL) == {**LABEL} == BOTH
    assert Label.of(BOTH) == LABEL
    assert (LABEL["zh"], LABEL.get("en"), LABEL.get("fr"), len(LABEL)) == ("期限", "Deadline", None, 2)
    assert {*LABEL} == {"zh", "en"}


def test_it_has_the_same_form_in_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(LABEL)) == BOTH


def test_equal_labels_are_one_key() -> None:
    assert {LABEL: 1}[Label("期限", "Deadline")] == 1
    assert Label("期限", "Time limit") != LABEL
    assert LABEL != "期限"


def test_a_value_is_put_in_by_language() -> None:
    words = Label("{title}已届满:{at}", "{title} is over: {at}")
    assert words.format(title=LABEL, at="{1}") == Label("期限已届满:{1}", "Deadline is over: {1}")


def test_a_mapping_without_both_languages_is_no_label() -> None:
    with pytest.raises(KeyError):
        Label.of({"zh": "期限"})
