"""What a database answered, told as the errors of Jiefen: what happened, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import Final

import msgspec
from sqlalchemy import exc

from jiefen.errors import Conflict, DatabaseError, FactError

#: PostgreSQL's codes of what goes well when it is tried again: serialization failure, deadlock, lock not available.
_LOCKED = "55P03"
_IN_THE_WAY: Final = frozenset({"40001", "40P01", _LOCKED})
#: Where values are handed to drivers: our own module, SQLAlchemy, and the drivers themselves.
_HANDED_OVER = "jiefen.store.statements"
_DRIVERS: Final = frozenset({"sqlalchemy", "psycopg", "psycopg_binary", "sqlite3"})
_READ_ONLY = "25006"
_FULL = "53100"


def has_failed(error: BaseException) -> bool:
    """Whether the database failed, not what was asked of it: a lost connection, a full disk, a server that stops."""
    if isinstance(error, DatabaseError | exc.TimeoutError):
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
    return isinstance(error, exc.DBAPIError) and _sqlstate(error) in _IN_THE_WAY


@contextmanager
def errors_translated(where: str, waited: str) -> Iterator[None]:
    """Tell what a driver raises inside as an error of Jiefen.

    Args:
        where: the address of the database, without its secrets.
        waited: how long a lock is waited for, in words.
    """
    try:
        yield
    # What the driver says of refused values quotes them: it must not reach a log, not even as the cause.
    except exc.IntegrityError as error:
        raise Conflict(_contradicted(error, where)) from None
    except exc.DataError as error:
        raise FactError(_unkept(error, where)) from None
    except exc.DBAPIError as error:
        raise DatabaseError(_explain(error, where, waited)) from error
    except exc.TimeoutError as error:
        raise DatabaseError(
            f"no connection to the database {where} came free: all of the pool are in use ({_detail(error)}); "
            "give Engine.open a larger pool_size or max_overflow, or look for what keeps transactions open"
        ) from error
    except (JSONDecodeError, msgspec.DecodeError):
        raise DatabaseError(
            f"a row of the database {where} holds JSON that cannot be read: it is damaged, or was changed by hand; "
            "restore it from a backup"
        ) from None
    except (OverflowError, UnicodeEncodeError) as error:
        if not _of_the_driver(error):
            raise
        raise FactError(_unkept(error, where)) from None


def _sqlstate(error: exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _contradicted(error: exc.IntegrityError, where: str) -> str:
    # SQLite names the columns; PostgreSQL the constraint, and beside it the values.
    diagnosis = getattr(error.orig, "diag", None)
    what = diagnosis.constraint_name if diagnosis is not None else str(error.orig).partition(": ")[2]
    return (
        f"the database {where} refused a row that contradicts another ({what or 'a constraint'}); nothing was "
        "written; somebody else may have been faster: look again, then try again"
    )


def _unkept(error: Exception, where: str) -> str:
    kind = type(error.orig).__name__ if isinstance(error, exc.DBAPIError) else type(error).__name__
    return (
        f"the database {where} cannot keep a value that it was given ({kind}); nothing was written; look for "
        "a number beyond 64 bits, a text that is too long, or one with NUL or half a surrogate pair"
    )


def _of_the_driver(error: BaseException) -> bool:
    """Whether a driver raised it while values were handed to it; SQLAlchemy does not wrap that."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    module = str(frame.tb_frame.f_globals.get("__name__", "")) if frame is not None else ""
    return module == _HANDED_OVER or module.partition(".")[0] in _DRIVERS


def _detail(error: exc.TimeoutError) -> str:
    # The first sentence has the figures; what follows is an address of SQLAlchemy's documentation.
    return str(error).partition(" (Background")[0]


def _explain(error: exc.DBAPIError, where: str, waited: str) -> str:
    state = _sqlstate(error)
    return _of_sqlite(error, where, waited) if state is None else _of_postgresql(error, state, where, waited)


def _of_postgresql(error: exc.DBAPIError, state: str, where: str, waited: str) -> str:
    if state == _LOCKED:
        return _is_locked(where, waited)
    if state in _IN_THE_WAY:
        return (
            f"two writers stood in each other's way in the database {where}; nothing was written; try again"
        )
    if state == _READ_ONLY:
        return (
            f"the database {where} takes no writes now: it is a standby, or its transactions are set to read only; "
            "nothing was written; connect to the primary, or look at default_transaction_read_only"
        )
    if state == _FULL:
        return _cannot_grow(where, str(error.orig).strip())
    return f"the database {where} answered: {str(error.orig).strip()}"


def _of_sqlite(error: exc.DBAPIError, where: str, waited: str) -> str:
    text, name = str(error.orig).strip(), str(getattr(error.orig, "sqlite_errorname", ""))
    if name == "SQLITE_BUSY_SNAPSHOT":
        return (
            f"somebody else wrote to the database {where} after this transaction had begun to read; nothing was "
            "written; roll it back and try again, or begin it with BEGIN IMMEDIATE"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return _is_locked(where, waited)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"{where} is not a sound SQLite database ({text}); check the path, or restore a backup"
    if name == "SQLITE_FULL":
        return _cannot_grow(where, text)
    if name.startswith("SQLITE_READONLY"):
        return f"the database {where} is read-only; nothing was written; check the file's and folder's permissions"
    if name.startswith("SQLITE_CANTOPEN"):
        return (
            f"the database {where} cannot be opened ({text}); check that its folder exists and may be written"
        )
    if name.startswith("SQLITE_IOERR"):
        return f"reading or writing the file of {where} failed ({text}); nothing was written; check the disk"
    return f"the database {where} answered: {text}"


def _is_locked(where: str, waited: str) -> str:
    return (
        f"the database {where}, or a row of it, was locked by another transaction for {waited}; nothing was written; "
        "try again, or look for a program that keeps a transaction open"
    )


def _cannot_grow(where: str, text: str) -> str:
    return f"the database {where} cannot grow ({text}); nothing was written; free some space and try again"
