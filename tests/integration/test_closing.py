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
    Delivery,
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
from tests.support.moments import WINDOW

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


def notices(engine: Engine, case: int, status: str = "parked") -> list[Delivery]:
    found = engine.deliveries(status=status, limit=1000)
    return [one for one in found if (one.case, one.topic) == (case, "notice")]


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

    def test_what_another_case_goes_on_in_is_not_voided(self, engine: Engine) -> None:
        wrong, source, right = opened(engine, "a"), opened(engine, "b"), opened(engine, "c")
        engine.merge(source, wrong, reason="同一事项", by=CLERK)
        with pytest.raises(Conflict, match=f"case {source} was merged into case {wrong}") as caught:
            engine.void(wrong, reason="误登", by=CLERK)
        assert f"{source} 号案已并入本案" in caught.value.text("zh")
        # What it says to do helps.
        engine.merge(wrong, right, reason="同一事项", by=CLERK)
        assert engine.message("party.withdrew", case=source, key="w", by=WINDOW)
        assert engine.case(right).status == "ended"

    def test_its_story_does_not_read_like_that_of_a_live_case(self, engine: Engine) -> None:
        voided, source, target, last = (opened(engine, key) for key in "abcd")
        assert engine.open_questions(source)
        engine.void(voided, reason="误登", by=CLERK)
        engine.merge(source, target, reason="同一事项", by=CLERK)
        engine.merge(target, last, reason="同一事项", by=CLERK)
        assert "Voided, entered by mistake" in engine.explain(voided).text("en").splitlines()[1]
        assert "已作废" in engine.explain(voided).text("zh").splitlines()[1]
        for one in (source, target):
            told = engine.explain(one)
            assert told.goes_on_in == told.as_dict()["goes_on_in"] == last
            assert f"it goes on in case {last}" in told.text("en").splitlines()[1]
            assert f"已并入 {last} 号案" in told.text("zh").splitlines()[1]
        assert engine.explain(last).text("zh").splitlines()[1] == ""
        assert engine.open_questions(voided) == engine.open_questions(source) == ()

    def test_what_is_over_is_not_voided(self, engine: Engine) -> None:
        case = opened(engine, "k")
        assert engine.message("party.withdrew", case=case, key="w", by=WINDOW)
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
        assert [one.kind for one in engine.links(source)] == [LinkKind.PROBABLE_REPEAT]

    def test_a_message_to_the_old_number_reaches_the_case(self, engine: Engine) -> None:
        target, source = opened(engine, "a"), opened(engine, "b")
        engine.merge(source, target, reason="同一事项", by=CLERK)
        assert engine.message("party.withdrew", case=source, key="w", by=WINDOW)
        assert engine.case(target).status == "ended"
        assert engine.history(source)[-1].kind is Happening.FORWARDED
        assert engine.message("party.withdrew", case=source, key="w", by=WINDOW) is False

    def test_a_key_sent_to_both_numbers_is_two_messages(self, engine: Engine) -> None:
        target, source = opened(engine, "a"), opened(engine, "b")
        engine.receive("matter.urgent", case=target, key="1")
        engine.receive("matter.urgent", case=source, key="0")
        engine.merge(source, target, reason="同一事项", by=CLERK)
        assert engine.receive("party.withdrew", case=source, key="1", by=WINDOW) is Received.CAUGHT
        assert engine.receive("party.withdrew", case=source, key="1", by=WINDOW) is Received.REPEATED
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

    def test_what_waits_to_be_told_goes_out_in_the_other_case(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        target, source = opened(engine, "a"), opened(engine, "b", ("李四",), **LABOUR)
        clock.set(china(6, 4))
        engine.sweep()
        waited = notices(engine, source)
        warned = {one.key for one in waited if one.payload.get("deadline") == "labour.limitation"}
        assert warned
        assert any("task" in one.payload for one in waited)
        engine.merge(source, target, reason="同一欠薪", by=CLERK)
        assert [one.payload["action"] for one in notices(engine, source)] == ["merged"]
        came = [one for one in notices(engine, target) if "merged_case" in one.payload]
        prefix = f"jiefen:{target}:merged/{source}/"
        assert {one.key.replace(prefix, f"jiefen:{source}:") for one in came} == warned
        assert {one.payload["merged_case"] for one in came} == {source}
        passed = [one for one in engine.history(source) if one.kind is Happening.NOTICE_PASSED_ON]
        assert len(passed) == len(waited)
        assert sum(one.data["goes_over"] for one in passed) == len(came)
        told = engine.explain(source).text("zh")
        assert f"不再由本案发出:由 {target} 号案发出" in told
        assert "不再由本案发出:并入的案件自行通知" in told

    def test_what_the_other_case_tells_and_what_must_be_answered_is_told_once(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        target, source = (opened(engine, key, source="petition", dispute_type="other") for key in "ab")
        clock.set(china(5, 4))
        engine.sweep()
        before, pressed = notices(engine, target), engine.supervisions(case=source)
        assert pressed
        engine.merge(source, target, reason="同一事项", by=CLERK)
        new = [one for one in notices(engine, target) if one.id not in {known.id for known in before}]
        # The supervisions alone: they are owed there.
        assert {one.payload["supervision"] for one in new} == {
            f"merged/{source}/{one.ref}" for one in pressed
        }
        assert len(engine.supervisions(case=target)) == 2 * len(pressed)

    def test_what_asks_for_nothing_any_more_is_withdrawn(self, engine: Engine, clock: FixedClock) -> None:
        source = opened(engine, "a", source="petition", dispute_type="other")
        clock.set(china(3, 12))
        engine.sweep()
        target = opened(engine, "b", ("李四",), title="楼上漏水")
        engine.merge(source, target, reason="同一事项", by=CLERK)
        passed = {
            one.subject: one.data["why"]["zh"]
            for one in engine.history(source)
            if one.kind is Happening.NOTICE_PASSED_ON
        }
        assert passed["rung/1/last_day"] == "该期限不再计算"
        assert passed["rung/1/remind"] == "督办已随案移交"
        assert {why for ref, why in passed.items() if (ref or "").startswith("task/")} == {"该待办已不存在"}
        assert not any("/last_day" in one.key for one in notices(engine, target))

    def test_what_somebody_is_carrying_goes_out_as_it_is(self, opener: Opener, clock: FixedClock) -> None:
        seen: list[tuple[int, str]] = []

        class Merging:
            """Somebody merges the case while the first of its notices is on its way."""

            def send(self, delivery: Delivery) -> Answer:
                if not seen:
                    engine.merge(source, target, reason="同一欠薪", by=CLERK)
                seen.append((delivery.case, delivery.payload["action"]))
                return Answer()

        engine = opener(processes=None, rules=None, adapters={"notice": Merging()})
        target, source = opened(engine, "a"), opened(engine, "b", ("李四",), **LABOUR)
        clock.set(china(6, 4))
        engine.sweep()
        engine.sweep()
        cases = [case for case, _ in seen]
        assert (source, "merged") in seen
        assert cases.count(source) <= 2
        assert notices(engine, source, "pending") == notices(engine, target, "pending") == []

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
        assert engine.message("party.withdrew", case=whole, key="w", by=WINDOW)
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
        engine.message("party.withdrew", case=part, key="w", by=WINDOW)
        engine.message("party.withdrew", case=whole, key="w", by=WINDOW)
        assert Happening.PARTS_OPEN not in {one.kind for one in engine.history(whole)}
