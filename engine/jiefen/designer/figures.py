"""Figures that name a process: whether the models have it, since a figure of none would count nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jiefen.findings import Finding
from jiefen.notation.labels import suggestion
from jiefen.record.desk.measures import Counting
from jiefen.rules import FigureRule, Rulebook


def of_no_process(rulebook: Rulebook, processes: Collection[str]) -> Iterator[Finding]:
    """A finding for each process that a figure of any layer names and no model has."""
    for rule in rulebook.rules():
        if isinstance(rule, FigureRule):
            for name in sorted(_named(rule.counting).difference(processes)):
                yield rule.place.finding(
                    "figure-process",
                    f"{rule.id} counts cases of the process {name!r}, which no model has",
                    suggestion(name, processes),
                    element=rule.id,
                )


def _named(counting: Counting) -> set[str]:
    measures = [counting.when, *counting.among, *counting.counts]
    named = set()
    while measures:
        one = measures.pop()
        named |= set(one.process)
        measures += one.unless
    return named
