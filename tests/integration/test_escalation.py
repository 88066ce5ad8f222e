"""Escalation's contract: whom a rung reaches, when, and what becomes of tasks nobody claims; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import Actor, Delivery, Engine, FixedClock, Happening, Holder, Lane, RuleError, Seat
from jiefen.agenda.sweep import BATCH
from jiefen.areas import Level
from jiefen.clock import CHINA
from jiefen.notation.labels import Label
from jiefen.people.directory import Post, Unit
from tests.integration.conftest import Opener
from tests.integration.test_engine import statements
from tests.integration.watch import (
    BINDER,
    CHIEF,
    FINDER,
    GRID,
    ORDER,
    STAFF,
    SUPERIORS,
    VILLAGE,
    Mail,
    china,
    claimed,
    edited,
    found,
    notices,
    of,
    staff,
)  # fmt: skip
from tests.support.moments import RECUSER

ROOT = Path(__file__).parents[2]
#: Statements of a sweep besides those of its entries: whether the clock was wrong, what waits, whose it is.
OF_A_SWEEP = 8


@pytest.fixture
def mail(clock: FixedClock) -> Mail:
    return Mail(clock)


@pytest.fixture
def engine(opener: Opener, mail: Mail) -> Engine:
    return opener(directory=staff(), adapters={"notice": mail, "alert": mail})


class TestWhomARungReaches:
    def tell(
        self, opener: Opener, clock: FixedClock, directory: Any, area: str | None = GRID
    ) -> dict[str, Any]:
        """The notice of the rung `supervise`, one day after the due date, and the case it is about."""
        engine = opener(directory=directory)
        case = found(engine, area=area)
        if area:
            claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        self.engine, self.case = engine, case
        return notices(engine, case)["rung/1/supervise"]

    def missing(self) -> list[tuple[str | None, str | None]]:
        return [(one.subject, one.data["to"]) for one in of(self.engine, self.case, Happening.TARGET_MISSING)]

    def test_it_names_the_holders_and_who_acts(self, opener: Opener, clock: FixedClock) -> None:
        told = self.tell(opener, clock, staff())
        assert (told["to"], told["holders"], told["deputies"]) == ("officer", ["o-1"], False)
        assert told["actor"] == {"role": "office", "holders": ["x-1"], "deputies": False}
        assert (told["by"], told["action"], told["level"]) == ("office", "supervise", "township")
        assert self.missing() == []

    def test_the_story_says_what_was_done_and_by_whom(self, engine: Engine, clock: FixedClock) -> None:
        case = found(engine)
        clock.set(china(4, 7))
        engine.sweep()
        told = engine.explain(case)
        for line in (
            "预警:处置期限,通知 网格长\n",
            "督办:处置期限,通知 专干(由信访部门作出)",
            "挂牌督办:处置期限,通知 专干(由联席会议办公室作出)",
            "约谈:处置期限", "处分建议:处置期限", "待办无人签收:上门核实,上报,通知 专干\n",
        ):  # fmt: skip
            assert line in told.text("zh")
        for line in (
            "Supervision: Handle what was found, Officer is told by Petition office",
            "Warning: Handle what was found, Grid chief is told\n", ": report upwards, Officer is told\n",
        ):  # fmt: skip
            assert line in told.text("en")

    def test_the_journal_keeps_who_was_told(self, engine: Engine, clock: FixedClock) -> None:
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        told = {one.data["ref"]: one.data for one in of(engine, case, Happening.DELIVERY)}["rung/1/supervise"]
        assert (told["to"], told["holders"], told["at"]) == ("officer", ["o-1"], china(3, 9).isoformat())

    def test_without_a_directory_the_host_is_given_role_level_and_area(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        told = self.tell(opener, clock, None)
        assert (told["to"], told["holders"], told["area"]) == ("officer", None, GRID)
        assert told["actor"]["holders"] is None
        assert self.missing() == []

    def test_deputies_are_told_while_the_post_is_vacant(self, opener: Opener, clock: FixedClock) -> None:
        deputy = Post(role="officer", area="140429102", holder="d-1", deputy=True)
        assert self.tell(opener, clock, staff(deputy))["holders"] == ["o-1"]

    def test_the_deputy_when_nobody_holds_it(self, opener: Opener, clock: FixedClock) -> None:
        deputy = Post(role="officer", area="140429102", holder="d-1", deputy=True)
        told = self.tell(opener, clock, staff(deputy, officer=None))
        assert (told["to"], told["holders"], told["deputies"]) == ("officer", ["d-1"], True)
        assert self.missing() == []

    def test_a_role_that_the_rules_call_a_deputy_stands_in(self, opener: Opener, clock: FixedClock) -> None:
        worker = Post(role="grid_worker", area=GRID, holder="w-1")
        engine = opener(directory=staff(worker, grid_chief=None))
        case = found(engine)
        clock.set(china(3, 5))
        engine.sweep()
        told = notices(engine, case)["rung/1/warn"]
        assert (told["to"], told["holders"], told["deputies"]) == ("grid_chief", ["w-1"], True)

    def test_the_post_is_that_of_the_day(self, opener: Opener, clock: FixedClock) -> None:
        left = Post(role="officer", area="140429102", holder="old", until=date(2026, 3, 8))
        came = Post(role="officer", area="140429102", holder="new", since=date(2026, 3, 9))
        assert self.tell(opener, clock, staff(left, came, officer=None))["holders"] == ["new"]

    def test_of_the_day_on_which_it_is_told_not_of_the_night_before(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        left = Post(role="grid_chief", area=GRID, holder="old", until=date(2026, 3, 5))
        came = Post(role="grid_chief", area=GRID, holder="new", since=date(2026, 3, 6))
        engine = opener(directory=staff(left, came, grid_chief=None))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 5, 22))
        engine.sweep()
        assert notices(engine, case)["rung/1/warn"]["holders"] == ["new"]

    def test_a_vacant_post_is_told_to_its_superior(self, opener: Opener, clock: FixedClock) -> None:
        told = self.tell(opener, clock, staff(officer=None))
        assert (told["to"], told["level"], told["holders"]) == ("joint_office", "county", ["j-1"])
        assert told["vacant"] == [{"role": "officer", "level": "township", "area": GRID}]
        assert self.missing() == [("officer", "joint_office")]
        told_of_it = self.engine.explain(self.case)
        assert "岗位空缺:专干,改通知 联席会议办公室" in told_of_it.text("zh")
        assert "Nobody holds the post of Officer; Office of the joint meeting is told" in told_of_it.text(
            "en"
        )

    def test_each_grid_of_a_village_is_told_or_its_superior_in_its_stead(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        second = f"{VILLAGE}002"
        people = staff()
        unit = {second: Unit(area=second, title=Label("乙", "B"))}
        engine = opener(directory=replace(people, units={**people.units, **unit}))
        case = found(engine, area=VILLAGE)
        clock.set(china(3, 5))
        engine.sweep()
        told = notices(engine, case)["rung/1/warn"]
        assert (told["to"], told["holders"]) == ("grid_chief", ["g-1", "v-1"])
        assert told["vacant"] == [{"role": "grid_chief", "level": "grid", "area": second}]
        assert told["seats"] == [
            {"role": "grid_chief", "level": "grid", "area": GRID, "holders": ["g-1"], "deputies": False},
            {
                "role": "village_head",
                "level": "village",
                "area": second,
                "holders": ["v-1"],
                "deputies": False,
            },
        ]
        missing = of(engine, case, Happening.TARGET_MISSING)
        assert [(one.subject, one.data["to"]) for one in missing] == [("grid_chief", "village_head")]

    def test_at_the_top_an_alert_is_left(self, opener: Opener, clock: FixedClock) -> None:
        told = self.tell(opener, clock, staff(officer=None, joint_office=None))
        assert (told["to"], told["holders"]) == ("officer", [])
        assert self.missing() == [("officer", None)]
        [alert] = [item for item in self.engine.deliveries() if item.topic == "alert"]
        assert [seat["role"] for seat in alert.payload["vacant"]] == ["officer", "joint_office"]
        assert alert.at == clock.now()

    def test_an_actor_who_is_missing_is_told_of_as_well(self, opener: Opener, clock: FixedClock) -> None:
        told = self.tell(opener, clock, staff(office=None, superiors={**SUPERIORS, "office": "joint_office"}))
        assert (told["holders"], told["actor"]["role"], told["actor"]["holders"]) == (
            ["o-1"], "joint_office", ["j-1"],
        )  # fmt: skip
        assert self.missing() == [("office", "joint_office")]

    def test_of_a_case_without_area_nobody_can_be_found_and_that_is_said(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        assert self.tell(opener, clock, staff(), area=None)["holders"] == []
        assert ("officer", None) in self.missing()

    def test_it_does_not_climb_for_ever(self, opener: Opener, clock: FixedClock) -> None:
        class Endless:
            """A host's directory that nobody is in and that always knows somebody above."""

            def holders(self, role: str, area: str, level: Level | None, on: date) -> tuple[Holder, ...]:
                return ()

            def superior(self, role: str, area: str) -> Seat | None:
                return Seat(f"{role}+", Level.CITY, area)

        told = self.tell(opener, clock, Endless())
        assert told["holders"] == []
        assert [seat["role"] for seat in told["vacant"]] == ["officer" + "+" * n for n in range(6)]

    def test_superiors_that_lead_in_a_circle_are_each_asked_once(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        nobody = dict.fromkeys(STAFF)
        told = self.tell(opener, clock, staff(superiors={"officer": "office", "office": "officer"}, **nobody))
        assert [seat["role"] for seat in told["vacant"]] == ["officer", "office"]


class TestTheDirectoryInTheDatabase:
    TEXT = """\
units:
  '140429': {title: {zh: 县, en: County}}
  '140429102': {title: {zh: 镇, en: Township}}
posts:
  - {role: officer, area: '140429102', holder: HOLDER, from: 2020-01-01}
  - {role: joint_office, area: '140429', holder: j-1, to: 2030-12-31}
superiors: {officer: joint_office}
"""

    def write(self, tmp_path: Path, holder: str) -> Path:
        path = tmp_path / "directory.yaml"
        path.write_text(self.TEXT.replace("HOLDER", holder), encoding="utf-8")
        return path

    def supervised(self, engine: Engine, key: str, clock: FixedClock, day: date) -> Any:
        clock.set(day)
        case = found(engine, key)
        clock.advance(timedelta(days=8))
        engine.sweep()
        return notices(engine, case)["rung/1/supervise"]["holders"]

    def test_once_loaded_every_engine_uses_it(
        self, opener: Opener, clock: FixedClock, tmp_path: Path
    ) -> None:
        one, other = opener(), opener()
        loaded = one.load_directory(self.write(tmp_path, "o-7"))
        with other._runtime.reading() as connection:
            assert other._runtime.posts.current(connection) == loaded
        assert self.supervised(other, "a", clock, date(2026, 3, 2)) == ["o-7"]
        one.load_directory(self.write(tmp_path, "o-8"))
        assert self.supervised(one, "b", clock, date(2026, 3, 16)) == ["o-8"]
        other._runtime.posts._look_again = 0
        assert self.supervised(other, "c", clock, date(2026, 3, 30)) == ["o-8"]

    def test_a_broken_one_changes_nothing(self, opener: Opener, clock: FixedClock, tmp_path: Path) -> None:
        engine = opener()
        engine.load_directory(self.write(tmp_path, "o-7"))
        with pytest.raises(RuleError, match=r"directory\.yaml:5"):
            engine.load_directory(self.write(tmp_path, "[]"))
        path = tmp_path / "other.yaml"
        path.write_text(self.TEXT.replace("role: officer", "role: oficer"), encoding="utf-8")
        with pytest.raises(RuleError, match="did you mean 'officer'"):
            engine.load_directory(path)
        assert self.supervised(engine, "a", clock, date(2026, 3, 2)) == ["o-7"]

    def test_what_a_host_rolls_back_was_never_loaded(
        self, opener: Opener, clock: FixedClock, tmp_path: Path, url: str
    ) -> None:
        engine = opener()
        engine.load_directory(self.write(tmp_path, "o-7"))
        case = found(engine)
        database = sa.create_engine(url)
        with database.connect() as host:
            loaded = engine.load_directory(self.write(tmp_path, "o-8"), session=host)
            assert engine._runtime.directory(host) == loaded
            clock.advance(timedelta(days=8))
            engine.sweep(session=host)
            told = [one for one in engine.deliveries(session=host) if one.key.endswith("rung/1/supervise")]
            assert [one.payload["holders"] for one in told] == [["o-8"]]
            host.rollback()
        database.dispose()
        engine.sweep()
        assert notices(engine, case)["rung/1/supervise"]["holders"] == ["o-7"]

    def test_the_hosts_own_goes_first(self, opener: Opener, clock: FixedClock, tmp_path: Path) -> None:
        engine = opener(directory=staff())
        engine.load_directory(self.write(tmp_path, "o-7"))
        assert self.supervised(engine, "a", clock, date(2026, 3, 2)) == ["o-1"]

    def test_it_costs_one_look_a_minute(self, opener: Opener, clock: FixedClock, tmp_path: Path) -> None:
        engine = opener()
        engine.load_directory(self.write(tmp_path, "o-7"))
        for key in "ab":
            claimed(engine, found(engine, key))
        clock.advance(timedelta(days=7))
        engine.sweep()
        with statements(engine) as seen:
            engine.sweep()
        assert not any("jiefen_post" in statement for statement in seen)


class TestWorkingHours:
    """A notice that is not urgent waits for 09:00 to 17:30 of a working day; the rung itself fires once, in order."""

    def test_a_sweep_in_the_night_leaves_the_notice_for_the_morning(
        self, engine: Engine, clock: FixedClock, mail: Mail
    ) -> None:
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 6, 3))
        assert engine.sweep().done == {"rung": 1}
        assert [entry.subject for entry in of(engine, case, Happening.RUNG)] == ["watch.handle/warn"]
        assert engine.sweep().total == 0
        clock.set(china(3, 6, 9))
        assert engine.sweep().done == {"delivery": 1}
        assert [(at, one.payload["rung"]) for at, one in mail.sent] == [(china(3, 6, 9), "warn")]

    def test_an_urgent_one_goes_at_once_also_on_a_sunday_at_three(
        self, engine: Engine, clock: FixedClock, mail: Mail
    ) -> None:
        clock.set(china(3, 3, 12))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 8, 3))
        engine.sweep()
        assert [(at, one.payload["rung"]) for at, one in mail.sent] == [(china(3, 8, 3), "alarm")]
        clock.set(china(3, 9))
        engine.sweep()
        assert [one.payload["rung"] for _, one in mail.sent] == ["alarm", "warn", "supervise"]

    def test_a_notice_whose_hour_has_come_goes_out_at_the_next_sweep_whatever_the_hour(
        self, engine: Engine, clock: FixedClock, mail: Mail
    ) -> None:
        """Or a clock that looks only at night would never send it."""
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 5, 22))
        engine.sweep()
        assert mail.sent == [], "its hour is tomorrow at nine"
        clock.set(china(3, 6, 22))  # the scheduler was down all day
        assert engine.lag().behind == timedelta(hours=13)
        engine.sweep()
        assert [(at, one.payload["rung"]) for at, one in mail.sent] == [(china(3, 6, 22), "warn")]

    @pytest.mark.parametrize("hours", [(22,), (8, 18)], ids=["nightly", "before and after work"])
    def test_a_clock_that_looks_only_outside_of_working_hours_sends_everything(
        self, engine: Engine, clock: FixedClock, mail: Mail, hours: tuple[int, ...]
    ) -> None:
        case = found(engine)
        claimed(engine, case)
        for day in range(1, 60):
            for hour in hours:
                clock.set(china(3, 2, hour, 30) + timedelta(days=day))
                engine.sweep()
                waiting = engine.deliveries(status="pending")
                assert all(one.at > clock.now() for one in waiting), "what is due has gone"
                assert all(one.attempts == 0 for one in waiting)
                assert engine.lag().due == 0
        told = [one.payload["rung"] for _, one in mail.sent if "rung" in one.payload]
        assert sorted(told) == sorted(ORDER)

    def test_what_could_not_be_carried_stays_due_and_the_lag_tells_since_when(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        class Down:
            """A mail server that is down, and when it was asked."""

            def __init__(self) -> None:
                self.tried = list[datetime]()

            def send(self, delivery: Delivery) -> None:
                self.tried.append(clock.now().astimezone(CHINA))
                raise OSError("down")

        engine = opener(directory=staff(), adapters={"notice": (down := Down())})
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 5, 17, 29))
        while clock.now() < china(3, 5, 19):
            engine.sweep()
            clock.advance(timedelta(minutes=5))
        assert down.tried[0] == china(3, 5, 17, 29)
        assert len(down.tried) > 5, "the evening is no reason to wait"
        assert engine.lag().behind == clock.now() - china(3, 5, 17, 29)

    def test_what_fell_due_during_a_long_outage_is_told_once_each(
        self, engine: Engine, clock: FixedClock, mail: Mail
    ) -> None:
        case = found(engine)
        claimed(engine, case)
        clock.set(china(5, 3, 2))  # the night of a Sunday within the Labour Day holidays
        engine.sweep()
        rungs = [entry.subject for entry in of(engine, case, Happening.RUNG)]
        assert rungs == [f"watch.handle/{rung}" for rung in ORDER]
        assert [one.payload["rung"] for _, one in mail.sent] == ["alarm"]
        for day in range(4, 10):
            clock.set(china(5, day))
            engine.sweep()
        told = [one.payload["rung"] for _, one in mail.sent if "rung" in one.payload]
        assert sorted(told) == sorted(ORDER)


