"""查阅记录: what was read of cases that are not open, and what of it is unusual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jiefen.record.kinds import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Somebody has read of a case, or was refused.

    Attributes:
        call: by which call of the engine.
        grade, area: of the case, as they were then.
        because: why, if they said so.
    """

    id: int
    at: datetime
    person: str
    call: str
    case: int
    grade: Grade
    area: str | None
    refused: bool
    because: str | None


class Sign(StrEnum):
    """What is unusual about how somebody reads.

    ``many``: very many cases in a minute; ``odd_hours``: outside office hours; ``strangers``: many cases of people with
    whom they never had a task; ``refused``: they tried again and again what is not theirs.
    """

    MANY = "many"
    ODD_HOURS = "odd_hours"
    STRANGERS = "strangers"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """Something that an auditor should ask somebody about.

    Attributes:
        number: the most cases in one minute; else how many cases, or how many refusals.
        at: the minute in which most were read, or the first one at an odd hour; ``None`` where no minute stands out.
    """

    person: str
    sign: Sign
    number: int
    at: datetime | None = None
