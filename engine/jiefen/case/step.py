"""One step of one case: from its saved state to what must be written.

A step restores the process, lets it run until it waits, and collects everything that happens on the way: facts,
decisions, milestones, deadlines, tasks, deliveries. Nothing is written before it has all gone well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.case.answers import missing_contents, require_known_outcome, require_said
from jiefen.case.classification import Alike, keep_colours, keep_grade, keep_pattern, keep_responsible
from jiefen.case.environment import CaseEnvironment
from jiefen.case.pressing import Pressing
from jiefen.case.related import PARTS_TOLD, REPEAT_OF, FindEarlier, take_over, tell_of_parts
from jiefen.case.state.facts import Facts
from jiefen.case.state.mailbox import Letter, Mailbox, reached_by
from jiefen.case.state.sources import tell_source
from jiefen.case.state.waits import Waits
from jiefen.case.state.withdrawal import withdraw
from jiefen.clock import china_date
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.reached import Reached
from jiefen.deadlines.reviving import revive
from jiefen.deadlines.running import RunningDeadline
from jiefen.deadlines.starting import Closed, Retold, Starting
from jiefen.edition.edition import Edition
from jiefen.people import escalation, unmoved
from jiefen.people.directory import Directory
from jiefen.people.finder import Deputies, nobody_is_away
from jiefen.process import Instance, Wait
from jiefen.record.actor import SYSTEM, Actor
from jiefen.record.desk.parties import Party, outline
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening, Received
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.rules import Rulebook
from jiefen.store import cases as store
from jiefen.store.desk import links
from jiefen.store.desk.parties import row_of
from jiefen.store.schema import FACT_COLUMNS


class Step:
    """A case being worked on inside one transaction."""

    def __init__(
        self,
        edition: Edition,
        row: CaseRow,
        deadlines: Iterable[DeadlineRow],
        now: datetime,
        topics: Collection[str],
        actor: str = SYSTEM.id,
        directory: Callable[[], Directory | None] = lambda: None,
        *,
        rulebooks: Callable[[str], Rulebook],
        earlier: FindEarlier = lambda number: None,
        deputies: Deputies = nobody_is_away,
    ) -> None:
        self.edition = edition
        self._earlier = earlier
        self.row = row
        self.recording = Recording(row, now, actor, topics)
        view, self._started = edition.view(row.area), row.deadlines_started
        reached = Reached(row.reached)
        self.register = Register(
            edition, view, row.area, deadlines, self._started, reached, self.recording, rulebooks
        )
        self.docket = Docket(self.register)
        checked, assumed = row.edition == edition.digest, row.assumed or []
        self._facts = Facts(edition, row.facts, checked, assumed, self.register, self.recording)
        self._caught_up = False
        self._corrected: frozenset[str] = frozenset()
        self._closed_as = CaseStatus.ENDED
        self._mailbox = Mailbox(row.kept_messages, self.register, edition.rulebook.messages)
        work = self.register, self.docket, self._facts
        self._environment = CaseEnvironment(edition, *work, self._mailbox, self.recording)
        kept = row.state
        instance = Instance.restore(edition.processes, kept, self._environment) if kept is not None else None
        known = edition.rulebook.roles
        self._waits = Waits(instance, row.area, *work, self.recording, known)
        #: Who is told, and who is pressed.
        self.pressing = Pressing(edition, row, *work, self._waits, self.recording, directory, deputies)

    def now(self) -> datetime:
        """The instant of this step, the same from its start to its end."""
        return self.recording.now

    def facts(self) -> Mapping[str, object]:
        """The facts of the case as they are now."""
        return self._facts.values

    def assign(self, name: str, value: object) -> None:
        """Set a fact; see :meth:`Facts.assign`, which raises."""
        self._facts.assign(name, value)

    def reach(self, milestone: str, moment: date | datetime) -> None:
        """A person has reached a milestone, on a day or at an instant."""
        self._environment.reach(milestone, moment)

    def open(
        self,
        process: str,
        facts: Mapping[str, object],
        alike: Alike | None = None,
        parties: Sequence[Party] = (),
    ) -> None:
        """Start the process of a new case. ``alike`` counts cases that agree with it, for patterns of occurrence."""
        name = self.edition.processes.name(process)
        opened = self.recording.note(Happening.OPENED, process, name=name, facts=self._facts.take(facts))
        if parties:
            opened.data["parties"] = [outline(one) for one in parties]
        here = self.recording.case_id
        self.recording.changes.parties += [row_of(here, one, opening=True) for one in parties]
        self._look_at_earlier(facts)
        unmoved.watch(self.register.view, self.register.calendar, self.recording)
        keep_pattern(self.register.view, self._facts, self.recording, alike)
        self._waits.instance = instance = Instance.start(self.edition.processes, process, self._environment)
        instance.run()

    def reach_known(self, milestone: str, closed: Closed = lambda rules: []) -> None:
        """A milestone is reached on the day that the fact which makes it known has said, once that has come.

        Args:
            closed: reads what the case no longer holds open, where the milestone may have had another day before.
        """
        known = self.edition.rulebook.milestones.get(milestone)
        fact = known.known_by if known is not None else None
        by = {"corrected": fact in self._corrected, "ended": self.row.ended_at is not None}
        act = Retold(self.docket, self.register, closed, milestone, **by)
        day = act.told(self._facts.said(fact), self._facts.without_assumed(None))
        if day is not None:
            self.reach(milestone, day)
            act.judge(day)

    @property
    def late(self) -> bool:
        """Whether something is over that no sweep has looked at since: a deadline, or a timer of the model; or
        whether something has expired by a clock that was wrong."""
        over = any(self.register.is_over(item) for item in self.register.deadlines)
        return over or self.early or self._waits.overdue(self.now())

    @property
    def early(self) -> bool:
        """Whether a deadline has expired by a clock that was ahead, and is not over."""
        return any(self.register.expired_early(item) for item in self.register.deadlines)

    def catch_up(self) -> None:
        """Let deadlines expire that are over, before anything else happens."""
        while self._expire_first(self.register.deadlines):
            self._caught_up = True

    def waiting(self, key: int) -> Wait:
        """What the process waits for under ``key``.

        Raises:
            AlreadyDone: it no longer waits for it.
        """
        return self._waits.answerable(key, looked_again=self._caught_up)

    def complete(
        self,
        wait: Wait,
        answer: Mapping[str, object],
        kind: Happening,
        subject: str | None,
        by: Actor | None = None,
    ) -> None:
        """A task or an outside call was answered, a task ``by`` somebody with posts.

        The answer becomes facts, unless the element turns it into facts itself by output parameters.

        Raises:
            FactError: the model does not know what to do with this outcome, the vocabulary refuses a fact, or the form
                requires one that nobody has said.
        """
        require_known_outcome(wait.element, answer)
        self._environment.by = by
        facts = {} if wait.mapped else self._facts.take(answer)
        require_said(wait.element, self._facts.values, self.edition.rulebook.vocabulary)
        self.recording.note(kind, subject, token=wait.key, name=wait.element.name, facts=facts)
        missing = missing_contents(wait.element, self._facts.values)
        if missing:
            # The paper may be whole and its contents not typed in: nothing is refused for it, and it is told.
            self.recording.note(Happening.TASK_INCOMPLETE, subject, name=wait.element.name, missing=missing)
        self._look_at_earlier(facts)
        self._waits.answer(wait.key)
        instance = self._waits.running()
        instance.complete(wait.key, answer)
        instance.run()

    def begin_again(self, first_key: int, given: Mapping[str, object], subject: str, **told: Any) -> None:
        """The case, which had ended, goes through its process once more, from the start.

        What the procedure alone had said is empty again, but for what a right that runs looks at: the journal keeps it.
        """
        read = {name for item in self.register.deadlines if item.live for name in item.version.reads}
        self.recording.note(Happening.REOPENED, subject, **self._facts.next_round(read, given), **told)
        self.register.reached.enter_stage()
        self.docket.next_round()
        unmoved.watch(self.register.view, self.register.calendar, self.recording)
        self.row = self.row._replace(status=str(CaseStatus.OPEN), ended_at=None)
        self.recording.changes.case.update(status=self.row.status, ended_at=None)
        process = self.row.process
        self._waits.instance = instance = Instance.start(
            self.edition.processes, process, self._environment, first_key
        )
        instance.run()

    def correct(self, kind: Happening, facts: Mapping[str, object], **told: Any) -> None:
        """Somebody puts facts right, or an office says them; what follows is worked out when the step is saved."""
        dump = self.edition.rulebook.vocabulary.dump
        before = dump({name: self._facts.values.get(name) for name in facts})
        more = {name: value for name, value in told.items() if value is not None}
        taken, self._corrected = self._facts.take(facts), frozenset(facts)
        self.recording.note(kind, None, facts=taken, before=before, **more)

    def learn(self, kind: Happening, subject: str | None, facts: Mapping[str, object], **told: Any) -> None:
        """Facts come for the case from beside its process."""
        self.recording.note(kind, subject, facts=self._facts.take(facts), **told)
        self._look_at_earlier(facts)

    def close(self, status: CaseStatus, kind: Happening, subject: str | None, **told: Any) -> None:
        """Somebody closes the case without its process having come to its end."""
        self.recording.note(kind, subject, **told)
        self._closed_as = status
        self._waits.stop()

    def fail(self, key: int, code: str, topic: str) -> None:
        """An outside call ended with a BPMN error."""
        self._waits.fail(key)
        self.recording.note(Happening.DELIVERY_FAILED, topic, token=key, code=code)
        instance = self._waits.running()
        instance.fail(key, code)
        instance.run()

    def message(
        self, name: str, facts: Mapping[str, object], message_key: str | None, party: int | None = None
    ) -> Received:
        """A message came for the case. What it reaches is reached, also when the process does not wait for it.

        Its facts are kept in any case, and the message itself where the process may still wait for it.

        Args:
            party: the number of the party whose will it declares, where it is known.

        Raises:
            FactError: its day cannot be.
        """
        milestone, said = reached_by(self.edition.rulebook.messages.get(name), facts)
        day = self._facts.day_of(*said) if said is not None else china_date(self.now())
        taken, awaited = self._facts.take(facts), self._waits.awaited_message(name)
        entry = self.recording.note(Happening.MESSAGE, name, message_key, name=awaited, facts=taken)
        if party is not None:
            entry.data["party"] = party
        self._look_at_earlier(facts)
        instance = self._waits.instance
        caught = instance is not None and instance.message(name)
        entry.data["caught"] = caught
        self._environment.reached.clear()
        if instance is not None and caught:
            instance.run()
        if milestone is not None and milestone not in self._environment.reached:
            self.reach(milestone, day)
        if caught:
            return Received.CAUGHT
        if instance is None or name not in self.edition.processes.awaited(self.row.process):
            return Received.NOTED
        entry.data["kept"] = True
        self._mailbox.keep(Letter.written(name, taken, self.now(), milestone, day))
        return Received.KEPT

    def fire_timer(self, key: int) -> None:
        """A timer of the process is due."""
        wait = self._waits.before(key)
        if wait is not None:
            self._waits.fire(wait)

    def expire(self, seq: int) -> datetime | None:
        """The instant of a deadline has come: do what its ``on_expiry`` says.

        Returns the instant to look again when, by the calendar known today, it may not be over yet.
        """
        deadline = self.register.get(seq)
        if deadline is not None and deadline.status is DeadlineStatus.SUSPENDED:
            self.docket.end_expired_suspension(deadline)
        if deadline is None or deadline.status is not DeadlineStatus.RUNNING or deadline.due_at is None:
            return None
        if deadline.due_at > self.now():
            return deadline.due_at
        look_again = self.docket.expire(deadline)
        if look_again is not None:
            return look_again
        milestone, day = deadline.version.expiry_milestone, deadline.due_on
        if milestone is not None and day is not None:
            # 期满之日: what runs from the end runs from the last day, however late the clock saw it.
            self._environment.reach(milestone, day, ended=deadline)
        self._waits.fire_timers_of(deadline.rule.id)
        return None

    def look_whether_stuck(self, process: str, element: str) -> None:
        """Look again at a place where the process waited for nothing.

        Raises:
            ProcessError: it still does.
        """
        self._waits.look_whether_stuck(process, element)

    def watch_again(self, keys: Collection[int]) -> None:
        """Tasks that somebody had claimed are open to everybody again."""
        self._waits.watch_again(keys)

    def take_over(self) -> None:
        """Keep that the case goes by the edition of this step from now on."""
        digest, before = self.edition.digest, self.row.edition
        self.recording.changes.case["edition"] = digest
        if self.row.ended_at is None:
            unmoved.watch(self.register.view, self.register.calendar, self.recording)
        self.recording.note(Happening.RULES_CHANGED, digest[:12], before=before, after=digest)

    def save(self, connection: Connection) -> CaseRow:
        """Write everything that has changed; the case row as it stands then."""
        self._mailbox.sort_out()
        while self._take_message() or self._look_again(connection) or self._expire_new():
            pass
        keep_colours(self.register.view, self._facts, self.recording, self.register.area)
        keep_responsible(self.register.view, self._facts, self.recording)
        self._waits.reconcile()
        self._waits.tell_stuck(self.pressing.in_charge)
        if self._waits.ended:
            self._end(connection)
        if self._waits.given_up:
            withdraw(connection, self.recording, self._waits.given_up)
        escalation.take_back_pressing(connection, self.recording)
        tell_source(self.edition, self._facts.values, self.recording)
        self.pressing.tell()
        changes, revision = self.recording.changes, self.recording.revision
        changes.deadlines = self.register.rows(changes.case.get("ended_at", self.row.ended_at))
        self._waits.keep_due()
        values = self._facts.values
        changes.facts, changes.hidden = self._facts.changed(), self._facts.hidden
        columns: dict[str, Any] = {name: values.get(name) for name in FACT_COLUMNS}
        after = self.row._replace(
            facts=self._facts.dump(),
            area=self.register.area,
            assumed=self._facts.assumed,
            deadlines_started=self.register.started,
            reached=self.register.reached.dump() or None,
            kept_messages=self._mailbox.dump(),
            state=self._waits.state,
            grade=keep_grade(self.edition, self.register.view, self._facts.values, self.row, self.recording),
            **columns,
        )
        # A column that is named is written, and so is every index on it: only what has changed is.
        changed = zip(CaseRow._fields, self.row, after, strict=True)
        changes.case.update({name: value for name, before, value in changed if value != before})
        changes.case["updated_at"] = self.now()
        store.save(connection, self.row, changes)
        return self.row._replace(**changes.case, revision=revision + 1)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _look_at_earlier(self, given: Mapping[str, object]) -> None:
        """Somebody has said which earlier case this matter repeats: take over what it tells."""
        if REPEAT_OF in given:
            take_over(self._facts, self.edition.rulebook.vocabulary, self.recording, self._earlier)

    def _take_message(self) -> bool:
        """Let the process take a message that came before it waited, with its own facts; whether there was one."""
        instance = self._waits.instance
        letter = self._mailbox.awaited(instance) if instance is not None and not instance.ended else None
        if instance is None or letter is None:
            return False
        facts = self._facts.take(self.edition.rulebook.vocabulary.from_json(letter.facts))
        self.recording.note(Happening.MESSAGE_TAKEN, letter.name, came=letter.came, facts=facts)
        self._environment.taking = letter
        instance.message(letter.name)
        instance.run()
        self._environment.taking = None
        return True

    def _look_again(self, connection: Connection) -> bool:
        """Let deadlines start, move or end by what has become known in this step; whether anything has."""
        register, facts, known_by = self.register, self._facts, self.edition.rulebook.known_by
        changed = facts.newly_said({*register.starts.watched, *known_by})
        closed = partial(store.closed_deadlines, connection, self.recording.case_id)
        for milestone in (name for fact in known_by if fact in changed for name in known_by[fact]):
            self.reach_known(milestone, closed)
        if not changed:
            return self._revive(closed)
        before, facts.looked_at = facts.looked_at, facts.without_assumed(None)
        looking = Starting(self.docket, register, closed, ended=self.row.ended_at is not None)
        looking.look(changed, before, facts.looked_at)
        return True

    def _expire_new(self) -> bool:
        """Let expire what runs since this step and was over before, so that it is never shown as running."""
        new = self.docket.judged | {item.seq for item in self.register.deadlines if item.seq > self._started}
        return self._expire_first(item for item in self.register.deadlines if item.seq in new)

    def _expire_first(self, deadlines: Iterable[RunningDeadline]) -> bool:
        """Let the first of these deadlines expire that is over; whether one is."""
        over = [item for item in deadlines if self.register.is_over(item)]
        if not over:
            return False
        first = min(over, key=lambda item: (self.register.end(item).latest_at, item.seq))
        self.recording.unplan(Ref.expiry(first.seq))
        self.expire(first.seq)
        return True

    def _revive(self, closed: Closed) -> bool:
        """Let run again what was met by an act that came to nothing in this step; whether there was such an act."""
        reviving = bool(self.docket.reviving)
        revive(self.docket, self.register, closed)
        return reviving

    def _end(self, connection: Connection) -> None:
        """The process has come to its end: nobody leads the case any more, and its duties are no longer owed."""
        outcome = self._facts.values.get("outcome")
        self._mailbox.close()
        self.recording.note(Happening.ENDED, str(outcome) if outcome else None)
        self.docket.end_of_case(by_itself=self._closed_as is CaseStatus.ENDED)
        self.recording.unplan(Ref.unmoved())
        ending = {"status": str(self._closed_as), "ended_at": self.now(), "leader": None}
        self.recording.changes.case.update(ending)
        if self.row.leader is not None:
            self.recording.note(Happening.LEADER_RELEASED, self.row.leader)
        if self._closed_as is CaseStatus.ENDED and self.row.has_parts:
            parts = links.open_parts(connection, self.recording.case_id, PARTS_TOLD)
            tell_of_parts(self.recording, parts, self.pressing.in_charge, self.register.area)
