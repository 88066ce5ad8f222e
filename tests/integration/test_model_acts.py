"""What a model approves or announces is done: deadlines are suspended, resumed and interrupted by its events."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from jiefen import EVERYWHERE, Actor, Conflict, DeadlineStatus, Engine, FixedClock, NotAllowed
from tests.integration.conftest import Opener

CLERK = Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE)
DRAWN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <bpmn:process id="acts" name="acts" isExecutable="true" camunda:historyTimeToLive="P365D">
    <bpmn:startEvent id="s"/>{nodes}<bpmn:endEvent id="e"/>{flows}
  </bpmn:process>
</bpmn:definitions>
"""


def properties(**said: str) -> str:
    listed = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in said.items())
    return (
        f"<bpmn:extensionElements><camunda:properties>{listed}</camunda:properties></bpmn:extensionElements>"
    )


def event(id: str, **said: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{id}" name="{id}">{properties(**said)}</bpmn:intermediateThrowEvent>'


def task(id: str, *asks: str) -> str:
    return (
        f'<bpmn:userTask id="{id}" name="{id}" camunda:candidateGroups="township_coordinator">'
        f"{properties(asks=','.join(asks))}</bpmn:userTask>"
    )


@pytest.fixture
def engine(opener: Opener, tmp_path: Path) -> Engine:
    """Registered, then one task after the other, each followed by what it announces."""
    hearing = {"deadline": "petition.recheck", "date": "held_on"}
    drawn = {
        "registered": event("registered", milestone="registered"),
        "ask": event("ask", milestone="petition_recheck_requested"),
        "call": task("call", "held_on"),
        "called": event("called", act="suspend", ground="hearing", **hearing),
        "close": task("close", "held_on"),
        "closed": event("closed", act="resume", **hearing),
        "demand": task("demand", "held_on"),
        "demanded": event(
            "demanded", act="interrupt", deadline="labour.limitation", ground="demand", date="held_on"
        ),
        "last": task("last", "outcome"),
    }
    way = ["s", *drawn, "e"]
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{at}" sourceRef="{one}" targetRef="{other}"/>'
        for at, (one, other) in enumerate(pairwise(way))
    )
    (tmp_path / "acts.bpmn").write_text(
        DRAWN.format(nodes="".join(drawn.values()), flows=flows), encoding="utf-8"
    )
    return opener(processes=tmp_path, rules=None)


@pytest.fixture
def case(engine: Engine, clock: FixedClock) -> int:
    clock.set(date(2026, 3, 2))
    facts = {"area": "140429102", "dispute_type": "labour", "knew_on": date(2025, 9, 1)}
    return engine.open_case("acts", facts, key="one", by=CLERK).id


def do(engine: Engine, case: int, **answer: object) -> None:
    [open_task] = engine.tasks(case=case)
    engine.complete(open_task.id, answer, by=CLERK)


def status(engine: Engine, case: int, rule: str) -> DeadlineStatus:
    return [item.status for item in engine.deadlines(case) if item.rule == rule][-1]


def test_a_hearing_that_a_model_calls_stops_the_clock_and_its_end_starts_it(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    before = next(item.due_on for item in engine.deadlines(case) if item.rule == "petition.recheck")
    clock.advance(timedelta(days=4))
    do(engine, case, held_on=date(2026, 3, 4))
    assert status(engine, case, "petition.recheck") == "suspended"
    clock.advance(timedelta(days=10))
    do(engine, case, held_on=date(2026, 3, 14))
    recheck = next(item for item in engine.deadlines(case) if item.rule == "petition.recheck")
    assert [(one["ground"], one["from"], one["to"]) for one in recheck.suspensions] == [
        ("hearing", "2026-03-04", "2026-03-14")
    ]
    assert before is not None
    assert recheck.due_on is not None
    assert recheck.due_on > before
    do(engine, case, held_on=date(2026, 3, 10))
    assert [item.anchor for item in engine.deadlines(case) if item.rule == "labour.limitation"][-1] == (
        "interruption:demand"
    )


def test_an_announcement_that_cannot_be_is_an_error_at_the_form(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=4))
    before = len(engine.history(case))
    with pytest.raises(Exception, match="lies before 2026-03-02"):
        do(engine, case, held_on=date(2026, 2, 27))
    assert len(engine.history(case)) == before
    clock.advance(timedelta(days=90))
    with pytest.raises((Conflict, NotAllowed), match="was over"):
        do(engine, case, held_on=date(2026, 6, 1))
    assert [one.element for one in engine.tasks(case=case)] == ["call"]
