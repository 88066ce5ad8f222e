"""One running process of one case: run it until it waits, tell it what happened, save it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from SpiffWorkflow.util.task import TaskState

from jiefen.errors import ExpressionError, NotFound, ProcessError
from jiefen.process.model.elements import Element, Node, Template
from jiefen.process.model.environment import Environment, Wait
from jiefen.process.model.times import end_of_day
from jiefen.process.run import events, state
from jiefen.process.run.case import CaseWorkflow, Token
from jiefen.process.run.load import Processes
from jiefen.process.run.specs import ExternalSpec, NodeSpec, PersonSpec, fill, release

_NONE: Final[frozenset[str]] = frozenset()
_JOINS: Final = frozenset({"parallelGateway", "inclusiveGateway"})
#: After so many elements without waiting, a process is taken to go round in circles.
MAX_STEPS: Final = 10_000


class Instance:
    """A running process. Not shared between threads; after an exception it must be restored from its last state.

    Use :meth:`start` or :meth:`restore`, then :meth:`run`.
    """

    def __init__(self, case: CaseWorkflow, processes: Processes) -> None:
        self._case = case
        self._processes = processes

    @classmethod
    def start(
        cls, processes: Processes, process_id: str, environment: Environment, first_key: int = 1
    ) -> Instance:
        """Put a token on the start event; nothing runs before :meth:`run`.

        Args:
            first_key: of its first token; a case that goes through its process again needs keys that are new.

        Raises:
            NotFound: when there is no such process.
        """
        processes.require(process_id)
        case = CaseWorkflow(processes.graphs[process_id], processes.graphs, environment)
        case.next_key = first_key
        case.begin(case)
        return cls(case, processes)

    @classmethod
    def restore(cls, processes: Processes, saved: bytes, environment: Environment) -> Instance:
        """Go on from what :meth:`dump` gave.

        Raises:
            StateError: when it is damaged, of another format, or does not fit the processes.
        """
        return cls(state.restore(processes.graphs, saved, environment), processes)

    def dump(self) -> bytes:
        """The state: live tokens and nothing else. It holds no facts."""
        return state.dump(self._case)

    @property
    def ended(self) -> bool:
        """Whether the process has come to its end."""
        return bool(self._case.completed)

    @property
    def process_id(self) -> str:
        """The process that runs."""
        return str(self._case.spec.name)

    def run(self) -> None:
        """Run one element after the other until everything waits.

        Raises:
            ProcessError: a gateway has no way on, an error is caught by nobody, or the process goes round in circles.
            ExpressionError: an expression cannot be computed on the facts at hand.
        """
        case, visited = self._case, list[str]()
        self._settle()
        while (token := case.next()) is not None:
            visited.append(token.task_spec.place)
            if len(visited) > MAX_STEPS:
                often = ", ".join(place for place, _ in Counter(visited).most_common(4))
                raise ProcessError(f"the process goes round in circles without waiting: {often}")
            token.run()
            self._settle()

    def _settle(self) -> None:
        if self._processes.watches_conditions:
            events.watch_conditions(self._case)
        if self._case.gathering:
            release(self._case)

    @property
    def stuck(self) -> tuple[Element, ...]:
        """The first join of each scope that waits for nothing: its tokens all wait at joins, and none can come."""
        found: dict[str, Element] = {}
        for scope in self._case.scopes():
            specs = [token.task_spec for token in scope.task_tree.inner if not token.task_spec.watches]
            if specs and all(spec.node.type in _JOINS for spec in specs):
                found.setdefault(specs[0].place, specs[0].element)
        return tuple(found.values())

    # --- what happened

    def complete(self, key: int, answer: Mapping[str, object] | None = None) -> None:
        """A task for a person or an outside system is done; :meth:`run` goes on.

        Args:
            answer: what came back; output parameters read it. The facts among it are set by the caller.

        Raises:
            NotFound: when nothing with this key waits to be completed.
        """
        token = self._waiting(key, (PersonSpec, ExternalSpec), "task")
        token.answer = answer or {}
        token.complete()

    def fail(self, key: int, code: str) -> None:
        """An outside system raised a BPMN error.

        Raises:
            NotFound: when nothing with this key waits.
            ProcessError: when nobody catches the error.
        """
        token = self._waiting(key, (PersonSpec, ExternalSpec), "task")
        if not self._case.throw(token, "error", code, own=True):
            raise ProcessError(
                f"{token.task_spec.place} failed with {code!r}, and nobody catches that; "
                "put an error boundary event on it"
            )

    def fire(self, key: int) -> int:
        """A timer is due. A cycle whose time came several times fires once; how many times it has missed.

        Raises:
            NotFound: when no timer with this key waits.
        """
        token = self._case.find(key)
        if token is None or not token.task_spec.catches("timer") or token.state != TaskState.WAITING:
            raise NotFound(f"no timer {key} waits; it has fired, or was cancelled")
        missed = events.missed(token)
        token.task_spec.occur(token)
        return missed

    def awaits(self, name: str) -> bool:
        """Whether something waits for a message now."""
        return bool(self._case.listeners("message", name))

    def message(self, name: str) -> bool:
        """A message has arrived for this case.

        One receiver gets it: an interrupting one before others, the outermost first, then the one that waits longest.

        Returns:
            ``False`` when nothing waits for it.
        """
        listeners = self._case.listeners("message", name)
        if listeners:
            listeners[0].task_spec.occur(listeners[0])
        return bool(listeners)

    def _waiting(self, key: int, kinds: tuple[type[NodeSpec], ...], what: str) -> Token:
        token = self._case.find(key)
        if token is None or not isinstance(token.task_spec, kinds) or token.state != TaskState.STARTED:
            raise NotFound(f"no {what} {key} waits; it is done, or was cancelled")
        return token

    # --- what it waits for

    @property
    def waits(self) -> tuple[Wait, ...]:
        """Everything that it waits for, in the order of the keys.

        Raises:
            ExpressionError: a timer, role or assignee cannot be computed on the facts as they are now.
        """
        found = [wait for token in self._case.tokens() if (wait := self._wait(token)) is not None]
        found.sort(key=lambda wait: wait.key)
        return tuple(found)

    def _wait(self, token: Token) -> Wait | None:
        spec: NodeSpec = token.task_spec
        if token._state == TaskState.STARTED:
            if isinstance(spec, PersonSpec):
                return self._task(token, spec)
            return self._call(token, spec) if isinstance(spec, ExternalSpec) else None
        if token._state != TaskState.WAITING:
            return None
        if spec.catches("message"):
            return Wait(
                key=token.id,
                kind="message",
                element=spec.element,
                message=spec.event.name,
                locals=self._case.locals(token),
            )
        if spec.catches("timer"):
            timer = spec.event.timer
            return Wait(
                key=token.id,
                kind="timer",
                element=spec.element,
                due_at=events.due(token),
                deadline=timer.deadline if timer else None,
                locals=self._case.locals(token),
            )
        return None

    def _call(self, token: Token, spec: NodeSpec) -> Wait:
        return Wait(
            key=token.id,
            kind="external",
            element=spec.element,
            topic=spec.node.camunda["topic"],
            inputs={given.name: token.data[given.name] for given in spec.node.inputs},
            mapped=bool(spec.node.outputs),
            reads=_read(spec.node),
            locals=self._case.locals(token),
        )

    def _task(self, token: Token, spec: NodeSpec) -> Wait:
        node = spec.node
        roles = [self._text(token, role) for role in node.roles]
        assignee = self._text(token, node.assignee)
        nobody = [template for template, role in zip(node.roles, roles, strict=True) if not role]
        if not roles and not assignee and node.assignee is not None:
            nobody.append(node.assignee)
        return Wait(
            key=token.id,
            kind="task",
            element=spec.element,
            roles=tuple(role for role in roles if role),
            assignee=assignee,
            nobody=tuple(each.expression.text for each in nobody if each.expression is not None),
            form=self._text(token, node.form),
            seat=self._text(token, node.seat),
            due_at=end_of_day(events.dated(token, node.due)) if node.due else None,
            deadline=node.due.deadline if node.due else None,
            mapped=bool(node.outputs),
            reads=_read(node),
            locals=self._case.locals(token),
        )

    def _text(self, token: Token, template: Template | None) -> str | None:
        if template is None:
            return None
        value = fill(token, template)
        if value is None or isinstance(value, str):
            return value
        raise ExpressionError(f"{token.task_spec.place}: a name is needed, not {value!r}")


def _read(node: Node) -> frozenset[str]:
    """The names that the output parameters of an element read."""
    if not node.outputs:
        return _NONE
    values = (output.value for output in node.outputs)
    expressions = (value.expression for value in values if value is not None)
    return frozenset(name for one in expressions if one is not None for name in one.names)
