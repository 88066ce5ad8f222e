"""The demo from end to end: the same every time, counted right, and only by the engine's public methods."""

from __future__ import annotations

import ast
import io
import random
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console

import jiefen.demo
from jiefen import EVERYWHERE, Actor, Conflict, DefinitionError, Engine, FactError, FixedClock
from jiefen.demo import script
from jiefen.demo.intake import Counted, Matters
from jiefen.demo.simulation import Arrival, Refused
from jiefen.insight.sheet import Report
from jiefen.rules import Label

DAYS, CASES = 60, 20
TYPES = (
    "labour",
    "neighbour",
    "lending",
    "land_contract",
    "family",
    "administrative_act",
    "suggestion",
    "medical",
)
SECRET = "张三丰"


@dataclass
class Invented:
    """Matters made up for a test, and what was written to the reject file."""

    arrivals: list[Arrival]
    written: list[Refused] = field(default_factory=list)

    def matters(self, _folder: Path) -> Matters:
        return Matters(
            tuple(self.arrivals), {"test": Counted(Label("测试", "Test"), len(self.arrivals), 0)}, self.write
        )

    def write(self, path: Path, refused: Sequence[Refused]) -> None:
        self.written = list(refused)
        path.write_text("written", "utf-8")


def invented() -> Invented:
    dice = random.Random(5)
    arrivals = []
    for number in range(CASES):
        received = date(2025, 12, 20) + timedelta(days=dice.randrange(30))
        facts = {
            "source": "hotline_12345",
            "dispute_type": TYPES[number % len(TYPES)],
            "matter_type": "suggestion" if TYPES[number % len(TYPES)] == "suggestion" else "claim",
            "area": f"1404291022{number % 3:02d}",
            "received_on": received,
            "persons": dice.choice([1, 1, 2, 7]),
            "title": f"{SECRET}的事",
            "description": f"{SECRET}说",
            "key_petition": number % 5 == 0,
            "organ_part": number % len(TYPES) == 1,
        }
        people = [
            {"part": "applicant", "name": SECRET, "phone": "13900001111"},
            {"part": "respondent", "name": f"{SECRET}的邻居"},
        ]
        arrivals.append(Arrival("dispute", f"test:{number}", "test", received, facts, people))
    return Invented(arrivals)


@dataclass(frozen=True)
class Played:
    """What one run left behind."""

    report: Report
    terminal: str
    page: str
    database: Path


def play(folder: Path, patch: pytest.MonkeyPatch, made: Invented, seed: int = 7, days: int = DAYS) -> Played:
    patch.setattr(jiefen.demo, "read_matters", made.matters)
    out = io.StringIO()
    report = jiefen.demo.run(
        db=None,
        seed=seed,
        days=days,
        console=Console(file=out, width=110),
        reject_file=folder / "out" / "rejects.csv",
        html=folder / "out" / "report.html",
        lang="zh",
    )
    page = (folder / "out" / "report.html").read_text("utf-8")
    return Played(report, out.getvalue(), page, folder / "out" / "demo.db")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with pytest.MonkeyPatch.context() as patch:
        return play(tmp_path_factory.mktemp("demo"), patch, invented())


