"""日程: what must happen at a time, made to happen.

Timers, rungs, expiries, routines and deliveries are rows of one table. The entries of one case are done in the order in
which they fell due. Between cases the clock is fair: cases with an expiry that is due come first, and every case has a
turn before any has a second one, so that no case can hold up another, however much is due in it. The claim of an entry,
everything it causes, and its removal are kept together or not at all. So nothing fires twice and nothing is lost.

About twenty cases share a transaction, which saves half of the time; each entry has a savepoint of its own, so that one
that fails takes nothing along. Whoever waits for one of these cases waits for a fraction of a second.

Deliveries have a lane of their own, because an outside system may be slow or dead: nothing that the law counts waits
for them.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda import deliveries
from jiefen.agenda.entries import run_entry
from jiefen.agenda.retries import MAX_ATTEMPTS, EntryFailed, attempt, put_off
from jiefen.agenda.routines import run_occurrence
from jiefen.agenda.wrong_clock import put_right
from jiefen.case.runtime import Runtime
from jiefen.record.kinds import EntryKind, EntryStatus, Lane
from jiefen.record.recording import LEASE
from jiefen.record.values import Swept
from jiefen.store import agenda as store
from jiefen.store import routines as routine_store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: A topic whose deliveries fail so often in a row is left alone for the rest of a sweep.
PATIENCE: Final = 3
#: So many cases share a transaction, unless it takes longer than this, in seconds.
BATCH: Final = 20
LONGEST_BATCH: Final = 0.1
#: So many entries of a case are done in its turn; in each round that needs another, twice as many, up to the last.
TURN: Final = 4
_LONGEST_TURN: Final = 1_024
#: So many cases that have had their turn, and have more to do, are left out by the database; the others afterwards.
_MOST_CROWDED: Final = 1_000
#: After so long the clock's entries are looked at again between two deliveries.
_GLANCE: Final = timedelta(seconds=1)


def sweep(
    runtime: Runtime,
    *,
    limit: int,
    session: Session | Connection | None = None,
    lane: Lane | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Swept:
    """Do what is due now: at most ``limit`` entries of the clock, then at most ``limit`` deliveries.

    Args:
        session: do entries of the clock in the host's transaction; deliveries are left for a sweep without it, since
            nothing outside is called inside a transaction.
        lane: only one of the two.
        stop: asked before each entry; the sweep ends when it says so.
    """
    work = _Sweep(runtime, session, stop)
    if lane is not Lane.DELIVERIES:
        work.clock(limit)
    if lane is not Lane.CLOCK and session is None and runtime.adapters:
        work.deliveries(limit, glance=lane is None)
    return Swept(done=dict(work.done), failed=work.failed, incidents=work.incidents)


class _Sweep:
    """One sweep, and what it has done."""

    def __init__(
        self, runtime: Runtime, session: Session | Connection | None, stop: Callable[[], bool]
    ) -> None:
        self._runtime, self._session, self._stop = runtime, session, stop
        self._looked_at = runtime.clock.now()
        self.done: Counter[str] = Counter()
        self.failed = self.incidents = 0

    # --- the clock

    def clock(self, limit: int) -> None:
        """Do entries of cases and routines in rounds, until one finds nothing; what falls due meanwhile too."""
        self._looked_at = self._runtime.clock.now()
        put_right(self._runtime, self._session)
        left, turn = limit, TURN
        while left > 0:
            tried = 0
            for only_expiries in (True, False):
                tried += self._round(left - tried, turn, only_expiries=only_expiries)
            if not tried:
                return
            left, turn = left - tried, min(2 * turn, _LONGEST_TURN)

    def _round(self, limit: int, turn: int, *, only_expiries: bool) -> int:
        """Give each case that has something due a turn, who has waited the longest first; how much was tried."""
        after, tried = store.FROM_THE_START, 0
        served: set[int] = set()
        crowded: deque[int] = deque(maxlen=_MOST_CROWDED)
        while tried < limit and not self._stop():
            with self._runtime.reading(self._session) as connection:
                now = self._runtime.clock.now()
                page = store.waiting(connection, now, after, crowded, BATCH, only_expiries=only_expiries)
            if not page:
                break
            batch = _Batch(self._runtime, self._stop, now, _firsts(page, served), turn, limit - tried)
            while not batch.over:
                with self._runtime.writing(self._session) as connection:
                    batch.work(connection)
                # What it has done counts from here on: before, it could still be rolled back.
                tried += self._count(batch)
            after = page[-1].next_try_at, page[-1].id
            served |= {row.case_id for row in page if row.case_id is not None}
            crowded.extend(batch.crowded)
        return tried

    def _count(self, batch: _Batch) -> int:
        done, failed, incidents = batch.take()
        self.done += done
        self.failed += failed
        self.incidents += incidents
        return sum(done.values()) + failed

    # --- deliveries

    def deliveries(self, limit: int, *, glance: bool) -> None:
        """Carry deliveries over, one of each topic in turn; with ``glance``, what falls due meanwhile goes first."""
        runtime = self._runtime
        with runtime.writing() as connection:
            # Another process without these adapters, a web server perhaps, may have parked deliveries since.
            store.unpark(connection, runtime.adapters)
        topics = deque(sorted(runtime.adapters))
        failures: Counter[str] = Counter()
        left = limit
        while topics and left and not self._stop():
            if glance and runtime.clock.now() - self._looked_at > _GLANCE:
                self.clock(limit)
            topic = topics.popleft()
            try:
                if not self._delivery(topic):
                    continue
                failures[topic] = 0
            except EntryFailed as failure:
                with runtime.writing() as connection:
                    status = deliveries.failed(runtime, connection, failure)
                self.failed += status is not None
                self.incidents += status is EntryStatus.INCIDENT
                failures[topic] += status is not None
            left -= 1
            if failures[topic] < PATIENCE:
                topics.append(topic)

    def _delivery(self, topic: str) -> bool:
        """Carry the first due delivery of a topic; whether there is one."""
        now = self._runtime.clock.now()
        with self._runtime.writing() as connection:
            entry = store.lease(connection, topic, now, now + LEASE)
        if entry is None:
            return False
        if entry.attempts > MAX_ATTEMPTS:
            with attempt(entry):
                raise RuntimeError("whoever carried it never came back to tell")
        carry(self._runtime, entry, (entry.attempts, entry.next_try_at))
        self.done[EntryKind.DELIVERY.value] += 1
        return True


class _Batch:
    """Cases and routines whose turn it is, in as many transactions as that takes.

    The first due entry of each case is done, then the next of each, for so many times as a turn has.

    Attributes:
        crowded: cases that have had their turn and may have more to do, or that another worker holds.
    """

    def __init__(
        self,
        runtime: Runtime,
        stop: Callable[[], bool],
        now: datetime,
        found: Iterable[Any],
        turn: int,
        limit: int,
    ) -> None:
        self._runtime, self._stop, self._now = runtime, stop, now
        self._left, self._again = deque(found), list[Any]()
        self._first, self._times, self._limit = True, turn, limit
        self.crowded: list[int] = []
        self._done: Counter[str] = Counter()
        self._failed = self._incidents = 0

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do, or nothing more is to be done."""
        return not self._left or self._limit <= 0 or self._stop()

    def work(self, connection: Connection) -> None:
        """Go on for as long as others may have to wait for one of these cases."""
        ends = time.monotonic() + LONGEST_BATCH
        claims = self._claims(connection)
        while not self.over:
            row = self._left.popleft()
            if row.case_id is None:
                self._routine(connection, row.id)
            elif row.case_id in claims:
                self._entry(connection, claims[row.case_id])
                self._again.append(row)
            elif self._first:
                # Another worker holds it.
                self.crowded.append(row.case_id)
            if not self._left and self._next_time():
                claims = self._claims(connection)
            if time.monotonic() > ends:
                return

    def take(self) -> tuple[Counter[str], int, int]:
        """What was done since the last look: by kind, how much has failed, and how much of that became an incident."""
        taken = self._done, self._failed, self._incidents
        self._done, self._failed, self._incidents = Counter(), 0, 0
        return taken

    def _next_time(self) -> bool:
        """Begin again with the cases that had something to do; whether the turn goes on."""
        self._first, self._times = False, self._times - 1
        again, self._again = self._again, []
        if self._times <= 0:
            self.crowded.extend(row.case_id for row in again)
            return False
        self._left.extend(again)
        return bool(again)

    def _claims(self, connection: Connection) -> dict[int, store.Claim]:
        """The next due entry of each case that is left; none of cases that another worker holds."""
        wanted = [row.case_id for row in self._left if row.case_id is not None]
        if not wanted:
            return {}
        found = store.first_due(connection, store.lock_cases(connection, wanted), self._now)
        return {claim.case.id: claim for claim in found}

    def _entry(self, connection: Connection, claim: store.Claim) -> None:
        self._try(connection, claim.entry, lambda: run_entry(self._runtime, connection, claim, self._now))

    def _routine(self, connection: Connection, entry_id: int) -> None:
        entry = routine_store.claim(connection, entry_id, self._now)
        if entry is not None:
            self._try(connection, entry, lambda: run_occurrence(self._runtime, connection, entry, self._now))

    def _try(self, connection: Connection, entry: Any, work: Callable[[], None]) -> None:
        self._limit -= 1
        try:
            with attempt(entry, within=connection):
                work()
        except EntryFailed as failure:
            status = put_off(connection, failure, self._now)
            self._failed += status is not None
            self._incidents += status is EntryStatus.INCIDENT
        else:
            self._done[str(entry.kind)] += 1


def carry(runtime: Runtime, entry: Any, leased: tuple[int, datetime]) -> None:
    """Carry a leased delivery over, outside of any transaction, and bring its answer back.

    Args:
        leased: how the entry stands on the agenda meanwhile: its attempts, and until when it is leased.

    Raises:
        EntryFailed: the adapter has raised an error, or the answer cannot be taken.
    """
    delivery = deliveries.delivery_of(entry)
    with attempt(entry, outside=True, left=leased):
        answer = runtime.adapters[delivery.topic].send(delivery)
    with attempt(entry, left=leased):
        deliveries.arrived(runtime, delivery, answer)


def _firsts(page: Iterable[Any], served: set[int]) -> list[Any]:
    """The first entry of each case that has not had its turn yet, and the routines, which belong to none."""
    seen = set(served)
    found = []
    for row in page:
        if row.case_id not in seen:
            found.append(row)
        if row.case_id is not None:
            seen.add(row.case_id)
    return found
