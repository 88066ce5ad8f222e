"""测试用例: tests that lie beside the rules as data, and what they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from jiefen.errors import JiefenError, RuleError
from jiefen.findings import Finding, errors_in
from jiefen.notation.labels import plain, suggestion
from jiefen.notation.shapes import Path, Report
from jiefen.notation.yaml import Document, load
from jiefen.periods import Calendar, Roll, calendars, due, load_calendar
from jiefen.rules.analysis.testfile import TESTS
from jiefen.rules.build.reading import Reading, read
from jiefen.rules.build.rulebook import Rulebook, rulebook_of
from jiefen.rules.build.verify import verify
from jiefen.rules.model.rule import NATION, Kind, Place
from jiefen.rules.model.tables import Table
from jiefen.rules.model.view import RuleView
from jiefen.rules.model.vocabulary import Vocabulary

_SUBJECTS = ("table", "deadline", "grading", "assignment")


@dataclass(frozen=True)
class CaseTest:
    """One test as it is written in a file.

    Attributes:
        subject: ``table``, ``deadline``, ``grading`` or ``assignment``, and ``id`` which one.
        rows: ids of the rows that must decide; ``None`` when the test does not say.
    """

    name: str
    subject: str
    id: str
    area: str
    as_of: date
    start: date | None
    given: Mapping[str, object]
    expect: Mapping[str, Any]
    rows: tuple[str, ...] | None
    place: Place


@dataclass(frozen=True)
class TestResult:
    """What came of a test; ``problems`` is empty when it passed. ``reached`` are the rows that decided."""

    __test__ = False  # a result, and not a class of tests, whatever its name

    test: CaseTest
    problems: tuple[str, ...]
    reached: tuple[str, ...] = ()


@dataclass(frozen=True)
class TestReport:
    """What came of every test, and which rows of active tables no test reaches."""

    __test__ = False

    results: tuple[TestResult, ...]
    unreached: tuple[str, ...]
    rows: int

    @property
    def passed(self) -> bool:
        """Whether every test passed and every row is reached."""
        return not self.unreached and not any(result.problems for result in self.results)


def run_tests(root: FilePath) -> TestReport:
    """Run every test under ``root``.

    Raises:
        RuleError: the rulebook or a file of tests is wrong.
    """
    reading = read(root)
    found = [*reading.findings, *verify(reading)]
    if errors_in(found):
        raise RuleError(f"the rulebook {root} cannot be used", found)
    rulebook = rulebook_of(reading)
    tests, findings = read_tests(reading)
    if errors_in(findings):
        raise RuleError(f"the tests of {root} cannot be used", findings)
    calendar: list[Calendar] = []

    def days() -> Calendar:
        # Loaded once, and only when a test asks for a due date.
        if not calendar:
            own = root / "calendars"
            calendar.append(load_calendar(own) if own.is_dir() else calendars())
        return calendar[0]

    results = tuple(_run(test, rulebook, days) for test in tests)
    reached = {row for result in results for row in result.reached}
    rows = [
        f"{layer or 'nation'}:{table.id}/{row.id}"
        for layer, rules in sorted(reading.layers.items())
        for table in rules[Kind.TABLE].values()
        if isinstance(table, Table) and table.active
        for row in table.rows
        if row.active
    ]
    return TestReport(results, tuple(row for row in rows if row not in reached), len(rows))


def check_tests(reading: Reading) -> list[Finding]:
    """What is wrong with the files of tests, without running them."""
    return read_tests(reading)[1]


def read_tests(reading: Reading) -> tuple[list[CaseTest], list[Finding]]:
    """Every test of a rulebook; those that are badly written are reported and left out."""
    tests: list[CaseTest] = []
    findings: list[Finding] = []
    for layer, path in reading.test_files:
        try:
            document = load(path)
        except RuleError as error:
            findings += error.findings
            continue
        tests += _read_file(document, layer, reading.words.facts, findings)
    return tests, findings


def _read_file(
    document: Document, layer: str, vocabulary: Vocabulary, findings: list[Finding]
) -> Iterator[CaseTest]:
    def report(at: Path, code: str, message: str, hint: str) -> None:
        findings.append(document.finding(at, code, message, hint))

    if TESTS.check(document.data, (), report):
        for at, data in enumerate(document.data["tests"]):
            test = _read(document, ("tests", at), data, layer, vocabulary, report)
            if test is not None:
                yield test


def _read(
    document: Document,
    path: Path,
    data: Mapping[str, Any],
    layer: str,
    vocabulary: Vocabulary,
    report: Report,
) -> CaseTest | None:
    subjects = [subject for subject in _SUBJECTS if subject in data]
    if len(subjects) != 1:
        report(
            path, "test-subject", "a test asks one table, deadline, grading or assignment", "name exactly one"
        )
        return None
    day = data.get("as_of", data.get("start"))
    if day is None:
        report(path, "test-date", "the test does not say as of which day", "add as_of: 2026-03-01")
        return None
    given: dict[str, object] = {}
    for name, value in data["given"].items():
        try:
            given[name] = vocabulary.check(name, value)
        except JiefenError as error:
            report((*path, "given", name), "bad-fact", str(error), suggestion(name, vocabulary.facts))
    if len(given) < len(data["given"]):
        return None
    row = data.get("row")
    rows = None if row is None else () if row == "none" else tuple(row) if isinstance(row, list) else (row,)
    return CaseTest(
        name=data["name"],
        subject=subjects[0],
        id=data[subjects[0]],
        area=data.get("area", layer or NATION),
        as_of=day,
        start=data.get("start"),
        given=given,
        expect=data["expect"],
        rows=rows,
        place=Place(document.file, *document.position(path)),
    )


def _run(test: CaseTest, rulebook: Rulebook, days: Callable[[], Calendar]) -> TestResult:
    try:
        view = rulebook.view(test.area or None)
        if test.subject == "table":
            return _table(test, view)
        found = {"deadline": _deadline, "grading": _grading, "assignment": _assignment}[test.subject](
            test, view, days
        )
    except JiefenError as error:
        return TestResult(test, (str(error),))
    return TestResult(test, tuple(_differences(test.expect, found)))


def _differences(expect: Mapping[str, Any], found: Mapping[str, object]) -> list[str]:
    problems = []
    for name, wanted in expect.items():
        wanted = tuple(wanted) if isinstance(wanted, list) else wanted
        if name not in found:
            problems.append(f"{name} does not come out; {suggestion(name, found)}")
        elif found[name] != wanted:
            problems.append(f"{name} is {plain(found[name])}, expected {plain(wanted)}")
    return problems


def _table(test: CaseTest, view: RuleView) -> TestResult:
    table = view.table(test.id)
    decision = table.decide(test.given, test.as_of)
    problems = _differences(test.expect, decision.outputs)
    if test.rows is not None and decision.rows != test.rows:
        problems.append(
            f"decided by {', '.join(decision.rows) or 'no row'}, expected {', '.join(test.rows) or 'no row'}"
        )
    while table.beneath is not None and not table.in_force(test.as_of):
        table = table.beneath
    reached = tuple(f"{table.layer or 'nation'}:{table.id}/{row}" for row in decision.rows)
    return TestResult(test, tuple(problems), reached)


def _deadline(test: CaseTest, view: RuleView, days: Callable[[], Calendar]) -> dict[str, object]:
    version = view.deadline(test.id).version_at(test.start or test.as_of)
    found: dict[str, object] = {
        "applies": version.applies(test.given),
        "version": version.since,
        "length": str(version.length),
        "kind": version.kind.value,
        "on_expiry": version.on_expiry.value,
    }
    if test.start is not None:
        count = partial(
            due,
            version.length,
            test.start,
            first_day=version.first_day,
            ends=version.ends,
            backwards=version.backwards,
        )
        if "due" in test.expect:
            found["due"] = count(days(), roll=version.roll).due
        if "safe" in test.expect and version.safe is not None and version.safe.unrolled:
            found["safe"] = count(days(), roll=Roll.NONE).due
    return found


def _grading(test: CaseTest, view: RuleView, _days: Callable[[], Calendar]) -> dict[str, object]:
    grading = view.gradings.get(test.id)
    if grading is None:
        raise RuleError(f"there is no active grading {test.id!r}; {suggestion(test.id, view.gradings)}")
    grade = grading.grade(test.given)
    return {grading.output: grade.colour, "score": grade.score}


def _assignment(test: CaseTest, view: RuleView, _days: Callable[[], Calendar]) -> dict[str, object]:
    assignment = view.assignments.get(test.id)
    if assignment is None:
        raise RuleError(f"there is no active assignment {test.id!r}; {suggestion(test.id, view.assignments)}")
    return {"entries": tuple(entry.id for entry in assignment.assign(test.given))}
