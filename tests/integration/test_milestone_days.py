"""The day of a milestone becomes the fact that should have said it, and goes out with what is sent later."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from jiefen import Actor, Engine, FixedClock
from jiefen.record.kinds import Happening
from tests.integration.conftest import Opener
from tests.support.moments import rules_with_messages

AREA = "140429102201"
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://example.org/d">
<bpmn:message id="m1" name="court.ruling_served" /><bpmn:message id="m2" name="court.judgment_served" />
<bpmn:process id="days" name="两次送达" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="one" />
<bpmn:receiveTask id="one" name="等一" messageRef="m1" />
<bpmn:sequenceFlow id="f2" sourceRef="one" targetRef="served" />
<bpmn:intermediateThrowEvent id="served" name="送达"><bpmn:extensionElements><camunda:properties>
 <camunda:property name="milestone" value="ruling_served" /><camunda:property name="date" value="served_on" />
</camunda:properties></bpmn:extensionElements></bpmn:intermediateThrowEvent>
<bpmn:sequenceFlow id="f3" sourceRef="served" targetRef="two" />
<bpmn:receiveTask id="two" name="等二" messageRef="m2" /><bpmn:sequenceFlow id="f4" sourceRef="two" targetRef="again" />
<bpmn:intermediateThrowEvent id="again" name="再次送达"><bpmn:extensionElements><camunda:properties>
 <camunda:property name="milestone" value="judgment_served" /><camunda:property name="date" value="served_on" />
</camunda:properties></bpmn:extensionElements></bpmn:intermediateThrowEvent>
<bpmn:sequenceFlow id="f5" sourceRef="again" targetRef="rest" />
<bpmn:userTask id="rest" name="办理" camunda:candidateGroups="township_coordinator" />
<bpmn:sequenceFlow id="f6" sourceRef="rest" targetRef="end" /><bpmn:endEvent id="end" />
</bpmn:process></bpmn:definitions>"""


@pytest.fixture
def twice(opener: Opener, tmp_path: Path) -> Engine:
    """An engine whose model serves twice, with one fact for both days."""
    (tmp_path / "days.bpmn").write_text(MODEL, encoding="utf-8")
    rules = rules_with_messages(tmp_path / "rules", ["go.one", "go.two"])
    return opener(processes=tmp_path, rules=rules)


def test_the_court_learns_when_an_agreement_came_into_force(opener: Opener, clock: FixedClock) -> None:
    engine = opener(processes=None, rules=None)
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": AREA}
    case = engine.open_case("dispute", facts, key="j", by=Actor("0412")).id
    mediator = Actor("0408", frozenset({"village_mediator", "village_head"}), AREA)
    agreed = {"outcome": "agreed"}
    for answer in ({"refuses_mediation": False}, {}, agreed, agreed):
        [task] = engine.tasks(case=case)
        engine.complete(task.id, answer, by=mediator)
    clock.advance(timedelta(days=5))
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {"wants_confirmation": True}, by=mediator)
    [application] = [one for one in engine.deliveries() if one.topic == "court.judicial_confirmation"]
    assert application.payload["inputs"] == {"agreed_on": "2026-03-02", "area": AREA}
    assert engine.case(case).facts["agreed_on"] == date(2026, 3, 2)
    reached = [one for one in engine.history(case) if one.subject == "agreement_in_force"]
    assert [one.data["facts"] for one in reached if one.kind is Happening.MILESTONE] == [
        {"agreed_on": "2026-03-02"}
    ]


def test_a_day_that_nobody_said_is_not_that_of_the_next_milestone(twice: Engine, clock: FixedClock) -> None:
    case = twice.open_case("days", {"area": AREA}, key="d", by=Actor("0412")).id
    assert twice.message("court.ruling_served", case=case, key="1")
    assert twice.case(case).facts["served_on"] == date(2026, 3, 2)
    clock.advance(timedelta(days=8))
    assert twice.message("court.judgment_served", case=case, key="2")
    assert twice.case(case).facts["served_on"] == date(2026, 3, 10)
    on = {one.subject: one.data["on"] for one in twice.history(case) if one.kind is Happening.MILESTONE}
    assert on == {"ruling_served": "2026-03-02", "judgment_served": "2026-03-10"}
    due = {one.rule: one.anchored_at.date() for one in twice.deadlines(case)}
    assert due["trial.appeal_ruling"] < due["trial.appeal_judgment"]


def test_a_day_that_was_said_stays(twice: Engine, clock: FixedClock) -> None:
    case = twice.open_case("days", {"area": AREA}, key="d", by=Actor("0412")).id
    assert twice.message("court.ruling_served", case=case, key="1")
    clock.advance(timedelta(days=8))
    assert twice.message("court.judgment_served", case=case, key="2", facts={"served_on": date(2026, 3, 9)})
    assert twice.case(case).facts["served_on"] == date(2026, 3, 9)
    [last] = [one for one in twice.history(case) if one.subject == "judgment_served"][:1]
    assert last.data["on"] == "2026-03-09"
    assert "facts" not in last.data


def test_every_date_of_a_milestone_is_a_fact_that_holds_a_day(opener: Opener) -> None:
    edition = opener(processes=None, rules=None).edition
    dated = [
        (element.id, element.properties["date"])
        for process in edition.processes.ids
        for element in edition.processes.elements(process)
        if "date" in element.properties
    ]
    assert len(dated) > 50
    for element, fact in dated:
        assert edition.rulebook.vocabulary.fact(fact).type == "date", element
