"""What a check says: one finding per thing that is wrong, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad a finding is. Only an ``error`` stops a file from being loaded."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong in a file, written for the person who has to mend it.

    Attributes:
        file: path as the reader gave it.
        line, column: 1-based; ``None`` when the finding is about the whole file.
        element: BPMN element id, rule id or ``table/row``; ``None`` for the whole file.
        code: stable, kebab-case, so that scripts can match on it.
        message: what is wrong.
        hint: how to mend it.
    """

    file: str
    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR
    line: int | None = None
    column: int | None = None
    element: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        element = f" [{self.element}]" if self.element else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {self.severity}: {self.message}{element}{hint} <{self.code}>"


def errors_in(findings: Iterable[Finding]) -> list[Finding]:
    """Only the findings that stop a file from being loaded."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
