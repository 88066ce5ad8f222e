"""What callers see: cases, tasks, deadlines and what happened, as frozen dataclasses.

They are snapshots: reading one again is the way to see what has changed. Instants are zone-aware, in UTC; dates are
legal days in China.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from jiefen.notation.labels import Label
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Grade, Happening, SupervisionStatus, TaskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """案件: one dispute or petition.

    Attributes:
        grade: 密级: how closely it is kept.
        withheld: how many facts are kept from who reads it; 0 where nothing is.
        leader: 包案领导: who answers for the case until it is closed.
        code: 一案一码: with which the party asks how it stands; said once, when the case is opened, and kept nowhere.
        alike: the cases that may be the same matter, the newest first; said once, when the case is opened: its links
            keep them.
        unknown_area: whether the directory does not have its area; said once, when the case is opened.
    """

    id: int
    key: str
    process: str
    edition: str
    status: CaseStatus
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
    grade: Grade = Grade.PERSONAL
    withheld: int = 0
    leader: str | None = None
    code: str | None = field(default=None, repr=False, compare=False)
    alike: tuple[int, ...] = field(default=(), compare=False)
    unknown_area: bool = field(default=False, compare=False)
    facts: Mapping[str, Any] = field(repr=False)  # holds personal data: keep it out of logs and tracebacks


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """待办: something a person in a role must do."""

    id: int
    case: int
    element: str
    process: str
    name: str
    roles: tuple[str, ...]
    area: str | None
    assignee: str | None
    seat: str | None
    form: str | None
    locals: Mapping[str, Any]
    due_at: datetime | None
    status: TaskStatus
    opened_at: datetime
    finished_at: datetime | None
    finished_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """期限: a period that runs from a milestone, the duty of an organ or the right of a party.

    ``due_on`` is the last day and ``due_at`` the instant at which the period is over; both are ``None`` while
    it is suspended. ``overdue`` is true for a running duty or right whose instant has passed; never for a provisional
    one, since nobody misses an estimate.

    Attributes:
        edition: whose rule gave it; that of the case, unless the case was taken over to other rules since.
        holder: role that owes the duty or has the right; ``None`` where the rule names nobody.
        on_expiry: what the law attaches to its end.
        losing: a party loses something when it passes unused.
        within: rule of the clock of the whole case that runs beside it.
        safe_on: where the law can be read in two ways, the earlier day that the party does well to keep, and
            ``safe_because`` why; what follows from the end goes by ``due_on``. ``None`` where the last day is certain.
        fits: the facts of the case, as people say them, still fulfil its conditions; a right that runs stays even when
            they do not.
    """

    case: int
    seq: int
    rule: str
    version: date
    edition: str
    kind: str
    status: DeadlineStatus
    title: Label
    law: str
    article: str
    anchor: str
    anchored_at: datetime
    holder: str | None = None
    on_expiry: str = "not_stated"
    losing: bool = False
    within: str | None = None
    safe_on: date | None = None
    safe_because: Label | None = None
    fits: bool = True
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    overdue: bool
    extensions: tuple[Mapping[str, Any], ...]
    suspensions: tuple[Mapping[str, Any], ...]
    started_at: datetime
    closed_at: datetime | None
    closed_by: str | None

    @property
    def safety(self) -> Label | None:
        """What to tell the party of the day that is safe; ``None`` where the last day is certain."""
        if self.safe_on is None or self.safe_because is None:
            return None
        return SAFETY.format(day=self.safe_on.isoformat(), why=self.safe_because)


#: What a party is told where the law can be read in two ways.
SAFETY: Final = Label("稳妥起见,应在{day}以前办理:{why}", "to be safe, act by {day}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """督办: something that somebody was pressed for and must answer in writing.

    Attributes:
        ref: names it within its case; what :meth:`Engine.answer_supervision` asks for.
        action: what the rung did: ``supervise``, ``supervise_list``, ``interview``…; ``action_title``: the same for
            people.
        title: of the deadline or task it is about.
        role, holders: who must answer; no holders: nobody keeps a directory, or the post is vacant.
        by: role that acted; ``None``: the engine on its own.
        reply_at: until when; ``None``: the rule does not say.
        status: the answer itself, and why it was sent back, are in the journal.
        overdue: open, and the time is over.
    """

    id: int
    case: int
    ref: str
    action: str
    action_title: Label
    title: Label
    role: str
    area: str | None
    holders: tuple[str, ...]
    by: str | None
    opened_at: datetime
    reply_at: datetime | None
    status: SupervisionStatus
    overdue: bool
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """流水: one thing that happened to a case."""

    id: int
    case: int
    at: datetime
    actor: str
    kind: Happening
    subject: str | None
    data: Mapping[str, Any] = field(repr=False)

    @property
    def erased(self) -> bool:
        """Whether what it told was erased; then ``data["erased"]`` is the number of the entry that says why."""
        return self.data.keys() == {"erased"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """投递: a call to an outside system that is not yet known to have arrived.

    Attributes:
        status: ``pending`` (an adapter will send it), ``parked`` (no adapter for its topic is open: the host sends it
            and answers), ``sent`` (it has gone out, the answer is still to come), or ``incident`` (sending failed too
            often; a person must look).
        payload: what to send.
        cancels: the key of the delivery that this one takes back; ``None`` for any other.
        carried_at: when it was first given to an adapter; ``None``: never.
        answer_by: until when the answer to one that is ``sent`` should come; ``None``: no rule says.
        overdue: sent, and that time is over; computed, never stored.
    """

    id: int
    case: int
    key: str
    topic: str
    status: str
    attempts: int
    error: str | None
    at: datetime
    cancels: str | None = None
    carried_at: datetime | None = None
    answer_by: datetime | None = None
    overdue: bool = False
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from an outside system.

    Attributes:
        facts: facts for the case, in plain values or as JSON carries them.
        error: code of a BPMN error; the model's error boundary event catches it, and ``facts`` are not kept.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What waits for a person: it failed too often on the agenda, or a process waits for nothing (``stuck``).

    Attributes:
        case: ``None`` for a routine.
    """

    id: int
    case: int | None
    kind: str
    ref: str
    at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutineList:
    """台账: what one occurrence of a routine leaves to work through.

    Attributes:
        at: when it falls; ``nominal_on`` is the day of the rule, another one when a holiday moved it.
        last_on: its last day, for what lasts several days; else the day on which it falls.
        provisional: holidays that were not published when it was planned may have moved it.
        items: one mapping per item with ``id``, ``zh``, ``en`` and, once worked through, ``note``. An item that selects
            cases also has ``cases``, the ids of those it found when the list was left, and ``more``, how many there
            were beyond them.
        close_by: when the list should be closed; ``None``: its rule does not say.
        overdue: open, and that time is over; computed, never stored, and never by a provisional day.
    """

    id: int
    rule: str
    area: str
    at: datetime
    nominal_on: date
    last_on: date
    provisional: bool
    role: str
    items: tuple[Mapping[str, Any], ...]
    status: str
    close_by: datetime | None
    overdue: bool
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far behind the agenda is.

    Attributes:
        due: how many entries are due now.
        behind: since how long the oldest of what is due, or has failed and waits, was due for the first time; zero when
            there is nothing.
        failing: how many have failed, or are being carried, and wait to be tried again.
        incidents: how many wait for a person.
    """

    due: int
    behind: timedelta
    failing: int
    incidents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did: how many entries of each kind it finished, and how many failed."""

    done: Mapping[str, int]
    failed: int
    incidents: int

    @property
    def total(self) -> int:
        """How many entries were finished."""
        return sum(self.done.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """包案: who leads a case, by which plan, and how it goes on.

    Attributes:
        leader: the host's name for the person; ``None``: nobody leads it now.
        office: the role that bound them; ``None`` for one that was bound before offices were asked for.
        plan: what the leader means to do, as the last plan has it; ``None`` while there is none.
        until: the day by which that is to be done, in China, with what it was extended by.
        progress: the last note of how it goes on.
        next_on: the last day for what the leader owes next: a plan, a note, or the end of the case.
    """

    case: int
    leader: str | None
    office: str | None = None
    since: datetime | None = None
    plan: str | None = None
    until: date | None = None
    planned_at: datetime | None = None
    progress: str | None = None
    progress_at: datetime | None = None
    next_on: date | None = None
