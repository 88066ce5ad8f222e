"""What opening a case costs when there are many: 100,000 cases against 200, on SQLite, in one run.

Each figure is the fastest of several openings, taken in turns; what the machine does besides only ever adds. The exit
code is 1 when the figure of the design is missed.

    python bench/open.py [--cases 100000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, Engine, FixedClock

FEW = 200
ROUNDS = 60
MOST = 1.1
CLERK = Actor("clerk", frozenset({"township_coordinator"}), EVERYWHERE)
TYPES = ("labour", "neighbour", "lending", "family", "land_contract", "traffic", "consumer", "medical")


def fill(engine: Engine, cases: int) -> None:
    """Copies of one case, spread over villages, types and the last ninety days."""
    engine.open_case("dispute", facts(0), key="first", by=CLERK)
    table = sa.Table("jiefen_case", sa.MetaData(), autoload_with=engine._runtime.database.engine)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with engine._runtime.database.writing() as connection:
        [row] = connection.execute(sa.select(table)).mappings().all()
        rows = (
            dict(row)
            | {
                "id": number,
                "key": f"k{number}",
                "dispute_type": TYPES[number % len(TYPES)],
                "area": f"140429{100 + number % 12}{201 + number // 12 % 80}",
                "opened_at": now - timedelta(days=number % 90),
            }
            for number in range(2, cases + 1)
        )
        batch: list[dict[str, object]] = []
        for one in rows:
            batch.append(one)
            if len(batch) == 5_000:
                connection.execute(sa.insert(table), batch)
                batch = []
        if batch:
            connection.execute(sa.insert(table), batch)


def facts(number: int) -> dict[str, object]:
    """What a clerk writes at intake."""
    return {
        "source": "walk_in",
        "dispute_type": TYPES[number % len(TYPES)],
        "area": f"140429{100 + number % 12}{201 + number // 12 % 80}",
        "title": "纠纷登记",
    }


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    many = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder:
        engines = {
            size: Engine.open(f"sqlite:///{Path(folder) / f'{size}.db'}", clock=FixedClock(date(2026, 3, 2)))
            for size in (FEW, many)
        }
        for size, engine in engines.items():
            fill(engine, size)
        fastest = dict.fromkeys(engines, float("inf"))
        for number in range(ROUNDS):
            for size, engine in engines.items():
                start = time.perf_counter()
                engine.open_case("dispute", facts(number), key=f"n{number}", by=CLERK)
                fastest[size] = min(fastest[size], time.perf_counter() - start)
        for engine in engines.values():
            engine.close()
    ratio = fastest[many] / fastest[FEW]
    print(f"open_case: {fastest[FEW] * 1000:.2f} ms at {FEW} cases, {fastest[many] * 1000:.2f} ms at {many}")
    print(f"ratio {ratio:.2f} (at most {MOST})")
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
