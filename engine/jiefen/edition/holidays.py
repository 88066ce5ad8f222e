"""The calendar that running cases go by: holidays are facts, not rules, so every case takes the newest one known.

An edition brings the calendar of its day. ``recompute`` can keep a newer one in the database, beside the editions; an
engine reads it when it opens, and whenever a deadline names a calendar that it has not seen: so every worker learns of
it with the first case that was moved by it.
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
        self._met: dict[str, Calendar | None] = {calendar.digest: calendar}
        self._lock = threading.Lock()

    @property
    def current(self) -> Calendar:
        """The newest calendar known; of two that are equally new, the one that was known first."""
        return self._current

    def learn(self, calendar: Calendar) -> Calendar:
        """Take a calendar into account; the one that is current then."""
        with self._lock:
            self._met[calendar.digest] = calendar
            if newer(calendar, self._current):
                self._current = calendar
            return self._current

    def get(self, digest: str) -> Calendar | None:
        """The calendar of that digest, if it is known."""
        return self._met.get(digest)

    def read(self, connection: Connection) -> None:
        """Learn every calendar that was kept in the database."""
        for digest, plans in store.calendars(connection):
            if self._met.get(digest) is None:
                self.learn(Calendar(tuple(msgspec.convert(plans, list[Plan]))))

    def meet(self, connection: Connection, digests: Iterable[str]) -> None:
        """Look into the database when a deadline names a calendar that was not seen before."""
        unknown = set(digests) - self._met.keys()
        if unknown:
            self.read(connection)
            with self._lock:
                # One that is nowhere need not be looked for again.
                self._met = dict.fromkeys(unknown) | self._met


def keep(connection: Connection, calendar: Calendar, at: datetime) -> None:
    """Keep a calendar in the database for every engine on it."""
    store.keep(connection, calendar.digest, msgspec.to_builtins(calendar.plans), at)


def _rank(calendar: Calendar) -> tuple[int, tuple[int, ...]]:
    return calendar.plans[-1].year, tuple(plan.revision for plan in reversed(calendar.plans))
