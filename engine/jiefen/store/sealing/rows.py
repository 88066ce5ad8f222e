"""Rows as they are written where there are keys: what must not lie open is encrypted, each value for its place.

Facts that tell nothing about people stay open, so that figures and lists by them need no keys; so do the few parts of
the journal that statements look at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jiefen.record.chain import LinkedRow
from jiefen.record.changes import Changes
from jiefen.record.kinds import Happening
from jiefen.record.rows import CaseRow, DeadlineRow, JournalRow, TaskRow
from jiefen.store import schema
from jiefen.store.counter.kept import WRITTEN
from jiefen.store.desk import links, parties
from jiefen.store.sealing.ring import Ring, of_case, ring_of
from jiefen.store.sealing.tables import key_of
from jiefen.store.sealing.types import HIDDEN, IN, SEALED, Marked, Sealed, SealedJson
from jiefen.store.statements import dump_json

#: Parts of the data of a journal entry that statements look at: of every kind, and of one.
_LOOKED_AT: Final[Mapping[str | None, tuple[str, ...]]] = {None: ("row",), Happening.MOVED: ("before",)}
#: Entries whose data say nothing about people: of what was erased and encrypted, and by which rules a case went.
OPEN_KINDS: Final = frozenset(
    {Happening.RULES_CHANGED, Happening.ERASED, Happening.REDACTED, Happening.ENCRYPTED}
)


class Sealer:
    """Encrypts what is written of one case, by its key."""

    def __init__(self, ring: Ring, case_id: int, wrapped: str) -> None:
        self._ring, self._case, self._wrapped = ring, case_id, wrapped

    def changes(self, row: CaseRow, changes: Changes) -> Changes:
        """What one call writes, with all that is encrypted of it; what it was made from stays as it is."""
        return replace(
            changes,
            case=self._case_row(row, changes),
            tasks=[self._task(one) for one in changes.tasks],
            deadlines=[self._deadline(one) for one in changes.deadlines],
            agenda=[self.row(schema.agenda, one) for one in changes.agenda],
            readdressed={
                entry: (kind, ref, self._entry_of_agenda(kind, ref, data))
                for entry, (kind, ref, data) in changes.readdressed.items()
            },
            supervisions=[self.row(schema.supervision, one) for one in changes.supervisions],
            parties=[self.row(parties.party, one) for one in changes.parties],
            links=[self.row(links.link, one) for one in changes.links],
            counter={
                kept: [self.row(WRITTEN[kept].table, one) for one in rows]
                for kept, rows in changes.counter.items()
            },
            journal=self.entries(changes.journal, row.entries),
        )

    def row(self, table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with what is encrypted of it, marked."""
        return {**row, **{name: Marked(value) for name, value in self._sealed_of(table, row).items()}}

    def entries(self, entries: Sequence[JournalRow], before: int) -> list[JournalRow]:
        """Entries of the journal, behind so many that are there already."""
        return [self._entry(entry, seq) for seq, entry in enumerate(entries, before + 1)]

    def text(self, column: sa.Column[Any], row: Mapping[str, Any], text: str) -> Marked:
        """One text of a row."""
        return Marked(self._seal(text, _type_of(column).bound_to(row)))

    def entry_in(self, kind: str, seq: int, data: Mapping[str, Any], told: int) -> dict[str, Any]:
        """The data of an entry that lay open, with the number of the entry that tells of its encryption."""
        seen, sealed = self._hidden(kind, seq, data)
        return {**seen, SEALED: sealed, IN: told}

    def _entry(self, entry: JournalRow, seq: int) -> JournalRow:
        if not entry.data or entry.kind in OPEN_KINDS:
            return entry
        seen, sealed = self._hidden(entry.kind, seq, entry.data)
        data: Any = {**seen, SEALED: sealed} if seen else sealed
        return entry._replace(data=data)

    def _hidden(self, kind: str, seq: int, data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """What stays open of the data of an entry, and the rest encrypted."""
        looked_at = (*_LOOKED_AT[None], *_LOOKED_AT.get(kind, ()))
        seen = {name: data[name] for name in looked_at if name in data}
        hidden = {name: value for name, value in data.items() if name not in seen}
        bound_to = _type_of(schema.journal.c.data).bound_to({"case_id": self._case, "seq": seq})
        return seen, self._seal(dump_json(hidden), bound_to)

    def _case_row(self, row: CaseRow, changes: Changes) -> dict[str, Any]:
        written = dict(changes.case)
        if row.kept_messages:
            # The chain covers the columns of a case as they are kept; those that are encrypted are written again.
            written.setdefault("kept_messages", row.kept_messages)
        kept = written | self._sealed_of(schema.case, written | {"id": self._case})
        if "facts" in written:
            kept["facts"] = self._facts(written["facts"], changes.hidden)
        return kept

    def _facts(self, facts: Mapping[str, Any], names: Collection[str]) -> Mapping[str, Any]:
        """The facts of a case: those that are hidden in one piece, of which the names alone can be seen."""
        hidden = {name: value for name, value in facts.items() if name in names}
        if not hidden:
            return facts
        sealed = self._seal(dump_json(hidden), _type_of(schema.case.c.facts).bound_to({"id": self._case}))
        return {**facts, **dict.fromkeys(hidden, HIDDEN), SEALED: sealed}

    def _task(self, row: TaskRow) -> TaskRow:
        if not row.locals:
            return row
        kept: Any = self.row(schema.task, row._asdict())["locals"]
        return row._replace(locals=kept)

    def _deadline(self, row: DeadlineRow) -> DeadlineRow:
        """As it is kept, for the chain; :func:`marked_deadlines` lets it be written."""
        if not row.extensions and not row.suspensions:
            return row
        kept: Any = self._sealed_of(schema.deadline, row._asdict())
        return row._replace(**kept)

    def _entry_of_agenda(self, kind: str, ref: str, data: Mapping[str, Any]) -> Any:
        return self.row(schema.agenda, {"case_id": self._case, "kind": kind, "ref": ref, "data": data})[
            "data"
        ]

    def _sealed_of(self, table: sa.Table, row: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for name, kind in _sealed_columns(table):
            if value := row.get(name):
                text = dump_json(value) if isinstance(kind, SealedJson) else value
                found[name] = self._seal(text, kind.bound_to(row))
        return found

    def _seal(self, text: str, bound_to: str) -> str:
        return self._ring.seal(of_case(self._case), self._wrapped, text, bound_to)


def sealed_changes(connection: Connection, row: CaseRow, changes: Changes) -> Changes:
    """What one call writes to a locked case, with what is encrypted of it where there are keys.

    The columns of the case and the data of the journal come as they are kept, for the chain; :func:`marked` and
    :func:`marked_entries` let them be written.

    Args:
        row: the case before the call.
    """
    ring = ring_of(connection.dialect)
    if ring is None:
        return changes
    return Sealer(ring, row.id, key_of(connection, ring, row.id, new=row.revision == 0)).changes(row, changes)


def sealed_entries(
    connection: Connection, case_id: int, entries: Sequence[JournalRow], before: int
) -> Sequence[JournalRow]:
    """Entries of the journal of a locked case as they are kept.

    Args:
        before: how many entries it has.
    """
    ring = ring_of(connection.dialect)
    if ring is None:
        return entries
    return Sealer(ring, case_id, key_of(connection, ring, case_id, new=False)).entries(entries, before)


def marked(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a row as they are kept, to be written."""
    if ring_of(connection.dialect) is None:
        return dict(values)
    sealed = {name for name, _ in _sealed_columns(table)}
    return {name: Marked(value) if name in sealed else value for name, value in values.items()}


def marked_entries(connection: Connection, entries: Sequence[LinkedRow]) -> Sequence[LinkedRow]:
    """Entries of the journal as they are kept, to be written."""
    if ring_of(connection.dialect) is None:
        return entries
    data: list[Any] = [Marked(entry.data) for entry in entries]
    return [entry._replace(data=one) for entry, one in zip(entries, data, strict=True)]


def marked_deadlines(connection: Connection, rows: Sequence[DeadlineRow]) -> Sequence[DeadlineRow]:
    """Deadlines as they are kept, to be written."""
    if ring_of(connection.dialect) is None:
        return rows
    return [row._replace(**_marks(row)) for row in rows]


def _marks(row: DeadlineRow) -> dict[str, Any]:
    return {"extensions": Marked(row.extensions), "suspensions": Marked(row.suspensions)}


def sealed_text(
    connection: Connection, column: sa.Column[Any], case_id: int | None, row: Mapping[str, Any], text: str
) -> Marked:
    """A text of a row of a case, encrypted where there are keys; of no case, as it is."""
    ring = ring_of(connection.dialect)
    if ring is None or case_id is None or not text:
        return Marked(text)
    return Sealer(ring, case_id, key_of(connection, ring, case_id, new=False)).text(column, row, text)


@cache
def _sealed_columns(table: sa.Table) -> tuple[tuple[str, Sealed], ...]:
    return tuple((column.name, column.type) for column in table.c if isinstance(column.type, Sealed))


def _type_of(column: sa.Column[Any]) -> Sealed:
    kind = column.type
    assert isinstance(kind, Sealed)
    return kind
