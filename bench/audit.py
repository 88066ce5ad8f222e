"""How fast an auditor looks through journals, and that memory does not grow with them.

One real case is multiplied with everything that its journal covers; each copy has a chain of its own. Two sizes are
looked at in processes of their own. The exit code is 1 when ten times the entries need a third more memory.

    python bench/audit.py [ENTRIES]
"""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, Audit, Engine, FixedClock
from jiefen.record.chain import FORM, START, canonical, covered, digest_of, instant
from jiefen.record.rows import DeadlineRow
from jiefen.store import schema
from jiefen.store.counter import codes
from jiefen.store.sealing.covering import ASPECTS

CLERK = Actor("0412", area=EVERYWHERE)
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": "院墙"}
#: Covered with the number or the key of the case in it; the rest is the same in every copy.
ITS_OWN = ("case", "deadline", "code")
#: Tables of which the case has rows that are covered.
CODE = ASPECTS[codes.code][0]
#: Columns of an entry that are its own in every copy.
CHANGING = ("case_id", "covers", "hash")
HANGING = ("jiefen_deadline", "jiefen_task", "jiefen_code")


def fill(file: Path, entries: int) -> int:
    """Make a database of SQLite with at least so many entries; how many there are."""
    clock = FixedClock(date(2026, 3, 2))
    with Engine.open(f"sqlite:///{file}", clock=clock) as engine:
        first = engine.open_case("dispute", FACTS, key="first", by=CLERK).id
        clock.advance(timedelta(days=200))
        engine.sweep()
        with engine._runtime.reading() as connection:
            case = connection.execute(sa.select(schema.case)).one()
            deadlines = connection.execute(sa.select(schema.deadline)).all()
            issued = connection.execute(sa.select(CODE.table)).one()._mapping
            told = connection.execute(sa.select(schema.journal).order_by(schema.journal.c.id)).all()
    newest = {name: row.seq for row in told for name in row.covers or {}}
    copies = entries // len(told)
    raw = sqlite3.connect(file, isolation_level=None)
    # Entries are only added, and nothing looks for the copies: what a trigger does for each is time lost.
    raw.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; DROP TRIGGER jiefen_case_terms; BEGIN"
    )
    kept = {name: _rows(raw, name) for name in (*HANGING, "jiefen_case")}
    statements = {name: _insert(name, rows[0]) for name, rows in kept.items() if rows}
    entries_kept = _rows(raw, "jiefen_journal")
    names = [name for name in entries_kept[0] if name not in ("id", *CHANGING)]
    add = _insert("jiefen_journal", [*CHANGING, *names], named=False)
    same = [tuple(row[name] for name in names) for row in entries_kept]
    hashed = [_hashed(row) for row in told]
    for number in range(first + 1, first + copies + 1):
        key, before, linked = f"copy:{number}", START, []
        mine = [DeadlineRow._make(row)._replace(case_id=number) for row in deadlines]
        code = {"digest": f"{number:064}"}
        now = covered(case, {"key": key}, mine, whole=True)
        now["code"] = CODE.value_of({**issued, **code})
        for row, rest, (ahead, behind) in zip(told, same, hashed, strict=True):
            covers = row.covers and {
                name: digest_of(row.covers_salt, now[name]).hex()
                if name.startswith(ITS_OWN) and newest[name] == row.seq
                else digest
                for name, digest in row.covers.items()
            }
            as_json = canonical(covers)
            told_of_it = b'%s%d,%d,"%s%s%s]' % (
                ahead,
                number,
                row.seq,
                before.hex().encode(),
                behind,
                as_json,
            )
            before = sha256(told_of_it).digest()
            linked.append((number, as_json.decode(), before, *rest))
        ends = {"id": number, "key": key, "entries": len(linked), "head": before, "terms": None}
        raw.execute(statements["jiefen_case"], kept["jiefen_case"][0] | ends)
        for name in HANGING:
            for one in kept[name]:
                # Numbers of rows are given anew.
                own = {"case_id": number}
                own |= {"id": None} if "id" in one else code if "digest" in one else {}
                raw.execute(statements[name], one | own)
        raw.executemany(add, linked)
    raw.execute("COMMIT")
    raw.close()
    return (copies + 1) * len(told)


def _rows(raw: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    found = raw.execute(f"SELECT * FROM {name}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def _insert(table: str, names: Iterable[str], *, named: bool = True) -> str:
    names = list(names)
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f":{name}" if named else "?" for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES ({values})"


def _hashed(row: Any) -> tuple[bytes, bytes]:
    """What is hashed of an entry before the number of its case, and between the hash before it and what it covers."""
    whole = canonical(
        (FORM, 0, 0, "", instant(row.at), row.actor, row.kind, row.subject, row.message_key, row.digest.hex())
    )
    ahead, _, behind = whole.partition(b'0,0,"')
    return ahead, behind[:-1] + b","


def look(url: str) -> None:
    """Look through a database; prints what it took."""
    with Audit.open(url) as audit:
        begun, worked = time.perf_counter(), time.process_time()
        found = audit.verify()
        seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert found.sound, found.faults[:3]
    assert not found.uncovered
    told = {"entries": found.entries, "seconds": seconds, "worked": worked, "memory": round(memory)}
    print(json.dumps(told))


def main(entries: int) -> int:
    """Print a line for each size; 1 when memory grows."""
    memory = []
    for size in (entries // 10, entries):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "audit.db")
            fill(file, size)
            told = subprocess.run(
                [sys.executable, __file__, "--look", f"sqlite:///{file}"],
                capture_output=True,
                text=True,
                check=True,
            )
            size_on_disk = file.stat().st_size / 1e6
        found = json.loads(told.stdout)
        memory.append(found["memory"])
        print(
            f"{found['entries']:>10,} entries, {size_on_disk:,.0f} MB: {found['seconds']:.1f} s, "
            f"{found['entries'] / found['seconds']:,.0f} a second; {found['worked']:.1f} s of processor time, "
            f"{found['entries'] / found['worked']:,.0f} a second; {found['memory']} MB of memory",
            flush=True,
        )
    return int(memory[1] > memory[0] * 4 / 3)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        look(sys.argv[2])
        sys.exit(0)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
