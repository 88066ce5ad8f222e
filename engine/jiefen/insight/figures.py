"""What the year came to: counts over cases, deadlines and journals, read through the public API only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Protocol, TypeVar

from jiefen.clock import china_date
from jiefen.engine import Engine
from jiefen.queries.figures import Figure
from jiefen.record.desk.dispatches import BESIDE, Dispatch
from jiefen.record.desk.whistles import Whistle
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.values import Case, Deadline, Entry, Incident, Supervision


class _Listed(Protocol):
    """Something that listings give in the order of its id."""

    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=_Listed)

#: Upper bounds, in days, of the bands of the time from opening to end.
BANDS = (7, 30, 60, 90, 180)
#: What goes on in another case, or was none, counts nowhere twice.
_ELSEWHERE = frozenset({CaseStatus.MERGED, CaseStatus.VOIDED})


@dataclass(frozen=True)
class Records:
    """Everything that is kept of a set of cases.

    Attributes:
        cases: the matters. Orders and whistles, which are cases too, are no further matters, nor is what was merged
            or voided.
        shares: the figures of the rules, of what fell due or came in since the first case was opened.
    """

    cases: tuple[Case, ...]
    deadlines: Mapping[int, tuple[Deadline, ...]]
    journals: Mapping[int, tuple[Entry, ...]]
    incidents: tuple[Incident, ...]
    supervisions: tuple[Supervision, ...]
    orders: tuple[Dispatch, ...] = ()
    whistles: tuple[Whistle, ...] = ()
    shares: tuple[Figure, ...] = ()

    def entries(self, kind: Happening) -> Iterator[Entry]:
        """Every entry of one kind, case by case; but for those that were erased."""
        every = (entry for journal in self.journals.values() for entry in journal)
        return (entry for entry in every if entry.kind is kind and not entry.erased)

    def all_deadlines(self, kind: str) -> Iterator[Deadline]:
        """Every deadline of one kind, ``duty`` or ``right``."""
        return (item for items in self.deadlines.values() for item in items if item.kind == kind)


def read_records(engine: Engine) -> Records:
    """Read all cases of an engine with their deadlines and journals."""
    cases = tuple(paged(lambda after: engine.cases(after=after, limit=500)))
    orders = tuple(paged(lambda after: engine.dispatches(after=after, limit=500)))
    whistles = tuple(paged(lambda after: engine.whistles(after=after, limit=500)))
    return Records(
        tuple(case for case in cases if case.process not in BESIDE and case.status not in _ELSEWHERE),
        {case.id: tuple(engine.deadlines(case.id)) for case in cases},
        {case.id: tuple(paged(partial(_history, engine, case.id))) for case in cases},
        tuple(paged(lambda after: engine.incidents(after=after))),
        (
            *paged(lambda after: engine.supervisions(status="open", after=after)),
            *paged(lambda after: engine.supervisions(status="answered", after=after)),
            *paged(lambda after: engine.supervisions(status="accepted", after=after)),
        ),
        orders,
        whistles,
        tuple(engine.figures(since=china_date(cases[0].opened_at))) if cases else (),
    )


def _history(engine: Engine, case: int, after: int) -> list[Entry]:
    return engine.history(case, after=after)


def paged(page_after: Callable[[int], list[T]]) -> Iterator[T]:
    """Everything that a listing gives, page by page."""
    after = 0
    while page := page_after(after):
        yield from page
        after = page[-1].id


@dataclass(frozen=True)
class StageCount:
    """Cases that ever entered a stage, that are in it now, and that ended in it."""

    entered: int
    here: int
    ended: int


@dataclass(frozen=True)
class TypeCount:
    """Cases of one dispute type: how many, how many are open, and the outcomes of those that ended."""

    cases: int
    open: int
    outcomes: Counter[str | None]


@dataclass(frozen=True)
class DeadlineCount:
    """Deadlines counted once each, by what became of them; the last two say more about the same ones.

    Attributes:
        status: by status; a running one whose instant has passed counts as ``overdue``.
        ever_suspended: how many were suspended at any time.
        provisional: how many of those that may still change have a date beyond the published holidays.
    """

    status: Counter[str]
    ever_suspended: int
    provisional: int

    @property
    def total(self) -> int:
        """How many there were."""
        return self.status.total()

    @property
    def met_share(self) -> float | None:
        """Those met among those that were either met or not; ``None`` when none was."""
        decided = self.status["met"] + self.status["expired"] + self.status["overdue"]
        return self.status["met"] / decided if decided else None


@dataclass(frozen=True)
class JointMediation:
    """One joint mediation of the four heads: when it was called, held and minuted, and how often it was called."""

    case: int
    called: date
    held: date | None
    filed: date | None
    quorum_decisions: tuple[str, ...]


@dataclass(frozen=True)
class Oversight:
    """Supervisions, tasks that nobody signed for in time, cases with a leader, and the contacts that leaders logged."""

    asked: int
    answered_late: int
    open: int
    unclaimed: int
    led: int
    contacts: int

    @property
    def answered_in_time(self) -> int:
        """Supervisions that were answered before their time was over."""
        return self.asked - self.answered_late - self.open


def by_stage(records: Records, stages: Iterable[str]) -> dict[str | None, StageCount]:
    """Counts per stage; ``None`` is the stage of cases that have not entered any."""
    entered = {(entry.case, entry.subject) for entry in records.entries(Happening.STAGE)}
    last = {entry.case: entry.subject for entry in records.entries(Happening.STAGE)}
    counts: dict[str | None, StageCount] = {}
    for stage in (*stages, None):
        cases = [case for case in records.cases if last.get(case.id) == stage]
        here = sum(case.status is CaseStatus.OPEN for case in cases)
        counts[stage] = StageCount(sum(of == stage for _, of in entered), here, len(cases) - here)
    return counts


def stage_moves(records: Records) -> Counter[tuple[str, str]]:
    """How often cases went from one stage straight to another."""
    moves: Counter[tuple[str, str]] = Counter()
    for case in records.cases:
        stages = [entry.subject or "" for entry in records.journals[case.id] if entry.kind is Happening.STAGE]
        moves.update(pairwise(stages))
    return moves


def by_type(records: Records) -> dict[str | None, TypeCount]:
    """Counts per dispute type, the most frequent first."""
    frequent = Counter(case.dispute_type for case in records.cases).most_common()
    counts = {}
    for kind, number in sorted(frequent, key=lambda item: (-item[1], item[0] or "")):
        ended = [case for case in records.cases if case.dispute_type == kind and case.ended_at is not None]
        counts[kind] = TypeCount(number, number - len(ended), Counter(case.outcome for case in ended))
    return counts


def by_outcome(records: Records) -> Counter[str | None]:
    """Outcomes of the cases that ended."""
    return Counter(case.outcome for case in records.cases if case.ended_at is not None)


def by_channel(records: Records) -> dict[str | None, tuple[int, int]]:
    """Cases and open cases per legal channel that the rules gave, the most frequent first."""
    counts = Counter(_text(case.facts.get("channel")) for case in records.cases)
    open_now = Counter(_text(case.facts.get("channel")) for case in records.cases if case.ended_at is None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0] or ""))
    return {channel: (number, open_now[channel]) for channel, number in ordered}


def cases_with_milestone(records: Records) -> Counter[str]:
    """In how many cases each milestone was reached."""
    reached = {(entry.case, entry.subject or "") for entry in records.entries(Happening.MILESTONE)}
    return Counter(milestone for _, milestone in reached)


def by_law(records: Records, kind: str) -> dict[str, DeadlineCount]:
    """Deadlines of one kind per law, the law with most first."""
    return _counted(records.all_deadlines(kind), lambda item: item.law)


def by_rule(records: Records, kind: str) -> dict[str, DeadlineCount]:
    """Deadlines of one kind per rule, the rule with most first."""
    return _counted(records.all_deadlines(kind), lambda item: item.rule)


def count(deadlines: Iterable[Deadline]) -> DeadlineCount:
    """Count deadlines."""
    items = list(deadlines)
    return DeadlineCount(
        Counter("overdue" if item.overdue else str(item.status) for item in items),
        sum(bool(item.suspensions) for item in items),
        sum(item.provisional and item.status is DeadlineStatus.RUNNING for item in items),
    )


def rungs(records: Records) -> Counter[tuple[str, str]]:
    """Rungs that fired, for a deadline, a task nobody had signed for or one not done, by action and who was told."""
    kinds = (Happening.RUNG, Happening.TASK_UNCLAIMED, Happening.TASK_UNFINISHED)
    fired = (entry for kind in kinds for entry in records.entries(kind))
    return Counter((str(entry.data["action"]), str(entry.data["to"])) for entry in fired)


def oversight(records: Records) -> Oversight:
    """What was asked for in writing, who led, and what nobody took."""
    late = {(entry.case, entry.subject) for entry in records.entries(Happening.SUPERVISION_UNANSWERED)}
    return Oversight(
        asked=len(records.supervisions),
        answered_late=sum(
            item.status in ("answered", "accepted") and (item.case, item.ref) in late
            for item in records.supervisions
        ),
        open=sum(item.status == "open" for item in records.supervisions),
        unclaimed=len(
            {(entry.case, entry.data["token"]) for entry in records.entries(Happening.TASK_UNCLAIMED)}
        ),
        led=len({entry.case for entry in records.entries(Happening.LEADER_BOUND)}),
        contacts=sum(1 for _ in records.entries(Happening.CONTACT)),
    )


def joint_mediations(records: Records) -> list[JointMediation]:
    """Every joint mediation, in the order in which they were called."""
    found: list[JointMediation] = []
    for case in records.cases:
        starts = [
            number
            for number, entry in enumerate(records.journals[case.id])
            if (entry.kind, entry.subject) == (Happening.MILESTONE, "joint_mediation_called")
        ]
        for start, end in zip(starts, [*starts[1:], len(records.journals[case.id])], strict=False):
            found.append(_joint_mediation(case.id, records.journals[case.id][start:end]))
    return sorted(found, key=lambda item: (item.called, item.case))


def days_to_end(records: Records) -> dict[str | None, list[int]]:
    """Days from opening to end of the cases that ended, per dispute type, shortest first."""
    days: dict[str | None, list[int]] = {}
    for case in records.cases:
        if case.ended_at is not None:
            length = (china_date(case.ended_at) - china_date(case.opened_at)).days
            days.setdefault(case.dispute_type, []).append(length)
    return {kind: sorted(lengths) for kind, lengths in days.items()}


def banded(lengths: Iterable[int]) -> list[int]:
    """How many lengths fall into each band of :data:`BANDS`, and into the one beyond."""
    counts = [0] * (len(BANDS) + 1)
    for length in lengths:
        counts[sum(length > bound for bound in BANDS)] += 1
    return counts


def open_rights(records: Records) -> list[Deadline]:
    """Rights of parties that still run, the one lost first at the top."""
    running = [item for item in records.all_deadlines("right") if item.status is DeadlineStatus.RUNNING]
    return sorted(running, key=lambda item: (item.safe_on or item.due_on or date.max, item.case, item.seq))


def _counted(deadlines: Iterable[Deadline], key: Callable[[Deadline], str]) -> dict[str, DeadlineCount]:
    groups: dict[str, list[Deadline]] = {}
    for item in deadlines:
        groups.setdefault(key(item), []).append(item)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: count(items) for name, items in ordered}


def _joint_mediation(case: int, entries: tuple[Entry, ...]) -> JointMediation:
    reached = {
        entry.subject: china_date(entry.at)
        for entry in reversed(entries)
        if entry.kind is Happening.MILESTONE
    }
    decisions = [
        str(entry.data["outputs"].get("joint_quorum"))
        for entry in entries
        if (entry.kind, entry.subject) == (Happening.DECISION, "joint_quorum")
    ]
    return JointMediation(
        case,
        reached["joint_mediation_called"],
        reached.get("joint_mediation_held"),
        reached.get("minutes_filed"),
        tuple(decisions),
    )


def _text(value: object) -> str | None:
    return str(value) if value is not None else None
