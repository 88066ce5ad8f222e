"""What is wrong with a set of process files."""

from __future__ import annotations

from collections.abc import Iterable

from jiefen.findings import Finding
from jiefen.process.binding import UNCHECKED, Names, bind
from jiefen.process.model import Process
from jiefen.process.reader import read_model
from jiefen.process.source import Source, read_xml


def check(sources: Iterable[Source], names: Names = UNCHECKED) -> list[Finding]:
    """Every finding about ``sources``, in file and line order. Raises nothing, whatever the files hold."""
    return examine(sources, names)[1]


def examine(sources: Iterable[Source], names: Names) -> tuple[list[Process], list[Finding]]:
    """The processes, compiled as far as they can be, and every finding."""
    processes: list[Process] = []
    findings: list[Finding] = []
    for source in sources:
        root = read_xml(source)
        if isinstance(root, Finding):
            findings.append(root)
            continue
        found, said = read_model(root, source.path)
        processes += [process for process in found if process.executable]
        findings += said
    findings += bind(processes, names)
    return processes, findings
