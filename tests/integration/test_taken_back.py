"""An expiry that did not happen when it seemed to, and acts that come before the clock has looked.

Whoever types something in, before a sweep or after it, the case comes to the same.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

import jiefen.agenda.sweep
from jiefen import TRUSTED, DeadlineStatus, Engine, FactError, FixedClock, Happening, NotFound
from jiefen.bundled import bundled
from jiefen.periods import Holiday, Plan
from jiefen.periods.files import render
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.integration.test_deadline_moments import MODEL, RULE
from tests.integration.test_lanes import Outside, later, with_notices
from tests.support.moments import CLERK as COORDINATOR
from tests.support.moments import Life, rules_with_messages

Bundled = Callable[..., Path]


@pytest.fixture
def amend(tmp_path: Path) -> Bundled:
    """Makes a copy of the bundled rulebook with something replaced in one file of it."""

    def amended(file: str, old: str, new: str) -> Path:
        rules = rules_with_messages(tmp_path / "amended")
        path = rules / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return rules

    return amended


def small_rules(tmp_path: Path, deadlines: str, ladders: str = "", milestones: str = "") -> Path:
    """A copy of the small rulebook with more rules."""
    rules = tmp_path / "rules"
    shutil.copytree(SMALL / "rules", rules)
    path = rules / "nation" / "small.yaml"
    text = path.read_text(encoding="utf-8").replace("deadlines:\n", f"deadlines:\n{deadlines}", 1)
    path.write_text(text.replace("ladders:\n", f"ladders:\n{ladders}", 1), encoding="utf-8")
    path = rules / "milestones.yaml"
    path.write_text(path.read_text(encoding="utf-8") + milestones, encoding="utf-8")
    return rules


def states(engine: Engine) -> list[tuple[str, str]]:
    return [(item.rule, str(item.status)) for item in engine.deadlines(1)]


class TestStandingStill:
    """An adjournment for new evidence ends after a month, whatever happens to the deadline meanwhile."""

    @pytest.fixture
    def adjourned(self, life: Life, clock: FixedClock) -> Life:
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified")
        clock.set(date(2026, 3, 3))
        life.engine.suspend(life.case, "trial.simplified", ground="adjournment_new_evidence", by=COORDINATOR)
        return life

    def over(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 4, 4))
        life.engine.sweep()
        assert life.the("trial.simplified").suspensions[-1]["to"] == "2026-04-03"
        assert life.the("trial.simplified").status is DeadlineStatus.RUNNING

    def test_also_under_other_rules(self, adjourned: Life, clock: FixedClock, amend: Bundled) -> None:
        rules = amend("roles.yaml", "\n", "\n# changed\n")
        assert adjourned.engine.recompute(rules=rules, dry_run=False, by=TRUSTED).cases == 1
        self.over(adjourned, clock)

    def test_also_from_a_corrected_day(self, adjourned: Life, clock: FixedClock) -> None:
        adjourned.engine.correct_anchor(
            adjourned.case, "trial.simplified", on=date(2026, 3, 1), by=COORDINATOR
        )
        self.over(adjourned, clock)


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "not-swept"])
class TestWhoComesFirst:
    """What somebody records comes to the same, whether the clock has looked before or not."""

    def test_silence_was_acceptance(self, life: Life, clock: FixedClock, swept: bool) -> None:
        """行政复议法第三十条第三款: not examined within five working days, it counts as accepted."""
        clock.set(date(2026, 3, 2))
        life.engine.milestone(life.case, "reconsideration_requested", by=COORDINATOR)
        clock.set(date(2026, 3, 11))
        if swept:
            life.engine.sweep()
        life.engine.milestone(life.case, "reconsideration_refused", by=COORDINATOR)
        assert life.the("reconsideration.examine").status is DeadlineStatus.EXPIRED
        assert life.of("reconsideration.decide")

    def test_an_overdue_duty_is_not_erased_by_a_withdrawal(
        self, life: Life, clock: FixedClock, swept: bool
    ) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("petition_accepted")
        clock.set(date(2026, 6, 20))
        if swept:
            life.engine.sweep()
        life.engine.milestone(life.case, "withdrawn", by=COORDINATOR)
        assert life.the("petition.handle").status is DeadlineStatus.EXPIRED


CHAIN = """  a.one:
    title: {zh: 一, en: One}
    kind: duty
    anchor: accepted
    length: 5 d
    suspensions: [hearing]
    on_expiry: next_procedure
    expiry_milestone: m_one
    because: {policy: {zh: 测试, en: Test}}
  a.two:
    title: {zh: 二, en: Two}
    kind: duty
    anchor: m_one
    length: 5 d
    on_expiry: next_procedure
    expiry_milestone: m_two
    because: {policy: {zh: 测试, en: Test}}
  a.three:
    title: {zh: 三, en: Three}
    kind: right
    anchor: m_two
    length: 30 d
    on_expiry: right_lost
    because: {policy: {zh: 测试, en: Test}}
