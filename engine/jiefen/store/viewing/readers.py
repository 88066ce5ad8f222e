"""知悉范围: who may read a case that is kept closely, beside those who work on it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.sealing.types import SealedText

reader = sa.Table(
    "jiefen_reader",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    # As persons are compared.
    sa.Column("person", sa.String(200), primary_key=True),
    sa.Column("named_by", sa.String(200), primary_key=True),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("reason", SealedText("jiefen_reader.reason", "case_id", "person", "named_by"), nullable=False),
    sa.Column("withdrawn_at", schema.Instant),
    sa.Column("withdrawn_by", sa.String(200)),
    sa.Index(None, "person"),
)
_is = reader.c


def of_case(connection: Connection, case_id: int) -> list[Row[Any]]:
    """Who was ever named for a case, by person and by who named them."""
    query = sa.select(reader).where(_is.case_id == case_id).order_by(_is.person, _is.named_by)
    return list(connection.execute(query))
