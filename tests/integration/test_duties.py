"""Recurring duties on a real database: planned once, each occurrence leaves one list, and nothing is missed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from jiefen import Actor, AlreadyDone, Engine, FactError, FixedClock, NotAllowed, NotFound
from jiefen.bundled import bundled
from jiefen.clock import CHINA
from jiefen.periods import Holiday, Plan, load_calendar
from jiefen.periods.files import render
from jiefen.rules import Duty, HolidayPolicy, Kind
from tests.integration.conftest import Opener

OFFICER = Actor("p1", frozenset({"petition_officer"}))
TOWN = "140429102"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An engine on the bundled edition, whose rules name the duties."""
    return opener(processes=None, rules=None)


def test_each_monday_leaves_a_list(engine: Engine, clock: FixedClock) -> None:
    kept = engine.duties.keep(TOWN)
    assert "monday_reception" in kept
    assert "patrols" not in kept  # those are of the grid
    engine.duties.keep(TOWN)
    for _ in range(29):
        clock.advance(timedelta(days=1))
        engine.sweep()
    mondays = [item for item in engine.duties.lists(area="1404") if item.rule == "monday_reception"]
    assert [f"{item.at:%m-%d}" for item in mondays] == ["03-09", "03-16", "03-23", "03-30"]
    assert [item["id"] for item in mondays[0].items] == ["visitors", "open"]


def test_after_a_long_stop_no_list_is_missing_and_none_is_there_twice(
    engine: Engine, clock: FixedClock
) -> None:
    engine.duties.keep(f"{TOWN}201001")
    clock.advance(timedelta(days=10))
    engine.sweep()
    assert engine.sweep().total == 0
    patrols = [item.at for item in engine.duties.lists(limit=1000) if item.rule == "patrols"]
    assert len(patrols) == len(set(patrols)) == 30


def test_a_list_is_closed_with_a_note_for_each_item(engine: Engine, clock: FixedClock) -> None:
    engine.duties.keep(TOWN)
    clock.set(date(2026, 3, 9))
    engine.sweep()
    [item] = engine.duties.lists(role="petition_officer")
    for notes, error in (({"visitors": "3"}, NotAllowed), ({"visitors": "3", "open": " "}, NotAllowed)):
        with pytest.raises(error, match="open"):
            engine.duties.close(item.id, notes, by=OFFICER)
    with pytest.raises(NotFound, match="nobody"):
        engine.duties.close(item.id, {"nobody": "x"}, by=OFFICER)
    with pytest.raises(NotAllowed, match="petition_officer"):
        engine.duties.close(item.id, {"visitors": "3", "open": "0"}, by=Actor("x"))
    closed = engine.duties.close(item.id, {"visitors": "3", "open": "0"}, by=OFFICER)
    assert (closed.status, closed.closed_by, closed.items[0]["note"]) == ("done", "p1", "3")
    with pytest.raises(AlreadyDone, match="p1"):
        engine.duties.close(item.id, {"visitors": "3", "open": "0"}, by=OFFICER)
    with pytest.raises(NotFound, match="no duty list 999"):
        engine.duties.close(999, {}, by=OFFICER)


def test_an_area_can_stop(engine: Engine, clock: FixedClock) -> None:
    engine.duties.keep(TOWN)
    engine.duties.stop(TOWN)
    clock.advance(timedelta(days=30))
    assert engine.sweep().total == 0
    with pytest.raises(FactError, match="area"):
        engine.duties.keep("somewhere")


@pytest.fixture
def year_files(tmp_path: Path) -> Path:
    """The bundled calendars, and a plan of 2027 by which 1 January is a day off."""
    folder = tmp_path / "calendars"
    shutil.copytree(bundled("rules") / "calendars", folder)
    holidays = (Holiday("元旦", (date(2027, 1, 1),), (date(2027, 1, 9),)),)
    plan = Plan(year=2027, revision=1, papers=("https://example.org/plan",), holidays=holidays)
    (folder / "2027.yaml").write_text(render(plan), encoding="utf-8")
    return folder


def china(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=CHINA)  # type: ignore[arg-type,misc]


def change(engine: Engine, id: str, **values: object) -> Duty:
    """Let a duty of the nation say something else."""
    edition = engine._runtime._edition
    layers = edition.rulebook.layers
    duty = replace(layers[""][Kind.DUTY][id], **values)  # type: ignore[arg-type]
    duties = MappingProxyType({**layers[""][Kind.DUTY], id: duty})
    nation = MappingProxyType({**layers[""], Kind.DUTY: duties})
    rulebook = replace(edition.rulebook, layers=MappingProxyType({**layers, "": nation}), _views={})
    engine._runtime._edition = replace(edition, rulebook=rulebook)
    assert isinstance(duty, Duty)
    return duty


