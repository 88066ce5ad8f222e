"""Who has reported, in a table that nothing in any other table leads to, and that leads to none.

A row has a number of chance, stands in no order of time on SQLite (the table has no numbers of its own), and knows the
day and not the hour. Which case it is of says a digest by a key of its own, and what is encrypted by that key.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jiefen.store import schema
from jiefen.store.sealing.ring import Ring
from jiefen.store.sealing.tables import key_called
from jiefen.store.statements import dump_json, load_json

reporter = sa.Table(
    "jiefen_reporter",
    schema.metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("of", sa.String(64), nullable=False, unique=True),
    sa.Column("passphrase", sa.String(64), nullable=False, unique=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
#: The key of this table alone.
KEY: Final = "reporters"
_is = reporter.c


class Reporters:
    """The table, with its key."""

    def __init__(self, connection: Connection, ring: Ring, now: datetime) -> None:
        self._connection, self._ring = connection, ring
        self._wrapped = key_called(connection, ring.keys, KEY, now)

    def keep(self, case: int, passphrase: str, told: dict[str, Any], day: date) -> bool:
        """Keep who has reported a case; whether nobody was kept for it yet."""
        if self._connection.scalar(sa.select(_is.day).where(_is.of == self._of(case))) is not None:
            return False
        id = secrets.token_hex(16)
        text = dump_json(told | {"case": case})
        row = {
            "id": id,
            "of": self._of(case),
            "passphrase": self._digest(f"passphrase {passphrase}"),
            "day": day,
            "sealed": self._ring.seal(KEY, self._wrapped, text, f"jiefen_reporter.sealed {id}"),
        }
        self._connection.execute(sa.insert(reporter), row)
        return True

    def of_case(self, case: int) -> dict[str, Any] | None:
        """What is kept of who has reported a case."""
        return self._read(_is.of == self._of(case))

    def forget(self, case: int) -> None:
        """Keep nothing of who has reported a case."""
        self._connection.execute(sa.delete(reporter).where(_is.of == self._of(case)))

    def case_with(self, passphrase: str) -> int | None:
        """The case whose reporter knows a passphrase."""
        found = self._read(_is.passphrase == self._digest(f"passphrase {passphrase}"))
        return None if found is None else int(found["case"])

    def _read(self, which: sa.ColumnElement[bool]) -> dict[str, Any] | None:
        row = self._connection.execute(sa.select(_is.id, _is.sealed).where(which)).one_or_none()
        if row is None:
            return None
        text = self._ring.open(KEY, self._wrapped, row.sealed, f"jiefen_reporter.sealed {row.id}")
        found: dict[str, Any] = load_json(text)
        return found

    def _of(self, case: int) -> str:
        return self._digest(f"case {case}")

    def _digest(self, value: str) -> str:
        return self._ring.digest(KEY, self._wrapped, value)
