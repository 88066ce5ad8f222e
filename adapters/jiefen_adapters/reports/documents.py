"""Reports as documents to be completed, printed and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jiefen import MissingExtra
from jiefen_adapters.reports.tables import Language, Report, Row, Table, in_order, shown
from jiefen_adapters.sheets import printable

#: Rows of a table that a document takes; the rest is for a workbook, which is said below the table.
MOST_ROWS: Final = 1_000
#: In the fonts of official papers (党政机关公文格式), as far as the machine has them.
_FONTS: Final = {"title": "方正小标宋简体", "heading": "黑体", "text": "仿宋"}
#: Margins in centimetres of a page that stands, and of one that lies.
_MARGINS: Final = (2.5, 1.5)


def write_document(report: Report, out: Path, language: Language) -> int:
    """Write a report as a document; how many rows its tables have, those that are left out among them.

    Raises:
        MissingExtra: python-docx is not installed.
        OSError: the file cannot be written.
    """
    document = _document(report)
    _paragraph(document, report.title, "title", 22, centred=True)
    for line in report.lines:
        _paragraph(document, line, "text", 12)
    found: dict[int, tuple[list[Row], int]] = {}
    for at in in_order(report.tables):
        kept, count = [], 0
        for row in report.tables[at].rows():
            count += 1
            if count <= MOST_ROWS:
                kept.append(row)
        found[at] = kept, count
    for at, table in enumerate(report.tables):
        _paragraph(document, table.title, "heading", 14)
        rows, count = found[at]
        _table(document, table, rows, language)
        if count > len(rows):
            left = count - len(rows)
            zh = f"另有 {left} 行未列入,请生成 .xlsx 查看。"
            _paragraph(
                document, zh if language == "zh" else f"{left} more rows: write .xlsx for them.", "text", 10
            )
    for line in ("", *report.ending) if report.ending else ():
        _paragraph(document, line, "text", 12)
    document.save(str(out))
    return sum(count for _, count in found.values())


def _document(report: Report) -> Any:
    try:
        from docx import Document
        from docx.enum.section import WD_ORIENT
        from docx.shared import Cm
    except ModuleNotFoundError as error:
        raise MissingExtra.of("a report as a document (.docx)", error, "documents") from error
    document = Document()
    document.core_properties.title, document.core_properties.author = printable(report.title), "Jiefen"
    page = document.sections[0]
    wide, high = Cm(21), Cm(29.7)
    page.page_width, page.page_height = (high, wide) if report.lying else (wide, high)
    page.orientation = WD_ORIENT.LANDSCAPE if report.lying else WD_ORIENT.PORTRAIT
    for side in ("left", "right", "top", "bottom"):
        setattr(page, f"{side}_margin", Cm(_MARGINS[report.lying]))
    return document


def _paragraph(document: Any, text: str, font: str, size: int, *, centred: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = Pt(12 if font == "heading" else 0)
    paragraph.paragraph_format.space_after = Pt(6)
    paragraph.paragraph_format.keep_with_next = font == "heading"
    _run(paragraph, text, font, size, bold=font == "heading")


def _run(paragraph: Any, text: str, font: str, size: float, *, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(printable(text))
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, "Times New Roman"
    # The font of Chinese characters is one of its own.
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONTS[font])


def _table(document: Any, table: Table, rows: list[Row], language: Language) -> None:
    if not rows:
        _paragraph(document, "无" if language == "zh" else "none", "text", 12)
        return
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.shared import Emu

    made = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    page = document.sections[0]
    space = page.page_width - page.left_margin - page.right_margin
    whole = sum(column.width for column in table.columns)
    widths = [Emu(space * column.width // whole) for column in table.columns]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width  # programs that draw tables look here, or at the cells
    head = made.rows[0]
    # The headings stand again on every page.
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, column, width in zip(head.cells, table.columns, widths, strict=True):
        cell.width = width
        _fill(cell, column.heading, "heading")
    for row in rows:
        line = made.add_row()
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, value, width in zip(line.cells, row, widths, strict=True):
            cell.width = width
            _fill(cell, shown(value), "text")


def _fill(cell: Any, text: str, font: str) -> None:
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    _run(paragraph, text, font, 9, bold=font == "heading")
