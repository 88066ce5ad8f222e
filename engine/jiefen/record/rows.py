"""The rows of tables that several rooms work with, as types."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NamedTuple


class DeadlineRow(NamedTuple):
    """A deadline as the database keeps it: the columns of its table, in their order.

    Attributes:
        version: first day of the version of ``rule`` that gave it; ``edition`` is the one of that rule.
        extensions, suspensions: as :class:`jiefen.deadlines.running.RunningDeadline` says.
    """

    case_id: int
    seq: int
    rule: str
    version: date
    edition: str
    kind: str
    status: str
    anchor: str
    anchored_at: datetime
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    extensions: list[dict[str, Any]]
    suspensions: list[dict[str, Any]]
    calendar: str
    started_at: datetime
    closed_at: datetime | None
    closed_by: str | None


#: What never changes once a deadline is kept.
FIXED: Final = frozenset({"case_id", "seq", "rule", "anchor", "anchored_at", "started_at"})
#: What a later step may change.
CHANGING: Final = tuple(name for name in DeadlineRow._fields if name not in FIXED)
