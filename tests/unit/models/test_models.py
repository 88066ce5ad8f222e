"""The ways through the bundled models, on the bundled rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from jiefen.clock import CHINA
from tests.support.walks import NEIGHBOUR, START, Walk

# --- the way of a dispute ------------------------------------------------------------------------------------------


def mediate(walk: Walk, level: str = "village", outcome: str = "agreed") -> Walk:
    walk.do("ask_consent", refuses_mediation=False, requested_on=START)
    walk.do("assign_mediator", accepted_on=START)
    return walk.do(f"mediate_{level}", outcome=outcome, chosen_procedure="none")


def follow_up(walk: Walk) -> Walk:
    walk.fire("thirty_days").do("first_visit", satisfied=True, rebound_signs=False)
    return walk.fire("sixty_more").do("second_visit", satisfied=True, rebound_signs=False)


def test_a_neighbours_quarrel_is_mediated_confirmed_performed_and_followed_up() -> None:
    walk = mediate(Walk(**NEIGHBOUR))
    walk.do("sign_agreement", outcome="agreed", agreed_on=START, performed_by=START + timedelta(20))
    assert walk.wait("offer", "task").deadline == "mediation.judicial_confirmation"
    walk.do("offer", wants_confirmation=True).do("submit", confirmation_applied_on=START)
    walk.hear("court.confirmation_accepted", accepted_on=START)
    walk.hear("court.confirmation_ruled", served_on=START)
    assert walk.host.known["confirmed"] is True
    walk.fire("date_come")
    assert "reminder.performance" in walk.host.sent
    assert walk.tasks == {"follow_performance"}
    walk.do("follow_performance", outcome="performed").do("close_case", satisfied=True)
    follow_up(walk)
    assert walk.ended
    assert walk.host.stages == ["mediation", "resolution"]
    assert walk.host.milestones[-2:] == ["case_closed", "case_ended"]
    assert "ledger.mediator_allowance" in walk.host.sent


def test_whoever_wants_what_an_organ_mediated_confirmed_is_told_that_the_court_may_refuse() -> None:
    """民事诉讼法第二百零五条: 依法设立的调解组织; whether an organ is one is contested."""
    walk = Walk(dispute_type="minor_injury", source="walk_in")
    walk.do("ask_consent", refuses_mediation=False).do(
        "assign_mediator", accepted_on=START, mediated_by="police"
    )
    element = next(name for name in walk.tasks if name.startswith("mediate"))
    walk.do(element, outcome="agreed").do("sign_agreement", outcome="agreed", agreed_on=START)
    assert "notice.confirmation_contested" in walk.host.sent
    assert "offer" in walk.tasks
    people = mediate(Walk(**NEIGHBOUR)).do("sign_agreement", outcome="agreed", agreed_on=START)
    assert "notice.confirmation_contested" not in people.host.sent


def test_confirmation_goes_in_on_paper_when_the_court_system_does_not_take_it() -> None:
    walk = mediate(Walk(**NEIGHBOUR)).do("sign_agreement", outcome="agreed", agreed_on=START)
    walk.do("offer", wants_confirmation=True)
    walk.instance.fail(walk.wait("submit", "external").key, "not_taken")
    walk.settle()
    walk.do("hand_in", confirmation_applied_on=START)
    walk.hear("court.confirmation_refused", served_on=START).do("tell_refused", chosen_procedure="court")
    assert "follow_performance" in walk.tasks


def test_the_right_to_confirmation_lapses_and_the_agreement_stays() -> None:
    walk = mediate(Walk(**NEIGHBOUR)).do("sign_agreement", outcome="agreed", agreed_on=START)
    walk.fire("right_over")
    assert walk.tasks == {"follow_performance"}


@pytest.mark.parametrize(
    "facts",
    [{"dispute_type": "land_ownership"}, {"dispute_type": "family", "status_relation": True}],
    ids=["real rights", "marriage"],
)
def test_confirmation_is_not_offered_where_the_law_closes_it(facts: dict[str, Any]) -> None:
    walk = Walk(**NEIGHBOUR | facts)
    mediate(walk, str(walk.host.known["level"])).do("sign_agreement", outcome="agreed", agreed_on=START)
    assert walk.tasks == {"follow_performance"}


def test_whoever_leaves_mediation_without_agreement_is_told_the_other_paths() -> None:
    for walk in (
        mediate(Walk(**NEIGHBOUR), outcome="not_agreed"),
        Walk(**NEIGHBOUR).do("ask_consent", refuses_mediation=True),
        Walk(**NEIGHBOUR).hear("party.stopped_mediation"),
    ):
        assert walk.tasks == {"tell_paths"}
        assert "mediation_ended" in walk.host.milestones
        walk.do("tell_paths", chosen_procedure="court")
        assert "other_paths_told" in walk.host.milestones
        assert walk.tasks == {"help_to_sue"}


def test_medical_mediation_that_runs_out_of_time_is_deemed_failed() -> None:
    walk = Walk(**NEIGHBOUR | {"dispute_type": "medical"})
    walk.do("ask_consent", refuses_mediation=False).do("assign_mediator", accepted_on=START)
    walk.fire("medical_over")
    assert walk.tasks == {"tell_paths"}
    assert walk.host.known["outcome"] == "not_agreed"


def test_a_second_attempt_is_made_only_if_the_party_wants_it_and_then_jointly() -> None:
    walk = mediate(Walk(**NEIGHBOUR), outcome="not_agreed").do("tell_paths", chosen_procedure="mediation")
    assert mediate(walk, "township", "not_agreed").host.known["mediation_attempts"] == 2
    walk.do("tell_paths", chosen_procedure="mediation").do("ask_consent", refuses_mediation=False)
    walk.do("assign_mediator", accepted_on=START)
    assert walk.tasks == {"arrange"}


def test_a_visit_can_settle_it_and_a_rebound_brings_it_back() -> None:
    walk = Walk(dispute_type="lending", source="hotline_12345")
    walk.fire("visit_late")
    assert "reminder.visit" in walk.host.sent
    walk.do("visit_party", outcome="settled_on_visit").do("close_case", satisfied=True)
    walk.fork().fire("thirty_days").do("first_visit", rebound_signs=True).wait("visit_party", "task")
    walk.hear("case.rebounded")
    assert walk.tasks == {"visit_party"}
    assert "case_rebounded" in walk.host.milestones


def test_the_mediator_is_paid_for_an_agreement_once_and_for_no_judgment() -> None:
    def agree(walk: Walk, level: str) -> Walk:
        mediate(walk, level).do("sign_agreement", outcome="agreed", agreed_on=START)
        return walk.do("offer", wants_confirmation=False)

    def close(walk: Walk) -> int:
        walk.do("follow_performance", outcome="performed").do("close_case", satisfied=True)
        return walk.host.sent.count("ledger.mediator_allowance")

    walk = agree(Walk(**NEIGHBOUR), "village")
    sued = (
        walk.fork()
        .do("follow_performance", outcome="not_performed")
        .do("tell_suit", chosen_procedure="court")
    )
    sued.do("help_to_sue", sued_on=START)
    sued.hear("court.filed", filed_on=START, court_procedure="small_claims")
    assert "notice.small_claims" in sued.host.sent
    sued.hear("party.stopped_mediation")
    sued.hear("court.judgment_served", served_on=START, performed_by=START)
    assert close(sued) == 0
    assert close(walk) == 1
    walk.hear("case.rebounded").do("visit_party", outcome="needs_mediation", chosen_procedure="mediation")
    assert close(agree(walk, "township")) == 1


def test_what_is_not_performed_goes_on_to_the_court() -> None:
    walk = mediate(Walk(**NEIGHBOUR)).do("sign_agreement", outcome="agreed", agreed_on=START)
    walk.do("offer", wants_confirmation=False).do("follow_performance", outcome="not_performed")
    walk.do("tell_suit", chosen_procedure="court")
    assert walk.tasks == {"help_to_sue"}


def test_who_refuses_early_has_still_until_the_last_day() -> None:
    last = START + timedelta(days=20)
    walk = mediate(Walk(**NEIGHBOUR)).do("sign_agreement", outcome="agreed", agreed_on=START)
    walk.do("offer", wants_confirmation=False).do(
        "follow_performance", outcome="not_performed", performed_by=last
    )
    assert walk.wait("until_due", "timer").due_at == datetime.combine(last, time(0), CHINA)
    assert "performance_due" not in walk.host.milestones
    assert "performance_due" in walk.fire("until_due").host.milestones


def test_a_dispute_of_unknown_type_is_visited_first() -> None:
    walk = Walk(source="visit_ledger")
    assert walk.tasks == {"visit_party"}
    walk.do("visit_party", outcome="needs_other_procedure", dispute_type="labour").do("tell_paths")
    assert walk.host.stages == ["visit", "arbitration"]


# --- the four heads ------------------------------------------------------------------------------------------------

JOINT: dict[str, Any] = NEIGHBOUR | {"cross_village": True}
SEATS = ("police", "justice", "court", "grid")


def call_heads(**facts: object) -> Walk:
    walk = Walk(**JOINT | facts).do("ask_consent", refuses_mediation=False)
    return walk.do("assign_mediator", accepted_on=START)


def seat(walk: Walk, **seats: str) -> Walk:
    if "arrange" in walk.tasks:
        walk.do("arrange", session_on=START, session_time="09:30", session_place="综治中心")
    for name in SEATS:
        walk.do(f"confirm_{name}", **{f"seat_{name}": seats.get(name, "head")})
    return walk


def test_four_seats_sit_at_once_hold_a_session_and_sign() -> None:
    walk = call_heads().do("arrange", session_on=START, session_time="09:30", session_place="综治中心")
    wanted = {wait.seat: wait.roles for wait in walk.waits if wait.kind == "task"}
    assert wanted == {
        "police_chief": ("police_chief", "police_deputy"),
        "justice_office_head": ("justice_office_head", "justice_office_deputy"),
        "court_head": ("court_head", "court_deputy"),
        "grid_chief": ("grid_chief", "grid_worker"),
    }
    walk.fire("seats_slow")
    assert "reminder.joint_mediation" in walk.host.sent
    seat(walk, court="deputy").do("hold_session", held_on=START, outcome="agreed").do("minutes")
    assert walk.tasks == {"sign_justice"}
    walk.do("sign_justice")
    for name in ("police", "court", "grid"):
        assert f"sign_{name}" in walk.tasks
        walk.do(f"sign_{name}")
    assert walk.tasks == {"sign_agreement"}
    assert walk.host.milestones[-3:] == ["joint_mediation_called", "joint_mediation_held", "minutes_filed"]


def test_a_missed_quorum_is_called_once_more_and_then_given_up() -> None:
    walk = seat(call_heads(), justice="absent")
    assert walk.host.known["joint_calls"] == 2
    assert "hold_session" in seat(walk.fork(), grid="absent").tasks
    assert seat(walk, justice="absent").tasks == {"tell_paths"}
    assert "supervision.joint_mediation_missed" in walk.host.sent


def test_deputies_alone_are_no_quorum_at_the_first_call() -> None:
    assert "hold_session" not in seat(call_heads(), **dict.fromkeys(SEATS, "deputy")).tasks


def test_a_session_cannot_hang_and_neither_can_signatures() -> None:
    assert call_heads().fire("session_late").tasks == {"tell_paths"}
    walk = seat(call_heads()).do("hold_session", held_on=START, outcome="agreed").do("minutes")
    assert walk.do("sign_justice").fire("signing_late").tasks == {"sign_agreement"}


def test_a_postponed_session_is_confirmed_again() -> None:
    walk = seat(call_heads()).do("hold_session", postponed_to=START + timedelta(2), postponed_why="外出")
    assert walk.tasks == {"confirm_police", "confirm_justice", "confirm_court", "confirm_grid"}
    assert (walk.host.known["session_on"], walk.host.known["session_before"]) == (START + timedelta(2), START)
    assert "hold_session" in seat(walk).tasks


def test_signs_of_violence_keep_a_dispute_from_the_four_heads() -> None:
    walk = Walk(**JOINT | {"violence": True})
    assert walk.host.stages == ["visit"]
    walk.do("see_to_safety", safety_secured=True).do("visit_party", outcome="needs_mediation")
    walk.do("ask_consent", refuses_mediation=False).do("assign_mediator", accepted_on=START)
    assert "mediate_township" in walk.tasks


# --- arbitration and courts ----------------------------------------------------------------------------------------

LABOUR: dict[str, Any] = {"dispute_type": "labour", "source": "walk_in", "chosen_procedure": "arbitration"}


def arbitrate(**facts: object) -> Walk:
    walk = Walk(**LABOUR | facts).do("help_to_apply", applied_on=START)
    return walk.hear("arbitration.accepted", accepted_on=START)


def test_a_labour_award_that_nobody_attacks_is_performed() -> None:
    walk = arbitrate().hear("arbitration.award_served", served_on=START).fire("right_over")
    assert "labour_award_effective" in walk.host.milestones
    walk.do("follow_performance", outcome="not_performed").do("help_enforcement", outcome="enforcement")
    walk.hear("court.enforcement_filed", filed_on=START).fire("enforcement_late")
    walk.hear("court.enforcement_finished").do("close_case")
    assert follow_up(walk).ended
    assert walk.host.known["outcome"] == "enforcement"


def test_an_award_that_does_not_come_in_time_opens_the_court() -> None:
    walk = arbitrate().fire("award_late")
    assert "notice.award_late" in walk.host.sent
    walk.fork().hear("arbitration.award_served", served_on=START).wait("right_over", "timer")
    walk.hear("party.went_to_court", sued_on=START)
    assert "labour.award" not in walk.host.running
    walk.hear("court.filed", filed_on=START)
    assert walk.host.stages == ["arbitration", "trial"]


def test_refused_arbitration_leads_to_the_court() -> None:
    walk = Walk(**LABOUR).do("help_to_apply", applied_on=START).fire("acceptance_late")
    walk.hear("arbitration.refused", served_on=START)
    assert walk.tasks == {"help_to_sue"}


def test_a_labour_dispute_that_wants_the_court_is_arbitrated_first() -> None:
    walk = Walk(**LABOUR | {"chosen_procedure": "court"})
    assert walk.host.stages == ["arbitration"]


def test_commercial_arbitration_needs_an_agreement_and_its_award_is_final_at_once() -> None:
    without = Walk(**LABOUR | {"dispute_type": "lending"})
    assert without.host.stages == ["arbitration", "trial"]
    walk = arbitrate(dispute_type="lending", arbitration_agreement=True)
    assert walk.hear("arbitration.award_served", served_on=START).tasks == {"follow_performance"}


def test_ownership_is_decided_by_the_government_and_reconsidered() -> None:
    walk = Walk(dispute_type="forest_rights", chosen_procedure="court").do("help_to_apply", applied_on=START)
    walk.hear("decision.accepted", accepted_on=START).hear("decision.served", served_on=START)
    walk.fork().fire("right_over").wait("follow_performance", "task")
    walk.hear("party.went_to_reconsideration", applied_on=START)
    assert walk.do("lead_out", outcome="led_out").tasks == {"register_receipt"}
    assert "led_out" in walk.host.milestones
    refused = walk.fork().hear("organ.receipt", receipt_taken=False, receipt_on=START)
    assert refused.host.known["outcome"] == "receipt_refused"
    assert refused.host.stages[-1] == "visit"
    assert walk.do("register_receipt", receipt_taken=True, receipt_on=START).tasks == {"confirm"}
    asked_again = walk.fork().do("confirm", lead_out_answer="not_taken_up")
    assert asked_again.tasks == {"register_receipt"}
    assert asked_again.host.known["receipt_taken"] is None
    assert walk.fork().do("confirm", lead_out_answer="not_reached").tasks == {"settle"}
    assert walk.do("confirm", lead_out_answer="taken_up").ended
    assert walk.host.known["outcome"] == "led_out"


def test_a_lead_out_without_a_receipt_is_decided_on_by_the_joint_meeting() -> None:
    walk = Walk(source="petition", dispute_type="judicial_complaint", raised_by="visit")
    walk.do("register", matter_type="claim").do("lead_in").fire("late")
    assert "case.receipt_wanted" in walk.host.sent
    assert walk.tasks == {"register_receipt"}
    assert walk.fire("silence").tasks == {"settle"}
    back = walk.fork().do("settle", lead_out_settled="take_back", receipt_reason="对方没有答复")
    assert back.host.stages[-1] == "visit"
    assert walk.do("settle", lead_out_settled="close", receipt_reason="已核实在办").ended
    assert "notice.lead_out_closed" in walk.host.sent


def test_rural_land_may_be_arbitrated_or_sued_directly() -> None:
    assert arbitrate(dispute_type="land_contract").host.known["arbitration_body"] == "land"
    assert Walk(dispute_type="land_contract", chosen_procedure="court").host.stages == ["trial"]


def sue(**facts: Any) -> Walk:
    walk = Walk(dispute_type="inheritance", chosen_procedure="court", **facts).do(
        "help_to_sue", sued_on=START
    )
    return walk.hear("court.filed", filed_on=START)


def test_a_suit_is_filed_first_then_mediated_then_judged_and_appealed() -> None:
    walk = sue()
    assert walk.tasks == {"court_mediates"}
    walk.hear("party.stopped_mediation").hear("court.judgment_served", served_on=START)
    walk.fork().fire("appeal_over").wait("follow_performance", "task")
    walk.hear("court.appealed", filed_on=START).hear("court.second_instance_served", served_on=START)
    assert walk.tasks == {"follow_performance"}
    assert "judgment_final" in walk.host.milestones


def test_a_small_claim_is_over_with_its_judgment() -> None:
    walk = Walk(**NEIGHBOUR | {"chosen_procedure": "court"}).do("help_to_sue", sued_on=START)
    walk.hear("court.filed", filed_on=START, court_procedure="small_claims")
    walk.do("court_mediates", outcome="not_agreed")
    walk.hear("court.judgment_served", served_on=START, performed_by=START)
    assert "judgment_final" in walk.host.milestones
    assert "appeal_over" not in {wait.element.id for wait in walk.waits}


def test_the_court_can_mediate_rule_and_let_the_suit_be_withdrawn() -> None:
    assert sue().do("court_mediates", outcome="agreed").host.known["outcome"] == "court_mediated"
    walk = sue(refuses_mediation=True)
    assert walk.fork().hear("court.mediated", served_on=START).host.known["outcome"] == "court_mediated"
    assert walk.fork().hear("court.ruling_served", served_on=START).fire("ruling_appeal_over").tasks == {
        "close_case"
    }
    appealed = walk.fork().hear("court.ruling_served", served_on=START)
    appealed.hear("court.appealed", filed_on=START, appeal_of="ruling")
    assert "trial.second_instance_ruling" in appealed.host.running
    assert appealed.hear("court.second_instance_served", served_on=START).host.known["outcome"] == "ruling"
    assert walk.hear("court.suit_withdrawn").host.known["outcome"] == "not_pursued"
    late = sue().fire("ordinary_over")
    assert late.hear("court.judgment_served", served_on=START).host.known["outcome"] == "not_agreed"


def test_an_organs_act_is_led_out_and_sued_after_reconsideration() -> None:
    walk = Walk(dispute_type="administrative_act", source="transfer")
    assert walk.tasks == {"lead_out"}
    walk = Walk(dispute_type="administrative_act", reconsidered=True, chosen_procedure="court")
    walk.do("help_to_sue", sued_on=START).fire("filing_late").hear("court.filed", filed_on=START)
    walk.hear("court.judgment_served", served_on=START).fire("appeal_over")
    assert "administrative_judgment_served" in walk.host.milestones


def test_a_court_that_does_not_file_ends_in_follow_up() -> None:
    walk = Walk(dispute_type="inheritance", chosen_procedure="court").do("help_to_sue", sued_on=START)
    assert walk.hear("court.filing_refused", served_on=START).tasks == {"close_case"}


def test_nobody_is_made_to_sue_or_to_arbitrate() -> None:
    sues: dict[str, Any] = {"dispute_type": "inheritance", "chosen_procedure": "court"}
    for facts in (LABOUR, sues):
        walk = Walk(**facts)
        (task,) = walk.tasks
        assert walk.do(task, outcome="not_pursued").tasks == {"close_case"}
