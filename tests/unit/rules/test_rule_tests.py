"""Tests as data: what passes, what fails and how it is said, and which rows nothing reaches."""

from __future__ import annotations

from typing import Any

import pytest

from jiefen.bundled import bundled
from jiefen.errors import RuleError
from jiefen.rules import TestReport, check_rulebook, run_tests

GOOD = """
tests:
  - {name: work, table: way, as_of: 2026-03-01, given: {kind: labour}, expect: {way: board}, row: work}
  - {name: money, table: way, as_of: 2026-03-01, given: {kind: lending}, expect: {way: court}, row: money}
  - {name: home, table: way, as_of: 2026-03-01, given: {kind: family}, expect: {way: talk}}
"""


def run(book: Any, text: str = GOOD) -> TestReport:
    book.write("nation/tests/way.yaml", text)
    return run_tests(book.root)


def problems(report: TestReport) -> list[str]:
    return [problem for result in report.results for problem in result.problems]


def test_every_row_reached_and_every_test_passed(book: Any) -> None:
    report = run(book)
    assert (report.passed, report.rows, report.unreached, len(report.results)) == (True, 3, (), 3)


def test_a_row_that_no_test_reaches_fails_the_run(book: Any) -> None:
    report = run(
        book, GOOD.replace("{kind: family}, expect: {way: talk}", "{kind: labour}, expect: {way: board}")
    )
    assert (report.passed, report.unreached, problems(report)) == (False, ("nation:way/home",), [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("way: board}", "way: court}"), "way is board, expected court"),
        (("row: work", "row: money"), "decided by work, expected money"),
        (("row: work", "row: none"), "decided by work, expected no row"),
        (("{way: board}", "{wey: board}"), "did you mean 'way'"),
        (
            (
                "table: way, as_of: 2026-03-01, given: {kind: labour}",
                "table: ways, as_of: 2026-03-01, given: {kind: labour}",
            ),
            "did you mean 'way'",
        ),
        (
            ("as_of: 2026-03-01, given: {kind: labour}", "as_of: 2019-03-01, given: {kind: labour}"),
            "not in force on 2019-03-01",
        ),
        (("given: {kind: labour}", "given: {}"), "needs fact 'kind'"),
    ],
)
def test_what_is_not_as_expected_is_said(book: Any, change: tuple[str, str], words: str) -> None:
    assert change[0] in GOOD
    report = run(book, GOOD.replace(change[0], change[1], 1))
    (problem,) = problems(report)
    assert words in problem
    assert not report.passed


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("tests:\n  - {name: x, as_of: 2026-03-01, given: {}, expect: {way: board}}\n", "test-subject", 2),
        ("tests:\n  - {name: x, table: way, given: {}, expect: {way: board}}\n", "test-date", 2),
        (
            "tests:\n  - {name: x, table: way, as_of: 2026-03-01, given: {kind: labor}, expect: {way: board}}\n",
            "bad-fact",
            2,
        ),
        (
            "tests:\n  - {name: x, table: way, as_of: 2026-03-01, given: {}, expects: {way: board}}\n",
            "unknown-key",
            2,
        ),
        ("tests:\n  - {name: x\n", "yaml-syntax", 3),
        ("test: []\n", "unknown-key", 1),
    ],
)
def test_a_badly_written_test_is_found_by_the_check_and_never_run(
    book: Any, text: str, code: str, line: int
) -> None:
    book.write("nation/tests/way.yaml", text)
    findings = {finding.code: finding for finding in check_rulebook(book.root)}
    assert findings[code].line == line
    with pytest.raises(RuleError):
        run_tests(book.root)


def test_deadlines_gradings_and_assignments_are_asked_too(book: Any) -> None:
    rule = "title: {zh: 甲, en: A}, from: 2020-01-01, owner: o, confidence: policy, because: {policy: {zh: 甲, en: A}}"
    book.write(
        "nation/more.yaml",
        f"""
        deadlines:
          d: {{{rule}, kind: duty, anchor: accepted, length: 60 d, roll: next_working_day, on_expiry: supervise,
              when: {{kind: labour}}}}
        gradings:
          g: {{{rule}, output: way, colours: [{{id: court, at_least: 5}}, {{id: talk, at_least: 0}}],
              indicators: [{{id: x, title: {{zh: 甲, en: A}}, when: {{urgent: true}}, weight: 5}}]}}
        assignments:
          a: {{{rule}, kind: body, entries: [{{id: x, title: {{zh: 甲, en: A}}, role: clerk}}]}}
        """,
    )
    # Sixty days from 3 August 2026 end on 2 October, a holiday; the first day after it is 8 October (XF-05).
    (book.root / "calendars").symlink_to(bundled("rules") / "calendars", target_is_directory=True)
    more = """
  - {name: due, deadline: d, start: 2026-08-03, given: {kind: labour},
     expect: {due: 2026-10-08, applies: true, length: 60 d}}
  - {name: not due, deadline: d, start: 2026-08-03, given: {}, expect: {applies: false, version: 2020-01-01}}
  - {name: red, grading: g, as_of: 2026-03-01, given: {urgent: true}, expect: {way: court, score: 5}}
  - {name: who, assignment: a, as_of: 2026-03-01, given: {}, expect: {entries: [x]}}
"""
    report = run(book, GOOD.rstrip() + more)
    assert (problems(report), report.passed) == ([], True)
    wrong = run(book, GOOD.rstrip() + more.replace("due: 2026-10-08", "due: 2026-10-02"))
    assert problems(wrong) == ["due is 2026-10-08, expected 2026-10-02"]


def test_a_test_of_a_layer_asks_that_area(book: Any) -> None:
    local = (book.root / "nation/way.yaml").read_text().replace("  way:\n", "  way:\n    override: true\n", 1)
    book.write("140429/way.yaml", local.replace("{way: board}", "{way: talk}"))
    book.write("140429/tests/way.yaml", GOOD.replace("{way: board}", "{way: talk}"))
    report = run(book)
    assert (problems(report), report.rows, report.unreached) == ([], 6, ())
