"""The unit of work: all that a call writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Changes:
    """What one step writes. Rows are plain mappings with the column names of ``schema``."""

    case: dict[str, Any] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    deadlines: list[dict[str, Any]] = field(default_factory=list)
    agenda_removed: list[tuple[str, str]] = field(default_factory=list)
    agenda: list[dict[str, Any]] = field(default_factory=list)
    supervisions: list[dict[str, Any]] = field(default_factory=list)
    #: Deadlines that have not expired when they seemed to: their number, and when that was.
    reopened: list[tuple[int, datetime]] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)
