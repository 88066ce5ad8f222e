"""The queries of the agenda: one table, one scan, one way to claim.

Whoever works on an entry of a case locks the case first, so that everybody takes locks in the same order and the
entries of a case are done one after the other. A delivery is leased instead: it is carried outside of any transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from jiefen.record.kinds import DeadlineStatus, EntryKind, EntryStatus
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.store import schema
from jiefen.store.sealing.rows import sealed_text
from jiefen.store.sealing.types import Marked
from jiefen.store.viewing.seen import EVERYTHING, Seen

_entry, _case, _deadline = schema.agenda, schema.case, schema.deadline
_CASE = [_case.c[name] for name in CaseRow._fields]
_ENTRY_NAMES = tuple(column.name for column in _entry.c)

_NOW = sa.bindparam("now_", type_=schema.Instant())
_ID = sa.bindparam("id_", type_=schema.Id)
_IDS = sa.bindparam("ids_", type_=schema.Id, expanding=True)
_TOPIC = sa.bindparam("topic_", type_=sa.String)
_LATEST = sa.bindparam("latest_", type_=schema.Instant())
# Not bound values: only what stands in the text of a statement lets a partial index serve it.
_PENDING = _entry.c.status == schema.text_of(EntryStatus.PENDING)
_FAILING = sa.and_(_PENDING, _entry.c.attempts > sa.literal_column("0"))
#: What the clock does by itself: all but deliveries, which have a topic.
_OF_THE_CLOCK = sa.and_(_PENDING, _entry.c.topic.is_(None), _entry.c.next_try_at <= _NOW)
_EXPIRIES = sa.and_(_PENDING, _entry.c.kind == schema.text_of(EntryKind.EXPIRY), _entry.c.next_try_at <= _NOW)
_AGREEMENT = _entry.c.kind == schema.text_of(EntryKind.AGREEMENT)
_DELIVERIES = sa.and_(_PENDING, _entry.c.topic.is_not(None), _entry.c.next_try_at <= _NOW)
_FIRST_FIRST = _entry.c.next_try_at, _entry.c.id
#: The kinds are named so that their order says what comes first at one instant.
_IN_ORDER = _entry.c.next_try_at, _entry.c.kind, _entry.c.id


def _waiting(due: sa.ColumnElement[bool]) -> sa.Select[Any]:
    after = sa.tuple_(
        sa.bindparam("after_", type_=schema.Instant()), sa.bindparam("after_id_", type_=schema.Id)
    )
    return (
        sa.select(_entry.c.id, _entry.c.case_id, _entry.c.next_try_at)
        .where(
            due,
            sa.tuple_(*_FIRST_FIRST) > after,
            sa.or_(_entry.c.case_id.is_(None), _entry.c.case_id.not_in(_IDS)),
        )
        .order_by(*_FIRST_FIRST)
        .limit(sa.bindparam("limit_", type_=sa.Integer))
    )


_WAITING, _WAITING_EXPIRIES = _waiting(_OF_THE_CLOCK), _waiting(_EXPIRIES)
_LOCK_CASES = (
    sa.select(*_CASE).where(_case.c.id.in_(_IDS)).order_by(_case.c.id).with_for_update(skip_locked=True)
)
_LOCK_CASE_OF_ENTRY = (
    sa.select(*_CASE)
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
        .order_by(entry.c.next_try_at, entry.c.id, _deadline.c.seq)
    )


_FIRST_DUE = (
    sa.select(_entry.c.id)
    .where(_entry.c.case_id == _case.c.id, _OF_THE_CLOCK)
    .order_by(*_IN_ORDER)
    .limit(1)
    .correlate(_case)
    .scalar_subquery()
)
_FIRST_DUE_OF_CASES = _with_deadlines(
    sa.select(_entry).where(_entry.c.id.in_(sa.select(_FIRST_DUE).where(_case.c.id.in_(_IDS)))).subquery()
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


# Since when an entry has been due, however often it was put off since.
_COUNT, _SINCE = sa.func.count(), sa.func.min(_entry.c.at)
# One part for each index: an "or" over them would read the whole table.
_LAG = sa.select(
    (_of(_COUNT, _OF_THE_CLOCK) + _of(_COUNT, _DELIVERIES)).label("due"),
    _of(_SINCE, _OF_THE_CLOCK).label("clock_since"),
    _of(_SINCE, _DELIVERIES).label("deliveries_since"),
    _of(_SINCE, _FAILING).label("failing_since"),
    _of(_COUNT, _FAILING).label("failing"),
    _of(_COUNT, _entry.c.status == schema.text_of(EntryStatus.INCIDENT)).label("incidents"),
)
_PUT_OFF_TOO_FAR = sa.and_(_FAILING, _entry.c.next_try_at > _LATEST)
_EXPIRED_EARLY = sa.and_(
    _deadline.c.status == schema.text_of(DeadlineStatus.EXPIRED),
    _deadline.c.closed_at > _NOW,
    # A date that is an estimate may be over some weeks later than it says.
    sa.or_(
        _deadline.c.due_at > _NOW,
        sa.and_(
            _deadline.c.provisional, _deadline.c.due_at > sa.bindparam("estimated_", type_=schema.Instant())
        ),
    ),
)
_SIGNS = sa.select(
    sa.exists().where(_PUT_OFF_TOO_FAR).label("put_off"), sa.exists().where(_EXPIRED_EARLY).label("expired")
)
_CASES_EXPIRED_EARLY = (
    sa.select(_deadline.c.case_id)
    .where(_EXPIRED_EARLY, _deadline.c.case_id > _ID)
    .distinct()
    .order_by(_deadline.c.case_id)
    .limit(sa.bindparam("limit_", type_=sa.Integer))
)
_BRING = (
    sa.update(_entry)
    .where(_entry.c.id.in_(sa.select(_entry.c.id).where(_PUT_OFF_TOO_FAR).with_for_update(skip_locked=True)))
    .values(next_try_at=_LATEST)
)
#: By so much an estimated end may be earlier than the last day it can fall on.
_ESTIMATE: Final = timedelta(days=60)
#: Where a list of what waits begins.
FROM_THE_START: Final = datetime.min.replace(tzinfo=UTC), 0


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry with its case, which is locked, and the deadlines of the case that can still change."""

    entry: Any
    case: CaseRow
    deadlines: list[DeadlineRow]


