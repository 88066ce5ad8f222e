"""What a party says of what was decided or done for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from jiefen.record.kinds import Satisfaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """评价: how a party rates one thing that was served, or how the case ended.

    Attributes:
        seq: its number in the case, from 1.
        of: what is rated: the milestone by which it was served, or ``ended``; and the day in China on which it was.
        comment: what the party said besides.
        review: the supervision by which another office looks at it again; ``None`` where none was asked for.
        reviewed_at: when that office has answered.
    """

    case: int
    seq: int
    of: str
    on: date
    grade: Satisfaction
    at: datetime
    review: str | None = None
    reviewed_at: datetime | None = None
    comment: str | None = field(default=None, repr=False)
