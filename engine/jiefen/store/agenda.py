"""The queries of the agenda: one table, one scan, one way to claim.

Whoever works on an entry of a case locks the case first, so that everybody takes locks in the same order and the
entries of a case are done one after the other. A delivery is leased instead: it is carried outside of any transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from jiefen.record.refs import Ref
from jiefen.record.rows import DeadlineRow
from jiefen.store import schema

_entry, _case, _deadline = schema.agenda, schema.case, schema.deadline
_ENTRY_NAMES = tuple(column.name for column in _entry.c)

_NOW = sa.bindparam("now_", type_=schema.Instant())
_ID = sa.bindparam("id_", type_=schema.Id)
_TOPIC = sa.bindparam("topic_", type_=sa.String)
# Not a bound value: only what stands in the text of a statement lets a partial index serve it.
_PENDING = _entry.c.status == sa.literal_column("'pending'")
_FAILING = sa.and_(_PENDING, _entry.c.attempts > sa.literal_column("0"))
#: What the clock does by itself: all but deliveries, which have a topic.
_OF_THE_CLOCK = sa.and_(_PENDING, _entry.c.topic.is_(None), _entry.c.next_try_at <= _NOW)
_DELIVERIES = sa.and_(_PENDING, _entry.c.topic.is_not(None), _entry.c.next_try_at <= _NOW)
_FIRST_FIRST = _entry.c.next_try_at, _entry.c.id

_LOCK_DUE_CASE = (
    sa.select(_case)
    .select_from(_entry.join(_case, _case.c.id == _entry.c.case_id))
    .where(_OF_THE_CLOCK)
    .order_by(*_FIRST_FIRST)
    .limit(1)
    .with_for_update(of=_case, skip_locked=True)
)
_LOCK_CASE_OF_ENTRY = (
    sa.select(_case)
    .where(_case.c.id == sa.select(_entry.c.case_id).where(_entry.c.id == _ID).scalar_subquery())
    .with_for_update()
)


def _with_deadlines(entry: sa.Subquery) -> sa.Select[Any]:
    return (
        sa.select(entry, *(column.label(f"deadline_{column.name}") for column in _deadline.c))
        .select_from(
            entry.outerjoin(
                _deadline,
                sa.and_(_deadline.c.case_id == entry.c.case_id, _deadline.c.status.in_(schema.STILL_OPEN)),
            )
        )
        .order_by(_deadline.c.seq)
    )


_FIRST_DUE_OF_CASE = _with_deadlines(
    sa.select(_entry)
    .where(_entry.c.case_id == _ID, _OF_THE_CLOCK)
    .order_by(*_FIRST_FIRST)
    .limit(1)
    .subquery()
)
_ENTRY_OF_CASE = _with_deadlines(sa.select(_entry).where(_entry.c.id == _ID).subquery())
_LEASE = (
    sa.update(_entry)
    .where(
        _entry.c.id
        == sa.select(_entry.c.id)
        .where(_PENDING, _entry.c.topic == _TOPIC, _entry.c.next_try_at <= _NOW)
        .order_by(*_FIRST_FIRST)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(
        attempts=_entry.c.attempts + 1,
        next_try_at=sa.bindparam("until_", type_=schema.Instant()),
        carried_at=sa.func.coalesce(_entry.c.carried_at, _NOW),
    )
    .returning(_entry)
)


def _of(value: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    return sa.select(value).select_from(_entry).where(*where).scalar_subquery()


_COUNT, _SINCE = sa.func.count(), sa.func.min(_entry.c.next_try_at)
# One part for each index: an "or" over them would read the whole table.
_LAG = sa.select(
    (_of(_COUNT, _OF_THE_CLOCK) + _of(_COUNT, _DELIVERIES)).label("due"),
    _of(_SINCE, _OF_THE_CLOCK).label("clock_since"),
    _of(_SINCE, _DELIVERIES).label("deliveries_since"),
    _of(_COUNT, _FAILING).label("failing"),
    _of(_COUNT, _entry.c.status == "incident").label("incidents"),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry with its case, which is locked, and the deadlines of the case that can still change."""

    entry: Any
    case: Row[Any]
    deadlines: list[DeadlineRow]


def lock_due_case(connection: Connection, now: datetime) -> Row[Any] | None:
    """The case whose entry has been due the longest, locked. Cases that another worker holds are passed over."""
    return connection.execute(_LOCK_DUE_CASE, {"now_": now}).one_or_none()


