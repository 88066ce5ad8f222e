"""What holds in one area: the layers of its ancestors over the nation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from jiefen.errors import NotFound
from jiefen.notation.labels import suggestion
from jiefen.rules.model.deadlines import DeadlineRule, Ladder
from jiefen.rules.model.guards import Authority, Guard
from jiefen.rules.model.layers import composed
from jiefen.rules.model.practice import (
    Assignment,
    Checklist,
    DocumentRule,
    FigureRule,
    GradeRule,
    Grading,
    Pattern,
    Routine,
)
from jiefen.rules.model.rule import Kind, Rule, layers_of
from jiefen.rules.model.tables import Table

R = TypeVar("R")
Layer = Mapping[Kind, Mapping[str, Rule]]


class RuleView:
    """The active rules that hold in an area: the nation with the layers of the area and those around it over it."""

    def __init__(self, area: str, layers: Mapping[str, Layer]) -> None:
        self.area = area
        merged: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
        for layer in layers_of(area):
            for kind, rules in layers.get(layer, {}).items():
                for id, rule in rules.items():
                    if rule.active:
                        merged[kind][id] = _laid_over(merged[kind].get(id), rule)
        self.tables: Mapping[str, Table] = MappingProxyType(merged[Kind.TABLE])
        self.deadlines: Mapping[str, DeadlineRule] = MappingProxyType(merged[Kind.DEADLINE])
        self.ladders: Mapping[str, Ladder] = MappingProxyType(merged[Kind.LADDER])
        self.gradings: Mapping[str, Grading] = MappingProxyType(merged[Kind.GRADING])
        self.assignments: Mapping[str, Assignment] = MappingProxyType(merged[Kind.ASSIGNMENT])
        self.patterns: Mapping[str, Pattern] = MappingProxyType(merged[Kind.PATTERN])
        self.routines: Mapping[str, Routine] = MappingProxyType(merged[Kind.ROUTINE])
        self.guards: Mapping[str, Guard] = MappingProxyType(merged[Kind.GUARD])
        self.authority: Mapping[str, Authority] = MappingProxyType(merged[Kind.AUTHORITY])
        self.checklists: Mapping[str, Checklist] = MappingProxyType(merged[Kind.CHECKLIST])
        self.documents: Mapping[str, DocumentRule] = MappingProxyType(merged[Kind.DOCUMENT])
        self.grades: Mapping[str, GradeRule] = MappingProxyType(merged[Kind.GRADE])
        self.figures: Mapping[str, FigureRule] = MappingProxyType(merged[Kind.FIGURE])
        self._unclaimed: dict[str, list[Ladder]] = {}
        self._claimed: dict[str, list[Ladder]] = {}
        self._unanswered: dict[str, list[Ladder]] = {}
        self._rated: dict[str, list[Ladder]] = {}
        for ladder in self.ladders.values():
            for role in ladder.unclaimed:
                self._unclaimed.setdefault(role, []).append(ladder)
            for role in ladder.claimed:
                self._claimed.setdefault(role, []).append(ladder)
            for grade in ladder.rated:
                self._rated.setdefault(grade, []).append(ladder)
            for topic in ladder.unanswered:
                self._unanswered.setdefault(topic, []).append(ladder)
        self._unmoved = [ladder for ladder in self.ladders.values() if ladder.unmoved is not None]
        self._anchored: dict[str, list[DeadlineRule]] = {}
        self._stopped: dict[str, list[DeadlineRule]] = {}
        self._revived: dict[str, list[DeadlineRule]] = {}
        for rule in self.deadlines.values():
            for milestone in {version.anchor for version in rule.versions}:
                self._anchored.setdefault(milestone, []).append(rule)
            for milestone in {
                name for version in rule.versions for name in (*version.stops, *version.cancels)
            }:
                self._stopped.setdefault(milestone, []).append(rule)
            for milestone in {revival.by for version in rule.versions for revival in version.revivals}:
                self._revived.setdefault(milestone, []).append(rule)

    def table(self, id: str) -> Table:
        """The table of that id. Raises :class:`~jiefen.errors.NotFound` with the nearest id."""
        return _found(self.tables, id, "table", self.area)

    def deadline(self, id: str) -> DeadlineRule:
        """The deadline of that id. Raises :class:`~jiefen.errors.NotFound` with the nearest id."""
        return _found(self.deadlines, id, "deadline", self.area)

    def ladder(self, id: str) -> Ladder:
        """The ladder of that id. Raises :class:`~jiefen.errors.NotFound` with the nearest id."""
        return _found(self.ladders, id, "ladder", self.area)

    def anchored_at(self, milestone: str) -> tuple[DeadlineRule, ...]:
        """The deadlines that some version of starts at ``milestone``."""
        return tuple(self._anchored.get(milestone, ()))

    def stopped_at(self, milestone: str) -> tuple[DeadlineRule, ...]:
        """The deadlines that some version of ends at ``milestone``, met or cancelled."""
        return tuple(self._stopped.get(milestone, ()))

    def revived_at(self, milestone: str) -> tuple[DeadlineRule, ...]:
        """The deadlines that some version of lets run again at ``milestone``, after they were met."""
        return tuple(self._revived.get(milestone, ()))

    def unclaimed(self, roles: Iterable[str], day: date) -> Ladder | None:
        """The ladder for a task of these roles, opened on ``day``, that nobody claims; of the first role with one."""
        return _first_in_force(self._unclaimed, roles, day)

    def claimed(self, roles: Iterable[str], day: date) -> Ladder | None:
        """The ladder for a task of these roles, claimed on ``day``, that is not done; of the first role with one."""
        return _first_in_force(self._claimed, roles, day)

    def unanswered(self, topic: str, day: date) -> Ladder | None:
        """The ladder for a delivery of this topic, sent on ``day``, that nobody answers; else that for every topic."""
        return _first_in_force(self._unanswered, (topic, "*"), day)

    def unmoved(self, day: date) -> Ladder | None:
        """The ladder for open cases in which nothing moves, as it is on ``day``."""
        return next((one for one in self._unmoved if one.in_force(day)), None)

    def rated(self, grade: str, day: date) -> Ladder | None:
        """The ladder for a rating of this grade, given on ``day``; ``None``: it opens no review."""
        return _first_in_force(self._rated, (grade,), day)


def _first_in_force(ladders: Mapping[str, list[Ladder]], names: Iterable[str], day: date) -> Ladder | None:
    return next((one for name in names for one in ladders.get(name, ()) if one.in_force(day)), None)


def _found(rules: Mapping[str, R], id: str, what: str, area: str) -> R:
    rule = rules.get(id)
    if rule is None:
        where = f"in area {area}" if area else "in the nation's rules"
        raise NotFound(f"there is no active {what} {id!r} {where}; {suggestion(id, rules)}")
    return rule


def _laid_over(above: Rule | None, local: Rule) -> Rule:
    """``local`` in place of ``above``, which still speaks for the days that ``local`` does not."""
    if isinstance(local, Table) and isinstance(above, Table):
        return replace(local, beneath=above)
    if isinstance(local, DeadlineRule) and isinstance(above, DeadlineRule):
        return replace(local, versions=composed(local, above))
    return local
