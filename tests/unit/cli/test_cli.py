"""The command line itself: how commands end, what streams carry, and facts as a shell gives them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from jiefen import errors
from jiefen.cli.frame.given import given_facts, read_facts
from jiefen.cli.frame.output import cell, show_json
from jiefen.cli.frame.program import EXIT_CODES, ExitCode, code_of, printable
from jiefen.cli.root import app
from jiefen.errors import DatabaseError, FactError, JiefenError, NotFound
from jiefen.rules import load_rulebook
from tests.integration.conftest import SMALL

RULEBOOK = load_rulebook(SMALL / "rules")
VOCABULARY = RULEBOOK.vocabulary


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """The real program in a process of its own."""
    command = [sys.executable, "-m", "jiefen.cli", *arguments]
    return subprocess.run(command, capture_output=True, env=os.environ | variables, check=False, timeout=60)


class TestEnds:
    def test_no_command_shows_the_help_and_every_exit_code(self) -> None:
        result = CliRunner().invoke(app, ["--help"], terminal_width=200)
        assert result.exit_code == 0
        for code, meaning in EXIT_CODES.items():
            assert str(code.value) in result.stdout
            assert meaning[:20] in " ".join(result.stdout.split())

    def test_the_help_page_tells_the_same_exit_codes(self) -> None:
        page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
        for code, meaning in EXIT_CODES.items():
            assert f"| {code.value} | {meaning} |" in page

    def test_the_page_names_every_command(self) -> None:
        page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
        for words in _commands():
            assert f"`jiefen {' '.join(words)}" in page, words

    def test_every_command_has_help(self) -> None:
        for command in ([], *map(list, _commands())):
            result = CliRunner().invoke(app, [*command, "--help"])
            assert result.exit_code == 0, command
            assert "Usage: " in result.stdout

    def test_the_version(self) -> None:
        from jiefen import __version__

        result = CliRunner().invoke(app, ["--version"])
        assert (result.exit_code, result.stdout) == (0, f"jiefen {__version__}\n")

    @pytest.mark.parametrize(
        "arguments",
        [
            ["nonsense"],
            ["cases", "--limit", "0"],
            ["case"],
            ["case", "seven"],
            ["complete", "3"],
            ["cases", "--lang", "fr"],
            ["case", str(2**63)],
            ["cases", "--after", str(2**63)],
            ["cases", "--status", "nonsense"],
            ["tasks", "--status", "nonsense"],
            ["deliveries", "--status", "nonsense"],
            ["rules", "list", "--kind", "nonsense"],
            ["open", "dispute", "--by", "a"],
            ["due", "5 wd", "--from", "2026-02-30"],
            ["due", "5 wd", "--from", "2026-03-02", "--roll", "sometimes"],
            ["rules", "check", "--laws", "/no/such/folder"],
        ],
    )
    def test_what_cannot_be_understood_is_2(self, arguments: list[str]) -> None:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == ExitCode.USAGE
        assert result.stdout == ""
        assert result.stderr

    def test_every_error_of_the_tree_has_a_code(self) -> None:
        tree = [
            kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, JiefenError)
        ]
        assert {code_of(kind.__new__(kind)) for kind in tree} == {
            ExitCode.REFUSED,
            ExitCode.DATABASE,
            ExitCode.NOT_FOUND,
        }
        assert code_of(DatabaseError("x")) is ExitCode.DATABASE
        assert code_of(NotFound("x")) is ExitCode.NOT_FOUND

    def test_a_bug_is_one_line_and_says_how_to_see_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise KeyError("a name that is nobody's business")

        monkeypatch.setattr("jiefen.rules.load_rulebook", broken)
        result = CliRunner().invoke(app, ["rules", "list"])
        assert result.exit_code == ExitCode.BUG
        assert result.stderr.count("\n") == 1
        assert "KeyError at " in result.stderr
        assert "business" not in result.stderr
        monkeypatch.setenv("JIEFEN_DEBUG", "1")
        assert isinstance(CliRunner().invoke(app, ["rules", "list"]).exception, KeyError)

    def test_an_error_of_the_system_names_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("")
        result = CliRunner().invoke(app, ["rules", "schema", "--into", str(tmp_path / "taken" / "below")])
        assert result.exit_code == ExitCode.REFUSED
        assert result.stderr == f"jiefen: {tmp_path / 'taken' / 'below'}: Not a directory\n"


def _commands() -> list[tuple[str, ...]]:
    from typer.main import get_command

    found: list[tuple[str, ...]] = []

    def walk(command: Any, words: tuple[str, ...]) -> None:
        for name, below in getattr(command, "commands", {}).items():
            found.append((*words, name))
            walk(below, (*words, name))

    walk(get_command(app), ())
    return found


class TestStreams:
    def test_an_argument_that_is_no_text_is_2(self, tmp_path: Path) -> None:
        places = {"JIEFEN_PROCESSES": str(SMALL / "processes"), "JIEFEN_RULES": str(SMALL / "rules")}
        done = run(
            "open", "claim", "--by", "a", "--key", "\udcff", "--db", f"sqlite:///{tmp_path}/x.db", **places
        )
        assert done.returncode == ExitCode.USAGE
        assert done.stderr == b"jiefen: an argument holds bytes that are not UTF-8; write it in UTF-8\n"

    def test_chinese_in_any_locale(self) -> None:
        arguments = (
            "--lang",
            "zh",
            "decide",
            "route",
            "--fact",
            "amount=60000",
            "--rules",
            str(SMALL / "rules"),
        )
        for variables in (
            {"LC_ALL": "C"},
            {"LC_ALL": "POSIX", "PYTHONUTF8": "0"},
            {"PYTHONIOENCODING": "ascii"},
        ):
            done = run(*arguments, **variables)
            assert done.returncode == 0, done.stderr
            assert "途径 way: 法院 court" in done.stdout.decode("utf-8")

    def test_json_is_utf_8_whatever_the_terminal(self) -> None:
        arguments = ("rules", "list", "--json", "--rules", str(SMALL / "rules"))
        done = run(*arguments, PYTHONIOENCODING="gbk")
        assert "办理期限" in done.stdout.decode("utf-8")
        assert isinstance(json.loads(done.stdout), list)

    def test_a_reader_that_goes_away_is_no_traceback(self) -> None:
        command = [sys.executable, "-m", "jiefen.cli", "rules", "list", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            said = process.stderr.read()
            assert process.wait(60) == ExitCode.BROKEN_PIPE
        assert said == b""

    def test_help_loads_nothing_heavy(self) -> None:
        code = (
            "import sys\nfrom jiefen.cli.root import app\n"
            "try: app(['--help'])\nexcept SystemExit: pass\n"
            "heavy = {'sqlalchemy', 'alembic', 'SpiffWorkflow', 'apscheduler', 'lxml', 'openpyxl', 'yaml'}\n"
            "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stderr == "[]\n"

    @given(st.text())
    def test_nothing_a_terminal_obeys_is_printed(self, text: str) -> None:
        shown = printable(text)
        assert len(shown) >= len(text)
        assert printable(shown) == shown
        assert all(ord(sign) >= 32 or sign in "\n\t" for sign in shown)
        assert not set(shown) & {chr(code) for code in range(127, 160)}
        assert "\n" not in cell(text)


class TestJson:
    def test_values_keep_their_meaning(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        show_json({"day": date(2026, 3, 1), "money": Decimal("1200.50"), "list": ("访", "调"), "none": None})
        assert json.loads(capsysbinary.readouterr().out) == {
            "day": "2026-03-01",
            "money": "1200.50",
            "list": ["访", "调"],
            "none": None,
        }


class TestFacts:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("amount=1200.50", Decimal("1200.50")),
            ("amount=60000", Decimal(60000)),
            ("amount=null", None),
            ("received_on=2026-03-01", date(2026, 3, 1)),
            ("urgent=true", True),
            ("urgent=null", None),
            ("way=court", "court"),
            ("party_name=null", "null"),
            ("party_name=王二小=李四", "王二小=李四"),
            ("party_name=", ""),
            ("party_name=true", "true"),
            ("area=140429102", "140429102"),
        ],
    )
    def test_a_fact_is_what_the_vocabulary_says(self, text: str, value: object) -> None:
        name = text.partition("=")[0]
        assert VOCABULARY.from_json(given_facts([text], None, VOCABULARY)) == {name: value}

    @pytest.mark.parametrize(
        "text",
        ["urgent=yes", "urgent=1", "amount=3万", "amount=NaN", "received_on=2026-02-30", "received_on=1/3",
         "way=police", "amout=3", "area=太行"],
    )  # fmt: skip
    def test_what_does_not_fit_is_refused_by_name(self, text: str) -> None:
        with pytest.raises(FactError, match=text.partition("=")[0]):
            VOCABULARY.from_json(given_facts([text], None, VOCABULARY))

    @pytest.mark.parametrize("text", ["amount", "=3", " =3", ""])
    def test_what_is_no_fact_is_refused(self, text: str) -> None:
        with pytest.raises(FactError, match="NAME=VALUE"):
            given_facts([text], None, VOCABULARY)

    def test_the_command_line_goes_over_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "facts.json"
        file.write_text('{"amount": 3, "way": "court"}')
        assert given_facts(["amount=4"], str(file), VOCABULARY) == {"amount": "4", "way": "court"}

    def test_yaml_and_json_say_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_bytes(
            '\ufeff{"amount": "1200.50", "received_on": "2026-03-01", "urgent": true}'.encode()
        )
        (tmp_path / "a.yaml").write_text("amount: 1200.50\nreceived_on: 2026-03-01\nurgent: true\n")
        one, other = (VOCABULARY.from_json(read_facts(str(tmp_path / name))) for name in ("a.json", "a.yaml"))
        assert one == other == {"amount": Decimal("1200.50"), "received_on": date(2026, 3, 1), "urgent": True}

    @pytest.mark.parametrize(
        ("name", "text", "says"),
        [
            ("a.json", b"[1]", "does not hold facts"),
            ("a.json", b'{"a": 1, "a": 2}', "twice"),
            ("a.json", b'{"a": NaN}', "NaN"),
            ("a.json", b'{"a": \n 1,}', r"a\.json:2:"),
            ("a.json", b'{"a": "\xff"}', "UTF-8"),
            ("a.json", b"[" * 100_000, "too deep"),
            ("a.json", b'{"a": ' + b"9" * 10_000 + b"}", "too long"),
            ("a.json", b" " * 1_000_001, "larger"),
            ("a.json", b"", "not JSON"),
            ("a.yaml", b"", "does not hold facts"),
            ("a.yaml", b"a: 1\na: 2\n", r"a\.yaml:2"),
            ("a.yaml", b"1: 2\n", "does not hold facts"),
            ("a.yaml", "a: 信访".encode("gbk"), "UTF-8"),
            ("a.txt", b"{}", "neither .json nor .yaml"),
        ],
    )
    def test_a_bad_file_is_a_clear_error(self, tmp_path: Path, name: str, text: bytes, says: str) -> None:
        (tmp_path / name).write_bytes(text)
        with pytest.raises(FactError, match=says):
            read_facts(str(tmp_path / name))

    @pytest.mark.parametrize("name", ["none.json", "none.yaml"])
    def test_a_missing_file_is_a_clear_error(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(FactError, match=r"cannot be read|No such file"):
            read_facts(str(tmp_path / name))

    def test_json_comes_from_stdin_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"urgent": true}')))
        assert read_facts("-") == {"urgent": True}

    @given(st.binary(max_size=300))
    def test_no_bytes_raise_anything_else(
        self, tmp_path_factory: pytest.TempPathFactory, text: bytes
    ) -> None:
        for suffix in (".json", ".yaml"):
            file = tmp_path_factory.getbasetemp() / f"fuzzed{suffix}"
            file.write_bytes(text)
            with suppress(FactError):
                assert isinstance(read_facts(str(file)), dict)


def test_no_two_commands_have_one_name() -> None:
    """The later of two would never be reached."""

    def names(of: typer.Typer) -> list[str]:
        own = [one.name or str(getattr(one.callback, "__name__", "")) for one in of.registered_commands]
        groups = [group for group in of.registered_groups if group.typer_instance is not None]
        own += [str(group.name) for group in groups if isinstance(group.name, str)]
        flat = [group.typer_instance for group in groups if not isinstance(group.name, str)]
        return own + [name for part in flat if part is not None for name in names(part)]

    found = Counter(names(app))
    assert len(found) > 40
    assert [name for name, times in found.items() if times > 1] == []
