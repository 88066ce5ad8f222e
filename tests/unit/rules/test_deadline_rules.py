"""Deadlines and their versions; ladders, gradings, assignments, patterns and routines as they come out of files."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiefen.areas import Level
from jiefen.errors import NotFound
from jiefen.periods import Period, Roll
from jiefen.rules import Action, Expiry, HolidayPolicy, Mode, Side, check_rulebook, load_rulebook
from jiefen.rules.model.practice import Selection

COMMON = "title: {zh: 甲, en: A}, from: 2020-01-01, owner: o, confidence: policy, because: {policy: {zh: 甲, en: A}}"
#: Set-aside of an award: six months under the law of 2017, three under that of 2025 (ZC-05).
SET_ASIDE = """
deadlines:
  set_aside:
    title: {zh: 申请撤销裁决, en: Set aside}
    kind: right
    holder: clerk
    anchor: served
    on_expiry: right_lost
    stops: [answered]
    owner: o
    confidence: V
    versions:
      - {from: 2026-03-01, length: 3 mo, because: {law: 仲裁法, version: 2025, article: 第七十二条, figure: 三个月}}
      - {from: 2018-01-01, to: 2026-02-28, length: 6 mo,
         because: {law: 仲裁法, version: 2017, article: 第五十九条, figure: 六个月}}
