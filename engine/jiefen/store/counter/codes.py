"""What is kept of the codes of cases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jiefen.store import schema

code = sa.Table(
    "jiefen_code",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("issued_at", schema.Instant, nullable=False),
)


def case_with(connection: Connection, digest: str) -> int | None:
    """The case whose code has that digest."""
    found: int | None = connection.scalar(sa.select(code.c.case_id).where(code.c.digest == digest))
    return found
