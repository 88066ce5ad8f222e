"""Ledgers as workbooks: what spreadsheets save, and what only an attacker would."""

from __future__ import annotations

import io
import re
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.styles import Font

from jiefen.bundled import bundled
from jiefen.clock import CHINA
from jiefen.errors import LedgerError
from jiefen_adapters.ledgers import LEDGERS, AreaDirectory
from jiefen_adapters.ledgers.workbook import MAX_UNPACKED
from tests.support.chance import examples
from tests.unit.adapters.conftest import Read
from tests.unit.adapters.ledger_files import (
    HOTLINE,
    SHEET,
    as_spreadsheets_save,
    packed,
    parts,
    row,
    save_text,
    save_workbook,
    tampered,
    whole,
    workbook,
)

GOOD = as_spreadsheets_save(workbook({"热线": [HOTLINE, row()]}))


def saved(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / "12345.xlsx"
    path.write_bytes(raw)
    return path


class TestSheets:
    def test_a_workbook_says_the_same_as_a_text_file(self, tmp_path: Path, read: Read) -> None:
        book = read(save_workbook(tmp_path / "12345.xlsx", row()))
        assert book.rows[0].facts == read(save_text(tmp_path / "12345.csv", row())).rows[0].facts
        assert book.rows[0].facts == read(saved(tmp_path, GOOD)).rows[0].facts

    def test_numbers_dates_and_serials(self, tmp_path: Path, read: Read) -> None:
        when = datetime(2026, 1, 5, 9, 12, tzinfo=CHINA).replace(tzinfo=None)
        cells = [row(工单编号=f"W{number}", 来电时间=day, 来电人=f"甲{number}", 涉及金额=12000, 涉及人数=7.0)
                 for number, day in enumerate([when, when.date(), 46027, 46027.4, 20260105])]  # fmt: skip
        reading = read(save_workbook(tmp_path / "12345.xlsx", *cells))
        assert [item.facts["received_on"] for item in reading.rows] == [date(2026, 1, 5)] * 5
        assert {(item.facts["amount"], item.facts["persons"]) for item in reading.rows} == {(12_000, 7)}

    def test_several_sheets_of_one_ledger_are_one_reading(self, tmp_path: Path, read: Read) -> None:
        sheets = {
            "一月": [HOTLINE, row()],
            "说明": [["随便写写"]],
            "二月": [[], HOTLINE, row(工单编号="W2", 来电人="乙某"), row()],
        }
        reading = read(saved(tmp_path, workbook(sheets)))
        assert [(item.file, item.number) for item in reading.rows] == [
            ("12345.xlsx [一月]", 2),
            ("12345.xlsx [二月]", 3),
        ]
        assert "12345.xlsx [一月], line 2" in reading.rejects[0].wrong[0].fault.reason.en
        assert any("说明" in note.zh for note in reading.notes)

    def test_several_ledgers_in_one_workbook(self, tmp_path: Path, areas: AreaDirectory) -> None:
        express = [["直通车编号", "登记日期", "反映人", "所在乡镇", "反映事项", "事项分类"],
                   ["Z1", "2026-01-05", "乙某", "蟠龙镇", "院墙", "邻里纠纷"]]  # fmt: skip
        path = saved(tmp_path, workbook({"热线": [HOTLINE, row()], "直通车": express}))
        readings = whole(LEDGERS.read_ledgers([path], areas=areas))
        assert [(it.ledger, len(it.rows)) for it in readings] == [
            ("hotline_12345", 1),
            ("livelihood_express", 1),
        ]

    @pytest.mark.parametrize("how", ["hidden", "struck out"])
    def test_rows_that_are_hidden_or_struck_out_are_told_and_read_when_asked(
        self, tmp_path: Path, areas: AreaDirectory, how: str
    ) -> None:
        path = tmp_path / "12345.xlsx"
        other, third = row(工单编号="W2", 来电人="乙某"), row(工单编号="W3", 来电人="丙某")
        book = load_workbook(io.BytesIO(workbook({"热线": [HOTLINE, row(), other, third]})))
        sheet = book["热线"]
        if how == "hidden":
            sheet.row_dimensions[3].hidden = True
        else:
            for cell in sheet[3]:
                cell.font = Font(strike=True)
            sheet["E4"].font = Font(strike=True)  # one cell alone: a correction, and no row that is gone
        book.save(path)
        [reading] = whole(LEDGERS.read_ledgers([path], areas=areas))
        assert [item.key for item in reading.rows] == ["12345:W1", "12345:W3"]
        assert any(f"lines that are {how} were not read: 3" in note.en for note in reading.notes)
        [complete] = whole(LEDGERS.read_ledgers([path], areas=areas, everything=True))
        assert len(complete.rows) == 3
        assert not any("not read" in note.en for note in complete.notes)

    def test_hidden_sheets_are_told_and_not_read(self, tmp_path: Path, read: Read) -> None:
        raw = workbook({"热线": [HOTLINE, row()], "旧": [HOTLINE, row(工单编号="W2")]})
        book = load_workbook(io.BytesIO(raw))
        book["旧"].sheet_state = "hidden"
        book.save(tmp_path / "12345.xlsx")
        reading = read(tmp_path / "12345.xlsx")
        assert len(reading.rows) == 1
        assert any("隐藏的工作表“旧”" in note.zh for note in reading.notes)
        book["旧"].sheet_state = "visible"
        book["热线"].sheet_state = "veryHidden"
        book["旧"].delete_rows(1, 9)
        book.save(tmp_path / "12345.xlsx")
        with pytest.raises(LedgerError, match="no sheet to read"):
            read(tmp_path / "12345.xlsx")

    def test_two_line_headers_and_merged_cells(self, tmp_path: Path, read: Read) -> None:
        heads = [["武乡县信访积案"],
                 ["信访件编号", "登记日期", "信访人", None, "属地", None, "信访事项", "信访类别"],
                 [None, None, "姓名", "电话", "乡镇", "村(社区)", None, None]]  # fmt: skip
        rows = [["A1", "2026-01-05", "庚一", "1360", "蟠龙镇", "上司村", "院墙", "邻里纠纷"],
                ["A2", None, "庚二", None, None, "下司村", "采光", "邻里纠纷"],
                ["A3", "2026-01-06", "庚三", None, "监漳镇", "石门村", "滴水", "邻里纠纷"]]  # fmt: skip
        merges = ("A1:H1", "C2:D2", "E2:F2", "A2:A3", "B2:B3", "G2:G3", "H2:H3", "B4:B5", "E4:E5")
        reading = read(saved(tmp_path, workbook({"积案": [*heads, *rows]}, merges)))
        assert [(item.facts["received_on"].day, item.facts["area"]) for item in reading.rows] == [
            (5, "140429102201"), (5, "140429102202"), (6, "140429103201"),
        ]  # fmt: skip

    def test_empty_rows_and_what_the_file_claims_about_its_size(self, tmp_path: Path, read: Read) -> None:
        raw = workbook(
            {"热线": [[], HOTLINE, [], [None, None], row(), [], row(工单编号="W2", 来电人="乙某")]}
        )
        raw = tampered(raw, lambda xml: re.sub(b'<dimension ref="[^"]*"', b'<dimension ref="A1:A2"', xml))
        assert [item.number for item in read(saved(tmp_path, raw)).rows] == [5, 7]

    def test_formulas_that_were_never_computed(self, tmp_path: Path, read: Read) -> None:
        cells = [row(涉及金额="=1+1"), row(工单编号="W2", 来电人="=A1"), row(工单编号="W3", 来电人="丙某")]
        reading = read(save_workbook(tmp_path / "12345.xlsx", *cells))
        assert [item.key for item in reading.rows] == ["12345:W1", "12345:W2", "12345:W3"]
        told = [note.zh for item in reading.rows for note in item.notes]
        assert [note.partition("”")[0] for note in told] == ["“涉及金额", "“来电人"]
        assert all("公式没有算出的值" in note for note in told)
        needed = read(save_workbook(tmp_path / "12345.xlsx", row(来电时间="=A1")))
        assert "保存一次" in needed.rejects[0].wrong[0].fault.mend.zh

    def test_the_same_in_a_sheet_that_leaves_the_coordinates_out(self, tmp_path: Path, read: Read) -> None:
        raw = tampered(
            workbook({"热线": [HOTLINE, row(涉及金额="=1+1")]}),
            lambda xml: re.sub(rb' r="[A-Z]*[0-9]+"', b"", xml),
        )
        assert ["涉及金额" in note.zh for note in read(saved(tmp_path, raw)).rows[0].notes] == [True]

    def test_formulas_with_a_value_are_their_value(self, tmp_path: Path, read: Read) -> None:
        raw = workbook({"热线": [HOTLINE, row(涉及金额="=1+1")]})
        raw = tampered(raw, lambda xml: re.sub(rb"<f>1\+1</f><v ?/?>(</v>)?", b"<f>1+1</f><v>2</v>", xml))
        assert read(saved(tmp_path, raw)).rows[0].facts["amount"] == 2

    @pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
    def test_cells_in_error(self, tmp_path: Path, read: Read, error: str) -> None:
        raw = workbook({"热线": [HOTLINE, row(涉及金额=5)]})
        raw = tampered(raw, lambda xml: re.sub(rb't="n"><v>5</v>', b't="e"><v>%s</v>' % error.encode(), xml))
        [found] = read(saved(tmp_path, raw)).rows
        assert error in found.notes[0].zh
        assert "amount" not in found.facts

    def test_numbers_that_a_spreadsheet_has_rounded(self, tmp_path: Path, read: Read) -> None:
        reading = read(
            save_workbook(
                tmp_path / "12345.xlsx",
                row(工单编号=202601030001010123),
                row(工单编号=20260103000101, 来电人="乙某"),
            )
        )
        rounded, exact = reading.rows
        assert exact.key == "12345:20260103000101"
        assert "长数字" in rounded.notes[0].zh
        assert "202601030001010" not in rounded.key

    def test_a_time_of_day_is_no_date(self, tmp_path: Path, read: Read) -> None:
        when = datetime(2026, 1, 5, 9, 12, tzinfo=CHINA)
        reading = read(save_workbook(tmp_path / "12345.xlsx", row(来电时间=when.time()), row(来电人=True)))
        assert [item.wrong[0].column for item in reading.rejects] == ["来电时间"]
        assert reading.rows[0].parties[0]["name"] == "是"


def read_or_refuse(tmp_path: Path, read: Read, raw: bytes) -> None:
    """Whatever the bytes are, there is a reading, or an error that names the file."""
    try:
        assert read(saved(tmp_path, raw)).ledger == "hotline_12345"
    except LedgerError as error:
        if "12345.xlsx" not in str(error):
            raise AssertionError("the error does not name the file") from error


LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(ord("b"), ord("k")))
    + b"]>"
)
XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

