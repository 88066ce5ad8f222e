"""What each construct does, on small models; every run is saved and restored after every step."""

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


# --- outside systems


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


# --- subprocesses and calls


def test_a_call_runs_another_process_and_tells_the_host() -> None:
    caller = (
        START
        + '<callActivity id="c" calledElement="p2"/>'
        + user("after")
        + END
        + flows("s>c", "c>after", "after>e")
    )
    called = '<startEvent id="s2"/>' + user("inner") + '<endEvent id="e2"/>' + flows("s2>inner", "inner>e2")
    run = Run(load(caller, called))
    assert run.wait("inner").element.process_id == "p2"
    assert run.desk.log == [("entered", "c")]
    run.complete("inner")
    assert run.desk.log == [("entered", "c"), ("ended", "c")]
    assert run.waiting() == ["after"]
    assert run.processes.element("p", "c").called == "p2"


def test_locals_reach_into_what_is_called() -> None:
    caller = """<callActivity id="c" calledElement="p2"><extensionElements>
      <camunda:in sourceExpression="${day + 1}" target="next_day"/><camunda:in variables="all"/></extensionElements>
      <multiInstanceLoopCharacteristics isSequential="true" camunda:collection="days" camunda:elementVariable="day"/>
      </callActivity>"""
    called = '<startEvent id="s2"/><userTask id="inner" camunda:assignee="${who}"/><endEvent id="e2"/>'
    called += flows("s2>inner", "inner>e2")
    facts = {"days": (date(2026, 3, 1), date(2026, 3, 9)), "who": "x"}
    run = Run(load(START + caller + END + flows("s>c", "c>e"), called), facts)
    assert run.wait("inner").locals == {
        "day": date(2026, 3, 1),
        "next_day": date(2026, 3, 2),
        "loopCounter": 0,
    }
    run.complete("inner")
    assert run.wait("inner").locals == {
        "day": date(2026, 3, 9),
        "next_day": date(2026, 3, 10),
        "loopCounter": 1,
    }


def sub(inside: str, around: str = "", attributes: str = "") -> str:
    """A subprocess ``sub`` whose inside begins at ``is`` and ends at ``ie``."""
    return f'<subProcess id="sub" {attributes}><startEvent id="is"/><endEvent id="ie"/>{inside}</subProcess>{around}'


def test_terminate_ends_its_scope_only() -> None:
    inside = (
        '<parallelGateway id="g"/>'
        + user("a", "b")
        + '<endEvent id="t"><terminateEventDefinition/></endEvent>'
    )
    inside += flows("is>g", "g>a", "g>b", "a>t", "b>ie")
    run = Run(load(START + sub(inside) + user("after") + END + flows("s>sub", "sub>after", "after>e")))
    run.complete("a")
    assert run.waiting() == ["after"]
    assert run.desk.told("ended") == ["sub"]


def test_an_error_stops_everything_inside_before_anything_else_runs() -> None:
    """The script beside the error is ready, but must not run any more."""
    inside = (
        '<parallelGateway id="g"/><endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>'
        + user("a")
    )
    inside += script("beside", "n = n + 1") + flows("is>g", "g>x", "g>beside", "g>a", "beside>ie", "a>ie")
    body = (
        START
        + sub(inside, boundary("b", "sub", '<errorEventDefinition errorRef="err"/>'))
        + user("after")
        + END
    )
    run = Run(load(body + flows("s>sub", "sub>e", "b>after"), head=ERROR), {"n": 0})
    assert run.waiting() == ["after"]
    assert run.desk.known["n"] == 0


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_out_of_a_call(interrupting: bool) -> None:
    called = (
        '<startEvent id="s2"/><intermediateThrowEvent id="x"><escalationEventDefinition escalationRef="esc"/>'
    )
    called += '</intermediateThrowEvent><scriptTask id="go"><script>n = n + 1</script></scriptTask>' + user(
        "inner"
    )
    called += '<endEvent id="e2"/>' + flows("s2>x", "x>go", "go>inner", "inner>e2")
    body = START + '<callActivity id="c" calledElement="p2"/>' + END + user("told")
    body += boundary("b", "c", '<escalationEventDefinition escalationRef="esc"/>', interrupting)
    run = Run(load(body + flows("s>c", "c>e", "b>told", "told>e"), called, head=ERROR), {"n": 0})
    assert sorted(run.waiting()) == (["told"] if interrupting else ["inner", "told"])
    assert run.desk.known["n"] == (0 if interrupting else 1)


