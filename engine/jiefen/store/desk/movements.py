"""What happened last in a case, and what is still to be done in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import Happening, TaskStatus
from jiefen.record.rows import DeadlineRow
from jiefen.store import schema

_journal, _task = schema.journal.c, schema.task.c
_ENTRY = [_journal.id, _journal.at, _journal.kind, _journal.data]
_DEADLINE = [schema.deadline.c[name] for name in DeadlineRow._fields]


class Entry(NamedTuple):
    """What an entry of the journal says."""

    id: int
    at: datetime
    kind: str
    data: dict[str, Any]


def last_entry(connection: Connection, case_id: int, kinds: Collection[Happening]) -> Row[Any] | None:
    """The last entry of these kinds in the journal of a case, with ``at``, ``kind``, ``subject`` and ``data``; read
    backwards from its end.
    """
    query: sa.Select[Any] = (
        sa.select(_journal.at, _journal.kind, _journal.subject, _journal.data)
        .where(_journal.case_id == case_id, _journal.kind.in_([str(kind) for kind in kinds]))
        .order_by(_journal.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def last_entries(
    connection: Connection, case_id: int, kinds: Collection[Happening]
) -> dict[Happening, Entry]:
    """The last entry of each of these kinds in the journal of a case."""
    query: sa.Select[Any] = sa.select(*_ENTRY).where(_journal.id.in_(_last(case_id, kinds)))
    return {Happening(row.kind): Entry._make(row) for row in connection.execute(query)}


def deadlines_and_last_entries(
    connection: Connection, case_id: int, kinds: Collection[Happening]
) -> tuple[list[DeadlineRow], dict[Happening, Entry]]:
    """The deadlines of a case that can still change, oldest first, and what :func:`last_entries` gives."""
    open_ones = schema.deadline.c.case_id == case_id, schema.deadline.c.status.in_(schema.STILL_OPEN)
    deadlines = sa.select(*_DEADLINE, *_nothing(_ENTRY)).where(*open_ones)
    entries = sa.select(*_nothing(_DEADLINE), *_ENTRY).where(_journal.id.in_(_last(case_id, kinds)))
    found: list[DeadlineRow] = []
    last: dict[Happening, Entry] = {}
    for row in connection.execute(sa.union_all(deadlines, entries)):
        deadline, entry = row[: len(_DEADLINE)], row[len(_DEADLINE) :]
        if entry[0] is None:
            found.append(DeadlineRow._make(deadline))
        else:
            last[Happening(entry[2])] = Entry._make(entry)
    return sorted(found, key=lambda one: one.seq), last


def _nothing(columns: Iterable[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """As many columns of the same names and types that hold nothing."""
    return [sa.type_coerce(sa.null(), one.type) for one in columns]


def _last(case_id: int, kinds: Collection[Happening]) -> sa.Select[tuple[int]]:
    """The last entry of each of these kinds."""
    query = sa.select(sa.func.max(_journal.id)).where(
        _journal.case_id == case_id, _journal.kind.in_([str(kind) for kind in kinds])
    )
    return query.group_by(_journal.kind)


def open_tasks(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The open tasks of a case, the oldest first."""
    query = sa.select(_task.key, _task.roles, _task.assignee).where(
        _task.case_id == case_id, _task.status == str(TaskStatus.OPEN)
    )
    return list(connection.execute(query.order_by(_task.key)))
