"""``jiefen import``: each good row is a case once, each bad one is answered for."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import FixedClock
from jiefen.bundled import bundled
from jiefen.cli.frame.program import ExitCode
from jiefen.cli.root import app
from jiefen.clock import SystemClock
from jiefen.errors import DatabaseError, LedgerError
from tests.integration.conftest import SMALL

AREAS = "areas:\n  - {code: '140429', name: 武乡县}\n  - {code: '140429104', name: 上司镇}\n"
HEAD = "工单编号,来电时间,来电人,涉及人数,诉求标题,诉求内容,诉求分类,诉求类型,所属区域"
GOOD = [
    "W1,2026-01-05,甲某某,1,拖欠工资,工地欠薪三个月,劳动争议,投诉,上司镇",
    "W2,2026年1月6日,乙某某,3,邻里排水,邻居排水冲了地基,邻里纠纷,投诉,上司镇",
]
BAD = [
    "W3,2026-02-30,丙某某,1,坏日期,没有这一天,邻里纠纷,投诉,上司镇",
    "W4,2026-01-07,丁某某,1,地名不明,找不到,邻里纠纷,投诉,北海村",
]


@dataclass(frozen=True)
class Text:
    zh: str

    def text(self, language: str) -> str:
        return self.zh if language == "zh" else f"({self.zh})"


@dataclass
class Script:
    """A ledger adapter that reads nothing and gives what it was told to."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    rejects: list[str] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def read_ledgers(self, paths: Iterable[Path], **options: Any) -> list[SimpleNamespace]:
        self.asked.append({"paths": list(paths), **options})
        rows = [
            SimpleNamespace(
                key=key,
                facts=facts,
                parties=(),
                process=None,
                number=number,
                notes=self.notes,
                owners=self.owners,
            )
            for number, (key, facts) in enumerate(self.rows, 2)
        ]
        name = self.asked[-1]["paths"][0].name
        return [
            SimpleNamespace(
                file=name, ledger="book", rows=iter(rows), rejects=self.rejects, notes=[Text("注意")]
            )
        ]

    def title(self, ledger: str) -> Text:
        return Text("台账")

    def refuse(self, row: Any, zh: str, en: str) -> str:
        return f"{row.key}: {en}"

    def write_rejects(self, path: Path, rejects: Sequence[str]) -> None:
        path.write_text("\n".join(rejects), encoding="utf-8")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FixedClock) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEFEN_LANG", "en")
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())
    (tmp_path / "areas.yaml").write_text(AREAS, encoding="utf-8")


@pytest.fixture
def script(url: str, monkeypatch: pytest.MonkeyPatch) -> Script:
    """The scripted adapter on the small edition."""
    adapter = Script()
    point = SimpleNamespace(
        name="ledgers", value="script", group="jiefen.ledgers", dist=SimpleNamespace(name="jiefen"),
        load=lambda: adapter,
    )  # fmt: skip
    monkeypatch.setattr(
        "jiefen.outside.points.entry_points",
        lambda group: [point] if group == "jiefen.ledgers" else [],
    )
    monkeypatch.setenv("JIEFEN_DB", url)
    monkeypatch.setenv("JIEFEN_PROCESSES", str(SMALL / "processes"))
    monkeypatch.setenv("JIEFEN_RULES", str(SMALL / "rules"))
    return adapter


def command(*arguments: object, ends: int = 0) -> Any:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == ends, (arguments, result.output)
    return result


def imported(*arguments: object, ends: int = 0) -> Any:
    return json.loads(
        command("import", "book.csv", "--process", "claim", *arguments, "--json", ends=ends).stdout
    )


def facts(**other: object) -> dict[str, Any]:
    return {"amount": Decimal("1200.50"), "received_on": date(2026, 3, 2), "area": "140429104", **other}


