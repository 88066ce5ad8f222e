"""The national pack holds what the research found: every verified row, with its numbers, and nothing unverified.

The numbers here were typed from the research tables, not from the rules, so that a slip in either shows.
"""

from __future__ import annotations

import pytest

from jiefen.rules import (
    NATION,
    Confidence,
    DeadlineRule,
    DeadlineVersion,
    Rulebook,
    Side,
    check_rulebook,
    run_tests,
)
from tests.conformance.pack import RULES, deadlines_of, nation_of
from tests.conformance.pack_list import PAGE, page
from tests.conformance.rows import CARRIED, NO_RULE, UNVERIFIED

#: Per verified row of the research: its deadlines as "length", "length+extension" or "length+extension*times";
#: "+" alone is an extension without a length in the law; a further one (还需延长的) follows the first.
DEADLINES: dict[str, dict[str, str]] = {
    "XF-01": {"petition.transfer": "15 d"},
    "XF-02": {"petition.tell": "15 d"},
    "XF-03": {"petition.tell_transferred": "15 d"},
    "XF-04": {"petition.object_transfer": "5 wd"},
    "XF-05": {"petition.handle": "60 d+30 d*1"},
    "XF-06": {"petition.review_request": "30 d"},
    "XF-07": {"petition.review": "30 d"},
    "XF-08": {"petition.recheck_request": "30 d"},
    "XF-09": {"petition.recheck": "30 d"},
    "XF-15": {"petition.report_urgent": "24 h"},
    "XF-21": {"petition.register": "1 wd"},
    "TJ-04": {"mediation.report_escalation": "24 h"},
    "TJ-08": {"mediation.judicial_confirmation": "30 d"},
    "TJ-09": {"mediation.confirmation_acceptance": "3 d", "mediation.confirmation_decision": "15 d+10 d*1"},
    "TJ-10": {"mediation.confirmation_ruling": "30 d+30 d*1"},
    "TJ-14": {"labour.mediation": "15 d"},
    "TJ-17": {"mediation.medical": "30 wd+"},
    "TJ-18": {
        "mediation.medical_administrative_acceptance": "5 wd",
        "mediation.medical_administrative": "30 wd",
    },
    "TJ-20": {
        "traffic.mediation_request": "10 wd",
        "traffic.mediation_request_after_review": "10 wd",
        "mediation.traffic": "10 wd",
        "traffic.mediation_after_people": "3 wd",
    },
    "TJ-22": {"police.second_mediation": "7 wd"},
    "TJ-27": {"traffic.review_request": "3 wd", "traffic.review": "30 d"},
    "LD-01": {
        "labour.limitation": "1 y",
        "labour.limitation_wages": "1 y",
        "labour.limitation_other_claims": "1 y",
    },
    "LD-02": {"labour.acceptance": "5 d"},
    "LD-03": {"labour.serve_copy": "5 d", "labour.answer": "10 d", "labour.serve_answer": "5 d"},
    "LD-04": {"labour.notify_tribunal": "5 d"},
    "LD-05": {"labour.notify_hearing": "5 d", "labour.postpone_request": "3 d"},
    "LD-06": {"labour.award": "45 d+15 d*1"},
    "LD-07": {"labour.set_aside_after_refusal": "30 d"},
    "LD-08": {"labour.sue": "15 d", "labour.sue_by_worker": "15 d"},
    "LD-09": {
        "labour.set_aside": "30 d",
        "labour.sue_after_set_aside": "15 d",
        "labour.set_aside_after_suit": "30 d",
    },
    "LD-10": {"labour.sue": "15 d"},
    "LD-15": {
        "labour.inspection": "60 wd+30 wd*1",
        "labour.inspection_report": "2 y",
        "labour.inspection_report_continued": "2 y",
    },
    "LD-16": {
        "injury.employer_application": "30 d+",
        "injury.worker_application": "1 y",
        "injury.decision": "60 d",
        "injury.decision_clear": "15 d",
        "injury.capacity_appraisal": "60 d+30 d*1",
    },
    "LD-17": {"injury.reappraisal": "15 d"},
    "TD-03": {"land.limitation": "2 y"},
    "TD-04": {"land.acceptance": "5 wd", "land.notify_termination": "5 wd"},
    "TD-05": {"land.serve_respondent": "5 wd", "land.answer": "10 d", "land.serve_answer": "5 wd"},
    "TD-06": {"land.notify_tribunal": "2 wd"},
    "TD-07": {"land.notify_hearing": "5 wd"},
    "TD-09": {"land.serve_award": "3 wd"},
    "TD-10": {"land.award": "60 d+30 d*1"},
    "TD-11": {"land.sue": "30 d"},
    "TD-15": {"collective.annul": "1 y", "collective.annul_cap": "5 y"},
    "ZC-03": {"commercial.acceptance": "5 d"},
    "ZC-05": {"commercial.set_aside": "3 mo"},
    "ZC-06": {"commercial.set_aside_decision": "2 mo"},
    "ZC-07": {"commercial.correction": "30 d"},
    "QS-01": {"ownership.land_sue": "30 d"},
    "QS-02": {"ownership.forest_sue": "30 d"},
    "QS-03": {"ownership.grassland_sue": "6 mo"},
    "QS-04": {"administrative.sue_after_refusal": "15 d", "administrative.sue_after_reconsideration": "15 d"},
    "SP-01": {"trial.filing": "7 d", "trial.appeal_refusal": "10 d"},
    "SP-02": {"trial.divorce_again": "6 mo"},
    "SP-03": {"trial.serve_copy": "5 d", "trial.answer": "15 d", "trial.serve_answer": "5 d"},
    "SP-04": {"trial.first_instance": "6 mo+6 mo*1+3 mo*1"},
    "SP-05": {"trial.simplified": "3 mo+1 mo*1"},
    "SP-06": {"trial.small_claims": "2 mo+1 mo*1"},
    "SP-08": {"trial.second_instance": "3 mo+3 mo*1+", "trial.second_instance_ruling": "30 d+"},
    "SP-09": {"trial.appeal_judgment": "15 d", "trial.appeal_ruling": "10 d"},
    "SP-10": {
        "trial.retrial": "6 mo",
        "trial.retrial_new_ground": "6 mo",
        "trial.retrial_court_mediation": "6 mo",
    },
    "SP-11": {"trial.procuratorate": "3 mo"},
    "SP-12": {
        "payment_order.accept": "5 d",
        "payment_order.issue": "15 d",
        "payment_order.object": "15 d",
        "payment_order.decline_suit": "7 d",
    },
    "SP-14": {
        "trial.mediation_before_filing": "30 d+",
        "trial.court_mediation": "15 d+",
        "trial.court_mediation_simplified": "7 d+",
    },
    "SP-16": {"trial.answer_mediation": "15 d+", "trial.answer_mediation_simplified": "7 d+"},
    "SP-19": {
        "limitation.general": "3 y",
        "limitation.longest": "20 y+",
        "limitation.named_claim": "3 y",
        "limitation.named_claim_longest": "20 y+",
        "limitation.agreement": "3 y",
    },
    "SP-20": {
        "protection_order.decide": "72 h",
        "protection_order.decide_urgent": "24 h",
        "protection_order.valid": "6 mo+",
        "protection_order.review": "5 d",
    },
    "SP-21": {
        "administrative.sue_after_reconsideration": "15 d",
        "administrative.sue_after_no_decision": "15 d",
        "administrative.sue_directly": "6 mo",
        "administrative.sue_expropriation": "6 mo",
        "administrative.sue_penalty": "6 mo",
        "administrative.sue_injury": "6 mo",
        "administrative.sue_land_contract": "6 mo",
        "administrative.sue_department": "6 mo",
        "administrative.sue_correction": "6 mo",
        "administrative.cap_real_estate": "20 y",
        "administrative.cap": "5 y",
        "administrative.relief": "10 d",
    },
    "SP-22": {
        "administrative.file": "7 d",
        "administrative.serve_copy": "5 d",
        "administrative.answer": "15 d",
        "administrative.serve_answer": "5 d",
        "administrative.first_instance": "6 mo+",
        "administrative.simplified": "45 d",
        "administrative.second_instance": "3 mo+",
    },
    "SP-24": {"administrative.inaction_wait": "2 mo", "administrative.sue_inaction": "6 mo"},
    "SP-25": {
        "administrative.not_told": "1 y",
        "administrative.expropriation_not_told": "1 y",
        "administrative.told_late": "6 mo",
        "administrative.expropriation_told_late": "6 mo",
        "administrative.penalty_told_late": "6 mo",
        "administrative.injury_told_late": "6 mo",
        "administrative.land_contract_told_late": "6 mo",
        "administrative.department_told_late": "6 mo",
        "administrative.correction_told_late": "6 mo",
        "administrative.decision_not_told": "1 y",
        "administrative.decision_told_late": "15 d",
        "ownership.grassland_told_late": "6 mo",
        "ownership.land_forest_not_told": "1 y",
        "ownership.land_forest_told_late": "30 d",
        "administrative.penalty_not_told": "1 y",
        "administrative.injury_not_told": "1 y",
        "administrative.land_contract_not_told": "1 y",
        "administrative.department_not_told": "1 y",
        "administrative.correction_not_told": "1 y",
        "ownership.grassland_not_told": "1 y",
    },
    "SP-26": {"administrative.appeal_judgment": "15 d", "administrative.appeal_ruling": "10 d"},
    "EX-01": {
        "enforcement.apply": "2 y",
        "enforcement.apply_after_due": "2 y",
        "enforcement.apply_payment_order": "2 y",
    },
    "EX-02": {"enforcement.finish": "6 mo"},
    "EX-03": {"enforcement.court_limit": "6 mo+3 mo*1+", "enforcement.non_suit": "3 mo+3 mo*1+"},
    "EX-05": {"enforcement.organ_asks_court": "3 mo"},
    "XZ-01": {
        "reconsideration.apply": "60 d",
        "reconsideration.apply_act": "60 d",
        "reconsideration.apply_not_told": "1 y",
        "reconsideration.apply_ownership_not_told": "1 y",
        "reconsideration.apply_told_late": "60 d",
        "reconsideration.apply_ownership_told_late": "60 d",
        "reconsideration.apply_penalty_told_late": "60 d",
        "reconsideration.apply_injury_told_late": "60 d",
        "reconsideration.apply_land_contract_told_late": "60 d",
        "reconsideration.apply_department_told_late": "60 d",
        "reconsideration.apply_correction_told_late": "60 d",
        "reconsideration.apply_penalty": "60 d",
        "reconsideration.apply_penalty_not_told": "1 y",
        "reconsideration.apply_injury": "60 d",
        "reconsideration.apply_injury_not_told": "1 y",
        "reconsideration.apply_land_contract": "60 d",
        "reconsideration.apply_department": "60 d",
        "reconsideration.apply_land_contract_not_told": "1 y",
        "reconsideration.apply_department_not_told": "1 y",
        "reconsideration.apply_correction": "60 d",
        "reconsideration.apply_correction_not_told": "1 y",
        "reconsideration.cap_real_estate": "20 y",
        "reconsideration.cap": "5 y",
    },
    "XZ-02": {"reconsideration.examine": "5 wd"},
    "XZ-03": {
        "reconsideration.correction_notice": "5 wd",
        "reconsideration.correct": "10 wd+",
        "reconsideration.examine_corrected": "5 wd",
    },
    "XZ-04": {"reconsideration.serve_copy_simplified": "3 wd", "reconsideration.answer_simplified": "5 wd"},
    "XZ-05": {"reconsideration.decide": "60 d+30 d*1", "reconsideration.decide_simplified": "30 d"},
    "XZ-09": {
        "reconsideration.serve_copy": "7 wd",
        "reconsideration.answer": "10 wd",
        "reconsideration.notify_hearing": "5 wd",
    },
    "XZ-11": {
        "reconsideration.inaction_wait": "60 d",
        "reconsideration.apply_inaction": "60 d",
        "reconsideration.apply_inaction_term": "60 d",
        "reconsideration.apply_inaction_refused": "60 d",
        "reconsideration.apply_inaction_urgent": "60 d",
    },
    "PSB-01": {"police.case": "30 d+30 d*2"},
    "PSB-02": {"police.case_after_mediation": "30 d+30 d*2"},
    "PSB-03": {"police.case_2012": "30 d+30 d*1"},
    "BQ-01": {"preservation.decide": "5 d"},
    "BQ-02": {"preservation.decide_urgent": "48 h", "preservation.decide_before_suit": "48 h"},
    "BQ-03": {"preservation.carry_out": "5 d"},
    "BQ-04": {"preservation.sue": "30 d"},
    "BQ-05": {"preservation.review": "5 d", "preservation.review_decide": "10 d"},
    "BQ-06": {"preservation.renew": "7 d"},
    "BQ-07": {"preservation.lift": "5 d", "preservation.lift_urgent": "48 h"},
    "BQ-08": {"preservation.enforce": "5 d"},
    "BQ-09": {"preservation.enforce_labour_award": "3 mo", "preservation.enforce_labour_judgment": "3 mo"},
    "SF-01": {
        "trial.fee": "7 d",
        "trial.fee_counterclaim": "7 d",
        "trial.fee_appeal": "7 d",
        "trial.fee_converted": "7 d",
    },
    "SF-02": {"trial.fee_review": "15 d"},
    "SG-01": {"trial.jurisdiction_objection": "15 d"},
    "SG-02": {"trial.hearing_notice": "3 d"},
    "SP-07": {"trial.object_small_claims": "1 d"},
    "ZJ-01": {"trial.evidence": "0 d", "trial.evidence_second": "0 d"},
    "ZJ-02": {
        "trial.evidence_minimum": "15 d",
        "trial.evidence_minimum_second": "10 d",
        "trial.evidence_most_simplified": "15 d",
        "trial.evidence_most_small_claims": "7 d",
    },
    "ZS-01": {"trial.retrial_review": "3 mo+"},
    "ZS-02": {"trial.third_party_suit": "6 mo"},
    "QR-01": {"confirmation.object": "15 d", "confirmation.object_interested": "6 mo"},
    "ZF-01": {"payment_order.serve": "30 d"},
    "ZX-01": {"enforcement.objection_filing": "3 d", "enforcement.objection_review": "15 d"},
    "ZX-02": {"enforcement.objection_appeal": "10 d", "enforcement.objection_appeal_decide": "30 d+30 d*1"},
    "ZX-03": {
        "enforcement.third_party_review": "15 d",
        "enforcement.third_party_suit": "15 d",
        "enforcement.third_party_retrial": "6 mo",
    },
    "ZX-04": {"enforcement.third_party_suit_filing": "15 d"},
    "ZX-05": {"enforcement.jurisdiction_objection": "10 d"},
    "ZX-06": {
        "enforcement.distribution_objection": "15 d",
        "enforcement.distribution_opposition": "15 d",
        "enforcement.distribution_suit": "15 d",
    },
    "ZX-07": {"enforcement.exit_ban_review": "10 d", "enforcement.exit_ban_decide": "15 d"},
    "ZX-08": {"labour.sue_after_refused_enforcement": "30 d"},
    "GS-01": {"injury.reappraisal_decide": "60 d+30 d*1"},
    "GS-02": {"injury.review_appraisal_wait": "1 y", "injury.review_appraisal": "60 d+30 d*1"},
    "GS-03": {"injury.paid_leave": "12 mo+12 mo*1"},
    "GS-04": {"injury.reconsider": "60 d", "injury.sue": "6 mo"},
    "QX-02": {"wages.account_notice": "30 d"},
    "CS-01": {"consumer.complaint": "7 wd"},
    "CS-02": {"consumer.accept": "7 wd", "consumer.mediation": "45 wd", "consumer.tell_end": "7 wd"},
    "DV-01": {"divorce.withdraw": "30 d", "divorce.collect": "30 d"},
    "FY-01": {"legal_aid.decide": "7 d"},
    "FY-02": {"legal_aid.assign": "3 d"},
    "FY-04": {"legal_aid.objection": "5 d"},
    "TZ-03": {
        "expropriation.pre_notice": "10 wd",
        "expropriation.plan_notice": "30 d",
        "expropriation.approval_notice": "15 wd",
    },
    "TZ-04": {"expropriation.register": "30 d"},
    "TZ-05": {"expropriation.ask_hearing": "30 d"},
    "TZ-06": {"expropriation.house_plan": "30 d"},
    "GK-01": {"information.answer": "20 wd+20 wd*1"},
    "GK-02": {"information.correction_notice": "7 wd", "information.answer_corrected": "20 wd+20 wd*1"},
    "GK-03": {"information.third_party": "15 wd"},
    "GK-04": {"reconsideration.apply_information": "60 d"},
    "GK-05": {"reconsideration.apply_information_silence": "60 d"},
    "GK-06": {"administrative.sue_information": "6 mo"},
    "CW-01": {"village.publish_voters": "20 d"},
    "CW-02": {"village.object_voters": "5 d", "village.decide_voters": "3 d"},
    "CW-03": {"village.handover": "10 d"},
    "CW-04": {"village.meeting_notice": "10 d"},
    "CW-05": {"village.annul": "1 y"},
    "CW-06": {"property.annul": "1 y"},
    "CW-07": {"collective.meeting_notice": "10 d"},
    "CW-08": {"collective.supervisors_sue": "15 d"},
    "GP-01": {"compensation.limitation": "2 y"},
    "GP-02": {"compensation.correction_notice": "5 d"},
    "GP-03": {"compensation.decide": "2 mo"},
    "GP-04": {"compensation.serve": "10 d"},
    "GP-05": {"compensation.sue": "3 mo"},
    "GP-06": {"compensation.sue_no_decision": "3 mo"},
    "GP-07": {"compensation.decide_criminal": "2 mo"},
    "GP-08": {"compensation.review": "30 d", "compensation.review_no_decision": "30 d"},
    "GP-09": {"compensation.review_decide": "2 mo"},
    "GP-10": {"compensation.committee": "30 d", "compensation.committee_no_decision": "30 d"},
    "GP-11": {"compensation.committee_decide": "3 mo+3 mo*1"},
    "GP-12": {"compensation.ask_treasury": "7 d", "compensation.pay": "15 d"},
    "CF-01": {"penalty.hearing_request": "5 wd"},
    "CF-02": {"penalty.hearing_notice": "7 wd"},
    "CF-03": {"penalty.decide": "90 d"},
    "CF-04": {"penalty.pay": "15 d+"},
    "CF-05": {"penalty.registered_evidence": "7 wd"},
    "QZ-01": {"coercion.seizure": "30 d+30 d*1"},
    "QZ-02": {"coercion.comply": "10 wd"},
    "QZ-03": {
        "enforcement.organ_asks_court_ownership": "3 mo",
        "enforcement.rights_holder_asks_court": "6 mo",
    },
    "JJ-01": {"traffic.entrust_appraisal": "3 wd"},
    "JJ-02": {"traffic.finding": "10 wd"},
    "JJ-03": {"traffic.finding_after_report": "5 wd"},
    "JJ-04": {"traffic.finding_fugitive": "10 wd"},
    "JJ-05": {"traffic.serve_finding": "3 wd"},
    "JJ-06": {"traffic.serve_report": "5 wd"},
    "JJ-07": {"traffic.reappraisal_request": "3 wd"},
    "JJ-08": {"traffic.release_vehicle": "5 wd"},
    "YL-01": {"medical.autopsy": "48 h", "medical.autopsy_frozen": "7 d"},
    "YL-02": {"medical.body": "14 d"},
    "YL-03": {"medical.sealed_records": "3 y"},
    "ZA-01": {"police.copy_of_appraisal": "5 d"},
    "ZA-02": {"police.reappraisal_request": "3 d"},
    "ZA-03": {"police.report": "6 mo"},
    "ZA-04": {"police.serve_decision": "2 d"},
    "ZA-05": {"police.copy_to_victim": "2 d"},
    "ZA-06": {"police.stay_of_detention": "24 h"},
    "ZA-07": {"police.hearing_request": "3 d"},
    "ZA-08": {"police.hearing_accept": "2 d"},
    "ZA-09": {"police.hearing_hold": "10 d"},
    "XQ-01": {"consumer.return_remote": "7 d", "consumer.return_defective": "7 d"},
    "XQ-02": {"consumer.defect_burden": "6 mo"},
    "XQ-03": {"consumer.refund": "7 d"},
    "SB-01": {"insurance.unemployment_list": "15 d"},
}

