"""Finding a ledger in a file: which mapping fits, on which sheet, below which header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from jiefen_adapters.ledgers.cells import Cell, YearHint, fold, plain
from jiefen_adapters.ledgers.mapping import Ledger, heading
from jiefen_adapters.ledgers.sheets import Line, Sheet, read_bytes, text_sheets
from jiefen_adapters.ledgers.wording import Text, unreadable
from jiefen_adapters.ledgers.workbook import is_workbook, workbook_sheets

_YEAR = re.compile(r"(20[0-9]{2})年?(?:(?:1?[0-9])?[-至到](1?[0-9])月|(1?[0-9])月)?")


@dataclass(frozen=True, slots=True)
class Table:
    """A ledger that was found: its layout, its sheet, its headings, and the lines below them."""

    ledger: Ledger
    sheet: Sheet
    headings: tuple[str, ...]
    below: int
    year: YearHint | None

    def lines(self) -> Iterator[Line]:
        """The lines below the header."""
        return (line for line in self.sheet.lines() if line.number > self.below)

    def column(self, alternatives: Sequence[str]) -> int | None:
        """Where the first of these headings stands that the file has."""
        for name in alternatives:
            if heading(name) in self.headings:
                return self.headings.index(heading(name))
        return None


def find_tables(
    path: Path, ledgers: Sequence[Ledger], year: int | None
) -> tuple[list[Table], tuple[Text, ...]]:
    """The ledger in a file, on each sheet that has its header; and notes about sheets that were not read.

    Raises:
        LedgerError: when the file cannot be read, or is none of the ledgers; the message names what is missing.
    """
    raw = read_bytes(path)
    if is_workbook(path, raw):
        sheets, notes = workbook_sheets(path, raw)
        candidates = {ledger.ledger: list[Sheet](sheets) for ledger in ledgers}
    else:
        notes = ()
        candidates = {
            ledger.ledger: list[Sheet](text_sheets(path, raw, ledger.encodings, ledger.delimiters))
            for ledger in ledgers
        }
    fitting: dict[str, list[Table]] = {}
    nearest: tuple[int, Ledger, list[str]] | None = None
    for ledger in ledgers:
        for sheet in candidates[ledger.ledger]:
            table, missing = _find(ledger, sheet, path, year)
            if table is not None:
                fitting.setdefault(ledger.ledger, []).append(table)
                if sheet.ragged:
                    break  # one way of reading a text file is enough
            elif nearest is None or len(missing) < nearest[0]:
                nearest = (len(missing), ledger, missing)
    if not fitting:
        raise _no_ledger(path, nearest)
    named = [
        name
        for name in fitting
        if any(fnmatchcase(path.name, pattern) for pattern in _by_name(ledgers, name).files)
    ]
    if len(fitting) > 1 and len(named) != 1:
        titles = "、".join(_by_name(ledgers, name).title.zh for name in fitting)
        raise unreadable(
            path,
            f"表头同时像{titles};在文件名里写明是哪一种台账",
            f"the header fits several ledgers ({', '.join(fitting)}); say in the file's name which one it is",
        )
    chosen = fitting[named[0] if len(named) == 1 else next(iter(fitting))]
    if not chosen[0].sheet.ragged:
        read = {table.sheet.name for table in chosen}
        others = [sheet.name for sheet in candidates[chosen[0].ledger.ledger] if sheet.name not in read]
        notes += tuple(
            Text(
                f"工作表“{name}”没有台账表头,没有读",
                f"the sheet {name} has no header of a ledger and was not read",
            )
            for name in others
        )
    return chosen, notes


def _find(ledger: Ledger, sheet: Sheet, path: Path, year: int | None) -> tuple[Table | None, list[str]]:
    top = list(islice(sheet.lines(), ledger.header.within + ledger.header.lines))
    fewest: list[str] = ["/".join(alternatives) for alternatives in ledger.required_columns()]
    for at in range(len(top)):
        for height in dict.fromkeys((ledger.header.lines, 1)):
            if at + height > len(top):
                continue
            headings = _headings([sheet.across(line) for line in top[at : at + height]])
            missing = [
                "/".join(alternatives)
                for alternatives in ledger.required_columns()
                if not any(heading(name) in headings for name in alternatives)
            ]
            if not missing:
                above = [plain(cell) for line in top[:at] for cell in line.cells if cell is not None]
                hint = _year(path, sheet, above, year)
                return Table(ledger, sheet, headings, top[at + height - 1].number, hint), []
            fewest = min(fewest, missing, key=len)
    return None, fewest


def _headings(lines: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """The headings of a header; the two parts of a two-line one are joined with a slash."""
    width = max(len(line) for line in lines)
    columns = []
    for at in range(width):
        parts = dict.fromkeys(
            heading(plain(line[at])) for line in lines if at < len(line) and plain(line[at]).strip()
        )
        columns.append("/".join(parts))
    return tuple(columns)


def _year(path: Path, sheet: Sheet, above: Sequence[str], year: int | None) -> YearHint | None:
    if year is not None:
        return YearHint(year)
    for text in (*above, sheet.name or "", path.stem):
        if (match := _YEAR.search(fold(text))) is not None:
            return YearHint(int(match[1]), int(match[2] or match[3] or 12))
    return None


def _by_name(ledgers: Sequence[Ledger], name: str) -> Ledger:
    return next(ledger for ledger in ledgers if ledger.ledger == name)


def _no_ledger(path: Path, nearest: tuple[int, Ledger, list[str]] | None) -> Exception:
    if nearest is None:
        return unreadable(path, "没有可读的工作表", "there is no sheet to read")
    _, ledger, missing = nearest
    columns = "、".join(missing)
    return unreadable(
        path,
        f"没有找到台账表头;最接近的是{ledger.title.zh},缺少的列:{columns};补上这些列,或核对列名",
        f"no header of a ledger was found; nearest is {ledger.ledger}, which lacks the columns {columns}; "
        "add them, or correct their names",
    )
