"""Deliveries in a folder: each once, whole or not at all, under a name that is safe everywhere."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.testing import AdapterContract
from jiefen_adapters.folder import FolderAdapter, file_name


class TestContract(AdapterContract):
    """What every adapter must keep."""

    cancels = True

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.outbox = tmp_path / "out" / "court"

    def adapter(self) -> FolderAdapter:
        return FolderAdapter(self.outbox)

    def arrived(self) -> int:
        return len(list(self.outbox.glob("*.json")))


DELIVERY = AdapterContract().delivery()


def test_a_delivery_says_what_it_is(tmp_path: Path) -> None:
    assert FolderAdapter(tmp_path).send(DELIVERY) is None  # type: ignore[func-returns-value]
    [path] = tmp_path.iterdir()
    assert path.name.startswith("jiefen-1-token-1-")
    assert json.loads(path.read_bytes()) == {
        "key": "jiefen:1:token/1",
        "topic": "court",
        "case": 1,
        "at": "2026-03-02T09:00:00+08:00",
        "payload": {"element": "file", "token": 1, "inputs": {"amount": "1200.50", "name": "张三"}},
    }


def test_facts_travel_as_text_that_can_be_read(tmp_path: Path) -> None:
    payload = {"on": date(2026, 3, 2), "amount": Decimal("0.10"), "name": "张三"}
    FolderAdapter(tmp_path).send(replace(DELIVERY, payload=payload))
    [path] = tmp_path.iterdir()
    assert "张三" in path.read_text("utf-8")
    assert json.loads(path.read_bytes())["payload"] == {"on": "2026-03-02", "amount": "0.10", "name": "张三"}


def test_what_lies_there_is_not_written_again(tmp_path: Path) -> None:
    adapter = FolderAdapter(tmp_path)
    adapter.send(DELIVERY)
    [path] = tmp_path.iterdir()
    before = path.stat()
    adapter.send(DELIVERY)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_was_taken_away_comes_again_under_the_same_name(tmp_path: Path) -> None:
    adapter = FolderAdapter(tmp_path)
    adapter.send(DELIVERY)
    [first] = tmp_path.iterdir()
    first.unlink()
    adapter.send(DELIVERY)
    assert list(tmp_path.iterdir()) == [first]


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            FolderAdapter(tmp_path).send(DELIVERY)
    assert list(tmp_path.iterdir()) == []
    FolderAdapter(tmp_path).send(DELIVERY)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("group", "mode"), [(False, 0o600), (True, 0o660)])
def test_nobody_reads_it_but_the_owner_and_the_group_if_it_may(
    tmp_path: Path, group: bool, mode: int
) -> None:
    FolderAdapter(tmp_path, group=group).send(DELIVERY)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {mode}


@given(st.text(max_size=300))
def test_a_name_is_safe_everywhere(key: str) -> None:
    name = file_name(key)
    assert re.fullmatch(r"[a-z0-9-]+\.json", name)
    assert not name.startswith("-")
    assert len(name) <= 120
    assert not re.match(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])\.", name)


@given(st.lists(st.text("aA1:/\\.-_ 信", max_size=8), unique=True, max_size=20))
def test_names_tell_keys_apart_whatever_the_file_system(keys: list[str]) -> None:
    assert len({file_name(key).casefold() for key in keys}) == len(keys)