def test_an_escalation_that_nobody_catches_goes_unnoticed() -> None:
    body = (
        START
        + '<intermediateThrowEvent id="x"><escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent>'
    )
    assert Run(load(body + END + flows("s>x", "x>e"), head=ERROR)).ended


def test_a_message_interrupts_however_deep_the_case_is() -> None:
    inside = '<callActivity id="c" calledElement="p2"/>' + flows("is>c", "c>ie")
    called = '<startEvent id="s2"/><subProcess id="deep"><startEvent id="s3"/>' + user("x", "y")
    called += '<endEvent id="e3"/><parallelGateway id="g"/>' + flows("s3>g", "g>x", "g>y", "x>e3", "y>e3")
    called += '</subProcess><endEvent id="e2"/>' + flows("s2>deep", "deep>e2")
    body = START + sub(inside, boundary("b", "sub", STOP)) + user("stopped") + END
    run = Run(load(body + flows("s>sub", "sub>e", "b>stopped", "stopped>e"), called, head=MESSAGES))
    assert run.waiting() == ["x", "y"]
    assert not run.message("unknown")
    assert run.message("party.stops")
    assert run.waiting() == ["stopped"]
    assert run.waiting("message") == []
    assert run.desk.told("ended") == ["deep", "c", "sub"]
    assert not run.message("party.stops")


def test_one_receiver_gets_a_message_the_outermost_interrupting_one_first() -> None:
    inside = (
        user("a")
        + boundary("in", "a", STOP, interrupting=False)
        + user("side")
        + flows("is>a", "a>ie", "in>side")
    )
    body = START + sub(inside, boundary("out", "sub", STOP)) + user("stopped") + END
    run = Run(load(body + flows("s>sub", "sub>e", "out>stopped"), head=MESSAGES))
    assert sorted(run.waiting("message")) == ["in", "out"]
    run.message("party.stops")
    assert run.waiting() == ["stopped"]


def test_an_interrupting_receiver_comes_before_an_older_one() -> None:
    inside = (
        user("a", "stopped") + boundary("in", "a", STOP) + flows("is>a", "a>ie", "in>stopped", "stopped>ie")
    )
    body = START + sub(inside, boundary("out", "sub", STOP, interrupting=False)) + user("told") + END
    run = Run(load(body + flows("s>sub", "sub>e", "out>told", "told>e"), head=MESSAGES))
    run.message("party.stops")
    assert run.waiting() == ["stopped"]
    run.message("party.stops")
    assert run.waiting() == ["stopped", "told"]


def test_among_interrupting_receivers_the_outermost_comes_first() -> None:
    """The inner one has waited longer."""
    inner = (
        '<subProcess id="deep"><startEvent id="ds"/><endEvent id="de"/>' + user("x") + flows("ds>x", "x>de")
    )
    inner += "</subProcess>" + boundary("in", "deep", STOP) + flows("is>deep", "deep>ie", "in>ie")
    body = START + '<parallelGateway id="g"/>' + sub(inner) + user("first", "late", "stopped")
    body += boundary("out", "late", STOP) + END
    body += flows("s>g", "g>sub", "g>first", "first>late", "late>e", "sub>e", "out>stopped", "stopped>e")
    run = Run(load(body, head=MESSAGES))
    run.complete("first")
    run.message("party.stops")
    assert sorted(run.waiting()) == ["stopped", "x"]


