"""Play the token game of a scope to find joins that wait for a token that cannot come.

Conditions are taken to go either way, so what is found may be ruled out by the facts: a join that never goes on,
however the conditions turn out, is an error; one that waits forever only if they turn out badly is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from jiefen.process.model.elements import Node, Scope
from jiefen.process.model.graph import upstream
from jiefen.process.model.report import Report

#: So many situations are looked at; a scope that has more is not judged.
MAX_MARKINGS: Final = 4_000
#: Of a split with more conditional flows than this not every combination is looked at.
MAX_CHOICES: Final = 5
#: More tokens than this on one flow mean that there is no end to them.
MAX_ON_FLOW: Final = 3
_JOINS: Final = frozenset({"parallelGateway", "inclusiveGateway"})

#: How many tokens are on each flow; ``("", id)`` is a token on a start event.
Marking = frozenset[tuple[str, int]]


def lint_tokens(scope: Scope, report: Report) -> None:
    """Findings about the parallel and inclusive joins of ``scope``."""
    if len(scope.starts) != 1 or not any(_is_join(node) for node in scope.nodes.values()):
        return
    game = _Game(scope)
    if not game.play():
        return
    for node in scope.nodes.values():
        if node.id in game.crowded:
            report.warn(
                node,
                "join-crowded",
                "tokens can come faster on one flow of this join than on another; what is left over waits for ever",
                "join with an exclusive gateway, or split where the other flows begin",
            )
        elif node.id in game.starved and node.id not in game.fired:
            report.error(
                node,
                "join-starves",
                "this join waits for a token on every incoming flow, but never gets them together",
                "join with an exclusive gateway what an exclusive gateway has split",
            )
        elif node.id in game.starved:
            report.warn(
                node,
                "join-may-starve",
                "this join can wait for a token that will not come, if the conditions turn out so",
                "make sure that each flow into it gets a token, or use an inclusive join",
            )


def _is_join(node: Node) -> bool:
    return node.type in _JOINS and len(node.incoming) > 1


class _Game:
    """All situations that a scope can come into."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.fired: set[str] = set()
        self.starved: set[str] = set()
        self.crowded: set[str] = set()
        self.target = {flow.id: scope.nodes[flow.target] for flow in scope.flows}
        self.above = {
            node.id: {flow.id: upstream(flow, node) for flow in node.incoming}
            for node in scope.nodes.values()
            if node.type == "inclusiveGateway" and _is_join(node)
        }

    def play(self) -> bool:
        """Go through them; ``False`` when there are too many."""
        start = self.scope.starts[0]
        first = frozenset({(flow.id, 1) for flow in start.outgoing})
        seen, todo = {first}, [first]
        while todo:
            marking = todo.pop()
            following = list(self.next(marking))
            if not following and marking:
                self.starved |= {self.target[flow].id for flow, _ in marking}
            for then in following:
                if then in seen or self.flooded(then):
                    continue
                if len(seen) >= MAX_MARKINGS:
                    return False
                seen.add(then)
                todo.append(then)
        return True

    def flooded(self, marking: Marking) -> bool:
        """Whether tokens heap up before a join."""
        full = [self.target[flow] for flow, count in marking if count > MAX_ON_FLOW]
        self.crowded |= {node.id for node in full if _is_join(node)}
        return bool(full)

    def next(self, marking: Marking) -> Iterator[Marking]:
        """The situations one step further. Of all orders one is looked at: joins go on when nothing else can."""
        tokens = Counter(dict(marking))
        waiting: list[Node] = []
        for flow, _ in sorted(marking):
            node = self.target[flow]
            if not _is_join(node):
                for produced in self.ways(node):
                    yield _moved(tokens, [flow], produced)
                return
            elif node not in waiting:
                waiting.append(node)
        for node in waiting:
            taken = self.gathers(node, tokens)
            if taken:
                self.fired.add(node.id)
                for produced in self.ways(node):
                    yield _moved(tokens, taken, produced)

    def gathers(self, node: Node, tokens: Counter[str]) -> list[str]:
        """The flows from which a join takes a token now; none when it waits."""
        came = [flow.id for flow in node.incoming if tokens[flow.id]]
        if node.type == "parallelGateway" or len(came) == len(node.incoming):
            return came if len(came) == len(node.incoming) else []
        above = self.above[node.id]
        for flow, count in tokens.items():
            at = self.target[flow]
            if not count or at is node:
                continue
            missing = any(at.id in nodes for way, nodes in above.items() if way not in came)
            present = any(at.id in nodes for way, nodes in above.items() if way in came)
            if missing and not present:
                return []
        return came

    def ways(self, node: Node) -> Iterator[list[str] | None]:
        """What a token on ``node`` may become: lists of flows, or ``None`` when everything ends."""
        if node.type == "endEvent" and node.event.kind == "terminate":
            yield None
            return
        if node.type == "endEvent" and node.event.kind == "error":
            yield None
            return
        out = [flow.id for flow in node.outgoing]
        if node.type in ("exclusiveGateway", "eventBasedGateway"):
            yield from ([flow] for flow in out)
            return
        always = [flow.id for flow in node.outgoing if not flow.condition and flow.id != node.default]
        sometimes = [flow for flow in out if flow not in always]
        if node.type == "parallelGateway" or not sometimes:
            yield from self.guarded(node, out)
            return
        for some in _choices(sometimes, node.default):
            yield from self.guarded(node, [*always, *some])

    def guarded(self, node: Node, out: list[str]) -> Iterator[list[str]]:
        """``out``, or what a boundary event of the activity makes of it."""
        yield out
        for guard in node.boundary:
            flows = [flow.id for flow in guard.outgoing]
            yield flows if guard.interrupting else [*out, *flows]


def _choices(flows: list[str], default: str | None) -> Iterator[tuple[str, ...]]:
    """Which of several conditional flows may be taken; of many, one of them, all of them, or all but one."""
    conditional = [flow for flow in flows if flow != default]
    yield from ((flow,) for flow in flows)
    sizes = range(2, len(conditional) + 1) if len(conditional) <= MAX_CHOICES else ()
    for size in sizes or (len(conditional) - 1, len(conditional)):
        if size > 1:
            yield from combinations(conditional, size)


def _moved(tokens: Counter[str], taken: list[str], produced: list[str] | None) -> Marking:
    if produced is None:
        return frozenset()
    after = tokens.copy()
    after.subtract(taken)
    after.update(produced)
    return frozenset((flow, count) for flow, count in after.items() if count > 0)
