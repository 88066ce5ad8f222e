"""What parties say of what was decided."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.sealing.types import SealedText

rating = sa.Table(
    "jiefen_rating",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("decision", sa.String(200), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("grade", sa.String(16), nullable=False),
    sa.Column("comment", SealedText("jiefen_rating.comment", "case_id", "seq")),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("review", sa.String(200)),
)


def of_case(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The ratings of a case by their number, each with when its review was answered."""
    supervision = schema.supervision
    reviewed = sa.and_(supervision.c.case_id == rating.c.case_id, supervision.c.ref == rating.c.review)
    query = sa.select(rating, supervision.c.answered_at.label("reviewed_at"))
    query = query.select_from(rating.outerjoin(supervision, reviewed)).where(rating.c.case_id == case_id)
    return list(connection.execute(query.order_by(rating.c.seq)))


def deciding_roles(connection: Connection, case_id: int) -> str | None:
    """The roles of the task of a case that was completed last, as its row keeps them."""
    task = schema.task
    query = sa.select(task.c.roles).where(task.c.case_id == case_id, task.c.status == "completed")
    found: str | None = connection.scalar(query.order_by(task.c.key.desc()).limit(1))
    return found
