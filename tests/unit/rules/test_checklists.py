"""Checklists in a rulebook: what is refused, and what a lower layer may not leave out."""

from __future__ import annotations

from typing import Any

import pytest

from jiefen.rules import check_rulebook, load_rulebook

_RULE = "title: {zh: 单, en: L}, because: {policy: {zh: 无, en: none}}, from: 2020-01-01, owner: x, confidence: policy"


def codes(book: Any, **lists: str) -> list[str]:
    for layer, fields in lists.items():
        where = "nation/a.yaml" if layer == "nation" else "1404/a.yaml"
        book.write(where, f"checklists:\n  one: {{{_RULE}, {fields}}}\n")
    return [one.code for one in check_rulebook(book.root)]


def item(id: str, more: str = "") -> str:
    return f"{{id: {id}, title: {{zh: 项, en: Item}}{more}}}"


@pytest.mark.parametrize(("fields", "right"), [
    (f"per: visit, items: [{item('a')}, {item('b')}]", True),
    (f"per: visit, visits: field_visit, items: [{item('a')}]", True),
    (f"per: case, visits: [reception], items: [{item('a')}]", False),
    (f"per: visit, items: [{item('a')}, {item('a')}]", False),
    ("per: visit, items: []", False),
    (f"per: month, items: [{item('a')}]", False),
    (f"per: visit, items: [{item('a', ', when: {nothing: 1}')}]", False),
])  # fmt: skip
def test_what_could_not_work_is_refused(book: Any, fields: str, right: bool) -> None:
    assert (codes(book, nation=fields) == []) is right
    if right:
        assert load_rulebook(book.root).view(None).checklists["one"].for_case({})[0].id == "a"


@pytest.mark.parametrize(("fields", "found"), [
    (f"visits: [led_visit, reception], items: [{item('a')}, {item('b')}, {item('c')}]", []),
    (f"visits: led_visit, items: [{item('a')}]", ["looser-layer"]),
    (f"items: [{item('a')}, {item('b')}]", ["looser-layer"]),
])  # fmt: skip
def test_a_lower_layer_adds_and_leaves_nothing_out(book: Any, fields: str, found: list[str]) -> None:
    above = f"per: visit, visits: led_visit, items: [{item('a')}, {item('b')}]"
    assert codes(book, nation=above, local=f"override: true, per: visit, {fields}") == found