#: Verified rows that are rules without a clock of their own: where they stand.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "LD-07": ("labour_award", "final_award_closes_the_court_to_the_employer"),
    "SP-07": ("small_claims", "small_claims_barred"),
    "XF-10": ("exclusions",),
    "XF-11": ("exclusions",),
    "XF-13": ("lead_out", "litigation_separated"),
    "XF-20": ("organ_duty",),
    "XF-22": ("annual_report",),
    "CW-09": ("village_publicity",),
    "CW-10": ("village_assembly",),
    "GK-07": ("information_report",),
    "XF-23": ("channel", "accusations_to_discipline"),
    "TJ-01": ("channels", "refusal_closes_mediation"),
    "TJ-03": ("mediation_is_never_first", "rights_keep_running"),
    "TJ-11": ("judicial_confirmation_allowed", "status_not_confirmed"),
    "TJ-16": ("channels", "mediation_bodies"),
    "TJ-19": ("exclusions",),
    "TJ-21": ("channels",),
    "TJ-23": ("channels",),
    "TJ-28": ("exclusions",),
    "LD-11": ("gates", "labour_arbitration_first", "labour_suit_closed_before_arbitration"),
    "LD-14": ("channels",),
    "TD-01": ("channels", "expropriation_not_arbitrable"),
    "TD-02": ("gates", "arbitration_agreement_binds"),
    "TD-14": ("gates", "never_got_land_department_first"),
    "TD-16": ("channels",),
    "ZC-01": ("family_not_arbitrable",),
    "ZC-02": ("gates", "arbitration_agreement_binds"),
    "SP-13": ("court_mediation",),
    "SP-18": ("court_trial", "court_trial_administrative"),
    "SP-23": ("court_mediation",),
    "XZ-06": ("gates", "reconsideration_first_act", "reconsideration_first_inaction"),
    "XZ-10": ("exclusions",),
    "FY-03": ("party_right",),
    "FY-05": ("support_paths",),
    "SJ-01": ("support_paths",),
    "TZ-01": ("support_paths",),
}

