"""The transaction of a host: whether it is one that the engine can work in."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection, Engine

from jiefen.errors import DatabaseError
from jiefen.store.connecting.addresses import masked

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Which server, which database and, by their numbers, which tables a session of PostgreSQL sees.
_SEEN = (
    "SELECT (SELECT system_identifier FROM pg_control_system()), current_database(), "
    "to_regclass('jiefen_version')::oid, to_regclass('jiefen_case')::oid"
)
_VERSION = "SELECT version_num FROM jiefen_version"

#: Where the tables of an engine of ours lie.
_places: WeakKeyDictionary[Engine, Hashable] = WeakKeyDictionary()


def host_connection(session: Session | Connection) -> Connection:
    """The connection of the host's transaction, with everything the host has not flushed yet.

    Raises:
        DatabaseError: it is neither a ``Session`` nor a ``Connection``.
    """
    if isinstance(session, Connection):
        connection = session
    elif hasattr(session, "sync_session") or hasattr(session, "sync_connection"):
        raise DatabaseError(
            f"session= takes a Session or Connection of SQLAlchemy, not a {type(session).__name__}; call the engine "
            "inside `await session.run_sync(lambda session: …)` and give it the session that comes in there"
        )
    elif not hasattr(session, "flush"):
        raise DatabaseError(
            f"session= takes a Session or Connection of SQLAlchemy, not a {type(session).__name__}"
        )
    else:
        session.flush()
        connection = session.connection()
    return connection


def refuse_autocommit(connection: Connection) -> None:
    """Refuse a connection on which a transaction is none, because each statement is kept by itself.

    Raises:
        DatabaseError: it is one.
    """
    if _commits_by_itself(connection):
        raise DatabaseError(
            "session= is a connection in AUTOCOMMIT: every statement would be kept by itself, or nothing at all; "
            "give one that has a transaction"
        )


def _commits_by_itself(connection: Connection) -> bool:
    chosen = connection.get_execution_options().get("isolation_level")
    usual = getattr(connection.dialect, "_on_connect_isolation_level", None)
    if (chosen or usual) == "AUTOCOMMIT":
        return True
    driver = _driver(connection)
    if getattr(driver, "autocommit", False) is not True:
        return False
    # An engine of ours begins by itself: the driver need not know of it, the server does.
    status = getattr(getattr(driver, "info", None), "transaction_status", None)
    return getattr(status, "name", "IDLE") == "IDLE"


def refuse_other_database(connection: Connection, ours: Engine, where: str) -> object:
    """Refuse the transaction of a host on another database, or one that sees the tables of another schema.

    Returns:
        The version of the tables.

    Raises:
        DatabaseError: it is another one.
    """
    if connection.dialect.name != ours.dialect.name:
        raise _other(connection, where)
    place = _places.get(ours)
    if place is None:
        with ours.connect() as own:
            place = _places[ours] = _place(own)
    if _place(connection) != place:
        raise _other(connection, where)
    return _driver(connection).execute(_VERSION).fetchone()[0]


def _place(connection: Connection) -> Hashable:
    driver = _driver(connection)
    if connection.dialect.name == "sqlite":
        return driver.execute("PRAGMA database_list").fetchone()[2] or id(driver)
    place: Hashable = driver.execute(_SEEN).fetchone()
    return place


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _other(connection: Connection, where: str) -> DatabaseError:
    return DatabaseError(
        f"session= works on {masked(connection.engine.url)}, and there on other tables than this engine, which is open "
        f"on {where}; nothing was read or written; give a session of the same database and the same schema "
        "(search_path)"
    )
