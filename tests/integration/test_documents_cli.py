"""``jiefen documents``: a paper from its draft to its service, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Engine
from jiefen.cli.root import app
from jiefen.clock import SystemClock, china_date

ORGAN = ("--by", "0701", "--role", "handling_organ", "--area", "140429")
SAID = [
    word
    for name in ("request", "reasons", "opinion", "basis", "organ_above")
    for word in ("--say", f"{name}=〔{name}〕")
]


def test_a_paper_goes_its_way(sqlite_url: str, tmp_path: Path) -> None:
    today = china_date(SystemClock().now())
    with Engine.open(sqlite_url) as engine:
        case = engine.open_case(
            "dispute",
            {"area": "140429102201", "title": "水渠被占", "received_on": today.isoformat()},
            key="k",
            by=Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE),
            parties=[{"part": "applicant", "name": "赵大有"}],
        ).id

    def run(*words: str, exits: int = 0) -> Any:
        done = CliRunner().invoke(app, ["--db", sqlite_url, "--lang", "zh", "documents", *words])
        assert done.exit_code == exits, done.output
        return done.stdout

    kinds = json.loads(run("kinds", "--json"))
    assert {"petition_opinion", "mediation_agreement"} <= {one["id"] for one in kinds}
    assert "信访事项处理意见书" in run("kinds")
    kind = (str(case), "petition_opinion", "--party", "1", *ORGAN)
    run("draft", *kind, exits=1)
    assert json.loads(run("draft", *kind, *SAID, "--json"))["missing"] == []
    made = json.loads(run("make", *kind, *SAID, "--office", "武乡县水务局", "--json"))
    assert (made["seq"], made["version"]) == (1, 1)
    assert made["number"] in run("make", *kind, *SAID, "--replaces", "1")
    head = ("--by", "0700", "--role", "handling_organ_head", "--area", "140429")
    assert "已签发" in run("sign", str(case), "1", *head)
    served = run(
        "serve", str(case), "1", "--party", "1", "--way", "direct", "--on", today.isoformat(), *ORGAN
    )
    assert "请求复查" in served
    assert "直接送达" in run("served", str(case), *ORGAN)
    assert "已签发" in run("list", str(case), *ORGAN)
    into = tmp_path / "opinion.txt"
    run("write", str(case), "1", "--into", str(into), *ORGAN)
    assert "〔opinion〕" in into.read_text("utf-8")
    second = json.loads(run("make", *kind, *SAID, "--json"))
    gone = ("void", str(case), str(second["seq"]), "--reason", "重复制作", *ORGAN)
    assert json.loads(run(*gone, "--json"))["status"] == "voided"
