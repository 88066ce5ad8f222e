"""Routines on a real database: planned once, each occurrence leaves one list, and nothing is missed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from jiefen import (
    EVERYWHERE,
    TRUSTED,
    Actor,
    AlreadyDone,
    Engine,
    FactError,
    FixedClock,
    NotAllowed,
    NotFound,
)
from jiefen.bundled import bundled
from jiefen.clock import CHINA
from jiefen.notation.labels import Label
from jiefen.people.directory import Organisation, Unit
from jiefen.periods import Holiday, Plan, load_calendar
from jiefen.periods.files import render
from jiefen.rules import HolidayPolicy, Kind, Routine
from tests.integration.conftest import Opener

OFFICER = Actor("p1", frozenset({"petition_officer"}), EVERYWHERE)
TOWN = "140429102"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An engine on the bundled edition, whose rules name the routines."""
    return opener(processes=None, rules=None)


def test_each_monday_leaves_a_list(engine: Engine, clock: FixedClock) -> None:
    kept = engine.routines.keep(TOWN)
    assert "monday_reception" in kept
    assert "patrols" not in kept  # those are of the grid
    engine.routines.keep(TOWN)
    for _ in range(29):
        clock.advance(timedelta(days=1))
        engine.sweep()
    mondays = [item for item in engine.routines.lists(area="1404") if item.rule == "monday_reception"]
    assert [f"{item.at:%m-%d}" for item in mondays] == ["03-09", "03-16", "03-23", "03-30"]
    assert [item["id"] for item in mondays[0].items] == ["visitors", "open"]


def test_after_a_long_stop_no_list_is_missing_and_none_is_there_twice(
    engine: Engine, clock: FixedClock
) -> None:
    engine.routines.keep(f"{TOWN}201001")
    clock.advance(timedelta(days=10))
    engine.sweep()
    assert engine.sweep().total == 0
    patrols = [item.at for item in engine.routines.lists(limit=1000) if item.rule == "patrols"]
    assert len(patrols) == len(set(patrols)) == 30