#: Verified rows that are part of the rules above (clock stops, grounds, notes) or of the models, without a rule of
#: their own.
IN_OTHER_RULES = frozenset({*CARRIED, *NO_RULE})
#: Rows that only an excerpt or a local text bears out: they may stand, but not run for the nation.
EXCERPTS = frozenset({"TJ-07", "SP-15", "CS-03", "HL-03", "HL-05", "HL-06", "TJ-22"})
#: What stands in the pack for each of them, not active. HL-03 and HL-05 run in the layer of their own city alone.
STANDING = {
    "TJ-07": {"mediation.people"},
    "TJ-22": {"police.first_mediation"},
    "SP-15": {"trial.court_mediation_2025", "trial.court_mediation_simplified_2025"},
    "CS-03": {"consumer.mediation_2026"},
    "HL-03": set[str](),
    "HL-05": set[str](),
    "HL-06": {"hotline"},
}
#: Rows on counting periods that a rule may rest on.
COUNTING = frozenset({"PER-09"})

CASES = [(row, name, number) for row, rules in DEADLINES.items() for name, number in rules.items()]


#: The law says 及时 and names no number, or leaves the day to the court: the number is our choice.
PROMPTLY = {
    "mediation.report_escalation",
    "petition.report_urgent",
    "petition.register",
    "trial.evidence",
    "trial.evidence_second",
    "trial.object_small_claims",
}


