"""The queries of an auditor: everything once, in the order of cases, a bounded number of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.rows import CaseRow
from jiefen.store import schema
from jiefen.store.desk import feed
from jiefen.store.sealing.covering import ASPECTS, columns_of
from jiefen.store.sealing.types import Sealed, SealedJson

_ROWS: Final = 2_000


def _kept(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A column as it is kept: what is encrypted stays so, for that is what is covered."""
    if isinstance(column.type, Sealed):
        kind = schema.Json if isinstance(column.type, SealedJson) else sa.Text()
        return sa.type_coerce(column, kind).label(column.name)
    return column


_CASE = [_kept(schema.case.c[name]) for name in (*CaseRow._fields, "chained_from")]
_ENTRY = [_kept(column) for column in schema.journal.c]
_entry = schema.journal.c


@contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """What is read inside is how the database was at one instant, whoever writes meanwhile."""
    if connection.dialect.name != "postgresql":
        yield  # a transaction of SQLite is one
        return
    driver: Any = connection.connection.dbapi_connection
    begin = "BEGIN" if driver.autocommit else "SET TRANSACTION"
    connection.exec_driver_sql(f"{begin} ISOLATION LEVEL REPEATABLE READ")
    try:
        yield
    finally:
        if driver.autocommit:
            connection.exec_driver_sql("ROLLBACK")


def cases(connection: Connection, after: int, until: int | None, limit: int) -> Sequence[Row[Any]]:
    """Cases after an id, up to another one, by id."""
    query = sa.select(*_CASE).where(schema.case.c.id > after)
    if until is not None:
        query = query.where(schema.case.c.id <= until)
    return connection.execute(query.order_by(schema.case.c.id).limit(limit)).all()


def ends_of_parts(connection: Connection, after: int, until: int | None, parts: int) -> list[int | None]:
    """The last ids of parts of the cases after an id, about as many cases in each; the last part ends where all do."""
    case = schema.case.c.id
    within = case > after if until is None else sa.and_(case > after, case <= until)
    first, last = connection.execute(sa.select(sa.func.min(case), sa.func.max(case)).where(within)).one()
    if first is None:
        return [until]
    step = -(-(last - first + 1) // parts)
    return [*range(first + step - 1, last, step), until]


def deadlines(connection: Connection, after: int, until: int) -> Iterator[Row[Any]]:
    """The deadlines of cases after an id, up to another one, by case."""
    deadline = schema.deadline.c
    query = sa.select(*map(_kept, schema.deadline.c)).where(
        deadline.case_id > after, deadline.case_id <= until
    )
    return _streamed(connection, query.order_by(deadline.case_id, deadline.seq))


def unreadable(connection: Connection) -> frozenset[str]:
    """The names of covered tables that this role of PostgreSQL may not read."""
    if connection.dialect.name != "postgresql":
        return frozenset()
    names = [table.name for table in ASPECTS]
    may = [sa.func.has_any_column_privilege(name, "SELECT").label(name) for name in names]
    found = connection.execute(sa.select(*may)).one()
    return frozenset(name for name, readable in zip(names, found, strict=True) if not readable)


def rows(connection: Connection, table: sa.Table, after: int, until: int) -> Iterator[Row[Any]]:
    """What is covered of a table that hangs on cases after an id, up to another one, by case."""
    columns = [_kept(table.c[name]) for name in columns_of(table)]
    query = sa.select(*columns).where(table.c.case_id > after, table.c.case_id <= until)
    return _streamed(connection, query.order_by(table.c.case_id))


def entries(connection: Connection, after: int, until: int | None) -> Iterator[Row[Any]]:
    """The entries of cases after an id, up to another one, by case and in order."""
    query = sa.select(*_ENTRY).where(_entry.case_id > after)
    if until is not None:
        query = query.where(_entry.case_id <= until)
    return _streamed(connection, query.order_by(_entry.case_id, _entry.id))


def heads(connection: Connection, after: int, until: int) -> Iterator[Row[Any]]:
    """The last entry of each case in a range of the numbers of the journal, by case."""
    within = sa.and_(_entry.id > after, _entry.id <= until)
    last = sa.select(sa.func.max(_entry.id).label("id")).where(within).group_by(_entry.case_id).subquery()
    query = sa.select(_entry.case_id, _entry.seq, _entry.hash).join(last, _entry.id == last.c.id)
    return _streamed(connection, query.order_by(_entry.case_id))


def count(connection: Connection, after: int, until: int) -> int:
    """How many entries there are in a range of the numbers of the journal."""
    query = sa.select(sa.func.count()).where(_entry.id > after, _entry.id <= until)
    return int(connection.scalar(query) or 0)


def hashes(connection: Connection, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes | None]:
    """The hashes of entries by case and number, of those that are there."""
    wanted = [sa.and_(_entry.case_id == case, _entry.seq == seq) for case, seq in places]
    rows = connection.execute(sa.select(_entry.case_id, _entry.seq, _entry.hash).where(sa.or_(*wanted)))
    return {(row.case_id, row.seq): row.hash for row in rows}


def last_settled(connection: Connection) -> int:
    """The number of the journal up to which nothing can come any more."""
    settled = feed.settled(connection)
    newest = feed.newest(connection)
    return newest if settled is None else min(settled, newest)


def editions(connection: Connection) -> Iterator[Any]:
    """Every edition that is kept, its digest and its content."""
    for digest in connection.scalars(sa.select(schema.edition.c.digest)).all():
        query = sa.select(schema.edition.c.digest, schema.edition.c.content)
        yield connection.execute(query.where(schema.edition.c.digest == digest)).one()


def _streamed(connection: Connection, query: sa.Select[Any]) -> Iterator[Row[Any]]:
    """Rows of a query, a bounded number of them at a time."""
    return iter(connection.execute(query, execution_options={"yield_per": _ROWS}))
