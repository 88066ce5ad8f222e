"""What the national pack keeps for people: duties can be met, periods end on working days, no court is closed."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree

import pytest

from jiefen.periods import Roll
from jiefen.rules import (
    Rulebook,
    Side,
    check_rulebook,
)
from tests.conformance.pack import ROOT, RULES, deadlines_of


def _reached_by_models() -> set[str]:
    """The milestones that the shipped models reach."""
    reached = set()
    for path in (ROOT / "processes").glob("*.bpmn"):
        for element in ElementTree.parse(path).iter():
            if element.tag.endswith("}property") and element.get("name") == "milestone":
                reached.add(element.get("value", ""))
    return reached


def test_a_duty_that_a_model_starts_can_be_met_in_a_model(rulebook: Rulebook) -> None:
    """Otherwise it would run out in every case: a false alarm. Steps inside a body elsewhere say inner_steps."""
    reached = _reached_by_models()
    assert len(reached) > 40
    # What the law itself attaches to the silence of the organ is what the party must see, so it runs without an answer.
    silence = {"reconsideration.examine", "reconsideration.examine_corrected"}
    for rule in deadlines_of(rulebook).values():
        for version in rule.versions:
            if (
                version.kind is Side.DUTY
                and rule.active
                and version.anchor in reached
                and rule.id not in silence
            ):
                assert "inner_steps" in version.when or reached & {*version.stops, *version.cancels}, rule.id


def test_what_legal_aid_may_come_first_for_is_known(rulebook: Rulebook) -> None:
    """法律援助法第四十四条第一款第一项: 提起诉讼或者申请仲裁、行政复议; an appeal goes on with a suit."""
    used_by = set(rulebook.grounds["legal_aid_first"].milestones)
    assert used_by == {
        "suit_brought", "administrative_suit_filed", "appeal_filed", "labour_applied", "land_applied",
        "commercial_applied", "reconsideration_requested",
    }  # fmt: skip
    for milestone in used_by:
        ended = [
            version.stops
            for rule in deadlines_of(rulebook).values()
            for version in rule.versions
            if version.kind is Side.RIGHT
        ]
        assert any(milestone in stops for stops in ended), milestone


@pytest.mark.parametrize(
    "name",
    [
        "limitation.general", "limitation.longest", "limitation.named_claim", "limitation.named_claim_longest",
        "limitation.agreement",
        "collective.annul", "collective.annul_cap", "labour.limitation",
        "labour.limitation_other_claims", "village.annul", "property.annul",
        "consumer.return_remote", "consumer.return_defective", "consumer.defect_burden",
        "land.limitation", "divorce.withdraw", "divorce.collect",
    ],
)  # fmt: skip
def test_a_civil_period_does_not_end_on_a_holiday(rulebook: Rulebook, name: str) -> None:
    """民法典第二百零三条第一款: whatever the period is, limitation, exclusion or the longest time of protection."""
    for version in deadlines_of(rulebook)[name].versions:
        assert version.roll is Roll.NEXT_WORKING_DAY
        assert any(citation.article == "第二百零三条第一款" for citation in version.because)


def test_a_right_that_rolls_by_analogy_shows_the_day_without_the_roll(rulebook: Rulebook) -> None:
    """Nobody is to rely on a roll over holidays that the text does not have."""
    shown = set()
    for rule in deadlines_of(rulebook).values():
        for version in rule.versions:
            by_analogy = any(one.policy and "第八十五条" in (one.article or "") for one in version.because)
            if version.kind is Side.RIGHT and version.roll is Roll.NEXT_WORKING_DAY and by_analogy:
                assert version.safe is not None, rule.id
                assert version.safe.unrolled, rule.id
                shown.add(rule.id)
    assert {"petition.review_request", "petition.recheck_request", "injury.reappraisal"} <= shown


def test_mediation_stops_no_right(rulebook: Rulebook) -> None:
    mediation = {"court_mediation", "mediation_extended", "mediation_agreed", "settlement_talks"}
    for rule in deadlines_of(rulebook).values():
        for version in rule.versions:
            if version.kind is Side.RIGHT:
                assert not mediation & set(version.suspensions), rule.id


def test_asking_for_mediation_interrupts_the_general_limitation_only(rulebook: Rulebook) -> None:
    interrupted = {
        rule.id
        for rule in deadlines_of(rulebook).values()
        if "mediation_request" in rule.versions[-1].interruptions
    }
    assert interrupted == {
        "limitation.general",
        "limitation.named_claim",
        "limitation.agreement",
        "land.limitation",
    }


@pytest.mark.parametrize(
    ("table", "hit", "output", "value"),
    [
        ("channels", "collect", "channels", "people_mediation"),
        ("channel", "first", "channel", "people_mediation"),
        ("gates", "collect", "gates", "reconsideration_first"),
        ("exclusions", "collect", "closed_channels", "civil_court"),
        ("lead_out", "collect", "lead_to", "police"),
    ],
)
def test_no_layer_closes_the_courts_or_invents_a_gate(
    tmp_path: Path, table: str, hit: str, output: str, value: str
) -> None:
    found = _with_township(
        tmp_path,
        f"  {table}: {{override: true, title: {{zh: 甲, en: A}}, hit: {hit}, inputs: [dispute_type],\n"
        f"    outputs: [{output}], because: {{policy: {{zh: 甲, en: A}}}},\n"
        f"    rows: [{{id: a, when: {{dispute_type: lending}}, then: {{{output}: {value}}}}}]}}\n",
    )
    assert ("locked", table) in found


@pytest.mark.parametrize("stage", ["visit", "mediation", "resolution", "leave"])
@pytest.mark.parametrize("table", ["entry", "next_stage"])
def test_no_layer_leads_who_chose_the_court_elsewhere(tmp_path: Path, table: str, stage: str) -> None:
    found = _with_township(
        tmp_path,
        f"  {table}: {{override: true, title: {{zh: 甲, en: A}}, hit: first, inputs: [chosen_procedure, stage],\n"
        "    outputs: [next_stage], default: {next_stage: trial}, because: {policy: {zh: 甲, en: A}},\n"
        f"    rows: [{{id: a, when: {{chosen_procedure: court}}, then: {{next_stage: {stage}}}}}]}}\n",
    )
    assert ("guard-broken", f"{table}/a") in found


def _with_township(tmp_path: Path, tables: str) -> set[tuple[str, str | None]]:
    """What is found about the pack when a township writes these tables."""
    root = tmp_path / "rules"
    copytree(RULES, root)
    (root / "140429103").mkdir()
    (root / "140429103/own.yaml").write_text(
        f"defaults: {{from: 2026-01-01, owner: o, confidence: policy}}\ntables:\n{tables}", encoding="utf-8"
    )
    return {(finding.code, finding.element) for finding in check_rulebook(root)}
