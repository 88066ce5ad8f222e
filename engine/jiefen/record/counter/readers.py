"""Who was let read a case that is kept closely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedReader:
    """知悉范围: somebody who may read a case, though they do not work on it.

    Attributes:
        named_by: who let them; a sealed case asks for two who have.
        withdrawn_at, withdrawn_by: since when they may not any more, and who says so; ``None`` while they may.
    """

    case: int
    person: str
    named_by: str
    at: datetime
    reason: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
