"""Elements that wait for an event: catch events, receive tasks, boundary events, event gateways, event subprocesses."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from SpiffWorkflow.util.task import TaskState

from jiefen.errors import ExpressionError
from jiefen.notation.expressions import Expression
from jiefen.process.model.elements import Node
from jiefen.process.model.times import Duration, Timer, as_instant
from jiefen.process.run.case import CaseWorkflow, ScopeSpec, Token
from jiefen.process.run.specs import NodeSpec


class CatchSpec(NodeSpec):
    """An intermediate catch event or a receive task."""

    rests = TaskState.READY | TaskState.WAITING

    def fits(self, token: Token) -> bool:
        """A timer that is counted must know when it is due."""
        timer = self.event.timer
        counted = timer is not None and timer.duration is not None and token.has_state(TaskState.WAITING)
        return super().fits(token) and counted == isinstance(token.internal_data.get("due"), datetime)

    def catches(self, kind: str) -> bool:
        """Whether it waits for an event of this kind."""
        return self.event.kind == kind

    def work(self, token: Token) -> bool:
        """Wait for the event."""
        self.arm(token)
        return False

    def arm(self, token: Token) -> None:
        """Begin to wait; a timer that is counted is counted from now."""
        token._set_state(TaskState.WAITING)
        timer = self.event.timer
        if timer is not None and timer.duration is not None:
            token.internal_data["due"] = cast(Duration, timer.every).after(token.case.environment.now())
            if timer.times is not None:
                token.internal_data["left"] = timer.times
        elif timer is not None:
            due(token)

    def occur(self, token: Token) -> None:
        """Go on; what else an event gateway offered is withdrawn."""
        gateway = cast(Token, token.parent)
        if isinstance(gateway.task_spec, EventGatewaySpec):
            routes, case, scope = self.choose(token), token.case, token.workflow
            case.drop(gateway)
            case.spawn(scope, routes)
            case.settle(scope)
        else:
            token.complete()

    def rearm(self, token: Token) -> None:
        """After a non-interrupting event: go on listening, a timer only as often as it should.

        The times that a cycle has missed while nobody looked are one with the time that has come.
        """
        timer = self.event.timer
        if timer is None:
            return
        left = token.internal_data.get("left")
        gone = missed(token) + 1
        if not timer.cycle or timer.every is None or (left is not None and left <= gone):
            token.case.remove(token)
            return
        # Counted from when it was due, not from when it was noticed: a cycle does not drift.
        _, token.internal_data["due"] = timer.every.repeated(
            token.internal_data["due"], token.case.environment.now()
        )
        if left is not None:
            token.internal_data["left"] = left - gone


class BoundarySpec(CatchSpec):
    """A boundary event; its token is a child of the activity's token and goes with it."""

    rests = TaskState.WAITING

    def arrive(self, token: Token) -> None:
        """Listen as long as the activity runs."""
        self.arm(token)

    def rank(self, token: Token) -> tuple[int, int]:
        """Interrupting events first, the outermost before all."""
        return (0, token.workflow.depth) if self.node.interrupting else (1, 0)

    def occur(self, token: Token) -> None:
        """Cancel the activity, if it interrupts, and follow its own flow."""
        case, scope = token.case, token.workflow
        activity = cast(Token, token.parent)
        routes = self.choose(token)
        if self.node.interrupting:
            case.drop(activity)
        else:
            self.rearm(token)
        case.spawn(scope, routes)
        case.settle(scope)


class WatcherSpec(CatchSpec):
    """The start event of an event subprocess, listening as long as its scope has something to do.

    Attributes:
        handler: the event subprocess, which runs when the event happens.
    """

    watches = True
    rests = TaskState.WAITING

    def __init__(self, graph: ScopeSpec, start: Node, handler: NodeSpec) -> None:
        super().__init__(graph, start)
        self.handler = handler

    def arrive(self, token: Token) -> None:
        """Listen."""
        self.arm(token)

    def rank(self, token: Token) -> tuple[int, int]:
        """Interrupting events first, the outermost before all; the inside of a scope is inside of its activity."""
        return (0, token.workflow.depth) if self.node.interrupting else (1, 0)

    def occur(self, token: Token) -> None:
        """Cancel the rest of the scope, if it interrupts, and run the handler."""
        case, scope = token.case, token.workflow
        if self.node.interrupting:
            case.clear(scope)
        else:
            self.rearm(token)
        self.handler.arrive(case.add(scope, self.handler))


class EventGatewaySpec(NodeSpec):
    """Waits for the first of the events behind it."""

    rests = TaskState.READY | TaskState.STARTED

    def work(self, token: Token) -> bool:
        """Let each of the events behind it wait, inside this token."""
        for flow, spec in self.routes:
            event = token.case.add(token.workflow, spec, token, flow.id)
            cast(CatchSpec, spec).arm(event)
        return False


def missed(token: Token) -> int:
    """How many more times of a cycle have come since the one that is due: 0 for any other timer."""
    timer = cast("Timer | None", token.task_spec.event.timer)
    left: int | None = token.internal_data.get("left")
    if timer is None or not timer.cycle or timer.every is None:
        return 0
    times, _ = timer.every.repeated(token.internal_data["due"], token.case.environment.now())
    return times if left is None else min(times, left - 1)


def due(token: Token) -> datetime | None:
    """When a timer fires: a counted one as it was counted, a dated one as facts and deadlines stand now.

    Raises:
        ExpressionError: when it is no date.
    """
    counted = token.internal_data.get("due")
    if counted is not None:
        return cast(datetime, counted)
    return instant(token, cast(Timer, token.task_spec.event.timer))


def instant(token: Token, timer: Timer) -> datetime | None:
    """The instant of a dated timer; ``None`` as long as a fact or deadline that it is computed from is not set.

    Raises:
        ExpressionError: when it is no date.
    """
    try:
        return as_instant(dated(token, timer))
    except ExpressionError as error:
        raise ExpressionError(f"{token.task_spec.place}: {error}") from None


def dated(token: Token, timer: Timer) -> object:
    """The value of a dated timer; ``None`` as long as something that it is computed from is not set.

    Raises:
        ExpressionError: when it cannot be computed.
    """
    when, case = timer.instant, token.case
    if not isinstance(when, Expression):
        return when
    if timer.deadline is not None and case.environment.deadline(timer.deadline) is None:
        return None
    facts, known = case.environment.facts(), case.locals(token)
    if any(known.get(name, facts.get(name)) is None for name in when.names):
        return None
    return case.value(token, when)


def watch_conditions(case: CaseWorkflow) -> None:
    """Let conditional events happen whose condition has come to hold.

    One at a time, because each may end what the next one guards. A non-interrupting one happens again only after its
    condition has failed to hold in between.
    """
    for token in case.listeners("conditional"):
        when = token.task_spec.event.when
        if not token.alive or when is None:
            continue
        held = token.internal_data.get("held", False)
        holds = case.holds(token, when)
        token.internal_data["held"] = holds
        if holds and not held:
            token.task_spec.occur(token)
