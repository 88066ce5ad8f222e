"""What each kind of element does when a token reaches it: SpiffWorkflow task specs that route tokens themselves.

Built from the model, not from XML by SpiffWorkflow's parser: the file is then read once, by one reader with one opinion
of it, and what the checks have seen is what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from SpiffWorkflow.bpmn.specs import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from jiefen.errors import ProcessError
from jiefen.process.model.elements import Event, Flow, Mapped, Node, Template
from jiefen.process.model.graph import upstream
from jiefen.process.run.case import CaseWorkflow, ScopeSpec, Token

Route = tuple[Flow, "NodeSpec"]


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]
    """An element that passes its token on at once; the base of all others.

    Attributes:
        node: the model of the element.
        event: its event definition.
        routes: where its flows lead, in file order; wired after all specs of the scope exist.
        guards: its boundary events.
        incoming: the ids of the flows that lead to it.
        repeated: whether this is the body of a multi-instance or loop, whose container counts it.
    """

    #: Event subprocesses listen without keeping their scope open.
    watches = False
    #: The states in which a token may be here between two steps.
    rests = TaskState.READY

    def __init__(self, graph: ScopeSpec, node: Node, repeated: bool = False) -> None:
        super().__init__(graph, f"{node.id}*" if repeated else node.id)
        self.bpmn_id, self.bpmn_name = node.id, node.name
        self.node = node
        self.event: Event = node.event
        self.element = node.element
        self.repeated = repeated
        self.routes: list[Route] = []
        self.guards: list[NodeSpec] = []
        self.incoming = frozenset(flow.id for flow in node.incoming)

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        name = f" {self.node.name!r}" if self.node.name else ""
        return f"{self.element.file}:{self.element.line}: {self.node.id}{name}"

    # --- what subclasses say

    def arrive(self, token: Token) -> None:
        """A token has come."""
        token._ready()

    def work(self, token: Token) -> bool:
        """Do what the element does; ``False``: wait."""
        return True

    def choose(self, token: Token) -> list[Route]:
        """The routes that the token takes when it leaves.

        As BPMN has it for activities: every flow without a condition, every flow whose condition holds, and the
        default flow when no condition holds.

        Raises:
            ProcessError: when there are routes and none may be taken.
        """
        if not self.routes or (len(self.routes) == 1 and self.routes[0][0].when is None):
            return self.routes
        chosen = [
            (flow, spec)
            for flow, spec in self.routes
            if flow.id != self.node.default and (flow.when is None or token.case.holds(token, flow.when))
        ]
        if not any(flow.when for flow, _ in chosen):
            chosen += [route for route in self.routes if route[0].id == self.node.default]
        return chosen or self.stranded()

    def stranded(self) -> list[Route]:
        """No route may be taken.

        Raises:
            ProcessError: always.
        """
        conditions = ", ".join(repr(flow.when.text) for flow, _ in self.routes if flow.when)
        raise ProcessError(
            f"{self.place}: none of its conditions holds ({conditions}); give it a default flow"
        )

    def catches(self, kind: str) -> bool:
        """Whether a token here waits for an event of this kind."""
        return False

    def occur(self, token: Token) -> None:
        """The event that a token here waits for has happened."""
        raise ProcessError(f"{self.place} waits for no event")

    def rank(self, token: Token) -> tuple[int, int]:
        """Which events come before its own, when one thing happens to several."""
        return (1, 0)

    def fits(self, token: Token) -> bool:
        """Whether a restored token can have come from this element."""
        return bool(token.has_state(self.rests))

    # --- what a token asks

    def begin(self, token: Token) -> bool:
        """Let the boundary events listen, and do what the element does; ``False``: wait."""
        for guard in self.guards:
            guard.arrive(token.case.add(token.workflow, guard, token))
        take(token, self.node.inputs)
        return self.work(token)

    def leave(self, token: Token) -> None:
        """Set what the element gives out, and hand the token on."""
        case, scope = token.case, token.workflow
        for output in self.node.outputs:
            case.environment.assign(output.name, fill(token, output.value, token.answer), self.element)
        if self.repeated:
            container = cast(Token, token.parent)
            case.remove(token)
            container.task_spec.counted(container)
            return
        routes = self.choose(token)
        case.remove(token)
        case.spawn(scope, routes)


def fill(token: Token, template: Template | None, extra: Mapping[str, object] | None = None) -> object:
    """The value of a literal or expression at a token."""
    if template is None:
        return None
    if template.expression is None:
        return template.literal
    return token.case.value(token, template.expression, extra)


def take(token: Token, inputs: list[Mapped]) -> None:
    """Compute the input parameters; they become locals of the element, as they are at this moment."""
    for given in inputs:
        token.data[given.name] = fill(token, given.value)


class PersonSpec(NodeSpec):
    """A task for a person."""

    rests = TaskState.READY | TaskState.STARTED

    def work(self, token: Token) -> bool:
        """Wait until it is completed."""
        return False


class ExternalSpec(NodeSpec):
    """A service task: an outside system answers later."""

    rests = TaskState.READY | TaskState.STARTED

    def work(self, token: Token) -> bool:
        """Wait until it is completed or fails."""
        return False


class ScriptSpec(NodeSpec):
    """Assignments."""

    def work(self, token: Token) -> bool:
        """Set the facts, one after the other."""
        for line in self.node.assignments:
            token.case.environment.assign(line.target, token.case.value(token, line.expression), self.element)
        return True


class DecisionSpec(NodeSpec):
    """A business rule task."""

    def work(self, token: Token) -> bool:
        """Let the engine decide; the outputs become facts."""
        token.case.environment.decide(self.node.camunda["decisionRef"], self.element)
        return True


class ThrowSpec(NodeSpec):
    """Send tasks, and throw and end events."""

    def work(self, token: Token) -> bool:
        """Act on a deadline, then throw; whoever is interrupted by it is gone afterwards, perhaps this token too."""
        case, event = token.case, self.event
        if "act" in self.node.properties:
            case.environment.act(self.element)
        if self.node.type == "sendTask" or event.kind == "message":
            topic = event.topic or self.node.camunda["topic"]
            case.environment.send(topic, self.element, dict(token.data))
        elif event.kind == "signal":
            case.signal(event.name or "")
        elif event.kind == "escalation":
            case.throw(token, "escalation", event.name)
        elif event.kind == "error":
            if not case.throw(token, "error", event.name):
                raise ProcessError(f"{self.place} throws the error {event.name!r}, and nobody catches it")
        elif event.kind == "terminate":
            case.clear(token.workflow, keep=token)
        return True

    def leave(self, token: Token) -> None:
        """Tell the milestone, if the element is one, then go on."""
        milestone = self.node.properties.get("milestone")
        if milestone or self.node.reaches_itself:
            token.case.environment.milestone(milestone.value if milestone else self.node.id, self.element)
        super().leave(token)


class NestSpec(NodeSpec):
    """Subprocesses, call activities and event subprocesses.

    Attributes:
        inside: the name of the scope that runs inside.
    """

    rests = TaskState.READY | TaskState.STARTED

    def __init__(self, graph: ScopeSpec, node: Node, repeated: bool = False) -> None:
        super().__init__(graph, node, repeated)
        self.inside = node.body.name if node.body else node.attributes["calledElement"]

    def work(self, token: Token) -> bool:
        """Begin the inside; it completes the token when it ends."""
        token._set_state(TaskState.STARTED)
        token.case.environment.entered(self.element)
        token.case.open(token, self.inside)
        return False


class ExclusiveSpec(NodeSpec):
    """The first flow whose condition holds, in file order."""

    def choose(self, token: Token) -> list[Route]:
        """One route."""
        if len(self.routes) < 2:
            return super().choose(token)
        for flow, spec in self.routes:
            if flow.when is not None and flow.id != self.node.default and token.case.holds(token, flow.when):
                return [(flow, spec)]
        return [route for route in self.routes if route[0].id == self.node.default] or self.stranded()


class ParallelSpec(NodeSpec):
    """Waits for one token on each incoming flow, takes one of each, and sends one along each outgoing flow.

    Further tokens on a flow stay there for the next round; SpiffWorkflow loses them.
    """

    rests = TaskState.READY | TaskState.WAITING

    def arrive(self, token: Token) -> None:
        """Go on when every incoming flow has a token; the oldest of each is taken."""
        token._set_state(TaskState.WAITING)
        waiting = gathered(token)
        oldest = {one.flow: one for one in reversed(waiting)}
        if len(oldest) < len(self.node.incoming):
            return
        for one in oldest.values():
            if one is not token:
                token.case.remove(one)
        token._ready()

    def choose(self, token: Token) -> list[Route]:
        """All of them."""
        return self.routes


def gathered(token: Token) -> list[Token]:
    """The tokens that wait where ``token`` waits, the oldest first."""
    scope = token.workflow
    found = [
        other
        for other in scope.tasks.values()
        if other.task_spec is token.task_spec and other.state == TaskState.WAITING
    ]
    return sorted(found, key=lambda other: cast(int, other.id))


class InclusiveSpec(NodeSpec):
    """Waits while a token elsewhere in the scope could still come by an incoming flow that has none.

    Attributes:
        upstream: for each incoming flow, the nodes from which a token can come to it without passing this gateway.
    """

    rests = TaskState.READY | TaskState.WAITING

    def __init__(self, graph: ScopeSpec, node: Node, repeated: bool = False) -> None:
        super().__init__(graph, node, repeated)
        self.upstream = {flow.id: upstream(flow, node) for flow in node.incoming}

    def arrive(self, token: Token) -> None:
        """Wait; whether it may go on is looked at after every step (:func:`release`)."""
        if len(self.node.incoming) < 2:
            token._ready()
            return
        token._set_state(TaskState.WAITING)
        token.case.gathering[token.id] = token

    def release(self, token: Token) -> bool:
        """Go on if nothing can come any more (BPMN 2.0.2, 13.4.3); the other tokens waiting here are taken."""
        waiting = gathered(token)
        came = {one.flow for one in waiting}
        empty = [nodes for flow, nodes in self.upstream.items() if flow not in came]
        full = [nodes for flow, nodes in self.upstream.items() if flow in came]
        for other in token.workflow.task_tree.children:
            at = other.task_spec
            if at is self:
                continue
            if any(at.node.id in nodes for nodes in empty) and not any(at.node.id in nodes for nodes in full):
                return False
        oldest = {one.flow: one for one in reversed(waiting)}
        for one in oldest.values():
            if one is not token:
                token.case.remove(one)
        token.case.gathering.pop(token.id, None)
        token._ready()
        return True


def release(case: CaseWorkflow) -> None:
    """Let every inclusive gateway that need not wait any longer go on."""
    for token in [case.gathering[key] for key in sorted(case.gathering)]:
        if token.alive and token._state == TaskState.WAITING:
            cast(Any, token.task_spec).release(token)
