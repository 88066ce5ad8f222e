"""What a designer is told: each construct that is refused, each misspelt name, whatever the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.errors import ProcessError
from jiefen.findings import Finding, Severity, errors_in
from jiefen.process import Names, Processes, Source, check
from tests.unit.process.drawing import HEAD, flows, script, text, user

NAMES = Names(
    facts={"amount", "agreed", "persons", "served_on", "tags"},
    tables={"channel", "next_stage"},
    deadlines={"petition.handle"},
    roles={"clerk", "village_mediator"},
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
MESSAGE = (
    '<message id="m" name="party.stops"/><error id="err" errorCode="REFUSED"/><signal id="sig" name="calm"/>'
)
MESSAGE += '<escalation id="esc" escalationCode="GRAVE"/><message id="nameless"/><error id="codeless"/>'


def found(*bodies: str, names: Names = NAMES) -> list[Finding]:
    """The findings about processes."""
    return check([Source("m.bpmn", text(*bodies, head=MESSAGE))], names)


def codes(*bodies: str) -> list[str]:
    """The codes of the errors among them."""
    return [finding.code for finding in errors_in(found(*bodies))]


def around(element: str, id: str = "x", more: str = "") -> str:
    """A process of one element."""
    return START + element + END + more + flows(f"s>{id}", f"{id}>e")


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
        ('<exclusiveGateway id="x" default="gone"/>', "default-flow", "choose it anew"),
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


def test_an_error_is_caught_by_every_caller_or_refused() -> None:
    thrower = (
        '<startEvent id="s2"/><endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>'
        + flows("s2>x")
    )
    catch = '<boundaryEvent id="b" attachedToRef="c"><errorEventDefinition errorRef="err"/></boundaryEvent>'
    caller = START + '<callActivity id="c" calledElement="p2"/>' + END
    assert codes(caller + catch + flows("s>c", "c>e", "b>e"), thrower) == []
    assert codes(caller + flows("s>c", "c>e"), thrower) == ["uncaught"]
    other = '<startEvent id="s3"/><callActivity id="c3" calledElement="p2"/><endEvent id="e3"/>' + flows(
        "s3>c3", "c3>e3"
    )
    assert codes(caller + catch + flows("s>c", "c>e", "b>e"), thrower, other) == ["uncaught"]


def test_recursion_through_others_is_found() -> None:
    first = START + '<callActivity id="c" calledElement="p2"/>' + END + flows("s>c", "c>e")
    second = '<startEvent id="s2"/><callActivity id="c2" calledElement="p"/><endEvent id="e2"/>' + flows(
        "s2>c2", "c2>e2"
    )
    assert codes(first, second) == ["recursion", "recursion"]


def test_locals_are_names_only_where_they_are_visible() -> None:
    task = '<userTask id="x" camunda:candidateGroups="${seat}"><multiInstanceLoopCharacteristics '
    task += 'camunda:collection="tags" camunda:elementVariable="seat"/></userTask>'
    assert codes(around(task)) == []
    assert codes(around(task.replace('"tags"', '"seat"'))) == ["unknown-name"]
    after = START + task + '<userTask id="y" camunda:candidateGroups="${seat}"/>' + END
    assert codes(after + flows("s>x", "x>y", "y>e")) == ["unknown-name"]


def test_a_called_process_may_read_what_every_caller_passes() -> None:
    called = '<startEvent id="s2"/><userTask id="t" camunda:assignee="${who}"/><endEvent id="e2"/>' + flows(
        "s2>t", "t>e2"
    )
    passing = (
        '<callActivity id="x" calledElement="p2"><extensionElements><camunda:in sourceExpression="${1}" '
    )
    passing += 'target="who"/></extensionElements></callActivity>'
    assert codes(around(passing), called) == []
    more = '<startEvent id="s3"/><callActivity id="y" calledElement="p2"/><endEvent id="e3"/>' + flows(
        "s3>y", "y>e3"
    )
    assert codes(around(passing), called, more) == ["unknown-name"]


def test_two_processes_with_one_id() -> None:
    one = Source("one.bpmn", text(START + END + flows("s>e")))
    findings = check([one, Source("two.bpmn", one.text)])
    assert [(finding.file, finding.code) for finding in findings] == [("two.bpmn", "duplicate-process")]


def test_a_process_that_is_not_executable_is_named() -> None:
    source = Source(
        "m.bpmn", text(START + END + flows("s>e")).replace(b'isExecutable="true"', b'isExecutable="false"')
    )
    assert [finding.code for finding in check([source])] == ["no-process", "not-executable"]
    assert check([source])[1].severity is Severity.WARNING


def test_load_raises_with_every_finding() -> None:
    with pytest.raises(ProcessError, match=r"m\.bpmn:4: error: .*nobody may do this task") as raised:
        Processes.load([Source("m.bpmn", text(around('<userTask id="x"/>')))])
    assert [finding.code for finding in raised.value.findings] == ["no-role"]


FOREIGN = [
    (
        "zeebe",
        "http://camunda.org/schema/zeebe/1.0",
        '<serviceTask id="x"><extensionElements><z:taskDefinition type="a"/>'
        "</extensionElements></serviceTask>",
    ),
    ("flowable", "http://flowable.org/bpmn", '<serviceTask id="x" z:class="a.B"/>'),
    ("activiti", "http://activiti.org/bpmn", '<userTask id="x" z:candidateGroups="clerk"/>'),
    ("drools", "http://www.jboss.org/drools", '<userTask id="x" z:packageName="a"/>'),
]


@pytest.mark.parametrize(("engine", "namespace", "element"), FOREIGN, ids=[row[0] for row in FOREIGN])
def test_models_of_other_engines_are_answered(engine: str, namespace: str, element: str) -> None:
    source = text(around(element)).replace(b"xmlns:xsi", f'xmlns:z="{namespace}" xmlns:xsi'.encode(), 1)
    findings = [finding for finding in check([Source("m.bpmn", source)]) if finding.code == "other-engine"]
    assert len(findings) == 1
    assert f"{engine}:" in findings[0].message
    assert "Camunda 7" in findings[0].hint


def test_a_drawing_of_the_standard_is_answered_without_noise_about_its_decoration() -> None:
    body = (
        '<laneSet id="ls"><lane id="l"><flowNodeRef>x</flowNodeRef></lane></laneSet><dataObject id="d"/>'
        '<dataObjectReference id="dr" dataObjectRef="d"/><textAnnotation id="ta"><text>why</text></textAnnotation>'
        '<association id="as" sourceRef="x" targetRef="ta"/><group id="gr"/>'
    )
    assert found(body + around('<task id="x"/>')) == []


def test_ids_listeners_and_languages_are_checked_on_flows_too() -> None:
    assert codes(START + '<task id="a*"/>' + END + flows("s>e")) == ["bad-id"]
    assert codes(START + '<task id="1a"/>' + END + flows("s>e")) == ["bad-id"]
    listener = '<extensionElements><camunda:executionListener event="take" class="a.B"/></extensionElements>'
    flow = f'<sequenceFlow id="f" sourceRef="s" targetRef="e">{listener}</sequenceFlow>'
    assert codes(START + END + flow) == ["not-run"]
    assert codes(listener + START + END + flows("s>e")) == ["not-run"]
    body = (
        START
        + '<exclusiveGateway id="g" default="g_b"/>'
        + user("a", "b")
        + flows("s>g", "g>a|agreed", "g>b")
    )
    groovy = body.replace("<conditionExpression>", '<conditionExpression language="groovy">')
    assert "condition-language" in codes(groovy)


def nested(levels: int) -> str:
    """Subprocesses, one inside the other."""
    body = ""
    for level in range(levels):
        inside = f'<startEvent id="s{level}"/><endEvent id="e{level}"/>{body}'
        last = f"n{level - 1}" if level else f"e{level}"
        more = flows(f"s{level}>{last}") + (flows(f"{last}>e{level}") if level else "")
        body = f'<subProcess id="n{level}">{inside}{more}</subProcess>'
    return START + body + END + flows(f"s>n{levels - 1}", f"n{levels - 1}>e")


def chain(count: int) -> list[str]:
    """Processes that call one another in a row."""
    bodies = []
    for number in range(1, count + 1):
        task = (
            f'<callActivity id="c{number}" calledElement="p{number + 1}"/>'
            if number < count
            else user(f"c{number}")
        )
        ends = f'<startEvent id="s{number}"/>{task}<endEvent id="e{number}"/>'
        bodies.append(ends + flows(f"s{number}>c{number}", f"c{number}>e{number}"))
    return bodies


def test_depth_is_bounded() -> None:
    assert codes(nested(15)) == []
    assert "too-deep" in codes(nested(30))
    assert codes(nested(200)) == ["broken-xml"] or "too-deep" in codes(nested(200))
    assert codes(*chain(15)) == []
    assert "too-deep" in codes(*chain(40))
    assert "too-deep" in codes(*chain(1_500))


def test_wide_models_are_checked_in_reasonable_time() -> None:
    """Without bounds the splits alone have two to the thirtieth ways."""
    tasks = [f"t{number}" for number in range(30)]
    body = START + '<inclusiveGateway id="g" default="g_t0"/><inclusiveGateway id="j"/>' + user(*tasks) + END
    arrows = [f"g>{task}|agreed" for task in tasks[1:]] + [f"{task}>j" for task in tasks]
    assert codes(body + flows("s>g", "g>t0", "j>e", *arrows)) == []


TAGS = [
    "task",
    "userTask",
    "subProcess",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
]
TAGS += [
    "startEvent",
    "endEvent",
    "boundaryEvent",
    "intermediateCatchEvent",
    "callActivity",
    "sequenceFlow",
    "scriptTask",
]
TAGS += [
    "multiInstanceLoopCharacteristics",
    "timerEventDefinition",
    "timeCycle",
    "linkEventDefinition",
    "script",
]
TAGS += [
    "messageEventDefinition",
    "errorEventDefinition",
    "extensionElements",
    "camunda:properties",
    "camunda:in",
]
TAGS += [
    "camunda:inputOutput",
    "camunda:inputParameter",
    "process",
    "conditionExpression",
    "standardLoopCharacteristics",
]
ATTRIBUTES = [
    "id",
    "name",
    "sourceRef",
    "targetRef",
    "attachedToRef",
    "default",
    "calledElement",
    "triggeredByEvent",
]
ATTRIBUTES += [
    "messageRef",
    "cancelActivity",
    "camunda:collection",
    "camunda:candidateGroups",
    "loopMaximum",
    "target",
]
VALUES = ["", "a", "b", "c", "true", "${x}", "${", "a b", "P1D", "9" * 30, "[1]", "m"]


@given(
    st.recursive(
        st.just(""),
        lambda inner: st.builds(
            lambda tag, attributes, children, content: (
                f"<{tag} {' '.join(f'{key}={chr(34)}{value}{chr(34)}' for key, value in attributes.items())}>"
                f"{''.join(children)}{content}</{tag}>"
            ),
            st.sampled_from(TAGS),
            st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(VALUES), max_size=4),
            st.lists(inner, max_size=5),
            st.sampled_from(VALUES),
        ),
        max_leaves=12,
    )
)
def test_any_tree_of_elements_is_answered(inside: str) -> None:
    for source in (text(inside), (HEAD + inside + "</bpmn:definitions>").encode()):
        for finding in check([Source("m.bpmn", source)], NAMES):
            assert finding.message
            assert finding.hint


@given(st.data())
def test_a_model_with_pieces_cut_out_is_answered(data: st.DataObject) -> None:
    whole = text(
        START
        + user("a", "b")
        + '<exclusiveGateway id="g" default="g_e"/>'
        + END
        + flows("s>a", "a>g", "g>b|agreed", "g>e")
    )
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 60)))
    extra = data.draw(st.binary(max_size=4))
    for finding in check([Source("m.bpmn", whole[:start] + extra + whole[end:])], NAMES):
        assert finding.hint


PROPERTIES = "<extensionElements><camunda:properties>{}</camunda:properties></extensionElements>"
KNOWING = Names(
    facts=NAMES.facts,
    milestones={"accepted", "answered"},
    values={"stage": ["visit", "mediation"], "outcome": ["agreed"]},
)


@pytest.mark.parametrize(
    ("element", "code", "said"),
    [
        ('<intermediateThrowEvent id="acepted"/>', "unknown-milestone", "accepted"),
        (
            '<intermediateThrowEvent id="x">milestone=anwsered</intermediateThrowEvent>',
            "unknown-milestone",
            "answered",
        ),
        (
            '<userTask id="x" camunda:candidateGroups="clerk">stage=visits</userTask>',
            "unknown-value",
            "visit",
        ),
        ('<userTask id="x" camunda:candidateGroups="clerk">asks=agred</userTask>', "unknown-fact", "agreed"),
        (
            '<userTask id="x" camunda:candidateGroups="clerk">outcomes=agred</userTask>',
            "unknown-value",
            "agreed",
        ),
    ],
)
def test_what_properties_name_must_be_there(element: str, code: str, said: str) -> None:
    head, _, rest = element.partition(">")
    if rest:
        name, _, value = rest.partition("</")[0].partition("=")
        given = PROPERTIES.format(f'<camunda:property name="{name}" value="{value}"/>')
        element = f"{head}>{given}</{rest.partition('</')[2]}"
    id = "acepted" if "acepted" in element else "x"
    [finding] = errors_in(found(around(element, id), names=KNOWING))
    assert finding.code == code
    assert said in finding.hint


def test_what_properties_name_rightly_is_not_complained_of() -> None:
    element = '<intermediateThrowEvent id="accepted"/>'
    assert errors_in(found(around(element, "accepted"), names=KNOWING)) == []
