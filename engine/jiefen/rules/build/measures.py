"""From data to figures: what is counted, in the closed vocabulary of measures."""

from __future__ import annotations

from typing import Any, Final

from jiefen.notation.labels import Label
from jiefen.notation.shapes import Path
from jiefen.record.desk.measures import ANY_CASE, Counting, Measure
from jiefen.rules.build.builder import Builder, Data
from jiefen.rules.model.practice import Better, FigureRule, Unit
from jiefen.rules.model.rule import Kind
from jiefen.rules.model.vocabulary import FactType

_OF_CASES: Final = frozenset({"among", "day", "counts", "moves_within"})
_LISTS: Final = ("process", "status", "linked", "linked_from", "contacts", "rated")


def build_figure(builder: Builder, id: str, data: Data, path: Path) -> FigureRule | None:
    """A figure."""
    common = builder.common(Kind.FIGURE, id, data, path)
    of_cases = {"counts", "moves_within"} <= set(data)
    if ("deadlines" in data) == of_cases or ("deadlines" in data and _OF_CASES & set(data)):
        builder.report(
            path,
            "figure-subject",
            "a figure counts either deadlines, or cases (with counts and moves_within, and among and day where needed)",
            "keep one of them, with all it needs",
        )
        return None
    for at, rule in enumerate(data.get("deadlines", ())):
        builder.refer(Kind.DEADLINE, rule, (*path, "deadlines", at))
    counting = Counting(
        deadlines=tuple(data.get("deadlines", ())),
        day=_day(builder, data, path),
        when=_measure(builder, data["when"], (*path, "when")) if "when" in data else ANY_CASE,
        among=tuple(_measure(builder, one, (*path, "among")) for one in _listed(data.get("among", [{}]))),
        counts=tuple(_measure(builder, one, (*path, "counts")) for one in _listed(data.get("counts", []))),
        moves_within=data.get("moves_within", 0),
    )
    if common is None:
        return None
    return FigureRule(
        **common,
        counting=counting,
        unit=Unit(data.get("unit", Unit.PERCENT)),
        better=Better(data.get("better", Better.MORE)),
        left_out=Label.of(data["left_out"]),
    )


def _day(builder: Builder, data: Data, path: Path) -> str | None:
    name: str | None = data.get("day")
    fact = builder.known(name, builder.words.facts.facts, "fact", (*path, "day")) if name else None
    if fact is not None and fact.type is not FactType.DATE:
        builder.report((*path, "day"), "figure-day", f"{name} is no date", "name a fact of type date")
    return name


def _measure(builder: Builder, data: Data, path: Path) -> Measure:
    """What must hold of a case; what is unknown is reported."""
    facts = {name: _values(builder, name, given, (*path, "facts")) for name, given in _facts(data)}
    milestones = builder.words.milestones
    for at, rule in enumerate(missed := tuple(_listed(data.get("missed", [])))):
        builder.refer(Kind.DEADLINE, rule, (*path, "missed", at))
    return Measure(
        facts=facts,
        said=builder.named(data, "said", builder.words.facts.facts, "fact", path),
        reached=builder.named(data, "reached", milestones, "milestone", path),
        longer_than=data.get("longer_than"),
        missed=missed,
        unless=tuple(_measure(builder, one, (*path, "unless")) for one in _listed(data.get("unless", []))),
        **{name: tuple(_listed(data.get(name, []))) for name in _LISTS},
    )


def _facts(data: Data) -> list[tuple[str, list[Any]]]:
    return [(name, _listed(given)) for name, given in data.get("facts", {}).items()]


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _values(builder: Builder, name: str, given: list[Any], path: Path) -> tuple[str | bool, ...]:
    """Values of a choice or of yes and no; every one must be one that the fact can have."""
    fact = builder.known(name, builder.words.facts.facts, "fact", (*path, name))
    if fact is None:
        return ()
    if fact.type not in (FactType.CHOICE, FactType.BOOLEAN):
        builder.report(
            (*path, name),
            "figure-fact",
            f"{name} is of type {fact.type}; a figure looks at choices, and at what is true or false",
            "name a fact of type choice or boolean, or use said",
        )
        return ()
    for value in given:
        if fact.type is FactType.CHOICE:
            builder.known(value, fact.values, "value", (*path, name))
        elif not isinstance(value, bool):
            builder.report((*path, name), "figure-fact", f"{name} is {value}, not true or false", "write one")
    return tuple(given)