class TestTheSameEveryTime:
    def test_the_same_seed_gives_the_same_report(
        self, played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        again = play(tmp_path, monkeypatch, invented())
        assert again.report == played.report
        assert again.page == played.page
        assert again.terminal == played.terminal

    def test_another_seed_gives_another_year(
        self, played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert play(tmp_path, monkeypatch, invented(), seed=8, days=20).report != played.report


class TestFigures:
    def test_totals_are_those_of_the_database(self, played: Played) -> None:
        matter = "process not in ('dispatch', 'whistle', 'report_in') and status not in ('merged', 'voided')"
        with sqlite3.connect(played.database) as database:
            cases = Counter(
                dict(
                    database.execute(
                        f"select status, count(*) from jiefen_case where {matter} group by 1"
                    ).fetchall()
                )
            )
            rungs = database.execute(
                "select count(*) from jiefen_journal where kind in ('rung', 'task_unclaimed', 'task_unfinished')"
            ).fetchone()[0]
            deadlines = dict(
                database.execute("select kind, count(*) from jiefen_deadline group by 1").fetchall()
            )
        totals = {
            section.id: [[cell.text for cell in grid.total] for grid in section.grids if grid.total]
            for section in played.report.sections
        }
        assert cases.total() == CASES
        assert totals["stages"][0][2:] == [str(cases["open"]), dot(cases["ended"]), str(CASES)]
        assert totals["types"][0][1:3] == [str(CASES), str(cases["open"])]
        assert totals["types"][1][1] == dot(cases["ended"])
        assert totals["channels"][0][1:] == [str(CASES), str(cases["open"])]
        assert totals["time"][0][1] == str(CASES)
        assert totals["escalations"][0][-1] == dot(rungs)
        assert totals["duties"][0][1] == str(deadlines["duty"])
        assert totals["rights"][0][1] == str(deadlines["right"])
        assert totals["intake"][0][1:] == [str(CASES), str(CASES), "·", "·"]

    def test_the_figures_are_those_of_the_database(self, played: Played) -> None:
        [section] = [one for one in played.report.sections if one.id == "shares"]
        shown = [[cell.text for cell in row] for row in section.grids[0].rows]
        clock = FixedClock(jiefen.demo.FIRST_DAY + timedelta(days=DAYS - 1))
        with Engine.open(f"sqlite:///{played.database}", clock=clock) as engine:
            figures = engine.figures(since=jiefen.demo.FIRST_DAY)
        assert [row[0] for row in shown] == [one.title.zh for one in figures]
        assert [row[4] for row in shown] == [
            str(one.denominator) if one.denominator else "·" for one in figures
        ]
        assert any(one.denominator for one in figures)

    def test_what_was_asked_for_in_writing_is_all_told(self, played: Played) -> None:
        with sqlite3.connect(played.database) as database:
            asked = database.execute("select count(*) from jiefen_supervision").fetchone()[0]
        [section] = [one for one in played.report.sections if one.id == "escalations"]
        told = [row[1].text for row in section.grids[1].rows[:3]]
        assert sum(int(text) for text in told if text != "·") == asked > 0

    def test_the_worklist_is_that_of_a_team(self, played: Played) -> None:
        [section] = [one for one in played.report.sections if one.id == "worklist"]
        rows = section.grids[0].rows
        assert 0 < len(rows) <= 8
        left = [int(row[4].text) for row in rows if row[4].text != "—"]
        assert left == sorted(left)
        with sqlite3.connect(played.database) as database:
            waiting = {
                row[0] for row in database.execute("select case_id from jiefen_task where status = 'open'")
            }
        assert {int(row[0].text) for row in rows} <= waiting

    def test_what_a_visit_asked_for_let_rights_begin(self, played: Played) -> None:
        [section] = [one for one in played.report.sections if one.id == "asked"]
        assert section.grids[0].rows
        assert any("第二十七条" in row[3].text for row in section.grids[0].rows)

    def test_sixty_days_are_enough_for_something_to_happen(self, played: Played) -> None:
        with sqlite3.connect(played.database) as database:
            kinds = dict(database.execute("select kind, count(*) from jiefen_journal group by 1").fetchall())
        for kind in (
            "task_completed",
            "message",
            "timer",
            "rung",
            "deadline_met",
            "delivery_arrived",
            "ended",
        ):
            assert kinds.get(kind, 0) > 0, kind

    def test_the_papers_of_a_petition_are_left_to_look_at(self, played: Played) -> None:
        left = sorted((Path(played.database).parent / "papers").iterdir())
        assert {one.suffix for one in left} == {".txt", ".docx"}
        [opinion] = [one for one in left if one.name.endswith("petition_opinion.txt")]
        assert "不服怎么办" in opinion.read_text("utf-8")

    def test_outages_leave_nothing_undone(self, played: Played) -> None:
        with sqlite3.connect(played.database) as database:
            left = database.execute(
                "select count(*) from jiefen_agenda where status = 'incident'"
            ).fetchone()[0]
        assert left == 0
        [agenda] = [section for section in played.report.sections if section.id == "agenda"]
        assert "未处理 0 件" in agenda.lead


class TestPrivacy:
    def test_no_personal_data_is_shown(self, played: Played) -> None:
        for shown in (played.terminal, played.page, repr(played.report)):
            assert SECRET not in shown
            assert "13900001111" not in shown


class TestHonesty:
    def test_the_simulation_has_no_way_around_the_engine(self) -> None:
        inside = {
            "step",
            "store",
            "runtime",
            "docket",
            "recording",
            "snapshots",
            "deliveries",
            "agenda",
            "process",
        }
        folder = Path(jiefen.demo.__file__).parent
        for path in folder.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    package, _, room = name.partition(".")
                    assert package != "sqlalchemy", path
                    assert package != "jiefen_adapters", path
                    assert package != "jiefen" or room.partition(".")[0] not in inside, path
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
                    owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
                    assert not (owner in ("engine", "_engine") and node.attr.startswith("_")), path

    def test_a_row_that_the_engine_refuses_goes_back_with_the_reason(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = invented()
        made.arrivals = made.arrivals[:2]
        made.arrivals[1] = replace(made.arrivals[1], facts={**made.arrivals[1].facts, "persons": 0})
        played = play(tmp_path, monkeypatch, made, days=20)
        assert [item.arrival.key for item in made.written] == ["test:1"]
        assert "persons" in made.written[0].reason
        [[*_, total]] = [[grid.total for grid in section.grids] for section in played.report.sections[:1]]
        assert total is not None
        assert [cell.text for cell in total[1:]] == ["2", "1", "1", "·"]

    def test_a_task_that_the_script_does_not_know_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = script.SCRIPT.read_text("utf-8").replace("  visit.visit_party:\n", "  visit.nobody:\n")
        path = tmp_path / "script.yaml"
        path.write_text(text, "utf-8")
        monkeypatch.setattr(jiefen.demo, "load_playbook", lambda: script.load_playbook(path))
        with pytest.raises(DefinitionError, match=r"visit\.visit_party"):
            play(tmp_path, monkeypatch, invented())


class TestDatabases:
    def test_the_file_of_an_earlier_demo_is_replaced(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = invented()
        old = date(2025, 12, 30)
        made.arrivals = [
            replace(made.arrivals[0], on=old, facts={**made.arrivals[0].facts, "received_on": old})
        ]
        for key in ("first", "second"):
            made.arrivals = [replace(made.arrivals[0], key=key)]
            played = play(tmp_path, monkeypatch, made, days=1)
        with sqlite3.connect(played.database) as database:
            assert database.execute("select key from jiefen_case").fetchall() == [("second",)]

    def test_a_day_on_which_nothing_comes_in_has_a_report_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = invented()
        made.arrivals = [replace(made.arrivals[0], on=date(2026, 2, 1))]
        played = play(tmp_path, monkeypatch, made, days=1)
        assert played.report.story is None
        assert [cell.text for cell in (played.report.sections[0].grids[0].total or ())[1:]] == [
            "1",
            "·",
            "·",
            "1",
        ]

    def test_a_database_that_holds_cases_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str
    ) -> None:
        with Engine.open(sqlite_url, clock=FixedClock(date(2026, 1, 5))) as engine:
            clerk = Actor("clerk", frozenset({"township_coordinator"}), EVERYWHERE)
            engine.open_case(
                "dispute", {"dispute_type": "neighbour", "area": "140429102"}, key="mine", by=clerk
            )
        monkeypatch.setattr(jiefen.demo, "read_matters", invented().matters)
        with pytest.raises(Conflict, match="holds cases already"):
            jiefen.demo.run(
                db=sqlite_url, seed=1, days=5, console=Console(file=io.StringIO()), reject_file=tmp_path / "r.csv",
                html=None,
            )  # fmt: skip

    def test_it_runs_on_either_database(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
    ) -> None:
        made = invented()
        made.arrivals = made.arrivals[:4]
        monkeypatch.setattr(jiefen.demo, "read_matters", made.matters)
        report = jiefen.demo.run(
            db=database_url, seed=1, days=25, console=Console(file=io.StringIO()), reject_file=tmp_path / "r.csv",
            html=None, lang="en",
        )  # fmt: skip
        assert report.tiles[0].figure == "4"

    def test_at_least_one_day_passes(self, tmp_path: Path) -> None:
        with pytest.raises(FactError, match="1 or more"):
            jiefen.demo.run(
                db=None,
                seed=1,
                days=0,
                console=Console(file=io.StringIO()),
                reject_file=tmp_path / "r.csv",
                html=None,
            )


def dot(count: int) -> str:
    return str(count) if count else "·"
