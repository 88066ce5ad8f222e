"""The scheduler: at once, again and again, one at a time, through failures and clock jumps, and a clean stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from jiefen import Engine, Lag, Lane, Swept
from jiefen.clock import SystemClock
from jiefen.errors import DatabaseError, FactError
from jiefen.scheduler import BATCH, Beat, Scheduler

#: Far longer than anything here takes, so that a test which waits so long has failed.
PATIENCE = 20.0
SOON = timedelta(milliseconds=20)
NOTHING = Swept(done={}, failed=0, incidents=0)
FULL = Swept(done={"timer": BATCH}, failed=0, incidents=0)


class Sweeps:
    """An engine that only sweeps: it plays a script, then finds nothing due."""

    def __init__(self, *script: Swept | Exception | Callable[[], Swept]) -> None:
        self.script = list(script)
        self.count = 0
        self.threads: set[str] = set()
        self.changed = threading.Condition()
        self.topics: frozenset[str] = frozenset()
        self.carried: Callable[[], Swept] | None = None

    def sweep(self, *, limit: int, lane: Lane, stop: Callable[[], bool]) -> Swept:
        assert limit == BATCH
        if lane is Lane.DELIVERIES:
            return self.carried() if self.carried else NOTHING
        with self.changed:
            turn = self.script.pop(0) if self.script else NOTHING
            self.count += 1
            self.threads.add(threading.current_thread().name)
            self.changed.notify_all()
        if isinstance(turn, Exception):
            raise turn
        return turn() if callable(turn) else turn

    def lag(self) -> Lag:
        return Lag(due=len(self.script), behind=timedelta(seconds=5), failing=2, incidents=1)

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.count >= count, PATIENCE), f"only {self.count} sweeps"


def scheduler(sweeps: Sweeps, every: timedelta = timedelta(hours=1)) -> Scheduler:
    return Scheduler(cast(Engine, sweeps), every)


def last(one: Scheduler, sweeps: Sweeps, count: int) -> Beat:
    """What the scheduler says once ``count`` sweeps are over and it has stopped."""
    sweeps.wait(count)
    one.stop()
    assert one.last is not None
    return one.last


class TestRounds:
    def test_the_first_sweep_comes_at_once(self) -> None:
        sweeps = Sweeps(Swept(done={"timer": 2, "rung": 1}, failed=1, incidents=1))
        one = scheduler(sweeps)
        one.start()
        beat = last(one, sweeps, 1)
        assert (beat.done, beat.failed, beat.incidents) == ({"timer": 2, "rung": 1}, 1, 1)
        assert (beat.error, beat.broken) == (None, 0)
        assert beat.lag == Lag(due=0, behind=timedelta(seconds=5), failing=2, incidents=1)
        assert beat.at.tzinfo is UTC
        assert abs(beat.at - SystemClock().now()) < timedelta(minutes=1)

    def test_it_sweeps_again_and_again(self) -> None:
        sweeps = Sweeps()
        with scheduler(sweeps, SOON):
            sweeps.wait(5)

    def test_a_full_batch_is_followed_at_once_by_the_next(self) -> None:
        sweeps = Sweeps(FULL, FULL, Swept(done={"rung": 3}, failed=0, incidents=0))
        one = scheduler(sweeps)
        one.start()
        assert last(one, sweeps, 3).done == {"timer": 2 * BATCH, "rung": 3}
        assert sweeps.count == 3

    def test_failed_entries_fill_a_batch_too(self) -> None:
        sweeps = Sweeps(Swept(done={"timer": BATCH - 1}, failed=1, incidents=0), NOTHING)
        one = scheduler(sweeps)
        one.start()
        assert last(one, sweeps, 2).failed == 1

    def test_there_is_one_round_at_a_time_and_missed_ones_are_one(self) -> None:
        release = threading.Event()
        inside = 0

        def slow() -> Swept:
            nonlocal inside
            inside += 1
            assert inside == 1
            release.wait(PATIENCE)
            inside -= 1
            return NOTHING

        sweeps = Sweeps(slow)
        with scheduler(sweeps, SOON):
            sweeps.wait(1)
            # Several rounds fall due meanwhile; none of them may begin.
            threading.Event().wait(6 * SOON.total_seconds())
            assert sweeps.count == 1
            release.set()
            sweeps.wait(3)
        assert len(sweeps.threads) == 1

    def test_a_pace_of_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="positive"):
            scheduler(Sweeps(), timedelta(0))


class TestLanes:
    def test_a_hanging_outside_system_holds_up_no_round_of_the_clock(self) -> None:
        release, hangs = threading.Event(), threading.Event()

        def hang() -> Swept:
            hangs.set()
            release.wait(PATIENCE)
            return Swept(done={"delivery": 1}, failed=0, incidents=0)

        sweeps = Sweeps()
        sweeps.topics, sweeps.carried = frozenset({"notice"}), hang
        one = scheduler(sweeps, SOON)
        with one:
            assert hangs.wait(PATIENCE)
            sweeps.wait(sweeps.count + 5)
            assert one.last is not None
            assert one.last_deliveries is None
            release.set()
        assert one.last_deliveries is not None
        assert (one.last_deliveries.lane, one.last_deliveries.done) == (Lane.DELIVERIES, {"delivery": 1})

    def test_every_beat_is_told_and_a_listener_that_fails_changes_nothing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        beats: list[Beat] = []

        def told(beat: Beat) -> None:
            beats.append(beat)
            raise RuntimeError("王二小")

        sweeps = Sweeps()
        with Scheduler(cast(Engine, sweeps), SOON, told=told):
            sweeps.wait(3)
        assert len(beats) >= 2
        assert "could not be told on: RuntimeError" in caplog.text
        assert "王二小" not in caplog.text


class TestFailures:
    def test_a_round_that_fails_does_not_stop_the_next(self) -> None:
        sweeps = Sweeps(RuntimeError("first"), OSError("second"))
        one = scheduler(sweeps, SOON)
        one.start()
        beat = last(one, sweeps, 3)
        assert (beat.error, beat.broken) == (None, 0)

    def test_failures_in_a_row_are_counted(self) -> None:
        sweeps = Sweeps(*[DatabaseError("locked") for _ in range(1000)])
        one = scheduler(sweeps, SOON)
        one.start()
        beat = last(one, sweeps, 3)
        assert (beat.error, beat.lag) == ("locked", None)
        assert beat.broken == sweeps.count

    def test_what_was_done_before_the_failure_is_told(self) -> None:
        sweeps = Sweeps(FULL, DatabaseError("gone"))
        one = scheduler(sweeps)
        one.start()
        beat = last(one, sweeps, 2)
        assert (beat.done, beat.error) == ({"timer": BATCH}, "gone")

    def test_personal_data_in_an_error_is_not_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        sweeps = Sweeps(FactError("party_name: 王二小 is not …"))
        with caplog.at_level(logging.DEBUG, "jiefen"):
            one = scheduler(sweeps)
            one.start()
            beat = last(one, sweeps, 1)
        assert beat.error == "FactError"
        assert "FactError" in caplog.text
        assert "王二小" not in caplog.text


class TestClockJumps:
    """A jump of the machine's clock is a next run that lies wrongly far away, or long ago."""

    @pytest.fixture
    def running(self) -> Iterator[tuple[Scheduler, Sweeps]]:
        sweeps = Sweeps()
        one = scheduler(sweeps, SOON)
        one.start()
        sweeps.wait(1)
        yield one, sweeps
        one.stop()

    @pytest.mark.parametrize(
        "jump", [timedelta(days=-3650), timedelta(hours=-3), timedelta(hours=3), timedelta(days=3650)]
    )
    def test_sweeps_go_on(
        self, running: tuple[Scheduler, Sweeps], jump: timedelta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, sweeps = running

        class Jumped(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return datetime.now(UTC) + jump

        monkeypatch.setattr("apscheduler.schedulers.base.datetime", Jumped)
        monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + jump)
        sweeps.wait(sweeps.count + 4)


class TestStopping:
    def test_a_stop_waits_for_the_sweep_in_work_and_begins_no_other(self) -> None:
        begun, release, ended = threading.Event(), threading.Event(), threading.Event()

        def slow() -> Swept:
            begun.set()
            release.wait(PATIENCE)
            ended.set()
            return FULL  # more is due, but nothing more is begun

        sweeps = Sweeps(slow)
        one = scheduler(sweeps, SOON)
        one.start()
        assert begun.wait(PATIENCE)
        stopper = threading.Thread(target=one.stop)
        stopper.start()
        while not one._stopping.is_set():
            threading.Event().wait(0.001)
        release.set()
        stopper.join(PATIENCE)
        assert ended.is_set()
        assert sweeps.count == 1
        assert not one.running

    def test_no_thread_is_left_behind(self) -> None:
        before = set(threading.enumerate())
        with scheduler(Sweeps(), SOON) as one:
            assert one.running
            assert set(threading.enumerate()) > before
        assert set(threading.enumerate()) == before

    def test_starting_and_stopping_twice_is_once(self) -> None:
        sweeps = Sweeps()
        one = scheduler(sweeps)
        one.stop()
        one.start()
        one.start()
        sweeps.wait(1)
        one.stop()
        one.stop()
        assert sweeps.count == 1

    def test_it_can_start_again(self) -> None:
        sweeps = Sweeps()
        one = scheduler(sweeps)
        for count in (1, 2):
            one.start()
            sweeps.wait(count)
            one.stop()
        assert sweeps.count == 2

    def test_a_round_may_stop_it(self) -> None:
        ended = threading.Event()

        def stops() -> Swept:
            one.stop()
            ended.set()
            return FULL

        sweeps = Sweeps(stops)
        one = scheduler(sweeps, SOON)
        one.start()
        assert ended.wait(PATIENCE)
        assert not one.running
        one.stop()
        one.start()
        sweeps.wait(2)
        one.stop()

    def test_it_may_be_stopped_while_a_stop_waits(self) -> None:
        """As a second signal does: the handler runs in the thread that waits."""
        begun, release = threading.Event(), threading.Event()

        def slow() -> Swept:
            begun.set()
            release.wait(PATIENCE)
            return NOTHING

        one = scheduler(Sweeps(slow))
        one.start()
        assert begun.wait(PATIENCE)
        stopper = threading.Thread(target=one.stop)
        stopper.start()
        while one.running:
            threading.Event().wait(0.001)
        one.stop()
        release.set()
        stopper.join(PATIENCE)
        assert not stopper.is_alive()

    def test_in_a_forked_child_it_does_not_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sweeps = Sweeps()
        one = scheduler(sweeps)
        with one:
            sweeps.wait(1)
            with monkeypatch.context() as child:
                child.setattr("jiefen.scheduler.os.getpid", lambda: -1)
                assert not one.running
            assert one.running

    def test_it_stops_when_its_host_fails(self) -> None:
        one = scheduler(Sweeps())
        with pytest.raises(RuntimeError), one:
            raise RuntimeError
        assert not one.running
