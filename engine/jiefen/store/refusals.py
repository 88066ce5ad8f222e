"""What was refused to whom: a row for each act that was not allowed, whatever became of its transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Row

from jiefen.errors import DatabaseError
from jiefen.store import schema
from jiefen.store.connecting.database import Database

logger = logging.getLogger("jiefen.refusals")
#: A reason is kept so long.
MOST_WHY: Final = 500

refusal = sa.Table(
    "jiefen_refusal",
    schema.metadata,
    sa.Column("id", schema.Id, primary_key=True),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("act", sa.String(80), nullable=False),
    # No foreign key: what was refused stays when its case is erased, and the case may be one that there never was.
    sa.Column("case_id", schema.Id),
    sa.Column("why", sa.String(MOST_WHY), nullable=False),
    sa.Index(None, "actor", "at"),
    sa.Index(None, "at"),
)
_is = refusal.c


def found(
    connection: Connection, filters: Mapping[str, object], since: datetime | None, after: int, limit: int
) -> Sequence[Row[Any]]:
    """Refusals by id; ``filters`` are columns with the value they must have."""
    query = sa.select(refusal).where(_is.id > after)
    for name, value in filters.items():
        query = query.where(_is[name] == value)
    if since is not None:
        query = query.where(_is.at >= since)
    return connection.execute(query.order_by(_is.id).limit(limit)).all()


def rates(connection: Connection, since: datetime, least: int, limit: int) -> Sequence[Row[Any]]:
    """Who was refused how often since an instant, the most often first."""
    many = sa.func.count().label("many")
    query = sa.select(_is.actor, many, sa.func.max(_is.at).label("last")).where(_is.at >= since)
    query = query.group_by(_is.actor).having(many >= least).order_by(many.desc(), _is.actor)
    return connection.execute(query.limit(limit)).all()


class Refusals:
    """Writes refusals down, in a transaction of their own. Safe to use from several threads.

    In a transaction of the host they wait until it is over: another one would wait for its locks. They are written
    when its session says so, and by the next call otherwise.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[dict[str, Any]] = []
        self._sessions: WeakSet[Any] = WeakSet()

    def note(self, row: dict[str, Any], session: Any = None) -> None:
        """Write down what was refused; that it cannot be written is no reason to let it be done."""
        with self._lock:
            self._waiting.append(row | {"why": row["why"][:MOST_WHY]})
        if session is None:
            self.write()
        elif not isinstance(session, Connection) and session not in self._sessions:
            self._sessions.add(session)
            event.listen(session, "after_transaction_end", self._ended)

    def write(self) -> None:
        """Write what waits."""
        with self._lock:
            rows, self._waiting = self._waiting, []
        if not rows:
            return
        try:
            with self._database.writing() as connection:
                connection.execute(sa.insert(refusal), rows)
        except DatabaseError as error:
            logger.error("%s refusals cannot be written now: %s", len(rows), error)
            with self._lock:
                self._waiting = rows + self._waiting

    def _ended(self, _session: Any, transaction: Any) -> None:
        if transaction.parent is None:
            self.write()
