"""One case through ``states/everything.bpmn``: what happens at each stop, and what it then waits for.

Run as a program it writes the state at each stop into ``states/<format>/``. That is done once, when a format of saved
state is released; afterwards those files are never written again, and every later version must restore them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from jiefen.process import Instance, Processes, Source
from jiefen.process.run.state import FORMAT
from tests.unit.process.drawing import Desk

STATES = Path(__file__).parent / "states"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
FACTS: dict[str, object] = {
    "seats": ("police", "justice", "court", "grid"),
    "days": (date(2026, 4, 1), date(2026, 4, 2)),
    "persons": 3,
    "amount": Decimal("12.50"),
}


def task(element: str, number: int = 0) -> Callable[[Instance, Desk], None]:
    """Complete a task."""

    def act(instance: Instance, desk: Desk) -> None:
        waits = [wait for wait in instance.waits if wait.element.id == element]
        instance.complete(waits[number].key)

    return act


def message(name: str) -> Callable[[Instance, Desk], None]:
    """Let a message arrive."""

    def act(instance: Instance, desk: Desk) -> None:
        assert instance.message(name)

    return act


def fire(element: str) -> Callable[[Instance, Desk], None]:
    """Let a timer fire."""

    def act(instance: Instance, desk: Desk) -> None:
        instance.fire(next(wait.key for wait in instance.waits if wait.element.id == element))

    return act


def grave(instance: Instance, desk: Desk) -> None:
    """More people than five; the next task is done."""
    desk.known["persons"] = 7
    task("sit")(instance, desk)


#: Each stop: its name, what happens there, and the tasks that wait afterwards.
STOPS: list[tuple[str, Callable[[Instance, Desk], None], list[str]]] = [
    ("join", task("left"), ["right"]),
    ("some", task("right"), ["first", "second"]),
    ("gather", task("first"), ["second"]),
    ("session", task("second"), ["sit", "sit", "sit", "sit"]),
    ("seats", task("sit", 1), ["sit", "sit", "sit"]),
    ("note", message("note.arrives"), ["sit", "sit", "sit", "read"]),
    ("weekly", fire("weekly"), ["sit", "sit", "sit", "read"]),
    ("grave", grave, ["sit", "sit", "read"]),
    ("hear", task("sit"), ["read", "hear"]),
    ("day", task("hear"), ["read", "hear"]),
    ("stop", message("party.stops"), ["query"]),
    ("wait", task("query"), []),
    ("again", fire("silence"), ["again"]),
    ("twice", task("again"), ["again"]),
    ("end", task("again"), []),
]


def processes() -> Processes:
    """The model."""
    path = STATES / "everything.bpmn"
    return Processes.load([Source(path.name, path.read_bytes())])


def desk_at(stop: int) -> Desk:
    """The facts as they are before a stop."""
    desk = Desk(FACTS)
    desk.time = START + timedelta(days=stop)
    if stop > [name for name, _, _ in STOPS].index("grave"):
        desk.known["persons"] = 7
    return desk


def record(folder: Path) -> None:
    """Write the state before each stop."""
    folder.mkdir()
    loaded, desk = processes(), desk_at(0)
    instance = Instance.start(loaded, "everything", desk)
    instance.run()
    for number, (name, act, _) in enumerate(STOPS):
        desk.time = desk_at(number).time
        (folder / f"{number:02}-{name}.state").write_bytes(instance.dump())
        act(instance, desk)
        instance.run()
    (folder / f"{len(STOPS):02}-ended.state").write_bytes(instance.dump())


if __name__ == "__main__":
    target = STATES / str(FORMAT)
    if target.exists():
        sys.exit(f"{target} exists; released states are not written again")
    record(target)
