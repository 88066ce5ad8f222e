"""Calls over a network that must happen once, and when each key was last used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema

call = sa.Table(
    "jiefen_call",
    schema.metadata,
    sa.Column("caller", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("until", schema.Instant, nullable=False),
    sa.Index(None, "until"),
)
caller_key = sa.Table(
    "jiefen_caller_key",
    schema.metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("used_at", schema.Instant, nullable=False),
)
#: So many that are over are forgotten with each new one.
_FORGOTTEN: Final = 20


def keep(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a call; ``False`` when there is one with its key. Whoever is just keeping the same is waited for."""
    statement = _insert(connection, call).values(**row).on_conflict_do_nothing().returning(call.c.key)
    return connection.execute(statement).first() is not None


def kept(connection: Connection, caller: str, key: str) -> Row[Any]:
    """The call with a key."""
    return connection.execute(sa.select(call).where(call.c.caller == caller, call.c.key == key)).one()


def forget(connection: Connection, now: datetime) -> None:
    """Forget some of those that are over."""
    over = sa.select(call.c.caller, call.c.key).where(call.c.until < now).order_by(call.c.until)
    for row in connection.execute(over.limit(_FORGOTTEN)).all():
        connection.execute(sa.delete(call).where(call.c.caller == row.caller, call.c.key == row.key))


def used(connection: Connection, name: str, at: datetime) -> None:
    """Keep when a key was used last."""
    statement = _insert(connection, caller_key).values(name=name, used_at=at)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"used_at": at}))


def uses(connection: Connection, after: str, limit: int) -> Sequence[Row[Any]]:
    """When keys were used last, by their names."""
    query = sa.select(caller_key).where(caller_key.c.name > after).order_by(caller_key.c.name).limit(limit)
    return connection.execute(query).all()


def _insert(connection: Connection, table: sa.Table) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
