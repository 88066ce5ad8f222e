"""What the allowance of a mediator says to whoever pays it."""

from __future__ import annotations

from datetime import date

from jiefen.areas import EVERYWHERE
from jiefen.clock import FixedClock
from jiefen.engine import Engine
from jiefen.record.actor import Actor

MONDAY = date(2026, 3, 2)
MATTER = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "received_on": MONDAY}


def test_it_says_who_mediated_what_where_and_with_what_result() -> None:
    with Engine.open("sqlite://", clock=FixedClock(MONDAY)) as engine:
        case = engine.open_case("dispute", MATTER, key="k", by=Actor("clerk")).id

        def do(element: str, who: str = "clerk", **answer: object) -> None:
            task = next(task for task in engine.tasks(case=case) if task.element == element)
            engine.complete(task.id, answer, by=Actor(who, frozenset(task.roles), EVERYWHERE))

        do("ask_consent")
        do("assign_mediator", accepted_on=MONDAY, mediated_by="people")
        do("mediate_village", "m-07", outcome="agreed")
        do("sign_agreement", outcome="agreed", agreed_on=MONDAY, performed_by=date(2026, 3, 20))
        do("offer", wants_confirmation=False)
        engine.message("party.performed", case=case, key="p", facts={})
        do("close_case", satisfied=True)
        paid = [item.payload for item in engine.deliveries() if item.topic == "ledger.mediator_allowance"]
    assert [item["inputs"] for item in paid] == [
        {
            "payee": "m-07",
            "mediated_by": "people",
            "mediator_role": "village_mediator",
            "area": "140429102201",
            "dispute_type": "neighbour",
            "outcome": "performed",
            "agreed_on": "2026-03-02",
            "performed": True,
        }
    ]
