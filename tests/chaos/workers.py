"""What is killed: offices, sweepers and readers, each in a process of its own, and what disturbs them.

Each writes down, in a file of its own, what it was promised: a line is written after the call has returned, so that
whatever stands there must be in the database, however the process ended.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from jiefen import Conflict, DatabaseError, Engine, FixedClock
from jiefen.store import schema
from tests.integration.conftest import CLERK, SMALL
from tests.support.encrypting import keys

#: When cases are opened. They expire behind that, and what a clock shows later lies behind their end, however it jumps.
OPENED = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = OPENED + timedelta(days=100)
_JUMPS = tuple(timedelta(days=days) for days in (0, -34, -20, -30, 0, -10))
#: What the world does to a call; it is tried again, as a host does.
_TROUBLE = (DatabaseError, Conflict, sa.exc.DBAPIError)
READER = "chaos"
FACTS = {"area": "140429102201", "received_on": "2026-03-02"}


class Worker:
    """One process at work on one database.

    Args:
        promised: the file in which it writes down what it was promised.
        chance: its dice.
    """

    def __init__(self, url: str, promised: Path, chance: random.Random) -> None:
        self._url, self._chance = url, chance
        self._file = os.open(promised, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._name = promised.stem

    def work(self, role: str) -> None:
        """Work until somebody kills this process."""
        acts: dict[str, Callable[[], None]] = {
            "office": self._office,
            "sweeper": self._sweeper,
            "reader": self._reader,
            "holder": self._holder,
            "full": self._full,
            "breaker": self._breaker,
        }
        while True:
            try:
                acts[role]()
            except _TROUBLE:
                time.sleep(0.01)

    def _engine(self, clock: FixedClock) -> Engine:
        return Engine.open(
            self._url,
            clock=clock,
            processes=SMALL / "processes",
            rules=SMALL / "rules",
            lock_timeout=2,
            keys=keys(),
        )

    def _promise(self, *words: object) -> None:
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())

    def _office(self) -> None:
        """Open cases, write notes, take messages."""
        clock = FixedClock(OPENED)
        with self._engine(clock) as engine:
            number, case = 0, 0
            while True:
                number += 1
                key = f"{self._name}:{number}"
                clock.set(OPENED)
                case = engine.open_case("claim", FACTS, key=key, by=CLERK).id
                self._promise("case", key, case)
                seq = engine.notes.add(case, key, by=CLERK).seq
                self._promise("note", case, seq)
                clock.set(LATER)
                engine.message("matter.urgent", case=case, key=key, by=CLERK)
                self._promise("message", case, key)

    def _sweeper(self) -> None:
        """Do what is due, a few entries at a time, while the clock jumps."""
        clock = FixedClock(LATER)
        with self._engine(clock) as engine:
            while True:
                clock.set(LATER + self._chance.choice(_JUMPS))
                engine.sweep(limit=5)

    def _reader(self) -> None:
        """Read the feed from where it was left, and keep the place afterwards."""
        with self._engine(FixedClock(LATER)) as engine:
            while True:
                read = engine.feed(after=READER, limit=50)
                if not read.entries:
                    time.sleep(0.02)
                    continue
                self._promise("read", *(entry.id for entry in read.entries))
                engine.acknowledge(READER, read.cursor)

    def _holder(self) -> None:
        """Hold a case, or the whole file, for a while, as a slow host does."""
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN" if engine.dialect.name == "postgresql" else "BEGIN IMMEDIATE")
            held = sa.select(schema.case.c.id).order_by(sa.func.random()).limit(1)
            connection.execute(held.with_for_update())
            time.sleep(self._chance.uniform(0.05, 0.5))
            connection.exec_driver_sql("ROLLBACK")
        engine.dispose()
        time.sleep(self._chance.uniform(0.1, 0.5))

    def _full(self) -> None:
        """An office whose disk is full: files may grow by a few pages more."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        file = Path(self._url.removeprefix("sqlite:///"))
        log = file.with_name(f"{file.name}-wal")
        largest = max(one.stat().st_size for one in (file, log) if one.exists())
        limit = largest + self._chance.randint(1, 20) * 4096
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        self._office()

    def _breaker(self) -> None:
        """Break connections off, as a network does."""
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        broken = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND random() < 0.5"
        )
        with engine.connect() as connection:
            connection.execute(broken)
        engine.dispose()
        time.sleep(self._chance.uniform(0.2, 1))