def test_a_signal_reaches_all_in_the_case() -> None:
    body = START + '<parallelGateway id="g"/>' + user("a", "b", "go")
    body += '<intermediateThrowEvent id="x"><signalEventDefinition signalRef="sig"/></intermediateThrowEvent>'
    body += boundary("ba", "a", '<signalEventDefinition signalRef="sig"/>') + user("after_a", "after_b")
    body += boundary("bb", "b", '<signalEventDefinition signalRef="sig"/>', interrupting=False)
    body += END + flows("s>g", "g>a", "g>b", "g>go", "go>x", "x>e", "a>e", "b>e", "ba>after_a", "bb>after_b")
    run = Run(load(body, head='<signal id="sig" name="calm"/>'))
    run.complete("go")
    assert sorted(run.waiting()) == ["after_a", "after_b", "b"]


def test_a_signal_may_interrupt_its_own_thrower() -> None:
    inside = (
        '<intermediateThrowEvent id="x"><signalEventDefinition signalRef="sig"/></intermediateThrowEvent>'
    )
    inside += script("never", "n = n + 1") + flows("is>x", "x>never", "never>ie")
    body = (
        START
        + sub(inside, boundary("b", "sub", '<signalEventDefinition signalRef="sig"/>'))
        + user("after")
        + END
    )
    run = Run(
        load(body + flows("s>sub", "sub>e", "b>after"), head='<signal id="sig" name="calm"/>'), {"n": 0}
    )
    assert run.waiting() == ["after"]
    assert run.desk.known["n"] == 0


# --- event subprocesses


def handler(id: str, definition: str, inside: str, interrupting: bool = True) -> str:
    """An event subprocess whose inside begins at ``{id}_s`` and ends at ``{id}_e``."""
    cancels = str(interrupting).lower()
    return (
        f'<subProcess id="{id}" triggeredByEvent="true"><startEvent id="{id}_s" isInterrupting="{cancels}">'
        f'{definition}</startEvent><endEvent id="{id}_e"/>{inside}</subProcess>'
    )


def test_an_interrupting_event_subprocess_takes_over_its_scope() -> None:
    watch = handler("h", STOP, user("handle") + flows("h_s>handle", "handle>h_e"))
    run = Run(load(START + user("a") + END + watch + flows("s>a", "a>e"), head=MESSAGES))
    assert run.message("party.stops")
    assert run.waiting() == ["handle"]
    assert run.waiting("message") == []
    run.complete("handle")
    assert run.ended


def test_a_non_interrupting_event_subprocess_runs_beside_and_again() -> None:
    watch = handler("h", STOP, user("handle") + flows("h_s>handle", "handle>h_e"), interrupting=False)
    run = Run(load(START + user("a") + END + watch + flows("s>a", "a>e"), head=MESSAGES))
    run.message("party.stops")
    run.message("party.stops")
    assert run.waiting() == ["a", "handle", "handle"]
    run.complete("a")
    assert not run.ended
    run.complete("handle")
    run.complete("handle")
    assert run.ended


def test_an_error_goes_to_the_handler_before_the_border() -> None:
    inside = '<endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>' + user("a")
    inside += '<exclusiveGateway id="g" default="g_a"/>' + flows("is>g", "g>x|bad", "g>a", "a>ie")
    inside += handler(
        "h", '<errorEventDefinition errorRef="err"/>', user("mend") + flows("h_s>mend", "mend>h_e")
    )
    body = (
        START + sub(inside, boundary("b", "sub", "<errorEventDefinition/>")) + user("outside", "after") + END
    )
    run = Run(load(body + flows("s>sub", "sub>after", "b>outside", "after>e"), head=ERROR), {"bad": True})
    assert run.waiting() == ["mend"]
    run.complete("mend")
    assert run.waiting() == ["after"]


