"""A case that was entered by mistake is voided, and one that is another's matter goes on in that one."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from jiefen import (
    Actor,
    AlreadyDone,
    Answer,
    Conflict,
    Engine,
    FixedClock,
    Happening,
    JiefenError,
    LinkKind,
    NotAllowed,
    Received,
)
from tests.integration.conftest import Opener
from tests.integration.watch import china

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": "院墙占了过道"}
LABOUR = {"dispute_type": "labour", "knew_on": "2025-06-10"}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, key: str, people: tuple[str, ...] = ("张三",), **more: Any) -> int:
    parties = [{"part": "applicant", "name": name} for name in people]
    return engine.open_case("dispute", FACTS | more, key=key, by=CLERK, parties=parties).id


def rights(engine: Engine, case: int) -> dict[str, date | None]:
    return {
        one.rule: one.due_on
        for one in engine.deadlines(case)
        if one.kind == "right" and one.status == "running"
    }


class TestVoid:
    def test_nobody_has_to_do_anything_any_more(self, engine: Engine) -> None:
        case = opened(engine, "k")
        assert engine.void(case, reason="重复登记的测试件", by=CLERK).status == "voided"
        assert engine.tasks(case=case) == []
        assert {one.status for one in engine.deadlines(case)} <= {"cancelled", "met", "superseded"}
        assert [one.id for one in engine.cases(status="voided")] == [case]
        assert "Voided (重复登记的测试件)" in engine.explain(case).text("en")
        engine.sweep()
        before = engine.history(case)
        engine.void(case, reason="再次", by=CLERK)
        assert engine.history(case) == before

    def test_a_right_that_runs_is_not_voided_without_evidence(self, engine: Engine) -> None:
        case = opened(engine, "k", **LABOUR)
        with pytest.raises(NotAllowed, match=r"labour\.limitation.*第二十七条") as error:
            engine.void(case, reason="误登", by=CLERK)
        assert "不能因此消灭" in error.value.text("zh")
        assert engine.case(case).status == "open"
        engine.void(case, reason="误登", evidence="登记台账第3页,无此人", by=CLERK)
        assert rights(engine, case) == {}

    def test_what_is_over_is_not_voided(self, engine: Engine) -> None:
        case = opened(engine, "k")
        assert engine.message("party.withdrew", case=case, key="w")
        with pytest.raises(Conflict, match="ended"):
            engine.void(case, reason="误登", by=CLERK)

    def test_not_while_a_part_is_open(self, engine: Engine) -> None:
        whole, part = opened(engine, "whole"), opened(engine, "part", ("李四",))
        engine.link(part, whole, kind="child_of", reason="同一项目", by=CLERK)
        with pytest.raises(Conflict, match=f"case {part} is a part"):
            engine.void(whole, reason="误登", by=CLERK)
        engine.void(part, reason="误登", by=CLERK)
        engine.void(whole, reason="误登", by=CLERK)


class TestMerge:
    def test_people_facts_and_rights_go_over(self, engine: Engine) -> None:
        target = opened(engine, "a", dispute_type="labour")
        source = opened(engine, "b", ("张　三", "李四"), amount="9000.00", **LABOUR)
        ran = rights(engine, source)
        assert "labour.limitation" in ran
        assert "labour.limitation" not in rights(engine, target)
        merged = engine.merge(source, target, reason="同一欠薪", by=CLERK)
        assert (merged.id, merged.facts["knew_on"]) == (target, date(2025, 6, 10))
        assert [one.name for one in engine.parties.of(target)] == ["张三", "李四"]
        assert rights(engine, target)["labour.limitation"] == ran["labour.limitation"]
        assert rights(engine, source) == {}
        assert engine.case(source).status == "merged"
        assert engine.tasks(case=source) == []
        assert [one.kind for one in engine.links(source)] == [LinkKind.MERGED_INTO]
        assert f"merged into case {target}" in engine.explain(source).text("en").lower()
        before = engine.history(target)
        engine.merge(source, target, reason="再次", by=CLERK)
        assert engine.history(target) == before

    def test_a_right_that_would_not_run_there_keeps_the_case(self, engine: Engine) -> None:
        target = opened(engine, "a", dispute_type="labour", knew_on="2025-05-12")
        source = opened(engine, "b", **LABOUR)
        with pytest.raises(NotAllowed, match=r"labour\.limitation"):
            engine.merge(source, target, reason="同一欠薪", by=CLERK)
        assert engine.case(source).status == engine.case(target).status == "open"
        assert engine.links(source) == ()

    def test_a_message_to_the_old_number_reaches_the_case(self, engine: Engine) -> None:
        target, source = opened(engine, "a"), opened(engine, "b")
        engine.merge(source, target, reason="同一事项", by=CLERK)
        assert engine.message("party.withdrew", case=source, key="w")
        assert engine.case(target).status == "ended"
        assert engine.history(source)[-1].kind is Happening.FORWARDED
        assert engine.message("party.withdrew", case=source, key="w") is False

    def test_a_key_sent_to_both_numbers_is_two_messages(self, engine: Engine) -> None:
        target, source = opened(engine, "a"), opened(engine, "b")
        engine.receive("matter.urgent", case=target, key="1")
        engine.receive("matter.urgent", case=source, key="0")
        engine.merge(source, target, reason="同一事项", by=CLERK)
        assert engine.receive("party.withdrew", case=source, key="1") is Received.CAUGHT
        assert engine.receive("party.withdrew", case=source, key="1") is Received.REPEATED
        # What came before the merge is known by its own number.
        assert engine.receive("matter.urgent", case=source, key="0") is Received.REPEATED
        long = "x" * 200
        engine.receive("matter.urgent", case=source, key=long)
        assert engine.receive("matter.urgent", case=source, key=long) is Received.REPEATED
        kinds = [one.kind for one in engine.history(source)]
        assert kinds.count(Happening.FORWARDED) == 2

    def test_messages_and_merges_do_not_wait_for_each_other_for_ever(self, engine: Engine) -> None:
        target, source = opened(engine, "a"), opened(engine, "b")
        engine.merge(source, target, reason="同一事项", by=CLERK)
        failed: list[Exception] = []

        def repeat(act: Callable[[int], object]) -> None:
            try:
                for number in range(15):
                    act(number)
            except Exception as error:
                failed.append(error)

        def message(number: int) -> None:
            engine.receive("matter.urgent", case=source, key=f"m{number}")

        def merge(_: int) -> None:
            engine.merge(source, target, reason="再次", by=CLERK)

        def link(_: int) -> None:
            engine.links(source)
            engine.link(source, target, kind="related", reason="同一片区", by=CLERK)

        threads = [threading.Thread(target=repeat, args=(act,)) for act in (message, merge, link)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failed == []
        kinds = [one.kind for one in engine.history(source)]
        assert kinds.count(Happening.FORWARDED) == 15

    def test_who_somebody_speaks_for_goes_over(self, engine: Engine) -> None:
        target = opened(engine, "a", ("张三", "王五"))
        people = [
            {"part": "agent", "name": "赵律师", "represents": 3},
            {"part": "agent", "name": "钱律师", "represents": 4},
            {"part": "applicant", "name": "李四"},
            {"part": "applicant", "name": "王五"},
        ]
        source = engine.open_case("dispute", FACTS, key="b", by=CLERK, parties=people).id
        engine.merge(source, target, reason="同一事项", by=CLERK)
        there = engine.parties.of(target)
        assert [(one.name, one.represents) for one in there] == [
            ("张三", None), ("王五", None), ("赵律师", 5), ("钱律师", 2), ("李四", None),
        ]  # fmt: skip

    def test_evidence_of_the_true_day_lets_the_merge_go_on(self, engine: Engine) -> None:
        target = opened(engine, "a", dispute_type="labour", knew_on="2025-05-12")
        source = opened(engine, "b", **LABOUR)
        engine.merge(source, target, reason="同一欠薪", evidence="工资条:5月12日已知", by=CLERK)
        entry = next(one for one in engine.history(source) if one.kind is Happening.MERGED)
        assert entry.data["evidence"] == "工资条:5月12日已知"

    def test_who_was_pressed_owes_the_answer_there(self, engine: Engine, clock: FixedClock) -> None:
        target, source = opened(engine, "a"), opened(engine, "b", source="petition", dispute_type="other")
        clock.set(china(5, 4))
        engine.sweep()
        open_ones = engine.supervisions(case=source)
        assert any(one.reply_at for one in open_ones)
        engine.merge(source, target, reason="同一事项", by=CLERK)
        assert engine.supervisions(case=source) == []
        there = {one.ref: one for one in engine.supervisions(case=target)}
        for one in open_ones:
            moved = there[f"merged/{source}/{one.ref}"]
            assert (moved.role, moved.holders, moved.reply_at) == (one.role, one.holders, one.reply_at)
        assert f"Case {source} was merged into this one, which owes the answer" in engine.explain(
            target
        ).text("en")
        clock.set(china(8, 4))
        engine.sweep()
        told = [one for one in engine.history(target) if one.kind is Happening.SUPERVISION_UNANSWERED]
        moved_refs = {f"merged/{source}/{one.ref}" for one in open_ones if one.reply_at is not None}
        assert moved_refs <= {one.subject for one in told}
        ref = f"merged/{source}/{open_ones[0].ref}"
        answered = engine.answer_supervision(
            target, ref, "已约谈双方", by=Actor("z", frozenset({there[ref].role}), "14")
        )
        assert answered.status == "answered"

    def test_an_answer_from_outside_to_the_old_case_reaches_the_other(self, engine: Engine) -> None:
        target, source = opened(engine, "a"), opened(engine, "b")
        engine.receive("matter.urgent", case=source, key="u")
        outside = [one for one in engine.deliveries() if one.case == source]
        assert outside, "nothing went out"
        engine.merge(source, target, reason="同一事项", by=CLERK)
        given = Answer({"title": "不同的标题", "persons": 7, "no_such_fact": 1})
        with contextlib.suppress(AlreadyDone):
            engine.answer(outside[0].id, given)
        entry = engine.history(target)[-1]
        assert (entry.kind, entry.data["case"]) == (Happening.ANSWER_FORWARDED, source)
        assert f"An answer from outside to case {source}" in engine.explain(target).text("en")
        before = engine.history(target)
        with pytest.raises(AlreadyDone):
            engine.answer(outside[0].id, given)
        assert engine.history(target) == before

    def test_two_people_merge_the_same_cases_at_once(self, engine: Engine) -> None:
        one, other = opened(engine, "a"), opened(engine, "b")
        failed: list[JiefenError] = []

        def merge(case: int, into: int) -> None:
            try:
                engine.merge(case, into, reason="同一事项", by=CLERK)
            except JiefenError as error:
                failed.append(error)

        threads = [threading.Thread(target=merge, args=pair) for pair in ((one, other), (other, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert [type(error) for error in failed] == [Conflict]
        assert sorted(engine.case(case).status for case in (one, other)) == ["merged", "open"]

    def test_what_is_over_is_not_merged(self, engine: Engine) -> None:
        one, other = opened(engine, "a"), opened(engine, "b")
        engine.void(other, reason="误登", by=CLERK)
        for pair in ((one, other), (other, one)):
            with pytest.raises(Conflict, match="voided"):
                engine.merge(*pair, reason="同一事项", by=CLERK)


class TestParts:
    def test_the_whole_ends_while_a_part_is_open(self, engine: Engine) -> None:
        whole, part = opened(engine, "whole"), opened(engine, "part", ("李四",))
        engine.link(part, whole, kind="child_of", reason="同一项目", by=CLERK)
        assert engine.message("party.withdrew", case=whole, key="w")
        entry = next(one for one in engine.history(whole) if one.kind is Happening.PARTS_OPEN)
        assert entry.data["parts"] == [part]
        told = [one for one in engine.deliveries() if one.payload.get("action") == "parts_open"]
        assert [(one.case, one.payload["parts"]) for one in told] == [(whole, [part])]
        assert told[0].payload["to"] is not None
        assert engine.case(part).status == "open"
        assert f"子件 {part} 尚未办结" in engine.explain(whole).text("zh")

    def test_the_whole_ends_with_its_parts_in_silence(self, engine: Engine) -> None:
        whole, part = opened(engine, "whole"), opened(engine, "part", ("李四",))
        engine.link(part, whole, kind="child_of", reason="同一项目", by=CLERK)
        engine.message("party.withdrew", case=part, key="w")
        engine.message("party.withdrew", case=whole, key="w")
        assert Happening.PARTS_OPEN not in {one.kind for one in engine.history(whole)}
