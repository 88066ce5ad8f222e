"""The ways through the bundled models, on the bundled rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.clock import CHINA
from jiefen.process import Element, Wait
from jiefen.rules import FactType
from tests.support.chance import examples
from tests.support.walks import START, Walk, rules

# --- the way of a dispute ------------------------------------------------------------------------------------------

NEIGHBOUR: dict[str, Any] = {"dispute_type": "neighbour", "source": "walk_in", "matter_type": "claim"}


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


# --- petitions -----------------------------------------------------------------------------------------------------

PETITION: dict[str, Any] = {"dispute_type": "neighbour", "organ_part": True, "source": "petition_backlog"}


def petition(**facts: object) -> Walk:
    return Walk(**PETITION | facts).do("register", matter_type=facts.get("matter_type", "claim"))


def accepted() -> Walk:
    walk = petition().do("transfer", transferred_on=START)
    return walk.do("examine", competent=True, accepted_on=START)


def test_a_petition_goes_through_review_and_re_review_and_is_not_left_alone() -> None:
    walk = accepted().fire("handle_late")
    assert "supervision.petition_overdue" in walk.host.sent
    walk.do("handle", outcome="opinion_issued").do("serve_opinion", served_on=START)
    assert walk.host.sent[-1] == "notice.petition_opinion"
    walk.do("follow_opinion")
    walk.fork().fire("no_review").wait("close_case", "task")
    walk.hear("petition.review_requested", applied_on=START).fire("review_late")
    walk.do("review").do("serve_review", served_on=START)
    walk.fork().fire("no_recheck").wait("close_case", "task")
    walk.hear("petition.recheck_requested", applied_on=START).fire("recheck_late")
    walk.do("recheck").do("serve_recheck", served_on=START)
    assert "petition_concluded" in walk.host.milestones
    assert walk.tasks == {"support_after_end"}
    assert walk.do("support_after_end").tasks == {"close_case"}


def test_a_petition_can_be_extended_by_the_head_of_the_organ() -> None:
    walk = accepted().hear("petition.extension_requested")
    assert walk.tasks == {"handle", "decide_extension"}
    assert (
        walk.fork()
        .do("decide_extension", extension_approved=False)
        .host.sent.count("notice.petition_extension")
        == 0
    )
    assert "notice.petition_extension" in walk.do("decide_extension", extension_approved=True).host.sent


def test_an_organ_that_is_not_competent_objects_and_another_is_named() -> None:
    walk = petition().do("transfer", transferred_on=START).do("examine", competent=False)
    assert "transfer_objected" in walk.host.milestones
    walk.do("check_objection", objection_upheld=True)
    assert "petition.tell_transferred" not in walk.host.running
    walk.do("transfer").do("examine", competent=True, accepted_on=START)
    assert walk.tasks == {"handle"}


def test_an_objection_that_is_rejected_leaves_it_with_the_organ() -> None:
    walk = petition().do("transfer", transferred_on=START).do("examine", competent=False)
    walk.do("check_objection", objection_upheld=False)
    assert walk.tasks == {"examine_accepted"}
    assert {"petition.handle", "petition.tell_transferred"} <= walk.host.running.keys()
    assert walk.do("examine_accepted").tasks == {"handle"}
    assert walk.host.milestones.count("petition_accepted") == 1


@pytest.mark.parametrize(
    ("common", "task"), [(True, "decide_jurisdiction"), (False, "coordinate_jurisdiction")]
)
def test_where_competence_is_disputed_somebody_above_names_the_organ(common: bool, task: str) -> None:
    walk = petition().do("transfer", transferred_on=START).do("examine", competent=False)
    walk.do("check_objection", objection_upheld=True, jurisdiction_disputed=True, common_superior=common)
    assert walk.tasks == {task}
    assert walk.do(task, passed_on_to="县农业农村局").tasks == {"transfer"}


def test_an_organ_that_is_silent_can_no_longer_object() -> None:
    walk = petition().do("transfer", transferred_on=START).fire("silent")
    assert walk.tasks == {"examine_accepted"}


def test_suggestions_are_answered_and_accusations_passed_on() -> None:
    walk = petition(dispute_type="suggestion", matter_type="suggestion")
    assert walk.do("answer_suggestion").tasks == {"close_case"}
    walk = Walk("petition", channel="discipline", **PETITION).do("register", matter_type="accusation")
    assert walk.do("pass_on").ended
    assert walk.host.known["outcome"] == "transferred"


def test_a_petition_that_belongs_elsewhere_is_led_there() -> None:
    walk = Walk("petition", **PETITION).do("register", matter_type="claim")
    walk.do("transfer", transferred_on=START).do("examine", competent=True, dispute_type="labour")
    assert walk.host.known["petition_way"] == "arbitration"
    assert walk.do("lead_in").host.known["outcome"] == "needs_other_procedure"
    assert "case.led_out" in walk.host.sent


@pytest.mark.parametrize(
    ("found", "way", "outcome"),
    [
        ({"dispute_type": "inheritance"}, "litigation", "needs_other_procedure"),
        ({"dispute_type": "judicial_complaint"}, "litigation", "transferred"),
        ({"dispute_type": "land_contract"}, "arbitration", "needs_other_procedure"),
        ({"party_member_appeal": True}, "party_appeal", "transferred"),
        ({"dispute_type": "administrative_act"}, "administrative", "transferred"),
        ({"dispute_type": "forest_rights"}, "administrative", "needs_other_procedure"),
    ],
    ids=str,
)
def test_what_the_organ_finds_leads_into_the_procedure_of_article_31(
    found: dict[str, Any], way: str, outcome: str
) -> None:
    walk = Walk("petition", **PETITION).do("register", matter_type="claim")
    walk.do("transfer", transferred_on=START).do("examine", competent=True, **found)
    assert walk.host.known["petition_way"] == way
    assert walk.do("lead_in").host.known["outcome"] == outcome


def test_who_asks_an_organ_to_act_gets_it_done_or_an_answer() -> None:
    walk = petition().do("transfer", transferred_on=START).do("examine", competent=True, asks_to_act=True)
    assert walk.tasks == {"perform_duty"}
    assert "reconsideration.inaction_wait" in walk.host.running
    assert walk.do("perform_duty", reply="已责令改正", decided_on=START).tasks == {"close_case"}
    assert walk.host.known["outcome"] == "duty_answered"


def test_a_complaint_about_a_court_is_separated_from_petitions_at_once() -> None:
    walk = Walk(source="petition", dispute_type="judicial_complaint", raised_by="visit")
    assert walk.do("register", matter_type="claim").tasks == {"lead_in"}
    assert walk.host.known["lead_to"] == ("political_legal_organ",)
    assert walk.do("lead_in").tasks == {"register_receipt"}
    assert walk.host.stages[-1] == "receipt"
    walk.hear("organ.receipt", receipt_taken=True, receipt_on=START, receipt_organ="县委政法委")
    assert walk.do("confirm", lead_out_answer="taken_up").ended


# --- support -------------------------------------------------------------------------------------------------------


def test_support_runs_beside_and_outlives_an_interruption() -> None:
    walk = Walk(
        dispute_type="labour", source="walk_in", hardship=True, wages_unpaid=True, hearing_wanted=True
    )
    assert {"apply_legal_aid", "help_to_complain", "help_hardship", "hold_hearing"} <= walk.tasks
    walk.hear("party.withdrew")
    assert walk.tasks == {"apply_legal_aid", "help_to_complain", "help_hardship", "hold_hearing"}
    walk.do("apply_legal_aid", aid_applied_on=START).do("help_hardship").do("hold_hearing", held_on=START)
    walk.do("help_to_complain", inspection_reported_on=START).do("note_filing", inspection_filed_on=None)
    assert not walk.ended
    walk.fork().do("note_legal_aid", aid_granted=False)
    assert walk.do("note_legal_aid", aid_granted=True).do("note_assignment").ended


def test_a_complaint_about_wages_is_followed_to_its_result_beside_arbitration() -> None:
    walk = Walk(dispute_type="labour", source="walk_in", wages_unpaid=True, chosen_procedure="arbitration")
    assert {"help_to_apply", "help_to_complain"} <= walk.tasks
    walk.fork().do("help_to_complain", inspection_reported_on=None)
    walk.do("help_to_complain", inspection_reported_on=START).do("note_filing", inspection_filed_on=START)
    walk.do("note_result", inspection_result="ordered")
    assert "labour_inspection_finished" in walk.host.milestones


def test_a_work_injury_is_recognised_and_appraised_or_its_remedies_are_told() -> None:
    walk = Walk(dispute_type="labour", source="walk_in", injured_on=START, chosen_procedure="arbitration")
    walk.do("help_with_recognition", injury_applied_on=START)
    walk.do("note_acceptance", injury_accepted_on=START, facts_clear=True)
    refused = walk.fork().do("note_decision", injury_served_on=START, injury_recognised=False)
    assert "tell_remedy" in refused.tasks
    walk.do("note_decision", injury_served_on=START, injury_recognised=True)
    walk.do("help_with_appraisal", appraisal_applied_on=START)
    walk.do("note_appraisal", appraisal_made_on=START, appraisal_served_on=START)
    assert not walk.tasks & {"tell_remedy", "help_with_appraisal", "note_appraisal"}


def test_support_can_be_asked_for_at_any_time() -> None:
    walk = Walk(**NEIGHBOUR).hear("support.needed", hardship=True)
    assert walk.tasks == {"ask_consent", "help_hardship"}


# --- leaving at once -----------------------------------------------------------------------------------------------


def test_a_suspected_crime_is_reported_at_once_and_the_civil_matter_can_come_back() -> None:
    walk = Walk(**NEIGHBOUR).hear("crime.suspected", crime_suspected=True)
    assert walk.host.sent[-1] == "police.report"
    assert walk.tasks == {"hand_to_police"}
    assert walk.fork().do("hand_to_police", outcome="transferred").ended
    assert walk.do("hand_to_police", outcome="needs_other_procedure").tasks == {"ask_consent"}


def test_a_grave_and_urgent_matter_goes_to_every_addressee_at_once() -> None:
    walk = Walk(**PETITION, urgent=True)
    reports = [wait for wait in walk.waits if wait.kind == "external"]
    assert [wait.inputs["addressee"] for wait in reports] == [
        "party_committee_government",
        "competent_department",
        "joint_meeting_office",
        "higher_petition_office",
        "national_petition_administration",
    ]
    for report in reports:
        walk.instance.complete(report.key)
    walk.settle()
    done = {"urgent_reported_on": START}
    assert walk.fork().do("take_measures", taken_over=True, **done).ended
    assert walk.do("take_measures", taken_over=False, **done).tasks == {"register"}


@pytest.mark.parametrize("done", [None, "report_urgent", "take_measures"])
@pytest.mark.parametrize("known", ["at registration", "later"])
def test_the_reporting_of_an_urgent_matter_stops_nothing_and_is_stopped_by_nobody(
    known: str, done: str | None
) -> None:
    """Mediation, its mediator and what was accepted stay; whoever leaves the stages leaves the report to be made."""
    at_once = known == "at registration"
    walk = Walk(**NEIGHBOUR, urgent=True) if at_once else Walk(**NEIGHBOUR)
    walk.do("ask_consent", refuses_mediation=False).do("assign_mediator", accepted_on=START)
    if not at_once:
        walk.hear("matter.urgent", urgent=True)
    level = str(walk.host.known["level"])
    report = {"take_measures", "report_urgent"}
    assert walk.tasks == {f"mediate_{level}"} | report
    if done == "take_measures":
        report -= {done}
        walk.do(done, taken_over=False, urgent_reported_on=START)
    elif done:
        walk.do(done)
    withdrawn = walk.fork().hear("party.withdrew")
    assert withdrawn.tasks == report
    assert withdrawn.host.known["outcome"] == "withdrawn"
    court = walk.fork().hear("party.went_to_court", sued_on=START)
    assert court.tasks == report
    assert "await_filing" in {wait.element.id for wait in court.waits if wait.kind == "message"}
    crime = walk.fork().hear("crime.suspected", crime_suspected=True)
    assert crime.host.sent[-1] == "police.report"
    assert crime.tasks == {"hand_to_police"} | report
    again = walk.fork().hear("matter.urgent", urgent=True)
    assert again.tasks == {f"mediate_{level}", "take_measures", "report_urgent"}
    assert walk.do(f"mediate_{level}", outcome="agreed").tasks == {"sign_agreement"} | report


def test_a_stage_that_no_flow_is_drawn_for_becomes_a_task_for_a_person() -> None:
    """A slip in a table or a condition does not end a case in silence."""
    walk = (
        Walk(**NEIGHBOUR).do("ask_consent", refuses_mediation=True).do("tell_paths", chosen_procedure="none")
    )
    walk.do("close_case", satisfied=True)
    decide = walk.host.decide

    def slip(table: str, element: Element) -> None:
        decide(table, element)
        if table == "next_stage":
            del walk.host.known["next_stage"]

    walk.host.decide = slip  # type: ignore[method-assign]
    walk.hear("case.rebounded")
    assert walk.tasks == {"choose_stage"}
    assert walk.fork().do("choose_stage", next_stage="visit").tasks == {"visit_party"}
    assert walk.do("choose_stage", next_stage="end").ended


def test_a_crime_known_from_the_start_is_reported_before_anything_else() -> None:
    assert Walk(dispute_type="suspected_crime").tasks == {"hand_to_police"}


def leave_at_once(walk: Walk) -> None:
    """At this moment every interruption takes the case out before anything else of it runs."""
    beside = [
        wait for wait in walk.waits if wait.element.process_id in ("support", "legal_aid", "protection")
    ]
    support = walk.tasks & {wait.element.id for wait in beside}
    out = walk.fork().hear("party.withdrew")
    assert out.host.known["outcome"] == "withdrawn"
    assert out.tasks == support
    assert out.ended == (not beside)
    crime = walk.fork().hear("crime.suspected")
    assert crime.tasks == support | {"hand_to_police"}
    urgent = walk.fork().hear("matter.urgent")
    assert urgent.tasks == walk.tasks | {"take_measures", "report_urgent"}
    court = walk.fork().hear("party.went_to_court", sued_on=START)
    assert court.host.stages[-1] == "trial"
    assert court.tasks == support
    assert {wait.element.id for wait in court.waits if wait.kind == "message"} >= {"await_filing"}
    body = walk.fork().hear("party.went_to_arbitration", applied_on=START)
    assert "arbitration" in body.host.stages


@examples(60)
@given(
    facts=st.fixed_dictionaries(
        {
            "dispute_type": st.sampled_from(
                [
                    "neighbour",
                    "labour",
                    "land_contract",
                    "forest_rights",
                    "medical",
                    "traffic",
                    "consumer",
                    "lending",
                ]
            ),
            "source": st.sampled_from(["walk_in", "hotline_12345", "grid"]),
            "chosen_procedure": st.sampled_from(["mediation", "arbitration", "court"]),
            "cross_village": st.booleans(),
            "organ_part": st.booleans(),
            "arbitration_agreement": st.booleans(),
        }
    ),
    data=st.data(),
)
def test_wherever_it_waits_a_party_can_leave(facts: dict[str, Any], data: st.DataObject) -> None:
    walk = Walk(**facts)
    for _ in range(14):
        handling = [wait for wait in walk.waits if wait.element.id == "withdrew"]
        if not handling:
            break
        leave_at_once(walk)
        steps = [wait for wait in walk.waits if step(wait)]
        if not steps:
            break
        take(walk, data.draw(st.sampled_from(steps)), data)


LEAVING = frozenset(
    {"withdrew", "to_court", "to_arbitration", "crime_found", "urgent_found", "support_needed"}
)


def step(wait: Wait) -> bool:
    return wait.element.id not in LEAVING and (wait.kind != "timer" or wait.due_at is not None)


def take(walk: Walk, wait: Wait, data: st.DataObject) -> None:
    """Answer, send or fire what was drawn, with an answer that the model foresees."""
    if wait.kind == "timer":
        walk.fire(wait.element.id)
    elif wait.kind == "message":
        walk.hear(str(wait.message))
    else:
        walk.do(wait.element.id, **answer(wait.element, data))


def answer(element: Element, data: st.DataObject) -> dict[str, object]:
    outcomes = [one for one in element.properties.get("outcomes", "").split(",") if one]
    said: dict[str, object] = {}
    for name in filter(None, element.properties.get("asks", "").split(",")):
        fact = rules().vocabulary.facts[name]
        if name == "outcome":
            said[name] = data.draw(st.sampled_from(outcomes))
        elif name in ("dispute_type", "crime_suspected", "urgent", "taken_over"):
            continue
        elif fact.type is FactType.CHOICE:
            said[name] = data.draw(st.sampled_from(sorted(fact.values)))
        elif fact.type is FactType.BOOLEAN:
            said[name] = data.draw(st.booleans())
        elif fact.type is FactType.DATE:
            said[name] = START
    return said
