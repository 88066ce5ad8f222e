"""Deliveries go out and answers come in by files, and the case goes on."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jiefen import Answer, DatabaseError, Delivery, Engine
from jiefen_adapters.folder import MAX_BYTES, Collected, FolderAdapter, file_name
from tests.integration.conftest import CLERK, HEAD, Opener

FACTS = {"amount": Decimal(60_000), "received_on": date(2026, 3, 2), "area": "140429102"}


@pytest.fixture
def folder(tmp_path: Path) -> FolderAdapter:
    (tmp_path / "in").mkdir()
    return FolderAdapter(tmp_path / "out", tmp_path / "in")


@pytest.fixture
def engine(opener: Opener, folder: FolderAdapter) -> Engine:
    return opener(adapters={"court": folder})


def filed(engine: Engine, key: str = "a") -> int:
    """A case that waits for the court, whose delivery has been sent."""
    case = engine.open_case("claim", FACTS, key=key, by=CLERK)
    engine.complete(engine.tasks(case=case.id)[0].id, {}, by=CLERK)
    engine.sweep()
    return case.id


def answer(root: Path, content: object, name: str | None = None) -> Path:
    """Answer the last delivery of the outbox, or write under a name."""
    last = max((root / "out").iterdir(), key=lambda path: json.loads(path.read_bytes())["case"])
    path = root / "in" / (name or last.name)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def elements(engine: Engine, case: int) -> list[str]:
    return [task.element for task in engine.tasks(case=case)]


def test_facts_of_an_answer_move_the_case(engine: Engine, folder: FolderAdapter, tmp_path: Path) -> None:
    case = filed(engine)
    [sent] = (tmp_path / "out").iterdir()
    assert json.loads(sent.read_bytes())["payload"]["inputs"] == {"amount": "60000"}
    path = answer(tmp_path, {"facts": {"outcome": "agreed"}})
    assert folder.collect(engine) == Collected((path.name,), ())
    assert engine.case(case).facts["outcome"] == "agreed"
    assert engine.deliveries(status="sent") == []
    assert [item.name for item in (tmp_path / "in" / "done").iterdir()] == [path.name]
    assert folder.collect(engine) == Collected((), ())


def test_an_error_code_takes_the_way_that_the_model_has_for_it(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    case = filed(engine)
    answer(tmp_path, {"error": "refused"})
    assert len(folder.collect(engine).done) == 1
    assert elements(engine, case) == ["decide"]
    engine.complete(engine.tasks(case=case)[0].id, {"outcome": "agreed"}, by=HEAD)


def test_a_mark_before_the_text_is_no_error(engine: Engine, folder: FolderAdapter, tmp_path: Path) -> None:
    filed(engine)
    answer(tmp_path, b"\xef\xbb\xbf" + b'{"error": "refused"}')
    assert len(folder.collect(engine).done) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no usable answer"),
        (b"{", "no usable answer"),
        (b"[1]", "no usable answer"),
        ('{"error": "驳回"}'.encode("gbk"), "no usable answer"),
        (b'{"facts": ' + b"[" * 100_000, "no usable answer"),
        (b" " * (MAX_BYTES + 1), f"larger than {MAX_BYTES}"),
        ({"fact": {}}, "unknown field"),
        ({}, "exactly one"),
        ({"facts": {}, "error": "refused"}, "exactly one"),
        ({"facts": {"outcom": "agreed"}}, "outcome"),
        ({"facts": {"outcome": "maybe"}}, "outcome"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_answer_that_cannot_be_taken_lies_beside_its_reason(
    engine: Engine, folder: FolderAdapter, tmp_path: Path, content: object, said: str
) -> None:
    case = filed(engine)
    path = answer(tmp_path, content)
    assert folder.collect(engine) == Collected((), (path.name,))
    failed = tmp_path / "in" / "failed"
    assert {item.name for item in failed.iterdir()} == {path.name, f"{path.name}.reason.txt"}
    assert said in (failed / f"{path.name}.reason.txt").read_text("utf-8")
    assert len(engine.deliveries(status="sent")) == 1
    answer(tmp_path, {"error": "refused"})
    assert len(folder.collect(engine).done) == 1
    assert elements(engine, case) == ["decide"]


def test_a_second_answer_changes_nothing_and_is_kept(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    case = filed(engine)
    for number, content in enumerate([{"error": "refused"}, {"facts": {"outcome": "agreed"}}] * 2):
        answer(tmp_path, content)
        assert bool(folder.collect(engine).done) is (number == 0)
    assert engine.case(case).facts.get("outcome") is None
    names = sorted(path.name for path in (tmp_path / "in" / "failed").glob("*.json"))
    assert [name.partition(".")[2] for name in names] == ["2.json", "3.json", "json"]
    for name in names:
        reason = tmp_path / "in" / "failed" / f"{name}.reason.txt"
        assert "no delivery waits" in reason.read_text("utf-8")


def test_names_lead_nowhere_else(engine: Engine, folder: FolderAdapter, tmp_path: Path) -> None:
    filed(engine)
    secret = tmp_path / "secret.json"
    secret.write_text('{"error": "refused"}')
    [sent] = (tmp_path / "out").iterdir()
    (tmp_path / "in" / sent.name).symlink_to(secret)
    assert folder.collect(engine).failed == (sent.name,)
    assert secret.exists()
    assert len(engine.deliveries(status="sent")) == 1


def test_files_that_are_not_finished_or_no_answers_are_left_alone(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    filed(engine)
    names = (".half.json", "answer.json.part", "readme.txt")
    for name in names:
        answer(tmp_path, {"error": "refused"}, name)
    (tmp_path / "in" / "folder.json").mkdir()
    assert folder.collect(engine) == Collected((), ())
    assert {path.name for path in (tmp_path / "in").iterdir()} == {*names, "folder.json"}


def test_a_folder_answers_only_for_its_topics(engine: Engine, folder: FolderAdapter, tmp_path: Path) -> None:
    filed(engine)
    answer(tmp_path, {"error": "refused"})
    assert len(folder.collect(engine, topics={"police"}).failed) == 1
    answer(tmp_path, {"error": "refused"})
    assert len(folder.collect(engine, topics={"court"}).done) == 1


def test_one_bad_answer_does_not_hold_up_the_others(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    contents = (b"{", {"error": "refused"}, {"facts": {"outcome": "agreed"}})
    cases = [filed(engine, key) for key in "abc"]
    # In the order of their cases, not of their names.
    sent = sorted((tmp_path / "out").iterdir(), key=lambda path: json.loads(path.read_bytes())["case"])
    for path, content in zip(sent, contents, strict=True):
        answer(tmp_path, content, path.name)
    collected = folder.collect(engine)
    assert (len(collected.done), len(collected.failed)) == (2, 1)
    assert [elements(engine, case) for case in cases] == [[], ["decide"], []]


def test_a_database_that_fails_keeps_the_answer_in_the_inbox(
    engine: Engine, folder: FolderAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(engine)
    path = answer(tmp_path, {"error": "refused"})

    def locked(self: Engine, delivery_id: int, answer: Answer) -> None:
        raise DatabaseError("the database is locked; try again")

    with monkeypatch.context() as patched:
        patched.setattr(Engine, "answer", locked)
        with pytest.raises(DatabaseError):
            folder.collect(engine)
    assert path.exists()
    assert len(folder.collect(engine).done) == 1


def test_an_answer_may_come_while_the_delivery_is_parked(opener: Opener, tmp_path: Path) -> None:
    engine = opener()
    filed(engine)
    [parked] = engine.deliveries(status="parked")
    folder = FolderAdapter(tmp_path / "out", tmp_path / "in")
    folder.send(parked)
    (tmp_path / "in").mkdir()
    answer(tmp_path, {"error": "refused"})
    assert len(folder.collect(engine).done) == 1


def test_without_an_inbox_nothing_is_collected(engine: Engine, tmp_path: Path) -> None:
    filed(engine)
    assert FolderAdapter(tmp_path / "out").collect(engine) == Collected((), ())
    assert FolderAdapter(tmp_path / "out", tmp_path / "none").collect(engine) == Collected((), ())


def delivery(key: str = "jiefen:1:token/1", **payload: object) -> Delivery:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return Delivery(
        id=1,
        case=1,
        key=key,
        topic="notice",
        status="pending",
        attempts=0,
        error=None,
        at=at,
        payload=payload,
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277])
@pytest.mark.parametrize(("group", "file", "inside"), [(False, 0o600, 0o700), (True, 0o660, 0o770)])
def test_who_may_read_does_not_depend_on_the_umask(
    engine: Engine, tmp_path: Path, umask: int, group: bool, file: int, inside: int
) -> None:
    (tmp_path / "in" / "unknown.json").write_text("{}")
    adapter = FolderAdapter(tmp_path / "out", tmp_path / "in", group=group)
    before = os.umask(umask)
    try:
        adapter.send(delivery(party="李四"))
        adapter.collect(engine)
    finally:
        os.umask(before)
    [sent] = (tmp_path / "out").iterdir()
    folders = [tmp_path / "out", tmp_path / "in" / "done", tmp_path / "in" / "failed"]
    assert {mode(path) for path in folders} == {inside}
    assert mode(sent) == mode(tmp_path / "in" / "failed" / "unknown.json.reason.txt") == file


@pytest.mark.parametrize(
    "squat",
    [
        lambda path: path.write_text(""),
        lambda path: path.write_text('{"key": "another", "payload": {}}'),
        lambda path: path.write_bytes(b"\xff" * 2_000_000),
        lambda path: path.symlink_to("/nonexistent/target"),
        lambda path: path.symlink_to(path.parent.parent / "other"),
        lambda path: path.mkdir(),
        lambda path: os.mkfifo(path),
    ],
    ids=["empty", "another", "large", "dangling link", "link", "folder", "pipe"],
)
def test_a_file_that_has_the_name_of_a_delivery_is_not_taken_for_it(
    engine: Engine, folder: FolderAdapter, tmp_path: Path, squat: Callable[[Path], object]
) -> None:
    (tmp_path / "other").write_text("precious")
    (tmp_path / "out").mkdir()
    squat(tmp_path / "out" / file_name(delivery().key))
    with pytest.raises(FileExistsError, match="is not the delivery of that name"):
        folder.send(delivery())
    assert (tmp_path / "other").read_text() == "precious"


def test_a_delivery_that_cannot_be_put_there_is_pending(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    filed(engine)
    [sent] = (tmp_path / "out").iterdir()
    sent.write_text("{}")
    case = engine.open_case("claim", FACTS, key="b", by=CLERK)
    engine.complete(engine.tasks(case=case.id)[0].id, {}, by=CLERK)
    [waiting] = engine.deliveries(status="pending")
    (tmp_path / "out" / file_name(waiting.key)).write_text("")
    engine.sweep()
    [waiting] = engine.deliveries(status="pending")
    assert waiting.error is not None
    assert "FileExistsError" in waiting.error


def test_sending_again_what_lies_there_is_no_error(folder: FolderAdapter, tmp_path: Path) -> None:
    folder.send(delivery(party="李四"))
    folder.send(replace(delivery(party="李四"), at=datetime(2026, 3, 3, 9, tzinfo=UTC)))
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize("name", ["done", "failed"])
def test_folders_that_are_links_are_refused_before_an_answer_is_taken(
    engine: Engine, folder: FolderAdapter, tmp_path: Path, name: str
) -> None:
    filed(engine)
    path = answer(tmp_path, {"facts": {"outcome": "agreed"}})
    (tmp_path / "else").mkdir()
    (tmp_path / "in" / name).symlink_to(tmp_path / "else")
    with pytest.raises(NotADirectoryError, match="is a link or a file"):
        folder.collect(engine)
    assert path.exists()
    assert len(engine.deliveries(status="sent")) == 1
    assert not list((tmp_path / "else").iterdir())


def test_a_reason_never_goes_where_a_link_leads(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    failed = tmp_path / "in" / "failed"
    failed.mkdir()
    (failed / "x.json.reason.txt").symlink_to(victim)
    (tmp_path / "in" / "x.json").write_text("{}")
    assert folder.collect(engine).failed == ("x.json",)
    assert victim.read_text() == "precious"
    assert "no delivery waits" in (failed / "x.json.reason.2.txt").read_text("utf-8")


def test_what_is_no_answer_stops_nobody(engine: Engine, folder: FolderAdapter, tmp_path: Path) -> None:
    filed(engine)
    [sent] = (tmp_path / "out").iterdir()
    inbox = tmp_path / "in"
    os.mkfifo(inbox / "a-pipe.json")
    (inbox / ("长" * 80 + ".json")).write_text("{}")
    (inbox / "a\udcff.json").write_text("{}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(inbox / "b.json"))
    answer(tmp_path, {"facts": {"outcome": "agreed"}})
    collected = folder.collect(engine)
    assert collected.done == (sent.name,)
    assert len(collected.failed) == 4
    assert not [path for path in inbox.iterdir() if path.is_file()]


def test_a_pipe_under_the_name_of_an_answer_is_told(
    engine: Engine, folder: FolderAdapter, tmp_path: Path
) -> None:
    filed(engine)
    [sent] = (tmp_path / "out").iterdir()
    os.mkfifo(tmp_path / "in" / sent.name)
    assert folder.collect(engine).failed == (sent.name,)
    reason = tmp_path / "in" / "failed" / f"{sent.name}.reason.txt"
    assert "no plain file" in reason.read_text("utf-8")


def test_a_round_is_bounded_and_what_waits_goes_first(
    engine: Engine, folder: FolderAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiefen_adapters.folder.MAX_ANSWERS", 3)
    filed(engine)
    for number in range(5):
        (tmp_path / "in" / f"{number}.json").write_text("{}")
    answer(tmp_path, {"facts": {"outcome": "agreed"}})
    first = folder.collect(engine)
    assert (len(first.done), len(first.failed)) == (1, 2)
    assert len(folder.collect(engine).failed) == 3
    assert folder.collect(engine) == Collected((), ())
