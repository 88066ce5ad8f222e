"""What happens at the counter: the code of a case, what the party sees by it, and notes; on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import (
    EVERYWHERE,
    Actor,
    AlreadyDone,
    CaseStatus,
    Conflict,
    Engine,
    FactError,
    FixedClock,
    Happening,
    NotAllowed,
    NotFound,
    Satisfaction,
    UnknownValue,
)  # fmt: skip
from jiefen.cli.root import app
from jiefen.store.counter.codes import code as codes
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.support.moments import RECUSER

PEOPLE = [
    {"part": "applicant", "name": "张三", "phone": "13800000001"},
    {"part": "respondent", "name": "李四"},
]
FACTS = {"received_on": "2026-03-02", "area": "140429102"}
TOWN = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
OFFICE = Actor("0412", frozenset({"joint_meeting_office"}), "140429")
ELSEWHERE = Actor("0900", frozenset({"clerk", "township_coordinator"}), "370700")


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
            town.complete(task.id, answer, by=Actor("0431", frozenset(task.roles), EVERYWHERE))
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
        town.merge(case.id, into.id, reason="同一事项", by=OFFICE)
        town.move(into.id, "140429103201", reason="属地有误", by=OFFICE)
        seen = town.by_code(case.code)
        assert (seen.case, seen.goes_on_in, seen.moved_on) == (case.id, into.id, date(2026, 3, 2))
        assert seen.offices == town.by_code(into.code).offices
        assert f"已并入 {into.id} 号案" in "".join(seen.lines("zh"))

    def test_a_void_case_says_so(self, town: Engine) -> None:
        case = town.open_case("dispute", TOWN, key="k", by=CLERK)
        assert case.code is not None
        town.void(case.id, reason="误登", by=OFFICE)
        assert "作废" in town.by_code(case.code).stage.zh


def served(town: Engine) -> tuple[int, str]:
    """A petition of which the opinion was served, and its code."""
    facts = {**TOWN, "source": "petition_backlog", "organ_part": True}
    case = town.open_case("petition", facts, key="k", by=CLERK)
    assert case.code is not None
    for answer in ({"matter_type": "claim"}, {}, {"competent": True}):
        [task] = town.tasks(case=case.id)
        town.complete(task.id, answer, by=Actor("0431", frozenset(task.roles), EVERYWHERE))
    town.milestone(case.id, "petition_opinion_served", on=date(2026, 3, 2), by=CLERK)
    return case.id, case.code


class TestRatings:
    def test_a_poor_one_asks_the_office_above_which_answers(self, town: Engine, clock: FixedClock) -> None:
        town.load_directory("examples/directory.yaml")
        case, code = served(town)
        given = town.rate(code, "dissatisfied", of="petition_opinion_served", comment="没有人来看过")
        [review] = town.supervisions(case=case)
        assert (review.ref, review.role) == (given.review, "county_government")
        assert "petition" not in review.role
        assert "请复核" in review.title.zh
        assert "没有人" not in str(town.history(case)) + repr(town.ratings(case, by=CLERK))
        assert town.ratings(case, by=CLERK) == [given]
        [told] = [one for one in town.deliveries() if one.payload.get("rating") == 1]
        assert told.payload["reply"] == "5 wd"
        seen = town.by_code(code)
        assert [(one.of, one.grade, one.comment) for one in seen.ratings] == [
            ("petition_opinion_served", Satisfaction.DISSATISFIED, None)
        ]
        assert "正由上一级复核" in "".join(seen.lines("zh"))
        clock.advance(timedelta(days=10))
        town.sweep()
        assert [one.kind for one in town.history(case)].count(Happening.SUPERVISION_UNANSWERED) == 1
        town.answer_supervision(
            case, review.ref, "已责成重新核查", by=Actor("0700", frozenset({"county_government"}), EVERYWHERE)
        )
        assert "上一级已于 2026-03-12 复核" in "".join(town.by_code(code).lines("zh"))
        assert "当事人评价“信访处理意见书送达”(2026-03-02):不满意,请上一级复核" in town.explain(case).text(
            "zh"
        )

    def test_each_decision_once_and_only_what_was_decided(self, town: Engine, clock: FixedClock) -> None:
        case = town.open_case("dispute", TOWN, key="early", by=CLERK)
        assert case.code
        with pytest.raises(Conflict, match="nothing was decided"):
            town.rate(case.code, "satisfied")
        id, code = served(town)
        with pytest.raises(UnknownValue, match="petition_opinion_served"):
            town.rate(code, "satisfied", of="petition_opinion_serve")
        with pytest.raises(UnknownValue, match="satisfied"):
            town.rate(code, "satisfed")
        assert town.rate(code, Satisfaction.FAIR, of="petition_opinion_served").review is None
        with pytest.raises(AlreadyDone):
            town.rate(code, "dissatisfied", of="petition_opinion_served")
        assert town.supervisions(case=id) == []
        # Served again on another day, it is another decision.
        clock.advance(timedelta(days=3))
        town.milestone(id, "petition_opinion_served", on=date(2026, 3, 4), by=CLERK)
        assert town.rate(code, "dissatisfied", of="petition_opinion_served").seq == 2

    def test_the_end_of_a_case_is_rated_and_its_review_climbs_after_it(
        self, town: Engine, clock: FixedClock
    ) -> None:
        town.load_directory("examples/directory.yaml")
        case = town.open_case("enquiry", TOWN | {"request_kind": "repair"}, key="k", by=CLERK)
        for answer in ({"reply": "已修好"}, {"satisfied": True}):
            [task] = town.tasks(case=case.id)
            town.complete(task.id, answer, by=Actor("0431", frozenset(task.roles), EVERYWHERE))
        assert town.case(case.id).status is CaseStatus.ENDED
        assert case.code
        assert town.rate(case.code, "dissatisfied").of == "ended"
        [review] = town.supervisions(case=case.id)
        assert review.role == "village_head"
        clock.advance(timedelta(days=10))
        town.sweep()
        assert Happening.SUPERVISION_UNANSWERED in [one.kind for one in town.history(case.id)]

    def test_after_a_merge_the_code_rates_what_goes_on(self, town: Engine) -> None:
        into, code = served(town)
        old = town.open_case("petition", {**TOWN, "source": "petition_backlog"}, key="old", by=CLERK)
        assert old.code
        town.merge(old.id, into, reason="同一事项", by=OFFICE)
        assert town.rate(old.code, "satisfied", of="petition_opinion_served").case == into
        with pytest.raises(AlreadyDone):
            town.rate(code, "dissatisfied", of="petition_opinion_served")

    def test_what_a_court_has_decided_is_not_rated(self, town: Engine) -> None:
        case = town.open_case("enquiry", TOWN | {"request_kind": "repair"}, key="k", by=CLERK)
        for answer in ({"reply": "已修好"}, {"satisfied": True}):
            [task] = town.tasks(case=case.id)
            town.complete(task.id, answer, by=Actor("0431", frozenset(task.roles), EVERYWHERE))
        with town._runtime.writing() as connection:
            connection.execute(
                sa.text("UPDATE jiefen_case SET stage = 'trial' WHERE id = :id"), {"id": case.id}
            )
        assert case.code
        with pytest.raises(Conflict, match="nothing was decided"):
            town.rate(case.code, "dissatisfied")

    def test_of_an_accusation_nothing_is_rated(self, town: Engine) -> None:
        about = {"source": "petition_backlog", "area": "140429102201", "matter_type": "accusation"}
        case = town.open_case("petition", about | {"accused_persons": ["0431"]}, key="k", by=CLERK)
        town.milestone(case.id, "petitioner_told", on=date(2026, 3, 2), by=CLERK)
        assert case.code
        with pytest.raises(Conflict, match="nothing was decided"):
            town.rate(case.code, "dissatisfied")


class TestNotes:
    def test_they_are_kept_and_corrected_by_others(self, engine: Engine, clock: FixedClock) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        revision = engine.case(case).revision
        first = engine.notes.add(case, "漏水在东侧", by=CLERK)
        clock.advance(timedelta(minutes=5))
        engine.notes.add(case, "应为西侧", by=CLERK, corrects=first.seq)
        found = engine.notes.of(case, by=CLERK)
        assert [(one.seq, one.text, one.corrects, one.corrected_by) for one in found] == [
            (1, "漏水在东侧", None, 2),
            (2, "应为西侧", 1, None),
        ]
        assert engine.notes.of(case, by=CLERK, after=1, limit=1) == found[1:]
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
            engine.notes.of(case + 1, by=CLERK)
        with pytest.raises(NotAllowed):
            engine.notes.of(case, by=ELSEWHERE)
        engine.recuse(case, "0431", reason="近亲属", by=RECUSER)
        with pytest.raises(NotAllowed, match="recused"):
            engine.notes.of(case, by=Actor("0431"))

    def test_they_are_kept_from_who_is_accused(self, town: Engine) -> None:
        about = {"source": "petition_backlog", "area": "140429102201", "matter_type": "accusation"}
        case = town.open_case("petition", about | {"accused_persons": ["0431"]}, key="k", by=CLERK).id
        town.notes.add(case, "举报人要求保密", by=CLERK)
        for call in (
            lambda: town.notes.of(case, by=Actor("0431")),
            lambda: town.notes.add(case, "x", by=Actor("0431")),
            lambda: town.ratings(case, by=Actor("0431")),
        ):
            with pytest.raises(NotAllowed, match="confidential"):
                call()
        assert len(town.notes.of(case, by=CLERK)) == 1


#: Whoever is at the counter, at the command line.
WHO = ("--by", "0412", "--role", "clerk", "--role", "township_coordinator", "--area", "everywhere")


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
    given = json.loads(run("code", "1", "--reason", "遗失", *WHO, "--json"))
    assert run("code", "1", "--reason", "遗失", *WHO).strip() != given["code"]
    code = run("code", "1", "--reason", "遗失", *WHO).strip()
    assert json.loads(run("status", code, "--json"))["case"] == 1
    assert "1 号案" in run("status", code)
    run("note", "1", "--text", "待核实", *WHO)
    assert json.loads(run("note", "1", "--text", "已核实", "--corrects", "1", *WHO, "--json"))["seq"] == 2
    assert "已核实" in run("notes", "1", *WHO)
    assert [one["corrected_by"] for one in json.loads(run("notes", "1", *WHO, "--json"))] == [
        2,
        None,
    ]
    assert "code" not in json.loads(run("case", "1", "--json"))


def test_ratings_at_the_command_line(town: Engine, url: str) -> None:
    case, code = served(town)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--db", url, "--lang", "zh"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "上一级复核" in run("rate", code, "--grade", "dissatisfied", "--of", "petition_opinion_served")
    [found] = json.loads(run("ratings", str(case), *WHO, "--json"))
    assert (found["grade"], found["of"]) == ("dissatisfied", "petition_opinion_served")
    assert "dissatisfied" in run("ratings", str(case), *WHO)
    assert "正由上一级复核" in run("status", code)
