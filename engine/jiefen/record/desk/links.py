"""How two cases belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jiefen.record.kinds import LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link from a case to another one.

    Attributes:
        kind: what ``case`` is to ``other``: its repeat, a part of it, merged into it …
        at, by, reason: when somebody linked them, who, and why.
    """

    id: int
    case: int
    other: int
    kind: LinkKind
    at: datetime
    by: str
    reason: str | None
