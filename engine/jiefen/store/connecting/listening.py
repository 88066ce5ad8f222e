"""What is written to the journal, told to those who listen in this process: once it is kept, and only if it is.

A call reads back what it has written, in its own transaction: the newest entries of a case that it has locked. When the
transaction is over, they are read once more: what a rollback, also that of a savepoint, has taken away is not there.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, WeakSet

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Row, Transaction

from jiefen.errors import DatabaseError
from jiefen.record.rows import JournalRow
from jiefen.store import schema
from jiefen.store.connecting.database import Database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.listening")

Listener = Callable[[Row[Any]], object]


class Collected:
    """What the calls of one transaction have written of the kinds that somebody listens to."""

    def __init__(self, kinds: Collection[str]) -> None:
        self.kinds = kinds
        self.rows: list[Row[Any]] = []


#: Where a call collects what it writes; what works inside it, on the same connection, adds to it.
_collecting: Final[WeakKeyDictionary[Connection, Collected]] = WeakKeyDictionary()


def collect(connection: Connection, entries: Sequence[JournalRow]) -> None:
    """Collect what was just written in cases that are locked, if somebody listens to any of it."""
    collected = _collecting.get(connection)
    if collected is None or not any(entry.kind in collected.kinds for entry in entries):
        return
    journal, cases = schema.journal.c, sorted({entry.case_id for entry in entries})
    # While their rows are locked, nobody else writes into the journals of these cases.
    newest = sa.select(*schema.TELLING).where(journal.case_id.in_(cases)).order_by(journal.id.desc())
    rows = connection.execute(newest.limit(len(entries))).all()
    collected.rows += [row for row in reversed(rows) if row.kind in collected.kinds]


class Listeners:
    """Who listens to what, and what waits for the transactions of hosts to end. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._waiting: list[tuple[Connection, Transaction | None, list[Row[Any]]]] = []
        self._sessions: WeakSet[Any] = WeakSet()
        self._telling = threading.local()

    def add(self, kind: str, listener: Listener) -> Callable[[], None]:
        """Tell every entry of a kind; gives back what ends it."""

        def end() -> None:
            with self._lock:
                kept = tuple(one for one in self._listeners.get(kind, ()) if one is not listener)
                self._listeners = {**self._listeners, kind: kept}

        with self._lock:
            self._listeners = {**self._listeners, kind: (*self._listeners.get(kind, ()), listener)}
        return end

    @contextmanager
    def heard(
        self, transaction: AbstractContextManager[Connection], session: Session | Connection | None
    ) -> Iterator[Connection]:
        """A transaction; what is written in it is told when it is over, and so is what others have waited for."""
        kinds = frozenset(kind for kind, listeners in self._listeners.items() if listeners)
        if not kinds:
            with transaction as connection:
                yield connection
            return
        collected = Collected(kinds)
        with transaction as connection:
            if connection in _collecting:  # a call inside another one, which tells
                yield connection
                return
            _collecting[connection] = collected
            try:
                yield connection
            finally:
                del _collecting[connection]
            of_host = connection.get_transaction() if session is not None else None
        if session is None:
            self._tell(collected.rows)
        elif collected.rows:
            self._wait(session, connection, of_host, collected.rows)
        self.tell_ended()

    def tell_ended(self) -> None:
        """Tell what was written in the transactions of hosts that are over."""
        with self._lock:
            over = [one for one in self._waiting if one[0].get_transaction() is not one[1]]
            self._waiting = [one for one in self._waiting if one not in over]
        self._tell([row for _, _, rows in over for row in rows])

    def _wait(
        self,
        session: Session | Connection,
        connection: Connection,
        transaction: Transaction | None,
        rows: list[Row[Any]],
    ) -> None:
        with self._lock:
            self._waiting.append((connection, transaction, rows))
            # A connection does not say when its transaction is over: what it wrote is told by the next call.
            known = isinstance(session, Connection) or session in self._sessions
            if not known:
                self._sessions.add(session)
        if not known:
            event.listen(session, "after_transaction_end", self._ended)

    def _ended(self, _session: object, transaction: Any) -> None:
        if transaction.parent is None:
            self.tell_ended()

    def _tell(self, rows: list[Row[Any]]) -> None:
        """Tell what was kept of ``rows``; what a listener itself brings about is told after that."""
        waiting: deque[Row[Any]] | None = getattr(self._telling, "waiting", None)
        kept = self._kept(rows)
        if waiting is not None:
            waiting += kept
            return
        self._telling.waiting = waiting = deque(kept)
        try:
            while waiting:
                row = waiting.popleft()
                for listener in self._listeners.get(row.kind, ()):
                    _call(listener, row)
        finally:
            del self._telling.waiting

    def _kept(self, rows: list[Row[Any]]) -> list[Row[Any]]:
        if not rows:
            return []
        written = {row.id: row for row in rows}  # after a rollback SQLite gives a number a second time
        numbers = sorted(written)
        try:
            with self._database.reading() as connection:
                query = sa.select(*schema.TELLING).where(schema.journal.c.id.in_(numbers))
                found = {row.id: row for row in connection.execute(query)}
        except DatabaseError as error:
            logger.error("entries %s to %s cannot be told: %s", numbers[0], numbers[-1], error)
            return []
        return [found[one] for one in numbers if one in found and _same(found[one], written[one])]


def _same(kept: Row[Any], written: Row[Any]) -> bool:
    """Whether it is the entry that was written, and not one that was given its number after a rollback."""
    return all(
        getattr(kept, name) == getattr(written, name)
        for name in ("case_id", "at", "actor", "kind", "subject")
    )


def _call(listener: Listener, row: Row[Any]) -> None:
    try:
        listener(row)
    except Exception as error:  # of the host's program, which must not break what was kept
        # What it says of itself may hold what a log must not.
        logger.error("a listener of %s failed at entry %s with %s", row.kind, row.id, type(error).__name__)
