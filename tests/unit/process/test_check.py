"""What a designer is told: each construct that is refused, each misspelt name, whatever the file."""

from __future__ import annotations

import pytest

from jiefen.findings import errors_in
from tests.unit.process.checking import END, START, around, codes, found
from tests.unit.process.drawing import flows, script, user


def test_a_good_model_gives_nothing() -> None:
    body = START + user("a") + '<exclusiveGateway id="g" default="g_e"/>' + END + '<endEvent id="f"/>'
    assert found(body + flows("s>a", "a>g", "g>f|amount > 3", "g>e")) == []


@pytest.mark.parametrize(
    ("element", "code", "said"),
    [
        ('<adHocSubProcess id="x"><task id="y"/></adHocSubProcess>', "unsupported", "parallel split"),
        ('<transaction id="x"><startEvent id="y"/></transaction>', "unsupported", "error boundary event"),
        ('<complexGateway id="x"/>', "unsupported", "completion condition"),
        ('<choreographyTask id="x"/>', "unsupported", "process"),
        ('<task id="x" completionQuantity="2"/>', "unsupported", "multi-instance"),
        ('<task id="x" startQuantity="0"/>', "unsupported", "multi-instance"),
        ('<task id="x" isForCompensation="true"/>', "unsupported", "undoes"),
        ('<receiveTask id="x" messageRef="m" instantiate="true"/>', "unsupported", "none start event"),
        (
            '<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>',
            "unsupported",
            "may be",
        ),
        ('<intermediateCatchEvent id="x"/>', "unsupported", "may be: message"),
        (
            '<intermediateCatchEvent id="x"><messageEventDefinition messageRef="m"/><timerEventDefinition/>'
            "</intermediateCatchEvent>",
            "unsupported",
            "one event for each",
        ),
        ('<userTask id="x"/>', "no-role", "candidateGroups"),
        ('<serviceTask id="x"/>', "no-topic", "camunda:topic"),
        ('<serviceTask id="x" camunda:type="external"/>', "no-topic", "camunda:topic"),
        ('<sendTask id="x" camunda:topic="a"/>', "no-topic", "camunda:type"),
        ('<businessRuleTask id="x"/>', "no-decision", "decisionRef"),
        (
            '<businessRuleTask id="x" camunda:decisionRef="chanel"/>',
            "unknown-table",
            "did you mean 'channel'?",
        ),
        ('<scriptTask id="x"/>', "no-script", "fact = expression"),
        (script("x", "amout = 3"), "unknown-name", "rules/facts.yaml"),
        (script("x", "amount = 3 +"), "bad-expression", "the language"),
        (
            '<scriptTask id="x" scriptFormat="groovy"><script>agreed = true</script></scriptTask>',
            "script-language",
            'scriptFormat="jiefen"',
        ),
        ('<receiveTask id="x"/>', "no-name", "message with a name"),
        ('<receiveTask id="x" messageRef="nameless"/>', "no-name", "message with a name"),
        ('<receiveTask id="x" messageRef="gone"/>', "no-name", "message with a name"),
        ('<callActivity id="x"/>', "no-process", "calledElement"),
        ('<callActivity id="x" calledElement="${which}"/>', "no-process", "calledElement"),
        ('<callActivity id="x" calledElement="p"/>', "recursion", "loop"),
        ('<callActivity id="x" calledElement="q"/>', "no-process", "did you mean 'p'?|add its file"),
        ('<userTask id="x" camunda:candidateGroups="clark"/>', "unknown-role", "did you mean 'clerk'?"),
        ('<userTask id="x" camunda:candidateGroups="${agred}"/>', "unknown-name", "facts.yaml"),
        ('<userTask id="x" camunda:candidateGroups="to ${agreed}"/>', "bad-expression", "one expression"),
        ('<userTask id="x" camunda:assignee="a" camunda:dueDate="soon"/>', "unknown-name", "facts.yaml"),
        (
            '<userTask id="x" camunda:assignee="a" camunda:dueDate=\'${deadline("petition.handel")}\'/>',
            "unknown-deadline",
            "did you mean 'petition.handle'?",
        ),
        (
            '<userTask id="x" camunda:assignee="a" camunda:candidateUsers="b"/>',
            "not-run",
            "people hold roles",
        ),
        ('<serviceTask id="x" camunda:class="a.B"/>', "not-run", "external task"),
        (
            '<userTask id="x" camunda:assignee="a"><extensionElements><camunda:taskListener event="create"/>'
            "</extensionElements></userTask>",
            "not-run",
            "draw what should happen",
        ),
        (
            '<userTask id="x" camunda:assignee="a"><multiInstanceLoopCharacteristics/></userTask>',
            "loop",
            "camunda:collection",
        ),
        (
            '<userTask id="x" camunda:assignee="a"><multiInstanceLoopCharacteristics behavior="One">'
            "<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>",
            "unsupported",
            "behind the multi-instance",
        ),
        (
            '<userTask id="x" camunda:assignee="a"><multiInstanceLoopCharacteristics><loopCardinality>3'
            "</loopCardinality><loopDataOutputRef>all</loopDataOutputRef></multiInstanceLoopCharacteristics></userTask>",
            "unsupported",
            "output parameters",
        ),
        ('<task id="x"><standardLoopCharacteristics/></task>', "loop", "loopMaximum"),
        ('<exclusiveGateway id="x" default="gone"/>', "default-flow", "choose another one"),
        (
            '<intermediateThrowEvent id="x"><linkEventDefinition name="l"/></intermediateThrowEvent>',
            "link",
            "same name",
        ),
        (
            '<intermediateThrowEvent id="x"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>',
            "no-topic",
            "camunda:topic",
        ),
        (
            '<intermediateThrowEvent id="x"><escalationEventDefinition/></intermediateThrowEvent>',
            "no-code",
            "escalation with a code",
        ),
        (
            '<intermediateCatchEvent id="x"><signalEventDefinition signalRef="sig"/></intermediateCatchEvent>',
            "signal",
            "use a message",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>30 days</timeDuration>'
            "</timerEventDefinition></intermediateCatchEvent>",
            "bad-expression",
            "the language",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R3/P1D</timeCycle></timerEventDefinition>'
            "</intermediateCatchEvent>",
            "timer-cycle",
            "timeDuration",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition/></intermediateCatchEvent>',
            "no-timer",
            "P30D",
        ),
        (
            '<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>days_since(served_on) > 3'
            "</condition></conditionalEventDefinition></intermediateCatchEvent>",
            "bad-expression",
            "the language",
        ),
        ('<subProcess id="x"/>', "start-event", "exactly one"),
        (
            '<serviceTask id="x" camunda:type="external" camunda:topic="t"><extensionElements><camunda:inputOutput>'
            '<camunda:outputParameter name="amuont">${sum}</camunda:outputParameter></camunda:inputOutput>'
            "</extensionElements></serviceTask>",
            "unknown-fact",
            "did you mean 'amount'?",
        ),
        (
            '<serviceTask id="x" camunda:type="external" camunda:topic="t"><extensionElements><camunda:inputOutput>'
            '<camunda:inputParameter name="a"><camunda:list/></camunda:inputParameter></camunda:inputOutput>'
            "</extensionElements></serviceTask>",
            "nested-parameter",
            "one expression",
        ),
        (
            '<intermediateThrowEvent id="x"><eventDefinitionRef>d</eventDefinitionRef></intermediateThrowEvent>',
            "event-definition-ref",
            "into the event itself",
        ),
        ('<bogus id="x"/>', "unknown-element", "remove"),
    ],
)
def test_an_element_is_refused_with_a_way_out(element: str, code: str, said: str) -> None:
    errors = [finding for finding in errors_in(found(around(element))) if finding.code == code]
    assert errors, found(around(element))
    assert errors[0].element == "x" or code == "nested-parameter" or code == "event-definition-ref"
    assert errors[0].file == "m.bpmn"
    assert errors[0].line == 4
    assert any(part in errors[0].hint for part in said.split("|"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (END, "start-event"),
        (START + '<startEvent id="s2"/>' + END + flows("s>e", "s2>e"), "start-event"),
        (
            '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>' + END + flows("s>e"),
            "start-event",
        ),
        ('<startEvent id="s"><timerEventDefinition/></startEvent>' + END + flows("s>e"), "start-event"),
        (START + END + user("a") + flows("s>e", "a>e"), "unreachable"),
        (START + END + flows("s>e", "e>s"), "end-event"),
        (START + '<exclusiveGateway id="g"/>' + flows("s>g"), "dead-end"),
        (START + '<sequenceFlow id="f" sourceRef="s" targetRef="gone"/>', "dangling-flow"),
        (START + '<sequenceFlow id="f" sourceRef="s"/>', "dangling-flow"),
        (START + END + '<task id="e"/>' + flows("s>e"), "duplicate-id"),
        (START + "<task/>" + END + flows("s>e"), "no-id"),
        (
            START + '<exclusiveGateway id="g"/>' + user("a", "b") + flows("s>g", "g>a|agreed", "g>b"),
            "no-condition",
        ),
        (
            START
            + '<exclusiveGateway id="g" default="g_b"/>'
            + user("a", "b")
            + flows("s>g", "g>a|agreed", "g>b|agreed"),
            "default-flow",
        ),
        (
            START + '<parallelGateway id="g"/>' + user("a", "b") + flows("s>g", "g>a|agreed", "g>b"),
            "condition",
        ),
        (
            START + '<exclusiveGateway id="g"/>' + user("a", "b") + flows("s>g", "g>a|agred", "g>b|agreed"),
            "unknown-name",
        ),
        (
            START + '<eventBasedGateway id="g"/>' + user("a", "b") + flows("s>g", "g>a", "g>b"),
            "event-gateway",
        ),
        (
            around(
                user("x"),
                more='<boundaryEvent id="b" attachedToRef="gone"><timerEventDefinition/></boundaryEvent>',
            ),
            "boundary",
        ),
        (
            around(
                user("x"),
                more='<boundaryEvent id="b" attachedToRef="x" cancelActivity="false"><errorEventDefinition/>'
                "</boundaryEvent>",
            ),
            "unsupported",
        ),
        (
            START + '<endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>' + flows("s>x"),
            "uncaught",
        ),
        (
            around('<subProcess id="x" triggeredByEvent="true"><startEvent id="y"/></subProcess>'),
            "event-subprocess",
        ),
        (
            START
            + '<exclusiveGateway id="g" default="g_b"/><parallelGateway id="j"/>'
            + user("a", "b")
            + END
            + flows("s>g", "g>a|agreed", "g>b", "a>j", "b>j", "j>e"),
            "join-starves",
        ),
    ],
)
def test_a_drawing_is_refused(body: str, code: str) -> None:
    assert code in codes(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (START + user("a") + flows("s>a"), "dead-end"),
        (
            START
            + '<exclusiveGateway id="g"/>'
            + user("a", "b")
            + flows("s>g", "g>a|agreed", "g>b|not agreed"),
            "no-default",
        ),
        (around('<userTask id="x" camunda:assignee="a" camunda:followUpDate="${served_on}"/>'), "ignored"),
        (around('<userTask id="x" camunda:assignee="a" camunda:wrong="1"/>'), "ignored"),
        (
            around(
                '<task id="x"/>',
                more='<boundaryEvent id="b" attachedToRef="x"><messageEventDefinition messageRef="m"/>'
                "</boundaryEvent>",
            ),
            "never",
        ),
        (
            around(
                '<intermediateThrowEvent id="x"><escalationEventDefinition escalationRef="esc"/>'
                "</intermediateThrowEvent>"
            ),
            "uncaught",
        ),
        (
            START
            + '<parallelGateway id="g"/><exclusiveGateway id="x" default="x_b"/><parallelGateway id="j"/>'
            + user("a", "b", "o")
            + END
            + flows("s>g", "g>a", "g>x", "x>o|agreed", "x>b", "a>j", "b>j", "j>e", "o>e"),
            "join-may-starve",
        ),
        (
            START
            + '<exclusiveGateway id="m"/><parallelGateway id="g"/><parallelGateway id="j"/>'
            + user("a", "b")
            + END
            + flows("s>m", "m>g", "g>a", "g>b", "g>m", "a>j", "b>j", "j>e"),
            "",
        ),
    ],
)
def test_a_drawing_is_doubted_but_runs(body: str, code: str) -> None:
    findings = found(body)
    assert not errors_in(findings)
    assert not code or code in [finding.code for finding in findings]


