"""From the lines of a ledger to facts: each good row a matter, each bad one a reject with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
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
from jiefen_adapters.ledgers.mapping import FactRule, KeyPart, Ledger, WordList
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
    """Reads the lines of one table."""

    def __init__(self, path: Path, table: Table, words: WordList, areas: AreaDirectory) -> None:
        self._file, self._table, self._words, self._areas = path.name, table, words, areas
        self._ledger: Ledger = table.ledger
        self._empty = frozenset(map(fold, words.empty))

    def read(self, line: Line) -> LedgerRow | Reject | None:
        """One line; ``None`` for a total or a footer, which is no matter."""
        original = self._original(line)
        if self._is_footer(line):
            return None
        try:
            if self._table.sheet.ragged and len(line.cells) != len(self._table.headings):
                raise _Refused("", str(len(line.cells)), _ragged(len(line.cells), len(self._table.headings)))
            self._refuse(line)
            area = self._area(line)
            facts = self._facts(line) | {"area": area, "source": self._ledger.source}
            key = self._key(line, facts, area)
            facts["source_ref"] = key.partition(":")[2][:_MAX_REF]
        except _Refused as refused:
            return Reject(self._file, line.number, refused.column, refused.value, refused.fault, original)
        return LedgerRow(self._file, self._ledger.ledger, line.number, key, facts, original)

    def _original(self, line: Line) -> dict[str, str]:
        cells = {name or f"#{at + 1}": plain(cell) for at, (name, cell) in enumerate(self._pairs(line))}
        return {name: text for name, text in cells.items() if text}

    def _pairs(self, line: Line) -> list[tuple[str, Cell]]:
        headings = self._table.headings
        width = max(len(headings), len(line.cells))
        cells = [*line.cells, *[None] * (width - len(line.cells))]
        return [(headings[at] if at < len(headings) else "", cells[at]) for at in range(width)]

    def _cell(self, line: Line, at: int | None) -> Cell:
        return line.cells[at] if at is not None and at < len(line.cells) else None

    def _text(self, line: Line, *names: str) -> str:
        return plain(self._cell(line, self._table.column(names)))

    def _blank(self, cell: Cell) -> bool:
        return cell is None or not plain(cell).strip() or fold(plain(cell)) in self._empty

    def _is_footer(self, line: Line) -> bool:
        first = next((plain(cell) for cell in line.cells if plain(cell).strip()), "")
        keyed = [part.column for part in self._ledger.key.parts if part.column is not None]
        filled = all(self._text(line, column).strip() for column in keyed)
        starts = fold(first).startswith(tuple(map(fold, self._words.totals)))
        return starts and (not filled or fold(self._text(line, *keyed[:1])) == fold(first))

    def _refuse(self, line: Line) -> None:
        for rule in self._ledger.refuse:
            value = self._text(line, *rule.columns)
            if fold(value) in map(fold, rule.values):
                raise _Refused(rule.columns[0], value, Fault(rule.reason.text(), rule.mend.text()))

    def _area(self, line: Line) -> str:
        parts = [self._text(line, *level) for level in self._ledger.area]
        parts = [part for part in parts if fold(part) not in self._empty]
        found = self._areas.find(*parts)
        if isinstance(found, Fault):
            raise _Refused("/".join(level[0] for level in self._ledger.area), " ".join(parts), found)
        return found

    def _facts(self, line: Line) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for name, rule in self._ledger.facts.items():
            at = self._table.column(rule.columns)
            cell = self._cell(line, at)
            column = self._table.headings[at] if at is not None else rule.columns[0]
            if (broken := cell_error(cell)) is not None:
                raise _Refused(column, plain(cell), broken)
            if self._blank(cell) and rule.read != "yes_no":
                if rule.required:
                    raise _Refused(column, plain(cell), _missing(column))
                continue
            if at is None:
                continue
            value = self._value(rule, column, cell, line)
            if isinstance(value, Fault):
                raise _Refused(column, plain(cell), value)
            if value is not None:
                facts[name] = value
        for name, value in self._words.implied.get(str(facts.get("dispute_type")), {}).items():
            facts.setdefault(name, value)
        facts.update(dict.fromkeys(self._signs(line), True))
        facts.setdefault("matter_type", "claim")
        return facts

    def _value(self, rule: FactRule, column: str, cell: Cell, line: Line) -> Any:
        if rule.read == "date":
            return read_date(cell, self._table.year)
        if rule.read == "money":
            unit = next((unit for name, unit in rule.units.items() if fold(name) == column), "元")
            return read_money(cell, unit, rule.maximum)
        if rule.read == "count":
            return read_count(cell, rule.minimum, rule.maximum)
        if rule.read == "yes_no":
            return self._yes_no(cell)
        if rule.read == "choice":
            chosen = {fold(name): value for name, value in rule.values.items()}.get(fold(plain(cell)))
            return chosen or _unknown_choice(plain(cell), list(rule.values))
        if rule.read == "dispute_type":
            return self._dispute_type(plain(cell), line)
        text = read_text(cell, None if rule.cut else rule.max_length)
        return text[: rule.cut] if isinstance(text, str) and rule.cut else text

    def _yes_no(self, cell: Cell) -> bool | Fault | None:
        text = fold(plain(cell))
        if text in map(fold, self._words.no):
            return False
        if text in map(fold, self._words.yes):
            return True
        return None if self._blank(cell) else _unknown_choice(plain(cell), ["是", "否"])

    def _dispute_type(self, category: str, line: Line) -> str | Fault:
        folded = fold(category)
        for name, words in self._words.dispute_types.items():
            if folded in map(fold, words.names):
                return name
        looked = folded
        found = self._types_in(looked)
        if not found and folded in map(fold, self._words.vague):
            looked = fold(" ".join(self._text(line, column) for column in self._ledger.signs))
            found = self._types_in(looked)
        if len(found) == 1:
            return found[0]
        return _unknown_type(category, found)

    def _types_in(self, text: str) -> list[str]:
        return [
            name
            for name, words in self._words.dispute_types.items()
            if any(self._says(text, fold(word)) for word in words.words)
        ]

    def _signs(self, line: Line) -> list[str]:
        texts = [fold(self._text(line, column)) for column in self._ledger.signs]
        return [
            name
            for name, words in self._words.signs.items()
            if any(self._says(text, fold(word)) for word in words for text in texts)
        ]

    def _says(self, text: str, word: str) -> bool:
        """Whether ``text`` says ``word`` somewhere without a negation right before it."""
        at = text.find(word)
        while at >= 0:
            before = text[:at]
            if not before.endswith(tuple(map(fold, self._words.negations))) or before.endswith("不排除"):
                return True
            at = text.find(word, at + 1)
        return False

    def _key(self, line: Line, facts: Mapping[str, Any], area: str) -> str:
        parts = [self._key_part(part, line, facts, area) for part in self._ledger.key.parts]
        key = f"{self._ledger.key.prefix}:{'-'.join(parts)}"
        if len(key) > _MAX_KEY:
            raise _Refused(
                "",
                key[:40],
                Fault(Text("编号过长", "the number is too long"), Text("缩短编号", "shorten it")),
            )
        return key

    def _key_part(self, part: KeyPart, line: Line, facts: Mapping[str, Any], area: str) -> str:
        if part.column is not None:
            text = fold(self._text(line, part.column))
            if not text or text in self._empty:
                raise _Refused(part.column, "", _missing(part.column))
            return text
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
