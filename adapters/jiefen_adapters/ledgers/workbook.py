"""XLSX workbooks, opened with suspicion: what is inside the archive is looked at before openpyxl sees it."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from jiefen import LedgerError, MissingExtra
from jiefen_adapters.ledgers.cells import UNCOMPUTED, Cell
from jiefen_adapters.ledgers.dates import SERIAL_ZERO, SERIAL_ZERO_1904
from jiefen_adapters.ledgers.sheets import MAX_COLUMNS, MAX_LINES, Line, too_many_columns, too_many_lines
from jiefen_adapters.ledgers.wording import Text, unreadable

try:
    import openpyxl
    from openpyxl.utils.cell import column_index_from_string, range_boundaries
except ModuleNotFoundError as error:
    raise MissingExtra.of("a ledger in a workbook (.xlsx)", error, "ledgers") from error

#: The parts of a workbook may come to this many bytes once unpacked.
MAX_UNPACKED: Final = 100_000_000
_MAX_PARTS: Final = 2_000
#: A sheet that fills MAX_UNPACKED with cells has about so many; each takes about a microsecond.
_MAX_ELEMENTS: Final = 6_000_000
#: The rows of a sheet as spreadsheets count them; a higher number is no spreadsheet's.
_MAX_ROW: Final = 1_048_576
_COORDINATE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
#: The namespace of sheets, as the parser puts it before a name.
_SHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_TRUE: Final = ("1", "true")
_CELLS: Final = (str, int, float, date)

#: What reading a damaged archive raises.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError,
    EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Merge:
    """A merged range, 1-based, both ends included."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(slots=True)
class _Part:
    """What was seen in one XML part, and openpyxl does not tell in read-only mode.

    Attributes:
        uncomputed: by row, the columns of formulas without a computed value.
        hidden: the rows that nobody sees.
        styles: by row, the numbers of the formats of the cells that hold something.
        struck: of the part with the formats, those whose font is struck out.
    """

    merges: list[_Merge] = field(default_factory=list)
    uncomputed: dict[int, list[int]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    styles: dict[int, set[int]] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)


def workbook_sheets(
    path: Path, raw: bytes, *, everything: bool = False
) -> tuple[list[BookSheet], tuple[Text, ...]]:
    """The visible sheets of a workbook, and notes about the hidden ones.

    Args:
        everything: rows that are hidden or struck out are read like others; otherwise they are passed over, and told.

    Raises:
        LedgerError: when it is damaged, too large once unpacked, encrypted, or its XML declares entities.
    """
    parts = _inspect(path, raw)
    try:
        with warnings.catch_warnings():
            # openpyxl tells about styles and validations, which are no content.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets whatever a damaged part causes escape
        raise _damaged(path, error) from error
    struck = set() if everything else {number for part in parts.values() for number in part.struck}
    zero = SERIAL_ZERO_1904 if book.epoch.year == SERIAL_ZERO_1904.year else SERIAL_ZERO
    shown = [
        # The part's path is not public in openpyxl; merged cells are nowhere else to be had in read-only mode.
        _sheet(path, sheet, parts.get(sheet._worksheet_path, _Part()), zero, struck, everything)
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
    ]
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    notes = tuple(
        Text(f"隐藏的工作表“{name}”没有读", f"the hidden sheet {name} was not read") for name in hidden
    )
    return shown, notes


def _sheet(path: Path, sheet: Any, part: _Part, zero: date, struck: set[int], everything: bool) -> BookSheet:
    """A sheet, with the rows that are passed over, and a note about them."""
    hidden = set() if everything else part.hidden & part.styles.keys()
    out = {row for row, styles in part.styles.items() if styles <= struck} - hidden
    notes = []
    for rows, zh, en in ((hidden, "隐藏", "hidden"), (out, "划掉", "struck out")):
        if rows:
            numbers = "、".join(map(str, sorted(rows)))
            notes.append(
                Text(
                    f"{zh}的行没有读:{numbers};要读就加 --everything",
                    f"lines that are {en} were not read: {numbers}; to read them as well: --everything",
                )
            )
    return BookSheet(path, sheet.title, sheet, part, frozenset(hidden | out), zero, tuple(notes))


