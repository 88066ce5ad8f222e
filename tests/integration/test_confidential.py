"""A report against an official never goes to the accused person or unit, and is not named to others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from jiefen import Actor, Engine, FixedClock, HeldPost, NotAllowed
from jiefen.people.directory import Holder, Seat
from tests.integration.conftest import Opener

AREA = "140429102201"
OFFICER = Actor("0431", frozenset({"petition_officer", "county_petition_office"}), "140429")
OTHER = Actor("0502", frozenset({"county_petition_office"}), "140429")


class Staff:
    """A directory of one county: who holds a role is written beside it."""

    def __init__(self, **held: list[str]) -> None:
        self.held = held

    def holders(self, role: str, area: str, level: Any, on: date) -> Sequence[Holder]:
        return [Holder(id=one, role=role, area="140429", deputy=False) for one in self.held.get(role, [])]

    def superior(self, role: str, area: str) -> Seat | None:
        return Seat("joint_meeting_office", None, "140429") if role == "county_petition_office" else None


def accused(engine: Engine, key: str = "a", **facts: Any) -> tuple[int, int]:
    """A case with a report against somebody, and its task to pass it on."""
    backlog = {
        "source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour", "area": AREA,
    }  # fmt: skip
    case = engine.open_case("dispute", backlog, key=key, by=Actor("0412")).id
    [task] = engine.tasks(case=case)
    answer = {"matter_type": "accusation", **facts}
    engine.complete(task.id, answer, by=Actor("0600", frozenset(task.roles), "140429"))
    [task] = engine.tasks(case=case)
    assert task.element == "pass_on"
    return case, task.id


def told(engine: Engine, clock: FixedClock) -> dict[str, Any]:
    """The first notice that nobody has claimed the task."""
    clock.advance(timedelta(days=2))
    engine.sweep()
    [notice] = [one.payload for one in engine.deliveries() if one.payload.get("key")]
    return dict(notice)


def test_the_accused_person_cannot_take_it(opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    case, task = accused(engine, accused_persons=["０４３１"])
    for act in (engine.claim, lambda task_id, by: engine.complete(task_id, {}, by=by)):
        with pytest.raises(NotAllowed, match="confidential and kept from 0431"):
            act(task, by=OFFICER)
    engine.complete(task, {"accusation_to": "competent_organ"}, by=OTHER)
    [handed] = [one for one in engine.deliveries() if one.topic == "petition.accusation"]
    assert handed.payload["confidential"] is True
    assert [one.element for one in engine.tasks(case=case)] != ["pass_on"]


def test_nor_is_it_given_to_them(opener: Opener) -> None:
    """With a directory or without, whoever gives it out."""
    engine = opener(processes=None, rules=None)
    _, task = accused(engine, accused_persons=["0431"])
    over = Actor("0001", frozenset({"joint_meeting_office", "higher_petition_office"}), "140429")
    with pytest.raises(NotAllowed, match="confidential and kept from 0431"):
        engine.reassign(task, OFFICER, reason="分工", by=over)
    knows = Staff(county_petition_office=["0431", "0502"])
    other = opener(processes=None, rules=None, directory=knows)
    with pytest.raises(NotAllowed, match="confidential and kept from 0431"):
        other.reassign(task, "0431", reason="分工", by=over)
    assert other.reassign(task, "0502", reason="分工", by=over).assignee == "0502"


def test_nor_can_the_accused_unit(opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    _, task = accused(engine, accused_units=["county_petition_office"])
    with pytest.raises(NotAllowed, match="accused unit"):
        engine.claim(task, by=OTHER)
    assert engine.claim(task, by=Actor("0700", frozenset({"petition_officer"}), "140429")).assignee == "0700"


def test_who_has_left_the_accused_unit_can(opener: Opener, clock: FixedClock) -> None:
    """What somebody was is not what they are; the day counts, for the claim and for the list."""
    engine = opener(processes=None, rules=None)
    _, task = accused(engine, accused_units=["county_petition_office"])
    then = HeldPost("county_petition_office", "140429", until=date(2026, 3, 2))
    now = HeldPost("petition_officer", "140429")
    moved = Actor("0800", posts=(then, now))
    with pytest.raises(NotAllowed, match="accused unit"):
        engine.claim(task, by=moved)
    assert engine.worklist(by=moved) == []
    clock.advance(timedelta(days=1))
    assert [one.task.id for one in engine.worklist(by=moved)] == [task]
    assert engine.claim(task, by=moved).assignee == "0800"


def test_who_is_not_accused_can(opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    _, task = accused(engine)
    assert engine.claim(task, by=OFFICER).assignee == "0431"


def test_a_notice_passes_the_accused_person_over(opener: Opener, clock: FixedClock) -> None:
    staff = Staff(county_petition_office=["0431", "0502"], joint_meeting_office=["0900"])
    engine = opener(processes=None, rules=None, directory=staff)
    accused(engine, accused_persons=["0431"])
    notice = told(engine, clock)
    assert (notice["to"], notice["holders"]) == ("county_petition_office", ["0502"])


def test_a_notice_goes_over_the_head_of_the_accused_unit(opener: Opener, clock: FixedClock) -> None:
    staff = Staff(county_petition_office=["0431", "0502"], joint_meeting_office=["0900"])
    engine = opener(processes=None, rules=None, directory=staff)
    accused(engine, accused_units=["county_petition_office"])
    notice = told(engine, clock)
    assert (notice["to"], notice["holders"], notice["vacant"]) == ("joint_meeting_office", ["0900"], [])


@pytest.mark.parametrize("directory", [None, Staff()])
def test_where_nobody_else_is_known_an_alert_names_nobody(
    opener: Opener, clock: FixedClock, directory: Staff | None
) -> None:
    engine = opener(processes=None, rules=None, directory=directory)
    above = ["higher_petition_office", "provincial_petition_office", "city_joint_meeting_office"]
    accused(engine, accused_units=["county_petition_office", "joint_meeting_office", *above])
    notice = told(engine, clock)
    assert notice["to"] is None
    assert not notice["holders"]
    alerts = [one.payload for one in engine.deliveries() if one.topic == "alert"]
    assert [one["title"]["zh"] for one in alerts] == ["保密事项"]


def test_it_is_marked_and_not_named(opener: Opener, clock: FixedClock) -> None:
    engine = opener(processes=None, rules=None)
    accused(engine, accused_persons=["0431"])
    notice = told(engine, clock)
    assert notice["confidential"] is True
    assert notice["title"] == {"zh": "保密事项", "en": "A confidential matter"}
    assert "pass_on" not in str(notice)
    assert "0431" not in str(notice)
