"""Matters that come in: each a case, once, and nothing without a word; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from jiefen import (
    EVERYWHERE,
    Actor,
    DatabaseError,
    DefinitionError,
    Engine,
    FactError,
    FixedClock,
    Happening,
    Intake,
    IntakeRow,
    LedgerError,
    LinkKind,
    NotFound,
    Taken,
)
from jiefen.bundled import bundled
from jiefen.people.directory import Organisation, Post
from jiefen_adapters.ledgers import LEDGERS
from tests.integration.conftest import Opener
from tests.support.moments import WINDOW

CLERK = Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE)
CENTRE = Actor("0101", frozenset({"township_coordinator"}), "140429")
FACTS = {
    "source": "visit_ledger", "dispute_type": "neighbour", "area": "140429102201", "received_on": "2026-03-02",
    "title": "院墙占了过道,两家争吵",
}  # fmt: skip
AREAS = bundled("ledgers") / "areas.yaml"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def row(key: str = "visit:1", name: str = "张三", phone: str | None = None, **more: Any) -> IntakeRow:
    rebound = more.pop("rebound", False)
    people = [{"part": "applicant", "name": name, **({"phone": phone} if phone else {})}]
    return IntakeRow(key=key, facts=FACTS | more, parties=people, rebound=rebound)


def take(engine: Engine, *rows: Any, **more: Any) -> list[Taken]:
    return list(engine.intake(rows, by=CLERK, **more))


def outcomes(taken: list[Taken]) -> list[Intake]:
    return [one.outcome for one in taken]


def withdrawn(engine: Engine, case: int) -> None:
    assert engine.message("party.withdrew", case=case, key=f"w{case}", by=WINDOW)


class TestKnown:
    def test_a_row_opens_a_case_once(self, engine: Engine) -> None:
        first = take(engine, row())
        assert outcomes(first) == [Intake.OPENED]
        again = take(engine, row())
        assert (outcomes(again), again[0].case) == ([Intake.KNOWN], first[0].case)
        assert len(engine.cases()) == 1

    def test_what_a_row_says_otherwise_is_told_once_and_changes_nothing(self, engine: Engine) -> None:
        [opened] = take(engine, row())
        assert opened.case is not None
        other = row(amount="3000.00", phone="13800000001")
        [changed] = take(engine, other)
        assert (changed.outcome, changed.case, changed.differs) == (
            Intake.CHANGED, opened.case, ("amount", "parties"),
        )  # fmt: skip
        entry = engine.history(opened.case)[-1]
        assert (entry.kind, entry.data["names"]) == (Happening.INTAKE_DIFFERS, ["amount", "parties"])
        assert entry.data["said"]["amount"] == "3000"
        assert entry.data["parties"] == [{"seq": 1, "part": "applicant", "fields": ["phone"]}]
        assert "13800000001" not in repr(entry.data)
        assert "amount" not in engine.case(opened.case).facts
        length = len(engine.history(opened.case))
        assert outcomes(take(engine, other, other)) == [Intake.CHANGED] * 2
        assert len(engine.history(opened.case)) == length
        assert outcomes(take(engine, row(amount="4000.00"))) == [Intake.CHANGED]
        told = engine.explain(opened.case).text("en")
        assert "says otherwise" in told
        assert "3000" not in told

    def test_a_row_that_changes_again_and_one_that_changes_back_are_told(self, engine: Engine) -> None:
        [opened] = take(engine, row())
        assert opened.case is not None
        said = [row(amount="3000.00"), row(amount="4000.00"), row(amount="3000.00"), row(), row()]
        taken = take(engine, *said, row(amount="3000.00"))
        assert outcomes(taken) == [Intake.CHANGED] * 3 + [Intake.KNOWN] * 2 + [Intake.CHANGED]
        told = [entry.data for entry in engine.history(opened.case) if entry.kind == Happening.INTAKE_DIFFERS]
        assert [data["said"].get("amount") for data in told] == ["3000", "4000", "3000", None, "3000"]
        assert "与登记不同:没有不同了" in engine.explain(opened.case).text("zh")
        assert "nothing any more" in engine.explain(opened.case).text("en")

    def test_what_a_row_of_a_merged_case_says_is_told_where_it_goes_on(self, engine: Engine) -> None:
        first, second = take(engine, row(), row("visit:2", "李四", title="工地拖欠三个月工资"))
        assert first.case is not None
        assert second.case is not None
        engine.merge(first.case, second.case, reason="同一事项", by=CENTRE)
        other = row(amount="3000.00")
        mine = row("visit:2", "李四", title="工地拖欠三个月工资", amount="500.00")
        for _ in range(2):
            assert outcomes(take(engine, other, mine)) == [Intake.CHANGED] * 2
        found = [
            entry.data for entry in engine.history(second.case) if entry.kind == Happening.INTAKE_DIFFERS
        ]
        assert [(data.get("row"), data["said"]["amount"]) for data in found] == [
            ("visit:1", "3000"),
            (None, "500"),
        ]

    def test_what_was_corrected_as_the_row_says_differs_no_longer(self, engine: Engine) -> None:
        [opened] = take(engine, row())
        assert opened.case is not None
        other = row(amount="3000.00", phone="13800000001")
        assert outcomes(take(engine, other)) == [Intake.CHANGED]
        engine.correct(opened.case, {"amount": "3000.00"}, reason="台账更正", by=CLERK)
        assert take(engine, other)[0].differs == ("parties",)
        engine.parties.change(opened.case, 1, {"phone": "13800000001"}, reason="台账更正", by=CLERK)
        assert outcomes(take(engine, other, row())) == [Intake.KNOWN] * 2
        assert take(engine, row(name="张三丰"))[0].differs == ("parties",)

    def test_a_row_whose_case_was_voided_opens_none_and_is_told(self, engine: Engine) -> None:
        [first] = take(engine, row())
        assert first.case is not None
        engine.void(first.case, reason="误登", by=CENTRE, evidence="登记簿")
        again = take(engine, row(), row(rebound=True))
        assert [(one.outcome, one.case) for one in again] == [(Intake.VOIDED, first.case)] * 2

    def test_a_row_whose_case_was_merged_goes_on_in_the_other(self, engine: Engine) -> None:
        first, second = take(engine, row(), row("visit:2", "李四", title="工地拖欠三个月工资"))
        assert first.case is not None
        assert second.case is not None
        engine.merge(first.case, second.case, reason="同一事项", by=CENTRE)
        [known] = take(engine, row())
        assert (known.outcome, known.case) == (Intake.KNOWN, second.case)
        withdrawn(engine, second.case)
        [again] = take(engine, row(rebound=True))
        assert (again.outcome, again.others) == (Intake.REBOUNDED, (second.case,))

    def test_a_number_that_is_used_again_for_another_matter_swallows_nobody(self, engine: Engine) -> None:
        [first] = take(engine, row("backlog:140429102-001", "甲一"))
        second = row("backlog:140429102-001", "乙二", title="征地补偿款没有发放")
        [other] = take(engine, second)
        assert (other.outcome, other.others) == (Intake.ANOTHER, (first.case,))
        assert outcomes(take(engine, second, row("backlog:140429102-001", "甲一"))) == [Intake.KNOWN] * 2
        assert len(engine.cases()) == 2

    def test_a_matter_that_had_ended_and_came_up_again_runs_again(self, engine: Engine) -> None:
        [first] = take(engine, row())
        assert first.case is not None
        again = row(rebound=True)
        assert outcomes(take(engine, again)) == [Intake.KNOWN]
        withdrawn(engine, first.case)
        assert outcomes(take(engine, row())) == [Intake.KNOWN]
        [rebounded] = take(engine, again)
        assert (rebounded.outcome, rebounded.others) == (Intake.REBOUNDED, (first.case,))
        assert rebounded.case is not None
        assert engine.case(rebounded.case).status == "open"
        assert [link.kind for link in engine.links(rebounded.case)] == [LinkKind.REBOUND_OF]
        assert outcomes(take(engine, again)) == [Intake.KNOWN]
        withdrawn(engine, rebounded.case)
        assert outcomes(take(engine, again)) == [Intake.REBOUNDED]


class TestRepeats:
    @pytest.mark.parametrize(
        ("other", "probable"),
        [
            (row("12345:W1"), True),
            (row("12345:W1", "张　三"), True),
            (row("12345:W1", title="院墙占了过道,两家还在争吵"), True),
            (row("12345:W1", received_on="2024-05-06"), True),
            (row("12345:W1", title="工地拖欠三个月工资"), False),
            (row("12345:W1", "李四"), False),
            (row("12345:W1", phone="13900000009"), True),  # a namesake, or a new number
            (row("12345:W1", "张三丰", phone="13800000001"), True),
            (row("12345:W1", "王秀英", phone="13800000001"), True),  # a household, perhaps
            (row("12345:W1", "王秀英", phone="13800000001", title="工地拖欠三个月工资"), False),
        ],
    )
    def test_the_same_people_with_a_similar_matter_are_linked_for_somebody_to_decide(
        self, engine: Engine, other: IntakeRow, probable: bool
    ) -> None:
        [first] = take(engine, row(phone="13800000001"))
        [second] = take(engine, other)
        assert second.case not in (None, first.case)
        assert second.outcome is (Intake.REPEAT if probable else Intake.OPENED)
        found = engine.probable_repeats()
        assert [(link.case, link.other) for link in found] == (
            [(second.case, first.case)] if probable else []
        )

    def test_a_slip_of_the_pen_is_found_among_what_is_of_a_kind(self, engine: Engine) -> None:
        [first] = take(engine, row(name="王小明"))
        elsewhere = row("visit:3", "王晓明", area="140429103")
        assert outcomes(take(engine, elsewhere)) == [Intake.OPENED]
        [second] = take(engine, row("visit:2", "王晓明"))
        assert second.outcome is Intake.REPEAT
        assert first.case in second.others

    def test_a_case_that_was_voided_is_nobodys_repeat(self, engine: Engine) -> None:
        [first] = take(engine, row())
        assert first.case is not None
        engine.void(first.case, reason="误登", by=CENTRE, evidence="登记簿")
        assert outcomes(take(engine, row("visit:2"))) == [Intake.OPENED]

    def test_nobody_is_no_person(self, engine: Engine) -> None:
        assert outcomes(take(engine, row("a", "匿名"), row("b", "匿名"))) == [Intake.OPENED] * 2
        bare = [IntakeRow(key=key, facts=FACTS) for key in ("c", "d")]
        assert outcomes(take(engine, *bare)) == [Intake.OPENED] * 2


class TestOwners:
    """Who sees to a matter, as the register says it, is kept as what it is."""

    @pytest.fixture
    def engine(self, opener: Opener) -> Engine:
        posts = (
            Post(role="town_head", area="140429102", holder="0501"),
            Post(role="town_head", area="140429102", holder="0502", until=date(2025, 12, 31)),
        )
        directory = Organisation(units={}, posts=posts, superiors={})
        return opener(processes=None, rules=None, directory=directory)

    def test_a_leader_of_the_directory_is_bound_and_the_rest_is_kept(self, engine: Engine) -> None:
        owners = {"leader": "0501", "承办单位": "住建办", "visitor": "0501", "handler": "0611"}
        [taken] = take(engine, replace(row(), owners=owners))
        assert taken.case is not None
        assert (taken.unbound, engine.case(taken.case).leader) == (None, "0501")
        named, contact, bound = [
            entry
            for entry in engine.history(taken.case)
            if entry.kind in (Happening.OWNERS_NAMED, Happening.CONTACT, Happening.LEADER_BOUND)
        ]
        assert (named.kind, named.data["owners"]["unit"]) == (Happening.OWNERS_NAMED, "住建办")
        assert (contact.kind, contact.subject, contact.data["leader"]) == ("contact", "field_visit", True)
        assert (bound.kind, bound.subject) == (Happening.LEADER_BOUND, "0501")
        told = engine.explain(taken.case)
        assert "来源写明:包案领导、承办单位、承办人、走访人" in told.text("zh")
        assert "leader, handling unit" in told.text("en")
        length = len(engine.history(taken.case))
        assert outcomes(take(engine, replace(row(), owners=owners))) == [Intake.KNOWN]
        assert len(engine.history(taken.case)) == length

    def test_others_who_see_to_it_are_told_once_and_bind_nobody(self, engine: Engine) -> None:
        [taken] = take(engine, replace(row(), owners={"leader": "0501", "unit": "住建办"}))
        assert taken.case is not None
        other = replace(row(), owners={"leader": "0501", "unit": "农办"})
        [changed] = take(engine, other)
        assert (changed.outcome, changed.differs) == (Intake.CHANGED, ("owners",))
        assert outcomes(take(engine, other, row())) == [Intake.KNOWN] * 2
        entry = engine.history(taken.case)[-1]
        assert (entry.kind, entry.data["owners"]["unit"]) == (Happening.OWNERS_NAMED, "农办")
        assert engine.case(taken.case).leader == "0501"
        [late] = take(engine, replace(row("visit:2", "乙二", title="工地拖欠三个月工资")))
        [named] = take(
            engine, replace(row("visit:2", "乙二", title="工地拖欠三个月工资"), owners={"leader": "0501"})
        )
        assert (named.outcome, engine.case(late.case or 0).leader) == (Intake.CHANGED, None)

    @pytest.mark.parametrize("leader", ["李书记", "0502"])
    def test_a_leader_whom_nobody_knows_is_told(self, engine: Engine, leader: str) -> None:
        [taken] = take(engine, replace(row(), owners={"leader": leader}))
        assert taken.case is not None
        assert (taken.outcome, taken.unbound) == (Intake.OPENED, leader)
        assert engine.case(taken.case).leader is None
        assert leader not in repr(taken)

    def test_owners_that_cannot_be(self, engine: Engine) -> None:
        bad: list[Any] = [["0501"], {"lead": "0501"}, {"leader": ""}, {"unit": "x" * 201}, {"unit": 5}]
        rows = [replace(row(str(number)), owners=one) for number, one in enumerate(bad)]
        taken = take(engine, *rows)
        assert outcomes(taken) == [Intake.REFUSED] * len(bad)
        assert "did you mean 'leader'" in str(taken[1].error)
        assert engine.cases() == []

    def test_a_ledger_says_them(self, engine: Engine, tmp_path: Path) -> None:
        cells = {**TestLayouts.CELLS, "包案领导": "李书记", "承办单位": "住建办", "走访人": "王干事"}
        words = tmp_path / "words.yaml"
        words.write_text("people: {李书记: '0501'}\n", encoding="utf-8")
        [read] = LEDGERS.read_rows([cells], layout="visit_ledger", areas=AREAS, words=words).rows
        assert read.owners == {"leader": "0501", "unit": "住建办", "visitor": "王干事"}
        [taken] = engine.intake([cells], "visit_ledger", areas=AREAS, words=words, by=CLERK)
        assert taken.case is not None
        assert engine.case(taken.case).leader == "0501"
        [other] = engine.intake([{**cells, "群众姓名": "乙二"}], "visit_ledger", areas=AREAS, by=CLERK)
        assert other.unbound == "李书记"


class TestRefused:
    def test_a_row_that_cannot_be_a_case_holds_up_no_other(self, engine: Engine) -> None:
        bad = row("b", dispute_type="neighbor")
        taken = take(engine, row("a", "甲"), bad, row("c", "丙"))
        assert outcomes(taken) == [Intake.OPENED, Intake.REFUSED, Intake.OPENED]
        assert isinstance(taken[1].error, FactError)
        assert taken[1].error.fact == "dispute_type"
        assert taken[1].row is bad
        assert len(engine.cases()) == 2

    def test_what_cannot_be_asked(self, engine: Engine) -> None:
        for rows in ("abc", {"a": 1}, 5):
            with pytest.raises(FactError, match="rows"):
                engine.intake(rows, by=CLERK)  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="dispute"):
            engine.intake([], process="disput", by=CLERK)
        assert outcomes(take(engine, object(), None)) == [Intake.REFUSED] * 2

    def test_an_intake_that_was_broken_off_is_done_again(self, engine: Engine) -> None:
        rows = [row(f"k{number}", f"人{number}") for number in range(6)]

        def broken() -> Iterator[IntakeRow]:
            yield from rows[:3]
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            list(engine.intake(broken(), by=CLERK))
        assert len(engine.cases()) == 3
        assert outcomes(take(engine, *rows)) == [Intake.KNOWN] * 3 + [Intake.OPENED] * 3

    def test_a_database_that_fails_is_no_refusal(self, engine: Engine, clock: FixedClock) -> None:
        with engine._runtime.database.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE jiefen_link"))
        take(engine, row("a"))
        with pytest.raises(DatabaseError):
            take(engine, row("b"))


class TestLayouts:
    """Rows that a host has, read by the layout of a ledger."""

    CELLS: ClassVar[dict[str, Any]] = {
        "序号": 1, "走访日期": "2026.3.1", "乡镇": "蟠龙镇", "村(社区)": "上司村", "群众姓名": "甲一",
        "问题类别": "邻里纠纷", "反映问题": "院墙占了过道", "涉及人数": "约10人",
    }  # fmt: skip

    def test_they_become_cases(self, engine: Engine) -> None:
        bad = {**self.CELLS, "走访日期": "3月中旬", "村(社区)": "花果山村"}
        other = {**self.CELLS, "群众姓名": "乙二"}
        taken = list(engine.intake([self.CELLS, bad, other], "visit_ledger", areas=AREAS, by=CLERK))
        assert outcomes(taken) == [Intake.OPENED, Intake.REFUSED, Intake.OPENED]
        refused = next(one for one in taken if one.outcome is Intake.REFUSED)
        assert "走访日期" in str(refused.error)
        assert "花果山村" in str(refused.error)
        case = engine.cases()[0]
        assert case.facts["received_on"] == date(2026, 3, 1)
        assert "约10人" in case.facts["description"]

    @pytest.mark.parametrize(
        ("said", "process", "first"),
        [("咨询", "enquiry", "answer"), ("报修", "enquiry", "answer"), ("建议", "petition", "register")],
    )
    def test_what_is_no_dispute_goes_its_own_way(
        self, engine: Engine, said: str, process: str, first: str
    ) -> None:
        [taken] = engine.intake([{**self.CELLS, "问题类别": said}], "visit_ledger", areas=AREAS, by=CLERK)
        assert taken.case is not None
        assert engine.case(taken.case).process == process
        assert [task.element for task in engine.tasks(case=taken.case)] == [first]

    def test_a_layout_of_ones_own(self, engine: Engine, tmp_path: Path) -> None:
        layout = tmp_path / "own.yaml"
        layout.write_text(
            """\
