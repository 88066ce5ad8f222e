"""Deliveries and system cards at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jiefen import Engine, FixedClock
from jiefen.outside.installed import load_adapters
from jiefen_adapters.cards import CardAdapter
from tests.integration.conftest import Opener
from tests.integration.test_cli_work import Run, run
from tests.integration.test_unanswered_deliveries import applied
from tests.support.toxic import Toxic, said
from tests.unit.adapters.card_files import written

__all__ = ["run"]

OFFICE = ("--by", "0412", "--role", "township_coordinator", "--area", "140429102")


def at_court(opener: Opener, clock: FixedClock, folder: Path, court: Toxic) -> tuple[Engine, int]:
    adapters: Any = load_adapters(adapters_file(folder, court))
    for adapter in adapters.values():
        assert isinstance(adapter, CardAdapter)
        adapter._clock = clock
    engine = opener(processes=None, rules=None, adapters=adapters)
    return engine, applied(engine)


def adapters_file(folder: Path, court: Toxic) -> Path:
    written(folder, ADDRESS=court.address)
    path = folder / "adapters.yaml"
    path.write_text("adapters:\n  - card: ./court.yaml\n", encoding="utf-8")
    return path


def test_a_dead_delivery_is_listed_shown_sent_again_and_cancelled(
    opener: Opener, clock: FixedClock, tmp_path: Path, run: Run
) -> None:
    with Toxic(answer=lambda _: said(422, {})) as court:
        engine, case = at_court(opener, clock, tmp_path, court)
        [dead] = engine.deliveries(status="incident")
        listed = json.loads(run("deliveries", "--case", case, "--json").output)
        assert dead.key in [one["key"] for one in listed]
        assert "HTTP 422" in run("deliveries", "show", dead.key).output
        assert json.loads(run("deliveries", "show", dead.key, "--json").output)["status"] == "incident"
        assert "HTTP 422" in run("incidents", "--case", case).output
        run("deliveries", "show", "jiefen:9:x", ends=4)
        run("deliveries", "retry", dead.id, *OFFICE)
        assert [one.id for one in engine.deliveries(status="pending")] == [dead.id]
        run("deliveries", "cancel", dead.id, "--reason", "另行提交", *OFFICE, ends=1)
        run("deliveries", "cancel", dead.id, "--reason", "另行提交", "--error", "not_taken", *OFFICE)
        [over] = engine.deliveries(key=dead.key)
        assert over.status == "withdrawn"


def test_a_card_is_tried_with_invented_data_and_secrets_are_masked(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURT_TOKEN", "s3cr3t-token")
    auth = {"timeout: 2": "timeout: 2\n  auth: {bearer: {env: COURT_TOKEN}}"}
    with Toxic(
        answer=lambda asked: said(200, {"code": "0", "echo": asked.headers["Authorization"]})
    ) as court:
        path = written(tmp_path, **{"ADDRESS": court.address, **auth})
        tried = run("adapters", "try", path).output
        assert "HTTP 200" in tried
        assert "jiefen:trial:" in tried
        assert "140429102201" in tried
        assert "s3cr3t-token" not in tried
        assert len(court.taken) == 1
        court.answer = lambda _: said(200, {"code": "7"})
        refused = json.loads(run("adapters", "try", path, "--json", ends=1).output)
        assert (refused["well"], refused["meaning"].startswith("refused")) == (False, True)
    run("adapters", "try", path, "--topic", "notice", ends=1)


def test_the_cards_that_come_along_are_listed(run: Run) -> None:
    listed = json.loads(run("adapters", "list", "--json").output)
    assert {"grid_platform", "hotline_12345"} <= {one["card"] for one in listed}
    assert "12345" in run("adapters", "list").output


@pytest.mark.parametrize(("text", "why"), [
    ("- card: ./cort.yaml", "cort.yaml"),
    ("- card: grid_platfrom", "did you mean 'grid_platform'"),
    ("- {card: ./court.yaml, topics: [court.judicial_confirmatio]}", "carries no"),
    ("- {card: ./court.yaml, outbox: x}", "has no 'outbox'"),
    ("- card: ./court.yaml\n  - card: ./court.yaml", "has an adapter already"),
    ("- card: grid_platform", "is not in the environment"),
])  # fmt: skip
def test_what_is_wrong_with_a_card_in_a_file_of_adapters_is_said(tmp_path: Path, text: str, why: str) -> None:
    from jiefen import DefinitionError

    written(tmp_path)
    path = tmp_path / "adapters.yaml"
    path.write_text(f"adapters:\n  {text}\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=why):
        load_adapters(path)
