"""Several processes on one database, killed in the middle: every entry fires once, in order, and nothing is lost."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from jiefen import CaseStatus, Conflict, Engine, FixedClock, Happening, NotFound
from jiefen.store import schema
from tests.integration.conftest import CLERK, SMALL, Opener, make_tables
from tests.integration.sweeper import Sweeper, together
from tests.support.cluster import Cluster, wait_for_url

CASES = 60
#: Each case is warned, expires, its model goes on, and it is reminded; the model's timer hangs on the expiry.
DUE = 3 * CASES
FIRED = ("claim.handle/warn", "claim.handle", "late", "claim.handle/remind")


def fill(engine: Engine, clock: FixedClock) -> None:
    for number in range(CASES):
        engine.open_case("claim", {"received_on": date(2026, 3, 2)}, key=f"k{number}", by=CLERK)
    clock.advance(timedelta(days=100))


def fired(engine: Engine, case: int) -> list[str | None]:
    kinds = Happening.RUNG, Happening.DEADLINE_EXPIRED, Happening.TIMER
    return [entry.subject for entry in engine.history(case) if entry.kind in kinds]


def check(engine: Engine) -> None:
    """Each case was warned, expired and reminded, once and in this order; the agenda and the journal agree."""
    for case in engine.cases(limit=1000):
        assert tuple(fired(engine, case.id)) == FIRED, case.id
        assert case.status is CaseStatus.OPEN
        told = [entry.data["ref"] for entry in engine.history(case.id) if entry.kind is Happening.DELIVERY]
        assert sorted(told) == ["rung/1/remind", "rung/1/warn"]
    with engine._runtime.database.engine.connect() as connection:
        kinds = Counter(connection.scalars(sa.select(schema.agenda.c.kind)))
        assert kinds == {"delivery": 2 * CASES}
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.rung)) == 2 * CASES


def wait_for(engine: Engine, due: int) -> int:
    """Wait until at most so many entries are due; how many there are."""
    give_up = time.monotonic() + 240  # for machines that do other work too
    while (found := engine.lag().due) > due:
        assert time.monotonic() < give_up, f"{found} entries are still due"
        time.sleep(0.002)
    return found


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The same in every run of a test."""
    return random.Random(request.node.name)


def test_killed_sweepers_leave_nothing_twice_and_nothing_undone(
    opener: Opener, url: str, clock: FixedClock, chance: random.Random
) -> None:
    engine = opener()
    fill(engine, clock)
    left = DUE
    for _ in range(3):
        sweepers = [Sweeper(url, clock.now()) for _ in range(2)]
        together(*sweepers)
        wait_for(engine, left - chance.randint(1, 30))
        for sweeper in sweepers:
            sweeper.kill()
        before, left = left, engine.lag().due
        assert 0 < left < before, "they were not killed in the middle"
    engine.sweep()
    check(engine)


def test_a_sweeper_may_die_before_any_statement(
    opener: Opener, url: str, clock: FixedClock, chance: random.Random
) -> None:
    """Between claim and effect, between effect and removal, before the commit: it is all or nothing."""
    engine = opener()
    fill(engine, clock)
    for first in range(6, 18, 2):
        sweepers = [Sweeper(url, clock.now(), dies_at=first + n + 9 * chance.randint(0, 3)) for n in (0, 1)]
        together(*sweepers)
        assert {sweeper.end() for sweeper in sweepers} == {-signal.SIGKILL}
    assert engine.lag().due > 0
    engine.sweep()
    check(engine)


def test_sweepers_share_the_work_while_their_clocks_jump(opener: Opener, url: str, clock: FixedClock) -> None:
    engine = opener()
    fill(engine, clock)
    now = clock.now()
    # Never so far back that an end lies ahead again: that would be taken back.
    jumps = [timedelta(days=days) for days in (0, -34, -20, -30, 0, -10)]
    instants = [now + jump for jump in jumps]
    sweepers = [Sweeper(url, *instants[turn:], *instants[:turn]) for turn in range(3)]
    together(*sweepers)
    wait_for(engine, DUE // 2)
    sweepers.pop().kill()
    for sweeper in sweepers:
        assert sweeper.end() == 0
    check(engine)


def test_who_works_on_a_case_meanwhile_changes_no_order(
    opener: Opener, url: str, clock: FixedClock, chance: random.Random
) -> None:
    """A case that somebody holds is passed over as a whole: its expiry never comes before its warning."""
    engine = opener()
    fill(engine, clock)
    sweepers = [Sweeper(url, clock.now(), batch=1) for _ in range(2)]
    together(*sweepers)
    number = 0
    while engine.lag().due > 0:
        number += 1
        case = chance.randint(1, CASES)
        engine.message("matter.urgent", case=case, key=f"m{number}")
        if number % 10 == 0:
            engine.sweep(limit=1)
    for sweeper in sweepers:
        assert sweeper.end() == 0
    assert number > 0
    check(engine)


def test_a_case_that_somebody_holds_is_passed_over(pg_url: str, clock: FixedClock) -> None:
    """A host that keeps its transaction open, or a worker that stands still, holds up its own case and no other."""
    make_tables(pg_url)
    options = {"clock": clock, "processes": SMALL / "processes", "rules": SMALL / "rules"}
    with Engine.open(pg_url, **options) as engine:
        fill(engine, clock)
        with engine._runtime.database.engine.connect() as holder:
            holder.execute(sa.select(schema.case).where(schema.case.c.id == 1).with_for_update())
            assert engine.sweep().total == DUE - 3
            assert fired(engine, 1) == []
        assert engine.sweep().total == 3
        check(engine)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A PostgreSQL of its own, which keeps what was committed, and may be restarted."""
    cluster = Cluster(durable=True)
    yield cluster
    cluster.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_a_server_that_restarts_loses_nothing(
    server: Cluster, how: signal.Signals, clock: FixedClock
) -> None:
    """Schedulers go on by themselves when the server is back."""
    admin = sa.create_engine(wait_for_url(server.folder), isolation_level="AUTOCOMMIT")
    name = f"restart_{how.name.lower()}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = admin.url.set(database=name).render_as_string(hide_password=False)
    admin.dispose()
    make_tables(url)
    with ExitStack() as stack:
        options = {"clock": clock, "processes": SMALL / "processes", "rules": SMALL / "rules"}
        engine = stack.enter_context(Engine.open(url, **options))
        fill(engine, clock)
        sweepers = [Sweeper(url, clock.now(), serves=True) for _ in range(2)]
        for sweeper in sweepers:
            stack.callback(sweeper.kill)
        together(*sweepers)
        left = wait_for(engine, DUE - 10)
        server.restart(how)
        assert left > 0
        wait_for(engine, 0)
        for sweeper in sweepers:
            assert sweeper.end() == 0
        check(engine)


def test_a_failing_entry_does_not_stop_the_others(engine: Engine, clock: FixedClock) -> None:
    fill(engine, clock)
    with engine._runtime.database.engine.begin() as connection:
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
    with engine._runtime.database.engine.begin() as connection:
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
    with engine._runtime.database.engine.begin() as connection:
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
    clock.advance(timedelta(days=-30))
    assert engine.sweep().total == 0
    clock.advance(timedelta(days=30))
    assert engine.sweep().total == 0
    check(engine)
