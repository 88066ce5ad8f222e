"""Who may do a task must be known when it comes; and what comes again and again comes at most once a minute."""

from __future__ import annotations

import pytest

from jiefen.findings import Severity
from tests.unit.process.checking import END, START, found
from tests.unit.process.drawing import flows

WHO = '<userTask id="x" camunda:candidateGroups="{}"/>'
ASKS = (
    '<userTask id="y" camunda:candidateGroups="clerk"><extensionElements><camunda:properties>'
    '<camunda:property name="asks" value="agreed, persons"/></camunda:properties></extensionElements></userTask>'
)


INSIDE = (
    '<subProcess id="y"><startEvent id="s2"/>'
    + ASKS.replace('id="y"', 'id="z"')
    + '<endEvent id="e2"/>'
    + flows("s2>z", "z>e2")
    + "</subProcess>"
)


def warned(*bodies: str) -> list[str]:
    return [finding.element or "" for finding in found(*bodies) if finding.code == "role-may-be-unset"]


def guarded(condition: str) -> str:
    return (
        START
        + '<exclusiveGateway id="g" default="g2"/>'
        + WHO.format("${persons}")
        + END
        + flows("s>g", "x>e")
        + f'<sequenceFlow id="g1" sourceRef="g" targetRef="x"><conditionExpression>{condition}</conditionExpression>'
        + '</sequenceFlow><sequenceFlow id="g2" sourceRef="g" targetRef="e"/>'
    )


def before(element: str) -> str:
    return START + element + WHO.format("${persons}") + END + flows("s>y", "y>x", "x>e")


@pytest.mark.parametrize(
    "body",
    [
        START + WHO.format("${persons}") + END + flows("s>x", "x>e"),
        START + WHO.format("${persons},${agreed}") + END + flows("s>x", "x>e"),
        START + '<userTask id="x" camunda:assignee="${persons}"/>' + END + flows("s>x", "x>e"),
        before('<userTask id="y" camunda:candidateGroups="clerk"/>'),
        before('<scriptTask id="y"><script>agreed = true</script></scriptTask>'),
        guarded("agreed == true"),
        # Two ways lead there, and one of them sets nothing.
        START
        + '<exclusiveGateway id="g" default="g2"/>'
        + ASKS
        + WHO.format("${persons}")
        + END
        + flows("s>g", "y>x", "x>e")
        + '<sequenceFlow id="g1" sourceRef="g" targetRef="y"><conditionExpression>agreed</conditionExpression>'
        + '</sequenceFlow><sequenceFlow id="g2" sourceRef="g" targetRef="x"/>',
    ],
)
def test_a_role_that_may_be_unset_is_told(body: str) -> None:
    assert warned(body) == ["x"]


@pytest.mark.parametrize(
    "body",
    [
        START + WHO.format("clerk") + END + flows("s>x", "x>e"),
        START + WHO.format("clerk,${persons}") + END + flows("s>x", "x>e"),
        START + WHO.format('${&quot;clerk&quot;}') + END + flows("s>x", "x>e"),
        before(ASKS),
        before('<scriptTask id="y"><script>persons = 3</script></scriptTask>'),
        before('<businessRuleTask id="y" camunda:decisionRef="channel"/>'),
        before(INSIDE),
        guarded("persons != null"),
        START
        + '<userTask id="x" camunda:candidateGroups="${seat}"><multiInstanceLoopCharacteristics '
        + 'camunda:collection="tags" camunda:elementVariable="seat"/></userTask>'
        + END
        + flows("s>x", "x>e"),
    ],
)  # fmt: skip
def test_a_role_that_is_known_is_not_complained_of(body: str) -> None:
    assert warned(body) == []


@pytest.mark.parametrize(
    ("cycle", "told"),
    [
        ("R/PT1S", True),
        ("R3/PT59S", True),
        ("R/PT60S", False),
        ("R/PT1M", False),
        ("R/P1M", False),
        ("R2/P1D", False),
    ],
)
def test_a_cycle_shorter_than_a_minute_is_told(cycle: str, told: bool) -> None:
    findings = [
        one for one in found(pressing(f"<timeCycle>{cycle}</timeCycle>")) if one.code == "cycle-too-short"
    ]
    assert [finding.element for finding in findings] == (["b"] if told else [])
    assert all(finding.severity is Severity.WARNING and "R/PT1M" in finding.hint for finding in findings)


def pressing(time: str, least: str = "") -> str:
    """A task beside which a timer comes."""
    said = f'<camunda:property name="least_cycle" value="{least}"/>'
    said = (
        f"<extensionElements><camunda:properties>{said}</camunda:properties></extensionElements>"
        if least
        else ""
    )
    return (
        START
        + WHO.format("clerk")
        + END
        + f'<boundaryEvent id="b" attachedToRef="x" cancelActivity="false">{said}<timerEventDefinition>{time}'
        + '</timerEventDefinition></boundaryEvent><endEvent id="e2"/>'
        + flows("s>x", "x>e", "b>e2")
    )


@pytest.mark.parametrize(
    ("time", "least", "told"),
    [
        ("<timeCycle>R/PT10S</timeCycle>", "PT10S", []),
        ("<timeCycle>R/PT1H</timeCycle>", "PT10S", []),
        ("<timeCycle>R/PT5S</timeCycle>", "PT10S", ["cycle-too-short"]),
        ("<timeCycle>R/PT10S</timeCycle>", "PT1M", ["bad-expression", "cycle-too-short"]),
        ("<timeCycle>R/PT10S</timeCycle>", "P1M", ["bad-expression", "cycle-too-short"]),
        ("<timeCycle>R/PT10S</timeCycle>", "soon", ["bad-expression", "cycle-too-short"]),
        ("<timeDuration>PT10S</timeDuration>", "PT10S", ["wrong-property"]),
    ],
)
def test_an_event_may_let_its_cycle_come_more_often(time: str, least: str, told: list[str]) -> None:
    assert sorted(finding.code for finding in found(pressing(time, least)) if finding.element == "b") == told


@pytest.mark.parametrize(
    ("begun", "by_task", "told"), [("main", "", []), (" ", "", ["s"]), ("", "main", ["x"]), ("", "", [])]
)
def test_what_begins_a_process_stands_on_its_start_event(begun: str, by_task: str, told: list[str]) -> None:
    def said(value: str) -> str:
        one = f'<camunda:property name="begun_by" value="{value}"/>'
        return f"<extensionElements><camunda:properties>{one}</camunda:properties></extensionElements>"

    start = f'<startEvent id="s">{said(begun) if begun else ""}</startEvent>'
    task = f'<userTask id="x" camunda:candidateGroups="clerk">{said(by_task) if by_task else ""}</userTask>'
    findings = found(start + task + END + flows("s>x", "x>e"))
    assert [one.element for one in findings if one.code == "wrong-property"] == told
