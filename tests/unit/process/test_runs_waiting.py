"""What timers, conditions, multi-instances and loops do; every run is saved and restored after every step."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jiefen.errors import ExpressionError, ProcessError
from tests.unit.process.drawing import Run, flows, load, script, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
MESSAGES = '<message id="stop" name="party.stops"/><message id="note" name="note.arrives"/>'
STOP = '<messageEventDefinition messageRef="stop"/>'


def boundary(id: str, host: str, definition: str, interrupting: bool = True) -> str:
    """A boundary event."""
    cancels = str(interrupting).lower()
    return f'<boundaryEvent id="{id}" attachedToRef="{host}" cancelActivity="{cancels}">{definition}</boundaryEvent>'


def timer(kind: str, text: str) -> str:
    """A timer definition."""
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def sub(inside: str, around: str = "", attributes: str = "") -> str:
    """A subprocess ``sub`` whose inside begins at ``is`` and ends at ``ie``."""
    return f'<subProcess id="sub" {attributes}><startEvent id="is"/><endEvent id="ie"/>{inside}</subProcess>{around}'


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
    run.pass_time(days=9)
    run.fire("b")
    assert run.wait("b").due_at == datetime(2026, 3, 16, 1, tzinfo=UTC)
    run.pass_time(days=9)
    run.fire("b")
    assert run.waiting("timer") == []
    assert run.waiting() == ["a", "remind", "remind"]


@pytest.mark.parametrize(
    ("cycle", "days", "missed", "due"),
    [
        ("R2/P7D", 30, 1, None),
        ("R4/P7D", 15, 1, datetime(2026, 3, 23, 1, tzinfo=UTC)),
        ("R/PT1H", 60, 1439, datetime(2026, 5, 1, 2, tzinfo=UTC)),
        ("R/P1M", 95, 2, datetime(2026, 7, 2, 1, tzinfo=UTC)),
        ("R/PT1S", 365, 365 * 24 * 60 - 1, datetime(2027, 3, 2, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_times_a_cycle_has_missed_are_one(
    cycle: str, days: int, missed: int, due: datetime | None
) -> None:
    event = timer("timeCycle", cycle)
    body = START + user("a") + boundary("b", "a", event, interrupting=False) + user("remind") + END
    run = Run(load(body + flows("s>a", "a>e", "b>remind")))
    run.pass_time(days=days)
    assert run.instance.fire(run.wait("b").key) == missed
    run.instance.run()
    assert run.waiting("timer") == (["b"] if due else [])
    assert due is None or run.wait("b").due_at == due
    assert run.waiting() == ["a", "remind"]


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


def test_what_can_never_go_on_is_said_and_hinders_nobody_else() -> None:
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
    assert run.instance.stuck == ()
    run.complete("out")
    assert [element.id for element in run.instance.stuck] == ["j"]
