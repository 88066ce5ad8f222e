"""Whoever the law names may mediate: the task is for the body of the dispute beside the mediators of the level."""

from __future__ import annotations

import pytest

from jiefen import Actor, NotAllowed
from tests.integration.conftest import Opener

AREA = "140429102201"
CLERK = Actor("0412")


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
    ],
)
def test_professional_bodies_mediate(
    opener: Opener, facts: dict[str, object], answer: dict[str, object], role: str, area: str
) -> None:
    engine = opener(processes=None, rules=None)
    given = {"source": "walk_in", "area": AREA, "chosen_procedure": "mediation", **facts}
    case = engine.open_case("dispute", given, key="m", by=CLERK).id
    desk = Actor("0601", frozenset(engine.edition.rulebook.roles), "140429")
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
