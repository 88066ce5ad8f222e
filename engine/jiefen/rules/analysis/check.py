"""``jiefen rules check``: everything that can be found without running a case."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from jiefen.findings import Finding
from jiefen.rules.analysis.casetests import check_tests
from jiefen.rules.analysis.gaps import analyse
from jiefen.rules.build.reading import read
from jiefen.rules.build.verify import verify
from jiefen.rules.model.rule import Kind, Rule
from jiefen.rules.model.tables import Table


def check_rulebook(root: Path, executed: Collection[Kind] = frozenset(Kind)) -> list[Finding]:
    """Every finding about the rule files under ``root``, in file order. Never raises on bad input.

    Args:
        executed: the kinds of rules that somebody acts on; a rule of any other kind would do nothing. Guards need
            nobody: they are proved here.
    """
    reading = read(root)
    findings = [*reading.findings, *verify(reading), *check_tests(reading)]
    for rules in reading.layers.values():
        for table in rules[Kind.TABLE].values():
            if isinstance(table, Table) and table.active:
                findings += analyse(table)
        for kind in set(Kind) - {*executed, Kind.GUARD}:
            findings += [_idle(rule) for rule in rules[kind].values() if rule.active]
    return sorted(findings, key=lambda finding: (finding.file, finding.line or 0, finding.column or 0))


def _idle(rule: Rule) -> Finding:
    return rule.place.finding(
        "no-executor",
        f"nothing acts on rules of the kind {rule.kind}, so {rule.id!r} would never do anything",
        "write active: false and inactive_because until something does",
        element=rule.id,
    )
