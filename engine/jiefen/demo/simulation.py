"""A year in a county: every morning a sweep, then what comes in, what comes from outside, and the work of the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from jiefen.areas import EVERYWHERE
from jiefen.clock import CHINA, FixedClock
from jiefen.demo.desk import Desk
from jiefen.demo.outside import Outside
from jiefen.demo.overseers import Overseers
from jiefen.demo.script import PAUSE
from jiefen.demo.workers import Found, Workers
from jiefen.engine import Engine
from jiefen.errors import FactError
from jiefen.insight.figures import paged
from jiefen.record.actor import Actor
from jiefen.record.desk.dispatches import BESIDE
from jiefen.record.values import Case, Swept

MORNING, EVENING = time(8, 30), time(18)
#: The clerk who brings the ledgers in; what goes into the journal is a number, not a name.
CLERK = Actor("clerk-0001", frozenset({"township_coordinator"}), EVERYWHERE)
#: After so many days somebody looks at incidents and puts them back.
_LOOKED_AT = timedelta(days=3)


@dataclass(frozen=True)
class Arrival:
    """A matter that comes in: what is known of it, and the day on which it is registered.

    Attributes:
        ledger: name of the ledger it stands in.
        row: the row as the adapter read it, for the reject file.
    """

    process: str
    key: str
    ledger: str
    on: date
    facts: Mapping[str, Any] = field(repr=False)
    parties: Sequence[Mapping[str, Any]] = field(repr=False, default=())
    row: Any = field(repr=False, default=None)


@dataclass(frozen=True)
class Refused:
    """A matter that the engine did not take, and why."""

    arrival: Arrival
    reason: str


@dataclass(frozen=True)
class Today:
    """How far the simulation has come."""

    day: date
    open_cases: int
    ended_cases: int


class Simulation:
    """Lets the days pass on one engine. Everything is done through the engine's public methods.

    Attributes:
        refused: matters that the engine did not take.
        swept: what sweeps have done, by kind.
        failures: tries of the agenda that failed and were put off.
        retried: incidents put back on the agenda.
    """

    def __init__(
        self,
        engine: Engine,
        clock: FixedClock,
        workers: Workers,
        overseers: Overseers,
        desk: Desk,
        outside: Outside,
    ) -> None:
        self._engine, self._clock = engine, clock
        self._workers, self._overseers, self._desk, self._outside = workers, overseers, desk, outside
        self._revisions: dict[int, int] = {}
        self._incident_seen: dict[int, date] = {}
        self.opened: list[Arrival] = []
        self.refused: list[Refused] = []
        self.swept: Counter[str] = Counter()
        self.failures = self.retried = 0

    @property
    def found(self) -> list[Found]:
        """The rights that began to run because somebody asked."""
        return self._workers.found

    def run(self, arrivals: Iterable[Arrival], first: date, days: int) -> Iterator[Today]:
        """Let ``days`` days pass from ``first``; gives a report after each."""
        coming = sorted(arrivals, key=lambda item: (max(item.on, first), item.key))
        for day in (first + timedelta(days=number) for number in range(days)):
            self._clock.set(datetime.combine(day, MORNING, CHINA))
            self._sweep()
            while coming and max(coming[0].on, first) <= day:
                self._open(coming.pop(0))
            self._desk.act(day, self._open_cases(day))
            cases = self._open_cases(day)
            self._overseers.act(day, cases)
            self._outside.act(day, cases)
            self._workers.work(day, cases)
            self._look_at_incidents(day)
            self._clock.set(max(self._clock.now(), datetime.combine(day, EVENING, CHINA)))
            self._sweep()
            matters = sum(case.process not in BESIDE for case in cases.values())
            ended = len(self.opened) - matters
            yield Today(day, matters, ended)

    def _open(self, arrival: Arrival) -> None:
        self._clock.advance(PAUSE / 4)
        try:
            self._engine.open_case(
                arrival.process, arrival.facts, key=arrival.key, parties=arrival.parties, by=CLERK
            )
        except FactError as error:
            self.refused.append(Refused(arrival, str(error)))
        else:
            self.opened.append(arrival)

    def _open_cases(self, day: date) -> dict[int, Case]:
        """The open cases; what is new in their journals is shown to the world outside."""
        cases = {
            case.id: case
            for case in paged(lambda after: self._engine.cases(status="open", after=after, limit=500))
        }
        for case in cases.values():
            if self._revisions.get(case.id) != case.revision:
                self._revisions[case.id] = case.revision
                self._outside.watch(case, day)
        return cases

    def _sweep(self) -> None:
        done: Swept = self._engine.sweep()
        self.swept.update(done.done)
        self.failures += done.failed

    def _look_at_incidents(self, day: date) -> None:
        for incident in list(paged(lambda after: self._engine.incidents(after=after))):
            if day - self._incident_seen.setdefault(incident.id, day) >= _LOOKED_AT:
                self._engine.retry(incident.id)
                self._incident_seen.pop(incident.id)
                self.retried += 1