def test_what_a_handler_throws_is_not_for_the_handlers_beside_it() -> None:
    inside = '<endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>' + flows("is>x")
    again = '<endEvent id="y"><errorEventDefinition errorRef="err"/></endEvent>' + flows("h_s>y")
    inside += handler("h", "<errorEventDefinition/>", again)
    body = START + sub(inside, boundary("b", "sub", "<errorEventDefinition/>")) + user("outside") + END
    processes = load(
        (body + flows("s>sub", "sub>e", "b>outside"))
        .replace('<endEvent id="ie"/>', "")
        .replace('<endEvent id="h_e"/>', ""),
        head=ERROR,
    )
    assert Run(processes).waiting() == ["outside"]


def test_an_escalation_of_a_handler_is_not_caught_by_its_own_start() -> None:
    """A handler that caught itself would run for ever."""
    escalation = '<escalationEventDefinition escalationRef="esc"/>'
    throws = f'<intermediateThrowEvent id="x">{escalation}</intermediateThrowEvent>' + user("handle")
    inside = f'<intermediateThrowEvent id="first">{escalation}</intermediateThrowEvent>' + user("a")
    inside += flows("is>first", "first>a", "a>ie")
    inside += handler("h", escalation, throws + flows("h_s>x", "x>handle", "handle>h_e"), interrupting=False)
    body = START + sub(inside, boundary("b", "sub", escalation, interrupting=False)) + user("outside") + END
    run = Run(load(body + flows("s>sub", "sub>e", "b>outside", "outside>e"), head=ERROR))
    assert sorted(run.waiting()) == ["a", "handle", "outside"]


# --- timers and conditions


def test_a_timer_interrupts_when_it_is_fired() -> None:
    body = START + user("a") + boundary("b", "a", timer("timeDuration", "P1M")) + user("late") + END
    run = Run(load(body + flows("s>a", "a>e", "b>late")))
    assert run.wait("b").due_at == datetime(2026, 4, 2, 1, tzinfo=UTC)
    run.pass_time(days=3)
    assert run.wait("b").due_at == datetime(2026, 4, 2, 1, tzinfo=UTC)
    run.fire("b")
    assert run.waiting() == ["late"]


def test_a_cycle_fires_as_often_as_it_says_and_does_not_drift() -> None:
    body = (
        START
        + user("a")
        + boundary("b", "a", timer("timeCycle", "R2/P7D"), interrupting=False)
        + user("remind")
        + END
    )
    run = Run(load(body + flows("s>a", "a>e", "b>remind")))
    run.pass_time(days=30)
    run.fire("b")
    assert run.wait("b").due_at == datetime(2026, 3, 16, 1, tzinfo=UTC)
    run.fire("b")
    assert run.waiting("timer") == []
    assert run.waiting() == ["a", "remind", "remind"]


def test_dated_timers_that_are_not_known_yet_are_not_due() -> None:
    body = START + user("a", "late") + END + boundary("b", "a", timer("timeDate", "hearing_on"))
    body += boundary("d", "a", timer("timeDate", 'deadline("petition.handle") - 3'))
    body += boundary("l", "a", timer("timeDate", "2026-10-01T09:30:00+08:00"))
    run = Run(load(body + flows("s>a", "a>e", "b>late", "d>late", "l>late", "late>e")))
    assert (run.wait("b").due_at, run.wait("d").due_at) == (None, None)
    assert run.wait("d").deadline == "petition.handle"
    assert run.wait("l").due_at == datetime(2026, 10, 1, 1, 30, tzinfo=UTC)
    run.desk.deadlines["petition.handle"] = datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert run.wait("d").due_at == datetime(2026, 5, 28, 16, tzinfo=UTC)


