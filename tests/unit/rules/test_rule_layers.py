"""A lower layer may be stricter, never looser; guards hold everywhere; and every area sees its own rules."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.errors import FactError
from jiefen.periods import Period, Unit
from jiefen.rules import check_rulebook, load_rulebook
from jiefen.rules.model.layers import span

_RULE = "owner: o, confidence: policy, because: {policy: {zh: 甲, en: A}}, title: {zh: 甲, en: A}"
_ENDS = "anchor: accepted, on_expiry: supervise, stops: [answered]"
DUTY = f"{_RULE}, from: 2020-01-01, kind: duty, {_ENDS}, length: 60 d, extension: {{length: 30 d, times: 1}}"
TWICE = "[{length: 30 d, times: 1}, {length: 15 d, times: 1}]"
FILED = "[{length: 30 d, times: 1}, {ground: 特殊情况}]"
RIGHT = f"{_RULE}, from: 2020-01-01, kind: right, anchor: served, on_expiry: right_lost, length: 15 d"
REVIVED = ", stops: [answered], revivals: [{by: accepted}]"
SAFE = ", roll: next_working_day, safe: {roll: none, why: {zh: 甲, en: A}}"
SHORT = RIGHT.replace("kind: right", "kind: duty").replace("right_lost", "supervise")
LADDER = """
ladders:
  climb:
    title: {zh: 甲, en: A}
    from: 2020-01-01
    owner: o
    confidence: policy
    because: {policy: {zh: 甲, en: A}}
    rungs:
      - {id: warn, before: 10 d, to: clerk, action: warn}
      - {id: listed, after: 5 d, to: head, action: supervise_list, reply: 10 d}
