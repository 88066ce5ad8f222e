"""``jiefen --as WHO``: what commands show to a person, by the posts that the directory says they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jiefen import Actor, Engine
from jiefen.cli.root import app
from tests.integration.conftest import make_tables
from tests.support.databases import Databases

PLACE = "140429102"
CENTRE = Actor("centre", frozenset({"township_coordinator"}), PLACE)
DIRECTORY = """\
units:
  "140429102": {title: {zh: 某镇, en: A town}}
  "140429103": {title: {zh: 另一镇, en: Another town}}
posts:
  - {role: land_officer, area: "140429102", holder: here}
  - {role: land_officer, area: "140429103", holder: there}
"""


@pytest.fixture
def run(sqlite: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    url, file = sqlite.prepared(make_tables), tmp_path / "directory.yaml"
    file.write_text(DIRECTORY, encoding="utf-8")
    with Engine.open(url) as engine:
        engine.load_directory(file)
        facts = {"area": PLACE, "dispute_type": "neighbour", "received_on": "2026-03-02"}
        engine.open_case("dispute", facts, key="personal", by=CENTRE)
        engine.open_case("dispute", facts | {"minor_involved": True}, key="sensitive", by=CENTRE)
    monkeypatch.setenv("JIEFEN_DB", url)

    def command(*words: str) -> Result:
        return CliRunner().invoke(app, words)

    return command


def test_a_person_is_shown_what_is_theirs_and_it_is_kept(run: Any) -> None:
    def keys(*who: str) -> list[str]:
        return [one["key"] for one in json.loads(run(*who, "cases", "--json").output)]

    assert keys() == ["personal", "sensitive"]
    assert keys("--as", "here", "--because", "核对") == ["personal"]
    assert keys("--as", "there") == keys("--as", "nobody") == []
    for hidden in ("case", "explain", "history"):
        refused, absent = run("--as", "here", hidden, "2"), run("--as", "here", hidden, "999")
        assert refused.exit_code == absent.exit_code != 0
        assert refused.output == absent.output.replace("999", "2")
    read = json.loads(run("audit", "reads", "--json").output)
    assert {(one["person"], one["case"], one["because"], one["refused"]) for one in read} >= {
        ("here", 1, "核对", False), ("here", 2, None, True)
    }  # fmt: skip


def test_nobody_acts_as_a_reader(run: Any) -> None:
    refused = run("--as", "here", "void", "1", "--reason", "误登", "--by", "here")
    assert refused.exit_code == 2
    assert "--as" in refused.output