@dataclass(frozen=True, slots=True)
class BookSheet:
    """One visible sheet of a workbook."""

    path: Path
    name: str
    _sheet: Any
    _part: _Part
    _passed_over: frozenset[int]
    serial_zero: date
    notes: tuple[Text, ...] = ()
    delimited: bool = False

    def lines(self) -> Iterator[Line]:
        """The lines that are not empty. What a merged cell says counts for every line that its first column spans.

        Raises:
            LedgerError: when the sheet is damaged or has too many lines or columns.
        """
        # What the file claims about its own size is neither true nor needed.
        self._sheet.reset_dimensions()
        rows = self._sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
        tall = sorted((merge for merge in self._part.merges if merge.bottom > merge.top), key=lambda m: m.top)
        # By column, so that ranges that overlap cannot pile up.
        spanning: dict[int, tuple[_Merge, Cell]] = {}
        ahead = iter(tall)
        following = next(ahead, None)
        kept = 0
        for number, row in enumerate(self._guarded(rows), 1):
            uncomputed = self._part.uncomputed.get(number, ())
            empty = row.count(None) == len(row) and not uncomputed
            if empty and (following is None or following.top > number):
                continue
            cells = [_cell(value) for value in row]
            for column in uncomputed:
                if column <= len(cells):
                    cells[column - 1] = UNCOMPUTED
            while following is not None and following.top <= number:
                if following.left <= len(cells):
                    value = cells[following.left - 1] if following.top == number else None
                    spanning[following.left] = (following, value)
                following = next(ahead, None)
            if all(cell is None or cell == "" for cell in cells):
                continue
            if cells[MAX_COLUMNS:] not in ([], [None]):
                raise too_many_columns(self.path, number)
            for merge, value in spanning.values():
                if merge.bottom >= number:
                    cells[merge.left - 1] = value
            if number in self._passed_over:
                continue
            kept += 1
            if kept > MAX_LINES:
                raise too_many_lines(self.path)
            yield Line(number, _trimmed(cells))

    def across(self, line: Line) -> tuple[Cell, ...]:
        """The line's cells, merged cells repeated in every column they span: for headers."""
        cells = [*line.cells, *[None] * (MAX_COLUMNS - len(line.cells))]
        for merge in self._part.merges:
            if merge.top <= line.number <= merge.bottom and merge.left <= MAX_COLUMNS:
                right = min(merge.right, MAX_COLUMNS)
                cells[merge.left - 1 : right] = [cells[merge.left - 1]] * (right - merge.left + 1)
        return _trimmed(cells)

    def _guarded(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        while True:
            try:
                # By many, for the sake of speed.
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    some = list(islice(rows, 256))
            except Exception as error:  # as above: the part is parsed lazily
                raise _damaged(self.path, error) from error
            if not some:
                return
            yield from some


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, _CELLS) else str(value)  # times of day and durations


def _trimmed(cells: list[Cell]) -> tuple[Cell, ...]:
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return tuple(cells[:end])


def _damaged(path: Path, error: Exception) -> LedgerError:
    return unreadable(
        path,
        f"工作簿已损坏({type(error).__name__});用 Excel 打开修复,另存再导入",
        f"the workbook is damaged ({type(error).__name__}: {error}); repair it in a spreadsheet and save it again",
    )


