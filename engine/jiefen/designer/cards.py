"""System cards, and what they name of an edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jiefen.designer.ledgers import processes_of
from jiefen.errors import DefinitionError
from jiefen.findings import Finding, Severity
from jiefen.outside.cards import CardNames, card_reader, reads_cards
from jiefen.process import Source
from jiefen.rules import load_rulebook


def shipped_cards() -> list[Path]:
    """The cards that come along."""
    return list(card_reader().shipped().values()) if reads_cards() else []


def check_card_file(path: Path, name: str, rulebook: Path, models: Sequence[Source]) -> list[Finding] | None:
    """What is wrong with a card; ``None`` when the file is none.

    Args:
        name: what findings call the file.
        rulebook: whose topics, messages and facts it may name.
        models: whose processes it may name besides the bundled ones.
    """
    if not reads_cards():
        return None
    unchecked: list[Finding] = []

    def named() -> CardNames:
        try:
            rules = load_rulebook(rulebook)
        except DefinitionError as error:
            message = (
                f"the rulebook cannot be loaded ({len(error.findings)} findings), so names were not looked up"
            )
            hint, severity = f"run jiefen check {rulebook}, and mend what it says first", Severity.WARNING
            unchecked.append(
                Finding(file=name, code="names-unchecked", message=message, hint=hint, severity=severity)
            )
            return CardNames(None, None, None, None)
        facts = rules.vocabulary.facts
        return CardNames(rules.topics, rules.messages, facts, processes_of(models))

    said = card_reader().check(path, named)
    return None if said is None else [*unchecked, *(replace(finding, file=name) for finding in said)]
