"""签收后搁置: a task that somebody claimed and does not do is pressed for, and can be given back."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiefen import Actor, AlreadyDone, Engine, FixedClock, Happening, NotAllowed
from tests.integration.conftest import Opener
from tests.integration.watch import CHIEF, FINDER, GRID, china, edited, found, notices, of, staff

OTHER = Actor("g-2", frozenset({"grid_chief"}), GRID)
HEAD = Actor("v-1", frozenset({"village_head"}), GRID[:12])
LADDER = """  claimed:
    title: {zh: 签收后未办, en: Claimed and not done}
    claimed: [grid_chief]
    because: {policy: {zh: 测试, en: Test}}
    rungs:
      - {id: claimer, after: 5 wd, to: claimer, action: remind}
      - {id: head, after: 10 wd, to: holder_head, action: escalate}
      - {id: above, after: 15 wd, to: holder_above, action: escalate}
  unclaimed:
"""


@pytest.fixture
def engine(opener: Opener, tmp_path: Path) -> Engine:
    rules = edited(tmp_path, "  unclaimed:\n", LADDER)
    roles = rules / "roles.yaml"
    chief = "level: grid, deputies: [grid_worker]"
    text = roles.read_text(encoding="utf-8")
    assert chief in text
    roles.write_text(text.replace(chief, f"{chief}, head: village_head, above: officer"), encoding="utf-8")
    return opener(directory=staff(), rules=rules)


@pytest.fixture
def case(engine: Engine) -> int:
    return found(engine)


def task_of(engine: Engine, case: int) -> int:
    [task] = engine.tasks(case=case)
    return task.id


def pressed(engine: Engine, case: int) -> list[tuple[str, list[str]]]:
    """Who was told about the claimed task, in order."""
    told = [one for one in notices(engine, case).values() if one.get("ladder") == "claimed"]
    return [(one["to"], one["holders"]) for one in told]


def test_it_presses_the_claimer_then_the_head_then_the_level_above(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    engine.claim(task_of(engine, case), by=OTHER)
    clock.set(china(3, 6))
    engine.sweep()
    assert pressed(engine, case) == []
    for day in (9, 16, 23, 30):
        clock.set(china(3, day))
        engine.sweep()
    assert pressed(engine, case) == [
        ("grid_chief", ["g-2"]), ("village_head", ["v-1"]), ("officer", ["o-1"]),
    ]  # fmt: skip
    entries = of(engine, case, Happening.TASK_UNFINISHED)
    assert [entry.data["claimer"] for entry in entries] == ["g-2"] * 3
    assert of(engine, case, Happening.TASK_UNCLAIMED) == []
    assert "待办签收后未办结:上门核实,提醒,通知 网格长" in engine.explain(case).text("zh")
    assert "was claimed and is not done: reminder" in engine.explain(case).text("en")


def test_a_task_that_is_done_is_not_pressed_for(engine: Engine, case: int, clock: FixedClock) -> None:
    task = task_of(engine, case)
    engine.claim(task, by=CHIEF)
    engine.complete(task, {}, by=CHIEF)
    clock.set(china(4, 10))
    engine.sweep()
    assert pressed(engine, case) == []


def test_who_has_claimed_it_gives_it_back_and_others_take_it(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    task = task_of(engine, case)
    engine.claim(task, by=OTHER)
    clock.set(china(3, 9))
    engine.sweep()
    assert engine.release(task, by=OTHER).assignee is None
    assert [one.data["claimer"] for one in of(engine, case, Happening.TASK_RELEASED)] == ["g-2"]
    clock.set(china(3, 10))
    engine.sweep()
    assert len(of(engine, case, Happening.TASK_UNCLAIMED)) == 1
    assert engine.claim(task, by=CHIEF).assignee == CHIEF.id
    for day in (16, 17, 18):
        clock.set(china(3, day))
        engine.sweep()
    # Its own round: the first reminder goes to whoever has it now.
    assert pressed(engine, case)[-1] == ("grid_chief", [CHIEF.id])


def test_the_head_takes_it_back_with_a_reason(engine: Engine, case: int) -> None:
    task = task_of(engine, case)
    engine.claim(task, by=OTHER)
    with pytest.raises(NotAllowed, match=r"is for .* or a deputy"):
        engine.release(task, by=CHIEF, why="休假")
    with pytest.raises(NotAllowed, match="needs a reason"):
        engine.release(task, by=HEAD)
    assert engine.release(task, by=HEAD, why="休假").assignee is None
    [entry] = of(engine, case, Happening.TASK_RELEASED)
    assert (entry.actor, entry.data["reason"], entry.data["claimer"]) == ("v-1", "休假", "g-2")


def test_nothing_to_give_back(engine: Engine, case: int) -> None:
    task = task_of(engine, case)
    before = len(engine.history(case))
    assert engine.release(task, by=FINDER).assignee is None
    assert len(engine.history(case)) == before
    engine.complete(task, {}, by=CHIEF)
    with pytest.raises(AlreadyDone):
        engine.release(task, by=CHIEF)
