"""When exactly a deadline ends: by the hour, by the holidays of an area, and while the holidays are not published."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jiefen import Conflict, DeadlineStatus, Engine, FactError, FixedClock, PeriodError, RuleError
from jiefen.cli.root import app
from jiefen.clock import CHINA
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.support.moments import CLERK as COORDINATOR
from tests.support.moments import Life, refused


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


class TestHours:
    """信访工作条例第二十五条: within 24 hours; 反家庭暴力法第二十八条: within 72 hours."""

    def test_they_run_from_the_instant_that_is_recorded(self, both: Life, clock: FixedClock) -> None:
        clock.set(at(16))
        both.engine.milestone(both.case, "protection_order_accepted", on=at(9, 20), by=COORDINATOR)
        ends = at(10, day=5)
        assert both.the("protection_order.decide").due_at == ends
        clock.set(at(8, day=4))
        later = both.open()
        later.engine.milestone(later.case, "protection_order_accepted", on=at(15, 20), by=COORDINATOR)
        assert later.the("protection_order.decide").due_at == at(16, day=5)

    def test_a_day_alone_is_not_enough_after_it(self, life: Life, clock: FixedClock) -> None:
        clock.set(at(9, day=3))
        refused(life, FactError, "counted in hours; give the instant", lambda: life.engine.milestone(
            life.case, "protection_order_accepted", on=date(2026, 3, 2), by=COORDINATOR))  # fmt: skip
        refused(life, FactError, "lies in the future", lambda: life.engine.milestone(
            life.case, "protection_order_accepted", on=at(9, 1, day=3), by=COORDINATOR))  # fmt: skip
        refused(life, PeriodError, "no time zone", lambda: life.engine.milestone(
            life.case, "protection_order_accepted", on=datetime(2026, 3, 2, 9), by=COORDINATOR))  # noqa: DTZ001  # fmt: skip
        assert life.engine.milestone(life.case, "protection_order_accepted", by=COORDINATOR)

    def test_an_act_counts_by_its_own_hour(self, life: Life, clock: FixedClock) -> None:
        for told, status in (
            (at(10, 59, day=3), DeadlineStatus.MET),
            (at(11, day=3), DeadlineStatus.EXPIRED),
        ):
            clock.set(at(10))
            case = life.open()
            case.reach("urgent_matter_known")
            clock.set(at(15, day=3))
            case.engine.sweep()
            assert case.the("petition.report_urgent").status is DeadlineStatus.EXPIRED
            case.engine.milestone(case.case, "urgent_reported", on=told, by=COORDINATOR)
            assert case.the("petition.report_urgent").status is status

    def test_an_hour_of_the_same_day_is_corrected(self, life: Life, clock: FixedClock) -> None:
        clock.set(at(16))
        life.reach("urgent_matter_known")
        due = life.the("petition.report_urgent").due_at
        assert due is not None
        corrected = life.engine.correct_anchor(life.case, "petition.report_urgent", on=at(9), by=COORDINATOR)
        assert corrected.due_at == due - timedelta(hours=7)


class TestInterruptions:
    """劳动争议调解仲裁法第二十七条: interrupted by a demand, suspended by force majeure."""

    @pytest.fixture
    def limited(self, life: Life, clock: FixedClock) -> Life:
        clock.set(date(2026, 6, 1))
        life.open(dispute_type="labour", knew_on=date(2026, 3, 2), received_on=date(2026, 6, 1))
        return life.reach("registered")

    def test_an_obstacle_after_the_act_still_counts(self, limited: Life) -> None:
        engine, case = limited.engine, limited.case
        engine.suspend(
            case, "labour.limitation", ground="force_majeure", since=date(2026, 4, 20), by=COORDINATOR
        )
        engine.resume(case, "labour.limitation", on=date(2026, 5, 5), by=COORDINATOR)
        anew = engine.interrupt(
            case, "labour.limitation", ground="demand", on=date(2026, 4, 12), by=COORDINATOR
        )
        # A year from 12 April, and the fifteen days that stood still after it.
        assert anew.due_on == date(2027, 4, 27)

    def test_its_day_is_corrected_only_within_the_period_it_interrupted(self, limited: Life) -> None:
        engine, case = limited.engine, limited.case
        engine.interrupt(case, "labour.limitation", ground="demand", on=date(2026, 4, 12), by=COORDINATOR)
        refused(limited, PeriodError, "before that, interrupts nothing", lambda: engine.correct_anchor(
            case, "labour.limitation", on=date(2026, 3, 1), by=COORDINATOR))  # fmt: skip
        corrected = engine.correct_anchor(case, "labour.limitation", on=date(2026, 4, 14), by=COORDINATOR)
        assert (corrected.anchored_at.astimezone(CHINA).date(), corrected.due_on) == (
            date(2026, 4, 14),
            date(2027, 4, 14),
        )

    def test_a_period_that_was_over_is_not_revived_by_a_correction(
        self, limited: Life, clock: FixedClock
    ) -> None:
        engine, case = limited.engine, limited.case
        engine.interrupt(case, "labour.limitation", ground="demand", on=date(2026, 4, 12), by=COORDINATOR)
        clock.set(date(2027, 4, 1))
        refused(limited, Conflict, "was over on 2027-03-02", lambda: engine.correct_anchor(
            case, "labour.limitation", on=date(2027, 3, 10), by=COORDINATOR))  # fmt: skip


class TestUnpublishedHolidays:
    def test_the_earliest_right_is_shown_until_it_can_be_over(self, life: Life, clock: FixedClock) -> None:
        """60 days from 10 November 2026 end on Saturday 9 January 2027, whose plan is not published."""
        clock.set(date(2026, 11, 10))
        life.engine.milestone(life.case, "ownership_award_served", on=date(2026, 11, 10), by=COORDINATOR)
        for day in (9, 10, 11):
            clock.set(date(2027, 1, day))
            life.engine.sweep()
            right = life.engine.earliest_right(life.case)
            assert right is not None, day
            assert (right.rule, right.provisional) == ("reconsideration.apply", True)
            told = life.engine.explain(life.case)
            assert told.legal_aid_first
            assert "provisional, it may be later" in told.text("en")
            assert "暂定,实际可能更晚" in told.text("zh")
        clock.set(date(2027, 2, 1))
        life.engine.sweep()
        assert life.engine.earliest_right(life.case) is None


MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://example.org/d">
<bpmn:process id="visit" name="走访" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="a" sourceRef="start" targetRef="call" />
<bpmn:userTask id="call" name="上门" camunda:candidateGroups="clerk" />
<bpmn:boundaryEvent id="late" name="未上门" attachedToRef="call"><bpmn:timerEventDefinition>
<bpmn:timeDate>${deadline("visit.call")}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:sequenceFlow id="b" sourceRef="call" targetRef="end" /><bpmn:endEvent id="end" />
<bpmn:sequenceFlow id="c" sourceRef="late" targetRef="press" />
<bpmn:userTask id="press" name="督促" camunda:candidateGroups="head" />
<bpmn:sequenceFlow id="d1" sourceRef="press" targetRef="end2" /><bpmn:endEvent id="end2" />
</bpmn:process></bpmn:definitions>"""
RULE = """  visit.call:
    title: {zh: 上门期限, en: Call on them}
    kind: duty
    anchor: timer
    length: 3 wd
    on_expiry: next_procedure
    because: {policy: {zh: 测试, en: Test}}
"""


