"""Adapters named in a file: what an office without a program of its own gives to ``jiefen serve``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from jiefen import DefinitionError, FixedClock
from jiefen.outside.installed import load_adapters
from jiefen_adapters.folder import FolderAdapter
from tests.integration.conftest import CLERK, Opener


def written(folder: Path, text: str) -> Path:
    path = folder / "adapters.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_deliveries_go_out_and_their_answers_come_in_by_sweeps_alone(
    opener: Opener, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURT_INBOX", str(tmp_path / "in"))
    (tmp_path / "in").mkdir()
    adapters = load_adapters(
        written(
            tmp_path,
            f"adapters:\n  - adapter: folder\n    topics: [court, notice]\n    outbox: {tmp_path / 'out'}\n"
            "    inbox: {env: COURT_INBOX}\n",
        )
    )
    assert set(adapters) == {"court", "notice"}
    assert adapters["court"] is adapters["notice"]
    engine = opener(adapters=adapters)
    facts = {"amount": 60_000, "received_on": date(2026, 3, 2), "area": "140429102"}
    case = engine.open_case("claim", facts, key="a", by=CLERK)
    engine.complete(engine.tasks(case=case.id)[0].id, {}, by=CLERK)
    assert engine.sweep().done == {"delivery": 1}
    [sent] = (tmp_path / "out").iterdir()
    (tmp_path / "in" / sent.name).write_text(json.dumps({"facts": {"outcome": "agreed"}}), encoding="utf-8")
    engine.sweep()
    assert engine.case(case.id).facts["outcome"] == "agreed"
    assert [path.name for path in (tmp_path / "in" / "done").iterdir()] == [sent.name]


WRONG = [
    ("adapter: folder", "has one field, a list"),
    ("adapters: [7]", "an entry names its adapter"),
    ("adapters: [{adapter: folder}]", "lists its topics"),
    ("adapters: [{adapter: floder, topics: [a]}]", "did you mean 'folder'"),
    ("adapters: [{adapter: folder, topics: [a]}]", "outbox"),
    ("adapters: [{adapter: folder, topics: [a], outbox: x, secret: {env: NOT_SET}}]", "set NOT_SET"),
    ("adapters: [{adapter: folder, topics: [a], outbox: {path: x}}]", "no plain value"),
    ("adapters: [{adapter: folder, topics: [a, a], outbox: x}]", "has an adapter already"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said) as error:
        load_adapters(written(tmp_path, text))
    assert all(finding.line for finding in error.value.findings)


def test_an_adapter_that_cannot_be_made_is_said_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        name, value, group = "court", "court:make", "jiefen.adapters"
        dist = SimpleNamespace(name="Court.Bridge")

        def load(self) -> object:
            def make(password: str) -> object:
                raise RuntimeError(f"the password {password} was refused")

            return make

    monkeypatch.setattr("jiefen.outside.points.entry_points", lambda group: [Point()])
    monkeypatch.setenv("COURT_PASSWORD", "geheim")
    monkeypatch.setenv("JIEFEN_DISTRIBUTIONS", "county, court-bridge")
    path = written(tmp_path, "adapters: [{adapter: court, topics: [a], password: {env: COURT_PASSWORD}}]")
    with pytest.raises(
        DefinitionError, match="court cannot be made with these options: RuntimeError"
    ) as error:
        load_adapters(path)
    assert "geheim" not in str(error.value)


def test_the_same_inbox_is_collected_by_one_at_a_time(opener: Opener, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "unknown.json").write_text("{}", encoding="utf-8")
    folder, engine = FolderAdapter(tmp_path / "out", tmp_path / "in"), opener()

    class Nested:
        def __getattr__(self, name: str) -> object:
            assert folder.collect(engine) == type(folder.collect(engine))((), ()), "another one has to wait"
            return getattr(engine, name)

    assert folder.collect(Nested()).failed == ("unknown.json",)  # type: ignore[arg-type]
