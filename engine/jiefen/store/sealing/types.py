"""Columns that are encrypted where a database has keys, and as they always were where it has none.

What is read comes with the wrapped key of its case and with what names its row: the text of the statement says so, so
that no reader needs a statement more, and none can forget it. What is written must have been encrypted before
(``rows``): a plain value is refused, so that none slips through.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles

from jiefen.errors import KeysError
from jiefen.store.sealing.ring import MARK, Ring, is_sealed, of_case, ring_of
from jiefen.store.statements import load_json

#: Between what is read with a value; no key of a row has it in it.
_BETWEEN: Final = "\x1f"
#: In a JSON object, under this name stands what is encrypted of it.
SEALED: Final = "~"
#: In the data of a journal entry that was encrypted later: the number of the entry that tells of it.
IN: Final = "~in"
#: What an encrypted part of a JSON object is there, so that one sees that there is something.
HIDDEN: Final = "~"


class Marked:
    """A value that was encrypted, or that has nothing to hide."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class Sealed(sa.types.TypeDecorator[Any]):
    """A column that is encrypted.

    Args:
        place: table and column.
        row: the columns that say which row it is; the first is the id of the case.
    """

    impl: Any = sa.String
    cache_ok = True

    def __init__(self, place: str, *row: str) -> None:
        super().__init__()
        self.place, self.row = place, row

    def bound_to(self, row: Mapping[str, Any]) -> str:
        """What a value of a row is bound to."""
        return self._bound(row[name] for name in self.row)

    def column_expression(self, column: Any) -> Any:
        """Read it with what is needed to decrypt it."""
        while isinstance(column, sa.Label | sa.TypeCoerce):
            column = column.element if isinstance(column, sa.Label) else column.clause
        return _Read(column, self)

    def bind_processor(self, dialect: Dialect) -> Any:
        """What was encrypted goes in as it is; what was not is refused where there are keys."""
        inner: Callable[[Any], Any] | None = super().bind_processor(dialect)

        def process(value: Any) -> Any:
            if isinstance(value, Marked):
                value = value.value
            elif value and ring_of(dialect) is not None:
                raise RuntimeError(f"{self.place} would be written without being encrypted: a bug in jiefen")
            return value if inner is None else inner(value)

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Decrypt what comes with its key."""
        inner: Callable[[Any], Any] | None = super().result_processor(dialect, coltype)

        def process(value: Any) -> Any:
            ring = ring_of(dialect)
            if ring is None or value is None:
                return value if inner is None else inner(value)
            wrapped, *row, kept = value.split(_BETWEEN, len(self.row) + 1)
            case = int(row[0])
            ring.remember(case, wrapped)
            return self._opened(_Opener(ring, of_case(case), wrapped, self._bound(row)), kept)

        return process

    def _bound(self, row: Any) -> str:
        return " ".join([self.place, *map(str, row)])

    def _opened(self, opener: _Opener, kept: str) -> Any:
        return opener.text(kept)

    def plainly(self, column: Any) -> Any:
        """What is read where there are no keys."""
        return column


class _Opener:
    """How a value of one row is decrypted."""

    __slots__ = ("_bound_to", "_name", "_ring", "_wrapped")

    def __init__(self, ring: Ring, name: str, wrapped: str, bound_to: str) -> None:
        self._ring, self._name, self._wrapped, self._bound_to = ring, name, wrapped, bound_to

    def text(self, kept: Any) -> str:
        if not is_sealed(kept):
            text: str = kept
            return text
        return self._ring.open(self._name, self._wrapped, kept, self._bound_to)

    def json(self, kept: str) -> Any:
        value = load_json(kept)
        if is_sealed(value):
            return load_json(self.text(value))
        if isinstance(value, dict) and is_sealed(sealed := value.get(SEALED)):
            del value[SEALED]
            value.pop(IN, None)
            value.update(load_json(self.text(sealed)))
        return value


class SealedText(Sealed):
    """A text that is encrypted; of so many characters where it is not, if any number is given."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, place: str, *row: str, length: int | None = None) -> None:
        super().__init__(place, *row)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """SQLite does not look at lengths; PostgreSQL does, and what is encrypted is longer."""
        if dialect.name == "postgresql" or self.length is None:
            return sa.Text()
        return sa.String(self.length)


