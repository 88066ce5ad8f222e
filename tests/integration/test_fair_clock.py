"""The clock is fair between cases, does what is over before what people do, and is put right when it was wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from jiefen import AlreadyDone, Answer, Engine, FixedClock, Happening, Lane
from jiefen.agenda.retries import LONGEST_DELAY
from jiefen.agenda.sweep import TURN
from jiefen.record.kinds import EntryKind
from jiefen.store import agenda as store
from jiefen.store import schema
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.support.moments import WINDOW

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://example.org">'
    '<bpmn:message id="m" name="party.withdrew"/>'
)
START = '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f0" sourceRef="s" targetRef="{first}"/>'
TASK = '<bpmn:userTask id="{id}" name="{id}" camunda:candidateGroups="clerk"/>'


def timer(form: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{form}>{text}</bpmn:{form}></bpmn:timerEventDefinition>"


def flow(number: int, source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'


def model(process: str, body: str) -> str:
    head = f'{HEAD}<bpmn:process id="{process}" name="{process}" isExecutable="true">'
    return f"{head}{body}</bpmn:process></bpmn:definitions>"


def beside(process: str, event: str, *, interrupts: bool) -> str:
    """A task with a timer on it, which opens another task."""
    cancels = str(interrupts).lower()
    return model(
        process,
        START.format(first="work")
        + TASK.format(id="work")
        + f'<bpmn:boundaryEvent id="b" attachedToRef="work" cancelActivity="{cancels}">{event}</bpmn:boundaryEvent>'
        + TASK.format(id="late")
        + TASK.format(id="next")
        + flow(1, "b", "late")
        + flow(2, "work", "next")
        + flow(3, "late", "e1")
        + flow(4, "next", "e2")
        + '<bpmn:endEvent id="e1"/><bpmn:endEvent id="e2"/>',
    )


def gateway(process: str, event: str) -> str:
    """A message or a timer, whichever comes first."""
    return model(
        process,
        START.format(first="g")
        + '<bpmn:eventBasedGateway id="g"/>'
        + '<bpmn:intermediateCatchEvent id="c"><bpmn:messageEventDefinition messageRef="m"/>'
        + "</bpmn:intermediateCatchEvent>"
        + f'<bpmn:intermediateCatchEvent id="t">{event}</bpmn:intermediateCatchEvent>'
        + TASK.format(id="late")
        + TASK.format(id="next")
        + flow(1, "g", "c")
        + flow(2, "g", "t")
        + flow(3, "c", "next")
        + flow(4, "t", "late")
        + flow(5, "next", "e1")
        + flow(6, "late", "e2")
        + '<bpmn:endEvent id="e1"/><bpmn:endEvent id="e2"/>',
    )


Loader = Callable[..., Engine]


@pytest.fixture
def load(opener: Opener, tmp_path: Path) -> Loader:
    """Opens an engine on models of one's own beside those of the small edition."""

    def load_models(*models: str, **options: object) -> Engine:
        folder = tmp_path / "processes"
        folder.mkdir(exist_ok=True)
        for path in (SMALL / "processes").glob("*.bpmn"):
            (folder / path.name).write_bytes(path.read_bytes())
        for number, text in enumerate(models):
            (folder / f"own{number}.bpmn").write_text(text, encoding="utf-8")
        return opener(processes=folder, **options)

    return load_models


def opened(engine: Engine, process: str, key: str = "k1") -> int:
    facts = {"received_on": date(2026, 3, 2), "area": CLERK.area}
    return engine.open_case(process, facts, key=key, by=CLERK).id


def elements(engine: Engine, case: int) -> list[str]:
    return [task.element for task in engine.tasks(case=case)]


def crowd(engine: Engine, case: int, entries: int) -> None:
    """Let so many entries of a case be due that were due before any other."""
    row = {
        "case_id": case, "kind": str(EntryKind.TIMER), "status": "pending", "attempts": 0, "data": {},
        "at": engine._runtime.clock.now() - timedelta(days=400),
        "next_try_at": engine._runtime.clock.now() - timedelta(days=400),
    }  # fmt: skip
    with engine._runtime.writing() as connection:
        connection.execute(
            sa.insert(schema.agenda), [row | {"ref": str(10**6 + number)} for number in range(entries)]
        )


