"""A deadline as it is kept: a budget and a ledger of suspensions, from which its end is derived.

Nothing here knows the database; :class:`RunningDeadline` is what a step works on between reading and writing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from jiefen.clock import CHINA, china_date, legal_day
from jiefen.errors import FactError
from jiefen.periods import Unit
from jiefen.record.actor import SYSTEM
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.rows import DeadlineRow
from jiefen.rules import DeadlineRule, DeadlineVersion, Direction, Rulebook


@dataclass(slots=True)
class RunningDeadline:
    """A deadline of the case in work.

    ``extensions`` are ``{"length", "ground", "approver", "by", "at"}`` and, where the parties agreed, ``consent``;
    ``suspensions`` are ``{"ground", "from", "to", "by"}`` with ISO dates (instants for a period in hours), ``from`` the
    first day that does not count and ``to`` the day on which counting goes on, ``None`` while suspended. ``edition`` is
    that of the rule; a case that was taken over to other rules may have deadlines of several. ``safe_on`` is the
    earlier day that a party does well to keep, where the law can be read in two ways. ``holder`` is the role that the
    case has named for it, if its rule lets the case do so.
    """

    seq: int
    rule: DeadlineRule
    version: DeadlineVersion
    anchor: str
    anchored_at: datetime
    started_at: datetime
    status: DeadlineStatus = DeadlineStatus.RUNNING
    extensions: list[dict[str, Any]] = field(default_factory=list)
    suspensions: list[dict[str, Any]] = field(default_factory=list)
    due_on: date | None = None
    due_at: datetime | None = None
    provisional: bool = False
    safe_on: date | None = None
    calendar: str = ""
    edition: str = ""
    closed_at: datetime | None = None
    closed_by: str | None = None
    holder: str | None = None
    case_ended_at: datetime | None = None

    @property
    def held_by(self) -> str | None:
        """The role that owes it or has it."""
        return self.holder or self.version.holder

    @property
    def live(self) -> bool:
        """Whether it still runs or may run again."""
        return self.status in (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)

    @property
    def is_effective(self) -> bool:
        """Whether it runs, or the clock has seen it expire and nothing has been done about it since."""
        return self.live or (self.status is DeadlineStatus.EXPIRED and self.closed_by == SYSTEM.id)

    @property
    def anchored_on(self) -> date:
        """The legal day from which it runs."""
        return china_date(self.anchored_at)

    @property
    def in_hours(self) -> bool:
        """Whether it is counted in hours; then everything about it is an instant, not a day."""
        return self.version.length.unit is Unit.HOUR

    def reopen(self) -> None:
        """Let it run again: it did not end when it seemed to."""
        self.status, self.closed_at, self.closed_by = DeadlineStatus.RUNNING, None, None

    def close(self, status: DeadlineStatus, at: datetime, by: str) -> None:
        """End it, whatever it was before."""
        self.status, self.closed_at, self.closed_by = status, at, by

    def row(self, case_id: int) -> DeadlineRow:
        """The deadline as it is kept; :func:`restored` reads it back."""
        return DeadlineRow(
            case_id=case_id,
            rule=self.rule.id,
            version=self.version.since,
            kind=str(self.version.kind),
            status=str(self.status),
            **{name: getattr(self, name) for name in _ALIKE},
        )


#: What is kept as it is.
_ALIKE: Final = tuple(
    name for name in DeadlineRow._fields if name not in ("case_id", "rule", "version", "kind", "status")
)


def restored(row: DeadlineRow, rulebook: Rulebook, area: str | None) -> RunningDeadline:
    """A deadline from its row, with the rule that gave it.

    Args:
        rulebook: that of the deadline's own edition.
        area: of the case; a local rule of another area is found too.

    Raises:
        NotFound: the rulebook has no such rule.
    """
    rule, version = rulebook.deadline(row.rule, row.version, china_date(row.anchored_at), area)
    deadline = RunningDeadline(
        rule=rule,
        version=version,
        status=DeadlineStatus(row.status),
        **{name: getattr(row, name) for name in _ALIKE},
    )
    # Rows may be shared; what a step adds must not appear in them before it is saved.
    deadline.extensions, deadline.suspensions = list(row.extensions), list(row.suspensions)
    return deadline


def _always(_version: DeadlineVersion) -> bool:
    return True


def start(
    seq: int,
    rule: DeadlineRule,
    anchor: str,
    reached: date | datetime,
    facts: Mapping[str, object],
    now: datetime,
    says_the_day: Callable[[DeadlineVersion], bool] = _always,
) -> RunningDeadline | None:
    """A deadline that runs from the milestone ``anchor``, reached on ``reached``; its end is not derived yet.

    The day counted from is the rule's date fact where it has one and the fact is known, else ``reached``; an instant
    counts as such, where it falls on that day. ``None`` when the rule has no version in force on that day that runs
    from the anchor, or its conditions do not hold for the case.

    Args:
        says_the_day: whether the date fact of a version goes before ``reached``; that of a period counted backwards
            always does.

    Raises:
        FactError: when the day lies in the future; only periods counted backwards may have such an anchor.
    """
    for version in reversed(rule.versions):
        asked = version.date_fact is not None and (version.backwards or says_the_day(version))
        dated = facts.get(version.date_fact or "") if asked else None
        day = dated if isinstance(dated, date) else legal_day(reached)
        if day not in version.span:
            continue
        if version.anchor != anchor or not version.applies(facts):
            return None
        if day > china_date(now) and version.direction is Direction.AFTER:
            raise FactError(
                f"{version.date_fact or anchor} is dated {day}, which is in the future, so {rule.id} ({rule.title}) "
                "cannot run from it; correct the date"
            )
        at = reached if isinstance(reached, datetime) and legal_day(reached) == day else instant_of(day, now)
        holder = facts.get(version.holder_fact or "")
        held = holder if isinstance(holder, str) else None
        return RunningDeadline(seq, rule, version, anchor, at, now, holder=held)
    return None


def instant_of(moment: date | datetime, now: datetime) -> datetime:
    """The instant that stands for a moment: of a day, now if it is today, else its beginning."""
    if isinstance(moment, datetime):
        return moment
    return now if moment == china_date(now) else datetime.combine(moment, time(0), CHINA)
