"""What elements mean to each other across scopes and processes: calls, errors, escalations, signals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jiefen.notation.labels import did_you_mean
from jiefen.process.model.elements import Node, Process, Scope
from jiefen.process.model.reader import MAX_DEPTH
from jiefen.process.model.report import Report

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
    between.depth()
    between.thrown()
    between.signals()


class _Between:
    def __init__(self, processes: Mapping[str, Process], idle: set[str], report: Report) -> None:
        self.processes = processes
        self.idle = idle
        self.report = report
        self.known: dict[tuple[str, str, str], bool] = {}
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
                elif self.reaches(called, node.scope.process.id):
                    self.report.error(
                        node,
                        "recursion",
                        f"{called!r} calls, directly or not, the process that calls it",
                        "draw a loop instead",
                    )

    def reaches(self, process: str, target: str) -> bool:
        """Whether calls lead from ``process`` to ``target``."""
        seen: set[str] = set()
        todo = [target]
        while todo:
            at = todo.pop()
            if at == process:
                return True
            if at not in seen:
                seen.add(at)
                todo += [node.scope.process.id for node in self.callers.get(at, [])]
        return False

    def depth(self) -> None:
        """Calls and subprocesses together are not nested too deep."""
        calls = [node for nodes in self.callers.values() for node in nodes]
        height = dict.fromkeys(self.processes, 0)
        for _ in range(MAX_DEPTH + 1):
            for node in calls:
                inside = height.get(_called(node), 0)
                process = node.scope.process.id
                height[process] = max(height[process], _level(node.scope) + 1 + inside)
        for process, levels in height.items():
            if levels > MAX_DEPTH and not self.reaches_itself(process):
                self.report.process(
                    self.processes[process],
                    "too-deep",
                    f"calls and subprocesses are nested deeper than {MAX_DEPTH}",
                    "let one process call the others one after the other",
                )

    def reaches_itself(self, process: str) -> bool:
        """Whether a process calls itself, directly or not; that is told elsewhere."""
        return any(self.reaches(process, node.scope.process.id) for node in self.callers.get(process, []))

    # --- errors and escalations

    def thrown(self) -> None:
        """Every error that is thrown is caught; what is caught can be thrown."""
        for node in self.nodes():
            kind, code = node.event.kind, node.event.name
            if node.type not in _THROWS or kind not in ("error", "escalation") or not code:
                continue
            if self.caught(node.scope, kind, code):
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

    def caught(self, scope: Scope, kind: str, code: str, handler: bool = False) -> bool:
        """Whether what is thrown inside ``scope`` is caught there or around it, on every way that leads there.

        Args:
            handler: thrown by an event subprocess of this scope; those beside it do not catch that.
        """
        if not handler and any(_matches(start, kind, code) for start in _starters(scope)):
            return True
        if scope.owner is not None:
            return self.leaves(scope.owner, kind, code)
        key = scope.process.id, kind, code
        if key not in self.known:
            self.known[key] = True  # asked again meanwhile only in a recursion, which is told elsewhere
            callers = self.callers.get(scope.process.id, [])
            self.known[key] = bool(callers) and all(self.leaves(node, kind, code) for node in callers)
        return self.known[key]

    def leaves(self, activity: Node, kind: str, code: str) -> bool:
        """Whether what comes out of ``activity`` is caught on its border or around it."""
        if any(_matches(guard, kind, code) for guard in activity.boundary):
            return True
        return self.caught(activity.scope, kind, code, handler=activity.by_event)

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


def _level(scope: Scope) -> int:
    """How many subprocesses enclose a scope."""
    return 0 if scope.owner is None else 1 + _level(scope.owner.scope)


def _starters(scope: Scope) -> list[Node]:
    return [start for watcher in scope.watchers if watcher.body for start in watcher.body.starts]


def _matches(catcher: Node, kind: str, code: str) -> bool:
    return catcher.event.kind == kind and catcher.event.name in (None, code)
