"""派单: an order, as callers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jiefen.record.kinds import DispatchState

#: The processes of cases that stand beside a matter: orders, whistles, and the departments that those call.
BESIDE: Final = frozenset({"dispatch", "whistle", "report_in"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A matter that a centre has given to a department or to another level.

    Attributes:
        id: of the order, a case of its own (process ``dispatch``): its tasks, deadlines and story are found under it.
        of: the matter that it belongs to.
        to: the role that works on it; ``None`` while the centre has to name one.
        by: the role whose order it is.
        asked: what is asked for.
        limit: how hard it is: ``simple``, ``general`` or ``complex``.
        returns: how often it came back.
        result, done: what the department has reported.
        satisfied: what the party said when it was asked.
        due_at: when the next thing that somebody owes for it is over.
    """

    id: int
    of: int
    to: str | None
    by: str
    asked: str
    limit: str
    urgent: bool
    state: DispatchState
    returns: int
    result: str | None
    done: str | None
    satisfied: bool | None
    due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
