"""Reports as workbooks: rows are written as they come, however many."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from jiefen_adapters.reports.tables import Language, Report, Table, in_order
from jiefen_adapters.sheets import harmless, new_workbook, typed

#: What the name of a sheet cannot hold, and how long it may be.
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_MOST_NAME: Final = 31
#: The number of the size of paper in the format of workbooks.
_A4: Final = 9


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
            for row in report.tables[at].rows():
                sheets[at].append(list(map(typed, row)))
                count += 1
        for line in report.ending:
            sheets[0].append([harmless(line)])
        book.save(out)
    except BaseException:
        for sheet in sheets:  # what was half written would hold its file open
            sheet.close()
        raise
    return count


def _sheet(book: Any, report: Report, table: Table, number: int) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    title = _NOT_IN_NAMES.sub(" ", harmless(table.title))[: _MOST_NAME - 4]
    sheet = book.create_sheet(f"{number} {title}")
    above = [report.title, *report.lines]
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
        cell.font = Font(bold=at == 0, size=16 if at == 0 else 10)
        sheet.append([cell])
    head = []
    for column in table.columns:
        cell = WriteOnlyCell(sheet, value=harmless(column.heading))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        head.append(cell)
    sheet.append(head)
    return sheet
