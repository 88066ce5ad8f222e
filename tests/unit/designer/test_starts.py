"""What starts each deadline: proven for the bundled edition, and told where nothing does."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from jiefen.designer.check import check
from jiefen.designer.starts import StartedBy, Starts, find_starts, unstarted
from jiefen.edition.edition import load_edition
from jiefen.findings import Severity
from jiefen.rules import Side

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 id="d" targetNamespace="https://example.org/d">
<process id="claim" name="申请" isExecutable="true">
<startEvent id="start" /><sequenceFlow id="f1" sourceRef="start" targetRef="opened" />
<intermediateThrowEvent id="opened" name="登记" /><sequenceFlow id="f2" sourceRef="opened" targetRef="ask" />
<userTask id="ask" name="询问" camunda:candidateGroups="clerk"><extensionElements><camunda:properties>
<camunda:property name="asks" value="known_on" /></camunda:properties></extensionElements></userTask>
<sequenceFlow id="f3" sourceRef="ask" targetRef="end" /><endEvent id="end" />
</process></definitions>"""
VOCABULARY = {
    "facts": """
        facts:
          known_on: {type: date, title: {zh: 知道之日, en: Known on}, set_by: [form]}
          unasked_on: {type: date, title: {zh: 无人问之日, en: Never asked}, set_by: [form]}
          told_on: {type: date, title: {zh: 告知之日, en: Told on}, set_by: [message]}
          inner: {type: boolean, title: {zh: 内部, en: Inner}, set_by: [form]}
    """,
    "roles": "roles: {clerk: {title: {zh: 经办, en: Clerk}, level: township}}",
    "milestones": """
        milestones:
          opened: {title: {zh: 登记, en: Opened}}
          known: {title: {zh: 知道, en: Known}, known_by: known_on}
          unasked: {title: {zh: 无人问, en: Unasked}, known_by: unasked_on}
          told: {title: {zh: 告知, en: Told}}
          synced: {title: {zh: 同步, en: Synced}}
          over: {title: {zh: 届满, en: Over}}
          by_hand: {title: {zh: 手工, en: By hand}}
    """,
    "messages": """
        messages:
          paper.told: {title: {zh: 告知, en: Told}, from: [court], carries: [told_on], reaches: told, date: told_on}
          system.synced: {title: {zh: 同步, en: Synced}, from: [system], reaches: synced}
    """,
}


def edition(folder: Path, **deadlines: str) -> list[Starts]:
    """What starts deadlines that are given as the fields by which they differ."""
    (folder / "models").mkdir()
    (folder / "models" / "claim.bpmn").write_text(MODEL, "utf-8")
    (folder / "rules" / "nation").mkdir(parents=True)
    for name, text in VOCABULARY.items():
        (folder / "rules" / f"{name}.yaml").write_text(dedent(text), "utf-8")
    common = (
        "title: {zh: 期限, en: Period}, length: 15 d, on_expiry: not_stated, from: 2020-01-01, owner: x, "
        "confidence: policy, because: {policy: {zh: 无, en: none}}"
    )
    rules = "".join(f"  {name}: {{{fields}, {common}}}\n" for name, fields in deadlines.items())
    (folder / "rules" / "nation" / "deadlines.yaml").write_text(f"deadlines:\n{rules}", "utf-8")
    loaded = load_edition(folder / "models", folder / "rules")
    starts = list(find_starts(loaded.rulebook, loaded.processes))
    assert [finding.element for finding in unstarted(starts, loaded.rulebook)] == [
        one.rule.id for one in starts if one.nothing
    ]
    return starts


@pytest.mark.parametrize(
    ("fields", "by", "given"),
    [
        ("kind: right, anchor: opened", StartedBy.MODEL, ()),
        ("kind: right, anchor: opened, date: known_on", StartedBy.MODEL, ("claim.ask",)),
        ("kind: right, anchor: known", StartedBy.FACT, ("claim.ask",)),
        ("kind: right, anchor: told", StartedBy.MESSAGE, ("court",)),
        ("kind: duty, holder: clerk, anchor: synced", StartedBy.MESSAGE, ("system",)),
    ],
)
def test_what_starts_a_deadline(tmp_path: Path, fields: str, by: StartedBy, given: tuple[str, ...]) -> None:
    [one] = edition(tmp_path, period=fields)
    [starter] = one.starters
    assert (starter.by, starter.given, one.nothing) == (by, given, False)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param("kind: right, anchor: by_hand", id="that only a host could record"),
        pytest.param("kind: right, anchor: unasked", id="known by a fact that no form asks"),
        pytest.param("kind: right, anchor: synced", id="a right that only another system starts"),
        pytest.param("kind: right, anchor: over", id="the end of a deadline that does not start"),
        pytest.param("kind: right, anchor: over, expiry_milestone: over", id="its own end"),
        pytest.param("kind: right, anchor: opened, when: {inner: true}", id="a condition that nobody gives"),
    ],
)
def test_what_nothing_starts(tmp_path: Path, fields: str) -> None:
    [one] = edition(tmp_path, period=fields)
    assert one.nothing


def test_the_end_of_a_deadline_that_starts_starts_others(tmp_path: Path) -> None:
    after, before = edition(
        tmp_path,
        after="kind: right, anchor: over",
        before="kind: duty, holder: clerk, anchor: opened, expiry_milestone: over",
    )
    assert [(one.by, one.name) for one in after.starters] == [(StartedBy.EXPIRY, "before")]
    assert not before.nothing


def test_every_active_deadline_of_the_bundled_edition_starts() -> None:
    loaded = load_edition()
    starts = find_starts(loaded.rulebook, loaded.processes)
    assert [one.rule.id for one in starts if one.nothing] == []
    assert len(starts) > 300
    rights = [one for one in starts if one.side is Side.RIGHT and not one.nothing]
    assert all(one.starters for one in rights)


def test_check_refuses_an_edition_with_a_deadline_that_nothing_starts(tmp_path: Path) -> None:
    edition(tmp_path, period="kind: right, anchor: by_hand")
    [finding] = check([tmp_path / "models", tmp_path / "rules"]).findings
    assert (finding.code, finding.element, finding.severity) == ("nothing-starts", "period", Severity.ERROR)
    # One model alone starts little, and says nothing of the rest.
    assert not check([tmp_path / "models" / "claim.bpmn", tmp_path / "rules"]).findings
