"""``jiefen ledger``: lists that offices keep, and ledgers that open nothing twice when they are imported again."""

from __future__ import annotations

import json
import shutil
import weakref
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from jiefen import Actor, Engine, FactError, FixedClock, LedgerError
from jiefen.bundled import bundled
from jiefen.cli.root import app
from jiefen_adapters.ledgers import LEDGERS

EXAMPLES = bundled("examples") / "ledgers"
NAMES = ("visit_ledger", "hotline_12345", "livelihood_express", "petition_backlog")
CENTRE = Actor("0412", frozenset({"township_coordinator", "joint_meeting_office"}), "140429")


def run(database: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    result = CliRunner().invoke(app, ["--db", database, "--lang", "zh", *arguments])
    assert result.exit_code in codes, result.output
    return result.stdout


def imported(database: str, files: list[Path], rejects: Path) -> list[dict[str, Any]]:
    options = ["--areas", str(EXAMPLES / "areas.yaml"), "--rejects", str(rejects), "--json"]
    said = run(database, "import", *map(str, files), *options, codes=(0, 5))
    found: list[dict[str, Any]] = json.loads(said)["files"]
    return found


def sheet(file: Path) -> tuple[list[str], list[dict[str, Any]]]:
    page = load_workbook(file).active
    assert page is not None
    assert all(cell.data_type != "f" for line in page.iter_rows() for cell in line)
    head, *rows = page.iter_rows(values_only=True)
    names = [str(name) for name in head]
    return names, [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the example ledgers in it."""
    folder = tmp_path_factory.mktemp("full")
    files = sorted([*EXAMPLES.glob("*.csv"), *EXAMPLES.glob("*.xlsx")])
    assert len(files) == len(NAMES)
    imported(f"sqlite:///{folder}/jiefen.db", files, folder / "rejects.csv")
    return folder


@pytest.fixture
def database(full: Path, tmp_path: Path) -> str:
    shutil.copy(full / "jiefen.db", tmp_path / "jiefen.db")
    return f"sqlite:///{tmp_path}/jiefen.db"


def written(database: str, folder: Path, ending: str = "xlsx", *options: str) -> list[Path]:
    files = [folder / f"{name}.{ending}" for name in NAMES]
    for name, file in zip(NAMES, files, strict=True):
        run(database, "ledger", name, "--out", str(file), *options)
    return files


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("places", [True, False], ids=["names", "codes"])
def test_a_ledger_that_comes_back_says_nothing_new(
    database: str, tmp_path: Path, ending: str, places: bool
) -> None:
    options = ("--areas", str(EXAMPLES / "areas.yaml")) if places else ()
    files = written(database, tmp_path, ending, *options)
    with Engine.open(database) as engine:
        before = len(engine.cases(limit=1000))
    taken = imported(database, files, tmp_path / "rejects.csv")
    assert sum(one["rows"] for one in taken) == before > 50
    for one in taken:
        assert one["known"] == one["rows"], one
    with Engine.open(database) as engine:
        assert len(engine.cases(limit=1000)) == before


def test_what_was_corrected_moved_and_added_opens_nothing_either(database: str, tmp_path: Path) -> None:
    with Engine.open(database) as engine:
        before = engine.cases(limit=1000)
        for case in before:
            facts = {"title": "另一种说法", "description": "=SUM(1)", "persons": 9}
            engine.correct(case.id, facts, reason="更正", by=CENTRE)
            engine.move(case.id, "140429104201", reason="属地有误", by=CENTRE)
        first = next(iter(engine.search(party="匿名").items or engine.search().items))
        engine.parties.add(first.case.id, {"part": "third_party", "name": "村委会"}, by=CENTRE)
        engine.void(before[0].id, reason="误登", evidence="当事人书面确认", by=CENTRE)
    files = written(database, tmp_path)
    taken = imported(database, files, tmp_path / "rejects.csv")
    assert sum(one["rows"] for one in taken) == len(before) - 1
    assert sum(one["opened"] for one in taken) == 0
    with Engine.open(database) as engine:
        assert len(engine.cases(limit=1000)) == len(before)


def test_an_empty_database_gets_the_same_cases_from_it(database: str, tmp_path: Path) -> None:
    files = written(database, tmp_path, "xlsx", "--areas", str(EXAMPLES / "areas.yaml"))
    other = f"sqlite:///{tmp_path}/other.db"
    imported(other, files, tmp_path / "rejects.csv")

    def all_of(url: str) -> dict[str, Any]:
        with Engine.open(url) as engine:
            hits = engine.search(limit=1000, unmasked=True).items
            # How many of a kind there are depends on which came first.
            intake = {
                name
                for name, fact in engine.edition.rulebook.vocabulary.facts.items()
                if "intake" in fact.set_by and name != "occurrence"
            }
            return {
                hit.case.key: (
                    hit.case.process,
                    hit.case.area,
                    {name: value for name, value in hit.case.facts.items() if name in intake},
                    hit.parties,
                )
                for hit in hits
            }

    assert all_of(other) == all_of(database)


def test_headings_and_what_is_kept_in_words(database: str, tmp_path: Path) -> None:
    [visit, *_] = written(database, tmp_path, "xlsx", "--areas", str(EXAMPLES / "areas.yaml"))
    names, rows = sheet(visit)
    assert names[:4] == ["序号", "乡镇", "村(社区)", "网格"]
    assert names[-6:] == ["解纷编号", "办理状态", "当前环节", "办理结果", "现包案领导", "最近期限"]
    assert {row["办理状态"] for row in rows} == {"办理中"}
    assert all(row["群众姓名"] and row["反映问题"] and row["问题类别"] for row in rows)
    assert all(str(row["乡镇"]).endswith("镇") for row in rows)


def test_the_list_of_problems(database: str, tmp_path: Path) -> None:
    file = tmp_path / "problems.xlsx"
    run(database, "ledger", "problems", "--out", str(file), "--area", "140429103")
    names, rows = sheet(file)
    assert {"序号", "反映人", "反映问题", "问题类别", "风险等级", "办理状态"} <= {*names}
    assert [row["序号"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["属地"][:9] for row in rows} == {"140429103"}
    assert {str(row["反映人"])[1:] for row in rows if row["反映人"]} == {"*"}
    run(database, "ledger", "problems", "--out", str(file), "--until", "2020-01-01")
    assert sheet(file)[1] == []


def test_the_lists_of_responsibility_and_rectification(tmp_path: Path, clock: FixedClock) -> None:
    url = f"sqlite:///{tmp_path}/jiefen.db"
    facts = {"source": "petition", "area": "140429102", "title": "@拖欠工资", "urgent": True}
    with Engine.open(url, clock=clock) as engine:
        case = engine.open_case("petition", facts, key="p1", by=CENTRE).id
        engine.bind_leader(case, "0501", by=CENTRE)
        head = Actor("0500", frozenset({"township_leader"}), "140429102")
        pressed = engine.supervise(
            case, "petition_officer", "remind", ground="迟迟未办", reply="3 d", by=head
        )
        clock.advance(timedelta(days=1))
        expected = [one for one in engine.deadlines_due(limit=1000) if one.deadline.kind == "duty"]
    assert expected
    file = tmp_path / "list.xlsx"
    run(url, "ledger", "responsibility", "--out", str(file))
    _, rows = sheet(file)
    assert [row["责任事项"] for row in rows] == [one.deadline.title.zh for one in expected]
    assert {row["包案领导"] for row in rows} == {"0501"}
    assert {row["反映问题"] for row in rows} == {"'@拖欠工资"}
    assert all(row["法律依据"] and row["责任岗位"] for row in rows)
    run(url, "ledger", "rectification", "--out", str(file))
    _, rows = sheet(file)
    mine = [row for row in rows if row["案件编号"] == pressed.case and row["督办措施"] == "提醒"]
    assert [(row["整改岗位"], row["督办岗位"], row["整改状态"]) for row in mine] == [
        ("信访专干", "乡镇(分管)领导", "整改中")
    ]
    run(url, "ledger", "responsibility", "--out", str(file), "--since", "2026-01-01", codes=(2,))
    run(url, "ledger", "no_such_ledger", "--out", str(file), codes=(1, 2, 3, 4))


class TestTheLibrary:
    def test_a_reader_gets_what_is_theirs_and_it_is_known_again(self, database: str, tmp_path: Path) -> None:
        clerk = Actor("l-1", frozenset({"land_officer"}), "140429103")
        with Engine.open(database) as engine:
            reader = engine.as_(clerk)
            mine = {one.key for one in reader.cases(limit=1000)}
            before = len(engine.cases(limit=1000))
            assert 0 < len(mine) < before
            files = [tmp_path / f"{name}.xlsx" for name in NAMES]
            counts = [
                LEDGERS.export(name, file, reader=reader) for name, file in zip(NAMES, files, strict=True)
            ]
        rows = [row for file in files for row in sheet(file)[1]]
        assert {row["解纷编号"] for row in rows} == mine
        assert sum(counts) == len(rows) == len(mine)
        full = [file for file, count in zip(files, counts, strict=True) if count]
        taken = imported(database, full, tmp_path / "r.csv")
        assert sum(one["known"] for one in taken) == len(mine)

    def test_the_command_reads_as_somebody(self, database: str, tmp_path: Path) -> None:
        file = tmp_path / "visits.csv"
        run(database, "--as", "nobody", "ledger", "visit_ledger", "--out", str(file))
        assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 1
        run(database, "--as", "nobody", "ledger", "problems", "--out", str(file))
        assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 1

    def test_what_cannot_be_written_is_told(self, database: str, tmp_path: Path) -> None:
        with Engine.open(database) as engine:
            for out in ("a.txt", "none/a.xlsx", "none/a.csv"):
                with pytest.raises(FactError) as error:
                    LEDGERS.export("visit_ledger", tmp_path / out, reader=engine)
                assert error.value.zh
            with pytest.raises(LedgerError):
                LEDGERS.export("none", tmp_path / "a.csv", reader=engine)

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_no_more_than_a_page_is_kept(self, database: str, tmp_path: Path, ending: str) -> None:
        alive: weakref.WeakSet[Any] = weakref.WeakSet()
        most = 0

        class Found:
            def __init__(self, hit: Any, token: int) -> None:
                self.case, self.parties, self.due_at, self.token = hit.case, hit.parties, None, token

        class Pages:
            def __init__(self, engine: Engine) -> None:
                self.edition = engine.edition
                [self._hit] = engine.search(facts={"source": "visit_ledger"}, unmasked=True, limit=1).items

            def search(self, *, after: int | None, limit: int, **_: Any) -> Any:
                nonlocal most
                most = max(most, len(alive))
                begin = after or 0
                items = [
                    Found(self._hit, number) for number in range(begin + 1, min(begin + limit, 4000) + 1)
                ]
                alive.update(items)
                return SimpleNamespace(items=items)

        with Engine.open(database) as engine:
            pages: Any = Pages(engine)
            assert LEDGERS.export("visit_ledger", tmp_path / f"a.{ending}", reader=pages) == 4000
        assert most <= 500