class TestANewerHolidayList:
    """The quarterly training planned on New Year's Day before the list of the year is known."""

    @pytest.fixture
    def planned(self, engine: Engine, clock: FixedClock) -> Engine:
        clock.set(date(2026, 11, 2))
        engine.duties.keep(TOWN)
        return engine

    def came(self, engine: Engine, clock: FixedClock, until: date) -> list[date]:
        clock.set(until)
        engine.sweep()
        lists = engine.duties.lists(area=TOWN, limit=1000)
        return [one.at.astimezone(CHINA).date() for one in lists if one.rule == "quarterly_training"]

    def test_recompute_tells_and_moves_it(self, planned: Engine, clock: FixedClock, year_files: Path) -> None:
        for dry_run in (True, True, False):
            found = planned.recompute(calendar=year_files, dry_run=dry_run, by=OFFICER)
            [move] = [one for one in found.duties if one.rule == "quarterly_training"]
            assert move.before is not None
            assert move.after is not None
            assert (move.before.at, move.before.provisional) == (china(2027, 1, 1, 9), True)
            assert (move.after.at, move.after.provisional) == (china(2027, 1, 4, 9), False)
            assert (move.area, move.title["zh"]) == (TOWN, "每季度培训")
        assert planned.recompute(dry_run=False, by=OFFICER).duties == ()
        assert self.came(planned, clock, date(2027, 1, 5)) == [date(2027, 1, 4)]

    def test_keep_plans_it_anew(self, planned: Engine, clock: FixedClock, year_files: Path) -> None:
        rules = year_files.parent / "rules"
        shutil.copytree(bundled("rules"), rules)
        shutil.copy(year_files / "2027.yaml", rules / "calendars")
        planned.load_edition(rules=rules)
        planned.duties.keep(TOWN)
        assert planned.recompute(by=OFFICER).duties == ()
        assert self.came(planned, clock, date(2027, 1, 5)) == [date(2027, 1, 4)]

    def test_what_comes_due_is_looked_at_again(
        self, planned: Engine, clock: FixedClock, year_files: Path
    ) -> None:
        planned._runtime.holidays.learn(load_calendar(year_files))
        assert self.came(planned, clock, date(2027, 1, 2)) == []
        assert self.came(planned, clock, date(2027, 1, 5)) == [date(2027, 1, 4)]
        # What has come does not come again.
        assert self.came(planned, clock, date(2027, 3, 31)) == [date(2027, 1, 4)]

    def test_another_worker_learns_of_the_list_from_the_plan(
        self, planned: Engine, opener: Opener, clock: FixedClock, year_files: Path
    ) -> None:
        other = opener(processes=None, rules=None)
        planned.recompute(calendar=year_files, dry_run=False, by=OFFICER)
        assert self.came(other, clock, date(2027, 1, 5)) == [date(2027, 1, 4)]
        assert other._runtime.edition.calendar.covers(date(2027, 1, 5))

    def test_one_that_came_before_the_list_does_not_come_twice(
        self, planned: Engine, clock: FixedClock, year_files: Path
    ) -> None:
        assert self.came(planned, clock, date(2027, 1, 2)) == [date(2027, 1, 1)]
        planned.recompute(calendar=year_files, dry_run=False, by=OFFICER)
        assert self.came(planned, clock, date(2027, 1, 6)) == [date(2027, 1, 1)]


class TestAnUnknownNextOccurrence:
    def test_a_duty_without_one_is_looked_for_again_and_not_lost(
        self, engine: Engine, clock: FixedClock, year_files: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        change(engine, "monday_reception", days=(6,), holiday=HolidayPolicy.SKIP)
        clock.set(date(2026, 12, 1))
        assert "monday_reception" in engine.duties.keep(TOWN)
        clock.set(date(2027, 1, 2))
        engine.sweep()
        assert "monday_reception" in caplog.text
        found = engine.recompute(calendar=year_files, dry_run=False, by=OFFICER)
        [move] = [one for one in found.duties if one.rule == "monday_reception"]
        assert move.before is None
        assert move.after is not None
        assert move.after.at == china(2027, 1, 9, 9)
        clock.set(date(2027, 1, 10))
        engine.sweep()
        assert [one.rule for one in engine.duties.lists(role="petition_officer")] == ["monday_reception"]

    def test_one_whose_rule_has_ended_leaves_the_agenda(self, engine: Engine, clock: FixedClock) -> None:
        change(engine, "monday_reception", until=date(2026, 3, 10))
        clock.set(date(2026, 3, 2))
        engine.duties.keep(TOWN)
        clock.set(date(2026, 6, 1))
        engine.sweep()
        assert [one.nominal_on for one in engine.duties.lists(role="petition_officer")] == [date(2026, 3, 9)]
        assert "monday_reception" not in engine.duties.keep(TOWN)


def test_a_duty_that_failed_too_often_can_be_resolved(
    engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.duties.keep(TOWN)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("jiefen.recurring.next_occurrence", broken)
        for _ in range(30):
            clock.advance(timedelta(days=1))
            engine.sweep()
    incident = engine.incidents()[0]
    engine.resolve(incident.id)
    assert incident.id not in [one.id for one in engine.incidents()]
    assert engine.duties.lists()
