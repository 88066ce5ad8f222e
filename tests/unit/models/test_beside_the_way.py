"""What the bundled models do beside the way of a dispute: support, urgent reports, and leaving from anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.process import Element, Wait
from jiefen.rules import FactType
from tests.support.chance import examples
from tests.support.walks import NEIGHBOUR, PETITION, START, Walk, rules

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
