"""A case whose process waits for nothing: it is an incident, somebody is told, and it ends when the case goes on."""

from __future__ import annotations

from datetime import date

import pytest

from jiefen import TRUSTED, Engine
from jiefen.errors import Conflict
from jiefen.record.kinds import Happening
from tests.integration.conftest import CLERK
from tests.integration.test_fair_clock import START, TASK, Loader, flow, load, model

__all__ = ["load"]

#: A join of a branch that may go elsewhere; the party can leave at any time.
BODY = (
    START.format(first="g")
    + '<bpmn:parallelGateway id="g"/><bpmn:exclusiveGateway id="x" default="f6"/>'
    + "".join(TASK.format(id=name) for name in ("a", "b", "out"))
    + '<bpmn:parallelGateway id="j" name="会合"/><bpmn:endEvent id="e"/>'
    + "".join(
        flow(number, *ends)
        for number, ends in enumerate(
            (
                ("g", "a"),
                ("g", "x"),
                ("x", "b"),
                ("a", "j"),
                ("b", "j"),
                ("x", "out"),
                ("out", "e"),
                ("j", "e"),
            ),
            1,
        )
    ).replace(
        'id="f3" sourceRef="x" targetRef="b"/>',
        'id="f3" sourceRef="x" targetRef="b"><bpmn:conditionExpression>${false}</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow>",
    )
    + '<bpmn:subProcess id="leave" triggeredByEvent="true"><bpmn:startEvent id="left">'
    + '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent><bpmn:endEvent id="gone"/>'
    + flow(20, "left", "gone")
    + "</bpmn:subProcess>"
)


def do(engine: Engine, case: int, element: str) -> None:
    [task] = [one for one in engine.tasks(case=case) if one.element == element]
    engine.complete(task.id, {}, by=CLERK)


@pytest.fixture
def case(load: Loader) -> tuple[Engine, int]:
    """One in which all that can be done is done, and that waits at a join all the same."""
    engine = load(model("joined", BODY))
    id = engine.open_case(
        "joined", {"received_on": date(2026, 3, 2), "area": "140429102"}, key="k", by=CLERK
    ).id
    do(engine, id, "a")
    assert engine.incidents() == [], "the other branch may still do something"
    do(engine, id, "out")
    return engine, id


def test_the_last_task_can_be_done_and_the_case_is_an_incident(case: tuple[Engine, int]) -> None:
    engine, id = case
    assert engine.tasks(case=id) == []
    [incident] = engine.incidents()
    assert (incident.case, incident.kind, incident.ref) == (id, "stuck", "joined/j")
    assert "j waits for a token on a flow where none can come any more" in incident.error
    assert engine.lag().incidents == 1
    [told] = [entry for entry in engine.history(id) if entry.kind is Happening.STUCK]
    assert (told.subject, told.data["name"]) == ("j", "会合")
    assert "流程停在“会合”" in engine.explain(id).text("zh")
    assert "waits at “会合” for a branch that cannot come" in engine.explain(id).text("en")
    [notice] = [one for one in engine.deliveries(status="parked") if one.payload.get("action") == "stuck"]
    assert (notice.case, notice.payload["element"]) == (id, "j")


def test_it_is_told_once_and_stays_as_long_as_nothing_moves(case: tuple[Engine, int]) -> None:
    engine, id = case
    [incident] = engine.incidents()
    with pytest.raises(Conflict, match=r"still fails with .*j waits for a token"):
        engine.resolve(incident.id, by=TRUSTED)
    engine.message("matter.urgent", case=id, key="m", facts={"urgent": True})
    assert len(engine.incidents()) == 1
    assert [entry.kind for entry in engine.history(id)].count(Happening.STUCK) == 1


def test_it_is_over_when_the_case_goes_on_another_way(case: tuple[Engine, int]) -> None:
    engine, id = case
    engine.message("party.withdrew", case=id, key="m")
    assert engine.incidents() == []
    assert engine.case(id).status == "ended"
