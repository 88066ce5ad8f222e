"""How a deadline ends: other facts, a second clock, hours, counted back; what follows, and what is shown of it.

What each test expects is the number in the article that the rule quotes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from jiefen import (
    EVERYWHERE,
    Actor,
    DeadlineStatus,
    Engine,
    FixedClock,
    Happening,
    JiefenError,
    NotAllowed,
    NotFound,
)
from jiefen.clock import CHINA, china_date
from jiefen.deadlines.expiry import EXECUTORS
from jiefen.periods import Period, Roll, Unit, calendars
from jiefen.rules import Expiry
from tests.integration.conftest import SMALL, make_tables
from tests.support.chance import examples
from tests.support.databases import Databases
from tests.support.moments import CLERK, Life, counted, effects, holding, kinds, pending, refused

DAY = timedelta(days=1)
HEAD = Actor("head-7", frozenset({"handling_organ_head"}), "140429")
ANYBODY = Actor("somebody", frozenset({"township_coordinator"}), EVERYWHERE)


class TestFacts:
    """Conditions say when a deadline starts. A fact that changes while it runs does not end it."""

    def test_a_running_right_does_not_vanish_when_a_fact_changes(self, life: Life) -> None:
        life.open(dispute_type="labour", knew_on=date(2026, 1, 5)).reach("registered")
        life.engine.message("support.needed", case=life.case, key="n", facts={"wages_unpaid": True})
        assert life.the("labour.limitation").status is DeadlineStatus.RUNNING

    def test_reaching_the_anchor_again_looks_at_the_conditions_again(self, life: Life) -> None:
        life.open(dispute_type="labour", knew_on=date(2026, 1, 5)).reach("registered")
        life.engine.message("support.needed", case=life.case, key="n", facts={"wages_unpaid": True})
        life.reach("registered")
        ended = life.the("labour.limitation")
        assert (ended.status, ended.closed_by) == (DeadlineStatus.CANCELLED, "conditions")
        assert pending(life).keys() == {key for key in pending(life) if not key[1].startswith(f"{ended.seq}")}


class TestTwoClocks:
    @pytest.fixture
    def trial(self, life: Life) -> Life:
        return life.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified")

    def test_the_step_and_the_whole_run_side_by_side(self, trial: Life) -> None:
        step, whole = trial.the("trial.simplified"), trial.the("trial.first_instance")
        assert (step.due_on, whole.due_on) == (date(2026, 6, 2), date(2026, 9, 2))
        assert (step.within, whole.within) == ("trial.first_instance", None)
        assert "并行于一审普通程序审限" in str(trial.engine.explain(trial.case))

    def test_the_step_never_ends_after_the_whole(self, trial: Life, clock: FixedClock) -> None:
        engine, case = trial.engine, trial.case
        engine.suspend(case, "trial.simplified", ground="settlement_talks", by=CLERK)
        clock.set(date(2026, 8, 3))
        assert engine.resume(case, "trial.simplified", by=CLERK).due_on == date(2026, 9, 2)
        engine.suspend(
            case, "trial.first_instance", ground="settlement_talks", since=date(2026, 7, 4), by=CLERK
        )
        whole = engine.resume(case, "trial.first_instance", by=CLERK)
        assert whole.due_on == date(2026, 10, 8)  # 2 October is a holiday
        assert trial.the("trial.simplified").due_on == whole.due_on
        engine.extend(case, "trial.first_instance", "6 mo", ground="特殊情况", by=holding("court_president"))
        assert trial.the("trial.simplified").due_on == date(2026, 11, 2)
        moved = kinds(trial, Happening.DEADLINE_MOVED)
        assert moved
        assert {subject for _, subject in moved} == {"trial.simplified"}
        assert (
            pending(trial)["expiry", str(trial.the("trial.simplified").seq)]
            == trial.the("trial.simplified").due_at
        )

    def test_the_whole_is_never_wound_up_again(self, trial: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 5, 11))
        trial.reach("converted_to_ordinary")
        trial.reach("case_filed", filed_on=date(2026, 5, 11), court_procedure="ordinary")
        assert [item.due_on for item in trial.of("trial.first_instance")] == [date(2026, 9, 2)]
        assert trial.the("trial.simplified").status is DeadlineStatus.MET

    def test_a_step_that_starts_again_still_ends_with_the_whole(self, trial: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 8, 3))
        trial.reach("case_filed", filed_on=date(2026, 8, 3))
        assert [item.due_on for item in trial.of("trial.simplified")] == [date(2026, 6, 2), date(2026, 9, 2)]


class TestHours:
    def test_twenty_four_hours_and_their_ladder(self, life: Life, clock: FixedClock) -> None:
        clock.set(datetime(2026, 3, 2, 9, 20, tzinfo=CHINA))
        life.reach("urgent_matter_known")
        deadline = life.the("petition.report_urgent")
        assert deadline.due_at == datetime(2026, 3, 3, 10, tzinfo=CHINA)
        times = {ref.partition("/")[2]: at for (kind, ref), at in pending(life).items() if kind == "rung"}
        assert times["half"] == datetime(2026, 3, 2, 22, tzinfo=CHINA)
        assert times["county"] == datetime(2026, 3, 3, 14, tzinfo=CHINA)

    def test_an_act_in_the_last_hour_meets_it_and_one_after_it_does_not(
        self, life: Life, clock: FixedClock
    ) -> None:
        for minutes, status in ((59, DeadlineStatus.MET), (60, DeadlineStatus.EXPIRED)):
            clock.set(datetime(2026, 3, 2, 9, tzinfo=CHINA))
            life.open().reach("urgent_matter_known")
            clock.set(datetime(2026, 3, 3, 9, tzinfo=CHINA) + timedelta(minutes=minutes))
            assert life.reach("urgent_reported").the("petition.report_urgent").status is status


class TestBackwards:
    def test_a_notice_before_a_hearing(self, life: Life, clock: FixedClock) -> None:
        life.engine.message(
            "support.needed", case=life.case, key="h", facts={"hearing_on": date(2026, 3, 20)}
        )
        life.reach("labour_hearing_set")
        assert life.the("labour.notify_hearing").due_on == date(2026, 3, 15)
        moved = life.engine.correct_anchor(life.case, "labour.notify_hearing", on=date(2026, 3, 27), by=CLERK)
        assert moved.due_on == date(2026, 3, 22)
        assert life.the("labour.postpone_request").due_on == date(2026, 3, 24)
        for act in (life.engine.suspend, life.engine.interrupt):
            refused(life, NotAllowed, "第三十五条", lambda act=act: act(  # type: ignore[misc]
                life.case, "labour.notify_hearing", ground="hearing", by=CLERK))  # fmt: skip
        clock.set(date(2026, 3, 22))
        assert life.reach("labour_hearing_notified").the("labour.notify_hearing").status is DeadlineStatus.MET


class TestExpiry:
    @pytest.fixture
    def expiring(
        self, tmp_path: Path, sqlite: Databases, clock: FixedClock
    ) -> Iterator[Callable[..., Engine]]:
        """An engine on the small rules, changed as a test wants them."""
        opened: list[Engine] = []

        def engine(**changes: str) -> Engine:
            folder = tmp_path / str(len(opened))
            shutil.copytree(SMALL, folder)
            rules = folder / "rules" / "nation" / "small.yaml"
            text = rules.read_text(encoding="utf-8")
            for key, value in changes.items():
                text = _changed(text, key, value)
            rules.write_text(text, encoding="utf-8")
            opened.append(
                Engine.open(
                    sqlite.prepared(make_tables),
                    processes=folder / "processes",
                    rules=folder / "rules",
                    clock=clock,
                )
            )
            return opened[-1]

        yield engine
        for one in opened:
            one.close()

    def over(self, engine: Engine, clock: FixedClock) -> int:
        facts = {"area": "140429102", "received_on": china_date(clock.now())}
        case = engine.open_case("claim", facts, key="k", by=CLERK).id
        clock.advance(timedelta(days=70))
        engine.sweep()
        return case

    def test_every_value_has_an_executor(self) -> None:
        assert set(EXECUTORS) == set(Expiry)

    @pytest.mark.parametrize("value", list(Expiry))
    def test_every_consequence_is_kept_and_told(
        self, expiring: Callable[..., Engine], clock: FixedClock, value: Expiry
    ) -> None:
        engine = expiring(on_expiry=str(value), ladder="quiet")
        case = self.over(engine, clock)
        effects = [entry for entry in engine.history(case) if entry.kind is Happening.EFFECT]
        if value is Expiry.NOT_STATED:
            assert effects == []
        else:
            [effect] = effects
            assert (effect.subject, effect.data["rule"], effect.data["seq"]) == (value, "claim.handle", 1)
            told = engine.explain(case)
            assert "期满后果:办理期限," in told.text("zh")
            assert "Consequence: Handle the claim, " in told.text("en")
        notices = [item.payload["action"] for item in engine.deliveries() if item.topic == "notice"]
        assert notices == ([str(value)] if value in (Expiry.SUPERVISE, Expiry.LIABILITY) else [])

    def test_a_ladder_that_presses_takes_the_place_of_the_notice(
        self, expiring: Callable[..., Engine], clock: FixedClock
    ) -> None:
        engine = expiring()
        self.over(engine, clock)
        assert [item.payload["action"] for item in engine.deliveries()] == ["warn", "remind"]

    def test_a_new_right_opens_and_its_period_starts(self, life: Life, clock: FixedClock) -> None:
        life.reach("reconsideration_accepted", accepted_on=date(2026, 3, 2))
        assert life.the("reconsideration.decide").due_on == date(2026, 5, 6)
        clock.set(date(2026, 5, 7))
        life.engine.sweep()
        [opened] = effects(life, "reconsideration.decide")
        assert (opened.subject, opened.data["right"]) == ("right_to_sue", "sue")
        assert life.the("administrative.sue_after_no_decision").status is DeadlineStatus.RUNNING

    def test_what_runs_from_an_end_runs_from_the_last_day_however_late_the_clock_saw_it(
        self, life: Life, clock: FixedClock
    ) -> None:
        life.reach("reconsideration_accepted", accepted_on=date(2026, 3, 2))
        clock.set(date(2026, 5, 18))  # everything was down for eleven days
        life.engine.sweep()
        right = life.the("administrative.sue_after_no_decision")
        # 复议期满之日起十五日内 (行政诉讼法第四十五条): the sixth of May is not counted.
        assert (china_date(right.anchored_at), right.due_on) == (date(2026, 5, 6), date(2026, 5, 21))

    def test_the_milestone_of_its_own_end_does_not_meet_it(self, life: Life, clock: FixedClock) -> None:
        life.reach("medical_administrative_accepted", accepted_on=date(2026, 3, 2))
        clock.set(date(2026, 6, 1))
        life.engine.sweep()
        over = life.the("mediation.medical_administrative")
        assert (over.status, over.closed_by) == (DeadlineStatus.EXPIRED, "system")

    def test_what_is_deemed_done_starts_what_follows_it(self, life: Life, clock: FixedClock) -> None:
        life.reach("petition_transfer_received")
        clock.set(date(2026, 3, 20))
        life.engine.sweep()
        [effect] = effects(life, "petition.object_transfer")
        assert (effect.subject, effect.data["deemed"]) == ("deemed_accepted", "accepted")

    def test_a_provisional_one_is_over_only_when_every_calendar_says_so(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 12, 1))
        life.open(dispute_type="medical").reach("mediation_accepted", accepted_on=date(2026, 12, 1))
        deadline = life.the("mediation.medical")
        assert deadline.due_at is not None
        clock.set(deadline.due_at + timedelta(hours=1))
        life.engine.sweep()
        waiting = life.the("mediation.medical")
        assert (waiting.status, waiting.overdue) == (DeadlineStatus.RUNNING, False)
        assert kinds(life, Happening.EFFECT) == []
        latest = pending(life)["expiry", "1"]
        assert latest > clock.now()
        clock.set(latest)
        life.engine.sweep()
        assert life.the("mediation.medical").status is DeadlineStatus.EXPIRED


def _changed(text: str, key: str, value: str) -> str:
    """The first line of that key with another value; a ladder ``quiet`` stands for none."""
    lines = text.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(f"    {key}: "))
    lines[at] = "" if (key, value) == ("ladder", "quiet") else f"    {key}: {value}\n"
    return "".join(lines)


class TestShown:
    def test_the_right_that_is_lost_first_is_shown_in_every_stage(self, life: Life) -> None:
        life.open(dispute_type="labour", knew_on=date(2025, 9, 1)).reach("registered")
        assert life.engine.earliest_right(life.case) == life.the("labour.limitation")
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        right = life.engine.earliest_right(life.case)
        assert right is not None
        assert (right.rule, right.losing, right.holder, right.on_expiry) == (
            "labour.sue",
            True,
            "party",
            "becomes_final",
        )

    def test_duties_and_rights_that_cost_nothing_are_not_it(self, life: Life) -> None:
        life.reach("petition_accepted").reach("case_filed", filed_on=date(2026, 3, 2))
        assert life.engine.earliest_right(life.case) is None
        with pytest.raises(NotFound):
            life.engine.earliest_right(99)

    def test_a_right_that_is_over_is_not_it_even_before_the_clock_has_seen_it(
        self, life: Life, clock: FixedClock
    ) -> None:
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 18))
        assert life.engine.earliest_right(life.case) is None

    def test_under_seven_days_legal_aid_comes_first(self, life: Life, clock: FixedClock) -> None:
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        assert life.the("labour.sue").due_on == date(2026, 3, 17)
        clock.set(date(2026, 3, 10))
        seven = life.engine.explain(life.case)
        assert not seven.legal_aid_first
        assert "法律援助法" not in seven.text("zh")
        clock.set(date(2026, 3, 11))
        six = life.engine.explain(life.case)
        assert six.legal_aid_first
        assert six.as_dict()["legal_aid_first"] is True
        assert "不足七日:可以先行提供法律援助" in six.text("zh")
        assert "legal aid may be given first" in six.text("en")

    def test_the_legal_aid_centre_is_told_when_six_days_are_left(self, life: Life, clock: FixedClock) -> None:
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 10))
        life.engine.sweep()
        rung = (Happening.RUNG, "labour.sue/legal_aid")
        assert rung not in kinds(life, Happening.RUNG)
        clock.set(date(2026, 3, 11))
        life.engine.sweep()
        assert rung in kinds(life, Happening.RUNG)
        [told] = [item for item in life.engine.deliveries() if item.payload["to"] == "legal_aid_centre"]
        assert told.payload["deadline"] == "labour.sue"

    def test_the_days_of_suspensions_and_extensions_are_shown(self, life: Life) -> None:
        life.reach("petition_accepted")
        life.reach("petition_recheck_requested", applied_on=date(2026, 3, 2))
        life.engine.extend(life.case, "petition.handle", "30 d", ground="张三要求补充调查", by=HEAD)
        life.engine.suspend(life.case, "petition.recheck", ground="hearing", by=CLERK)
        told = life.engine.explain(life.case)
        handle, recheck = told.as_dict()["deadlines"]
        assert handle["extensions"][0]["length"] == "30 d"
        assert recheck["suspensions"] == [{"ground": "hearing", "from": "2026-03-02", "to": None}]
        assert "张三" not in f"{told.as_dict()}{told.text('zh', traces=True)}"


class TestTransactions:
    def test_an_act_belongs_to_the_hosts_transaction(self, both: Life) -> None:
        both.reach("petition_recheck_requested", applied_on=date(2026, 3, 2))
        before = both.seen()
        with both.engine._runtime.database.engine.connect() as connection:
            both.engine.suspend(both.case, "petition.recheck", ground="hearing", by=CLERK, session=connection)
            connection.rollback()
        assert both.seen() == before

    def test_statements_per_act(self, both: Life, clock: FixedClock) -> None:
        engine = both.engine
        both.open(dispute_type="labour", knew_on=date(2025, 9, 1)).reach("registered").reach(
            "petition_accepted"
        )
        both.reach("petition_recheck_requested", applied_on=date(2026, 3, 2))
        for number in range(30):
            engine.message("support.needed", case=both.case, key=f"n{number}")
        acts: dict[str, Callable[[], object]] = {
            "extend": lambda: engine.extend(both.case, "petition.handle", "9 d", ground="情况复杂", by=HEAD),
            "suspend": lambda: engine.suspend(both.case, "petition.recheck", ground="hearing", by=CLERK),
            "resume": lambda: engine.resume(both.case, "petition.recheck", by=CLERK),
            "interrupt": lambda: engine.interrupt(both.case, "labour.limitation", ground="demand", by=CLERK),
            "correct": lambda: engine.correct_anchor(both.case, "petition.recheck", on=date(2026, 2, 27), by=CLERK),
        }  # fmt: skip
        counts = {}
        for name, act in acts.items():
            seen: list[str] = []

            def listen(
                _c: object, _cursor: object, statement: str, *_: object, into: list[str] = seen
            ) -> None:
                into.append(statement)

            event.listen(engine._runtime.database.engine, "before_cursor_execute", listen)
            act()
            event.remove(engine._runtime.database.engine, "before_cursor_execute", listen)
            counts[name] = len(seen)
        assert all(count <= 8 for count in counts.values()), counts


#: One deadline per unit that can be extended and suspended, with who decides and for what.
_SUBJECTS = {
    "mediation.medical": (
        "mediation_accepted",
        "accepted_on",
        "appraisal",
        "wd",
        holding("medical_committee"),
    ),
    "trial.first_instance": ("case_filed", "filed_on", "appraisal", "mo", holding("court_president")),
    "police.case": ("police_case_filed", "filed_on", "hearing", "d", holding("police_bureau")),
}
_START = date(2026, 1, 5)
_STEP = st.tuples(
    st.sampled_from(["extend", "suspend", "resume", "wait"]), st.integers(0, 12), st.integers(0, 9)
)


@pytest.fixture(scope="module")
def many() -> Iterator[Life]:
    """Many cases in one database in memory."""
    one = Life("sqlite://", FixedClock(_START))
    yield one
    one.engine.close()


class TestAnyOrder:
    @examples(30)
    @given(
        rule=st.sampled_from(["mediation.medical", "trial.first_instance", "police.case"]),
        steps=st.lists(_STEP, max_size=10),
    )
    def test_the_due_date_is_what_counting_gives_whatever_is_done_in_what_order(
        self, many: Life, rule: str, steps: list[tuple[str, int, int]]
    ) -> None:
        life, clock = many, many.clock
        clock.set(_START)
        milestone, fact, ground, unit, approver = _SUBJECTS[rule]
        life.open(dispute_type="medical").reach(milestone, **{fact: _START})
        for act, days, back in steps:
            day = china_date(clock.now()) - back * DAY
            try:
                if act == "extend":
                    life.engine.extend(
                        life.case, rule, f"{days} {unit}", ground="g", consent="c", by=approver
                    )
                elif act == "suspend":
                    life.engine.suspend(life.case, rule, ground=ground, since=day, by=CLERK)
                elif act == "resume":
                    life.engine.resume(life.case, rule, on=day, by=CLERK)
                else:
                    clock.advance(days * DAY)
            except JiefenError:
                pass
            self.check(life, rule)

    def check(self, life: Life, rule: str) -> None:
        deadline = life.the(rule)
        if deadline.status is DeadlineStatus.SUSPENDED:
            assert deadline.due_on is None
            assert pending(life).get(("expiry", "1")) is None
            return
        spans = [
            (date.fromisoformat(item["from"]), date.fromisoformat(item["to"]))
            for item in deadline.suspensions
        ]
        length = {"mediation.medical": "30 wd", "trial.first_instance": "6 mo", "police.case": "30 d"}[rule]
        roll = Roll.NONE if Period.parse(length).unit is Unit.WORKING_DAY else Roll.NEXT_WORKING_DAY
        extensions = [item["length"] for item in deadline.extensions]
        plain = (
            counted(length, _START, extensions, [], calendars(), roll=roll)
            if not deadline.provisional
            else _START
        )
        if not deadline.provisional:
            due = counted(length, _START, extensions, spans, calendars(), roll=roll)
            assert deadline.due_on == due >= plain
        assert pending(life)["expiry", "1"] == deadline.due_at
        last = [entry for entry in life.engine.history(life.case) if "due_on" in entry.data][-1]
        assert last.data["due_on"] == (deadline.due_on.isoformat() if deadline.due_on else None)

    @examples(25)
    @given(st.integers(1, 30), st.integers(1, 20), st.integers(1, 9))
    def test_extending_before_or_after_a_suspension_is_the_same(
        self, many: Life, more: int, since: int, days: int
    ) -> None:
        def extend() -> None:
            police = holding("police_bureau")
            many.engine.extend(many.case, "police.case", f"{more} d", ground="案情复杂", by=police)

        ends = []
        for first in (True, False):
            many.clock.set(_START)
            many.open().reach("police_case_filed", filed_on=_START)
            if first:
                extend()
            many.clock.set(_START + since * DAY)
            many.engine.suspend(many.case, "police.case", ground="hearing", by=CLERK)
            many.clock.advance(days * DAY)
            many.engine.resume(many.case, "police.case", by=CLERK)
            if not first:
                extend()
            ends.append(many.the("police.case").due_on)
        assert ends[0] == ends[1]
