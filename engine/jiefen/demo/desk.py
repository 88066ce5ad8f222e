"""The desk of each centre: what it does with a matter beside its process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from jiefen.clock import FixedClock
from jiefen.demo.office import Office, team
from jiefen.demo.script import PAUSE, Dice, Playbook
from jiefen.engine import Engine
from jiefen.errors import FactError
from jiefen.record.actor import Actor
from jiefen.record.values import Case
from jiefen.rules import Role


class Desk:
    """Gives matters to departments, and calls departments, as the script says."""

    def __init__(
        self, engine: Engine, clock: FixedClock, playbook: Playbook, dice: Dice, office: Office
    ) -> None:
        self._engine, self._clock, self._dice, self._office = engine, clock, dice, office
        self._script = playbook.script.desk
        self._roles: Mapping[str, Role] = engine.edition.rulebook.roles
        self._seen: set[int] = set()

    def act(self, today: date, cases: Mapping[int, Case]) -> None:
        """Look at what is new, on a working day."""
        if not self._office.works(today):
            return
        for case in cases.values():
            if case.id not in self._seen:
                self._seen.add(case.id)
                self._give(case)
                self._call(case)

    def _give(self, case: Case) -> None:
        script = self._script
        dice = self._dice.roll(case.key, "dispatch")
        if case.process not in script.processes or dice.randrange(100) >= script.chance:
            return
        centre: Actor = team(self._roles["township_coordinator"], case.area)
        asked, urgent = dice.choice(script.asked), dice.randrange(100) < script.urgent
        limit = dice.choice(script.limits)
        self._clock.advance(PAUSE)
        for to in (None, script.otherwise):
            try:
                self._engine.dispatch(
                    case.id, asked=asked, key=f"{case.key}/1", to=to, limit=limit, urgent=urgent, by=centre
                )
            except FactError:
                continue  # the rules name no department for this kind of matter
            return

    def _call(self, case: Case) -> None:
        script = self._script.whistles
        dice = self._dice.roll(case.key, "whistle")
        if case.process not in self._script.processes or dice.randrange(100) >= script.chance:
            return
        self._clock.advance(PAUSE)
        self._engine.whistle(
            kind=dice.choice(script.kinds),
            asked=dice.choice(script.asked),
            departments=dice.sample(script.departments, 1 + dice.randrange(script.most)),
            key=f"{case.key}/whistle",
            case=case.id,
            by=team(self._roles["township_coordinator"], case.area),
        )
