"""The layouts by which documents are set as DOCX: ``python -m tests.conformance.layouts`` makes them again.

Their pages follow GB/T 9704-2012 as far as a letter or a record needs it: A4, 37 mm above, 28 mm left, text
of 16 points in 仿宋 on lines of 28 points, titles of 22 points in 小标宋, headings in 黑体, the number on the right,
office and day on the right below. Where a machine has not these fonts, its own Chinese ones stand in.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FOLDER: Final = Path(__file__).parents[2] / "rules/nation/documents"
BODY, HEADING, TITLE = "仿宋_GB2312", "黑体", "方正小标宋简体"
_RED: Final = RGBColor(0xC0, 0x00, 0x00)
#: Files in an archive all have this day, so that the same layout is the same bytes.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def layouts() -> dict[str, bytes]:
    """The layouts by the names of their files."""
    return {"notice.docx": _packed(_notice()), "record.docx": _packed(_record())}


def _notice() -> Any:
    """函: a letter of an office, with its name in red above a red line."""
    page = _page()
    head = _paragraph(page, "{{ office }}", TITLE, 26, WD_ALIGN_PARAGRAPH.CENTER, colour=_RED, spacing=36)
    _line_below(head)
    _paragraph(page, "{%p if number %}", BODY, 16)
    _paragraph(page, "{{ number }}", BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    _paragraph(page, "{%p endif %}", BODY, 16)
    _titled(page)
    _lines(page)
    _signed(page)
    return page


def _record() -> Any:
    """笔录、协议、申请: a paper without the name of an office above."""
    page = _page()
    _titled(page)
    _paragraph(page, "{%p if number %}", BODY, 16)
    _paragraph(page, "{{ number }}", BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    _paragraph(page, "{%p endif %}", BODY, 16)
    _lines(page)
    _paragraph(page, "", BODY, 16)
    _paragraph(page, "{{ day }}", BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT, after=32)
    return page


def _page() -> Any:
    page = Document()
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    normal = page.styles["Normal"]
    normal.font.size = Pt(16)
    _font(normal, BODY)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _styled(foot.add_run("— "), "宋体", 14)
    _page_number(foot)
    _styled(foot.add_run(" —"), "宋体", 14)
    return page


def _titled(page: Any) -> None:
    _paragraph(page, "", BODY, 16)
    _paragraph(page, "{{ title }}", TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER, spacing=32)
    _paragraph(page, "", BODY, 16)


def _lines(page: Any) -> None:
    for text, font, first in (
        ("{%p for line in lines %}", BODY, False),
        ("{%p if line.kind == 'heading' %}", BODY, False),
        ("{{ line.text }}", HEADING, True),
        ("{%p elif line.kind == 'text' %}", BODY, False),
        ("{{ line.text }}", BODY, True),
        ("{%p else %}", BODY, False),
        ("{{ line.text }}", BODY, False),
        ("{%p endif %}", BODY, False),
        ("{%p endfor %}", BODY, False),
    ):
        one = _paragraph(page, text, font, 16, WD_ALIGN_PARAGRAPH.JUSTIFY if first else None)
        if first:
            one.paragraph_format.first_line_indent = Pt(32)


def _signed(page: Any) -> None:
    _paragraph(page, "", BODY, 16)
    for text in ("{{ office }}", "{{ day }}"):
        one = _paragraph(page, text, BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT, after=32)
        one.paragraph_format.keep_together = True
        one.paragraph_format.keep_with_next = text != "{{ day }}"


def _paragraph(
    page: Any,
    text: str,
    font: str,
    size: int,
    align: Any = None,
    *,
    colour: Any = None,
    spacing: int = 28,
    after: int = 0,
) -> Any:
    one = page.add_paragraph()
    one.alignment = align
    shape = one.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spacing)
    shape.space_before = shape.space_after = Pt(0)
    if after:
        shape.right_indent = Pt(after)
    run = _styled(one.add_run(text), font, size)
    if colour is not None:
        run.font.color.rgb = colour
    return one


def _styled(run: Any, font: str, size: int) -> Any:
    run.font.size = Pt(size)
    _font(run, font)
    return run


def _font(of: Any, name: str) -> None:
    of.font.name = "Times New Roman"
    fonts = of.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    language = OxmlElement("w:lang")
    for kind in ("val", "eastAsia"):
        language.set(qn(f"w:{kind}"), "zh-CN")
    of.element.get_or_add_rPr().append(language)


def _line_below(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    below = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", "C00000")):
        below.set(qn(f"w:{name}"), value)
    borders.append(below)
    # Where the schema has it: behind keepNext and the like, before spacing and alignment.
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def _page_number(paragraph: Any) -> None:
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = _styled(paragraph.add_run(), "宋体", 14)
        if kind is not None:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        else:
            field = OxmlElement("w:instrText")
            field.text = text
        run._r.append(field)


def _packed(page: Any) -> bytes:
    """The page as bytes that are the same each time: no names, no days of today."""
    properties = page.core_properties
    properties.author = properties.title = properties.comments = properties.last_modified_by = ""
    kept = io.BytesIO()
    page.save(kept)
    packed = io.BytesIO()
    with zipfile.ZipFile(kept) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name, _DAY), before.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


if __name__ == "__main__":
    for name, content in layouts().items():
        (FOLDER / name).write_bytes(content)
