"""When officials meet the people of cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.reading import within
from jiefen.store.sealing.types import SealedText
from jiefen.store.viewing.seen import EVERYTHING, Seen

appointment = sa.Table(
    "jiefen_appointment",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("form", sa.String(16), nullable=False),
    sa.Column("official", sa.String(200), nullable=False),
    sa.Column("staff", schema.Json, nullable=False),
    sa.Column("parties", schema.Json, nullable=False),
    sa.Column("area", sa.String(15)),
    sa.Column("place", SealedText("jiefen_appointment.place", "case_id", "seq", length=300), nullable=False),
    sa.Column("starts_at", schema.Instant, nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("moves", sa.Integer, nullable=False),
    sa.Column("missed_by", sa.String(16)),
    sa.Column("reason", SealedText("jiefen_appointment.reason", "case_id", "seq")),
    sa.Column("result", SealedText("jiefen_appointment.result", "case_id", "seq")),
    sa.Index(None, "starts_at", "case_id", "seq"),
    sa.Index(None, "official", "starts_at"),
)
_is = appointment.c
#: Where a page of the list begins: after this instant, case and number.
Place = tuple[datetime, int, int]


def of_case(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The appointments of a case by their number."""
    query = sa.select(appointment).where(_is.case_id == case_id)
    return list(connection.execute(query.order_by(_is.seq)))


def one(connection: Connection, case_id: int, seq: int) -> Row[Any] | None:
    """One appointment."""
    query = sa.select(appointment).where(_is.case_id == case_id, _is.seq == seq)
    return connection.execute(query).one_or_none()


def last(connection: Connection, case_id: int) -> int:
    """The number of the last appointment of a case; 0 when there is none."""
    return int(connection.scalar(sa.select(sa.func.max(_is.seq)).where(_is.case_id == case_id)) or 0)


def lock(connection: Connection) -> None:
    """Let nobody else book before this transaction ends: two could give one official two places at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE jiefen_appointment IN SHARE ROW EXCLUSIVE MODE"))


def planned(connection: Connection, official: str, since: datetime, until: datetime) -> list[Row[Any]]:
    """What an official has planned that begins between two instants."""
    query = sa.select(appointment).where(
        _is.official == official,
        _is.starts_at >= since,
        _is.starts_at < until,
        _is.status == "planned",
    )
    return list(connection.execute(query.order_by(_is.starts_at)))


def between(
    connection: Connection,
    since: datetime,
    until: datetime,
    area: str | None,
    official: str | None,
    status: str | None,
    begin: Place | None,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Appointments that begin between two instants, with what one has to know of their cases, by time."""
    case = schema.case.c
    query = sa.select(appointment, case.recused, case.edition, case.facts, case.key, case.grade).join_from(
        appointment, schema.case, case.id == _is.case_id
    )
    query = query.where(_is.starts_at >= since, _is.starts_at < until, *seen.conditions)
    if area is not None:
        query = query.where(within(_is.area, area))
    if official is not None:
        query = query.where(_is.official == official)
    if status is not None:
        query = query.where(_is.status == status)
    if begin is not None:
        place = sa.tuple_(_is.starts_at, _is.case_id, _is.seq)
        instant = sa.literal(begin[0], schema.Instant)
        query = query.where(
            _is.starts_at >= instant, place > sa.tuple_(instant, sa.literal(begin[1]), sa.literal(begin[2]))
        )
    return list(connection.execute(query.order_by(_is.starts_at, _is.case_id, _is.seq).limit(limit)))
