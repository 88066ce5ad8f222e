"""How each ledger is laid out and how clerks write: the YAML files of this folder, read and checked.

A layout is data that a person without Python can edit. Its headings are compared after folding (full-width and
half-width forms, spaces), a trailing ``*`` of a mandatory column is ignored, and the parts of a two-line header are
joined with ``/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

from jiefen import DefinitionError, Finding, YamlDocument, load_yaml
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.shapes import Strict, shaped
from jiefen_adapters.ledgers.wording import Text

Alternatives: TypeAlias = tuple[str, ...]
Reader: TypeAlias = Literal["text", "date", "money", "count", "yes_no", "choice", "dispute_type"]

_HINT: Final = "compare with the files that come with Jiefen"
#: Without these facts a matter cannot be opened or compared with another one.
_NEEDED: Final[dict[str, Reader]] = {"received_on": "date", "title": "text", "dispute_type": "dispute_type"}


class FactRule(Strict, frozen=True):
    """Which column a fact comes from, and how its cells are read.

    Attributes:
        read: the reader: text, date, money, count, yes_no, choice (through ``values``) or dispute_type (through the
            word list).
        columns: headings it may have; the first one that the file has is used.
        required: the column must exist and every row must fill it.
        units: heading → unit of a bare number in it (money); 元 when not named.
        values: cell → value (choice).
        cut: keep so many characters of a longer text; for a title taken from a long text.
        minimum, maximum, max_length: bounds, never wider than the vocabulary's.
    """

    read: Reader
    columns: Alternatives
    required: bool = False
    units: dict[str, Literal["元", "千元", "万元", "亿元"]] = msgspec.field(default_factory=dict)
    values: dict[str, str] = msgspec.field(default_factory=dict)
    cut: int | None = None
    minimum: int = 0
    maximum: int | None = None
    max_length: int | None = None


class HeaderRule(Strict, frozen=True):
    """Where the header may be: in the first ``within`` lines, ``lines`` tall."""

    within: int = 10
    lines: Literal[1, 2] = 1


class KeyPart(Strict, frozen=True):
    """One part of a key: a column as written, a fact as read, or the row's area at a level."""

    column: str | None = None
    fact: str | None = None
    area: Literal["village", "township", "county"] | None = None


class KeyRule(Strict, frozen=True):
    """What makes a row the same row when the ledger is imported again: ``prefix:part-part``."""

    prefix: str
    parts: tuple[KeyPart, ...]

    def columns(self) -> tuple[Alternatives, ...]:
        """The columns that the key is made from."""
        return tuple((part.column,) for part in self.parts if part.column is not None)


class RefuseRule(Strict, frozen=True):
    """Rows that are no cases: one of ``values`` stands in one of ``columns``."""

    columns: Alternatives
    values: tuple[str, ...]
    reason: Text
    mend: Text


class Ledger(Strict, frozen=True):
    """The layout of one kind of ledger (one YAML file).

    Attributes:
        ledger: its name in Jiefen.
        source: the value of the fact ``source`` of its cases.
        title: what people call it.
        files: shell patterns of names of files or sheets; they decide when the headings fit two ledgers.
        header, key, facts, refuse: see the classes above.
        area: the columns of a place, the widest first.
        signs: the columns in whose words signs are looked for.
    """

    ledger: str
    source: str
    title: Text
    files: tuple[str, ...]
    key: KeyRule
    area: tuple[Alternatives, ...]
    facts: dict[str, FactRule]
    header: HeaderRule = HeaderRule()
    signs: tuple[str, ...] = ()
    refuse: tuple[RefuseRule, ...] = ()

    def required_columns(self) -> Iterator[Alternatives]:
        """Headings without which the file is not this ledger: one of each tuple must be there."""
        yield from (rule.columns for rule in self.facts.values() if rule.required)
        yield from self.key.columns()
        yield tuple(column for level in self.area for column in level)

    def columns(self) -> Iterator[Alternatives]:
        """Every group of headings of which one column is read."""
        yield from (rule.columns for rule in self.facts.values())
        yield from self.key.columns()
        yield from self.area
        yield from ((sign,) for sign in self.signs)
        yield from (rule.columns for rule in self.refuse)


