"""The queries of the agenda: one table, one scan, one way to claim."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema

_entry = schema.agenda


_DUE = (
    sa.select(*(column.label(f"entry_{column.name}") for column in _entry.c), schema.case)
    .select_from(_entry.join(schema.case, schema.case.c.id == _entry.c.case_id))
    .where(
        _entry.c.status == "pending",
        _entry.c.next_try_at <= sa.bindparam("now_", type_=schema.Instant()),
        sa.or_(_entry.c.topic.is_(None), _entry.c.topic.in_(sa.bindparam("topics_", expanding=True))),
    )
    .order_by(_entry.c.next_try_at, _entry.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def claim_incident(connection: Connection, entry_id: int) -> Row[Any] | None:
    """An incident by its id, locked together with its case; columns as for :func:`claim_next`."""
    query = (
        sa.select(*(column.label(f"entry_{column.name}") for column in _entry.c), schema.case)
        .select_from(_entry.join(schema.case, schema.case.c.id == _entry.c.case_id))
        .where(_entry.c.id == entry_id, _entry.c.status == "incident")
        .with_for_update()
    )
    rows: list[Row[Any]] = list(connection.execute(query))
    return rows[0] if rows else None


def claim_next(connection: Connection, now: datetime, topics: Collection[str]) -> Row[Any] | None:
    """The entry that has been due the longest, locked together with its case.

    Columns of the entry carry the prefix ``entry_``; the others are the case's. Entries whose case another
    worker holds are passed over: they are that worker's to finish, or the next sweep's. So are deliveries of other
    ``topics`` than those given: a worker that has an adapter for them will take them.
    """
    rows: list[Row[Any]] = list(connection.execute(_DUE, {"now_": now, "topics_": sorted(topics)}))
    return rows[0] if rows else None


def postpone(
    connection: Connection,
    entry_id: int,
    *,
    next_try_at: datetime,
    attempts: int,
    error: str | None = None,
    status: str = "pending",
    if_still: tuple[int, datetime] | None = None,
) -> bool:
    """Put an entry off to ``next_try_at``, or make an incident of it.

    With ``if_still``, its attempts and its next try, only while it stands there unchanged. Whether it was put off.
    """
    query = sa.update(_entry).where(_entry.c.id == entry_id)
    if if_still is not None:
        query = query.where(_entry.c.attempts == if_still[0], _entry.c.next_try_at == if_still[1])
    values = {"next_try_at": next_try_at, "attempts": attempts, "error": error, "status": status}
    return connection.execute(query.values(values)).rowcount == 1


def remove(connection: Connection, case_id: int, kind: str, ref: str) -> None:
    """Take something of a case off the agenda outside of a step."""
    connection.execute(
        sa.delete(_entry).where(_entry.c.case_id == case_id, _entry.c.kind == kind, _entry.c.ref == ref)
    )


def unpark(connection: Connection, topics: Collection[str]) -> int:
    """Let parked deliveries of ``topics`` be sent: an adapter for them has come. How many there were."""
    query = sa.update(_entry).where(_entry.c.status == "parked", _entry.c.topic.in_(sorted(topics)))
    return connection.execute(query.values(status="pending")).rowcount


def entry(connection: Connection, entry_id: int) -> Row[Any] | None:
    """One entry by its id."""
    return connection.execute(sa.select(_entry).where(_entry.c.id == entry_id)).one_or_none()


def entries(connection: Connection, status: str, kind: str | None, after: int, limit: int) -> list[Row[Any]]:
    """Entries of one status in the order of their ids, for lists that people look at."""
    query = sa.select(_entry).where(_entry.c.status == status, _entry.c.id > after)
    if kind is not None:
        query = query.where(_entry.c.kind == kind)
    return list(connection.execute(query.order_by(_entry.c.id).limit(limit)))


def lag(connection: Connection, now: datetime) -> tuple[int, datetime | None, int]:
    """How many entries are due, since when the oldest has been, and how many incidents wait for a person."""
    due = sa.and_(_entry.c.status == "pending", _entry.c.next_try_at <= now)
    row = connection.execute(
        sa.select(
            sa.func.count().filter(due),
            sa.func.min(_entry.c.next_try_at).filter(due),
            sa.func.count().filter(_entry.c.status == "incident"),
        )
        .select_from(_entry)
        .where(sa.or_(due, _entry.c.status == "incident"))
    ).one()
    return row[0], row[1], row[2]
