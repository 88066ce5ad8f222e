"""Files of cells, before anybody knows what the cells mean: sheets of lines.

A line's number is the number that a spreadsheet shows beside it: in a CSV a cell with line breaks is still one line.
"""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from jiefen import LedgerError
from jiefen_adapters.ledgers.cells import Cell
from jiefen_adapters.ledgers.dates import SERIAL_ZERO
from jiefen_adapters.ledgers.wording import Text, unreadable

#: A ledger file may be this large…
MAX_BYTES: Final = 20_000_000
#: … hold this many lines that are not empty…
MAX_LINES: Final = 120_000
#: … and this many columns.
MAX_COLUMNS: Final = 200

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<style", b"<meta")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of cells; ``number`` as a spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]


class Sheet(Protocol):
    """A sheet of a workbook, or one way to read a text file."""

    @property
    def name(self) -> str | None:
        """The sheet's name; ``None`` for a text file."""
        ...

    @property
    def notes(self) -> tuple[Text, ...]:
        """What a person should know about how the file was read."""
        ...

    @property
    def delimited(self) -> bool:
        """Whether cells are told apart by delimiters, so that a line of another width than the header is broken."""
        ...

    @property
    def serial_zero(self) -> date:
        """The day from which bare serial numbers count as days."""
        ...

    def lines(self) -> Iterator[Line]:
        """The lines that are not empty, in order; each call starts from the top."""
        ...

    def across(self, line: Line) -> tuple[Cell, ...]:
        """The line's cells, merged cells repeated in every column they span: for headers."""
        ...


def read_bytes(path: Path) -> bytes:
    """The whole file.

    Raises:
        LedgerError: when it is missing, unreadable, empty or too large.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise unreadable(
                path,
                "文件打不开(不是普通文件);给出文件本身",
                "the file cannot be opened (it is no plain file); name the file itself",
            )
        raw = b""
        if status.st_size <= MAX_BYTES:
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise unreadable(
            path,
            f"文件打不开({reason});检查路径和权限",
            f"the file cannot be opened ({reason}); check path and permissions",
        ) from error
    if max(status.st_size, len(raw)) > MAX_BYTES:
        raise unreadable(
            path,
            f"文件超过{MAX_BYTES // 10**6}兆;按月或按乡镇拆开再导入",
            f"the file is larger than {MAX_BYTES // 10**6} MB; split it by month or township",
        )
    if not raw.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise unreadable(path, "文件是空的;重新导出", "the file is empty; export it again")
    return raw


def is_workbook(path: Path, raw: bytes) -> bool:
    """Whether the bytes are an XLSX; ``False`` means: try to read them as text.

    Raises:
        LedgerError: when they are something else that can be named: an old or encrypted workbook, a web page, a PDF.
    """
    if raw.startswith(_COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise unreadable(
                path,
                "工作簿有密码;去掉密码另存再导入",
                "the workbook is encrypted; save it without a password",
            )
        raise unreadable(
            path,
            "是旧版 Excel(.xls)或 WPS(.et);另存为 .xlsx 再导入",
            "this is an old workbook (.xls, .et); save it as .xlsx",
        )
    if raw.startswith(b"%PDF"):
        raise unreadable(path, "是 PDF;请提供 .xlsx 或 .csv 原件", "this is a PDF; ask for the .xlsx or .csv")
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower().startswith(_MARKUP):
        raise unreadable(
            path,
            "是改了后缀的网页;用 Excel 打开,另存为 .xlsx",
            "this is a web page with another file ending; open it in a spreadsheet and save it as .xlsx",
        )
    return raw.startswith(b"PK")


def too_many_lines(path: Path) -> LedgerError:
    """The error for a sheet of more than ``MAX_LINES`` lines."""
    return unreadable(
        path,
        f"超过{MAX_LINES}行;按月或按乡镇拆开再导入",
        f"more than {MAX_LINES} lines; split it by month or township",
    )


def too_many_columns(path: Path, number: int) -> LedgerError:
    """The error for a line of more than ``MAX_COLUMNS`` cells."""
    return unreadable(
        path,
        f"第{number}行超过{MAX_COLUMNS}列;删去多余的列再导入",
        f"line {number} has more than {MAX_COLUMNS} columns; remove those that are not needed",
    )


@dataclass(frozen=True, slots=True)
class TextSheet:
    """A text file in one encoding, cut at one delimiter."""

    path: Path
    text: str
    delimiter: str
    notes: tuple[Text, ...]
    name: None = None
    delimited: bool = True
    serial_zero: date = SERIAL_ZERO

    def lines(self) -> Iterator[Line]:
        """The lines that are not empty.

        Raises:
            LedgerError: when a quote is never closed, a cell is too long, or there are too many lines or columns.
        """
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
        number, kept = 0, 0
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise unreadable(
                    self.path,
                    f"第{number + 1}行(文本第{start}行起)不是完整的 CSV:{error};检查双引号是否成对",
                    f"line {number + 1} (from text line {start}) is not complete CSV: {error}; "
                    "look for an unpaired quote",
                ) from None
            if cells is None:
                return
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > MAX_COLUMNS:
                raise too_many_columns(self.path, number)
            kept += 1
            if kept > MAX_LINES:
                raise too_many_lines(self.path)
            yield Line(number, tuple(cells))

    def across(self, line: Line) -> tuple[Cell, ...]:
        """The line's cells: a text file has no merged ones."""
        return line.cells


_ENCODINGS: Final = {"utf-8-sig": "UTF-8", "gb18030": "GBK/GB18030", "utf-16": "UTF-16"}
#: The likeliest first, with the name of those that a person should hear about.
_DELIMITERS: Final = {
    ",": None,
    "\t": Text("制表符", "tabs"),
    ";": Text("分号", "semicolons"),
    "|": Text("竖线", "vertical bars"),
}


def text_sheets(path: Path, raw: bytes) -> list[TextSheet]:
    """Every way in which ``raw`` can be read as a text file of cells, the likeliest first.

    Raises:
        LedgerError: when the bytes are no text in any of the encodings.
    """
    sheets = []
    for encoding in _plausible(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        for delimiter, named in _DELIMITERS.items():
            notes = [Text(f"编码:{_ENCODINGS[encoding]}", f"encoding: {_ENCODINGS[encoding]}")]
            if named is not None:
                notes.append(Text(f"以{named.zh}分列", f"cells are separated by {named.en}"))
            sheets.append(TextSheet(path, text, delimiter, tuple(notes)))
    if not sheets:
        names = "、".join(_ENCODINGS.values())
        place = _first_bad_line(raw)
        raise unreadable(
            path,
            f"编码不是{names}中的任何一种(UTF-8 读到第{place}行出错);用 Excel 另存为“CSV UTF-8”",
            f"the encoding is none of {names} (as UTF-8 it breaks in line {place}); save it as 'CSV UTF-8'",
        )
    return sheets


def _plausible(raw: bytes) -> tuple[str, ...]:
    """The encodings worth trying: a byte order mark settles it, and zero bytes speak for UTF-16."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if raw.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    return ("utf-16", "utf-8-sig", "gb18030") if b"\x00" in raw[:4096] else ("utf-8-sig", "gb18030")


def _first_bad_line(raw: bytes) -> int:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return raw.count(b"\n", 0, error.start) + 1
    return 1
