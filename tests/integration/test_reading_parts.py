"""Who reads what beside cases: parties, routines and absences, what goes out, and the log of what was read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Engine, FixedClock, NotAllowed, NotFound
from tests.integration.conftest import Opener
from tests.integration.test_reading import OF_A_CASE, PLACE, actor, call_of

CENTRE = actor("centre", "township_coordinator")
CHIEF = actor("chief", "county_petition_office", "140429")
CLERK = actor("clerk", "land_officer")
WORKER = actor("worker", "petition_officer")
AUDITOR = actor("aud", "audit_administrator", EVERYWHERE)
#: From a visit to an agreement that a court is asked to confirm.
ANSWERS: dict[str, dict[str, Any]] = {
    "ask_consent": {}, "assign_mediator": {}, "mediate_village": {"outcome": "agreed"},
    "sign_agreement": {"outcome": "agreed"}, "offer": {"wants_confirmation": True},
}  # fmt: skip


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, key: str = "k", **facts: Any) -> Any:
    given = {"area": PLACE, "dispute_type": "neighbour", "title": "事由", "received_on": "2026-03-02"} | facts
    people = [
        {"part": "applicant", "name": "张三", "phone": "13800000001", "id_number": "11010519491231002X"},
        {"part": "respondent", "name": "李四", "phone": "13900000002"},
        {"part": "agent", "name": "王律师", "phone": "13700000003", "represents": 1},
    ]
    return engine.open_case("dispute", given, key=key, by=CENTRE, parties=people)


def test_a_party_reads_how_its_case_stands_and_nothing_else(engine: Engine) -> None:
    case, other = opened(engine), opened(engine, "other", title="别的事由")
    engine.notes.add(case.id, "内部研判", by=CENTRE)
    for who in (Actor.party(case.code), Actor.representative(case.id, 1), Actor.representative(case.id, 3)):
        reader = engine.as_(who)
        told = reader.status(case.id)
        assert told == engine.by_code(case.code)
        assert not any(word in repr(told) for word in ("李四", "13900000002", "内部研判", "139"))
        for name in OF_A_CASE:
            for number in (case.id, other.id):
                if (name, number) != ("status", case.id):
                    with pytest.raises((NotFound, NotAllowed)):
                        call_of(reader, name)(number)
        assert reader.cases() == []
        assert reader.tasks() == []
        assert reader.deliveries() == []
        assert reader.feed().entries == ()
        for call in (reader.search, reader.worklist, reader.appointments.find):
            with pytest.raises(NotAllowed):
                call()
        assert reader.absences() == []
        assert reader.routines.lists() == []
        with pytest.raises(NotAllowed):
            reader.audit.reads()
    assert {one.person for one in engine.audit.reads(case=case.id, refused=False)} == {
        f"party:{case.id}", f"party:{case.id}/1", f"party:{case.id}/3"
    }  # fmt: skip
    # Nobody is a party whom the case does not know, and a code that is no code opens nothing.
    with pytest.raises(NotFound):
        engine.as_(Actor.representative(case.id, 9)).status(case.id)
    replaced = engine.new_code(case.id, reason="凭条遗失", by=CENTRE)
    with pytest.raises(NotFound):
        engine.as_(Actor.party(case.code))
    assert engine.as_(Actor.party(replaced)).status(case.id).case == case.id
    engine.parties.change(case.id, 3, {"ended": "2026-03-01"}, reason="解除委托", by=CENTRE)
    with pytest.raises(NotFound):
        engine.as_(Actor.representative(case.id, 3)).status(case.id)


def test_who_may_read_the_case_is_told_what_its_parties_are(engine: Engine) -> None:
    case = opened(engine)
    assert engine.as_(CLERK).status(case.id) == engine.by_code(case.code)
    with pytest.raises(NotFound):
        engine.as_(actor("far", "land_officer", "140429103")).status(case.id)


def test_what_goes_out_is_for_who_needs_to_know(engine: Engine, clock: FixedClock) -> None:
    case = opened(engine, source="walk_in")
    mediator = actor("m", "village_mediator")
    for element, answer in ANSWERS.items():
        [task] = [one for one in engine.tasks(case=case.id) if one.element == element]
        engine.complete(task.id, answer, by=Actor("m", frozenset(task.roles), "140429"))
    sent = [one for one in engine.deliveries() if one.payload.get("inputs")]
    assert sent
    theirs = {one.id: one for one in engine.as_(mediator).deliveries()}
    looks = {one.id: one for one in engine.as_(CLERK).deliveries()}
    for one in sent:
        assert theirs[one.id].payload == one.payload
        assert looks[one.id].payload["inputs"] == dict.fromkeys(one.payload["inputs"], "***")
        assert looks[one.id].topic == one.topic


@pytest.mark.parametrize("name", ["audit.reads", "audit.unusual", "refusals", "refused_often"])
def test_the_auditor_alone_reads_what_was_read(engine: Engine, name: str) -> None:
    case = opened(engine)
    engine.as_(CLERK).case(case.id)
    with pytest.raises(NotAllowed):
        engine.complete(engine.tasks(case=case.id)[0].id, {}, by=actor("far", "land_officer", "140429103"))
    asked: dict[str, Any] = {"least": 1} if name == "refused_often" else {}
    told = call_of(engine.as_(AUDITOR), name)(**asked)
    assert told == call_of(engine, name)(**asked)
    assert told or name == "audit.unusual"
    system, security = (
        actor(f"{one}-1", f"{one}_administrator", EVERYWHERE) for one in ("system", "security")
    )
    both = Actor("both", frozenset({"audit_administrator", "system_administrator"}), EVERYWHERE)
    left = actor("left", "audit_administrator")
    for who in (CLERK, CHIEF, system, security, both, Actor("nobody"), Actor("left", left.roles)):
        with pytest.raises(NotAllowed):
            call_of(engine.as_(who), name)(**asked)
    assert [one.actor for one in engine.refusals(act=name)] == [
        "clerk", "chief", "system-1", "security-1", "both", "nobody", "left"
    ]  # fmt: skip


def test_who_is_away_is_told_to_colleagues_and_why_to_those_it_concerns(engine: Engine) -> None:
    day = date(2026, 3, 2)
    worker = Actor("worker", frozenset({"petition_officer"}), PLACE)
    engine.delegate("worker", "deputy", since=day, until=day + timedelta(days=3), reason="住院", by=worker)
    told: dict[str, list[str]] = {}
    for one in (WORKER, actor("deputy", "petition_officer"), CLERK, AUDITOR, Actor("nobody")):
        told[one.id] = [absence.reason for absence in engine.as_(one).absences()]
    assert told == {"worker": ["住院"], "deputy": ["住院"], "clerk": ["***"], "aud": [], "nobody": []}


def test_lists_of_routines_hold_the_cases_that_their_reader_may_read(
    engine: Engine, clock: FixedClock
) -> None:
    opened(engine, "open")
    opened(engine, "hidden", minor_involved=True, title="另一事由")
    engine.routines.keep(PLACE)
    for _ in range(40):
        clock.advance(timedelta(days=1))
        engine.sweep()
    everything = engine.routines.lists(limit=1000)
    named = {case for one in everything for item in one.items for case in item.get("cases", ())}
    assert named
    here, far = engine.as_(CLERK), engine.as_(actor("far", "land_officer", "140429103"))
    seen = {one.id for one in here.cases()}
    found = here.routines.lists(limit=1000)
    assert [one.id for one in found] == [one.id for one in everything]
    assert {case for one in found for item in one.items for case in item.get("cases", ())} == named & seen
    assert named - seen
    assert not any({"more", "figures"} & set(item) for one in found for item in one.items)
    assert far.routines.lists(limit=1000) == []