ledger: street_book
source: visit_ledger
title: {zh: 街道台账, en: Street book}
files: ['*街道*']
key: {prefix: street, number: [编号], issuer: township}
area: [[地点]]
facts:
  received_on: {read: date, columns: [时间], required: true}
  title: {read: text, columns: [事情], required: true, cut: 60}
  dispute_type: {read: dispute_type, columns: [种类], required: true}
  applicant.name: {read: name, columns: [谁], max_length: 100}
""",
            encoding="utf-8",
        )
        cells = {
            "编号": "7",
            "时间": "2026-03-01",
            "地点": "上司村",
            "事情": "路灯不亮",
            "种类": "其他",
            "谁": "甲一",
        }
        [taken] = engine.intake([cells], layout, areas=AREAS, by=CLERK)
        assert taken.case is not None
        assert engine.case(taken.case).key == "street:140429102-7"

    def test_they_are_read_some_at_once_and_no_further_than_is_asked_for(self, engine: Engine) -> None:
        asked: list[int] = []

        def rows() -> Iterator[dict[str, Any]]:
            for number in range(2_000):
                asked.append(number)
                yield {**self.CELLS, "群众姓名": f"人{number}"}

        taken = engine.intake(rows(), "visit_ledger", areas=AREAS, by=CLERK)
        assert [next(taken).outcome, next(taken).outcome] == [Intake.OPENED] * 2
        assert len(asked) < 1_000

    def test_a_row_that_is_none_is_named(self, engine: Engine) -> None:
        with pytest.raises(FactError, match="row 2 is a int"):
            engine.intake([self.CELLS, 5], "visit_ledger", areas=AREAS, by=CLERK)

    def test_columns_that_are_missing_are_named(self, engine: Engine, tmp_path: Path) -> None:
        with pytest.raises(LedgerError, match="走访日期"):
            engine.intake([{"序号": 1}], "visit_ledger", areas=AREAS, by=CLERK)
        with pytest.raises(FactError, match="areas="):
            engine.intake([self.CELLS], "visit_ledger", by=CLERK)
        words = tmp_path / "words.yaml"
        words.write_text("emty: [没填]\n", encoding="utf-8")
        with pytest.raises(DefinitionError):
            engine.intake([self.CELLS], "visit_ledger", areas=AREAS, words=words, by=CLERK)


def test_an_intake_costs_the_same_however_many_cases_there_are(engine: Engine, clock: FixedClock) -> None:
    statements: list[str] = []
    sa.event.listen(
        engine._runtime.database.engine, "before_cursor_execute", lambda *call: statements.append(call[2])
    )
    counts = []
    for number in range(8):
        clock.advance(timedelta(minutes=1))
        statements.clear()
        take(engine, row(f"k{number}", f"人{number}"))
        counts.append(len(statements))
    assert counts[2:] == counts[1:-1]
    assert counts[-1] <= 17