def first_due(connection: Connection, case: Row[Any], now: datetime) -> Claim | None:
    """The entry of a locked case that has been due the longest; ``None``: another worker has just done it."""
    return _claim(case, connection.execute(_FIRST_DUE_OF_CASE, {"id_": case.id, "now_": now}).all())


def claim(connection: Connection, entry_id: int) -> Claim | None:
    """An entry of a case by its id, whatever its status; ``None`` when it has gone."""
    case = connection.execute(_LOCK_CASE_OF_ENTRY, {"id_": entry_id}).one_or_none()
    return None if case is None else _claim(case, connection.execute(_ENTRY_OF_CASE, {"id_": entry_id}).all())


def lease(connection: Connection, topic: str, now: datetime, until: datetime) -> Row[Any] | None:
    """The delivery of ``topic`` that has been due the longest, which nobody else takes before ``until``."""
    values = {"topic_": topic, "now_": now, "until_": until}
    return connection.execute(_LEASE, values).one_or_none()


def put_off(
    connection: Connection,
    entry_id: int,
    *,
    next_try_at: datetime,
    attempts: int,
    error: str | None = None,
    status: str = "pending",
    if_still: tuple[int, datetime] | None = None,
) -> bool:
    """Put an entry off to ``next_try_at``, or give it another status.

    With ``if_still``, its attempts and its next try, only while it stands there unchanged. Whether it was put off.
    """
    query = sa.update(_entry).where(_entry.c.id == entry_id)
    if if_still is not None:
        query = query.where(_entry.c.attempts == if_still[0], _entry.c.next_try_at == if_still[1])
    values = {"next_try_at": next_try_at, "attempts": attempts, "error": error, "status": status}
    return connection.execute(query.values(values)).rowcount == 1


def remove(connection: Connection, case_id: int, ref: Ref) -> None:
    """Take something of a case off the agenda outside of a step."""
    connection.execute(
        sa.delete(_entry).where(
            _entry.c.case_id == case_id, _entry.c.kind == str(ref.kind), _entry.c.ref == ref.name
        )
    )


def deliveries_of(connection: Connection, case_id: int, refs: Collection[str]) -> list[Row[Any]]:
    """Deliveries of a case by their names, locked: nobody begins to carry them before this transaction ends."""
    query = sa.select(_entry).where(
        _entry.c.case_id == case_id, _entry.c.kind == "delivery", _entry.c.ref.in_(refs)
    )
    return list(connection.execute(query.order_by(_entry.c.id).with_for_update()))


def unpark(connection: Connection, topics: Collection[str]) -> int:
    """Let parked deliveries of ``topics`` be sent: an adapter for them has come. How many there were."""
    parked = sa.select(_entry.c.id).where(_entry.c.status == "parked", _entry.c.topic.in_(sorted(topics)))
    free = _entry.c.id.in_(parked.with_for_update(skip_locked=True))
    return connection.execute(sa.update(_entry).where(free).values(status="pending")).rowcount


def entry(connection: Connection, entry_id: int) -> Row[Any] | None:
    """One entry by its id."""
    return connection.execute(sa.select(_entry).where(_entry.c.id == entry_id)).one_or_none()


def entries(connection: Connection, status: str, kind: str | None, after: int, limit: int) -> list[Row[Any]]:
    """Entries of one status in the order of their ids, for lists that people look at."""
    query = sa.select(_entry).where(_entry.c.status == status, _entry.c.id > after)
    if kind is not None:
        query = query.where(_entry.c.kind == kind)
    return list(connection.execute(query.order_by(_entry.c.id).limit(limit)))


def lag(connection: Connection, now: datetime) -> RowMapping:
    """``due``: how many entries are due; ``clock_since``, ``deliveries_since``: since when the oldest has been;
    ``failing``: how many have failed and wait to be tried again; ``incidents``: how many wait for a person."""
    return connection.execute(_LAG, {"now_": now}).mappings().one()


def _claim(case: Row[Any], rows: Collection[Row[Any]]) -> Claim | None:
    for first in rows:
        entry = SimpleNamespace(**{name: first._mapping[name] for name in _ENTRY_NAMES})
        deadlines = [
            DeadlineRow._make(row._mapping[f"deadline_{name}"] for name in DeadlineRow._fields)
            for row in rows
            if row.deadline_seq is not None
        ]
        return Claim(entry, case, deadlines)
    return None
