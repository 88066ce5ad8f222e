"""States of every released format are restored, and go on as they would have gone on then."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jiefen.process import Instance, Processes
from jiefen.process.run.state import FORMAT
from tests.conformance.journey import STATES, STOPS, desk_at, processes

SAVED = sorted(STATES.glob("*/*.state"))


@pytest.fixture(scope="module")
def loaded() -> Processes:
    """The model."""
    return processes()


def test_every_format_has_its_states() -> None:
    formats = {path.parent.name for path in SAVED}
    assert formats == {str(number) for number in range(1, FORMAT + 1)}
    assert len(SAVED) == FORMAT * (len(STOPS) + 1)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_saved_state_goes_on(loaded: Processes, path: Path) -> None:
    stop = int(path.stem.partition("-")[0])
    desk = desk_at(stop)
    instance = Instance.restore(loaded, path.read_bytes(), desk)
    for number in range(stop, len(STOPS)):
        desk.time = desk_at(number).time
        _, act, tasks = STOPS[number]
        act(instance, desk)
        instance.run()
        waiting = [wait.element.id for wait in instance.waits if wait.kind in ("task", "external")]
        assert waiting == tasks
    assert instance.ended


def test_keys_times_and_locals_are_restored(loaded: Processes) -> None:
    (path,) = (path for path in SAVED if path.parent.name == "1" and path.stem == "10-stop")
    instance = Instance.restore(loaded, path.read_bytes(), desk_at(10))
    found = [
        (wait.key, wait.element.id, str(wait.due_at or ""), dict(wait.locals)) for wait in instance.waits
    ]
    assert [row[:3] for row in found] == [
        (13, "stopped", ""),
        (14, "weekly", "2026-03-19 09:00:00+08:00"),
        (16, "noted", ""),
        (25, "read", ""),
        (32, "hear", ""),
    ]
    assert found[-1][3] == {"loopCounter": 1, "day": date(2026, 4, 2)}


def test_a_state_written_today_is_what_was_released(loaded: Processes) -> None:
    desk = desk_at(0)
    instance = Instance.start(loaded, "everything", desk)
    instance.run()
    released = [path for path in SAVED if path.parent.name == str(FORMAT)]
    for number, (_, act, _) in enumerate(STOPS):
        desk.time = desk_at(number).time
        assert Instance.restore(loaded, released[number].read_bytes(), desk).dump() == instance.dump()
        act(instance, desk)
        instance.run()
