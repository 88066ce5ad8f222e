"""The secret addresses under which diaries are read by programs that subscribe to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema

address = sa.Table(
    "jiefen_diary_address",
    schema.metadata,
    sa.Column("id", schema.Id, primary_key=True),
    # Of the secret alone a digest is kept.
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("role", sa.String(200)),
    sa.Column("area", sa.String(15)),
    # The posts that it goes by, each with role, area, and the days from and until which it is held.
    sa.Column("posts", schema.Json, nullable=False),
    sa.Column("issued_at", schema.Instant, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("revoked_at", schema.Instant),
    sa.Column("revoked_by", sa.String(200)),
    sa.Column("reason", sa.Text),
    sa.Index(None, "person", "id"),
)
_is = address.c


def insert(connection: Connection, values: dict[str, Any]) -> Row[Any]:
    """A new address; its row."""
    return connection.execute(sa.insert(address).values(values).returning(address)).one()


def with_digest(connection: Connection, digest: str) -> Row[Any] | None:
    """The address whose secret has that digest."""
    return connection.execute(sa.select(address).where(_is.digest == digest)).one_or_none()


def lock(connection: Connection, address_id: int) -> Row[Any] | None:
    """One address, locked."""
    query = sa.select(address).where(_is.id == address_id).with_for_update()
    return connection.execute(query).one_or_none()


def of(connection: Connection, person: str, after: int, limit: int) -> list[Row[Any]]:
    """The addresses of a person by their ids."""
    query = sa.select(address).where(_is.person == person, _is.id > after)
    return list(connection.execute(query.order_by(_is.id).limit(limit)))


def revoke(connection: Connection, address_id: int, by: str, at: datetime, reason: str) -> Row[Any]:
    """Take an address back; the row as it is then."""
    values = {"revoked_by": by, "revoked_at": at, "reason": reason}
    query = sa.update(address).where(_is.id == address_id).values(values).returning(address)
    return connection.execute(query).one()
