"""A clerk at the desk with one case, on a simulated clock."""

from __future__ import annotations

from datetime import date
from typing import Any

from jiefen import EVERYWHERE, Actor, Engine, FixedClock

CLERK = Actor("0412", frozenset({"grid_worker"}), EVERYWHERE)


class Desk:
    """A clerk, the case before them, and the days that pass."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock = engine, clock
        self.case = 0

    def open(self, today: date, **facts: Any) -> Desk:
        """Open the case on a day with what is known then."""
        self.clock.set(today)
        given = {"area": "140429102201", **facts}
        self.case = self.engine.open_case("asking", given, key="k", by=CLERK).id
        return self

    def say(self, **facts: Any) -> Desk:
        """Type in what has become known."""
        [task] = self.engine.tasks(case=self.case)
        self.engine.complete(task.id, facts, by=CLERK)
        return self

    def reach(self, milestone: str, on: date) -> Desk:
        """Record what has happened outside."""
        self.engine.milestone(self.case, milestone, on=on, by=CLERK)
        return self

    def hear(self, name: str, **facts: Any) -> Desk:
        """A message comes from outside."""
        self.engine.message(name, case=self.case, key=f"{name}:{self.clock.now()}", facts=facts, by=CLERK)
        return self

    def wait(self, until: date) -> Desk:
        """Let the days pass and the clock look."""
        self.clock.set(until)
        self.engine.sweep()
        return self

    def open_now(self) -> dict[str, date | None]:
        """The last days of what runs."""
        return {
            item.rule: item.due_on for item in self.engine.deadlines(self.case) if item.status == "running"
        }

    def status(self, rule: str) -> list[str]:
        """What has become of the deadlines by a rule, oldest first."""
        return [str(item.status) for item in self.engine.deadlines(self.case) if item.rule == rule]