class TestTimers:
    """A deadline that no milestone starts, but a timer of a model that names it."""

    @pytest.fixture
    def visited(self, opener: Opener, tmp_path: Path, clock: FixedClock) -> Engine:
        processes, rules = tmp_path / "processes", tmp_path / "rules"
        processes.mkdir()
        (processes / "visit.bpmn").write_text(MODEL, encoding="utf-8")
        shutil.copytree(SMALL / "rules", rules)
        small = rules / "nation" / "small.yaml"
        text = small.read_text(encoding="utf-8").replace("deadlines:\n", f"deadlines:\n{RULE}", 1)
        small.write_text(text, encoding="utf-8")
        clock.set(date(2026, 3, 6))
        engine = opener(processes=processes, rules=rules)
        engine.open_case("visit", {"area": "140429102"}, key="a", by=CLERK)
        return engine

    def test_it_starts_when_the_timer_begins_to_wait_and_fires_it(
        self, visited: Engine, clock: FixedClock
    ) -> None:
        [deadline] = visited.deadlines(1)
        # From Friday: Monday, Tuesday, Wednesday.
        assert (deadline.anchor, deadline.due_on) == ("timer", date(2026, 3, 11))
        clock.set(date(2026, 3, 11))
        assert visited.sweep().total == 0
        clock.set(date(2026, 3, 12))
        visited.sweep()
        assert visited.deadlines(1)[0].status is DeadlineStatus.EXPIRED
        assert [task.element for task in visited.tasks(case=1)] == ["press"]

    def test_it_is_met_by_what_it_guards(self, visited: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 10))
        visited.complete(visited.tasks(case=1)[0].id, {}, by=CLERK)
        assert visited.deadlines(1)[0].status is DeadlineStatus.MET
        clock.set(date(2026, 4, 10))
        assert visited.sweep().total == 0


