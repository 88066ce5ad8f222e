"""What can be read off the flows of a model alone."""

from __future__ import annotations

from jiefen.process.model.elements import Flow, Node


def upstream(flow: Flow, gateway: Node) -> frozenset[str]:
    """The nodes from which ``flow`` can be reached without passing ``gateway``; boundary events count as ways out."""
    nodes = gateway.scope.nodes
    found: set[str] = set()
    todo = [flow.source]
    while todo:
        id = todo.pop()
        if id in found or id == gateway.id:
            continue
        found.add(id)
        node = nodes[id]
        todo += [back.source for back in node.incoming]
        if node.attached_to:
            todo.append(node.attached_to)
    return frozenset(found)
