"""What there is to do, and who does it, at the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from jiefen import Actor, Engine, FixedClock
from jiefen.cli.root import app
from jiefen.clock import SystemClock
from tests.integration.conftest import Opener

AREA = "140429102201"
DIRECTORY = """units:
  '140429102': {title: {zh: 镇, en: Town}}
  '140429102201': {title: {zh: 村, en: Village}}
posts:
  - {role: village_mediator, area: "140429102201", holder: m1}
  - {role: village_mediator, area: "140429102201", holder: m2}
  - {role: township_coordinator, area: "140429102", holder: c}
"""
Run = Callable[..., Result]


@pytest.fixture
def run(url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; it must end with 0 unless another code is expected."""
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now().astimezone(UTC))

    def call(*arguments: object, ends: int = 0) -> Result:
        result = CliRunner().invoke(app, ["--db", url, "--lang", "en", *map(str, arguments)])
        assert result.exit_code == ends, (arguments, result.output)
        return result

    return call


@pytest.fixture
def task(opener: Opener) -> int:
    engine: Engine = opener(processes=None, rules=None)
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": AREA, "title": "墙"}
    case = engine.open_case("dispute", facts, key="k", by=Actor("c")).id
    return engine.tasks(case=case)[0].id


@pytest.fixture
def directory(run: Run, task: int, tmp_path: Path) -> Path:
    file = tmp_path / "directory.yaml"
    file.write_text(DIRECTORY, encoding="utf-8")
    run("directory", "load", file)
    return file


def data(result: Result) -> Any:
    return msgspec.json.decode(result.stdout)


def test_the_directory_tells_what_somebody_holds(run: Run, directory: Path, task: int) -> None:
    [item] = data(run("work", "--by", "m1", "--json"))
    assert (item["task"]["id"], item["title"], item["why"]) == (task, "墙", "group")
    nobody = run("work", "--by", "m9")
    assert "the directory knows no post of m9" in nobody.stderr
    assert "墙" not in nobody.stdout
    assert "--role" in run("work", "--by", "m1", "--area", AREA, ends=2).output
    asked = run("work", "--by", "m9", "--role", "village_mediator", "--area", AREA)
    assert "墙" in asked.stdout


def test_without_a_directory_a_role_is_asked_for(run: Run, task: int) -> None:
    assert "no directory is loaded and no --role given" in run("work", "--by", "m1").stderr


def test_one_task(run: Run, task: int) -> None:
    assert data(run("task", task, "--json"))["id"] == task
    shown = run("task", task).stdout
    assert "Village mediator" in shown
    assert "open" in shown
    assert "asks for" in shown
    assert "there is no task 99" in run("task", 99, ends=4).output


def test_counts(run: Run, task: int) -> None:
    counts = data(run("workload", "--json"))
    assert {"role", "area", "open", "claimed", "overdue"} == set(counts[0])
    assert "overdue" in run("workload").stdout


def test_it_is_given_and_stood_in_for(run: Run, directory: Path, task: int) -> None:
    centre = ("--by", "c", "--role", "township_coordinator", "--area", "140429102")
    given = data(run("reassign", task, "m1", "--reason", "分工", *centre, "--json"))
    assert given["assignee"] == "m1"
    span = ("--since", "2026-03-02", "--until", "2026-03-06", "--reason", "休假")
    made = data(run("delegate", "m1", "m2", *span, "--by", "m1", "--json"))
    assert [one["why"] for one in data(run("work", "--by", "m2", "--json"))] == ["absence"]
    [listed] = data(run("absences", "--json"))
    assert (listed["id"], listed["by"], listed["meant_until"]) == (made["id"], "m1", "2026-03-06")
    run("absences", "end", made["id"], "--by", "m1")
    [listed] = data(run("absences", "--json"))
    assert (listed["ended_by"], listed["until"]) == ("m1", str(date(2026, 3, 1)))


def test_what_somebody_holds_where_no_directory_tells_it(run: Run, task: int) -> None:
    centre = ("--by", "c", "--role", "township_coordinator", "--area", "140429102", "--reason", "分工")
    assert "no directory tells" in run("reassign", task, "m1", *centre, ends=1).output
    assert "--to-role" in run("reassign", task, "m1", *centre, "--to-area", AREA, ends=2).output
    holds = ("--to-role", "village_mediator", "--to-area", AREA)
    assert data(run("reassign", task, "m1", *centre, *holds, "--json"))["assignee"] == "m1"
