"""One database: its connections, and its transactions.

SQLite runs in WAL mode with foreign keys on and a busy timeout; a writing transaction takes the write lock at its
start (``BEGIN IMMEDIATE``), so that two writers queue instead of failing half way. PostgreSQL locks rows.

Transactions are begun here, not by the driver, so that nothing depends on the settings of a session: that is what lets
a pooler hand every transaction another one. A writing transaction looks first whether the tables are still of the
version that this library knows.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Engine

from jiefen.errors import DatabaseError
from jiefen.notation.texts import shown
from jiefen.store.connecting.addresses import masked, parsed
from jiefen.store.connecting.failures import errors_translated
from jiefen.store.connecting.hosts import host_connection, refuse_autocommit, refuse_other_database
from jiefen.store.connecting.marks import MARK
from jiefen.store.sealing.ring import Ring, ring_of
from jiefen.store.statements import DIRECT, PIPELINED, dump_json, load_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session  # importing the ORM costs every program that does not use it

#: What a pool and a driver of our own are given.
_OF_A_POOL = ("pool_size", "max_overflow", "pool_timeout", "connect_args", "pooler")
_VERSION = "SELECT version_num FROM jiefen_version"


class Pooling(TypedDict, total=False):
    """The settings of :class:`Connecting`, as they are handed on."""

    pool_size: int
    max_overflow: int
    pool_timeout: float
    lock_timeout: float
    connect_args: Mapping[str, Any] | None
    pooler: Literal["transaction"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """How a database is connected to.

    Attributes:
        pool_size, max_overflow, pool_timeout: of SQLAlchemy's pool; seconds. There are two such pools, one to write
            with and one to read with, so that reading never waits for writers that wait for a lock.
        lock_timeout: seconds for which a lock is waited for.
        connect_args: handed to the driver.
        pooler: ``transaction`` behind a pooler that hands every transaction another session, as PgBouncer's
            transaction mode.
    """

    pool_size: int = 5
    max_overflow: int = 10
    pool_timeout: float = 10
    lock_timeout: float = 10
    connect_args: Mapping[str, Any] | None = None
    pooler: Literal["transaction"] | None = None

    def __post_init__(self) -> None:
        least = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0, "lock_timeout": 0}
        for name, smallest in least.items():
            value = getattr(self, name)
            kinds = int if name in {"pool_size", "max_overflow"} else (int, float)
            if isinstance(value, bool) or not isinstance(value, kinds) or not smallest <= value <= 86_400:
                raise DatabaseError(f"{name} is {shown(value)}; give a number from {smallest} to 86400")
        if self.pooler not in (None, "transaction"):
            raise DatabaseError(f"pooler is {shown(self.pooler)}; it is 'transaction', or left out")
        if not isinstance(self.connect_args, Mapping | None):
            raise DatabaseError(f"connect_args is a {type(self.connect_args).__name__}, not a mapping")


class Database:
    """A database that is open. Its two engines are its own, unless they are the host's.

    Attributes:
        engine: to write with.
        version: of the tables; once known, every writing transaction looks whether it still is.
    """

    def __init__(
        self, engine: Engine, readers: Engine, lock_timeout: float, *, shared: bool, pipelined: bool = False
    ) -> None:
        self.engine, self._readers, self._shared, self._pipelined = engine, readers, shared, pipelined
        self.version: str | None = None
        #: The keys that it is encrypted by.
        self.ring: Ring | None = None
        self.where = masked(engine.url)
        self._lock_timeout = lock_timeout
        self._file: tuple[str, tuple[int, int]] | None = None
        #: The two engines.
        self.engines = frozenset({engine, readers})
        # The same engines with the options of a transaction of ours, made once: they cost more than what they say.
        self._ways: dict[tuple[bool, bool], Engine] = {}
        begin = self._begin_sqlite if engine.dialect.name == "sqlite" else self._begin_postgresql
        for one in self.engines:
            event.listen(one, "begin", begin)

    def lent(self, connection: Connection) -> bool:
        """Whether a connection is a host's."""
        return connection.engine not in self.engines and connection.engine not in self._ways.values()

    def use(self, ring: Ring) -> None:
        """Encrypt what is written from now on, and decrypt what is read."""
        self.ring = ring
        for one in self.engines:
            self._encrypt(one)

    def _encrypt(self, engine: Engine) -> None:
        """Let the statements of an engine know the keys; what it remembers of their texts is without them."""
        if self.ring is not None and ring_of(engine.dialect) is not self.ring:
            engine.dialect.jiefen_ring = self.ring  # type: ignore[attr-defined]
            engine.clear_compiled_cache()

    def dispose(self) -> None:
        """Give the connections back; those of a host stay with it."""
        if not self._shared:
            self.engine.dispose()
            self._readers.dispose()

    @contextmanager
    def reading(self, session: Session | Connection | None = None) -> Iterator[Connection]:
        """A connection to read with; nothing it does is kept. The host's sees what it has not committed yet.

        Raises:
            DatabaseError: the database cannot be read, or the session is that of another one.
        """
        if session is None:
            with self._translated(), self._way(writes=False).connect() as connection:
                yield connection
            return
        connection = host_connection(session)
        with self._translated("the time that the session waits for locks"):
            self._refuse_other(connection)
            yield connection

    @contextmanager
    def writing(
        self, session: Session | Connection | None = None, *, patience: float | None = None
    ) -> Iterator[Connection]:
        """A connection to write with.

        Without ``session``: a transaction of its own, committed at the end and rolled back on any error.
        With ``session``: the host's transaction, which is neither committed, nor rolled back, nor retried here. What is
        written goes into a savepoint, so that a host that catches an error and commits keeps nothing half done.

        Args:
            patience: seconds for which a lock is waited for, where not the usual time.

        Raises:
            DatabaseError: the database cannot be written, the tables are of a newer version, or the session is that of
                another database or commits every statement by itself.
        """
        if session is None:
            waits = self._lock_timeout if patience is None else patience
            with (
                self._translated(f"more than {waits:g} s"),
                self._way(writes=True).connect() as connection,
            ):
                if patience is not None:
                    connection.execution_options(jiefen_waits=patience)
                with connection.begin():
                    yield connection
            return
        connection = host_connection(session)  # what the host has not flushed yet fails as the host's own
        with self._translated("the time that the session waits for locks"):
            if not connection.in_transaction():
                # What the first statement would do by itself; on an engine of ours it begins for the driver too.
                connection.begin()
            refuse_autocommit(connection)
            driver: Any = connection.connection.dbapi_connection
            if connection.dialect.name == "sqlite" and not driver.in_transaction:
                # Python's driver begins only at the first write; a savepoint before that would be a transaction.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            self._refuse_other(connection)
            with connection.begin_nested():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(MARK)
                yield connection

    # --- inside -----------------------------------------------------------------------------------------------------

    def _way(self, *, writes: bool) -> Engine:
        """The engine whose connections are for a transaction that writes, or for reading.

        Statements may run on the driver's cursor where nobody but SQLAlchemy would miss them.
        """
        engine = self.engine if writes else self._readers
        direct = not self._shared and not engine.dispatch.before_cursor_execute
        way = self._ways.get((writes, direct))
        if way is None:
            purpose = {"jiefen_writes": True} if writes else {"jiefen_reads": True}
            ways = {DIRECT: direct, PIPELINED: direct and self._pipelined}
            way = self._ways.setdefault((writes, direct), engine.execution_options(**purpose, **ways))
        return way

    def _translated(self, waited: str | None = None) -> Any:
        return errors_translated(self.where, waited or f"more than {self._lock_timeout:g} s")

    def _refuse_other(self, connection: Connection) -> None:
        known = refuse_other_database(connection, self.engine, self.where)
        if known is not None:
            self._require_version(known)
        self._encrypt(connection.engine)

    def _require_version(self, found: object) -> None:
        if self.version is not None and found != self.version:
            raise DatabaseError(
                f"the tables of the database {self.where} have become those of version {found} since it was opened, "
                f"this library knows {self.version}; nothing was written; stop this program and start the newer jiefen"
            )

    def _begin_sqlite(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        writes, waits = options.get("jiefen_writes", False), options.get("jiefen_waits", self._lock_timeout)
        driver: Any = connection.connection.dbapi_connection
        statement = "BEGIN IMMEDIATE" if writes else "BEGIN"
        try:
            if not self._shared and connection.info.get("jiefen_waits") != waits:
                driver.execute(f"PRAGMA busy_timeout = {int(waits * 1000)}")
                connection.info["jiefen_waits"] = waits
            driver.execute(statement)
            self._same_file(driver)
            if writes and self.version is not None:
                self._require_version(driver.execute(_VERSION).fetchone()[0])
        except sqlite3.OperationalError as error:
            # What a listener raises passes SQLAlchemy by; a lock that was not free must be told like any other error.
            raise exc.OperationalError(statement, None, error) from error

    def _same_file(self, driver: Any) -> None:
        """Refuse to go on with a file that was taken away: what is written to it would be gone with it."""
        if self._file is None:
            path = driver.execute("PRAGMA database_list").fetchone()[2]
            if not path:  # in memory
                return
            opened = os.stat(path)
            self._file = path, (opened.st_dev, opened.st_ino)
            return
        path, known = self._file
        try:
            found: os.stat_result | None = os.stat(path)
        except FileNotFoundError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != known:
            what = "has gone" if found is None else "was replaced by another file"
            raise DatabaseError(
                f"the file of the database {self.where} {what} while it was open; nothing was written; bring it back, "
                "then open the database again"
            )

    def _begin_postgresql(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        writes, waits = options.get("jiefen_writes", False), options.get("jiefen_waits", self._lock_timeout)
        driver: Any = connection.connection.dbapi_connection
        if options.get("jiefen_reads"):
            return  # every statement sees what is there then, in a transaction as well as without
        # A worker that was stopped with a case in its hands must not hold up everybody else for ever.
        statements = [f"SET LOCAL lock_timeout = {int(waits * 1000)}"] if writes else []
        looks = writes and self.version is not None
        if looks:
            statements += [MARK, _VERSION]
        if driver.autocommit:
            statements.insert(0, "BEGIN")
        if not statements:
            return
        text = "; ".join(statements)
        try:
            with driver.cursor() as cursor:
                cursor.execute(text)  # one message to the server, however many statements
                while cursor.nextset():
                    pass
                found = cursor.fetchone()[0] if looks else None
        except driver.Error as error:
            raise exc.DBAPIError.instance(text, None, error, driver.Error) from error
        if looks:
            self._require_version(found)


def open_database(url: str, how: Connecting | None = None) -> Database:
    """Connect to ``url``.

    Raises:
        DatabaseError: the address cannot be understood, or its driver is not installed.
    """
    how = how or Connecting()
    address = parsed(url)
    arguments: dict[str, Any] = dict(how.connect_args or {})
    pool: dict[str, Any] = {}
    if address.get_backend_name() == "postgresql":
        # A connection that a firewall has cut while it was idle looks alive until it is asked.
        pool["pool_pre_ping"] = True
        if how.pooler == "transaction":
            # What one session prepared, the next one does not know.
            arguments.setdefault("prepare_threshold", None)
    in_memory = address.get_backend_name() == "sqlite" and _in_memory(address)
    if not in_memory:
        pool |= {
            "pool_size": how.pool_size,
            "max_overflow": how.max_overflow,
            "pool_timeout": how.pool_timeout,
        }
    try:
        engine, *more = (
            sa.create_engine(
                address,
                connect_args=arguments,
                json_serializer=dump_json,
                json_deserializer=load_json,
                hide_parameters=True,  # they are personal data, and errors get into logs
                **pool,
            )
            for _ in range(1 if in_memory else 2)
        )
    except (exc.ArgumentError, exc.NoSuchModuleError, TypeError) as error:
        raise DatabaseError(
            f"the database address {masked(address)!r} cannot be used: {error}; "
            "write for example sqlite:///cases.db or postgresql+psycopg://user@host/name"
        ) from error
    except ModuleNotFoundError as error:
        raise DatabaseError(
            f"the driver for {masked(address)!r} is not installed ({error.name}); {_driver_hint(address)}"
        ) from error
    readers = more[0] if more else engine
    for one in {engine, readers}:
        event.listen(one, "connect", _set_up(one))
    # A pooler may know nothing of statements that are sent before the ones before them are answered.
    driver: Any = engine.dialect.loaded_dbapi
    pipelined = engine.dialect.driver == "psycopg" and how.pooler is None and driver.Pipeline.is_supported()
    return Database(engine, readers, how.lock_timeout, shared=False, pipelined=pipelined)


def share_database(engine: object, how: Connecting | None = None) -> Database:
    """Work on the connections of a host's engine; its pool stays the host's, and so does closing it.

    Raises:
        DatabaseError: it is no engine of SQLAlchemy, or of a database that Jiefen does not know; or ``how`` sets what
            only a pool of its own could have.
    """
    if not isinstance(engine, Engine):
        what = type(engine).__name__
        hint = "; give its .sync_engine" if hasattr(engine, "sync_engine") else ""
        raise DatabaseError(f"engine= takes an Engine of SQLAlchemy, not a {what}{hint}")
    _require_known(engine)
    how = how or Connecting()
    mine = [name for name in _OF_A_POOL if getattr(how, name) != getattr(Connecting(), name)]
    if mine:
        raise DatabaseError(
            f"{', '.join(mine)} cannot be set with engine=, whose pool and driver are the host's; set it there, or "
            "give an address instead of engine="
        )
    if getattr(engine.dialect, "_on_connect_isolation_level", None) == "AUTOCOMMIT":
        raise DatabaseError(
            "engine= is in AUTOCOMMIT, so that nothing could be undone; give one with "
            "isolation_level='READ COMMITTED', or an address"
        )
    own = engine.execution_options(jiefen=True)  # with listeners of its own, on the same pool
    return Database(own, own, how.lock_timeout, shared=True)


def _in_memory(address: sa.URL) -> bool:
    return address.database in (None, "", ":memory:") or address.query.get("mode") == "memory"


def _driver_hint(address: sa.URL) -> str:
    if address.get_backend_name() == "postgresql":
        return "for PostgreSQL: pip install 'jiefen[postgres]'"
    return (
        "Jiefen knows SQLite and PostgreSQL: write sqlite:///cases.db or postgresql+psycopg://user@host/name"
    )


def _require_known(engine: Engine) -> None:
    if engine.dialect.name not in {"sqlite", "postgresql"}:
        raise DatabaseError(f"{engine.dialect.name} is not supported; use SQLite or PostgreSQL")


def _set_up(engine: Engine) -> Any:
    _require_known(engine)
    return _set_up_sqlite if engine.dialect.name == "sqlite" else _set_up_postgresql


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun above, not by the driver
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _set_up_postgresql(connection: Any, _record: object) -> None:
    connection.autocommit = True  # transactions are begun above, in one message with what they begin with
