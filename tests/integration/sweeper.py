"""A program that sweeps one database until it dies or nothing is left; for tests with several processes.

It says "ready", waits for a line on its standard input, and begins. Its clock jumps: each batch is done at the next of
its instants, over and over, until a whole turn of them has found nothing due.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import sqlalchemy as sa

from jiefen import Engine, FixedClock
from jiefen.scheduler import Scheduler
from tests.integration.conftest import SMALL
from tests.support.encrypting import keys


@dataclass(frozen=True)
class Order:
    """What a sweeper is to do.

    Attributes:
        instants: what its clock shows, in turn.
        batch: entries done before the clock jumps.
        dies_at: it kills itself when it is about to send its so many-th statement; 0: never.
        serves: it sweeps by a scheduler until its standard input ends, whatever happens to the database.
    """

    url: str
    instants: tuple[str, ...]
    batch: int = 5
    dies_at: int = 0
    serves: bool = False


class Sweeper:
    """A sweeper in a process of its own, which waits to be let go."""

    def __init__(self, url: str, *instants: datetime, **how: Any) -> None:
        order = Order(url, tuple(instant.isoformat() for instant in instants), **how)
        self.process = Popen(
            [sys.executable, "-m", "tests.integration.sweeper", json.dumps(asdict(order))],
            cwd=Path(__file__).parents[2],
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Wait until it has opened the database."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()[1]

    def go(self) -> None:
        """Let it begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        self.process.communicate()

    def end(self) -> int:
        """Wait for its end; what it ended with, and what it said when that was an error of its own."""
        _, errors = self.process.communicate(timeout=120)
        assert self.process.returncode <= 0, errors
        return self.process.returncode


def together(*sweepers: Sweeper) -> None:
    """Let sweepers begin at the same time."""
    for sweeper in sweepers:
        sweeper.wait_until_ready()
    for sweeper in sweepers:
        sweeper.go()


def main(order: Order) -> None:
    """Do as ordered."""
    instants = [datetime.fromisoformat(instant) for instant in order.instants]
    clock = FixedClock(instants[0])
    rules = {"processes": SMALL / "processes", "rules": SMALL / "rules"}
    with Engine.open(order.url, clock=clock, keys=keys(), **rules) as engine:
        print("ready", flush=True)  # noqa: T201
        sys.stdin.readline()
        if order.dies_at:
            _die_at(engine, order.dies_at)
        if order.serves:
            with Scheduler(engine, timedelta(milliseconds=50)):
                sys.stdin.read()
            return
        found = 1
        while found:
            found = 0
            for instant in instants:
                clock.set(instant)
                found += engine.sweep(limit=order.batch).total


def _die_at(engine: Engine, number: int) -> None:
    sent = 0

    @sa.event.listens_for(engine._runtime.database.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == number:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    main(Order(**given | {"instants": tuple(given["instants"])}))
