"""Petitions through the bundled models, on the bundled rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.walks import PETITION, START, Walk


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
