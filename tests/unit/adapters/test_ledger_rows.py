"""Rows that come one after the other: of a host, some at once, and however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jiefen_adapters.ledgers import LEDGERS, AreaDirectory, reading, table

CELLS = {
    "序号": "1", "走访日期": "2026-03-01", "乡镇": "蟠龙镇", "村(社区)": "上司村", "群众姓名": "甲一",
    "问题类别": "邻里纠纷", "反映问题": "院墙占了过道",
}  # fmt: skip


def rows(count: int, **more: Any) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {**CELLS, "群众姓名": f"人{number}", **more}


def test_a_ditto_stands_for_the_row_above_it_wherever_rows_are_cut(
    areas: AreaDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_AT_ONCE", 2)
    given = [
        *rows(2),
        {**CELLS, "村(社区)": "同上", "反映问题": "路灯不亮"},
        {**CELLS, "群众姓名": "丙", "备注": "急"},
    ]
    read = LEDGERS.read_rows(given, layout="visit_ledger", areas=areas)
    found = list(read.rows)
    assert [row.number for row in found] == [1, 2, 3, 4]
    assert {row.facts["area"] for row in found} == {"140429102201"}
    assert "〔备注〕急" in found[-1].facts["description"]


def test_a_row_that_repeats_one_before_it_is_found_among_the_last(
    areas: AreaDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_REMEMBERED", 3)
    given = [*rows(3), {**CELLS, "群众姓名": "人0"}, *rows(5), {**CELLS, "群众姓名": "人0"}]
    read = LEDGERS.read_rows(given, layout="visit_ledger", areas=areas)
    # What is remembered no longer is no reject: its case is found when it is taken in.
    assert [row.number for row in read.rows] == [1, 2, 3, 8, 9, 10]
    assert [reject.number for reject in read.rejects] == [4, 5, 6, 7]
