"""Findings about nodes, collected."""

from __future__ import annotations

from jiefen.findings import Finding, Severity
from jiefen.process.model.elements import Node, Process


class Report:
    """Collects findings about the nodes of a set of processes."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def error(self, node: Node, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Something that would run wrongly, or not at all."""
        self._add(node, code, message, hint, line, Severity.ERROR)

    def warn(self, node: Node, code: str, message: str, hint: str, line: int | None = None) -> None:
        """Something that runs, but perhaps not as it was meant."""
        self._add(node, code, message, hint, line, Severity.WARNING)

    def process(
        self, process: Process, code: str, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Something about a process as a whole."""
        self.findings.append(
            Finding(
                file=process.file,
                line=process.line,
                element=process.id,
                code=code,
                message=message,
                hint=hint,
                severity=severity,
            )
        )

    def _add(
        self, node: Node, code: str, message: str, hint: str, line: int | None, severity: Severity
    ) -> None:
        self.findings.append(
            Finding(
                file=node.scope.process.file,
                line=line or node.line,
                element=node.id,
                code=code,
                message=message,
                hint=hint,
                severity=severity,
            )
        )
