"""Who stands in for whom, from which day to which.

Who stands in for somebody that is away, and is away too, hands on what they would have done: whoever stands in for them
stands in for both.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.sealing.types import OwnText

absence = sa.Table(
    "jiefen_absence",
    schema.metadata,
    sa.Column("id", schema.Id, primary_key=True),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("deputy", sa.String(200), nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("reason", OwnText("jiefen_absence.reason"), nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("meant_until", sa.Date, nullable=False),
    sa.Column("ended_at", schema.Instant),
    sa.Column("ended_by", sa.String(200)),
    sa.Index(None, "person", "until"),
    sa.Index(None, "deputy", "until"),
    sa.Index(None, "until"),
)
_is = absence.c


def insert(connection: Connection, values: dict[str, Any]) -> Row[Any]:
    """A new absence; its row."""
    return connection.execute(sa.insert(absence).values(values).returning(absence)).one()


def of(connection: Connection, person: str | None, on: date | None, after: int, limit: int) -> list[Row[Any]]:
    """Absences by id: of a person, on a day."""
    query = sa.select(absence).where(_is.id > after)
    if person is not None:
        query = query.where(sa.or_(_is.person == person, _is.deputy == person))
    if on is not None:
        query = query.where(_is.since <= on, _is.until >= on)
    return list(connection.execute(query.order_by(_is.id).limit(limit)))


def lock(connection: Connection) -> None:
    """Let nobody else say that somebody is away before this transaction ends: two could make a circle together."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE jiefen_absence IN SHARE ROW EXCLUSIVE MODE"))


def in_the_way(connection: Connection, person: str, deputy: str, since: date, until: date) -> Row[Any] | None:
    """An absence of a person on one of some days, or one by which what goes to their deputy would come back to them."""
    begin = sa.select(
        sa.bindparam("id_", None, type_=schema.Id).label("id"),
        sa.literal(deputy).label("deputy"),
        sa.literal(since, sa.Date).label("since"),
        sa.literal(until, sa.Date).label("until"),
    ).cte("handed_on", recursive=True)
    at = begin.c
    # The days on which everybody so far is away get fewer and fewer.
    later = sa.case((_is.since > at.since, _is.since), else_=at.since)
    sooner = sa.case((_is.until < at.until, _is.until), else_=at.until)
    both = sa.and_(_is.person == at.deputy, _is.since <= at.until, _is.until >= at.since)
    chain = begin.union(sa.select(_is.id, _is.deputy, later, sooner).select_from(begin.join(absence, both)))
    back = sa.select(chain.c.id).where(chain.c.deputy == person)
    away = sa.select(_is.id).where(_is.person == person, _is.since <= until, _is.until >= since)
    query = sa.select(absence).where(_is.id.in_(back.union(away))).order_by(_is.id).limit(1)
    return connection.execute(query).one_or_none()


def still(connection: Connection, today: date) -> list[Row[Any]]:
    """The absences that are not over: who is away, and who stands in."""
    query = sa.select(_is.person, _is.deputy, _is.since, _is.until).where(_is.until >= today)
    return list(connection.execute(query))


def away(connection: Connection, person: str, on: date) -> Row[Any] | None:
    """The absence of a person on a day; ``None``: they are there."""
    query = sa.select(absence).where(_is.person == person, _is.since <= on, _is.until >= on)
    return connection.execute(query.order_by(_is.id).limit(1)).one_or_none()


def end(connection: Connection, absence_id: int, last: date, by: str, at: datetime) -> Row[Any]:
    """Let an absence end with a day; the row as it is then."""
    ended = {"until": last, "ended_by": by, "ended_at": at}
    found = sa.update(absence).where(_is.id == absence_id).values(ended).returning(absence)
    return connection.execute(found).one()


def one(connection: Connection, absence_id: int) -> Row[Any] | None:
    """One absence."""
    return connection.execute(sa.select(absence).where(_is.id == absence_id)).one_or_none()


def stands_in(connection: Connection, deputy: str, person: str, on: date) -> bool:
    """Whether somebody stands in for a person on a day."""
    for_whom = persons(deputy, on).subquery()
    query = sa.select(for_whom.c.person).where(for_whom.c.person == person)
    return connection.execute(query.limit(1)).first() is not None


def persons(deputy: str, on: date) -> sa.Select[tuple[str]]:
    """The people for whom somebody stands in on a day, as part of a query."""
    then = sa.and_(_is.since <= on, _is.until >= on)
    begin = sa.select(_is.person).where(_is.deputy == deputy, then).cte("stood_in_for", recursive=True)
    theirs = sa.and_(_is.deputy == begin.c.person, then)
    chain = begin.union(sa.select(_is.person).select_from(begin.join(absence, theirs)))
    return sa.select(chain.c.person)


def away_when(person: sa.ColumnElement[str], on: sa.ColumnElement[date]) -> sa.ScalarSelect[int]:
    """The id of the absence of a person on a day, as part of a query."""
    query = sa.select(_is.id).where(_is.person == person, _is.since <= on, _is.until >= on)
    return query.limit(1).scalar_subquery()
