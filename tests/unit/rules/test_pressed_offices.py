"""Whom a ladder presses: who owes the duty, then its head, then the level above; and by whom."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiefen.areas import Level
from jiefen.rules import Action, DeadlineRule, Ladder, Rulebook, Side, check_rulebook, load_rulebook

ROOT = Path(__file__).parents[3]
_LEVELS = list(Level)
#: What an office does only to those below it.
_PRESSING = {
    Action.REMIND, Action.SUPERVISE, Action.SUPERVISE_LIST, Action.CIRCULAR, Action.RECTIFY, Action.INTERVIEW,
}  # fmt: skip

_RULE = "title: {zh: 甲, en: A}, from: 2020-01-01, owner: o, confidence: policy, because: {policy: {zh: 甲, en: A}}"
_DEADLINE = (
    f"{_RULE}, kind: duty, holder: clerk, anchor: accepted, length: 60 d, stops: [answered], on_expiry: supervise, "
    "ladder: climb"
)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(ROOT / "rules")


def _pressed(rulebook: Rulebook) -> list[tuple[str, DeadlineRule, Ladder]]:
    """Every active deadline of every layer that a ladder climbs beside."""
    areas = sorted({"", *(rule.layer for rule in rulebook.rules() if rule.layer != "nation")})
    return [
        (area, rule, view.ladders[version.ladder])
        for area in areas
        for view in [rulebook.view(area or None)]
        for rule in view.deadlines.values()
        for version in rule.versions
        if version.ladder is not None
    ]


def test_every_duty_presses_who_owes_it_first_and_whoever_presses_stands_above(rulebook: Rulebook) -> None:
    pressed = _pressed(rulebook)
    assert len(pressed) > 150
    for area, rule, ladder in pressed:
        for version in rule.versions:
            rungs = [rung.meant(version.holder, rulebook.roles) for rung in ladder.rungs]
            told = [rung.role for rung in rungs]
            where = (area, rule.id, ladder.id)
            if version.kind is Side.DUTY:
                assert told[0] == version.holder, where
            else:
                assert version.holder in told, where
            assert set(told) <= set(rulebook.roles), where
            for rung in rungs:
                if rung.by is not None and rung.action in _PRESSING:
                    actor, below = rulebook.roles[rung.by], rulebook.roles[rung.role]
                    assert actor.id != below.id, where
                    assert actor.id not in below.deputies, where
                    assert actor.level is not None, where
                    assert below.level is not None, where
                    assert _LEVELS.index(actor.level) >= _LEVELS.index(below.level), where


@pytest.mark.parametrize(
    ("deadline", "office", "head", "above"),
    [
        ("petition.handle", "handling_organ", "handling_organ_head", "county_government"),
        ("petition.review", "review_organ", "review_organ_head", "recheck_organ"),
        ("petition.recheck", "recheck_organ", "recheck_organ_head", "provincial_petition_office"),
    ],
)
def test_a_late_answer_presses_the_organ_that_owes_it(
    rulebook: Rulebook, deadline: str, office: str, head: str, above: str
) -> None:
    view = rulebook.view(None)
    ladder = view.ladders[view.deadline(deadline).versions[-1].ladder or ""]
    rungs = [rung.meant(office, rulebook.roles) for rung in ladder.rungs]
    assert list(dict.fromkeys(rung.role for rung in rungs)) == [office, head, above]


@pytest.mark.parametrize(
    ("deadline", "office"),
    [
        ("petition.register", "petition_officer"),
        ("petition.transfer", "petition_officer"),
        ("joint_mediation.session", "township_coordinator"),
        ("joint_mediation.minutes", "township_coordinator"),
        ("trial.procuratorate", "procuratorate"),
        ("protection_order.decide", "court"),
        ("mediation.report_escalation", "village_mediator"),
    ],
)
def test_no_other_office_is_reminded_of_it(rulebook: Rulebook, deadline: str, office: str) -> None:
    view = rulebook.view(None)
    ladder = view.ladders[view.deadline(deadline).versions[-1].ladder or ""]
    assert ladder.rungs[0].meant(office, rulebook.roles).role == office
    assert not {"handling_organ", "handling_organ_head"} & {
        rung.meant(office, rulebook.roles).role for rung in ladder.rungs
    }


def test_nobody_sits_on_a_task_of_the_models_unnoticed(rulebook: Rulebook) -> None:
    """Every role that a bundled model has work for is pressed when it has claimed something and does nothing."""
    groups = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "processes").glob("*.bpmn")))
    named = {
        role.strip()
        for group in re.findall(r'candidateGroups="([^"$]*)"', groups)
        for role in group.split(",")
        if role.strip()
    }
    view, day = rulebook.view(None), date(2026, 3, 2)
    assert len(named) > 15
    assert [role for role in sorted(named) if view.claimed([role], day) is None] == []


def _codes(book: Any, rung: str, deadline: str = _DEADLINE) -> list[tuple[str, str, str | None]]:
    book.write("nation/ladder.yaml", f"ladders:\n  climb: {{{_RULE}, rungs: [{rung}]}}\n")
    book.write("nation/deadline.yaml", f"deadlines:\n  d: {{{deadline}}}\n")
    return [(one.code, one.message, one.hint) for one in check_rulebook(book.root)]


def test_another_office_first_is_refused_with_the_way_out(book: Any) -> None:
    [(code, message, hint)] = _codes(book, "{id: x, before: 3 d, to: head, action: warn}")
    assert code == "wrong-office"
    assert "'climb' presses 'head' first for deadline 'd', which 'clerk' owes" in message
    assert hint == "write to: holder for rung 'x', or name another ladder"
    assert _codes(book, "{id: x, before: 3 d, to: holder, action: warn}") == []


def test_a_duty_of_nobody_cannot_be_pressed_for(book: Any) -> None:
    found = _codes(
        book, "{id: x, before: 3 d, to: clerk, action: warn}", _DEADLINE.replace("holder: clerk, ", "")
    )
    assert [(code, hint) for code, _, hint in found] == [("wrong-office", "name the holder of the deadline")]


@pytest.mark.parametrize(("word", "key"), [("holder_head", "head"), ("holder_above", "above")])
def test_a_head_that_nobody_names_is_refused(book: Any, word: str, key: str) -> None:
    first = "{id: x, before: 3 d, to: holder, action: warn}"
    [(code, message, hint)] = _codes(book, f"{first}, {{id: y, after: 3 d, to: {word}, action: escalate}}")
    assert code == "nobody-meant"
    assert f"role 'clerk' has no {key}" in message
    assert hint == f"give role 'clerk' a {key}: in roles.yaml, or name a role"


def test_only_a_ladder_for_claimed_tasks_has_a_claimer(book: Any) -> None:
    rung = "rungs: [{id: x, after: 3 wd, to: claimer, action: remind}]"
    for beside, code in (("claimed: clerk, ", []), ("unclaimed: clerk, ", ["no-claimer"])):
        book.write("nation/ladder.yaml", f"ladders:\n  climb: {{{_RULE}, {beside}{rung}}}\n")
        assert [one.code for one in check_rulebook(book.root)] == code


@pytest.mark.parametrize("word", ["holder_head", "holder_above"])
def test_a_head_that_nobody_names_is_refused_for_tasks_too(book: Any, word: str) -> None:
    rung = f"rungs: [{{id: x, after: 3 wd, to: {word}, action: escalate}}]"
    book.write("nation/ladder.yaml", f"ladders:\n  climb: {{{_RULE}, claimed: [clerk], {rung}}}\n")
    assert [one.code for one in check_rulebook(book.root)] == ["nobody-meant"]


@pytest.mark.parametrize("by", ["holder", "clerk"])
def test_nobody_supervises_themselves(book: Any, by: str) -> None:
    found = _codes(book, f"{{id: x, after: 3 d, to: holder, action: supervise, by: {by}, reply: 3 d}}")
    assert [code for code, _, _ in found] == ["not-above"]


def test_nobody_below_supervises_those_above(book: Any) -> None:
    first = "{id: x, before: 3 d, to: holder, action: warn}"
    found = _codes(
        book, f"{first}, {{id: y, after: 3 d, to: head, action: supervise, by: clerk, reply: 3 d}}"
    )
    assert [code for code, _, _ in found] == ["not-above"]


def test_a_right_must_be_told_to_who_has_it(book: Any) -> None:
    right = _DEADLINE.replace("duty", "right").replace("supervise", "right_lost")
    found = _codes(book, "{id: x, before: 3 d, to: head, action: warn}", right)
    assert [code for code, _, _ in found] == ["holder-not-told"]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("  holder: {title: {zh: 甲, en: A}}\n", "reserved-name"),
        ("  x: {title: {zh: 甲, en: A}, head: x}\n", "over-itself"),
        ("  x: {title: {zh: 甲, en: A}, above: y}\n", "unknown-role"),
    ],
)
def test_what_a_role_says_of_those_over_it_is_checked(book: Any, role: str, code: str) -> None:
    book.write("more.yaml", f"roles:\n{role}")
    assert code in [one.code for one in check_rulebook(book.root)]


_DESKS = "facts:\n  desk: {type: choice, title: {zh: 甲, en: A}, set_by: [form], values: {%s}}\n"


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ("clerk: {zh: 甲, en: A}, head: {zh: 乙, en: B}", ["not-above"]),
        ("clerk: {zh: 甲, en: A}", []),
        ("clerk: {zh: 甲, en: A}, nobody: {zh: 丙, en: C}", ["holder-fact"]),
    ],
)
def test_every_office_that_a_case_may_name_is_proved(book: Any, values: str, codes: list[str]) -> None:
    """One of them may stand over who presses, or be no office at all."""
    book.write("more.yaml", _DESKS % values)
    rungs = (
        "{id: x, before: 3 d, to: holder, action: warn}, "
        "{id: y, after: 3 d, to: holder, action: remind, by: head}"
    )
    found = _codes(book, rungs, _DEADLINE.replace("holder: clerk", "holder: clerk, holder_fact: desk"))
    assert sorted({code for code, _, _ in found}) == codes


def test_who_holds_a_deadline_otherwise_is_said(book: Any) -> None:
    book.write("more.yaml", _DESKS % "clerk: {zh: 甲, en: A}")
    lacking = _DEADLINE.replace("holder: clerk", "holder_fact: desk")
    assert "holder-fact" in [
        code for code, _, _ in _codes(book, "{id: x, before: 3 d, to: clerk, action: warn}", lacking)
    ]
