"""Checklists as rules: ticked at a visit or once in a case, and what is missing is told when the visit is over."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from jiefen import (
    EVERYWHERE,
    Actor,
    Checked,
    Engine,
    FactError,
    FixedClock,
    Happening,
    NotAllowed,
    UnknownValue,
)
from jiefen.cli.root import app
from jiefen.clock import CHINA
from tests.integration.conftest import Opener

GRID = Actor("0431", frozenset({"grid_worker"}), "140429102")
CENTRE = Actor("0412", frozenset({"township_coordinator", "township_leader"}), "140429102")
TOWN = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
TODAY = date(2026, 3, 2)


@pytest.fixture
def town(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


@pytest.fixture
def case(town: Engine) -> int:
    return town.open_case("dispute", TOWN, key="k", by=GRID).id


def by_id(found: list[Checked]) -> dict[str, Checked]:
    return {one.checklist: one for one in found}


def kinds(engine: Engine, case: int) -> list[Happening]:
    return [one.kind for one in engine.history(case)]


def told(engine: Engine) -> list[tuple[str, list[str], list[str]]]:
    """Which lists miss what, and who was told."""
    return [
        (one.payload["checklist"], one.payload["missing"], one.payload["holders"])
        for one in engine.deliveries()
        if one.topic == "notice" and "checklist" in one.payload
    ]


class TestTicking:
    def test_who_and_when_is_kept_and_each_visit_begins_anew(
        self, town: Engine, case: int, clock: FixedClock
    ) -> None:
        revision = town.case(case).revision
        now = town.checklists.tick(case, "eight_visits", "elderly", by=GRID, note="东头第三户")
        assert [(one.item, one.by) for one in now.ticks if one.done] == [("elderly", "0431")]
        assert town.checklists.tick(case, "eight_visits", "elderly", by=GRID) == now
        assert town.case(case).revision == revision + 1
        assert by_id(town.checklists.of(case, by=GRID))["eight_visits"] == now
        clock.advance(timedelta(days=1))
        today = by_id(town.checklists.of(case, by=GRID))["eight_visits"]
        assert not today.begun
        assert by_id(town.checklists.of(case, by=GRID, visit=TODAY))["eight_visits"] == now
        undone = town.checklists.tick(case, "eight_visits", "elderly", by=GRID, visit=TODAY, done=False)
        assert not any(one.done for one in undone.ticks)
        assert {Happening.TICKED, Happening.TICK_REMOVED} <= set(kinds(town, case))
        assert "第三户" not in str(town.history(case)) + repr(now)
        assert "0431 完成清单〔八必访〕:独居老人、残疾人(2026-03-02)" in town.explain(case).text("zh")

    def test_a_list_of_the_case_is_for_cases_like_it_and_ticked_once(
        self, town: Engine, case: int, clock: FixedClock
    ) -> None:
        # The list is for cases that are in mediation.
        begun = "mediation_file" in by_id(town.checklists.of(case, by=GRID))
        assert begun == (town.case(case).stage in ("mediation", "resolution"))
        while town.case(case).stage != "mediation":
            [task, *_] = town.tasks(case=case)
            town.complete(task.id, {}, by=Actor("0500", frozenset(task.roles), EVERYWHERE))
        town.checklists.tick(case, "mediation_file", "record", by=GRID)
        clock.advance(timedelta(days=2))
        file = by_id(town.checklists.of(case, by=GRID))["mediation_file"]
        assert file.visit is None
        assert [one.item for one in file.ticks if one.done] == ["record"]
        missing = town.checklists.finish(case, "mediation_file", by=GRID).missing
        assert "record" not in [one.item for one in missing]
        [(name, items, holders)] = told(town)
        assert (name, len(items), holders) == ("mediation_file", 5, ["0431"])

    def test_what_cannot_be_is_told(self, town: Engine, case: int) -> None:
        with pytest.raises(UnknownValue, match="eight_visits"):
            town.checklists.tick(case, "eight_visit", "elderly", by=GRID)
        with pytest.raises(UnknownValue, match="elderly"):
            town.checklists.tick(case, "eight_visits", "elder", by=GRID)
        for day in (date(2026, 3, 3), "2026-03-01", datetime(2026, 3, 1, tzinfo=CHINA)):
            with pytest.raises(FactError, match="is no day"):
                town.checklists.of(case, by=GRID, visit=day)  # type: ignore[arg-type]
        stranger = Actor("x", frozenset({"grid_worker"}), "370700")
        with pytest.raises(NotAllowed):
            town.checklists.tick(case, "eight_visits", "elderly", by=stranger)
        town.recuse(case, "0431", reason="近亲属", by=CENTRE)
        with pytest.raises(NotAllowed, match="recused"):
            town.checklists.of(case, by=GRID)


class TestTheEndOfAVisit:
    def held(self, town: Engine, case: int, clock: FixedClock, form: str, *ticked: str) -> None:
        at = datetime(2026, 3, 5, 9, 30, tzinfo=CHINA)
        made = town.appointments.book(
            case, form, at=at, place="村口", official="l-1", staff=["0431"], by=GRID
        )
        clock.set(at)
        for item in ticked:
            town.checklists.tick(case, "four_steps", item, by=GRID)
        town.appointments.held(case, made.seq, by=GRID)

    def test_what_is_missing_is_told_to_who_was_there(
        self, town: Engine, case: int, clock: FixedClock
    ) -> None:
        self.held(town, case, clock, "field_visit", "seen", "heard")
        # Nobody has begun the eight visits, and no rule asks for them here.
        assert told(town) == [("four_steps", ["explained", "promised"], ["l-1", "0431"])]
        assert "清单〔四到〕(2026-03-05)尚缺:口到" in town.explain(case).text("zh")

    def test_nothing_is_told_of_a_whole_one(self, town: Engine, case: int, clock: FixedClock) -> None:
        self.held(town, case, clock, "led_visit", "seen", "heard", "explained", "promised")
        assert told(town) == []
        assert Happening.CHECKLIST_MISSING not in kinds(town, case)

    def test_at_the_desk_only_what_was_begun(self, town: Engine, case: int, clock: FixedClock) -> None:
        self.held(town, case, clock, "reception")
        assert told(town) == []

    def test_also_there_what_was_begun_is_told(self, town: Engine, case: int, clock: FixedClock) -> None:
        self.held(town, case, clock, "reception", "seen")
        assert [one[0] for one in told(town)] == ["four_steps"]


def test_at_the_command_line(town: Engine, case: int, url: str) -> None:
    def run(*arguments: str) -> str:
        who = ("--by", "0412", "--role", "township_coordinator", "--area", "everywhere")
        where = (*who, "--db", url, "--lang", "zh")
        done = CliRunner().invoke(app, [*arguments, *where], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "眼到" in run("checklists", str(case))
    ticked = run("tick", str(case), "four_steps", "seen", "--visit", "2026-03-02", "--json")
    assert [one["done"] for one in json.loads(ticked)[0]["ticks"]] == [True, False, False, False]
    run("tick", str(case), "four_steps", "seen", "--visit", "2026-03-02", "--undo")
    [left] = json.loads(run("finish", str(case), "four_steps", "--visit", "2026-03-02", "--json"))
    assert not any(one["done"] for one in left["ticks"])
