"""What the check says of an element that extends, suspends, resumes or interrupts a deadline."""

from __future__ import annotations

import pytest

from jiefen.findings import errors_in
from jiefen.process import Names, Source, check
from tests.unit.process.drawing import flows, text

NAMES = Names(
    facts={"approved", "days", "reason", "heard_on"},
    types={"approved": "boolean", "days": "integer", "reason": "text", "heard_on": "date"},
    deadlines={"handle", "recheck", "limitation"},
    roles={"head"},
    milestones={"accepted"},
    acts={
        "handle": {"extend": ()},
        "recheck": {"suspend": {"hearing"}},
        "limitation": {"interrupt": {"demand"}},
    },
)


def properties(said: str) -> str:
    pairs = (pair.split("=") for pair in said.split(";"))
    listed = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in pairs)
    return f"<extensionElements><camunda:properties>{listed}</camunda:properties></extensionElements>"


TASK = f'<userTask id="t" camunda:candidateGroups="head">{properties("asks=approved")}</userTask>'
WAIT = (
    '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>"
)


def codes(said: str, before: str = TASK) -> list[str]:
    event = f'<intermediateThrowEvent id="x">{properties(said)}</intermediateThrowEvent>'
    drawn = f'<startEvent id="s"/>{before}{event}<endEvent id="e"/>'
    source = Source("m.bpmn", text(drawn + flows("s>t", "t>x", "x>e")))
    return [one.code for one in errors_in(check([source], NAMES))]


@pytest.mark.parametrize(
    "said",
    [
        "act=extend;deadline=handle;ground=reason",
        "act=extend;deadline=handle;length=10 d",
        "act=extend;deadline=handle;length=days;consent=reason",
        "act=suspend;deadline=recheck;ground=hearing;date=heard_on",
        "act=resume;deadline=recheck",
        "act=interrupt;deadline=limitation;ground=demand;date=heard_on;milestone=accepted",
    ],
)
def test_what_an_article_allows_is_clean(said: str) -> None:
    assert codes(said) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("act=prolong;deadline=handle", "unknown-act"),
        ("act=extend", "incomplete-act"),
        ("act=suspend;deadline=recheck", "incomplete-act"),
        ("act=extend;deadline=handel", "unknown-deadline"),
        ("act=extend;deadline=recheck", "not-provided"),
        ("act=resume;deadline=handle", "not-provided"),
        ("act=suspend;deadline=recheck;ground=demand", "unknown-ground"),
        ("act=extend;deadline=handle;length=reason", "wrong-type"),
        ("act=extend;deadline=handle;ground=days", "wrong-type"),
        ("act=extend;deadline=handle;ground=reasons", "unknown-fact"),
        ("act=resume;deadline=recheck;date=days", "wrong-type"),
        ("act=resume;deadline=recheck;ground=hearing", "unused-property"),
    ],
)
def test_what_it_does_not_allow_is_refused(said: str, code: str) -> None:
    assert codes(said) == [code]


def test_an_extension_needs_somebody_who_approves_it() -> None:
    assert codes("act=extend;deadline=handle", WAIT) == ["nobody-approves"]
    assert codes("act=resume;deadline=recheck", WAIT) == []


def test_only_events_act() -> None:
    said = properties("asks=approved;act=resume;deadline=recheck")
    task = f'<userTask id="t" camunda:candidateGroups="head">{said}</userTask>'
    drawn = f'<startEvent id="s"/>{task}<endEvent id="e"/>'
    source = Source("m.bpmn", text(drawn + flows("s>t", "t>e")))
    assert [one.code for one in errors_in(check([source], NAMES))] == ["act-elsewhere"]
