"""The help of the commands in Chinese: complete, of what there is, and only where it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from jiefen.cli.frame.chinese import COMMANDS, OPTIONS
from jiefen.cli.root import app

HAN = re.compile("[\u4e00-\u9fff]")


def options(command: Any) -> Iterator[str]:
    yield from (one.help for one in command.params if getattr(one, "help", None))
    for below in getattr(command, "commands", {}).values():
        yield from options(below)


def test_every_command_and_no_other_is_told_in_chinese() -> None:
    program: Any = typer.main.get_command(app)
    assert set(program.commands) == set(COMMANDS)
    assert all(HAN.search(text) for text in (*COMMANDS.values(), *OPTIONS.values()))


def test_what_many_commands_share_is_told_and_nothing_that_none_says() -> None:
    said = list(options(typer.main.get_command(app)))
    assert set(OPTIONS) <= set(said)
    assert {text for text in said if said.count(text) > 10} <= set(OPTIONS)


@pytest.mark.parametrize(
    ("language", "list_of_all", "one"),
    [
        ("zh", "并案:并入同一事项的另一案", "理由;记入流水"),
        ("en", "Merge a case into another one", "it is kept in the journal"),
    ],
)
def test_help_is_in_the_language_of_whoever_asks(
    monkeypatch: pytest.MonkeyPatch, language: str, list_of_all: str, one: str
) -> None:
    monkeypatch.setenv("JIEFEN_LANG", language)
    monkeypatch.setenv("COLUMNS", "200")
    assert list_of_all in CliRunner().invoke(app, ["--help"]).stdout
    assert one in CliRunner().invoke(app, ["merge", "--help"]).stdout