"""


def write(book: Any, section: str, text: str) -> None:
    book.write("nation/a.yaml", f"{section}:\n  a: {{{COMMON}, {text}}}\n")


def codes(book: Any) -> list[str]:
    return [finding.code for finding in check_rulebook(book.root)]


def test_the_version_of_the_day_counts(book: Any) -> None:
    book.write("nation/a.yaml", SET_ASIDE)
    assert codes(book) == []
    rule = load_rulebook(book.root).view().deadline("set_aside")
    lengths = {day: str(rule.version_at(day).length) for day in (date(2026, 2, 28), date(2026, 3, 1))}
    assert lengths == {date(2026, 2, 28): "6 mo", date(2026, 3, 1): "3 mo"}
    assert (rule.since, rule.until) == (date(2018, 1, 1), None)
    newest = rule.version_at(date(2030, 1, 1))
    assert (newest.kind, newest.on_expiry, newest.because[0].law, newest.because[0].version) == (
        Side.RIGHT,
        Expiry.RIGHT_LOST,
        "仲裁法",
        2025,
    )
    with pytest.raises(NotFound, match="no version for 2017-12-31"):
        rule.version_at(date(2017, 12, 31))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("to: 2026-02-28", "to: 2026-03-01"), "versions-overlap"),
        (("to: 2026-02-28, ", ""), "versions-overlap"),
        (("to: 2026-02-28", "to: 2026-01-31"), "versions-gap"),
        (("length: 3 mo", "length: 4 mo"), "figure-differs"),
        (("length: 3 mo, ", ""), "missing-key"),
        (("from: 2026-03-01, ", ""), "missing-key"),
    ],
)
def test_versions_that_do_not_go_together_are_told(book: Any, change: tuple[str, str], code: str) -> None:
    assert change[0] in SET_ASIDE
    book.write("nation/a.yaml", SET_ASIDE.replace(*change))
    assert code in codes(book)


def test_defaults_of_a_file_stand_in_for_what_a_rule_does_not_say(book: Any) -> None:
    book.write(
        "nation/a.yaml",
        """
        defaults: {law: 小法, version: 2020, from: 2020-01-01, owner: 法规组, confidence: V}
        deadlines:
          a:
            title: {zh: 甲, en: A}
            kind: duty
            anchor: accepted
            length: 60 d
            extension: {length: 30 d, times: 1, ground: 情况复杂, approver: head, notice: {to: [clerk], form: told}}
            roll: next_working_day
            suspensions: [hearing]
            on_expiry: supervise
            when: {kind: labour}
            because: {article: 第三十四条, figure: [六十日, 三十日]}
        """,
    )
    assert codes(book) == []
    rule = load_rulebook(book.root).view().deadline("a")
    version = rule.version_at(date(2026, 1, 1))
    assert (rule.owner, rule.because[0].text("zh")) == ("法规组", "《小法》(2020)第三十四条")
    assert (version.roll, version.suspensions, version.backwards) == (
        Roll.NEXT_WORKING_DAY,
        ("hearing",),
        False,
    )
    [extension] = version.extensions
    assert (extension.length, extension.notice_to) == (Period.parse("30 d"), ("clerk",))
    assert [version.applies(facts) for facts in ({"kind": "labour"}, {"kind": "family"}, {})] == [
        True,
        False,
        False,
    ]


def test_an_extension_must_be_in_the_figures_too(book: Any) -> None:
    text = SET_ASIDE.replace("length: 3 mo,", "length: 3 mo, extension: {length: 30 d},")
    book.write("nation/a.yaml", text)
    assert codes(book) == ["figure-differs"]
    book.write("nation/a.yaml", text.replace("figure: 三个月", "figure: [三个月, 三十日]"))
    assert codes(book) == []


def test_a_further_extension_has_its_own_terms(book: Any) -> None:
    """民事诉讼法第一百五十二条: six months by the president, and what is needed still by the court above."""
    both = "[{length: 6 mo, times: 2, approver: head}, {length: 3 mo, ground: 特殊情况, approver: clerk}]"
    text = SET_ASIDE.replace("length: 3 mo,", f"length: 3 mo, extension: {both},")
    book.write("nation/a.yaml", text.replace("figure: 三个月", "figure: [三个月, 六个月]"))
    assert codes(book) == []
    view = load_rulebook(book.root).view()
    [version] = [one for rule in view.deadlines.values() for one in rule.versions if one.extensions]
    found = [version.extension_after(granted) for granted in range(5)]
    assert [one and (str(one.length), one.approver, one.ground) for one in found] == [
        ("6 mo", "head", None), ("6 mo", "head", None), *[("3 mo", "clerk", "特殊情况")] * 3,
    ]  # fmt: skip
    once = both.replace("ground:", "times: 1, ground:")
    book.write(
        "nation/a.yaml", text.replace(both, once).replace("figure: 三个月", "figure: [三个月, 六个月]")
    )
    assert codes(book) == []
    view = load_rulebook(book.root).view()
    [version] = [one for rule in view.deadlines.values() for one in rule.versions if one.extensions]
    assert version.extension_after(3) is None


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        ("[{length: 3 mo, approver: head}, {length: 3 mo, approver: clerk}]", "extension-unreachable"),
        ("[{length: 3 mo, times: 1}, {length: 4 mo, times: 1}]", "figure-differs"),
        ("{length: 3 mo, times: 1, total: 4 mo}", "figure-differs"),
        ("[{length: 3 mo, times: 1}, {approver: haed}]", "unknown-role"),
        ("[{length: 3 mo, times: 1}, {lenght: 3 mo}]", "unknown-key"),
        ("[]", "too-short"),
        ("3 mo", "wrong-type"),
    ],
)
def test_an_extension_that_cannot_be_read_is_reported(book: Any, extension: str, code: str) -> None:
    book.write("nation/a.yaml", SET_ASIDE.replace("length: 3 mo,", f"length: 3 mo, extension: {extension},"))
    assert codes(book) == [code]


def test_deadlines_are_found_by_the_milestones_that_start_and_end_them(book: Any) -> None:
    book.write(
        "nation/a.yaml", SET_ASIDE.replace("stops: [answered]", "stops: [answered]\n    cancels: [accepted]")
    )
    view = load_rulebook(book.root).view()
    found = {name: [rule.id for rule in view.anchored_at(name)] for name in ("served", "answered", "none")}
    assert found == {"served": ["set_aside"], "answered": [], "none": []}
    assert [bool(view.stopped_at(name)) for name in ("served", "answered", "accepted")] == [False, True, True]


def test_rungs_come_in_the_order_of_time(book: Any) -> None:
    write(
        book,
        "ladders",
        "rungs: [{id: c, after: 3 d, to: head, action: interview, by: clerk, reply: 3 wd}, "
        "{id: b, after: 0 d, to: clerk, "
        "action: remind}, {id: a, before: 10 d, to: clerk, level: village, action: warn, urgent: true}, "
        "{id: a2, before: 1 wd, to: clerk, action: warn}]",
    )
    rungs = load_rulebook(book.root).view().ladder("a").rungs
    assert [rung.id for rung in rungs] == ["a", "a2", "b", "c"]
    assert (rungs[0].level, rungs[0].urgent, rungs[3].action, rungs[3].by) == (
        Level.VILLAGE,
        True,
        Action.INTERVIEW,
        "clerk",
    )


@pytest.mark.parametrize(
    ("facts", "colour", "score"),
    [
        ({}, "talk", 0),
        ({"persons": 7}, "board", 40),
        ({"persons": 7, "urgent": True}, "court", 60),
        ({"persons": 3, "urgent": True}, "board", 36),
        ({"persons": None, "urgent": True}, "talk", 20),
    ],
)
def test_a_grade_adds_weights_up_to_the_highest_colour(
    book: Any, facts: dict[str, object], colour: str, score: int
) -> None:
    write(
        book,
        "gradings",
        "output: way, colours: [{id: court, at_least: 60}, {id: board, at_least: 30}, {id: talk, at_least: 0}],"
        " indicators: [{id: group, title: {zh: 甲, en: A}, when: {persons: '> 5'}, weight: 24},"
        " {id: urgent, title: {zh: 甲, en: A}, when: {urgent: true}, weight: 20},"
        " {id: each, title: {zh: 甲, en: A}, fact: persons, when: {persons: '> 2'}, weight: 6, at_most: 16}]",
    )
    grade = load_rulebook(book.root).view().gradings["a"].grade(facts)
    assert (grade.colour, grade.score, sum(grade.points.values())) == (colour, score, score)


@pytest.mark.parametrize(
    ("kind", "answer"), [("guarantee", ["x", "z"]), ("body", ["x", "z"]), ("department", ["x"])]
)
def test_who_is_assigned(book: Any, kind: str, answer: list[str]) -> None:
    write(
        book,
        "assignments",
        f"kind: {kind}, entries: [{{id: x, title: {{zh: 甲, en: A}}, role: clerk, when: {{kind: labour}}}},"
        " {id: y, title: {zh: 甲, en: A}, role: clerk, when: {kind: family}},"
        " {id: z, title: {zh: 甲, en: A}, role: head}]",
    )
    entries = load_rulebook(book.root).view().assignments["a"].assign({"kind": "labour"})
    assert [entry.id for entry in entries] == answer


def test_a_pattern_comes_out_as_written(book: Any) -> None:
    write(
        book,
        "patterns",
        "occurrence: seasonal, recognise: {when: {kind: labour}, months: [3, 9], count: 5, within: 30 d,"
        " same: [kind, area]}, mode: in_advance, lead: 30 d",
    )
    pattern = load_rulebook(book.root).view().patterns["a"]
    assert (pattern.mode, pattern.months, pattern.count, pattern.same) == (
        Mode.IN_ADVANCE,
        (3, 9),
        5,
        ("kind", "area"),
    )
    assert (str(pattern.within), str(pattern.lead)) == ("30 d", "30 d")


@pytest.mark.parametrize(
    ("schedule", "days", "at", "lasts"),
    [
        ("{every: week, days: [monday, wednesday]}", (1, 3), (), 1),
        ("{every: month, days: [15]}", (15,), (), 1),
        ("{every: month, days: [last], at: ['09:00']}", (-1,), ("09:00",), 1),
        ("{every: quarter, days: [92]}", (92,), (), 1),
        ("{every: year, days: ['03-11'], lasts: 7}", ((3, 11),), (), 7),
        ("{every: day, at: ['09:00', '15:00', '20:00']}", (), ("09:00", "15:00", "20:00"), 1),
    ],
)
def test_a_routine_knows_its_days(
    book: Any, schedule: str, days: tuple[object, ...], at: tuple[str, ...], lasts: int
) -> None:
    write(
        book,
        "routines",
        f"schedule: {schedule}, holiday: next_workday, role: clerk, list: [{{id: x, title: {{zh: 甲, en: A}}}}]",
    )
    routine = load_rulebook(book.root).view().routines["a"]
    assert (routine.days, routine.at, routine.lasts, routine.holiday) == (
        days,
        at,
        lasts,
        HolidayPolicy.NEXT_WORKDAY,
    )
    assert [item.id for item in routine.items] == ["x"]


@pytest.mark.parametrize(
    "schedule",
    [
        "{every: month, days: [32]}",
        "{every: quarter, days: [93]}",
        "{every: week, days: [1]}",
        "{every: day, days: [1]}",
        "{every: year, days: [last]}",
    ],
)
def test_a_day_that_does_not_exist_is_refused(book: Any, schedule: str) -> None:
    write(book, "routines", f"schedule: {schedule}, holiday: skip, role: clerk")
    assert codes(book) == ["schedule-days"]


_COLOUR = """
facts:
  colour:
    type: choice
    title: {zh: 颜色, en: Colour}
    set_by: [engine]
    values: {red: {zh: 红, en: Red}, green: {zh: 绿, en: Green}}
