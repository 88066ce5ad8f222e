"""Finding a ledger in a file: which layout fits, on which sheet, below which header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Final

from jiefen import LedgerError
from jiefen_adapters.ledgers.cells import Cell, fold, plain
from jiefen_adapters.ledgers.dates import SERIAL_ZERO, YearHint
from jiefen_adapters.ledgers.mapping import Alternatives, Ledger, heading
from jiefen_adapters.ledgers.sheets import Line, Sheet, is_workbook, read_bytes, text_sheets
from jiefen_adapters.ledgers.wording import Text, unreadable

# A year, alone or with the month up to which it goes: 2026年, 2026年1-3月, 2026-01-12, 20260112. Digits around it make
# it the number of something else.
_YEAR = re.compile(
    r"(?<![0-9])(20[0-9]{2})"
    r"(?:年(?:(?:1?[0-9]月?[-—~至到])?(1?[0-9])月)?"
    r"|[-./](1[0-2]|0?[1-9])(?![0-9])"
    r"|(1[0-2]|0[1-9])(?:[0-3][0-9])?(?![0-9])"
    r"|(?![0-9]))"
)

#: So many rows of a host are looked at together; a column that the first of them lack is missing.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Table:
    """A ledger that was found: its layout, its sheet, its headings, and the lines below them.

    ``goes_on``: its first line stands below the last one of the table before.
    """

    ledger: Ledger
    sheet: Sheet
    headings: tuple[str, ...]
    below: int
    year: YearHint | None
    goes_on: bool = False

    def lines(self) -> Iterator[Line]:
        """The lines below the header."""
        return (line for line in self.sheet.lines() if line.number > self.below)

    def column(self, alternatives: Alternatives) -> int | None:
        """Where the first of these headings stands that the file has."""
        for name in alternatives:
            if heading(name) in self.headings:
                return self.headings.index(heading(name))
        return None


def find_tables(
    path: Path, ledgers: Sequence[Ledger], year: int | None, *, everything: bool = False
) -> tuple[list[Table], tuple[Text, ...]]:
    """The ledger on each sheet that has the header of one; and notes about sheets that were not read.

    Args:
        everything: also the rows of a workbook that are hidden or struck out.

    Raises:
        LedgerError: when the file cannot be read, or holds no ledger; the message names what is missing.
    """
    raw = read_bytes(path)
    search = _Search(path, ledgers, year)
    if not is_workbook(path, raw):
        table = search.table(text_sheets(path, raw))
        if table is None:
            raise search.failure()
        return [table], ()
    from jiefen_adapters.ledgers.workbook import (
        workbook_sheets,  # needs openpyxl, which an office may not have
    )

    sheets, notes = workbook_sheets(path, raw, everything=everything)
    found = [(sheet, search.table([sheet])) for sheet in sheets]
    tables = [table for _, table in found if table is not None]
    if not tables:
        raise search.failure()
    notes += tuple(
        Text(
            f"工作表“{sheet.name}”没有台账表头,没有读",
            f"the sheet {sheet.name} has no header of a ledger and was not read",
        )
        for sheet, table in found
        if table is None
    )
    return tables, notes


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows of a host, as the lines below a header; ``first`` is the number of the first of them."""

    headings: tuple[str, ...]
    rows: Sequence[Mapping[str, Cell]]
    first: int
    name: None = None
    notes: tuple[Text, ...] = ()
    delimited: bool = False
    serial_zero: date = SERIAL_ZERO

    def lines(self) -> Iterator[Line]:
        """A line for each row."""
        for number, row in enumerate(self.rows, self.first):
            yield Line(number, tuple(row.get(name) for name in self.headings))

    def across(self, line: Line) -> tuple[Cell, ...]:
        """Rows have no merged cells."""
        return line.cells


def tables_of(rows: Iterable[Mapping[str, Cell]], ledger: Ledger, year: int | None) -> Iterator[Table]:
    """Rows of a host, mappings from heading to cell, as tables of a layout of which each goes on with the one before.

    Raises:
        LedgerError: the first of them lack a column that the layout needs.
    """
    ahead = iter(rows)
    some = list(islice(ahead, _AT_ONCE))
    headings = {heading(str(name)) for row in some for name in row}
    if some and (missing := _missing(ledger, headings)):
        raise unreadable(
            Path(ledger.ledger),
            f"缺少的列:{'、'.join(missing)}",
            f"the rows lack the columns {'、'.join(missing)}; add them, or name another layout",
        )
    return _some_at_once(some, ahead, ledger, YearHint(year) if year is not None else None)


def _some_at_once(
    some: Sequence[Mapping[str, Cell]],
    ahead: Iterator[Mapping[str, Cell]],
    ledger: Ledger,
    year: YearHint | None,
) -> Iterator[Table]:
    names: dict[str, None] = {}
    first = 1
    while some:
        names |= dict.fromkeys(str(name) for row in some for name in row)
        sheet = _Rows(tuple(names), some, first)
        yield Table(ledger, sheet, tuple(map(heading, names)), 0, year, goes_on=first > 1)
        first += len(some)
        some = list(islice(ahead, _AT_ONCE))


