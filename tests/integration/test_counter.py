"""What happens at the counter: the code of a case, what the party sees by it, and notes; on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import Actor, Engine, FactError, FixedClock, Happening, NotAllowed, NotFound
from jiefen.cli.root import app
from jiefen.store.counter.codes import code as codes
from tests.integration.conftest import CLERK, SMALL, Opener

PEOPLE = [
    {"part": "applicant", "name": "张三", "phone": "13800000001"},
    {"part": "respondent", "name": "李四"},
]
FACTS = {"received_on": "2026-03-02", "area": "140429102"}
TOWN = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
ELSEWHERE = Actor("0900", frozenset({"clerk"}), "370700")


class TestCodes:
    def test_each_case_is_given_one_once_and_only_its_digest_is_kept(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK)
        assert case.code is not None
        assert case.code not in repr(case)
        assert engine.open_case("claim", FACTS, key="k", by=CLERK).code is None
        assert engine.case(case.id).code is None
        with engine._runtime.reading() as connection:
            rows = connection.execute(sa.select(codes)).all()
        assert len(rows) == 1
        assert case.code not in str(rows) + str(engine.history(case.id))
        assert engine.by_code(case.code).case == case.id

    def test_another_one_takes_its_place_and_the_old_one_is_as_unknown_as_any(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK)
        other = engine.open_case("claim", FACTS, key="k2", by=CLERK)
        assert case.code
        assert other.code
        revision = engine.case(case.id).revision
        code = engine.new_code(case.id, reason="凭条遗失", by=CLERK)
        assert engine.case(case.id).revision == revision + 1
        assert engine.by_code(code).case == case.id
        said = set()
        never = engine.new_code(other.id, reason="换发", by=CLERK)
        engine.new_code(other.id, reason="换发", by=CLERK)
        for wrong in (case.code, never, other.code):
            with pytest.raises(NotFound) as error:
                engine.by_code(wrong)
            said.add((str(error.value), error.value.zh))
        assert len(said) == 1
        [entry] = [one for one in engine.history(case.id) if one.kind is Happening.CODE_ISSUED]
        assert entry.data["reason"] == "凭条遗失"
        assert "原码作废(凭条遗失)" in engine.explain(case.id).text("zh")

    def test_only_who_acts_for_the_area_gives_another(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK)
        with pytest.raises(NotAllowed):
            engine.new_code(case.id, reason="凭条遗失", by=ELSEWHERE)
        with pytest.raises(FactError, match="reason"):
            engine.new_code(case.id, reason=" ", by=CLERK)


@pytest.fixture
def town(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


class TestWhatThePartySees:
    def test_where_it_stands_and_nobody_else(self, town: Engine) -> None:
        town.load_directory("examples/directory.yaml")
        case = town.open_case("dispute", TOWN, key="k", by=CLERK, parties=PEOPLE)
        town.notes.add(case.id, "对方情绪激动", by=CLERK)
        assert case.code is not None
        seen = town.by_code(case.code)
        assert seen.received_on == date(2026, 3, 2)
        assert seen.offices
        text = "\n".join(seen.lines("zh")) + repr(seen)
        for hidden in (
            "李四",
            "张三",
            "13800000001",
            "情绪",
            *(task.assignee or "—" for task in town.tasks()),
        ):
            assert hidden not in text
        assert all(line.isascii() or "《" in line for line in seen.lines("en"))

    def test_rights_have_article_and_safe_day(self, town: Engine) -> None:
        about = TOWN | {"dispute_type": "labour", "knew_on": "2026-02-10"}
        case = town.open_case("dispute", about, key="k", by=CLERK)
        assert case.code is not None
        rights = {one.what.zh: one for one in town.by_code(case.code).rights}
        deadline = next(one for one in town.deadlines(case.id) if one.rule == "labour.limitation")
        told = rights[deadline.title.zh]
        assert (told.on, told.safe_on, told.law, told.article) == (
            deadline.due_on, deadline.safe_on, deadline.law, deadline.article,
        )  # fmt: skip
        assert any(
            "您的权利" in line and deadline.article in line for line in town.by_code(case.code).lines("zh")
        )

    def test_what_was_served_and_the_next_day(self, town: Engine, clock: FixedClock) -> None:
        backlog = {"source": "petition_backlog", "organ_part": True, **TOWN} | {"source": "petition_backlog"}
        case = town.open_case("petition", backlog, key="k", by=CLERK)
        assert case.code is not None
        for answer in ({"matter_type": "claim"}, {}, {"competent": True}):
            [task] = town.tasks(case=case.id)
            town.complete(task.id, answer, by=Actor("0431", frozenset(task.roles)))
        seen = town.by_code(case.code)
        assert seen.next is not None
        assert seen.next.on >= date(2026, 3, 2)
        clock.advance(timedelta(days=10))
        town.milestone(case.id, "petition_opinion_served", on=date(2026, 3, 11), by=CLERK)
        seen = town.by_code(case.code)
        assert [(one.on, one.what.zh) for one in seen.served if "处理意见书" in one.what.zh] == [
            (date(2026, 3, 11), "信访处理意见书送达")
        ]
        assert any("第三十五条" in one.article for one in seen.rights)

    def test_of_an_accusation_only_that_it_was_received(self, town: Engine) -> None:
        about = {"source": "petition_backlog", "area": "140429102201", "matter_type": "accusation"}
        case = town.open_case("petition", about | {"accused_persons": ["0431"]}, key="k", by=CLERK)
        assert case.code is not None
        seen = town.by_code(case.code)
        assert seen.receipt_only
        assert (seen.offices, seen.rights, seen.served, seen.next) == ((), (), (), None)
        assert len(seen.lines("zh")) == 2

    def test_a_merged_and_a_moved_case_say_where_they_went(self, town: Engine) -> None:
        into = town.open_case("dispute", TOWN, key="k1", by=CLERK, parties=PEOPLE)
        case = town.open_case("dispute", TOWN, key="k2", by=CLERK, parties=PEOPLE)
        assert case.code
        assert into.code
        town.merge(case.id, into.id, reason="同一事项", by=Actor("0412"))
        town.move(into.id, "140429103201", reason="属地有误", by=Actor("0412"))
        seen = town.by_code(case.code)
        assert (seen.case, seen.goes_on_in, seen.moved_on) == (case.id, into.id, date(2026, 3, 2))
        assert seen.offices == town.by_code(into.code).offices
        assert f"已并入 {into.id} 号案" in "".join(seen.lines("zh"))

    def test_a_void_case_says_so(self, town: Engine) -> None:
        case = town.open_case("dispute", TOWN, key="k", by=CLERK)
        assert case.code is not None
        town.void(case.id, reason="误登", by=Actor("0412"))
        assert "作废" in town.by_code(case.code).stage.zh


class TestNotes:
    def test_they_are_kept_and_corrected_by_others(self, engine: Engine, clock: FixedClock) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        revision = engine.case(case).revision
        first = engine.notes.add(case, "漏水在东侧", by=CLERK)
        clock.advance(timedelta(minutes=5))
        engine.notes.add(case, "应为西侧", by=CLERK, corrects=first.seq)
        found = engine.notes.of(case)
        assert [(one.seq, one.text, one.corrects, one.corrected_by) for one in found] == [
            (1, "漏水在东侧", None, 2),
            (2, "应为西侧", 1, None),
        ]
        assert engine.notes.of(case, after=1, limit=1) == found[1:]
        assert engine.case(case).revision == revision + 2
        assert "东侧" not in str(engine.history(case)) + repr(found)
        assert f"{CLERK.id} 写备注 2" in engine.explain(case).text("zh")

    def test_not_by_others_and_not_of_nothing(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        with pytest.raises(NotAllowed):
            engine.notes.add(case, "x", by=ELSEWHERE)
        with pytest.raises(NotFound, match="no note 3"):
            engine.notes.add(case, "x", by=CLERK, corrects=3)
        with pytest.raises(NotFound):
            engine.notes.of(case + 1)


def test_at_the_command_line(url: str) -> None:
    def run(*arguments: str) -> str:
        where = [
            "--db",
            url,
            "--processes",
            str(SMALL / "processes"),
            "--rules",
            str(SMALL / "rules"),
            "--lang",
            "zh",
        ]
        done = CliRunner().invoke(app, [*arguments, *where], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    told = run("open", "claim", "--key", "k", "--fact", "received_on=2026-03-02", "--by", "0412")
    assert "查询码" in told
    given = json.loads(run("code", "1", "--reason", "遗失", "--by", "0412", "--json"))
    assert run("code", "1", "--reason", "遗失", "--by", "0412").strip() != given["code"]
    code = run("code", "1", "--reason", "遗失", "--by", "0412").strip()
    assert json.loads(run("status", code, "--json"))["case"] == 1
    assert "1 号案" in run("status", code)
    run("note", "1", "--text", "待核实", "--by", "0412")
    assert (
        json.loads(run("note", "1", "--text", "已核实", "--corrects", "1", "--by", "0412", "--json"))["seq"]
        == 2
    )
    assert "已核实" in run("notes", "1")
    assert [one["corrected_by"] for one in json.loads(run("notes", "1", "--json"))] == [2, None]
    assert "code" not in json.loads(run("case", "1", "--json"))
