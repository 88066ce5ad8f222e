"""What must be true afterwards, by SQL, by the journal and by what was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from jiefen import Engine, FixedClock, Happening
from jiefen.store import schema
from jiefen.store.counter.notes import note
from tests.chaos.workers import LATER, READER
from tests.integration.conftest import SMALL
from tests.support import encrypting

#: What the clock does in every case, once and in this order.
FIRED = ("claim.handle/warn", "claim.handle", "late", "claim.handle/remind")
_OF_THE_CLOCK = [str(one) for one in (Happening.RUNG, Happening.DEADLINE_EXPIRED, Happening.TIMER)]
_OF_CASES = ("task", "deadline", "rung", "agenda", "journal", "supervision")


def broken(url: str, promises: Iterable[Path]) -> list[str]:
    """What is not as it must be; the rest of what is due is done before."""
    said = [line.split() for file in promises for line in file.read_text().splitlines(keepends=True)
            if line.endswith("\n")]  # fmt: skip
    clock = FixedClock(LATER)
    with Engine.open(
        url, clock=clock, processes=SMALL / "processes", rules=SMALL / "rules", keys=encrypting.keys()
    ) as engine:
        while engine.sweep().total:
            pass
        read = {int(number) for words in said if words[0] == "read" for number in words[1:]}
        while (part := engine.feed(after=READER, limit=1000)).entries:
            read |= {entry.id for entry in part.entries}
            engine.acknowledge(READER, part.cursor)
        with engine._runtime.reading() as connection:
            found = [
                *_promises(connection, said), *_order(connection), *_orphans(connection), *_feed(connection, read)
            ]  # fmt: skip
        found += [f"due: {engine.lag()}"] if engine.lag().due else []
        found += [f"incident {one.id}: {one.error}" for one in engine.incidents()]
        return [*found, *(fault.en for fault in engine.audit.verify().faults)]


def _promises(connection: sa.Connection, said: list[list[str]]) -> list[str]:
    """Nothing that somebody was told is lost or there twice."""
    keys = dict(connection.execute(sa.select(schema.case.c.key, schema.case.c.id)).tuples().all())
    notes = set(connection.execute(sa.select(note.c.case_id, note.c.seq)).tuples())
    entry = schema.journal.c
    asked = sa.select(entry.case_id, entry.message_key).where(entry.message_key.is_not(None))
    messages = Counter(connection.execute(asked).tuples())
    found = []
    for what, *words in said:
        if what == "case" and keys.get(words[0]) != int(words[1]):
            found.append(f"lost: case {words[0]}")
        elif what == "note" and (int(words[0]), int(words[1])) not in notes:
            found.append(f"lost: note {words}")
        elif what == "message" and messages[int(words[0]), words[1]] != 1:
            found.append(f"lost or twice: message {words}")
    return found


def _order(connection: sa.Connection) -> list[str]:
    """Every case was opened once, warned, expired and reminded, once and in this order."""
    entry = schema.journal.c
    query = sa.select(entry.case_id, entry.kind, entry.subject)
    wanted = [str(Happening.OPENED), *_OF_THE_CLOCK]
    told: dict[int, list[str | None]] = {case: [] for case in connection.scalars(sa.select(schema.case.c.id))}
    for row in connection.execute(query.where(entry.kind.in_(wanted)).order_by(entry.id)):
        told[row.case_id].append("opened" if row.kind == "opened" else row.subject)
    found = [
        f"out of order in case {case}: {one}"
        for case, one in told.items()
        if tuple(one) != ("opened", *FIRED)
    ]
    agenda = schema.agenda.c
    sent = Counter(connection.scalars(sa.select(agenda.case_id).where(agenda.kind == "delivery")))
    return found + [f"deliveries of case {case}: {sent[case]}" for case in told if sent[case] != 2]


def _orphans(connection: sa.Connection) -> list[str]:
    """No row hangs on a case that is not there."""
    found = []
    for name in _OF_CASES:
        table = schema.metadata.tables[f"jiefen_{name}"]
        lone = table.c.case_id.not_in(sa.select(schema.case.c.id))
        if number := connection.scalar(sa.select(sa.func.count()).select_from(table).where(lone)):
            found.append(f"orphans: {number} rows of {name}")
    return found


def _feed(connection: sa.Connection, read: set[int]) -> list[str]:
    """Whoever reads the feed has read every entry, and none that is not there."""
    entries = set(connection.scalars(sa.select(schema.journal.c.id)))
    missed, invented = len(entries - read), len(read - entries)
    return [f"feed: {missed} entries never read, {invented} that are not there"] if missed or invented else []
