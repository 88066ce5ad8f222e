"""How each ledger is laid out and how clerks write: the YAML files of this folder, read and checked.

A layout is data that a person without Python can edit. Its headings are compared after folding (full-width and
half-width forms, spaces), a trailing ``*`` of a mandatory column is ignored, and the parts of a two-line header are
joined with ``/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

from jiefen import DefinitionError, Finding, YamlDocument, load_yaml
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.shapes import Strict, did_you_mean, shaped
from jiefen_adapters.ledgers.wording import Text

Alternatives: TypeAlias = tuple[str, ...]
Reader: TypeAlias = Literal["text", "name", "date", "money", "count", "yes_no", "choice", "dispute_type"]

_HINT: Final = "compare with the files that come with Jiefen"
#: How a layout names what a column says of a party: its part, a dot, and the name of the value.
PARTY_VALUES: Final = ("name", "phone", "contact", "address", "service_address", "id_number")
PARTS: Final = ("applicant", "respondent", "third_party", "representative", "guardian", "agent")
#: Without these facts a matter cannot be opened or compared with another one.
_NEEDED: Final[dict[str, Reader]] = {"received_on": "date", "title": "text", "dispute_type": "dispute_type"}


#: What each reader gives, as a type of the vocabulary.
_TYPES: Final[Mapping[str, str]] = {
    "text": "text", "name": "text", "date": "date", "money": "money", "count": "integer", "yes_no": "boolean",
    "choice": "choice", "dispute_type": "choice",
}  # fmt: skip


class FactRule(Strict, frozen=True):
    """Which column a fact comes from, and how its cells are read.

    Attributes:
        read: the reader: text, name (a text that may say that somebody is not named), date, money, count, yes_no,
            choice (through ``values``) or dispute_type (through the word list).
        columns: headings it may have; the first one that the file has is used.
        required: the column must exist and every row must fill it.
        units: heading → unit of a bare number in it (money); 元 when not named.
        values: cell → value (choice); cell → ``yes`` or ``no``, besides those of the word list (yes_no).
        doubtful: a bare number from which on its unit is doubted (money): 35000 below 金额(万元) is a sum in yuan.
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
    doubtful: int | None = None


class HeaderRule(Strict, frozen=True):
    """Where the header may be: in the first ``within`` lines, ``lines`` tall."""

    within: int = 10
    lines: Literal[1, 2] = 1


class KeyRule(Strict, frozen=True):
    """What makes a row the same matter when the ledger is imported again.

    Attributes:
        prefix: of the key.
        number: headings of the column with its number.
        running: the numbers begin again in every file and say nothing: the matter itself tells (who, what, when,
            where).
        issuer: the level of the office that gives the numbers; another office may give the same ones. Absent: one
            office gives them all.
        case: headings of the column with the key of the case, in a ledger that was written from cases; where it is
            filled, it alone says which matter the row is.
    """

    prefix: str
    number: Alternatives
    case: Alternatives = ("解纷编号",)
    running: bool = False
    issuer: Literal["village", "township", "county"] | None = None


class RefuseRule(Strict, frozen=True):
    """Rows that are no cases: one of ``values`` stands in one of ``columns``."""

    columns: Alternatives
    values: tuple[str, ...]
    reason: Text
    mend: Text


class ProcessRule(Strict, frozen=True):
    """Rows that go by another process than the rest: one of ``values`` stands in one of ``columns``.

    Attributes:
        fact: the fact that becomes the value of what stands there.
    """

    columns: Alternatives
    process: str
    fact: str
    values: dict[str, str]


class ReboundRule(Strict, frozen=True):
    """Rows of matters that were settled and came up again: one of ``values`` stands in one of ``columns``."""

    columns: Alternatives = ()
    values: tuple[str, ...] = ()


class OwnerColumns(Strict, frozen=True):
    """The columns that say who sees to a matter."""

    leader: Alternatives = ()
    unit: Alternatives = ()
    handler: Alternatives = ()
    visitor: Alternatives = ()

    def groups(self) -> dict[str, Alternatives]:
        """By what they are, those that a layout has."""
        return {name: columns for name in self.__struct_fields__ if (columns := getattr(self, name))}


