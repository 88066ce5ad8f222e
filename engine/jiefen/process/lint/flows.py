"""How the elements of a scope hang together: starts, ends, what cannot be reached, gateways and their conditions."""

from __future__ import annotations

from jiefen.process.model.elements import Node, Scope
from jiefen.process.model.graph import upstream
from jiefen.process.model.report import Report

_SPLITS = frozenset({"exclusiveGateway", "inclusiveGateway"})


def lint_flows(scope: Scope, report: Report) -> None:
    """Findings about the flows of ``scope``, not of those inside it."""
    _starts(scope, report)
    _reach(scope, report)
    for node in scope.nodes.values():
        _ways_out(node, report)
        if node.type in _SPLITS:
            _split(node, report)
        elif node.type == "parallelGateway":
            _parallel(node, report)
        elif node.type == "eventBasedGateway":
            _event_gateway(node, report)
        elif node.type != "complexGateway":
            _activity(node, report)
    _circles(scope, report)


def _starts(scope: Scope, report: Report) -> None:
    count = len(scope.starts)
    if count == 1:
        return
    what = "has no start event" if count == 0 else f"has {count} start events"
    hint = "draw exactly one start event; let other beginnings be events inside"
    if scope.owner is None:
        report.process(scope.process, "start-event", f"the process {what}", hint)
    elif scope.owner.type in ("subProcess", "transaction"):
        report.error(scope.owner, "start-event", f"the subprocess {what}", hint)


def _reach(scope: Scope, report: Report) -> None:
    reached: set[str] = set()
    todo = [node.id for node in (*scope.starts, *scope.watchers)]
    while todo:
        id = todo.pop()
        if id not in reached:
            reached.add(id)
            node = scope.nodes[id]
            todo += [flow.target for flow in node.outgoing] + [guard.id for guard in node.boundary]
    if not scope.starts or (scope.owner and scope.owner.type == "adHocSubProcess"):
        return
    for node in scope.nodes.values():
        if node.id not in reached and not (node.type == "boundaryEvent" and not node.attached_to):
            report.error(
                node,
                "unreachable",
                f"nothing leads to this {node.type}",
                "connect it, or remove it",
                node.line,
            )


def _ways_out(node: Node, report: Report) -> None:
    if node.outgoing or node.type == "endEvent" or node.by_event:
        return
    if "Gateway" in node.type:
        report.error(node, "dead-end", "the gateway has no way out", "connect it, or end with an end event")
    elif not (node.type == "intermediateThrowEvent" and node.event.kind == "link"):
        report.warn(node, "dead-end", f"nothing follows this {node.type}", "connect it with an end event")


def _default(node: Node, report: Report) -> None:
    if node.default is None:
        return
    flow = next((flow for flow in node.outgoing if flow.id == node.default), None)
    if flow is None:
        report.error(
            node,
            "default-flow",
            f"the default flow {node.default!r} does not leave here",
            "choose another one",
        )
    elif flow.condition:
        report.error(
            node,
            "default-flow",
            "the default flow has a condition, which is never looked at",
            "remove it",
            flow.line,
        )


def _split(node: Node, report: Report) -> None:
    _default(node, report)
    if len(node.outgoing) < 2:
        return
    for flow in node.outgoing:
        if not flow.condition and flow.id != node.default:
            report.error(
                node,
                "no-condition",
                f"the flow {flow.id!r} has no condition, so nobody can say when it is taken",
                "give it a condition, or make it the default flow",
                flow.line,
            )
    if node.default is None:
        report.warn(
            node,
            "no-default",
            "when no condition holds, the case cannot go on",
            "make one flow the default flow",
        )


def _parallel(node: Node, report: Report) -> None:
    _default(node, report)
    for flow in node.outgoing:
        if flow.condition:
            report.error(
                node,
                "condition",
                f"the flow {flow.id!r} has a condition, but a parallel gateway takes every flow",
                "use an inclusive gateway, or remove the condition",
                flow.line,
            )


def _activity(node: Node, report: Report) -> None:
    _default(node, report)
    conditional = [flow for flow in node.outgoing if flow.condition]
    if conditional and len(conditional) == len(node.outgoing):
        report.warn(
            node, "no-default", "when no condition holds, the case cannot go on", "give it a default flow"
        )


def _event_gateway(node: Node, report: Report) -> None:
    if node.attributes.get("eventGatewayType", "Exclusive") != "Exclusive":
        report.error(
            node, "unsupported", "an event gateway waits for the first event only", "use a parallel gateway"
        )
    for flow in node.outgoing:
        target = node.scope.nodes[flow.target]
        kind = target.event.kind if target.events else "none"
        fits = target.type == "receiveTask" or (
            target.type == "intermediateCatchEvent" and kind not in ("none", "link")
        )
        if not fits or target.loop or target.boundary:
            report.error(
                node,
                "event-gateway",
                f"{target.id!r} behind the event gateway is no event that can be waited for",
                "lead it to message, timer, signal or conditional catch events, or plain receive tasks",
                flow.line,
            )
        elif len(target.incoming) > 1:
            report.error(
                target,
                "event-gateway",
                "other flows lead to an event behind an event gateway",
                "draw it twice",
            )
        if flow.condition:
            report.error(node, "condition", "an event decides here, not a condition", "remove it", flow.line)


def _circles(scope: Scope, report: Report) -> None:
    """Two inclusive joins may wait for each other for ever when each can feed some, not all, flows of the other."""
    joins = [
        node for node in scope.nodes.values() if node.type == "inclusiveGateway" and len(node.incoming) > 1
    ]
    above = {node.id: [upstream(flow, node) for flow in node.incoming] for node in joins}

    def holds_up(node: Node, other: Node) -> bool:
        feeds = [other.id in nodes for nodes in above[node.id]]
        return any(feeds) and not all(feeds)

    for node in joins:
        for other in joins:
            if node is not other and holds_up(node, other) and holds_up(other, node):
                report.error(
                    node,
                    "inclusive-circle",
                    f"this inclusive join and {other.id!r} may wait for each other",
                    "join one of them with an exclusive or parallel gateway",
                )
