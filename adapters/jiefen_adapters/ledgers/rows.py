"""From the lines of a ledger to facts: each usable row a matter, each other one a reject with all its reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from jiefen import name_key, number_problem, phone_key
from jiefen_adapters.ledgers.cells import (
    Cell,
    cell_error,
    fold,
    kept_lines,
    plain,
    read_count,
    read_money,
    read_text,
)
from jiefen_adapters.ledgers.dates import read_date
from jiefen_adapters.ledgers.mapping import Alternatives, FactRule, WordList, heading
from jiefen_adapters.ledgers.places import AreaDirectory
from jiefen_adapters.ledgers.sheets import Line
from jiefen_adapters.ledgers.table import Table
from jiefen_adapters.ledgers.wording import Fault, Text

_AREA_LENGTH: Final = {"village": 12, "township": 9, "county": 6}
_MAX_KEY: Final = 200
_MAX_REF: Final = 64
#: The vocabulary's most for a description.
_MAX_DESCRIPTION: Final = 4_000
#: The name of a party that a ledger does not name.
_NAMELESS: Final = "匿名"
_ENTER_IT: Final = Text("在案件里补记联系方式", "say in the case how to reach them")
_DIGEST: Final = 20
#: 甲八等5人: one of several people, and how many they are.
_AND_OTHERS = re.compile(r"(.{1,20}?)等([0-9一二三四五六七八九十百两]+[人户名位]?)")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row that can be used.

    Attributes:
        number: its line, as a spreadsheet shows it.
        key: the same for the same matter whenever it is read.
        facts: facts of the vocabulary in plain values.
        parties: who the matter is about, as mappings with ``part`` and ``name``.
        original: the cells as they were, by heading; for a ditto mark what it stands for.
        notes: what was not read as it stands; it stands in the description of the matter as well.
        rebound: the ledger says that a settled matter has come up again.
        process: by which it goes; ``None``: by that of the import.
        owners: who sees to it: ``leader``, ``unit``, ``handler``, ``visitor``; a leader by the staff number, where the
            words of the office know it.
    """

    file: str
    ledger: str
    number: int
    key: str
    facts: Mapping[str, Any]
    parties: tuple[Mapping[str, Any], ...]
    original: Mapping[str, str]
    notes: tuple[Text, ...] = ()
    rebound: bool = False
    process: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that keeps a row from being used: in which column, what stands there, why, and how to mend it."""

    column: str
    value: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used, with everything that is wrong with it."""

    file: str
    number: int
    wrong: tuple[Wrong, ...]
    original: Mapping[str, str]

    @classmethod
    def because(cls, row: LedgerRow, fault: Fault) -> Reject:
        """The reject for a row that could be used by itself."""
        return cls(row.file, row.number, (Wrong("", row.key, fault),), row.original)


