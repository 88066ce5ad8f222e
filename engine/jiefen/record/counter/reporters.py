"""举报人: who has reported something, kept apart from the case that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field

from jiefen.record.desk.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who has reported, as two persons together have opened it.

    Attributes:
        case: what they have reported.
        person: who they are.
        praise: whether they have agreed to be praised by name in public.
    """

    case: int
    person: Party = field(repr=False)
    praise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody has asked to open who has reported a case; another one has to do it with them.

    Attributes:
        by: who has asked.
    """

    case: int
    by: str
