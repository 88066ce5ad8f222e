"""A BPMN file as it stands: processes, nodes, flows and what they carry, with the line of each.

The reader (:mod:`.reader`) fills these; :mod:`.binding` compiles the texts into expressions; everything after that
only reads them, so that loaded models can be shared between threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from jiefen.notation.expressions import Assignment, Expression
from jiefen.process.model.times import Timer

EventKind = Literal[
    "none",
    "message",
    "timer",
    "error",
    "escalation",
    "signal",
    "conditional",
    "terminate",
    "link",
    "cancel",
    "compensate",
]

#: The property of a start event whose process begins no case by itself: what begins it.
BEGUN_BY: Final = "begun_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What the rest of the house sees of a node.

    Attributes:
        type: the BPMN tag: ``userTask``, ``callActivity``, ``endEvent``…
        process_id: the process that it belongs to, also for what lies in a subprocess.
        file, line: where it stands.
        properties: its ``camunda:properties``.
        called: the process that a call activity calls.
        table: the decision table that a business rule task asks.
    """

    id: str
    name: str
    type: str
    process_id: str
    file: str
    line: int
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    called: str | None = None
    table: str | None = None


@dataclass(slots=True)
class Text:
    """A piece of text of the file that means something, and its line."""

    value: str
    line: int


@dataclass(slots=True)
class Template:
    """A literal, or one ``${expression}``."""

    literal: str | None = None
    expression: Expression | None = None


@dataclass(slots=True)
class Mapped:
    """An input or output parameter: a name and where its value comes from."""

    name: str
    text: Text
    value: Template | None = None


@dataclass(slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    line: int
    condition: Text | None = None
    when: Expression | None = None


@dataclass(slots=True)
class Event:
    """An event definition.

    Attributes:
        name: of the message or signal or link; the code of the error or escalation; ``None`` catches every code.
        form: of a timer: ``timeDate``, ``timeDuration`` or ``timeCycle``.
        text: the timer's text, or the condition of a conditional event.
        topic: where a thrown message is sent.
    """

    kind: EventKind
    line: int
    name: str | None = None
    ref: str | None = None
    form: str | None = None
    text: Text | None = None
    external: bool = False
    topic: str | None = None
    timer: Timer | None = None
    when: Expression | None = None


@dataclass(slots=True)
class Loop:
    """Multi-instance (``parallel``, ``sequential``) or standard loop (``while``).

    Attributes:
        collects: whether the file wants outputs of the instances collected.
        items, count, until, again: the collection, cardinality, completion condition and loop condition, compiled.
    """

    kind: Literal["parallel", "sequential", "while"]
    line: int
    collection: Text | None = None
    variable: str | None = None
    cardinality: Text | None = None
    completion: Text | None = None
    condition: Text | None = None
    test_before: bool = False
    maximum: int | None = None
    behavior: str | None = None
    collects: bool = False
    items: Expression | None = None
    count: Expression | None = None
    until: Expression | None = None
    again: Expression | None = None


@dataclass(slots=True, eq=False)
class Node:
    """A flow node: what the file says of it, then what :mod:`.binding` made of that."""

    id: str
    type: str
    name: str
    line: int
    attributes: Mapping[str, str]
    scope: Scope
    camunda: Mapping[str, str] = field(default_factory=dict)
    properties: dict[str, Text] = field(default_factory=dict)
    inputs: list[Mapped] = field(default_factory=list)
    outputs: list[Mapped] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    loop: Loop | None = None
    body: Scope | None = None
    script: Text | None = None
    foreign: list[str] = field(default_factory=list)
    extensions: list[Text] = field(default_factory=list)
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    boundary: list[Node] = field(default_factory=list)
    # --- compiled
    roles: tuple[Template, ...] = ()
    assignee: Template | None = None
    form: Template | None = None
    seat: Template | None = None
    due: Timer | None = None
    assignments: tuple[Assignment, ...] = ()

    @property
    def event(self) -> Event:
        """The one event definition; a none event when there is none."""
        return self.events[0] if self.events else Event("none", self.line)

    @property
    def interrupting(self) -> bool:
        """Of boundary events, and of start events in event subprocesses."""
        name = "cancelActivity" if self.type == "boundaryEvent" else "isInterrupting"
        return self.attributes.get(name, "true").strip() not in ("false", "0")

    @property
    def reaches_itself(self) -> bool:
        """Whether its id is a milestone: an intermediate none event that names none and does nothing to a deadline."""
        plain = self.type == "intermediateThrowEvent" and not self.events
        return plain and not self.properties.keys() & {"milestone", "act"}

    @property
    def attached_to(self) -> str | None:
        """The activity on which a boundary event sits."""
        return self.attributes.get("attachedToRef")

    @property
    def by_event(self) -> bool:
        """Whether this is an event subprocess."""
        return self.type == "subProcess" and self.attributes.get("triggeredByEvent", "").strip() in (
            "true",
            "1",
        )

    @property
    def default(self) -> str | None:
        """The id of the default flow."""
        return self.attributes.get("default")

    @property
    def element(self) -> Element:
        """The public face of this node."""
        process = self.scope.process
        return Element(
            id=self.id,
            name=self.name,
            type=self.type,
            process_id=process.id,
            file=process.file,
            line=self.line,
            properties=MappingProxyType({name: text.value for name, text in self.properties.items()}),
            called=self.attributes.get("calledElement") if self.type == "callActivity" else None,
            table=self.camunda.get("decisionRef"),
        )


@dataclass(slots=True, eq=False)
class Scope:
    """The inside of a process or of a subprocess."""

    process: Process
    owner: Node | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Unique among all scopes of a load: the process id, and the subprocess id where there is one."""
        return f"{self.process.id}/{self.owner.id}" if self.owner else self.process.id

    @property
    def starts(self) -> list[Node]:
        """The start events."""
        return [node for node in self.nodes.values() if node.type == "startEvent"]

    @property
    def watchers(self) -> list[Node]:
        """The event subprocesses."""
        return [node for node in self.nodes.values() if node.by_event and node.body]

    def walk(self) -> Iterator[Node]:
        """Every node, also inside subprocesses, in file order."""
        for node in self.nodes.values():
            yield node
            if node.body:
                yield from node.body.walk()

    def scopes(self) -> Iterator[Scope]:
        """This scope and those inside it."""
        yield self
        for node in self.nodes.values():
            if node.body:
                yield from node.body.scopes()


@dataclass(slots=True, eq=False)
class Process:
    """A process of a file."""

    id: str
    name: str
    file: str
    line: int
    executable: bool
    body: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.body = Scope(self)
