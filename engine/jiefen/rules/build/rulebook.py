"""规则集: the rules of every layer, and the view that an area has of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from jiefen.bundled import bundled
from jiefen.errors import NotFound, RuleError
from jiefen.findings import errors_in
from jiefen.notation.yaml import load
from jiefen.rules.build.builder import Words
from jiefen.rules.build.reading import Layer, Reading, read, read_rules
from jiefen.rules.build.starts import Starts, known_by
from jiefen.rules.build.verify import verify
from jiefen.rules.model.deadlines import (
    DeadlineRule,
    DeadlineVersion,
    Ground,
    Ladder,
    Message,
    Milestone,
    Role,
)
from jiefen.rules.model.guards import Authority
from jiefen.rules.model.rule import NATION, Kind, Rule, layers_of
from jiefen.rules.model.view import RuleView
from jiefen.rules.model.vocabulary import Topic, Vocabulary


@dataclass(frozen=True)
class Rulebook:
    """The rules of every layer, checked. Immutable; share it between threads."""

    root: Path
    words: Words
    layers: Mapping[str, Layer]
    _views: dict[str, RuleView] = field(default_factory=dict, repr=False, compare=False)
    _starts: dict[str, Starts] = field(default_factory=dict, repr=False, compare=False)

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

    @property
    def messages(self) -> Mapping[str, Message]:
        """Everything that may come to a case from outside; empty: whatever its models wait for."""
        return self.words.messages

    @property
    def topics(self) -> Mapping[str, Topic]:
        """Everything that may be sent to the outside; empty: whatever its models send."""
        return self.words.topics

    def topics_of(self, source: object) -> tuple[Topic, ...]:
        """The topics on which the system of a source is told what becomes of its matters."""
        return self._topics_of.get(source, ())

    @cached_property
    def _topics_of(self) -> Mapping[object, tuple[Topic, ...]]:
        sources = {source for topic in self.topics.values() for source in topic.sources}
        topics = self.topics.values()
        return {source: tuple(one for one in topics if source in one.sources) for source in sources}

    @cached_property
    def known_by(self) -> Mapping[str, tuple[str, ...]]:
        """The milestones that a date fact makes known, by the fact."""
        return known_by(self.milestones)

    def reached_by(self, call: str) -> tuple[str, ...]:
        """The milestones that a call of the engine reaches."""
        return tuple(one.id for one in self.milestones.values() if one.call == call)

    def starts(self, area: str | None = None) -> Starts:
        """What the start of a deadline of ``area`` depends on. Kept as :meth:`view` is."""
        view = self.view(area)
        starts = self._starts.get(view.area)
        if starts is None:
            starts = self._starts[view.area] = Starts(view, self.vocabulary, self.milestones)
        return starts

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

    def views(self, area: str | None = None) -> Iterator[RuleView]:
        """The view of ``area`` first, then those of all other layers, the nation's first.

        A case may move to another area; what a rule of the old one has given it goes on by that rule.
        """
        here = self.view(area)
        yield here
        for layer in sorted(self.layers):
            if layer != here.area:
                yield self.view(layer)

    def authority(self, act: str, area: str | None = None) -> Authority | None:
        """Who may do an act in ``area``; ``None``: nobody.

        A rulebook that says nothing of who may do what goes by what comes with Jiefen, which names no role by its id.
        """
        said = any(layer.get(Kind.AUTHORITY) for layer in self.layers.values())
        return (self.view(area).authority if said else _as_bundled()).get(act)

    def deadline(
        self, id: str, since: date, on: date, area: str | None = None
    ) -> tuple[DeadlineRule, DeadlineVersion]:
        """The deadline rule of that id with its version of ``since``, by which a deadline runs from ``on``.

        As it is in ``area``, else in any layer; one in force on that day goes before one that a local rule has ended.

        Raises:
            NotFound: no layer has it.
        """
        ended = None
        for view in self.views(area):
            rule = view.deadlines.get(id)
            for version in rule.versions if rule is not None else ():
                if rule is not None and version.since == since:
                    if version.until is None or on <= version.until:
                        return rule, version
                    ended = ended or (rule, version)
        if ended is None:
            raise NotFound(
                f"no layer of the rulebook has the deadline {id} of {since}, by which a case runs; the edition kept in "
                "the database is damaged"
            )
        return ended

    def ladders(self, id: str, area: str | None = None) -> Iterator[Ladder]:
        """Every active ladder of that id, the one that holds in ``area`` first."""
        here = self.view(area).ladders.get(id)
        if here is not None:
            yield here
        for _, layer in sorted(self.layers.items()):
            ladder = layer.get(Kind.LADDER, {}).get(id)
            if isinstance(ladder, Ladder) and ladder.active and ladder is not here:
                yield ladder

    def rules(self) -> tuple[Rule, ...]:
        """Every rule of every layer, active or not."""
        return tuple(
            rule
            for _, layer in sorted(self.layers.items())
            for rules in layer.values()
            for rule in rules.values()
        )


@cache
def _as_bundled() -> Mapping[str, Authority]:
    """Who may do what, as the rules say that come with Jiefen."""
    nothing = Words(Vocabulary({}), {}, {}, {}, {}, {})
    reading = Reading(bundled("rules"), nothing, {})
    read_rules(reading, load(bundled("rules") / "nation" / "authority.yaml"), NATION)
    return RuleView(NATION, reading.layers).authority


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