def _number(version: DeadlineVersion) -> str:
    more = (f"+{one.length}*{one.times}" if one.length is not None else "+" for one in version.extensions)
    return f"{version.length}{''.join(more)}"


@pytest.mark.parametrize(("row", "name", "number"), CASES, ids=[f"{row}-{name}" for row, name, _ in CASES])
def test_the_period_is_the_one_of_the_article(rulebook: Rulebook, row: str, name: str, number: str) -> None:
    rule = deadlines_of(rulebook)[name]
    assert rule.active
    assert _number(rule.versions[-1]) == number
    assert rule.confidence is (Confidence.POLICY if name in PROMPTLY else Confidence.READ)


@pytest.mark.parametrize(("row", "names"), ELSEWHERE.items(), ids=list(ELSEWHERE))
def test_a_rule_without_a_clock_stands_where_it_belongs(
    rulebook: Rulebook, row: str, names: tuple[str, ...]
) -> None:
    active = {rule.id for rule in nation_of(rulebook) if rule.active}
    assert set(names) <= active


def test_more_than_a_hundred_deadlines_run(rulebook: Rulebook) -> None:
    running = [rule for rule in deadlines_of(rulebook).values() if rule.active]
    assert len(running) > 240
    assert {version.kind for rule in running for version in rule.versions} == set(Side)


