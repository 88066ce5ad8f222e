"""Only plain files are read, and none is read to find out that it is too large."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from jiefen import DefinitionError, load_yaml
from jiefen.notation.files import UnusableFile, read_plain
from jiefen.outside.installed import load_adapters
from jiefen.people.directory_file import load_directory
from jiefen.periods import import_year, load_calendar
from jiefen.rules import load_rulebook
from jiefen.testing import load_scenarios

LARGE = 800 * 1024 * 1024


def problem(path: Path) -> str:
    with pytest.raises(UnusableFile) as error:
        read_plain(path, 10)
    assert error.value.hint
    return error.value.problem


def test_a_plain_file_and_a_link_to_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    (tmp_path / "b").symlink_to("a")
    assert read_plain(tmp_path / "a", 10) == read_plain(tmp_path / "b", 10) == b"0123456789"


def test_what_is_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        names = ("pipe", "folder", "zero", "socket")
        assert {problem(tmp_path / name) for name in names} == {"not-a-file"}


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "away").symlink_to("nowhere")
    for path in (tmp_path / "loop", tmp_path / "away", Path("nul\0byte"), Path("x" * 5_000)):
        assert problem(path) == "unreadable"


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(LARGE)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("it was opened"))
    assert problem(tmp_path / "large") == "too-big"


def test_what_takes_the_name_after_the_look_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"small")
    os.mkfifo(tmp_path / "pipe")
    look = os.stat(tmp_path / "a")
    monkeypatch.setattr(os, "stat", lambda _: look)
    assert problem(tmp_path / "pipe") == "not-a-file"


READERS = {
    "scenarios": lambda path: load_scenarios(path.parent),
    "a scenario": load_scenarios,
    "a directory": lambda path: load_directory(path, {}),
    "calendars": lambda path: load_calendar(path.parent),
    "a plan to import": lambda path: import_year(path, path.parent),
    "rules": lambda path: load_rulebook(path.parent),
    "adapters": load_adapters,
    "YAML": load_yaml,
}


@pytest.mark.parametrize("kind", ["pipe", "device", "large", "loop"])
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_every_reader_of_definitions_refuses_what_is_no_plain_file(
    tmp_path: Path, read: Callable[[Path], object], kind: str
) -> None:
    path = tmp_path / "x.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        with path.open("wb") as stream:
            stream.truncate(LARGE)
    else:
        path.symlink_to({"device": "/dev/zero", "loop": path}[kind])
    with pytest.raises(DefinitionError) as error:
        read(path)
    assert "x.yaml" in str(error.value)
