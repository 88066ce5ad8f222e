"""A case that moves between areas with rules of their own: what each has given goes on, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, DeadlineStatus, Engine, FixedClock, Happening
from jiefen.store import schema
from jiefen.story.explain import explain
from tests.support.moments import rules_with_messages

CLERK = Actor("clerk", frozenset({"township_coordinator"}), EVERYWHERE)
#: A township with a layer of its own (thirty days, and a ladder with one more rung), and one without.
OWN, PLAIN = "140429104", "140429102"
_NAMESPACES = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'


def _beside(name: str, step: str) -> str:
    return (
        f'<bpmn:boundaryEvent id="on_{name}" name="{name}" attachedToRef="work" cancelActivity="false">'
        f'<bpmn:messageEventDefinition messageRef="m_{name}" /></bpmn:boundaryEvent>'
        f'<bpmn:sequenceFlow id="f_{name}" sourceRef="on_{name}" targetRef="do_{name}" />{step}'
        f'<bpmn:sequenceFlow id="g_{name}" sourceRef="do_{name}" targetRef="end_{name}" />'
        f'<bpmn:endEvent id="end_{name}" />'
    )


def _move(name: str, area: str) -> str:
    return _beside(
        name,
        f'<bpmn:scriptTask id="do_{name}" name="{name}" scriptFormat="jiefen">'
        f'<bpmn:script>area = "{area}"</bpmn:script></bpmn:scriptTask>',
    )


def model() -> str:
    """A task, and beside it messages that move the case or reach a milestone or a decision."""
    decide = '<bpmn:businessRuleTask id="do_decide" name="联调" camunda:decisionRef="joint_mediation" />'
    served = (
        '<bpmn:intermediateThrowEvent id="do_serve" name="答复"><bpmn:extensionElements><camunda:properties>'
        '<camunda:property name="milestone" value="petition_opinion_served" /></camunda:properties>'
        "</bpmn:extensionElements></bpmn:intermediateThrowEvent>"
    )
    names = (OWN, PLAIN, "decide", "serve")
    messages = "".join(f'<bpmn:message id="m_{name}" name="go.to_{name}" />' for name in names)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {_NAMESPACES} id="moving" targetNamespace="https://example.org/moving">{messages}
<bpmn:process id="moving" name="移送" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="s" sourceRef="start" targetRef="petition_accepted" />
<bpmn:intermediateThrowEvent id="petition_accepted" name="受理" />
<bpmn:sequenceFlow id="t" sourceRef="petition_accepted" targetRef="work" />
<bpmn:userTask id="work" name="办理" camunda:candidateGroups="township_coordinator" />
<bpmn:sequenceFlow id="u" sourceRef="work" targetRef="end" /><bpmn:endEvent id="end" />
{_move(OWN, OWN)}{_move(PLAIN, PLAIN)}{_beside("decide", decide)}{_beside("serve", served)}
</bpmn:process></bpmn:definitions>"""


@pytest.fixture
def engine(url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Engine]:
    """An engine on that model and the bundled rules."""
    (tmp_path / "moving.bpmn").write_text(model(), encoding="utf-8")
    rules = rules_with_messages(tmp_path / "rules", re.findall(r"go\.\w+", model()))
    with Engine.open(url, clock=clock, processes=tmp_path, rules=rules) as engine:
        yield engine


def opened(engine: Engine, area: str, **facts: object) -> int:
    """A case in an area, its petition accepted on Monday 2 March 2026."""
    return engine.open_case("moving", {"area": area, **facts}, key="case:1", by=CLERK).id


def reach(engine: Engine, case: int, message: str) -> None:
    """Send the message that moves the case, or moves it on."""
    key = f"message:{len(engine.history(case))}"
    assert engine.message(f"go.to_{message}", case=case, key=key)


