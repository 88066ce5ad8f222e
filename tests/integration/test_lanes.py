"""The two lanes of the agenda: nothing the law counts waits for an outside system, whatever that does."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from jiefen import Answer, Conflict, Delivery, Engine, FixedClock, Lane, NotAllowed, NotFound
from jiefen.agenda.retries import MAX_ATTEMPTS
from jiefen.agenda.sweep import PATIENCE
from jiefen.errors import DatabaseError
from jiefen.periods import calendars
from jiefen.periods.hours import working_time
from jiefen.record.recording import LEASE
from jiefen.store import schema
from tests.integration.conftest import CLERK, Opener

CASES = 6


class Unreadable(Exception):
    def __str__(self) -> str:
        raise ValueError


class Outside:
    """An adapter that takes its time, and raises what it is told to."""

    def __init__(
        self, clock: FixedClock, takes: timedelta = timedelta(), raises: BaseException | None = None
    ):
        self.clock, self.takes, self.raises = clock, takes, raises
        self.keys: list[str] = []

    def send(self, delivery: Delivery) -> Answer:
        self.keys.append(delivery.key)
        self.clock.advance(self.takes)
        if self.raises is not None:
            raise self.raises
        return Answer()


def with_notices(opener: Opener, outside: Outside, clock: FixedClock) -> Engine:
    """An engine on which the warning of each case has left a notice."""
    engine = opener(adapters={"notice": outside})
    for number in range(CASES):
        engine.open_case("claim", {"received_on": date(2026, 3, 2)}, key=f"k{number}", by=CLERK)
    clock.set(date(2026, 4, 24))
    engine.sweep(lane=Lane.CLOCK)
    assert engine.lag().due == CASES
    return engine


def later(clock: FixedClock, by: timedelta) -> None:
    """Move the clock on, to where people are at work: at other times no notice is carried."""
    clock.set(working_time(clock.now() + by, calendars()))


BAD: list[Callable[[], BaseException]] = [
    lambda: RuntimeError("down"),
    lambda: exc.OperationalError("SELECT 1", None, Exception("its own database is down")),
    lambda: DatabaseError("its own jiefen is down"),
    lambda: ValueError("caf\udce9 \0 王"),
    Unreadable,
    lambda: SystemExit(3),
]


@pytest.mark.parametrize("bad", BAD, ids=["plain", "driver", "jiefen", "bytes", "unreadable", "exit"])
def test_whatever_an_adapter_raises_the_clock_goes_on_and_it_becomes_an_incident(
    opener: Opener, clock: FixedClock, bad: Callable[[], BaseException]
) -> None:
    outside = Outside(clock, raises=bad())
    engine = with_notices(opener, outside, clock)
    swept = engine.sweep()
    assert (swept.failed, swept.done) == (PATIENCE, {}), "a topic that fails is left alone for the rest"
    clock.set(date(2026, 5, 8))
    assert engine.sweep().done["expiry"] == CASES
    for _ in range(MAX_ATTEMPTS * CASES):
        engine.sweep()
        later(clock, timedelta(hours=13))
    incidents = engine.incidents()
    assert len(incidents) == 2 * CASES
    assert {one.attempts for one in incidents} == {MAX_ATTEMPTS}
    assert all(type(outside.raises).__name__ in one.error for one in incidents)
    with pytest.raises(Conflict, match="still fails"):
        engine.resolve(incidents[0].id)
    outside.raises = None
    for one in incidents:
        engine.resolve(one.id)
    assert engine.incidents() == []
    # The same key each time: the outside knows it by that.
    assert set(outside.keys[-2 * CASES :]) == set(outside.keys)


def test_a_delivery_whose_carriers_die_becomes_an_incident(opener: Opener, clock: FixedClock) -> None:
    class Dies(BaseException):
        pass

    engine = with_notices(opener, Outside(clock, raises=Dies()), clock)
    for _ in range(MAX_ATTEMPTS * CASES):
        with pytest.raises(Dies):
            engine.sweep(lane=Lane.DELIVERIES)
        later(clock, LEASE + timedelta(minutes=1))
    swept = engine.sweep(lane=Lane.DELIVERIES)
    assert (swept.failed, swept.incidents) == (PATIENCE, PATIENCE)
    assert "never came back" in engine.incidents()[0].error


def test_entries_that_fall_due_meanwhile_go_before_the_next_delivery(
    opener: Opener, clock: FixedClock
) -> None:
    outside = Outside(clock, takes=timedelta(days=6))
    engine = with_notices(opener, outside, clock)
    engine.sweep()
    # The expiries of 6 May came while deliveries took days; none of them waited for the last.
    journal = [
        (entry.id, str(entry.kind))
        for case in engine.cases()
        for entry in engine.history(case.id)
        if entry.kind in ("deadline_expired", "delivery_arrived")
    ]
    order = [kind for _, kind in sorted(journal)]
    assert order.index("deadline_expired") <= 3
    assert Counter(order)["deadline_expired"] == CASES


def test_a_slow_topic_does_not_hold_up_the_others(opener: Opener, clock: FixedClock) -> None:
    slow, quick = Outside(clock, takes=timedelta(seconds=30)), Outside(clock)
    engine = with_notices(opener, slow, clock)
    engine.close()
    engine = opener(adapters={"court": quick, "notice": slow})
    for number in range(2):
        facts = {"amount": 60_000, "received_on": date(2026, 4, 24), "area": CLERK.area}
        case = engine.open_case("claim", facts, key=f"c{number}", by=CLERK)
        engine.complete(engine.tasks(case=case.id)[0].id, {}, by=CLERK)
    assert engine.sweep(lane=Lane.DELIVERIES, limit=4).done == {"delivery": 4}
    assert (len(quick.keys), len(slow.keys)) == (2, 2), "one of each topic in turn"


def test_a_sweep_stops_when_it_is_told(opener: Opener, clock: FixedClock) -> None:
    outside = Outside(clock)
    engine = with_notices(opener, outside, clock)
    assert engine.sweep(stop=lambda: len(outside.keys) == 2).done == {"delivery": 2}
    assert engine.sweep(stop=lambda: True).total == 0


def test_in_the_hosts_transaction_nothing_is_carried(opener: Opener, clock: FixedClock) -> None:
    outside = Outside(clock, raises=RuntimeError("down"))
    engine = with_notices(opener, outside, clock)
    with engine._runtime.database.engine.begin() as connection:
        assert engine.sweep(session=connection).total == 0
    assert outside.keys == []
    for _ in range(60):
        engine.sweep()
        clock.advance(timedelta(hours=13))
    incident = engine.incidents()[0]
    with (
        engine._runtime.database.engine.begin() as connection,
        pytest.raises(NotAllowed, match="outside of the host"),
    ):
        engine.resolve(incident.id, session=connection)
    with pytest.raises(NotFound, match="no adapter here carries"):
        opener().resolve(incident.id)


def test_the_lag_counts_what_fails(opener: Opener, clock: FixedClock) -> None:
    engine = with_notices(opener, Outside(clock, raises=RuntimeError("down")), clock)
    assert (engine.lag().due, engine.lag().failing) == (CASES, 0)
    clock.advance(timedelta(hours=2))
    assert engine.lag().behind == timedelta(hours=2)
    engine.sweep()
    lag = engine.lag()
    assert (lag.due, lag.failing, lag.incidents) == (CASES - PATIENCE, PATIENCE, 0)


def test_an_entry_that_the_database_refuses_does_not_stop_the_others(
    engine: Engine, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A statement that fails is not a database that fails."""
    for number in range(3):
        engine.open_case("claim", {"received_on": date(2026, 3, 2)}, key=f"k{number}", by=CLERK)
    with engine._runtime.database.engine.begin() as connection:
        # What no column takes: the kind of an entry of the journal is at most as long as its column.
        connection.execute(
            sa.update(schema.agenda)
            .where(schema.agenda.c.case_id == 1, schema.agenda.c.ref == "1/warn")
            .values(ref="1/unknown")
        )
        connection.execute(sa.update(schema.case).where(schema.case.c.id == 1).values(state=b"broken"))
    clock.set(date(2026, 4, 24))
    with caplog.at_level(logging.WARNING, "jiefen.agenda"):
        swept = engine.sweep()
    assert (swept.done, swept.failed) == ({"rung": 2}, 1)
    assert "failed with StateError, attempt 1" in caplog.text


def test_routines_have_their_turn_like_cases(opener: Opener, clock: FixedClock) -> None:
    """Neither waits for the other: lists of reception days come between what is due in cases."""
    engine = opener(processes=None, rules=None)
    engine.routines.keep("140429102")
    for number in range(3):
        facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
        engine.open_case("dispute", facts, key=f"k{number}", by=CLERK)
    clock.advance(timedelta(days=30))
    kinds: list[str] = []
    while engine.lag().due:
        kinds += engine.sweep(limit=1, lane=Lane.CLOCK).done
    of_cases = [number for number, kind in enumerate(kinds) if kind != "routine"]
    routines = [number for number, kind in enumerate(kinds) if kind == "routine"]
    assert len(routines) > 5
    assert len(of_cases) > 3
    assert routines[0] < of_cases[-1]
    assert of_cases[0] < routines[-1]
