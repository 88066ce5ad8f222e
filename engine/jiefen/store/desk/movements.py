"""When something moved last in a case, and what is still to be done in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import Happening, TaskStatus
from jiefen.store import schema

_journal, _task = schema.journal.c, schema.task.c


def last_moved(connection: Connection, case_id: int, kinds: Collection[Happening]) -> datetime | None:
    """The instant of the last entry of these kinds in the journal of a case; read backwards from its end."""
    query = (
        sa.select(_journal.at)
        .where(_journal.case_id == case_id, _journal.kind.in_([str(kind) for kind in kinds]))
        .order_by(_journal.id.desc())
        .limit(1)
    )
    found: datetime | None = connection.scalar(query)
    return found


def open_tasks(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The open tasks of a case, the oldest first."""
    query = sa.select(_task.key, _task.roles, _task.assignee).where(
        _task.case_id == case_id, _task.status == str(TaskStatus.OPEN)
    )
    return list(connection.execute(query.order_by(_task.key)))