def test_inclusive_joins_that_may_wait_for_each_other_are_refused() -> None:
    body = (
        START
        + '<parallelGateway id="g"/><inclusiveGateway id="j"/><inclusiveGateway id="k"/>'
        + user("a", "b")
        + END
    )
    body += '<exclusiveGateway id="x" default="x_e"/><exclusiveGateway id="y" default="y_e"/>'
    body += flows("s>g", "g>a", "g>b", "a>j", "b>k", "j>x", "k>y", "x>k|agreed", "y>j|agreed", "x>e", "y>e")
    assert codes(body).count("inclusive-circle") == 2


def test_inclusive_joins_beside_each_other_in_a_loop_are_fine() -> None:
    body = START + '<exclusiveGateway id="m"/><parallelGateway id="g"/><parallelGateway id="h"/>' + END
    body += user("a", "b", "c", "d") + '<exclusiveGateway id="x" default="x_e"/>'
    for name in "ij":
        body += f'<inclusiveGateway id="{name}1" default="{name}1_{"b" if name == "i" else "d"}"/>'
        body += f'<inclusiveGateway id="{name}2"/>'
    body += flows(
        "s>m", "m>g", "g>i1", "g>j1", "i1>a|agreed", "i1>b", "a>i2", "b>i2", "j1>c|agreed", "j1>d", "c>j2"
    )
    assert codes(body + flows("d>j2", "i2>h", "j2>h", "h>x", "x>m|agreed", "x>e")) == []