@dataclass(slots=True)
class _Read:
    """What was found while one line was read."""

    cells: tuple[Cell, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    #: By part.
    parties: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    #: What is kept in words: the heading, and what stands below it.
    kept: dict[str, str] = field(default_factory=dict)
    #: The columns that have said already by which process the matter goes.
    settled: Alternatives = ()

    def unread(self, column: str, value: str, fault: Fault) -> None:
        """Note that a cell which need not be filled could not be read; its words are kept."""
        self.kept[column] = value
        self.notes.append(
            Text(
                f"“{column}”写的是“{value}”,{fault.reason.zh};按原文记入诉求",
                f"{column} says {value!r} ({fault.reason.en}); kept in words with what is asked for",
            )
        )


class RowReader:
    """Reads the lines of one table.

    Args:
        file: what rows and rejects name as their file.
        above: the cells of the line above the first one, for which a ditto in it stands.

    Attributes:
        above: those of the line that was read last.
        unused: the headings of the columns that nothing is read from.
        nameless: the numbers, from 1, of the columns without a heading that hold something.
        years: how many dates took their year from the ledger or from the import.
    """

    def __init__(
        self, file: str, table: Table, words: WordList, areas: AreaDirectory, above: tuple[Cell, ...] = ()
    ) -> None:
        self._file, self._table, self._words, self._areas = file, table, words, areas
        self._ledger = table.ledger
        self._at = {group: table.column(group) for group in table.ledger.columns()}
        self.above = above
        self.unused = tuple(
            name for at, name in enumerate(table.headings) if name and at not in self._at.values()
        )
        self.nameless: set[int] = set()
        self.years = 0

    def read(self, line: Line) -> LedgerRow | Reject | None:
        """One line; ``None`` for what is no matter: a total, a footer, the header repeated on a new page."""
        if self._is_footer(line.cells) or self._is_header(line):
            return None
        if (ragged := self._ragged(line)) is not None:
            # Its columns cannot be told, so a ditto below it stands for nothing that is known.
            self.above = ()
            original = self._original(line.cells)
            return Reject(self._file, line.number, (Wrong("", str(len(line.cells)), ragged),), original)
        row = _Read(self._without_dittos(line.cells))
        self.above = row.cells
        # Without dittos: in the file of rejects the line stands below another one.
        original = self._original(row.cells)
        if self._table.sheet.delimited and len(line.cells) < len(self._table.headings):
            row.notes.append(_short(len(line.cells), len(self._table.headings)))
        if (refused := self._refused(row.cells)) is not None:
            return Reject(self._file, line.number, (refused,), original)
        process = self._process(row)
        self._read_facts(row)
        area = self._area(row)
        self._keep_nameless(row)
        if row.wrong or area is None:
            return Reject(self._file, line.number, tuple(row.wrong), original)
        row.facts |= {"area": area, "source": self._ledger.source}
        key, number = self._key(row, area)
        row.facts["source_ref"] = number[:_MAX_REF]
        self._describe(row)
        return LedgerRow(
            self._file, self._ledger.ledger, line.number, key, row.facts, _parties(row), original, tuple(row.notes),
            self._says_one_of(row.cells, self._ledger.rebound.columns, self._ledger.rebound.values), process,
            self._owners(row.cells),
        )  # fmt: skip

    # --- lines --------------------------------------------------------------------------------------------------

    def _original(self, cells: tuple[Cell, ...]) -> dict[str, str]:
        headings = self._table.headings
        named = {
            (headings[at] if at < len(headings) else "") or f"#{at + 1}": plain(cell)
            for at, cell in enumerate(cells)
        }
        return {name: text for name, text in named.items() if text}

    def _cell(self, cells: tuple[Cell, ...], group: Alternatives) -> Cell:
        at = self._at[group]
        return cells[at] if at is not None and at < len(cells) else None

    def _text(self, cells: tuple[Cell, ...], group: Alternatives) -> str:
        return plain(self._cell(cells, group))

    def _name(self, group: Alternatives) -> str:
        """The heading that the file has; the first possible one when it has none of them."""
        at = self._at[group]
        return group[0] if at is None else self._table.headings[at]

    def _is_empty(self, text: str) -> bool:
        return not text or fold(text) in self._words.empty

    def _is_footer(self, cells: tuple[Cell, ...]) -> bool:
        first = next((fold(plain(cell)) for cell in cells if plain(cell)), "")
        number = fold(self._text(cells, self._ledger.key.number))
        return first.startswith(self._words.totals) and (not number or number == first)

    def _is_header(self, line: Line) -> bool:
        cells = tuple(heading(plain(cell)) for cell in line.cells)
        return cells == self._table.headings[: len(cells)]

    def _ragged(self, line: Line) -> Fault | None:
        """A delimited line with more in it than the header has columns: a delimiter or quote stands where none belongs.

        Empty cells at the end are an export's way to end a line, and so are those that are missing there.
        """
        expected = len(self._table.headings)
        more = [plain(cell) for cell in line.cells[expected:]]
        if not self._table.sheet.delimited or not any(more):
            return None
        found = len(line.cells)
        return Fault(
            Text(
                f"这一行有{found}格,表头有{expected}格", f"the line has {found} cells, the header {expected}"
            ),
            Text("检查多余或缺少的分隔符和引号", "look for a delimiter or quote too many or too few"),
        )

    def _without_dittos(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The cells with what stands above in place of 〃 and 同上; a number of a row is never that of another."""
        above, number = self.above, self._at[self._ledger.key.number]
        return tuple(
            (above[at] if at < len(above) and at != number else None) if self._is_ditto(cell) else cell
            for at, cell in enumerate(cells)
        )

    def _is_ditto(self, cell: Cell) -> bool:
        return isinstance(cell, str) and fold(cell) in self._words.ditto

    def _says_one_of(self, cells: tuple[Cell, ...], columns: Alternatives, values: Iterable[str]) -> bool:
        return bool(columns) and fold(self._text(cells, columns)) in map(fold, values)

    def _refused(self, cells: tuple[Cell, ...]) -> Wrong | None:
        """Why a line is no case, if it is none."""
        for rule in self._ledger.refuse:
            if self._says_one_of(cells, rule.columns, rule.values):
                value = self._text(cells, rule.columns)
                return Wrong(self._name(rule.columns), value, Fault(rule.reason, rule.mend))
        return None

    def _process(self, row: _Read) -> str | None:
        """The process of a line that is no dispute, with the fact that says what it is.

        Where a column of its own says what kind of matter it is, another column does not say otherwise.
        """
        own = self._ledger.facts.get("matter_type")
        kind = _chosen(own.values, self._text(row.cells, own.columns)) if own is not None else None
        for rule in self._ledger.processes:
            value = _chosen(rule.values, self._text(row.cells, rule.columns))
            its_own = own is not None and rule.columns == own.columns
            if value is not None and (its_own or kind in (None, value)):
                row.facts[rule.fact], row.settled = value, rule.columns
                return rule.process
        return None

    # --- what they say ------------------------------------------------------------------------------------------

    def _area(self, row: _Read) -> str | None:
        parts = [self._text(row.cells, level) for level in self._ledger.area]
        parts = [part for part in parts if not self._is_empty(part)]
        found = self._areas.find(*parts)
        if isinstance(found, Fault):
            columns = "/".join(self._name(level) for level in self._ledger.area)
            row.wrong.append(Wrong(columns, " ".join(parts), found))
            return None
        return found

    def _read_facts(self, row: _Read) -> None:
        for name, rule in self._ledger.facts.items():
            self._read_fact(row, name, rule)
        self._split_names(row)
        for name, value in self._words.implied.get(row.facts.get("dispute_type", ""), {}).items():
            row.facts.setdefault(name, value)
        row.facts.update(dict.fromkeys(self._signs(row.cells), True))
        row.facts.setdefault("matter_type", "claim")
        kept = ((column,) for column in self._ledger.keep)
        for columns in (*self._ledger.owners.groups().values(), *kept):
            text = self._text(row.cells, columns)
            if not self._is_empty(text):
                row.kept[self._name(columns)] = text

    def _owners(self, cells: tuple[Cell, ...]) -> dict[str, str]:
        said = {name: self._text(cells, columns) for name, columns in self._ledger.owners.groups().items()}
        known = self._words.people
        return {name: known.get(fold(text), text) for name, text in said.items() if not self._is_empty(text)}

    def _read_fact(self, row: _Read, name: str, rule: FactRule) -> None:
        if rule.columns == row.settled and not self._names_a_type(row, rule):
            return
        cell, column = self._cell(row.cells, rule.columns), self._name(rule.columns)
        text = plain(cell)
        value: Any
        # What is no dispute need not be of a kind of them.
        required = rule.required and not (row.settled and name == "dispute_type")
        if self._is_empty(text) and rule.read != "yes_no":
            value = _missing(column) if required else None
        else:
            value = cell_error(cell) or self._value(rule, cell, row)
        part, dot, of_party = name.partition(".")
        if of_party == "phone" and isinstance(value, str):
            value = _telephone(value)
        if not isinstance(value, Fault):
            if value is not None and dot:
                row.parties.setdefault(part, {})[of_party] = value
            elif value is not None:
                row.facts[name] = value
        elif required:
            row.wrong.append(Wrong(column, text, value))
        else:
            row.unread(column, text, value)

    def _names_a_type(self, row: _Read, rule: FactRule) -> bool:
        """Whether the column that has said by which process the matter goes names a type of disputes as well: 建议."""
        folded = fold(self._text(row.cells, rule.columns))
        names = (name for words in self._words.dispute_types.values() for name in words.names)
        return rule.read == "dispute_type" and folded in names

    def _value(self, rule: FactRule, cell: Cell, row: _Read) -> Any:
        """What a cell says: a plain value, ``None`` for nothing, or a fault."""
        if rule.read == "date":
            return read_date(cell, self._table.year, self._table.sheet.serial_zero, self._count_year)
        if rule.read == "money":
            column = self._name(rule.columns)
            unit = next((unit for name, unit in rule.units.items() if heading(name) == column), "元")
            return read_money(cell, unit, rule.maximum, rule.doubtful)
        if rule.read == "count":
            return read_count(cell, rule.minimum, rule.maximum)
        if rule.read == "yes_no":
            return self._yes_no(rule, plain(cell))
        if rule.read == "choice":
            chosen = _chosen(rule.values, plain(cell))
            return chosen or _unknown_choice(plain(cell), list(rule.values))
        if rule.read == "dispute_type":
            return self._dispute_type(plain(cell), row)
        if rule.read == "name":
            return None if fold(plain(cell)) in self._words.anonymous else read_text(cell, rule.max_length)
        text = read_text(cell, None if rule.cut else rule.max_length)
        return kept_lines(text)[0][: rule.cut] if isinstance(text, str) and rule.cut else text

    def _count_year(self) -> None:
        self.years += 1

    def _split_names(self, row: _Read) -> None:
        """甲八等5人 is 甲八, and a group of five where no column says how many they are."""
        applicant = row.parties.get("applicant", {})
        said = _AND_OTHERS.fullmatch(applicant.get("name", ""))
        if said is None or not isinstance(count := read_count(said[2].rstrip("户") + "人", 1), int):
            return
        applicant |= {"name": said[1], "persons": count}
        row.facts.setdefault("persons", count)
        row.kept.setdefault("姓名", said[0])

    def _yes_no(self, rule: FactRule, text: str) -> bool | Fault | None:
        folded = fold(text)
        said = _chosen(rule.values, text)
        if said == "no" or (said is None and folded in self._words.no):
            return False
        if said == "yes" or folded in self._words.yes:
            return True
        return None if self._is_empty(text) else _unknown_choice(text, ["是", "否"])

    def _dispute_type(self, category: str, row: _Read) -> str:
        """The type that a category names; one that settles nothing is registered as another kind, and told.

        A petition is registered whatever its kind (信访工作条例第二十二条第一款); who visits settles the type.
        """
        folded = fold(category)
        for name, words in self._words.dispute_types.items():
            if folded in words.names:
                return name
        found = self._types_in(folded) or self._types_in(self._signed_text(row.cells))
        if len(found) == 1:
            return found[0]
        if found or folded not in self._words.vague:
            row.unread(self._name(self._ledger.facts["dispute_type"].columns), category, _unknown_type(found))
        return self._words.otherwise

    def _types_in(self, text: str) -> list[str]:
        types = self._words.dispute_types.items()
        return [name for name, words in types if self._says_any(text, words.words)]

    def _signed_text(self, cells: tuple[Cell, ...]) -> str:
        """What stands in the columns where signs are looked for; no word reaches over two of them.

        A column that nobody has given a heading may say anything, also that it is urgent.
        """
        texts = [self._text_with_signs(cells, column) for column in self._ledger.signs]
        texts += [plain(cell) for at, cell in enumerate(cells) if self._is_nameless(at)]
        return "\n".join(map(fold, texts))

    def _text_with_signs(self, cells: tuple[Cell, ...], column: str) -> str:
        """What a column says, without what was kept below it in words of columns that say no signs."""
        said, kept = kept_lines(self._text(cells, (column,)))
        own = [text for name, text in kept.items() if name.startswith("#") or name in self._ledger.signs]
        return "\n".join([said, *own])

    def _is_nameless(self, at: int) -> bool:
        return at >= len(self._table.headings) or not self._table.headings[at]

    def _keep_nameless(self, row: _Read) -> None:
        for at, cell in enumerate(row.cells):
            text = plain(cell)
            if self._is_nameless(at) and not self._is_empty(text):
                self.nameless.add(at + 1)
                row.kept[f"#{at + 1}"] = text

    def _signs(self, cells: tuple[Cell, ...]) -> list[str]:
        text = self._signed_text(cells)
        return [name for name, words in self._words.signs.items() if self._says_any(text, words)]

    def _says_any(self, text: str, words: Iterable[str]) -> bool:
        return any(self._says(text, word) for word in words if word in text)

    def _says(self, text: str, word: str) -> bool:
        """Whether ``text`` says ``word`` somewhere without a negation right before it."""
        at = text.find(word)
        while at >= 0:
            if not text.endswith(self._words.negations, 0, at):
                return True
            at = text.find(word, at + 1)
        return False

    def _describe(self, row: _Read) -> None:
        """Put what is kept in words below what is asked for."""
        if not row.kept:
            return
        said = row.facts.get("description", "")
        # In a ledger that was written from cases, it stands there already.
        _, before = kept_lines(said)
        lines = [f"〔{name}〕{text}" for name, text in row.kept.items() if before.get(name) != text]
        text = "\n".join(filter(None, [said, *lines]))
        if len(text) > _MAX_DESCRIPTION:
            row.notes.append(
                Text(
                    f"诉求和备注超过{_MAX_DESCRIPTION}字,只记了前面的部分",
                    f"request and remarks have more than {_MAX_DESCRIPTION} characters; the rest is left out",
                )
            )
        row.facts["description"] = text[:_MAX_DESCRIPTION]

    # --- identity -----------------------------------------------------------------------------------------------

    def _key(self, row: _Read, area: str) -> tuple[str, str]:
        """What makes the matter the same whenever it is read, and its number in the ledger.

        An office's own number is one among those of that office; a running number says nothing, and neither does one
        that the spreadsheet has rounded: then the matter itself says it (who, what, when, where).
        """
        rule = self._ledger.key
        written = self._text(row.cells, rule.case)
        cell, column = self._cell(row.cells, rule.number), self._name(rule.number)
        number = read_text(cell)
        if isinstance(number, Fault):
            row.unread(column, plain(cell), number)
            number = ""
        number = "" if self._is_empty(number) else fold(number)
        issuer = area[: _AREA_LENGTH[rule.issuer]] if rule.issuer is not None else ""
        if rule.running:
            running = f"{row.facts['received_on']:%Y%m%d}-{area[: _AREA_LENGTH['township']]}-{number}"
            return written or f"{rule.prefix}:{self._matter(row, area)}", running if number else ""
        if written:
            return written, number
        named = "-".join(filter(None, (issuer, number)))
        if not number or len(named) + len(rule.prefix) >= _MAX_KEY:
            return f"{rule.prefix}:{self._matter(row, area)}", number
        return f"{rule.prefix}:{named}", number

    def _matter(self, row: _Read, area: str) -> str:
        applicant = row.parties.get("applicant", {})
        person = name_key(applicant.get("name", "")), phone_key(applicant.get("phone")) or ""
        said = (row.facts["received_on"].isoformat(), area, *person, fold(row.facts["title"]))
        return sha256("\0".join(said).encode()).hexdigest()[:_DIGEST]


def _telephone(text: str) -> str | Fault:
    """A telephone number, unless what stands there cannot be one: 见备注."""
    wrong = number_problem("phone", text)
    return Fault(Text(wrong.zh, wrong.en), _ENTER_IT) if wrong is not None else text


def _parties(row: _Read) -> tuple[Mapping[str, Any], ...]:
    """The parties of a row; whoever is reached by telephone is one, named or not."""
    return tuple({"part": part, "name": _NAMELESS, **said} for part, said in row.parties.items())


def _short(found: int, expected: int) -> Text:
    return Text(
        f"这一行只有{found}格,表头有{expected}格;缺少的按没有填处理",
        f"the line has {found} cells, the header {expected}; the missing ones count as empty",
    )


def _chosen(values: Mapping[str, str], text: str) -> str | None:
    """What a text stands for."""
    return {fold(name): value for name, value in values.items()}.get(fold(text))


def _missing(column: str) -> Fault:
    return Fault(
        Text(f"“{column}”没有填", f"{column} is empty"), Text("补填后重新导入", "fill it in and import again")
    )


def _unknown_choice(value: str, known: list[str]) -> Fault:
    names = "、".join(known)
    return Fault(
        Text(f"“{value}”不在可选项里", f"{value} is none of the choices"),
        Text(f"改为{names}之一", f"write one of {names}"),
    )


def _unknown_type(found: list[str]) -> Fault:
    mend = Text(
        "写明一种常用类别,或在 --words 的词表里加上这个说法", "name one usual category, or add it to --words"
    )
    if found:
        could = Text("可能属于几类纠纷", f"could be {', '.join(found)}")
        return Fault(Text(f"{could.zh},先按其他登记", f"{could.en}; registered as another kind"), mend)
    return Fault(
        Text("认不出是哪一类纠纷,先按其他登记", "a category that is not known; registered as another kind"),
        mend,
    )
