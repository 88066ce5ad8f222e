"""A case that is opened at the counter is compared with those of the same people; an area that nobody knows is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import Actor, Engine, Happening, LinkKind
from jiefen.cli.root import app
from jiefen.people.directory_file import load_directory
from jiefen.rules import load_rulebook
from tests.integration.conftest import Opener
from tests.integration.test_engine import statements

ROOT = Path(__file__).parents[2]
CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429102")
AREA = "140429102201"
FACTS = {"source": "walk_in", "dispute_type": "labour", "area": AREA, "title": "工地拖欠三个月工资"}
ZHANG = {"part": "applicant", "name": "张三", "phone": "13800000001"}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, key: str, *people: dict[str, str], by: Actor = CLERK, **more: Any) -> Any:
    return engine.open_case("dispute", FACTS | more, key=key, by=by, parties=people or [ZHANG])


def test_what_may_be_the_same_matter_is_linked_and_shown(engine: Engine) -> None:
    first = opened(engine, "a")
    assert first.alike == ()
    # Another village, another telephone, another day; somebody at the next counter acts for their own place alone.
    again = opened(
        engine, "b", {**ZHANG, "phone": "13800000009"}, by=Actor("9", area="140429103"), area="140429103201",
        title="工地拖欠两个月工资",
    )  # fmt: skip
    assert again.alike == (first.id,)
    assert [(one.case, one.other) for one in engine.probable_repeats()] == [(again.id, first.id)]
    assert engine.case(again.id).revision == again.revision
    # In the one that was there nothing has happened, and who reads it alone learns nothing of the other.
    for case, times in ((first, 0), (again, 1)):
        kinds = [one.kind for one in engine.history(case.id)]
        assert kinds.count(Happening.LINKED) == times
        assert [one.kind for one in engine.links(case.id)] == [LinkKind.PROBABLE_REPEAT]
    # Both stay cases of their own, and the same key again proposes nothing more.
    assert engine.tasks(case=again.id)
    before = engine.history(again.id)
    assert opened(engine, "a").alike == ()
    assert engine.history(again.id) == before
    third = opened(engine, "c")
    assert third.alike == (again.id, first.id)


def test_what_is_another_matter_is_not_linked(engine: Engine) -> None:
    first = opened(engine, "a")
    assert opened(engine, "b", title="宅基地界线不清").alike == ()
    assert opened(engine, "c", {"part": "respondent", "name": "张三"}).alike == ()
    engine.void(first.id, reason="误登", evidence="登记簿", by=CLERK)
    assert opened(engine, "d").alike == ()
    assert engine.probable_repeats() == []


def test_a_merge_settles_what_was_proposed(engine: Engine) -> None:
    first, again = opened(engine, "a"), opened(engine, "b")
    assert again.alike == (first.id,)
    engine.merge(first.id, again.id, reason="同一事项", by=CLERK)
    assert engine.probable_repeats() == []
    assert [one.kind for one in engine.links(again.id)] == [LinkKind.MERGED_INTO]


def test_looking_is_bounded(engine: Engine) -> None:
    """Two reads more; and where something is found, its people, and a lock and two writes for each."""
    counts = []
    for number in range(8):
        with statements(engine) as seen:
            opened(engine, f"k{number}", title=f"第{number}件:{'甲乙丙丁戊己庚辛'[number] * 6}")
        counts.append(len(seen))
    assert max(counts[1:]) <= min(counts[1:])
    with statements(engine) as seen:
        opened(engine, "again", title="第0件:甲甲甲甲甲甲")
    assert len(seen) <= counts[-1] + 8


def test_an_area_that_the_directory_does_not_have_is_told(opener: Opener, tmp_path: Path) -> None:
    roles = load_rulebook(ROOT / "rules").roles
    directory = load_directory(ROOT / "examples" / "directory.yaml", roles)
    engine = opener(processes=None, rules=None, directory=directory)
    known = sorted(code for code in directory.units if len(code) == 12)[0]
    fine, lost = opened(engine, "a", area=known), opened(engine, "b", area="140429999201")
    assert (fine.unknown_area, lost.unknown_area) == (False, True)
    assert engine.tasks(case=lost.id), "nothing is refused"
    entry = next(one for one in engine.history(lost.id) if one.kind is Happening.AREA_UNKNOWN)
    assert entry.subject == "140429999201"
    assert "通讯录里没有属地 140429999201" in engine.explain(lost.id).text("zh")
    assert "The directory has no unit 140429999201" in engine.explain(lost.id).text("en")
    assert not any(one.kind is Happening.AREA_UNKNOWN for one in engine.history(fine.id))


def test_the_command_line_shows_both(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'j.db'}"
    run, directory = CliRunner(), str(ROOT / "examples" / "directory.yaml")
    Engine.open(url).close()
    assert run.invoke(app, ["--db", url, "directory", "load", directory]).exit_code == 0
    who = [
        "--by",
        "0412",
        "--fact",
        "source=walk_in",
        "--fact",
        "dispute_type=labour",
        "--fact",
        "title=拖欠工资",
    ]
    who += ["--party", "applicant,name=张三"]
    first = run.invoke(
        app, ["--db", url, "open", "dispute", "--key", "a", "--area", "140429999201", *who, "--json"]
    )
    assert first.exit_code == 0, first.output
    said = json.loads(first.stdout)
    assert (said["alike"], said["unknown_area"]) == ([], True)
    again = run.invoke(
        app, ["--db", url, "--lang", "zh", "open", "dispute", "--key", "b", "--area", "140429999201", *who]
    )
    assert f"疑似与 {said['id']} 号案重复" in again.stdout
    assert "通讯录里没有属地 140429999201" in again.stdout
