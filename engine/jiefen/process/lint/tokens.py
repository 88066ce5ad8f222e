"""Play the token game of a scope to find joins that wait for a token that cannot come.

Conditions are taken to go either way, so what is found may be ruled out by the facts: a join that never goes on,
however the conditions turn out, is an error; one that waits forever only if they turn out badly is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from jiefen.process.model.elements import Flow, Node, Scope
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
    joins = [node for node in scope.nodes.values() if _is_join(node)]
    if len(scope.starts) != 1 or not joins:
        return
    game = _Game(scope)
    whole = game.play()
    for node in joins:
        if node.id in game.crowded:
            report.warn(
                node,
                "join-crowded",
                "tokens can come faster on one flow of this join than on another; what is left over waits for ever",
                "join with an exclusive gateway, or split where the other flows begin",
            )
        elif whole and game.never(node):
            report.error(
                node,
                "join-starves",
                "this join waits for a token on every incoming flow, but never gets them together",
                "join with an exclusive gateway what an exclusive gateway has split",
            )
        elif game.may_starve(node):
            report.warn(
                node,
                "join-may-starve",
                "this join can wait for a token that will not come, if the conditions turn out so",
                "make sure that each flow into it gets a token, or use an inclusive join",
            )
        elif not whole:
            report.warn(
                node,
                "join-unchecked",
                f"not looked at whether this join waits for ever: there are more than {MAX_MARKINGS:,} situations",
                "put what runs side by side into sub processes of its own",
            )


def _is_join(node: Node) -> bool:
    return node.type in _JOINS and len(node.incoming) > 1


class _Game:
    """All situations that a scope can come into.

    Attributes:
        crowded: joins before which tokens heap up.
        fired: joins that go on in some situation.
        steps: from each situation to the next ones, each with the join that goes on in between, if one does.
        cut: situations that are not followed: tokens heap up in them.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.crowded: set[str] = set()
        self.fired: set[str] = set()
        self.steps: dict[Marking, list[tuple[Marking, str | None]]] = {}
        self.cut: set[Marking] = set()
        self.target = {flow.id: scope.nodes[flow.target] for flow in scope.flows}
        self.back = _back_flows(scope)
        self.above = {
            node.id: {flow.id: upstream(flow, node) for flow in node.incoming}
            for node in scope.nodes.values()
            if node.type == "inclusiveGateway" and _is_join(node)
        }

    def play(self) -> bool:
        """Go through them; ``False`` when there are too many, and some were not looked at."""
        start = self.scope.starts[0]
        first = frozenset({(flow.id, 1) for flow in start.outgoing})
        seen, todo = {first}, [first]
        while todo:
            marking = todo.pop()
            following = self.steps[marking] = list(self.next(marking))
            for then, _ in following:
                if then in seen:
                    continue
                if self.flooded(then):
                    self.cut.add(then)
                elif len(seen) >= MAX_MARKINGS:
                    ahead = (then for steps in self.steps.values() for then, _ in steps)
                    self.cut.update(then for then in ahead if then not in self.steps)
                    return False
                seen.add(then)
                if then not in self.cut:
                    todo.append(then)
        return True

    def never(self, join: Node) -> bool:
        """Whether a join gets a token and goes on in no situation; not said where tokens heap up."""
        waits = any(self.target[flow] is join for marking in self.steps for flow, _ in marking)
        return waits and join.id not in self.fired and not self.cut

    def may_starve(self, join: Node) -> bool:
        """Whether there is a situation in which a token waits here, and from which neither this join ever goes on nor
        everything ends."""
        leads: dict[Marking, list[Marking]] = {}
        todo: list[Marking] = [frozenset(), *self.cut]
        for marking, following in self.steps.items():
            for then, join_id in following:
                leads.setdefault(then, []).append(marking)
                if join_id == join.id:
                    todo.append(marking)
        good: set[Marking] = set()
        while todo:
            marking = todo.pop()
            if marking not in good:
                good.add(marking)
                todo += leads.get(marking, ())
        return any(
            self.target[flow] is join for marking in self.steps if marking not in good for flow, _ in marking
        )

    def flooded(self, marking: Marking) -> bool:
        """Whether tokens heap up before a join."""
        full = [self.target[flow] for flow, count in marking if count > MAX_ON_FLOW]
        self.crowded |= {node.id for node in full if _is_join(node)}
        return bool(full)

    def next(self, marking: Marking) -> Iterator[tuple[Marking, str | None]]:
        """The situations one step further, each with the join that went on.

        Most steps do not touch each other, and of all their orders one is looked at; joins go on when nothing else can.
        Where a step goes round or ends everything, every other step is looked at too: it might be put off for ever, or
        never come.
        """
        tokens = Counter(dict(marking))
        moves: list[tuple[str, list[list[str] | None]]] = []
        waiting: list[Node] = []
        for flow, _ in sorted(marking):
            node = self.target[flow]
            if _is_join(node):
                if node not in waiting:
                    waiting.append(node)
                continue
            ways = list(self.ways(node))
            if not any(way is None or self.back & set(way) for way in ways):
                yield from ((_moved(tokens, [flow], way), None) for way in ways)
                return
            moves.append((flow, ways))
        for flow, ways in moves:
            yield from ((_moved(tokens, [flow], way), None) for way in ways)
        for node in waiting:
            taken = self.gathers(node, tokens)
            if taken:
                self.fired.add(node.id)
                yield from ((_moved(tokens, taken, way), node.id) for way in self.ways(node))

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


def _back_flows(scope: Scope) -> frozenset[str]:
    """The flows without which nothing in a scope goes round."""
    found: set[str] = set()
    open_, done = set[str](), set[str]()
    for start in scope.nodes.values():
        path: list[tuple[Node, Iterator[Flow]]] = [(start, _ways_out(start))] if start.id not in done else []
        open_.add(start.id)
        while path:
            node, out = path[-1]
            flow = next(out, None)
            if flow is None:
                path.pop()
                open_.discard(node.id)
                done.add(node.id)
            elif flow.target in open_:
                found.add(flow.id)
            elif flow.target not in done:
                target = scope.nodes[flow.target]
                open_.add(target.id)
                path.append((target, _ways_out(target)))
    return frozenset(found)


def _ways_out(node: Node) -> Iterator[Flow]:
    yield from node.outgoing
    for guard in node.boundary:
        yield from guard.outgoing


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
