"""Makes ledger files for tests: texts, workbooks, and workbooks that no spreadsheet would save."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from jiefen_adapters.ledgers import LedgerReading, LedgerRow, Reject, Text


@dataclass(frozen=True)
class Whole:
    """A ledger whose rows were all read."""

    file: str
    ledger: str
    rows: list[LedgerRow]
    rejects: list[Reject]
    notes: list[Text]


def whole(readings: Iterable[LedgerReading]) -> list[Whole]:
    """Ledgers that are read to their ends, one after the other."""
    return [Whole(it.file, it.ledger, list(it.rows), it.rejects, it.notes) for it in readings]


#: The layout of the hotline has the fewest columns that must be there.
HOTLINE = (
    "工单编号",
    "来电时间",
    "诉求类型",
    "诉求分类",
    "诉求标题",
    "诉求内容",
    "来电人",
    "事发地",
    "涉及金额",
    "涉及人数",
)
GOOD = (
    "W1",
    "2026-01-05",
    "投诉",
    "拖欠工资",
    "工地拖欠工资",
    "三个月没有发",
    "甲某",
    "蟠龙镇上司村",
    "1.2万",
    "7人",
)


def row(**cells: object) -> list[Any]:
    """A good row of the hotline, but for the cells that are named; ``None`` empties one."""
    assert set(cells) <= set(HOTLINE)
    return [cells.get(name, good) for name, good in zip(HOTLINE, GOOD, strict=True)]


def text(rows: Iterable[Sequence[Any]], delimiter: str = ",", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    """Lines of cells as a text file."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=quoting).writerows(rows)
    return stream.getvalue()


def save_text(path: Path, *rows: Sequence[Any], encoding: str = "utf-8", **options: Any) -> Path:
    """A hotline ledger as a text file."""
    path.write_bytes(text([HOTLINE, *rows], **options).encode(encoding))
    return path


def workbook(sheets: Mapping[str, Iterable[Sequence[Any]]], merges: Sequence[str] = ()) -> bytes:
    """A workbook; ``merges`` are ranges of its first sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    for merge in merges:
        book.worksheets[0].merge_cells(merge)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def save_workbook(path: Path, *rows: Sequence[Any]) -> Path:
    """A hotline ledger as a workbook of one sheet."""
    path.write_bytes(workbook({"热线": [HOTLINE, *rows]}))
    return path


def parts(raw: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: Mapping[str, bytes]) -> bytes:
    """Parts as a workbook again."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def as_spreadsheets_save(raw: bytes) -> bytes:
    """A workbook with its texts in a table of shared strings, where openpyxl writes them into the cells."""
    contents = parts(raw)
    strings: list[bytes] = []

    def shared(match: re.Match[bytes]) -> bytes:
        strings.append(match[1])
        return b't="s"><v>%d</v>' % (len(strings) - 1)

    pattern = rb't="inlineStr"><is><t[^>]*>([^<]*)</t></is>'
    contents = {
        name: re.sub(pattern, shared, content) if name.startswith("xl/worksheets/") else content
        for name, content in contents.items()
    }
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = b"".join(b"<si><t>%s</t></si>" % text for text in strings)
    contents["xl/sharedStrings.xml"] = b'<sst xmlns="%s">%s</sst>' % (main.encode(), table)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    contents["[Content_Types].xml"] = contents["[Content_Types].xml"].replace(b"</Types>", override)
    return packed(contents)


SHEET = "xl/worksheets/sheet1.xml"


def tampered(raw: bytes, change: Callable[[bytes], bytes], part: str = SHEET) -> bytes:
    """A workbook with one part changed."""
    contents = parts(raw)
    changed = change(contents[part])
    assert changed != contents[part], "the change changed nothing"
    return packed(contents | {part: changed})
