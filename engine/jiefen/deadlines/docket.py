"""The deadlines of one case taken together: what a milestone starts and stops, what expires, what people do to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from jiefen.clock import china_date, legal_day
from jiefen.deadlines.expiry import Expired, take_effect
from jiefen.deadlines.notices import deadline_notice, rung_fields
from jiefen.deadlines.planning import Register, iso
from jiefen.deadlines.running import RunningDeadline, instant_of, start
from jiefen.notation.labels import Label
from jiefen.record.actor import SYSTEM
from jiefen.record.kinds import DeadlineStatus, Happening
from jiefen.record.notice import Found
from jiefen.record.refs import Ref
from jiefen.record.rows import DeadlineRow
from jiefen.rules import DeadlineRule, DeadlineVersion, Revival, Rung, Side

#: The milestone of a rule whose deadlines no milestone starts, but a timer of a model that names the rule.
TIMER = "timer"
#: The milestone that a case reaches with its end, whether or not its model says so.
ENDED = "case_ended"
#: What has ended a deadline whose conditions the facts of the case no longer meet.
CONDITIONS = "conditions"
#: What has ended one whose case somebody has closed.
DROPPED = "closed"
#: What has settled a duty that was missed before the case was opened again.
NEXT_ROUND = "reopened"
#: What has ended one that ran from a wrong day, or from an expiry that did not happen.
CORRECTION = "correction"
_UNFOUNDED = Label("按现有案件要素不再适用", "by the facts of the case it does not apply")
_OTHER_END = Label("届满日已变动", "it ends on another day")
_CLOCK_AHEAD = Label(
    "系统时钟曾经走快,校正后尚未届满", "the clock was ahead; by the right time it is not over"
)
_STOOD_STILL = Label("{title}届满前已中止", "{title} stood still before it could expire")
_NOT_BY_CORRECTED_DAY = Label("{title}的起算日更正后并未届满", "{title} has not expired by its corrected day")
_DONE_IN_TIME = Label("{title}在期限内已办,补记于后", "{title}: it was done in time, and told late")
_CAME_TO_NOTHING = Label("{title},原期限继续计算", "{title}: the period goes on as before")
#: The anchor of a deadline that was interrupted is this and the ground, since no milestone need have been reached.
INTERRUPTION = "interruption:"


class Docket:
    """What happens to the open deadlines of a case in work.

    What is done here has been looked at before: :mod:`jiefen.case.acts` knows what the law allows.

    Args:
        register: the deadlines, with their ends and what these put on the agenda.
    """

    def __init__(self, register: Register) -> None:
        self._register, self._recording = register, register.recording
        #: Milestones of this step that may revive what was met, with their days: :mod:`jiefen.deadlines.reviving`.
        self.reviving: list[tuple[str, date]] = []
        #: The numbers of those that run again in this step: the act that ended them was another, or came to nothing.
        self.judged: set[int] = set()

    @property
    def register(self) -> Register:
        """The deadlines that it is about."""
        return self._register

    # --- what happens by itself --------------------------------------------------------------------------------------

    def milestone(
        self,
        milestone: str,
        moment: date | datetime,
        facts: Mapping[str, object],
        ended: RunningDeadline | None = None,
        *,
        exact: bool = False,
    ) -> None:
        """A milestone was reached on a day, or at an instant: do what it stops, interrupts and starts, in this order.

        Args:
            ended: the deadline whose expiry it is; a milestone that would have met it comes too late for that.
            exact: whether ``moment`` is the day of this milestone whatever a fact says that serves several
                procedures, one after the other (``served_on``).
        """
        if self._register.view.revived_at(milestone):
            self.reviving.append((milestone, legal_day(moment)))
        for deadline in list(self._register.deadlines):
            if milestone in deadline.version.stops and deadline is ended:
                # Deemed done: nothing presses any more, but an act that was done in time may still become known.
                self._register.unplan(deadline)
            else:
                self._affect(deadline, milestone, moment)
        # The clock of a whole case first: the steps inside it look at its end.
        rules = self._register.view.anchored_at(milestone)
        for rule in sorted(rules, key=lambda one: any(version.within for version in one.versions)):
            self._start(rule, milestone, moment, facts, exact=exact)

    def begin(self, deadline: RunningDeadline) -> None:
        """Let a deadline run, and let what was reached since its day do to it what it does: it was known too late.

        One of before the known holidays does not run; the story of the case says so.
        """
        if self._register.computable(deadline):
            self._register.begin(deadline, self._register.edition.digest)
            self._meet_what_came(deadline)

    def revive(self, deadline: RunningDeadline, revival: Revival, day: date) -> None:
        """Let a deadline run again that was met by an act which came to nothing on ``day``."""
        if deadline not in self._register.deadlines:
            self._register.deadlines.append(deadline)
        if revival.ground is not None:
            act = self._register.reached.day(deadline.closed_by or "") if revival.from_act else None
            self.interrupt(deadline, revival.ground, instant_of(act or day, self._recording.now))
            return
        self.judged.add(deadline.seq)
        deadline.reopen()
        self._register.derive(deadline)
        title = self._register.edition.rulebook.milestones[revival.by].title
        why = _CAME_TO_NOTHING.format(title=title)
        self._register.note(deadline, Happening.DEADLINE_REOPENED, why=why)

    def judge_again(self, deadline: RunningDeadline, why: Label) -> None:
        """Let a deadline run again whose act was on another day than it seemed, or never; then let what has come do to
        it what it does."""
        if deadline.status is DeadlineStatus.EXPIRED:
            self._register.reopen(deadline, why)
        else:
            deadline.reopen()
            self._register.note(deadline, Happening.DEADLINE_REOPENED, why=why)
        self._go_on(deadline)

    def not_interrupted(self, renewed: RunningDeadline, before: RunningDeadline, why: Label) -> None:
        """An interruption did not happen: the period runs as it did before it, with what it has stood still since."""
        superseded = DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED
        self._register.close(renewed, *superseded, CORRECTION, on=iso(before.anchored_on))
        spans = list(renewed.suspensions)
        before.reopen()
        if before.suspensions and before.suspensions[-1]["to"] is None and spans:
            before.suspensions[-1] = before.suspensions[-1] | {"to": spans.pop(0)["to"]}
        since = iso(renewed.anchored_on) or ""
        before.suspensions += [span for span in spans if span["from"] > since]
        if before.suspensions and before.suspensions[-1]["to"] is None:
            before.status = DeadlineStatus.SUSPENDED
        self._register.note(before, Happening.DEADLINE_REOPENED, why=why)
        self._go_on(before)

    def _go_on(self, deadline: RunningDeadline) -> None:
        if deadline not in self._register.deadlines:
            self._register.deadlines.append(deadline)
        self.judged.add(deadline.seq)
        self._register.derive(deadline)
        self._meet_what_came(deadline)

    def affected_by(self, milestone: str, moment: date | datetime) -> None:
        """A milestone was reached before: let it do to the deadlines what it does, and start none again."""
        for deadline in list(self._register.deadlines):
            self._affect(deadline, milestone, moment)

    def timer_entered(self, rule_id: str, facts: Mapping[str, object]) -> None:
        """Start the deadline that a timer of the model waits for, if its rule runs from a timer.

        Timers that wait for one rule at the same time share its deadline.
        """
        rule = self._register.view.deadlines.get(rule_id)
        if rule is not None and self._by_timer(rule_id) is None:
            now = self._recording.now
            if any(version.anchor == TIMER and version.since <= china_date(now) for version in rule.versions):
                self._start(rule, TIMER, now, facts)

    def timer_left(self, rule_id: str, *, done: bool) -> None:
        """End the deadline of a timer: what it guarded was ``done`` in time, or the model has left it."""
        deadline = self._by_timer(rule_id)
        if deadline is None:
            return
        if done:
            self._register.close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, TIMER)
        else:
            self._register.close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, TIMER)

    def expire(self, deadline: RunningDeadline) -> datetime | None:
        """End a deadline whose instant has come, or return when to look again.

        A date beyond the published holidays is only an estimate, and an estimate takes no right away: such a deadline
        is looked at again when it is over by every possible calendar.
        """
        end = self._register.update_end(deadline)
        if end is not None and end.latest_at > self._recording.now:
            return end.latest_at
        self._expired(deadline, SYSTEM.id)
        return None

    def end_expired_suspension(self, deadline: RunningDeadline) -> None:
        """End a suspension that has lasted as long as the law allows, also when nobody has recorded its end."""
        until = self._register.suspension_ends_at(deadline)
        if until is not None and instant_of(until, self._recording.now) <= self._recording.now:
            self.resume(deadline, until)

    def fire(
        self,
        seq: int,
        rung_id: str,
        claim: Callable[[], int | None],
        leader: Callable[[Rung], str | None],
        *,
        first: bool,
    ) -> None:
        """Send the notice of a rung that is due; with the ``first`` warning of its ladder a deadline comes at risk.

        Args:
            claim: how often it fired before, for an expiry that was taken back; ``None``: it has fired.
            leader: who leads the case, where the rung is for them.
        """
        deadline = self._register.get(seq)
        if deadline is None or deadline.status not in (DeadlineStatus.RUNNING, DeadlineStatus.EXPIRED):
            return
        rung, area = self._register.rung(deadline, rung_id), self._register.area
        before = claim() if rung is not None else None
        if rung is None or before is None:
            return
        if first:
            day = iso(deadline.due_on)
            self._recording.note(Happening.DEADLINE_AT_RISK, deadline.rule.id, seq=deadline.seq, due_on=day)
        told_person = leader(rung)
        found = Found(holders=(told_person,)) if told_person is not None else None
        rung = rung.meant(deadline.held_by, self._register.rulebook(deadline).roles)
        told = deadline_notice(
            deadline, rung.role, area, found=found, **rung_fields(rung, deadline.version.ladder)
        )
        subject = f"{deadline.rule.id}/{rung.id}"
        self._recording.note(Happening.RUNG, subject, seq=deadline.seq, **told.payload())
        self._recording.tell(Ref.told_by_rung(deadline.seq, rung.id, before), told)

    def end_of_case(self, *, by_itself: bool) -> None:
        """Duties that still run are no longer owed; the rights of the parties keep running.

        Args:
            by_itself: the process has come to its end, which is what some duties ask for; else somebody has closed the
                case by hand, and nothing presses for its end any more.
        """
        for deadline in [one for one in self._register.deadlines if ENDED in one.version.stops]:
            if by_itself:
                self._affect(deadline, ENDED, self._recording.now)
            else:
                self._register.unplan(deadline)
        for deadline in self._register.deadlines:
            if deadline.live and deadline.version.kind is Side.DUTY:
                self._register.close(
                    deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "ended"
                )

    def take_back(self, dropped: Iterable[DeadlineRow], why: Label) -> None:
        """Let the rights run again among the deadlines that were dropped with their case."""
        restored = (self._register.restore(row) for row in dropped)
        for deadline in (item for item in restored if item.version.kind is Side.RIGHT):
            self._register.deadlines.append(deadline)
            deadline.reopen()
            self._register.derive(deadline)
            self._register.note(deadline, Happening.DEADLINE_REOPENED, why=why)

    def carry(self, theirs: RunningDeadline) -> None:
        """Let a deadline of another case run here as it runs there: from its own day, with all that was done to it."""
        mine = replace(theirs, seq=self._register.started + 1, started_at=self._recording.now)
        mine.extensions, mine.suspensions = list(theirs.extensions), list(theirs.suspensions)
        reached, milestones = self._register.reached, self._register.edition.rulebook.milestones
        if theirs.anchor in milestones and reached.day(theirs.anchor) is None:
            reached.keep(theirs.anchor, theirs.anchored_on)
        self._register.begin(mine, theirs.edition)

    def next_round(self) -> None:
        """The case goes through its process again: duties that it has missed stay missed, and press for nothing."""
        for deadline in self._register.deadlines:
            if not deadline.live and deadline.is_effective and deadline.version.kind is Side.DUTY:
                self._settle(deadline, NEXT_ROUND)

    # --- what somebody does ------------------------------------------------------------------------------------------

    def extend(self, deadline: RunningDeadline, extension: Mapping[str, Any]) -> None:
        """Lengthen a deadline, and send the notices that the law asks for."""
        deadline.extensions.append(dict(extension))
        before, law = deadline.due_on, deadline.version.extension_after(len(deadline.extensions) - 1)
        self._register.derive(deadline)
        kept = {key: value for key, value in extension.items() if key not in ("at", "by")}
        self._register.note(deadline, Happening.DEADLINE_EXTENDED, before=iso(before), **kept)
        for role in law.notice_to if law else ():
            form = str(law.notice_form) if law and law.notice_form else None
            about = {"form": form, "length": extension["length"]}
            told = deadline_notice(deadline, role, self._register.area, action="extended", about=about)
            ref = Ref.told_of_extension(deadline.seq, len(deadline.extensions), role)
            self._recording.tell(ref, told)

    def suspend(self, deadline: RunningDeadline, ground: str, since: date | datetime) -> None:
        """Stop counting from ``since`` on; without a due date nothing is overdue and no reminder is sent.

        If it has expired since then, the expiry is taken back, with everything that it started.
        """
        if not deadline.live:
            self._register.reopen(deadline, _STOOD_STILL.format(title=deadline.rule.title))
        span = {"ground": ground, "from": since.isoformat(), "to": None, "by": self._recording.actor}
        deadline.suspensions.append(span)
        before = deadline.due_on
        deadline.status = DeadlineStatus.SUSPENDED
        self._register.unplan(deadline)
        self._register.derive(deadline)
        self._register.note(
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
        self._register.derive(deadline)
        data = {"ground": span["ground"], "since": span["from"], "on": on.isoformat()}
        self._register.note(deadline, Happening.DEADLINE_RESUMED, provisional=deadline.provisional, **data)

    def interrupt(self, deadline: RunningDeadline, ground: str, at: datetime) -> RunningDeadline:
        """Let a limitation period start again from the day of the act; the old row stays as evidence."""
        rule, on = deadline.rule, china_date(at)
        self._register.close(
            deadline,
            DeadlineStatus.SUPERSEDED,
            Happening.DEADLINE_INTERRUPTED,
            ground,
            ground=ground,
            on=iso(on),
        )
        version = rule.version_on(on) or deadline.version
        renewed = RunningDeadline(
            self._register.started + 1, rule, version, f"{INTERRUPTION}{ground}", at, self._recording.now
        )
        renewed.holder = deadline.holder
        # Obstacles after the act hold the new period like the old one, and one that is still there suspends it.
        begin = at.astimezone(UTC).isoformat() if renewed.in_hours else on.isoformat()
        for obstacle in deadline.suspensions:
            if obstacle["to"] is not None and obstacle["to"] > begin:
                renewed.suspensions.append(obstacle | {"from": max(obstacle["from"], begin)})
            elif obstacle["to"] is None and not version.late_alone(obstacle["ground"]):
                renewed.status = DeadlineStatus.SUSPENDED
                renewed.suspensions.append(obstacle | {"from": max(obstacle["from"], begin)})
        self._register.begin(renewed, deadline.edition)
        return renewed

    def correct(
        self, deadline: RunningDeadline, at: datetime, facts: Mapping[str, object]
    ) -> RunningDeadline:
        """Move an anchor that was wrong, for every deadline that runs from it; the old rows stay as evidence.

        The new rows take over extensions and suspensions. A deadline that the rules do not give from the new day, or
        no longer for these facts, only ends. Everything ends that was started by an expiry which, by the new day, has
        not happened; what was done too late by the wrong day may have been in time. Returns what ``deadline`` has
        become.
        """
        moment = _moment(deadline)
        wrong = [item for item in self._register.deadlines if _moment(item) == moment and _unmet(item)]
        return self.begin_again(wrong, at, facts).get(deadline.seq, deadline)

    def begin_again(
        self, wrong: Collection[RunningDeadline], at: datetime, facts: Mapping[str, object]
    ) -> dict[int, RunningDeadline]:
        """As :meth:`correct`, for these deadlines; what each has become, by its number."""
        on = iso(china_date(at))
        expired = {item.seq: item.closed_at for item in wrong if item.status is DeadlineStatus.EXPIRED}
        for old in wrong:
            superseded = DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED
            self._register.close(old, *superseded, CORRECTION, on=on)
        become = {}
        for old in sorted(wrong, key=lambda item: item.version.within is not None):
            renewed = self.with_other_anchor(old, at, facts)
            if renewed is not None:
                renewed.extensions, renewed.suspensions = list(old.extensions), list(old.suspensions)
                if renewed.suspensions and renewed.suspensions[-1]["to"] is None:
                    renewed.status = DeadlineStatus.SUSPENDED
                self._register.begin(renewed, old.edition)
                become[old.seq] = renewed
            if old.seq in expired:
                self._correct_expiry(old, renewed, expired[old.seq])
                if renewed is not None:
                    self._meet_what_came(renewed)
        return become

    def drop_unfounded(self, deadline: RunningDeadline) -> None:
        """A duty that runs no longer fits the facts: nobody owes it."""
        cancelled = DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED
        self._register.close(deadline, *cancelled, CONDITIONS, why=_UNFOUNDED)

    def doubt(self, deadline: RunningDeadline) -> None:
        """A right that runs no longer fits the facts: an edit takes none away, so it runs on, and that is told."""
        self._register.note(deadline, Happening.DEADLINE_DOUBTED)

    # --- other holidays, other rules ---------------------------------------------------------------------------------

    def rederive(self, fired: Collection[tuple[int, str]], why: Mapping[int, Label]) -> None:
        """Work every deadline out again, because the holidays or the rules it goes by have changed.

        Rungs that have ``fired``, by the number of their deadline, stay fired. ``why`` goes into the journal, for each
        deadline that moves. One that has expired and is not over by what holds now runs again.
        """
        self._rederive(self._register.derivable(), fired, why)

    def take_back_early(self, fired: Collection[tuple[int, str]]) -> None:
        """Let what has expired by a clock that was ahead, and is not over, run again; ``fired`` as above."""
        early = [item for item in self._register.deadlines if self._register.expired_early(item)]
        self._rederive(early, fired, {item.seq: _CLOCK_AHEAD for item in early})

    def adopt(self, deadline: RunningDeadline, rule: DeadlineRule, version: DeadlineVersion) -> None:
        """Let a deadline run by a rule of the edition from now on; :meth:`rederive` computes its end then."""
        self._register.unplan(deadline)
        deadline.rule, deadline.version, deadline.edition = rule, version, self._register.edition.digest
        if deadline.status is DeadlineStatus.SUSPENDED:
            self._register.plan(deadline)

    def drop(self, deadline: RunningDeadline, why: Label, by: str = "rules") -> None:
        """End a deadline that the rules no longer give, or that runs in another case."""
        self._register.close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, by, why=why)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _rederive(
        self,
        deadlines: Iterable[RunningDeadline],
        fired: Collection[tuple[int, str]],
        why: Mapping[int, Label],
    ) -> None:
        # The clock of a whole case first: the steps inside it look at its end.
        for deadline in sorted(deadlines, key=lambda item: item.version.within is not None):
            before, was, expired = deadline.due_on, deadline.provisional, not deadline.live
            if expired:
                self._register.reopen(deadline, why.get(deadline.seq, _OTHER_END))
            self._register.plan(deadline)
            after = {rung.id for rung in self._register.rungs_after_the_end(deadline)} if expired else set()
            for seq, rung in fired:
                if seq == deadline.seq and rung not in after:
                    self._recording.unplan(Ref.rung(seq, rung))
            if (before, was) != (deadline.due_on, deadline.provisional):
                self._register.note(
                    deadline,
                    Happening.DEADLINE_MOVED,
                    before=iso(before),
                    was_provisional=was,
                    provisional=deadline.provisional,
                    calendar=deadline.calendar,
                    version=iso(deadline.version.since),
                    why=why.get(deadline.seq),
                )

    def _by_timer(self, rule_id: str) -> RunningDeadline | None:
        running = (item for item in self._register.deadlines if item.rule.id == rule_id and item.live)
        return next((item for item in running if item.anchor == TIMER), None)

    def _correct_expiry(
        self, old: RunningDeadline, renewed: RunningDeadline | None, since: datetime | None
    ) -> None:
        """End what has come of an expiry that did not happen by the corrected day, and what presses for it."""
        if renewed is None or renewed.due_on is None or old.due_on is None or renewed.due_on > old.due_on:
            self._recording.reopen(old.seq, since)
            self._register.undo_expiry(old, old.due_on, _NOT_BY_CORRECTED_DAY.format(title=old.rule.title))

    def with_other_anchor(
        self, old: RunningDeadline, at: datetime, facts: Mapping[str, object]
    ) -> RunningDeadline | None:
        """What a deadline is when it runs from another day; ``None`` where the rules do not give it then."""
        now, day = self._recording.now, china_date(at)
        if old.anchor.startswith(INTERRUPTION):
            number = self._register.started + 1
            return RunningDeadline(number, old.rule, old.version, old.anchor, at, now, holder=old.holder)
        dated = {version.date_fact: day for version in old.rule.versions if version.date_fact}
        renewed = start(self._register.started + 1, old.rule, old.anchor, day, {**facts, **dated}, now)
        if renewed is not None:
            renewed.anchored_at = at
        return renewed

    def _start(
        self,
        rule: DeadlineRule,
        milestone: str,
        moment: date | datetime,
        facts: Mapping[str, object],
        *,
        exact: bool = False,
    ) -> None:
        says = {"says_the_day": self._register.starts.says_the_day} if exact else {}
        number, now = self._register.started + 1, self._recording.now
        deadline = start(number, rule, milestone, moment, facts, now, **says)
        standing = [
            item for item in self._register.deadlines if item.rule.id == rule.id and item.is_effective
        ]
        if deadline is None:
            for earlier in standing:
                if earlier.live and earlier.anchor == milestone:
                    # Reached again with other facts: the rule no longer gives this deadline.
                    self._register.close(
                        earlier, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, CONDITIONS
                    )
            return
        if any(self.stays_despite(earlier, deadline) for earlier in standing):
            return
        for earlier in standing:
            if earlier.live:
                self._register.close(
                    earlier, DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED, milestone
                )
        self.begin(deadline)

    def _affect(
        self, deadline: RunningDeadline, milestone: str, moment: date | datetime
    ) -> RunningDeadline | None:
        """Do what a milestone does to a deadline; the one that has taken its place, when it was interrupted."""
        if milestone in deadline.version.stops:
            self._stop(deadline, milestone, moment)
        elif milestone in deadline.version.cancels and deadline.live:
            cancelled = DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED
            self._register.close(deadline, *cancelled, milestone)
        else:
            return self._interrupted_by(deadline, milestone, legal_day(moment))
        return None

    def _meet_what_came(self, deadline: RunningDeadline) -> None:
        version, grounds = deadline.version, self._register.rulebook(deadline).grounds
        interrupting = [name for ground in version.interruptions for name in grounds[ground].milestones]
        names = {*version.stops, *version.cancels, *interrupting}
        for milestone, moment in self._register.reached.since(deadline.anchor, deadline.anchored_on, names):
            if not deadline.live:
                return
            deadline = self._affect(deadline, milestone, moment) or deadline

    def stays_despite(self, earlier: RunningDeadline, later: RunningDeadline) -> bool:
        """Whether a milestone that is reached again changes nothing about a deadline of the same rule."""
        if earlier.anchor == later.anchor and earlier.anchored_on == later.anchored_on:
            return True
        if earlier.anchor.startswith(INTERRUPTION):
            return earlier.live and later.anchored_on <= earlier.anchored_on
        # The clock of a whole case does not start again: only a procedure inside it has changed.
        return any(
            version.within == earlier.rule.id
            for rule in self._register.view.deadlines.values()
            for version in rule.versions
        )

    def _interrupted_by(self, deadline: RunningDeadline, milestone: str, day: date) -> RunningDeadline | None:
        for name in deadline.version.interruptions:
            if milestone not in self._register.rulebook(deadline).grounds[name].milestones:
                continue
            in_time = deadline.anchored_on < day and self._register.in_time(deadline, day)
            if in_time and deadline.is_effective:
                return self.interrupt(deadline, name, instant_of(day, self._recording.now))
        return None

    def _stop(self, deadline: RunningDeadline, milestone: str, moment: date | datetime) -> None:
        day = legal_day(moment)
        if deadline.is_effective and self._register.in_time(deadline, moment):
            expiry = milestone == deadline.version.expiry_milestone and day == deadline.due_on
            if not deadline.live and not expiry:
                # Done in time and told late: it has never expired, and what began with that never did.
                self._register.reopen(deadline, _DONE_IN_TIME.format(title=deadline.rule.title))
                if milestone == deadline.version.expiry_milestone:
                    self._register.reached.keep(milestone, moment)
            self._register.close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, milestone, on=iso(day))
        elif deadline.live:
            self._expired(deadline, milestone, on=iso(day))
        elif deadline.is_effective:
            self._settle(deadline, milestone)

    def _settle(self, deadline: RunningDeadline, milestone: str) -> None:
        """Done late: the expiry stays, but its notices end."""
        deadline.closed_by = milestone
        self._register.unplan(deadline)

    def _expired(self, deadline: RunningDeadline, by: str, **data: Any) -> None:
        effect = str(deadline.version.on_expiry)
        self._register.close(
            deadline, DeadlineStatus.EXPIRED, Happening.DEADLINE_EXPIRED, by, on_expiry=effect, **data
        )
        take_effect(Expired(deadline, self._register.ladder(deadline), self._register.area, self._recording))


def _moment(deadline: RunningDeadline) -> tuple[object, ...]:
    """What two deadlines share that run from the same moment: its milestone, the fact of its date, and its day."""
    return deadline.anchor, deadline.version.date_fact, deadline.anchored_on


def _unmet(deadline: RunningDeadline) -> bool:
    """Whether it runs, or has expired: what was done about it since was done too late."""
    return deadline.live or deadline.status is DeadlineStatus.EXPIRED
