"""The queries around the people of a case: supervisions, the leader, recusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import EntryKind, EntryStatus
from jiefen.store import schema
from jiefen.store.reading import within

_agenda, _supervision, _task = schema.agenda, schema.supervision, schema.task
#: Deliveries that are still to be carried.
_NOT_CARRIED = [str(one) for one in EntryStatus if one is not EntryStatus.SENT and not one.over]


def supervision(connection: Connection, case_id: int, ref: str) -> Row[Any] | None:
    """One supervision of a case."""
    query = sa.select(_supervision).where(_supervision.c.case_id == case_id, _supervision.c.ref == ref)
    return connection.execute(query).one_or_none()


def supervisions(
    connection: Connection,
    *,
    status: str,
    overdue_at: datetime | None,
    case_id: int | None,
    area: str | None,
    role: str | None,
    after: int,
    limit: int,
) -> list[Row[Any]]:
    """Supervisions by id; with ``overdue_at`` those whose time was over then."""
    query = sa.select(_supervision).where(_supervision.c.status == status, _supervision.c.id > after)
    if overdue_at is not None:
        query = query.where(_supervision.c.reply_at <= overdue_at)
    if case_id is not None:
        query = query.where(_supervision.c.case_id == case_id)
    if area is not None:
        query = query.where(within(_supervision.c.area, area))
    if role is not None:
        query = query.where(_supervision.c.role == role)
    return list(connection.execute(query.order_by(_supervision.c.id).limit(limit)))


def to_be_told(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The deliveries of a case that were not carried yet and say whom they are for, the oldest first."""
    query = sa.select(_agenda).where(
        _agenda.c.case_id == case_id,
        _agenda.c.kind == str(EntryKind.DELIVERY),
        _agenda.c.status.in_(_NOT_CARRIED),
    )
    return [row for row in connection.execute(query.order_by(_agenda.c.id)) if "holders" in row.data]


def still_open(connection: Connection, case_id: int) -> list[tuple[Row[Any], Row[Any] | None]]:
    """The open supervisions of a case, each with what the agenda holds for the time of its answer."""
    query = sa.select(_agenda).where(_agenda.c.case_id == case_id, _agenda.c.kind == str(EntryKind.REPLY))
    replies = {row.ref: row for row in connection.execute(query)}
    query = sa.select(_supervision).where(_supervision.c.case_id == case_id, _supervision.c.status == "open")
    rows = connection.execute(query.order_by(_supervision.c.id))
    return [(row, replies.get(row.ref)) for row in rows]


def claimed_by(connection: Connection, case_id: int, person: str) -> list[int]:
    """The open tasks of a case that a person has claimed, by their number in the case."""
    query = sa.select(_task.c.key).where(
        _task.c.case_id == case_id, _task.c.assignee == person, _task.c.status == "open"
    )
    return list(connection.scalars(query.order_by(_task.c.key)))
