"""Where wrapped data keys are kept: that of each case, and those of the whole database."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from jiefen.errors import KeysError
from jiefen.outside.keys import Keys
from jiefen.store import schema
from jiefen.store.connecting.database import Database
from jiefen.store.sealing.ring import Ring, new_key, of_case, rewrapped
from jiefen.store.statements import Statement

#: What belongs to the whole database, by name: that of the digests by which people are looked up.
key = sa.Table(
    "jiefen_key",
    schema.metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("wrapped", sa.Text, nullable=False),
    sa.Column("made_at", schema.Instant, nullable=False),
)
# The names of these columns stand in no other table: what is read asks for them (``types``).
case_key = sa.Table(
    "jiefen_case_key",
    schema.metadata,
    sa.Column(
        "of_case",
        schema.Id,
        sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("wrapped", sa.Text, nullable=False),
)
INDEX: Final = "index"
_OF_CASE = sa.bindparam("case_", type_=schema.Id)
_WRAPPED = Statement(sa.select(case_key.c.wrapped).where(case_key.c.of_case == _OF_CASE))
_INSERT = Statement(sa.insert(case_key))
#: Only what is still as it was read: a case may have been erased since.
_REWRAP = Statement(
    sa.update(case_key)
    .where(case_key.c.of_case == _OF_CASE, case_key.c.wrapped == sa.bindparam("before_", type_=sa.Text))
    .values(wrapped=sa.bindparam("wrapped_", type_=sa.Text))
)
_AT_ONCE: Final = 500


def open_ring(database: Database, keys: Keys | None, now: datetime) -> None:
    """Give a database its keys; with the first ones it gets the key of its own digests.

    Raises:
        KeysError: it is encrypted and there are no keys, or they are those of another database.
    """
    with database.reading() as connection:
        wrapped = _wrapped(connection, INDEX)
    if keys is None:
        if wrapped is not None:
            raise KeysError(
                f"the database {database.where} is encrypted; open it with the keys it was encrypted by: `keys=`, or "
                "JIEFEN_KEYS=FILE for commands"
            )
        return
    if wrapped is None:
        with database.writing() as connection:
            wrapped = key_called(connection, keys, INDEX, now)
    database.use(Ring(keys, wrapped))


def key_called(connection: Connection, keys: Keys, name: str, now: datetime) -> str:
    """How a key of the whole database is wrapped; it is made where there is none yet, in a transaction that writes."""
    wrapped = _wrapped(connection, name)
    if wrapped is None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        made = {"name": name, "wrapped": new_key(keys, name), "made_at": now}
        connection.execute(dialect.insert(key).values(made).on_conflict_do_nothing())
        wrapped = _wrapped(connection, name)
    return str(wrapped)


def key_of(connection: Connection, ring: Ring, case_id: int, *, new: bool) -> str:
    """How the data key of a locked case is wrapped; one is made where it has none yet.

    Args:
        new: the case is being opened in this transaction.
    """
    known = None if new else ring.remembered(case_id) or _WRAPPED.value(connection, {"case_": case_id})
    if known is None:
        known = new_key(ring.keys, of_case(case_id))
        _INSERT.run_each(connection, [{"of_case": case_id, "wrapped": known}])
    ring.remember(case_id, known)
    wrapped: str = known
    return wrapped


def _wrapped(connection: Connection, name: str) -> str | None:
    found: str | None = connection.scalar(sa.select(key.c.wrapped).where(key.c.name == name))
    return found


def rewrap_database(connection: Connection, keys: Keys) -> int:
    """Wrap the keys of the whole database by the current master key; how many were wrapped by another one."""
    changed = 0
    for row in connection.execute(sa.select(key)).all():
        wrapped = rewrapped(keys, row.name, row.wrapped)
        if wrapped is not None:
            connection.execute(sa.update(key).where(key.c.name == row.name).values(wrapped=wrapped))
            changed += 1
    return changed


def rewrap_cases(connection: Connection, keys: Keys, after: int) -> tuple[int | None, int]:
    """Wrap the keys of some cases behind a number by the current master key: how far it came, and how many it changed.

    ``None`` when there are no more.
    """
    of = case_key.c.of_case
    rows = connection.execute(sa.select(case_key).where(of > after).order_by(of).limit(_AT_ONCE)).all()
    again = [(row, rewrapped(keys, of_case(row.of_case), row.wrapped)) for row in rows]
    changed = [
        {"case_": row.of_case, "before_": row.wrapped, "wrapped_": wrapped}
        for row, wrapped in again
        if wrapped is not None
    ]
    if changed:
        _REWRAP.run_each(connection, changed)
    return (rows[-1].of_case if len(rows) == _AT_ONCE else None), len(changed)
