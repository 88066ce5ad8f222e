"""What makes deadlines start: the facts that their rules read, and which of them say a day of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jiefen.rules.model.deadlines import DeadlineRule, DeadlineVersion, Milestone
from jiefen.rules.model.unary import MISSING
from jiefen.rules.model.view import RuleView
from jiefen.rules.model.vocabulary import Vocabulary


class Starts:
    """The deadlines of an area by the facts that people say and that their start depends on."""

    def __init__(self, view: RuleView, vocabulary: Vocabulary, milestones: Mapping[str, Milestone]) -> None:
        self._facts, self._milestones = vocabulary.facts, milestones
        reading: dict[str, dict[str, DeadlineRule]] = {}
        for rule in view.deadlines.values():
            for version in rule.versions:
                for name in self._depends_on(version):
                    reading.setdefault(name, {})[rule.id] = rule
        self._reading = {name: tuple(rules.values()) for name, rules in reading.items()}
        #: The facts whose change may start a deadline, or end one.
        self.watched: frozenset[str] = frozenset(self._reading)

    def reading(self, fact: str) -> tuple[DeadlineRule, ...]:
        """The deadlines whose start depends on a fact, by their conditions or by their day."""
        return self._reading.get(fact, ())

    def says_the_day(self, version: DeadlineVersion) -> bool:
        """Whether the date fact of a deadline is one of the matter, and not merely the day of its milestone.

        Such a fact is known at intake (``knew_on``), or makes the milestone known. It says from when the deadline
        runs whenever its milestone was reached. The others (``served_on``) serve one procedure after the other: the
        day of the milestone goes before them.
        """
        name = version.date_fact
        if name is None:
            return False
        fact, milestone = self._facts.get(name), self._milestones.get(version.anchor)
        known_by = milestone.known_by if milestone is not None else None
        return name == known_by or (fact is not None and "intake" in fact.set_by)

    def follows_the_route(self, version: DeadlineVersion) -> bool:
        """Whether the conditions of a deadline read what tables and models decide, which changes with the stage."""
        return any(name in self._facts and not self._facts[name].said for name in version.when)

    def fits(self, version: DeadlineVersion, facts: Mapping[str, object]) -> bool:
        """Whether the facts that people say still fulfil the conditions of a deadline that runs."""
        return all(
            test.holds(facts.get(name, MISSING))
            for name, test in version.when.items()
            if name not in self._facts or self._facts[name].said
        )

    def missing(self, version: DeadlineVersion, facts: Mapping[str, object]) -> tuple[str, ...]:
        """The facts that nobody has said yet and on which it depends whether a deadline runs.

        Empty where it runs, or where a fact that is known keeps it from running.
        """
        if version.applies(facts):
            return ()
        failing = [name for name, test in version.when.items() if not test.holds(facts.get(name, MISSING))]
        return () if any(name in facts for name in failing) else tuple(failing)

    def _depends_on(self, version: DeadlineVersion) -> set[str]:
        names = {name for name in version.when if name in self._facts and self._facts[name].said}
        if version.date_fact is not None and self.says_the_day(version):
            names.add(version.date_fact)
        return names


def known_by(milestones: Mapping[str, Milestone]) -> Mapping[str, tuple[str, ...]]:
    """The milestones that a date fact makes known, by the fact."""
    known: dict[str, tuple[str, ...]] = {}
    for milestone in milestones.values():
        if milestone.known_by is not None:
            known[milestone.known_by] = (*known.get(milestone.known_by, ()), milestone.id)
    return MappingProxyType(known)