def test_a_worker_on_another_edition_loses_no_routine(
    engine: Engine, opener: Opener, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    engine.routines.keep(TOWN)
    clock.set(date(2026, 3, 16))
    opener().sweep()  # on the small edition of the tests, which has none of them
    assert engine.routines.lists() == []
    assert "the edition has no routine monday_reception" in caplog.text
    clock.advance(timedelta(days=2))
    engine.sweep()
    mondays = [item for item in engine.routines.lists() if item.rule == "monday_reception"]
    assert [f"{item.at:%m-%d}" for item in mondays] == ["03-09", "03-16"]


def test_a_list_is_closed_with_a_note_for_each_item(engine: Engine, clock: FixedClock) -> None:
    engine.routines.keep(TOWN)
    clock.set(date(2026, 3, 9))
    engine.sweep()
    [item] = engine.routines.lists(role="petition_officer")
    for notes, error in (({"visitors": "3"}, NotAllowed), ({"visitors": "3", "open": " "}, NotAllowed)):
        with pytest.raises(error, match="open"):
            engine.routines.close(item.id, notes, by=OFFICER)
    with pytest.raises(NotFound, match="nobody"):
        engine.routines.close(item.id, {"nobody": "x"}, by=OFFICER)
    with pytest.raises(NotAllowed, match="petition_officer"):
        engine.routines.close(item.id, {"visitors": "3", "open": "0"}, by=Actor("x"))
    closed = engine.routines.close(item.id, {"visitors": "3", "open": "0"}, by=OFFICER)
    assert (closed.status, closed.closed_by, closed.items[0]["note"]) == ("done", "p1", "3")
    with pytest.raises(AlreadyDone, match="p1"):
        engine.routines.close(item.id, {"visitors": "3", "open": "0"}, by=OFFICER)
    with pytest.raises(NotFound, match="no routine list 999"):
        engine.routines.close(999, {}, by=OFFICER)


def test_an_area_can_stop(engine: Engine, clock: FixedClock) -> None:
    engine.routines.keep(TOWN)
    engine.routines.stop(TOWN)
    clock.advance(timedelta(days=30))
    assert engine.sweep().total == 0
    with pytest.raises(FactError, match="area"):
        engine.routines.keep("somewhere")


@pytest.fixture
def year_files(tmp_path: Path) -> Path:
    """The bundled calendars, and a plan of 2027 by which 4 January is a day off, too."""
    folder = tmp_path / "calendars"
    shutil.copytree(bundled("rules") / "calendars", folder)
    holidays = (Holiday("元旦", tuple(date(2027, 1, day) for day in (1, 2, 3, 4)), (date(2027, 1, 9),)),)
    plan = Plan(year=2027, revision=1, papers=("https://example.org/plan",), holidays=holidays)
    (folder / "2027.yaml").write_text(render(plan), encoding="utf-8")
    return folder


def china(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=CHINA)  # type: ignore[arg-type,misc]


def change(engine: Engine, id: str, **values: object) -> Routine:
    """Let a routine of the nation say something else."""
    edition = engine._runtime._edition
    layers = edition.rulebook.layers
    routine = replace(layers[""][Kind.ROUTINE][id], **values)  # type: ignore[arg-type]
    routines = MappingProxyType({**layers[""][Kind.ROUTINE], id: routine})
    nation = MappingProxyType({**layers[""], Kind.ROUTINE: routines})
    rulebook = replace(edition.rulebook, layers=MappingProxyType({**layers, "": nation}), _views={})
    engine._runtime._edition = replace(edition, rulebook=rulebook)
    assert isinstance(routine, Routine)
    return routine


class TestANewerHolidayList:
    """The quarterly training falls on New Year's Day; where it moves shows when the list of the year is known."""

    @pytest.fixture
    def planned(self, engine: Engine, clock: FixedClock) -> Engine:
        clock.set(date(2026, 11, 2))
        engine.routines.keep(TOWN)
        return engine

    def came(self, engine: Engine, clock: FixedClock, until: date) -> list[date]:
        clock.set(until)
        engine.sweep()
        lists = engine.routines.lists(area=TOWN, limit=1000)
        return [one.at.astimezone(CHINA).date() for one in lists if one.rule == "quarterly_training"]

    def test_recompute_tells_and_moves_it(self, planned: Engine, clock: FixedClock, year_files: Path) -> None:
        for dry_run in (True, True, False):
            found = planned.recompute(calendar=year_files, dry_run=dry_run, by=TRUSTED)
            [move] = [one for one in found.routines if one.rule == "quarterly_training"]
            assert move.before is not None
            assert move.after is not None
            assert (move.before.at, move.before.provisional) == (china(2027, 1, 4, 9), True)
            assert (move.after.at, move.after.provisional) == (china(2027, 1, 5, 9), False)
            assert (move.area, move.title["zh"]) == (TOWN, "每季度培训")
        assert planned.recompute(dry_run=False, by=TRUSTED).routines == ()
        assert self.came(planned, clock, date(2027, 1, 6)) == [date(2027, 1, 5)]

    def test_keep_plans_it_anew(self, planned: Engine, clock: FixedClock, year_files: Path) -> None:
        rules = year_files.parent / "rules"
        shutil.copytree(bundled("rules"), rules)
        shutil.copy(year_files / "2027.yaml", rules / "calendars")
        planned.load_edition(rules=rules)
        planned.routines.keep(TOWN)
        assert planned.recompute(by=OFFICER).routines == ()
        assert self.came(planned, clock, date(2027, 1, 6)) == [date(2027, 1, 5)]

    def test_what_comes_due_is_looked_at_again(
        self, planned: Engine, clock: FixedClock, year_files: Path
    ) -> None:
        planned._runtime.holidays.add(load_calendar(year_files))
        assert self.came(planned, clock, date(2027, 1, 4)) == []
        assert self.came(planned, clock, date(2027, 1, 6)) == [date(2027, 1, 5)]
        # What has come does not come again.
        assert self.came(planned, clock, date(2027, 3, 31)) == [date(2027, 1, 5)]

    def test_another_worker_learns_of_the_list_from_the_plan(
        self, planned: Engine, opener: Opener, clock: FixedClock, year_files: Path
    ) -> None:
        other = opener(processes=None, rules=None)
        planned.recompute(calendar=year_files, dry_run=False, by=TRUSTED)
        assert self.came(other, clock, date(2027, 1, 6)) == [date(2027, 1, 5)]
        assert other._runtime.edition.calendar.covers(date(2027, 1, 5))

    def test_one_that_came_before_the_list_does_not_come_twice(
        self, planned: Engine, clock: FixedClock, year_files: Path
    ) -> None:
        assert self.came(planned, clock, date(2027, 1, 4)) == [date(2027, 1, 4)]
        planned.recompute(calendar=year_files, dry_run=False, by=TRUSTED)
        assert self.came(planned, clock, date(2027, 1, 7)) == [date(2027, 1, 4)]


def test_a_holiday_of_the_area_moves_its_routines(engine: Engine, clock: FixedClock) -> None:
    for area in (TOWN, "140429103"):
        engine.routines.keep(area)
    edition = engine._runtime._edition
    local = {TOWN: (Holiday("古尔邦节", (date(2026, 3, 9),)),)}
    engine._runtime._edition = replace(edition, local=local, _calendars={})
    [move] = engine.recompute(by=OFFICER).routines
    assert (move.rule, move.area) == ("monday_reception", TOWN)
    clock.set(china(2026, 3, 9, 12))
    engine.sweep()
    assert [one.area for one in engine.routines.lists(role="petition_officer")] == ["140429103"]
    clock.set(china(2026, 3, 10, 12))
    engine.sweep()
    [one] = engine.routines.lists(area=TOWN, role="petition_officer")
    assert (one.at, one.nominal_on) == (china(2026, 3, 10, 9), date(2026, 3, 9))


class TestAnUnknownNextOccurrence:
    def test_a_routine_without_one_is_looked_for_again_and_not_lost(
        self, engine: Engine, clock: FixedClock, year_files: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        change(engine, "monday_reception", days=(6,), holiday=HolidayPolicy.SKIP)
        clock.set(date(2026, 12, 1))
        assert "monday_reception" in engine.routines.keep(TOWN)
        clock.set(date(2027, 1, 2))
        engine.sweep()
        assert "monday_reception" in caplog.text
        found = engine.recompute(calendar=year_files, dry_run=False, by=TRUSTED)
        [move] = [one for one in found.routines if one.rule == "monday_reception"]
        assert move.before is None
        assert move.after is not None
        assert move.after.at == china(2027, 1, 9, 9)
        clock.set(date(2027, 1, 10))
        engine.sweep()
        assert [one.rule for one in engine.routines.lists(role="petition_officer")] == ["monday_reception"]

    def test_one_whose_rule_has_ended_leaves_the_agenda(self, engine: Engine, clock: FixedClock) -> None:
        change(engine, "monday_reception", until=date(2026, 3, 10))
        clock.set(date(2026, 3, 2))
        engine.routines.keep(TOWN)
        clock.set(date(2026, 6, 1))
        engine.sweep()
        assert [one.nominal_on for one in engine.routines.lists(role="petition_officer")] == [
            date(2026, 3, 9)
        ]
        assert "monday_reception" not in engine.routines.keep(TOWN)


def units(*areas: str) -> Organisation:
    """A directory that knows these units and nobody in them."""
    return Organisation({area: Unit(area=area, title=Label("甲", "A")) for area in areas}, (), {})


class TestWhere:
    def test_a_list_is_closed_by_who_holds_the_role_there(self, engine: Engine, clock: FixedClock) -> None:
        engine.routines.keep(TOWN)
        clock.set(date(2026, 3, 9))
        engine.sweep()
        [item] = engine.routines.lists(role="petition_officer")
        notes = {"visitors": "3", "open": "0"}
        for elsewhere in ("140429103", f"{TOWN}201", "1405"):
            with pytest.raises(NotAllowed, match=f"lies in area {TOWN}; p1 acts for {elsewhere}"):
                engine.routines.close(item.id, notes, by=Actor("p1", OFFICER.roles, elsewhere))
        assert engine.routines.close(item.id, notes, by=Actor("p1", OFFICER.roles, "140429")).status == "done"

    def test_an_area_that_the_directory_lacks_is_refused(self, opener: Opener) -> None:
        engine = opener(processes=None, rules=None, directory=units("140429", TOWN))
        assert engine.routines.keep(f"{TOWN}000")
        with pytest.raises(NotFound, match=f"no unit 140429109; did you mean '{TOWN}'"):
            engine.routines.keep("140429109")

    def test_without_a_directory_any_area_is_kept(self, engine: Engine) -> None:
        assert engine.routines.keep("999999999")
        assert engine.routines.keep("33") == []

    def test_every_unit_below_an_area(self, opener: Opener) -> None:
        village = f"{TOWN}201"
        engine = opener(
            processes=None, rules=None, directory=units("140429", TOWN, village, f"{village}001", "140430")
        )
        kept = engine.routines.keep_below("140429000000")
        assert set(kept) == {"140429", TOWN, village, f"{village}001"}
        assert kept[village] == ["village_assembly", "village_publicity"]
        assert "patrols" in kept[f"{village}001"]
        with pytest.raises(NotFound, match="no unit 140431"):
            engine.routines.keep_below("140431")

    def test_what_lies_below_needs_a_directory(self, engine: Engine) -> None:
        with pytest.raises(NotFound, match="jiefen directory load"):
            engine.routines.keep_below("140429")


class TestStatus:
    def test_an_unknown_status_is_refused(self, engine: Engine) -> None:
        with pytest.raises(NotFound, match="'bogus' of routine lists; ask for open, overdue, done"):
            engine.routines.lists(status="bogus")

    def test_an_open_list_becomes_overdue(self, engine: Engine, clock: FixedClock) -> None:
        engine.routines.keep(TOWN)
        # The meeting of Sunday 15 March falls on Monday; five working days later is Monday 23 March.
        clock.set(china(2026, 3, 23, 23, 59))
        engine.sweep()
        [meeting] = [one for one in engine.routines.lists(limit=1000) if one.rule == "monthly_meeting"]
        assert (meeting.close_by, meeting.overdue) == (china(2026, 3, 24), False)
        assert meeting.id not in [one.id for one in engine.routines.lists(status="overdue")]
        clock.set(china(2026, 3, 24))
        overdue = engine.routines.lists(status="overdue", limit=1000)
        assert meeting.id in [one.id for one in overdue]
        assert all(one.overdue for one in overdue)
        paged, after = [], 0
        while page := engine.routines.lists(status="overdue", after=after, limit=1):
            paged += page
            after = page[-1].id
        assert paged == overdue
        # The annual training lasts a week, and says nothing of when its list should be closed.
        [training] = [one for one in engine.routines.lists(limit=1000) if one.rule == "march_training"]
        assert (training.at.date(), training.last_on) == (date(2026, 3, 11), date(2026, 3, 17))
        assert {one.close_by for one in engine.routines.lists() if one.rule == "march_training"} == {None}
        notes = {item["id"]: "议过" for item in meeting.items}
        by = Actor("c1", frozenset({"township_coordinator"}), TOWN)
        assert not engine.routines.close(meeting.id, notes, by=by).overdue
        assert meeting.id not in [one.id for one in engine.routines.lists(status="overdue")]

    def test_nobody_misses_a_day_that_is_not_certain(self, engine: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 12, 20))
        engine.routines.keep(TOWN)
        clock.set(date(2027, 6, 1))
        engine.sweep()
        late = [one for one in engine.routines.lists(limit=1000) if one.at > china(2027, 1, 1)]
        assert late
        assert not any(one.overdue for one in late)


class TestCases:
    """A list holds the cases that its items select, as they are when it is left."""

    def opened(self, engine: Engine, key: str, **facts: object) -> int:
        given = {"source": "walk_in", "dispute_type": "neighbour", "area": f"{TOWN}201"} | facts
        return engine.open_case("dispute", given, key=key, by=Actor("c")).id

    def left(self, engine: Engine, clock: FixedClock) -> dict[str, tuple[object, object]]:
        engine.routines.keep(TOWN)
        clock.set(date(2026, 3, 16))
        engine.sweep()
        [meeting] = [one for one in engine.routines.lists(limit=1000) if one.rule == "monthly_meeting"]
        return {item["id"]: (item.get("cases"), item.get("more")) for item in meeting.items}

    def test_red_and_overdue_cases(self, engine: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        red = self.opened(engine, "red", urgent=True)
        plain = self.opened(engine, "plain")
        self.opened(engine, "elsewhere", urgent=True, area="140429103201")
        assert engine.case(red).colour == "red"
        assert engine.case(plain).colour != "red"
        items = self.left(engine, clock)
        assert items["hard_cases"] == (None, None)
        assert items["red"] == ([red], 0)
        overdue = [
            case
            for case in (red, plain)
            if any(one.kind == "duty" and one.status == "expired" for one in engine.deadlines(case))
        ]
        assert overdue
        assert items["overdue"] == (overdue, 0)

    def test_the_oldest_and_how_many_more(
        self, engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock.set(date(2026, 3, 2))
        cases = [self.opened(engine, f"k{number}", urgent=True) for number in range(4)]
        monkeypatch.setattr("jiefen.agenda.routines.MOST_CASES", 3)
        assert self.left(engine, clock)["red"] == (cases[:3], 1)

    def test_a_note_stands_beside_the_cases(self, engine: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        red = self.opened(engine, "red", urgent=True)
        self.left(engine, clock)
        [meeting] = [one for one in engine.routines.lists(limit=1000) if one.rule == "monthly_meeting"]
        by = Actor("c1", frozenset({"township_coordinator"}), EVERYWHERE)
        closed = engine.routines.close(meeting.id, {item["id"]: "议过" for item in meeting.items}, by=by)
        [item] = [item for item in closed.items if item["id"] == "red"]
        assert (item["cases"], item["note"]) == ([red], "议过")

    def test_a_case_of_a_village_is_on_the_daily_list_of_each_of_its_grids(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        village = f"{TOWN}201"
        first, second, school = (f"{village}00{number}" for number in (1, 2, 9))
        known = dict(units(TOWN, village, first, second).units)
        known[school] = Unit(area=school, title=Label("学校", "School"), exclusive=True, lies_in=second)
        engine = opener(processes=None, rules=None, directory=Organisation(known, (), {}))
        clock.set(date(2026, 3, 2))
        case = self.opened(engine, "village")
        inside = self.opened(engine, "grid", area=first)
        at_school = self.opened(engine, "school", area=school)
        self.opened(engine, "next village", area=f"{TOWN}202")
        for grid in (first, second, school):
            engine.routines.keep(grid)
        clock.set(date(2026, 3, 3))
        engine.sweep()
        lists = {
            one.area: one.items for one in engine.routines.lists(limit=100) if one.rule == "daily_clearing"
        }
        listed = {area: item["cases"] for area, [item] in lists.items()}
        assert listed == {first: [case, inside], second: [case, at_school], school: [at_school]}

    def test_without_a_directory_the_code_says_which_village_a_grid_belongs_to(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 3, 2))
        case = self.opened(engine, "village")
        engine.routines.keep(f"{TOWN}201001")
        clock.set(date(2026, 3, 3))
        engine.sweep()
        [cleared] = [one for one in engine.routines.lists(limit=100) if one.rule == "daily_clearing"]
        assert [item["cases"] for item in cleared.items] == [[case]]


def test_weekly_and_monthly_lists_hold_the_cases_and_figures_of_their_time(
    opener: Opener, clock: FixedClock
) -> None:
    clock.set(date(2026, 1, 5))
    engine = opener(processes=None, rules=None)
    clerk = Actor("c1", frozenset({"township_coordinator"}), EVERYWHERE)
    facts = {
        "source": "petition",
        "dispute_type": "neighbour",
        "area": f"{TOWN}201",
        "received_on": "2026-01-05",
    }
    case = engine.open_case("dispute", facts, key="k", by=clerk).id
    engine.milestone(case, "petition_registered", by=clerk)
    engine.milestone(case, "petition_accepted", by=clerk)
    engine.routines.keep(TOWN)
    clock.set(date(2026, 4, 1))
    engine.sweep()
    lists = [one for one in engine.routines.lists(limit=1000) if one.area == TOWN]
    weeks = [one for one in lists if one.rule == "weekly_review"]
    listed = [{item["id"]: item for item in one.items} for one in weeks]
    assert all(items["week"]["cases"] == [case] for items in listed)
    assert listed[-1]["overdue"]["cases"] == [case]
    due = [
        figure
        for items in listed
        for figure in items["week"]["figures"]
        if figure["id"] == "petition.done_in_time"
    ]
    late = [(one["since"], one["until"]) for one in due if one["denominator"]]
    assert late == [("2026-02-28", "2026-03-06")]  # sixty days after acceptance are over on 6 March
    months = [one for one in lists if one.rule == "monthly_assessment"]
    [march] = [one for one in months if one.nominal_on == date(2026, 3, 31)]
    [month] = [item for item in march.items if item["id"] == "month"]
    figures = {one["id"]: one for one in month["figures"]}
    done = figures["petition.done_in_time"]
    assert (done["numerator"], done["denominator"], done["rate"]) == (0, 1, "0.0%")
    assert (done["since"], done["until"], done["zh"]) == ("2026-03-01", "2026-03-31", "按期办结率")
    assert figures["satisfied"]["rate"] is None
