"""The queries of the recurring duties: their entries on the agenda, which belong to no case, and their lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema

_entry, _duty = schema.agenda, schema.duty
_OF_NO_CASE = sa.and_(_entry.c.case_id.is_(None), _entry.c.kind == "duty")
_DUE = sa.and_(
    _OF_NO_CASE,
    _entry.c.status == "pending",
    _entry.c.next_try_at <= sa.bindparam("now_", type_=schema.Instant()),
)
_NEXT_DUE = sa.select(sa.func.min(_entry.c.next_try_at)).where(_DUE)
_CLAIM = (
    sa.select(_entry)
    .where(_DUE)
    .order_by(_entry.c.next_try_at, _entry.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """Since when a duty has been due."""
    due: datetime | None = connection.scalar(_NEXT_DUE, {"now_": now})
    return due


def claim(connection: Connection, now: datetime) -> Row[Any] | None:
    """The duty that has been due the longest, locked."""
    return connection.execute(_CLAIM, {"now_": now}).one_or_none()


def lock_entry(connection: Connection, entry_id: int) -> Row[Any] | None:
    """The entry of a duty by its id, locked."""
    query = sa.select(_entry).where(_entry.c.id == entry_id, _OF_NO_CASE).with_for_update()
    return connection.execute(query).one_or_none()


def planned(connection: Connection, refs: Collection[str]) -> list[Row[Any]]:
    """Those of these duties that are on the agenda, locked."""
    query = sa.select(_entry).where(_OF_NO_CASE, _entry.c.ref.in_(sorted(refs)))
    return list(connection.execute(query.order_by(_entry.c.id).with_for_update()))


def plans(connection: Connection, after: int, limit: int) -> list[Row[Any]]:
    """The duties on the agenda in the order of their ids, locked in a transaction that writes."""
    query = sa.select(_entry).where(_OF_NO_CASE, _entry.c.id > after).order_by(_entry.c.id).limit(limit)
    if connection.get_execution_options().get("jiefen_writes"):
        query = query.with_for_update()
    return list(connection.execute(query))


def plan(connection: Connection, ref: str, at: datetime, data: Mapping[str, Any]) -> None:
    """Put the next occurrence of a duty on the agenda; another worker may just have done so."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_entry).values(
        case_id=None,
        kind="duty",
        ref=ref,
        at=at,
        next_try_at=at,
        status="pending",
        attempts=0,
        data=dict(data),
    )
    connection.execute(statement.on_conflict_do_nothing())


def move(connection: Connection, entry_id: int, at: datetime, data: Mapping[str, Any]) -> None:
    """Let an entry stand for the next occurrence of its duty."""
    values = {
        "at": at, "next_try_at": at, "status": "pending", "attempts": 0, "error": None, "data": dict(data)
    }  # fmt: skip
    connection.execute(sa.update(_entry).where(_entry.c.id == entry_id).values(**values))


def remove(connection: Connection, entry_id: int) -> None:
    """Take an entry off the agenda."""
    connection.execute(sa.delete(_entry).where(_entry.c.id == entry_id))


def remove_of_area(connection: Connection, area: str) -> None:
    """Take every duty of an area off the agenda."""
    connection.execute(
        sa.delete(_entry).where(_OF_NO_CASE, _entry.c.ref.endswith(f"@{area}", autoescape=True))
    )


def insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """The list of an occurrence; it is written once, whoever comes first."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(_duty).values(**values).on_conflict_do_nothing())


def lists(
    connection: Connection, status: str, area: str | None, role: str | None, after: int, limit: int
) -> list[Row[Any]]:
    """Lists in the order of their ids."""
    query = sa.select(_duty).where(_duty.c.status == status, _duty.c.id > after)
    if area is not None:
        query = query.where(_duty.c.area.between(area, area.ljust(15, "9")))
    if role is not None:
        query = query.where(_duty.c.role == role)
    return list(connection.execute(query.order_by(_duty.c.id).limit(limit)))


def lock(connection: Connection, duty_id: int) -> Row[Any] | None:
    """One list, locked."""
    query = sa.select(_duty).where(_duty.c.id == duty_id).with_for_update()
    return connection.execute(query).one_or_none()


def close(
    connection: Connection, duty_id: int, items: Sequence[Mapping[str, Any]], at: datetime, by: str
) -> None:
    """Mark a list as worked through."""
    connection.execute(
        sa.update(_duty)
        .where(_duty.c.id == duty_id)
        .values(items=list(items), status="done", closed_at=at, closed_by=by)
    )
