"""Those who look after the work of others: leaders of grave cases, and organs that answer what they are pressed for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from jiefen.clock import FixedClock
from jiefen.demo.office import Office, team
from jiefen.demo.script import PAUSE, Dice, Playbook
from jiefen.engine import Engine
from jiefen.insight.figures import paged
from jiefen.record.actor import Actor
from jiefen.record.values import Case
from jiefen.rules import Role


class Overseers:
    """Binds leaders, logs the people they meet, and answers what was asked for in writing."""

    def __init__(
        self, engine: Engine, clock: FixedClock, playbook: Playbook, dice: Dice, office: Office
    ) -> None:
        self._engine, self._clock, self._dice, self._office = engine, clock, dice, office
        self._leaders, self._replies = playbook.script.leaders, playbook.script.replies
        self._roles: Mapping[str, Role] = engine.edition.rulebook.roles
        self._next: dict[int, date] = {}
        self._met: dict[int, int] = {}
        self._report: dict[int, date] = {}
        self._answer_on: dict[int, date] = {}

    def act(self, today: date, cases: Mapping[int, Case]) -> None:
        """Do what is due on a working day."""
        if self._office.works(today):
            for case in cases.values():
                if case.colour == self._leaders.colour or case.id in self._next:
                    self._lead(case, today)
            self._answer(today)

    def _lead(self, case: Case, today: date) -> None:
        """Bind the leader, who plans; then let them meet the people again and again, and say how it goes on."""
        leaders = self._leaders
        leader = team(self._roles[leaders.role], case.area)
        dice = self._dice.roll(case.key, "leader", self._met.get(case.id, 0))
        if case.id not in self._next:
            self._next[case.id] = self._office.after(today, dice.randint(*leaders.days))
        elif self._next[case.id] <= today:
            self._clock.advance(PAUSE)
            times = self._met.get(case.id, 0)
            if times == 0:
                self._engine.bind_leader(case.id, leader.id, by=leader)
                until = today + timedelta(days=leaders.plan_days)
                self._engine.leading.plan(case.id, leaders.plan, until, by=leader)
                self._report[case.id] = today + timedelta(days=dice.randint(*leaders.reports))
            form = leaders.contacts[times % len(leaders.contacts)]
            self._engine.log_contact(case.id, form, leaders.notes[times % len(leaders.notes)], by=leader)
            self._met[case.id] = times + 1
            self._next[case.id] = today + timedelta(days=dice.randint(*leaders.every))

        if self._report.get(case.id, date.max) <= today:
            self._clock.advance(PAUSE)
            self._engine.leading.report(case.id, dice.choice(leaders.notes), by=leader)
            self._report[case.id] = today + timedelta(days=dice.randint(*leaders.reports))

    def _answer(self, today: date) -> None:
        for asked in list(paged(lambda after: self._engine.supervisions(after=after))):
            dice = self._dice.roll(asked.case, asked.ref)
            replies = self._replies
            if asked.id not in self._answer_on:
                span = replies.slow_days if dice.randrange(100) < replies.slow else replies.days
                self._answer_on[asked.id] = self._office.after(today, dice.randint(*span))
            elif self._answer_on[asked.id] <= today:
                self._clock.advance(PAUSE)
                text = dice.choice(replies.texts)
                self._engine.answer_supervision(
                    asked.case, asked.ref, text, by=self._answering(asked.role, asked.area)
                )

    def _answering(self, role: str, area: str | None) -> Actor:
        return team(self._roles[role], area)
