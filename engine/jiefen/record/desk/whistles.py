"""吹哨报到: a call to departments, as callers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jiefen.record.kinds import CallState, WhistleState


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One department that a whistle calls.

    Attributes:
        id: of the call, a case of its own (process ``report_in``): its tasks, deadlines and story are found under it.
        to: the role that is called; ``None`` while nobody is named.
        person: who has come for it, as the department says.
        late: a deadline to sign or to come was missed.
        rating: ``good``, ``fair`` or ``poor``, as whoever called rates it.
        reason: why it was returned, or why nobody came.
        due_at: when the next thing that somebody owes for it is over.
    """

    id: int
    to: str | None
    state: CallState
    person: str | None
    late: bool
    rating: str | None
    reason: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whistle:
    """Departments are called to one place at once.

    Attributes:
        id: of the whistle, a case of its own (process ``whistle``).
        of: the matter that it was blown for; ``None`` when it stands alone.
        kind: ``emergency``, ``quick``, ``work`` or ``hard``.
        by: the role that has called.
        asked: what is asked for.
        decision, lead: what was decided, and the role that leads; ``None`` before.
        solved: what the check of the effect found; ``None`` before.
        calls: the departments, in the order in which they were named.
        due_at: when the next thing that somebody owes for the whistle itself is over.
    """

    id: int
    of: int | None
    kind: str
    by: str
    area: str | None
    asked: str
    state: WhistleState
    decision: str | None
    lead: str | None
    solved: bool | None
    calls: tuple[Call, ...]
    due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
