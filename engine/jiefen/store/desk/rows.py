"""What an intake looks up: the cases that have a key, what was told of them, and how their matters are called."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import Happening
from jiefen.store import schema

#: How many keys are asked for at once.
_AT_ONCE: Final = 10


def cases_with_key(connection: Connection, key: str, again: str) -> list[Row[Any]]:
    """The cases that came under a key, as ``key``, ``key~2`` and so on; the oldest first."""
    case = schema.case.c
    found: list[Row[Any]] = []
    while True:
        first = len(found) + 1
        keys = [key if number == 1 else f"{key}{again}{number}" for number in range(first, first + _AT_ONCE)]
        rows: list[Any] = list(
            connection.execute(
                sa.select(case.id, case.key, case.status).where(case.key.in_(keys)).order_by(case.id)
            )
        )
        found += rows
        if len(rows) < _AT_ONCE:
            return found


def last_told(connection: Connection, case_id: int) -> str | None:
    """What the last intake that said otherwise than the case said: the subject of its entry in the journal."""
    journal = schema.journal.c
    query = (
        sa.select(journal.subject)
        .where(journal.case_id == case_id, journal.kind == str(Happening.INTAKE_DIFFERS))
        .order_by(journal.id.desc())
        .limit(1)
    )
    subject: str | None = connection.scalar(query)
    return subject


def titles(connection: Connection, case_ids: Collection[int]) -> list[Row[Any]]:
    """How the matters of some cases are called, the newest first."""
    title = schema.case.c.facts["title"].as_string().label("title")
    query = sa.select(schema.case.c.id, title).where(schema.case.c.id.in_(case_ids))
    return list(connection.execute(query.order_by(schema.case.c.id.desc())))
