"""A worker with a scheduler, and what a monitor asks it.

A grid worker has claimed the visit, and three days later has not been there; the model reminds the grid chief. The
reminder is a delivery, and the host brings it to somebody's in-box.

    python examples/watched_worker.py

It prints::

    before: 1 due, behind for 1:00:00
    round: {'timer': 1}, 0 failed, healthy
    after: 0 due, behind for 0:00:00
    in-box of grid_chief: reminder.visit for case 1
"""

from __future__ import annotations

import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from jiefen import EVERYWHERE, Actor, Answer, Engine, FixedClock
from jiefen.scheduler import Beat, Scheduler

WORKER = Actor("0412", frozenset({"grid_worker"}), EVERYWHERE)


def first_beat(scheduler: Scheduler, seconds: float = 30) -> Beat:
    """What the first round did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if scheduler.last is not None:
            return scheduler.last
        time.sleep(0.01)
    raise TimeoutError(f"the scheduler has not finished a round in {seconds} s")


def healthy(beat: Beat) -> bool:
    """What a health check of the host would answer."""
    return beat.error is None and beat.incidents == 0


def main() -> None:
    """Let three days and an hour pass, then let the scheduler run one round."""
    clock = FixedClock(date(2026, 3, 2))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'cases.db'}"
        with Engine.open(url, clock=clock) as engine:
            case = engine.open_case("dispute", {"dispute_type": "neighbour"}, key="grid:1", by=WORKER)
            [visit] = engine.tasks(case=case.id)
            engine.claim(visit.id, by=WORKER)
            clock.advance(timedelta(days=3, hours=1))
            lag = engine.lag()
            print(f"before: {lag.due} due, behind for {lag.behind}")
            with Scheduler(engine, every=timedelta(minutes=5)) as scheduler:
                beat = first_beat(scheduler)
            print(
                f"round: {dict(beat.done)}, {beat.failed} failed, {'healthy' if healthy(beat) else 'look at it'}"
            )
            lag = engine.lag()
            print(f"after: {lag.due} due, behind for {lag.behind}")
            for delivery in engine.deliveries(status="parked"):
                addressee = delivery.payload["inputs"]["to"]
                print(f"in-box of {addressee}: {delivery.topic} for case {delivery.case}")
                engine.answer(delivery.id, Answer())


if __name__ == "__main__":
    main()
