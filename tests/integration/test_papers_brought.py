"""What a villager brings to the desk on paper starts the periods that the paper opens, and their ends open the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from jiefen import FixedClock
from tests.support.asking import engine_that_asks
from tests.support.desk import CLERK, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock(date(2026, 3, 2))
    with engine_that_asks(tmp_path, clock) as engine:
        yield Desk(engine, clock)


def test_a_request_for_information_that_nobody_answers_goes_to_reconsideration(desk: Desk) -> None:
    desk.open(
        date(2026, 3, 2), dispute_type="information_disclosure", information_requested_on=date(2026, 3, 2)
    )
    assert desk.open_now() == {"information.answer": date(2026, 3, 30)}
    desk.wait(date(2026, 4, 7))
    assert desk.open_now() == {"reconsideration.apply_information_silence": date(2026, 5, 29)}


def test_an_answer_that_came_late_takes_the_place_of_the_silence(desk: Desk) -> None:
    desk.open(
        date(2026, 3, 2), dispute_type="information_disclosure", information_requested_on=date(2026, 3, 2)
    )
    desk.wait(date(2026, 4, 7)).say(information_answered_on=date(2026, 4, 3), information_refused=False)
    assert desk.open_now() == {
        "reconsideration.apply_information": date(2026, 6, 2),
        "administrative.sue_information": date(2026, 10, 8),
    }
    assert desk.status("reconsideration.apply_information_silence") == ["cancelled"]


def test_the_request_of_a_third_party_does_not_count(desk: Desk) -> None:
    desk.open(
        date(2026, 3, 2), dispute_type="information_disclosure", information_requested_on=date(2026, 3, 2)
    )
    [answer] = desk.engine.deadlines(desk.case)
    desk.engine.suspend(desk.case, answer.seq, ground="others_consulted", by=CLERK)
    desk.wait(date(2026, 3, 9))
    desk.engine.resume(desk.case, answer.seq, by=CLERK)
    assert desk.open_now() == {"information.answer": date(2026, 4, 3)}


def test_who_is_not_answered_on_compensation_may_sue_for_three_months(desk: Desk) -> None:
    desk.open(
        date(2026, 1, 6),
        dispute_type="administrative_act",
        state_compensation=True,
        knew_on=date(2025, 12, 20),
        compensation_requested_on=date(2026, 1, 5),
    )
    assert desk.open_now()["compensation.decide"] == date(2026, 3, 5)
    desk.wait(date(2026, 3, 9))
    assert desk.open_now()["compensation.sue_no_decision"] == date(2026, 6, 5)
    desk.wait(date(2026, 3, 16)).say(compensation_decided_on=date(2026, 3, 12))
    assert desk.open_now()["compensation.sue"] == date(2026, 6, 12)
    assert "compensation.sue_no_decision" not in desk.open_now()


def test_criminal_compensation_goes_to_the_organ_above(desk: Desk) -> None:
    desk.open(date(2026, 1, 6), criminal_compensation=True, compensation_requested_on=date(2026, 1, 5))
    desk.wait(date(2026, 3, 9))
    assert desk.open_now() == {"compensation.review_no_decision": date(2026, 4, 4)}


def test_an_appraisal_nobody_objects_to_is_settled_and_the_finding_is_due(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="traffic", accident_report_served_on=date(2026, 3, 2))
    assert desk.open_now() == {"traffic.reappraisal_request": date(2026, 3, 5)}
    desk.wait(date(2026, 3, 6))
    assert desk.open_now() == {
        "traffic.finding_after_report": date(2026, 3, 12),
        "traffic.release_vehicle": date(2026, 3, 12),
    }
    desk.wait(date(2026, 3, 11)).say(finding_made_on=date(2026, 3, 10))
    assert desk.open_now()["traffic.serve_finding"] == date(2026, 3, 13)
    desk.say(accident_finding_served_on=date(2026, 3, 11))
    assert desk.open_now()["traffic.review_request"] == date(2026, 3, 16)


def test_a_review_that_does_not_uphold_the_finding_opens_no_mediation(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="traffic")
    desk.say(finding_upheld=False, accident_review_served_on=date(2026, 3, 2))
    assert desk.open_now() == {}


def test_the_hours_of_an_autopsy_run_from_the_day_of_death_and_days_where_the_body_is_frozen(
    desk: Desk,
) -> None:
    desk.open(date(2026, 3, 3), dispute_type="medical", patient_died_on=date(2026, 3, 2))
    assert desk.open_now() == {"medical.autopsy": date(2026, 3, 4), "medical.body": date(2026, 3, 16)}
    desk.say(body_frozen=True)
    assert desk.open_now()["medical.autopsy_frozen"] == date(2026, 3, 9)


def test_the_holder_of_a_right_enforces_when_the_government_has_not(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="land_ownership")
    desk.reach("ownership_award_effective", date(2026, 3, 2))
    assert desk.open_now()["enforcement.organ_asks_court_ownership"] == date(2026, 6, 2)
    desk.wait(date(2026, 6, 3))
    assert desk.open_now()["enforcement.rights_holder_asks_court"] == date(2026, 12, 2)


def test_the_government_that_asked_in_time_leaves_the_holder_nothing_to_ask(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="land_ownership")
    desk.reach("ownership_award_effective", date(2026, 3, 2)).wait(date(2026, 5, 6))
    desk.reach("non_suit_enforcement_requested", date(2026, 5, 6)).wait(date(2026, 6, 3))
    assert "enforcement.rights_holder_asks_court" not in desk.open_now()


@pytest.mark.parametrize(
    ("facts", "rule", "due"),
    [
        ({"voters_published_on": date(2026, 3, 2)}, "village.object_voters", date(2026, 3, 7)),
        ({"voters_objected_on": date(2026, 3, 2)}, "village.decide_voters", date(2026, 3, 5)),
        ({"village_elected_on": date(2026, 3, 2)}, "village.handover", date(2026, 3, 12)),
        ({"penalty_served_on": date(2026, 3, 2)}, "penalty.pay", date(2026, 3, 17)),
        ({"hearing_right_told_on": date(2026, 3, 2)}, "penalty.hearing_request", date(2026, 3, 9)),
        ({"property_seized_on": date(2026, 3, 2)}, "coercion.seizure", date(2026, 4, 1)),
        ({"demand_served_on": date(2026, 3, 2)}, "coercion.comply", date(2026, 3, 16)),
        ({"police_appraisal_served_on": date(2026, 3, 4)}, "police.reappraisal_request", date(2026, 3, 9)),
        ({"plan_notice_on": date(2026, 3, 2)}, "expropriation.register", date(2026, 4, 1)),
        ({"records_sealed_on": date(2023, 11, 30)}, "medical.sealed_records", date(2026, 11, 30)),
        (
            {"performance_refused_on": date(2026, 3, 2)},
            "reconsideration.apply_inaction_refused",
            date(2026, 5, 6),
        ),
        ({"performance_requested_on": date(2026, 3, 2)}, "reconsideration.inaction_wait", date(2026, 5, 6)),
    ],
)
def test_a_day_on_a_paper_starts_what_it_opens(
    desk: Desk, facts: dict[str, date], rule: str, due: date
) -> None:
    desk.open(date(2026, 3, 5)).say(**facts)
    assert desk.open_now()[rule] == due


def test_nobody_is_told_of_a_direct_suit_against_silence(desk: Desk) -> None:
    desk.open(
        date(2026, 3, 2), dispute_type="administrative_inaction", performance_requested_on=date(2026, 3, 2)
    )
    desk.wait(date(2026, 5, 8))
    assert desk.open_now() == {"reconsideration.apply_inaction": date(2026, 7, 6)}


def test_three_days_are_the_safe_ones_for_a_hearing_before_the_police(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="minor_injury", hearing_right_told_on=date(2026, 3, 2))
    [hearing] = [one for one in desk.engine.deadlines(desk.case) if one.rule == "penalty.hearing_request"]
    assert (hearing.due_on, hearing.safe_on) == (date(2026, 3, 9), date(2026, 3, 5))


def test_goods_bought_online_go_back_within_a_week_and_the_price_comes_back(desk: Desk) -> None:
    desk.open(
        date(2026, 3, 3), dispute_type="consumer", bought_at_distance=True, goods_received_on=date(2026, 3, 2)
    )
    assert desk.open_now() == {"consumer.return_remote": date(2026, 3, 9)}
    desk.wait(date(2026, 3, 6)).say(goods_returned_on=date(2026, 3, 6))
    assert desk.open_now() == {"consumer.refund": date(2026, 3, 13)}
    assert desk.status("consumer.return_remote") == ["met"]


def test_a_review_of_the_finding_asked_for_by_message_is_met_and_the_police_owe_a_conclusion(
    desk: Desk,
) -> None:
    desk.open(date(2026, 3, 6), dispute_type="traffic", accident_finding_served_on=date(2026, 3, 3))
    desk.hear("traffic.review_requested", event_on=date(2026, 3, 5))
    assert desk.status("traffic.review_request") == ["met"]
    assert desk.open_now()["traffic.review"] == date(2026, 4, 7)
    desk.wait(date(2026, 4, 3)).hear(
        "traffic.review_served", accident_review_served_on=date(2026, 4, 2), finding_upheld=True
    )
    assert desk.status("traffic.review") == ["met"]
    assert desk.open_now()["traffic.mediation_request_after_review"] == date(2026, 4, 17)


def test_reconsideration_told_by_messages_runs_from_each_true_day_and_ends_in_a_suit(desk: Desk) -> None:
    desk.open(date(2026, 3, 6), dispute_type="administrative_act")
    desk.hear("party.went_to_reconsideration", applied_on=date(2026, 3, 2))
    assert desk.open_now()["reconsideration.examine"] == date(2026, 3, 9)
    desk.hear("reconsideration.accepted", event_on=date(2026, 3, 6))
    assert desk.open_now()["reconsideration.decide"] == date(2026, 5, 6)
    # The day of one message is not the day of another.
    desk.wait(date(2026, 3, 9)).hear("legal_aid.objected", event_on=date(2026, 3, 9))
    assert desk.open_now()["reconsideration.decide"] == date(2026, 5, 6)
    desk.wait(date(2026, 4, 24)).hear(
        "reconsideration.decision_served", reconsideration_served_on=date(2026, 4, 22)
    )
    assert desk.open_now()["administrative.sue_after_reconsideration"] == date(2026, 5, 7)


def test_the_list_of_voters_is_due_before_the_election(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="village_affairs")
    desk.hear("village.election_set", election_on=date(2026, 4, 12))
    assert desk.open_now() == {"village.publish_voters": date(2026, 3, 23)}
    desk.wait(date(2026, 3, 20)).hear("village.voters_published", voters_published_on=date(2026, 3, 20))
    assert desk.status("village.publish_voters") == ["met"]
    assert desk.open_now() == {"village.object_voters": date(2026, 3, 25)}
    desk.wait(date(2026, 3, 24)).hear("village.voters_objected", voters_objected_on=date(2026, 3, 24))
    assert desk.open_now() == {"village.decide_voters": date(2026, 3, 27)}


def test_police_mediation_that_fails_starts_the_thirty_days(desk: Desk) -> None:
    desk.open(date(2026, 3, 5), dispute_type="minor_injury").hear(
        "police.mediation_held", event_on=date(2026, 3, 3)
    )
    assert desk.open_now()["police.second_mediation"] == date(2026, 3, 12)
    desk.wait(date(2026, 3, 16))
    assert desk.open_now()["police.case_after_mediation"] == date(2026, 4, 13)
