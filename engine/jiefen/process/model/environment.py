"""What a running process asks of the house, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

from jiefen.process.model.elements import Element

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Act(StrEnum):
    """What an element may do to a deadline: its property ``act``."""

    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    INTERRUPT = "interrupt"


class Environment(Protocol):
    """The engine, as a running process sees it. What a method raises stops the step."""

    def now(self) -> datetime:
        """The current instant, zone-aware."""
        ...

    def facts(self) -> Mapping[str, object]:
        """The facts of the case as they are now."""
        ...

    def assign(self, name: str, value: object, element: Element) -> None:
        """A script or an output mapping sets a fact."""
        ...

    def decide(self, table: str, element: Element) -> None:
        """A business rule task asks for a decision; its outputs become facts."""
        ...

    def milestone(self, milestone: str, element: Element) -> None:
        """A moment with legal meaning has come."""
        ...

    def act(self, element: Element) -> None:
        """Something is done to a deadline, as the properties of the element say; an :class:`Act`."""
        ...

    def deadline(self, rule_id: str) -> datetime | None:
        """The instant at which a deadline expires; ``None`` when it does not run."""
        ...

    def send(self, topic: str, element: Element, inputs: Mapping[str, object]) -> None:
        """A message is thrown; nobody waits for an answer."""
        ...

    def entered(self, element: Element) -> None:
        """A call activity or subprocess begins; of a multi-instance, each instance."""
        ...

    def ended(self, element: Element | None) -> None:
        """A call activity or subprocess ended or was interrupted; ``None``: the whole process ended."""
        ...


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a process waits for.

    Attributes:
        key: stable for the life of the token, small, unique in the case.
        kind: ``task`` is for a person, ``external`` for an outside system; both are completed with their key, a
            ``timer`` is fired with it, a ``message`` arrives by name.
        roles, assignee, form, seat: of a task. Expressions in them are computed on the facts as they are now.
        nobody: of a task, the expressions for its roles and assignee that give nothing, each as the model says it.
        due_at: of a timer, the instant at which it fires; of a task, its due date. ``None``: not known (yet).
        deadline: the deadline that ``due_at`` follows.
        topic, inputs: of an external task.
        message: the name of the message.
        mapped: whether the element turns the answer into facts itself, by output parameters.
        reads: the names that these output parameters read, from the answer or from the facts.
        locals: the item of a multi-instance and other values that only this wait has.
    """

    key: int
    kind: Literal["task", "external", "message", "timer"]
    element: Element
    roles: tuple[str, ...] = ()
    assignee: str | None = None
    form: str | None = None
    seat: str | None = None
    nobody: tuple[str, ...] = ()
    due_at: datetime | None = None
    deadline: str | None = None
    topic: str | None = None
    inputs: Mapping[str, object] = _NOTHING
    message: str | None = None
    mapped: bool = False
    reads: frozenset[str] = frozenset()
    locals: Mapping[str, object] = _NOTHING
