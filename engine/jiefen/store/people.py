"""The queries around people: supervisions, the leader and recusals of a case, and the directory with its posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import EntryKind, EntryStatus
from jiefen.store import schema
from jiefen.store.reading import within
from jiefen.store.viewing.seen import EVERYTHING, Seen

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
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Supervisions by id; with ``overdue_at`` those whose time was over then."""
    query = sa.select(_supervision).where(_supervision.c.status == status, _supervision.c.id > after)
    query = query.where(*seen.of(_supervision.c.case_id))
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
    """The deliveries of a case that were not carried yet and name an addressee, the oldest first."""
    query = sa.select(_agenda).where(
        _agenda.c.case_id == case_id,
        _agenda.c.kind == str(EntryKind.DELIVERY),
        _agenda.c.status.in_(_NOT_CARRIED),
    )
    return [row for row in connection.execute(query.order_by(_agenda.c.id)) if "holders" in row.data]


def still_open(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The open supervisions of a case, the oldest first; each with what the agenda holds for the time of its answer,
    as ``reply`` (the id of the entry) and ``reply_data``, which are ``None`` where it has no such time."""
    agenda = _agenda.c
    its_time = sa.and_(
        agenda.case_id == _supervision.c.case_id,
        agenda.kind == str(EntryKind.REPLY),
        agenda.ref == _supervision.c.ref,
    )
    query = (
        sa.select(_supervision, agenda.id.label("reply"), agenda.data.label("reply_data"))
        .select_from(_supervision.outerjoin(_agenda, its_time))
        .where(_supervision.c.case_id == case_id, _supervision.c.status == "open")
    )
    return list(connection.execute(query.order_by(_supervision.c.id)))


def claimed_by(connection: Connection, case_id: int, person: str) -> list[int]:
    """The open tasks of a case that a person has claimed, by their number in the case."""
    query = sa.select(_task.c.key).where(
        _task.c.case_id == case_id, _task.c.assignee == person, _task.c.status == "open"
    )
    return list(connection.scalars(query.order_by(_task.c.key)))


def claimed(connection: Connection, case_id: int) -> list[int]:
    """The open tasks of a case that somebody has claimed, by their number in the case."""
    query = sa.select(_task.c.key).where(
        _task.c.case_id == case_id, _task.c.assignee.is_not(None), _task.c.status == "open"
    )
    return list(connection.scalars(query.order_by(_task.c.key)))


_directory, _post = schema.directory, schema.post
_DIRECTORY_DIGEST = sa.select(_directory.c.digest)
_DIRECTORY_ID = 1


def directory_digest(connection: Connection) -> str | None:
    """The digest of the directory that was loaded last; ``None`` when there is none."""
    found: str | None = connection.scalar(_DIRECTORY_DIGEST)
    return found


def read_directory(connection: Connection) -> tuple[Row[Any] | None, list[Row[Any]]]:
    """The row of the directory, and its posts in the order of the file."""
    row = connection.execute(sa.select(_directory)).one_or_none()
    return row, list(connection.execute(sa.select(_post).order_by(_post.c.id)))


def replace_directory(
    connection: Connection, values: Mapping[str, Any], posts: Sequence[Mapping[str, Any]]
) -> None:
    """Put a directory in the place of the one before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    # The row first: of two who load at the same time, the second waits here for the first.
    statement = dialect.insert(_directory).values(id=_DIRECTORY_ID, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=dict(values)))
    connection.execute(sa.delete(_post))
    if posts:
        connection.execute(sa.insert(_post), list(posts))
