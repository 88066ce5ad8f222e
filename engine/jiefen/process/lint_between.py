"""What elements mean to each other across scopes and processes: calls, errors, escalations, signals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jiefen.expressions import did_you_mean
from jiefen.process.model import Node, Process, Scope
from jiefen.process.report import Report

_THROWS = frozenset({"endEvent", "intermediateThrowEvent"})


def lint_between(processes: Iterable[Process], idle: Iterable[Process], report: Report) -> None:
    """Findings about ``processes`` together; ``idle`` are those that are drawn but not executable."""
    by_id: dict[str, Process] = {}
    for process in processes:
        first = by_id.setdefault(process.id, process)
        if first is not process:
            report.process(
                process,
                "duplicate-process",
                f"the process {process.id!r} is also in {first.file}:{first.line}",
                "give each process an id of its own",
            )
    between = _Between(by_id, {process.id for process in idle}, report)
    between.calls()
    between.thrown()
    between.signals()


class _Between:
    def __init__(self, processes: Mapping[str, Process], idle: set[str], report: Report) -> None:
        self.processes = processes
        self.idle = idle
        self.report = report
        self.callers: dict[str, list[Node]] = {}
        for node in self.nodes():
            if node.type == "callActivity":
                self.callers.setdefault(_called(node), []).append(node)

    def nodes(self) -> Iterator[Node]:
        """Every node of every process."""
        for process in self.processes.values():
            yield from process.body.walk()

    # --- calls

    def calls(self) -> None:
        """Every called process exists and calls nothing that calls it."""
        for called, nodes in self.callers.items():
            for node in nodes if called and "{" not in called else ():
                if called in self.idle:
                    hint = "tick 'executable' on the process"
                    self.report.error(node, "no-process", f"the process {called!r} is not executable", hint)
                elif called not in self.processes:
                    hint = did_you_mean(called, self.processes) or "add its file, or correct calledElement"
                    self.report.error(node, "no-process", f"there is no process {called!r}", hint)
                elif self.reaches(called, node.scope.process.id, frozenset()):
                    self.report.error(
                        node,
                        "recursion",
                        f"{called!r} calls, directly or not, the process that calls it",
                        "draw a loop instead",
                    )

    def reaches(self, process: str, target: str, seen: frozenset[str]) -> bool:
        """Whether calls lead from ``process`` to ``target``."""
        if process == target:
            return True
        if process in seen or process not in self.processes:
            return False
        called = {
            _called(node) for node in self.processes[process].body.walk() if node.type == "callActivity"
        }
        return any(self.reaches(each, target, seen | {process}) for each in called)

    # --- errors and escalations

    def thrown(self) -> None:
        """Every error that is thrown is caught; what is caught can be thrown."""
        for node in self.nodes():
            kind, code = node.event.kind, node.event.name
            if node.type not in _THROWS or kind not in ("error", "escalation") or not code:
                continue
            if self.caught(node.scope, kind, code, frozenset()):
                continue
            if kind == "error":
                self.report.error(
                    node,
                    "uncaught",
                    f"nobody catches the error {code!r}",
                    "put an error boundary event on the subprocess or call activity around it",
                )
            else:
                self.report.warn(
                    node,
                    "uncaught",
                    f"nobody catches the escalation {code!r}",
                    "catch it on what is around it",
                )

    def caught(self, scope: Scope, kind: str, code: str, seen: frozenset[str], handler: bool = False) -> bool:
        """Whether what is thrown inside ``scope`` is caught there or around it, on every way that leads there.

        Args:
            handler: thrown by an event subprocess of this scope; those beside it do not catch that.
        """
        if not handler and any(_matches(start, kind, code) for start in _starters(scope)):
            return True
        owner = scope.owner
        if owner is not None:
            return self.leaves(owner, kind, code, seen)
        process = scope.process.id
        callers = [node for node in self.callers.get(process, []) if node.scope.process.id not in seen]
        return bool(callers) and all(self.leaves(node, kind, code, seen | {process}) for node in callers)

    def leaves(self, activity: Node, kind: str, code: str, seen: frozenset[str]) -> bool:
        """Whether what comes out of ``activity`` is caught on its border or around it."""
        if any(_matches(guard, kind, code) for guard in activity.boundary):
            return True
        return self.caught(activity.scope, kind, code, seen, handler=activity.by_event)

    # --- signals

    def signals(self) -> None:
        """A signal is a broadcast within the case: somebody throws what is caught."""
        signalling = [node for node in self.nodes() if node.event.kind == "signal" and node.event.name]
        thrown = {node.event.name for node in signalling if node.type in _THROWS}
        caught = {node.event.name for node in signalling if node.type not in _THROWS}
        for node in signalling:
            name = node.event.name
            if node.type not in _THROWS and name not in thrown:
                self.report.error(
                    node,
                    "signal",
                    f"nothing here throws the signal {name!r}, and signals do not cross cases",
                    "use a message for what comes from outside",
                )
            elif node.type in _THROWS and name not in caught:
                self.report.warn(
                    node, "signal", f"nothing here catches the signal {name!r}", "catch it, or remove it"
                )


def _called(node: Node) -> str:
    return node.attributes.get("calledElement", "").strip()


def _starters(scope: Scope) -> list[Node]:
    return [start for watcher in scope.watchers if watcher.body for start in watcher.body.starts]


def _matches(catcher: Node, kind: str, code: str) -> bool:
    return catcher.event.kind == kind and catcher.event.name in (None, code)
