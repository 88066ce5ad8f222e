"""The deadlines of one case taken together: what a milestone starts and stops, what expires, what is due when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from jiefen.cases import SYSTEM, DeadlineStatus, Happening
from jiefen.clock import china_date, legal_day
from jiefen.deadlines import End, RunningDeadline, end_of, instant_of, rungs_of, start
from jiefen.editions import Edition
from jiefen.errors import NotFound
from jiefen.expiry import Expired, take_effect
from jiefen.notices import notice, rung_notice
from jiefen.periods import Unit
from jiefen.recording import NOTICE, Recording
from jiefen.rules import DeadlineRule, DeadlineVersion, Ends, Ladder, Rulebook, RuleView, Rung, Side

#: The milestone of a rule whose deadlines no milestone starts, but a timer of a model that names the rule.
TIMER = "timer"
#: The anchor of a deadline that was interrupted is this and the ground, since no milestone need have been reached.
INTERRUPTION = "interruption:"


class Docket:
    """The open deadlines of a case in work.

    What is done to a deadline here has been looked at before: :mod:`jiefen.acts` knows what the law allows.

    Args:
        edition: whose rules give the deadlines that start now, and whose calendar holds for all.
        rows: the rows of the deadlines that can still change.
        started: how many deadlines the case has had so far; numbers the next one.
        rulebooks: the rules of an edition by its digest; a case may have deadlines of several.
    """

    def __init__(
        self,
        edition: Edition,
        view: RuleView,
        area: str | None,
        rows: Iterable[Any],
        started: int,
        recording: Recording,
        rulebooks: Callable[[str], Rulebook],
    ) -> None:
        self._edition = edition
        self.move(view, area)
        self.started = started
        self._rulebooks = rulebooks
        self._recording = recording
        self._touched: set[int] = set()
        self.deadlines = [self.restore(row) for row in rows]

    def move(self, view: RuleView, area: str | None) -> None:
        """Let what begins now, or is worked out anew, go by the rules and the local holidays of another area."""
        self.view, self.area = view, area
        self.calendar = self._edition.calendar_in(area)

    # --- what runs ------------------------------------------------------------------------------------------------

    def due_of(self, rule_id: str) -> datetime | None:
        """When the running deadline of a rule is over; ``None`` when none runs."""
        for deadline in reversed(self.deadlines):
            if deadline.rule.id == rule_id and deadline.live:
                return deadline.due_at
        return None

    def get(self, seq: int) -> RunningDeadline | None:
        """The open deadline of that number."""
        return next((item for item in self.deadlines if item.seq == seq), None)

    def end(self, deadline: RunningDeadline) -> End:
        """When a deadline ends that is not suspended: by itself, and not after the whole case beside it."""
        own, whole = end_of(deadline, self.calendar), self._whole_end(deadline)
        return own.within(whole) if whole is not None else own

    def rulebook(self, deadline: RunningDeadline) -> Rulebook:
        """The rules by which a deadline runs."""
        return self._rulebooks(deadline.edition)

    def rung(self, deadline: RunningDeadline, rung_id: str) -> Rung | None:
        """The rung of that id on the ladder of a deadline; of another area, if the case has moved since."""
        rungs = (rung for ladder in self._ladders(deadline) for rung in ladder.rungs)
        return next((rung for rung in rungs if rung.id == rung_id), None)

    @property
    def changed(self) -> list[RunningDeadline]:
        """The deadlines that this step changed or started."""
        return [item for item in self.deadlines if item.seq in self._touched]

    def counts_hours(self, milestone: str) -> bool:
        """Whether a milestone starts, or meets, a deadline that is counted in hours."""
        begins = (version for rule in self.view.anchored_at(milestone) for version in rule.versions)
        return any(version.length.unit is Unit.HOUR for version in begins) or any(
            deadline.in_hours and milestone in deadline.version.stops and self.stands(deadline)
            for deadline in self.deadlines
        )

    # --- what happens by itself -----------------------------------------------------------------------------------

    def milestone(
        self,
        milestone: str,
        moment: date | datetime,
        facts: Mapping[str, object],
        ended: RunningDeadline | None = None,
    ) -> None:
        """A milestone was reached on a day, or at an instant: do what it stops, interrupts and starts, in this order.

        ``ended`` is the deadline whose expiry it is; a milestone that would have met it comes too late for that.
        """
        for deadline in list(self.deadlines):
            if milestone in deadline.version.stops and deadline is ended:
                self._settle(deadline, milestone)
            elif milestone in deadline.version.stops:
                self._stop(deadline, milestone, moment)
            elif milestone in deadline.version.cancels and deadline.live:
                self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, milestone)
            else:
                self._interrupted_by(deadline, milestone, legal_day(moment))
        # The clock of a whole case first: the steps inside it look at its end.
        rules = self.view.anchored_at(milestone)
        for rule in sorted(rules, key=lambda one: any(version.within for version in one.versions)):
            self._start(rule, milestone, moment, facts)

    def timer_entered(self, rule_id: str, facts: Mapping[str, object]) -> None:
        """A timer of the model began to wait for a deadline: it starts where the rule runs from a timer."""
        rule = self.view.deadlines.get(rule_id)
        if rule is not None and self._by_timer(rule_id) is None:
            now = self._recording.now
            if any(version.anchor == TIMER and version.since <= china_date(now) for version in rule.versions):
                self._start(rule, TIMER, now, facts)

    def timer_left(self, rule_id: str, *, done: bool) -> None:
        """The timer no longer waits: what it guarded was ``done`` in time, or nobody waits for it any more."""
        deadline = self._by_timer(rule_id)
        if deadline is None:
            return
        if done:
            self._close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, TIMER)
        else:
            self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, TIMER)

    def _by_timer(self, rule_id: str) -> RunningDeadline | None:
        running = (item for item in self.deadlines if item.rule.id == rule_id and item.live)
        return next((item for item in running if item.anchor == TIMER), None)

    def expire(self, deadline: RunningDeadline) -> datetime | None:
        """The instant of a deadline has come: end it, or say when to look again.

        A date beyond the published holidays is only an estimate, and nobody loses a right by an estimate: such a
        deadline is looked at again when by every possible calendar it is over.
        """
        end = self._end_anew(deadline)
        if end is not None and end.latest_at > self._recording.now:
            return end.latest_at
        self._expired(deadline, SYSTEM.id)
        return None

    def fire(self, deadline: RunningDeadline, rung: Rung, area: str | None) -> None:
        """Tell whom a rung names."""
        told = rung_notice(deadline, rung, area)
        self._recording.note(Happening.RUNG, f"{deadline.rule.id}/{rung.id}", seq=deadline.seq, **told)
        self._recording.deliver(f"rung/{deadline.seq}/{rung.id}", NOTICE, told)

    def end_of_case(self) -> None:
        """Duties that still run are no longer owed; the rights of the parties keep running."""
        for deadline in self.deadlines:
            if deadline.live and deadline.version.kind is Side.DUTY:
                self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "ended")

    def derivable(self) -> list[RunningDeadline]:
        """The deadlines whose end other holidays or rules may move: those that run, and those that have expired only
        by what holds no longer."""
        return [
            item
            for item in self.deadlines
            if item.status is DeadlineStatus.RUNNING or self.outlives(item, item.rule, item.version)
        ]

    def outlives(self, deadline: RunningDeadline, rule: DeadlineRule, version: DeadlineVersion) -> bool:
        """Whether a deadline has expired, nothing has come of it yet, and by that version it is not over."""
        if deadline.live or deadline.due_on is None or not self.stands(deadline):
            return False
        end = self.end(replace(deadline, rule=rule, version=version))
        return end.on > deadline.due_on and end.latest_at > self._recording.now

    def rederive(self, fired: Collection[tuple[int, str]], why: Mapping[int, Mapping[str, str]]) -> None:
        """Work every deadline out anew, because the holidays or the rules it goes by have changed.

        Rungs that have ``fired``, by the number of their deadline, stay fired. ``why`` goes into the journal, for each
        deadline that moves. One that has expired and is not over by what holds now runs again.
        """
        # The clock of a whole case first: the steps inside it look at its end.
        for deadline in sorted(self.derivable(), key=lambda item: item.version.within is not None):
            before, was, expired = deadline.due_on, deadline.provisional, not deadline.live
            if expired:
                self._reopen(deadline, why[deadline.seq])
            self._plan(deadline)
            for seq, rung in fired:
                if seq == deadline.seq:
                    self._recording.unplan("rung", f"{seq}/{rung}")
            if (before, was) != (deadline.due_on, deadline.provisional):
                self._note(
                    deadline,
                    Happening.DEADLINE_MOVED,
                    before=_iso(before),
                    was_provisional=was,
                    provisional=deadline.provisional,
                    calendar=deadline.calendar,
                    version=_iso(deadline.version.since),
                    why=why.get(deadline.seq),
                )

    def adopt(self, deadline: RunningDeadline, rule: DeadlineRule, version: DeadlineVersion) -> None:
        """Let a deadline run by a rule of the docket's edition from now on; :meth:`rederive` works it out then."""
        self._unplan(deadline)
        deadline.rule, deadline.version, deadline.edition = rule, version, self._edition.digest

    def drop(self, deadline: RunningDeadline, why: Mapping[str, str]) -> None:
        """End a deadline that the rules no longer give."""
        self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "rules", why=why)

    # --- what somebody does ---------------------------------------------------------------------------------------

    def extend(self, deadline: RunningDeadline, extension: Mapping[str, Any]) -> None:
        """Lengthen a deadline, and tell whom the law says."""
        deadline.extensions.append(dict(extension))
        before, law = deadline.due_on, deadline.version.extension_after(len(deadline.extensions) - 1)
        self._derive(deadline)
        kept = {key: value for key, value in extension.items() if key not in ("at", "by")}
        self._note(deadline, Happening.DEADLINE_EXTENDED, before=_iso(before), **kept)
        for role in law.notice_to if law else ():
            form = str(law.notice_form) if law and law.notice_form else None
            told = notice(deadline, "extended", role, self.area, form=form, length=extension["length"])
            ref = f"extension/{deadline.seq}/{len(deadline.extensions)}/{role}"
            self._recording.deliver(ref, NOTICE, told)

    def suspend(self, deadline: RunningDeadline, ground: str, since: date | datetime) -> None:
        """Stop counting from ``since`` on; without a due date nothing can be overdue or remind anybody.

        A deadline that the clock has seen expire meanwhile has not: what its expiry started ends.
        """
        if not deadline.live:
            title = deadline.rule.title
            self._reopen(
                deadline,
                {
                    "zh": f"{title.zh}届满前已中止",
                    "en": f"{title.en} stood still before it could expire",
                },
            )
        span = {"ground": ground, "from": since.isoformat(), "to": None, "by": self._recording.actor}
        deadline.suspensions.append(span)
        before = deadline.due_on
        deadline.status = DeadlineStatus.SUSPENDED
        self._unplan(deadline)
        self._derive(deadline)
        self._note(
            deadline,
            Happening.DEADLINE_SUSPENDED,
            ground=ground,
            since=since.isoformat(),
            before=_iso(before),
        )

    def resume(self, deadline: RunningDeadline, on: date | datetime) -> None:
        """Go on counting, with ``on`` as the first day that counts again."""
        span = deadline.suspensions[-1]
        deadline.suspensions[-1] = span | {"to": on.isoformat()}
        deadline.status = DeadlineStatus.RUNNING
        self._derive(deadline)
        data = {"ground": span["ground"], "since": span["from"], "on": on.isoformat()}
        self._note(deadline, Happening.DEADLINE_RESUMED, provisional=deadline.provisional, **data)

    def interrupt(self, deadline: RunningDeadline, ground: str, at: datetime) -> RunningDeadline:
        """Let a limitation period run anew from the day of the act; the old row stays as evidence."""
        rule, on = deadline.rule, china_date(at)
        self._close(
            deadline,
            DeadlineStatus.SUPERSEDED,
            Happening.DEADLINE_INTERRUPTED,
            ground,
            ground=ground,
            on=_iso(on),
        )
        version = next(
            (one for one in rule.versions if one.since <= on and (one.until is None or on <= one.until)),
            deadline.version,
        )
        anew = RunningDeadline(
            self.started + 1, rule, version, f"{INTERRUPTION}{ground}", at, self._recording.now
        )
        # Obstacles after the act hold what runs anew like what ran before, and one that is still there lets it stand.
        begin = at.astimezone(UTC).isoformat() if anew.in_hours else on.isoformat()
        for obstacle in deadline.suspensions:
            if obstacle["to"] is not None and obstacle["to"] > begin:
                anew.suspensions.append(obstacle | {"from": max(obstacle["from"], begin)})
            elif obstacle["to"] is None and version.suspends_in_last is None:
                anew.status = DeadlineStatus.SUSPENDED
                anew.suspensions.append(obstacle | {"from": max(obstacle["from"], begin)})
        self._begin(anew, deadline.edition)
        return anew

    def correct(
        self, deadline: RunningDeadline, at: datetime, facts: Mapping[str, object]
    ) -> RunningDeadline:
        """Move an anchor that was wrong, for every deadline that runs from it; the old rows stay as evidence.

        What was granted or stood still meanwhile goes over to the new rows. A deadline that the rules do not give from
        the new day, or no longer for these facts, only ends. What an expiry has started that did not happen yet, if
        at all, ends too. Gives back what ``deadline`` has become.
        """
        moment = _moment(deadline)
        wrong = [item for item in self.deadlines if _moment(item) == moment and self.stands(item)]
        on = _iso(china_date(at))
        expired = {item.seq for item in wrong if item.status is DeadlineStatus.EXPIRED}
        for old in wrong:
            superseded = DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED
            self._close(old, *superseded, "correction", on=on)
        result = deadline
        for old in sorted(wrong, key=lambda item: item.version.within is not None):
            anew = self._again(old, at, facts)
            if anew is not None:
                anew.extensions, anew.suspensions = list(old.extensions), list(old.suspensions)
                if anew.suspensions and anew.suspensions[-1]["to"] is None:
                    anew.status = DeadlineStatus.SUSPENDED
                self._begin(anew, old.edition)
                result = anew if old is deadline else result
            if old.seq in expired:
                self._correct_expiry(old, anew)
        return result

    # --- inside ---------------------------------------------------------------------------------------------------

    def _correct_expiry(self, old: RunningDeadline, anew: RunningDeadline | None) -> None:
        """End what runs from an expiry that a corrected day has put off, or taken away; it starts in its time."""
        if anew is None or anew.due_on is None or old.due_on is None or anew.due_on > old.due_on:
            title = old.rule.title
            why = {
                "zh": f"{title.zh}的起算日更正后并未届满",
                "en": f"{title.en} has not expired by its corrected day",
            }
            self._undo_expiry(old, old.due_on, why)

    def _reopen(self, deadline: RunningDeadline, why: Mapping[str, str]) -> None:
        """Let a deadline run again that has not expired when it seemed to; what its expiry started ends."""
        deadline.reopen()
        self._note(deadline, Happening.DEADLINE_REOPENED, why=why)
        self._undo_expiry(deadline, deadline.due_on, why)

    def _undo_expiry(self, deadline: RunningDeadline, was: date | None, why: Mapping[str, str]) -> None:
        """End what runs from an expiry on ``was`` that did not happen then."""
        for item in self.deadlines:
            if item.live and item.anchor == deadline.version.expiry_milestone and item.anchored_on == was:
                cancelled = DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED
                self._close(item, *cancelled, "correction", because=deadline.rule.id, why=why)

    def _again(
        self, old: RunningDeadline, at: datetime, facts: Mapping[str, object]
    ) -> RunningDeadline | None:
        now, day = self._recording.now, china_date(at)
        if old.anchor.startswith(INTERRUPTION):
            return RunningDeadline(self.started + 1, old.rule, old.version, old.anchor, at, now)
        dated = {version.date_fact: day for version in old.rule.versions if version.date_fact}
        anew = start(self.started + 1, old.rule, old.anchor, day, {**facts, **dated}, now)
        if anew is not None:
            anew.anchored_at = at
        return anew

    def _start(
        self, rule: DeadlineRule, milestone: str, moment: date | datetime, facts: Mapping[str, object]
    ) -> None:
        deadline = start(self.started + 1, rule, milestone, moment, facts, self._recording.now)
        standing = [item for item in self.deadlines if item.rule.id == rule.id and self.stands(item)]
        if deadline is None:
            for earlier in standing:
                if earlier.live and earlier.anchor == milestone:
                    # Reached again with other facts: the rule no longer gives this deadline.
                    self._close(earlier, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "conditions")
            return
        if any(self._outlasts(earlier, deadline) for earlier in standing):
            return
        for earlier in standing:
            if earlier.live:
                self._close(earlier, DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED, milestone)
        self._begin(deadline, self._edition.digest)

    def _outlasts(self, earlier: RunningDeadline, later: RunningDeadline) -> bool:
        """Whether a milestone that is reached again changes nothing about a deadline of the same rule."""
        if earlier.anchor == later.anchor and earlier.anchored_on == later.anchored_on:
            return True
        if earlier.anchor.startswith(INTERRUPTION):
            return earlier.live and later.anchored_on <= earlier.anchored_on
        # The clock of a whole case is never wound up again: a procedure inside it was changed, no more.
        return any(
            version.within == earlier.rule.id
            for rule in self.view.deadlines.values()
            for version in rule.versions
        )

    def _begin(self, deadline: RunningDeadline, edition: str) -> None:
        deadline.edition = edition
        self.started += 1
        self.deadlines.append(deadline)
        self._derive(deadline)
        self._note(
            deadline,
            Happening.DEADLINE_STARTED,
            anchor=deadline.anchor,
            anchored_on=_iso(deadline.anchored_on),
            version=_iso(deadline.version.since),
            length=str(deadline.version.length),
            provisional=deadline.provisional,
            calendar=deadline.calendar,
        )

    def _interrupted_by(self, deadline: RunningDeadline, milestone: str, day: date) -> None:
        for name in deadline.version.interruptions:
            if milestone not in self.rulebook(deadline).grounds[name].milestones:
                continue
            in_time = deadline.anchored_on < day and self.in_time(deadline, day)
            if in_time and self.stands(deadline):
                self.interrupt(deadline, name, instant_of(day, self._recording.now))
                return

    def in_time(self, deadline: RunningDeadline, moment: date | datetime) -> bool:
        """Whether an act keeps a deadline: its own day or instant counts, not that of its recording."""
        if deadline.status is DeadlineStatus.SUSPENDED:
            return True
        end, now, day = self.end(deadline), self._recording.now, legal_day(moment)
        # The hour counts only where the law counts hours or stops at the close of business.
        by_the_hour = deadline.in_hours or deadline.version.ends is Ends.CLOSE_OF_BUSINESS
        if by_the_hour and (isinstance(moment, datetime) or day == china_date(now)):
            return instant_of(moment, now) < end.latest_at
        return day <= end.latest_on

    def _stop(self, deadline: RunningDeadline, milestone: str, moment: date | datetime) -> None:
        day = legal_day(moment)
        if self.stands(deadline) and self.in_time(deadline, moment):
            self._close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, milestone, on=_iso(day))
        elif deadline.live:
            self._expired(deadline, milestone, on=_iso(day))
        elif self.stands(deadline):
            self._settle(deadline, milestone)

    def _settle(self, deadline: RunningDeadline, milestone: str) -> None:
        """Done late: the expiry stands, but nobody need be pressed any more."""
        deadline.closed_by = milestone
        self._unplan(deadline)

    def stands(self, deadline: RunningDeadline) -> bool:
        """Whether it runs, or the clock has seen it expire and nothing has come of it yet."""
        return deadline.live or (
            deadline.status is DeadlineStatus.EXPIRED and deadline.closed_by == SYSTEM.id
        )

    def _expired(self, deadline: RunningDeadline, by: str, **data: Any) -> None:
        effect = str(deadline.version.on_expiry)
        self._close(
            deadline, DeadlineStatus.EXPIRED, Happening.DEADLINE_EXPIRED, by, on_expiry=effect, **data
        )
        take_effect(Expired(deadline, self._ladder(deadline), self.area, self._recording))

    def _close(
        self, deadline: RunningDeadline, status: DeadlineStatus, kind: Happening, by: str, **data: Any
    ) -> None:
        deadline.close(status, self._recording.now, by)
        if not (status is DeadlineStatus.EXPIRED and by == SYSTEM.id):
            # An unmet duty keeps its ladder: it goes on climbing until the act is done.
            self._unplan(deadline)
        self._note(deadline, kind, by=by, **data)

    def _derive(self, deadline: RunningDeadline) -> None:
        """Work the end out anew, put it on the agenda, and take the steps inside a whole case along."""
        self._plan(deadline)
        self._follow(deadline)

    def _plan(self, deadline: RunningDeadline) -> None:
        """Work the end out anew and put it on the agenda."""
        end = self._end_anew(deadline)
        if end is not None:
            self._recording.plan("expiry", str(deadline.seq), end.at)
            for rung, at in rungs_of(end, self._ladder(deadline), self.calendar):
                # A warning whose time had passed before the deadline was even known would only be noise.
                if at >= deadline.started_at or not rung.before:
                    self._recording.plan("rung", f"{deadline.seq}/{rung.id}", at)

    def _end_anew(self, deadline: RunningDeadline) -> End | None:
        end = deadline.derive(self.calendar, self._whole_end(deadline))
        deadline.calendar = self._edition.calendar.digest
        self._touched.add(deadline.seq)
        return end

    def _follow(self, whole: RunningDeadline) -> None:
        """The steps inside a whole case whose clock has changed."""
        for step in self.deadlines:
            if step.version.within == whole.rule.id and step.status is DeadlineStatus.RUNNING:
                before = step.due_on
                self._derive(step)
                if step.due_on != before:
                    self._note(step, Happening.DEADLINE_MOVED, before=_iso(before), because=whole.rule.id)

    def _wholes(self, deadline: RunningDeadline) -> Iterator[RunningDeadline]:
        for other in self.deadlines:
            if other.rule.id == deadline.version.within and self.stands(other):
                yield other

    def _whole_end(self, deadline: RunningDeadline) -> End | None:
        """The end of the clock of the whole case beside a step; ``None`` where none runs, or it stands still."""
        whole = next(self._wholes(deadline), None) if deadline.version.within else None
        return None if whole is None or whole.status is DeadlineStatus.SUSPENDED else self.end(whole)

    def _ladder(self, deadline: RunningDeadline) -> Ladder | None:
        return next(self._ladders(deadline), None)

    def _ladders(self, deadline: RunningDeadline) -> Iterator[Ladder]:
        """The ladder of a deadline here, then those of its name that may have planned rungs before a move."""
        return self.rulebook(deadline).ladders(deadline.version.ladder or "", self.area)

    def _unplan(self, deadline: RunningDeadline) -> None:
        self._recording.unplan("expiry", str(deadline.seq))
        for rung_id in {rung.id: None for ladder in self._ladders(deadline) for rung in ladder.rungs}:
            self._recording.unplan("rung", f"{deadline.seq}/{rung_id}")
        self._touched.add(deadline.seq)

    def _note(self, deadline: RunningDeadline, kind: Happening, **data: Any) -> None:
        self._touched.add(deadline.seq)
        due_on = _iso(deadline.due_on)
        self._recording.note(kind, deadline.rule.id, seq=deadline.seq, due_on=due_on, **data)

    def restore(self, row: Any) -> RunningDeadline:
        """A deadline from its row.

        Raises:
            NotFound: its edition has no such rule.
        """
        given = self._rulebooks(row.edition).deadline(
            row.rule, row.version, china_date(row.anchored_at), self.area
        )
        if given is None:
            raise NotFound(
                f"case {self._recording.case_id} has a deadline by rule {row.rule} of {row.version}, which its "
                "edition lacks; the edition kept in the database is damaged"
            )
        rule, version = given
        return RunningDeadline(
            seq=row.seq,
            rule=rule,
            version=version,
            anchor=row.anchor,
            anchored_at=row.anchored_at,
            started_at=row.started_at,
            status=DeadlineStatus(row.status),
            extensions=list(row.extensions),
            suspensions=list(row.suspensions),
            due_on=row.due_on,
            due_at=row.due_at,
            provisional=row.provisional,
            calendar=row.calendar,
            edition=row.edition,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
        )

    def row(self, deadline: RunningDeadline) -> dict[str, Any]:
        """A deadline as its row."""
        return {
            "case_id": self._recording.case_id,
            "seq": deadline.seq,
            "rule": deadline.rule.id,
            "version": deadline.version.since,
            "edition": deadline.edition,
            "kind": str(deadline.version.kind),
            "status": str(deadline.status),
            "anchor": deadline.anchor,
            "anchored_at": deadline.anchored_at,
            "due_on": deadline.due_on,
            "due_at": deadline.due_at,
            "provisional": deadline.provisional,
            "extensions": deadline.extensions,
            "suspensions": deadline.suspensions,
            "calendar": deadline.calendar,
            "started_at": deadline.started_at,
            "closed_at": deadline.closed_at,
            "closed_by": deadline.closed_by,
        }


def _moment(deadline: RunningDeadline) -> tuple[object, ...]:
    """What two deadlines share that run from the same moment: its milestone, the fact of its date, and its day."""
    return deadline.anchor, deadline.version.date_fact, deadline.anchored_on


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
