"""Cases from the command line, on both databases, and every way in which that can be refused."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import Engine, FixedClock
from jiefen.cli.frame.program import ExitCode
from jiefen.cli.root import app
from jiefen.clock import SystemClock
from jiefen.store.connecting.database import Connecting
from tests.integration.conftest import CLERK as PERSON
from tests.integration.conftest import SMALL

Result = Any
Jiefen = Callable[..., Result]

CASE = ("open", "claim", "--by", "c1", "--fact", "amount=1200.50", "--fact", "received_on=2026-03-02")
CLERK = ("--by", "c1", "--role", "clerk", "--area", "everywhere")
HEAD = ("--by", "h1", "--role", "head", "--area", "everywhere")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, clock: FixedClock) -> None:
    """The small edition, English labels, and a clock that stands still."""
    monkeypatch.setenv("JIEFEN_PROCESSES", str(SMALL / "processes"))
    monkeypatch.setenv("JIEFEN_RULES", str(SMALL / "rules"))
    monkeypatch.setenv("JIEFEN_LANG", "en")
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now().astimezone(UTC))


@pytest.fixture
def jiefen(url: str, here: None, monkeypatch: pytest.MonkeyPatch) -> Jiefen:
    """Runs a command; it must end with 0 unless another code is expected."""
    monkeypatch.setenv("JIEFEN_DB", url)
    return command


def command(*arguments: object, ends: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == ends, (arguments, result.output)
    if ends:
        # One clear line, and never a traceback.
        assert result.stderr.startswith("jiefen: ")
        assert "Traceback" not in result.output
    return result


def data(*arguments: object) -> Any:
    return json.loads(command(*arguments, "--json").stdout)


class TestTheMainWay:
    def test_a_case_goes_from_intake_to_its_end(self, jiefen: Jiefen, clock: FixedClock) -> None:
        assert jiefen(*CASE, "--key", "k1", "--area", "140429102").stdout.startswith("case 1 (k1) open\n")
        [task] = data("tasks", "--role", "clerk", "--area", "140429")
        assert (task["element"], task["case"], task["area"]) == ("hear", 1, "140429102")
        jiefen("claim", task["id"], *CLERK)
        assert data("tasks", "--assignee", "c1")[0]["id"] == task["id"]
        assert "decide" not in jiefen("complete", task["id"], *CLERK).stdout
        [task] = data("tasks", "--case", 1)
        case = data("complete", task["id"], *HEAD, "--fact", "outcome=agreed")
        assert (case["status"], case["facts"]["outcome"], case["facts"]["amount"]) == (
            "open",
            "agreed",
            "1200.5",
        )
        clock.advance(timedelta(days=8))
        assert data("sweep") == {"done": {"timer": 1}, "failed": 0, "incidents": 0}
        assert [item["status"] for item in data("cases", "--status", "ended")] == ["ended"]

    def test_opening_twice_is_once(self, jiefen: Jiefen) -> None:
        first, second = data(*CASE, "--key", "k1"), data(*CASE, "--key", "k1")
        assert "other facts (amount)" in command(*CASE, "--key", "k1", "--fact", "amount=9", ends=1).stderr
        assert (first["id"], first["revision"]) == (second["id"], second["revision"])
        assert Decimal(second["facts"]["amount"]) == Decimal("1200.50")
        assert len(data("cases")) == 1

    def test_a_claimed_task_is_given_back(self, jiefen: Jiefen) -> None:
        jiefen(*CASE, "--key", "k1", "--area", "140429102")
        jiefen("claim", 1, *CLERK)
        assert "needs a reason" in command("release", 1, *HEAD, ends=1).stderr
        said = command("release", 1, *HEAD, "--why", "on leave").stdout
        assert said == "task 1 (听取诉求) is open to others again\n"
        assert data("tasks", "--case", 1)[0]["assignee"] is None
        jiefen("claim", 1, *CLERK)
        assert data("release", 1, *CLERK)["assignee"] is None

    def test_facts_from_a_file(self, jiefen: Jiefen, tmp_path: Path) -> None:
        (tmp_path / "facts.yaml").write_text("amount: 60000\nreceived_on: 2026-03-02\narea: '140429102'\n")
        case = data("open", "claim", *CLERK, "--key", "k1", "--facts", tmp_path / "facts.yaml")
        assert case["facts"] == {"amount": "60000", "received_on": "2026-03-02", "area": "140429102"}

    def test_a_message_moves_a_case_once(self, jiefen: Jiefen) -> None:
        jiefen(*CASE, "--key", "k1")
        message = ("message", "party.withdrew", "--case", 1, "--key", "m1")
        assert data(*message) == {
            "case": 1,
            "message": "party.withdrew",
            "key": "m1",
            "caught": True,
            "received": "caught",
        }
        assert data(*message)["caught"] is False
        assert data("cases")[0]["outcome"] == "withdrawn"

    def test_a_delivery_is_listed_and_answered(self, jiefen: Jiefen) -> None:
        jiefen(
            "open",
            "claim",
            "--by",
            "c1",
            "--key",
            "k1",
            "--fact",
            "amount=60000",
            "--fact",
            "received_on=2026-03-02",
        )
        jiefen("complete", data("tasks")[0]["id"], *CLERK)
        [delivery] = data("deliveries")
        assert (delivery["topic"], delivery["status"], delivery["payload"]["inputs"]) == (
            "court",
            "parked",
            {"amount": "60000"},
        )
        jiefen("answer", delivery["id"], "--error", "refused")
        assert [task["element"] for task in data("tasks")] == ["decide"]
        jiefen("answer", delivery["id"], ends=ExitCode.REFUSED)

    def test_an_incident_is_listed_and_retried(self, jiefen: Jiefen, url: str) -> None:
        jiefen(*CASE, "--key", "k1")
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE jiefen_agenda SET status = 'incident', error = 'x', attempts = 8")
            )
        engine.dispose()
        incidents = data("incidents")
        assert {"id", "case", "kind", "at", "attempts", "error"} <= set(incidents[0])
        for incident in incidents:
            jiefen("incidents", "retry", incident["id"])
        assert data("incidents") == []
        jiefen("incidents", "retry", incidents[0]["id"], ends=ExitCode.NOT_FOUND)


class TestReading:
    @pytest.fixture(autouse=True)
    def _three_cases(self, jiefen: Jiefen) -> None:
        for key, area in (("k1", "140429102201"), ("k2", "140429103"), ("k3", "140430")):
            jiefen(*CASE, "--key", key, "--area", area, "--fact", "party_name=王二小")

    def test_lists_page_and_filter(self) -> None:
        assert [case["key"] for case in data("cases", "--area", "140429")] == ["k1", "k2"]
        assert [case["key"] for case in data("cases", "--limit", 2)] == ["k1", "k2"]
        assert [case["key"] for case in data("cases", "--after", 2)] == ["k3"]
        assert [case["key"] for case in data("cases", "--key", "k2")] == ["k2"]
        assert data("cases", "--status", "ended") == []
        assert "--after 2" in command("cases", "--limit", 2).stderr

    def test_a_list_holds_no_personal_data_and_a_case_does(self) -> None:
        assert "王二小" not in command("cases", "--json").stdout + command("cases").stdout
        assert "facts" not in data("cases")[0]
        assert data("case", 1)["case"]["facts"]["party_name"] == "王二小"
        assert "王二小" not in command("case", 1).stdout

    def test_a_story_in_both_languages(self) -> None:
        assert "立案登记" in command("case", 1, "--lang", "zh").stdout
        assert "Case opened" in command("case", 1).stdout
        assert "办理期限" in command("--lang", "zh", "deadlines", 1).stdout

    def test_a_story_as_json(self) -> None:
        command("complete", data("tasks", "--case", 1)[0]["id"], *CLERK)
        told = data("case", 1)
        assert set(told) == {
            "case",
            "status",
            "goes_on_in",
            "parties",
            "links",
            "routes",
            "deadlines",
            "uncounted",
            "open_questions",
            "earliest_right",
            "legal_aid_first",
            "journal",
        }
        assert [route["table"] for route in told["routes"]] == ["route"]
        assert "trace" not in told["routes"][0]
        assert "trace" in data("case", 1, "--trace")["routes"][0]
        assert told["journal"][0]["kind"] == "opened"
        assert "large (10)" in command("case", 1, "--trace").stdout

    def test_deadlines_carry_their_law_and_dates(self) -> None:
        [deadline] = data("deadlines", 1)
        assert (deadline["rule"], deadline["due_on"], deadline["kind"]) == (
            "claim.handle",
            "2026-05-06",
            "duty",
        )
        assert {"law", "article", "provisional", "overdue", "status", "title"} <= set(deadline)

    def test_one_line_per_row_for_programs(self) -> None:
        assert len(command("cases").stdout.strip().splitlines()) == 5

    def test_an_escape_sequence_does_not_reach_the_terminal(self) -> None:
        command(*CASE, "--key", "evil\x1b[2Jkey\nnext")
        for shown in (command("cases").stdout, command("case", 4).stdout):
            assert "\x1b" not in shown
        assert len(command("cases").stdout.strip().splitlines()) == 6


class TestRefused:
    """Each refusal is one clear line with its exit code, and nothing is half written."""

    @pytest.fixture(autouse=True)
    def _one_case(self, jiefen: Jiefen) -> None:
        jiefen(*CASE, "--key", "k1", "--area", "140429102")

    @pytest.fixture
    def before(self) -> Any:
        return data("case", 1)

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (("case", 99), 4, "no case 99"),
            (("deadlines", 99), 4, "no case 99"),
            (("complete", 99, *CLERK), 4, "no task 99"),
            (("claim", 99, *CLERK), 4, "no task 99"),
            (("message", "party.withdrew", "--case", 99, "--key", "m"), 4, "no case 99"),
            (("answer", 99), 4, "99"),
            (("incidents", "retry", 99), 4, "99"),
            (("open", "clam", "--by", "a", "--key", "k9"), 4, "claim"),
            (("open", "claim", "--by", "a", "--key", ""), 1, "key"),
            (("open", "claim", "--by", "a", "--key", "k9", "--fact", "amuont=1"), 1, "amount"),
            (("open", "claim", "--by", "a", "--key", "k9", "--fact", "amount=lots"), 1, "yuan"),
            (("open", "claim", "--by", "a", "--key", "k9", "--fact", "way=court"), 1, "table:route"),
            (("open", "claim", "--by", "a", "--key", "k9", "--fact", "received_on=2099-01-01"), 1, "future"),
            (("open", "claim", "--by", "a", "--key", "k9", "--area", "太行"), 1, "area"),
            (("open", "claim", "--by", "a", "--key", "k9", "--facts", "none.json"), 1, "none.json"),
            (("complete", 1, *HEAD), 1, "clerk"),
            (("complete", 1, "--by", "c1"), 1, "no role"),
            (("complete", 1, *CLERK, "--area", "140430"), 1, "140430"),
            (("complete", 1, *CLERK, "--fact", "outcome=perhaps"), 1, "agreed"),
            (("complete", 1, *CLERK, "--fact", "way=court"), 1, "table:route"),
            (("message", "party.withdrew", "--case", 1, "--key", ""), 1, "key"),
            (("cases", "--area", "1"), 1, "area"),
        ],
    )  # fmt: skip
    def test_and_nothing_is_written(
        self, before: Any, arguments: tuple[object, ...], code: int, says: str
    ) -> None:
        assert says in command(*arguments, ends=code).stderr
        assert data("case", 1) == before
        assert len(data("cases")) == 1

    @pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b"])
    def test_a_text_that_no_database_can_keep(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "facts.json").write_text(f'{{"party_name": "{text}"}}')
        said = command(
            "open", "claim", "--by", "a", "--key", "k9", "--facts", tmp_path / "facts.json", ends=1
        ).stderr
        assert "party_name" in said
        assert len(data("cases")) == 1

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (("cases", "--stage", "mediation"), 0, ""),
            (("cases", "--outcome", "agred"), 1, "agreed"),
            (("cases", "--process", "clam"), 4, "claim"),
            (("tasks", "--role", "clark"), 4, "clerk"),
            (("tasks", "--role", "helper"), 0, ""),
        ],
    )
    def test_a_mistyped_filter_is_not_an_empty_list(
        self, arguments: tuple[str, ...], code: int, says: str
    ) -> None:
        assert says in command(*arguments, ends=code).stderr

    def test_a_task_completed_twice(self) -> None:
        command("complete", 1, *CLERK)
        assert "was completed" in command("complete", 1, *CLERK, ends=1).stderr

    def test_a_task_that_somebody_else_has_claimed(self) -> None:
        command("claim", 1, *CLERK)
        for act in ("claim", "complete"):
            assert "claimed by c1" in command(act, 1, "--by", "c2", *CLERK[2:], ends=1).stderr


class TestDatabases:
    @pytest.fixture(autouse=True)
    def _here(self, here: None) -> None:
        """Nothing but the edition is set."""

    def test_a_missing_file_is_not_an_office_without_cases(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("JIEFEN_DB", raising=False)
        for arguments in (
            ("cases",),
            ("sweep",),
            ("complete", 1, *CLERK),
            ("cases", "--db", "sqlite:///other.db"),
        ):
            assert "there is no database" in command(*arguments, ends=3).stderr
        assert list(tmp_path.iterdir()) == []

    def test_open_makes_the_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("JIEFEN_DB", raising=False)
        command(*CASE, "--key", "k1")
        assert (tmp_path / "jiefen.db").exists()
        assert len(data("cases")) == 1

    def test_the_option_of_the_command_the_program_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        urls = [f"sqlite:///{tmp_path}/{name}.db" for name in "abc"]
        for url, key in zip(urls, "abc", strict=True):
            command(*CASE, "--key", key, "--db", url)
        monkeypatch.setenv("JIEFEN_DB", urls[0])
        assert data("cases")[0]["key"] == "a"
        assert data("--db", urls[1], "cases")[0]["key"] == "b"
        assert data("--db", urls[1], "cases", "--db", urls[2])[0]["key"] == "c"

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("nonsense", "sqlite:///cases.db"),
            ("mysql://root@localhost/x", "mysql"),
            ("postgresql+psycopg://nobody:secret@127.0.0.1:1/none", "127.0.0.1"),
            ("sqlite:////no/such/folder/x.db", "/no/such/folder"),
        ],
    )
    def test_an_address_that_does_not_serve(self, url: str, says: str) -> None:
        said = command(*CASE, "--key", "k1", "--db", url, ends=3).stderr
        assert says in said
        assert "secret" not in said

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "x.db").write_text("a letter, not a database" * 100)
        assert (
            "not a sound SQLite database"
            in command("cases", "--db", f"sqlite:///{tmp_path}/x.db", ends=3).stderr
        )

    def test_a_newer_database(self, url: str) -> None:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE jiefen_version SET version_num = '9999'"))
        engine.dispose()
        assert "newer" in command("cases", "--db", url, ends=3).stderr

    def test_a_locked_database(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        command(*CASE, "--key", "k1", "--db", sqlite_url)
        monkeypatch.setattr(
            "jiefen.engine.Connecting", lambda **how: Connecting(**(how | {"lock_timeout": 0.05}))
        )
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            assert "locked" in command("complete", 1, *CLERK, "--db", sqlite_url, ends=3).stderr
        command("complete", 1, *CLERK, "--db", sqlite_url)

    def test_a_broken_edition_opens_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "broken.bpmn").write_text("<definitions>")
        said = command(
            *CASE, "--key", "k", "--db", f"sqlite:///{tmp_path}/x.db", "--processes", tmp_path, ends=1
        ).stderr
        assert "broken.bpmn" in said
        assert not (tmp_path / "x.db").exists()


class TestSweeping:
    def test_until_nothing_is_due_or_one_batch(self, jiefen: Jiefen, clock: FixedClock) -> None:
        for key in ("a", "b", "c"):
            jiefen(*CASE, "--key", key)
        clock.advance(timedelta(days=400))
        assert sum(data("sweep", "--once", "--limit", 2)["done"].values()) == 2
        left = sum(data("sweep", "--limit", 2)["done"].values())
        assert left > 2
        assert jiefen("sweep").stdout == "0 due entries done; 0 failed\n"

    def test_a_monitor_reads_how_far_behind_it_is(self, jiefen: Jiefen, clock: FixedClock) -> None:
        jiefen(*CASE, "--key", "k1")
        assert data("lag") == {"due": 0, "behind_seconds": 0, "failing": 0, "incidents": 0}
        jiefen("lag", "--most", 0)
        clock.advance(timedelta(days=400))
        assert data("lag")["due"] > 0
        assert data("lag")["behind_seconds"] > 86400 * 300
        assert CliRunner().invoke(app, ["lag", "--most", "3600"]).exit_code == ExitCode.REFUSED

    def test_failed_entries_are_5(
        self, jiefen: Jiefen, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jiefen(*CASE, "--key", "k1")
        clock.advance(timedelta(days=400))

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError

        monkeypatch.setattr("jiefen.agenda.sweep.run_entry", broken)
        result = CliRunner().invoke(app, ["sweep", "--json"])
        assert result.exit_code == ExitCode.PARTLY
        assert json.loads(result.stdout)["failed"] > 0


class TestServe:
    def serve(self, url: str, *arguments: str) -> subprocess.Popen[str]:
        places = {"JIEFEN_PROCESSES": str(SMALL / "processes"), "JIEFEN_RULES": str(SMALL / "rules")}
        return subprocess.Popen(
            [sys.executable, "-m", "jiefen.cli", "serve", "--db", url, *arguments],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | places,
        )

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    def test_it_sweeps_beats_and_stops_clean(self, url: str, how: signal.Signals) -> None:
        with self.serve(url, "--every", "0.05") as process:
            assert process.stderr is not None
            beats = 0
            for line in process.stderr:
                beats += "heartbeat" in line
                if beats == 3:
                    break
            process.send_signal(how)
            rest = process.stderr.read()
            assert process.wait(30) == 0
        assert rest.splitlines()[-1].endswith("stopped")
        assert "Traceback" not in rest

    def test_what_is_due_gets_done(self, jiefen: Jiefen, url: str) -> None:
        # The program goes by the real clock: this case's deadline has long passed by then.
        jiefen(*CASE, "--key", "k1", "--area", "140429102")
        with self.serve(url, "--every", "3600") as process:
            give_up = time.monotonic() + 30
            while (
                not any(task["element"] == "press" for task in data("tasks")) and time.monotonic() < give_up
            ):
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
            assert process.returncode == 0
        assert [task["element"] for task in data("tasks")] == ["hear", "press"]

    def test_deliveries_go_out_and_a_monitor_reads_the_beats(
        self, engine: Engine, clock: FixedClock, url: str, tmp_path: Path
    ) -> None:
        # Not a notice: those wait for working hours, and this program goes by the real clock.
        case = engine.open_case(
            "claim",
            {"amount": 60_000, "received_on": date(2026, 3, 2), "area": "140429102"},
            key="k1",
            by=PERSON,
        )
        engine.complete(engine.tasks(case=case.id)[0].id, {}, by=PERSON)
        adapters, beats, out = tmp_path / "adapters.yaml", tmp_path / "beats.json", tmp_path / "out"
        adapters.write_text(
            f"adapters: [{{adapter: folder, topics: [court], outbox: {out}}}]", encoding="utf-8"
        )
        with self.serve(url, "--every", "0.2", "--adapters", str(adapters), "--beat", str(beats)) as process:
            give_up = time.monotonic() + 30
            while not (out.is_dir() and list(out.glob("*.json"))) and time.monotonic() < give_up:
                time.sleep(0.05)
            while not (beats.exists() and "deliveries" in beats.read_text()) and time.monotonic() < give_up:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
        assert json.loads(next(out.glob("*.json")).read_text())["topic"] == "court"
        told = json.loads(beats.read_text())
        assert set(told) == {"clock", "deliveries"}
        assert set(told["clock"]["lag"]) == {"due", "behind_seconds", "failing", "incidents"}
        assert told["clock"]["error"] is None

    def test_a_broken_file_of_adapters_is_refused(self, url: str, tmp_path: Path) -> None:
        adapters = tmp_path / "adapters.yaml"
        adapters.write_text("adapters: [{adapter: nobody, topics: [notice]}]", encoding="utf-8")
        with self.serve(url, "--adapters", str(adapters)) as process:
            said = process.communicate(timeout=30)[1]
            assert process.returncode == ExitCode.REFUSED
        assert "no adapter 'nobody' is installed" in said

    def test_it_does_not_start_on_a_bad_database(self, tmp_path: Path) -> None:
        with self.serve("sqlite:////no/such/folder/x.db") as process:
            said = process.communicate(timeout=30)[1]
            assert process.returncode == ExitCode.DATABASE
        assert said.startswith("jiefen: the database sqlite:////no/such/folder/x.db")


class TestDeadlines:
    @pytest.fixture(autouse=True)
    def claim(self, jiefen: Jiefen) -> None:
        jiefen(*CASE, "--key", "k1")  # sixty days from 2 March are the first of May, a holiday

    def test_a_deadline_is_extended_as_its_rule_allows(self) -> None:
        refused = command("extend", 1, "claim.handle", "31 d", *HEAD, "--ground", "g", ends=1)
        assert "at most 30 d" in refused.stderr
        assert "head or a deputy" in command("extend", 1, 1, "30 d", *CLERK, "--ground", "g", ends=1).stderr
        assert "情况复杂" in command("extend", 1, 1, "30 d", *HEAD, ends=1).stderr
        extended = command("extend", 1, 1, "30 d", *HEAD, "--ground", "three villages")
        assert extended.stdout == "deadline 1 Handle the claim: due 2026-06-01\n"
        assert data("deadlines", 1)[0]["extensions"][0]["ground"] == "three villages"

    def test_it_stands_still_and_goes_on(self, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 20))
        suspend = ("suspend", 1, "claim.handle", *CLERK, "--ground")
        assert command(*suspend, "hearing", "--since", "2026-03-10").stdout == (
            "deadline 1 Handle the claim: suspended, without a due date\n"
        )
        assert "resume it first" in command(*suspend, "hearing", ends=1).stderr
        resumed = data("resume", 1, 1, *CLERK, "--on", "2026-03-17")
        assert (resumed["status"], resumed["due_on"]) == ("running", "2026-05-08")
        assert "earlier suspension" in command(*suspend, "hearing", "--since", "2026-03-16", ends=1).stderr

    def test_a_fixed_period_is_not_interrupted(self) -> None:
        refused = command("interrupt", 1, 1, *CLERK, "--ground", "hearing", ends=1)
        assert "cannot be interrupted" in refused.stderr

    def test_the_day_it_runs_from_is_corrected(self) -> None:
        corrected = data("correct", 1, "claim.handle", "--on", "2026-02-27", *CLERK)
        assert (corrected["seq"], corrected["due_on"]) == (2, "2026-04-28")
        assert data("case", 1)["case"]["facts"]["received_on"] == "2026-02-27"

    def test_a_milestone_outside_of_the_process_is_recorded(self) -> None:
        milestone = ("milestone", 1, "answered", *CLERK)
        [changed] = data(*milestone, "--on", "2026-02-27")[-1:]
        assert (changed["seq"], changed["rule"], changed["due_on"]) == (2, "claim.review", "2026-03-30")
        assert "no deadline starts" in command(*milestone, "--on", "2026-02-27").stdout
        assert "did you mean 'accepted'" in command("milestone", 1, "accepte", *CLERK, ends=4).stderr

    def test_what_cannot_be_meant_is_said(self) -> None:
        assert "did you mean" in command("resume", 1, "claim.handel", *CLERK, ends=4).stderr
        assert "no case 9" in command("resume", 9, "claim.handle", *CLERK, ends=4).stderr
        wrong = CliRunner().invoke(app, ["resume", "1", "1", *CLERK, "--on", "soon"])
        assert (wrong.exit_code, "no day" in wrong.stderr) == (2, True)
        naive = command("resume", 1, 1, *CLERK, "--on", "2026-03-01T09:00", ends=1)
        assert "no time zone" in naive.stderr
