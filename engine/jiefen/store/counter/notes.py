"""Notes on cases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.sealing.types import SealedText

note = sa.Table(
    "jiefen_note",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("text", SealedText("jiefen_note.text", "case_id", "seq"), nullable=False),
    sa.Column("corrects", sa.Integer),
)
_is = note.c


def of_case(connection: Connection, case_id: int, after: int, limit: int) -> list[Row[Any]]:
    """The notes of a case by their number, each with the number of the note that corrects it."""
    later = note.alias()
    correction = sa.select(sa.func.max(later.c.seq)).where(
        later.c.case_id == _is.case_id, later.c.corrects == _is.seq
    )
    query = sa.select(note, correction.scalar_subquery().label("corrected_by"))
    query = query.where(_is.case_id == case_id, _is.seq > after).order_by(_is.seq).limit(limit)
    return list(connection.execute(query))


def last(connection: Connection, case_id: int) -> int:
    """The number of the last note; 0 when there is none."""
    query = sa.select(sa.func.max(_is.seq)).where(_is.case_id == case_id)
    return int(connection.scalar(query) or 0)
