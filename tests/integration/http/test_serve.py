"""``jiefen serve --http``: a process of its own that sweeps and serves, and the commands for its callers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from jiefen.cli.root import app


def test_a_key_from_the_command_opens_the_door(tmp_path: Path) -> None:
    runner = CliRunner()
    made = json.loads(runner.invoke(app, ["callers", "key", "--json"]).stdout)
    file = tmp_path / "callers.yaml"
    file.write_text(
        f'callers:\n  - id: "0412"\n    posts: [{{role: petition_officer, area: "140429102"}}]\n'
        f"    keys:\n      - {made['line']}\n",
        encoding="utf-8",
    )
    checked = runner.invoke(app, ["callers", "check", str(file), "--lang", "en"])
    assert checked.stdout.strip() == f"{file}: can be used, 1 keys"
    words = [sys.executable, "-m", "jiefen.cli", "serve", "--db", f"sqlite:///{tmp_path}/cases.db"]
    words += ["--http", "127.0.0.1:0", "--callers", str(file)]
    process = subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env=os.environ | {"JIEFEN_LANG": "en"}
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            found = re.search(r"listening on (http://127\.0\.0\.1:\d+)", line)
            if found:
                break
        else:
            pytest.fail("it did not listen")
        with httpx.Client(base_url=found.group(1), headers={"Jiefen-Key": made["key"]}, timeout=60) as client:
            facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
            assert client.post("/v1/cases", json={"key": "k", "facts": facts}).status_code == 201
            assert [one["key"] for one in client.get("/v1/cases").json()["items"]] == ["k"]
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    listed = runner.invoke(app, ["callers", "used", "--json", "--db", f"sqlite:///{tmp_path}/cases.db"])
    assert [one["name"] for one in json.loads(listed.stdout)] == [f"0412/{made['key'][3:11]}"]
    assert "POST /v1/cases 201" in rest
    assert "stopped" in rest
    assert made["key"] not in rest


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    runner = CliRunner()
    asked = runner.invoke(app, ["serve", "--http", "127.0.0.1:0", "--db", f"sqlite:///{tmp_path}/x.db"])
    assert asked.exit_code == 2
    assert "--callers" in asked.output
    file = tmp_path / "callers.yaml"
    file.write_text("callers:\n  - {id: a, kees: []}\n", encoding="utf-8")
    wrong = runner.invoke(app, ["callers", "check", str(file)])
    assert wrong.exit_code != 0
    made = runner.invoke(app, ["callers", "key", "--lang", "zh"]).stdout
    assert re.search(r"jf_[0-9a-f]{8}_\S+\n", made)
    assert "$argon2id$" in made
