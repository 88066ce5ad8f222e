"""What subprocesses, calls and the events between them do; every run is saved and restored after every step."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.process.drawing import Run, flows, load, script, user

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