def waiting(
    connection: Connection,
    now: datetime,
    after: tuple[datetime, int],
    but: Collection[int],
    limit: int,
    *,
    only_expiries: bool,
) -> Sequence[Row[Any]]:
    """Entries of the clock that are due, the one that has waited the longest first: ``id, case_id, next_try_at``.

    Args:
        after: the next try and the id of the last one that was seen.
        but: cases to leave out.
    """
    values = {"now_": now, "after_": after[0], "after_id_": after[1], "ids_": list(but), "limit_": limit}
    return connection.execute(_WAITING_EXPIRIES if only_expiries else _WAITING, values).all()


def lock_cases(connection: Connection, cases: Collection[int]) -> dict[int, CaseRow]:
    """These cases, locked; those that another worker holds are left out."""
    rows = connection.execute(_LOCK_CASES, {"ids_": list(cases)})
    return {row.id: CaseRow._make(row) for row in rows}


def first_due(connection: Connection, cases: Mapping[int, CaseRow], now: datetime) -> list[Claim]:
    """Of each of these locked cases the entry that comes first; none where another worker has just done it."""
    if not cases:
        return []
    rows = connection.execute(_FIRST_DUE_OF_CASES, {"ids_": list(cases), "now_": now}).all()
    return _claims(cases, rows)


def claim(connection: Connection, entry_id: int) -> Claim | None:
    """An entry of a case by its id, whatever its status; ``None`` when it has gone."""
    row = connection.execute(_LOCK_CASE_OF_ENTRY, {"id_": entry_id}).one_or_none()
    if row is None:
        return None
    case = CaseRow._make(row)
    found = _claims({case.id: case}, connection.execute(_ENTRY_OF_CASE, {"id_": entry_id}).all())
    return found[0] if found else None


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
    error: tuple[int | None, str] | None = None,
    status: EntryStatus = EntryStatus.PENDING,
    if_still: tuple[int, datetime] | None = None,
) -> bool:
    """Put an entry off to ``next_try_at``, or give it another status.

    With ``if_still``, its attempts and its next try, only while it stands there unchanged. Whether it was put off.

    Args:
        error: the case of the entry, and what to keep of the error.
    """
    query = sa.update(_entry).where(_entry.c.id == entry_id)
    if if_still is not None:
        query = query.where(_entry.c.attempts == if_still[0], _entry.c.next_try_at == if_still[1])
    values = {
        "next_try_at": next_try_at,
        "attempts": attempts,
        "error": None if error is None else _sealed_error(connection, *error),
        "status": str(status),
    }
    return connection.execute(query.values(values)).rowcount == 1


def _sealed_error(connection: Connection, case_id: int | None, error: str) -> Marked:
    return sealed_text(connection, _entry.c.error, case_id, {"case_id": case_id}, error)


def deliveries_of(connection: Connection, case_id: int, refs: Collection[str]) -> list[Row[Any]]:
    """Deliveries of a case by their names, locked: nobody begins to carry them before this transaction ends."""
    query = sa.select(_entry).where(
        _entry.c.case_id == case_id, _entry.c.kind == str(EntryKind.DELIVERY), _entry.c.ref.in_(refs)
    )
    return list(connection.execute(query.order_by(_entry.c.id).with_for_update()))


