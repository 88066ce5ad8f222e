"""Reports as workbooks: rows are written as they come, however many."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from jiefen_adapters.reports.tables import Language, Report, Table, in_order
from jiefen_adapters.sheets import Cell, harmless, new_workbook, typed

#: What the name of a sheet cannot hold, and how long it may be.
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_MOST_NAME: Final = 31
#: The number of the size of paper in the format of workbooks.
_A4: Final = 9
#: The height of a line, in points.
_LINE: Final = 15


def write_workbook(report: Report, out: Path, language: Language) -> int:
    """Write a report as a workbook, a sheet for each table; how many rows the tables have.

    Raises:
        MissingExtra: openpyxl is not installed.
        OSError: the file cannot be written.
    """
    book = new_workbook("a report in a workbook (.xlsx)")
    book.properties.title, book.properties.creator = harmless(report.title), "Jiefen"
    sheets = [_sheet(book, report, table, number) for number, table in enumerate(report.tables, 1)]
    count = 0
    try:
        for at in in_order(report.tables):
            line = len(report.lines) + 3  # above are the titles, and the headings
            for row in report.tables[at].rows():
                line += 1
                _append(sheets[at], line, report.tables[at], [typed(value) for value in row])
                count += 1
        for text in report.ending:
            sheets[-1].append([harmless(text)])
        book.save(out)
    except BaseException:
        for sheet in sheets:  # what was half written would hold its file open
            sheet.close()
        raise
    return count


def _sheet(book: Any, report: Report, table: Table, number: int) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    title = _NOT_IN_NAMES.sub(" ", harmless(table.title))[: _MOST_NAME - 4]
    sheet = book.create_sheet(f"{number} {title}")
    above = [report.title, *report.lines, table.title]
    sheet.freeze_panes = f"A{len(above) + 2}"
    sheet.page_setup.orientation = "landscape" if report.lying else "portrait"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{len(above) + 1}:{len(above) + 1}"
    for at, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    for at, line in enumerate(above):
        cell = WriteOnlyCell(sheet, value=harmless(line))
        cell.font = Font(bold=line in (report.title, table.title), size=16 if at == 0 else 11)
        sheet.append([cell])
    head = []
    for column in table.columns:
        cell = _ruled(sheet, harmless(column.heading))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        head.append(cell)
    sheet.append(head)
    return sheet


def _append(sheet: Any, line: int, table: Table, values: list[Cell]) -> None:
    """Write a row, as high as its texts need: not every program works that out by itself."""
    needed = max(
        (-(-_width(value) // column.width) for value, column in zip(values, table.columns, strict=True)),
        default=1,
    )
    if needed > 1:
        sheet.row_dimensions[line].height = _LINE * needed
    sheet.append([_ruled(sheet, value) for value in values])
    sheet.row_dimensions.pop(line, None)  # it is written; rows are kept nowhere


def _width(value: Cell) -> int:
    """How wide a text is, in characters of the Latin alphabet; a Chinese one is two of them."""
    return sum(2 if ord(one) > 0x2E7F else 1 for one in value) if isinstance(value, str) else 1


def _ruled(sheet: Any, value: Cell) -> Any:
    """A cell of a table: ruled, with all of its text on as many lines as it needs."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Side

    line = Side(style="thin", color="999999")
    cell = WriteOnlyCell(sheet, value=value)
    cell.border = Border(left=line, right=line, top=line, bottom=line)
    cell.alignment = Alignment(wrap_text=isinstance(value, str), vertical="top")
    return cell