class SealedJson(Sealed):
    """JSON that is encrypted, the whole or under :data:`SEALED` a part of an object."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """JSONB on PostgreSQL."""
        return postgresql.JSONB() if dialect.name == "postgresql" else sa.JSON()

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Without the number of the entry that tells what was taken out of it."""
        read = super().result_processor(dialect, coltype)

        def process(value: Any) -> Any:
            found = read(value)
            if isinstance(found, dict) and IN in found:
                del found[IN]
            return found

        return process

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """The index of a part is a text or a number."""
        return self.impl_instance.coerce_compared_value(op, value)

    def _opened(self, opener: _Opener, kept: str) -> Any:
        return opener.json(kept)


class PartOfJson(Sealed):
    """One part of an encrypted JSON object, for lists that show no more: of a column that is coerced to it."""

    impl = sa.String
    cache_ok = True

    def __init__(self, part: str, place: str, *row: str) -> None:
        super().__init__(place, *row)
        self.part = part

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """A text."""
        return sa.String()

    def plainly(self, column: Any) -> Any:
        """Where there are no keys the database takes it out."""
        return column[self.part].as_string()

    def _opened(self, opener: _Opener, kept: str) -> Any:
        return opener.json(kept).get(self.part)


class OwnText(sa.types.TypeDecorator[str]):
    """A text of no case, or one that outlives its case: encrypted by the key of the whole database.

    Args:
        place: table and column.
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def bind_processor(self, dialect: Dialect) -> Any:
        """Encrypt what is written."""

        def process(value: Any) -> Any:
            ring = ring_of(dialect)
            if ring is None or not value:
                return value
            sealed = ring.seal_own(value.encode(), self.place)
            return sealed[:MARK].decode() + b2a_base64(sealed[MARK:], newline=False).decode()

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Decrypt what is read; what was written before there were keys is as it is."""

        def process(value: Any) -> Any:
            ring = ring_of(dialect)
            if not is_sealed(value):
                return value
            if ring is None:  # an auditor asks for no keys
                return HIDDEN
            found = ring.open_own(_bytes_of(value), self.place)
            if found is None:
                raise KeysError(
                    f"{self.place}: what is kept encrypted here was changed; bring the row back from a backup"
                )
            return found.decode()

        return process


def _bytes_of(sealed: str) -> bytes:
    try:
        return sealed[:MARK].encode() + b64decode(sealed[MARK:], validate=True)
    except NotBase64:
        return sealed[:MARK].encode()


class Blinded(sa.types.TypeDecorator[str]):
    """A text that is compared and never shown: a keyed digest of it where there are keys."""

    impl = sa.String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """What is written and what is looked for become the same digest."""

        def process(value: Any) -> Any:
            ring = ring_of(dialect)
            return value if ring is None or value is None else ring.blind(value)

        return process

    def literal_processor(self, dialect: Dialect) -> Any:
        """It stands in the text of no statement."""
        return None


class _Read(sa.ColumnElement[Any]):
    """An encrypted column as it is read."""

    inherit_cache = False

    def __init__(self, column: Any, kind: Sealed) -> None:
        self.column, self.kind = column, kind
        self.type = kind


def _named(columns: Any, name: str) -> Any:
    """A column beside an encrypted one; in a subquery over several tables the id of the case is its ``case_id``."""
    return columns["case_id" if name == "id" and "case_id" in columns else name]


@compiles(_Read)
def _compile(element: _Read, compiler: Any, **given: Any) -> str:
    given.pop("add_to_result_map", None)
    column, kind = element.column, element.kind
    # What a part of a union has nothing of is not encrypted.
    if ring_of(compiler.dialect) is None or isinstance(column, sa.Null):
        text: str = compiler.process(kind.plainly(column), **given)
        return text
    case, *rest = (_named(column.table.c, name) for name in kind.row)
    of = compiler.process(case, **given)
    # Written out: a subquery of SQLAlchemy does not find the table of a RETURNING. No other table has these names.
    wrapped = f"(SELECT wrapped FROM jiefen_case_key WHERE of_case = {of})"  # noqa: S608, the name of a column
    parts = [f"coalesce({wrapped}, '')", f"CAST(coalesce({of}, 0) AS TEXT)"]
    parts += [f"CAST({compiler.process(one, **given)} AS TEXT)" for one in (*rest, column)]
    return "(" + f" || '{_BETWEEN}' || ".join(parts) + ")"
