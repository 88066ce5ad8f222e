"""The chain of a journal told a second time, after ``docs/proof.md`` and with nothing of the engine's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from jiefen import Engine
from jiefen.store import schema
from jiefen.store.sealing.types import SealedJson


def written(value: object) -> bytes:
    """A value as the page says that it is hashed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def as_kept(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """The columns of a table as they are kept: what is encrypted stays so."""
    return [
        sa.type_coerce(column, schema.Json).label(column.name)
        if isinstance(column.type, SealedJson)
        else column
        for column in table.c
    ]


def faults(engine: Engine) -> list[str]:
    """What is wrong with the chains of a database, by the page alone."""
    found = []
    with engine._runtime.reading() as connection:
        cases = connection.execute(sa.select(*as_kept(schema.case))).all()
        entries = connection.execute(sa.select(*as_kept(schema.journal)).order_by(schema.journal.c.id)).all()
    for case in cases:
        mine = [entry for entry in entries if entry.case_id == case.id]
        found += [f"case {case.id}: {fault}" for fault in _faults(case, mine)]
    return found


def _faults(case: Any, entries: Sequence[Any]) -> list[str]:
    found, before = [], bytes(32)
    for seq, entry in enumerate(entries, 1):
        if entry.seq != seq:
            found.append(f"entry {entry.id} has number {entry.seq} instead of {seq}")
        if sha256(entry.salt + written(entry.data)).digest() != entry.digest:
            found.append(f"the data of entry {seq}")
        at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
        line = [
            "jiefen.entry.1", entry.case_id, seq, before.hex(), at, entry.actor, entry.kind, entry.subject,
            entry.message_key, entry.digest.hex(), entry.covers,
        ]  # fmt: skip
        before = sha256(written(line)).digest()
        if entry.hash != before:
            found.append(f"the hash of entry {seq}")
            return found
    if case.entries != len(entries) or (entries and case.head != before):
        found.append("the head")
    return found
