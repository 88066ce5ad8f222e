"""What tasks, gateways, scripts and outside calls do; every run is saved and restored after every step."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from jiefen.errors import ExpressionError, NotFound, ProcessError
from jiefen.process import Instance
from tests.unit.process.drawing import Desk, Run, flows, load, script, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
MESSAGES = '<message id="stop" name="party.stops"/><message id="note" name="note.arrives"/>'
ERROR = '<error id="err" errorCode="REFUSED"/><escalation id="esc" escalationCode="GRAVE"/>'
STOP = '<messageEventDefinition messageRef="stop"/>'


def boundary(id: str, host: str, definition: str, interrupting: bool = True) -> str:
    """A boundary event."""
    cancels = str(interrupting).lower()
    return f'<boundaryEvent id="{id}" attachedToRef="{host}" cancelActivity="{cancels}">{definition}</boundaryEvent>'


def timer(kind: str, text: str) -> str:
    """A timer definition."""
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def test_a_sequence_waits_for_people() -> None:
    run = Run(load(START + user("hear", "write") + END + flows("s>hear", "hear>write", "write>e")))
    assert run.waiting() == ["hear"]
    assert run.wait("hear").roles == ("clerk",)
    run.complete("hear")
    assert run.waiting() == ["write"]
    assert not run.ended
    run.complete("write")
    assert run.ended
    assert run.instance.waits == ()
    assert run.desk.told("ended") == [""]


def test_nothing_runs_before_run() -> None:
    desk = Desk({"n": 0})
    processes = load(START + script("a", "n = n + 1") + END + flows("s>a", "a>e"))
    instance = Instance.start(processes, "p", desk)
    assert desk.known["n"] == 0
    instance = Instance.restore(processes, instance.dump(), desk)
    instance.run()
    assert desk.known["n"] == 1
    assert instance.ended


def test_an_unknown_process_is_named() -> None:
    processes = load(START + END + flows("s>e"))
    with pytest.raises(NotFound, match="no process 'q'"):
        Instance.start(processes, "q", Desk())


def test_a_task_says_who_how_and_by_when() -> None:
    body = """<userTask id="t" name="Answer" camunda:candidateGroups="mediator, ${chosen}" \
        camunda:assignee="${person}" camunda:formKey="answer" camunda:dueDate="hearing_on">
        <extensionElements><camunda:properties>
          <camunda:property name="seat" value="court"/><camunda:property name="level" value="county"/>
        </camunda:properties></extensionElements></userTask>"""
    facts = {"chosen": "judge", "person": None, "hearing_on": date(2026, 3, 5)}
    run = Run(load(START + body + END + flows("s>t", "t>e")), facts)
    wait = run.wait("t")
    assert (wait.roles, wait.assignee, wait.form, wait.seat) == (
        ("mediator", "judge"),
        None,
        "answer",
        "court",
    )
    assert wait.due_at is not None
    assert wait.due_at.isoformat() == "2026-03-05T23:59:59.999999+08:00"
    assert wait.element.name == "Answer"
    assert wait.element.properties["level"] == "county"
    assert (wait.element.file, wait.element.line) == ("model.bpmn", 4)


def test_a_task_may_be_due_with_a_deadline() -> None:
    body = '<userTask id="t" camunda:assignee="a" camunda:dueDate=\'${deadline("petition.handle")}\'/>'
    run = Run(load(START + body + END + flows("s>t", "t>e")))
    assert (run.wait("t").due_at, run.wait("t").deadline) == (None, "petition.handle")
    run.desk.deadlines["petition.handle"] = datetime(2026, 5, 1, tzinfo=UTC)
    assert run.wait("t").due_at == datetime(2026, 5, 1, tzinfo=UTC)


def test_completing_twice_is_refused() -> None:
    run = Run(load(START + user("a", "b") + END + flows("s>a", "a>b", "b>e")))
    key = run.wait("a").key
    run.complete("a")
    with pytest.raises(NotFound, match="done, or was cancelled"):
        run.instance.complete(key)
    with pytest.raises(NotFound, match="no timer"):
        run.instance.fire(run.wait("b").key)


def test_exclusive_takes_the_first_that_holds_or_the_default() -> None:
    body = (
        START
        + '<exclusiveGateway id="g" default="g_c"/>'
        + user("a", "b", "c")
        + flows("s>g", "g>a|amount > 100", "g>b|amount > 10", "g>c")
    )
    processes = load(body)
    for amount, chosen in [(500, "a"), (50, "b"), (5, "c"), (None, "c")]:
        assert Run(processes, {"amount": amount}).waiting() == [chosen]


def test_a_gateway_without_a_way_on_says_so() -> None:
    processes = load(START + '<exclusiveGateway id="g"/>' + user("a", "b") + flows("s>g", "g>a|x", "g>b|y"))
    with pytest.raises(ProcessError, match=r"model\.bpmn:4: g: none of its conditions holds \('x', 'y'\)"):
        Run(processes, {"x": False})


def test_a_condition_must_be_yes_or_no() -> None:
    processes = load(
        START + '<exclusiveGateway id="g" default="g_b"/>' + user("a", "b") + flows("s>g", "g>a|x", "g>b")
    )
    with pytest.raises(ExpressionError, match="gives 7"):
        Run(processes, {"x": 7})


def test_parallel_keeps_tokens_that_come_twice() -> None:
    """Two tokens on one flow of a join are not one: the second stays for the next round."""
    body = (
        START
        + '<parallelGateway id="two"/><exclusiveGateway id="m"/>'
        + '<parallelGateway id="split"/><parallelGateway id="join"/>'
        + '<task id="p1"/><task id="p2"/>'
        + user("a", "b", "after")
        + flows(
            "s>two", "two>p1", "two>p2", "p1>m", "p2>m", "m>split", "split>a", "split>b", "a>join", "b>join"
        )
        + flows("join>after", "after>e")
        + END
    )
    run = Run(load(body))
    assert sorted(run.waiting()) == ["a", "a", "b", "b"]
    run.complete("a")
    run.complete("a")
    assert run.waiting() == ["b", "b"]
    run.complete("b")
    assert run.waiting() == ["b", "after"]
    run.complete("b")
    assert run.waiting() == ["after", "after"]


def test_implicit_split_and_conditional_flows_of_an_activity() -> None:
    body = START + '<task id="t" default="t_d"/>' + user("a", "b", "c", "d")
    body += flows("s>t", "t>a", "t>b|x", "t>c|y", "t>d")
    processes = load(body)
    assert Run(processes, {"x": True, "y": True}).waiting() == ["a", "b", "c"]
    assert Run(processes, {"x": False}).waiting() == ["a", "d"]


def test_inclusive_waits_only_for_what_can_come() -> None:
    body = (
        START
        + '<inclusiveGateway id="g" default="g_c"/><inclusiveGateway id="j"/>'
        + user("a", "b", "c", "after")
    )
    body += END + flows("s>g", "g>a|x", "g>b|y", "g>c", "a>j", "b>j", "c>j", "j>after", "after>e")
    processes = load(body)
    run = Run(processes, {"x": True, "y": True})
    run.complete("a")
    assert run.waiting() == ["b"]
    run.complete("b")
    assert run.waiting() == ["after"]
    run = Run(processes, {"x": True, "y": False})
    run.complete("a")
    assert run.waiting() == ["after"]


def test_inclusive_goes_on_when_what_could_come_went_elsewhere() -> None:
    body = START + '<inclusiveGateway id="g" default="g_c"/><exclusiveGateway id="x" default="x_j"/>'
    body += '<inclusiveGateway id="j"/>' + user("a", "b", "c", "after", "away") + END
    body += flows("s>g", "g>a|yes", "g>b|yes", "g>c", "a>j", "b>x", "x>away|left", "x>j", "c>j")
    run = Run(load(body + flows("j>after", "after>e", "away>e")), {"yes": True, "left": True})
    run.complete("a")
    assert run.waiting() == ["b"]
    run.complete("b")
    assert sorted(run.waiting()) == ["after", "away"]


def test_inclusive_does_not_wait_for_what_comes_where_a_token_is_already() -> None:
    """The second token can come by the flow that has one, so it belongs to the next round (BPMN 2.0.2, 13.4.3)."""
    body = (
        START
        + '<parallelGateway id="two"/><exclusiveGateway id="m"/><inclusiveGateway id="g" default="g_b"/>'
    )
    body += '<inclusiveGateway id="j"/>' + user("o", "q", "a", "b", "after") + END
    body += flows(
        "s>two", "two>o", "two>q", "o>m", "q>m", "m>g", "g>a|yes", "g>b", "a>j", "b>j", "j>after", "after>e"
    )
    run = Run(load(body), {"yes": True})
    run.complete("o")
    run.complete("a")
    assert run.waiting() == ["q", "after"]


def test_inclusive_waits_for_what_a_boundary_event_may_send() -> None:
    body = START + '<parallelGateway id="g"/><inclusiveGateway id="j"/>' + user("a", "b", "after") + END
    body += boundary("stop", "a", STOP) + flows(
        "s>g", "g>a", "g>b", "a>e", "stop>j", "b>j", "j>after", "after>e"
    )
    processes = load(body, head=MESSAGES)
    run = Run(processes)
    run.complete("b")
    assert run.waiting() == ["a"]
    run.complete("a")
    assert run.waiting() == ["after"]
    run = Run(processes)
    run.complete("b")
    run.message("party.stops")
    assert run.waiting() == ["after"]


def test_a_loop_leaves_nothing_behind() -> None:
    body = START + '<exclusiveGateway id="m"/><exclusiveGateway id="g" default="g_e"/>' + user("a") + END
    run = Run(load(body + flows("s>m", "m>a", "a>g", "g>m|again", "g>e")), {"again": True})
    sizes = set()
    for _ in range(50):
        run.complete("a")
        sizes.add(len(run.instance.dump()))
    assert len(sizes) <= 2
    assert run.wait("a").key == 1 + 3 + 50 * 3 - 1


def test_a_circle_without_a_wait_is_stopped() -> None:
    body = START + '<exclusiveGateway id="m"/>' + script("a", "n = n + 1") + flows("s>m", "m>a", "a>m")
    processes = load(body)
    with pytest.raises(ProcessError, match=r"circles without waiting: model\.bpmn:4: "):
        Run(processes, {"n": 0})


def test_a_decision_and_a_script_make_facts() -> None:
    body = START + '<businessRuleTask id="d" camunda:decisionRef="route"/>'
    body += script("c", 'n = n + 1; tags = ["x", "y"]; due = received_on + 15; half = n / 4') + END
    run = Run(load(body + flows("s>d", "d>c", "c>e")), {"n": 2, "received_on": date(2026, 3, 1)})
    assert run.desk.told("decide") == ["route"]
    assert run.desk.known["n"] == 3
    assert run.desk.known["half"] == Decimal("0.75")
    assert run.desk.known["due"] == date(2026, 3, 16)
    assert run.desk.known["tags"] == ("x", "y")


def test_a_script_that_cannot_be_computed_names_its_place() -> None:
    processes = load(START + script("c", "n = missing + 1") + END + flows("s>c", "c>e"))
    with pytest.raises(ExpressionError, match=r"model\.bpmn:4: c: 'missing \+ 1': missing is not set"):
        Run(processes)


def test_milestones_on_throw_and_end_events() -> None:
    named = '<extensionElements><camunda:properties><camunda:property name="milestone" value="petition.accepted"/>'
    named += "</camunda:properties></extensionElements>"
    body = (
        START
        + f'<intermediateThrowEvent id="m1"/><intermediateThrowEvent id="m2">{named}</intermediateThrowEvent>'
    )
    body += '<endEvent id="e">' + named.replace("accepted", "ended") + "</endEvent>"
    run = Run(load(body + flows("s>m1", "m1>m2", "m2>e")))
    assert run.desk.told("milestone") == ["m1", "petition.accepted", "petition.ended"]


def test_links_are_flows() -> None:
    body = (
        START
        + '<intermediateThrowEvent id="out"><linkEventDefinition name="again"/></intermediateThrowEvent>'
    )
    body += '<intermediateCatchEvent id="in"><linkEventDefinition name="again"/></intermediateCatchEvent>'
    run = Run(load(body + user("a") + END + flows("s>out", "in>a", "a>e")))
    assert run.waiting() == ["a"]
    assert run.desk.told("milestone") == []


def test_an_external_task_takes_inputs_and_gives_outputs() -> None:
    body = """<serviceTask id="x" camunda:type="external" camunda:topic="court.file"><extensionElements>
      <camunda:inputOutput>
        <camunda:inputParameter name="who">${party_name}</camunda:inputParameter>
        <camunda:inputParameter name="kind">civil</camunda:inputParameter>
        <camunda:outputParameter name="case_no">${number}</camunda:outputParameter>
      </camunda:inputOutput></extensionElements></serviceTask>"""
    run = Run(load(START + body + END + flows("s>x", "x>e")), {"party_name": "甲"})
    wait = run.wait("x")
    assert (wait.kind, wait.topic, dict(wait.inputs), wait.mapped) == (
        "external",
        "court.file",
        {"who": "甲", "kind": "civil"},
        True,
    )
    run.instance.complete(wait.key, {"number": "(2026)晋0429民初1号"})
    run.go()
    assert run.desk.known["case_no"] == "(2026)晋0429民初1号"
    assert run.ended


def test_inputs_are_what_they_were_when_the_task_began() -> None:
    body = START + '<userTask id="t" camunda:assignee="a"><extensionElements><camunda:inputOutput>'
    body += '<camunda:inputParameter name="was">${n}</camunda:inputParameter></camunda:inputOutput></extensionElements>'
    run = Run(load(body + "</userTask>" + END + flows("s>t", "t>e")), {"n": 1})
    run.desk.known["n"] = 2
    assert run.wait("t").locals == {"was": 1}


def test_messages_are_sent_and_nobody_waits() -> None:
    message = '<messageEventDefinition messageRef="note" camunda:type="external" camunda:topic="notify"/>'
    body = (
        START
        + '<sendTask id="a" camunda:type="external" camunda:topic="sms"><extensionElements>'
        + '<camunda:inputOutput><camunda:inputParameter name="to">${phone}</camunda:inputParameter>'
    )
    body += "</camunda:inputOutput></extensionElements>"
    body += f'</sendTask><intermediateThrowEvent id="b">{message}</intermediateThrowEvent>'
    body += f'<endEvent id="e">{message}</endEvent>'
    run = Run(load(body + flows("s>a", "a>b", "b>e"), head=MESSAGES), {"phone": "1"})
    assert run.desk.sent == [("sms", "a", {"to": "1"}), ("notify", "b", {}), ("notify", "e", {})]
    assert run.desk.told("milestone") == []
    assert run.ended


def test_a_failed_external_task_goes_to_its_error_event() -> None:
    task = '<serviceTask id="x" camunda:type="external" camunda:topic="t"/>'
    catch = boundary("b", "x", '<errorEventDefinition errorRef="err"/>') + boundary(
        "any", "x", "<errorEventDefinition/>"
    )
    body = START + task + catch + user("refused", "other") + END
    processes = load(body + flows("s>x", "x>e", "b>refused", "any>other"), head=ERROR)
    run = Run(processes)
    run.fail("x", "REFUSED")
    assert run.waiting() == ["refused"]
    run = Run(processes)
    run.fail("x", "TIMEOUT")
    assert run.waiting() == ["other"]


def test_a_failure_that_nobody_catches_is_an_error() -> None:
    run = Run(
        load(
            START
            + '<serviceTask id="x" camunda:type="external" camunda:topic="t"/>'
            + END
            + flows("s>x", "x>e")
        )
    )
    with pytest.raises(ProcessError, match="failed with 'BROKEN', and nobody catches that"):
        run.fail("x", "BROKEN")
