"""No area is no power: neither of somebody who forgot to say one, nor over a case that has none yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jiefen import EVERYWHERE, Actor, Case, Engine, FixedClock, HeldPost, NotAllowed, Task
from tests.integration.conftest import make_tables
from tests.support.databases import Databases

VILLAGE, TOWNSHIP, COUNTY, ELSEWHERE = "140429102201", "140429102", "140429", "650000"
MEDIATOR = frozenset({"village_mediator"})
CENTRE = frozenset({"county_mediation_centre"})


@pytest.fixture
def engine(databases: Databases, clock: FixedClock) -> Iterator[Engine]:
    """The bundled edition."""
    with Engine.open(databases.prepared(make_tables), clock=clock) as one:
        yield one


@pytest.fixture
def unplaced(engine: Engine) -> tuple[Case, Task]:
    """A case that nobody gave an area, and its first task."""
    facts = {"source": "walk_in", "dispute_type": "neighbour"}
    case = engine.open_case("dispute", facts, key="n:3", by=Actor("0412", area=TOWNSHIP))
    [task] = engine.tasks(case=case.id)
    assert "village_mediator" in task.roles
    return case, task


@pytest.mark.parametrize(
    "by",
    [
        Actor("x", MEDIATOR),
        Actor("x", posts=(HeldPost("village_mediator"),)),
        Actor("x", MEDIATOR, ELSEWHERE),
        Actor("x"),
    ],
)
def test_who_acts_for_no_area_does_nothing_and_is_shown_nothing(engine: Engine, by: Actor) -> None:
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE}
    case = engine.open_case("dispute", facts, key="n:1", by=Actor("0412", area=VILLAGE))
    [task] = engine.tasks(case=case.id)
    assert engine.worklist(by=by) == []
    assert engine.search(by=by).items == ()
    with pytest.raises(NotAllowed):
        engine.complete(task.id, {}, by=by)
    with pytest.raises(
        NotAllowed, match=r"acts for (none: say for which, with area=|65)|holds none of the rules"
    ):
        engine.notes.add(case.id, "?", by=by)
    assert task.id in {one.task.id for one in engine.worklist(by=Actor("y", MEDIATOR, EVERYWHERE))}


def test_a_case_without_an_area_is_for_the_offices_that_give_it_one(
    engine: Engine, unplaced: tuple[Case, Task]
) -> None:
    case, task = unplaced
    strange, near = Actor("x", MEDIATOR, ELSEWHERE), Actor("m", MEDIATOR, VILLAGE)
    for by in (strange, near):
        assert engine.worklist(by=by) == []
        with pytest.raises(NotAllowed, match=r"has no area yet .*county_mediation_centre") as refused:
            engine.complete(task.id, {}, by=by)
        assert "先由" in str(refused.value.zh)
    with pytest.raises(NotAllowed):
        engine.move(case.id, VILLAGE, reason="属地", by=near)
    # They find it, and give it an area of their own; to another county they cannot.
    centre = Actor("c", CENTRE, COUNTY)
    assert case.id in {hit.case.id for hit in engine.search(by=centre).items}
    assert case.id not in {hit.case.id for hit in engine.search(by=near).items}
    with pytest.raises(NotAllowed, match="acts for 140429"):
        engine.move(case.id, "140430102201", reason="属地", by=centre)
    assert engine.move(case.id, VILLAGE, reason="属地", by=centre).area == VILLAGE
    assert task.id in {one.task.id for one in engine.worklist(by=near)}
    assert engine.claim(task.id, by=near).assignee == "m"


def test_an_office_that_gives_areas_does_its_own_tasks_before(
    engine: Engine, unplaced: tuple[Case, Task]
) -> None:
    case, _ = unplaced
    seen = engine.worklist(by=Actor("y", MEDIATOR, EVERYWHERE))
    assert case.id in {one.task.case for one in seen}
    engine.notes.add(case.id, "来电未说明地点", by=Actor("c", CENTRE, COUNTY))
    assert [one.text for one in engine.notes.of(case.id, by=Actor("c", CENTRE, COUNTY))] == ["来电未说明地点"]
