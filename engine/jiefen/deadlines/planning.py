"""The deadlines of one case as they are kept: what runs, when it ends, and what that puts on the agenda."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from jiefen.clock import CHINA, china_date, legal_day, midnight_after
from jiefen.deadlines.end import End, derive, end_of
from jiefen.deadlines.ladder import rungs_of
from jiefen.deadlines.reached import Reached
from jiefen.deadlines.running import RunningDeadline, instant_of, restored
from jiefen.edition.edition import Edition
from jiefen.errors import FactError
from jiefen.notation.labels import Label
from jiefen.periods import Ends, Roll, Unit, due
from jiefen.record.actor import SYSTEM
from jiefen.record.kinds import DeadlineStatus, Happening
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import DeadlineRow
from jiefen.rules import DeadlineRule, DeadlineVersion, Ladder, Rulebook, RuleView, Rung, Safe, Side

_WHOLE_NOT_OVER = Label("{title}并未届满", "{title}, beside which it runs, is not over")
#: The clocks of two machines that share a database may differ by so much, and neither is wrong.
_SAME_CLOCK: Final = timedelta(minutes=5)


class Register:
    """The open deadlines of a case in work.

    Args:
        edition: whose rules give the deadlines that start now, and whose calendar holds for all.
        rows: the rows of the deadlines that can still change.
        started: how many deadlines the case has had so far; numbers the next one.
        reached: the milestones of the case.
        rulebooks: the rules of an edition by its digest; a case may have deadlines of several.
    """

    def __init__(
        self,
        edition: Edition,
        view: RuleView,
        area: str | None,
        rows: Iterable[DeadlineRow],
        started: int,
        reached: Reached,
        recording: Recording,
        rulebooks: Callable[[str], Rulebook],
    ) -> None:
        self.edition, self.reached = edition, reached
        self.move(view, area)
        self.started = started
        self._rulebooks = rulebooks
        self.recording = recording
        self._touched: set[int] = set()
        self.deadlines = [self.restore(row) for row in rows]

    def move(self, view: RuleView, area: str | None) -> None:
        """Let what begins now, or is worked out again, go by the rules and the local holidays of another area."""
        self.view, self.area = view, area
        self.starts = self.edition.rulebook.starts(area)
        self.calendar = self.edition.calendar_in(area)

    def due_of(self, rule_id: str) -> datetime | None:
        """When the running deadline of a rule is over; ``None`` when none runs."""
        for deadline in reversed(self.deadlines):
            if deadline.rule.id == rule_id and deadline.live:
                return deadline.due_at
        return None

    def get(self, seq: int) -> RunningDeadline | None:
        """The open deadline of that number."""
        return next((item for item in self.deadlines if item.seq == seq), None)

    @property
    def changed(self) -> list[RunningDeadline]:
        """The deadlines that this step changed or started."""
        return [item for item in self.deadlines if item.seq in self._touched]

    def end(self, deadline: RunningDeadline) -> End:
        """When a deadline ends that is not suspended: by itself, and not after the whole case beside it."""
        own, whole = end_of(deadline, self.calendar), self._whole_end(deadline)
        return own.within(whole) if whole is not None else own

    def require_possible(self, milestone: str, day: date) -> None:
        """Refuse a day before the known holidays for a milestone that would end, meet or move what runs.

        What runs began later, so such a day is a slip of the pen; a matter of that time itself may have it.

        Raises:
            FactError: the day can only be wrong.
        """
        first = self.calendar.known_from
        if day >= first:
            return
        for item in self.deadlines:
            version = item.version
            if item.live and milestone in (item.anchor, *version.stops, *version.cancels):
                raise FactError(
                    f"{milestone} on {day} lies before {first}, the first day whose holidays are known, and "
                    f"{item.rule.id} runs since {item.anchored_on}; correct the day"
                )

    def computable(self, deadline: RunningDeadline) -> bool:
        """Whether the holidays of the day are known from which a deadline runs."""
        return deadline.anchored_on >= self.calendar.known_from

    def safe_on(self, deadline: RunningDeadline) -> date | None:
        """The day before the last one that a party does well to keep; ``None`` where the last one is certain.

        An estimate beyond the published holidays is taken as early as it can be.
        """
        safe = deadline.version.safe
        if safe is None or deadline.status is DeadlineStatus.SUSPENDED:
            return None
        end = self.end(deadline)
        earlier = [self._safe_end(deadline, safe), self._kept_first(deadline, safe.before)]
        found = min((day for day in earlier if day is not None and day < end.on), default=None)
        return max(found, deadline.anchored_on) if found is not None else None

    def _safe_end(self, deadline: RunningDeadline, safe: Safe) -> date:
        """The end without a roll that the text does not have, of this deadline or of the wait that it begins with."""
        variant = replace(deadline)
        if safe.unrolled:
            variant.version = replace(variant.version, roll=Roll.NONE)
        wait = next(
            (
                item
                for item in reversed(self.deadlines)
                if item.rule.id == safe.wait
                and item.due_on == deadline.anchored_on
                and item.version.expiry_milestone == deadline.anchor
            ),
            None,
        )
        if wait is not None:
            unrolled = replace(wait, version=replace(wait.version, roll=Roll.NONE))
            variant.anchored_at = instant_of(end_of(unrolled, self.calendar).on, self.recording.now)
        return end_of(variant, self.calendar).on

    def _kept_first(self, deadline: RunningDeadline, before: str | None) -> date | None:
        """The last day of the deadline that is the safe one to keep, as long as it runs."""
        running = (item for item in self.deadlines if item.rule.id == before and item.live)
        first = next(running, None) if before is not None else None
        return first.due_on if first is not None else None

    def rulebook(self, deadline: RunningDeadline) -> Rulebook:
        """The rules by which a deadline runs."""
        return self._rulebooks(deadline.edition)

    def rung(self, deadline: RunningDeadline, rung_id: str) -> Rung | None:
        """The rung of that id on the ladder of a deadline; of another area, if the case has moved since."""
        rungs = (rung for ladder in self._ladders(deadline) for rung in ladder.rungs)
        return next((rung for rung in rungs if rung.id == rung_id), None)

    def is_over(self, deadline: RunningDeadline) -> bool:
        """Whether a deadline runs that is over by now, by every possible calendar."""
        now = self.recording.now
        if deadline.status is not DeadlineStatus.RUNNING or deadline.due_at is None or deadline.due_at > now:
            return False
        return self.end(deadline).latest_at <= now

    def in_time(self, deadline: RunningDeadline, moment: date | datetime) -> bool:
        """Whether an act keeps a deadline: its own day or instant counts, not that of its recording."""
        if deadline.status is DeadlineStatus.SUSPENDED:
            return True
        end, now, day = self.end(deadline), self.recording.now, legal_day(moment)
        # The hour counts only where the law counts hours or stops at the close of business.
        by_the_hour = deadline.in_hours or deadline.version.ends is Ends.CLOSE_OF_BUSINESS
        if by_the_hour and (isinstance(moment, datetime) or day == china_date(now)):
            return instant_of(moment, now) < end.latest_at
        return day <= end.latest_on

    def suspension_ends_at(self, deadline: RunningDeadline) -> date | datetime | None:
        """When a suspension ends by law; ``None`` where the law sets it no limit."""
        span = deadline.suspensions[-1]
        ground = self.rulebook(deadline).grounds.get(span["ground"])
        if ground is None or ground.at_most is None:
            return None
        begun = (
            datetime.fromisoformat(span["from"]) if deadline.in_hours else date.fromisoformat(span["from"])
        )
        last = due(ground.at_most, legal_day(begun), self.calendar).due
        if isinstance(begun, datetime):
            return datetime.combine(last, begun.astimezone(CHINA).time(), CHINA).astimezone(UTC)
        return last

    @property
    def stale(self) -> bool:
        """Whether a deadline that may move was worked out by another calendar."""
        return any(item.calendar != self.edition.calendar.digest for item in self.derivable())

    def counts_hours(self, milestone: str) -> bool:
        """Whether a milestone starts, or meets, a deadline that is counted in hours."""
        begins = (version for rule in self.view.anchored_at(milestone) for version in rule.versions)
        return any(version.length.unit is Unit.HOUR for version in begins) or any(
            deadline.in_hours and milestone in deadline.version.stops and deadline.is_effective
            for deadline in self.deadlines
        )

    def expired_early(self, deadline: RunningDeadline) -> bool:
        """Whether a deadline has expired by a clock that was ahead: later than now, and before its end."""
        soon, closed_at = self.recording.now + _SAME_CLOCK, deadline.closed_at
        if deadline.live or closed_at is None or closed_at <= soon or not deadline.is_effective:
            return False
        return self.end(deadline).latest_at > soon

    def would_still_run(
        self, deadline: RunningDeadline, rule: DeadlineRule, version: DeadlineVersion
    ) -> bool:
        """Whether a deadline has expired, nothing was done about it since, and by that version it is not over."""
        if deadline.live or deadline.due_on is None or not deadline.is_effective:
            return False
        end = self.end(replace(deadline, rule=rule, version=version))
        return end.on > deadline.due_on and end.latest_at > self.recording.now

    def rights(self) -> list[RunningDeadline]:
        """The rights of parties that run, or stand still."""
        return [item for item in self.deadlines if item.live and item.version.kind is Side.RIGHT]

    def derivable(self) -> list[RunningDeadline]:
        """The deadlines whose end other holidays or rules may move: those that run, and those that have expired only
        by what holds no longer."""
        return [
            item
            for item in self.deadlines
            if item.status is DeadlineStatus.RUNNING or self.would_still_run(item, item.rule, item.version)
        ]

    def restore(self, row: DeadlineRow) -> RunningDeadline:
        """A deadline from its row. Raises NotFound when its edition has no such rule."""
        return restored(row, self._rulebooks(row.edition), self.area)

    @property
    def next_due(self) -> datetime | None:
        """When the first deadline that runs is over; ``None``: none runs."""
        running = (item for item in self.deadlines if item.status is DeadlineStatus.RUNNING)
        return min((item.due_at for item in running if item.due_at is not None), default=None)

    def rows(self, case_ended_at: datetime | None) -> list[DeadlineRow]:
        """The deadlines that this step changed or started, as they are kept.

        Args:
            case_ended_at: when the case was over; ``None``: it is open.
        """
        for deadline in self.deadlines:
            if deadline.case_ended_at != case_ended_at:
                deadline.case_ended_at = case_ended_at
                self._touched.add(deadline.seq)
            if deadline.version.safe is None or not deadline.live:
                continue
            # What it is compared with may have begun, moved or ended in this step, and it has not.
            before, deadline.safe_on = deadline.safe_on, self.safe_on(deadline)
            if deadline.safe_on != before:
                self._touched.add(deadline.seq)
        return [deadline.row(self.recording.case_id) for deadline in self.changed]

    # --- changing them ------------------------------------------------------------------------------------------

    def begin(self, deadline: RunningDeadline, edition: str) -> None:
        """Let a deadline run by a rule of that edition: work out its end, plan it, and note it in the journal."""
        deadline.edition = edition
        self.started += 1
        self.deadlines.append(deadline)
        self.derive(deadline)
        self.note(
            deadline,
            Happening.DEADLINE_STARTED,
            anchor=deadline.anchor,
            anchored_on=iso(deadline.anchored_on),
            version=iso(deadline.version.since),
            length=str(deadline.version.length),
            provisional=deadline.provisional,
            calendar=deadline.calendar,
        )

    def derive(self, deadline: RunningDeadline) -> None:
        """Work the end out again, put it on the agenda, and do the same for the steps inside a whole case."""
        self.plan(deadline)
        self._follow(deadline)

    def plan(self, deadline: RunningDeadline) -> None:
        """Work the end out again and put it on the agenda; while suspended, the day on which the law ends that."""
        end = self.update_end(deadline)
        until = self.suspension_ends_at(deadline) if end is None else None
        if until is not None:
            self.recording.plan(Ref.expiry(deadline.seq), instant_of(until, deadline.started_at))
        if end is not None:
            self.recording.plan(Ref.expiry(deadline.seq), end.at)
            warned = False
            for rung, at in rungs_of(self._warned_of(deadline, end), self.ladder(deadline), self.calendar):
                # A warning whose time had passed before the deadline was even known would only be noise.
                if at >= deadline.started_at or not rung.before:
                    first, warned = rung.before and not warned, True
                    self.recording.plan(Ref.rung(deadline.seq, rung.id), at, data={"first": first})

    def _warned_of(self, deadline: RunningDeadline, end: End) -> End:
        """The end as warnings go by it: a party is warned of the safe day."""
        safe = self.safe_on(deadline)
        if safe is None:
            return end
        return replace(end, on=safe, at=midnight_after(safe))

    def update_end(self, deadline: RunningDeadline) -> End | None:
        """Work the end out again; ``None`` while suspended."""
        end = derive(deadline, self.calendar, self._whole_end(deadline))
        deadline.calendar = self.edition.calendar.digest
        self._touched.add(deadline.seq)
        return end

    def _follow(self, whole: RunningDeadline) -> None:
        """The steps inside a whole case whose clock has changed."""
        for step in self.deadlines:
            if step.version.within != whole.rule.id:
                continue
            if self.would_still_run(step, step.rule, step.version):
                self.reopen(step, _WHOLE_NOT_OVER.format(title=whole.rule.title))
            if step.status is DeadlineStatus.RUNNING:
                before = step.due_on
                self.derive(step)
                if step.due_on != before:
                    self.note(step, Happening.DEADLINE_MOVED, before=iso(before), because=whole.rule.id)

    def _wholes(self, deadline: RunningDeadline) -> Iterator[RunningDeadline]:
        for other in self.deadlines:
            if other.rule.id == deadline.version.within and other.is_effective:
                yield other

    def _whole_end(self, deadline: RunningDeadline) -> End | None:
        """The end of the clock of the whole case beside a step; ``None`` where none runs, or it is suspended."""
        whole = next(self._wholes(deadline), None) if deadline.version.within else None
        return None if whole is None or whole.status is DeadlineStatus.SUSPENDED else self.end(whole)

    def ladder(self, deadline: RunningDeadline) -> Ladder | None:
        """The ladder of a deadline, if its rule names one."""
        return next(self._ladders(deadline), None)

    def _ladders(self, deadline: RunningDeadline) -> Iterator[Ladder]:
        """The ladder of a deadline here, then those of its name that may have planned rungs before a move."""
        return self.rulebook(deadline).ladders(deadline.version.ladder or "", self.area)

    def close(
        self, deadline: RunningDeadline, status: DeadlineStatus, kind: Happening, by: str, **data: Any
    ) -> None:
        """End a deadline, and take off the agenda what no longer matters for it."""
        deadline.close(status, self.recording.now, by)
        if not (status is DeadlineStatus.EXPIRED and by == SYSTEM.id):
            # An unmet duty keeps its ladder: it goes on climbing until the act is done.
            self.unplan(deadline)
        self.note(deadline, kind, by=by, **data)

    def reopen(self, deadline: RunningDeadline, why: Label) -> None:
        """Let a deadline run again that has not expired when it seemed to; what its expiry started ends."""
        self.recording.reopen(deadline.seq, deadline.closed_at)
        deadline.reopen()
        self.note(deadline, Happening.DEADLINE_REOPENED, why=why)
        self.undo_expiry(deadline, deadline.due_on, why)

    def undo_expiry(self, deadline: RunningDeadline, was: date | None, why: Label) -> None:
        """End what has come of an expiry on ``was`` that did not happen then, and what has come of that."""
        if deadline.version.expiry_milestone is not None:
            self.reached.forget(deadline.version.expiry_milestone, was)
        for item in self.deadlines:
            if (
                item.anchor == deadline.version.expiry_milestone
                and item.anchored_on == was
                and item.is_effective
            ):
                if not item.live:
                    self.recording.reopen(item.seq, item.closed_at)
                    self.undo_expiry(item, item.due_on, why)
                cancelled = DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED
                self.close(item, *cancelled, "correction", because=deadline.rule.id, why=why)

    def rungs_after_the_end(self, deadline: RunningDeadline) -> Iterator[Rung]:
        """The rungs that press for a deadline once it has expired."""
        return (rung for ladder in self._ladders(deadline) for rung in ladder.rungs if not rung.before)

    def unplan(self, deadline: RunningDeadline) -> None:
        """Take its end and its rungs off the agenda."""
        self.recording.unplan(Ref.expiry(deadline.seq))
        for rung_id in {rung.id: None for ladder in self._ladders(deadline) for rung in ladder.rungs}:
            self.recording.unplan(Ref.rung(deadline.seq, rung_id))
        self._touched.add(deadline.seq)

    def note(self, deadline: RunningDeadline, kind: Happening, **data: Any) -> None:
        """Note something about a deadline in the journal."""
        self._touched.add(deadline.seq)
        due_on = iso(deadline.due_on)
        self.recording.note(kind, deadline.rule.id, seq=deadline.seq, due_on=due_on, **data)


def iso(day: date | None) -> str | None:
    """A day as it is kept in the journal."""
    return day.isoformat() if day else None
