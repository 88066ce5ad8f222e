"""Reports as workbooks and documents: what stands in them, for whom, and that they open."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from typer.testing import CliRunner

from jiefen import Actor, Engine, FactError, FixedClock
from jiefen.cli.root import app
from jiefen.clock import CHINA
from jiefen_adapters.reports import REPORTS
from tests.integration.conftest import make_tables
from tests.support.databases import Databases

PLACE, ELSEWHERE, COUNTY = "140429102", "140429103", "140429"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), COUNTY)
OFFICE = Actor("chief", frozenset({"county_petition_office"}), COUNTY)
TODAY = date(2026, 3, 6)


@pytest.fixture
def engine(databases: Databases, clock: FixedClock) -> Iterator[Engine]:
    """Two townships with petitions, one of them kept closely; what is overdue; what was pressed for."""
    with Engine.open(databases.prepared(make_tables), clock=clock) as one:
        for number, (area, facts) in enumerate(
            [(PLACE, {}), (PLACE, {"minor_involved": True}), (ELSEWHERE, {"title": "=1+1"})]
        ):
            given = {
                "area": area, "title": "张三丰反映宅基地", "dispute_type": "neighbour", "source": "walk_in",
                "received_on": date(2026, 3, 2),
            } | facts  # fmt: skip
            parties = [{"part": "applicant", "name": "张三丰"}]
            case = one.open_case("petition", given, key=f"k{number}", by=CENTRE, parties=parties)
            one.supervise(case.id, "petition_officer", "remind", ground="迟迟未办", reply="3 d", by=OFFICE)
        clock.set(datetime(2026, 3, 6, 9, tzinfo=CHINA))
        one.sweep()
        yield one


def write(reader: Any, name: str, folder: Path, ending: str, **how: Any) -> tuple[Path, int]:
    file = folder / f"{name}.{ending}"
    return file, REPORTS.write(name, file, reader=reader, today=TODAY, **how)


def sheets(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each sheet, below the headings, by its name without the number."""
    book = load_workbook(file)
    for page in book:
        assert not [cell for line in page.iter_rows() for cell in line if cell.data_type == "f"]
    found = {}
    for page in book:
        rows = list(page.iter_rows(values_only=True))
        [head] = [at for at, row in enumerate(rows) if page.freeze_panes == f"A{at + 2}"]
        found[page.title[2:]] = rows[head:]
    return found


