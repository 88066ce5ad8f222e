"""Rewrite a model into what the task specs run, ids kept.

Little is left to rewrite, because the specs route tokens themselves: several outgoing flows, conditions on the flows of
an activity and default flows are understood where they stand, and event subprocesses listen inside their scope.
What remains is links, which become flows.
"""

from __future__ import annotations

from jiefen.process.model.elements import Flow, Scope


def normalise(scope: Scope) -> None:
    """Connect each link throw event of ``scope``, and of what is inside it, with the catch event of its name."""
    links = {
        node.event.name: node
        for node in scope.nodes.values()
        if node.type == "intermediateCatchEvent" and node.event.kind == "link"
    }
    for node in scope.nodes.values():
        target = links.get(node.event.name)
        if node.type == "intermediateThrowEvent" and node.event.kind == "link" and target and node.event.name:
            flow = Flow(f"{node.id}~{target.id}", node.id, target.id, node.line)
            scope.flows.append(flow)
            node.outgoing.append(flow)
            target.incoming.append(flow)
        if node.body:
            normalise(node.body)