"""


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("{colour: [red, green], overdue: true}", None),
        ("{}", None),
        ("{colour: blue}", "unknown-value"),
        ("{stage: mediation}", "unknown-fact"),
        ("{kind: labour}", "unknown-key"),
        ("{overdue: often}", "wrong-type"),
        ("'colour == red'", "wrong-type"),
    ],
)
def test_an_item_of_a_list_selects_cases_in_a_closed_form(book: Any, cases: str, code: str | None) -> None:
    book.write("colour.yaml", _COLOUR)
    items = f"[{{id: x, title: {{zh: 甲, en: A}}, cases: {cases}}}]"
    write(
        book,
        "routines",
        f"schedule: {{every: day}}, holiday: keep, role: clerk, close_within: 3 wd, list: {items}",
    )
    assert codes(book) == ([code] if code is not None else [])
    if code is None:
        routine = load_rulebook(book.root).view().routines["a"]
        [item] = routine.items
        wanted = (
            Selection(facts={"colour": ("red", "green")}, overdue=True)
            if cases != "{}"
            else Selection(facts={})
        )
        assert (item.cases, str(routine.close_within)) == (wanted, "3 wd")


def test_a_ground_may_name_the_milestones_that_are_it_and_a_limitation_where_it_can_be_suspended(
    book: Any,
) -> None:
    book.write(
        "words2.yaml",
        "grounds:\n  asked: {title: {zh: 请求, en: Asked}, effect: interrupt, milestones: [accepted, served]}\n",
    )
    write(
        book,
        "deadlines",
        "kind: right, anchor: served, length: 3 y, suspensions: [hearing], suspends_in_last: 6 mo, "
        "interruptions: [asked], on_expiry: time_barred, stops: [answered]",
    )
    assert codes(book) == []
    rulebook = load_rulebook(book.root)
    assert rulebook.grounds["asked"].milestones == ("accepted", "served")
    assert rulebook.grounds["hearing"].milestones == ()
    [version] = rulebook.view().deadline("a").versions
    assert version.suspends_in_last == Period.parse("6 mo")


@pytest.mark.parametrize(
    "rest",
    ["suspensions: [hearing]", "suspends_in_last: 6 mo, suspensions: [hearing]", "suspends_in_last: 6 mo"],
)
def test_late_grounds_are_some_of_the_grounds_of_a_rule_with_a_last_part(book: Any, rest: str) -> None:
    write(
        book,
        "deadlines",
        f"kind: right, anchor: served, length: 2 y, {rest}, late_grounds: [hearing], on_expiry: time_barred, "
        "stops: [answered]",
    )
    assert codes(book) == ["late-grounds"]


def test_a_deadline_of_no_length_is_refused(book: Any, codes: Any) -> None:
    book.write(
        "nation/d.yaml",
        """
        deadlines:
          d: {title: {zh: 甲, en: A}, from: 2020-01-01, owner: o, confidence: policy,
              because: {policy: {zh: 甲, en: A}}, kind: duty, anchor: accepted, length: 0 d, on_expiry: supervise}
        """,
    )
    assert codes() == ["bad-period"]


def test_a_deadline_may_end_on_the_day_that_somebody_has_set(book: Any, codes: Any) -> None:
    book.write(
        "nation/d.yaml",
        """
        deadlines:
          d: {title: {zh: 甲, en: A}, from: 2020-01-01, owner: o, confidence: policy, direction: before,
              because: {policy: {zh: 甲, en: A}}, kind: right, anchor: accepted, length: 0 d, on_expiry: right_lost}
        """,
    )
    assert codes() == []
