"""The file of rejects: opened by a spreadsheet, mended by a clerk, imported again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiefen.errors import LedgerError
from jiefen_adapters.ledgers import LEDGERS
from jiefen_adapters.ledgers.cells import FORMULA, plain
from tests.support.chance import examples
from tests.unit.adapters.conftest import Read
from tests.unit.adapters.ledger_files import Whole, row, save_text


def lines(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def rejected(tmp_path: Path, read: Read, **cells: str) -> Whole:
    return read(save_text(tmp_path / "12345.csv", row(来电时间="没写", **cells)))


def test_where_why_how_to_mend_and_the_cells_as_they_were(tmp_path: Path, read: Read) -> None:
    LEDGERS.write_rejects(tmp_path / "r.csv", rejected(tmp_path, read).rejects)
    [line] = lines(tmp_path / "r.csv")
    assert (line["文件"], line["行号"], line["列"], line["原值"]) == ("12345.csv", "2", "来电时间", "没写")
    assert "日期" in line["原因"]
    assert "2026-01-05" in line["如何更正"]
    assert "date" in line["reason"]
    assert "2026-01-05" in line["how to mend"]
    assert (line["工单编号"], line["事发地"], line["来电时间"]) == ("W1", "蟠龙镇上司村", "没写")


def test_mended_and_imported_again(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "12345更正.csv"
    LEDGERS.write_rejects(path, rejected(tmp_path, read).rejects)
    path.write_text(path.read_text("utf-8-sig").replace("没写", "2026-01-05"), "utf-8-sig")
    [mended] = read(path).rows
    assert mended.key == "12345:W1"


@pytest.mark.parametrize("mark", ["〃", "同上", '"'])
def test_a_ditto_of_a_reject_stays_with_the_line_it_stood_below(
    tmp_path: Path, read: Read, mark: str
) -> None:
    ledger = save_text(
        tmp_path / "12345.csv",
        row(工单编号="W1", 来电人="甲某", 来电时间="没写"),
        row(工单编号="W2", 来电人="乙某"),
        row(工单编号="W3", 来电人=mark, 来电时间="没写"),
    )
    path = tmp_path / "12345更正.csv"
    LEDGERS.write_rejects(path, read(ledger).rejects)
    path.write_text(path.read_text("utf-8-sig").replace("没写", "2026-01-05"), "utf-8-sig")
    assert [one.parties[0]["name"] for one in read(path).rows] == ["甲某", "乙某"]


@pytest.mark.parametrize("start", FORMULA)
def test_no_cell_runs_as_a_formula(tmp_path: Path, read: Read, start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    path = save_text(
        tmp_path / f"{start.strip() or 'x'}12345.csv", row(来电时间=evil, 诉求内容=evil, 诉求标题=f"'{evil}")
    )
    LEDGERS.write_rejects(tmp_path / "r.csv", read(path).rejects)
    text = (tmp_path / "r.csv").read_text("utf-8-sig")
    for cells in csv.reader(text.splitlines(keepends=True)):
        assert not any(cell.startswith(FORMULA) for cell in cells)


def test_no_heading_runs_as_a_formula(tmp_path: Path, read: Read) -> None:
    path = save_text(tmp_path / "12345.csv", row(来电时间="没写"))
    path.write_text(path.read_text("utf-8").replace("涉及人数", "=1+1"), "utf-8")
    LEDGERS.write_rejects(tmp_path / "r.csv", read(path).rejects)
    assert "'=1+1" in lines(tmp_path / "r.csv")[0]


def test_rows_that_the_engine_refused(tmp_path: Path, read: Read) -> None:
    [good] = read(save_text(tmp_path / "12345.csv", row())).rows
    LEDGERS.write_rejects(
        tmp_path / "r.csv", [LEDGERS.refuse(good, "金额不是数", "fact 'amount': lots is no number")]
    )
    [line] = lines(tmp_path / "r.csv")
    assert (line["文件"], line["行号"], line["原值"]) == ("12345.csv", "2", "12345:W1")
    assert (line["原因"], line["reason"]) == ("金额不是数", "fact 'amount': lots is no number")
    assert line["如何更正"]
    assert line["工单编号"] == "W1"


def test_rejects_of_several_ledgers_share_one_file(tmp_path: Path, read: Read) -> None:
    first = rejected(tmp_path, read).rejects
    other = tmp_path / "12345b.csv"
    other.write_text(
        "工单编号,来电时间,诉求分类,诉求标题,所属区域,多出来的\nZ,没写,工伤,x,上司村,y\n", "utf-8"
    )
    LEDGERS.write_rejects(tmp_path / "r.csv", [*first, *read(other).rejects])
    one, two = lines(tmp_path / "r.csv")
    assert (one["工单编号"], one["多出来的"]) == ("W1", "")
    assert (two["工单编号"], two["多出来的"], two["诉求内容"]) == ("Z", "y", "")


def test_nothing_rejected_is_a_header(tmp_path: Path) -> None:
    LEDGERS.write_rejects(tmp_path / "r.csv", [])
    assert lines(tmp_path / "r.csv") == []


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "r.csv"):
        with pytest.raises(LedgerError, match="name another place") as error:
            LEDGERS.write_rejects(path, [])
        assert str(path) in str(error.value)


def test_a_file_whose_name_is_no_text(tmp_path: Path, read: Read) -> None:
    path = Path(str(save_text(tmp_path / "12345.csv", row(来电时间="没写"))).replace("12345", "12345\udcff"))
    (tmp_path / "12345.csv").rename(path)
    LEDGERS.write_rejects(tmp_path / "r.csv", read(path).rejects)
    assert lines(tmp_path / "r.csv")[0]["文件"] == "12345\\udcff.csv"


@settings(examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20), st.text("'=\uff1d+-@\"\t\n,;张 ", max_size=8))
def test_cells_survive_being_rejected_and_read_again(tmp_path: Path, read: Read, one: str, two: str) -> None:
    first = rejected(tmp_path, read, 诉求内容=one, 来电人=two)
    path = tmp_path / "12345r.csv"
    LEDGERS.write_rejects(path, first.rejects)
    again = read(path)
    [before], [after] = first.rejects, again.rejects
    assert before.original.get("诉求内容", "") == plain(one)
    assert {name: after.original[name] for name in before.original} == before.original
