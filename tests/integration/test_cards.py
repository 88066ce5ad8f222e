"""A card and a system over HTTP: what goes out, what comes back, what is cancelled, and what comes ten times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jiefen import Actor, AlreadyDone, Conflict, Engine, FactError, FixedClock, Intake, NotAllowed
from jiefen.record.kinds import Happening
from jiefen_adapters.cards import CardAdapter, Given, Outcome, card_named, give, take
from tests.integration.conftest import Opener
from tests.integration.test_unanswered_deliveries import applied
from tests.support.toxic import Toxic, said
from tests.unit.adapters.card_files import card
from tests.unit.adapters.test_cards import EVENT

OFFICE = Actor("0412", frozenset({"township_coordinator"}), "140429102")


@pytest.fixture
def court() -> Iterator[Toxic]:
    with Toxic() as server:
        yield server


def engine_of(
    opener: Opener, clock: FixedClock, folder: Path, court: Toxic, **replaced: str
) -> tuple[Engine, Any]:
    made = card(folder, **{"ADDRESS": court.address, **replaced})
    adapter = CardAdapter(made, clock=clock)
    adapters = dict.fromkeys(adapter.topics, adapter)
    return opener(processes=None, rules=None, adapters=adapters), made


def came(engine: Engine, made: Any, **document: object) -> Given:
    [given] = give(engine, take(made, msgspec.json.encode(document)))
    return given


def test_what_they_answer_at_once_goes_into_the_case(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    court.answer = lambda _: said(200, {"code": "0", "data": {"appliedOn": "20260302"}})
    engine, _ = engine_of(opener, clock, tmp_path, court)
    case = applied(engine)
    assert str(engine.case(case).facts["confirmation_applied_on"]) == "2026-03-02"
    assert len(court.taken) == 1


def test_an_error_within_a_good_status_leads_the_case_to_paper(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    court.answer = lambda _: said(200, {"code": "4001", "msg": "张三的申请不受理"})
    engine, _ = engine_of(opener, clock, tmp_path, court)
    case = applied(engine)
    [failed] = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_FAILED]
    assert failed.data["code"] == "not_taken"
    assert "张三" not in str([one.data for one in engine.history(case)])


def test_what_they_did_before_they_failed_is_not_done_twice(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    court.answer = lambda _: said(500, {}) if len(court.asked) == 1 else said()
    engine, _ = engine_of(opener, clock, tmp_path, court)
    applied(engine)
    clock.advance(timedelta(hours=1))
    engine.sweep()
    assert (len(court.asked), len(court.taken)) == (2, 1)
    assert len({asked.headers["Idempotency-Key"] for asked in court.asked}) == 1


LATER = {"      good: {code: ['0']}": "      later: true\n      good: {code: ['0']}"}


def test_an_answer_comes_later_once_however_often_and_a_word_before_it(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    engine, made = engine_of(opener, clock, tmp_path, court, **LATER)
    case = applied(engine)
    [sent] = engine.deliveries(status="sent")
    word = {"event": "progress", "id": "1", "applicationNo": sent.key, "word": "已分派"}
    outcomes = [came(engine, made, **word).outcome for _ in range(3)]
    assert outcomes == [Outcome.TAKEN, Outcome.REPEATED, Outcome.REPEATED]
    accepted = {"event": "accepted", "id": "2", "applicationNo": sent.key, "day": "20260302"}
    assert came(engine, made, **accepted).outcome is Outcome.TAKEN
    assert came(engine, made, **accepted).outcome is Outcome.LATE
    assert str(engine.case(case).facts["confirmation_applied_on"]) == "2026-03-02"
    [told] = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_STATUS]
    assert told.data["status"] == "已分派"
    assert [(one.id, one.status) for one in engine.deliveries(case=case, key=sent.key)] == [
        (sent.id, "answered")
    ]
    assert came(engine, made, **accepted | {"applicationNo": "jiefen:99:x"}).outcome is Outcome.REFUSED


def test_a_message_comes_ten_times_and_counts_once(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    engine, made = engine_of(opener, clock, tmp_path, court)
    case = applied(engine)
    ruled = {"event": "ruled", "id": "r1", "caseNo": case, "servedOn": "20260302"}
    outcomes = {came(engine, made, **ruled).outcome for _ in range(10)}
    assert outcomes == {Outcome.TAKEN, Outcome.REPEATED}
    assert len([one for one in engine.history(case) if one.kind is Happening.MESSAGE]) == 1
    other = came(engine, made, **ruled | {"servedOn": "20260301"})
    assert other.outcome is Outcome.REFUSED
    assert isinstance(other.error, Conflict)


def test_an_event_of_the_grid_is_a_case_once_and_its_rebound_finds_it(opener: Opener) -> None:
    engine, grid = opener(processes=None, rules=None), card_named("grid_platform")
    first = came(engine, grid, **EVENT)
    assert (first.outcome, first.intake) == (Outcome.TAKEN, Intake.OPENED)
    again = came(engine, grid, **EVENT)
    assert (again.outcome, again.case) == (Outcome.REPEATED, first.case)
    rebound = came(engine, grid, **EVENT | {"type": "REBOUND"})
    assert (rebound.outcome, rebound.case) == (Outcome.TAKEN, first.case)
    assert came(engine, grid, **EVENT | {"type": "REBOUND", "eventId": "E9"}).outcome is Outcome.REFUSED


def test_a_delivery_is_cancelled_with_a_reason_and_the_outside_is_told(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    engine, _ = engine_of(opener, clock, tmp_path, court, **LATER)
    case = applied(engine)
    [sent] = engine.deliveries(status="sent")
    with pytest.raises(FactError, match="not_taken"):
        engine.outside.cancel(sent.id, reason="当事人要求到庭申请", by=OFFICE)
    engine.outside.cancel(sent.id, reason="当事人要求到庭申请", error="not_taken", by=OFFICE)
    engine.sweep()
    assert [asked.method for asked in court.asked] == ["POST", "DELETE"]
    with pytest.raises(AlreadyDone, match="withdrawn"):
        engine.outside.cancel(sent.id, reason="再撤", error="not_taken", by=OFFICE)
    assert "撤回对外投递" in engine.explain(case).text("zh")


def test_what_is_dead_is_sent_again_when_somebody_asks_for_it(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    court.answer = lambda _: said(422, {})
    engine, _ = engine_of(opener, clock, tmp_path, court)
    applied(engine)
    [dead] = engine.deliveries(status="incident")
    court.answer = lambda _: said()
    engine.outside.retry(dead.id, by=OFFICE)
    engine.sweep()
    assert engine.deliveries(status="incident") == []
    with pytest.raises(AlreadyDone):
        engine.outside.retry(dead.id, by=OFFICE)


def test_a_day_without_the_other_side_is_one_incident_and_nothing_is_lost_or_doubled(
    opener: Opener, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Toxic() as grid:
        port = int(grid.address.rpartition(":")[2])
        monkeypatch.setenv("JIEFEN_GRID_ADDRESS", grid.address)
        monkeypatch.setenv("JIEFEN_GRID_TOKEN", "s3cr3t-token")
        adapter = CardAdapter(card_named("grid_platform"), clock=clock)
    engine = opener(processes=None, rules=None, adapters={"grid.progress": adapter})
    for number in range(12):
        given = came(
            engine, adapter.card, **EVENT | {"eventId": f"E{number}", "title": f"{number}号事项" * 3}
        )
        assert given.outcome is Outcome.TAKEN
    for _ in range(48):
        engine.sweep()
        clock.advance(timedelta(minutes=30))
    [dead] = engine.incidents()
    assert "does not answer: 3 failures in a row" in dead.error
    waiting = engine.deliveries(status="pending", topic="grid.progress")
    assert len(waiting) == 11
    assert all(one.error and one.attempts <= 2 for one in waiting)
    with Toxic(port=port) as grid:
        engine.outside.retry(dead.id, by=OFFICE)
        for _ in range(6):
            engine.sweep()
            clock.advance(timedelta(minutes=30))
        told = [asked.json for asked in grid.asked]
        assert sorted(one["eventId"] for one in told) == sorted(f"E{number}" for number in range(12))  # type: ignore[index]
        assert {one["status"] for one in told} == {"ACCEPTED"}  # type: ignore[index]
    assert engine.incidents() == []


def test_what_waits_for_its_answer_is_not_sent_again(
    opener: Opener, clock: FixedClock, tmp_path: Path, court: Toxic
) -> None:
    engine, _ = engine_of(opener, clock, tmp_path, court, **LATER)
    applied(engine)
    [sent] = engine.deliveries(status="sent")
    with pytest.raises(Conflict, match="its answer is awaited"):
        engine.outside.retry(sent.id, by=OFFICE)


def test_nobody_cancels_what_the_case_cannot_go_on_without_or_for_another_area(opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    facts = {"source": "petition_backlog", "organ_part": True, "area": "140429102201", "urgent": True}
    case = engine.open_case("dispute", facts | {"dispute_type": "neighbour"}, key="u", by=Actor("0412")).id
    [report, *_] = engine.deliveries(case=case, topic="report.urgent")
    with pytest.raises(Conflict, match="no error by which it could go on"):
        engine.outside.cancel(report.id, reason="误报", by=OFFICE)
    with pytest.raises(Conflict, match="no adapter carries its topic"):
        engine.outside.retry(report.id, by=OFFICE)
    with pytest.raises(NotAllowed):
        engine.outside.cancel(report.id, reason="误报", by=Actor("x", OFFICE.roles, "140429103"))
    assert engine.deliveries(case=case, topic="report.urgent")[0].status == "parked"
