"""Whoever the law names may mediate: the task is for the body of the dispute beside the mediators of the level."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiefen import EVERYWHERE, Actor, FixedClock, Happening, NotAllowed
from tests.integration.conftest import Opener

AREA = "140429102201"
CLERK = Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE)


@pytest.mark.parametrize(
    ("facts", "answer", "role", "area"),
    [
        ({"dispute_type": "medical"}, {}, "medical_committee", "140429"),
        ({"dispute_type": "medical"}, {"mediated_by": "health_department"}, "health_department", "140429"),
        ({"dispute_type": "traffic"}, {}, "traffic_police", "140429"),
        ({"dispute_type": "minor_injury"}, {}, "police_chief", "140429102"),
        ({"dispute_type": "minor_injury"}, {"mediated_by": "police"}, "police_deputy", "140429102"),
        ({"dispute_type": "labour"}, {}, "labour_mediation_body", "140429"),
        ({"dispute_type": "consumer"}, {"mediated_by": "market_regulator"}, "consumer_department", "140429"),
        ({"dispute_type": "neighbour"}, {"mediated_by": "people"}, "village_mediator", AREA),
        ({"dispute_type": "neighbour"}, {"mediated_by": "other_organ"}, "handling_organ", "140429"),
    ],
)
def test_professional_bodies_mediate(
    opener: Opener, facts: dict[str, object], answer: dict[str, object], role: str, area: str
) -> None:
    engine = opener(processes=None, rules=None)
    given = {"source": "walk_in", "area": AREA, "chosen_procedure": "mediation", **facts}
    case = engine.open_case("dispute", given, key="m", by=CLERK).id
    desk = Actor(
        "0601", frozenset(one.id for one in engine.edition.rulebook.roles.values() if one.is_office), "140429"
    )
    for element, said in (("ask_consent", {"refuses_mediation": False}), ("assign_mediator", answer)):
        [task] = [one for one in engine.tasks(case=case) if one.element == element]
        engine.complete(task.id, said, by=desk)
    [task] = [one for one in engine.tasks(case=case) if one.element.startswith("mediate_")]
    with pytest.raises(NotAllowed):
        engine.complete(
            task.id, {"outcome": "agreed"}, by=Actor("0700", frozenset({"petition_officer"}), area)
        )
    engine.complete(task.id, {"outcome": "agreed"}, by=Actor("0701", frozenset({role}), area))
    assert [one.element for one in engine.tasks(case=case)] == ["sign_agreement"]


@pytest.mark.parametrize(
    ("kind", "by", "rule", "holder"),
    [
        ("neighbour", "people", "mediation.attempt_village", "village_mediator"),
        ("minor_injury", "police", "mediation.attempt_police", "police_station"),
        ("neighbour", "other_organ", "mediation.attempt_organ", "handling_organ"),
        ("traffic", "police", "mediation.traffic", "traffic_police"),
        ("consumer", "market_regulator", "consumer.mediation", "consumer_department"),
        ("medical", "health_department", "mediation.medical_administrative", "health_department"),
        ("medical", "trade", "mediation.medical", "medical_committee"),
        ("labour", "trade", "labour.mediation", "labour_mediation_body"),
    ],
)
def test_whoever_mediates_has_a_clock_and_is_pressed_for_it(
    opener: Opener, kind: str, by: str, rule: str, holder: str
) -> None:
    clock = FixedClock(date(2026, 3, 2))
    engine = opener(processes=None, rules=None, clock=clock)
    given = {"source": "walk_in", "area": AREA, "chosen_procedure": "mediation", "dispute_type": kind}
    case = engine.open_case("dispute", given, key="m", by=CLERK).id
    desk = Actor(
        "0601", frozenset(one.id for one in engine.edition.rulebook.roles.values() if one.is_office), "140429"
    )
    for element, said in (
        ("ask_consent", {"refuses_mediation": False}),
        ("assign_mediator", {"mediated_by": by}),
    ):
        [task] = [one for one in engine.tasks(case=case) if one.element == element]
        engine.complete(task.id, said, by=desk)
    running = [item for item in engine.deadlines(case) if item.status == "running" and "mediat" in item.rule]
    assert [(item.rule, item.holder) for item in running] == [(rule, holder)]
    for _ in range(75):
        clock.advance(timedelta(days=1))
        engine.sweep()
    pressed = [one for one in engine.history(case) if one.kind is Happening.RUNG and rule in str(one.subject)]
    assert pressed
    assert pressed[0].data["to"] == holder
