"""Small models for tests: drawn as Python values, written as BPMN, and a host that notes what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from jiefen.process import Element, Instance, Processes, Source, Wait

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)


@dataclass
class Shape:
    """A flow node. ``event`` is a kind and a name, code or time."""

    id: str
    type: str
    event: tuple[str, str] | None = None
    attached: str | None = None
    interrupting: bool = True
    repeat: tuple[str, int] | None = None
    body: Drawing | None = None
    by_event: bool = False
    called: str | None = None
    script: str = ""
    default: str | None = None


@dataclass
class Arrow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass
class Drawing:
    """A process or the inside of a subprocess."""

    id: str
    shapes: dict[str, Shape] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)

    def add(self, shape: Shape) -> Shape:
        """Put a shape on the drawing."""
        self.shapes[shape.id] = shape
        return shape

    def connect(self, source: str, target: str, condition: str | None = None) -> Arrow:
        """Draw an arrow."""
        arrow = Arrow(f"{source}_{target}_{len(self.arrows)}", source, target, condition)
        self.arrows.append(arrow)
        return arrow

    def all_shapes(self) -> list[Shape]:
        """Also those inside subprocesses."""
        inside = [inner for shape in self.shapes.values() if shape.body for inner in shape.body.all_shapes()]
        return [*self.shapes.values(), *inside]


def write(drawings: list[Drawing]) -> bytes:
    """The drawings as one BPMN file."""
    parts = [HEAD]
    named = {shape.event for drawing in drawings for shape in drawing.all_shapes() if shape.event}
    for kind, name in sorted(named):
        key = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}.get(
            kind
        )
        if key:
            parts.append(f'<bpmn:{kind} id="{kind}_{name}" {key}="{name}"/>\n')
    parts += [
        f'<bpmn:process id="{drawing.id}" isExecutable="true">\n{_inside(drawing)}</bpmn:process>\n'
        for drawing in drawings
    ]
    return "".join([*parts, "</bpmn:definitions>\n"]).encode()


def _inside(drawing: Drawing) -> str:
    return "".join([*map(_shape, drawing.shapes.values()), *map(_arrow, drawing.arrows)])


def _arrow(arrow: Arrow) -> str:
    condition = (
        f"<bpmn:conditionExpression>{escape(arrow.condition)}</bpmn:conditionExpression>"
        if arrow.condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{arrow.id}" sourceRef="{arrow.source}" targetRef="{arrow.target}">'
        f"{condition}</bpmn:sequenceFlow>\n"
    )


def _shape(shape: Shape) -> str:
    attributes = {"id": shape.id}
    inner = ""
    if shape.type == "userTask":
        attributes["camunda:candidateGroups"] = "clerk"
    if shape.type == "serviceTask":
        attributes |= {"camunda:type": "external", "camunda:topic": "outside"}
    if shape.type == "scriptTask":
        inner += f"<bpmn:script>{escape(shape.script)}</bpmn:script>"
    if shape.type == "callActivity":
        attributes["calledElement"] = shape.called or ""
    if shape.default:
        attributes["default"] = shape.default
    if shape.attached:
        attributes |= {"attachedToRef": shape.attached, "cancelActivity": str(shape.interrupting).lower()}
    elif shape.type == "startEvent" and shape.event:
        attributes["isInterrupting"] = str(shape.interrupting).lower()
    if shape.by_event:
        attributes["triggeredByEvent"] = "true"
    if shape.event:
        inner += _event(*shape.event)
    if shape.repeat:
        kind, count = shape.repeat
        items = "[" + ", ".join(f'"i{number}"' for number in range(count)) + "]"
        inner += (
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind == "sequential").lower()}" '
            f'camunda:collection={quoteattr(items)} camunda:elementVariable="item"/>'
        )
    if shape.body:
        inner += _inside(shape.body)
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:{shape.type} {written}>{inner}</bpmn:{shape.type}>\n"


def _event(kind: str, name: str) -> str:
    if kind == "timer":
        return f"<bpmn:timerEventDefinition><bpmn:timeDuration>{name}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    if kind == "terminate":
        return "<bpmn:terminateEventDefinition/>"
    if kind == "conditional":
        condition = f"<bpmn:condition>{escape(name)}</bpmn:condition>"
        return f"<bpmn:conditionalEventDefinition>{condition}</bpmn:conditionalEventDefinition>"
    return f'<bpmn:{kind}EventDefinition {kind}Ref="{kind}_{name}"/>'


class Desk:
    """A host that keeps facts in a dictionary and notes everything in ``log``."""

    def __init__(self, facts: Mapping[str, object] | None = None) -> None:
        self.known: dict[str, object] = dict(facts or {})
        self.time = datetime(2026, 3, 2, 1, tzinfo=UTC)
        self.log: list[tuple[str, str]] = []
        self.deadlines: dict[str, datetime] = {}
        self.sent: list[tuple[str, str, dict[str, object]]] = []

    def now(self) -> datetime:
        """A clock that stands still until a test moves it."""
        return self.time

    def facts(self) -> Mapping[str, object]:
        """The facts."""
        return self.known

    def assign(self, name: str, value: object, element: Element) -> None:
        """Set a fact."""
        self.known[name] = value
        self.log.append(("assign", f"{element.id}:{name}={value!r}"))

    def decide(self, table: str, element: Element) -> None:
        """Note which table was asked."""
        self.log.append(("decide", table))

    def milestone(self, milestone: str, element: Element) -> None:
        """Note a milestone."""
        self.log.append(("milestone", milestone))

    def deadline(self, rule_id: str) -> datetime | None:
        """What the test has set."""
        return self.deadlines.get(rule_id)

    def send(self, topic: str, element: Element, inputs: Mapping[str, object]) -> None:
        """Note a message."""
        self.sent.append((topic, element.id, dict(inputs)))

    def entered(self, element: Element) -> None:
        """Note that something began."""
        self.log.append(("entered", element.id))

    def ended(self, element: Element | None) -> None:
        """Note that something ended."""
        self.log.append(("ended", element.id if element else ""))

    def told(self, kind: str) -> list[str]:
        """What was noted of one kind, in order."""
        return [what for noted, what in self.log if noted == kind]


class Run:
    """An instance on a desk, saved and restored after every step."""

    def __init__(
        self, processes: Processes, facts: Mapping[str, object] | None = None, process: str = "p"
    ) -> None:
        self.processes = processes
        self.desk = Desk(facts)
        self.instance = Instance.start(processes, process, self.desk)
        self.go()

    def go(self) -> None:
        """Run until everything waits, save, and go on from what was saved."""
        self.instance.run()
        saved = self.instance.dump()
        self.instance = Instance.restore(self.processes, saved, self.desk)
        assert self.instance.dump() == saved

    def waiting(self, kind: str = "task") -> list[str]:
        """The ids of the elements that wait, in the order of their keys."""
        return [wait.element.id for wait in self.instance.waits if wait.kind == kind]

    def wait(self, element: str, number: int = 0) -> Wait:
        """One wait of an element."""
        return [wait for wait in self.instance.waits if wait.element.id == element][number]

    def complete(self, element: str, number: int = 0, **answer: object) -> None:
        """Complete a task; the answer becomes facts."""
        self.desk.known |= answer
        self.instance.complete(self.wait(element, number).key, answer)
        self.go()

    def fail(self, element: str, code: str) -> None:
        """Let an external task fail."""
        self.instance.fail(self.wait(element).key, code)
        self.go()

    def fire(self, element: str) -> None:
        """Let a timer fire, at the time at which it is due."""
        wait = self.wait(element)
        assert wait.due_at is not None
        self.desk.time = max(self.desk.time, wait.due_at)
        self.instance.fire(wait.key)
        self.go()

    def message(self, name: str) -> bool:
        """Let a message arrive."""
        caught = self.instance.message(name)
        self.go()
        return caught

    def pass_time(self, **step: float) -> None:
        """Move the clock."""
        self.desk.time += timedelta(**step)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self.instance.ended


def load(*bodies: str, head: str = "") -> Processes:
    """Processes from the insides of ``<bpmn:process id="p">``, the second one ``p2`` and so on."""
    return Processes.load([Source("model.bpmn", text(*bodies, head=head))])


def text(*bodies: str, head: str = "") -> bytes:
    """A BPMN file from the insides of its processes; ``bpmn:`` may be left out of every tag."""
    written = [HEAD, head]
    for number, body in enumerate(bodies, 1):
        id = "p" if number == 1 else f"p{number}"
        written.append(f'<process id="{id}" isExecutable="true">\n{body}\n</process>\n')
    return "".join([*written, "</bpmn:definitions>"]).replace("<bpmn:definitions ", MODEL, 1).encode()


MODEL = '<bpmn:definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '


def flows(*pairs: str) -> str:
    """Arrows written ``a>b``, or ``a>b|condition``."""
    written = []
    for pair in pairs:
        ends, _, condition = pair.partition("|")
        source, _, target = ends.partition(">")
        inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
        written.append(
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "\n".join(written)


def user(*ids: str) -> str:
    """User tasks for a clerk."""
    return "".join(f'<userTask id="{id}" camunda:candidateGroups="clerk"/>' for id in ids)


def script(id: str, code: str) -> str:
    """A script task."""
    return f"<scriptTask id={quoteattr(id)}><script>{escape(code)}</script></scriptTask>"
