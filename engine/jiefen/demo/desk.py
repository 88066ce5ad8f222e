"""The desk of each centre: what it does with a matter beside its process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from jiefen.areas import Level, area_at
from jiefen.clock import FixedClock
from jiefen.demo.office import Office, team
from jiefen.demo.script import PAUSE, Dice, Playbook
from jiefen.engine import Engine
from jiefen.errors import Conflict, FactError, NotAllowed
from jiefen.record.actor import Actor
from jiefen.record.kinds import Part
from jiefen.record.values import Case
from jiefen.rules import Role


class Desk:
    """Gives matters to departments, calls departments, merges what came twice, and moves what is elsewhere."""

    def __init__(
        self, engine: Engine, clock: FixedClock, playbook: Playbook, dice: Dice, office: Office
    ) -> None:
        self._engine, self._clock, self._dice, self._office = engine, clock, dice, office
        self._script = playbook.script.desk
        self._roles: Mapping[str, Role] = engine.edition.rulebook.roles
        self._seen: set[int] = set()
        self._coming: list[tuple[date, int]] = []

    def act(self, today: date, cases: Mapping[int, Case]) -> None:
        """Look at what is new, on a working day."""
        if not self._office.works(today):
            return
        for case in cases.values():
            if case.id not in self._seen:
                self._seen.add(case.id)
                self._give(case)
                self._call(case)
                self._mistake(case, today, cases)
        coming, self._coming = self._coming, []
        for day, id in coming:
            if day > today:
                self._coming.append((day, id))
            elif id in cases:
                self._comes_again(cases[id])

    def _give(self, case: Case) -> None:
        script = self._script
        dice = self._dice.roll(case.key, "dispatch")
        if case.process not in script.processes or dice.randrange(100) >= script.chance:
            return
        centre = self._centre(case)
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
            by=self._centre(case),
        )

    def _mistake(self, case: Case, today: date, cases: Mapping[int, Case]) -> None:
        """A party that brings its matter to the window too; a case that was entered for the wrong village."""
        script = self._script.mistakes
        dice = self._dice.roll(case.key, "mistakes")
        if case.process not in self._script.processes:
            return
        if dice.randrange(100) < script.again:
            self._coming.append((today + timedelta(days=dice.randint(*script.days)), case.id))
        if dice.randrange(100) >= script.elsewhere or case.area is None:
            return
        township = area_at(case.area, Level.TOWNSHIP)
        near = sorted(
            {
                other.area
                for other in cases.values()
                if other.area and other.area != case.area and area_at(other.area, Level.TOWNSHIP) == township
            }
        )
        if township and near:
            self._clock.advance(PAUSE)
            try:
                self._engine.move(
                    case.id, dice.choice(near), reason=script.move_because, by=self._centre(case)
                )
            except NotAllowed:
                return  # a right of the party would be lost by it: it stays where it is

    def _comes_again(self, case: Case) -> None:
        """The window takes it in, what is there already is found, the centre looks at both and merges them."""
        people = [
            {"part": one.part.value, "name": one.name, "phone": one.phone}
            for one in self._engine.parties.of(case.id)
            if one.part is Part.APPLICANT and one.name
        ]
        if not people:
            return
        facts = {"source": "walk_in", "dispute_type": case.dispute_type, "area": case.area}
        if case.facts.get("title") is not None:
            facts["title"] = case.facts["title"]
        centre, reason = self._centre(case), self._script.mistakes.merge_because
        self._clock.advance(PAUSE)
        opened = self._engine.open_case(
            case.process, facts, key=f"{case.key}/again", parties=people, by=centre
        )
        if case.id in opened.alike:
            self._engine.decide_repeat(opened.id, case.id, same=True, reason=reason, by=centre)
            try:
                self._engine.merge(opened.id, case.id, reason=reason, by=centre)
            except (Conflict, NotAllowed):
                return  # it stays a case of its own, linked as a repeat

    def _centre(self, case: Case) -> Actor:
        return team(self._roles["township_coordinator"], case.area)
