"""Every card that comes along: what it sends over real HTTP, what it takes back, and what that does to a case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from jiefen import Actor, Delivery, Engine, FixedClock
from jiefen.record.kinds import Happening
from jiefen_adapters.cards import (
    CARDS,
    CardAdapter,
    Given,
    Gives,
    Outcome,
    card_named,
    give,
    take,
    types_of,
)
from tests.integration.conftest import Opener
from tests.integration.test_unanswered_deliveries import applied
from tests.support.toxic import Toxic, said
from tests.unit.adapters.card_files import named

AREA = "140429102201"
SYSTEMS = sorted(CARDS.shipped())
#: What the topics of the cards carry, as a case says it, and what the other side is told by that.
SENT: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "court.judicial_confirmation": (
        {"agreed_on": "2026-03-02", "area": AREA},
        {"caseNo": 7, "agreedOn": "2026-03-02", "areaCode": AREA},
    ),
    "court.enquiry": ({"about": "award"}, {"caseNo": 7, "about": "award"}),
    "police.report": ({"title": "斗殴", "area": AREA}, {"caseNo": 7, "matter": "斗殴", "areaCode": AREA}),
    "police.protection_report": (
        {"title": "家暴", "area": AREA},
        {"caseNo": 7, "matter": "家暴", "areaCode": AREA},
    ),
    "petition_system.register": (
        {"title": "征地", "area": AREA, "received_on": "2026-03-02"},
        {"caseNo": 7, "matter": "征地", "areaCode": AREA, "receivedOn": "2026-03-02"},
    ),
    "joint_mediation.invitation": (
        {"call": 1, "title": "争水", "area": AREA, "on": "2026-03-05", "time": "09:00", "place": "综治中心"},
        {"caseNo": 7, "session": 1, "day": "2026-03-05", "time": "09:00", "place": "综治中心"},
    ),
    "reminder.joint_mediation": (
        {"call": 1, "on": "2026-03-05", "time": "09:00", "place": "综治中心"},
        {"caseNo": 7, "session": 1, "day": "2026-03-05", "time": "09:00", "place": "综治中心"},
    ),
}
#: A field of any document of theirs, as the cards that come along read it.
FIELDS: dict[str, object] = {
    "date": "2026-03-02", "servedOn": "2026-03-02", "performBy": "2026-03-20", "receivedOn": "2026-03-02",
    "occurredOn": "2026-03-01", "statusOn": "2026-03-03", "reportTime": "2026-03-02 08:30:00", "title": "水渠争水",
    "content": "两户争水", "areaCode": AREA, "gridCode": f"{AREA}001", "taken": "1", "final": "0",
    "procedure": "简易程序", "against": "判决", "court": "县人民法院", "commission": "县仲裁委", "station": "派出所",
    "reason": "材料齐全", "level": "1", "category": "邻里", "violence": "0", "kind": "申诉求决",
    "persons": 2, "word": "已分派", "status": "已办结",
    "eventId": "E1", "alarmNo": "A1", "petitionNo": "P1", "ticketNo": "T1", "caseCode": "M1", "alertId": "L1",
    "requestId": "R1", "person": {"name": "张三", "phone": "13800138000"},
    "reporter": {"name": "张三", "phone": "13800138000"},
}  # fmt: skip


def delivery(topic: str, payload: dict[str, object], cancels: str | None = None) -> Delivery:
    return Delivery(
        id=1, case=7, key="jiefen:7:token/1", topic=topic, status="pending", attempts=0, error=None,
        at=datetime(2026, 3, 2, 1, tzinfo=UTC), cancels=cancels, payload=payload,
    )  # fmt: skip


@pytest.fixture
def adapter_of(monkeypatch: pytest.MonkeyPatch, clock: FixedClock) -> Any:
    """Makes the adapter of a card that comes along, towards a server on loopback."""

    def made(system: str, server: Toxic) -> CardAdapter:
        monkeypatch.setenv(f"JIEFEN_{system.upper()}_ADDRESS", server.address)
        monkeypatch.setenv(f"JIEFEN_{system.upper()}_TOKEN", "s3cret")
        return CardAdapter(card_named(system), clock=clock)

    return made


@pytest.mark.parametrize("system", ["court", "petition_system", "police_110", "video_meetings"])
def test_what_a_case_sends_reaches_them_in_their_fields(system: str, adapter_of: Any) -> None:
    with Toxic() as server:
        adapter = adapter_of(system, server)
        for topic in sorted(adapter.topics):
            base = topic.removesuffix(".cancelled")
            cancels = "jiefen:7:token/0" if base != topic else None
            payload, told = SENT[base]
            adapter.send(delivery(topic, payload, cancels))
            asked = server.asked[-1]
            assert asked.headers["Authorization"] == "Bearer s3cret"
            assert asked.headers["Idempotency-Key"] == "jiefen:7:token/1"
            if cancels is not None:
                assert (asked.method, asked.path.rsplit("/", 1)[1]) == ("DELETE", "jiefen%3A7%3Atoken%2F0")
                continue
            body = asked.json
            assert isinstance(body, dict)
            number = next(name for name, value in body.items() if value == "jiefen:7:token/1")
            assert {name: value for name, value in body.items() if name != number} == told


def documents(system: str) -> dict[str, tuple[Gives, dict[str, object]]]:
    """One document of theirs for each entrance of a card, with every field that the card reads."""
    found = {}
    for entrance in card_named(system).entrances:
        document = dict(FIELDS)
        for place, values in entrance.when.items():
            document[place] = values[0]
        if system == "grid_platform":
            document["category"] = "0101"
        found[entrance.name] = (entrance.gives, document)
    return found


@pytest.mark.parametrize("system", [name for name in SYSTEMS if name != "hotline_12345"])
def test_what_they_send_is_in_the_case_once(system: str, opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    facts: Any = named().facts
    made, types = card_named(system), types_of(facts)
    ours = engine.open_case("dispute", {"source": "walk_in", "dispute_type": "neighbour", "area": AREA}, key="o",
        by=Actor("0412", frozenset({"township_coordinator"}), "140429102")).id  # fmt: skip

    def came(document: dict[str, object]) -> Given:
        [given] = give(engine, take(made, msgspec.json.encode(document), types=types))
        return given

    taken = documents(system)
    for name, (gives, document) in sorted(taken.items(), key=lambda item: item[1][0] != "case"):
        if gives in ("answer", "status"):
            continue
        document["caseNo"] = ours
        first, again = came(document), came(document)
        assert (first.outcome, first.error) == (Outcome.TAKEN, None), name
        assert (again.outcome, again.case) == (Outcome.REPEATED, first.case), name
        if gives == "case":
            case = engine.case(first.case or 0)
            assert case.facts["source"] == made.entrances[0].facts["source"].value
            assert [party.name for party in engine.parties.of(case.id)] == ["张三"]
        else:
            subject = next(one.message for one in made.entrances if one.name == name)
            [entry] = [one for one in engine.history(first.case or 0) if one.subject == subject]
            assert entry.actor == f"program:card:{system}"


def test_the_court_is_asked_says_that_it_has_it_and_answers_later(
    opener: Opener, adapter_of: Any, clock: FixedClock
) -> None:
    with Toxic() as server:
        court = adapter_of("court", server)
        engine = opener(processes=None, rules=None, adapters=dict.fromkeys(court.topics, court))
        case = applied(engine)
        [sent] = engine.deliveries(status="sent")
        word = FIELDS | {"event": "PROGRESS", "applicationNo": sent.key}
        assert answered(engine, court, word).outcome is Outcome.TAKEN
        done = FIELDS | {"event": "CONFIRMATION_APPLIED", "eventId": "E2", "applicationNo": sent.key}
        assert answered(engine, court, done).outcome is Outcome.TAKEN
        assert str(engine.case(case).facts["confirmation_applied_on"]) == "2026-03-02"


@pytest.mark.parametrize("at_once", [True, False])
def test_the_court_refuses_at_once_or_later_and_the_case_goes_by_paper(
    at_once: bool, opener: Opener, adapter_of: Any, clock: FixedClock
) -> None:
    reply = said(200, {"code": "4001"}) if at_once else said()
    with Toxic(answer=lambda _: reply) as server:
        court = adapter_of("court", server)
        engine = opener(processes=None, rules=None, adapters=dict.fromkeys(court.topics, court))
        case = applied(engine)
        if not at_once:
            [sent] = engine.deliveries(status="sent")
            no = FIELDS | {"event": "CONFIRMATION_NOT_TAKEN", "applicationNo": sent.key}
            assert answered(engine, court, no).outcome is Outcome.TAKEN
        [failed] = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_FAILED]
        assert failed.data["code"] == "not_taken"


def answered(engine: Engine, adapter: CardAdapter, document: dict[str, object]) -> Given:
    facts: Any = named().facts
    [given] = give(engine, take(adapter.card, msgspec.json.encode(document), types=types_of(facts)))
    return given
