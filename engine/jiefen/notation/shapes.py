"""The shapes of data in a rule file; from one declaration come the check of a file and its JSON Schema.

A shape never raises: it reports what is wrong, at the place where it is wrong, and says whether the value
can be used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from jiefen.notation.labels import suggestion

Path = tuple[str | int | date, ...]
#: Takes the place, a code, what is wrong, and how to mend it.
Report = Callable[[Path, str, str, str], None]
Schema = dict[str, Any]


class Shape(Protocol):
    """What a value may look like."""

    def check(self, value: object, path: Path, report: Report) -> bool:
        """Whether ``value`` has this shape; what is wrong goes to ``report``."""
        ...

    def schema(self) -> Schema:
        """The shape as JSON Schema (draft 2020-12)."""
        ...


class _Item(int):
    """The place of an item in a list, which is no key that somebody wrote."""


def _name(path: Path) -> str:
    if not path:
        return "the file"
    last = path[-1]
    return f"entry {last + 1} of {_name(path[:-1])}" if isinstance(last, _Item) else repr(str(last))


def _is(value: object) -> str:
    """What a value is, in the words of a file."""
    if value is None:
        return "is empty"
    if isinstance(value, dict):
        return "is a mapping"
    if isinstance(value, list):
        return "is a list"
    if isinstance(value, bool):
        return f"is {str(value).lower()}"
    return f"is {value!s:.60}"


@dataclass(frozen=True)
class Text:
    """A text that is not empty, of a given form.

    Attributes:
        names: the vocabulary whose names are meant (``facts``, ``roles``…); a schema made for a rulebook lists them.
    """

    form: str | None = None
    example: str | None = None
    about: str = "a text"
    names: str | None = None

    @cached_property
    def _form(self) -> re.Pattern[str] | None:
        return re.compile(self.form) if self.form else None

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        like = (
            f"for example {self.example}"
            if self.example
            else "write a text, in quotes if it looks like a number"
        )
        if not isinstance(value, str):
            report(path, "wrong-type", f"{_name(path)} {_is(value)}, not {self.about}", like)
            return False
        if not value.strip():
            report(path, "empty-text", f"{_name(path)} is empty", like)
            return False
        if self._form is not None and self._form.fullmatch(value) is None:
            report(path, "wrong-form", f"{_name(path)}: {value!r:.60} is not {self.about}", like)
            return False
        return True

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        made: Schema = {"type": "string", "minLength": 1}
        if self.form:
            made["pattern"] = f"^(?:{self.form})$"
        return made | ({"$comment": self.names} if self.names else {})


@dataclass(frozen=True)
class Word:
    """One of a few words."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, enum: type[StrEnum]) -> Word:
        """The words of an enumeration."""
        return cls(tuple(member.value for member in enum))

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        if isinstance(value, str) and value in self.words:
            return True
        hint = suggestion(value if isinstance(value, str) else "", self.words)
        report(path, "unknown-word", f"{_name(path)} {_is(value)}, which is not one of its words", hint)
        return False

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Number:
    """A whole number, or with ``whole=False`` a decimal too, within bounds."""

    minimum: int | None = None
    maximum: int | None = None
    whole: bool = True

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        allowed = (int,) if self.whole else (int, Decimal)
        if isinstance(value, bool) or not isinstance(value, allowed):
            report(
                path,
                "wrong-type",
                f"{_name(path)} {_is(value)}, not a number",
                "write a number without quotes",
            )
            return False
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            report(
                path, "out-of-bounds", f"{_name(path)} {_is(value)}", f"write a number from {low} to {high}"
            )
            return False
        return True

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        made: Schema = {"type": "integer" if self.whole else "number"}
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return made | {key: bound for key, bound in bounds.items() if bound is not None}


