"""A database that gets keys late: what it keeps is encrypted case by case, while everybody works."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from jiefen.case.runtime import Runtime
from jiefen.commands.acting import keep, recording_of
from jiefen.errors import KeysError
from jiefen.record.desk.terms import TEXTS
from jiefen.record.kinds import Happening
from jiefen.record.retention.kept import Encrypted
from jiefen.store import cases as store
from jiefen.store import reading
from jiefen.store.sealing import encrypting, erasing
from jiefen.store.sealing.ring import Ring


def ring_of(runtime: Runtime, what: str) -> Ring:
    """The keys of the database.

    Raises:
        KeysError: it has none.
    """
    ring = runtime.database.ring
    if ring is None:
        raise KeysError(f"this database is not encrypted, so there is nothing to {what}; open it with keys=")
    return ring


def encrypt(runtime: Runtime, after: int, limit: int) -> Encrypted:
    """Encrypt what lies open of some cases behind an id, and after the last case what belongs to none."""
    ring = ring_of(runtime, "encrypt")
    with runtime.reading() as connection:
        page = encrypting.cases(connection, after, limit)
    done, unsound = [], []
    for case in page:
        with runtime.writing() as connection:
            erasing.overwrite(connection)
            rows = _encrypt_case(runtime, connection, ring, case)
        if rows is None:
            unsound.append(case)
        elif rows:
            done.append(rows)
    if len(page) == limit:
        return Encrypted(cases=len(done), rows=sum(done), unsound=tuple(unsound), after=page[-1])
    rest = _encrypt_rest(runtime, ring)
    return Encrypted(cases=len(done), rows=sum(done) + rest, unsound=tuple(unsound), after=None)


def _encrypt_case(runtime: Runtime, connection: Connection, ring: Ring, case: int) -> int | None:
    """How many rows were encrypted of a case; ``None``: its journal is not as it was written."""
    row = store.lock_case(connection, case)
    if row is None:
        return 0
    vocabulary = runtime.edition_of(connection, row.edition).rulebook.vocabulary
    hidden = vocabulary.hidden | (row.facts.keys() - vocabulary.facts.keys())
    found = encrypting.open_case(connection, row, hidden, reading.deadlines(connection, case))
    if not found:
        return 0
    if not found.sound:
        return None
    entries, digest = found.sealed_entries(connection, ring, row.entries + 1)
    recording = recording_of(runtime, row, runtime.program)
    # All that an entry covers: what those before have covered cannot be compared any more.
    recording.changes.case.update(facts=row.facts, state=row.state)
    recording.changes.deadlines = list(found.deadlines)
    recording.changes.hidden = hidden
    texts: dict[str, object] = dict.fromkeys(TEXTS)
    recording.changes.facts = texts | {name: row.facts[name] for name in hidden if name in row.facts}
    recording.note(Happening.ENCRYPTED, None, replaced=len(entries), digest=digest)
    keep(connection, recording)
    return found.write(connection, ring, entries)


def _encrypt_rest(runtime: Runtime, ring: Ring) -> int:
    rows = 0
    for number in range(encrypting.REST + 1):
        after: str | None = ""
        while after is not None:
            with runtime.writing() as connection:
                erasing.overwrite(connection)
                done, after = encrypting.encrypt_rest(connection, ring, number, after)
            rows += done
    return rows
