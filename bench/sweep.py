"""A sweep of 1,000 due entries among 10,000 open ones against the same among 1,000,000, and two sweepers against one.

An entry is a warning before a deadline: it restores the case, claims the rung, and writes the journal and a notice. The
tables are filled by SQL: one case is opened and its rows are copied. Rounds on the small and on the large database take
turns in one process, and the fastest of each counts. The two sweepers are processes of their own, and every warning
must have been given once. PostgreSQL is the throwaway server of the tests, without durability: what is measured is not
the disk. What two processes can gain at all is measured beside it, by two that only count: on a machine that is busy
with something else it is less than twice, and the figure cannot be held. The exit code is 1 when a figure of the
design is missed; where no PostgreSQL can be started, its figures are named as not measured.

    python bench/sweep.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jiefen import Actor, Engine, FixedClock
from jiefen.clock import CHINA
from jiefen.store import schema

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.binaries import NoPostgres  # noqa: E402
from tests.support.cluster import Cluster, wait_for_url  # noqa: E402
from tests.support.databases import PostgresDatabases  # noqa: E402

SMALL, LARGE = 10_000, 1_000_000
DUE, ROUNDS, SHARED = 1_000, 5, 3_000
#: Cases that carry the entries of the far future.
HOLDERS = 1_000
PARTS = 100
OPENED = datetime(2026, 3, 2, 9, tzinfo=CHINA)
EDITION = ROOT / "tests" / "small"
CLERK = Actor("clerk-1", frozenset({"clerk"}), "140429102")


def open_engine(url: str, clock: FixedClock) -> Engine:
    """An engine on the small edition of the tests."""
    return Engine.open(url, processes=EDITION / "processes", rules=EDITION / "rules", clock=clock)


def round_time(number: int) -> datetime:
    """When the entries of a round are due."""
    return OPENED + timedelta(days=1, hours=number)


def numbers(count: int) -> sa.CTE:
    """1 to ``count``, made in the database."""
    first = sa.select(sa.literal(1).label("i")).cte("numbers", recursive=True)
    return first.union_all(sa.select(first.c.i + 1).where(first.c.i < count))


def fill(engine: Engine, open_entries: int, batches: list[int]) -> None:
    """Open one case, copy it, and plan its entries: ``batches`` are how many warnings are due in each round."""
    facts = {"area": "140429102", "amount": 1000, "received_on": OPENED.date()}
    case = engine.open_case("claim", facts, key="case", by=CLERK).id
    with engine._runtime.database.engine.begin() as connection:
        connection.execute(sa.delete(schema.agenda))
        copies = numbers(sum(batches) + HOLDERS)
        for table in (schema.case, schema.task, schema.deadline):
            new: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in table.c}
            if table is schema.case:
                new["id"], new["key"] = table.c.id + copies.c.i, table.c.key + sa.cast(copies.c.i, sa.String)
            else:
                new.pop("id", None)
                new["case_id"] = table.c.case_id + copies.c.i
            own = table.c.id == case if table is schema.case else table.c.case_id == case
            rows = sa.select(*new.values()).select_from(table.join(copies, sa.true())).where(own)
            connection.execute(sa.insert(table).from_select(list(new), rows))
        first = case + 1
        for number, batch in enumerate(batches):
            plan(connection, batch, round_time(number), "rung", first)
            first += batch
        part = (open_entries - sum(batches)) // PARTS
        for number in range(PARTS):
            plan(connection, part, OPENED + timedelta(days=400, hours=number), "timer", first, str(number))
    database = engine._runtime.database.engine
    if database.dialect.name == "postgresql":
        # By a pool of its own: that of the engine begins each transaction itself, and a VACUUM may be in none.
        plain = sa.create_engine(database.url, isolation_level="AUTOCOMMIT")
        with plain.connect() as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
        plain.dispose()


def plan(connection: sa.Connection, count: int, at: datetime, kind: str, first: int, part: str = "") -> None:
    """Put ``count`` entries on the agenda: warnings on a case each, or timers on the holders in turn."""
    copies = numbers(count)
    ref = sa.literal("1/warn") if kind == "rung" else sa.literal(f"{part}.") + sa.cast(copies.c.i, sa.String)
    case_id = copies.c.i - 1 if kind == "rung" else copies.c.i % HOLDERS
    due = sa.literal(at, schema.Instant())
    new = {
        "case_id": case_id + first, "kind": sa.literal(kind), "ref": ref, "at": due, "next_try_at": due,
        "status": sa.literal("pending"), "attempts": sa.literal(0), "data": sa.literal({}, schema.Json),
    }  # fmt: skip
    connection.execute(sa.insert(schema.agenda).from_select(list(new), sa.select(*new.values())))


def rounds(small: str, large: str) -> tuple[float, float]:
    """Seconds of the fastest round on each database."""
    clock = FixedClock(OPENED)
    best = {small: float("inf"), large: float("inf")}
    engines = {url: open_engine(url, clock) for url in best}
    for url, engine in engines.items():
        fill(engine, SMALL if url == small else LARGE, [DUE] * ROUNDS)
    for number in range(ROUNDS):
        clock.set(round_time(number))
        for url, engine in engines.items():
            start = time.perf_counter()
            swept = engine.sweep()
            best[url] = min(best[url], time.perf_counter() - start)
            assert (swept.total, swept.failed) == (DUE, 0), swept
    for engine in engines.values():
        engine.close()
    return best[small], best[large]


def share(url: str) -> tuple[float, float]:
    """Seconds of one process and of two for the same number of entries."""
    clock = FixedClock(OPENED)
    with open_engine(url, clock) as engine:
        fill(engine, SMALL, [SHARED] * 4)
        # One, two, two, one: what the machine does besides falls on both.
        seconds = [sweepers(url, workers, round_time(number)) for number, workers in enumerate((1, 2, 2, 1))]
        with engine._runtime.database.engine.connect() as connection:
            warned = connection.scalar(sa.select(sa.func.count()).select_from(schema.rung))
            told = connection.scalar(
                sa.select(sa.func.count()).select_from(schema.journal).where(schema.journal.c.kind == "rung")
            )
        assert warned == told == 4 * SHARED, (warned, told)
    return min(seconds[0], seconds[3]), min(seconds[1], seconds[2])


def sweepers(url: str, workers: int, now: datetime) -> float:
    """Seconds until ``workers`` processes have done what is due."""
    command = [sys.executable, __file__, "--worker", url, now.astimezone(UTC).isoformat()]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(workers)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    start = time.perf_counter()
    done = [process.stdin.write("go\n") for process in processes if process.stdin]
    for process in processes:
        assert process.stdin is not None
        process.stdin.flush()
    counts = [int(process.communicate(timeout=600)[0]) for process in processes]
    seconds = time.perf_counter() - start
    assert len(done) == workers
    assert sum(counts) == SHARED, counts
    return seconds


def machine() -> float:
    """How much faster two processes of this machine count than one."""
    count = [sys.executable, "-c", "for _ in range(20_000_000): pass"]
    seconds = []
    for workers in (1, 2, 2, 1):
        start = time.perf_counter()
        for process in [subprocess.Popen(count) for _ in range(workers)]:
            process.wait()
        seconds.append(time.perf_counter() - start)
    return 2 * min(seconds[0], seconds[3]) / min(seconds[1], seconds[2])


def worker(url: str, now: str) -> None:
    """Sweep when told to, until nothing is due; print how many entries were done."""
    with open_engine(url, FixedClock(datetime.fromisoformat(now))) as engine:
        print("ready", flush=True)
        sys.stdin.readline()
        total = 0
        # An entry may be passed over because the other process holds its case.
        while swept := engine.sweep(limit=SHARED).total:
            total += swept
        print(total, flush=True)


@contextmanager
def server() -> Iterator[PostgresDatabases]:
    """A throwaway PostgreSQL."""
    cluster = Cluster()
    try:
        databases = PostgresDatabases(wait_for_url(cluster.folder), "bench")
        yield databases
        databases.drop()
        databases.close()
    finally:
        cluster.close()


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    figures: dict[str, bool] = {}
    print(f"{DUE} due among: {SMALL:>12,} ms {LARGE:>12,} ms    ratio")
    with tempfile.TemporaryDirectory() as folder:
        small, large = rounds(f"sqlite:///{folder}/small.db", f"sqlite:///{folder}/large.db")
    show("SQLite", small, large, figures)
    try:
        with server() as databases:
            show("PostgreSQL", *rounds(databases.empty(), databases.empty()), figures)
            one, two = share(databases.empty())
            gain = one / two
            print(
                f"PostgreSQL, {SHARED} due: one process {one:.2f} s, two {two:.2f} s: {gain:.2f} times as fast"
            )
            print(f"two processes that only count are {machine():.2f} times as fast as one on this machine")
            figures[f"two processes against one = {gain:.2f} >= 1.6, every entry once"] = gain >= 1.6
    except NoPostgres as reason:
        print(f"PostgreSQL: NOT MEASURED: {reason}")
    print(json.dumps(figures, indent=2))
    return 0 if all(figures.values()) else 1


def show(name: str, small: float, large: float, figures: dict[str, bool]) -> None:
    """One line of the table, and whether the figure holds."""
    ratio = large / small
    print(f"{name:<14} {small * 1e3:>12.0f}    {large * 1e3:>12.0f}    {ratio:>8.2f}")
    figures[f"{name}: {LARGE:,} open / {SMALL:,} open = {ratio:.2f} <= 1.3"] = ratio <= 1.3


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(*sys.argv[2:])
    else:
        sys.exit(main())