"""
PRESSED = """  a.pressed:
    title: {zh: 督, en: Pressed}
    kind: duty
    holder: clerk
    anchor: accepted
    length: 5 d
    suspensions: [hearing]
    on_expiry: supervise
    ladder: press
    because: {policy: {zh: 测试, en: Test}}
"""
PRESS = """  press:
    title: {zh: 督催, en: Press}
    because: {policy: {zh: 测试, en: Test}}
    rungs:
      - {id: supervise, after: 1 d, to: clerk, by: head, action: supervise, reply: 2 d, urgent: true}
"""


class TestTakenBack:
    def opened(self, opener: Opener, clock: FixedClock, rules: Path) -> Engine:
        clock.set(date(2026, 3, 2))
        engine = opener(rules=rules)
        facts = {"area": "140429102", "amount": 1, "received_on": date(2026, 3, 2)}
        engine.open_case("claim", facts, key="a", by=CLERK)
        return engine

    def test_what_came_of_it_and_what_came_of_that(
        self, opener: Opener, tmp_path: Path, clock: FixedClock
    ) -> None:
        names = "  m_one: {title: {zh: 一, en: one}}\n  m_two: {title: {zh: 二, en: two}}\n"
        engine = self.opened(opener, clock, small_rules(tmp_path, CHAIN, milestones=names))
        clock.set(date(2026, 3, 20))
        engine.sweep()
        assert dict(states(engine))["a.three"] == "running"
        engine.suspend(1, "a.one", ground="hearing", since=date(2026, 3, 4), by=CLERK)
        assert dict(states(engine)) == {
            "claim.handle": "running",
            "a.one": "suspended",
            "a.two": "cancelled",
            "a.three": "cancelled",
        }

    def test_who_was_pressed_for_it_need_not_answer_and_is_pressed_for_the_real_end(
        self, opener: Opener, tmp_path: Path, clock: FixedClock
    ) -> None:
        engine = self.opened(opener, clock, small_rules(tmp_path, PRESSED, PRESS))
        clock.set(date(2026, 3, 9))
        engine.sweep()
        assert [one.status for one in engine.supervisions()] == ["open"]
        engine.suspend(1, "a.pressed", ground="hearing", since=date(2026, 3, 4), by=CLERK)
        assert engine.supervisions() == []
        assert [one.ref for one in engine.supervisions(status="withdrawn")] == ["rung/1/supervise"]
        clock.set(date(2026, 3, 20))
        engine.sweep()
        assert not [e for e in engine.history(1) if e.kind is Happening.SUPERVISION_UNANSWERED]
        seq = next(item.seq for item in engine.deadlines(1) if item.rule == "a.pressed")
        engine.resume(1, seq, by=CLERK)
        clock.set(date(2026, 4, 20))
        engine.sweep()
        told = [e.data["ref"] for e in engine.history(1) if e.kind is Happening.DELIVERY]
        assert [ref for ref in told if ref.startswith(f"rung/{seq}/")] == [
            f"rung/{seq}/supervise",
            f"rung/{seq}/supervise/1",
        ]

    def test_a_step_follows_the_clock_of_its_whole_case(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified")
        engine, case = life.engine, life.case
        engine.suspend(case, "trial.simplified", ground="appraisal", since=date(2026, 3, 2), by=COORDINATOR)
        clock.set(date(2026, 8, 20))
        engine.resume(case, "trial.simplified", by=COORDINATOR)
        clock.set(date(2026, 9, 3))
        engine.sweep()
        assert life.the("trial.simplified").status is DeadlineStatus.EXPIRED
        engine.suspend(
            case, "trial.first_instance", ground="appraisal", since=date(2026, 8, 25), by=COORDINATOR
        )
        clock.set(date(2026, 9, 10))
        engine.resume(case, "trial.first_instance", by=COORDINATOR)
        step, whole = life.the("trial.simplified"), life.the("trial.first_instance")
        assert step.status is whole.status is DeadlineStatus.RUNNING
        assert engine.recompute(by=COORDINATOR).moves == ()


class TestRecompute:
    def test_what_is_told_is_what_moves(self, life: Life, clock: FixedClock, amend: Bundled) -> None:
        """Without the clock of the whole case, the step beside it ends by itself."""
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified")
        engine, case = life.engine, life.case
        engine.suspend(case, "trial.simplified", ground="appraisal", since=date(2026, 3, 2), by=COORDINATOR)
        clock.set(date(2026, 8, 20))
        engine.resume(case, "trial.simplified", by=COORDINATOR)
        file = "nation/deadlines/civil_court.yaml"
        text = (bundled("rules") / file).read_text(encoding="utf-8")
        start = text.index("  trial.first_instance:\n")
        head = text[start : text.index("    length:", start)]
        rules = amend(file, head, f"{head}    when: {{court_procedure: ordinary}}\n")
        asked = engine.recompute(rules=rules, by=COORDINATOR)
        done = engine.recompute(rules=rules, dry_run=False, by=TRUSTED)
        assert asked.moves == done.moves
        moves = {move.rule: move.after for move in done.moves}
        step = life.the("trial.simplified")
        assert moves["trial.first_instance"] is None
        assert (moves["trial.simplified"].due_on if moves["trial.simplified"] else None) == step.due_on

    def test_both_at_once_is_one_after_the_other(
        self, life: Life, clock: FixedClock, amend: Bundled, tmp_path: Path
    ) -> None:
        clock.set(date(2026, 12, 2))
        life.engine.milestone(life.case, "reconsideration_accepted", by=COORDINATOR)
        rules = amend("roles.yaml", "\n", "\n# changed\n")
        life.engine.recompute(rules=rules, dry_run=False, by=TRUSTED)
        folder = tmp_path / "calendars"
        shutil.copytree(bundled("rules") / "calendars", folder)
        days = (date(2027, 1, 1), *(date(2027, 2, day) for day in range(1, 6)))
        plan = Plan(year=2027, revision=1, papers=("https://example.org/p",), holidays=(Holiday("试", days),))
        (folder / "2027.yaml").write_text(render(plan), encoding="utf-8")
        alone = life.engine.recompute(calendar=folder, by=COORDINATOR)
        assert alone.moves
        both = life.engine.recompute(calendar=folder, rules=rules, dry_run=False, by=TRUSTED)
        assert (both.moves, both.cases) == (alone.moves, 0)
        assert not life.the("reconsideration.decide").provisional

    def test_a_rule_that_runs_from_another_milestone_is_told_and_moves_nothing(
        self, opener: Opener, tmp_path: Path, clock: FixedClock
    ) -> None:
        engine = opener()
        facts = {"area": "140429102", "amount": 1, "received_on": date(2026, 3, 2)}
        engine.open_case("claim", facts, key="a", by=CLERK)
        rules = small_rules(tmp_path, "")
        path = rules / "nation" / "small.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("    anchor: accepted\n    date: received_on\n", "    anchor: found\n", 1), "utf-8"
        )
        before = engine.deadlines(1)[0].due_on
        [move] = engine.recompute(rules=rules, dry_run=False, by=TRUSTED).moves
        assert "another milestone" in move.why["en"]
        assert (engine.deadlines(1)[0].status, engine.deadlines(1)[0].due_on) == ("running", before)


LOOP = MODEL.replace('targetRef="end" />', 'targetRef="gate" />', 1).replace(
    '<bpmn:endEvent id="end" />',
    '<bpmn:exclusiveGateway id="gate" default="fin" /><bpmn:sequenceFlow id="again" sourceRef="gate" targetRef="call">'
    "<bpmn:conditionExpression>${amount == 1}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    '<bpmn:sequenceFlow id="fin" sourceRef="gate" targetRef="end" /><bpmn:endEvent id="end" />',
    1,
)
OFF = MODEL.replace("<bpmn:process ", '<bpmn:message id="m" name="off" /><bpmn:process ', 1).replace(
    '<bpmn:sequenceFlow id="b" ',
    '<bpmn:boundaryEvent id="off" name="撤回" attachedToRef="call"><bpmn:messageEventDefinition messageRef="m" />'
    '</bpmn:boundaryEvent><bpmn:sequenceFlow id="o" sourceRef="off" targetRef="press" /><bpmn:sequenceFlow id="b" ',
    1,
)


class TestTimers:
    def visited(self, opener: Opener, tmp_path: Path, clock: FixedClock, model: str) -> Engine:
        processes = tmp_path / "processes"
        processes.mkdir()
        (processes / "visit.bpmn").write_text(model, encoding="utf-8")
        clock.set(date(2026, 3, 6))
        engine = opener(processes=processes, rules=small_rules(tmp_path, RULE))
        engine.open_case("visit", {"area": "140429102", "amount": 1}, key="a", by=CLERK)
        return engine

    def test_a_loop_begins_anew(self, opener: Opener, tmp_path: Path, clock: FixedClock) -> None:
        engine = self.visited(opener, tmp_path, clock, LOOP)
        clock.set(date(2026, 3, 11))
        engine.complete(engine.tasks(case=1)[0].id, {}, by=CLERK)
        assert [(str(item.status), item.due_on) for item in engine.deadlines(1)] == [
            ("met", date(2026, 3, 11)),
            ("running", date(2026, 3, 16)),
        ]
        clock.set(date(2026, 3, 12))
        engine.sweep()
        assert [task.element for task in engine.tasks(case=1)] == ["call"]

    def test_what_is_taken_away_was_not_done(self, opener: Opener, tmp_path: Path, clock: FixedClock) -> None:
        engine = self.visited(opener, tmp_path, clock, OFF)
        assert engine.message("off", case=1, key="x")
        assert [str(item.status) for item in engine.deadlines(1)] == ["cancelled"]


class TestAgenda:
    def test_one_incident_is_resolved_once(
        self, opener: Opener, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outside = Outside(clock, raises=RuntimeError("down"))
        engine = with_notices(opener, outside, clock)
        for _ in range(60):
            engine.sweep()
            later(clock, timedelta(hours=13))
        incident, before = engine.incidents()[0].id, len(outside.keys)
        outside.raises = None
        barrier, found = threading.Barrier(2, timeout=5), jiefen.agenda.sweep.store.entry

        def entry(connection: object, number: int) -> object:
            row = found(connection, number)  # type: ignore[arg-type]
            with suppress(threading.BrokenBarrierError):  # on SQLite they take turns
                barrier.wait()
            return row

        monkeypatch.setattr(jiefen.agenda.sweep.store, "entry", entry)
        said: list[str] = []

        def resolve() -> None:
            try:
                engine.resolve(incident)
                said.append("done")
            except NotFound:
                said.append("none")

        threads = [threading.Thread(target=resolve) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(said) == ["done", "none"]
        assert len(outside.keys) == before + 1

    def test_lanes_by_name_and_what_is_none(self, opener: Opener, clock: FixedClock) -> None:
        outside = Outside(clock)
        engine = with_notices(opener, outside, clock)
        assert engine.sweep(lane="clock").done == {}  # type: ignore[arg-type]
        assert outside.keys == []
        for bad in ({"lane": "x"}, {"limit": None}, {"limit": 0}):
            with pytest.raises(FactError):
                engine.sweep(**bad)