CHANGED_PARTS = [SHEET, SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
INSTEAD = [b"", b"x", b'"', b"-1", b"99999999999", b"<c/>", b"<row/>", b' r="A0"', b' t="d"', b"&#1;"]


def declaring(doctype: bytes) -> object:
    def change(xml: bytes) -> bytes:
        head = re.match(rb"(<\?xml.*?\?>)?\s*", xml, re.DOTALL)
        assert head is not None
        return head[0] + doctype + xml[head.end() :]

    return change


class TestHostile:
    @pytest.mark.parametrize("doctype", [LAUGHS, XXE, b"<!DOCTYPE x>"], ids=["laughs", "external", "plain"])
    @pytest.mark.parametrize(
        "part",
        [
            SHEET,
            "xl/sharedStrings.xml",
            "xl/workbook.xml",
            "[Content_Types].xml",
            "xl/_rels/workbook.xml.rels",
        ],
    )
    def test_declared_entities_are_refused_before_anything_is_built(
        self, tmp_path: Path, read: Read, doctype: bytes, part: str
    ) -> None:
        raw = tampered(GOOD, declaring(doctype), part)  # type: ignore[arg-type]
        with pytest.raises(LedgerError, match="declares a document type") as error:
            read(saved(tmp_path, raw))
        assert part in str(error.value)

    def test_a_part_cannot_hide_behind_another_name(self, tmp_path: Path, read: Read) -> None:
        contents = parts(tampered(GOOD, declaring(LAUGHS)))  # type: ignore[arg-type]
        contents["xl/media/picture.png"] = contents.pop(SHEET)
        for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
            contents[name] = contents[name].replace(b"/" + SHEET.encode(), b"/xl/media/picture.png")
        with pytest.raises(LedgerError, match=r"picture\.png declares a document type"):
            read(saved(tmp_path, packed(contents)))

    def test_pictures_are_no_xml_and_no_harm(self, tmp_path: Path, read: Read) -> None:
        contents = parts(GOOD) | {
            "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(500),
            "xl/vbaProject.bin": b"\xd0\xcf",
        }
        assert len(read(saved(tmp_path, packed(contents))).rows) == 1

    def test_a_bomb_is_not_unpacked(
        self, tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts(GOOD).items():
                archive.writestr(name, content)
            with archive.open("xl/media/bomb.bin", "w") as bomb:
                for _ in range(MAX_UNPACKED // 10**6 + 1):
                    bomb.write(bytes(10**6))
        monkeypatch.delattr(zipfile.ZipFile, "read")
        monkeypatch.delattr(zipfile.ZipFile, "open")
        with pytest.raises(LedgerError, match="unpacks to more than 100 MB"):
            read(saved(tmp_path, stream.getvalue()))

    def test_a_bomb_that_lies_about_its_size(self, tmp_path: Path, read: Read) -> None:
        raw = packed(parts(GOOD) | {"xl/x.xml": b"<a>" + b" " * 10**6 + b"</a>"})
        lied = raw.replace((10**6 + 7).to_bytes(4, "little"), (64).to_bytes(4, "little"))
        assert lied != raw
        with pytest.raises(LedgerError, match="damaged"):
            read(saved(tmp_path, lied))

    def test_too_many_parts(self, tmp_path: Path, read: Read) -> None:
        with pytest.raises(LedgerError, match="unpacks to more"):
            read(saved(tmp_path, packed(parts(GOOD) | {f"x{number}": b"" for number in range(2_000)})))

    def test_too_many_elements(self, tmp_path: Path, read: Read) -> None:
        padding = b"<a>" + b"<b/>" * 6_000_001 + b"</a>"
        with pytest.raises(LedgerError, match="more than 6,000,000 elements"):
            read(saved(tmp_path, packed(parts(GOOD) | {"xl/padding.xml": padding})))

    @pytest.mark.parametrize("number", [b"99999999999", b"0", b"-5", b"1048577", b"1e99", b"x"])
    def test_rows_that_no_spreadsheet_has(self, tmp_path: Path, read: Read, number: bytes) -> None:
        raw = tampered(GOOD, lambda xml: xml.replace(b'<row r="2"', b'<row r="%s"' % number))
        with pytest.raises(LedgerError, match="damaged"):
            read(saved(tmp_path, raw))

    def test_the_last_row_that_a_spreadsheet_has(self, tmp_path: Path, read: Read) -> None:
        raw = tampered(GOOD, lambda xml: re.sub(rb'r="([A-Z]*)2"', rb'r="\g<1>1048576"', xml))
        assert [item.number for item in read(saved(tmp_path, raw)).rows] == [1_048_576]

    @pytest.mark.parametrize(
        "ref", [b"A1", b"A:B", b"1:2", b"", b"B2:A1", b"A0:A1", b"A1:ZZZZ9", b"A1:A99999999999"]
    )
    def test_merges_that_are_none(self, tmp_path: Path, read: Read, ref: bytes) -> None:
        merges = b'</sheetData><mergeCells count="1"><mergeCell ref="%s"/></mergeCells>' % ref
        raw = tampered(GOOD, lambda xml: xml.replace(b"</sheetData>", merges))
        read_or_refuse(tmp_path, read, raw)

    def test_merges_over_merges_take_no_time(self, tmp_path: Path, read: Read) -> None:
        merges = b"".join(b'<mergeCell ref="K1:K1048%03d"/>' % (number % 576) for number in range(20_000))
        rows = [HOTLINE, *(row(工单编号=f"W{number}", 来电人=f"甲{number}") for number in range(300))]
        raw = tampered(
            workbook({"热线": rows}),
            lambda xml: xml.replace(b"</sheetData>", b"</sheetData><mergeCells>" + merges + b"</mergeCells>"),
        )
        started = time.process_time()
        assert len(read(saved(tmp_path, raw)).rows) == 300
        assert time.process_time() - started < 60  # merges times lines would take an hour

    def test_two_hundred_columns_and_no_more(self, tmp_path: Path, read: Read) -> None:
        wide = [*row(), *[None] * 190, "x"]
        with pytest.raises(LedgerError, match="line 2 has more than 200 columns"):
            read(saved(tmp_path, workbook({"热线": [HOTLINE, wide]})))
        assert (
            len(read(saved(tmp_path, workbook({"热线": [HOTLINE, [*row(), *[None] * 189, "x"]]}))).rows) == 1
        )

    def test_an_encrypted_archive(self, tmp_path: Path, read: Read) -> None:
        raw = bytearray(GOOD)
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = -1
            while (at := raw.find(mark, at + 1)) >= 0:
                raw[at + offset] |= 1
        with pytest.raises(LedgerError, match="archive is encrypted"):
            read(saved(tmp_path, bytes(raw)))

    def test_another_kind_of_archive(self, tmp_path: Path, read: Read) -> None:
        letter = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}
        with pytest.raises(LedgerError, match="perhaps a Word file"):
            read(saved(tmp_path, packed(letter)))

    @pytest.mark.parametrize("part", sorted(parts(GOOD)))
    def test_a_part_that_is_missing_or_is_no_xml(self, tmp_path: Path, read: Read, part: str) -> None:
        contents = parts(GOOD)
        for broken in (
            {**contents, part: b"<broken"},
            {name: it for name, it in contents.items() if name != part},
        ):
            read_or_refuse(tmp_path, read, packed(broken))

    @pytest.mark.parametrize("name", ["信访积案.xlsx", "大走访工作台账.xlsx"])
    def test_a_workbook_cut_short(self, tmp_path: Path, read: Read, name: str) -> None:
        raw = (bundled("ledgers") / name).read_bytes()
        for length in (10, len(raw) // 2, len(raw) - 30):
            with pytest.raises(LedgerError, match="damaged"):
                read(saved(tmp_path, raw[:length]))

    @settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
    def test_any_bytes_changed(self, tmp_path: Path, read: Read, changes: list[tuple[int, int]]) -> None:
        raw = bytearray(GOOD)
        for at, value in changes:
            raw[at] = value
        read_or_refuse(tmp_path, read, bytes(raw))

    @settings(examples(120), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sampled_from(CHANGED_PARTS), st.floats(0, 1), st.integers(0, 30), st.sampled_from(INSTEAD))
    def test_any_part_changed(
        self, tmp_path: Path, read: Read, part: str, where: float, length: int, instead: bytes
    ) -> None:
        contents = parts(GOOD)
        at = int(where * len(contents[part]))
        contents[part] = contents[part][:at] + instead + contents[part][at + length :]
        read_or_refuse(tmp_path, read, packed(contents))
