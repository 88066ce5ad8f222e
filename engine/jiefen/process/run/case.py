"""Tokens and scopes: SpiffWorkflow's tasks and workflows, kept to what can still matter.

A token is a :class:`SpiffWorkflow.task.Task`, a scope (the process, a subprocess, a called process) is one of its
workflows. Three things differ from plain SpiffWorkflow, and the rest follows from them:

* Nothing is predicted. A token appears where a flow leads when it leads there.
* A token leaves the tree in the moment it has handed on. The tree therefore holds live tokens only: it is as small
  after the hundredth loop as after the first, and saving it needs no search for what may be forgotten.
* Whatever interrupts (an error, an escalation, a signal, a message, a timer) cancels in the moment it happens, inside
  the step that threw it, so no other element can run in between.
"""

from __future__ import annotations

import heapq
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec, BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from jiefen.clock import china_date
from jiefen.errors import ExpressionError, ProcessError
from jiefen.notation.expressions import Expression
from jiefen.notation.operators import Functions
from jiefen.process.model.elements import Flow, Scope
from jiefen.process.model.environment import Environment

#: A case never has more tokens at a time.
MAX_TOKENS = 5_000


class Stop(Protocol):
    """What a token asks of the element that it comes to; :class:`~jiefen.process.run.specs.NodeSpec` answers."""

    @property
    def place(self) -> str:
        """Where the element stands, for messages."""
        ...

    def arrive(self, token: Token) -> None:
        """A token has come."""
        ...


class ScopeSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The graph of a process or subprocess, without SpiffWorkflow's own start and end, whose names an author may use.

    Attributes:
        scope: the model that it was built from.
        entry: where a token begins; ``None`` until it is wired.
        watchers: the event subprocesses.
    """

    def __init__(self, scope: Scope) -> None:
        WorkflowSpec.__init__(self, name=scope.name, filename=scope.process.file)
        self.scope = scope
        self.entry: Stop | None = None
        self.watchers: list[Stop] = []
        self.data_objects: dict[str, object] = {}
        self.root = BpmnTaskSpec(self, "")


class Token(Task):  # type: ignore[misc]
    """One token. ``id`` is its key, ``data`` its locals, ``internal_data`` what its element must remember.

    SpiffWorkflow's tasks know their relatives by keys, look them up at every use, and note when they last changed. A
    token knows its relatives themselves, and nobody asks when.

    Attributes:
        case: to which it belongs.
        parent: the token in which it lies inside its scope; of the root of a scope, ``None``.
        inner: the tokens that lie in it.
        flow: the flow by which it came; joins look at it.
        answer: what came back when it was completed; it matters only while the token leaves.
    """

    parent: Token | None = None

    def __init__(
        self, workflow: AnyScope, spec: BpmnTaskSpec, parent: Token | None, key: int, flow: str | None = None
    ) -> None:
        self.id, self.workflow, self.task_spec = key, workflow, spec
        self.case: CaseWorkflow = workflow.top_workflow
        self._state = TaskState.FUTURE
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.flow = flow
        self.answer: Mapping[str, object] = {}
        self.inner: list[Token] = []
        workflow.tasks[key] = self
        if parent is not None:
            self.parent = parent
            parent.inner.append(self)

    @property
    def children(self) -> list[Token]:
        """The tokens that lie in it now; what becomes of them does not change the list."""
        return self.inner.copy()

    @property
    def alive(self) -> bool:
        """Whether it is still part of the case."""
        return not self._state & TaskState.FINISHED_MASK

    @property
    def outer(self) -> Token | None:
        """The token that this one lies in: the activity of a boundary event or instance, or of the scope."""
        parent = self.parent
        if parent is None or parent.parent is None:
            return self.workflow.owner
        return parent

    def _set_state(self, value: int) -> None:
        # SpiffWorkflow logs every change with a dictionary of details that costs more than the change.
        self._state = value

    def _ready(self) -> None:
        self._state = TaskState.READY
        self.case.enqueue(self)

    def run(self) -> bool | None:
        """Let its element work. A token that was interrupted by what it did goes nowhere."""
        done: bool | None = self.task_spec.begin(self)
        if done and self.alive:
            self.complete()
        elif self._state == TaskState.READY:
            self._state = TaskState.STARTED
        return done

    def complete(self) -> None:
        """Its element is done: hand on, and end the scope if nothing is left in it."""
        self._state = TaskState.COMPLETED
        self.task_spec.leave(self)
        self.case.settle(self.workflow)


class _NoScripts(PythonScriptEngine):  # type: ignore[misc]
    """SpiffWorkflow would evaluate Python; nothing here may."""

    def evaluate(self, task: Task, expression: str, external_context: object = None) -> object:
        raise ProcessError(f"Python is not evaluated: {expression!r}")

    def execute(self, task: Task, script: str, external_context: object = None) -> object:
        raise ProcessError(f"Python is not executed: {script!r}")


_NO_SCRIPTS = _NoScripts()


class InnerScope(BpmnSubWorkflow):  # type: ignore[misc]
    """The inside of a running subprocess, call activity or event handler."""

    def __init__(self, spec: ScopeSpec, owner: Token) -> None:
        self.owner: Token | None = owner
        super().__init__(spec, parent_task_id=owner.id, top_workflow=owner.case, deserializing=True)
        self.task_tree = _root(self)

    def _calculate_depth(self) -> int:
        return int(cast(Token, self.owner).workflow.depth) + 1


class CaseWorkflow(BpmnWorkflow):  # type: ignore[misc]
    """The outermost scope, and the machinery that all scopes of a case share."""

    owner: Token | None = None

    def __init__(self, spec: ScopeSpec, specs: Mapping[str, ScopeSpec], environment: Environment) -> None:
        self.environment = environment
        self.next_key = 1
        self.queue: list[int] = []
        self.queued: dict[int, Token] = {}
        self.gathering: dict[int, Token] = {}
        super().__init__(spec, subprocess_specs=specs, script_engine=_NO_SCRIPTS, deserializing=True)
        self.task_tree = _root(self)

    # --- the tree

    def scopes(self) -> Iterator[AnyScope]:
        """Every running scope, outer before inner."""
        yield self
        yield from self.subprocesses.values()

    def tokens(self) -> Iterator[Token]:
        """Every token of every scope."""
        for scope in self.scopes():
            for token in scope.tasks.values():
                if token is not scope.task_tree:
                    yield token

    def find(self, key: int) -> Token | None:
        """The live token with this key."""
        return next((token for token in self.tokens() if token.id == key), None)

    def add(self, scope: AnyScope, spec: Stop, parent: Token | None = None, flow: str | None = None) -> Token:
        """A new token that does nothing yet."""
        tokens = len(self.tasks)
        for inner in self.subprocesses.values():
            tokens += len(inner.tasks)
        if tokens > MAX_TOKENS:
            raise ProcessError(
                f"{spec.place}: more than {MAX_TOKENS} tokens; a loop or multi-instance has no end"
            )
        token = Token(scope, spec, parent or scope.task_tree, self.next_key, flow)
        self.next_key += 1
        return token

    def spawn(self, scope: AnyScope, routes: Sequence[tuple[Flow, Stop]]) -> None:
        """Send one token along each route."""
        for flow, spec in routes:
            spec.arrive(self.add(scope, spec, flow=flow.id))

    def open(self, owner: Token, name: str) -> None:
        """Begin the inside of ``owner``."""
        scope = InnerScope(self.subprocess_specs[name], owner)
        self.subprocesses[owner.id] = scope
        self.begin(scope)

    def begin(self, scope: AnyScope) -> None:
        """Put the first token into a scope and let its event subprocesses listen."""
        spec = cast(ScopeSpec, scope.spec)
        for watcher in spec.watchers:
            watcher.arrive(self.add(scope, watcher))
        entry = cast("Stop", spec.entry)
        entry.arrive(self.add(scope, entry))

    def drop(self, token: Token) -> None:
        """Cancel a token with everything inside it."""
        if not token.alive:
            return
        for child in token.children:
            self.drop(child)
        inner = self.subprocesses.get(token.id)
        if inner is not None:
            self.clear(inner)
            del self.subprocesses[token.id]
            self.environment.ended(token.task_spec.element)
        token._set_state(TaskState.CANCELLED)
        self.remove(token)

    def clear(self, scope: AnyScope, keep: Token | None = None) -> None:
        """Cancel everything in a scope, but ``keep``."""
        for token in scope.task_tree.children:
            if token is not keep:
                self.drop(token)

    def remove(self, token: Token) -> None:
        """Take a token out of the tree: it has handed on, or a join has taken it."""
        if token.alive:
            token._set_state(TaskState.COMPLETED)
        self.gathering.pop(token.id, None)
        self._take_out(token)

    def _take_out(self, token: Token) -> None:
        if token.workflow.tasks.pop(token.id, None) is None:
            return
        for child in token.children:
            self._take_out(child)
        if token.parent is not None:
            token.parent.inner.remove(token)

    def settle(self, scope: AnyScope) -> None:
        """End a scope in which nothing is left to do."""
        if scope.completed:
            return
        for token in scope.task_tree.inner:
            if not token.task_spec.watches:
                return
        scope.completed = True
        self.clear(scope)
        if scope.owner is None:
            self.environment.ended(None)
            return
        del self.subprocesses[scope.owner.id]
        self.environment.ended(scope.owner.task_spec.element)
        scope.owner.complete()

    # --- steps

    def enqueue(self, token: Token) -> None:
        """Note that a token is ready to run."""
        heapq.heappush(self.queue, token.id)
        self.queued[token.id] = token

    def next(self) -> Token | None:
        """The ready token with the smallest key; the order does not depend on how often the case was saved."""
        while self.queue:
            token = self.queued.pop(heapq.heappop(self.queue), None)
            if token is not None and token._state == TaskState.READY:
                return token
        return None

    # --- values

    def locals(self, token: Token) -> dict[str, object]:
        """What is visible at a token besides the facts, the innermost value of each name."""
        layers: list[dict[str, object]] = []
        at: Token | None = token
        while at is not None:
            if at.data:
                layers.append(at.data)
            at = at.outer
        return {name: value for layer in reversed(layers) for name, value in layer.items()}

    def functions(self) -> Functions:
        """The functions whose answer depends on the case."""
        return {"today": lambda: china_date(self.environment.now()), "deadline": self.environment.deadline}

    def value(
        self, token: Token, expression: Expression, extra: Mapping[str, object] | None = None
    ) -> object:
        """The value of an expression at a token.

        Raises:
            ExpressionError: with the file and the element.
        """
        scope: Mapping[str, object] = self.environment.facts()
        known = self.locals(token)
        if known or extra:
            layers: list[Any] = [extra or {}, known, scope]
            scope = ChainMap(*layers)
        try:
            return expression.evaluate(scope, self.functions())
        except ExpressionError as error:
            raise ExpressionError(f"{token.task_spec.place}: {error}") from None

    def holds(self, token: Token, expression: Expression) -> bool:
        """Whether a condition holds; null does not.

        Raises:
            ExpressionError: when it is neither true nor false.
        """
        value = self.value(token, expression)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise ExpressionError(
            f"{token.task_spec.place}: {expression.text!r} gives {value!r}, a condition gives true or false"
        )

    # --- events

    def throw(self, token: Token, kind: str, code: str | None, own: bool = False) -> bool:
        """Let the nearest catcher around ``token`` catch an error or escalation.

        Args:
            own: begin at the token's own boundary events; else at its scope.

        Returns:
            Whether somebody caught it. When that interrupts, everything it cancels is gone on return.
        """
        at, handler = token, False
        if own and self._caught(at, kind, code):
            return True
        while True:
            scope = at.workflow
            # What a handler throws is not for the handlers beside it: they guard the scope, not each other.
            if not handler and self._occurs(scope.task_tree.children, kind, code):
                return True
            if scope.owner is None:
                return False
            at, handler = scope.owner, scope.owner.task_spec.node.by_event
            if self._caught(at, kind, code):
                return True

    def _caught(self, activity: Token, kind: str, code: str | None) -> bool:
        """Boundary events sit on the activity, or on the multi-instance around it."""
        holders = (activity, cast(Token, activity.parent))
        return any(
            self._occurs(holder.children, kind, code) for holder in holders if holder.parent is not None
        )

    def _occurs(self, candidates: list[Token], kind: str, code: str | None) -> bool:
        catchers = [token for token in candidates if token.task_spec.catches(kind)]
        for wanted in (code, None):
            for token in catchers:
                if token.task_spec.event.name == wanted:
                    token.task_spec.occur(token)
                    return True
        return False

    def listeners(self, kind: str, name: str | None = None) -> list[Token]:
        """Who waits for an event: the interrupting ones first, from the outside in, then by age."""
        found = [
            token
            for token in self.tokens()
            if token._state == TaskState.WAITING
            and token.task_spec.catches(kind)
            and (name is None or token.task_spec.event.name == name)
        ]
        return sorted(found, key=lambda token: (*token.task_spec.rank(token), token.id))

    def signal(self, name: str) -> None:
        """Broadcast within the case."""
        for token in self.listeners("signal", name):
            if token.alive:
                token.task_spec.occur(token)


AnyScope = CaseWorkflow | InnerScope


def _root(scope: AnyScope) -> Token:
    root = Token(scope, scope.spec.root, None, -1)
    root._set_state(TaskState.COMPLETED)
    return root
