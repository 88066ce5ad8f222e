"""A case that was entered by mistake is voided, and one that is another's matter goes on in that one."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest

from jiefen import Actor, Conflict, Engine, Happening, JiefenError, LinkKind, NotAllowed
from tests.integration.conftest import Opener

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
