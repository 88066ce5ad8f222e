"""The bundled models as files: what they say and how they are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from jiefen.process import check
from jiefen.rules import Side
from tests.support.walks import FOLDER, MODELS, names, rules, sources

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"


# --- what the models say -------------------------------------------------------------------------------------------


def roots() -> Iterator[tuple[str, etree._Element]]:
    for path in MODELS:
        yield path.stem, etree.parse(path).getroot()


def flow_nodes(root: etree._Element) -> Iterator[etree._Element]:
    for node in root.iter():
        if (
            isinstance(node.tag, str)
            and node.tag.startswith(BPMN)
            and node.find(f"{BPMN}documentation") is not None
        ):
            yield node


def properties(node: etree._Element) -> dict[str, str]:
    return {
        found.get("name", ""): found.get("value", "")
        for found in node.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property")
    }


def test_every_model_passes_every_check() -> None:
    assert [str(finding) for finding in check(sources(), names())] == []


def test_every_element_has_a_chinese_name_and_an_english_explanation() -> None:
    for model, root in roots():
        nodes = [
            node
            for node in root.iter()
            if isinstance(node.tag, str)
            and re.fullmatch(r".*(Event|Task|Gateway|Activity|subProcess|process)", node.tag)
            and node.tag.startswith(BPMN)
        ]
        assert nodes
        for node in nodes:
            where = f"{model}: {node.get('id')}"
            assert re.search(r"[一-鿿]", node.get("name", "")), where
            assert re.match(r"[A-Za-z0-9]", node.findtext(f"{BPMN}documentation", "")), where


def test_every_condition_is_labelled() -> None:
    for model, root in roots():
        for flow in root.iter(f"{BPMN}sequenceFlow"):
            if flow.find(f"{BPMN}conditionExpression") is not None:
                assert flow.get("name"), f"{model}: {flow.get('id')}"


def test_models_are_named_as_their_files_and_milestones_are_declared() -> None:
    for model, root in roots():
        assert [process.get("id") for process in root.iter(f"{BPMN}process")] == [model]
        for node in flow_nodes(root):
            said = properties(node)
            assert said.get("milestone", "registered") in rules().milestones, f"{model}: {node.get('id')}"
            assert said.get("date", "received_on") in rules().vocabulary.facts, f"{model}: {node.get('id')}"


def test_every_milestone_event_says_which_one_it_is() -> None:
    for model, root in roots():
        for node in root.iter(f"{BPMN}intermediateThrowEvent"):
            definitions = [child for child in node if str(child.tag).endswith("EventDefinition")]
            assert definitions or properties(node).keys() & {"milestone", "act"}, f"{model}: {node.get('id')}"


def test_every_task_says_what_it_asks() -> None:
    facts = rules().vocabulary.facts
    for model, root in roots():
        for node in root.iter(f"{BPMN}userTask"):
            where = f"{model}: {node.get('id')}"
            assert node.get(f"{CAMUNDA}formKey"), where
            said = properties(node)
            asked = [name for name in said.get("asks", "").split(",") if name]
            assert set(asked) <= set(facts), where
            for outcome in filter(None, said.get("outcomes", "").split(",")):
                rules().vocabulary.check("outcome", outcome)
            assert ("outcome" in asked) == ("outcomes" in said), where


#: What the models know by themselves, what tables and calls say, and the ledger that a matter came from.
KNOWN_WITHOUT_ASKING = {"source", "level", "mediation_attempts", "pending_elsewhere"}


def test_whatever_decides_a_right_or_the_way_can_be_said_on_a_form_or_by_a_message() -> None:
    """Otherwise the open questions of a case ask for what nobody can answer, and the right waits for ever."""
    book = rules()
    facts, view = book.vocabulary.facts, book.view(None)
    asked = {
        name.strip()
        for _, root in roots()
        for node in root.iter(f"{BPMN}userTask")
        for name in properties(node).get("asks", "").split(",")
    }
    told = {name for message in book.messages.values() for name in message.carries}
    tables = {
        node.get(f"{CAMUNDA}decisionRef", "")
        for _, root in roots()
        for node in root.iter(f"{BPMN}businessRuleTask")
    }
    decide = {name: f"table {table}" for table in tables for name in view.table(table).inputs}
    for rule in view.deadlines.values():
        for version in rule.versions:
            anchor = book.milestones.get(version.anchor)
            days = (version.date_fact, anchor.known_by if anchor is not None else None)
            if version.kind is Side.RIGHT:
                decide |= dict.fromkeys([*version.when, *filter(None, days)], rule.id)
    unsaid = {
        name: why
        for name, why in decide.items()
        if facts[name].said and name not in asked | told | KNOWN_WITHOUT_ASKING
    }
    assert unsaid == {}
    assert set(decide) >= KNOWN_WITHOUT_ASKING


def test_what_decides_a_right_of_a_villager_is_asked_on_the_visit() -> None:
    """Most of it is learned there; what only a court, a commission or the police knows comes by message."""
    book = rules()
    [visit] = [
        properties(node)["asks"].split(",")
        for _, root in roots()
        for node in root.iter(f"{BPMN}userTask")
        if node.get("id") == "visit_party"
    ]
    wanted = {
        name
        for rule in book.view(None).deadlines.values()
        for version in rule.versions
        if version.kind is Side.RIGHT and version.anchor == "registered"
        for name in (*version.when, *filter(None, [version.date_fact]))
    }
    missing = {name for name in wanted if "form" in book.vocabulary.facts[name].set_by} - set(visit)
    assert missing == set()


def test_people_are_asked_and_scripts_set_only_what_they_may() -> None:
    facts = rules().vocabulary.facts
    for model, root in roots():
        for node in root.iter(f"{BPMN}userTask"):
            for name in filter(None, properties(node).get("asks", "").split(",")):
                assert {"form", "intake"} & set(facts[name].set_by), f"{model}: {node.get('id')} asks {name}"
        for script in root.iter(f"{BPMN}script"):
            for target in re.findall(r"^\s*(\w+) =", script.text or "", re.MULTILINE):
                assert "engine" in facts[target].set_by, f"{model}: a script sets {target}"
        for node in root.iter(f"{BPMN}businessRuleTask"):
            table = node.get(f"{CAMUNDA}decisionRef", "")
            for output in rules().view(None).table(table).outputs:
                assert f"table:{table}" in facts[output].set_by, f"{model}: table {table} sets {output}"


def test_what_a_model_tells_and_hears_is_in_the_designers_page() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page))
    said: set[str] = set()
    for _, root in roots():
        said |= {message.get("name", "") for message in root.iter(f"{BPMN}message")}
        said |= {
            str(value)
            for node in root.iter()
            for name, value in node.attrib.items()
            if name == f"{CAMUNDA}topic"
        }
        said |= set(re.findall(r'deadline\("([^"]+)"\)', etree.tostring(root, encoding="unicode")))
    assert said - listed == set()
    forms = {
        node.get(f"{CAMUNDA}formKey", "") for _, root in roots() for node in root.iter(f"{BPMN}userTask")
    }
    by_itself = {topic.id for topic in rules().topics.values() if topic.upon}
    words = {word for word in listed if not word.endswith((".bpmn", ".yaml"))}
    assert words - said - forms == by_itself


# --- how they are drawn --------------------------------------------------------------------------------------------


def parent_of(node: etree._Element) -> str | None:
    above = node.getparent()
    return None if above is None else above.get("id")


Box = tuple[float, float, float, float]


def shapes(root: etree._Element) -> dict[str, Box]:
    found = {}
    for shape in root.iter(f"{DI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        assert bounds is not None
        x, y, width, height = (float(bounds.get(side, "nan")) for side in ("x", "y", "width", "height"))
        found[str(shape.get("bpmnElement"))] = (x, y, x + width, y + height)
    return found


def lines(root: etree._Element) -> dict[str, list[tuple[float, float]]]:
    return {
        str(edge.get("bpmnElement")): [
            (float(point.get("x", "nan")), float(point.get("y", "nan")))
            for point in edge.iter(f"{DD}waypoint")
        ]
        for edge in root.iter(f"{DI}BPMNEdge")
    }


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_element_is_drawn_once_and_apart(path: Path) -> None:
    root = etree.parse(path).getroot()
    boxes, nodes = (
        shapes(root),
        {node.get("id"): node for node in flow_nodes(root) if node.tag != f"{BPMN}process"},
    )
    assert set(nodes) == {id for id in boxes if id in nodes}
    flows = {flow.get("id") for flow in root.iter(f"{BPMN}sequenceFlow")}
    assert flows <= set(lines(root))
    parents = {id: parent_of(node) for id, node in nodes.items()}
    for one, a in boxes.items():
        for two, b in boxes.items():
            if one >= two or parents.get(one) != parents.get(two):
                continue
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            attached = (
                one in nodes
                and two in nodes
                and (nodes[one].get("attachedToRef") == two or nodes[two].get("attachedToRef") == one)
            )
            assert apart or attached, f"{one} lies over {two}"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_boundary_events_sit_on_the_border_and_children_inside(path: Path) -> None:
    root = etree.parse(path).getroot()
    boxes = shapes(root)
    for event in root.iter(f"{BPMN}boundaryEvent"):
        x0, y0, x1, y1 = boxes[str(event.get("id"))]
        a0, b0, a1, b1 = boxes[str(event.get("attachedToRef"))]
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        assert (x in (a0, a1) and b0 <= y <= b1) or (y in (b0, b1) and a0 <= x <= a1), event.get("id")
    for parent in root.iter(f"{BPMN}subProcess"):
        a0, b0, a1, b1 = boxes[str(parent.get("id"))]
        for child in flow_nodes(parent):
            if child is not parent:
                x0, y0, x1, y1 = boxes[str(child.get("id"))]
                assert (a0 < x0, b0 < y0, x1 < a1, y1 < b1) == (True,) * 4, child.get("id")


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_flows_run_square_and_around_what_they_do_not_join(path: Path) -> None:
    root = etree.parse(path).getroot()
    boxes, drawn = shapes(root), lines(root)
    containers = {str(node.get("id")) for node in root.iter(f"{BPMN}subProcess")}
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        points = drawn[str(flow.get("id"))]
        for (x0, y0), (x1, y1) in pairwise(points):
            assert x0 == x1 or y0 == y1, f"{flow.get('id')} runs askew"
            for id, (a0, b0, a1, b1) in boxes.items():
                if id in containers or id in (flow.get("sourceRef"), flow.get("targetRef")):
                    continue
                through = max(x0, x1) > a0 and min(x0, x1) < a1 and max(y0, y1) > b0 and min(y0, y1) < b1
                assert not through, f"{flow.get('id')} runs through {id}"