class TypeWords(Strict, frozen=True):
    """How people name one dispute type."""

    names: tuple[str, ...]
    words: tuple[str, ...]


class DuplicateRule(Strict, frozen=True):
    """When two matters of one person are the same matter."""

    within_days: int
    likeness: float
    filler: tuple[str, ...]


class WordList(Strict, frozen=True):
    """How clerks write (``words.yaml``), folded; the comments there explain each part."""

    empty: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    totals: tuple[str, ...]
    negations: tuple[str, ...]
    duplicates: DuplicateRule
    vague: tuple[str, ...]
    otherwise: str
    dispute_types: dict[str, TypeWords]
    implied: dict[str, dict[str, str | bool]]
    signs: dict[str, tuple[str, ...]]


def heading(text: str) -> str:
    """A heading as it is compared."""
    return fold(text).rstrip("*")


def load_layout(path: Path) -> Ledger:
    """Read the layout of one ledger.

    Raises:
        DefinitionError: with findings that say what is wrong, where, and how to mend it.
    """
    document = load_yaml(path)
    ledger = shaped(document, Ledger, document.data, "ledger-layout", _HINT)
    findings = [*_fact_faults(document, ledger), *_key_faults(document, ledger)]
    if findings:
        raise DefinitionError(f"{path} cannot be used", findings)
    return ledger


def load_words(path: Path) -> WordList:
    """Read a word list.

    Raises:
        DefinitionError: with a finding that says what is wrong, where, and how to mend it.
    """
    document = load_yaml(path)
    return shaped(document, WordList, _folded(document.data), "ledger-words", _HINT)


def _folded(data: Any) -> Any:
    """Every text of plain data, folded."""
    if isinstance(data, str):
        return fold(data)
    if isinstance(data, list):
        return [_folded(item) for item in data]
    if isinstance(data, dict):
        return {key: _folded(value) for key, value in data.items()}
    return data


def _fact_faults(document: YamlDocument, ledger: Ledger) -> Iterator[Finding]:
    for name, reader in _NEEDED.items():
        rule = ledger.facts.get(name)
        if rule is None or not rule.required or rule.read != reader:
            hint = f"write {name}: {{read: {reader}, columns: […], required: true}}"
            message = f"every row needs the fact {name}"
            yield document.finding(("facts", name), "ledger-fact-needed", message, hint, element=name)
    for name, rule in ledger.facts.items():
        if rule.read == "choice" and not rule.values:
            hint = "write values: {what the cell says: value of the vocabulary}"
            message = f"the choice {name} has no values"
            yield document.finding(("facts", name), "ledger-choice", message, hint, element=name)
        for column in rule.units.keys() - {*rule.columns}:
            message = f"{column} has a unit but is no column of {name}"
            place = ("facts", name, "units", column)
            hint = f"write one of {'、'.join(rule.columns)}, or add it to the columns"
            yield document.finding(place, "ledger-unit", message, hint, element=name)


def _key_faults(document: YamlDocument, ledger: Ledger) -> Iterator[Finding]:
    hint = "write exactly one of column, fact and area; a fact must be one of this layout's, and required"
    if not ledger.key.parts:
        yield document.finding(("key", "parts"), "ledger-key-part", "the key has no parts", hint)
    for number, part in enumerate(ledger.key.parts):
        named = [name for name in (part.column, part.fact, part.area) if name is not None]
        rule = ledger.facts.get(part.fact) if part.fact is not None else None
        if len(named) != 1 or (part.fact is not None and (rule is None or not rule.required)):
            message = "a part of the key names none, several, or a fact that rows may lack"
            yield document.finding(("key", "parts", number), "ledger-key-part", message, hint)