def unpark(connection: Connection, topics: Collection[str]) -> int:
    """Let parked deliveries of ``topics`` be sent: an adapter for them has come. How many there were."""
    parked = sa.select(_entry.c.id).where(
        _entry.c.status == str(EntryStatus.PARKED), _entry.c.topic.in_(sorted(topics))
    )
    free = _entry.c.id.in_(parked.with_for_update(skip_locked=True))
    return connection.execute(sa.update(_entry).where(free).values(status=str(EntryStatus.PENDING))).rowcount


def entry(connection: Connection, entry_id: int) -> Row[Any] | None:
    """One entry by its id."""
    return connection.execute(sa.select(_entry).where(_entry.c.id == entry_id)).one_or_none()


def entries(
    connection: Connection, status: str, case_id: int | None, after: int, limit: int, seen: Seen = EVERYTHING
) -> list[Row[Any]]:
    """Entries of one status in the order of their ids, for lists that people look at."""
    query = sa.select(_entry, *seen.knows_of(_entry.c.case_id))
    query = query.where(_entry.c.status == status, _entry.c.id > after, *seen.of(_entry.c.case_id))
    if case_id is not None:
        query = query.where(_entry.c.case_id == case_id)
    return list(connection.execute(query.order_by(_entry.c.id).limit(limit)))


def deliveries(
    connection: Connection,
    status: str | None,
    case_id: int | None,
    topic: str | None,
    ref: str | None,
    after: int,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Deliveries in the order of their ids; of one case, or of one status."""
    query = sa.select(_entry, *seen.knows_of(_entry.c.case_id))
    query = query.where(_entry.c.kind == str(EntryKind.DELIVERY), _entry.c.id > after)
    for column, value in (("case_id", case_id), ("ref", ref), ("status", status), ("topic", topic)):
        if value is not None:
            query = query.where(_entry.c[column] == value)
    query = query.where(*seen.of(_entry.c.case_id))
    return list(connection.execute(query.order_by(_entry.c.id).limit(limit)))


def agreements(connection: Connection, case: int | None, after: int, limit: int) -> list[Row[Any]]:
    """What waits for a second person, by id."""
    query = sa.select(_entry).where(_AGREEMENT, _entry.c.id > after)
    if case is not None:
        query = query.where(_entry.c.case_id == case)
    return list(connection.execute(query.order_by(_entry.c.id).limit(limit)))


def agreement(connection: Connection, id: int) -> Row[Any] | None:
    """One that waits for a second person; ``None``: it waits no more, or there never was one."""
    return connection.execute(sa.select(_entry).where(_AGREEMENT, _entry.c.id == id)).one_or_none()


def lag(connection: Connection, now: datetime) -> RowMapping:
    """How much is due, how much fails, and since when.

    ``due``: how many entries are due; ``failing``: how many have failed and wait to be tried again; ``incidents``: how
    many wait for a person; ``clock_since``, ``deliveries_since``, ``failing_since``: since when the oldest was due.
    """
    return connection.execute(_LAG, {"now_": now}).mappings().one()


def signs_of_a_wrong_clock(connection: Connection, now: datetime, latest: datetime) -> tuple[bool, bool]:
    """Whether a retry is planned after ``latest``, and whether a deadline has expired later than now, too early."""
    signs = connection.execute(_SIGNS, _early(now) | {"latest_": latest}).one()
    return bool(signs.put_off), bool(signs.expired)


def bring(connection: Connection, latest: datetime) -> int:
    """Let retries that are planned after ``latest`` come then; how many there were."""
    return connection.execute(_BRING, {"latest_": latest}).rowcount


def cases_expired_early(connection: Connection, now: datetime, after: int, limit: int) -> Sequence[int]:
    """Cases with a deadline that has expired later than now, and before its time; in the order of their ids."""
    return connection.scalars(_CASES_EXPIRED_EARLY, _early(now) | {"id_": after, "limit_": limit}).all()


def _early(now: datetime) -> dict[str, Any]:
    return {"now_": now, "estimated_": now - _ESTIMATE}


def _claims(cases: Mapping[int, CaseRow], rows: Sequence[Row[Any]]) -> list[Claim]:
    """The entries of rows with the deadlines of their cases, in order."""
    found: dict[int, Claim] = {}
    for row in rows:
        values = row._mapping
        claim = found.get(row.id)
        if claim is None:
            entry = SimpleNamespace(**{name: values[name] for name in _ENTRY_NAMES})
            claim = found[row.id] = Claim(entry, cases[entry.case_id], [])
        if row.deadline_seq is not None:
            claim.deadlines.append(
                DeadlineRow._make(values[f"deadline_{name}"] for name in DeadlineRow._fields)
            )
    return list(found.values())