def _missing(ledger: Ledger, headings: Container[str]) -> list[str]:
    """The columns that a layout needs and a header does not have."""
    return [
        "/".join(alternatives)
        for alternatives in ledger.required_columns()
        if not any(heading(name) in headings for name in alternatives)
    ]


@dataclass(slots=True)
class _Search:
    """Looks for the headers of ledgers, and remembers why it did not find one."""

    path: Path
    ledgers: Sequence[Ledger]
    year: int | None
    _nearest: tuple[Ledger, list[str]] | None = field(default=None, init=False)
    _broken: LedgerError | None = field(default=None, init=False)

    def table(self, ways: Sequence[Sheet]) -> Table | None:
        """The ledger on one sheet, which can be read in these ways; for each layout the first way that fits counts.

        Raises:
            LedgerError: when several layouts fit, and neither sheet nor file is named after one of them.
        """
        fitting: dict[str, Table] = {}
        for sheet in ways:
            within = max(ledger.header.within + ledger.header.lines for ledger in self.ledgers)
            try:
                top = list(islice(sheet.lines(), within))
            except LedgerError as error:
                # Another way may still read it: quotes are broken at a comma that is none.
                self._broken = self._broken or error
                continue
            for ledger in self.ledgers:
                if ledger.ledger not in fitting and (table := self._find(ledger, sheet, top)) is not None:
                    fitting[ledger.ledger] = table
        if len(fitting) < 2:
            return next(iter(fitting.values()), None)
        named = [table for table in fitting.values() if self._is_named_after(table)]
        if len(named) == 1:
            return named[0]
        titles = "、".join(table.ledger.title.zh for table in fitting.values())
        raise unreadable(
            self.path,
            f"表头同时像{titles};在文件名里写明是哪一种台账",
            f"the header fits several ledgers ({', '.join(fitting)}); say in the file's name which one it is",
        )

    def failure(self) -> LedgerError:
        """Why there is no ledger: what the nearest layout lacks, or what is broken."""
        if self._nearest is None:
            return self._broken or unreadable(
                self.path,
                "没有可读的工作表;取消隐藏或补上内容",
                "there is no sheet to read; unhide one, or fill it in",
            )
        ledger, missing = self._nearest
        if self._broken is not None and len(missing) == len(list(ledger.required_columns())):
            return self._broken
        columns = "、".join(missing)
        return unreadable(
            self.path,
            f"没有找到台账表头;最接近的是{ledger.title.zh},缺少的列:{columns};补上这些列,或核对列名",
            f"no header of a ledger was found; nearest is {ledger.ledger}, which lacks the columns {columns}; "
            "add them, or correct their names",
        )

    def _find(self, ledger: Ledger, sheet: Sheet, top: Sequence[Line]) -> Table | None:
        for at in range(min(len(top), ledger.header.within)):
            for height in dict.fromkeys((ledger.header.lines, 1)):
                lines = top[at : at + height]
                headings = _headings([sheet.across(line) for line in lines])
                missing = _missing(ledger, headings)
                if not missing:
                    above = [plain(cell) for line in top[:at] for cell in line.cells]
                    return Table(ledger, sheet, headings, lines[-1].number, self._year(sheet, above))
                if self._nearest is None or len(missing) < len(self._nearest[1]):
                    self._nearest = (ledger, missing)
        return None

    def _is_named_after(self, table: Table) -> bool:
        names = (self.path.name, table.sheet.name or "")
        return any(fnmatchcase(name, pattern) for pattern in table.ledger.files for name in names)

    def _year(self, sheet: Sheet, above: Sequence[str]) -> YearHint | None:
        """The year that the nearest text names; a text that names several settles nothing."""
        if self.year is not None:
            return YearHint(self.year)
        for text in (*above, sheet.name or "", self.path.stem):
            matches = list(_YEAR.finditer(fold(text)))
            years = {match[1] for match in matches}
            if len(years) > 1:
                return None
            if years:
                last = max(int(match[2] or match[3] or match[4] or 12) for match in matches)
                return YearHint(int(matches[0][1]), last)
        return None


def _headings(lines: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """The headings of a header; the two parts of a two-line one are joined with a slash.

    A heading that stands twice is numbered, so that the second column is seen to be left out: ``备注(2)``.
    """
    seen: Counter[str] = Counter()
    columns = []
    for at in range(max(map(len, lines), default=0)):
        parts = dict.fromkeys(heading(plain(line[at])) for line in lines if at < len(line))
        name = "/".join(part for part in parts if part)
        seen[name] += 1
        columns.append(f"{name}({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(columns)