def test_every_active_deadline_is_a_row_of_the_research_or_a_policy(rulebook: Rulebook) -> None:
    listed = {name for rules in DEADLINES.values() for name in rules}
    others = {
        rule.id: rule
        for rule in deadlines_of(rulebook).values()
        if rule.active and rule.id not in listed and not rule.id.startswith("enforcement.apply_")
    }
    assert {rule.id for rule in others.values() if rule.confidence is not Confidence.POLICY} == {
        "trial.relief"
    }


def test_nothing_unverified_is_in_the_rules(rulebook: Rulebook) -> None:
    for rule in rulebook.rules():
        assert rule.confidence is not Confidence.UNVERIFIED, rule.id
        assert rule.ref not in UNVERIFIED, rule.id
        if rule.confidence is Confidence.EXCERPT or (
            rule.confidence is Confidence.LOCAL and rule.layer == NATION
        ):
            assert not rule.active, rule.id
            assert rule.inactive_because is not None, rule.id


@pytest.mark.parametrize("row", sorted(EXCERPTS | UNVERIFIED.keys()))
def test_what_only_an_excerpt_or_nothing_bears_out_never_runs(rulebook: Rulebook, row: str) -> None:
    """Neither in the nation nor in a place: no view of any area holds it."""
    assert set(STANDING) == EXCERPTS
    standing = STANDING.get(row, set())
    excerpts = {
        rule.id: rule
        for rule in rulebook.rules()
        if rule.confidence in (Confidence.EXCERPT, Confidence.UNVERIFIED) and rule.ref == row
    }
    assert set(excerpts) == standing
    for rule in excerpts.values():
        assert not rule.active
        assert rule.inactive_because is not None
    for area in (None, *sorted({rule.layer for rule in rulebook.rules() if rule.layer != NATION})):
        view = rulebook.view(area)
        assert standing.isdisjoint({*view.deadlines, *view.ladders}), area


def test_every_reference_is_a_row_of_the_research(rulebook: Rulebook) -> None:
    known = {*DEADLINES, *ELSEWHERE, *IN_OTHER_RULES, *EXCERPTS, *COUNTING}
    assert {rule.ref for rule in rulebook.rules() if rule.ref is not None} <= known


def test_the_pack_is_clean() -> None:
    assert check_rulebook(RULES) == []


def test_the_tests_beside_the_rules_pass() -> None:
    report = run_tests(RULES)
    assert [f"{result.test.name}: {result.problems}" for result in report.results if result.problems] == []
    assert report.unreached == ()


def test_the_tests_beside_the_rules_reach_every_active_deadline(rulebook: Rulebook) -> None:
    tested = {result.test.id for result in run_tests(RULES).results if result.test.subject == "deadline"}
    active = {rule.id for rule in rulebook.rules() if isinstance(rule, DeadlineRule) and rule.active}
    assert active - tested == set()


def test_the_list_in_the_docs_is_current(rulebook: Rulebook) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(rulebook), "run python -m tests.conformance.pack_list"
