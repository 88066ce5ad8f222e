"""Sheets for spreadsheets: CSV and XLSX files, written row by row, no cell of which is run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from jiefen import FactError, MissingExtra

Cell: TypeAlias = str | int | Decimal | date | datetime | None
CHINA: Final = ZoneInfo("Asia/Shanghai")
#: What some spreadsheet takes for the beginning of a formula, in half and full width.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: A spreadsheet has no longer cells.
_LONGEST: Final = 32_000
_WIDEST: Final = 40


def printable(text: str) -> str:
    """A text without what no document can hold."""
    kept = (one if one in "\t\n" or (one >= " " and one not in "\x7f\ufffe\uffff") else " " for one in text)
    return "".join(one for one in kept if not "\ud800" <= one <= "\udfff")[:_LONGEST]


def guarded(text: str) -> str:
    """A text that no spreadsheet runs as a formula; who imports it again takes the guard off."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def harmless(text: str) -> str:
    """The same, without what no document can hold."""
    return guarded(printable(text))


def typed(value: object) -> Cell:
    """A value as a workbook keeps it: numbers as numbers, days as days, instants in China's time, the rest as text."""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    if isinstance(value, bool | int | Decimal | date) or value is None:
        return value
    return harmless(str(value))


def plain(value: object) -> object:
    """A value as a file of text keeps it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    # A number below zero is no formula.
    return value if isinstance(value, int | Decimal) or value is None else harmless(str(value))


def new_workbook(what: str) -> Any:
    """A workbook that is written row by row.

    Raises:
        MissingExtra: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ModuleNotFoundError as error:
        raise MissingExtra.of(what, error, "ledgers") from error
    return Workbook(write_only=True)


def write_sheet(out: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows below their headings into a ``.csv`` or ``.xlsx``; how many there are. They are kept nowhere else.

    Raises:
        FactError: the file is of another kind, or cannot be written.
        MissingExtra: what writes workbooks is not installed.
    """
    writers: Mapping[str, Callable[..., int]] = {".csv": _write_csv, ".xlsx": _write_xlsx}
    write = writers.get(out.suffix.lower())
    if write is None:
        raise FactError(
            f"{out.name} is neither .csv nor .xlsx; name it so", zh=f"文件 {out.name} 不是 .csv 或 .xlsx"
        )
    try:
        return write(out, title, headings, rows)
    except OSError as error:
        raise FactError(
            f"{out} cannot be written: {error.strerror}; name another place",
            zh=f"{out} 写不进去({error.strerror});请换一个位置",
        ) from error


def _write_csv(out: Path, _: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    count = 0
    # Spreadsheets take the mark at its front as a sign of UTF-8.
    with out.open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(map(harmless, headings))
        for row in rows:
            sheet.writerow(map(plain, row))
            count += 1
    return count


def _write_xlsx(out: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    book = new_workbook("a sheet in a workbook (.xlsx)")
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    try:
        sheet.freeze_panes = "A2"
        for at, heading in enumerate(headings, 1):
            # A Chinese character is about two of the units in which widths are counted.
            width = min(max(2 * len(heading) + 2, 12), _WIDEST)
            sheet.column_dimensions[get_column_letter(at)].width = width
        head = [WriteOnlyCell(sheet, value=harmless(heading)) for heading in headings]
        for one in head:
            one.font = Font(bold=True)
        sheet.append(head)
        count = 0
        for row in rows:
            sheet.append(list(map(typed, row)))
            count += 1
        book.save(out)
    except BaseException:
        sheet.close()  # what is half written would hold its file open
        raise
    return count
