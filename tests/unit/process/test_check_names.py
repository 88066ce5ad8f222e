"""What a model refers to must be there: facts, milestones, processes that it calls, errors that somebody catches."""

from __future__ import annotations

import pytest

from jiefen.errors import ProcessError
from jiefen.findings import Severity, errors_in
from jiefen.process import Names, Processes, Source, check
from tests.unit.process.checking import END, NAMES, START, around, codes, found
from tests.unit.process.drawing import flows, text


def test_an_error_is_caught_by_every_caller_or_refused() -> None:
    thrower = (
        '<startEvent id="s2"/><endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>'
        + flows("s2>x")
    )
    catch = '<boundaryEvent id="b" attachedToRef="c"><errorEventDefinition errorRef="err"/></boundaryEvent>'
    caller = START + '<callActivity id="c" calledElement="p2"/>' + END
    assert codes(caller + catch + flows("s>c", "c>e", "b>e"), thrower) == []
    assert codes(caller + flows("s>c", "c>e"), thrower) == ["uncaught"]
    other = '<startEvent id="s3"/><callActivity id="c3" calledElement="p2"/><endEvent id="e3"/>' + flows(
        "s3>c3", "c3>e3"
    )
    assert codes(caller + catch + flows("s>c", "c>e", "b>e"), thrower, other) == ["uncaught"]


def test_recursion_through_others_is_found() -> None:
    first = START + '<callActivity id="c" calledElement="p2"/>' + END + flows("s>c", "c>e")
    second = '<startEvent id="s2"/><callActivity id="c2" calledElement="p"/><endEvent id="e2"/>' + flows(
        "s2>c2", "c2>e2"
    )
    assert codes(first, second) == ["recursion", "recursion"]


def test_locals_are_names_only_where_they_are_visible() -> None:
    task = '<userTask id="x" camunda:candidateGroups="${seat}"><multiInstanceLoopCharacteristics '
    task += 'camunda:collection="tags" camunda:elementVariable="seat"/></userTask>'
    assert codes(around(task)) == []
    assert codes(around(task.replace('"tags"', '"seat"'))) == ["unknown-name"]
    after = START + task + '<userTask id="y" camunda:candidateGroups="${seat}"/>' + END
    assert codes(after + flows("s>x", "x>y", "y>e")) == ["unknown-name"]


def test_a_called_process_may_read_what_every_caller_passes() -> None:
    called = '<startEvent id="s2"/><userTask id="t" camunda:assignee="${who}"/><endEvent id="e2"/>' + flows(
        "s2>t", "t>e2"
    )
    passing = (
        '<callActivity id="x" calledElement="p2"><extensionElements><camunda:in sourceExpression="${1}" '
    )
    passing += 'target="who"/></extensionElements></callActivity>'
    assert codes(around(passing), called) == []
    more = '<startEvent id="s3"/><callActivity id="y" calledElement="p2"/><endEvent id="e3"/>' + flows(
        "s3>y", "y>e3"
    )
    assert codes(around(passing), called, more) == ["unknown-name"]


def test_two_processes_with_one_id() -> None:
    one = Source("one.bpmn", text(START + END + flows("s>e")))
    findings = check([one, Source("two.bpmn", one.text)])
    assert [(finding.file, finding.code) for finding in findings] == [("two.bpmn", "duplicate-process")]


def test_a_process_that_is_not_executable_is_named() -> None:
    source = Source(
        "m.bpmn", text(START + END + flows("s>e")).replace(b'isExecutable="true"', b'isExecutable="false"')
    )
    assert [finding.code for finding in check([source])] == ["no-process", "not-executable"]
    assert check([source])[1].severity is Severity.WARNING


def test_load_raises_with_every_finding() -> None:
    with pytest.raises(ProcessError, match=r"m\.bpmn:4: error: .*nobody may do this task") as raised:
        Processes.load([Source("m.bpmn", text(around('<userTask id="x"/>')))])
    assert [finding.code for finding in raised.value.findings] == ["no-role"]


PROPERTIES = "<extensionElements><camunda:properties>{}</camunda:properties></extensionElements>"
KNOWING = Names(
    facts=NAMES.facts,
    milestones={"accepted", "answered"},
    values={"stage": ["visit", "mediation"], "outcome": ["agreed"]},
)


@pytest.mark.parametrize(
    ("element", "code", "said"),
    [
        ('<intermediateThrowEvent id="acepted"/>', "unknown-milestone", "accepted"),
        (
            '<intermediateThrowEvent id="x">milestone=anwsered</intermediateThrowEvent>',
            "unknown-milestone",
            "answered",
        ),
        (
            '<userTask id="x" camunda:candidateGroups="clerk">stage=visits</userTask>',
            "unknown-value",
            "visit",
        ),
        ('<userTask id="x" camunda:candidateGroups="clerk">asks=agred</userTask>', "unknown-fact", "agreed"),
        (
            '<userTask id="x" camunda:candidateGroups="clerk">requires=agred</userTask>',
            "unknown-fact",
            "agreed",
        ),
        (
            '<userTask id="x" camunda:candidateGroups="clerk">outcomes=agred</userTask>',
            "unknown-value",
            "agreed",
        ),
    ],
)
def test_what_properties_name_must_be_there(element: str, code: str, said: str) -> None:
    head, _, rest = element.partition(">")
    if rest:
        name, _, value = rest.partition("</")[0].partition("=")
        given = PROPERTIES.format(f'<camunda:property name="{name}" value="{value}"/>')
        element = f"{head}>{given}</{rest.partition('</')[2]}"
    id = "acepted" if "acepted" in element else "x"
    [finding] = errors_in(found(around(element, id), names=KNOWING))
    assert finding.code == code
    assert said in finding.hint


@pytest.mark.parametrize(
    ("element", "known", "codes"),
    [
        ('<receiveTask id="x" messageRef="m"/>', {"party.stopped"}, ["unknown-message"]),
        ('<receiveTask id="x" messageRef="m"/>', {"party.stops"}, []),
        ('<receiveTask id="x" messageRef="m"/>', None, []),
    ],
)
def test_a_message_that_is_waited_for_must_be_there(
    element: str, known: set[str] | None, codes: list[str]
) -> None:
    names = Names(facts=NAMES.facts, messages=known)
    findings = errors_in(found(around(element), names=names))
    assert [finding.code for finding in findings] == codes
    assert all("party.stopped" in finding.hint for finding in findings)


def test_what_properties_name_rightly_is_not_complained_of() -> None:
    element = '<intermediateThrowEvent id="accepted"/>'
    assert errors_in(found(around(element, "accepted"), names=KNOWING)) == []