class TestTasksNobodyClaims:
    def test_they_climb_until_somebody_claims_them(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(directory=staff())
        case = found(engine)
        clock.set(china(3, 3, 8, 59))
        assert engine.sweep().total == 0
        clock.set(china(3, 3))
        assert engine.sweep().done == {"task": 1}
        [task] = engine.tasks(case=case)
        [told] = notices(engine, case).values()
        assert (told["to"], told["holders"], told["title"]["zh"]) == ("village_head", ["v-1"], "上门核实")
        engine.claim(task.id, by=CHIEF)
        clock.set(china(3, 4))
        assert engine.sweep().done == {}
        assert len(of(engine, case, Happening.TASK_UNCLAIMED)) == 1
        assert "待办无人签收:上门核实,提醒,通知 村委会主任" in engine.explain(case).text("zh")

    def test_each_rung_once_in_order_after_an_outage(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(directory=staff())
        case = found(engine)
        clock.set(china(3, 6))
        engine.sweep()
        told = [entry.data["to"] for entry in of(engine, case, Happening.TASK_UNCLAIMED)]
        assert told == ["village_head", "officer"]
        clock.set(china(3, 30))
        engine.sweep()
        assert len(of(engine, case, Happening.TASK_UNCLAIMED)) == 2

    def test_a_task_that_is_done_is_not_pressed_for(self, engine: Engine, clock: FixedClock) -> None:
        case = found(engine)
        [task] = engine.tasks(case=case)
        engine.complete(task.id, {}, by=CHIEF)
        clock.set(china(3, 4))
        engine.sweep()
        assert of(engine, case, Happening.TASK_UNCLAIMED) == []

    def test_a_task_that_is_given_back_climbs_anew_under_other_names(
        self, opener: Opener, clock: FixedClock, tmp_path: Path
    ) -> None:
        """The second reminder is no repetition of the first, and each is answered for itself."""
        rules = edited(tmp_path, "to: village_head, action: remind", "REPLACED, reply: 1 wd")
        engine = opener(directory=staff(), rules=rules)
        case = found(engine)
        task = engine.tasks(case=case)[0].id
        for day, person in ((3, "g-1"), (4, "g-2")):
            clock.set(china(3, day))
            engine.sweep(limit=1)
            engine.claim(task, by=Actor(person, frozenset({"grid_chief"}), GRID))
            clock.advance(timedelta(minutes=1))
            engine.recuse(case, person, reason="利害关系", by=RECUSER)
        refs = [one.ref for one in engine.supervisions(case=case)]
        assert refs == ["task/3/0/remind", "task/3/4/remind"]
        assert set(refs) <= set(notices(engine, case))
        assert engine.incidents() == []

    def test_nobody_presses_for_roles_without_such_a_ladder(self, engine: Engine, clock: FixedClock) -> None:
        case = found(engine)
        [task] = engine.tasks(case=case)
        engine.complete(task.id, {}, by=CHIEF)
        with engine._runtime.reading() as connection:
            kinds = connection.exec_driver_sql("SELECT kind FROM jiefen_agenda").scalars().all()
        assert "task" not in kinds


@pytest.fixture
def national(opener: Opener, mail: Mail) -> Engine:
    return opener(processes=None, rules=None, adapters={"notice": mail, "report.urgent": mail})


class TestUrgentMatters:
    def test_every_addressee_is_told_at_once_whatever_the_hour(
        self, national: Engine, clock: FixedClock, mail: Mail
    ) -> None:
        """信访工作条例 art. 25: one report to each; a petition office also reports upwards and to the capital."""
        clock.set(china(3, 8, 3))  # a Sunday, 03:00
        facts = {
            "area": "140429102",
            "title": "聚集",
            "source": "petition_backlog",
            "dispute_type": "neighbour",
        }
        case = national.open_case("dispute", facts, key="u", by=FINDER).id
        national.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})
        national.sweep()
        reports = [
            (at, one.payload["inputs"]["addressee"]) for at, one in mail.sent if one.topic == "report.urgent"
        ]
        assert {addressee for _, addressee in reports} == {
            "party_committee_government", "competent_department", "joint_meeting_office",
            "higher_petition_office", "national_petition_administration",
        }  # fmt: skip
        assert len(reports) == 5
        assert {at for at, _ in reports} == {china(3, 8, 3)}

    def test_each_report_names_its_persons(self, opener: Opener, clock: FixedClock) -> None:
        """Looked up like those of a notice, told at any hour; who is recused is passed by."""
        engine = opener(processes=None, rules=None)
        engine.load_directory(ROOT / "examples" / "directory.yaml")
        clock.set(china(3, 8, 3))  # a Sunday, 03:00
        facts = {"area": VILLAGE, "title": "聚集", "source": "petition_backlog", "dispute_type": "neighbour"}
        case = engine.open_case("dispute", facts, key="u", by=FINDER).id
        engine.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})

        def reports() -> dict[str, Any]:
            found = [one for one in engine.deliveries() if one.topic == "report.urgent"]
            assert {one.at for one in found} == {china(3, 8, 3)}
            return {one.payload["inputs"]["addressee"]: one.payload for one in found}

        told = reports()
        assert len(told) == 5
        assert told["joint_meeting_office"]["holders"] == ["x-6201"]
        assert told["competent_department"]["holders"]
        assert told["party_committee_government"]["holders"] == ["x-6301"]
        assert told["higher_petition_office"]["holders"] == ["m-7101"]
        assert told["national_petition_administration"]["holders"] is None
        engine.recuse(case, "x-6201", reason="利害关系", by=RECUSER)
        assert "x-6201" not in reports()["joint_meeting_office"]["holders"]

    def test_without_a_department_in_charge_the_addressee_stays_as_the_law_names_it(
        self, opener: Opener, clock: FixedClock, tmp_path: Path
    ) -> None:
        """And is not the leader of the case, whom art. 25 does not name."""
        rules = tmp_path / "rules"
        copytree(ROOT / "rules", rules)
        practice = rules / "nation" / "practice.yaml"
        text = practice.read_text(encoding="utf-8")
        practice.write_text(text.replace("kind: department", "kind: body"), encoding="utf-8")
        engine = opener(processes=None, rules=rules)
        engine.load_directory(ROOT / "examples" / "directory.yaml")
        facts = {"area": VILLAGE, "source": "petition_backlog", "dispute_type": "neighbour"}
        case = engine.open_case("dispute", facts, key="u", by=FINDER).id
        engine.bind_leader(case, "t-9", by=BINDER)
        engine.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})
        reports = [one.payload for one in engine.deliveries() if one.topic == "report.urgent"]
        [told] = [one for one in reports if one["inputs"]["addressee"] == "competent_department"]
        assert (told["to"], told["holders"], told["vacant"]) == ("competent_department", None, [])


