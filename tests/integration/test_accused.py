"""The accused, and their unit, are never told of a report against them: by no call, notice, task, list or count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jiefen import Actor, Engine, FixedClock, JiefenError
from jiefen.people.directory import Holder, Seat
from tests.integration.conftest import Opener
from tests.integration.test_hidden_cases import answers

AREA, COUNTY = "140429102", "140429"
UNIT = "county_petition_office"
ABOVE = {"petition_officer": UNIT, UNIT: "joint_meeting_office", "township_coordinator": "township_leader"}
CENTRE = Actor("centre", frozenset({"township_coordinator"}), AREA)
OTHER = Actor("0502", frozenset({"petition_officer", UNIT}), COUNTY)


class Everybody:
    """A directory in which the accused holds every post there is, or those of their unit, beside somebody else."""

    def __init__(self, accused: str, unit: str | None) -> None:
        self.accused, self.unit = accused, unit

    def holders(self, role: str, area: str, level: Any, on: date) -> Sequence[Holder]:
        held = [self.accused] if self.unit in (None, role) else []
        return [Holder(id=one, role=role, area=COUNTY, deputy=False) for one in (*held, f"other-{role}")]

    def superior(self, role: str, area: str) -> Seat | None:
        return Seat(ABOVE[role], None, COUNTY) if role in ABOVE else None


#: Whom a report accuses, and who is kept from it by that, however their number is written.
ACCUSED: dict[str, tuple[dict[str, Any], Actor]] = {
    "a person": (
        {"accused_persons": ["０４３１"]},
        Actor("0431", frozenset({"petition_officer", UNIT}), COUNTY),
    ),
    "a unit": ({"accused_units": [UNIT]}, Actor("0431", frozenset({UNIT}), COUNTY)),
}


def reported(engine: Engine, key: str, facts: dict[str, Any]) -> int:
    """A petition that turns out to be a report against somebody."""
    backlog = {"source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour", "area": AREA}
    case = engine.open_case("dispute", backlog | {"title": f"反映{key}"}, key=key, by=CENTRE).id
    [task] = engine.tasks(case=case)
    engine.complete(
        task.id, {"matter_type": "accusation", **facts}, by=Actor("o", frozenset(task.roles), COUNTY)
    )
    return case


def tries(engine: Engine, case: int, who: Actor) -> Iterator[tuple[str, Callable[[], object]]]:
    """What the accused, or others for them, could do to get at the case."""
    [task] = [one.id for one in engine.tasks(case=case)]
    at = datetime(2026, 12, 1, 2, tzinfo=UTC)
    yield "claim", lambda: engine.claim(task, by=who)
    yield "complete", lambda: engine.complete(task, {"accusation_to": "competent_organ"}, by=who)
    yield "reassign", lambda: engine.reassign(task, who.id, reason="分工", by=OTHER)
    yield "reassign to an actor", lambda: engine.reassign(task, who, reason="分工", by=OTHER)
    yield "notes", lambda: engine.notes.of(case, by=who)
    yield "note", lambda: engine.notes.add(case, "看一看", by=who)
    yield "attachments", lambda: engine.attachments.of(case, by=who)
    yield "appointments", lambda: engine.appointments.of(case, by=who)
    yield "ratings", lambda: engine.ratings(case, by=who)
    yield "checklists", lambda: engine.checklists.of(case, by=who)
    yield (
        "book",
        lambda: engine.appointments.book(case, "reception", at=at, place="厅", official=who.id, by=OTHER),
    )
    yield "let read", lambda: engine.grades.let_read(case, who.id, reason="会商", by=OTHER)
    yield (
        "lead",
        lambda: engine.bind_leader(case, who.id, by=Actor("j", frozenset({"joint_meeting_office"}), COUNTY)),
    )


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except JiefenError:
        return True
    return False


@pytest.mark.parametrize("whom", ACCUSED)
def test_they_learn_of_it_by_nothing(opener: Opener, clock: FixedClock, whom: str) -> None:
    facts, who = ACCUSED[whom]
    engine = opener(
        processes=None, rules=None, directory=Everybody(who.id, UNIT if whom == "a unit" else None)
    )
    before = answers(engine, who, [1])
    case = reported(engine, whom, facts)
    for name, attempt in tries(engine, case, who):
        assert _refused(attempt), f"{name} lets {whom} get at the report"
    for _ in range(12):
        clock.advance(timedelta(days=9))
        engine.sweep()
        for status in ("pending", "parked", "sent", "incident"):
            for sent in engine.deliveries(status=status, limit=1000):
                assert who.id not in (sent.payload.get("holders") or ()), sent.payload
                assert who.id not in str(sent.payload.get("vacant") or ""), sent.payload
                assert whom == "a person" or sent.payload.get("to") != UNIT, sent.payload
        for one in engine.supervisions(status="open"):
            assert who.id not in one.holders
            assert whom == "a person" or one.role != UNIT
        assert engine.worklist(by=who) == []
        assert all(task.assignee != who.id for task in engine.tasks(case=case))
    assert engine.supervisions(status="open") or engine.deliveries(limit=1000)
    clock.set(date(2026, 3, 2))
    after = answers(engine, who, [1])
    assert {name: told for name, told in after.items() if told != before[name]} == {}


def test_nor_as_the_deputy_of_somebody_who_works_on_it(opener: Opener, clock: FixedClock) -> None:
    facts, who = ACCUSED["a person"]
    engine = opener(processes=None, rules=None)
    case = reported(engine, "deputy", facts)
    [task] = engine.tasks(case=case)
    engine.claim(task.id, by=OTHER)
    day = date(2026, 3, 2)
    engine.delegate(OTHER.id, who.id, since=day, until=day + timedelta(days=30), reason="休假", by=OTHER)
    assert engine.worklist(by=who) == []
    with pytest.raises(JiefenError):
        engine.complete(task.id, {"accusation_to": "competent_organ"}, by=who)
    reader = engine.as_(who)
    assert reader.cases() == []
    assert reader.tasks() == []
    assert reader.feed(limit=1000).entries == ()


def test_a_leader_who_is_accused_later_is_told_nothing_more(opener: Opener, clock: FixedClock) -> None:
    engine = opener(processes=None, rules=None)
    backlog = {"source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour", "area": AREA}
    case = engine.open_case("dispute", backlog, key="led", by=CENTRE).id
    engine.bind_leader(case, "0431", by=Actor("j", frozenset({"joint_meeting_office"}), COUNTY))
    told = {one.id for one in engine.deliveries(limit=1000)}
    [task] = engine.tasks(case=case)
    answer = {"matter_type": "accusation", "accused_persons": ["0431"]}
    engine.complete(task.id, answer, by=Actor("o", frozenset(task.roles), COUNTY))
    for _ in range(12):
        clock.advance(timedelta(days=9))
        engine.sweep()
    later = [one for one in engine.deliveries(limit=1000) if one.id not in told]
    assert later
    assert [one for one in later if "0431" in (one.payload.get("holders") or ())] == []
