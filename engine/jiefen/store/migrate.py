"""Bringing a database to the version of this library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from jiefen.errors import DatabaseError
from jiefen.store.connecting.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

#: The newest migration. A test holds it against the folder, so that opening need not read the folder each time.
HEAD = "0006"

_FOLDER = Path(__file__).parent / "migrations"
# Any constant serves, as long as every process that migrates takes the same lock.
_LOCK = 7_403_119_120_117
#: Seconds for which the migration of another process is waited for.
_PATIENCE = 1800.0


def current_version(connection: Connection) -> str | None:
    """The version of the database, ``None`` when Jiefen has no tables in it."""
    if not sa.inspect(connection).has_table("jiefen_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM jiefen_version"))
    return version


def prepare(database: Database, *, migrate: bool = True) -> None:
    """Create the tables, or bring those of an older version up to date.

    Raises:
        DatabaseError: when the database is of a newer version, or is older and ``migrate`` is false.
    """
    database.version = None
    with database.reading() as connection:
        found = current_version(connection)
    if found != HEAD:
        _bring_up_to_date(database, migrate=migrate)
    database.version = HEAD


def _bring_up_to_date(database: Database, *, migrate: bool) -> None:
    # Another process may be migrating: it is waited for, since nothing can be done on tables that are half changed.
    with database.writing(patience=_PATIENCE) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = current_version(connection)
        if found == HEAD:
            return
        where = database.where
        if found is not None and found not in _known_versions():
            raise DatabaseError(
                f"the database {where} is of version {found}, newer than this library ({HEAD}); "
                "install the newer jiefen, or restore a backup made with this one"
            )
        if not migrate:
            raise DatabaseError(
                f"the database {where} is of version {found or 'none'}, this library needs {HEAD}; "
                "open it once with migrate=True, after a backup"
            )
        upgrade(connection)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to ``revision`` in the transaction of ``connection``."""
    from alembic import command

    try:
        command.upgrade(_config(connection), revision)
    except exc.OperationalError as error:
        raise DatabaseError(f"the migration to {revision} failed and was undone: {error.orig}") from error


def downgrade(connection: Connection, revision: str) -> None:
    """Undo migrations down to ``revision`` (``base``: remove the tables)."""
    from alembic import command

    command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _known_versions() -> set[str]:
    return {path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py")}
