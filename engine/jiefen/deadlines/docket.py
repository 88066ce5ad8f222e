"""The deadlines of one case taken together: what a milestone starts and stops, what expires, what people do to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from jiefen.clock import china_date, legal_day
from jiefen.deadlines.expiry import Expired, take_effect
from jiefen.deadlines.notices import notice, rung_notice
from jiefen.deadlines.planning import Register, iso
from jiefen.deadlines.running import RunningDeadline, instant_of, start
from jiefen.record.actor import SYSTEM
from jiefen.record.kinds import DeadlineStatus, Happening
from jiefen.record.recording import NOTICE
from jiefen.record.refs import Ref
from jiefen.rules import DeadlineRule, DeadlineVersion, Rung, Side

#: The milestone of a rule whose deadlines no milestone starts, but a timer of a model that names the rule.
TIMER = "timer"
_OTHER_END = {"zh": "届满日已变动", "en": "it ends on another day"}
#: The anchor of a deadline that was interrupted is this and the ground, since no milestone need have been reached.
INTERRUPTION = "interruption:"


class Docket(Register):
    """The open deadlines of a case, and what is done to them.

    What is done here has been looked at before: :mod:`jiefen.commands.deadlines` knows what the law allows.
    """

    # --- what happens by itself --------------------------------------------------------------------------------------

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
        """A timer of the model began to wait for a deadline: it starts where the rule runs from a timer.

        Timers that wait for one rule at the same time share its deadline.
        """
        rule = self.view.deadlines.get(rule_id)
        if rule is not None and self._by_timer(rule_id) is None:
            now = self._recording.now
            if any(version.anchor == TIMER and version.since <= china_date(now) for version in rule.versions):
                self._start(rule, TIMER, now, facts)

    def timer_left(self, rule_id: str, *, done: bool) -> None:
        """No timer waits for it any more: what they guarded was ``done`` in time, or has been taken away."""
        deadline = self._by_timer(rule_id)
        if deadline is None:
            return
        if done:
            self._close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, TIMER)
        else:
            self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, TIMER)

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

    def go_on(self, deadline: RunningDeadline) -> None:
        """The time is over that the law lets a suspension last: it ends, whoever may have forgotten it."""
        until = self.stands_still_until(deadline)
        if until is not None and instant_of(until, self._recording.now) <= self._recording.now:
            self.resume(deadline, until)

    def fire(self, deadline: RunningDeadline, rung: Rung, area: str | None, before: int = 0) -> None:
        """Tell whom a rung names; ``before`` is how often it had fired for an expiry that was taken back."""
        told = rung_notice(deadline, rung, area)
        self._recording.note(Happening.RUNG, f"{deadline.rule.id}/{rung.id}", seq=deadline.seq, **told)
        self._recording.deliver(Ref.told_by_rung(deadline.seq, rung.id, before), NOTICE, told)

    def end_of_case(self) -> None:
        """Duties that still run are no longer owed; the rights of the parties keep running."""
        for deadline in self.deadlines:
            if deadline.live and deadline.version.kind is Side.DUTY:
                self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "ended")

    # --- what somebody does ------------------------------------------------------------------------------------------

    def extend(self, deadline: RunningDeadline, extension: Mapping[str, Any]) -> None:
        """Lengthen a deadline, and tell whom the law says."""
        deadline.extensions.append(dict(extension))
        before, law = deadline.due_on, deadline.version.extension_after(len(deadline.extensions) - 1)
        self._derive(deadline)
        kept = {key: value for key, value in extension.items() if key not in ("at", "by")}
        self._note(deadline, Happening.DEADLINE_EXTENDED, before=iso(before), **kept)
        for role in law.notice_to if law else ():
            form = str(law.notice_form) if law and law.notice_form else None
            told = notice(deadline, "extended", role, self.area, form=form, length=extension["length"])
            ref = Ref.told_of_extension(deadline.seq, len(deadline.extensions), role)
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
            before=iso(before),
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
            on=iso(on),
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
        on = iso(china_date(at))
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

    # --- other holidays, other rules ---------------------------------------------------------------------------------

    def rederive(self, fired: Collection[tuple[int, str]], why: Mapping[int, Mapping[str, str]]) -> None:
        """Work every deadline out anew, because the holidays or the rules it goes by have changed.

        Rungs that have ``fired``, by the number of their deadline, stay fired. ``why`` goes into the journal, for each
        deadline that moves. One that has expired and is not over by what holds now runs again.
        """
        # The clock of a whole case first: the steps inside it look at its end.
        for deadline in sorted(self.derivable(), key=lambda item: item.version.within is not None):
            before, was, expired = deadline.due_on, deadline.provisional, not deadline.live
            if expired:
                self._reopen(deadline, why.get(deadline.seq, _OTHER_END))
            self._plan(deadline)
            after = {rung.id for rung in self._after_the_end(deadline)} if expired else set()
            for seq, rung in fired:
                if seq == deadline.seq and rung not in after:
                    self._recording.unplan(Ref.rung(seq, rung))
            if (before, was) != (deadline.due_on, deadline.provisional):
                self._note(
                    deadline,
                    Happening.DEADLINE_MOVED,
                    before=iso(before),
                    was_provisional=was,
                    provisional=deadline.provisional,
                    calendar=deadline.calendar,
                    version=iso(deadline.version.since),
                    why=why.get(deadline.seq),
                )

    def adopt(self, deadline: RunningDeadline, rule: DeadlineRule, version: DeadlineVersion) -> None:
        """Let a deadline run by a rule of the docket's edition from now on; :meth:`rederive` works it out then."""
        self._unplan(deadline)
        deadline.rule, deadline.version, deadline.edition = rule, version, self._edition.digest
        if deadline.status is DeadlineStatus.SUSPENDED:
            self._plan(deadline)

    def drop(self, deadline: RunningDeadline, why: Mapping[str, str]) -> None:
        """End a deadline that the rules no longer give."""
        self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "rules", why=why)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _by_timer(self, rule_id: str) -> RunningDeadline | None:
        running = (item for item in self.deadlines if item.rule.id == rule_id and item.live)
        return next((item for item in running if item.anchor == TIMER), None)

    def _correct_expiry(self, old: RunningDeadline, anew: RunningDeadline | None) -> None:
        """End what runs from an expiry that a corrected day has put off, or taken away; it starts in its time."""
        if anew is None or anew.due_on is None or old.due_on is None or anew.due_on > old.due_on:
            title = old.rule.title
            why = {
                "zh": f"{title.zh}的起算日更正后并未届满",
                "en": f"{title.en} has not expired by its corrected day",
            }
            self._undo_expiry(old, old.due_on, why)

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

    def _interrupted_by(self, deadline: RunningDeadline, milestone: str, day: date) -> None:
        for name in deadline.version.interruptions:
            if milestone not in self.rulebook(deadline).grounds[name].milestones:
                continue
            in_time = deadline.anchored_on < day and self.in_time(deadline, day)
            if in_time and self.stands(deadline):
                self.interrupt(deadline, name, instant_of(day, self._recording.now))
                return

    def _stop(self, deadline: RunningDeadline, milestone: str, moment: date | datetime) -> None:
        day = legal_day(moment)
        if self.stands(deadline) and self.in_time(deadline, moment):
            self._close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, milestone, on=iso(day))
        elif deadline.live:
            self._expired(deadline, milestone, on=iso(day))
        elif self.stands(deadline):
            self._settle(deadline, milestone)

    def _settle(self, deadline: RunningDeadline, milestone: str) -> None:
        """Done late: the expiry stands, but nobody need be pressed any more."""
        deadline.closed_by = milestone
        self._unplan(deadline)

    def _expired(self, deadline: RunningDeadline, by: str, **data: Any) -> None:
        effect = str(deadline.version.on_expiry)
        self._close(
            deadline, DeadlineStatus.EXPIRED, Happening.DEADLINE_EXPIRED, by, on_expiry=effect, **data
        )
        take_effect(Expired(deadline, self._ladder(deadline), self.area, self._recording))


def _moment(deadline: RunningDeadline) -> tuple[object, ...]:
    """What two deadlines share that run from the same moment: its milestone, the fact of its date, and its day."""
    return deadline.anchor, deadline.version.date_fact, deadline.anchored_on