class TestTurns:
    def test_a_deadline_does_not_wait_for_the_cycles_of_another_case(
        self, load: Loader, clock: FixedClock
    ) -> None:
        engine = load(beside("noisy", timer("timeCycle", "R/PT1M"), interrupts=False))
        noisy, victim = opened(engine, "noisy", "n"), opened(engine, "claim", "v")
        clock.advance(timedelta(days=120))
        swept = engine.sweep(limit=2, lane=Lane.CLOCK)
        assert swept.done == {"rung": 1, "expiry": 1}, (
            "the deadline that is over goes first, with its warning"
        )
        assert str(engine.deadlines(victim)[0].status) == "expired"
        engine.sweep(lane=Lane.CLOCK)
        assert elements(engine, noisy) == ["work", "late"]

    def test_a_case_with_thousands_of_entries_has_a_turn_like_any_other(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        crowded = opened(engine, "claim", "crowded")
        others = [opened(engine, "claim", f"k{number}") for number in range(5)]
        crowd(engine, crowded, 1_000)
        clock.set(date(2026, 4, 24))  # the warning of each
        engine.sweep(limit=TURN + len(others), lane=Lane.CLOCK)
        for case in others:
            assert [one for one in engine.history(case) if one.kind is Happening.RUNG] != []
        assert engine.lag().due >= 1_000 - TURN
        engine.sweep(lane=Lane.CLOCK)
        assert engine.lag().due == 0

    def test_a_batch_that_takes_long_lets_others_come_in_between(
        self, engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However slow the machine is, everything is done, once and in order, and no case is held for long."""
        cases = [opened(engine, "claim", f"k{number}") for number in range(3)]
        clock.advance(timedelta(days=100))
        commits: list[object] = []
        monkeypatch.setattr("jiefen.agenda.sweep.LONGEST_BATCH", 0.0)
        event.listen(engine._runtime.database.engine, "commit", commits.append)
        assert engine.sweep(lane=Lane.CLOCK).total == 3 * len(cases)
        assert len(commits) >= 3 * len(cases)

    def test_what_is_due_in_one_case_comes_in_the_order_of_its_instants(
        self, load: Loader, clock: FixedClock
    ) -> None:
        engine = load(beside("noisy", timer("timeCycle", "R/P20D"), interrupts=False))
        case = opened(engine, "claim")
        clock.advance(timedelta(days=100))
        engine.sweep()
        told = [
            entry.subject
            for entry in engine.history(case)
            if entry.kind in (Happening.RUNG, Happening.DEADLINE_EXPIRED, Happening.TIMER)
        ]
        assert told == ["claim.handle/warn", "claim.handle", "late", "claim.handle/remind"]


class TestCycles:
    @pytest.mark.parametrize(
        ("cycle", "missed"), [("R/PT1H", 1439), ("R5/P7D", 4), ("R/P1M", 0)], ids=["hour", "five", "month"]
    )
    def test_the_times_missed_during_a_stop_are_one(
        self, load: Loader, clock: FixedClock, cycle: str, missed: int
    ) -> None:
        engine = load(beside("noisy", timer("timeCycle", cycle), interrupts=False))
        case = opened(engine, "noisy")
        clock.advance(timedelta(days=60))
        assert engine.sweep().done["timer"] == 1
        [fired] = [entry for entry in engine.history(case) if entry.kind is Happening.TIMER]
        assert fired.data.get("missed", 0) == missed
        assert elements(engine, case).count("late") == 1
        if missed:
            assert f"错过{missed}次" in engine.explain(case).text("zh")
            assert f"{missed} times missed" in engine.explain(case).text("en")
        assert engine.sweep().total == 0

    def test_a_cycle_goes_on_as_it_was_planned(self, load: Loader, clock: FixedClock) -> None:
        engine = load(beside("noisy", timer("timeCycle", "R/PT1H"), interrupts=False))
        case = opened(engine, "noisy")
        clock.advance(timedelta(days=60, minutes=20))
        engine.sweep()
        clock.advance(timedelta(minutes=39))
        assert engine.sweep().total == 0
        clock.advance(timedelta(minutes=1))
        assert engine.sweep().done == {"timer": 1}
        assert [one.data.get("missed") for one in engine.history(case) if one.kind is Happening.TIMER] == [
            1439,
            None,
        ]

    def test_nothing_is_planned_more_often_than_once_a_minute(self, load: Loader, clock: FixedClock) -> None:
        engine = load(beside("noisy", timer("timeCycle", "R/PT1S"), interrupts=False))
        case = opened(engine, "noisy")
        clock.advance(timedelta(seconds=59))
        assert engine.sweep().total == 0
        for _ in range(3):
            clock.advance(timedelta(seconds=1))
            engine.sweep()
        clock.advance(timedelta(minutes=1))
        engine.sweep()
        assert elements(engine, case).count("late") == 2

    def test_a_cycle_comes_more_often_where_its_event_says_so(self, load: Loader, clock: FixedClock) -> None:
        said = '<camunda:property name="least_cycle" value="PT10S"/>'
        said = f"<bpmn:extensionElements><camunda:properties>{said}</camunda:properties></bpmn:extensionElements>"
        quick = said + timer("timeCycle", "R/PT1S")
        engine = load(beside("quick", quick, interrupts=False))
        case = opened(engine, "quick")
        for _ in range(6):
            clock.advance(timedelta(seconds=5))
            engine.sweep()
        assert elements(engine, case).count("late") == 3


LATE = {
    "duration": timer("timeDuration", "P1D"),
    "date": timer("timeDate", "2026-03-04"),
    "fact": timer("timeDate", "${received_on + 2}"),
}


class TestActsAfterATimer:
    """What an act leads to does not depend on whether a sweep has looked before it."""

    @pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])
    @pytest.mark.parametrize("event", LATE.values(), ids=LATE)
    def test_a_task_that_a_timer_has_taken_away(
        self, load: Loader, clock: FixedClock, event: str, swept: bool
    ) -> None:
        engine = load(beside("own", event, interrupts=True))
        case = opened(engine, "own")
        [task] = engine.tasks(case=case)
        clock.advance(timedelta(days=10))
        if swept:
            engine.sweep()
        with pytest.raises(AlreadyDone):
            engine.complete(task.id, {}, by=CLERK)
        engine.sweep()
        assert elements(engine, case) == ["late"]

    @pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])
    @pytest.mark.parametrize("event", LATE.values(), ids=LATE)
    def test_a_message_after_the_timer_of_an_event_gateway(
        self, load: Loader, clock: FixedClock, event: str, swept: bool
    ) -> None:
        engine = load(gateway("own", event))
        case = opened(engine, "own")
        clock.advance(timedelta(days=10))
        if swept:
            engine.sweep()
        assert engine.message("party.withdrew", case=case, key="m", by=WINDOW) is False
        assert elements(engine, case) == ["late"]

    def test_a_task_beside_a_timer_that_only_reminds_can_be_done(
        self, load: Loader, clock: FixedClock
    ) -> None:
        engine = load(beside("own", LATE["duration"], interrupts=False))
        case = opened(engine, "own")
        [task] = engine.tasks(case=case)
        clock.advance(timedelta(days=10))
        engine.complete(task.id, {}, by=CLERK)
        assert sorted(elements(engine, case)) == ["late", "next"]
        kinds = [entry.kind for entry in engine.history(case)]
        assert kinds.index(Happening.TIMER) < kinds.index(Happening.TASK_COMPLETED)

    def test_an_answer_after_the_timer_on_its_call(self, load: Loader, clock: FixedClock) -> None:
        """What the timer has withdrawn is no longer answered, though no sweep has looked."""
        call = '<bpmn:serviceTask id="work" name="work" camunda:type="external" camunda:topic="court"/>'
        text = beside("own", LATE["duration"], interrupts=True).replace(TASK.format(id="work"), call)
        engine = load(text)
        case = opened(engine, "own")
        [waiting] = engine.deliveries()
        clock.advance(timedelta(days=10))
        with pytest.raises(AlreadyDone, match="withdrawn"):
            engine.answer(waiting.id, Answer())
        assert elements(engine, case) == ["late"]

    def test_before_the_timer_the_act_counts(self, load: Loader, clock: FixedClock) -> None:
        engine = load(beside("own", LATE["duration"], interrupts=True))
        case = opened(engine, "own")
        [task] = engine.tasks(case=case)
        clock.advance(timedelta(hours=23, minutes=59))
        engine.complete(task.id, {}, by=CLERK)
        assert elements(engine, case) == ["next"]

    def test_a_timer_that_fails_does_not_stand_in_the_way(self, load: Loader, clock: FixedClock) -> None:
        engine = load(beside("own", LATE["duration"], interrupts=True))
        case = opened(engine, "own")
        with engine._runtime.writing() as connection:
            connection.execute(sa.update(schema.agenda).values(status="incident"))
        [task] = engine.tasks(case=case)
        clock.advance(timedelta(days=10))
        engine.complete(task.id, {}, by=CLERK)
        assert elements(engine, case) == ["next"]


class TestAWrongClock:
    def test_a_right_that_a_clock_ahead_has_taken_runs_again(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener()
        case = opened(engine, "claim")
        before = engine.deadlines(case)[0]
        clock.set(date(2026, 4, 28))
        engine.sweep()
        clock.advance(timedelta(days=12))
        engine.sweep()
        assert str(engine.deadlines(case)[0].status) == "expired"
        clock.advance(timedelta(days=-12))
        engine.sweep()
        after = engine.deadlines(case)[0]
        assert (str(after.status), after.due_at) == ("running", before.due_at)
        [entry] = [one for one in engine.history(case) if one.kind is Happening.DEADLINE_REOPENED]
        assert "时钟" in entry.data["why"]["zh"]
        # It is looked at once, and expires in its time.
        revision = engine.case(case).revision
        assert engine.sweep().total == 0
        assert engine.case(case).revision == revision
        clock.advance(timedelta(days=12))
        assert engine.sweep().done["expiry"] == 1
        assert str(engine.deadlines(case)[0].status) == "expired"

    def test_an_act_in_time_counts_although_no_sweep_has_looked_since(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = opened(engine, "claim")
        clock.set(date(2026, 5, 10))
        engine.sweep()
        clock.set(date(2026, 4, 28))
        engine.message("matter.urgent", case=case, key="m")
        assert str(engine.deadlines(case)[0].status) == "running"

    def test_what_had_been_due_stays_expired(self, engine: Engine, clock: FixedClock) -> None:
        case = opened(engine, "claim")
        clock.set(date(2027, 5, 10))
        engine.sweep()
        clock.set(date(2026, 5, 10))
        before = engine.case(case).revision
        engine.sweep()
        assert str(engine.deadlines(case)[0].status) == "expired"
        assert engine.case(case).revision == before

    def test_clocks_that_differ_by_a_moment_take_nothing_from_each_other(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = opened(engine, "claim")
        due = engine.deadlines(case)[0].due_at
        assert due is not None
        clock.set(due + timedelta(seconds=2))
        engine.sweep()
        clock.set(due - timedelta(seconds=2))
        engine.sweep()
        assert str(engine.deadlines(case)[0].status) == "expired"

    def test_a_retry_is_never_further_away_than_the_longest_delay(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        opened(engine, "claim")
        with engine._runtime.writing() as connection:
            sound = connection.scalar(sa.select(schema.case.c.state))
            connection.execute(sa.update(schema.case).values(state=b"damaged"))
        clock.set(date(2031, 4, 24))
        engine.sweep()
        assert engine.lag().failing > 0
        with engine._runtime.writing() as connection:
            connection.execute(sa.update(schema.case).values(state=sound))
        clock.set(date(2026, 5, 24))
        assert engine.sweep().total == 0
        clock.advance(LONGEST_DELAY)
        assert engine.sweep().done["expiry"] == 1
        assert engine.lag().failing == 0

    def test_looking_for_what_is_due_or_wrong_reads_no_table(self, engine: Engine, clock: FixedClock) -> None:
        """A look at each sweep costs the same, whatever has expired and whatever waits."""
        opened(engine, "claim")
        now, asked = clock.now(), list[tuple[str, Any]]()

        def listen(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            asked.append((statement, parameters))

        with engine._runtime.writing() as connection:
            event.listen(connection, "before_cursor_execute", listen)
            store.signs_of_a_wrong_clock(connection, now, now)
            store.cases_expired_early(connection, now, 0, 10)
            store.bring(connection, now)
            store.waiting(connection, now, store.FROM_THE_START, [1, 2], 20, only_expiries=True)
            store.waiting(connection, now, store.FROM_THE_START, [], 20, only_expiries=False)
            store.first_due(connection, store.lock_cases(connection, [1, 2]), now)
            event.remove(connection, "before_cursor_execute", listen)
            postgres = connection.dialect.name == "postgresql"
            if postgres:
                # Tables as small as these are read as a whole, if that is allowed.
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            assert len(asked) == 7
            for statement, parameters in asked:
                explain = "EXPLAIN " if postgres else "EXPLAIN QUERY PLAN "
                plan = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
                assert not [step for step in plan if re.match(r"\s*(->)?\s*(SCAN jiefen|Seq Scan)", step)], (
                    plan
                )
                assert not [step for step in plan if "jiefen_deadline (status=?)" in step], plan
