"""Start + 20 × (find the task, complete it) on PostgreSQL, one thread, against the same written by hand.

    python bench/rounds.py

By hand is what an office would write for these rows alone, with psycopg: one query for the list, and one transaction
that locks the case, closes the task, opens the next one, adds three entries to a journal and keeps the facts. Both run
in turns on one throwaway server that keeps what was committed. Prints the time of a pair, find and complete; the exit
code is 1 when the engine takes more than the named multiple.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url
from steps import CLERK, answer, definitions, intake

from jiefen import Engine, FixedClock

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.cluster import Cluster, wait_for_url  # noqa: E402
from tests.support.databases import PostgresDatabases  # noqa: E402

PAIRS = 20
ROUNDS = 12
MOST = 2.5
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


class ByHand:
    """The rows of a case in three tables."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(plain, autocommit=True)
        self.connection.execute(
            "CREATE TABLE matter (id bigserial PRIMARY KEY, revision int NOT NULL, facts jsonb NOT NULL);"
            "CREATE TABLE todo (id bigserial PRIMARY KEY, matter bigint NOT NULL REFERENCES matter, name text NOT NULL,"
            " status text NOT NULL, at timestamptz NOT NULL);"
            "CREATE INDEX ON todo (matter, status);"
            "CREATE TABLE entry (id bigserial PRIMARY KEY, matter bigint NOT NULL REFERENCES matter,"
            " at timestamptz NOT NULL, data jsonb NOT NULL); CREATE INDEX ON entry (matter, id)"
        )

    def round(self, _number: int) -> None:
        """One case from its start through twenty tasks."""
        execute = self.connection.execute
        with self.connection.transaction():
            row = execute(
                "INSERT INTO matter (revision, facts) VALUES (0, %s) RETURNING id", [json.dumps(intake())]
            ).fetchone()
            matter = row[0] if row else 0
            self._write(matter, 0)
        for step in range(PAIRS):
            found = execute(
                "SELECT id, name FROM todo WHERE matter = %s AND status = 'open'", [matter]
            ).fetchall()
            with self.connection.transaction():
                kept = execute(
                    "SELECT revision, facts FROM matter WHERE id = %s FOR UPDATE", [matter]
                ).fetchone()
                facts = json.dumps((kept[1] if kept else {}) | answer(step))
                execute(
                    "UPDATE matter SET revision = revision + 1, facts = %s WHERE id = %s", [facts, matter]
                )
                execute("UPDATE todo SET status = 'completed' WHERE id = %s", [found[0][0]])
                self._write(matter, step + 1)

    def _write(self, matter: int, step: int) -> None:
        self.connection.execute(
            "INSERT INTO todo (matter, name, status, at) VALUES (%s, %s, 'open', %s)",
            [matter, f"Task {step}", NOW],
        )
        rows = [(matter, NOW, json.dumps({"step": step, "entry": entry})) for entry in range(3)]
        self.connection.cursor().executemany("INSERT INTO entry (matter, at, data) VALUES (%s, %s, %s)", rows)


class Ours:
    """The engine."""

    def __init__(self, url: str, folder: Path) -> None:
        self.engine = Engine.open(url, clock=FixedClock(NOW), **definitions(folder))

    def round(self, number: int) -> None:
        """One case from its start through twenty tasks."""
        case = self.engine.open_case("row", intake(), key=str(number), by=CLERK).id
        for step in range(PAIRS):
            [task] = self.engine.tasks(case=case)
            self.engine.complete(task.id, answer(step), by=CLERK)


def timed(call: Callable[[int], None], number: int) -> float:
    """Seconds of a pair, the start shared out among them."""
    start = time.perf_counter()
    call(number)
    return (time.perf_counter() - start) / PAIRS


def main() -> int:
    """Measure, print, judge."""
    cluster = Cluster(durable=True)
    databases = PostgresDatabases(wait_for_url(cluster.folder), "rounds")
    try:
        with tempfile.TemporaryDirectory() as folder:
            ours, by_hand = Ours(databases.empty(), Path(folder)), ByHand(databases.empty())
            times: dict[str, list[float]] = {"ours": [], "by hand": []}
            for number in range(ROUNDS):
                times["ours"].append(timed(ours.round, number))
                times["by hand"].append(timed(by_hand.round, number))
            ours.engine.close()
            by_hand.connection.close()
    finally:
        databases.close()
        cluster.close()
    best = {label: min(found) for label, found in times.items()}
    ratio = best["ours"] / best["by hand"]
    for label, seconds in best.items():
        print(f"{label:8} {seconds * 1e3:6.2f} ms a pair")
    print(f"ratio {ratio:.2f} (at most {MOST})")
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