class Ledger(Strict, frozen=True):
    """The layout of one kind of ledger (one YAML file).

    Attributes:
        ledger: its name in Jiefen.
        source: the value of the fact ``source`` of its cases.
        title: what people call it.
        files: shell patterns of names of files or sheets; they decide when the headings fit two ledgers.
        header, key, refuse: see the classes above.
        area: the columns of a place, the widest first.
        facts: what each fact is read from; ``applicant.name`` and the like are values of parties.
        signs: the columns in whose words signs are looked for.
        owners: the columns that say who sees to the matter: a leader who is bound to it, the unit and the person that
            handle it, who visited. They are kept in words as well.
        keep: columns that are kept in words, below what is asked for: remarks, and how it went on.
        rebound: which rows say that a settled matter came up again.
        processes: which rows are no disputes, and by which process they go.
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
    owners: OwnerColumns = OwnerColumns()
    keep: tuple[str, ...] = ()
    rebound: ReboundRule = ReboundRule()
    processes: tuple[ProcessRule, ...] = ()

    def required_columns(self) -> Iterator[Alternatives]:
        """Headings without which the file is not this ledger: one of each tuple must be there."""
        yield from (rule.columns for rule in self.facts.values() if rule.required)
        if not self.key.running:
            yield self.key.number
        yield tuple(column for level in self.area for column in level)

    def columns(self) -> Iterator[Alternatives]:
        """Every group of headings of which one column is read."""
        yield from (rule.columns for rule in self.facts.values())
        yield self.key.number
        yield self.key.case
        yield from self.area
        yield from ((column,) for column in (*self.signs, *self.keep))
        yield from self.owners.groups().values()
        yield from (rule.columns for rule in self.refuse)
        yield from (rule.columns for rule in self.processes)
        if self.rebound.columns:
            yield self.rebound.columns


class TypeWords(Strict, frozen=True):
    """How people name one dispute type."""

    names: tuple[str, ...]
    words: tuple[str, ...]


class MoreTypeWords(Strict, frozen=True):
    """What an office adds to the names of one dispute type."""

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class DuplicateRule(Strict, frozen=True):
    """When two matters of one person are the same matter."""

    within_days: int
    likeness: float
    filler: tuple[str, ...]


class MoreWords(Strict, frozen=True):
    """What an office adds to the word list that comes along: any part of it.

    Attributes:
        people: leaders as ledgers write them, with their staff numbers.
    """

    empty: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    ditto: tuple[str, ...] = ()
    anonymous: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    dispute_types: dict[str, MoreTypeWords] = msgspec.field(default_factory=dict)
    signs: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    people: dict[str, str] = msgspec.field(default_factory=dict)


class WordList(Strict, frozen=True):
    """How clerks write (``words.yaml``), folded; the comments there explain each part."""

    empty: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    totals: tuple[str, ...]
    negations: tuple[str, ...]
    ditto: tuple[str, ...]
    anonymous: tuple[str, ...]
    duplicates: DuplicateRule
    vague: tuple[str, ...]
    otherwise: str
    dispute_types: dict[str, TypeWords]
    implied: dict[str, dict[str, str | bool]]
    signs: dict[str, tuple[str, ...]]
    people: dict[str, str] = msgspec.field(default_factory=dict)


def heading(text: str) -> str:
    """A heading as it is compared."""
    return fold(text).rstrip("*")


def load_layout(path: Path, names: Any = None) -> Ledger:
    """Read the layout of one ledger.

    Args:
        names: the ``facts`` and ``processes`` that it may name; not looked up when absent.

    Raises:
        DefinitionError: with findings that say what is wrong, where, and how to mend it.
    """
    document = load_yaml(path)
    ledger = shaped(document, Ledger, document.data, "ledger-layout", _HINT)
    findings = [*_fact_faults(document, ledger), *_key_faults(document, ledger)]
    if names is not None:
        findings += _name_faults(document, ledger, names)
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


def with_more_words(words: WordList, path: Path) -> WordList:
    """A word list with those of an office's own file added to it.

    Raises:
        DefinitionError: with a finding at what is wrong: no such part, or a dispute type or sign that nobody knows.
    """
    document = load_yaml(path)
    more = shaped(document, MoreWords, _folded(document.data), "ledger-words", _HINT)
    findings = [
        document.finding(
            (part, name),
            "ledger-words",
            f"{name} is not in the word list",
            did_you_mean(name, known) or f"there are {', '.join(known)}",
            element=name,
        )
        for part, known in (("dispute_types", words.dispute_types), ("signs", words.signs))
        for name in getattr(more, part)
        if name not in known
    ]
    if findings:
        raise DefinitionError(f"{path} cannot be used", findings)
    lists = ("empty", "yes", "no", "totals", "negations", "ditto", "anonymous", "vague")
    added: dict[str, Any] = {name: (*getattr(words, name), *getattr(more, name)) for name in lists}
    types = dict(words.dispute_types)
    for name, new in more.dispute_types.items():
        old = types[name]
        types[name] = TypeWords(names=(*old.names, *new.names), words=(*old.words, *new.words))
    signs = {name: (*said, *more.signs.get(name, ())) for name, said in words.signs.items()}
    people = {fold(name): number for name, number in more.people.items()}
    return msgspec.structs.replace(words, dispute_types=types, signs=signs, people=people, **added)


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
        part, dot, value = name.partition(".")
        if dot and (part not in PARTS or value not in PARTY_VALUES):
            message = f"{name} is nothing of a party"
            hint = f"write for example applicant.name; a party has {', '.join(PARTY_VALUES)}"
            yield document.finding(("facts", name), "ledger-party", message, hint, element=name)
        if rule.read == "choice" and not rule.values:
            hint = "write values: {what the cell says: value of the vocabulary}"
            message = f"the choice {name} has no values"
            yield document.finding(("facts", name), "ledger-choice", message, hint, element=name)
        if rule.read == "yes_no" and not {*rule.values.values()} <= {"yes", "no"}:
            message = f"a cell of {name} can mean yes or no alone"
            yield document.finding(
                ("facts", name), "ledger-choice", message, "write values: {首次: no, 二次: yes}", element=name
            )
        for column in rule.units.keys() - {*rule.columns}:
            message = f"{column} has a unit but is no column of {name}"
            place = ("facts", name, "units", column)
            hint = f"write one of {'、'.join(rule.columns)}, or add it to the columns"
            yield document.finding(place, "ledger-unit", message, hint, element=name)


def _name_faults(document: YamlDocument, ledger: Ledger, names: Any) -> Iterator[Finding]:
    """What a layout names, and an edition does not have."""
    if names.facts is not None:
        yield from _fact_name_faults(document, names.facts, ("source",), "source", "choice", [ledger.source])
        for name, rule in ledger.facts.items():
            if "." not in name:
                said = rule.values.values() if rule.read == "choice" else ()
                yield from _fact_name_faults(
                    document, names.facts, ("facts", name), name, _TYPES[rule.read], said
                )
        for at, process in enumerate(ledger.processes):
            place, said = ("processes", at, "fact"), process.values.values()
            yield from _fact_name_faults(document, names.facts, place, process.fact, "choice", said)
    for at, process in enumerate(ledger.processes):
        if names.processes is not None and process.process not in names.processes:
            hint = did_you_mean(process.process, names.processes) or "see jiefen diagram for those there are"
            message = f"there is no process {process.process}"
            yield document.finding(("processes", at, "process"), "ledger-name", message, hint)


def _fact_name_faults(
    document: YamlDocument,
    facts: Mapping[str, Any],
    place: tuple[str | int, ...],
    name: str,
    type_: str,
    values: Iterable[str],
) -> Iterator[Finding]:
    """What is wrong with a fact that a layout sets at a place, by a reader of a type, to one of some values."""
    known = facts.get(name)
    if known is None:
        hint = did_you_mean(name, facts) or "see facts.yaml of the rulebook"
        yield document.finding(place, "ledger-name", f"there is no fact {name}", hint, element=name)
        return
    if "intake" not in known.set_by:
        hint = f"leave it out; it is set by {', '.join(known.set_by)}"
        message = f"no ledger sets the fact {name}"
        yield document.finding(place, "ledger-name", message, hint, element=name)
    elif known.type != type_:
        readers = ", ".join(reader for reader, read in _TYPES.items() if read == known.type) or "none"
        message, hint = f"the fact {name} is of the type {known.type}", f"its readers are: {readers}"
        yield document.finding(place, "ledger-name", message, hint, element=name)
    else:
        for value in values:
            if value not in known.values:
                hint = did_you_mean(value, known.values) or f"there are {', '.join(known.values)}"
                message = f"{name} has no value {value}"
                yield document.finding(place, "ledger-name", message, hint, element=name)


def _key_faults(document: YamlDocument, ledger: Ledger) -> Iterator[Finding]:
    if not ledger.key.number:
        hint = "write number: [序号], the headings that the column of numbers may have"
        yield document.finding(("key", "number"), "ledger-key", "the key names no column of numbers", hint)
    if ledger.key.running and ledger.key.issuer is not None:
        hint = "leave out issuer: a running number is no office's"
        yield document.finding(("key", "issuer"), "ledger-key", "a running number has no issuer", hint)
