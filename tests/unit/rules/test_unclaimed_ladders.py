"""Ladders for tasks that nobody claims."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiefen.rules import Action, Rulebook, check_rulebook, load_rulebook

ROOT = Path(__file__).parents[3]
_RULE = "title: {zh: 甲, en: A}, because: {policy: {zh: 甲, en: A}}, from: 2020-01-01, owner: o, confidence: policy"
_RUNGS = "rungs: [{id: x, after: 1 wd, to: head, action: remind}, {id: y, after: 2 wd, to: head, action: escalate}]"


def ladder(book: Any, where: str, *ladders: str) -> None:
    book.write(where, "ladders:\n" + "".join(f"  {one}\n" for one in ladders))


def findings(book: Any) -> list[tuple[str, int | None]]:
    return [(one.code, one.line) for one in check_rulebook(book.root)]


def test_the_first_role_with_a_ladder_says_which_one(book: Any) -> None:
    ladder(
        book, "nation/a.yaml",
        f"one: {{{_RULE}, unclaimed: clerk, {_RUNGS}}}",
        f"two: {{{_RULE}, unclaimed: [head], to: 2025-12-31, successor: none, {_RUNGS}}}",
    )  # fmt: skip
    view = load_rulebook(book.root).view(None)
    day = date(2025, 12, 31)
    assert [view.unclaimed(roles, day).id for roles in (["clerk"], ["head", "clerk"], ["no", "clerk"])] == [  # type: ignore[union-attr]
        "one",
        "two",
        "one",
    ]
    assert view.unclaimed(["no"], day) is None
    assert view.unclaimed(["head"], date(2026, 1, 1)) is None
    assert [rung.id for rung in view.ladder("one").after("x")] == ["y"]
    assert view.ladder("one").after("gone") == ()


def test_a_deadline_cannot_climb_it(book: Any) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unclaimed: clerk, {_RUNGS}}}")
    book.write(
        "nation/b.yaml",
        f"deadlines:\n  d: {{{_RULE}, kind: duty, anchor: accepted, length: 5 d, on_expiry: supervise,\n"
        "    stops: [answered], ladder: one}\n",
    )
    assert ("wrong-ladder", 3) in findings(book)


def test_a_rung_before_the_opening_is_refused(book: Any) -> None:
    ladder(
        book, "nation/a.yaml",
        f"one: {{{_RULE}, unclaimed: clerk, rungs: [{{id: x, before: 1 d, to: head, action: warn}}]}}",
    )  # fmt: skip
    assert ("rung-offset", 2) in findings(book)


def test_an_unknown_role_is_found(book: Any) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unclaimed: [clerk, hed], {_RUNGS}}}")
    assert ("unknown-role", 2) in findings(book)


def test_two_ladders_for_one_role_at_a_time_are_one_too_many(book: Any) -> None:
    one = f"one: {{{_RULE}, unclaimed: [clerk, head], {_RUNGS}}}"
    ladder(book, "nation/a.yaml", one, f"two: {{{_RULE}, unclaimed: clerk, {_RUNGS}}}")
    assert findings(book) == [("ladder-twice", 3)]
    ladder(book, "nation/a.yaml", one)
    ladder(book, "1404/a.yaml", f"two: {{{_RULE}, unclaimed: clerk, {_RUNGS}}}")
    assert findings(book) == [("ladder-twice", 2)]
    ladder(book, "1404/a.yaml", f"two: {{{_RULE}, unclaimed: clerk, active: false,",
           f"  inactive_because: {{zh: 甲, en: A}}, {_RUNGS}}}")  # fmt: skip
    assert findings(book) == []


@pytest.mark.parametrize(("unclaimed", "code"), [
    ("unclaimed: clerk, ", "looser-layer"), ("", "looser-layer"), ("unclaimed: [head, clerk], ", None),
])  # fmt: skip
def test_a_lower_layer_may_not_leave_tasks_out(book: Any, unclaimed: str, code: str | None) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unclaimed: [clerk, head], {_RUNGS}}}")
    ladder(book, "1404/a.yaml", f"one: {{{_RULE}, override: true, {unclaimed}{_RUNGS}}}")
    assert [found for found, _ in findings(book)] == ([code] if code else [])


def test_a_topic_without_a_ladder_of_its_own_climbs_that_of_every_topic(book: Any) -> None:
    rest = f"rest: {{{_RULE}, unanswered: '*', {_RUNGS}}}"
    ladder(book, "nation/a.yaml", f"own: {{{_RULE}, unanswered: [court.filing], {_RUNGS}}}", rest)
    view = load_rulebook(book.root).view(None)
    found = [view.unanswered(topic, date(2026, 3, 2)) for topic in ("court.filing", "police.report")]
    assert [one.id for one in found if one] == ["own", "rest"]
    assert view.unanswered("court.filing", date(2019, 1, 1)) is None
    ladder(book, "nation/b.yaml", f"more: {{{_RULE}, unanswered: ['*', notice], {_RUNGS}}}")
    assert [code for code, _ in findings(book)] == ["ladder-twice"]


@pytest.mark.parametrize(("fields", "code"), [
    ("unanswered: court, unclaimed: clerk, " + _RUNGS, "ladder-for-two"),
    ("unanswered: court, rungs: [{id: x, before: 1 d, to: head, action: warn}]", "rung-offset"),
])  # fmt: skip
def test_a_ladder_for_deliveries_that_could_not_work_is_refused(book: Any, fields: str, code: str) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, {fields}}}")
    assert code in [found for found, _ in findings(book)]


_AT_ONCE = "rungs: [{id: x, after: 0 d, to: head, action: supervise, reply: 5 wd}]"


@pytest.mark.parametrize(("fields", "code"), [
    (f"rated: dissatisfied, {_AT_ONCE}", None),
    (f"rated: [dissatisfied, fair], unclaimed: clerk, {_AT_ONCE}", "ladder-for-two"),
    ("rated: dissatisfied, " + _RUNGS, "rating-rung"),
    ("rated: dissatisfied, rungs: [{id: x, after: 0 d, to: head, action: warn}]", "rating-rung"),
    ("rated: dissatisfied, rungs: [{id: x, before: 0 d, to: head, action: warn, reply: 1 d}]", "rating-rung"),
])  # fmt: skip
def test_a_ladder_for_ratings_asks_one_office_at_once(book: Any, fields: str, code: str | None) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, {fields}}}")
    found = [one for one, _ in findings(book)]
    assert code in found if code else found == []
    if code is None:
        view = load_rulebook(book.root).view(None)
        assert view.rated("dissatisfied", date(2026, 3, 2)) is view.ladders["one"]
        assert view.rated("fair", date(2026, 3, 2)) is None
        ladder(book, "nation/b.yaml", f"more: {{{_RULE}, {fields}}}")
        assert [one for one, _ in findings(book)] == ["ladder-twice"]


def test_an_order_to_put_right_needs_a_time_and_somebody_who_gives_it(book: Any) -> None:
    rung = "rungs: [{{id: x, after: 1 d, to: clerk, action: rectify{more}}}]"
    for more, code in (("", "rung-term"), (", reply: 15 d", "rung-term"), (", reply: 15 d, by: head", None)):
        ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unclaimed: clerk, {rung.format(more=more)}}}")
        assert [found for found, _ in findings(book)] == ([code] if code else [])


def test_a_lower_layer_may_not_leave_deliveries_out(book: Any) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unanswered: [court, police], {_RUNGS}}}")
    ladder(book, "1404/a.yaml", f"one: {{{_RULE}, override: true, unanswered: court, {_RUNGS}}}")
    assert [found for found, _ in findings(book)] == ["looser-layer"]


@pytest.fixture(scope="module")
def national() -> Rulebook:
    return load_rulebook(ROOT / "rules")


def test_every_act_of_the_national_ladders_has_the_one_actor_the_regulations_name(
    national: Rulebook,
) -> None:
    """信访工作条例 art. 39 ¶3: the joint meeting; art. 40: the petition office. A court is its superior's business."""
    joint_meeting = {Action.SUPERVISE_LIST, Action.INTERVIEW, Action.RECTIFY}
    petition_office = {Action.SUPERVISE, Action.DISCIPLINE}
    acts = [
        (rung.action, rung.by) for ladder in national.view(None).ladders.values() for rung in ladder.rungs
    ]
    joint, petition = {by for action, by in acts if action in joint_meeting}, "county_petition_office"
    assert joint == {"joint_meeting_office", "city_joint_meeting_office"}
    assert {by for action, by in acts if action in petition_office} == {petition, "higher_petition_office"}
    assert {by for action, by in acts if action is Action.CIRCULAR} <= {
        "joint_meeting_office",
        "higher_court",
    }


