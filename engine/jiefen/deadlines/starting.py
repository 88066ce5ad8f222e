"""What becomes of the deadlines of a case when facts become known, or turn out otherwise, after their milestone.

A deadline starts when what its article names is known, in whatever order the case learns of it, and runs from its true
day. What has a right keeps it whatever is edited; what no longer fits the facts is told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Final

from jiefen.clock import china_date
from jiefen.deadlines.docket import CONDITIONS, CORRECTION, TIMER, Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline, instant_of, start
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.rows import DeadlineRow
from jiefen.rules import DeadlineRule, Side

#: Deadlines that ended by this may start again from the same day.
_UNDONE: Final = frozenset({CONDITIONS, CORRECTION})
#: The closed deadlines of some rules, as the case keeps them.
Closed = Callable[[Collection[str]], list[DeadlineRow]]
Facts = Mapping[str, object]


class Starting:
    """Looks again at the deadlines that facts which have changed may start, move or end.

    Args:
        closed: reads what the case no longer holds open; asked at most once, and only when something would start.
        ended: whether the case has ended: no organ owes anything any more.
    """

    def __init__(self, docket: Docket, register: Register, closed: Closed, *, ended: bool) -> None:
        self._docket, self._register = docket, register
        self._closed, self._ended = closed, ended

    def look(self, changed: Collection[str], before: Facts, facts: Facts) -> None:
        """Do what the changed facts mean, by what the case knew before and what it knows now.

        Raises:
            FactError: a day from which a deadline runs lies in the future.
        """
        rules = {rule.id: rule for name in changed for rule in self._register.starts.reading(name)}
        new: list[RunningDeadline] = []
        # The clock of a whole case first: the steps inside it look at its end.
        for rule in sorted(rules.values(), key=lambda one: any(version.within for version in one.versions)):
            wanted = self._wanted(rule, facts)
            if wanted is None:
                self._leave(rule, before, facts)
            elif self._is_new(rule, wanted, facts):
                new.append(wanted)
        self._start(new)

    def _wanted(self, rule: DeadlineRule, facts: Facts) -> RunningDeadline | None:
        """The deadline that a rule gives by what is known now; ``None`` while its milestone was not reached."""
        reached, starts, now = self._register.reached, self._register.starts, self._register.recording.now
        for anchor in {version.anchor: None for version in reversed(rule.versions)}:
            moment = reached.moment(anchor)
            left = any(map(starts.follows_the_route, rule.versions)) and not reached.in_this_stage(anchor)
            if moment is None or left:
                continue
            found = start(0, rule, anchor, moment, facts, now, starts.says_the_day)
            if found is not None:
                return found
        return None

    def _standing(self, rule: DeadlineRule) -> list[RunningDeadline]:
        return [item for item in self._register.deadlines if item.rule.id == rule.id]

    def _leave(self, rule: DeadlineRule, before: Facts, facts: Facts) -> None:
        """The rule gives nothing now: what still runs by it has lost its ground, if it had one before."""
        for item in self._standing(rule):
            version, fits = item.version, self._register.starts.fits
            if not item.live or item.anchor == TIMER:
                continue
            if fits(version, before) and not fits(version, facts):
                self._lose(item)

    def _lose(self, item: RunningDeadline) -> None:
        if item.version.kind is Side.DUTY:
            self._docket.drop_unfounded(item)
        else:
            self._docket.doubt(item)

    def _is_new(self, rule: DeadlineRule, wanted: RunningDeadline, facts: Facts) -> bool:
        """Whether the rule has given no deadline yet that is still held open; one from a wrong day is moved."""
        standing = [item for item in self._standing(rule) if not _undone(item)]
        if any(_same(item, wanted) for item in standing):
            return False
        if not self._register.starts.says_the_day(wanted.version):
            # From another day it starts by its milestone alone.
            return not any(item.live for item in standing)
        moved = [item for item in standing if item.anchor == wanted.anchor and _open(item)]
        begin_again(self._docket, self._register, moved, wanted.anchored_on, facts)
        return not standing

    def _start(self, wanted: list[RunningDeadline]) -> None:
        """Start what the case never had."""
        wanted = [item for item in wanted if not (self._ended and item.version.kind is Side.DUTY)]
        if not wanted:
            return
        known = {item.seq for item in self._register.deadlines}
        rows = []
        if len(known) < self._register.started:
            rows = [row for row in self._closed([item.rule.id for item in wanted]) if row.seq not in known]
        for item in wanted:
            if not any(self._was(row, item) for row in rows if row.rule == item.rule.id):
                item.seq = self._register.started + 1
                self._docket.begin(item)

    def _was(self, row: DeadlineRow, wanted: RunningDeadline) -> bool:
        """Whether the case had this deadline, and it was met or ended by what ends it."""
        if row.closed_by in _UNDONE:
            return False
        same = row.anchor == wanted.anchor and china_date(row.anchored_at) == wanted.anchored_on
        return same or self._register.starts.says_the_day(wanted.version)


def known_otherwise(docket: Docket, register: Register, milestone: str, day: date, facts: Facts) -> None:
    """A milestone that a fact makes known was on another day than it seemed: move what runs from it."""
    was = register.reached.day(milestone)
    if was is not None and was != day:
        deadlines = (item for item in register.deadlines if item.anchor == milestone and _open(item))
        begin_again(docket, register, [item for item in deadlines if item.anchored_on == was], day, facts)


def begin_again(
    docket: Docket, register: Register, moved: list[RunningDeadline], day: date, facts: Facts
) -> None:
    """Let deadlines run from their right day; a right that runs and that the rules do not give from it stays."""
    at, wrong = instant_of(day, register.recording.now), []
    for item in moved:
        right = item.live and item.version.kind is Side.RIGHT
        if right and docket.with_other_anchor(item, at, facts) is None:
            docket.doubt(item)
        else:
            wrong.append(item)
    docket.begin_again(wrong, at, facts)


def _open(item: RunningDeadline) -> bool:
    return item.live or item.status is DeadlineStatus.EXPIRED


def _undone(item: RunningDeadline) -> bool:
    """Whether it ended in this step only because it did not fit the facts."""
    return item.status in (DeadlineStatus.CANCELLED, DeadlineStatus.SUPERSEDED) and item.closed_by in _UNDONE


def _same(item: RunningDeadline, wanted: RunningDeadline) -> bool:
    return item.anchor == wanted.anchor and item.anchored_on == wanted.anchored_on
