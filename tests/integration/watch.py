"""The process ``watch`` of the small edition and the people around it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from shutil import copytree
from typing import Any

from jiefen import EVERYWHERE, Actor, Answer, Delivery, Engine, FixedClock, Happening
from jiefen.clock import CHINA
from jiefen.notation.labels import Label
from jiefen.people.directory import Organisation, Post, Unit

SMALL = Path(__file__).parents[1] / "small"
VILLAGE = "140429102201"
GRID = f"{VILLAGE}001"
FINDER = Actor("finder", frozenset({"officer", "township_coordinator"}), EVERYWHERE)
#: May give a case a leader, by the small rules and by the national ones.
BINDER = Actor("finder", frozenset({"joint_office", "joint_meeting_office"}), "140429")
CHIEF = Actor("g-1", frozenset({"grid_chief"}), GRID)
OFFICER = Actor("o-1", frozenset({"officer"}), "140429102")
#: The rungs of the ladder in the order in which they come.
ORDER = ("warn", "alarm", "supervise", "listed", "interview", "discipline")
SUPERIORS = {"grid_chief": "village_head", "village_head": "officer", "officer": "joint_office"}
PLACES = {
    "grid_chief": GRID, "grid_worker": GRID, "village_head": VILLAGE, "officer": "140429102",
    "office": "140429", "joint_office": "140429",
}  # fmt: skip
STAFF = {"grid_chief": "g-1", "village_head": "v-1", "officer": "o-1", "office": "x-1", "joint_office": "j-1"}


def staff(*more: Post, superiors: dict[str, str] = SUPERIORS, **people: str | None) -> Organisation:
    """The usual people, with some posts given to others; ``None`` leaves a post vacant."""
    units = {area: Unit(area=area, title=Label("甲", "A")) for area in set(PLACES.values())}
    held = {role: person for role, person in {**STAFF, **people}.items() if person is not None}
    posts = [Post(role=role, area=PLACES[role], holder=person) for role, person in held.items()]
    return Organisation(units, (*posts, *more), superiors)


class Mail:
    """An adapter that remembers what it was given, and when."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock, self.sent = clock, list[tuple[datetime, Delivery]]()

    def send(self, delivery: Delivery) -> Answer:
        self.sent.append((self.clock.now().astimezone(CHINA), delivery))
        return Answer()


def found(engine: Engine, key: str = "w1", area: str | None = GRID) -> int:
    """A case of the process ``watch``, opened now; its deadline ends five days later."""
    return engine.open_case("watch", {"area": area} if area else {}, key=key, by=FINDER).id


def china(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


def claimed(engine: Engine, case: int) -> int:
    """Claim the first task, so that only the deadline presses."""
    [task] = engine.tasks(case=case)
    return engine.claim(task.id, by=CHIEF).id


def notices(engine: Engine, case: int) -> dict[str, dict[str, Any]]:
    """What was left to be told, sent or not, by its ref; kept by engines without an adapter."""
    return {
        delivery.key.partition(":")[2].partition(":")[2]: dict(delivery.payload)
        for delivery in engine.deliveries()
        if delivery.case == case
    }


def of(engine: Engine, case: int, kind: Happening) -> list[Any]:
    return [entry for entry in engine.history(case) if entry.kind is kind]


def edited(folder: Path, old: str, new: str) -> Path:
    """The rules of the small edition with a change; ``REPLACED`` in ``new`` is what stood there."""
    rules = folder / "rules"
    copytree(SMALL / "rules", rules)
    path = rules / "nation" / "watch.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new.replace("REPLACED", old)), encoding="utf-8")
    return rules