def _inspect(path: Path, raw: bytes) -> dict[str, _Part]:
    """Look through the archive before anything is built from it.

    The sizes that the archive declares are binding: Python's reader never unpacks more than them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise unreadable(
                    path, "压缩包有密码;去掉密码再导入", "the archive is encrypted; remove the password"
                )
            if "[Content_Types].xml" not in archive.namelist() or not any(
                entry.filename.startswith("xl/") for entry in entries
            ):
                raise unreadable(
                    path,
                    "不是 Excel 工作簿(可能是 Word 或压缩包);请提供 .xlsx 或 .csv",
                    "this is no workbook (perhaps a Word file or an archive); give an .xlsx or a .csv",
                )
            if len(entries) > _MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise unreadable(
                    path,
                    f"工作簿展开后超过{MAX_UNPACKED // 10**6}兆;删去图片和空白格式,或拆开再导入",
                    f"the workbook unpacks to more than {MAX_UNPACKED // 10**6} MB; "
                    "remove pictures and empty formatting, or split it",
                )
            elements = _Elements(path)
            return {entry.filename: _inspect_part(path, entry, archive, elements) for entry in entries}
    except _BROKEN as error:
        raise _damaged(path, error) from error


class _Elements:
    """Counts the elements of all parts: a small file can unpack to many millions, each of which takes time."""

    def __init__(self, path: Path) -> None:
        self._path, self._left = path, _MAX_ELEMENTS

    def take(self) -> None:
        """One more. Raises UnreadableTable when there are too many."""
        self._left -= 1
        if self._left < 0:
            raise unreadable(
                self._path,
                f"工作簿里的单元格和格式超过 {_MAX_ELEMENTS // 10**4} 万个;删去空白格式,或者拆成几个文件",
                f"the workbook holds more than {_MAX_ELEMENTS:,} elements; remove empty formatting, or split it",
            )


def _inspect_part(path: Path, entry: zipfile.ZipInfo, archive: zipfile.ZipFile, elements: _Elements) -> _Part:
    """One part. What a part is called does not settle what it is read as: every one that is XML is looked at."""
    reader = _PartReader(path, entry.filename, elements)
    try:
        with archive.open(entry) as stream:
            reader.parser.ParseFile(stream)
    except expat.ExpatError:
        if entry.filename.endswith((".xml", ".rels")):
            raise
    return reader.part


class _PartReader:
    """Looks for what openpyxl must not see (entities) and for what it does not tell (merges, missing values)."""

    def __init__(self, path: Path, name: str, elements: _Elements) -> None:
        self.part = _Part()
        self._elements = elements
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._declared
        self._path, self._name = path, name
        self._row = self._column = 0
        self._formula = self._value = False
        self._style = self._font = self._format = -1
        #: Within which list of the formats the parser is.
        self._list = ""
        self._struck_fonts: set[int] = set()
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended

    def _declared(self, *_: object) -> None:
        raise unreadable(
            self._path,
            f"{self._name} 里有文档类型声明,不是表格软件保存的;用 Excel 打开另存再导入",
            f"{self._name} declares a document type, which no spreadsheet does; save it again with a spreadsheet",
        )

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements.take()
        local = tag.removeprefix(_SHEET)
        if local == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
            if attributes.get("hidden") in _TRUE:
                self.part.hidden.add(self._row)
            if not 1 <= self._row <= _MAX_ROW:
                raise ValueError(f"row {self._row}")
        elif local == "c":
            self._column += 1
            if "r" in attributes:
                if (place := _COORDINATE.fullmatch(attributes["r"])) is None:
                    raise ValueError(f"cell {attributes['r']}")
                self._row, self._column = int(place[2]), column_index_from_string(place[1])
            self._formula = False
            self._style = int(attributes.get("s", 0))
            # The value of a formula may be a text of no length; then the type says so.
            self._value = attributes.get("t") == "str"
        elif local == "f":
            self._formula = True
        elif local in ("v", "is"):
            self.part.styles.setdefault(self._row, set()).add(self._style)
            if self._formula:
                self.parser.CharacterDataHandler = self._valued
        elif local in ("fonts", "cellXfs"):
            self._list = local
        elif local == "font" and self._list == "fonts":
            self._font += 1
        elif local == "strike" and self._list == "fonts" and attributes.get("val", "1") in _TRUE:
            self._struck_fonts.add(self._font)
        elif local == "xf" and self._list == "cellXfs":
            self._format += 1
            if int(attributes.get("fontId", -1)) in self._struck_fonts:
                self.part.struck.add(self._format)
        elif local == "mergeCell":
            left, top, right, bottom = range_boundaries(attributes["ref"])
            if None in (left, top, right, bottom):
                raise ValueError(f"merged cells {attributes['ref']}")
            self.part.merges.append(_Merge(left, top, right, bottom))

    def _valued(self, _: str) -> None:
        self._value = True

    def _ended(self, tag: str) -> None:
        local = tag.removeprefix(_SHEET)
        if local == self._list:
            self._list = ""
        elif local == "c" and self._formula:
            self.parser.CharacterDataHandler = None
            if not self._value:
                self.part.uncomputed.setdefault(self._row, []).append(self._column)
