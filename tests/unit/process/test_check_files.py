"""Any file is answered with findings, never with an exception: other engines, deep and wide models, nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.process import Source, check
from tests.unit.process.checking import END, NAMES, START, around, codes, found
from tests.unit.process.drawing import HEAD, flows, text, user

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
