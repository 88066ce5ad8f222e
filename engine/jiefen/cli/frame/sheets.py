"""Sheets for spreadsheets: CSV and XLSX files, no cell of which is run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from jiefen.cli.frame.output import harmless
from jiefen.cli.frame.program import printable
from jiefen.clock import CHINA
from jiefen.errors import FactError, MissingExtra

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        dir_okay=False,
        help="A sheet instead of a table: .csv or .xlsx; it is replaced.",
    ),
]

#: A spreadsheet has no longer cells.
_LONGEST: Final = 32_000
_WIDEST: Final = 40


def require_sheet(file: Path) -> None:
    """Refuse a file that is no sheet, before anything is read for it.

    Raises:
        FactError: its name ends otherwise.
        MissingExtra: what writes workbooks is not installed.
    """
    if file.suffix.lower() == ".xlsx":
        _workbook()
    elif file.suffix.lower() != ".csv":
        raise FactError(
            f"--out {file.name} is neither .csv nor .xlsx; name it so",
            zh=f"--out 的文件 {file.name} 不是 .csv 或 .xlsx",
        )


def write_sheet(file: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows below their headings; how many there are. Rows are written as they come, however many.

    Raises:
        FactError: the file cannot be written.
    """
    try:
        if file.suffix.lower() == ".csv":
            return _write_csv(file, headings, rows)
        return _write_xlsx(file, title, headings, rows)
    except OSError as error:
        raise FactError(
            f"{file} cannot be written: {error.strerror}; name another place",
            zh=f"{file} 写不进去({error.strerror});请换一个位置",
        ) from error


def _write_csv(file: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    count = 0
    # Spreadsheets take the mark at its front as a sign of UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow([harmless(heading) for heading in headings])
        for row in rows:
            sheet.writerow([_plain(value) for value in row])
            count += 1
    return count


def _write_xlsx(file: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = _workbook()
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, heading in enumerate(headings, 1):
        # A Chinese character is about two of the units in which widths are counted.
        sheet.column_dimensions[get_column_letter(at)].width = min(max(2 * len(heading) + 2, 12), _WIDEST)
    head = [WriteOnlyCell(sheet, value=harmless(heading)) for heading in headings]
    for one in head:
        one.font = Font(bold=True)
    sheet.append(head)
    count = 0
    for row in rows:
        sheet.append([_typed(value) for value in row])
        count += 1
    book.save(file)
    return count


def _workbook() -> Any:
    try:
        from openpyxl import Workbook
    except ModuleNotFoundError as error:
        raise MissingExtra.of("writing .xlsx", error, "ledgers") from error
    return Workbook(write_only=True)


def _typed(value: object) -> object:
    """A value as a workbook keeps it: numbers as numbers, days as days, instants in China's time, the rest as text."""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    if isinstance(value, bool | int | Decimal | date) or value is None:
        return value
    return _text(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    # A number below zero is no formula.
    return value if isinstance(value, int | Decimal) or value is None else _text(value)


def _text(value: object) -> str:
    return harmless(printable(str(value))[:_LONGEST])
