"""A message that comes before the model waits is kept, counts by its own day, and is taken when the model is there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Conflict, Engine, FixedClock, Happening, Received
from tests.integration.conftest import Opener
from tests.support.moments import WINDOW

CLERK = Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE)
AREA = "140429102201"
#: What an opinion must say.
OPINION = {
    "opinion_kind": "supported", "opinion_request": "修路", "opinion_facts": "属实", "opinion_text": "予以支持",
    "opinion_basis": "信访工作条例",
}  # fmt: skip


class Case:
    """A bundled dispute with short words for what happens to it."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock, self._keys = engine, clock, 0

    def open(self, **facts: Any) -> Case:
        given = {"source": "walk_in", "area": AREA, **facts}
        self.id = self.engine.open_case("dispute", given, key="case", by=CLERK).id
        return self

    def do(self, element: str | None = None, **answer: Any) -> Case:
        task = next(item for item in self.engine.tasks(case=self.id) if element in (None, item.element))
        self.engine.complete(task.id, answer, by=Actor("0618", frozenset(task.roles), EVERYWHERE))
        return self

    def receive(self, name: str, key: str | None = None, **facts: Any) -> Received:
        self._keys += 1
        return self.engine.receive(name, case=self.id, key=key or f"m{self._keys}", facts=facts, by=WINDOW)

    def wait(self, days: int) -> Case:
        self.clock.advance(timedelta(days=days))
        self.engine.sweep()
        return self

    def the(self, rule: str) -> tuple[str, date | None]:
        [found] = [item for item in self.engine.deadlines(self.id) if item.rule == rule]
        return str(found.status), found.due_on

    def journal(self, kind: Happening) -> list[str | None]:
        return [entry.subject for entry in self.engine.history(self.id) if entry.kind is kind]

    def facts(self) -> Any:
        return self.engine.case(self.id).facts


@pytest.fixture
def case(opener: Opener, clock: FixedClock) -> Case:
    return Case(opener(processes=None, rules=None), clock)


@pytest.fixture
def petition(case: Case) -> Case:
    """A petition whose opinion was served; the clerk has still to type the day in."""
    case.open(source="petition_backlog", organ_part=True, dispute_type="neighbour")
    case.do(matter_type="claim").do().do(competent=True).do(outcome="opinion_issued", **OPINION)
    assert [task.element for task in case.engine.tasks(case=case.id)] == ["serve_opinion"]
    return case.wait(3)


@pytest.fixture
def agreed(case: Case) -> Case:
    """An agreement whose parties are still asked whether a court shall confirm it."""
    case.open(dispute_type="neighbour")
    case.do("ask_consent").do("assign_mediator").do("mediate_village", outcome="agreed")
    return case.do("sign_agreement", outcome="agreed")


class TestARequestBeforeItsRight:
    def test_it_meets_the_right_that_starts_later_from_an_earlier_day(self, petition: Case) -> None:
        requested = date(2026, 3, 5)
        assert (
            petition.receive("petition.review_requested", "county:88", applied_on=requested) is Received.KEPT
        )
        assert petition.journal(Happening.MILESTONE)[-1] == "petition_review_requested"
        petition.wait(15).do("serve_opinion", served_on=date(2026, 3, 2))
        assert petition.the("petition.review_request") == ("met", date(2026, 4, 1))
        assert petition.journal(Happening.MESSAGE_TAKEN) == ["petition.review_requested"]
        assert "review" in [task.element for task in petition.engine.tasks(case=petition.id)]
        # Thirty days from the request, by the message and by the model once.
        assert petition.the("petition.review")[1] == date(2026, 4, 7)
        assert petition.journal(Happening.MILESTONE).count("petition_review_requested") == 1
        assert petition.facts()["applied_on"] == requested

    def test_the_same_key_again_is_told_apart(self, petition: Case) -> None:
        day = date(2026, 3, 5)
        assert petition.receive("petition.review_requested", "k", applied_on=day) is Received.KEPT
        assert petition.receive("petition.review_requested", "k", applied_on=day) is Received.REPEATED
        with pytest.raises(Conflict):
            petition.receive("petition.review_requested", "k", applied_on=date(2026, 3, 4))
        assert petition.receive("hotline.answered", event_on=day) is Received.NOTED
        again = {"case": petition.id, "key": "k", "facts": {"applied_on": day}}
        assert petition.engine.message("petition.review_requested", **again, by=WINDOW) is False

    def test_a_later_one_takes_its_place_and_somebody_is_told(self, petition: Case) -> None:
        petition.receive("petition.review_requested", applied_on=date(2026, 3, 4))
        petition.receive("petition.review_requested", applied_on=date(2026, 3, 5))
        assert petition.journal(Happening.MESSAGE_DROPPED) == ["petition.review_requested"]
        told = [item.payload for item in petition.engine.deliveries() if item.topic == "notice"]
        assert [item["message"] for item in told if item["action"] == "message_dropped"] == [
            "petition.review_requested"
        ]


