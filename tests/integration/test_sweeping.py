"""Several processes on one database, killed in the middle: every entry fires once, in order, and nothing is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiefen import CaseStatus, Conflict, Engine, FixedClock, Happening, NotFound
from jiefen.store import schema
from tests.integration.conftest import CLERK, SMALL, Opener, make_tables

CASES = 60
ROOT = Path(__file__).parents[2]


def start(url: str, now: datetime) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.sweeper", url, now.isoformat(), "5"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def fill(engine: Engine, clock: FixedClock) -> None:
    for number in range(CASES):
        engine.open_case("claim", {"received_on": date(2026, 3, 2)}, key=f"k{number}", by=CLERK)
    clock.advance(timedelta(days=100))


def check(engine: Engine) -> None:
    """Each case was warned, expired and reminded, once and in this order; the agenda is empty."""
    for case in engine.cases(limit=1000):
        told = [
            entry.subject
            for entry in engine.history(case.id)
            if entry.kind in (Happening.RUNG, Happening.DEADLINE_EXPIRED, Happening.TIMER)
        ]
        assert told == ["claim.handle/warn", "claim.handle", "late", "claim.handle/remind"], case.id
        assert case.status is CaseStatus.OPEN
    with engine._runtime.engine.connect() as connection:
        kinds = Counter(connection.scalars(sa.select(schema.agenda.c.kind)))
        assert kinds == {"delivery": 2 * CASES}
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.rung)) == 2 * CASES


def test_killed_sweepers_leave_nothing_twice_and_nothing_undone(
    opener: Opener, url: str, clock: FixedClock, request: pytest.FixtureRequest
) -> None:
    engine = opener()
    fill(engine, clock)
    random.seed(request.node.name)
    for _ in range(3):
        sweepers = [start(url, clock.now()) for _ in range(2)]
        time.sleep(random.uniform(0.02, 0.25))
        for sweeper in sweepers:
            sweeper.kill()
            sweeper.communicate()
    engine.sweep()
    check(engine)


def test_a_database_that_drops_everybody_loses_nothing(pg_url: str, clock: FixedClock) -> None:
    """What a restart of the server is to its clients: every connection is gone, what was not committed never was."""
    make_tables(pg_url)
    options = {"clock": clock, "processes": SMALL / "processes", "rules": SMALL / "rules"}
    drop = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    administrator = sa.create_engine(pg_url, isolation_level="AUTOCOMMIT")
    with Engine.open(pg_url, **options) as engine, administrator.connect() as connection:
        fill(engine, clock)
        for _ in range(3):
            sweeper = start(pg_url, clock.now())
            time.sleep(0.1)
            connection.execute(drop)
            sweeper.communicate(timeout=60)
        engine.sweep()
        check(engine)
    administrator.dispose()


def test_two_sweepers_share_the_work(opener: Opener, url: str, clock: FixedClock) -> None:
    engine = opener()
    fill(engine, clock)
    sweepers = [start(url, clock.now()) for _ in range(2)]
    for sweeper in sweepers:
        _, errors = sweeper.communicate(timeout=120)
        assert sweeper.returncode == 0, errors
    check(engine)


def test_a_failing_entry_does_not_stop_the_others(engine: Engine, clock: FixedClock) -> None:
    fill(engine, clock)
    with engine._runtime.engine.begin() as connection:
        connection.execute(sa.update(schema.case).where(schema.case.c.id == 1).values(state=b"damaged"))
    swept = engine.sweep()
    assert swept.failed == 3
    assert swept.total == 3 * (CASES - 1)
    clock.advance(timedelta(days=30))
    for _ in range(10):
        engine.sweep()
        clock.advance(timedelta(days=1))
    assert {incident.case for incident in engine.incidents()} == {1}
    assert "StateError" in engine.incidents()[0].error


def test_an_incident_is_over_when_what_failed_goes_well(opener: Opener, clock: FixedClock) -> None:
    engine = opener()
    fill(engine, clock)
    with engine._runtime.engine.begin() as connection:
        sound = connection.scalar(sa.select(schema.case.c.state).where(schema.case.c.id == 1))
        connection.execute(sa.update(schema.case).where(schema.case.c.id == 1).values(state=b"damaged"))
    for _ in range(12):
        engine.sweep()
        clock.advance(timedelta(days=1))
    incidents = engine.incidents()
    assert len(incidents) == 3
    for incident in incidents:
        with pytest.raises(Conflict, match="StateError"):
            engine.resolve(incident.id)
    assert engine.incidents() == incidents
    with engine._runtime.engine.begin() as connection:
        connection.execute(sa.update(schema.case).where(schema.case.c.id == 1).values(state=sound))
    for incident in incidents:
        engine.resolve(incident.id)
    assert engine.incidents() == []
    with pytest.raises(NotFound, match="no incident"):
        engine.resolve(incidents[0].id)
    with pytest.raises(NotFound, match="no incident"):
        engine.retry(incidents[0].id)


def test_a_clock_that_jumps_back_fires_nothing_again(engine: Engine, clock: FixedClock) -> None:
    fill(engine, clock)
    engine.sweep()
    clock.advance(timedelta(days=-60))
    assert engine.sweep().total == 0
    clock.advance(timedelta(days=60))
    assert engine.sweep().total == 0
    check(engine)
