"""How fast an auditor looks through journals, and that memory does not grow with them.

One real case is multiplied; each copy is chained anew. Two sizes are looked at in processes of their own. The exit code
is 1 when ten times the entries need a third more memory.

    python bench/audit.py [ENTRIES]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, Audit, Engine, FixedClock
from jiefen.record.chain import START, Head, covered, link
from jiefen.record.rows import DeadlineRow, JournalRow
from jiefen.store import schema

CLERK = Actor("0412", area=EVERYWHERE)
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": "院墙"}
AT_ONCE = 200


def fill(url: str, entries: int) -> int:
    """Make a database with at least so many entries; how many there are."""
    clock = FixedClock(date(2026, 3, 2))
    with Engine.open(url, clock=clock) as engine:
        first = engine.open_case("dispute", FACTS, key="first", by=CLERK).id
        clock.advance(timedelta(days=200))
        engine.sweep()
        with engine._runtime.writing() as connection:
            case = connection.execute(sa.select(schema.case)).one()
            deadlines = connection.execute(sa.select(schema.deadline)).all()
            told = connection.execute(sa.select(*schema.TELLING).order_by(schema.journal.c.id)).all()
        copies = entries // len(told)
        for begin in range(first + 1, first + copies + 1, AT_ONCE):
            rows: dict[sa.Table, list[dict[str, object]]] = {
                schema.case: [],
                schema.deadline: [],
                schema.journal: [],
            }
            for number in range(begin, min(begin + AT_ONCE, first + copies + 1)):
                mine = {**case._mapping, "id": number, "key": f"copy:{number}", "terms": None}
                theirs = [{**row._mapping, "case_id": number} for row in deadlines]
                copied = [
                    JournalRow(number, row.at, row.actor, row.kind, row.subject, row.data, row.message_key)
                    for row in told
                ]
                hanging = [row._replace(case_id=number) for row in map(DeadlineRow._make, deadlines)]
                linked, head = link(
                    copied, Head(0, START), covered(case, {"key": mine["key"]}, hanging, whole=True)
                )
                rows[schema.case].append(mine | {"entries": head.entries, "head": head.hash})
                rows[schema.deadline] += theirs
                rows[schema.journal] += [one._asdict() for one in linked]
            with engine._runtime.writing() as connection:
                for table, values in rows.items():
                    if values:
                        connection.execute(sa.insert(table), values)
        return (copies + 1) * len(told)


def look(url: str) -> None:
    """Look through a database; prints what it took."""
    with Audit.open(url) as audit:
        begun = time.perf_counter()
        found = audit.verify()
        seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert found.sound, found.faults[:3]
    print(json.dumps({"entries": found.entries, "seconds": round(seconds, 1), "memory": round(memory)}))


def main(entries: int) -> int:
    """Print a line for each size; 1 when memory grows."""
    memory = []
    for size in (entries // 10, entries):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/audit.db"
            fill(url, size)
            told = subprocess.run(
                [sys.executable, __file__, "--look", url], capture_output=True, text=True, check=True
            )
            size_on_disk = Path(folder, "audit.db").stat().st_size / 1e6
        found = json.loads(told.stdout)
        memory.append(found["memory"])
        print(
            f"{found['entries']:>9} entries, {size_on_disk:.0f} MB: {found['seconds']:.1f} s, "
            f"{found['entries'] / max(found['seconds'], 0.1):,.0f} a second, {found['memory']} MB of memory",
            flush=True,
        )
    return int(memory[1] > memory[0] * 4 / 3)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        look(sys.argv[2])
        sys.exit(0)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
