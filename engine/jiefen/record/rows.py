"""The rows of tables that several rooms work with, as types."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple


class CaseRow(NamedTuple):
    """A case as the database keeps it.

    Attributes:
        facts: as JSON carries them.
        state: of the process, compact; ``None`` when it was never started.
        deadlines_started: how many, ever.
        assumed: the facts that carry the day of a milestone, and that nobody has said.
        recused: who may no longer work on it.
        reached: its milestones, as :class:`jiefen.deadlines.reached.Reached` keeps them; ``None``: none yet.
        kept_messages: that came before the model waits for them, as
            :class:`jiefen.case.state.mailbox.Mailbox` keeps them.
        has_parts: whether another case is or ever was a part of it, an order or a whistle.
        entries: how many its journal has.
        head: the hash of the last of them, see :mod:`jiefen.record.chain`; ``None``: there is none yet.
        grade: how closely the case is kept.
        graded_by_hand: what a person has set, as ``grade``, and ``despite`` which reasons; ``None``: nobody has.
    """

    id: int
    key: str
    process: str
    edition: str
    status: str
    area: str | None
    stage: str | None
    level: str | None
    colour: str | None
    dispute_type: str | None
    outcome: str | None
    opened_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    revision: int
    facts: dict[str, object]
    state: bytes | None
    deadlines_started: int
    leader: str | None
    assumed: list[str] | None
    recused: list[str] | None
    reached: dict[str, list[str | int]] | None
    kept_messages: list[dict[str, Any]] | None
    has_parts: bool
    entries: int
    head: bytes | None
    grade: str
    graded_by_hand: dict[str, Any] | None


class DeadlineRow(NamedTuple):
    """A deadline as the database keeps it: the columns of its table, in their order.

    Attributes:
        version: first day of the version of ``rule`` that gave it; ``edition`` is the one of that rule.
        case_ended_at: when its case was over, if it can still change; lists of what was missed leave it out then.
        safe_on, extensions, suspensions: as :class:`jiefen.deadlines.running.RunningDeadline` says.
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
    safe_on: date | None
    extensions: list[dict[str, Any]]
    suspensions: list[dict[str, Any]]
    calendar: str
    started_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    holder: str | None
    case_ended_at: datetime | None


#: What never changes once a deadline is kept.
FIXED: Final = frozenset({"case_id", "seq", "rule", "anchor", "anchored_at", "started_at", "holder"})
#: What a later step may change.
CHANGING: Final = tuple(name for name in DeadlineRow._fields if name not in FIXED)


class TaskRow(NamedTuple):
    """A task as the database keeps it.

    Attributes:
        key: its number in the case, that of the token that waits.
        roles: as :func:`kept_roles` writes them.
        locals: the item of a multi-instance and other values that only this task has, as JSON.
        next_due: when it is over or the next deadline of its case, whichever comes first; :data:`FAR` for neither.
        township: the beginning of its area, down to the township; empty where nobody knows the area.
    """

    case_id: int
    key: int
    process: str
    element: str
    name: str
    area: str | None
    roles: str
    assignee: str | None
    seat: str | None
    form: str | None
    locals: dict[str, Any]
    due_at: datetime | None
    status: str
    opened_at: datetime
    finished_at: datetime | None
    finished_by: str | None
    next_due: datetime
    township: str


class JournalRow(NamedTuple):
    """An entry of the journal as the database keeps it.

    Attributes:
        kind: a :class:`jiefen.record.kinds.Happening`.
        data: what there is to tell of it; a step may add to it until the step is saved.
        message_key: of a message, the key by which it is known when it comes twice.
    """

    case_id: int
    at: datetime
    actor: str
    kind: str
    subject: str | None
    data: dict[str, Any]
    message_key: str | None = None


#: Later than anything is due.
FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)
_TOWNSHIP: Final = 9


def township_of(area: str | None) -> str:
    """The township of an area as the row of a task keeps it; of a wider area that area, of none nothing."""
    return (area or "")[:_TOWNSHIP]


def kept_roles(roles: Collection[str]) -> str:
    """The roles of a task in one column, each between bars, so that a list can look for one of them."""
    return "".join(f"|{role}" for role in roles) + "|" if roles else ""


def roles_of(kept: str) -> tuple[str, ...]:
    """The roles that :func:`kept_roles` wrote."""
    return tuple(role for role in kept.split("|") if role)
