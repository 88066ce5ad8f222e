"""What becomes of the deadlines of a case when facts become known, or turn out otherwise, after their milestone.

A deadline starts when what its article names is known, in whatever order the case learns of it, and runs from its true
day. What has a right keeps it whatever is edited; what no longer fits the facts is told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Final

from jiefen.clock import china_date
from jiefen.deadlines.docket import CONDITIONS, CORRECTION, INTERRUPTION, TIMER, Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline, instant_of, start
from jiefen.notation.labels import Label
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.refs import Ref
from jiefen.record.rows import DeadlineRow
from jiefen.rules import DeadlineRule, Side

#: Deadlines that ended by this may start again from the same day.
_UNDONE: Final = frozenset({CONDITIONS, CORRECTION})
_OTHER_DAY: Final = Label("{title}的日期已更正", "the day of {title} is another one")
_NEVER: Final = Label("{title}并未发生", "{title} has not happened after all")
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
                _lose(self._docket, item)

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


class Retold:
    """The day of an act as a fact tells it; told otherwise than before, what the act did is judged again.

    Args:
        milestone: the act, as the fact that makes it known knows it.
        closed: reads the deadlines by some rules that the case no longer holds open; asked at most twice.
        corrected: whether somebody puts right what was entered wrongly. A later day that is said in another way may be
            that of another act: what the first one met stays met.
        ended: whether the case has ended: no organ owes anything any more.
    """

    def __init__(
        self,
        docket: Docket,
        register: Register,
        closed: Closed,
        milestone: str,
        *,
        corrected: bool,
        ended: bool,
    ) -> None:
        self._docket, self._register, self._closed = docket, register, closed
        self._milestone, self._corrected, self._ended = milestone, corrected, ended
        self._was = register.reached.day(milestone)

    def told(self, day: object, facts: Facts) -> date | None:
        """Move what runs from the act to the day that is said now; the day, if the milestone is to be reached on it.

        A day to come is reached when it comes. What a correction empties, or puts off, has not happened.

        Raises:
            FactError: what runs from the act cannot run from that day.
        """
        if not isinstance(day, date):
            if day is None and self._corrected:
                self._never()
            return None
        if day == self._was:
            return None
        now = self._register.recording.now
        if day > china_date(now) and (self._was is None or self._corrected):
            self._never()
            self._register.recording.plan(Ref.known(self._milestone), instant_of(day, now))
            return None
        if self._was is not None:
            self._move(day, facts)
        return day

    def judge(self, day: date) -> None:
        """Judge by the true day what the act met, or came too late for; the milestone has been reached on it."""
        if self._was is None:
            return
        for item in self._ended_by_it():
            was, now = (self._kept(item, moment) for moment in (self._was, day))
            in_time = item.status is DeadlineStatus.EXPIRED and now and not was
            late = item.status is DeadlineStatus.MET and was and not now
            if in_time or (late and self._corrected and self._may_press(item)):
                self._docket.judge_again(item, self._because(_OTHER_DAY))

    def _move(self, day: date, facts: Facts) -> None:
        begin_again(self._docket, self._register, self._running(), day, facts)
        renewed = self._renewed()
        # What runs again is not to meet the act on its wrong day; it is reached on the true one next.
        self._register.reached.forget(self._milestone, self._was)
        for item in renewed:
            before = self._interrupted(item)
            if before is None or _could_interrupt(before, day):
                self._docket.begin_again([item], instant_of(day, self._register.recording.now), facts)
            else:
                self._docket.not_interrupted(item, before, self._because(_OTHER_DAY))

    def _never(self) -> None:
        """It has not happened: what it met runs again; what runs from it has lost its ground."""
        if self._was is None:
            return
        running, renewed, ended = self._running(), self._renewed(), self._ended_by_it()
        self._register.reached.forget(self._milestone, self._was)
        why = self._because(_NEVER)
        for item in running:
            if item.live:
                _lose(self._docket, item)
        for item in renewed:
            before = self._interrupted(item)
            if before is not None:
                self._docket.not_interrupted(item, before, why)
        for item in ended:
            if self._may_press(item):
                self._docket.judge_again(item, why)

    def _because(self, why: Label) -> Label:
        return why.format(title=self._register.edition.rulebook.milestones[self._milestone].title)

    def _running(self) -> list[RunningDeadline]:
        return [
            item
            for item in self._register.deadlines
            if item.anchor == self._milestone and item.anchored_on == self._was and _open(item)
        ]

    def _renewed(self) -> list[RunningDeadline]:
        """What runs again from the day of the act, by which it was interrupted."""
        found = []
        for item in self._register.deadlines:
            ground = self._register.rulebook(item).grounds.get(item.anchor.removeprefix(INTERRUPTION))
            by_it = ground is not None and self._milestone in ground.milestones
            if (
                by_it
                and item.anchor.startswith(INTERRUPTION)
                and item.anchored_on == self._was
                and _open(item)
            ):
                found.append(item)
        return found

    def _interrupted(self, renewed: RunningDeadline) -> RunningDeadline | None:
        """The deadline whose interruption let another one begin."""
        ground = renewed.anchor.removeprefix(INTERRUPTION)
        found = [
            item
            for item in self._known([renewed.rule.id])
            if item.rule.id == renewed.rule.id
            and item.seq < renewed.seq
            and (item.status, item.closed_by) == (DeadlineStatus.SUPERSEDED, ground)
        ]
        return max(found, key=lambda item: item.seq, default=None)

    def _ended_by_it(self) -> list[RunningDeadline]:
        rules = [rule.id for rule in self._register.view.stopped_at(self._milestone)]
        return [item for item in self._known(rules) if not item.live and item.closed_by == self._milestone]

    def _known(self, rules: Collection[str]) -> list[RunningDeadline]:
        """What the case has had by some rules, and everything that it still holds."""
        held = {item.seq for item in self._register.deadlines}
        rows = [row for row in self._closed(rules) if row.seq not in held] if rules else []
        return [*self._register.deadlines, *map(self._register.restore, rows)]

    def _kept(self, item: RunningDeadline, day: date) -> bool:
        """Whether an act of that day keeps a deadline."""
        return item.anchored_on <= day and self._register.in_time(item, day)

    def _may_press(self, item: RunningDeadline) -> bool:
        """Whether somebody may still be pressed for it: after the end of a case no organ is."""
        return item.version.kind is Side.RIGHT or not self._ended


def _could_interrupt(before: RunningDeadline, day: date) -> bool:
    return before.anchored_on < day and (before.due_on is None or day <= before.due_on)


def _lose(docket: Docket, item: RunningDeadline) -> None:
    if item.version.kind is Side.DUTY:
        docket.drop_unfounded(item)
    else:
        docket.doubt(item)


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
