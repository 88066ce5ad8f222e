"""Walks through the bundled models on the bundled rules, saved and restored after every step."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from jiefen.bundled import bundled
from jiefen.clock import CHINA, FixedClock, china_date
from jiefen.process import Element, Instance, Names, Processes, Source, Wait
from jiefen.rules import Rulebook, load_rulebook

FOLDER = bundled("processes")
MODELS = sorted(FOLDER.glob("*.bpmn"))
START = date(2026, 3, 2)
#: What is known at intake of a quarrel, and of a petition.
NEIGHBOUR: dict[str, Any] = {"dispute_type": "neighbour", "source": "walk_in", "matter_type": "claim"}
PETITION: dict[str, Any] = {"dispute_type": "neighbour", "organ_part": True, "source": "petition_backlog"}


@cache
def rules() -> Rulebook:
    return load_rulebook(bundled("rules"))


def sources() -> list[Source]:
    return [Source(path.name, path.read_bytes()) for path in MODELS]


def names() -> Names:
    view = rules().view(None)
    return Names(
        facts=frozenset(rules().vocabulary.facts),
        tables=frozenset(view.tables),
        deadlines=frozenset(view.deadlines),
        roles=frozenset(rules().roles),
    )


@cache
def processes() -> Processes:
    return Processes.load(sources(), names())


class World:
    """The bundled rules around one case: facts, decisions, deadlines that run and stop, and a record of it all."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        self.clock = FixedClock(START)
        self.known: dict[str, object] = {}
        self.running: dict[str, datetime] = {}
        self.milestones: list[str] = []
        self.sent: list[str] = []
        self.acts: list[str] = []
        self.stages: list[str] = []
        self.learn(facts)

    def learn(self, facts: Mapping[str, object]) -> None:
        for name, value in facts.items():
            rules().vocabulary.check(name, value)
            self.known[name] = value

    def now(self) -> datetime:
        return self.clock.now()

    def facts(self) -> Mapping[str, object]:
        return self.known

    def assign(self, name: str, value: object, element: Element) -> None:
        self.learn({name: value})

    def decide(self, table: str, element: Element) -> None:
        decision = rules().view(None).table(table).decide(self.known, china_date(self.now()))
        self.learn(decision.outputs)

    def milestone(self, milestone: str, element: Element) -> None:
        assert milestone in rules().milestones
        self.milestones.append(milestone)
        view = rules().view(None)
        for rule in view.stopped_at(milestone):
            self.running.pop(rule.id, None)
        for rule in view.anchored_at(milestone):
            day = self.known.get(rule.versions[-1].date_fact or "") or china_date(self.now())
            assert isinstance(day, date)
            version = rule.version_on(day)
            if version and version.anchor == milestone and version.applies(self.known):
                self.running[rule.id] = datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(30)

    def act(self, element: Element) -> None:
        assert element.properties["deadline"] in self.running
        self.acts.append(element.properties["act"])

    def deadline(self, rule_id: str) -> datetime | None:
        return self.running.get(rule_id)

    def send(self, topic: str, element: Element, inputs: Mapping[str, object]) -> None:
        self.sent.append(topic)

    def entered(self, element: Element) -> None:
        stage = element.properties.get("stage")
        if stage:
            self.stages.append(stage)
            self.known["stage"] = stage

    def ended(self, element: Element | None) -> None:
        pass


class Walk:
    """One case on its way, saved and restored after every step."""

    def __init__(self, process: str = "dispute", **facts: object) -> None:
        self.host = World({"received_on": START, "title": "排水纠纷", "area": "140429102"} | facts)
        self.instance = Instance.start(processes(), process, self.host)
        self.settle()

    def settle(self) -> None:
        self.instance.run()
        saved = self.instance.dump()
        assert len(saved) <= 4096
        self.instance = Instance.restore(processes(), saved, self.host)

    def fork(self) -> Walk:
        other = copy.copy(self)
        other.host = copy.deepcopy(self.host)
        other.instance = Instance.restore(processes(), self.instance.dump(), other.host)
        return other

    @property
    def waits(self) -> tuple[Wait, ...]:
        return self.instance.waits

    @property
    def tasks(self) -> set[str]:
        return {wait.element.id for wait in self.waits if wait.kind in ("task", "external")}

    @property
    def ended(self) -> bool:
        return self.instance.ended

    def wait(self, element: str, kind: str) -> Wait:
        found = [wait for wait in self.waits if wait.element.id == element and wait.kind == kind]
        assert found, f"{element} does not wait; there are {[(w.kind, w.element.id) for w in self.waits]}"
        return found[0]

    def do(self, element: str, **answer: object) -> Walk:
        """Complete a task, or an external task, with these facts."""
        kind = (
            "external"
            if any(w.kind == "external" and w.element.id == element for w in self.waits)
            else "task"
        )
        wait = self.wait(element, kind)
        self.host.learn(answer)
        self.instance.complete(wait.key, answer)
        self.settle()
        return self

    def hear(self, message: str, **facts: object) -> Walk:
        """A message arrives."""
        self.host.learn(facts)
        assert self.instance.message(message), f"nothing waits for {message}"
        self.settle()
        return self

    def fire(self, element: str) -> Walk:
        """The time of a timer comes."""
        wait = self.wait(element, "timer")
        assert wait.due_at is not None, f"the deadline of {element} does not run"
        self.host.clock.set(max(wait.due_at, self.host.now()))
        self.instance.fire(wait.key)
        self.settle()
        return self

    def today(self) -> date:
        return china_date(self.host.now())