class TestContract:
    def test_each_row_opens_one_case_once(self, script: Script) -> None:
        script.rows = [("a", facts()), ("b", facts(party_name="王二小"))]
        [first] = imported()["files"]
        assert first == {
            "file": "book.csv",
            "ledger": "book",
            "rows": 2,
            "opened": 2,
            "known": 0,
            "changed": 0,
            "voided": 0,
            "rejected": 0,
            "told": [],
        }
        script.rows.append(("c", facts()))
        [second] = imported()["files"]
        assert (second["opened"], second["known"]) == (1, 2)
        keys = [case["key"] for case in json.loads(command("cases", "--json").stdout)]
        assert keys == ["a", "b", "c"]
        assert not Path("rejects.csv").exists()

    def test_rejects_of_the_reader_and_of_the_engine_go_to_one_file(self, script: Script) -> None:
        script.rows = [
            ("good", facts()),
            ("odd", facts(amount="lots")),
            ("later", facts(received_on=date(2099, 1, 1))),
        ]
        script.rejects = ["line 7: no date"]
        told = imported(ends=ExitCode.PARTLY)
        assert (told["files"][0]["opened"], told["files"][0]["rejected"], told["files"][0]["rows"]) == (
            1,
            3,
            4,
        )
        assert told["rejects"] == "rejects.csv"
        lines = Path("rejects.csv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "line 7: no date"
        assert lines[1].startswith("odd: fact 'amount'")
        assert "future" in lines[2]

    def test_options_reach_the_reader(self, script: Script) -> None:
        imported(
            "--everything",
            "--year",
            2025,
            "--layout",
            "book",
            "--areas",
            "areas.yaml",
            "--rejects",
            "bad.csv",
        )
        assert script.asked == [
            {
                "paths": [Path("book.csv")],
                "areas": Path("areas.yaml"),
                "ledger": "book",
                "year": 2025,
                "everything": True,
                "words": None,
            }
        ]

    def test_a_known_row_with_other_content_is_told_and_changes_nothing(self, script: Script) -> None:
        script.rows = [("a", facts()), ("b", facts())]
        imported()
        script.rows = [("a", facts(party_name="王二小")), ("b", facts())]
        [told] = imported(ends=ExitCode.PARTLY)["files"]
        assert (told["opened"], told["known"], told["changed"], told["rejected"]) == (0, 1, 1, 0)
        [line] = told["told"]
        assert (line["line"], line["outcome"], line["case"], line["differs"]) == (
            2,
            "changed",
            1,
            ["party_name"],
        )
        assert not Path("rejects.csv").exists()
        assert imported(ends=ExitCode.PARTLY)["files"][0]["changed"] == 1
        assert "party_name" not in json.loads(command("case", 1, "--json").stdout)["case"]["facts"]

    def test_who_imports_stands_in_the_journal(self, script: Script) -> None:
        script.rows = [("a", facts())]
        imported("--by", "0412")
        assert json.loads(command("case", 1, "--json").stdout)["journal"][0]["actor"] == "0412"

    def test_for_people(self, script: Script) -> None:
        script.rows, script.rejects = [("a", facts())], ["x"]
        result = command("import", "book.csv", "--process", "claim", ends=ExitCode.PARTLY)
        assert "book.csv: (注意)" in result.stderr
        script.notes = [Text("没有读")] * 40
        told = command("import", "book.csv", "--process", "claim", ends=ExitCode.PARTLY).stderr
        assert told.count("book.csv:2: (没有读)") == 30
        assert "and 10 more" in told
        assert "rejects.csv" in result.stdout
        assert "不合格" in command("import", "book.csv", "--process", "claim", "--lang", "zh", ends=5).stdout

    def test_how_far_it_has_come_is_told(self, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("jiefen.cli.cases.ledgers._PROGRESS", 2)
        script.rows = [(key, facts()) for key in "abcde"]
        told = command("import", "book.csv", "--process", "claim").stderr
        assert re.findall(r"(\d) rows, (\d) cases opened", told) == [("2", "2"), ("4", "4")]

    def test_what_differs_is_named_as_people_call_it(self, script: Script) -> None:
        script.rows = [("a", facts())]
        command("import", "book.csv", "--process", "claim")
        script.owners = {"unit": "住建办"}
        told = command(
            "import", "book.csv", "--process", "claim", "--lang", "zh", ends=ExitCode.PARTLY
        ).stderr
        assert "经办人员" in told

    def test_a_leader_who_was_not_bound_is_told(self, script: Script) -> None:
        script.rows, script.owners = [("a", facts())], {"leader": "李书记"}
        told = command("import", "book.csv", "--process", "claim").stderr
        assert "the leader 李书记 is not in the directory" in told
        assert json.loads(command("case", 1, "--json").stdout)["case"]["leader"] is None

    def test_no_place_names_no_import(self, script: Script) -> None:
        Path("book.csv").touch()
        Path("areas.yaml").unlink()
        assert "--areas" in command("import", "book.csv", "--process", "claim", ends=1).stderr
        assert script.asked == []

    def test_an_unknown_process_opens_nothing(self, script: Script) -> None:
        script.rows = [("a", facts())]
        assert "claim" in command("import", "book.csv", "--process", "clam", ends=4).stderr
        assert json.loads(command("cases", "--json").stdout) == []

    def test_a_database_that_fails_is_not_a_reject(
        self, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script.rows = [("a", facts()), ("b", facts())]

        def full(*_: object, **__: object) -> None:
            raise DatabaseError("the database is full")

        monkeypatch.setattr("jiefen.desk.intake.open_within", full)
        assert "full" in command("import", "book.csv", "--process", "claim", ends=3).stderr
        assert not Path("rejects.csv").exists()

    def test_a_file_that_cannot_be_read_stops_all_of_them(
        self, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise LedgerError("book.csv: this is no ledger")

        monkeypatch.setattr(Script, "read_ledgers", broken)
        assert command("import", "book.csv", ends=1).stderr == "jiefen: book.csv: this is no ledger\n"

    def test_an_adapter_that_is_not_installed(self, script: Script) -> None:
        assert "installed are ledgers" in command("import", "book.csv", "--adapter", "county", ends=4).stderr


class TestBundled:
    """The adapter and the edition that come with Jiefen."""

    @pytest.fixture(autouse=True)
    def _database(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JIEFEN_DB", sqlite_url)

    @pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-8", "utf-16"])
    def test_a_hotline_ledger_in_any_encoding(self, encoding: str) -> None:
        Path("12345热线台账.csv").write_bytes("\n".join([HEAD, *GOOD, *BAD]).encode(encoding))
        told = json.loads(command("import", "12345热线台账.csv", "--json", ends=ExitCode.PARTLY).stdout)
        [file] = told["files"]
        assert (file["ledger"], file["rows"], file["opened"], file["rejected"]) == ("hotline_12345", 4, 2, 2)
        with Path("rejects.csv").open(encoding="utf-8-sig", newline="") as stream:
            rejects = list(csv.DictReader(stream))
        assert [row["工单编号"] for row in rejects] == ["W3", "W4"]
        assert all(row["原因"] and row["如何更正"] for row in rejects)
        cases = json.loads(command("cases", "--json").stdout)
        assert [case["dispute_type"] for case in cases] == ["labour", "neighbour"]
        assert [case["key"] for case in cases] == ["12345:W1", "12345:W2"]

    def test_the_mended_rejects_can_be_imported(self) -> None:
        Path("12345热线台账.csv").write_text("\n".join([HEAD, *GOOD, *BAD]), encoding="utf-8")
        command("import", "12345热线台账.csv", ends=ExitCode.PARTLY)
        mended = Path("rejects.csv").read_text(encoding="utf-8-sig").replace("2026-02-30", "2026-02-27")
        Path("12345热线台账-更正.csv").write_text(mended.replace("北海村", "上司镇"), encoding="utf-8")
        command(
            "import",
            "12345热线台账-更正.csv",
            "12345热线台账.csv",
            "--rejects",
            "again.csv",
            ends=ExitCode.PARTLY,
        )
        assert {case["key"] for case in json.loads(command("cases", "--json").stdout)} == {
            f"12345:W{number}" for number in (1, 2, 3, 4)
        }

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("none.csv", None),
            ("empty.csv", b""),
            ("other.csv", "甲,乙\n1,2\n".encode()),
            ("broken.xlsx", b"PK\x03\x04nonsense"),
            ("letter.docx", b"PK\x03\x04"),
            ("binary.csv", bytes(range(256))),
        ],
    )
    def test_what_is_no_ledger_is_a_clear_error(self, name: str, content: bytes | None) -> None:
        if content is not None:
            Path(name).write_bytes(content)
        said = command("import", name, ends=1).stderr
        assert said.startswith("jiefen: ")
        assert name in said

    def test_a_ledger_that_is_missing_is_missed_before_the_areas_beside_it(self) -> None:
        said = command("import", "nowhere/none.csv", ends=1).stderr
        assert "there is no ledger nowhere/none.csv" in " ".join(said.split())
        assert "areas.yaml" not in said

    def test_the_example_ledgers(self) -> None:
        folder = bundled("ledgers")
        files = sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".xlsx"))
        told = json.loads(command("import", *files, "--json", ends=ExitCode.PARTLY).stdout)
        assert len(told["files"]) == 4
        assert sum(file["opened"] for file in told["files"]) >= 60
        again = json.loads(command("import", *files, "--json", ends=ExitCode.PARTLY).stdout)
        assert sum(file["opened"] for file in again["files"]) == 0
        assert sum(file["known"] for file in again["files"]) == sum(file["opened"] for file in told["files"])
