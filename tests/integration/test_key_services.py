"""Master keys that a service holds, named in a file: for commands on a database whose keys lie in a 密码机."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Algorithm, DefinitionError, Engine, FileKeys, FixedClock, JiefenError
from jiefen.cli.root import app
from jiefen.outside import key_services
from tests.integration.test_keys import MATTER, PLAIN, rows_of

CLERK = Actor("0412", frozenset({"village_mediator"}), EVERYWHERE)
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": MATTER}


class Machine:
    """A 密码机 as its maker would write it for Jiefen; this one keeps its keys in a file."""

    def __init__(self, *, address: str, pin: str) -> None:
        if pin != "4321":
            raise PermissionError(f"{pin} is wrong")
        self._inside = FileKeys(address)
        self.current, self.algorithm = self._inside.current, Algorithm.AES

    def wrap(self, key: bytes, master: str, bound_to: bytes) -> bytes:
        return self._inside.wrap(key, master, bound_to)

    def unwrap(self, wrapped: bytes, master: str, bound_to: bytes) -> bytes:
        return self._inside.unwrap(wrapped, master, bound_to)


def offered(monkeypatch: pytest.MonkeyPatch, made: Any, *, by: str = "jiefen-hsm") -> None:
    """Let a distribution offer keys called ``county-hsm``."""
    point = SimpleNamespace(
        name="county-hsm", group="jiefen.keys", value="hsm:Machine", dist=SimpleNamespace(name=by),
        load=lambda: made,
    )  # fmt: skip
    monkeypatch.setattr(key_services, "installed", lambda group: {"county-hsm": [point]})


def named(folder: Path, text: str) -> Path:
    path = folder / "named.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    inside = tmp_path / "inside.yaml"
    FileKeys.create(inside)
    return named(tmp_path, f"keys: county-hsm\naddress: {inside}\npin: {{env: HSM_PIN}}\n")


@PLAIN
def test_commands_encrypt_a_database_by_keys_that_a_machine_holds(
    file: Path, tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engine.open(sqlite_url, clock=clock) as engine:
        engine.open_case("dispute", FACTS, key="a", by=CLERK)
    offered(monkeypatch, Machine)
    monkeypatch.setenv("JIEFEN_DISTRIBUTIONS", "jiefen_hsm")
    monkeypatch.setenv("HSM_PIN", "4321")
    monkeypatch.setenv("JIEFEN_DB", sqlite_url)
    run = CliRunner()
    refused = run.invoke(app, ["keys", "encrypt"])
    assert (refused.exit_code, "names no file of keys" in refused.output) == (1, True)
    monkeypatch.setenv("JIEFEN_KEYS", str(file))
    done = json.loads(run.invoke(app, ["keys", "encrypt", "--rewrite", "--json"]).stdout)
    assert (done["cases"], done["rows"] > 2, done["unsound"], done["rewritten"]) == (1, True, [], True)
    assert MATTER not in rows_of(sqlite_url)
    said = run.invoke(app, ["keys", "encrypt", "--lang", "zh"]).stdout
    assert "已加密案件 0 件、记录 0 条" in said
    assert "jiefen keys encrypt --rewrite" in said
    assert MATTER in run.invoke(app, ["case", "1", "--json"]).stdout
    rotated = run.invoke(app, ["keys", "rotate"])
    assert (rotated.exit_code, "held by a service" in rotated.output) == (1, True)
    FileKeys(tmp_path / "inside.yaml").add_master()
    told = json.loads(run.invoke(app, ["keys", "rotate", "--again", "--json"]).stdout)
    assert told == {"master": "m2", "wrapped": 2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keys: count-hsm\n", "did you mean 'county-hsm'"),
        ("keys: [1]\n", "no keys"),
        ("keys: county-hsm\naddress: x\npin: {env: NOT_SET}\n", "set NOT_SET"),
        ("keys: county-hsm\naddress: x\n", "missing 1 required"),
        ("keys: county-hsm\naddress: x\npin: '1'\n", "PermissionError"),
        ("keys: county-hsm\naddress: x\npin: '4321'\n", "the file of keys x cannot be read"),
        ("masters: 3\n", "cannot be used"),
    ],
)
def test_what_is_wrong_with_it_is_told_without_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    offered(monkeypatch, Machine)
    monkeypatch.setenv("JIEFEN_DISTRIBUTIONS", "jiefen-hsm")
    path = named(tmp_path, text)
    path.chmod(0o600)
    with pytest.raises(JiefenError) as caught:
        key_services.load_keys(path)
    assert says in "".join([str(caught.value), *map(str, getattr(caught.value, "findings", ()))])


def test_what_nobody_has_allowed_is_not_loaded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSM_PIN", "4321")
    offered(monkeypatch, Machine)
    with pytest.raises(
        DefinitionError, match="holder of keys 'county-hsm' comes from jiefen-hsm, which nobody"
    ):
        key_services.load_keys(file)
    monkeypatch.setenv("JIEFEN_DISTRIBUTIONS", "jiefen-hsm")
    assert key_services.load_keys(file).current == "m1"
    offered(monkeypatch, lambda **_: object())
    with pytest.raises(JiefenError, match="lack current, algorithm, wrap, unwrap"):
        key_services.load_keys(file)