class TestPerformedBeforeItIsAwaited:
    def test_the_case_goes_on_when_it_gets_there(self, agreed: Case) -> None:
        assert agreed.receive("party.performed", "phone:1") is Received.KEPT
        agreed.do("offer", wants_confirmation=False)
        assert agreed.journal(Happening.MESSAGE_TAKEN) == ["party.performed"]
        assert [task.element for task in agreed.engine.tasks(case=agreed.id)] == ["close_case"]
        story = agreed.engine.explain(agreed.id).text("en")
        assert "it waits" in story
        assert "The case has got to what came before" in story

    def test_one_of_an_earlier_round_answers_no_later_one(self, agreed: Case) -> None:
        agreed.do("offer", wants_confirmation=False)
        assert agreed.receive("party.performed") is Received.CAUGHT
        agreed.do("close_case")
        # Told twice, by the village and by the court: the second one is too much.
        assert agreed.receive("party.performed") is Received.KEPT
        assert agreed.receive("case.rebounded") is Received.CAUGHT
        agreed.do("visit_party", outcome="needs_mediation").do("ask_consent").do("assign_mediator")
        while (element := agreed.engine.tasks(case=agreed.id)[0].element) != "offer":
            agreed.do(element, outcome="agreed")
        agreed.do("offer", wants_confirmation=False)
        assert agreed.journal(Happening.MESSAGE_DROPPED) == ["party.performed"]
        assert "close_case" not in [task.element for task in agreed.engine.tasks(case=agreed.id)]

    def test_what_nothing_waits_for_in_a_year_is_dropped(self, agreed: Case) -> None:
        agreed.receive("case.rebounded")
        agreed.wait(370)
        assert agreed.journal(Happening.MESSAGE_DROPPED) == ["case.rebounded"]

    def test_the_end_of_the_case_drops_what_waits(self, agreed: Case) -> None:
        agreed.receive("case.rebounded")
        agreed.receive("party.withdrew")
        assert agreed.journal(Happening.MESSAGE_DROPPED) == ["case.rebounded"]
        assert agreed.receive("party.performed") is Received.NOTED


class TestArbitration:
    def test_an_acceptance_and_an_award_that_come_first_keep_their_days(self, case: Case) -> None:
        case.open(dispute_type="labour", chosen_procedure="arbitration")
        assert case.receive("arbitration.accepted", accepted_on=date(2026, 3, 2)) is Received.KEPT
        assert case.receive("arbitration.award_served", served_on=date(2026, 3, 2)) is Received.KEPT
        case.do("help_to_apply", applied_on=date(2026, 3, 2))
        assert case.the("labour.acceptance")[0] == "met"
        assert case.the("labour.award")[0] == "met"
        assert case.the("labour.sue") == ("running", date(2026, 3, 17))
        assert case.journal(Happening.MESSAGE_TAKEN) == ["arbitration.accepted", "arbitration.award_served"]
