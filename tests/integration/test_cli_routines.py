"""Routines and incidents at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jiefen import Actor, FixedClock
from jiefen.cli.operation.routines import _item as routines_item
from jiefen.cli.root import app
from tests.integration.conftest import Opener

TOWN = "140429102"
DIRECTORY = Path(__file__).parents[2] / "examples" / "directory.yaml"


@pytest.fixture
def run(url: str) -> Callable[..., Result]:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["--db", url, "--lang", "en", *arguments])

    return call


def test_an_area_keeps_its_routines_and_closes_a_list(
    run: Callable[..., Result], opener: Opener, clock: FixedClock
) -> None:
    engine = opener(processes=None, rules=None)
    kept = run("routines", "keep", TOWN)
    assert kept.exit_code == 0, kept.output
    assert "monday_reception" in kept.output
    run("routines", "stop", TOWN)
    clock.set(date(2026, 3, 2))
    engine.routines.keep(TOWN)
    clock.advance(timedelta(days=7))
    engine.sweep()
    listed = json.loads(run("routines", "--role", "petition_officer", "--json").stdout)
    [one] = [item for item in listed if item["rule"] == "monday_reception"]
    who = ("--by", "7", "--role", "petition_officer", "--area", "everywhere")
    lacking = run("routines", "close", str(one["id"]), *who)
    assert lacking.exit_code == 1
    notes = [part for item in one["items"] for part in ("--note", f"{item['id']}=none")]
    closed = run("routines", "close", str(one["id"]), *who, *notes)
    assert closed.exit_code == 0, closed.output
    assert f" {one['id']} " in f" {closed.output} "
    assert "monday_reception" in run("routines", "--done").output


def test_what_cannot_be_is_said(run: Callable[..., Result], opener: Opener) -> None:
    opener()
    assert run("routines", "keep", "nowhere").exit_code == 1
    assert run("routines", "close", "9", "--by", "x").exit_code == 4
    assert run("routines", "close", "9", "--by", "x", "--note", "no").exit_code == 1
    assert run("incidents", "resolve", "9").exit_code == 4


def test_a_list_is_closed_where_the_role_is_held(
    run: Callable[..., Result], opener: Opener, clock: FixedClock
) -> None:
    engine = opener(processes=None, rules=None)
    clock.set(date(2026, 3, 2))
    engine.routines.keep(TOWN)
    clock.set(date(2026, 3, 9))
    engine.sweep()
    [one] = engine.routines.lists(role="petition_officer")
    notes = [part for item in one.items for part in ("--note", f"{item['id']}=none")]
    closing = ("routines", "close", str(one.id), "--by", "7", "--role", "petition_officer", *notes)
    elsewhere = run(*closing, "--area", "140429103")
    assert elsewhere.exit_code == 1
    assert f"lies in area {TOWN}; 7 acts for 140429103" in elsewhere.stderr
    assert run(*closing, "--area", TOWN).exit_code == 0


def test_overdue_lists_and_the_cases_in_them(
    run: Callable[..., Result], opener: Opener, clock: FixedClock
) -> None:
    engine = opener(processes=None, rules=None)
    clock.set(date(2026, 3, 2))
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": f"{TOWN}201", "urgent": True}
    engine.open_case("dispute", facts, key="k", by=Actor("c"))
    engine.routines.keep(TOWN)
    clock.set(date(2026, 3, 20))
    engine.sweep()
    listed = run("routines", "--role", "township_coordinator").output
    assert "red [1]" in listed
    # The system's clock is long past what the rules give for closing them.
    assert "overdue" in listed
    overdue = json.loads(run("routines", "--status", "overdue", "--json").stdout)
    assert {one["overdue"] for one in overdue} == {True}
    assert run("routines", "--status", "bogus").exit_code == 2


def test_keeping_says_when_nothing_is_planned(run: Callable[..., Result], opener: Opener) -> None:
    opener(processes=None, rules=None)
    nothing = run("routines", "keep", "33")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "no routines for an area of the level of 33; nothing is planned" in nothing.stderr
    below = run("routines", "keep", "140429", "--below")
    assert below.exit_code == 4
    assert "jiefen directory load" in below.stderr


def test_every_unit_below_is_kept(run: Callable[..., Result], opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    engine.load_directory(DIRECTORY)
    refused = run("routines", "keep", "999999999")
    assert refused.exit_code == 4
    assert "no unit 999999999" in refused.stderr
    kept = json.loads(run("routines", "keep", "140429", "--below", "--json").stdout)
    assert "monday_reception" in kept[TOWN]
    assert any("patrols" in ids for ids in kept.values())
    assert "annual_report" in kept["140429"]


def test_an_item_of_a_list_is_shown_with_its_cases_and_figures() -> None:
    figure = {"zh": "按期办结率", "en": "In time", "numerator": 1, "denominator": 2, "rate": "50.0%"}
    item = {"id": "week", "cases": [3, 4], "more": 2, "figures": [figure, figure | {"rate": None}]}
    assert routines_item(item, "zh") == "week [3 4 +2]; 按期办结率 50.0% (1/2); 按期办结率 — (1/2)"
    assert routines_item({"id": "month"}, "en") == "month"
