"""A task whose role or person computes to nothing is refused; it is never open to anybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiefen import Actor, Engine
from jiefen.errors import Conflict, NotAllowed, ProcessError
from jiefen.people.authority import require_role
from jiefen.record.kinds import Happening
from tests.integration.conftest import CLERK, HEAD, Opener

FACTS = {"area": "140429102", "received_on": "2026-03-02"}
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://example.org/d">
<bpmn:message id="m1" name="matter.urgent" />
<bpmn:process id="p" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="f0" sourceRef="start" targetRef="split" />
<bpmn:parallelGateway id="split" /><bpmn:sequenceFlow id="f1" sourceRef="split" targetRef="wait" />
<bpmn:receiveTask id="wait" name="等候" messageRef="m1" /><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="set" />
<bpmn:scriptTask id="set" name="改"><bpmn:script>party_name = "head"</bpmn:script></bpmn:scriptTask>
<bpmn:sequenceFlow id="f3" sourceRef="set" targetRef="join" />
<bpmn:sequenceFlow id="f4" sourceRef="split" targetRef="work" />
<bpmn:userTask id="work" name="办理" PEOPLE />
<bpmn:sequenceFlow id="f5" sourceRef="work" targetRef="join" />
<bpmn:parallelGateway id="join" /><bpmn:sequenceFlow id="f6" sourceRef="join" targetRef="end" />
<bpmn:endEvent id="end" />
</bpmn:process></bpmn:definitions>"""

ROLES = 'camunda:candidateGroups="${party_name}"'
TWO = 'camunda:candidateGroups="clerk,${party_name}"'
PERSON = 'camunda:assignee="${party_name}"'


def engine_for(opener: Opener, tmp_path: Path, people: str) -> Engine:
    """An engine whose model has one task for these people."""
    (tmp_path / "p.bpmn").write_text(MODEL.replace("PEOPLE", people), encoding="utf-8")
    return opener(processes=tmp_path)


@pytest.mark.parametrize("people", [ROLES, TWO, PERSON])
def test_nothing_for_a_role_or_a_person_refuses_the_step(opener: Opener, tmp_path: Path, people: str) -> None:
    engine = engine_for(opener, tmp_path, people)
    with pytest.raises(
        ProcessError, match=r"办理 \[work\] would be for nobody: \$\{party_name\} gives nothing"
    ):
        engine.open_case("p", FACTS, key="k", by=CLERK)
    assert engine.cases() == []


def test_a_role_that_there_is_not_refuses_the_step(opener: Opener, tmp_path: Path) -> None:
    engine = engine_for(opener, tmp_path, ROLES)
    with pytest.raises(
        ProcessError, match=r"\[work\] is for 'clerc', which is no role; did you mean 'clerk'"
    ):
        engine.open_case("p", {**FACTS, "party_name": "clerc"}, key="k", by=CLERK)


def test_a_person_whom_the_model_names_needs_no_role(opener: Opener, tmp_path: Path) -> None:
    engine = engine_for(opener, tmp_path, PERSON)
    case = engine.open_case("p", {**FACTS, "party_name": "0431"}, key="k", by=CLERK)
    (task,) = engine.tasks(case=case.id)
    with pytest.raises(NotAllowed):
        engine.complete(task.id, {}, by=CLERK)
    engine.complete(task.id, {}, by=Actor("0431", frozenset(), "140429102"))


def test_what_a_model_gives_to_a_person_stays_theirs(opener: Opener, tmp_path: Path) -> None:
    engine = engine_for(opener, tmp_path, f'{PERSON} camunda:candidateGroups="clerk"')
    case = engine.open_case("p", {**FACTS, "party_name": "0431"}, key="k", by=CLERK)
    (task,) = engine.tasks(case=case.id)
    for act in (
        lambda: engine.reassign(task.id, CLERK, reason="忙", by=HEAD),
        lambda: engine.release(task.id, why="忙", by=HEAD),
    ):
        with pytest.raises(Conflict, match="for 0431 by its model") as refused:
            act()
        assert refused.value.zh is not None
    assert engine.tasks(case=case.id) == [task]


def test_what_nobody_stands_over_is_told_in_words(opener: Opener, tmp_path: Path) -> None:
    engine = engine_for(opener, tmp_path, ROLES)
    case = engine.open_case("p", {**FACTS, "party_name": "head"}, key="k", by=CLERK)
    (task,) = engine.tasks(case=case.id)
    with pytest.raises(
        NotAllowed, match="is for who claims it: the rules declare no office over head"
    ) as refused:
        engine.reassign(task.id, CLERK, reason="忙", by=HEAD)
    assert refused.value.zh is not None
    assert "None" not in refused.value.zh
    engine.claim(task.id, by=HEAD)
    with pytest.raises(NotAllowed, match="is for head-1, who has it: the rules declare no office over head"):
        engine.reassign(task.id, CLERK, reason="忙", by=CLERK)


def test_a_task_goes_to_other_roles_with_the_fact(opener: Opener, tmp_path: Path) -> None:
    engine = engine_for(opener, tmp_path, ROLES)
    case = engine.open_case("p", {**FACTS, "party_name": "clerk"}, key="k", by=CLERK)
    assert engine.tasks(case=case.id)[0].roles == ("clerk",)

    engine.message("matter.urgent", case=case.id, key="m")

    (task,) = engine.tasks(case=case.id)
    assert task.roles == ("head",)
    assert engine.history(case.id)[-1].kind is Happening.TASK_MOVED
    assert "改由负责人办理" in engine.explain(case.id).text("zh")
    engine.complete(task.id, {}, by=HEAD)


def test_a_task_without_roles_in_the_database_is_for_nobody(opener: Opener, tmp_path: Path, url: str) -> None:
    engine = engine_for(opener, tmp_path, ROLES)
    case = engine.open_case("p", {**FACTS, "party_name": "clerk"}, key="k", by=CLERK)
    database = sa.create_engine(url)
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE jiefen_task SET roles = ''"))
    database.dispose()
    (task,) = engine.tasks(case=case.id)
    with pytest.raises(NotAllowed, match="names no role that may do it"):
        engine.complete(task.id, {}, by=CLERK)
    with pytest.raises(NotAllowed, match="names no role that may do it"):
        engine.claim(task.id, by=CLERK)


def test_no_roles_are_nobodys() -> None:
    with pytest.raises(NotAllowed):
        require_role(CLERK, (), "140429102", {}, "task 1", on=date(2026, 3, 2))