"""


def nation(book: Any, rule: str) -> None:
    book.write("nation/deadlines.yaml", f"deadlines:\n  d: {{{rule}}}\n")


def county(book: Any, rule: str, area: str = "140429") -> None:
    book.write(f"{area}/deadlines.yaml", f"deadlines:\n  d: {{override: true, {rule}}}\n")


def codes(book: Any) -> list[str]:
    return [finding.code for finding in check_rulebook(book.root)]


@pytest.mark.parametrize(
    ("above", "local", "allowed"),
    [
        # The national 60+30 days of XF-05 against the 30+60 of an older provincial rule: the same total.
        (
            DUTY,
            DUTY.replace("length: 60 d", "length: 30 d").replace(
                "length: 30 d, times", "length: 60 d, times"
            ),
            True,
        ),
        (DUTY, DUTY.replace("60 d", "61 d"), False),
        (DUTY, DUTY.replace("60 d", "45 d"), True),
        (DUTY, DUTY.replace("times: 1", "times: 2"), False),
        (DUTY, DUTY.replace(", times: 1", ""), False),
        (DUTY, DUTY.replace(", extension: {length: 30 d, times: 1}", ""), True),
        (DUTY, DUTY.replace("{length: 30 d, times: 1}", "{length: 30 d, times: 3, total: 90 d}"), True),
        (DUTY, DUTY.replace("60 d", "5 wd").replace(", extension: {length: 30 d, times: 1}", ""), True),
        (DUTY, DUTY.replace("60 d", "60 wd"), False),
        (DUTY.replace(", extension: {length: 30 d, times: 1}", ""), DUTY, False),
        (DUTY.replace("{length: 30 d, times: 1}", "{ground: 特殊情况}"), DUTY, False),
        (
            DUTY.replace("{length: 30 d, times: 1}", "{ground: 特殊情况}"),
            DUTY.replace("times: 1", "times: 1, ground: 特殊情况"),
            True,
        ),
        # Who owes it, and what its end leads to, is not for an area to change; it may say what stands open above.
        (DUTY + ", holder: head", DUTY + ", holder: clerk", False),
        (DUTY + ", holder: head", DUTY, False),
        (DUTY, DUTY + ", holder: head", True),
        (DUTY + ", expiry_milestone: answered", DUTY, False),
        (DUTY + ", expiry_milestone: answered", DUTY + ", expiry_milestone: served", False),
        (DUTY, DUTY + ", expiry_milestone: served", True),
        (RIGHT, RIGHT + ", expiry_milestone: answered", False),
        # A further extension counts like the first one.
        (DUTY, DUTY.replace("{length: 30 d, times: 1}", TWICE), False),
        (DUTY.replace("{length: 30 d, times: 1}", TWICE), DUTY, True),
        (DUTY.replace("{length: 30 d, times: 1}", TWICE), DUTY.replace("times: 1", "times: 2"), False),
        (DUTY.replace("times: 1", "times: 2"), DUTY.replace("{length: 30 d, times: 1}", TWICE), True),
        (DUTY, DUTY.replace("{length: 30 d, times: 1}", TWICE.replace("30 d", "15 d")), True),
        (DUTY.replace("{length: 30 d, times: 1}", FILED), DUTY.replace("times: 1", "times: 9"), False),
        (
            DUTY.replace("{length: 30 d, times: 1}", FILED),
            DUTY.replace("times: 1", "times: 9, ground: 特殊情况"),
            True,
        ),
        (DUTY.replace("times: 1", "times: 9"), DUTY.replace("{length: 30 d, times: 1}", FILED), False),
        (DUTY, DUTY.replace("{length: 30 d, times: 1}", TWICE.replace("15 d", "15 d, total: 90 d")), True),
        # What revives a right above revives it below.
        (RIGHT + REVIVED, RIGHT + ", stops: [answered]", False),
        (RIGHT + ", stops: [answered]", RIGHT + REVIVED, True),
        # The safe day is shown below as above.
        (RIGHT + SAFE, RIGHT + SAFE, True),
        (RIGHT + SAFE, RIGHT + ", roll: next_working_day", False),
        (RIGHT + ", roll: next_working_day", RIGHT + SAFE, True),
        (RIGHT, RIGHT.replace("15 d", "20 d"), True),
        (RIGHT, RIGHT.replace("15 d", "10 d"), False),
        (RIGHT, RIGHT.replace("15 d", "2 mo"), True),
        (RIGHT, RIGHT.replace("15 d", "15 wd"), True),
        (RIGHT, f"{RIGHT}, roll: next_working_day", True),
        (f"{RIGHT}, roll: next_working_day", RIGHT, False),
        (DUTY, f"{DUTY}, roll: next_working_day", False),
        (f"{DUTY}, roll: next_working_day", DUTY, True),
        (DUTY, f"{DUTY}, first_day: included", True),
        (RIGHT, f"{RIGHT}, first_day: included", False),
        (RIGHT, f"{RIGHT}, ends: close_of_business", False),
        (DUTY, f"{DUTY}, ends: close_of_business", True),
        (DUTY, f"{DUTY}, suspensions: [hearing]", False),
        (f"{DUTY}, suspensions: [hearing]", DUTY, True),
        (RIGHT, f"{RIGHT}, suspensions: [hearing]", True),
        (f"{RIGHT}, interruptions: [request]", RIGHT, False),
        (DUTY, DUTY.replace("stops: [answered]", "stops: [answered, served]"), False),
        (DUTY, DUTY.replace("stops: [answered]", "stops: [answered], cancels: [served]"), False),
        (DUTY, DUTY.replace("anchor: accepted", "anchor: served"), False),
        (DUTY, DUTY.replace("supervise", "not_stated"), False),
        (RIGHT, RIGHT.replace("kind: right", "kind: duty"), False),
        (DUTY, f"{DUTY}, when: {{kind: labour}}", False),
        (f"{DUTY}, when: {{kind: labour, urgent: true}}", f"{DUTY}, when: {{kind: labour}}", True),
    ],
)
def test_a_lower_layer_may_be_stricter_never_looser(book: Any, above: str, local: str, allowed: bool) -> None:
    nation(book, above)
    county(book, local)
    assert codes(book) == ([] if allowed else ["looser-layer"])


GRANTED = "{length: 6 mo, times: 1, ground: 特殊情况, approver: head, notice: {to: [clerk], form: written}}"
ABOVE = "{length: 3 mo, times: 1, ground: 特殊情况, approver: court}"


@pytest.mark.parametrize(
    ("local", "allowed"),
    [
        (f"[{GRANTED}, {ABOVE}]", True),
        (GRANTED, True),
        (GRANTED.replace("6 mo", "4 mo"), True),
        (GRANTED.replace("to: [clerk]", "to: [clerk, head]"), True),
        # Who grants it, on which ground, and who is told of it.
        (GRANTED.replace("head, notice", "clerk, notice"), False),
        (GRANTED.replace("approver: head, ", ""), False),
        (GRANTED.replace("ground: 特殊情况, ", ""), False),
        (GRANTED.replace("特殊情况", "任何情况"), False),
        (GRANTED.replace(", notice: {to: [clerk], form: written}", ""), False),
        (GRANTED.replace("to: [clerk]", "to: [head]"), False),
        (GRANTED.replace("written", "told"), False),
        (f"[{GRANTED}, {ABOVE.replace('court', 'head')}]", False),
        (f"[{GRANTED}, {ABOVE.replace('ground: 特殊情况, ', '')}]", False),
        (GRANTED.replace("6 mo, times: 1", "3 mo, times: 2"), False),
        # What the court above must grant is not for the first to grant, whatever both make together.
        (GRANTED.replace("6 mo", "9 mo"), False),
        (GRANTED.replace("6 mo", "7 mo"), False),
        (f"[{GRANTED.replace('6 mo', '7 mo')}, {ABOVE.replace('3 mo', '2 mo')}]", False),
        (f"[{GRANTED.replace('6 mo', '4 mo')}, {ABOVE.replace('3 mo', '5 mo')}]", True),
    ],
)
def test_each_extension_is_granted_as_above(book: Any, local: str, allowed: bool) -> None:
    duty = SHORT.replace("length: 15 d", "length: 6 mo, extension: EXTENSION")
    book.write("courts.yaml", "roles: {court: {title: {zh: 上级法院, en: Court above}, level: city}}\n")
    nation(book, duty.replace("EXTENSION", f"[{GRANTED}, {ABOVE}]"))
    county(book, duty.replace("EXTENSION", local))
    assert codes(book) == ([] if allowed else ["looser-layer"])


def test_how_a_right_is_extended_may_be_made_easier(book: Any) -> None:
    right = RIGHT + ", extension: {ground: 特殊情况, approver: head}"
    nation(book, right)
    county(book, right.replace("ground: 特殊情况, ", ""))
    assert codes(book) == []


@pytest.mark.parametrize(
    ("rungs", "allowed"),
    [
        (
            "[{id: w, before: 15 d, to: clerk, action: warn}, {LIST, after: 3 d, reply: 5 d}]",
            True,
        ),
        (
            "[{id: w, before: 5 d, to: clerk, action: warn}, {LIST, after: 3 d, reply: 5 d}]",
            False,
        ),
        ("[{id: w, before: 10 d, to: clerk, action: warn}]", False),
        (
            "[{id: w, before: 10 d, to: clerk, action: warn}, {LIST, after: 5 d}]",
            False,
        ),
        (
            "[{id: w, before: 10 d, to: clerk, action: warn}, {LIST, before: 1 d, reply: 10 d}]",
            True,
        ),
    ],
)
def test_a_lower_layer_may_warn_more_and_earlier_never_less(book: Any, rungs: str, allowed: bool) -> None:
    rungs = rungs.replace("LIST", "id: l, to: head, action: supervise_list")
    book.write("nation/ladder.yaml", LADDER)
    book.write(
        "1404/ladder.yaml",
        f"ladders:\n  climb: {{override: true, {_RULE}, from: 2020-01-01, rungs: {rungs}}}\n",
    )
    assert codes(book) == ([] if allowed else ["looser-layer"])


@pytest.mark.parametrize(
    ("rule", "above", "local", "allowed"),
    [
        # February to April have 89 days, July to September 92.
        (SHORT, "3 mo", "89 d", True),
        (SHORT, "3 mo", "90 d", False),
        (SHORT, "89 d", "3 mo", False),
        (SHORT, "92 d", "3 mo", True),
        (RIGHT, "3 mo", "91 d", False),
        (RIGHT, "3 mo", "92 d", True),
        (SHORT, "1 y", "365 d", True),
        (SHORT, "1 y", "366 d", False),
        (SHORT, "6 mo", "3 mo, extension: {length: 3 mo, times: 1}", True),
        # One day from an hour of today ends at the end of tomorrow.
        (SHORT, "24 h", "1 d", False),
        (SHORT, "48 h", "1 d", True),
        (SHORT, "47 h", "1 d", False),
        (SHORT, "1 d", "24 h", True),
        (SHORT, "1 d", "25 h", False),
        (SHORT, "24 h", "1 wd", False),
        (RIGHT, "24 h", "1 d", True),
        (RIGHT, "1 d", "47 h", False),
        (RIGHT, "1 d", "48 h", True),
    ],
)
def test_units_compare_by_what_they_can_take(
    book: Any, rule: str, above: str, local: str, allowed: bool
) -> None:
    nation(book, rule.replace("15 d", above))
    county(book, rule.replace("15 d", local))
    assert codes(book) == ([] if allowed else ["looser-layer"])


@pytest.mark.parametrize(
    ("months", "days"),
    [(1, (28, 31)), (2, (59, 62)), (3, (89, 92)), (6, (181, 184)), (12, (365, 366)), (24, (730, 731))],
)
def test_months_take_as_many_days_as_the_calendar_gives_them(months: int, days: tuple[int, int]) -> None:
    assert span(Period(months, Unit.MONTH)) == days


@given(st.integers(1, 24), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_no_date_takes_fewer_or_more_days_than_the_span(months: int, start: date) -> None:
    shortest, longest = span(Period(months, Unit.MONTH))
    at = start.month - 1 + months
    year, month = start.year + at // 12, at % 12 + 1
    due = date(year, month, min(start.day, monthrange(year, month)[1]))
    assert shortest <= (due - start).days <= longest


def test_taking_the_ladder_away_is_looser(book: Any) -> None:
    book.write("nation/ladder.yaml", LADDER)
    nation(book, f"{DUTY}, holder: clerk, ladder: climb")
    county(book, f"{DUTY}, holder: clerk")
    assert codes(book) == ["looser-layer"]


def test_the_message_says_both_totals_and_where(book: Any) -> None:
    nation(book, DUTY)
    county(book, DUTY.replace("60 d", "61 d"))
    (finding,) = check_rulebook(book.root)
    assert "61 d + 1 × 30 d against 60 d + 1 × 30 d" in finding.message
    assert finding.file.endswith("140429/deadlines.yaml")
    assert finding.line == 2


def test_every_layer_in_between_is_held_against_the_one_above(book: Any) -> None:
    nation(book, DUTY)
    county(book, DUTY.replace("60 d", "30 d"), "14")
    county(book, DUTY.replace("60 d", "45 d"), "140429102")
    (finding,) = check_rulebook(book.root)
    assert (finding.code, "140429102" in finding.file) == ("looser-layer", True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"deadlines:\n  d: {{{DUTY}}}\n", "override-not-said"),
        (f"deadlines:\n  e: {{override: true, {DUTY}}}\n", "nothing-to-override"),
    ],
)
def test_overriding_is_said_and_has_something_to_override(book: Any, text: str, code: str) -> None:
    nation(book, DUTY)
    book.write("140429/d.yaml", text)
    assert codes(book) == [code]


def test_a_locked_rule_cannot_be_overridden(book: Any) -> None:
    nation(book, f"{DUTY}, locked: true")
    county(book, DUTY)
    assert codes(book) == ["locked"]


def test_an_area_sees_the_nearest_layer_and_shares_the_view_of_its_parent(book: Any) -> None:
    nation(book, DUTY)
    county(book, DUTY.replace("60 d", "30 d"), "140429")
    rulebook = load_rulebook(book.root)
    lengths = {
        area: str(rulebook.view(area).deadline("d").versions[-1].length)
        for area in (None, "14", "140429", "140429102001")
    }
    assert lengths == {None: "60 d", "14": "60 d", "140429": "30 d", "140429102001": "30 d"}
    assert rulebook.view("140429000000") is rulebook.view("140429102")
    with pytest.raises(FactError):
        rulebook.view("1404x")


def test_before_an_override_begins_the_layer_above_still_holds(book: Any) -> None:
    nation(book, DUTY)
    county(
        book,
        DUTY.replace("2020-01-01", "2024-01-01").replace("60 d", "30 d")
        + ", to: 2025-12-31, successor: none",
    )
    rule = load_rulebook(book.root).view("140429").deadline("d")
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2025, 12, 31), date(2026, 1, 1)]
    assert [str(rule.version_at(day).length) for day in days] == ["60 d", "30 d", "30 d", "60 d"]


def test_a_local_table_decides_from_its_first_day_on(book: Any) -> None:
    text = (book.root / "nation/way.yaml").read_text()
    local = text.replace("  way:\n", "  way:\n    override: true\n").replace("2020-01-01", "2025-01-01")
    book.write("140429/way.yaml", local.replace("{way: board}", "{way: talk}"))
    view = load_rulebook(book.root).view("140429")
    answers = [
        view.table("way").decide({"kind": "labour"}, date(year, 6, 1)).outputs["way"] for year in (2024, 2025)
    ]
    assert answers == ["board", "talk"]


def test_a_local_rule_may_be_active_in_its_own_area(book: Any) -> None:
    law = "because: {law: 某市条例, version: 2018, article: 第二十四条}"
    book.write(
        "3701/d.yaml",
        f"deadlines:\n  d: {{{DUTY.replace('confidence: policy', 'confidence: L')}, {law}}}\n".replace(
            ", because: {policy: {zh: 甲, en: A}}", "", 1
        ),
    )
    assert codes(book) == []
    assert "d" in load_rulebook(book.root).view("370102").deadlines
    assert "d" not in load_rulebook(book.root).view(None).deadlines


# --- guards -----------------------------------------------------------------------------------------------------------

GUARD = f"{_RULE}, from: 2020-01-01"


def guard(book: Any, text: str) -> None:
    book.write("nation/guards.yaml", f"guards:\n  g: {{{GUARD}, {text}}}\n")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("table: way, where: {kind: labour}, must: {way: board}", None),
        ("table: way, where: {kind: labour}, must: {way: 'not(talk)'}", None),
        ("table: way, where: {kind: [labour, lending]}, must: {way: board}", "way/money"),
        ("table: way, where: {urgent: true}, must: {way: 'not(talk)'}", "way/home"),
        ("table: way, must: {way: 'not(null)'}", None),
    ],
)
def test_a_guard_over_a_table_is_proved_row_by_row(book: Any, text: str, broken: str | None) -> None:
    guard(book, text)
    assert [(one.code, one.element) for one in check_rulebook(book.root)] == (
        [("guard-broken", broken)] if broken else []
    )


def test_a_guard_holds_in_every_layer_and_names_the_file_that_breaks_it(book: Any) -> None:
    guard(book, "table: way, where: {kind: labour}, must: {way: board}")
    text = (book.root / "nation/way.yaml").read_text()
    book.write(
        "140429/way.yaml",
        text.replace("  way:\n", "  way:\n    override: true\n").replace("{way: board}", "{way: talk}"),
    )
    (finding,) = check_rulebook(book.root)
    assert (finding.code, finding.file.endswith("140429/way.yaml"), finding.line) == (
        "guard-broken",
        True,
        13,
    )
    assert "demands board" in finding.message


def test_a_guard_looks_past_rows_that_others_come_before(book: Any) -> None:
    text = (book.root / "nation/way.yaml").read_text().replace("hit: unique", "hit: first")
    book.write("nation/way.yaml", text.replace("{kind: family}", "{}"))
    guard(book, "table: way, where: {kind: labour}, must: {way: board}")
    assert codes(book) == []
    guard(book, "table: way, where: {kind: [labour, family]}, must: {way: board}")
    assert codes(book) == ["guard-broken"]


def test_a_guard_sees_what_comes_out_when_no_row_matches(book: Any) -> None:
    text = (book.root / "nation/way.yaml").read_text()
    book.write(
        "nation/way.yaml",
        text.replace("kind: labour", "kind: [labour, family]")
        .replace("    rows:", "    default: {way: talk}\n    rows:")
        .replace("then: {way: talk}", "then: {way: talk}, to: 2024-12-31, successor: none")
        .replace("{kind: family}", "{kind: family}")
        .replace("- {id: work, when: {kind: [labour, family]}", "- {id: work, when: {kind: labour}"),
    )
    guard(book, "table: way, where: {kind: family}, must: {way: board}")
    assert {one.element for one in check_rulebook(book.root) if one.code == "guard-broken"} == {
        "way/home",
        "way",
    }


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("deadlines: {kind: right}, must: {suspensions: not(hearing)}", False),
        ("deadlines: {kind: duty}, must: {suspensions: not(hearing)}", True),
        ("deadlines: {on_expiry: supervise, unit: d}, must: {roll: none, stops: answered}", False),
        ("deadlines: {id: d}, must: {anchor: served}", True),
    ],
)
def test_a_guard_over_deadlines_is_proved(book: Any, text: str, broken: bool) -> None:
    nation(book, f"{DUTY}, suspensions: [hearing]")
    guard(book, text)
    assert codes(book) == (["guard-broken"] if broken else [])


def test_a_guard_cannot_be_overridden(book: Any) -> None:
    guard(book, "table: way, must: {way: 'not(null)'}")
    book.write(
        "140429/g.yaml", f"guards:\n  g: {{override: true, {GUARD}, table: way, must: {{way: '-'}}}}\n"
    )
    assert codes(book) == ["locked"]


def test_a_guard_with_bounds_tells_the_amounts_apart(book: Any) -> None:
    book.write(
        "nation/more.yaml",
        f"""
        tables:
          more:
            {{{_RULE}, from: 2020-01-01, hit: first, inputs: [persons], outputs: [score], requires: [persons],
             rows: [{{id: few, when: {{persons: '< 10'}}, then: {{score: 1}}}},
                    {{id: many, when: {{}}, then: {{score: 2}}}}]}}
        """,
    )
    guard(book, "table: more, where: {persons: '>= 10'}, must: {score: 2}")
    assert codes(book) == []
    guard(book, "table: more, where: {persons: '>= 9'}, must: {score: 2}")
    assert codes(book) == ["guard-broken"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("id: listed, after: 5 d, to: clerk, action: supervise_list, reply: 10 d, by: head",
         "is told to clerk instead of head"),
        ("id: listed, after: 5 d, to: head, level: township, action: supervise_list, reply: 10 d, by: head",
         "is told to head at the level township instead of head"),
        ("id: listed, after: 5 d, to: head, action: supervise_list, reply: 10 d, by: clerk",
         "is done by clerk instead of head"),
        ("id: listed, after: 5 d, to: head, action: supervise_list, reply: 10 d", "is done by nobody instead of head"),
        ("id: listed, after: 5 d, to: head, action: supervise, reply: 10 d, by: head",
         "does supervise instead of supervise_list"),
        ("id: listed, after: 5 d, to: head, action: escalate, reply: 10 d, by: head",
         "does escalate instead of supervise_list"),
        ("id: other, after: 6 d, to: head, action: supervise_list, reply: 10 d, by: head", "comes later, at +6 d"),
        ("id: listed, after: 5 d, to: head, action: supervise_list, reply: 11 d, by: head",
         "asks for an answer within 11 d, not 10 d"),
        ("id: other, after: 6 d, to: clerk, action: warn", "is missing"),
        ("id: listed, after: 5 d, to: head, action: interview, reply: 10 d, by: head", None),
        ("id: x, after: 1 d, to: clerk, action: remind}, {id: listed, after: 5 d, to: head, action: supervise_list, "
         "reply: 10 d, by: head", None),
    ],
)  # fmt: skip
def test_a_ladder_reaches_whom_it_reaches_above_and_the_finding_says_what_differs(
    book: Any, changed: str, reason: str | None
) -> None:
    book.write("nation/ladder.yaml", LADDER.replace("reply: 10 d", "reply: 10 d, by: head"))
    rungs = f"[{{id: warn, before: 10 d, to: clerk, action: warn}}, {{{changed}}}]"
    book.write(
        "1404/ladder.yaml",
        f"ladders:\n  climb: {{override: true, {_RULE}, from: 2020-01-01, rungs: {rungs}}}\n",
    )
    found = check_rulebook(book.root)
    assert [one.code for one in found] == ([] if reason is None else ["looser-layer"])
    assert (
        reason is None
        or f"rung 'listed' (+5 d supervise_list){'' if reason == 'is missing' else ':'}" in found[0].message
    )
    assert reason is None or reason in found[0].message
