"""Multi-instances and loops: a container whose children are the instances."""

from __future__ import annotations

from typing import Final, cast

from SpiffWorkflow.util.task import TaskState

from jiefen.errors import ProcessError
from jiefen.process.model.elements import Loop, Node
from jiefen.process.run.case import ScopeSpec, Token
from jiefen.process.run.specs import NodeSpec

#: A multi-instance has at most this many instances.
MAX_INSTANCES: Final = 1_000


class RepeatSpec(NodeSpec):
    """Runs its body several times. Boundary events sit on the container, input parameters belong to each instance.

    The container remembers in ``internal_data``: ``total``, ``done``, and for a sequence the items that are ``left``.

    Attributes:
        body: the activity itself.
    """

    def __init__(self, graph: ScopeSpec, node: Node, body: NodeSpec) -> None:
        super().__init__(graph, node)
        self.body = body
        self.loop = cast(Loop, node.loop)

    rests = TaskState.READY | TaskState.STARTED

    def fits(self, token: Token) -> bool:
        """A container that has begun must know how far it is."""
        memory, wanted = token.internal_data, {"while": {"done"}, "parallel": {"done", "total"}}
        keys = wanted.get(self.loop.kind, {"done", "total", "left"})
        return super().fits(token) and (token.has_state(TaskState.READY) or set(memory) == keys)

    def begin(self, token: Token) -> bool:
        """Let the boundary events listen, and begin the instances, which take the inputs themselves."""
        for guard in self.guards:
            guard.arrive(token.case.add(token.workflow, guard, token))
        return self.work(token)

    def leave(self, token: Token) -> None:
        """Hand on, without the instances that still run; what these give out they gave out themselves."""
        for child in token.children:
            token.case.drop(child)
        routes, case, scope = self.choose(token), token.case, token.workflow
        case.remove(token)
        case.spawn(scope, routes)

    def work(self, token: Token) -> bool:
        """Begin the first instance, or all of them."""
        memory = token.internal_data
        memory["done"] = 0
        if self.loop.kind == "while":
            if self.loop.test_before and not self._again(token):
                return True
            self._instance(token, 0, None)
            return False
        items = self._items(token)
        memory["total"] = len(items)
        if self.loop.kind == "sequential":
            memory["left"] = items
            return not self._next(token)
        for index, item in enumerate(items):
            self._instance(token, index, item)
        return not items

    def counted(self, token: Token) -> None:
        """An instance has completed."""
        memory = token.internal_data
        memory["done"] += 1
        if self.loop.kind == "while":
            if self._again(token):
                self._instance(token, memory["done"], None)
            else:
                token.complete()
        elif memory["done"] >= memory["total"] or self._enough(token):
            token.complete()
        elif self.loop.kind == "sequential":
            self._next(token)

    def _instance(self, token: Token, index: int, item: object) -> None:
        instance = token.case.add(token.workflow, self.body, token)
        instance.data["loopCounter"] = index
        if self.loop.variable:
            instance.data[self.loop.variable] = item
        self.body.arrive(instance)

    def _next(self, token: Token) -> bool:
        left = token.internal_data["left"]
        if not left:
            return False
        token.internal_data["left"] = left[1:]
        self._instance(token, token.internal_data["done"], left[0])
        return True

    def _items(self, token: Token) -> tuple[object, ...]:
        if self.loop.items is not None:
            value = token.case.value(token, self.loop.items)
            if not isinstance(value, tuple | list):
                what = "is not set" if value is None else f"must be a list, not {value!r}"
                raise ProcessError(f"{self.place}: the collection {self.loop.items.text!r} {what}")
            items = tuple(value)
        else:
            count = token.case.value(token, self.loop.count) if self.loop.count else None
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise ProcessError(f"{self.place}: the number of instances must be 0 or more, not {count!r}")
            items = (None,) * min(count, MAX_INSTANCES + 1)
        if len(items) > MAX_INSTANCES:
            raise ProcessError(f"{self.place}: more than {MAX_INSTANCES} instances")
        return items

    def _counts(self, token: Token) -> dict[str, object]:
        done, total = token.internal_data["done"], token.internal_data.get("total", 0)
        active = sum(child.task_spec is self.body for child in token.children)
        return {"nrOfInstances": total, "nrOfCompletedInstances": done, "nrOfActiveInstances": active}

    def _enough(self, token: Token) -> bool:
        if self.loop.until is None:
            return False
        value = token.case.value(token, self.loop.until, self._counts(token))
        if value is None or isinstance(value, bool):
            return bool(value)
        raise ProcessError(f"{self.place}: the completion condition gives {value!r}, not true or false")

    def _again(self, token: Token) -> bool:
        done = token.internal_data["done"]
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return False
        if self.loop.again is None:
            return True
        value = token.case.value(token, self.loop.again, {"loopCounter": done})
        if value is None or isinstance(value, bool):
            return bool(value)
        raise ProcessError(f"{self.place}: the loop condition gives {value!r}, not true or false")
