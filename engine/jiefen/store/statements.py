"""Statements that are compiled once for each database, and run on the cursor of its driver.

SQLAlchemy writes them and says how values go in and come out; what it does besides for every execution costs several
times what the database needs for it. On the connections of a host, and where somebody listens to the statements of an
engine, they take SQLAlchemy's ordinary way, with the same result.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary, ref

import msgspec
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Dialect

Values = Mapping[str, Any]
Process = Callable[[Any], Any]
#: Whether there are keys, and the names of the values.
_Key = tuple[bool, tuple[str, ...]]

#: The option of a connection whose statements may run on the driver's cursor.
DIRECT: Final = "jiefen_direct"
#: The option of one whose statements may be sent before those before them are answered.
PIPELINED: Final = "jiefen_pipelined"

_encode = msgspec.json.Encoder().encode
#: What the JSON of a column is read with.
load_json: Final = msgspec.json.Decoder().decode


def dump_json(value: object) -> str:
    """A value as the JSON of a column."""
    return _encode(value).decode()


class Statement:
    """A statement of SQLAlchemy whose rows are tuples with names.

    Every value that differs from one execution to the next is a parameter of a single value; lists stand in the text.

    Args:
        row: what a row becomes; a tuple with the names of the columns where nothing else is said.
    """

    def __init__(self, statement: Any, row: Callable[[Sequence[Any]], Any] | None = None) -> None:
        self._statement = statement
        self._columns: list[sa.ColumnElement[Any]] = list(getattr(statement, "exported_columns", ()))
        names = [str(column.key) for column in self._columns]
        named: Any = namedtuple("Row", names)  # type: ignore[misc]
        self._row = row or named._make
        self._forms: WeakKeyDictionary[Dialect, dict[_Key, _Form]] = WeakKeyDictionary()
        # Most programs have one database, and most statements are run with the same names each time.
        self._latest: tuple[ref[Dialect], _Key, _Form] | None = None

    def start(self, connection: Connection, values: Values) -> Started:
        """Send it off; what it gives can be asked for afterwards."""
        if not _may_run_directly(connection):
            return Started(connection, self._row, connection.execute(self._statement, values))
        form = self._form(connection.dialect, values, many=False)
        return Started(connection, lambda row: self._row(form.read(row)), form.execute(connection, values))

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Every row."""
        return self.start(connection, values).rows()

    def first(self, connection: Connection, values: Values) -> Any:
        """The first row; ``None`` when there is none."""
        return self.start(connection, values).first()

    def value(self, connection: Connection, values: Values) -> Any:
        """The first column of the first row; ``None`` when there is none."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def run_each(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Change rows, for each of ``rows``, which all have the same names."""
        if not _may_run_directly(connection):
            connection.execute(self._statement, rows)
            return
        self._form(connection.dialect, rows[0], many=True).execute_each(connection, rows)

    def run_records(self, connection: Connection, rows: Sequence[Any]) -> None:
        """Change rows, for each of ``rows``, named tuples of one kind whose fields are the values."""
        if not _may_run_directly(connection):
            connection.execute(self._statement, [row._asdict() for row in rows])
            return
        self._form(connection.dialect, rows[0]._fields, many=True).execute_records(connection, rows)

    def _form(self, dialect: Dialect, values: Iterable[str], *, many: bool) -> _Form:
        # With keys the statement reads otherwise; they may come after the first statement.
        names = tuple(values)
        key = getattr(dialect, "jiefen_ring", None) is not None, names
        latest = self._latest
        if latest is not None and latest[1] == key and latest[0]() is dialect:
            return latest[2]
        forms = self._forms.get(dialect)
        if forms is None:
            forms = self._forms.setdefault(dialect, {})
        form = forms.get(key)
        if form is None:
            form = forms[key] = _Form(self._statement, self._columns, dialect, names, many)
        self._latest = ref(dialect), key, form
        return form


class Started:
    """A statement that was sent off."""

    def __init__(self, connection: Connection, row: Callable[[Any], Any], cursor: Any) -> None:
        self._connection, self._row, self._cursor = connection, row, cursor

    def rows(self) -> list[Any]:
        """Every row it gives."""
        try:
            found = self._cursor.fetchall()
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise _of_sqlalchemy(self._connection, error) from error
        return [self._row(row) for row in found]

    def first(self) -> Any:
        """The first row; ``None`` when there is none."""
        rows = self.rows()
        return rows[0] if rows else None

    @property
    def changed(self) -> int:
        """How many rows it changed; known once a :func:`pipeline` is over."""
        count: int = self._cursor.rowcount
        return count


