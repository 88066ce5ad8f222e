"""Kinds of documents in a rulebook: what is refused, and what a lower layer may not take away."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.designer.documents import check_layouts
from jiefen.notation.blanks import blanks_of, filled, full_width, stray_brace
from jiefen.rules import check_rulebook, load_rulebook
from tests.conformance.layouts import layouts

_RULE = """\
    title: {zh: 单, en: L}
    because: {policy: {zh: 无, en: none}}
    from: 2020-01-01
    owner: x
    confidence: policy
    organ: {zh: 所, en: Office}
"""
_ABOVE = """\
    made_by: [clerk]
    signed_by: [clerk]
    number: '信〔{year}〕{n}号'
    served: true
    ways: [direct, post]
    contents:
      why: {title: {zh: 理由, en: Why}}
    lines:
      - {zh: '{said.why}', en: '{said.why}'}
"""


def codes(book: Any, **layers: str) -> list[str]:
    for layer, fields in layers.items():
        where = "nation/a.yaml" if layer == "nation" else "1404/a.yaml"
        book.write(where, f"documents:\n  one:\n{_RULE}{fields}")
    return [one.code for one in check_rulebook(book.root)]


@pytest.mark.parametrize(("was", "becomes", "code"), [
    ("{said.why}', en: '{said.why}", "{said.wy}{said.why}', en: '{said.wy}{said.why}", "unknown-blank"),
    ("{said.why}', en: '{said.why}", "{length:x.y}{said.why}', en: '{length:x.y}{said.why}", "unknown-deadline"),
    ("{said.why}', en: '{said.why}", "{long:x.y}{said.why}', en: '{long:x.y}{said.why}", "unknown-blank"),
    ("en: '{said.why}'", "en: none", "blanks-differ"),
    ("{said.why}', en: '{said.why}", "{said.why}}', en: '{said.why}", "stray-brace"),
    ("{said.why}', en: '{said.why}", "a', en: 'a", "content-missing"),
    ("{year}〕{n}", "{year}〕", "document-number"),
    ("{year}〕{n}", "{yer}〕{n}{year}", "unknown-blank"),
    ("    served: true\n", "", "document-not-served"),
    ("made_by: [clerk]", "made_by: [clrk]", "unknown-role"),
])  # fmt: skip
def test_what_could_not_work_is_refused(book: Any, was: str, becomes: str, code: str) -> None:
    assert was in _ABOVE
    assert codes(book, nation=_ABOVE) == []
    assert code in codes(book, nation=_ABOVE.replace(was, becomes))


def test_a_wrong_blank_is_told_with_the_nearest(book: Any) -> None:
    codes(book, nation=_ABOVE.replace("{said.why}'", "{said.why}{document.nmber}'"))
    [hint] = {one.hint for one in check_rulebook(book.root)}
    assert "document.number" in hint


@pytest.mark.parametrize(("was", "becomes", "looser"), [
    ("单", "函", False),
    ("信〔{year}〕{n}号", "武信〔{year}〕{n}号", False),
    ("ways: [direct, post]", "ways: [direct]", False),
    ("why: {title: {zh: 理由, en: Why}}", "why: {title: {zh: 理由, en: Why}, optional: true}", True),
    ("ways: [direct, post]", "ways: [direct, electronic]", True),
    ("    signed_by: [clerk]\n", "", True),
    ("    number: '信〔{year}〕{n}号'\n", "", True),
    ("    ways: [direct, post]\n", "    ways: [direct]\n    addressed: case\n", True),
])  # fmt: skip
def test_a_lower_layer_words_it_and_leaves_nothing_out(
    book: Any, was: str, becomes: str, looser: bool
) -> None:
    local = f"    override: true\n{_ABOVE.replace(was, becomes)}"
    assert ("looser-layer" in codes(book, nation=_ABOVE, local=local)) is looser


def test_layouts_are_filled_once_to_see_whether_they_can_be(book: Any, tmp_path: Path) -> None:
    assert codes(book, nation=_ABOVE + "    layout: letter\n") == []
    folder = book.root / "nation/documents"
    folder.mkdir()
    rulebook = load_rulebook(book.root)
    assert [one.code for one in check_layouts(book.root, rulebook)] == ["unknown-layout"]
    good = layouts()["notice.docx"]
    (folder / "letter.docx").write_bytes(good)
    assert list(check_layouts(book.root, rulebook)) == []
    for wrong in (b"no archive", _with(good, b"{{ title }}", b"{{ titel }}")):
        (folder / "letter.docx").write_bytes(wrong)
        [found] = check_layouts(book.root, rulebook)
        assert (found.code, found.file) == ("bad-layout", str(folder / "letter.docx"))


def _with(layout: bytes, was: bytes, becomes: bytes) -> bytes:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(layout)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(was, becomes))
    return packed.getvalue()


def test_blanks() -> None:
    text = "自{accepted_on}起{length:petition.handle}内,{said.why}{accepted_on}"
    assert blanks_of(text) == ("accepted_on", "length:petition.handle", "said.why")
    assert filled(text, {"accepted_on": "昨天", "said.why": "{x}"}) == "自昨天起内,{x}昨天"
    assert full_width("{due:a.b}:(完)") == "{due:a.b}\uff1a\uff08完\uff09"
    assert stray_brace("{a}{") is not None
    assert stray_brace("{a}{b.c}{length:d.e}") is None


@given(st.text())
def test_only_marks_change_and_never_a_blank(text: str) -> None:
    changed = full_width(text)
    assert len(changed) == len(text)
    assert blanks_of(changed) == blanks_of(text)
    assert re.sub(r"[,;:()?!\uff0c\uff1b\uff1a\uff08\uff09\uff1f\uff01]", "", changed) == re.sub(
        r"[,;:()?!\uff0c\uff1b\uff1a\uff08\uff09\uff1f\uff01]", "", text
    )
