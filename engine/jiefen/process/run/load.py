"""Processes: models that passed every check, compiled once, shared by all running cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from jiefen.errors import NotFound, ProcessError
from jiefen.findings import errors_in
from jiefen.notation.labels import did_you_mean
from jiefen.process.lint.binding import UNCHECKED, Names
from jiefen.process.lint.check import examine
from jiefen.process.model.elements import BEGUN_BY, Element, Node, Process, Scope
from jiefen.process.model.source import Source
from jiefen.process.run.case import ScopeSpec
from jiefen.process.run.events import BoundarySpec, CatchSpec, EventGatewaySpec, WatcherSpec
from jiefen.process.run.repeat import RepeatSpec
from jiefen.process.run.specs import (
    DecisionSpec,
    ExclusiveSpec,
    ExternalSpec,
    InclusiveSpec,
    NestSpec,
    NodeSpec,
    ParallelSpec,
    PersonSpec,
    ScriptSpec,
    ThrowSpec,
)

_SPECS: Mapping[str, type[NodeSpec]] = {
    "boundaryEvent": BoundarySpec,
    "businessRuleTask": DecisionSpec,
    "callActivity": NestSpec,
    "endEvent": ThrowSpec,
    "eventBasedGateway": EventGatewaySpec,
    "exclusiveGateway": ExclusiveSpec,
    "inclusiveGateway": InclusiveSpec,
    "intermediateCatchEvent": CatchSpec,
    "intermediateThrowEvent": ThrowSpec,
    "parallelGateway": ParallelSpec,
    "receiveTask": CatchSpec,
    "scriptTask": ScriptSpec,
    "sendTask": ThrowSpec,
    "serviceTask": ExternalSpec,
    "subProcess": NestSpec,
    "userTask": PersonSpec,
}


#: Events that send a message and wait for none.
_THROWING = ("endEvent", "intermediateThrowEvent")


class Processes:
    """The processes of an edition. Immutable; safe to share between threads.

    Use :meth:`load`.
    """

    def __init__(self, processes: Iterable[Process]) -> None:
        self._processes = {process.id: process for process in processes}
        self._elements: dict[tuple[str, str], Element] = {}
        graphs: dict[str, ScopeSpec] = {}
        for process in self._processes.values():
            for scope in process.body.scopes():
                graphs[scope.name] = _graph(scope)
            for node in process.body.walk():
                self._elements[process.id, node.id] = node.element
        self._of_process = {
            process.id: tuple(self._elements[process.id, node.id] for node in process.body.walk())
            for process in self._processes.values()
        }
        self.graphs: Mapping[str, ScopeSpec] = MappingProxyType(graphs)
        #: The names of all messages that a process sends or waits for.
        self.messages = frozenset(
            event.name
            for process in self._processes.values()
            for node in process.body.walk()
            for event in node.events
            if event.kind == "message" and event.name is not None
        )
        self._awaited: dict[str, frozenset[str]] = {}
        #: The rules for whose deadlines a timer waits.
        self.deadlines = frozenset(
            event.timer.deadline
            for process in self._processes.values()
            for node in process.body.walk()
            for event in node.events
            if event.timer is not None and event.timer.deadline is not None
        )
        self.watches_conditions = any(
            event.kind == "conditional"
            for process in self._processes.values()
            for node in process.body.walk()
            for event in node.events
        )

    @classmethod
    def load(cls, sources: Iterable[Source], names: Names = UNCHECKED) -> Processes:
        """Read, check and compile files.

        Raises:
            ProcessError: with every finding, when one of them is an error.
        """
        processes, findings = examine(sources, names)
        if errors_in(findings):
            count = len(errors_in(findings))
            raise ProcessError(f"the processes cannot be used: {count} errors", findings)
        return cls(processes)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all processes, sorted."""
        return tuple(sorted(self._processes))

    def name(self, process_id: str) -> str:
        """The name of a process for people.

        Raises:
            NotFound: when there is no such process.
        """
        self.require(process_id)
        return self._processes[process_id].name

    def element(self, process_id: str, element_id: str) -> Element:
        """An element, also one inside a subprocess.

        Raises:
            NotFound: when there is none.
        """
        found = self._elements.get((process_id, element_id))
        if found is None:
            self.require(process_id)
            near = did_you_mean(
                element_id, [element for process, element in self._elements if process == process_id]
            )
            raise NotFound(f"the process {process_id!r} has no element {element_id!r}; {near}".rstrip("; "))
        return found

    def elements(self, process_id: str) -> tuple[Element, ...]:
        """All elements of a process, in file order.

        Raises:
            NotFound: when there is no such process.
        """
        self.require(process_id)
        return self._of_process[process_id]

    def begun_by(self, process_id: str) -> str | None:
        """What begins a process that begins no case by itself: its callers, or a call of the engine."""
        starts = (one for one in self._of_process.get(process_id, ()) if one.type == "startEvent")
        return next((one.properties[BEGUN_BY] for one in starts if BEGUN_BY in one.properties), None)

    def together(self, process_id: str) -> tuple[Element, ...]:
        """All elements of a process and of those that it calls, and that these call.

        Raises:
            NotFound: when there is no such process.
        """
        found: dict[str, tuple[Element, ...]] = {}
        pending = [process_id]
        while pending:
            name = pending.pop()
            if name not in found:
                found[name] = self.elements(name)
                pending += [element.called for element in found[name] if element.called is not None]
        return tuple(element for elements in found.values() for element in elements)

    def awaited(self, process_id: str) -> frozenset[str]:
        """The names of the messages that a process, or one that it calls, can ever wait for."""
        known = self._awaited.get(process_id)
        if known is None:
            called = {element.process_id for element in self.together(process_id)}
            known = self._awaited[process_id] = frozenset(
                event.name
                for one in called
                for node in self._processes[one].body.walk()
                for event in node.events
                if event.kind == "message" and event.name is not None and node.type not in _THROWING
            )
        return known

    def require(self, process_id: str) -> None:
        """Make sure that a process exists.

        Raises:
            NotFound: when it does not.
        """
        if process_id not in self._processes:
            near = did_you_mean(process_id, self._processes) or f"there are: {', '.join(self.ids) or 'none'}"
            known = "、".join(self.ids) or "无"
            raise NotFound(f"there is no process {process_id!r}; {near}", zh=f"没有这个流程;现有流程:{known}")


def _graph(scope: Scope) -> ScopeSpec:
    graph = ScopeSpec(scope)
    specs: dict[str, NodeSpec] = {}
    for node in scope.nodes.values():
        specs[node.id] = _spec(graph, node)
    for node in scope.nodes.values():
        spec = specs[node.id]
        spec.routes = [(flow, specs[flow.target]) for flow in node.outgoing]
        spec.guards = [specs[guard.id] for guard in node.boundary]
        for _, target in spec.routes:
            spec.connect(target)
        if node.by_event and node.body:
            graph.watchers.append(WatcherSpec(graph, node.body.starts[0], spec))
    graph.entry = specs[scope.starts[0].id]
    return graph


def _spec(graph: ScopeSpec, node: Node) -> NodeSpec:
    kind = _SPECS.get(node.type, NodeSpec)
    if node.event.kind == "link":
        kind = NodeSpec
    if node.type == "manualTask" and node.camunda.get("candidateGroups"):
        kind = PersonSpec
    if node.loop is None:
        return kind(graph, node)
    return RepeatSpec(graph, node, kind(graph, node, repeated=True))
