"""规则集: the rules of every layer, and the view that an area has of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from jiefen.errors import RuleError
from jiefen.findings import errors_in
from jiefen.rules.builder import Words
from jiefen.rules.deadlines import Ground, Milestone, Role
from jiefen.rules.reading import Layer, Reading, read
from jiefen.rules.rule import NATION, Rule, layers_of
from jiefen.rules.verify import verify
from jiefen.rules.view import RuleView
from jiefen.rules.vocabulary import Vocabulary


@dataclass(frozen=True)
class Rulebook:
    """The rules of every layer, checked. Immutable; share it between threads."""

    root: Path
    words: Words
    layers: Mapping[str, Layer]
    _views: dict[str, RuleView] = field(default_factory=dict, repr=False, compare=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """Every fact that a case can have."""
        return self.words.facts

    @property
    def milestones(self) -> Mapping[str, Milestone]:
        """Every moment with legal meaning."""
        return self.words.milestones

    @property
    def roles(self) -> Mapping[str, Role]:
        """Everybody who acts."""
        return self.words.roles

    @property
    def grounds(self) -> Mapping[str, Ground]:
        """Every reason for suspending or interrupting a deadline."""
        return self.words.grounds

    def view(self, area: str | None = None) -> RuleView:
        """The rules that hold in ``area`` (a code, padded or not; ``None``: the nation). Views are kept.

        Raises:
            FactError: ``area`` is not an area code.
        """
        known = [layer for layer in layers_of(area or NATION) if layer in self.layers]
        # Areas without a layer of their own share the view of the nearest one above that has.
        nearest = known[-1] if known else NATION
        view = self._views.get(nearest)
        if view is None:
            view = self._views[nearest] = RuleView(nearest, self.layers)
        return view

    def rules(self) -> tuple[Rule, ...]:
        """Every rule of every layer, active or not."""
        return tuple(
            rule
            for _, layer in sorted(self.layers.items())
            for rules in layer.values()
            for rule in rules.values()
        )


def load_rulebook(root: Path, shown: Path | None = None) -> Rulebook:
    """The rulebook under ``root``, once everything that a running case could trip over has been checked.

    What only careful reading finds (gaps, shadowed rows) is left to :func:`~jiefen.rules.check_rulebook`. Findings and
    traces call the folder ``shown``, when that is given.

    Raises:
        RuleError: with every finding, when one of them is an error.
    """
    reading = read(root, shown)
    findings = [*reading.findings, *verify(reading)]
    if errors_in(findings):
        raise RuleError(f"the rulebook {root} cannot be used", findings)
    return rulebook_of(reading)


def rulebook_of(reading: Reading) -> Rulebook:
    """What was read, as a rulebook; broken rules are simply not in it."""
    return Rulebook(reading.root, reading.words, MappingProxyType(reading.layers))
