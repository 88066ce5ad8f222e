"""``jiefen search``: what the engine finds, as a table, as JSON and as sheets that run nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from jiefen import Actor, Engine
from jiefen.cli.root import app

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
EVIL = '=HYPERLINK("http://x","钱")'


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('search')}/jiefen.db"
    with Engine.open(url) as engine:
        for number, (title, amount) in enumerate(
            [("院墙倒塌", 500), (EVIL, 600), ("＠sum院墙", 700), ("宅基地边界", 800)]
        ):
            facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102", "title": title}
            people = [{"part": "applicant", "name": f"+张{number}", "phone": f"1380000000{number}"}]
            engine.open_case(
                "dispute", facts | {"amount": amount}, key=f"k{number}", by=CLERK, parties=people
            )
    return url


def run(database: str, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["--db", database, "--lang", "zh", "search", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def found(database: str, *arguments: str) -> list[str]:
    return [one["case"]["key"] for one in json.loads(run(database, *arguments, "--json"))["items"]]


def test_what_is_asked_is_what_the_engine_is_asked(database: str) -> None:
    assert found(database, "院墙") == ["k2", "k0"]
    assert found(database, "--fact", "amount=500..600") == ["k1", "k0"]
    assert found(database, "--fact", "amount=700..", "--fact", "source=walk_in") == ["k3", "k2"]
    assert found(database, "--fact", "amount=800") == ["k3"]
    assert found(database, "--party", "0002", "--part", "applicant") == ["k2"]
    assert found(database, "--opened", "..2020-01-01") == []
    assert found(database, "--opened", "2026-01-01..", "--limit", "1") == ["k3"]
    who = ("--by", "7", "--role", "village_mediator", "--by-area")
    assert len(found(database, *who, "140429")) == 4
    assert found(database, *who, "140430") == []


def test_a_table_and_counts_for_people(database: str) -> None:
    shown = run(database, "院墙", "--facets")
    assert "院墙倒塌" in shown
    assert "邻里相邻" in shown
    assert "共 2 件" in shown
    assert "张0" not in shown


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_sheet_holds_all_and_runs_nothing(
    database: str, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiefen.cli.queries.search._PAGE", 3)
    file = tmp_path / f"cases.{ending}"
    assert "4 件" in run(database, "--out", str(file), "--unmasked")
    if ending == "csv":
        with file.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = csv.reader(stream)
    else:
        sheet = load_workbook(file).active
        assert sheet is not None
        assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
        head, *rows = [
            [str(cell) if cell is not None else "" for cell in line]
            for line in sheet.iter_rows(values_only=True)
        ]
    assert head[:6] == ["案件编号", "登记编号", "登记时间", "来源", "属地", "事由"]
    assert [row[1] for row in rows] == ["k3", "k2", "k1", "k0"]
    assert [row[5] for row in rows] == ["宅基地边界", "'＠sum院墙", f"'{EVIL}", "院墙倒塌"]
    assert rows[0][head.index("当事人")] == "'+张3"
    assert not any(cell.startswith(("=", "+", "-", "@", "＠")) for row in rows for cell in row)
    assert "2 件" in run(database, "--out", str(file), "--limit", "2")


def test_what_cannot_be_is_refused(database: str, tmp_path: Path) -> None:
    assert "不是 .csv 或 .xlsx" in run(database, "--out", str(tmp_path / "cases.pdf"), code=1)
    assert "写不进去" in run(database, "--out", str(tmp_path / "none" / "cases.csv"), code=1)
    assert "一个字" in run(database, "墙", code=1)
    run(database, "--opened", "2026", code=2)
    run(database, "--fact", "amount=many..", code=2)