def test_a_dated_timer_moves_with_its_fact() -> None:
    body = START + user("a") + boundary("b", "a", timer("timeDate", "hearing_on")) + user("late") + END
    run = Run(load(body + flows("s>a", "a>e", "b>late")))
    assert run.wait("b").due_at is None
    run.desk.known["hearing_on"] = date(2026, 5, 4)
    due = run.wait("b").due_at
    assert due is not None
    assert due.isoformat() == "2026-05-04T00:00:00+08:00"


def test_a_timer_that_is_no_date_says_so() -> None:
    processes = load(
        START + user("a") + boundary("b", "a", timer("timeDate", "n")) + END + flows("s>a", "a>e", "b>e")
    )
    with pytest.raises(ExpressionError, match=r"model\.bpmn:4: b: a timer needs a date, not 7"):
        Run(processes, {"n": 7})


def test_an_event_gateway_takes_the_first() -> None:
    body = START + '<eventBasedGateway id="g"/><receiveTask id="m" messageRef="note"/>'
    body += f'<intermediateCatchEvent id="t">{timer("timeDuration", "P10D")}</intermediateCatchEvent>'
    body += (
        user("answered", "silent") + END + flows("s>g", "g>m", "g>t", "m>answered", "t>silent", "answered>e")
    )
    processes = load(body, head=MESSAGES)
    run = Run(processes)
    assert (run.waiting("message"), run.waiting("timer")) == (["m"], ["t"])
    run.message("note.arrives")
    assert run.waiting() == ["answered"]
    assert run.waiting("timer") == []
    run = Run(processes)
    run.fire("t")
    assert run.waiting() == ["silent"]


def condition(text: str) -> str:
    """A conditional definition."""
    return f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"


def test_a_condition_interrupts_before_anything_else_runs() -> None:
    inside = user("a") + script("next", "n = n + 1") + flows("is>a", "a>next", "next>ie")
    body = START + sub(inside, boundary("b", "sub", condition("suspected_crime"))) + user("police") + END
    run = Run(load(body + flows("s>sub", "sub>e", "b>police")), {"n": 0})
    run.complete("a", suspected_crime=True)
    assert run.waiting() == ["police"]
    assert run.desk.known["n"] == 0


def test_a_non_interrupting_condition_happens_each_time_it_comes_to_hold() -> None:
    body = START + sub(user("x", "y", "z", "w") + flows("is>x", "x>y", "y>z", "z>w", "w>ie"))
    body += boundary("b", "sub", condition("persons > 5"), interrupting=False) + user("warn") + END
    run = Run(load(body + flows("s>sub", "sub>e", "b>warn")), {"persons": 1})
    run.complete("x", persons=6)
    run.complete("y", persons=7)
    assert run.waiting() == ["warn", "z"]
    run.complete("z", persons=2)
    assert run.waiting() == ["warn", "w"]
    run.complete("w", persons=9)
    assert run.waiting() == ["warn", "warn"]


# --- multi-instances and loops


def test_parallel_instances_with_seats_and_a_quorum() -> None:
    task = """<userTask id="t" camunda:candidateGroups="${seat}"><multiInstanceLoopCharacteristics
      camunda:collection='["police", "justice", "court", "grid"]' camunda:elementVariable="seat">
      <completionCondition>nrOfCompletedInstances >= 3 and nrOfInstances == 4</completionCondition>
      </multiInstanceLoopCharacteristics></userTask>"""
    run = Run(load(START + task + user("after") + END + flows("s>t", "t>after", "after>e")))
    assert [wait.roles for wait in run.instance.waits] == [("police",), ("justice",), ("court",), ("grid",)]
    keys = [wait.key for wait in run.instance.waits]
    run.complete("t", 3)
    assert [wait.key for wait in run.instance.waits] == keys[:3]
    run.complete("t", 0)
    run.complete("t", 0)
    assert run.waiting() == ["after"]