def words(file: Path) -> str:
    """All that a document says."""
    document = Document(str(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


class TestLists:
    def test_what_is_overdue_and_due_and_who_holds_it(self, engine: Engine, tmp_path: Path) -> None:
        file, many = write(engine, "weekly", tmp_path, "xlsx")
        found = sheets(file)
        assert [*found] == ["按岗位和属地汇总", "已逾期", "7 日内到期", "待办分布"]
        assert many == sum(len(rows) - 1 for rows in found.values())
        owed = [
            one
            for one in engine.deadlines_due(until=TODAY + timedelta(days=7))
            if one.deadline.kind == "duty"
        ]
        late = [one for one in owed if one.days_left < 0]
        assert late
        assert len(found["已逾期"]) - 1 == len(late)
        assert len(found["7 日内到期"]) - 1 == len(owed) - len(late)
        head, first = found["已逾期"][0], found["已逾期"][1]
        said = dict(zip(head, first, strict=True))
        assert said["责任岗位"] == "信访专干"
        assert said["反映问题"] == "张*反映宅基地"
        assert said["剩余天数"] == late[0].days_left
        total = sum(row[2] for row in found["按岗位和属地汇总"][1:])
        assert total == len(late)

    def test_who_has_claimed_something_is_named_by_number(self, engine: Engine, tmp_path: Path) -> None:
        [task, *_] = [one for one in engine.tasks() if "petition_officer" in one.roles and one.area == PLACE]
        engine.claim(task.id, by=Actor("p-7", frozenset({"petition_officer"}), PLACE))
        file, _ = write(engine, "monthly", tmp_path, "xlsx")
        rows = [row for name in ("已逾期", "30 日内到期") for row in sheets(file)[name][1:]]
        assert {row[7] for row in rows if row[1] == task.case} == {"p-7"}

    def test_a_reader_gets_what_is_theirs(self, engine: Engine, tmp_path: Path) -> None:
        everything, _ = write(engine, "weekly", tmp_path, "xlsx")
        assert {row[1] for row in sheets(everything)["已逾期"][1:]} == {1, 2, 3}
        clerk = engine.as_(Actor("l-1", frozenset({"land_officer"}), PLACE))
        mine, _ = write(clerk, "weekly", tmp_path, "xlsx")
        # The other one is of another township, or kept closely.
        assert {row[1] for row in sheets(mine)["已逾期"][1:]} == {1}
        assert sum(row[2] for row in sheets(mine)["按岗位和属地汇总"][1:]) == len(sheets(mine)["已逾期"]) - 1

    def test_an_area_and_nothing_runs_as_a_formula(self, engine: Engine, tmp_path: Path) -> None:
        file, _ = write(engine, "weekly", tmp_path, "xlsx", area=ELSEWHERE)
        rows = sheets(file)["已逾期"]
        assert {row[1] for row in rows[1:]} == {3}
        assert {row[4] for row in rows[1:]} == {"'=1+1"}
        document, _ = write(engine, "weekly", tmp_path, "docx", area=ELSEWHERE)
        assert "\n=1+1\n" in words(document)

    def test_long_texts_are_shown_whole_on_the_paper(self, engine: Engine, tmp_path: Path) -> None:
        engine.correct(1, {"title": "反映宅基地纠纷长期未能解决请求依法处理" * 5}, reason="更正", by=CENTRE)
        file, _ = write(engine, "weekly", tmp_path, "xlsx")
        page = load_workbook(file)["2 已逾期"]
        [long, *_] = [row[0].row for row in page.iter_rows() if row[1].value == 1]
        [short, *_] = [row[0].row for row in page.iter_rows() if row[1].value == 2]
        assert page.row_dimensions[long].height == 15 * 7
        assert (page.row_dimensions[short].height or 15) < 15 * 7
        assert page.cell(long, 5).alignment.wrap_text
        assert [page.cell(line, 1).value for line in (1, 3)] == ["矛盾纠纷办理周报", "已逾期"]

    def test_in_english_as_a_document(self, engine: Engine, tmp_path: Path) -> None:
        file, _ = write(engine, "weekly", tmp_path, "docx", language="en")
        said = words(file)
        assert "Weekly list" in said
        assert "Due within 7 days" in said
        assert "Petition officer" in said
        assert "三丰" not in said

    def test_a_document_says_what_it_leaves_out(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, whole = write(engine, "weekly", tmp_path, "docx")
        monkeypatch.setattr("jiefen_adapters.reports.documents.MOST_ROWS", 1)
        file, many = write(engine, "weekly", tmp_path, "docx")
        assert many == whole
        assert "行未列入,请生成 .xlsx 查看" in words(file)


class TestSupervisions:
    def test_each_letter_and_how_many_each_office_has(self, engine: Engine, tmp_path: Path) -> None:
        everything = [one for status in ("open", "answered") for one in engine.supervisions(status=status)]
        file, _ = write(engine, "supervisions", tmp_path, "xlsx")
        found = sheets(file)
        assert len(found["督办明细"]) - 1 == len(everything) >= 3
        asked = dict(zip(found["督办明细"][0], found["督办明细"][1], strict=True))
        assert (asked["督办方式"], asked["督办单位"], asked["被督办岗位"]) == (
            "提醒",
            "县信访部门",
            "信访专干",
        )
        assert asked["答复时限"] == datetime(2026, 3, 5)  # noqa: DTZ001 - as a workbook keeps a day
        assert asked["是否逾期"] == "是"
        assert sum(row[1] for row in found["按被督办岗位汇总"][1:]) == len(everything)
        assert sum(row[3] for row in found["按被督办岗位汇总"][1:]) == sum(one.overdue for one in everything)


class TestTheAnnualReport:
    @pytest.mark.parametrize("ending", ["xlsx", "docx"])
    def test_it_has_what_the_article_lists(self, engine: Engine, tmp_path: Path, ending: str) -> None:
        report = engine.petition_report(2026)
        file, many = write(engine, "annual", tmp_path, ending, year=2026)
        assert many == sum(len(section.rows) for section in report.sections) + len(report.figures)
        if ending == "docx":
            said = words(file)
            for one in (
                "2026年信访情况年度报告",
                "第四十一条第一款",
                "转送、交办、督办",
                "建议以及被采纳情况",
            ):
                assert one in said
            # What nobody records is no zero.
            assert "(系统没有登记,请补充)" in said
            return
        found = sheets(file)
        assert len(found) == 4
        first = found[next(iter(found))][1]
        assert first[1:] == ("收到的信访事项", report.sections[0].rows[0].number)

    def test_it_is_of_the_year_before_when_none_is_said(self, engine: Engine, tmp_path: Path) -> None:
        file, _ = write(engine, "annual", tmp_path, "docx", language="en")
        assert "Annual petition report 2025" in words(file)
        with pytest.raises(FactError):
            write(engine, "annual", tmp_path, "docx", year=2027)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_an_office_program_opens_them(sqlite_url: str, tmp_path: Path) -> None:
    with Engine.open(sqlite_url) as engine:
        files = [write(engine, name, tmp_path, "docx")[0] for name in REPORTS.kinds]
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    for file in files:
        assert file.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_what_cannot_be_is_told(engine: Engine, tmp_path: Path) -> None:
    for name, out in (
        ("yearly", "a.xlsx"),
        ("annual", "a.pdf"),
        ("weekly", "none/a.xlsx"),
        ("weekly", "none/a.docx"),
    ):
        with pytest.raises(FactError) as error:
            REPORTS.write(name, tmp_path / out, reader=engine, today=TODAY)
        assert error.value.zh
    with pytest.raises(FactError):
        REPORTS.write("weekly", tmp_path / "a.xlsx", reader=engine, today=TODAY, area="x")


def test_at_the_command_line(tmp_path: Path) -> None:
    database, file = f"sqlite:///{tmp_path}/cases.db", tmp_path / "weekly.docx"
    Engine.open(database).close()

    def run(*given: str) -> Any:
        return CliRunner().invoke(app, ["--db", database, "--lang", "zh", *given])

    assert run("report", "weekly", "--out", str(file)).stdout == f"0 行 → {file}\n"
    assert "矛盾纠纷办理周报" in words(file)
    assert run("--as", "l-1", "report", "monthly", "--area", COUNTY, "--out", str(file)).exit_code == 0
    wrong = run("report", "weekly", "--out", str(tmp_path / "a.txt"))
    assert (wrong.exit_code, "不是 .xlsx 或 .docx" in wrong.stderr) == (1, True)
