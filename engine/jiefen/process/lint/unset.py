"""Whether a fact may still be unset where a model relies on it."""

from __future__ import annotations

import re

from jiefen.process.model.elements import Node

_NAME = re.compile(r"[^,\s]+")


def may_be_unset(node: Node, fact: str) -> bool:
    """Whether a way leads to ``node`` on which nothing sets ``fact``, asks for it, or branches by it.

    A business rule task is taken for one that sets it: what a table gives is not known here.
    """
    todo, seen = [node], {node}
    while todo:
        at = todo.pop()
        # A boundary event can come before its activity has done anything.
        entered = at.scope.nodes.get(at.attached_to or "", at)
        if not entered.incoming:
            owner = at.scope.owner
            if owner is None or owner.by_event:
                return True
            sources = [owner] if owner.incoming or owner.scope.owner else []
            if not sources:
                return True
        else:
            sources = [
                at.scope.nodes[flow.source] for flow in entered.incoming if flow.source in at.scope.nodes
            ]
            sources = [source for source in sources if not _settles(source, fact)]
        todo += [source for source in sources if source not in seen]
        seen.update(sources)
    return False


def _settles(node: Node, fact: str) -> bool:
    """Whether whoever has passed ``node`` can rely on ``fact``."""
    asks = node.properties.get("asks")
    return (
        node.type == "businessRuleTask"
        or any(line.target == fact for line in node.assignments)
        or any(given.name == fact for given in node.outputs)
        or any(flow.when is not None and fact in flow.when.names for flow in node.outgoing)
        or (asks is not None and fact in _NAME.findall(asks.value))
        or (node.body is not None and any(_settles(inner, fact) for inner in node.body.nodes.values()))
    )