def planned(engine: Engine) -> set[str]:
    """The expiries and rungs on the agenda."""
    with engine._runtime.reading() as connection:
        kinds = schema.agenda.c.kind.in_(("expiry", "rung"))
        return set(connection.scalars(sa.select(schema.agenda.c.ref).where(kinds)))


@pytest.mark.parametrize(
    ("first", "then", "due"), [(OWN, PLAIN, date(2026, 4, 1)), (PLAIN, OWN, date(2026, 5, 6))]
)
class TestMoving:
    def test_a_deadline_goes_on_by_the_rule_that_gave_it(
        self, engine: Engine, clock: FixedClock, first: str, then: str, due: date
    ) -> None:
        case = opened(engine, first)
        [before] = engine.deadlines(case)
        reach(engine, case, then)
        assert list(engine.deadlines(case)) == [before]
        assert (before.rule, before.due_on) == ("petition.handle", due)
        assert str(due) in str(engine.explain(case))
        reach(engine, case, first)
        reach(engine, case, then)
        reach(engine, case, "serve")
        met = next(item for item in engine.deadlines(case) if item.rule == "petition.handle")
        assert met.status is DeadlineStatus.MET

    def test_its_ladder_climbs_as_it_was_planned(
        self, engine: Engine, clock: FixedClock, first: str, then: str, due: date
    ) -> None:
        case = opened(engine, first)
        due_to_fire = {ref.partition("/")[2] for ref in planned(engine) if "/" in ref}
        reach(engine, case, then)
        clock.set(due + timedelta(days=45))
        engine.sweep()
        fired = [entry.subject for entry in engine.history(case) if entry.kind is Happening.RUNG]
        assert {str(rung).partition("/")[2] for rung in fired} == due_to_fire
        assert len(fired) == len(due_to_fire)
        assert list(engine.incidents()) == []

    def test_nothing_of_its_ladder_is_left_when_it_is_met(
        self, engine: Engine, first: str, then: str, due: date
    ) -> None:
        case = opened(engine, first)
        reach(engine, case, then)
        reach(engine, case, "serve")
        assert [ref for ref in planned(engine) if ref.startswith("1/") or ref == "1"] == []

    def test_open_tasks_follow(self, engine: Engine, first: str, then: str, due: date) -> None:
        case = opened(engine, first)
        reach(engine, case, then)
        [task] = engine.tasks(area=then)
        assert (task.element, task.area) == ("work", then)
        assert list(engine.tasks(area=first)) == []


@pytest.mark.parametrize(
    ("first", "then", "called", "row", "layer"),
    # Four persons are a group where the township counts from four on, and are none where the nation's six count.
    [(OWN, PLAIN, True, ["group"], OWN), (PLAIN, OWN, False, [], "nation")],
)
def test_a_decision_is_told_as_it_was_made(
    engine: Engine, first: str, then: str, called: bool, row: list[str], layer: str
) -> None:
    case = opened(engine, first, persons=4)
    reach(engine, case, "decide")
    before = engine.explain(case).as_dict()["routes"]
    reach(engine, case, then)
    [route] = engine.explain(case).routes
    assert engine.explain(case).as_dict()["routes"] == before
    assert route.outputs == {"joint_mediation": called}
    assert [name for name, *_ in route.rows] == row
    assert all(layer in place for _, place, *_ in route.rows)
    assert layer in str(route.trace.table.place)


def test_a_decision_kept_without_its_area_is_told_with_what_was_decided(engine: Engine) -> None:
    case = opened(engine, OWN, persons=4)
    reach(engine, case, "decide")
    reach(engine, case, PLAIN)
    journal = [
        replace(entry, data={name: value for name, value in entry.data.items() if name != "area"})
        for entry in engine.history(case)
    ]
    told = explain(
        engine.case(case),
        journal,
        engine.deadlines(case),
        lambda _: engine.edition,
        engine.case(case).updated_at,
        engine.edition.rulebook,
    )
    [route] = told.routes
    assert route.outputs == {"joint_mediation": True}
    assert [name for name, *_ in route.rows] == ["group"]