LOCAL = """year: 2026
revision: 1
papers: [https://example.org/paper]
holidays:
  - {name: 火把节, days_off: [2026-05-06, 2026-05-07]}
"""


class TestLocalHolidays:
    """全国年节及纪念日放假办法第四条: holidays that an area has of its own."""

    @pytest.fixture
    def rules(self, tmp_path: Path) -> Path:
        rules = tmp_path / "rules"
        shutil.copytree(SMALL / "rules", rules)
        folder = rules / "140429" / "calendars"
        folder.mkdir(parents=True)
        (folder / "2026.yaml").write_text(LOCAL, encoding="utf-8")
        return rules

    def test_a_deadline_goes_by_those_of_the_area_of_its_case(
        self, opener: Opener, rules: Path, clock: FixedClock
    ) -> None:
        engine = opener(rules=rules)
        due = {}
        for area in ("140429102", "1404", "140430101"):
            facts = {"area": area, "amount": 1, "received_on": date(2026, 3, 2)}
            case = engine.open_case("claim", facts, key=area, by=CLERK)
            due[area] = engine.deadlines(case.id)[0].due_on
        assert due == {
            "140429102": date(2026, 5, 8),
            "1404": date(2026, 5, 6),
            "140430101": date(2026, 5, 6),
        }
        assert engine.recompute(by=CLERK).moves == ()

    def test_the_command_line_says_the_same(self, rules: Path) -> None:
        for area, due in (("140429102", "2026-05-08"), ("1404", "2026-05-06")):
            asked = ["due", "claim.handle", "--from", "2026-03-02", "--area", area, "--rules", str(rules)]
            told = CliRunner().invoke(app, asked)
            assert due in told.stdout, told.output

    def test_a_broken_file_is_found_when_the_edition_is_loaded(self, opener: Opener, rules: Path) -> None:
        (rules / "140429" / "calendars" / "2026.yaml").write_text("year: 2026\n", encoding="utf-8")
        with pytest.raises(RuleError, match=r"2026\.yaml"):
            opener(rules=rules)


class TestOfficeHours:
    """办公时间 of an area: the nearest layer says them, the nation's folder otherwise."""

    @pytest.fixture
    def rules(self, tmp_path: Path) -> Path:
        rules = tmp_path / "rules"
        shutil.copytree(SMALL / "rules", rules)
        for area, hours in (("1404", "'08:00-12:00', '14:00-18:00'"), ("140429", "'08:30-17:00'")):
            folder = rules / area / "calendars"
            folder.mkdir(parents=True)
            text = f"open: [{hours}]\npolicy: {{zh: 本地规定, en: Local}}\n"
            (folder / "hours.yaml").write_text(text, encoding="utf-8")
        return rules

    def test_the_nearest_layer_says_when_offices_are_open(self, opener: Opener, rules: Path) -> None:
        edition = opener(rules=rules).edition
        opens = {
            area: edition.calendar_in(area).hours.opens.isoformat("minutes")
            for area in (None, "14", "1404", "140429", "140429102", "140430101")
        }
        assert opens == {
            None: "09:00", "14": "09:00", "1404": "08:00", "140429": "08:30", "140429102": "08:30",
            "140430101": "08:00",
        }  # fmt: skip

    def test_hours_that_cannot_be_are_found_when_the_edition_is_loaded_and_by_the_check(
        self, opener: Opener, rules: Path
    ) -> None:
        (rules / "140429" / "calendars" / "hours.yaml").write_text("open: [noon]\n", encoding="utf-8")
        with pytest.raises(RuleError, match=r"hours\.yaml"):
            opener(rules=rules)
        told = CliRunner().invoke(app, ["check", str(rules)])
        assert told.exit_code == 1
        assert "office-hours" in told.output
