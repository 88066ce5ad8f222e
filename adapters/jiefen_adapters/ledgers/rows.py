"""From the lines of a ledger to facts: each good row a matter, each bad one a reject with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiefen_adapters.ledgers.cells import (
    Cell,
    cell_error,
    fold,
    plain,
    read_count,
    read_date,
    read_money,
    read_text,
)
from jiefen_adapters.ledgers.mapping import Alternatives, FactRule, KeyPart, WordList, heading
from jiefen_adapters.ledgers.places import AreaDirectory
from jiefen_adapters.ledgers.sheets import Line
from jiefen_adapters.ledgers.table import Table
from jiefen_adapters.ledgers.wording import Fault, Text

_AREA_LENGTH = {"village": 12, "township": 9, "county": 6}
_MAX_KEY = 200
_MAX_REF = 64


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row that can be used.

    Attributes:
        number: its line, as a spreadsheet shows it.
        key: the same for the same row whenever it is read.
        facts: facts of the vocabulary in plain values.
        original: the cells as they were, by heading.
    """

    file: str
    ledger: str
    number: int
    key: str
    facts: Mapping[str, Any]
    original: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used: in which column, what stands there, why, and how to mend it."""

    file: str
    number: int
    column: str
    value: str
    fault: Fault
    original: Mapping[str, str]


class _Refused(Exception):
    def __init__(self, column: str, value: str, fault: Fault) -> None:
        self.column, self.value, self.fault = column, value, fault
        super().__init__()


class RowReader:
    """Reads the lines of one table.

    Args:
        file: what rows and rejects name as their file.

    Attributes:
        unused: the headings of the columns that nothing is read from.
    """

    def __init__(self, file: str, table: Table, words: WordList, areas: AreaDirectory) -> None:
        self._file, self._table, self._words, self._areas = file, table, words, areas
        self._ledger = table.ledger
        self._at = {group: table.column(group) for group in table.ledger.columns()}
        self.unused = tuple(
            name for at, name in enumerate(table.headings) if name and at not in self._at.values()
        )

    def read(self, line: Line) -> LedgerRow | Reject | None:
        """One line; ``None`` for what is no matter: a total, a footer, the header repeated on a new page."""
        if self._is_footer(line) or self._is_header(line):
            return None
        original = self._original(line)
        try:
            self._check(line)
            area = self._area(line)
            facts = self._facts(line) | {"area": area, "source": self._ledger.source}
            key = self._key(line, facts, area)
            facts["source_ref"] = key.partition(":")[2][:_MAX_REF]
        except _Refused as refused:
            return Reject(self._file, line.number, refused.column, refused.value, refused.fault, original)
        return LedgerRow(self._file, self._ledger.ledger, line.number, key, facts, original)

    def _original(self, line: Line) -> dict[str, str]:
        headings = self._table.headings
        named = {
            (headings[at] if at < len(headings) else "") or f"#{at + 1}": plain(cell)
            for at, cell in enumerate(line.cells)
        }
        return {name: text for name, text in named.items() if text}

    def _cell(self, line: Line, group: Alternatives) -> Cell:
        at = self._at[group]
        return line.cells[at] if at is not None and at < len(line.cells) else None

    def _text(self, line: Line, group: Alternatives) -> str:
        return plain(self._cell(line, group))

    def _name(self, group: Alternatives) -> str:
        """The heading that the file has; the first possible one when it has none of them."""
        at = self._at[group]
        return group[0] if at is None else self._table.headings[at]

    def _is_empty(self, text: str) -> bool:
        return not text or fold(text) in self._words.empty

    def _is_footer(self, line: Line) -> bool:
        first = next((fold(plain(cell)) for cell in line.cells if plain(cell)), "")
        keyed = [fold(self._text(line, group)) for group in self._ledger.key.columns()]
        return first.startswith(self._words.totals) and (not all(keyed) or keyed[:1] == [first])

    def _is_header(self, line: Line) -> bool:
        cells = tuple(heading(plain(cell)) for cell in line.cells)
        return cells == self._table.headings[: len(cells)]

    def _check(self, line: Line) -> None:
        """Refuse a line that is broken as a whole, or that is no case."""
        found, expected = len(line.cells), len(self._table.headings)
        if self._table.sheet.delimited and found != expected:
            raise _Refused("", str(found), _ragged(found, expected))
        for group in self._at:
            cell = self._cell(line, group)
            if (broken := cell_error(cell)) is not None:
                raise _Refused(self._name(group), plain(cell), broken)
        for rule in self._ledger.refuse:
            value = self._text(line, rule.columns)
            if fold(value) in map(fold, rule.values):
                raise _Refused(self._name(rule.columns), value, Fault(rule.reason, rule.mend))

    def _area(self, line: Line) -> str:
        parts = [self._text(line, level) for level in self._ledger.area]
        parts = [part for part in parts if not self._is_empty(part)]
        found = self._areas.find(*parts)
        if isinstance(found, Fault):
            columns = "/".join(self._name(level) for level in self._ledger.area)
            raise _Refused(columns, " ".join(parts), found)
        return found

    def _facts(self, line: Line) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for name, rule in self._ledger.facts.items():
            cell = self._cell(line, rule.columns)
            if self._is_empty(plain(cell)) and rule.read != "yes_no":
                if rule.required:
                    raise _Refused(self._name(rule.columns), plain(cell), _missing(self._name(rule.columns)))
                continue
            value = self._value(rule, cell, line)
            if isinstance(value, Fault):
                raise _Refused(self._name(rule.columns), plain(cell), value)
            if value is not None:
                facts[name] = value
        for name, value in self._words.implied.get(facts["dispute_type"], {}).items():
            facts.setdefault(name, value)
        facts.update(dict.fromkeys(self._signs(line), True))
        facts.setdefault("matter_type", "claim")
        return facts

    def _value(self, rule: FactRule, cell: Cell, line: Line) -> Any:
        """What a cell says: a plain value, ``None`` for nothing, or a fault."""
        if rule.read == "date":
            return read_date(cell, self._table.year)
        if rule.read == "money":
            column = self._name(rule.columns)
            unit = next((unit for name, unit in rule.units.items() if heading(name) == column), "元")
            return read_money(cell, unit, rule.maximum)
        if rule.read == "count":
            return read_count(cell, rule.minimum, rule.maximum)
        if rule.read == "yes_no":
            return self._yes_no(plain(cell))
        if rule.read == "choice":
            chosen = {fold(name): value for name, value in rule.values.items()}.get(fold(plain(cell)))
            return chosen or _unknown_choice(plain(cell), list(rule.values))
        if rule.read == "dispute_type":
            return self._dispute_type(plain(cell), line)
        text = read_text(cell, None if rule.cut else rule.max_length)
        return text[: rule.cut] if isinstance(text, str) else text

    def _yes_no(self, text: str) -> bool | Fault | None:
        folded = fold(text)
        if folded in self._words.no:
            return False
        if folded in self._words.yes:
            return True
        return None if self._is_empty(text) else _unknown_choice(text, ["是", "否"])

    def _dispute_type(self, category: str, line: Line) -> str | Fault:
        folded = fold(category)
        for name, words in self._words.dispute_types.items():
            if folded in words.names:
                return name
        found = self._types_in(folded)
        if not found and folded in self._words.vague:
            found = self._types_in(self._signed_text(line)) or [self._words.otherwise]
        return found[0] if len(found) == 1 else _unknown_type(category, found)

    def _types_in(self, text: str) -> list[str]:
        types = self._words.dispute_types.items()
        return [name for name, words in types if self._says_any(text, words.words)]

    def _signed_text(self, line: Line) -> str:
        """What stands in the columns where signs are looked for; no word reaches over two of them."""
        return "\n".join(fold(self._text(line, (column,))) for column in self._ledger.signs)

    def _signs(self, line: Line) -> list[str]:
        text = self._signed_text(line)
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

    def _key(self, line: Line, facts: Mapping[str, Any], area: str) -> str:
        parts = [self._key_part(part, line, facts, area) for part in self._ledger.key.parts]
        key = f"{self._ledger.key.prefix}:{'-'.join(parts)}"
        if len(key) > _MAX_KEY:
            too_long = Fault(Text("编号过长", "the number is too long"), Text("缩短编号", "shorten it"))
            raise _Refused("", key[:40], too_long)
        return key

    def _key_part(self, part: KeyPart, line: Line, facts: Mapping[str, Any], area: str) -> str:
        if part.column is not None:
            cell = self._cell(line, (part.column,))
            text = read_text(cell)
            if isinstance(text, Fault):
                raise _Refused(part.column, plain(cell), text)
            if self._is_empty(text):
                raise _Refused(part.column, text, _missing(part.column))
            return fold(text)
        if part.fact is not None:
            value = facts[part.fact]
            return value.strftime("%Y%m%d") if isinstance(value, date) else str(value)
        return area[: _AREA_LENGTH[part.area or "village"]]


def _missing(column: str) -> Fault:
    return Fault(
        Text(f"“{column}”没有填", f"{column} is empty"), Text("补填后重新导入", "fill it in and import again")
    )


def _ragged(found: int, expected: int) -> Fault:
    return Fault(
        Text(f"这一行有{found}格,表头有{expected}格", f"the line has {found} cells, the header {expected}"),
        Text("检查多余或缺少的分隔符和引号", "look for a delimiter or quote too many or too few"),
    )


def _unknown_choice(value: str, known: list[str]) -> Fault:
    names = "、".join(known)
    return Fault(
        Text(f"“{value}”不在可选项里", f"{value} is none of the choices"),
        Text(f"改为{names}之一", f"write one of {names}"),
    )


def _unknown_type(category: str, found: list[str]) -> Fault:
    if found:
        return Fault(
            Text(f"“{category}”可能属于几类纠纷", f"{category} could be {', '.join(found)}"),
            Text("写明一种类别", "name one category"),
        )
    return Fault(
        Text(f"认不出纠纷类别“{category}”", f"the category {category} is not known"),
        Text(
            "改用常用类别,或在 words.yaml 里加上这个说法",
            "use a usual category, or add this wording to words.yaml",
        ),
    )
