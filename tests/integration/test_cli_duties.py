"""Recurring duties and incidents at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner, Result

from jiefen import FixedClock
from jiefen.cli import app
from tests.integration.conftest import Opener

TOWN = "140429102"


@pytest.fixture
def run(url: str) -> Callable[..., Result]:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["--db", url, "--lang", "en", *arguments])

    return call


def test_an_area_keeps_its_duties_and_closes_a_list(
    run: Callable[..., Result], opener: Opener, clock: FixedClock
) -> None:
    engine = opener(processes=None, rules=None)
    kept = run("duties", "keep", TOWN)
    assert kept.exit_code == 0, kept.output
    assert "monday_reception" in kept.output
    run("duties", "stop", TOWN)
    clock.set(date(2026, 3, 2))
    engine.duties.keep(TOWN)
    clock.advance(timedelta(days=7))
    engine.sweep()
    listed = json.loads(run("duties", "--role", "petition_officer", "--json").stdout)
    [one] = [item for item in listed if item["rule"] == "monday_reception"]
    lacking = run("duties", "close", str(one["id"]), "--by", "7", "--role", "petition_officer")
    assert lacking.exit_code == 1
    notes = [part for item in one["items"] for part in ("--note", f"{item['id']}=none")]
    closed = run("duties", "close", str(one["id"]), "--by", "7", "--role", "petition_officer", *notes)
    assert closed.exit_code == 0, closed.output
    assert f" {one['id']} " in f" {closed.output} "
    assert "monday_reception" in run("duties", "--done").output


def test_what_cannot_be_is_said(run: Callable[..., Result], opener: Opener) -> None:
    opener()
    assert run("duties", "keep", "nowhere").exit_code == 1
    assert run("duties", "close", "9", "--by", "x").exit_code == 4
    assert run("duties", "close", "9", "--by", "x", "--note", "no").exit_code == 1
    assert run("incidents", "resolve", "9").exit_code == 4