_UNMOVED = "rungs: [{id: x, after: 5 wd, to: holder, action: remind}, {id: y, after: 9 wd, to: head, action: escalate}]"


def test_an_area_has_one_ladder_for_cases_that_do_not_move(book: Any) -> None:
    ladder(
        book, "nation/a.yaml",
        f"one: {{{_RULE}, unmoved: clerk, {_UNMOVED}}}",
        f"two: {{{_RULE}, unmoved: head, {_UNMOVED}}}",
    )  # fmt: skip
    assert "ladder-twice" in [code for code, _ in findings(book)]


def test_a_deadline_cannot_climb_the_ladder_of_cases_and_it_is_for_nothing_else(book: Any) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unmoved: clerk, claimed: head, {_UNMOVED}}}")
    book.write(
        "nation/b.yaml",
        f"deadlines:\n  d: {{{_RULE}, kind: duty, anchor: accepted, length: 5 d, on_expiry: supervise,\n"
        "    stops: [answered], ladder: one}\n",
    )
    assert {"wrong-ladder", "ladder-for-two"} <= {code for code, _ in findings(book)}


@pytest.mark.parametrize(
    ("days", "role", "allowed"), [(3, "clerk", True), (8, "clerk", False), (3, "head", False)]
)
def test_an_area_looks_sooner_but_never_later(book: Any, days: int, role: str, allowed: bool) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unmoved: clerk, {_UNMOVED}}}")
    local = _UNMOVED.replace("5 wd", f"{days} wd")
    ladder(book, "140429/a.yaml", f"one: {{{_RULE}, override: true, unmoved: {role}, {local}}}")
    assert (findings(book) == []) is allowed


@pytest.mark.parametrize(
    "rung",
    [
        "{id: x, after: 5 wd, to: leader, action: remind}",
        "{id: x, after: 5 wd, to: clerk, action: remind, by: leader}",
    ],
)
def test_a_leader_is_told_of_deadlines_alone_and_acts_by_no_rung(book: Any, rung: str) -> None:
    ladder(book, "nation/a.yaml", f"one: {{{_RULE}, unmoved: clerk, rungs: [{rung}]}}")
    assert "no-leader" in [code for code, _ in findings(book)]
