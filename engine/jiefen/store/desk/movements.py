"""What happened last in a case, and what is still to be done in it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import Happening, TaskStatus
from jiefen.store import schema

_journal, _task = schema.journal.c, schema.task.c


def last_entry(connection: Connection, case_id: int, kinds: Collection[Happening]) -> Row[Any] | None:
    """The last entry of these kinds in the journal of a case, with ``at`` and ``data``; read backwards from its end."""
    query: sa.Select[Any] = (
        sa.select(_journal.at, _journal.data)
        .where(_journal.case_id == case_id, _journal.kind.in_([str(kind) for kind in kinds]))
        .order_by(_journal.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def last_entries(
    connection: Connection, case_id: int, kinds: Collection[Happening]
) -> dict[Happening, Row[Any]]:
    """The last entry of each of these kinds in the journal of a case, with ``id``, ``at`` and ``data``."""
    last = (
        sa.select(sa.func.max(_journal.id))
        .where(_journal.case_id == case_id, _journal.kind.in_([str(kind) for kind in kinds]))
        .group_by(_journal.kind)
    )
    query: sa.Select[Any] = sa.select(_journal.id, _journal.at, _journal.kind, _journal.data).where(
        _journal.id.in_(last)
    )
    return {Happening(row.kind): row for row in connection.execute(query)}


def open_tasks(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The open tasks of a case, the oldest first."""
    query = sa.select(_task.key, _task.roles, _task.assignee).where(
        _task.case_id == case_id, _task.status == str(TaskStatus.OPEN)
    )
    return list(connection.execute(query.order_by(_task.key)))
