"""The files that ledgers are read by: layouts, words and lists of areas, and what layouts name of an edition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from jiefen.bundled import bundled
from jiefen.errors import DefinitionError
from jiefen.findings import Finding, Severity
from jiefen.outside.ledgers import Nameable, installed_ledgers, ledger_adapter
from jiefen.process import UNCHECKED, Processes, Source
from jiefen.rules import load_rulebook


def check_ledger_file(
    path: Path, name: str, rulebook: Path, models: Sequence[Source]
) -> list[Finding] | None:
    """What is wrong with a file that an adapter for ledgers reads; ``None`` when it is none of those.

    Args:
        name: what findings call the file.
        rulebook: whose facts a layout may name.
        models: whose processes it may name besides the bundled ones.
    """
    unchecked: list[Finding] = []

    @cache
    def names() -> Nameable:
        try:
            return Nameable(load_rulebook(rulebook).vocabulary.facts, processes_of(models))
        except DefinitionError as error:
            message = (
                f"the edition cannot be loaded ({len(error.findings)} findings), so names were not looked up"
            )
            hint = f"run jiefen check {rulebook}, and mend what it says first"
            severity = Severity.WARNING
            unchecked.append(
                Finding(file=name, code="names-unchecked", message=message, hint=hint, severity=severity)
            )
            return Nameable(None, None)

    for adapter in installed_ledgers():
        said = ledger_adapter(adapter).check(path, names)
        if said is not None:
            return [*unchecked, *(replace(finding, file=name) for finding in said)]
    return None


def processes_of(models: Sequence[Source]) -> Collection[str]:
    """The processes that are bundled, and those of models."""
    folder = bundled("processes")
    sources = [Source(str(path), path.read_bytes()) for path in sorted(folder.glob("*.bpmn"))]
    ids = set(Processes.load(sources, UNCHECKED).ids)
    return ids | set(Processes.load(models, UNCHECKED).ids) if models else ids
