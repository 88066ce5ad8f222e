"""What the outside may answer, and when an adapter may be asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jiefen import Actor, Answer, DeliveryPostponed, DeliveryRefused, Engine, FactError, FixedClock
from jiefen.record.kinds import Happening
from jiefen.testing import MemoryAdapter
from tests.integration.conftest import Opener
from tests.integration.test_unanswered_deliveries import CONFIRMATION, applied, with_court


def test_an_answer_says_only_what_its_topic_may(opener: Opener) -> None:
    engine = with_court(opener)
    case = applied(engine)
    [sent] = engine.deliveries(status="sent")
    for wrong in (
        Answer({"outcome": "agreed"}),
        Answer({"confirmation_aplied_on": "x"}),
        Answer(error="late"),
    ):
        with pytest.raises(FactError, match=r"topics\.yaml") as error:
            engine.answer(sent.id, wrong)
        assert "司法确认申请" in error.value.text("zh")
    told = [entry for entry in engine.history(case) if entry.kind is Happening.ANSWER_REFUSED]
    assert [entry.data["names"] for entry in told] == ["outcome", "confirmation_aplied_on", "late"]
    assert "未予采纳" in engine.explain(case).text("zh")
    assert [one.id for one in engine.deliveries(status="sent")] == [sent.id]
    engine.answer(sent.id, Answer({"confirmation_applied_on": "2026-03-02"}))
    assert engine.deliveries(status="sent") == []


def test_what_an_adapter_brings_and_may_not_is_an_incident_at_once(opener: Opener) -> None:
    court = MemoryAdapter(Answer({"outcome": "agreed"}))
    engine = opener(processes=None, rules=None, adapters={CONFIRMATION: court})
    applied(engine)
    [dead] = engine.deliveries(status="incident")
    assert (len(court.sent), dead.attempts) == (1, 1)


def test_a_delivery_waits_as_long_as_its_adapter_says_and_that_is_no_failure(
    opener: Opener, clock: FixedClock
) -> None:
    morning = clock.now() + timedelta(hours=9)
    court = MemoryAdapter(DeliveryPostponed("they sleep until six", morning))
    engine = opener(processes=None, rules=None, adapters={CONFIRMATION: court})
    applied(engine)
    [waiting] = engine.deliveries(status="pending")
    assert (waiting.attempts, waiting.error) == (0, "DeliveryPostponed: they sleep until six")
    clock.advance(timedelta(hours=8))
    assert engine.sweep().failed == 0
    assert len(court.sent) == 1
    clock.advance(timedelta(hours=1))
    engine.sweep()
    assert (len(court.sent), len(engine.deliveries(status="sent"))) == (2, 1)


def test_what_the_outside_refuses_is_not_sent_again(opener: Opener, clock: FixedClock) -> None:
    court = MemoryAdapter(DeliveryRefused("they do not know the township"))
    engine = opener(processes=None, rules=None, adapters={CONFIRMATION: court})
    applied(engine)
    clock.advance(timedelta(days=1))
    engine.sweep()
    [dead] = engine.deliveries(status="incident")
    assert (len(court.sent), dead.error) == (1, "DeliveryRefused: they do not know the township")
    engine.retry(dead.id)
    engine.sweep()
    assert [one.id for one in engine.deliveries(status="sent")] == [dead.id]


def notices_of_incidents(engine: Engine) -> list[tuple[str, str]]:
    told = [one.payload for one in engine.deliveries() if one.topic == "notice"]
    return [(one["title"]["zh"], one["to"]) for one in told if one["action"] == "incident"]


def test_an_answer_that_does_not_come_in_its_term_is_an_incident_of_the_case_and_its_owner_is_told(
    opener: Opener, clock: FixedClock
) -> None:
    engine = with_court(opener)
    case = applied(engine)
    clock.advance(timedelta(days=14))  # the tenth working day is still to come
    engine.sweep()
    assert engine.incidents(case=case) == []
    clock.advance(timedelta(days=1))
    engine.sweep()
    [incident] = engine.incidents(case=case)
    assert (incident.kind, incident.error) == ("delivery", "no answer within 10 wd")
    [(title, to)] = notices_of_incidents(engine)
    assert (title, to) == ("对外投递需处理:司法确认申请", "justice_office_head")
    assert "10 wd内没有答复" in engine.explain(case).text("zh")
    engine.answer(incident.id, Answer({"confirmation_applied_on": "2026-03-02"}))
    assert engine.incidents(case=case) == []


def test_an_answer_in_its_term_leaves_no_incident(opener: Opener, clock: FixedClock) -> None:
    engine = with_court(opener)
    case = applied(engine)
    [sent] = engine.deliveries(status="sent")
    engine.answer(sent.id, Answer())
    clock.advance(timedelta(days=60))
    engine.sweep()
    assert engine.incidents(case=case) == []


def test_a_delivery_that_is_given_up_is_told_once_in_the_journal_and_to_the_owner(
    opener: Opener, clock: FixedClock
) -> None:
    engine = opener(
        processes=None, rules=None, adapters={CONFIRMATION: MemoryAdapter(*[OSError("张三")] * 20)}
    )
    case = applied(engine)
    for _ in range(12):
        clock.advance(timedelta(hours=13))
        engine.sweep()
    [incident] = engine.incidents(case=case)
    assert incident.attempts == 8
    [dead] = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_DEAD]
    assert dead.data["why"]["zh"] == "已试 8 次,OSError"
    assert len(notices_of_incidents(engine)) == 1


def test_what_tells_people_and_dies_tells_nobody_else(opener: Opener, clock: FixedClock) -> None:
    engine = opener(
        processes=None, rules=None, adapters={"notice": MemoryAdapter(*[DeliveryRefused("no")] * 200)}
    )
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
    case = engine.open_case("dispute", facts, key="j", by=Actor("0412")).id
    for _ in range(10):
        clock.advance(timedelta(days=3))
        engine.sweep()
    dead = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_DEAD]
    assert dead
    assert {one.subject for one in dead} == {"notice"}
    assert all(one.payload.get("action") != "incident" for one in engine.deliveries(case=case))


def test_the_system_that_a_matter_came_from_is_told_what_becomes_of_it(
    opener: Opener, clock: FixedClock
) -> None:
    grid = MemoryAdapter()
    engine = opener(processes=None, rules=None, adapters={"grid.progress": grid})
    facts = {"source": "grid", "source_ref": "E1", "dispute_type": "neighbour", "area": "140429102201"}
    engine.open_case("dispute", facts, key="a", by=Actor("0412"))
    engine.open_case("dispute", {**facts, "source_ref": None}, key="b", by=Actor("0412"))
    engine.open_case("dispute", {**facts, "source": "walk_in"}, key="c", by=Actor("0412"))
    engine.sweep()
    [registered] = grid.sent
    assert registered.payload["inputs"] == {
        "source_ref": "E1", "reached": "registered", "reached_on": "2026-03-02", "stage": "visit",
        "area": "140429102201",
    }  # fmt: skip
