"""What was ticked on checklists."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.sealing.types import SealedText

#: The round of a list that is ticked once in a case; that of a visit is its day.
ONCE = "case"
tick = sa.Table(
    "jiefen_tick",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("checklist", sa.String(200), primary_key=True),
    sa.Column("round", sa.String(10), primary_key=True),
    sa.Column("item", sa.String(200), primary_key=True),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("note", SealedText("jiefen_tick.note", "case_id", "checklist", "round", "item")),
)


def of_case(connection: Connection, case_id: int) -> list[Row[Any]]:
    """Everything that was ticked in a case."""
    query = sa.select(tick).where(tick.c.case_id == case_id)
    return list(connection.execute(query.order_by(tick.c.checklist, tick.c.round, tick.c.item)))
