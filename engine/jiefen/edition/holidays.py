"""The calendar that running cases go by: holidays are facts, not rules, so every case takes the newest one known.

An edition brings the calendar of its day. ``recompute`` can keep a newer one in the database, beside the editions; an
engine reads it when it opens, and whenever a deadline names a calendar that it does not know: so every worker has it
with the first case that was moved by it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from jiefen.periods import Calendar, Plan
from jiefen.store import calendars as store


def newer(calendar: Calendar, than: Calendar) -> bool:
    """Whether ``calendar`` knows a later year, or a later revision of the same years."""
    return _rank(calendar) > _rank(than)


class Holidays:
    """The calendars an engine knows, and the newest of them. Safe to use from several threads."""

    def __init__(self, calendar: Calendar) -> None:
        self._current = calendar
        self._known: dict[str, Calendar | None] = {calendar.digest: calendar}
        self._lock = threading.Lock()

    @property
    def current(self) -> Calendar:
        """The newest calendar known; of two that are equally new, the one that was known first."""
        return self._current

    def add(self, calendar: Calendar) -> Calendar:
        """Add a calendar; returns the one that is current afterwards."""
        with self._lock:
            self._known[calendar.digest] = calendar
            if newer(calendar, self._current):
                self._current = calendar
            return self._current

    def get(self, digest: str) -> Calendar | None:
        """The calendar of that digest, if it is known."""
        return self._known.get(digest)

    def read(self, connection: Connection) -> None:
        """Add every calendar that is kept in the database."""
        for digest, plans in store.calendars(connection):
            if self._known.get(digest) is None:
                self.add(Calendar(tuple(msgspec.convert(plans, list[Plan]))))

    def load_missing(self, connection: Connection, digests: Iterable[str]) -> None:
        """Read the calendars from the database when one of ``digests`` is not known yet."""
        unknown = set(digests) - self._known.keys()
        if unknown:
            self.read(connection)
            with self._lock:
                # One that the database lacks is not looked for again.
                self._known = dict.fromkeys(unknown) | self._known


def newest(connection: Connection) -> Calendar | None:
    """The newest calendar that is kept in a database; ``None`` when there is none."""
    kept = [Calendar(tuple(msgspec.convert(plans, list[Plan]))) for _, plans in store.calendars(connection)]
    return max(kept, key=_rank, default=None)


def keep(connection: Connection, calendar: Calendar, at: datetime) -> None:
    """Keep a calendar in the database for every engine on it."""
    store.keep(connection, calendar.digest, msgspec.to_builtins(calendar.plans), at)


def _rank(calendar: Calendar) -> tuple[int, tuple[int, ...]]:
    return calendar.plans[-1].year, tuple(plan.revision for plan in reversed(calendar.plans))
