"""``jiefen rules check``: everything that can be found without running a case."""

from __future__ import annotations

from pathlib import Path

from jiefen.findings import Finding
from jiefen.rules.analysis import analyse
from jiefen.rules.casetests import check_tests
from jiefen.rules.reading import read
from jiefen.rules.rule import Kind
from jiefen.rules.tables import Table
from jiefen.rules.verify import verify


def check_rulebook(root: Path) -> list[Finding]:
    """Every finding about the rule files under ``root``, in file order. Never raises on bad input."""
    reading = read(root)
    findings = [*reading.findings, *verify(reading), *check_tests(reading)]
    for rules in reading.layers.values():
        for table in rules[Kind.TABLE].values():
            if isinstance(table, Table) and table.active:
                findings += analyse(table)
    return sorted(findings, key=lambda finding: (finding.file, finding.line or 0, finding.column or 0))