@contextmanager
def pipeline(connection: Connection) -> Iterator[None]:
    """Send what is started inside one after the other without waiting for each answer, where the database can."""
    if not connection.get_execution_options().get(PIPELINED):
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _of_sqlalchemy(connection, error) from error


class _Form:
    """A statement as one database takes it, for values of certain names."""

    def __init__(
        self,
        statement: Any,
        columns: Sequence[sa.ColumnElement[Any]],
        dialect: Dialect,
        names: Sequence[str],
        many: bool,
    ) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=many)
        self._text = str(compiled)
        # Drivers take values in order or by name; SQLAlchemy knows an order for the first alone.
        self._named = compiled.positiontup is None
        self._names = tuple(compiled.positiontup or compiled.params)
        # Where the values stand in a record whose fields have these names.
        self._places = [names.index(name) for name in self._names if name in names]
        # What was said when the statement was built, a limit for one.
        self._said = {name: value for name, value in compiled.params.items() if name not in names}
        types = [compiled.binds[name].type.dialect_impl(dialect) for name in self._names]
        # A value that is not there is none on either side, but in JSON, which has a null of its own.
        self._writes: list[tuple[int, Process]] = []
        self._writes_json: list[tuple[int, Process]] = []
        for at, kind in enumerate(types):
            if (process := _writer(kind, dialect)) is not None:
                in_json = isinstance(getattr(kind, "impl_instance", kind), sa.JSON)
                (self._writes_json if in_json else self._writes).append((at, process))
        self._reads = [
            (at, process)
            for at, column in enumerate(columns)
            if (process := _reader(column.type.dialect_impl(dialect), dialect)) is not None
        ]

    def execute(self, connection: Connection, values: Values) -> Any:
        driver: Any = connection.connection.dbapi_connection
        try:
            return driver.execute(self._text, self._bound(values))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _of_sqlalchemy(connection, error, self._text) from error

    def execute_each(self, connection: Connection, rows: Sequence[Values]) -> None:
        self._execute_many(connection, [self._bound(values) for values in rows])

    def execute_records(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        self._execute_many(connection, [self._processed([row[at] for at in self._places]) for row in rows])

    def _execute_many(self, connection: Connection, bound: Sequence[Any]) -> None:
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.cursor().executemany(self._text, bound)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _of_sqlalchemy(connection, error, self._text) from error

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """A row of the driver in values of Python."""
        if not self._reads:
            return row
        values = list(row)
        for at, process in self._reads:
            value = values[at]
            if value is not None:
                values[at] = process(value)
        return values

    def _bound(self, values: Values) -> Any:
        if self._said:
            values = {**self._said, **values}
        return self._processed([values[name] for name in self._names])

    def _processed(self, bound: list[Any]) -> Any:
        for at, process in self._writes:
            value = bound[at]
            if value is not None:
                bound[at] = process(value)
        for at, process in self._writes_json:
            bound[at] = process(bound[at])
        return dict(zip(self._names, bound, strict=True)) if self._named else bound


def _writer(kind: Any, dialect: Dialect) -> Process | None:
    """How a value goes to the driver. What SQLAlchemy does for SQLite beside these few comes to the same."""
    if dialect.name == "sqlite":
        if isinstance(kind, sa.JSON) and not kind.none_as_null:
            return dump_json
        if isinstance(kind, sa.LargeBinary):
            return None
    process: Process | None = kind.bind_processor(dialect)
    return process


def _reader(kind: Any, dialect: Dialect) -> Process | None:
    """How a value comes from the driver."""
    if dialect.name == "sqlite" and isinstance(kind, sa.LargeBinary):
        return None
    process: Process | None = kind.result_processor(dialect, None)
    return process


def _may_run_directly(connection: Connection) -> bool:
    if not connection.get_execution_options().get(DIRECT):
        return False
    if not connection.in_transaction():
        connection.begin()  # as every statement of SQLAlchemy does
    return True


def _of_sqlalchemy(connection: Connection, error: Exception, text: str | None = None) -> Exception:
    """The error of a driver as SQLAlchemy tells it; a connection that is lost goes back to no pool."""
    dialect = connection.dialect
    base: Any = dialect.loaded_dbapi.Error
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    told: Exception = exc.DBAPIError.instance(
        text, None, error, base, hide_parameters=True, connection_invalidated=lost, dialect=dialect
    )
    return told
