"""Loading one case to work on, and writing what one step changed.

The case row is read and locked first and everything that hangs on it afterwards: PostgreSQL reads each statement from a
fresh snapshot, so what was read under the lock is what the last writer left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.errors import Conflict
from jiefen.store import schema

Values = Mapping[str, Any]
_OPEN_DEADLINE = schema.deadline.c.status.in_(("running", "suspended", "expired"))

# What a second write of the same row may change; the rest is fixed when the row is first written.
_TASK_UPDATED = ("status", "due_at", "finished_at", "finished_by")
_DEADLINE_UPDATED = (
    "status", "due_on", "due_at", "provisional", "extensions", "suspensions", "calendar", "closed_at", "closed_by",
)  # fmt: skip
_AGENDA_UPDATED = ("at", "next_try_at", "status", "attempts", "topic", "data", "error")


@dataclass
class Changes:
    """What one step writes. Rows are plain mappings with the column names of ``schema``."""

    case: dict[str, Any] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    deadlines: list[dict[str, Any]] = field(default_factory=list)
    agenda_removed: list[tuple[str, str]] = field(default_factory=list)
    agenda: list[dict[str, Any]] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)


def case_with_key(connection: Connection, key: str) -> int | None:
    """The id of the case opened with ``key``, if there is one."""
    return connection.scalar(sa.select(schema.case.c.id).where(schema.case.c.key == key))


def lock_case(connection: Connection, case_id: int) -> Row[Any] | None:
    """The case row, locked for this transaction where the database locks rows."""
    return connection.execute(
        sa.select(schema.case).where(schema.case.c.id == case_id).with_for_update()
    ).one_or_none()


def lock_case_of_task(connection: Connection, task_id: int) -> Row[Any] | None:
    """The row of the case that a task belongs to, locked."""
    of_task = sa.select(schema.task.c.case_id).where(schema.task.c.id == task_id).scalar_subquery()
    return connection.execute(
        sa.select(schema.case).where(schema.case.c.id == of_task).with_for_update()
    ).one_or_none()


def open_deadlines(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The case's deadlines that can still change, oldest first."""
    return list(
        connection.execute(
            sa.select(schema.deadline)
            .where(schema.deadline.c.case_id == case_id, _OPEN_DEADLINE)
            .order_by(schema.deadline.c.seq)
        )
    )


def task_and_open_deadlines(connection: Connection, task_id: int) -> tuple[Row[Any], list[SimpleNamespace]]:
    """A task and the open deadlines of its case, in one statement."""
    deadline_columns = [column.label(f"deadline_{column.name}") for column in schema.deadline.c]
    rows = connection.execute(
        sa.select(schema.task, *deadline_columns)
        .select_from(
            schema.task.outerjoin(
                schema.deadline,
                sa.and_(schema.deadline.c.case_id == schema.task.c.case_id, _OPEN_DEADLINE),
            )
        )
        .where(schema.task.c.id == task_id)
        .order_by(schema.deadline.c.seq)
    ).all()
    names = schema.deadline.c.keys()
    deadlines = [
        SimpleNamespace(**{name: row._mapping[f"deadline_{name}"] for name in names})
        for row in rows
        if row.deadline_seq is not None
    ]
    return rows[0], deadlines


def deadlines_and_message(
    connection: Connection, case_id: int, message_key: str | None
) -> tuple[list[Row[Any]], bool]:
    """The open deadlines of a case, and whether a message with this key came before."""
    if message_key is None:
        return open_deadlines(connection, case_id), False
    seen = sa.exists().where(schema.journal.c.message_key == message_key)
    deadlines = (
        sa.select(schema.deadline).where(schema.deadline.c.case_id == case_id, _OPEN_DEADLINE).subquery()
    )
    one = sa.select(sa.literal(1).label("one"), seen.label("seen")).subquery()
    rows = connection.execute(
        sa.select(one.c.seen, *deadlines.c)
        .select_from(one.outerjoin(deadlines, sa.true()))
        .order_by(deadlines.c.seq)
    ).all()
    return [row for row in rows if row.seq is not None], bool(rows[0].seen)


def insert_case(connection: Connection, values: Values) -> int | None:
    """A new case row; its id, or ``None`` when another writer has just opened a case with the same key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(schema.case).values(**values).on_conflict_do_nothing(index_elements=["key"])
    case_id: int | None = connection.scalar(statement.returning(schema.case.c.id))
    return case_id


def save(connection: Connection, case_id: int, revision: int, changes: Changes) -> None:
    """Write the changes of one step, each table in one statement.

    Raises:
        Conflict: when the case is no longer at ``revision``.
    """
    written = connection.execute(
        sa.update(schema.case)
        .where(schema.case.c.id == case_id, schema.case.c.revision == revision)
        .values(**changes.case, revision=revision + 1)
    )
    if written.rowcount != 1:
        raise Conflict(
            f"case {case_id} was changed by somebody else since it was read; read it again and retry"
        )
    _upsert(connection, schema.task, ("case_id", "key"), changes.tasks, _TASK_UPDATED)
    _upsert(connection, schema.deadline, ("case_id", "seq"), changes.deadlines, _DEADLINE_UPDATED)
    remove_agenda(connection, case_id, changes.agenda_removed)
    _upsert(connection, schema.agenda, ("case_id", "kind", "ref"), changes.agenda, _AGENDA_UPDATED)
    if changes.journal:
        connection.execute(sa.insert(schema.journal), changes.journal)


def remove_agenda(connection: Connection, case_id: int, entries: Sequence[tuple[str, str]]) -> None:
    """Take entries, given as (kind, ref), off the agenda of a case."""
    if entries:
        connection.execute(
            sa.delete(schema.agenda).where(
                schema.agenda.c.case_id == case_id,
                sa.tuple_(schema.agenda.c.kind, schema.agenda.c.ref).in_(entries),
            )
        )


def claim_rung(connection: Connection, case_id: int, deadline: int, rung: str, at: datetime) -> bool:
    """Claim a rung of a deadline's ladder by inserting its row; ``False`` when it has fired before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(schema.rung)
        .values(case_id=case_id, deadline=deadline, rung=rung, fired_at=at)
        .on_conflict_do_nothing()
        .returning(schema.rung.c.rung)
    )
    return connection.scalar(statement) is not None


def _upsert(
    connection: Connection,
    table: sa.Table,
    key: Sequence[str],
    rows: Sequence[dict[str, Any]],
    updated: Sequence[str],
) -> None:
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in updated}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))
