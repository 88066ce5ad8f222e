"""The world around the offices: courts and commissions, the parties themselves, and the systems that carry notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from jiefen.areas import EVERYWHERE
from jiefen.clock import FixedClock, china_date
from jiefen.demo.script import PAUSE, Dice, Move, Playbook, Topic, Turn, spoken
from jiefen.engine import Engine
from jiefen.errors import AlreadyDone, Conflict, NotFound
from jiefen.record.actor import Actor
from jiefen.record.kinds import Received
from jiefen.record.values import Answer, Case, Delivery, Entry

#: A message that nobody waits for is not sent more often than this.
_MOST_TRIES = 12
#: Where those come who are not known.
_WINDOW: Final = Actor("window", frozenset({"township_coordinator"}), EVERYWHERE)


class Down(ConnectionError):
    """The outside system does not answer."""


class System:
    """One outside system, behind one topic: an adapter.

    Attributes:
        owed: answers that come later: the day, the delivery.
    """

    def __init__(self, topic: str, script: Topic, playbook: Playbook, dice: Dice, clock: FixedClock) -> None:
        self._topic, self._script, self._playbook, self._dice, self._clock = (
            topic,
            script,
            playbook,
            dice,
            clock,
        )
        self._outages: list[tuple[date, date]] = []
        start = china_date(clock.now())
        for outage in playbook.script.outages:
            if topic in outage.topics:
                begun = start + timedelta(days=outage.after)
                self._outages.append((begun, begun + timedelta(days=outage.days)))
        self.owed: list[tuple[date, Delivery]] = []

    def send(self, delivery: Delivery) -> Answer | None:
        """Take a delivery, unless the system is down."""
        today = china_date(self._clock.now())
        if any(begun <= today < over for begun, over in self._outages):
            raise Down(f"{self._topic} does not answer")
        if delivery.cancels is not None:
            self.owed = [item for item in self.owed if item[1].key != delivery.cancels]
        elif self._script.answers:
            days = self._dice.roll(delivery.key, "days").randint(*self._script.days)
            self.owed.append((today + timedelta(days=days), delivery))
        return None

    def pay(self, engine: Engine, today: date) -> None:
        """Give the answers that are due."""
        due = [delivery for day, delivery in self.owed if day <= today]
        self.owed = [item for item in self.owed if item[0] > today]
        for delivery in due:
            dice = self._dice.roll(delivery.key, "answer")
            turn = self._playbook.choose(self._script.answers, engine.case(delivery.case).facts, dice)
            if turn is not None:
                self._clock.advance(PAUSE)
                try:
                    engine.answer(delivery.id, Answer(spoken(turn.facts, today, dice), turn.error))
                except AlreadyDone:
                    continue  # the case has gone another way meanwhile


def systems_of(playbook: Playbook, dice: Dice, clock: FixedClock) -> dict[str, System]:
    """An adapter for every topic of the script, and for what takes its deliveries back."""
    systems = {
        topic: System(topic, script, playbook, dice, clock)
        for topic, script in playbook.script.topics.items()
    }
    return systems | {f"{topic}.cancelled": system for topic, system in systems.items()}


@dataclass(slots=True)
class _Coming:
    """A move that is on its way."""

    case: int
    key: str
    name: str
    move: Move
    number: int
    day: date
    tries: int = 0


@dataclass(slots=True)
class Outside:
    """Reads in the journals what has happened, and lets parties and outside bodies move."""

    engine: Engine
    clock: FixedClock
    playbook: Playbook
    dice: Dice
    systems: Mapping[str, System]
    _coming: list[_Coming] = field(default_factory=list)
    _suspended: list[tuple[date, int, int, Actor]] = field(default_factory=list)
    _on: dict[str, list[tuple[str, Move]]] = field(default_factory=lambda: defaultdict(list))
    _seen: dict[int, int] = field(default_factory=dict)
    _begun: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        for name, move in self.playbook.script.moves.items():
            for trigger in move.upon:
                self._on[trigger].append((name, move))

    def watch(self, case: Case, today: date) -> None:
        """Look at what is new in the journal of a case."""
        while entries := self.engine.history(case.id, after=self._seen.get(case.id, 0)):
            self._seen[case.id] = entries[-1].id
            for entry in entries:
                self._react(case, entry, today)

    def act(self, today: date, cases: Mapping[int, Case]) -> None:
        """Send what is due today."""
        for system in self.systems.values():
            system.pay(self.engine, today)
        self._resume(today)
        due = [item for item in self._coming if item.day <= today]
        self._coming = [item for item in self._coming if item.day > today]
        for item in due:
            if item.case in cases:
                self._send(item, today)

    def _react(self, case: Case, entry: Entry, today: date) -> None:
        happened = f"{entry.kind}:{entry.subject}"
        self._coming = [
            item for item in self._coming if item.case != case.id or happened not in item.move.unless
        ]
        for name, move in self._on.get(happened, ()):
            number = self._begun[case.id, name] = self._begun[case.id, name] + 1
            dice = self.dice.roll(case.key, name, number)
            if dice.randrange(100) < move.chance:
                day = max(china_date(entry.at) + timedelta(days=dice.randint(*move.days)), today)
                self._coming.append(_Coming(case.id, case.key, name, move, number, day))

    def _send(self, item: _Coming, today: date) -> None:
        dice = self.dice.roll(item.key, item.name, item.number, item.tries)
        turn = self.playbook.choose(item.move.answers, self.engine.case(item.case).facts, dice)
        self.clock.advance(PAUSE)
        done = turn is not None and self._do(item, turn, today, dice)
        item.tries += 1
        if not done and item.move.again and item.tries < _MOST_TRIES:
            item.day = today + timedelta(days=item.move.again)
            self._coming.append(item)

    def _who(self, item: _Coming) -> Actor:
        """Whoever acts: the party themselves, the window where nobody wrote down who they are, or somebody outside."""
        if item.move.who not in ("party", *self.engine.edition.rulebook.roles):
            return Actor.program(item.move.who)  # an interface of somebody who holds no post here
        if item.move.who != "party":
            return Actor(item.move.who, frozenset({item.move.who}), EVERYWHERE)
        people = self.engine.parties.of(item.case)
        return Actor.representative(item.case, people[0].seq) if people else _WINDOW

    def _do(self, item: _Coming, turn: Turn, today: date, dice: Random) -> bool:
        """Whether it had an effect: a message that was waited for or will be, an act on a deadline that is open."""
        who = self._who(item)
        if turn.message is not None:
            key = f"{item.move.who}:{item.key}:{item.name}:{item.number}:{item.tries}"[:200]
            facts = spoken(turn.facts, today, dice)
            received = self.engine.receive(turn.message, case=item.case, key=key, facts=facts, by=who)
            return received in (Received.CAUGHT, Received.KEPT)
        try:
            if turn.extend is not None:
                act = turn.extend
                self.engine.extend(item.case, act.deadline, act.length, ground=act.ground, by=who)
            if turn.suspend is not None:
                pause = turn.suspend
                held = self.engine.suspend(item.case, pause.deadline, ground=pause.ground, by=who)
                over = today + timedelta(days=dice.randint(*pause.days))
                self._suspended.append((over, item.case, held.seq, who))
        except (NotFound, Conflict):
            return False  # too late: it is over, or stands still already
        return True

    def _resume(self, today: date) -> None:
        due = [item for item in self._suspended if item[0] <= today]
        self._suspended = [item for item in self._suspended if item[0] > today]
        for _, case, seq, who in due:
            self.clock.advance(PAUSE)
            with suppress(NotFound, Conflict):  # what was owed has been done meanwhile
                self.engine.resume(case, seq, by=who)
