"""代理: who stands in for somebody who is away, as the engine keeps it in mind."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.people.posts import LOOK_AGAIN
from jiefen.store.desk import absences as store


class StandIns:
    """Reads the absences of a database that are not over, and again once a minute. Safe to use from several threads."""

    def __init__(self, look_again: float = LOOK_AGAIN) -> None:
        self._look_again = look_again
        self._lock = threading.Lock()
        self._looked: tuple[float, date] | None = None
        self._known: list[Any] = []

    def forget(self) -> None:
        """Somebody is away, or back: this engine looks again at once, others within a minute."""
        with self._lock:
            self._looked = None

    def deputies(
        self, connection: Connection, today: date, of_host: bool, people: Collection[str], day: date
    ) -> dict[str, str]:
        """Who of some people is away on a day from today on, and who stands in for each: the first who is there.

        Args:
            of_host: the transaction is the host's and may still be rolled back: what is said in it is seen in it alone.
        """
        away = {
            row.person: row.deputy
            for row in self._current(connection, today, of_host)
            if row.since <= day <= row.until
        }
        found = {}
        for person in people:
            deputy, passed = away.get(person), {person}
            while deputy is not None and deputy in away and deputy not in passed:
                passed.add(deputy)
                deputy = away[deputy]
            if deputy is not None and deputy not in passed:
                found[person] = deputy
        return found

    def _current(self, connection: Connection, today: date, of_host: bool) -> list[Any]:
        if of_host:
            return store.still(connection, today)
        with self._lock:
            now = time.monotonic()
            if self._looked is None or now - self._looked[0] >= self._look_again or today < self._looked[1]:
                self._known, self._looked = store.still(connection, today), (now, today)
            return self._known
