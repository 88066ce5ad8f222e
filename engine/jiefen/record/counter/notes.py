"""What an office writes for itself about a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """备注: an internal note; it is never changed, and never shown to a party.

    Attributes:
        seq: its number in the case, from 1.
        corrects: the number of the note that this one puts right; that one stays.
        corrected_by: the number of the note that puts this one right.
    """

    case: int
    seq: int
    at: datetime
    by: str
    corrects: int | None = None
    corrected_by: int | None = None
    text: str = field(repr=False)
