"""What was sent and is not answered presses somebody when its time is over, by the rules, until it is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jiefen import Actor, Answer, Engine, FixedClock
from jiefen.record.kinds import Happening
from jiefen.testing import MemoryAdapter
from tests.integration.conftest import Opener
from tests.support.moments import WINDOW

AREA = "140429102201"
CONFIRMATION, REPORT = "court.judicial_confirmation", "report.urgent"


def applied(engine: Engine) -> int:
    """A case whose application for judicial confirmation is with the court, since Monday 2 March 2026."""
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": AREA}
    case = engine.open_case("dispute", facts, key="j", by=Actor("0412")).id
    mediator = Actor("0408", frozenset({"village_mediator", "village_head"}), AREA)
    agreed = {"outcome": "agreed"}
    for answer in ({"refuses_mediation": False}, {}, agreed, agreed, {"wants_confirmation": True}):
        [task] = engine.tasks(case=case)
        engine.complete(task.id, answer, by=mediator)
    engine.sweep()
    return case


def pressed(engine: Engine, case: int) -> list[tuple[str, str]]:
    return [
        (str(one.subject), one.data["to"])
        for one in engine.history(case)
        if one.kind is Happening.DELIVERY_UNANSWERED
    ]


def with_court(opener: Opener) -> Engine:
    return opener(processes=None, rules=None, adapters={CONFIRMATION: MemoryAdapter()})


def test_the_role_of_each_rung_is_told_until_it_is_answered(opener: Opener, clock: FixedClock) -> None:
    engine = with_court(opener)
    case = applied(engine)
    [sent] = engine.deliveries(status="sent")
    assert (sent.carried_at, sent.overdue) == (clock.now().astimezone(UTC), False)
    # Five working days after Monday 2 March is Monday 9 March; a rung comes when the office opens.
    assert sent.answer_by == datetime(2026, 3, 9, 1, tzinfo=UTC)
    clock.advance(timedelta(days=4))
    engine.sweep()
    assert pressed(engine, case) == []
    clock.advance(timedelta(days=5))
    engine.sweep()
    assert pressed(engine, case) == [(CONFIRMATION, "township_coordinator")]
    [late] = engine.deliveries(status="sent")
    assert late.overdue
    [notice] = [one for one in engine.deliveries() if one.topic == "notice" and "delivery" in one.payload]
    assert notice.payload["to"] == "township_coordinator"
    assert notice.payload["title"]["zh"] == "未收到答复:网上提交申请"
    clock.advance(timedelta(days=30))
    engine.sweep()
    assert [role for _, role in pressed(engine, case)] == ["township_coordinator", "joint_meeting_office"]
    story = engine.explain(case)
    assert "对外投递未获答复:网上提交申请,提醒,通知 乡镇" in story.text("zh")
    assert "No answer from outside to 网上提交申请: report upwards" in story.text("en")
    engine.answer(late.id, Answer())
    clock.advance(timedelta(days=60))
    engine.sweep()
    assert len(pressed(engine, case)) == 2


def test_an_answer_in_time_presses_nobody(opener: Opener, clock: FixedClock) -> None:
    engine = with_court(opener)
    case = applied(engine)
    [sent] = engine.deliveries(status="sent")
    engine.answer(sent.id, Answer())
    clock.advance(timedelta(days=60))
    engine.sweep()
    assert pressed(engine, case) == []


def test_nor_does_what_was_withdrawn(opener: Opener, clock: FixedClock) -> None:
    engine = with_court(opener)
    case = applied(engine)
    assert engine.message("party.withdrew", case=case, key="k", by=WINDOW)
    clock.advance(timedelta(days=60))
    engine.sweep()
    assert pressed(engine, case) == []


def test_a_report_that_the_law_requires_presses_after_the_end_too(opener: Opener, clock: FixedClock) -> None:
    engine = opener(processes=None, rules=None, adapters={REPORT: MemoryAdapter()})
    facts = {
        "source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour", "area": AREA,
        "urgent": True,
    }  # fmt: skip
    case = engine.open_case("dispute", facts, key="u", by=Actor("0412")).id
    engine.sweep()
    assert engine.message("party.withdrew", case=case, key="k", by=WINDOW)
    clock.advance(timedelta(hours=5))
    engine.sweep()
    assert pressed(engine, case) == [(REPORT, "township_leader")] * 5
    assert all(one.overdue for one in engine.deliveries(status="sent"))


def test_rules_without_such_a_ladder_press_nobody(opener: Opener, clock: FixedClock) -> None:
    from tests.integration.test_withdrawn_deliveries import open_at_court

    engine = opener(adapters={"court": MemoryAdapter()})
    open_at_court(engine)
    engine.sweep()
    clock.advance(timedelta(days=400))
    engine.sweep()
    [sent] = engine.deliveries(status="sent")
    assert (sent.answer_by, sent.overdue) == (None, False)
