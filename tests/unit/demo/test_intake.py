"""Ledgers come in through the entry point, and what does not become a case goes back."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from jiefen.demo.intake import read_matters
from jiefen.demo.simulation import Refused
from jiefen.errors import LedgerError

AREAS = """
areas:
  - {code: '140429102', name: 蟠龙镇}
  - {code: '140429102201', name: 砖壁村}
"""
HEAD = "直通车编号,登记日期,反映人,所在乡镇,所在村,反映事项,事项分类"
ROWS = (
    "MS-1,2026-01-06,甲某,蟠龙镇,砖壁村,邻居院墙挡采光,邻里纠纷",
    "MS-2,2026-01-20,乙某,蟠龙镇,砖壁村,被拖欠工资,劳动争议",
    "MS-3,,丙某,蟠龙镇,砖壁村,没有日期的一行,邻里纠纷",
    "MS-4,2026-01-09,丁某,蟠龙镇,无名村,不知道在哪里,邻里纠纷",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "areas.yaml").write_text(AREAS, "utf-8")
    (tmp_path / "民生直通车.csv").write_text("\n".join([HEAD, *ROWS]) + "\n", "utf-8-sig")
    (tmp_path / "~$民生直通车.xlsx").write_text("left by a spreadsheet", "utf-8")
    (tmp_path / "说明.txt").write_text("no ledger", "utf-8")
    return tmp_path


def test_good_rows_arrive_on_their_day(folder: Path) -> None:
    matters = read_matters(folder)
    assert [arrival.on for arrival in matters.arrivals] == [date(2026, 1, 6), date(2026, 1, 20)]
    assert len({arrival.key for arrival in matters.arrivals}) == 2
    assert matters.arrivals[1].facts["dispute_type"] == "labour"


def test_every_row_is_counted_once(folder: Path) -> None:
    matters = read_matters(folder)
    first, second = matters.arrivals
    [counted] = matters.counted([first], [Refused(second, "why")], "en")
    assert (counted.rows, counted.opened, counted.rejected, counted.later) == (4, 1, 3, 0)
    [counted] = matters.counted([first], [], "zh")
    assert (counted.ledger, counted.rejected, counted.later) == ("民生直通车台账", 2, 1)


def test_two_files_of_one_ledger_are_one_ledger(folder: Path) -> None:
    (folder / "民生直通车2.csv").write_text(
        f"{HEAD}\nMS-9,2026-01-07,戊某,蟠龙镇,砖壁村,井水,邻里纠纷\n", "utf-8-sig"
    )
    matters = read_matters(folder)
    assert [counted.rows for counted in matters.ledgers.values()] == [5]


def test_rows_that_the_engine_refused_are_written_beside_the_bad_ones(folder: Path, tmp_path: Path) -> None:
    matters = read_matters(folder)
    matters.write_rejects(tmp_path / "out.csv", [Refused(matters.arrivals[0], "persons must be 1 or more")])
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["直通车编号"] for row in rows] == ["MS-3", "MS-4", "MS-1"]
    assert rows[-1]["reason"] == "persons must be 1 or more"
    assert all(row["如何更正"] for row in rows)


def test_a_folder_without_ledgers_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="holds no ledger"):
        read_matters(tmp_path)
