"""Attributes and extensions: which are read, which do no harm, and which would be silently ignored elsewhere."""

from __future__ import annotations

from typing import Final

from jiefen.process.model.elements import BEGUN_BY, Node
from jiefen.process.model.report import Report
from jiefen.process.model.times import LEAST

_PERSON: Final = frozenset({"candidateGroups", "assignee", "formKey", "dueDate"})
_EXTERNAL: Final = frozenset({"type", "topic"})
_READ: Final[dict[str, frozenset[str]]] = {
    "userTask": _PERSON,
    "manualTask": _PERSON,
    "serviceTask": _EXTERNAL,
    "sendTask": _EXTERNAL,
    "intermediateThrowEvent": _EXTERNAL,
    "endEvent": _EXTERNAL,
    "businessRuleTask": frozenset({"decisionRef"}),
}
_CALLS: Final = ("serviceTask", "sendTask")
_HARMLESS: Final = frozenset(
    {
        "async",
        "asyncAfter",
        "asyncBefore",
        "exclusive",
        "initiator",
        "jobPriority",
        "priority",
        "taskPriority",
    }
    | {
        "calledElementTenantId",
        "decisionRefTenantId",
        "modelerTemplate",
        "modelerTemplateVersion",
        "versionTag",
    }
)
_JAVA: Final = (
    'nothing written in Java runs here: make it an external task (camunda:type="external" and a topic)'
)
_REFUSED: Final = {
    "class": _JAVA,
    "expression": _JAVA,
    "delegateExpression": _JAVA,
    "variableMappingClass": _JAVA,
    "variableMappingDelegateExpression": _JAVA,
    "resource": "write the script into the task",
    "caseRef": "call a BPMN process",
    "candidateUsers": "name roles in camunda:candidateGroups; people hold roles",
    "resultVariable": "outputs of a decision become facts of the same name; map others with an output parameter",
    "mapDecisionResult": "remove it: outputs of a decision become facts of the same name",
    "decisionRefVersion": "remove it: a case runs on one edition of the rules from start to end",
    "calledElementVersion": "remove it: a case runs on one edition of the processes from start to end",
}
_IGNORED: Final = {
    "followUpDate": "a reminder is a rung of a deadline's ladder",
    "formRef": "name the form in camunda:formKey",
    "formRefBinding": "name the form in camunda:formKey",
    "formRefVersion": "name the form in camunda:formKey",
    "decisionRefBinding": "a case runs on one edition of the rules from start to end",
    "calledElementBinding": "a case runs on one edition of the processes from start to end",
}
_HARMLESS_EXTENSIONS: Final = frozenset({"failedJobRetryTimeCycle", "potentialStarter"})
_REFUSED_EXTENSIONS: Final = {
    "executionListener": "listeners are not run: draw what should happen as an element",
    "taskListener": "listeners are not run: draw what should happen as an element",
    "connector": "connectors are not run: make it an external task",
    "field": "fields of Java classes are not read: use input parameters",
    "errorEventDefinition": "let the worker fail the delivery with an error code",
}


def lint_dialect(node: Node, report: Report) -> None:
    """Findings about what the attributes and extensions of ``node`` would do elsewhere and do not do here."""
    if node.foreign:
        names = ", ".join(dict.fromkeys(node.foreign))
        report.error(
            node,
            "other-engine",
            f"the element is set up for another engine ({names}), which is not read",
            "set it up with the Camunda 7 panel: camunda:candidateGroups, camunda:topic, camunda:decisionRef…",
        )
    read = _READ.get(node.type, frozenset())
    for name in node.camunda:
        if name in read or name in _HARMLESS:
            continue
        if name in _REFUSED:
            report.error(node, "not-run", f"camunda:{name} is not read", _REFUSED[name])
        elif name in _IGNORED:
            report.warn(node, "ignored", f"camunda:{name} is not read", _IGNORED[name])
        else:
            report.warn(node, "ignored", f"camunda:{name} is not read on a {node.type}", "remove it")
    for extension in node.extensions:
        name = extension.value
        if name in _REFUSED_EXTENSIONS:
            report.error(
                node, "not-run", f"camunda:{name} is not read", _REFUSED_EXTENSIONS[name], extension.line
            )
        elif name not in _HARMLESS_EXTENSIONS:
            report.warn(node, "ignored", f"camunda:{name} is not read", "remove it", extension.line)
    for name, text in node.properties.items():
        if name == "milestone" and not _may_be_milestone(node):
            report.warn(
                node,
                "ignored",
                f"a {node.type} is no milestone",
                "put the property on an intermediate throw event or an end event",
                text.line,
            )
        elif name == "statutory" and (node.type not in _CALLS or text.value not in ("true", "false")):
            report.error(
                node,
                "wrong-property",
                f"statutory={text.value!r} means nothing on a {node.type}",
                "it is true or false, on a service or send task whose delivery the law requires",
                text.line,
            )
        elif name in ("sits", "comes", "signs") and not _fills_seat(node, name):
            report.error(
                node,
                "wrong-property",
                f"{name}={text.value!r} fills no seat",
                "sits and signs stand on a user task; comes beside sits, with the role at the head of the seat in seat",
                text.line,
            )
        elif name == BEGUN_BY and (node.type != "startEvent" or not text.value.strip()):
            report.error(
                node,
                "wrong-property",
                f"{BEGUN_BY}={text.value!r} on a {node.type} does not say what begins the process",
                "put it on the start event of the process, with the process or the call that begins it",
                text.line,
            )
        elif name == LEAST and not any(event.form == "timeCycle" for event in node.events):
            report.error(
                node,
                "wrong-property",
                f"a {node.type} without a cycle cannot come too often",
                f"put {LEAST} on the event with the timeCycle, or remove it",
                text.line,
            )
        elif name == "tells" and not (node.camunda.get("topic") or (node.event and node.event.topic)):
            report.error(
                node,
                "wrong-property",
                f"a {node.type} without a topic sends nothing, so nobody can be told by it",
                "put the property on what sends something out",
                text.line,
            )
        elif name == "confidential" and (node.type not in _READ or node.type == "businessRuleTask"):
            report.error(
                node,
                "wrong-property",
                f"a {node.type} tells nobody anything, so it cannot be confidential",
                "put the property on the task, or on what sends something out",
                text.line,
            )


def _fills_seat(node: Node, name: str) -> bool:
    return node.type == "userTask" and (name != "comes" or {"sits", "seat"} <= node.properties.keys())


def _may_be_milestone(node: Node) -> bool:
    return node.type in ("intermediateThrowEvent", "endEvent")
