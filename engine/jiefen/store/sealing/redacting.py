"""Words that are taken out of everything that is kept of a case, wherever they stand.

In the journal what is left of an entry takes the place of its data, with the number of the entry that tells of it, as
for what is encrypted later (``encrypting``): the chain stays whole, and nobody finds the words again by trying.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.store import schema
from jiefen.store.desk import parties
from jiefen.store.sealing.encrypting import add_sealed, forget_covered, hanging_tables, kept_of
from jiefen.store.sealing.ring import ring_of
from jiefen.store.sealing.rows import OPEN_KINDS, Sealer
from jiefen.store.sealing.tables import key_of
from jiefen.store.sealing.types import IN, Marked, Sealed

#: What stands where words were.
GONE = "***"


class Redaction:
    """Words to be taken out of a locked case."""

    def __init__(self, connection: Connection, row: CaseRow, words: Collection[str]) -> None:
        self._connection, self._row = connection, row
        # The longest first, so that a name in a longer one does not leave the rest of it.
        self._words = sorted(words, key=len, reverse=True)
        ring = ring_of(connection.dialect)
        self._sealer = (
            None if ring is None else Sealer(ring, row.id, key_of(connection, ring, row.id, new=False))
        )

    def without(self, value: Any) -> Any:
        """A value as JSON carries it, without the words."""
        if isinstance(value, str):
            for word in self._words:
                value = value.replace(word, GONE)
            return value
        if isinstance(value, dict):
            return {self.without(name): self.without(one) for name, one in value.items()}
        return [self.without(one) for one in value] if isinstance(value, list | tuple) else value

    def deadlines(self, rows: Sequence[DeadlineRow]) -> list[DeadlineRow]:
        """Those of some deadlines whose words change, without the words."""
        found = [row._replace(extensions=self.without(row.extensions)) for row in rows]
        return [after for before, after in zip(rows, found, strict=True) if after != before]

    def rows(self) -> int:
        """Take the words out of the rows that hang on the case; how many had them."""
        done = 0
        for table in hanging_tables():
            columns = [column for column in table.c if isinstance(column.type, Sealed)]
            for row in self._connection.execute(
                sa.select(table).where(table.c.case_id == self._row.id)
            ).all():
                said = {column.name: row._mapping[column.name] for column in columns}
                changed = {name: after for name, one in said.items() if (after := self.without(one)) != one}
                if not changed:
                    continue
                whole = {**row._mapping, **changed}
                if table is parties.party:
                    changed |= parties.keys_of(whole["name"], whole["phone"], whole["id_number"])
                    changed["opened_as"] = None
                written = {name: whole[name] for name in changed if name in said}
                marked = self._marked(table, {**row._mapping, **written}, written)
                same = [column == row._mapping[column.name] for column in table.primary_key]
                self._connection.execute(sa.update(table).where(*same).values(changed | marked))
                done += 1
        return done

    def journal(self, told: int) -> tuple[list[dict[str, Any]], str, int]:
        """What takes the place of entries that have the words, the digest of it, and how many have them.

        Entries whose data gave way before come along: the entry that told of them tells of what they were.

        Args:
            told: the number of the entry that will tell of it.
        """
        entry = schema.journal.c
        mine = entry.case_id == self._row.id
        read = self._connection.execute(sa.select(entry.id, entry.data).where(mine)).all()
        plain = {row.id: row.data for row in read}
        whole, found, places = sha256(), [], 0
        for row in self._connection.execute(kept_of(schema.journal).where(mine).order_by(entry.seq)):
            before = plain[row.id]
            after = self.without(before)
            within = isinstance(row.data, dict) and IN in row.data
            if not before or row.kind in OPEN_KINDS or (after == before and not within):
                continue
            places += after != before
            data = {**after, IN: told} if self._sealer is None else self._sealer.entry_in(
                row.kind, row.seq, after, told
            )  # fmt: skip
            add_sealed(whole, row.seq, data)
            found.append({"id_": row.id, "data_": Marked(data)})
        return found, whole.hexdigest(), places

    def _marked(self, table: sa.Table, row: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
        if self._sealer is None:
            return {name: Marked(value) for name, value in written.items()}
        return {name: value for name, value in self._sealer.row(table, row).items() if name in written}


def replace_entries(
    connection: Connection, case_id: int, entries: Sequence[dict[str, Any]], told: int
) -> None:
    """Let what is left take the place of the data of entries, once an entry tells of it."""
    if entries:
        put = sa.update(schema.journal).where(schema.journal.c.id == sa.bindparam("id_", type_=schema.Id))
        data = sa.bindparam("data_", type_=schema.journal.c.data.type)
        connection.execute(put.values(data=data, salt=None, covers_salt=None), list(entries))
    forget_covered(connection, case_id, told)
