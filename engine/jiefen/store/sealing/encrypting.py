"""Rows from before a database had keys: found where they lie open, and encrypted where they lie.

The journal keeps every entry with its hash. What is encrypted of one gives way to the encrypted data and the number of
the entry that tells of it, which carries a digest of all of them: the chain stays whole, and an auditor still needs no
key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.outside.files import digest_of as digest_of_file
from jiefen.record.chain import canonical, digest_of
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.store import schema
from jiefen.store.counter import files
from jiefen.store.desk import absences
from jiefen.store.sealing.ring import Ring, is_sealed
from jiefen.store.sealing.rows import OPEN_KINDS, Sealer
from jiefen.store.sealing.tables import key_of
from jiefen.store.sealing.types import IN, SEALED, Blinded, Marked, OwnText, Sealed, SealedJson
from jiefen.store.viewing import reads

#: Columns of no case alone.
_OWN: Final[tuple[sa.Column[Any], ...]] = (reads.read.c.because, absences.absence.c.reason)
#: So many rows, and so many files, are encrypted in one transaction.
_ROWS: Final = 500
_FILES: Final = 5
_journal = schema.journal


@dataclass
class OpenCase:
    """What lies open of a locked case.

    Attributes:
        row: the case, as it is read.
        hidden: its facts that must not lie open.
        deadlines: all of them.
        rows: of the tables that hang on it, as they are kept.
        entries: of its journal, as they are kept.
        of_case: something lies open in its own row or those of its deadlines.
    """

    row: CaseRow
    hidden: frozenset[str]
    deadlines: Sequence[DeadlineRow]
    rows: list[tuple[sa.Table, Row[Any]]]
    entries: list[Row[Any]]
    of_case: bool

    def __bool__(self) -> bool:
        return bool(self.rows or self.entries or self.of_case)

    @property
    def sound(self) -> bool:
        """Whether the entries say what they said when they were written."""
        return all(
            one.salt is not None and digest_of(one.salt, one.data) == one.digest for one in self.entries
        )

    def sealed_entries(
        self, connection: Connection, ring: Ring, told: int
    ) -> tuple[list[dict[str, Any]], str]:
        """The entries encrypted, with the number of the entry that tells of it, and the digest of all of them."""
        sealer = Sealer(ring, self.row.id, key_of(connection, ring, self.row.id, new=False))
        whole, found = sha256(), []
        for one in self.entries:
            plain = {name: value for name, value in one.data.items() if name != IN}
            data = sealer.entry_in(one.kind, one.seq, plain, told)
            add_sealed(whole, one.seq, data)
            found.append({"id_": one.id, "data_": Marked(data)})
        return found, whole.hexdigest()

    def write(self, connection: Connection, ring: Ring, entries: list[dict[str, Any]]) -> int:
        """Put what is encrypted in the place of what lay open, once an entry tells of it; how many rows."""
        sealer = Sealer(ring, self.row.id, key_of(connection, ring, self.row.id, new=False))
        for table, row in self.rows:
            plain = {name: value for name, value in row._mapping.items() if not _is_sealed(value)}
            sealed = sealer.row(table, plain)
            changed = {
                column.name: sealed[column.name]
                for column in table.c
                if isinstance(column.type, Sealed | Blinded) and plain.get(column.name)
            }
            same = [column == row._mapping[column.name] for column in table.primary_key]
            connection.execute(sa.update(table).where(*same).values(changed))
        if entries:
            empty = {"salt": None, "covers_salt": None}
            put = sa.update(_journal).where(_journal.c.id == sa.bindparam("id_", type_=schema.Id))
            data = sa.bindparam("data_", type_=_journal.c.data.type)
            connection.execute(put.values(data=data, **empty), entries)
        forget_covered(connection, self.row.id, self.row.entries + 1)
        return len(self.rows) + len(entries) + self.of_case


@cache
def hanging_tables() -> tuple[sa.Table, ...]:
    """The tables with rows of a case that are encrypted, beside the case, its deadlines and its journal."""
    apart = (schema.case, schema.deadline, schema.journal)
    return tuple(
        table
        for table in schema.metadata.sorted_tables
        if table not in apart and any(isinstance(column.type, Sealed) for column in table.c)
    )


def forget_covered(connection: Connection, case_id: int, told: int) -> None:
    """Let nobody try what earlier entries have covered: the entry that tells of it covers all of it anew."""
    entry = _journal.c
    earlier = sa.and_(entry.case_id == case_id, entry.seq < told, entry.covers_salt.is_not(None))
    connection.execute(sa.update(_journal).where(earlier).values(covers_salt=None))


def add_sealed(whole: Any, seq: int, data: object) -> None:
    """Take an entry that was encrypted later into the digest of all of them."""
    whole.update(canonical([seq, data]))


def open_case(
    connection: Connection, row: CaseRow, hidden: Collection[str], deadlines: Sequence[DeadlineRow]
) -> OpenCase:
    """What lies open of a locked case."""
    found = [
        (table, one)
        for table in hanging_tables()
        for one in connection.execute(kept_of(table).where(table.c.case_id == row.id))
        if _lies_open(table, one)
    ]
    entries = connection.execute(
        kept_of(_journal).where(_journal.c.case_id == row.id).order_by(_journal.c.seq)
    )
    kept = connection.execute(kept_of(schema.case).where(schema.case.c.id == row.id)).one()
    words = kept_of(schema.deadline).where(schema.deadline.c.case_id == row.id)
    of_case = (
        (SEALED not in kept.facts and any(name in hidden for name in kept.facts))
        or bool(kept.kept_messages and not _is_sealed(kept.kept_messages))
        or any(_lies_open(schema.deadline, one) for one in connection.execute(words))
    )
    return OpenCase(
        row, frozenset(hidden), deadlines, found, [one for one in entries if _tells(one)], of_case
    )


def encrypt_rest(connection: Connection, ring: Ring, column: int, after: str) -> tuple[int, str | None]:
    """Encrypt some of what belongs to no case alone: how many rows, and where to go on; ``None``: at the end.

    Args:
        column: the number of the table, from 0 to :data:`REST`.
    """
    if column == len(_OWN):
        return _encrypt_files(connection, ring, after)
    mine = _OWN[column]
    key = mine.table.c.id
    query = sa.select(key, sa.type_coerce(mine, sa.Text).label("text")).where(key > int(after or 0))
    rows = connection.execute(query.order_by(key).limit(_ROWS)).all()
    plain = [row for row in rows if row.text and not is_sealed(row.text)]
    for row in plain:
        connection.execute(sa.update(mine.table).where(key == row.id).values({mine.name: row.text}))
    return len(plain), str(rows[-1].id) if len(rows) == _ROWS else None


#: The last of the tables of :func:`encrypt_rest`.
REST: Final = len(_OWN)


def _encrypt_files(connection: Connection, ring: Ring, after: str) -> tuple[int, str | None]:
    file = files.file
    query = sa.select(file).where(file.c.digest > after).order_by(file.c.digest).limit(_FILES)
    rows = connection.execute(query).all()
    kept, done = files.DatabaseFiles(connection), 0
    for row in rows:
        if digest_of_file(bytes(row.content)) == row.digest:
            kept.keep(row.digest, bytes(row.content))
            done += 1
    return done, rows[-1].digest if len(rows) == _FILES else None


def cases(connection: Connection, after: int, limit: int) -> list[int]:
    """Cases behind an id, by id."""
    id = schema.case.c.id
    return list(connection.scalars(sa.select(id).where(id > after).order_by(id).limit(limit)))


def rewrite(connection: Connection) -> None:
    """Write the tables anew, so that no page of theirs has anything left of what lay open; outside of a transaction."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        driver.execute("VACUUM")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    for table in schema.metadata.sorted_tables:
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table.name}")
    connection.exec_driver_sql("CHECKPOINT")


def kept_of(table: sa.Table) -> sa.Select[Any]:
    """Rows as they are kept."""
    return sa.select(*(_raw(column).label(column.name) for column in table.c))


def _raw(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, SealedJson):
        return sa.type_coerce(column, schema.Json)
    if isinstance(column.type, Sealed | Blinded | OwnText):
        return sa.type_coerce(column, sa.Text)
    return column


def _lies_open(table: sa.Table, row: Row[Any]) -> bool:
    values = (row._mapping[column.name] for column in table.c if isinstance(column.type, Sealed))
    return any(value and not _is_sealed(value) for value in values)


def _tells(entry: Row[Any]) -> bool:
    """Whether an entry of the journal has something to hide, and does not hide it."""
    return bool(
        entry.data
        and entry.kind not in OPEN_KINDS
        and not _is_sealed(entry.data)
        and (entry.salt is not None or "erased" not in entry.data)
    )


def _is_sealed(value: object) -> bool:
    return is_sealed(value) or (isinstance(value, dict) and SEALED in value)
