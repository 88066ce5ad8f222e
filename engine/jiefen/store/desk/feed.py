"""The journal of all cases in one order, and how far each of its readers has come.

The numbers of the journal are given out when an entry is written, and an entry is seen when its transaction is over: on
PostgreSQL a reader that goes by the numbers alone misses what a slow transaction writes. So each transaction leaves a
mark, below every number that it may be given, for as long as it lasts; the marks are advisory locks, which everybody
sees at once. Up to the lowest mark nothing can come any more. Entries of one case are numbered under the lock of the
case: their order is the order in which they happened. SQLite has one writer at a time, so its numbers are in order.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.connecting.marks import GIVEN, MARK_BITS, MARKS
from jiefen.store.viewing.seen import EVERYTHING, Seen

_case = schema.case.c
_BITS: Final = (1 << MARK_BITS) - 1

cursor = sa.Table(
    "jiefen_cursor",
    schema.metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("after", schema.Id, nullable=False),
    sa.Column("updated_at", schema.Instant, nullable=False),
)

_LOWEST_MARK = sa.text(
    "SELECT min(((classid::bigint << 32) | objid::bigint) & :bits) FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND ((classid::bigint << 32) | objid::bigint) >> :width = :marks"
)


def settled(connection: Connection) -> int | None:
    """The number up to which nothing can come any more; ``None``: whatever can be seen is all there is.

    It is asked for before the entries, in a statement of its own: what was over then is seen afterwards.
    """
    if connection.dialect.name != "postgresql":
        return None
    given = int(connection.scalar(sa.text(GIVEN)) or 0)
    lowest = connection.scalar(_LOWEST_MARK, {"bits": _BITS, "width": MARK_BITS, "marks": MARKS})
    return given if lowest is None else min(given, int(lowest))


def entries(
    connection: Connection,
    after: int,
    until: int | None,
    kinds: Collection[str] | None,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Entries of all cases after a number, in their order; of a reader's, with what is withheld of their cases."""
    journal = schema.journal.c
    query = sa.select(*schema.TELLING).where(journal.id > after)
    if seen.conditions:
        of_case = (_case.edition.label("edition"), _case.grade.label("grade"), *seen.columns)
        query = query.add_columns(*of_case).join(schema.case, _case.id == journal.case_id)
        # Not of the cases that are joined: who sees few would have them all looked through before the entries.
        query = query.where(*seen.of(journal.case_id))
    if until is not None:
        query = query.where(journal.id <= until)
    if kinds is not None:
        query = query.where(journal.kind.in_(kinds))
    return list(connection.execute(query.order_by(journal.id).limit(limit)))


def newest(connection: Connection) -> int:
    """The number of the newest entry that can be seen; 0 when there is none."""
    return int(connection.scalar(sa.select(sa.func.max(schema.journal.c.id))) or 0)


def place(connection: Connection, name: str) -> int:
    """How far a reader has come; 0 when it has not begun."""
    return int(connection.scalar(sa.select(cursor.c.after).where(cursor.c.name == name)) or 0)


def keep_place(connection: Connection, name: str, after: int, at: datetime) -> None:
    """Keep how far a reader has come; it never goes back."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(cursor).values(name=name, after=after, updated_at=at)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"after": statement.excluded.after, "updated_at": statement.excluded.updated_at},
            where=cursor.c.after < statement.excluded.after,
        )
    )
