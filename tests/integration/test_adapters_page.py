"""The example of docs/adapters.md, as a clerk and a host would use it: over HTTP, from the file to the case."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

import jiefen
from jiefen import FixedClock
from jiefen.outside.installed import load_adapters
from tests.integration.conftest import Opener
from tests.integration.test_unanswered_deliveries import CONFIRMATION, applied
from tests.support.toxic import Toxic, said
from tests.unit.adapters.card_files import findings

PAGE = (Path(__file__).parents[2] / "docs/adapters.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the page."""
    court, adapters = blocks("yaml")[:2]
    (tmp_path / "court.yaml").write_text(court, "utf-8")
    (tmp_path / "adapters.yaml").write_text(adapters, "utf-8")
    monkeypatch.setenv("COURT_TOKEN", "s3cr3t-token")
    return tmp_path


def test_the_card_of_the_page_is_sound_and_its_file_of_adapters_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings(folder / "court.yaml") == []
    monkeypatch.setenv("COURT_ADDRESS", "https://court.example")
    assert set(load_adapters(folder / "adapters.yaml")) == {CONFIRMATION, f"{CONFIRMATION}.cancelled"}


def test_the_example_in_python_goes_both_ways(
    folder: Path, url: str, opener: Opener, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = said(200, {"code": "0", "data": {"appliedOn": "20260302"}})
    with Toxic(answer=lambda _: reply) as court:
        monkeypatch.setenv("COURT_ADDRESS", court.address)
        monkeypatch.chdir(folder)
        case = applied(opener(processes=None, rules=None))
        ruled = {"event": "ruled", "id": "r1", "caseNo": case, "servedOn": "20260302"}
        known: dict[str, Any] = {
            "Engine": jiefen.Engine, "url": url, "body": msgspec.json.encode(ruled), "content_type": "application/json",
        }  # fmt: skip
        [example] = blocks("python")
        exec(compile(example, "docs/adapters.md", "exec"), known)
        engine, adapter = known["engine"], known["adapter"]
        adapter._clock = clock
        assert known["given"].outcome == "taken"
        engine.sweep()
        engine.close()
        asked = court.asked[0]
        assert asked.headers["Authorization"] == "Bearer s3cr3t-token"
        assert asked.json == {
            "applicationNo": asked.headers["Idempotency-Key"], "agreedOn": "20260302",
            "place": {"code": "140429102201"}, "kind": "confirmation",
        }  # fmt: skip
