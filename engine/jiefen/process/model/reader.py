"""From XML to the model: structure only, nothing is judged here but what cannot be represented."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, cast

from lxml import etree

from jiefen.findings import Finding
from jiefen.process.model.elements import Event, EventKind, Flow, Loop, Mapped, Node, Process, Scope, Text

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DIALECT: Final = ("{http://camunda.org/schema/1.0/bpmn}", "{http://operaton.org/schema/1.0/bpmn}")
_FOREIGN: Final = {
    "{http://camunda.org/schema/zeebe/1.0}": "zeebe",
    "{http://flowable.org/bpmn}": "flowable",
    "{http://activiti.org/bpmn}": "activiti",
    "{http://www.jboss.org/drools}": "drools",
    "{http://www.jboss.org/drools/flow/gpd}": "drools",
}
#: What other engines write without any effect on the way a case goes.
_HARMLESS: Final = frozenset(
    {
        "async",
        "asyncBefore",
        "asyncAfter",
        "exclusive",
        "metaData",
        "metadata",
        "modelerTemplate",
        "properties",
    }
    | {
        "modelerTemplateIcon",
        "modelerTemplateVersion",
        "property",
        "selectable",
        "userTask",
        "versionTag",
        "version",
    }
)

#: So deep may subprocesses be nested, and calls and subprocesses together.
MAX_DEPTH: Final = 20

NODE_TYPES: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
    | {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
    }
    | {"subProcess", "transaction", "adHocSubProcess", "callActivity", "callChoreography", "choreographyTask"}
    | {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
    | {"subChoreography", "implicitThrowEvent", "event"}
)
_DRAWING: Final = frozenset(
    {"association", "auditing", "category", "dataInput", "dataObject", "dataObjectReference", "dataOutput"}
    | {
        "dataInputAssociation",
        "dataOutputAssociation",
        "dataStoreReference",
        "documentation",
        "extensionElements",
    }
    | {"group", "incoming", "ioSpecification", "laneSet", "monitoring", "outgoing", "property", "supports"}
    | {"textAnnotation", "text", "ioBinding", "supportedInterfaceRef", "inputSet", "outputSet"}
)
_ID: Final = re.compile(r"[^\W\d][\w.\-]*")
_LANGUAGES: Final = frozenset({"", "jiefen", "juel", "http://www.w3.org/1999/xpath"})
_DEFINITIONS: Final[dict[str, EventKind]] = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "signalEventDefinition": "signal",
    "conditionalEventDefinition": "conditional",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
    "cancelEventDefinition": "cancel",
    "compensateEventDefinition": "compensate",
}
_OTHER_ROOTS: Final = {
    "http://www.omg.org/spec/DMN/": ("a DMN file", "decisions are tables in rules/*.yaml"),
    "http://www.omg.org/spec/CMMN/": ("a CMMN file", "draw the case as a BPMN process"),
    "http://www.wfmc.org/": ("an XPDL file", "export it as BPMN 2.0"),
    "http://schema.omg.org/spec/BPMN/": ("a BPMN file of a beta of the standard", "export it as BPMN 2.0"),
    "http://www.w3.org/2000/svg": ("a picture", "give the .bpmn file that it was exported from"),
}


def read_model(root: etree._Element, file: str) -> tuple[list[Process], list[Finding]]:
    """The processes of a BPMN file, and findings for what cannot be represented. Raises nothing."""
    reader = _Reader(file)
    if root.tag != f"{BPMN}definitions":
        reader.wrong_root(root)
        return [], reader.findings
    reader.names(root)
    processes = [reader.process(child) for child in root if child.tag == f"{BPMN}process"]
    return [process for process in processes if process], reader.findings


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _split(name: str) -> tuple[str, str]:
    space, brace, local = name.rpartition("}")
    return space + brace, local


def _text(element: etree._Element | None) -> Text | None:
    value = "".join(str(part) for part in element.itertext()).strip() if element is not None else ""
    return Text(value, _line(element)) if element is not None and value else None


def _line(element: etree._Element) -> int:
    return int(cast(int | None, element.sourceline) or 0)


def _children(element: etree._Element, *names: str) -> Iterable[etree._Element]:
    return (child for child in element if child.tag in {BPMN + name for name in names})


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _dialect_children(element: etree._Element, name: str) -> Iterable[etree._Element]:
    tags = {space + name for space in _DIALECT}
    return (child for child in element if child.tag in tags)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.seen: dict[str, int] = {}
        self.depth = 0
        self.named: dict[str, dict[str, str | None]] = {}

    def report(
        self, element: etree._Element, code: str, message: str, hint: str, id: str | None = None
    ) -> None:
        """Note an error about ``element``."""
        self.findings.append(
            Finding(
                file=self.file,
                line=_line(element),
                element=id or element.get("id"),
                code=code,
                message=message,
                hint=hint,
            )
        )

    def wrong_root(self, root: etree._Element) -> None:
        """Say what the file is, if it is not BPMN."""
        name = etree.QName(root)
        known = next(
            (value for space, value in _OTHER_ROOTS.items() if (name.namespace or "").startswith(space)), None
        )
        what, hint = known or ("not a BPMN 2.0 file", "give a file whose root is bpmn:definitions")
        self.report(
            root, "not-bpmn", f"this is {what}: its root is <{name.localname}> of {name.namespace}", hint
        )

    def names(self, root: etree._Element) -> None:
        """What messages, signals, errors and escalations are called."""
        keys = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}
        for tag, key in keys.items():
            self.named[tag] = {
                child.get("id", ""): child.get(key) or child.get("name") for child in _children(root, tag)
            }

    def process(self, element: etree._Element) -> Process | None:
        """One process, with everything in it."""
        id = self.identify(element)
        if id is None:
            return None
        executable = element.get("isExecutable", "true").strip() not in ("false", "0")
        process = Process(id, element.get("name") or id, self.file, _line(element), executable)
        self.listeners(element, id)
        self.scope(element, process.body)
        return process

    def listeners(self, element: etree._Element, id: str) -> None:
        """Listeners on processes and flows, where nothing of the dialect is read."""
        for extensions in _children(element, "extensionElements"):
            for found in _dialect_children(extensions, "executionListener"):
                hint = "draw what should happen as an element"
                self.report(found, "not-run", "listeners are not run", hint, id)

    def identify(self, element: etree._Element) -> str | None:
        """The id of an element; a finding when it has none or shares it."""
        id = element.get("id", "").strip()
        if not id:
            self.report(
                element, "no-id", f"<{_local(element)}> has no id", "give every element an id of its own"
            )
            return None
        if not _ID.fullmatch(id):
            hint = "use letters, digits, dots, hyphens and underscores, and begin with a letter or underscore"
            self.report(element, "bad-id", f"{id!r} cannot be an id", hint)
            return None
        if id in self.seen:
            self.report(
                element,
                "duplicate-id",
                f"the id {id!r} is taken already, on line {self.seen[id]}",
                "give every element an id of its own",
            )
            return None
        self.seen[id] = _line(element)
        return id

    def scope(self, element: etree._Element, scope: Scope) -> None:
        """Nodes and flows directly inside a process or subprocess, then joined."""
        for child in element:
            space, local = _split(str(child.tag))
            if space != BPMN:
                continue
            if local == "sequenceFlow":
                self.flow(child, scope)
            elif local in NODE_TYPES:
                node = self.node(child, scope)
                if node:
                    scope.nodes[node.id] = node
            elif local not in _DRAWING and local not in (
                "multiInstanceLoopCharacteristics",
                "completionCondition",
            ):
                self.report(
                    child,
                    "unknown-element",
                    f"<{local}> is not an element that a process can hold",
                    "remove it",
                )
        self.join(scope)

    def flow(self, element: etree._Element, scope: Scope) -> None:
        """A sequence flow."""
        id = self.identify(element)
        source, target = element.get("sourceRef"), element.get("targetRef")
        if id is None:
            return
        if not source or not target:
            self.report(element, "dangling-flow", "the flow has no source or no target", "connect both ends")
            return
        self.listeners(element, id)
        condition = _child(element, "conditionExpression")
        language = condition.get("language", "").strip() if condition is not None else ""
        if language.lower() not in _LANGUAGES:
            hint = "write it in our own language, and leave the language of the condition empty"
            self.report(element, "condition-language", f"conditions in {language!r} are not read", hint)
            condition = None
        scope.flows.append(Flow(id, source, target, _line(element), _text(condition)))

    def join(self, scope: Scope) -> None:
        """Give each node its flows and boundary events."""
        for flow in list(scope.flows):
            ends = scope.nodes.get(flow.source), scope.nodes.get(flow.target)
            if ends[0] is None or ends[1] is None:
                missing = flow.source if ends[0] is None else flow.target
                self.findings.append(
                    Finding(
                        file=self.file,
                        line=flow.line,
                        element=flow.id,
                        code="dangling-flow",
                        message=f"the flow leads from or to {missing!r}, which is not there",
                        hint="connect both ends, within one process or subprocess",
                    )
                )
                scope.flows.remove(flow)
                continue
            ends[0].outgoing.append(flow)
            ends[1].incoming.append(flow)
        for node in scope.nodes.values():
            host = scope.nodes.get(node.attached_to or "")
            if node.type == "boundaryEvent" and host:
                host.boundary.append(node)

    def node(self, element: etree._Element, scope: Scope) -> Node | None:
        """A flow node with its definitions, loop, extensions and body."""
        id = self.identify(element)
        if id is None:
            return None
        plain = {
            str(name): str(value) for name, value in element.attrib.items() if not str(name).startswith("{")
        }
        node = Node(id, _local(element), (element.get("name") or "").strip(), _line(element), plain, scope)
        self.attributes(element, node)
        for child in element:
            space, local = _split(str(child.tag))
            if space == BPMN and local in _DEFINITIONS:
                node.events.append(self.event(child, _DEFINITIONS[local]))
            elif space == BPMN and local == "eventDefinitionRef":
                self.report(
                    child,
                    "event-definition-ref",
                    "the event refers to a definition elsewhere",
                    "put the event definition into the event itself",
                    id,
                )
        if node.type == "receiveTask" and element.get("messageRef"):
            node.events.append(self.event(element, "message"))
        node.loop = self.loop(element)
        node.script = _text(_child(element, "script"))
        for extensions in _children(element, "extensionElements"):
            self.extensions(extensions, node)
        if node.type in ("subProcess", "transaction", "adHocSubProcess"):
            node.body = Scope(scope.process, node)
            self.depth += 1
            if self.depth > MAX_DEPTH:
                hint = "put the inner ones into processes of their own and call them"
                self.report(element, "too-deep", f"subprocesses are nested deeper than {MAX_DEPTH}", hint)
            else:
                self.scope(element, node.body)
            self.depth -= 1
        return node

    def attributes(self, element: etree._Element, node: Node) -> None:
        """Attributes of the dialect, and of other engines."""
        camunda: dict[str, str] = {}
        for name, value in element.attrib.items():
            space, local = _split(str(name))
            if space in _DIALECT:
                camunda[local] = str(value).strip()
            elif space in _FOREIGN and local not in _HARMLESS:
                node.foreign.append(f"{_FOREIGN[space]}:{local}")
        node.camunda = camunda

    def event(self, element: etree._Element, kind: EventKind) -> Event:
        """An event definition."""
        event = Event(kind, _line(element))
        if kind in self.named:
            event.ref = (element.get(f"{kind}Ref") or "").strip() or None
            # Prefixed references (tns:Message_1) are qualified names of this very document.
            local = event.ref.rpartition(":")[2] if event.ref else ""
            event.name = self.named[kind].get(event.ref or "") or self.named[kind].get(local)
        elif kind == "link":
            event.name = (element.get("name") or "").strip() or None
        elif kind == "conditional":
            event.text = _text(_child(element, "condition"))
        elif kind == "timer":
            for form in _children(element, "timeDate", "timeDuration", "timeCycle"):
                event.form, event.text = _local(form), _text(form)
        for name, value in element.attrib.items():
            space, local = _split(str(name))
            if space in _DIALECT and local == "topic":
                event.topic = str(value).strip()
            elif space in _DIALECT and local == "type":
                event.external = str(value).strip() == "external"
        return event

    def loop(self, element: etree._Element) -> Loop | None:
        """Multi-instance and loop markers."""
        for found in _children(element, "multiInstanceLoopCharacteristics"):
            sequential = found.get("isSequential", "").strip() in ("true", "1")
            loop = Loop(
                "sequential" if sequential else "parallel", _line(found), behavior=found.get("behavior")
            )
            loop.cardinality = _text(_child(found, "loopCardinality"))
            loop.collects = any(True for _ in _children(found, "loopDataOutputRef", "outputDataItem"))
            loop.completion = _text(_child(found, "completionCondition"))
            loop.collection = _text(_child(found, "loopDataInputRef"))
            item = _child(found, "inputDataItem")
            loop.variable = item.get("name") or item.get("id") if item is not None else None
            for name, value in found.attrib.items():
                space, local = _split(str(name))
                if space in _DIALECT and local == "collection":
                    loop.collection = Text(str(value).strip(), _line(found))
                elif space in _DIALECT and local == "elementVariable":
                    loop.variable = str(value).strip()
            return loop
        for found in _children(element, "standardLoopCharacteristics"):
            maximum = found.get("loopMaximum", "").strip()
            loop = Loop("while", _line(found), condition=_text(_child(found, "loopCondition")))
            loop.test_before = found.get("testBefore", "").strip() in ("true", "1")
            if maximum.isdecimal() and len(maximum) < 10:
                loop.maximum = int(maximum)
            elif maximum:
                self.report(
                    found,
                    "loop",
                    f"loopMaximum={maximum!r} is no number",
                    "write a number",
                    element.get("id"),
                )
            return loop
        return None

    def extensions(self, element: etree._Element, node: Node) -> None:
        """Properties, mappings and whatever else modelers put into ``extensionElements``."""
        for child in element:
            space, local = _split(str(child.tag))
            if space in _FOREIGN and local not in _HARMLESS:
                node.foreign.append(f"{_FOREIGN[space]}:{local}")
            if space not in _DIALECT:
                continue
            if local == "properties":
                for found in _dialect_children(child, "property"):
                    value = (found.get("value") or "").strip()
                    node.properties[(found.get("name") or "").strip()] = Text(value, _line(found))
            elif local == "inputOutput":
                for name, into in (("inputParameter", node.inputs), ("outputParameter", node.outputs)):
                    into.extend(self.mapped(found) for found in _dialect_children(child, name))
            elif local in ("in", "out"):
                self.passed(child, local, node)
            else:
                node.extensions.append(Text(local, _line(child)))

    def mapped(self, element: etree._Element) -> Mapped:
        """An input or output parameter."""
        for nested in element:
            self.report(
                nested,
                "nested-parameter",
                f"the parameter {element.get('name')!r} holds <{_local(nested)}>, which is not read",
                'write the value as one expression, for example ${["a", "b"]}',
            )
        text = "".join(str(part) for part in element.itertext()).strip()
        return Mapped((element.get("name") or "").strip(), Text(text, _line(element)))

    def passed(self, element: etree._Element, direction: str, node: Node) -> None:
        """``camunda:in`` and ``camunda:out`` of a call activity; facts are shared, so ``all`` needs nothing."""
        if element.get("variables") == "all" or element.get("businessKey"):
            return
        source, target = element.get("source"), element.get("target")
        value = element.get("sourceExpression") or (f"${{{source}}}" if source else "")
        into = node.inputs if direction == "in" else node.outputs
        into.append(Mapped((target or "").strip(), Text(value.strip(), _line(element))))
