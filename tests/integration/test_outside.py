"""What the outside may answer, and when an adapter may be asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jiefen import Answer, DeliveryPostponed, DeliveryRefused, FactError, FixedClock
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
