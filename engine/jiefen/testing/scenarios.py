"""Cases told as given, when and then, on a simulated clock.

A scenario file is YAML (``jiefen test FILE…`` runs it, and so does :func:`run_scenarios`)::

    scenarios:
      - name: a wage claim goes to arbitration first
        process: dispute
        start: 2026-03-02
        given: {dispute_type: labour, area: '140429102201'}
        steps:
          - complete: register_visit            # a task by its element; any actor with its role
            answer: {outcome: needs_other_procedure}
          - message: arbitration.accepted
            facts: {accepted_on: 2026-03-03}
          - wait: 10 d                          # or a date; the engine sweeps every day on the way
          - answer: court.filing                # a delivery by its topic
            facts: {filed_on: 2026-03-20}       # or error: refused
          - expect: {stage: arbitration, tasks: [follow_arbitration]}
        expect: {status: ended, outcome: award, deadlines: {labour.award: met}}

``expect`` knows ``status``, ``tasks`` (the elements of the open tasks), ``milestones`` (reached so far, in any order),
``deadlines`` (rule: status or due date), ``deliveries`` (topics that wait for an answer), ``decisions`` (table: row),
and any fact by its name; ``null`` means the fact is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jiefen.areas import EVERYWHERE
from jiefen.clock import FixedClock, china_date
from jiefen.engine import Engine
from jiefen.errors import JiefenError, PeriodError, RuleError
from jiefen.notation.yaml import Document, load
from jiefen.periods import Period, Unit
from jiefen.record.actor import Actor
from jiefen.record.kinds import Happening
from jiefen.record.values import Answer, Case

_KEYS = {"name", "process", "start", "given", "steps", "expect"}
_ACTS = ("complete", "message", "answer", "wait", "expect")
_WITH = {"complete": {"answer", "by"}, "message": {"facts", "caught"}, "answer": {"facts", "error"}}
#: A task that several people could do is done by this one.
_ANYBODY = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One case told as given, when and then."""

    name: str
    process: str
    start: date
    given: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, Any]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of a scenario; it passed when there are no problems."""

    scenario: Scenario
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.problems


def load_scenarios(path: Path) -> list[Scenario]:
    """The scenarios of a file, or of every ``*.yaml`` below a folder.

    Raises:
        RuleError: with every finding, when a file is not a scenario file.
    """
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    return [scenario for file in files for scenario in _scenarios(load(file))]


def run_scenarios(
    path: Path, *, processes: Path | None = None, rules: Path | None = None
) -> list[ScenarioResult]:
    """Run every scenario of a file or folder, each in a database of its own in memory."""
    found = load_scenarios(path)
    return [run_scenario(scenario, processes=processes, rules=rules) for scenario in found]


def run_scenario(
    scenario: Scenario, *, processes: Path | None = None, rules: Path | None = None
) -> ScenarioResult:
    """Run one scenario; an error of the engine is a problem of the scenario, not an exception."""
    clock = FixedClock(scenario.start)
    with Engine.open("sqlite://", processes=processes, rules=rules, clock=clock) as engine:
        teller = _Run(engine, clock, scenario)
        try:
            teller.run()
        except JiefenError as error:
            teller.problems.append(f"{teller.place}: {error}")
        return ScenarioResult(scenario, tuple(teller.problems))


@dataclass
class _Run:
    engine: Engine
    clock: FixedClock
    scenario: Scenario
    case: int = 0
    place: str = "given"
    problems: list[str] = field(default_factory=list)
    _messages: int = 0

    def run(self) -> None:
        scenario = self.scenario
        opened = self.engine.open_case(
            scenario.process, scenario.given, key="scenario", by=Actor(_ANYBODY, area=EVERYWHERE)
        )
        self.case = opened.id
        for number, step in enumerate(scenario.steps, 1):
            act = next(name for name in _ACTS if name in step)
            self.place = f"step {number} ({act})"
            getattr(self, f"_{act}")(step)
        self.place = "expect"
        self._expect({"expect": scenario.expect})

    def _complete(self, step: Mapping[str, Any]) -> None:
        element = step["complete"]
        tasks = self.engine.tasks(case=self.case)
        task = next((item for item in tasks if item.element == element), None)
        if task is None:
            self._wrong(
                f"there is no open task {element!r}; open are {_listed(item.element for item in tasks)}"
            )
            return
        roles = frozenset({step["by"]}) if "by" in step else frozenset(task.roles)
        actor = Actor(task.assignee or _ANYBODY, roles, EVERYWHERE)
        self.engine.complete(task.id, step.get("answer") or {}, by=actor)

    def _message(self, step: Mapping[str, Any]) -> None:
        self._messages += 1
        facts, key = step.get("facts") or {}, f"scenario:{self._messages}"
        offices = (one.id for one in self.engine.edition.rulebook.roles.values() if one.is_office)
        window = Actor(_ANYBODY, frozenset(offices), EVERYWHERE)
        caught = self.engine.message(step["message"], case=self.case, key=key, facts=facts, by=window)
        if caught != step.get("caught", True):
            self._wrong(f"message {step['message']!r} was {'' if caught else 'not '}waited for")

    def _answer(self, step: Mapping[str, Any]) -> None:
        waiting = self.engine.deliveries()
        delivery = next((item for item in waiting if item.topic == step["answer"]), None)
        if delivery is None:
            topics = _listed(item.topic for item in waiting)
            self._wrong(f"nothing waits for an answer on {step['answer']!r}; waiting are {topics}")
            return
        answer = Answer(step.get("facts") or {}, step.get("error"))
        self.engine.answer(delivery.id, answer)

    def _wait(self, step: Mapping[str, Any]) -> None:
        until = step["wait"]
        if not isinstance(until, date):
            period = Period.parse(str(until))
            if period.unit not in (Unit.DAY, Unit.HOUR):
                raise PeriodError(f"{until}: a scenario waits for days (d), hours (h) or until a date")
            if period.unit is Unit.HOUR:
                self.clock.advance(timedelta(hours=period.length))
                self.engine.sweep()
                return
            until = china_date(self.clock.now()) + timedelta(days=period.length)
        while china_date(self.clock.now()) < until:
            self.clock.advance(timedelta(days=1))
            self.engine.sweep()

    def _expect(self, step: Mapping[str, Any]) -> None:
        case = self.engine.case(self.case)
        for name, expected in step["expect"].items():
            found = self._found(name, case, expected)
            if found != expected:
                self._wrong(f"{name} is {found!r}, expected {expected!r}")

    def _found(self, name: str, case: Case, expected: Any) -> Any:
        if name == "status":
            return str(case.status)
        if name == "tasks":
            found = [task.element for task in self.engine.tasks(case=self.case)]
            return expected if sorted(found) == sorted(expected) else found
        if name == "deliveries":
            found = [item.topic for item in self.engine.deliveries() if item.payload.get("token") is not None]
            return expected if sorted(found) == sorted(expected) else found
        if name in ("milestones", "decisions"):
            return self._happened(name, expected)
        if name == "deadlines":
            last = {item.rule: item for item in self.engine.deadlines(self.case)}
            wants_date = {rule: isinstance(value, date) for rule, value in expected.items()}
            return {
                rule: (last[rule].due_on if wants_date[rule] else str(last[rule].status))
                if rule in last
                else None
                for rule in expected
            }
        self.engine.edition.rulebook.vocabulary.fact(name)
        value = case.facts.get(name)
        return list(value) if isinstance(value, tuple) else value

    def _happened(self, name: str, expected: Any) -> Any:
        kind = Happening.MILESTONE if name == "milestones" else Happening.DECISION
        entries = [entry for entry in self.engine.history(self.case) if entry.kind is kind]
        if kind is Happening.MILESTONE:
            reached = [entry.subject for entry in entries]
            return expected if set(expected) <= set(reached) else reached
        rows = {entry.subject: (entry.data["rows"] or [None])[0] for entry in entries}
        return {table: rows.get(table) for table in expected}

    def _wrong(self, message: str) -> None:
        self.problems.append(f"{self.place}: {message}")


def _scenarios(document: Document) -> Iterator[Scenario]:
    findings = []
    items = document.data.get("scenarios") if isinstance(document.data, dict) else None
    if not isinstance(items, list):
        hint = (
            "write 'scenarios:' and under it a list, each with name, process, start, given, steps and expect"
        )
        raise RuleError(
            "no scenarios", [document.finding((), "scenario-format", "this is no scenario file", hint)]
        )
    for at, item in enumerate(items):
        findings += list(_check(document, at, item))
    if findings:
        raise RuleError(f"the scenarios of {document.file} cannot be run", findings)
    for at, item in enumerate(items):
        yield Scenario(
            name=item["name"],
            process=item["process"],
            start=item["start"],
            given=item.get("given") or {},
            steps=tuple(item.get("steps") or ()),
            expect=item.get("expect") or {},
            file=document.file,
            line=document.position(("scenarios", at))[0],
        )


def _check(document: Document, at: int, item: Any) -> Iterator[Any]:
    path = ("scenarios", at)
    code = "scenario-format"
    if not isinstance(item, dict):
        yield document.finding(path, code, "a scenario is a mapping", f"write {', '.join(sorted(_KEYS))}")
        return
    for key in item.keys() - _KEYS:
        yield document.finding(
            (*path, key), code, f"{key!r} is unknown", f"known are {', '.join(sorted(_KEYS))}"
        )
    for key, kind in (("name", str), ("process", str), ("start", date)):
        if not isinstance(item.get(key), kind):
            yield document.finding(
                (*path, key), code, f"{key} is missing or no {kind.__name__}", f"write {key}: …"
            )
    for number, step in enumerate(item.get("steps") or ()):
        act = next((name for name in _ACTS if isinstance(step, dict) and name in step), None)
        if act is None or step.keys() - {act} - _WITH.get(act, set()):
            hint = f"write one of {', '.join(_ACTS)} per step; {_WITH}"
            yield document.finding((*path, "steps", number), code, "this step is not understood", hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