class TestFigures:
    def test_statements_per_entry(
        self, opener: Opener, clock: FixedClock, mail: Mail, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """At most eight for an entry, also one that is told upwards, supervised and led; and a few for a sweep."""
        monkeypatch.setattr("jiefen.agenda.sweep.LONGEST_BATCH", 60.0)
        engine = opener(directory=staff(officer=None), adapters={"notice": mail})
        for number in range(BATCH):
            engine.bind_leader(found(engine, f"w{number}"), "t-9", by=BINDER)
        most: dict[str, float] = {}
        for day in range(1, 40):
            clock.set(china(3, 2) + timedelta(days=day))
            while True:
                with statements(engine) as seen:
                    done = engine.sweep(lane=Lane.CLOCK, limit=BATCH).done
                if not done:
                    break
                assert sum(done.values()) == BATCH, "the cases are alike"
                for kind in done:
                    most[kind] = max(most.get(kind, 0), (len(seen) - OF_A_SWEEP) / BATCH)
            assert len(seen) <= OF_A_SWEEP
        assert set(most) >= {"rung", "task", "reply", "expiry"}
        assert {kind: count for kind, count in most.items() if count > 8} == {}

    def test_statements_per_delivery(self, opener: Opener, clock: FixedClock, mail: Mail) -> None:
        engine = opener(directory=staff(), adapters={"notice": mail})
        found(engine)
        clock.set(china(3, 3))
        engine.sweep(lane=Lane.CLOCK)
        with statements(engine) as seen:
            assert engine.sweep(lane=Lane.DELIVERIES, limit=1).done == {"delivery": 1}
        # Once in a sweep, not for each entry: a look at what is parked.
        assert len(seen) - 1 <= 8
