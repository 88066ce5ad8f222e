"""What is wrong with a set of process files."""

from __future__ import annotations

from collections.abc import Iterable

from jiefen.findings import Finding, Severity
from jiefen.process.lint.between import lint_between
from jiefen.process.lint.binding import UNCHECKED, Names, bind
from jiefen.process.lint.dialect import lint_dialect
from jiefen.process.lint.elements import lint_element
from jiefen.process.lint.flows import lint_flows
from jiefen.process.lint.tokens import lint_tokens
from jiefen.process.model.elements import Process
from jiefen.process.model.normalise import normalise
from jiefen.process.model.reader import read_model
from jiefen.process.model.report import Report
from jiefen.process.model.source import Source, read_xml


def check(sources: Iterable[Source], names: Names = UNCHECKED) -> list[Finding]:
    """Every finding about ``sources``, in file and line order. Raises nothing, whatever the files hold."""
    return examine(sources, names)[1]


def examine(sources: Iterable[Source], names: Names) -> tuple[list[Process], list[Finding]]:
    """The executable processes, compiled as far as they can be, and every finding in file and line order."""
    drawn: list[Process] = []
    report = Report()
    files: list[str] = []
    for source in sources:
        files.append(source.path)
        root = read_xml(source)
        if isinstance(root, Finding):
            report.findings.append(root)
            continue
        found, said = read_model(root, source.path)
        report.findings += said
        drawn += found
        _executable(source.path, found, bool(said), report)
    processes = [process for process in drawn if process.executable]
    report.findings += bind(processes, names)
    for process in processes:
        _lint(process, report)
    lint_between(processes, [process for process in drawn if not process.executable], report)
    order = {path: number for number, path in reversed(list(enumerate(files)))}
    return processes, sorted(report.findings, key=lambda found: (order[found.file], found.line or 0))


def _executable(path: str, found: list[Process], broken: bool, report: Report) -> None:
    for process in found:
        if not process.executable:
            report.process(
                process,
                "not-executable",
                f"the process {process.id!r} is drawn but not executable, so it is not run",
                "tick 'executable' on the process",
                Severity.WARNING,
            )
    if not any(process.executable for process in found) and not broken:
        report.findings.append(
            Finding(
                file=path,
                code="no-process",
                message="the file holds no executable process",
                hint="draw one, and tick 'executable' on it",
            )
        )


def _lint(process: Process, report: Report) -> None:
    normalise(process.body)
    for scope in process.body.scopes():
        lint_flows(scope, report)
        lint_tokens(scope, report)
    for node in process.body.walk():
        lint_element(node, report)
        lint_dialect(node, report)
