"""The desk of the demo: what it gives away, calls for, merges and moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from jiefen import Actor, Engine, FixedClock
from jiefen.clock import china_date
from jiefen.demo.desk import Desk
from jiefen.demo.office import Office
from jiefen.demo.script import Dice, Playbook, load_playbook

CENTRE = Actor("c-1", frozenset({"township_coordinator"}), "140429102")


@pytest.fixture
def always() -> Playbook:
    """The script, with what happens seldom happening each time."""
    playbook = load_playbook()
    desk = playbook.script.desk
    mistakes = msgspec.structs.replace(desk.mistakes, again=100, elsewhere=100)
    whistles = msgspec.structs.replace(desk.whistles, chance=100)
    desk = msgspec.structs.replace(desk, mistakes=mistakes, whistles=whistles, chance=100)
    playbook.script = msgspec.structs.replace(playbook.script, desk=desk)
    return playbook


def test_a_matter_is_given_called_for_moved_and_merged_with_its_repeat(
    tmp_path: Path, always: Playbook
) -> None:
    clock = FixedClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
    with Engine.open(f"sqlite:///{tmp_path / 'd.db'}", clock=clock) as engine:
        desk = Desk(engine, clock, always, Dice(1), Office(engine.edition.calendar))
        for number, area in enumerate(("140429102201", "140429102202")):
            facts = {"source": "hotline_12345", "dispute_type": "neighbour", "area": area}
            if number:
                facts["title"] = "楼上漏水"
            people = [{"part": "applicant", "name": f"张{number}", "phone": f"1380000000{number}"}]
            engine.open_case("dispute", facts, key=f"m{number}", parties=people, by=CENTRE)
        for _ in range(30):
            opened = {case.id: case for case in engine.cases(status="open", limit=100)}
            desk.act(china_date(clock.now()), opened)
            clock.advance(timedelta(days=1))
        kinds = {
            entry.kind.value
            for case in engine.cases(limit=100)
            for entry in engine.history(case.id, limit=500)
        }
        assert {"dispatched", "whistled", "moved", "merged"} <= kinds
        merged = engine.cases(status="merged")
        assert [case.key for case in merged] == ["m0/again", "m1/again"]
