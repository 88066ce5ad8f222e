"""The queries of the directory: one row says which one was loaded, the posts lie beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema

_directory, _post = schema.directory, schema.post
_DIGEST = sa.select(_directory.c.digest)
_ID = 1


def digest(connection: Connection) -> str | None:
    """The digest of the directory that was loaded last; ``None`` when there is none."""
    found: str | None = connection.scalar(_DIGEST)
    return found


def read(connection: Connection) -> tuple[Row[Any] | None, list[Row[Any]]]:
    """The row of the directory, and its posts in the order of the file."""
    row = connection.execute(sa.select(_directory)).one_or_none()
    return row, list(connection.execute(sa.select(_post).order_by(_post.c.id)))


def replace(connection: Connection, values: Mapping[str, Any], posts: Sequence[Mapping[str, Any]]) -> None:
    """Put a directory in the place of the one before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    # The row first: of two who load at the same time, the second waits here for the first.
    statement = dialect.insert(_directory).values(id=_ID, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=dict(values)))
    connection.execute(sa.delete(_post))
    if posts:
        connection.execute(sa.insert(_post), list(posts))
