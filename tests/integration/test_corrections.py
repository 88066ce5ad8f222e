"""What was entered wrongly is put right, and a case goes where it belongs; on the bundled rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Conflict, Engine, FactError, FixedClock, Happening, NotAllowed, NotFound
from jiefen.people.directory import Organisation
from jiefen.story.facts import facts_at
from tests.integration.conftest import Opener
from tests.integration.test_engine import statements
from tests.integration.watch import china
from tests.support.moments import WINDOW

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
FACTS = {
    "source": "walk_in", "dispute_type": "labour", "area": "140429102201", "title": "工地拖欠工资",
    "received_on": "2026-03-02", "knew_on": "2025-06-10", "amount": "1200.50",
}  # fmt: skip
RIGHT = "labour.limitation"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, **more: Any) -> int:
    return engine.open_case("dispute", FACTS | more, key=f"k{len(engine.cases()) + 1}", by=CLERK).id


def right(engine: Engine, case: int) -> date | None:
    found = [item for item in engine.deadlines(case) if item.rule == RIGHT and item.status == "running"]
    return found[0].due_on if found else None


class TestFacts:
    def test_what_intake_said_is_put_right_with_a_trace(self, engine: Engine) -> None:
        case = opened(engine)
        engine.correct(
            case, {"amount": "9000.00", "title": "工地拖欠三个月工资"}, reason="看错了金额", by=CLERK
        )
        assert engine.case(case).facts["title"] == "工地拖欠三个月工资"
        entry = next(item for item in engine.history(case) if item.kind is Happening.CORRECTED)
        assert entry.data["before"] == {"amount": "1200.5", "title": "工地拖欠工资"}
        assert (entry.actor, entry.data["reason"]) == ("0412", "看错了金额")
        told = engine.explain(case).text("en")
        assert "Corrected" in told
        assert "三个月" not in told
        journal = engine.history(case)
        assert facts_at(journal, len(journal), engine.edition.rulebook.vocabulary) == dict(
            engine.case(case).facts
        )

    def test_what_is_as_it_was_changes_nothing(self, engine: Engine) -> None:
        case = opened(engine)
        before = engine.history(case)
        engine.correct(case, {"amount": "1200.50"}, reason="核对", by=CLERK)
        assert engine.history(case) == before

    def test_a_day_that_is_later_moves_the_right_with_it(self, engine: Engine) -> None:
        case = opened(engine)
        assert right(engine, case) == date(2026, 6, 10)
        engine.correct(case, {"knew_on": "2025-07-10"}, reason="当事人记错", by=CLERK)
        assert right(engine, case) == date(2026, 7, 10)

    def test_no_correction_takes_a_right_away_without_evidence(self, engine: Engine) -> None:
        case, day = opened(engine), "2025-05-12"
        with pytest.raises(NotAllowed, match=r"labour\.limitation.*第二十七条") as error:
            engine.correct(case, {"knew_on": day}, reason="改日期", by=CLERK)
        assert "证据" in error.value.text("zh")
        assert right(engine, case) == date(2026, 6, 10)
        assert Happening.CORRECTED not in [item.kind for item in engine.history(case)]
        engine.correct(case, {"knew_on": day}, reason="改日期", evidence="欠条原件,存卷3页", by=CLERK)
        assert right(engine, case) == date(2026, 5, 12)

    def test_a_right_does_not_vanish_with_the_day_that_nobody_knows_after_all(self, engine: Engine) -> None:
        case = opened(engine)
        engine.correct(case, {"knew_on": None}, reason="当事人说不清", by=CLERK)
        assert engine.case(case).facts["knew_on"] is None
        assert right(engine, case) == date(2026, 6, 10)

    def test_a_right_that_was_over_by_a_wrong_day_runs_again(self, engine: Engine) -> None:
        case = opened(engine, knew_on="2024-06-10")
        engine.sweep()
        assert right(engine, case) is None
        engine.correct(case, {"knew_on": "2025-06-10"}, reason="年份写错", by=CLERK)
        assert right(engine, case) == date(2026, 6, 10)

    def test_a_type_that_was_wrong_starts_what_now_applies(self, engine: Engine) -> None:
        case = opened(engine, dispute_type="neighbour")
        assert right(engine, case) is None
        engine.correct(case, {"dispute_type": "labour"}, reason="实为欠薪", evidence="劳动合同", by=CLERK)
        assert right(engine, case) == date(2026, 6, 10)

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({"area": "140429103"}, "moved"),
            ({"colour": "red"}, "follows from others"),
            ({"amuont": 5}, "did you mean 'amount'"),
            ({"amount": "much"}, "yuan"),
        ],
    )
    def test_what_is_not_corrected_so(self, engine: Engine, facts: dict[str, Any], said: str) -> None:
        with pytest.raises(FactError, match=said):
            engine.correct(opened(engine), facts, reason="更正", by=CLERK)

    def test_who_may_not(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(NotAllowed, match="area"):
            engine.correct(case, {"amount": 1}, reason="更正", by=Actor("1", CLERK.roles, "370700"))
        engine.recuse(
            case, "0412", reason="近亲属", by=Actor("0001", frozenset({"joint_meeting_office"}), EVERYWHERE)
        )
        with pytest.raises(NotAllowed, match="recused"):
            engine.correct(case, {"amount": 1}, reason="更正", by=CLERK)

    def test_a_case_that_has_ended_is_put_right_as_well(self, engine: Engine) -> None:
        case = opened(engine)
        assert engine.message("party.withdrew", case=case, key="w", by=WINDOW)
        engine.correct(case, {"amount": "9000.00"}, reason="归档核对", by=CLERK)
        assert engine.case(case).status == "ended"

    def test_what_was_voided_or_goes_on_elsewhere_is_not(self, engine: Engine) -> None:
        case, other, mistake = opened(engine), opened(engine), opened(engine)
        engine.merge(case, other, reason="同一事项", by=CLERK)
        engine.void(mistake, reason="误录", evidence="登记簿", by=CLERK)
        for gone in (case, mistake):
            with pytest.raises(Conflict, match="in which it goes on"):
                engine.correct(gone, {"amount": 1}, reason="更正", by=CLERK)
        assert engine.correct(other, {"amount": 1}, reason="更正", by=CLERK).facts["amount"] == 1


class TestMove:
    def test_its_tasks_are_for_the_people_there(self, engine: Engine) -> None:
        case = opened(engine, area="140429102201")
        [task, *_] = engine.tasks(case=case)
        engine.claim(task.id, by=Actor("m1", frozenset(task.roles), "140429102201"))
        moved = engine.move(case, "140429103201", reason="属地登记错误", by=CLERK)
        assert (moved.area, moved.facts["area"]) == ("140429103201", "140429103201")
        there = engine.tasks(case=case)
        assert {(item.area, item.assignee) for item in there} == {("140429103201", None)}
        with pytest.raises(NotAllowed, match="area"):
            engine.claim(there[0].id, by=Actor("m1", frozenset(task.roles), "140429102201"))
        engine.claim(there[0].id, by=Actor("m2", frozenset(task.roles), "140429103201"))
        assert [item.id for item in engine.cases(area="140429103")] == [case]
        assert engine.cases(area="140429102") == []
        assert "Moved: 140429102201 → 140429103201" in engine.explain(case).text("en")

    def test_to_where_it_is_already_changes_nothing(self, engine: Engine) -> None:
        case = opened(engine)
        before = engine.history(case)
        engine.move(case, "140429102201000", reason="核对", by=CLERK)
        assert engine.history(case) == before

    def test_no_right_is_lost_on_the_way(self, engine: Engine) -> None:
        case = opened(engine)
        before = {item.rule: item.due_on for item in engine.deadlines(case) if item.kind == "right"}
        engine.move(case, "140429104201", reason="属地登记错误", by=CLERK)
        after = {item.rule: item.due_on for item in engine.deadlines(case) if item.kind == "right"}
        assert after == before

    def test_a_unit_that_nobody_knows(self, engine: Engine, opener: Opener) -> None:
        case = opened(engine)
        directory = Organisation(units={}, posts=(), superiors={})
        other = opener(processes=None, rules=None, directory=directory)
        with pytest.raises(NotFound, match="no unit 140429999"):
            other.move(case, "140429999", reason="移", by=CLERK)

    def test_what_pressed_an_office_presses_the_one_there(self, engine: Engine, clock: FixedClock) -> None:
        case = opened(engine, source="petition", dispute_type="other")
        clock.set(china(5, 4))
        engine.sweep()
        assert {item.area for item in engine.supervisions(case=case)} & {"140429102", "140429102201"}
        engine.move(case, "140429103201", reason="属地登记错误", by=CLERK)
        assert {item.area for item in engine.supervisions(case=case)} <= {
            "140429103201",
            "140429103",
            "140429",
        }


class TestSupervisionsTakenBack:
    """Who was pressed for what a correction shows to be in time is told that no answer is needed."""

    def test_what_rests_on_a_wrong_day_is_taken_back(self, engine: Engine, clock: FixedClock) -> None:
        facts = FACTS | {"source": "petition", "dispute_type": "other", "received_on": "2026-03-02"}
        case = engine.open_case("dispute", facts, key="late", by=CLERK).id
        clock.set(china(3, 16))
        engine.sweep()
        wrong = {one.ref for one in engine.supervisions(case=case)}
        assert wrong
        engine.correct(case, {"received_on": "2026-03-13"}, reason="录错", evidence="收文章", by=CLERK)
        assert engine.supervisions(case=case) == []
        assert {one.ref for one in engine.supervisions(case=case, status="withdrawn")} == wrong
        entries = [one for one in engine.history(case) if one.kind is Happening.SUPERVISION_TAKEN_BACK]
        assert {one.subject for one in entries} == wrong
        told = [
            one.payload for one in engine.deliveries(limit=500) if one.payload.get("action") == "withdrawn"
        ]
        assert {one["supervision"] for one in told} == wrong
        assert all(one["to"] for one in told)
        assert "所依据的逾期并未发生" in engine.explain(case).text("zh")
        # It is pressed for anew when it is missed by the right day.
        clock.set(china(3, 31))
        engine.sweep()
        assert engine.supervisions(case=case)
        assert wrong.isdisjoint(one.ref for one in engine.supervisions(case=case))

    def test_what_was_asked_for_in_a_case_that_is_voided(self, engine: Engine, clock: FixedClock) -> None:
        facts = FACTS | {"source": "petition", "dispute_type": "other", "received_on": "2026-03-02"}
        case = engine.open_case("dispute", facts, key="late", by=CLERK).id
        clock.set(china(3, 16))
        engine.sweep()
        asked = {one.ref for one in engine.supervisions(case=case)}
        engine.void(case, reason="误登", evidence="登记簿", by=CLERK)
        entries = [one for one in engine.history(case) if one.kind is Happening.SUPERVISION_TAKEN_BACK]
        assert {one.subject for one in entries} == asked


def test_statements_per_call(engine: Engine) -> None:
    """Eight at most, and two for the words by which a case is found."""
    case, voided, moved = (
        opened(engine),
        opened(engine, dispute_type="neighbour", knew_on=None),
        opened(engine),
    )
    acts: dict[str, tuple[int, Callable[[], object]]] = {
        "amount": (8, lambda: engine.correct(case, {"amount": "9000.00"}, reason="看错了", by=CLERK)),
        "day": (8, lambda: engine.correct(case, {"knew_on": "2025-07-10"}, reason="看错了", by=CLERK)),
        "words": (8, lambda: engine.correct(case, {"title": "欠薪"}, reason="看错了", by=CLERK)),
        "both": (10, lambda: engine.correct(case, {"title": "讨薪", "knew_on": "2025-08-10"}, reason="更正", by=CLERK)),
        "void": (8, lambda: engine.void(voided, reason="误登", by=CLERK)),
        "reopen": (8, lambda: engine.reopen(voided, reason="并非误登", by=CLERK)),
        "move": (10, lambda: engine.move(moved, "140429102202", reason="住在邻村", by=CLERK)),
    }  # fmt: skip
    for name, (most, act) in acts.items():
        with statements(engine) as seen:
            act()
        assert len(seen) <= most, (name, len(seen))
