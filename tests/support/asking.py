"""A case of the bundled rules that may learn of every fact whenever somebody says it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from jiefen import Engine, FixedClock
from jiefen.bundled import bundled
from jiefen.rules import Rulebook, load_rulebook

_MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="asking" targetNamespace="https://example.org/asking">
<bpmn:process id="asking" name="询问" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="a" sourceRef="start" targetRef="registered" />
<bpmn:intermediateThrowEvent id="registered" name="登记" />
<bpmn:sequenceFlow id="b" sourceRef="registered" targetRef="ask" />
<bpmn:userTask id="ask" name="询问" camunda:candidateGroups="grid_worker"><bpmn:extensionElements><camunda:properties>
<camunda:property name="asks" value="ASKS" /></camunda:properties></bpmn:extensionElements></bpmn:userTask>
<bpmn:sequenceFlow id="c" sourceRef="ask" targetRef="enough" />
<bpmn:exclusiveGateway id="enough" default="again" />
<bpmn:sequenceFlow id="again" sourceRef="enough" targetRef="ask" />
<bpmn:sequenceFlow id="d" sourceRef="enough" targetRef="end">
<bpmn:conditionExpression>${minutes_ref == "end"}</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:endEvent id="end" /></bpmn:process></bpmn:definitions>"""


@cache
def rulebook() -> Rulebook:
    """The bundled rules."""
    return load_rulebook(bundled("rules"))


def engine_that_asks(folder: Path, today: FixedClock | date, url: str | None = None) -> Engine:
    """An engine whose model ``asking`` registers a case, and then asks for facts over and over."""
    said = [name for name, fact in rulebook().vocabulary.facts.items() if "form" in fact.set_by]
    (folder / "asking.bpmn").write_text(_MODEL.replace("ASKS", ",".join(said)), encoding="utf-8")
    clock = today if isinstance(today, FixedClock) else FixedClock(today)
    database = url or f"sqlite:///{folder}/cases.db"
    return Engine.open(database, clock=clock, processes=folder, rules=bundled("rules"))
