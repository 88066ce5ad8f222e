"""In whatever order a case learns of its facts, each deadline that they date is the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from jiefen import EVERYWHERE, Actor, Engine
from jiefen.rules import MISSING, DeadlineRule, DeadlineVersion, Fact, FactType
from tests.support.asking import engine_that_asks, rulebook

CLERK = Actor("0412", frozenset({"grid_worker"}), EVERYWHERE)
TODAY = date(2026, 11, 27)
#: What is known of the matter lies so far back that most of it still runs.
KNOWN = date(2026, 10, 12)
AREA = "140429102201"


def dated_by_facts() -> list[tuple[DeadlineRule, DeadlineVersion]]:
    """The deadlines of the nation whose day a fact of the matter says, and which start when the case knows it."""
    book = rulebook()
    found = []
    for rule in book.view().deadlines.values():
        version = rule.version_on(KNOWN)
        if version is None or not book.starts().says_the_day(version):
            continue
        known = book.milestones[version.anchor].known_by == version.date_fact
        if version.anchor == "registered" or known:
            found.append((rule, version))
    return found


def meeting(version: DeadlineVersion) -> dict[str, object]:
    """Facts by which a deadline runs."""
    facts: dict[str, object] = {str(version.date_fact): KNOWN}
    for name, test in version.when.items():
        if not test.holds(facts.get(name, MISSING)):
            facts[name] = next(
                value for value in _values(rulebook().vocabulary.facts[name]) if test.holds(value)
            )
    return facts


def _values(fact: Fact) -> list[object]:
    if fact.type is FactType.LIST:
        return [(value,) for value in fact.values]
    return {
        FactType.BOOLEAN: [True, False],
        FactType.CHOICE: list(fact.values),
        FactType.DATE: [KNOWN],
        FactType.INTEGER: [fact.minimum or 1],
    }.get(fact.type, [])


@pytest.fixture(scope="module")
def asking() -> Iterator[Engine]:
    """An engine that may learn every fact in any order."""
    with tempfile.TemporaryDirectory() as folder, engine_that_asks(Path(folder), TODAY) as engine:
        yield engine


def told(
    engine: Engine, key: str, rule: str, intake: Mapping[str, object], later: list[dict[str, object]]
) -> list[object]:
    """What a rule gives a case that learns of its facts in this order."""
    case = engine.open_case("asking", {"area": AREA, **intake}, key=key, by=CLERK).id
    for answer in later:
        [task] = engine.tasks(case=case)
        engine.complete(task.id, answer, by=CLERK)
    engine.sweep()
    return [
        (str(item.status), item.anchor, item.anchored_at, item.due_on, item.closed_by)
        for item in engine.deadlines(case)
        if item.rule == rule
    ]


@pytest.mark.parametrize(
    ("rule", "version"), [pytest.param(*item, id=item[0].id) for item in dated_by_facts()]
)
def test_the_order_in_which_facts_become_known_changes_nothing(
    asking: Engine, rule: DeadlineRule, version: DeadlineVersion
) -> None:
    facts, known = meeting(version), rulebook().vocabulary.facts
    at_intake = {name: value for name, value in facts.items() if "intake" in known[name].set_by}
    others = {name: value for name, value in facts.items() if name not in at_intake}
    only = {name: value for name, value in facts.items() if "form" not in known[name].set_by}
    later = [{name: value} for name, value in facts.items() if name not in only]
    orders = [
        (at_intake, [others] if others else []),
        (only, [{name: value for one in later for name, value in one.items()}]),
        (only, later),
        (only, later[::-1]),
    ]
    results = [told(asking, f"{rule.id}/{number}", rule.id, *order) for number, order in enumerate(orders)]
    assert len(results[0]) == 1
    assert results == [results[0]] * len(results)
