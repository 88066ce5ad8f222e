"""The life of a deadline on a case: a budget and a ledger of suspensions, from which the due date is derived.

Nothing here knows the database; :class:`RunningDeadline` is what a step works on between reading and writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from jiefen.cases import DeadlineStatus
from jiefen.clock import CHINA, china_date
from jiefen.errors import FactError
from jiefen.periods import Calendar, Due, Period, Roll, Unit, due
from jiefen.rules import DeadlineRule, DeadlineVersion, Direction, Ladder, Rung

#: Reminders reach people at this hour of a working day, China time.
WORKING_HOUR = time(9)


@dataclass(slots=True)
class RunningDeadline:
    """A deadline of the case in work.

    ``extensions`` are ``{"length", "ground", "approver", "by", "at"}``; ``suspensions`` are
    ``{"ground", "from", "to"}`` with ISO dates, ``from`` the first day that does not count and ``to`` the day on which
    counting goes on, ``None`` while suspended.
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
    calendar: str = ""
    closed_at: datetime | None = None
    closed_by: str | None = None

    @property
    def live(self) -> bool:
        """Whether it still runs or may run again."""
        return self.status in (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)

    def derive(self, calendar: Calendar) -> Due | None:
        """Compute the due date anew from anchor, length, extensions and suspensions; ``None`` while suspended."""
        self.calendar = calendar.digest
        if self.status is DeadlineStatus.SUSPENDED:
            self.due_on = self.due_at = None
            self.provisional = False
            return None
        answer = due_date(self, calendar)
        self.due_on, self.due_at, self.provisional = answer.due, answer.instant, answer.provisional
        return answer

    def close(self, status: DeadlineStatus, at: datetime, by: str) -> None:
        """End it, whatever it was before."""
        self.status, self.closed_at, self.closed_by = status, at, by


def start(
    seq: int,
    rule: DeadlineRule,
    anchor: str,
    reached: date,
    facts: Mapping[str, object],
    now: datetime,
    calendar: Calendar,
) -> RunningDeadline | None:
    """A deadline that runs from the milestone ``anchor``, reached on ``reached``.

    The day counted from is the rule's date fact where it has one and the fact is known, else ``reached``. ``None``
    when the rule has no version in force on that day, or its conditions do not hold for the case.

    Raises:
        FactError: when the day lies in the future; only periods counted backwards may have such an anchor.
    """
    today = china_date(now)
    for version in reversed(rule.versions):
        dated = facts.get(version.date_fact) if version.date_fact else None
        day = dated if isinstance(dated, date) else reached
        if not (version.since <= day and (version.until is None or day <= version.until)):
            continue
        if not version.applies(facts):
            return None
        if day > today and version.direction is Direction.AFTER:
            raise FactError(
                f"{version.date_fact or anchor} is dated {day}, which is in the future, so {rule.id} ({rule.title}) "
                "cannot run from it; correct the date"
            )
        instant = now if day == today else datetime.combine(day, time(0), CHINA)
        deadline = RunningDeadline(seq, rule, version, anchor, instant, now)
        deadline.derive(calendar)
        return deadline
    return None


def due_date(deadline: RunningDeadline, calendar: Calendar) -> Due:
    """The due date of a deadline that is not suspended.

    Days that do not count lengthen the period in its own unit: calendar days for days, months and years, working days
    for working days. Extensions are added to the length when they have its unit, else they follow its end.
    """
    version = deadline.version
    day: date | datetime = (
        deadline.anchored_at if version.length.unit is Unit.HOUR else china_date(deadline.anchored_at)
    )
    chain = [version.length]
    for extension in deadline.extensions:
        length = Period.parse(extension["length"])
        if length.unit is chain[-1].unit:
            chain[-1] = Period(chain[-1].length + length.length, length.unit)
        else:
            chain.append(length)
    lost = _not_counted(deadline, calendar)
    if lost.length and lost.unit is chain[-1].unit:
        chain[-1] = Period(chain[-1].length + lost.length, lost.unit)
    elif lost.length:
        chain.append(lost)
    answer = None
    for position, period in enumerate(chain):
        last = position == len(chain) - 1
        answer = due(
            period,
            day,
            calendar,
            roll=version.roll if last else Roll.NONE,
            first_day=version.first_day,
            ends=version.ends,
            backwards=version.backwards,
        )
        day = answer.due
    assert answer is not None
    return answer


def _not_counted(deadline: RunningDeadline, calendar: Calendar) -> Period:
    unit = deadline.version.length.unit
    spans = [
        (date.fromisoformat(item["from"]), date.fromisoformat(item["to"]))
        for item in deadline.suspensions
        if item["to"] is not None
    ]
    if unit is Unit.WORKING_DAY:
        return Period(sum(calendar.working_days_between(start, end) for start, end in spans), unit)
    days = sum((end - start).days for start, end in spans)
    if unit is Unit.HOUR:
        return Period(days * 24, unit)
    return Period(days, Unit.DAY)


def rung_time(rung: Rung, due_on: date, calendar: Calendar) -> datetime:
    """When a rung of a ladder is to fire.

    A rung that is not urgent waits for a working day: a warning before the due date is given on the last working day
    that is early enough, one after it on the next working day.
    """
    offset = rung.offset
    if offset.unit is Unit.HOUR:
        instant = datetime.combine(due_on + timedelta(days=1), time(0), CHINA)
        hours = timedelta(hours=offset.length)
        return instant - hours if rung.before else instant + hours
    answer = due(offset, due_on, calendar, roll=Roll.NONE, backwards=rung.before) if offset.length else None
    day = answer.due if answer else due_on
    if not rung.urgent:
        step = timedelta(days=-1 if rung.before else 1)
        while calendar.covers(day) and not calendar.is_working_day(day):
            day += step
    return datetime.combine(day, WORKING_HOUR, CHINA)


def rungs_of(
    deadline: RunningDeadline, ladder: Ladder | None, calendar: Calendar
) -> list[tuple[Rung, datetime]]:
    """The rungs of a running deadline with their times, the earliest first."""
    if ladder is None or deadline.due_on is None:
        return []
    times = [(rung, rung_time(rung, deadline.due_on, calendar)) for rung in ladder.rungs]
    return sorted(times, key=lambda pair: pair[1])
