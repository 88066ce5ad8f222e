"""The clock in the process: APScheduler around :meth:`Engine.sweep`.

A host starts one beside its own work, ``jiefen serve`` runs nothing else; any number of them may share one
PostgreSQL database. What they do is safe to do twice, late or at the same time, because a sweep is.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from jiefen.clock import SystemClock
from jiefen.errors import DatabaseError, MissingExtra
from jiefen.record.kinds import Lane

try:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers import SchedulerNotRunningError
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.base import BaseTrigger
except ModuleNotFoundError as error:
    raise MissingExtra.of("jiefen.scheduler", error, "scheduler") from error

if TYPE_CHECKING:
    from jiefen.engine import Engine
    from jiefen.record.values import Lag

logger = logging.getLogger("jiefen.scheduler")

#: So many entries are done before a round looks at the time again.
BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What one round of the scheduler did; numbers that a monitor can read.

    Attributes:
        lane: what the round was for.
        at: when it ended, in UTC.
        seconds: how long it took.
        done: finished entries of the agenda by their kind.
        failed, incidents: entries that failed, and those of them that wait for a person from now on.
        lag: how far behind the agenda was at the end; ``None`` when the round broke off.
        error: why the round broke off, without any personal data; ``None`` when it did not.
        broken: rounds in a row, this one included, that broke off; 0 when it did not.
    """

    lane: Lane
    at: datetime
    seconds: float
    done: Mapping[str, int]
    failed: int
    incidents: int
    lag: Lag | None
    error: str | None
    broken: int


class Scheduler:
    """Sweeps at once when it starts, and again ``every`` so often after each round began.

    The clock and, where the engine has adapters, the deliveries have rounds of their own, so that no deadline waits for
    an outside system. There is never more than one round of a lane at a time; rounds that were missed are one round. A
    round that fails is logged, and the next one comes as if nothing had happened. A jump of the machine's clock,
    forward or back, delays a round by at most ``every``.

    Use it as a context manager, or call :meth:`start` and :meth:`stop`. After a fork the child has none that runs.

    Args:
        engine: what is swept; it stays the host's to close, after the scheduler has stopped.
        every: time between rounds.
        told: called with every beat, in the thread of its round; what it raises is logged.

    Raises:
        ValueError: ``every`` is not positive.
    """

    def __init__(
        self,
        engine: Engine,
        every: timedelta = timedelta(minutes=5),
        *,
        told: Callable[[Beat], None] | None = None,
    ) -> None:
        if every <= timedelta(0):
            raise ValueError(f"a scheduler cannot sweep every {every}; give a positive time")
        self._engine, self._every, self._told = engine, every, told
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._scheduler: BackgroundScheduler | None = None
        self._process = 0
        self._rounds = threading.local()
        self._beats: dict[Lane, Beat] = {}

    @property
    def running(self) -> bool:
        """Whether it is started, in this process."""
        return self._scheduler is not None and self._process == os.getpid()

    @property
    def last(self) -> Beat | None:
        """What the latest round of the clock did; ``None`` before the first has ended."""
        return self._beats.get(Lane.CLOCK)

    @property
    def last_deliveries(self) -> Beat | None:
        """What the latest round of the deliveries did; ``None`` before the first has ended."""
        return self._beats.get(Lane.DELIVERIES)

    def start(self) -> None:
        """Sweep now and from now on, in threads of its own. Does nothing when it runs already."""
        with self._starting:
            if self.running:
                return
            self._stopping.clear()
            lanes = list(Lane) if self._engine.topics else [Lane.CLOCK]
            scheduler = _Steady(self._every, len(lanes))
            for lane in lanes:
                scheduler.add_job(self._round, _Pace(self._every), [lane], id=str(lane), name=f"sweep {lane}")
            self._scheduler, self._process = scheduler, os.getpid()
            scheduler.start()
            if self._stopping.is_set():
                # The first round was quicker, and has stopped it.
                self._scheduler = None
                _shut_down(scheduler, wait=False)

    def stop(self) -> None:
        """Let the entries in work be finished, then stop; return when nothing runs.

        Called from within a round, it returns at once and the round ends with the entry in work. It may be called from
        a signal handler, and again while another call waits.
        """
        self._stopping.set()
        # No lock: a handler may interrupt whoever holds it.
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is None or self._process != os.getpid():
            return
        _shut_down(scheduler, wait=not getattr(self._rounds, "inside", False))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _round(self, lane: Lane) -> None:
        self._rounds.inside = True
        begun = time.monotonic()
        done: Counter[str] = Counter()
        failed = incidents = 0
        lag = error = None
        try:
            while not self._stopping.is_set():
                swept = self._engine.sweep(limit=BATCH, lane=lane, stop=self._stopping.is_set)
                done.update(swept.done)
                failed += swept.failed
                incidents += swept.incidents
                if swept.total + swept.failed < BATCH:
                    break
            lag = self._engine.lag()
        except Exception as failure:
            # Errors of the database name only the server; any other may quote what a person wrote.
            error = str(failure) if isinstance(failure, DatabaseError) else type(failure).__name__
        before = self._beats.get(lane)
        self._note(Beat(
            lane=lane, at=SystemClock().now(), seconds=time.monotonic() - begun, done=dict(done), failed=failed,
            incidents=incidents, lag=lag, error=error,
            broken=0 if error is None else 1 + (before.broken if before else 0),
        ))  # fmt: skip

    def _note(self, beat: Beat) -> None:
        self._beats[beat.lane] = beat
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(beat.done.items())) or "nothing was due"
        if beat.lag is None:
            logger.error(
                "heartbeat (%s): the round broke off after %.2f s (%s): %s; %d in a row; next in %s",
                beat.lane, beat.seconds, kinds, beat.error, beat.broken, self._every,
            )  # fmt: skip
        else:
            level = logging.WARNING if beat.failed else logging.INFO
            lag = beat.lag
            logger.log(
                level,
                "heartbeat (%s): %.2f s: %s; %d failed; %d due, %.0f s behind; %d failing; %d incidents wait",
                beat.lane, beat.seconds, kinds, beat.failed, lag.due, lag.behind.total_seconds(), lag.failing,
                lag.incidents,
            )  # fmt: skip
        if self._told is not None:
            try:
                self._told(beat)
            except Exception as failure:
                logger.error("the heartbeat could not be told on: %s", type(failure).__name__)


def _shut_down(scheduler: BackgroundScheduler, *, wait: bool) -> None:
    with suppress(SchedulerNotRunningError):
        scheduler.shutdown(wait=wait)


class _Pace(BaseTrigger):  # type: ignore[misc]
    """Now, and then ``every`` after each round began.

    APScheduler's own interval counts every missed run, one by one, when the clock jumps ahead; this one does not care
    how long ago the last run was.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now if previous_fire_time is None else now + self._every


class _Steady(BackgroundScheduler):  # type: ignore[misc]
    """A scheduler that a clock set back cannot send to sleep."""

    def __init__(self, every: timedelta, rounds: int) -> None:
        self._every = every
        super().__init__(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(rounds)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def _process_jobs(self) -> float | None:
        # Waiting goes by the monotonic clock, next_run_time by the machine's: after that one was set back, the next
        # run lies further away than it can have been planned. It may be set back while this is worked out, too.
        now = SystemClock().now()
        for job in self.get_jobs():
            if job.next_run_time - now > self._every:
                job.modify(next_run_time=now)
        wait: float | None = super()._process_jobs()
        return None if wait is None else min(wait, self._every.total_seconds())
