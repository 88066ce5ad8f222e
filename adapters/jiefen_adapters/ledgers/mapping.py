"""How each ledger is laid out: the YAML files of this folder, read and checked.

A mapping is data that a person without Python can edit. Its headings are compared after folding (full-width and
half-width forms, spaces), a trailing ``*`` of a mandatory column is ignored, and the parts of a two-line header are
joined with ``/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec

from jiefen.errors import DefinitionError
from jiefen.findings import Finding
from jiefen.strict_yaml import Document, load
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.wording import Text

Alternatives: TypeAlias = tuple[str, ...]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of fixed keys; a misspelt one is an error."""


_Shape = TypeVar("_Shape", bound=_Strict)


class FactRule(_Strict, frozen=True):
    """Which column a fact comes from, and how its cells are read.

    Attributes:
        read: the reader: text, date, money, count, yes_no, choice (through ``values``) or dispute_type (through the word list).
        columns: headings it may have; the first one that the file has is used.
        required: the column must exist and every row must fill it.
        units: heading → unit of a bare number in it (money); 元 when not named.
        values: cell → value (choice).
        cut: keep so many characters of a longer text; for a title taken from a long text.
        minimum, maximum, max_length: bounds, never wider than the vocabulary's.
    """

    read: Literal["text", "date", "money", "count", "yes_no", "choice", "dispute_type"]
    columns: Alternatives
    required: bool = False
    units: dict[str, Literal["元", "千元", "万元", "亿元"]] = {}
    values: dict[str, str] = {}
    cut: int | None = None
    minimum: int = 0
    maximum: int | None = None
    max_length: int | None = None


class HeaderRule(_Strict, frozen=True):
    """Where the header may be: in the first ``within`` lines, ``lines`` tall."""

    within: int = 10
    lines: Literal[1, 2] = 1


class KeyPart(_Strict, frozen=True):
    """One part of a key: a column as written, a fact as read, or the row's area at a level."""

    column: str | None = None
    fact: str | None = None
    area: Literal["village", "township", "county"] | None = None


class KeyRule(_Strict, frozen=True):
    """What makes a row the same row when the ledger is imported again: ``prefix:part-part``."""

    prefix: str
    parts: tuple[KeyPart, ...]


class Wording(_Strict, frozen=True):
    """A text in Chinese and English, as YAML writes it."""

    zh: str
    en: str

    def text(self) -> Text:
        """The same as a :class:`Text`."""
        return Text(self.zh, self.en)


class RefuseRule(_Strict, frozen=True):
    """Rows that are no cases: one of ``values`` stands in one of ``columns``."""

    columns: Alternatives
    values: tuple[str, ...]
    reason: Wording
    mend: Wording


class Ledger(_Strict, frozen=True):
    """The layout of one kind of ledger (one YAML file).

    Attributes:
        ledger: its name in Jiefen.
        source: the value of the fact ``source`` of its cases.
        title: what people call it.
        files: shell patterns of file names; they decide when the headings fit two ledgers.
        header, key, area, facts, signs, refuse: see the classes above; ``area`` lists the columns of a place, the widest
            first; ``signs`` the columns in whose words signs are looked for.
        encodings, delimiters: what a CSV of it may be written in, the likeliest first.
    """

    ledger: str
    source: str
    title: Wording
    files: tuple[str, ...]
    key: KeyRule
    area: tuple[Alternatives, ...]
    facts: dict[str, FactRule]
    header: HeaderRule = HeaderRule()
    signs: tuple[str, ...] = ()
    refuse: tuple[RefuseRule, ...] = ()
    encodings: tuple[Literal["utf-8-sig", "gb18030", "utf-16"], ...] = ("utf-8-sig", "gb18030", "utf-16")
    delimiters: tuple[Literal[",", ";", "\t", "|"], ...] = (",", "\t", ";", "|")

    def required_columns(self) -> Iterator[Alternatives]:
        """Headings without which the file is not this ledger: one of each tuple must be there."""
        yield from (rule.columns for rule in self.facts.values() if rule.required)
        yield from ((part.column,) for part in self.key.parts if part.column is not None)
        yield tuple(column for level in self.area for column in level)

    def known_columns(self) -> frozenset[str]:
        """Every heading that the mapping names, folded."""
        names = [column for rule in self.facts.values() for column in rule.columns]
        names += [column for level in self.area for column in level]
        names += [part.column for part in self.key.parts if part.column is not None]
        names += [*self.signs, *(column for rule in self.refuse for column in rule.columns)]
        return frozenset(map(heading, names))


class TypeWords(_Strict, frozen=True):
    """How people name one dispute type."""

    names: tuple[str, ...]
    words: tuple[str, ...]


class DuplicateRule(_Strict, frozen=True):
    """When two matters of one person are the same matter."""

    within_days: int
    likeness: float
    filler: tuple[str, ...]


class WordList(_Strict, frozen=True):
    """How clerks write (``words.yaml``); the comments there explain each part."""

    empty: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    totals: tuple[str, ...]
    negations: tuple[str, ...]
    duplicates: DuplicateRule
    vague: tuple[str, ...]
    dispute_types: dict[str, TypeWords]
    implied: dict[str, dict[str, str | bool]]
    signs: dict[str, tuple[str, ...]]


def heading(text: str) -> str:
    """A heading as it is compared."""
    return fold(text).rstrip("*")


def load_mapping(path: Path) -> Ledger:
    """Read one ledger's mapping.

    Raises:
        DefinitionError: with a finding that says what is wrong, where, and how to mend it.
    """
    document = load(path)
    ledger = _convert(document, Ledger)
    findings = [
        Finding(
            file=str(path),
            line=document.position(("key", "parts", number))[0],
            element=f"key/{number + 1}",
            code="ledger-key-part",
            message="a part of the key names none, several, or an unknown fact",
            hint="write exactly one of column, fact and area; a fact must be one of this mapping's, and required",
        )
        for number, part in enumerate(ledger.key.parts)
        if not _sound(part, ledger)
    ]
    if not ledger.key.parts or findings:
        raise DefinitionError(f"{path}: the key cannot be built", findings)
    return ledger


def load_words(path: Path) -> WordList:
    """Read a word list.

    Raises:
        DefinitionError: with a finding that says what is wrong, where, and how to mend it.
    """
    return _convert(load(path), WordList)


def _sound(part: KeyPart, ledger: Ledger) -> bool:
    named = [name for name in (part.column, part.fact, part.area) if name is not None]
    rule = ledger.facts.get(part.fact) if part.fact is not None else None
    return len(named) == 1 and (part.fact is None or (rule is not None and rule.required))


def _convert(document: Document, kind: type[_Shape]) -> _Shape:
    try:
        return msgspec.convert(document.data, kind)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        path = tuple(step for step in where.strip("`$").replace("[...]", "").split(".") if step)
        finding = document.finding(
            path, "ledger-mapping", message, "compare with the mappings that come with Jiefen"
        )
        raise DefinitionError(f"{document.file} is no usable mapping", [finding]) from None
