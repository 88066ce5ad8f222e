"""The queries of the routines: their entries on the agenda, which belong to no case, and their lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import EntryKind, EntryStatus
from jiefen.store import schema
from jiefen.store.reading import lies_for, within
from jiefen.store.sealing.types import Marked

_entry, _routine = schema.agenda, schema.routine
_case, _deadline = schema.case, schema.deadline
_OF_NO_CASE = sa.and_(_entry.c.case_id.is_(None), _entry.c.kind == str(EntryKind.ROUTINE))
_CLAIM = (
    sa.select(_entry)
    .where(
        _entry.c.id == sa.bindparam("id_", type_=schema.Id),
        _OF_NO_CASE,
        _entry.c.status == str(EntryStatus.PENDING),
        _entry.c.next_try_at <= sa.bindparam("now_", type_=schema.Instant()),
    )
    .with_for_update(skip_locked=True)
)


def claim(connection: Connection, entry_id: int, now: datetime) -> Row[Any] | None:
    """The entry of a routine, locked; ``None`` when another worker holds it, or has just done it."""
    return connection.execute(_CLAIM, {"id_": entry_id, "now_": now}).one_or_none()


def lock_entry(connection: Connection, entry_id: int) -> Row[Any] | None:
    """The entry of a routine by its id, locked."""
    query = sa.select(_entry).where(_entry.c.id == entry_id, _OF_NO_CASE).with_for_update()
    return connection.execute(query).one_or_none()


def planned(connection: Connection, refs: Collection[str]) -> list[Row[Any]]:
    """Those of these routines that are on the agenda, locked."""
    query = sa.select(_entry).where(_OF_NO_CASE, _entry.c.ref.in_(sorted(refs)))
    return list(connection.execute(query.order_by(_entry.c.id).with_for_update()))


def plans(connection: Connection, after: int, limit: int) -> list[Row[Any]]:
    """The routines on the agenda in the order of their ids, locked in a transaction that writes."""
    query = sa.select(_entry).where(_OF_NO_CASE, _entry.c.id > after).order_by(_entry.c.id).limit(limit)
    if connection.get_execution_options().get("jiefen_writes"):
        query = query.with_for_update()
    return list(connection.execute(query))


def open_lists(connection: Connection, area: str, role: str, limit: int) -> list[Row[Any]]:
    """The open lists of a role in exactly this area, the oldest first."""
    here = sa.and_(_routine.c.status == "open", _routine.c.area == area, _routine.c.role == role)
    return list(connection.execute(sa.select(_routine).where(here).order_by(_routine.c.id).limit(limit)))


def coming(connection: Connection, refs: Collection[str]) -> list[Row[Any]]:
    """The next occurrences of these routines that are on the agenda, to be read."""
    query = sa.select(_entry).where(_OF_NO_CASE, _entry.c.ref.in_(sorted(refs)))
    return list(connection.execute(query.order_by(_entry.c.at, _entry.c.id)))


def plan(connection: Connection, ref: str, at: datetime, data: Mapping[str, Any]) -> None:
    """Put the next occurrence of a routine on the agenda; another worker may just have done so."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_entry).values(
        case_id=None,
        kind=str(EntryKind.ROUTINE),
        ref=ref,
        at=at,
        next_try_at=at,
        status=str(EntryStatus.PENDING),
        attempts=0,
        data=Marked(dict(data)),
    )
    connection.execute(statement.on_conflict_do_nothing())


def move(connection: Connection, entry_id: int, at: datetime, data: Mapping[str, Any]) -> None:
    """Let an entry stand for the next occurrence of its routine."""
    values = {
        "at": at,
        "next_try_at": at,
        "status": str(EntryStatus.PENDING),
        "attempts": 0,
        "error": None,
        "data": Marked(dict(data)),
    }
    connection.execute(sa.update(_entry).where(_entry.c.id == entry_id).values(**values))


def remove(connection: Connection, entry_id: int) -> None:
    """Take an entry off the agenda."""
    connection.execute(sa.delete(_entry).where(_entry.c.id == entry_id))


def remove_of_area(connection: Connection, area: str) -> None:
    """Take every routine of an area off the agenda."""
    connection.execute(
        sa.delete(_entry).where(_OF_NO_CASE, _entry.c.ref.endswith(f"@{area}", autoescape=True))
    )


def insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """The list of an occurrence; it is written once, whoever comes first."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(_routine).values(**values).on_conflict_do_nothing())


def lists(
    connection: Connection,
    status: str,
    area: str | None,
    role: str | None,
    after: int,
    limit: int,
    places: Collection[str | None] | None = None,
) -> list[Row[Any]]:
    """Lists in the order of their ids.

    Args:
        places: the areas in which whoever reads holds posts, ``None`` among them for everywhere; absent: whatever area.
    """
    query = sa.select(_routine).where(_routine.c.status == status, _routine.c.id > after)
    if places is not None:
        query = query.where(sa.or_(sa.false(), *(lies_for(_routine.c.area, one) for one in places)))
    if area is not None:
        query = query.where(within(_routine.c.area, area))
    if role is not None:
        query = query.where(_routine.c.role == role)
    return list(connection.execute(query.order_by(_routine.c.id).limit(limit)))


def selected_cases(
    connection: Connection,
    area: str,
    facts: Mapping[str, Collection[str]],
    overdue_at: datetime | None,
    most: int,
    also: Sequence[str] = (),
) -> tuple[list[int], int]:
    """The open cases of an area that an item of a list names, the oldest ``most`` of them, and how many there are.

    Args:
        also: codes of areas outside of it; the cases with exactly such a code are listed as well.
        facts: columns of the case, each with the values of which it must have one.
        overdue_at: only cases in which an organ's duty was overdue then: it had passed, and the act is not done.
    """
    here = within(_case.c.area, area)
    wanted = [_case.c.status == "open", sa.or_(here, _case.c.area.in_(also)) if also else here]
    wanted += [_case.c[name].in_(sorted(values)) for name, values in facts.items()]
    if overdue_at is not None:
        running = sa.and_(
            _deadline.c.status == "running",
            _deadline.c.provisional.is_(False),
            _deadline.c.due_at <= overdue_at,
        )
        # Done late, it is closed by the milestone that met it; until then by the clock.
        undone = sa.and_(_deadline.c.status == "expired", _deadline.c.closed_by == "system")
        wanted.append(
            sa.exists().where(
                _deadline.c.case_id == _case.c.id, _deadline.c.kind == "duty", sa.or_(running, undone)
            )
        )
    query = sa.select(_case.c.id).where(*wanted).order_by(_case.c.id)
    found = list(connection.scalars(query.limit(most)))
    if len(found) < most:
        return found, len(found)
    total = connection.scalar(sa.select(sa.func.count()).select_from(_case).where(*wanted))
    return found, total or len(found)


def lock(connection: Connection, routine_id: int) -> Row[Any] | None:
    """One list, locked."""
    query = sa.select(_routine).where(_routine.c.id == routine_id).with_for_update()
    return connection.execute(query).one_or_none()


def close(
    connection: Connection, routine_id: int, items: Sequence[Mapping[str, Any]], at: datetime, by: str
) -> None:
    """Mark a list as worked through."""
    connection.execute(
        sa.update(_routine)
        .where(_routine.c.id == routine_id)
        .values(items=list(items), status="done", closed_at=at, closed_by=by)
    )