def test_enough_instances_end_the_others_with_all_that_is_inside() -> None:
    body = (
        '<subProcess id="sub"><startEvent id="is"/><endEvent id="ie"/>' + user("t") + boundary("b", "t", STOP)
    )
    body += (
        flows("is>t", "t>ie", "b>ie")
        + "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
    )
    body += (
        "<completionCondition>nrOfCompletedInstances >= 1 and nrOfActiveInstances == 2</completionCondition>"
    )
    body += "</multiInstanceLoopCharacteristics></subProcess>" + user("after")
    run = Run(load(START + body + END + flows("s>sub", "sub>after", "after>e"), head=MESSAGES))
    run.complete("t", 1)
    assert [wait.element.id for wait in run.instance.waits] == ["after"]
    assert run.desk.told("ended") == ["sub"] * 3
    assert len(run.instance.dump()) < 60


def test_instances_one_after_the_other() -> None:
    task = '<userTask id="t" camunda:assignee="x"><multiInstanceLoopCharacteristics isSequential="true">'
    task += "<loopCardinality>n + 1</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
    run = Run(load(START + task + END + flows("s>t", "t>e")), {"n": 2})
    for number in range(3):
        assert run.wait("t").locals == {"loopCounter": number}
        run.complete("t")
    assert run.ended


@pytest.mark.parametrize(
    ("characteristics", "said"),
    [
        ("<loopDataInputRef>missing</loopDataInputRef><inputDataItem name='i'/>", "'missing' is not set"),
        ("<loopCardinality>0 - 1</loopCardinality>", "0 or more, not -1"),
        ("<loopCardinality>2000</loopCardinality>", "more than 1000 instances"),
        ("<loopCardinality>missing</loopCardinality>", "not None"),
        ("<loopDataInputRef>word</loopDataInputRef><inputDataItem name='i'/>", "must be a list, not 'abc'"),
    ],
)
def test_a_count_that_makes_no_sense(characteristics: str, said: str) -> None:
    task = f'<userTask id="t" camunda:assignee="x"><multiInstanceLoopCharacteristics>{characteristics}'
    processes = load(
        START + task + "</multiInstanceLoopCharacteristics></userTask>" + END + flows("s>t", "t>e")
    )
    with pytest.raises(ProcessError, match=said):
        Run(processes, {"word": "abc"})


def test_a_boundary_event_guards_all_instances() -> None:
    task = (
        '<userTask id="t" camunda:assignee="x"><multiInstanceLoopCharacteristics camunda:collection="names" '
    )
    task += 'camunda:elementVariable="name"/></userTask>' + boundary("b", "t", STOP) + user("stopped")
    run = Run(
        load(START + task + END + flows("s>t", "t>e", "b>stopped"), head=MESSAGES), {"names": ("a", "b")}
    )
    run.complete("t")
    run.message("party.stops")
    assert run.waiting() == ["stopped"]


@pytest.mark.parametrize(("before", "again", "times"), [(True, False, 0), (False, False, 1), (True, True, 3)])
def test_a_standard_loop(before: bool, again: bool, times: int) -> None:
    task = f'<userTask id="t" camunda:assignee="x"><standardLoopCharacteristics testBefore="{str(before).lower()}" '
    task += 'loopMaximum="3"><loopCondition>again</loopCondition></standardLoopCharacteristics></userTask>'
    run = Run(load(START + task + END + flows("s>t", "t>e")), {"again": again})
    for _ in range(times):
        assert run.waiting() == ["t"]
        run.complete("t")
    assert run.ended


def test_what_can_never_go_on_is_an_error_not_silence() -> None:
    body = (
        START
        + '<parallelGateway id="g"/><exclusiveGateway id="x" default="x_b"/><parallelGateway id="j"/>'
        + END
    )
    body += user("a", "b", "out") + flows(
        "s>g", "g>a", "g>x", "x>out|left", "x>b", "a>j", "b>j", "j>e", "out>e"
    )
    run = Run(load(body), {"left": True})
    run.complete("a")
    with pytest.raises(ProcessError, match="j waits for a token on a flow where none can come"):
        run.complete("out")
