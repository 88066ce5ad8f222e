"""Who stands in for whom, from which day to which."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema

absence = sa.Table(
    "jiefen_absence",
    schema.metadata,
    sa.Column("id", schema.Id, primary_key=True),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("deputy", sa.String(200), nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Index(None, "person", "until"),
    sa.Index(None, "deputy", "until"),
)
_is = absence.c


def insert(connection: Connection, values: dict[str, Any]) -> int:
    """A new absence; its id."""
    return int(connection.execute(sa.insert(absence).values(values).returning(_is.id)).scalar_one())


def of(connection: Connection, person: str | None, on: date | None, after: int, limit: int) -> list[Row[Any]]:
    """Absences by id: of a person, on a day."""
    query = sa.select(absence).where(_is.id > after)
    if person is not None:
        query = query.where(sa.or_(_is.person == person, _is.deputy == person))
    if on is not None:
        query = query.where(_is.since <= on, _is.until >= on)
    return list(connection.execute(query.order_by(_is.id).limit(limit)))


def overlapping(
    connection: Connection, person: str, deputy: str, since: date, until: date
) -> Row[Any] | None:
    """An absence of the person, or one in which the deputy is away for the person's sake, in a span of days."""
    same = sa.or_(_is.person == person, sa.and_(_is.person == deputy, _is.deputy == person))
    query = sa.select(absence).where(same, _is.since <= until, _is.until >= since).limit(1)
    return connection.execute(query).one_or_none()


def end(connection: Connection, absence_id: int, last: date) -> Row[Any] | None:
    """Let an absence end with a day; the row as it is then."""
    found = sa.update(absence).where(_is.id == absence_id).values(until=last).returning(absence)
    return connection.execute(found).one_or_none()


def one(connection: Connection, absence_id: int) -> Row[Any] | None:
    """One absence."""
    return connection.execute(sa.select(absence).where(_is.id == absence_id)).one_or_none()


def stands_in(connection: Connection, deputy: str, person: str, on: date) -> bool:
    """Whether somebody stands in for a person on a day."""
    query = sa.select(_is.id).where(
        _is.deputy == deputy, _is.person == person, _is.since <= on, _is.until >= on
    )
    return connection.execute(query.limit(1)).first() is not None


def persons(deputy: str, on: date) -> Any:
    """The people for whom somebody stands in on a day, as part of a query."""
    return sa.select(_is.person).where(_is.deputy == deputy, _is.since <= on, _is.until >= on)