@dataclass(frozen=True)
class Boolean:
    """``true`` or ``false``."""

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        if isinstance(value, bool):
            return True
        report(path, "wrong-type", f"{_name(path)} {_is(value)}", "write true or false, without quotes")
        return False

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Day:
    """A date."""

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        if isinstance(value, date):
            if 1900 <= value.year <= 2200:
                return True
            report(path, "out-of-bounds", f"{_name(path)} {_is(value)}", "write a year from 1900 to 2200")
            return False
        report(
            path, "wrong-type", f"{_name(path)} {_is(value)}, not a date", "write 2026-03-01, without quotes"
        )
        return False

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Scalar:
    """A value or condition: what it may be depends on the fact, so only its outer form is checked here."""

    listed: bool = True
    null: bool = True

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        items = value if isinstance(value, list) and self.listed else [value]
        if any(isinstance(item, dict | list) or (item is None and not self.null) for item in items):
            report(
                path, "wrong-type", f"{_name(path)} {_is(value)}, not a value", "write a value or a flat list"
            )
            return False
        return True

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        simple: Schema = {"type": ["string", "number", "boolean", *(["null"] if self.null else [])]}
        return {"anyOf": [simple, {"type": "array", "items": simple}]} if self.listed else simple


@dataclass(frozen=True)
class Listed:
    """A list; with ``alone`` a single item may stand without brackets."""

    item: Shape
    alone: bool = False
    least: int = 0

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        if not isinstance(value, list):
            if self.alone:
                return self.item.check(value, path, report)
            report(
                path,
                "wrong-type",
                f"{_name(path)} {_is(value)}, not a list",
                "write [a, b] or lines with '- '",
            )
            return False
        if len(value) < self.least:
            report(path, "too-short", f"{_name(path)} is an empty list", f"list at least {self.least}")
            return False
        good = [self.item.check(item, (*path, _Item(at)), report) for at, item in enumerate(value)]
        return all(good)

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        made: Schema = {"type": "array", "items": self.item.schema()}
        if self.least:
            made["minItems"] = self.least
        return {"anyOf": [self.item.schema(), made]} if self.alone else made


@dataclass(frozen=True)
class Entries:
    """A mapping from ids to values of one shape."""

    value: Shape
    key: Text
    least: int = 0

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        if not isinstance(value, dict):
            report(
                path,
                "wrong-type",
                f"{_name(path)} {_is(value)}, not a mapping",
                "write 'id: …' lines below it",
            )
            return False
        if len(value) < self.least:
            report(path, "too-short", f"{_name(path)} is empty", f"write at least {self.least}")
            return False
        good = [
            self.key.check(key, (*path, key), report) and self.value.check(entry, (*path, key), report)
            for key, entry in value.items()
        ]
        return all(good)

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        made: Schema = {"type": "object", "additionalProperties": self.value.schema()}
        if self.key.form:
            made["propertyNames"] = self.key.schema()
        return made | ({"minProperties": self.least} if self.least else {})


@dataclass(frozen=True)
class Field:
    """A field of a record; ``about`` is shown by the editor."""

    shape: Shape
    about: str
    needed: bool = False


@dataclass(frozen=True)
class Record:
    """A mapping with known fields."""

    fields: Mapping[str, Field]
    what: str

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        if not isinstance(value, dict):
            hint = f"write its fields: {', '.join(self.fields)}"
            report(path, "wrong-type", f"{_name(path)} {_is(value)}, not {self.what}", hint)
            return False
        good = True
        for key, entry in value.items():
            field = self.fields.get(key) if isinstance(key, str) else None
            if field is None:
                hint = suggestion(str(key), self.fields)
                if entry is None:
                    # {zh: 甲,乙} is a text 甲 and a field 乙 to YAML.
                    hint = "a comma inside {…} ends the text before it: put that text in quotes"
                report((*path, key), "unknown-key", f"{self.what} has no field {str(key)!r}", hint)
                good = False
            elif not field.shape.check(entry, (*path, key), report):
                good = False
        for key, field in self.fields.items():
            if field.needed and key not in value:
                report(path, "missing-key", f"{self.what} lacks {key!r}", f"add it: {field.about}")
                good = False
        return good

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        made: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                key: field.shape.schema() | {"description": field.about} for key, field in self.fields.items()
            },
        }
        needed = [key for key, field in self.fields.items() if field.needed]
        return made | ({"required": needed} if needed else {})


@dataclass(frozen=True)
class Either:
    """One shape when the value is a mapping, another when it is not."""

    mapping: Shape
    other: Shape

    def check(self, value: object, path: Path, report: Report) -> bool:
        """See :class:`Shape`."""
        return (self.mapping if isinstance(value, dict) else self.other).check(value, path, report)

    def schema(self) -> Schema:
        """See :class:`Shape`."""
        return {"anyOf": [self.other.schema(), self.mapping.schema()]}
