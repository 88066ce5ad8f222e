"""Each element on its own: constructs that are refused, and what an element must say to be run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from jiefen.process.model.elements import Event, Loop, Node
from jiefen.process.model.report import Report
from jiefen.process.model.times import LEAST

_UNSUPPORTED: Final = {
    "adHocSubProcess": "draw its tasks as a parallel split, a multi-instance or event subprocesses",
    "transaction": "use a subprocess with an error boundary event",
    "complexGateway": "use an inclusive gateway, or a multi-instance with a completion condition",
    "callChoreography": "draw it as a process",
    "choreographyTask": "draw it as a process",
    "subChoreography": "draw it as a process",
    "implicitThrowEvent": "draw it as an intermediate throw event",
    "event": "draw it as a start, intermediate or end event",
}
_EVENT_KINDS: Final = {
    "endEvent": ("none", "error", "escalation", "message", "signal", "terminate"),
    "intermediateThrowEvent": ("none", "message", "signal", "escalation", "link"),
    "intermediateCatchEvent": ("message", "timer", "signal", "conditional", "link"),
    "boundaryEvent": ("message", "timer", "error", "escalation", "signal", "conditional"),
}
_HANDLED: Final = _EVENT_KINDS["boundaryEvent"]
#: Activities that take no time: nothing can happen while they run.
_INSTANT: Final = frozenset({"task", "scriptTask", "businessRuleTask", "sendTask"})
_SCOPED: Final = frozenset({"subProcess", "callActivity"})


def is_activity(node: Node) -> bool:
    """Whether boundary events and loops may be put on ``node``."""
    return node.type.endswith(("Task", "task")) or node.type in ("subProcess", "callActivity", "transaction")


def lint_element(node: Node, report: Report) -> None:
    """Findings about ``node`` alone."""
    if node.type in _UNSUPPORTED:
        report.error(node, "unsupported", f"a {node.type} is not run", _UNSUPPORTED[node.type])
        return
    for name in ("startQuantity", "completionQuantity"):
        if node.attributes.get(name, "1").strip() != "1":
            report.error(node, "unsupported", f"{name} other than 1 is not run", "draw a multi-instance")
    if node.attributes.get("isForCompensation", "false").strip() in ("true", "1"):
        report.error(node, "unsupported", "compensation is not run", "draw what undoes it as ordinary tasks")
    if node.attributes.get("instantiate", "false").strip() in ("true", "1"):
        report.error(
            node, "unsupported", "a case is not begun in the middle", "begin with a none start event"
        )
    if node.loop:
        _loop(node, node.loop, report)
    _events(node, report)
    checks = _BY_TYPE.get(node.type)
    if checks:
        checks(node, report)


def _loop(node: Node, loop: Loop, report: Report) -> None:
    if not is_activity(node) or node.by_event:
        report.error(
            node, "loop", f"a {node.type} cannot be repeated", "put the loop on an activity", loop.line
        )
    if loop.behavior not in (None, "All"):
        report.error(
            node,
            "unsupported",
            f"behavior={loop.behavior!r} of a multi-instance is not run",
            "put a throw event behind the multi-instance",
            loop.line,
        )
    if loop.kind == "while":
        if not loop.condition and loop.maximum is None:
            report.error(
                node, "loop", "the loop has no end", "give it a loopCondition or a loopMaximum", loop.line
            )
    elif bool(loop.collection) == bool(loop.cardinality):
        report.error(
            node,
            "loop",
            "a multi-instance needs either a collection or a cardinality",
            'for example camunda:collection=\'["police", "court"]\' and camunda:elementVariable="seat"',
            loop.line,
        )
    if loop.collection and not loop.variable:
        report.warn(
            node,
            "loop",
            "the items of the collection have no name",
            "name them: camunda:elementVariable",
            loop.line,
        )
    if loop.variable and not loop.variable.isidentifier():
        report.error(
            node, "bad-name", f"{loop.variable!r} is not a name", "use letters, digits and _", loop.line
        )
    if loop.collects:
        report.error(
            node,
            "unsupported",
            "outputs of a multi-instance are not collected into a list",
            "set facts with output parameters; each instance sees what the others have set",
            loop.line,
        )


def _events(node: Node, report: Report) -> None:
    if len(node.events) > 1 or node.attributes.get("parallelMultiple", "false").strip() == "true":
        report.error(node, "unsupported", "one event has several definitions", "draw one event for each")
        return
    allowed = _EVENT_KINDS.get(node.type)
    kind = node.event.kind
    if allowed and kind not in allowed:
        what = "waits for nothing" if kind == "none" else f"is a {kind} event, which is not run there"
        report.error(node, "unsupported", f"the {node.type} {what}", f"it may be: {', '.join(allowed)}")
        return
    for event in node.events:
        _definition(node, event, report)


def _definition(node: Node, event: Event, report: Report) -> None:
    throws = node.type in ("endEvent", "intermediateThrowEvent")
    if event.kind in ("message", "signal", "link") and not event.name:
        where = f"refers to {event.ref!r}, which has no name" if event.ref else "has no name"
        hint = f"choose or create a {event.kind} with a name"
        report.error(node, "no-name", f"the {event.kind} event {where}", hint, event.line)
    if event.kind in ("error", "escalation") and not event.name and (throws or event.ref):
        hint = f"choose or create an {event.kind} with a code"
        report.error(node, "no-code", f"the {event.kind} event has no code", hint, event.line)
    if event.kind == "conditional" and not event.text:
        report.error(
            node, "no-condition", "the condition is empty", "write an expression over facts", event.line
        )
    if event.kind == "timer":
        _timer(node, event, report)
    if event.kind == "message" and throws:
        external = event.external or node.camunda.get("type") == "external"
        if not external or not (event.topic or node.camunda.get("topic")):
            report.error(
                node,
                "no-topic",
                "nobody is told to send this message",
                'set camunda:type="external" and camunda:topic on the message event',
                event.line,
            )


def _timer(node: Node, event: Event, report: Report) -> None:
    if not event.text:
        hint = 'write a date, a duration such as P30D, or deadline("rule")'
        report.error(node, "no-timer", "the timer has no time", hint, event.line)
    elif event.form == "timeCycle":
        repeats = node.type in ("boundaryEvent", "startEvent") and not node.interrupting
        if not repeats:
            report.error(
                node,
                "timer-cycle",
                "a cycle can only repeat on a non-interrupting event",
                "use a timeDuration, or make the event non-interrupting",
                event.line,
            )
        _require_slow(node, event, report)


def _require_slow(node: Node, event: Event, report: Report) -> None:
    """Warn of a cycle that does not come as often as it is written."""
    timer = event.timer
    if timer and timer.too_often:
        report.warn(
            node,
            "cycle-too-short",
            f"the cycle {timer.text} comes every {timer.least.seconds} seconds at most, not as often as it says",
            f"write at least R/PT1M, people are pressed by hours and days (R3/P1D); {LEAST} lets a cycle come sooner",
            event.line,
        )


def _start(node: Node, report: Report) -> None:
    kind, owner = node.event.kind, node.scope.owner
    if owner is not None and owner.by_event:
        if kind not in _HANDLED:
            allowed = ", ".join(_HANDLED)
            report.error(
                node, "event-subprocess", "the event subprocess has no event to start it", f"use: {allowed}"
            )
        elif kind == "error" and not node.interrupting:
            report.error(
                node, "unsupported", "an error always interrupts", "make the start event interrupting"
            )
    elif kind != "none":
        report.error(
            node,
            "start-event",
            f"a {kind} event cannot begin {'a subprocess' if owner else 'a case'}",
            "use a none start event; the host opens a case, and events during it are caught inside",
        )
    if node.incoming:
        report.error(
            node, "start-event", "a flow leads into a start event", "lead it to the element behind it"
        )


def _end(node: Node, report: Report) -> None:
    if node.outgoing:
        report.error(node, "end-event", "a flow leads out of an end event", "use an intermediate throw event")


def _boundary(node: Node, report: Report) -> None:
    host = node.scope.nodes.get(node.attached_to or "")
    kind = node.event.kind
    if host is None or not is_activity(host) or host.by_event:
        report.error(
            node, "boundary", "the boundary event sits on no activity", "attach it to an activity beside it"
        )
        return
    if node.incoming:
        report.error(
            node, "boundary", "a flow leads into a boundary event", "lead it to the element behind it"
        )
    if kind == "error" and not node.interrupting:
        report.error(
            node, "unsupported", "an error always interrupts", "make the boundary event interrupting"
        )
    if kind == "escalation" and host.type not in _SCOPED:
        report.warn(
            node, "never", f"a {host.type} throws no escalation", "attach it to a subprocess or call activity"
        )
    if host.type in _INSTANT and not host.loop:
        report.warn(
            node, "never", f"a {host.type} takes no time, nothing happens meanwhile", "remove the event"
        )


def _person(node: Node, report: Report) -> None:
    if not node.camunda.get("candidateGroups") and not node.camunda.get("assignee"):
        report.error(
            node,
            "no-role",
            "nobody may do this task",
            "name the roles in camunda:candidateGroups (or an assignee)",
        )


def _external(node: Node, report: Report) -> None:
    if node.camunda.get("type") != "external" or not node.camunda.get("topic"):
        report.error(
            node,
            "no-topic",
            f"nobody is told to do this {node.type}",
            'set camunda:type="external" and camunda:topic',
        )


def _decision(node: Node, report: Report) -> None:
    table = node.camunda.get("decisionRef", "")
    if not table or "{" in table:
        report.error(
            node,
            "no-decision",
            "the task names no decision table",
            "set camunda:decisionRef to a table of rules/*.yaml",
        )


def _script(node: Node, report: Report) -> None:
    if not node.script:
        report.error(node, "no-script", "the script is empty", "write assignments: fact = expression")


def _receive(node: Node, report: Report) -> None:
    if not node.events:
        report.error(
            node, "no-name", "the receive task waits for no message", "choose or create a message with a name"
        )


def _nest(node: Node, report: Report) -> None:
    if node.by_event and (node.incoming or node.outgoing or node.boundary):
        report.error(
            node,
            "event-subprocess",
            "an event subprocess is connected with nothing: its event starts it",
            "remove its flows and boundary events",
        )


def _call(node: Node, report: Report) -> None:
    called = node.attributes.get("calledElement", "").strip()
    if not called or "{" in called:
        what = "computes what it calls" if called else "calls nothing"
        report.error(
            node, "no-process", f"the call activity {what}", "set calledElement to the id of a process"
        )


def _catch(node: Node, report: Report) -> None:
    if node.event.kind == "link" and any("~" not in flow.id for flow in node.incoming):
        report.error(
            node, "link", "a flow leads into a link catch event", "only its link throw events lead to it"
        )


def _throw(node: Node, report: Report) -> None:
    if node.event.kind != "link":
        return
    linked = [flow for flow in node.outgoing if "~" in flow.id]
    if not linked:
        hint = "draw a link catch event of the same name in the same process or subprocess"
        report.error(node, "link", f"the link {node.event.name!r} leads nowhere", hint)
    if len(node.outgoing) > len(linked):
        report.error(node, "link", "a flow leads out of a link throw event", "remove it")


_BY_TYPE: Final[dict[str, Callable[[Node, Report], None]]] = {
    "startEvent": _start,
    "endEvent": _end,
    "boundaryEvent": _boundary,
    "userTask": _person,
    "serviceTask": _external,
    "sendTask": _external,
    "businessRuleTask": _decision,
    "scriptTask": _script,
    "receiveTask": _receive,
    "subProcess": _nest,
    "callActivity": _call,
    "intermediateCatchEvent": _catch,
    "intermediateThrowEvent": _throw,
}
