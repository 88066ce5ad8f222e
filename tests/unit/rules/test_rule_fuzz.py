"""Whatever stands in the files, the check answers with findings: a sound rulebook is broken in random places."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jiefen.notation.yaml import load
from jiefen.rules import check_rulebook
from tests.support.chance import examples

from .conftest import FACTS, TABLE, WORDS

_EVERYTHING = """
deadlines:
  d: {COMMON, kind: duty, holder: head, anchor: accepted, date: since, when: {kind: labour}, length: 60 d,
      extension: [{length: 30 d, times: 1, approver: head, notice: {to: [clerk], form: told}}, {ground: 复杂}],
      stops: [answered],
      suspensions: [hearing], interruptions: [request], on_expiry: supervise, ladder: l, within: e}
  e: {TITLE, owner: o, confidence: V, kind: right, anchor: served, on_expiry: right_lost, versions: [
      {from: 2020-01-01, to: 2024-12-31, length: 6 mo,
       because: {law: 法, version: 2020, article: 第一条, figure: 六个月}},
      {from: 2025-01-01, length: 3 mo, because: {law: 法, version: 2025, article: 第二条, figure: [三个月]}}]}
ladders:
  l: {COMMON, rungs: [{id: a, before: 3 d, to: holder, action: warn}, {id: b, after: 1 wd, to: clerk, level: county,
      action: supervise_list, by: head, reply: 3 wd, urgent: true}]}
gradings:
  g: {COMMON, output: way, colours: [{id: court, at_least: 5}, {id: talk, at_least: 0}],
      indicators: [{id: x, TITLE, when: {urgent: true}, weight: 5},
                   {id: y, TITLE, fact: persons, weight: 1, at_most: 9}]}
assignments:
  a: {COMMON, kind: body, entries: [{id: x, TITLE, role: clerk, level: village, when: {amount: '> 5'}}]}
patterns:
  p: {COMMON, occurrence: x, recognise: {when: {kind: labour}, months: [3], count: 5, within: 30 d, same: [kind, area]},
      mode: in_advance, lead: 30 d}
routines:
  u: {COMMON, schedule: {every: week, days: [monday], at: ['09:00'], lasts: 1}, holiday: skip, role: clerk,
      list: [{id: x, TITLE}]}
guards:
  one: {COMMON, table: way, where: {kind: labour}, must: {way: board}}
  two: {COMMON, deadlines: {kind: right}, must: {suspensions: not(hearing)}}
tables:
  more: {COMMON, hit: priority, inputs: [kind, amount, urgent, since, area, seats], outputs: {score: [1, 2]},
      default: {score: 2}, requires: [kind], rows: [
      {id: r, then: {score: 1}, when: {kind: [labour, family], amount: '[1..5)', since: '>= 2026-01-01',
       area: '"a, b"', seats: not(police)}},
      {id: s, when: {urgent: [false, missing], amount: null}, then: {score: 2}, from: 2024-01-01}]}
"""
_TITLE = "title: {zh: 甲, en: A}"
_COMMON = f"{_TITLE}, from: 2020-01-01, owner: o, confidence: policy, because: {{policy: {{zh: 甲, en: A}}}}"
_FILES = {
    "facts.yaml": FACTS,
    "words.yaml": WORDS,
    "nation/way.yaml": TABLE,
    "nation/all.yaml": _EVERYTHING.replace("COMMON", _COMMON).replace("TITLE", _TITLE),
    "140429/tests/t.yaml": "tests:\n  - {name: x, table: way, as_of: 2026-01-01, given: {kind: labour}, "
    "expect: {way: board}, row: work}\n",
}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of the data."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [path, *(found for key, entry in entries for found in _paths(entry, (*path, key)))]


def _written(value: Any) -> str:
    """Data as YAML in flow style; dates bare, as people write them."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(
                f"{json.dumps(key, ensure_ascii=False)}: {_written(entry)}" for key, entry in value.items()
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return (
        value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False, default=str)
    )


def _loaded() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        data = {}
        for name, text in _FILES.items():
            path = Path(folder, Path(name).name)
            path.write_text(text, encoding="utf-8")
            data[name] = _plain(load(path).data)
        return data


_DATA = _loaded()
_PLACES = [(name, path) for name, data in _DATA.items() for path in _paths(data) if path]
_WORDS = sorted(
    {str(step) for _, path in _PLACES for step in path}
    | {"labour", "accepted", "clerk", "way", "d", "> 5", "[1..", "60 d"}
)
_junk: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3000)
    | st.dates(date(1, 1, 1), date(9999, 12, 31))
    | st.sampled_from(_WORDS)
    | st.text("甲a-[](){}'\"<>=.,:#0 ", max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=2),
    max_leaves=4,
)


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """``value`` with the part at ``path`` replaced, or taken out when ``new`` is ``...``."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = _changed(copy[path[0]], path[1:], new)
    return copy


def _check(files: dict[str, Any]) -> list[str]:
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_written(data), encoding="utf-8")
        return [finding.code for finding in check_rulebook(Path(folder)) if str(finding)]


def test_the_rulebook_that_is_broken_below_is_sound() -> None:
    assert [code for code in _check(_DATA) if code != "no-successor"] == []


@examples(200)
@given(st.sampled_from(_PLACES), _junk | st.just(...))
def test_one_wrong_part_anywhere_is_a_finding_or_no_matter_but_never_an_exception(
    place: tuple[str, tuple[Any, ...]], new: Any
) -> None:
    name, path = place
    codes = _check({**_DATA, name: _changed(_DATA[name], path, new)})
    assert all(code and code == code.lower() for code in codes)
