"""Opening a database, and its transactions.

SQLite runs in WAL mode with foreign keys on and a busy timeout; a writing transaction takes the write lock at its
start (``BEGIN IMMEDIATE``), so that two writers queue instead of failing half way. PostgreSQL locks rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Engine, make_url

from jiefen.errors import Conflict, DatabaseError, FactError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session  # importing the ORM costs every program that does not use it

BUSY_TIMEOUT_MS = 10_000


def open_database(url: str) -> Engine:
    """A SQLAlchemy engine for ``url``, set up as Jiefen needs it.

    Raises:
        DatabaseError: when the address cannot be understood or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(
            parsed,
            pool_pre_ping=parsed.get_backend_name() == "postgresql",
            hide_parameters=True,  # they are personal data, and errors get into logs
        )
    except (exc.ArgumentError, exc.NoSuchModuleError, ValueError) as error:
        raise DatabaseError(
            f"the database address {_without_password(url)!r} cannot be used: {error}; "
            "write for example sqlite:///cases.db or postgresql+psycopg://user@host/name"
        ) from error
    except ModuleNotFoundError as error:
        raise DatabaseError(
            f"the driver for {_without_password(url)!r} is not installed ({error.name}); "
            "for PostgreSQL: pip install 'jiefen[postgres]'"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _set_up_postgresql)
    else:
        raise DatabaseError(f"{engine.dialect.name} is not supported; use SQLite or PostgreSQL")
    return engine


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (exc.ArgumentError, ValueError):
        return url.partition(":")[0] + ":…"


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _set_up_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        # A worker that was stopped with a case in its hands must not hold up everybody else for ever.
        cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("jiefen_writes", False)
    statement = "BEGIN IMMEDIATE" if writes else "BEGIN"
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    except sqlite3.OperationalError as error:
        # What a listener raises passes SQLAlchemy by; a lock that was not free must be told like any other error.
        raise exc.OperationalError(statement, None, error) from error
    finally:
        cursor.close()


@contextmanager
def reading(engine: Engine, session: Session | Connection | None = None) -> Iterator[Connection]:
    """A connection to read with; nothing it does is kept. The host's sees what it has not committed yet."""
    if session is None:
        with _errors_translated(engine), engine.connect() as connection:
            yield connection
        return
    connection = host_connection(session)
    with _errors_translated(engine):
        yield connection


@contextmanager
def writing(engine: Engine, session: Session | Connection | None = None) -> Iterator[Connection]:
    """A connection to write with.

    Without ``session``: a transaction of its own, committed at the end and rolled back on any error.
    With ``session``: the host's transaction, which is neither committed, nor rolled back, nor retried here. What is
    written goes into a savepoint, so that a host that catches an error and commits keeps nothing half done.
    """
    if session is None:
        with (
            _errors_translated(engine),
            engine.connect().execution_options(jiefen_writes=True) as connection,
            connection.begin(),
        ):
            yield connection
        return
    connection = host_connection(session)  # what the host has not flushed yet fails as the host's own
    with _errors_translated(engine):
        if not connection.in_transaction():
            # What the first statement would do by itself; on an engine of ours it begins for the driver too.
            connection.begin()
        driver: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite" and not driver.in_transaction:
            # Python's driver begins only at the first write; a savepoint before that would be a transaction.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        with connection.begin_nested():
            yield connection


def host_connection(session: Session | Connection) -> Connection:
    """The connection of the host's transaction, with everything the host has not flushed yet.

    Raises:
        DatabaseError: it is neither a ``Session`` nor a ``Connection``.
    """
    if isinstance(session, Connection):
        return session
    if not hasattr(session, "flush"):
        raise DatabaseError(
            f"session= takes a Session or Connection of SQLAlchemy, not a {type(session).__name__}"
        )
    session.flush()
    return session.connection()


def has_failed(error: BaseException) -> bool:
    """Whether the database failed, not what was asked of it: a lost connection, a full disk, a server that stops."""
    if isinstance(error, DatabaseError):
        return True
    if not isinstance(error, exc.DBAPIError):
        return False
    state = _sqlstate(error)
    if state is None:
        # SQLite, and a connection that was lost before the server could say why.
        return isinstance(error, exc.OperationalError | exc.InterfaceError)
    # Connection exception, insufficient resources, operator intervention, system error, internal error.
    return error.connection_invalidated or (state[:2] in {"08", "53", "58", "XX"} or state[:4] == "57P0")


def is_in_the_way(error: BaseException) -> bool:
    """Whether another transaction stood in the way of this one; the same may go well when it is tried again."""
    return isinstance(error, exc.DBAPIError) and _sqlstate(error) in {"40001", "40P01", "55P03"}


def _sqlstate(error: exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


@contextmanager
def _errors_translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    # What the driver says of refused values quotes them: it must not reach a log, not even as the cause.
    except exc.IntegrityError as error:
        raise Conflict(_contradicted(error, engine)) from None
    except exc.DataError as error:
        raise FactError(_unkept(error, engine)) from None
    except exc.DBAPIError as error:
        raise DatabaseError(_explain(error, engine)) from error
    except (OverflowError, UnicodeEncodeError) as error:
        if not _of_the_driver(error):
            raise
        raise FactError(_unkept(error, engine)) from None


def _contradicted(error: exc.IntegrityError, engine: Engine) -> str:
    # SQLite names the columns; PostgreSQL the constraint, and beside it the values.
    diagnosis = getattr(error.orig, "diag", None)
    what = diagnosis.constraint_name if diagnosis is not None else str(error.orig).partition(": ")[2]
    return (
        f"the database {_where(engine)} refused a row that contradicts another ({what or 'a constraint'}); nothing was "
        "written; somebody else may have been faster: look again, then try again"
    )


def _unkept(error: Exception, engine: Engine) -> str:
    kind = type(error.orig).__name__ if isinstance(error, exc.DBAPIError) else type(error).__name__
    return (
        f"the database {_where(engine)} cannot keep a value that it was given ({kind}); nothing was written; look for "
        "a number beyond 64 bits, a text that is too long, or one with NUL or half a surrogate pair"
    )


def _of_the_driver(error: BaseException) -> bool:
    """Whether a driver raised it while values were handed to it; SQLAlchemy does not wrap that."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    module = frame.tb_frame.f_globals.get("__name__", "") if frame is not None else ""
    return str(module).partition(".")[0] in {"sqlalchemy", "psycopg", "psycopg_binary", "sqlite3"}


def _where(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _explain(error: exc.DBAPIError, engine: Engine) -> str:
    where = _where(engine)
    text = str(error.orig)
    if is_in_the_way(error) and _sqlstate(error) != "55P03":
        return (
            f"two writers stood in each other's way in the database {where}; nothing was written; try again"
        )
    if _sqlstate(error) == "55P03" or (_sqlstate(error) is None and ("locked" in text or "busy" in text)):
        return (
            f"the database {where} is locked by another program for more than {BUSY_TIMEOUT_MS // 1000} s; "
            "nothing was written; try again, or look for a program that keeps a transaction open"
        )
    if "full" in text or "disk" in text.lower():
        return (
            f"the database {where} cannot grow ({text}); nothing was written; free some space and try again"
        )
    if "readonly" in text or "read-only" in text:
        return f"the database {where} is read-only; nothing was written; check the file's and folder's permissions"
    if "not a database" in text or "malformed" in text:
        return f"{where} is not a sound SQLite database ({text}); check the path, or restore a backup"
    if "unable to open" in text:
        return (
            f"the database {where} cannot be opened ({text}); check that its folder exists and may be written"
        )
    return f"the database {where} answered: {text.strip()}"
