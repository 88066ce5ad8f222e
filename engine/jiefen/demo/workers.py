"""The people at their desks: they find their tasks, take their time, and answer as the script says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from jiefen.clock import FixedClock
from jiefen.demo.office import Office, team
from jiefen.demo.script import PAUSE, Dice, Playbook, TaskScript, spoken
from jiefen.engine import Engine
from jiefen.errors import AlreadyDone, Conflict, DefinitionError, NotFound
from jiefen.people.seats import SIGNS
from jiefen.record.actor import Actor
from jiefen.record.values import Case, Task
from jiefen.rules import Role, Side


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who will do a task, from which day on, and by which source of chance."""

    worker: Actor
    ready: date
    about: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A right that began to run because somebody asked.

    Attributes:
        asked: the facts that were asked for.
        deadline: its number in the case.
    """

    case: int
    asked: tuple[str, ...]
    deadline: int


class Workers:
    """Every team of the county: one per role and area.

    Args:
        clock: moved on a little with everything that is done.
    """

    def __init__(
        self, engine: Engine, clock: FixedClock, playbook: Playbook, dice: Dice, office: Office
    ) -> None:
        self._engine, self._clock, self._playbook, self._dice = engine, clock, playbook, dice
        self._office = office
        self._roles: Mapping[str, Role] = engine.edition.rulebook.roles
        self._plans: dict[int, _Plan] = {}
        self._times: Counter[tuple[int, str]] = Counter()
        #: The rights that began to run because somebody asked.
        self.found: list[Found] = []

    def work(self, today: date, cases: Mapping[int, Case]) -> None:
        """Do what is ready, the most pressing first, as far as each team's day goes; look again in the afternoon."""
        used: Counter[str] = Counter()
        for _ in ("morning", "afternoon"):
            self._shift(today, cases, used)

    def _shift(self, today: date, cases: Mapping[int, Case], used: Counter[str]) -> None:
        at_work = self._office.works(today)
        ready: list[tuple[Task, _Plan]] = []
        for task in self._open_tasks():
            if at_work or self._script(task).days_off:
                plan = self._plans.get(task.id) or self._take_up(task, cases[task.case], today)
                if plan.ready <= today:
                    ready.append((task, plan))
        teams = self._playbook.script.teams
        for task, plan in sorted(ready, key=lambda item: (item[0].due_at or item[0].opened_at, item[0].id)):
            [role] = plan.worker.roles
            if used[plan.worker.id] < teams.roles.get(role, teams.per_day):
                used[plan.worker.id] += 1
                self._do(task, plan, today)

    def _open_tasks(self) -> list[Task]:
        found: list[Task] = []
        while page := self._engine.tasks(after=found[-1].id if found else 0, limit=500):
            found += page
        return found

    def _script(self, task: Task) -> TaskScript:
        name = _name(task)
        script = self._playbook.script.tasks.get(name)
        if script is None:
            raise DefinitionError(
                f"the script of the demo has no answer for the task {task.name} [{name}]; "
                f"add {name} to `tasks` in engine/jiefen/demo/script.yaml"
            )
        return script

    def _take_up(self, task: Task, case: Case, today: date) -> _Plan:
        """Decide who does a task and when; the same on every run of the same seed."""
        script, name = self._script(task), _name(task)
        self._times[case.id, name] += 1
        about = (case.key, name, self._times[case.id, name])
        dice = self._dice.roll(*about, "plan")
        worker = self._worker(task, case, dice.randrange(100) < self._playbook.script.teams.deputy)
        span = script.slow_days if dice.randrange(100) < script.slow else script.days
        day = self._office.after(today, dice.randint(*span) * self._slowness(worker))
        dated = case.facts.get(script.not_before) if script.not_before else None
        if isinstance(dated, date):
            day = max(day, dated + timedelta(days=1))
        self._plans[task.id] = plan = _Plan(worker, day, about)
        if dice.randrange(100) < self._playbook.script.teams.claims:
            self._clock.advance(PAUSE)
            self._engine.claim(task.id, by=worker)
        return plan

    def _worker(self, task: Task, case: Case, deputy: bool) -> Actor:
        """Who sits in the seat; else the team of the level of the case, else the first that is named; or another."""
        signs = self._engine.edition.processes.element(task.process, task.element).properties.get(SIGNS)
        for one in task.roles if signs else ():
            if case.facts.get(str(signs)) == team(self._roles[one], task.area).id:
                return team(self._roles[one], task.area)
        fitting = [
            role for role in task.roles if role in self._roles and self._roles[role].level == case.level
        ]
        role = fitting[0] if fitting else task.roles[0]
        others = [other for other in task.roles if other != role]
        if deputy and others:
            role = others[0]
        return team(self._roles[role], task.area)

    def _slowness(self, worker: Actor) -> int:
        teams = self._playbook.script.teams
        slow = self._dice.roll("team", worker.id).randrange(100) < teams.slow
        return teams.slow_factor if slow else 1

    def _do(self, task: Task, plan: _Plan, today: date) -> None:
        case = self._engine.case(task.case)
        dice = self._dice.roll(*plan.about, "answer")
        turn = self._playbook.choose(self._script(task).answers, case.facts, dice)
        if turn is None:
            raise DefinitionError(
                f"none of the answers to {_name(task)} fits the facts of case {case.id}; leave the condition "
                "out of one of them in engine/jiefen/demo/script.yaml"
            )
        self._clock.advance(PAUSE)
        told = self._told(task, case, today)
        before = {item.seq for item in self._engine.deadlines(case.id)} if told else set[int]()
        for answer in (turn, *(one for one in self._script(task).answers if one is not turn)):
            try:
                self._engine.complete(task.id, told | spoken(answer.facts, today, dice), by=plan.worker)
            except AlreadyDone:
                return  # something that was done earlier today has taken the case elsewhere
            except (Conflict, NotFound):
                continue  # what this answer would approve comes too late
            break
        if told:
            self.found += [
                Found(case.id, tuple(told), item.seq)
                for item in self._engine.deadlines(case.id)
                if item.seq not in before and item.kind == Side.RIGHT
            ]

    def _told(self, task: Task, case: Case, today: date) -> dict[str, object]:
        """What the party says when it is asked what a right depends on, as far as the form of the task asks for it."""
        answers = self._playbook.script.questions
        asked = [
            question.name
            for question in self._engine.open_questions(case.id)
            if question.at_risk_on is not None and task.id in question.tasks and question.name in answers
        ]
        said = spoken({name: answers[name] for name in asked}, today, self._dice.roll(case.key, "questions"))
        return {name: value for name, value in said.items() if value is not None}


def _name(task: Task) -> str:
    return f"{task.process}.{task.element}"
