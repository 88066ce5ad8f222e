"""Files that are wrong: each is told with file, line, column and a hint, and never with a Python exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiefen.errors import RuleError
from jiefen.findings import Severity
from jiefen.rules import Kind, check_rulebook, load_rulebook

TITLE = "title: {zh: 甲, en: A}"
RULE = f"{TITLE}, from: 2020-01-01, owner: o, because: {{policy: {{zh: 甲, en: A}}}}"
COMMON = f"{RULE}, confidence: policy"
ENDS = "length: 5 d, on_expiry: supervise"
RUNS = f"{COMMON}, kind: duty, anchor: accepted, on_expiry: supervise"
DEADLINE = f"{RUNS}, length: 5 d"
RIGHT = DEADLINE.replace("kind: duty", "kind: right")
SHORT = {
    "DEADLINE": DEADLINE,
    "RIGHT": RIGHT,
    "RUNS": RUNS,
    "COMMON": COMMON,
    "RULE": RULE,
    "ENDS": ENDS,
    "TITLE": TITLE,
}


def test_the_small_rulebook_is_clean(codes: Callable[[], list[str]]) -> None:
    assert codes() == []


#: What is written, with ``§`` where the finding must stand.
@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("facts2.yaml", "facts:\n  §a: {type: choice, TITLE, set_by: [form]}\n", "bad-fact"),
        ("facts2.yaml", "facts:\n  a: {§type: chioce, TITLE, set_by: [form]}\n", "unknown-word"),
        ("facts2.yaml", "facts:\n  §A b: {type: text, TITLE, set_by: [form]}\n", "wrong-form"),
        ("facts2.yaml", "facts:\n  §a: {type: text, set_by: [form]}\n", "missing-key"),
        ("facts2.yaml", "facts:\n  a: {type: text, TITLE, set_by: [§clerk]}\n", "wrong-form"),
        ("facts2.yaml", "facts:\n  a: {type: text, TITLE, set_by: [form], §minimum: 3}\n", "bad-fact"),
        ("facts2.yaml", "facts:\n  a: {type: text, TITLE, set_by: [form], §pattern: '['}\n", "bad-fact"),
        (
            "facts2.yaml",
            "facts:\n  a: {type: integer, TITLE, set_by: [form], minimum: 3, §maximum: 2}\n",
            "bad-fact",
        ),
        ("facts2.yaml", "facts:\n  §kind: {type: text, TITLE, set_by: [form]}\n", "duplicate-id"),
        ("facts2.yaml", "facts:\n  §a: {type: text, TITLE, set_by: ['table:none']}\n", "unknown-setter"),
        ("facts2.yaml", "facts:\n  §a: {type: text, TITLE, set_by: ['table:way']}\n", "unknown-setter"),
        ("facts2.yaml", "facts:\n  §a: {type: text, TITLE, set_by: ['earlier:none']}\n", "unknown-setter"),
        (
            "facts2.yaml",
            "facts:\n  §a: {type: boolean, TITLE, set_by: ['earlier_deadline:no']}\n",
            "unknown-setter",
        ),
        (
            "facts2.yaml",
            "facts:\n  a: {type: choice, TITLE, set_by: [form], §values: {missing: {zh: 甲, en: A}}}\n",
            "bad-fact",
        ),
        ("facts2.yaml", "§tables: {}\n", "unknown-section"),
        ("facts2.yaml", "§fact: {}\n", "unknown-section"),
        ("facts2.yaml", "§- facts\n", "wrong-type"),
        ("words2.yaml", "roles:\n  r: {TITLE, deputies: [§clrek]}\n", "unknown-role"),
        (
            "words2.yaml",
            "grounds:\n  g: {TITLE, effect: interrupt, milestones: [§acepted]}\n",
            "unknown-milestone",
        ),
        (
            "words2.yaml",
            "grounds:\n  g: {TITLE, effect: suspend, §milestones: [accepted]}\n",
            "ground-milestones",
        ),
        (
            "words2.yaml",
            "grounds:\n  g: {TITLE, effect: interrupt, §at_most: 1 mo}\n",
            "ground-at-most",
        ),
        ("words2.yaml", "grounds:\n  §g: {TITLE, effect: urge, milestones: [accepted]}\n", "ground-urge"),
        ("words2.yaml", "grounds:\n  §g: {TITLE, effect: urge, at_most: 6 d}\n", "ground-urge"),
        ("words2.yaml", "grounds:\n  g: {TITLE, effect: suspend, §at_most: 5 wd}\n", "wrong-form"),
        ("words2.yaml", "grounds:\n  g: {TITLE, effect: suspend, §at_most: 0 d}\n", "wrong-form"),
        ("words2.yaml", "facts:\n  b: {type: boolean, TITLE, set_by: [form], §reason: wy}\n", "unknown-fact"),
        ("words2.yaml", "facts:\n  b: {type: boolean, TITLE, set_by: [form], §reason: kind}\n", "not-a-text"),
        ("words2.yaml", "facts:\n  b: {type: date, TITLE, set_by: [form], §reason: kind}\n", "bad-fact"),
        ("words2.yaml", "milestones:\n  m: {TITLE, §known_by: sinse}\n", "unknown-fact"),
        ("words2.yaml", "milestones:\n  m: {TITLE, §known_by: kind}\n", "not-a-date"),
        (
            "words2.yaml",
            "facts:\n  d: {type: date, TITLE, set_by: [engine]}\nmilestones:\n  m: {TITLE, §known_by: d}\n",
            "never-said",
        ),
        ("words2.yaml", "messages:\n  m.x: {TITLE}\n  §n: 5\n", "wrong-type"),
        ("words2.yaml", "messages:\n  m.x: {TITLE, from: [§clrek]}\n", "unknown-word"),
        ("words2.yaml", "messages:\n  §M x: {TITLE, from: [clerk]}\n", "wrong-form"),
        ("words2.yaml", "messages:\n  m.x: {TITLE, from: [clerk], §reaches: acepted}\n", "unknown-milestone"),
        ("words2.yaml", "messages:\n  m.x: {TITLE, from: [clerk], carries: [§sinse]}\n", "unknown-fact"),
        ("words2.yaml", "messages:\n  m.x: {TITLE, from: [clerk], carries: [§since]}\n", "not-for-messages"),
        ("words2.yaml", "messages:\n  m.x: {TITLE, from: [clerk], §date: since}\n", "date-not-carried"),
        (
            "words2.yaml",
            "messages:\n  m.x: {TITLE, from: [clerk], carries: [since], §date: since}\n",
            "date-of-nothing",
        ),
        (
            "words2.yaml",
            "facts:\n  §d: {type: date, TITLE, set_by: ['message:m.y']}\nmessages:\n  m.x: {TITLE, from: [clerk]}\n",
            "unknown-setter",
        ),
        ("nation/a.yaml", "§messages:\n  m.x: {TITLE, from: [clerk]}\n", "unknown-section"),
        ("nation/a.yaml", "§facts: {}\n", "unknown-section"),
        ("nation/a.yaml", "§deadline: {}\n", "unknown-section"),
        ("nation/a.yaml", "§deadlines: []\n", "wrong-type"),
        ("nation/a.yaml", "deadlines:\n  §a: 5 d\n", "wrong-type"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, §lenght: 5 d}\n", "unknown-key"),
        ("nation/a.yaml", "deadlines:\n  a: {RUNS, §length: 5 weeks}\n", "wrong-form"),
        ("nation/a.yaml", "deadlines:\n  a: {RUNS, §length: 9000 y}\n", "bad-period"),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {COMMON, kind: duty, §anchor: acepted, ENDS}\n",
            "unknown-milestone",
        ),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, §holder: clrek}\n", "unknown-role"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, §ladder: none}\n", "unknown-ladder"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, suspensions: [§request]}\n", "wrong-ground"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, §date: kind}\n", "not-a-date"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, when: {§kind: labor}}\n", "bad-condition"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, when: {§sort: labour}}\n", "unknown-fact"),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, §to: 2019-01-01}\n", "ends-before-start"),
        ("nation/a.yaml", "deadlines:\n  §a: {DEADLINE, successor: b}\n", "successor-without-end"),
        ("nation/a.yaml", "deadlines:\n  §a: {DEADLINE, to: 2026-01-01}\n", "no-successor"),
        (
            "nation/a.yaml",
            "deadlines:\n  §a: {DEADLINE, to: 2026-01-01, successor: b}\n",
            "unknown-successor",
        ),
        ("nation/a.yaml", "deadlines:\n  §a: {DEADLINE, within: a}\n", "cycle"),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {DEADLINE, §safe: {wait: a, why: {zh: 一, en: a}}}\n",
            "safe-day",
        ),
        ("nation/a.yaml", "deadlines:\n  a: {RIGHT, §safe: {why: {zh: 一, en: a}}}\n", "safe-day"),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {RIGHT, §safe: {roll: none, why: {zh: 一, en: a}}}\n",
            "safe-day",
        ),
        ("nation/a.yaml", "deadlines:\n  §a: {RIGHT, safe: {wait: a, why: {zh: 一, en: a}}}\n", "safe-day"),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {RIGHT, safe: {§before: b, why: {zh: 一, en: a}}}\n",
            "unknown-deadline",
        ),
        ("nation/a.yaml", "deadlines:\n  §a: {TITLE, kind: duty, anchor: accepted, ENDS}\n", "missing-key"),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {RULE, §confidence: V2, kind: duty, anchor: accepted, ENDS}\n",
            "unverified-active",
        ),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {RULE, §confidence: M, kind: duty, anchor: accepted, ENDS}\n",
            "unverified-active",
        ),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {RULE, §confidence: L, kind: duty, anchor: accepted, ENDS}\n",
            "local-in-nation",
        ),
        (
            "nation/a.yaml",
            "deadlines:\n  a: {confidence: V, TITLE, from: 2020-01-01, owner: o, kind: duty, anchor: accepted, ENDS,\n"
            "      §because: {policy: {zh: 甲, en: A}}}\n",
            "no-article",
        ),
        ("nation/a.yaml", "deadlines:\n  a: {DEADLINE, §active: false}\n", "inactive-reason"),
        (
            "nation/a.yaml",
            "ladders:\n  a: {COMMON, rungs: [§{id: x, to: clerk, action: warn}]}\n",
            "rung-offset",
        ),
        (
            "nation/a.yaml",
            "ladders:\n  a: {COMMON, rungs: [{id: x, to: clerk, action: warn, after: 1 d},\n"
            "    {§id: x, to: clerk, action: warn, after: 2 d}]}\n",
            "duplicate-id",
        ),
        (
            "nation/a.yaml",
            "routines:\n  a: {COMMON, schedule: {every: week, days: [§mondey]}, holiday: skip, role: clerk}\n",
            "schedule-days",
        ),
        (
            "nation/a.yaml",
            "routines:\n  a: {COMMON, schedule: {every: year, days: [§'02-30']}, holiday: skip, role: clerk}\n",
            "schedule-days",
        ),
        (
            "nation/a.yaml",
            "routines:\n  a: {COMMON, §schedule: {every: week}, holiday: skip, role: clerk}\n",
            "schedule-days",
        ),
        (
            "nation/a.yaml",
            "gradings:\n  a: {COMMON, output: way, §colours: [{id: court, at_least: 5}, {id: talk, at_least: 9}],\n"
            "      indicators: [{id: x, TITLE, weight: 3, fact: persons}]}\n",
            "colour-order",
        ),
        (
            "nation/a.yaml",
            "gradings:\n  a: {COMMON, output: way, colours: [{id: court, at_least: 5}, {id: talk, at_least: 0}],\n"
            "      indicators: [{id: x, TITLE, weight: 3, §fact: kind}]}\n",
            "not-a-number",
        ),
        (
            "nation/a.yaml",
            "patterns:\n  §a: {COMMON, occurrence: x, recognise: {when: {kind: labour}}, mode: focus, lead: 3 d}\n",
            "pattern-lead",
        ),
        ("nation/a.yaml", "guards:\n  §a: {COMMON, must: {way: court}}\n", "guard-subject"),
        ("nation/a.yaml", "guards:\n  a: {COMMON, §table: ways, must: {way: court}}\n", "unknown-table"),
        ("nation/a.yaml", "deadlines:\n  a:\n§\tlength: 5 d\n", "yaml-tab"),
        ("nation/a.yaml", "deadlines:\n  a: {}\n  §a: {}\n", "yaml-duplicate-key"),
        ("nation/a.yaml", "defaults: {from: §2026-02-30}\n", "yaml-date"),
        ("nation/a.yaml", "deadlines:\n  a: {active: §yes}\n", "yaml-boolean"),
    ],
)
def test_a_mistake_is_told_where_it_stands(book: Any, path: str, text: str, code: str) -> None:
    for name, written in SHORT.items():
        text = text.replace(name, written)
    before = text[: text.index("§")]
    book.write(path, text.replace("§", ""))
    findings = {finding.code: finding for finding in check_rulebook(book.root)}
    assert code in findings, findings
    finding = findings[code]
    assert (Path(finding.file).name, finding.line, finding.column) == (
        Path(path).name,
        before.count("\n") + 1,
        len(before) - before.rfind("\n"),
    )
    assert finding.message
    assert finding.hint


def test_a_comma_in_a_label_is_explained(book: Any) -> None:
    book.write("words2.yaml", "roles:\n  r: {title: {zh: 甲,乙, en: A}}\n")
    (finding,) = check_rulebook(book.root)
    assert "comma" in finding.hint


def test_a_mistake_that_an_alias_repeats_is_told_once(book: Any) -> None:
    book.write(
        "nation/a.yaml",
        f"""
        deadlines:
          a: {{{DEADLINE}, title: &title {{zh: 甲, en: 5}}}}
          b: {{{DEADLINE}, title: *title}}
        """.replace("title: {zh: 甲, en: A}, ", ""),
    )
    assert [finding.code for finding in check_rulebook(book.root)] == ["wrong-type"]


def test_what_names_a_broken_rule_is_not_told_again(book: Any) -> None:
    book.write(
        "nation/a.yaml", f"deadlines:\n  a: {{{DEADLINE}, within: b}}\n  b: {{{DEADLINE}, lenght: 3 d}}\n"
    )
    assert [finding.code for finding in check_rulebook(book.root)] == ["unknown-key"]


@pytest.mark.parametrize(("text", "said"), [
    ("routines:\n  d: {COMMON, schedule: {every: day, at: ['09:00', '25:00']}, role: clerk, holiday: skip}\n",
     "entry 2 of 'at': '25:00' is not a time of day"),
    ("routines:\n  d: {COMMON, schedule: {every: day, at: [9]}, role: clerk, holiday: skip}\n",
     "entry 1 of 'at' is 9, not a time of day"),
])  # fmt: skip
def test_an_item_of_a_list_is_named_by_its_field(book: Any, text: str, said: str) -> None:
    for short, long in SHORT.items():
        text = text.replace(short, long)
    book.write("nation/more.yaml", text)
    assert said in [finding.message for finding in check_rulebook(book.root)]


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("nations", "unknown-layer"),
        ("12345", "unknown-layer"),
        ("99", "unknown-area"),
        ("nation/14", "layer-nested"),
    ],
)
def test_a_folder_that_is_no_layer_is_told(book: Any, folder: str, code: str) -> None:
    (book.root / folder).mkdir(parents=True)
    assert [finding.code for finding in check_rulebook(book.root)] == [code]


def test_the_same_area_twice_is_told(book: Any) -> None:
    for name in ("3707", "370700"):
        (book.root / name).mkdir()
    assert [finding.code for finding in check_rulebook(book.root)] == ["layer-twice"]


def test_a_layer_that_is_a_link_to_itself_is_told_and_not_followed(book: Any) -> None:
    (book.root / "14").mkdir()
    (book.root / "14" / "loop").symlink_to(book.root, target_is_directory=True)
    assert [finding.code for finding in check_rulebook(book.root)] == ["layer-link"]


def test_a_yml_file_is_not_passed_over_in_silence(book: Any) -> None:
    book.write("nation/more.yml", "deadlines: {}\n")
    (finding,) = check_rulebook(book.root)
    assert (finding.code, finding.severity) == ("file-ignored", Severity.WARNING)


def test_a_section_under_its_old_name_is_read_and_told(book: Any) -> None:
    meeting = f"{COMMON}, schedule: {{every: month, days: [15]}}, holiday: keep, role: clerk"
    book.write("nation/a.yaml", f"duties:\n  meeting: {{{meeting}}}\n")
    (finding,) = check_rulebook(book.root)
    assert (finding.code, finding.severity) == ("old-name", Severity.WARNING)
    assert finding.hint == "call it routines"
    assert list(load_rulebook(book.root).view().routines) == ["meeting"]
    book.write("nation/b.yaml", f"routines:\n  meeting: {{{meeting}}}\n")
    assert {one.code for one in check_rulebook(book.root)} == {"old-name", "duplicate-id"}


def test_a_huge_file_is_refused_at_once(book: Any) -> None:
    book.write("nation/huge.yaml", "# " + "x" * 10_000_000)
    assert [finding.code for finding in check_rulebook(book.root)] == ["yaml-too-big"]


def test_successors_that_run_in_a_circle_are_told(book: Any) -> None:
    book.write(
        "nation/a.yaml",
        f"""
        deadlines:
          a: {{{DEADLINE}, to: 2026-01-01, successor: b}}
          b: {{{DEADLINE}, to: 2027-01-01, successor: a}}
        """,
    )
    assert {finding.code for finding in check_rulebook(book.root)} == {"cycle"}


def test_a_rulebook_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert [finding.code for finding in check_rulebook(tmp_path / "none")] == ["no-rulebook"]


def test_loading_a_broken_rulebook_raises_with_every_finding(book: Any) -> None:
    book.write("nation/a.yaml", f"deadlines:\n  a: {{{DEADLINE}, lenght: 5 d}}\n")
    book.write("nation/b.yaml", "deadlines:\n  b: 5\n")
    with pytest.raises(RuleError, match="did you mean 'length'") as caught:
        load_rulebook(book.root)
    assert [finding.code for finding in caught.value.findings] == ["unknown-key", "wrong-type"]


def test_a_rule_says_why_it_is_not_active(book: Any) -> None:
    book.write(
        "nation/a.yaml",
        f"deadlines:\n  a: {{{RULE}, confidence: M, kind: duty, anchor: accepted, {ENDS},\n"
        "      active: false, inactive_because: {zh: 未见原文, en: no text}}\n",
    )
    rules = {rule.id: rule for rule in load_rulebook(book.root).rules()}
    assert (rules["a"].active, str(rules["a"].inactive_because), rules["a"].confidence) == (
        False,
        "未见原文 no text",
        "M",
    )
    assert (rules["way"].active, rules["way"].layer, rules["way"].because[0].text("zh")) == (
        True,
        "",
        "《小法》(2020)第三条",
    )
    assert "a" not in load_rulebook(book.root).view().deadlines


def test_a_rule_that_nothing_acts_on_is_told(book: Any) -> None:
    book.write("nation/a.yaml", f"deadlines:\n  a: {{{DEADLINE}}}\n")
    findings = check_rulebook(book.root, executed={Kind.TABLE})
    assert [(finding.code, finding.element) for finding in findings] == [("no-executor", "a")]
    assert check_rulebook(book.root, executed={Kind.TABLE, Kind.DEADLINE}) == []
