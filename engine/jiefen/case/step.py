"""One step of one case: from its saved state to what must be written.

A step restores the process, lets it run until it waits, and collects everything that happens on the way: facts,
decisions, milestones, deadlines, tasks, deliveries. Nothing is written before it has all gone well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.classification import Alike, recognise, responsible
from jiefen.case.withdrawal import withdraw
from jiefen.clock import china_date, legal_day
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, FactError, NotFound
from jiefen.people import escalation, recusal
from jiefen.people.addressing import address
from jiefen.people.directory import Directory
from jiefen.people.finder import Finder
from jiefen.process import Element, Instance, Wait
from jiefen.record.actor import SYSTEM
from jiefen.record.kinds import CaseStatus, DeadlineStatus, EntryStatus, Happening, TaskStatus
from jiefen.record.recording import NOTICE, REPORT, Recording, plain
from jiefen.record.refs import Ref
from jiefen.record.rows import DeadlineRow
from jiefen.rules import Rulebook
from jiefen.store import cases as store

#: Facts that are also columns of the case, so that lists can be filtered by them.
_COLUMNS = ("stage", "level", "colour", "dispute_type", "outcome")


class Step:
    """A case being worked on inside one transaction. It is the host of its process instance."""

    def __init__(
        self,
        edition: Edition,
        row: Row[Any],
        deadlines: Iterable[DeadlineRow],
        now: datetime,
        topics: Collection[str],
        actor: str = SYSTEM.id,
        directory: Callable[[], Directory | None] = lambda: None,
        *,
        rulebooks: Callable[[str], Rulebook],
    ) -> None:
        self.edition = edition
        self._directory = directory
        self._row = row
        self._revision: int = row.revision
        self._area: str | None = row.area
        self._view = edition.view(row.area)
        self.recording = Recording(row.id, now, actor, topics, row.revision)
        self._facts = edition.rulebook.vocabulary.from_json(row.facts)
        self._facts_before = dict(self._facts)
        # Dates of milestones that nobody has said: the engine filled them in.
        self._assumed = set(row.assumed or ())
        started = row.deadlines_started
        view, area = self._view, row.area
        self.register = Register(edition, view, area, deadlines, started, self.recording, rulebooks)
        self.docket = Docket(self.register)
        self._answered: set[int] = set()
        self._failed: set[int] = set()
        self._given_up: list[Wait] = []
        self._caught_up = False
        self.instance: Instance | None = None
        self._before: dict[int, Wait] = {}
        if row.state is not None:
            self.instance = Instance.restore(edition.processes, row.state, self)
            self._before = {wait.key: wait for wait in self.instance.waits}

    # --- what the process asks: the Host protocol -----------------------------------------------------------------

    def now(self) -> datetime:
        """The instant of this step, the same from its start to its end."""
        return self.recording.now

    def facts(self) -> Mapping[str, object]:
        """The facts of the case as they are now."""
        return self._facts

    def assign(self, name: str, value: object, element: Element | None = None) -> None:
        """Set a fact, checked against the vocabulary.

        Raises:
            FactError: as the vocabulary says, with the element that assigned it.
        """
        try:
            checked = self.edition.rulebook.vocabulary.check(name, value)
        except FactError as error:
            if element is None:
                raise
            raise FactError(
                f"{element.file}:{element.line}: {element.name} [{element.id}] sets {error}"
            ) from error
        self._facts[name] = checked
        self._assumed.discard(name)
        if name == "area" and isinstance(checked, str):
            self._area = normalise_area(checked)
            self._view = self.edition.view(self._area)
            self.register.move(self._view, self._area)

    def decide(self, table: str, element: Element) -> None:
        """Evaluate a decision table of the case's area; its outputs become facts."""
        rules = self._view.tables.get(table)
        if rules is None:
            raise NotFound(
                f"{element.file}:{element.line}: {element.name} [{element.id}] asks for the decision table {table!r}, "
                f"which is not in force in area {self._area or 'nation'}"
            )
        decision = rules.decide(self._facts, as_of=china_date(self.now()), trace=False)
        to_json = self.edition.rulebook.vocabulary.to_json
        self.recording.note(
            Happening.DECISION,
            table,
            element=element.id,
            area=self._area,
            version=decision.version.isoformat(),
            rows=list(decision.rows),
            read=to_json({name: self._facts[name] for name in rules.inputs if name in self._facts}),
            outputs=to_json(decision.outputs),
        )
        for name, value in decision.outputs.items():
            self.assign(name, value, element)

    def milestone(self, milestone: str, element: Element) -> None:
        """A moment with legal meaning: stops the deadlines it stops and starts those that run from it."""
        fact = element.properties.get("date")
        said = self._facts.get(fact) if fact and fact not in self._assumed else None
        if isinstance(said, date):
            self.reach(milestone, self._day_said(milestone, str(fact), said), element)
        else:
            self.reach(milestone, china_date(self.now()), element, date_fact=fact)

    def deadline(self, rule_id: str) -> datetime | None:
        """When the running deadline of a rule is over; ``None`` when none runs."""
        return self.register.due_of(rule_id)

    def send(self, topic: str, element: Element, inputs: Mapping[str, object]) -> None:
        """Leave a delivery that nobody waits for."""
        payload = {"element": element.id, "token": None, "inputs": plain(inputs)}
        self.recording.deliver(self.recording.next_ref(self._revision), topic, payload)

    def entered(self, element: Element) -> None:
        """A call activity or subprocess begins; the properties ``stage`` and ``level`` move the case."""
        for name in ("stage", "level"):
            value = element.properties.get(name)
            if value is not None:
                self.assign(name, value, element)
        if "stage" in element.properties:
            self.recording.note(Happening.STAGE, element.properties["stage"], element=element.id)

    def ended(self, element: Element | None) -> None:
        """The process is over; :meth:`save` sees to the rest."""

    # --- what the engine does ---------------------------------------------------------------------------------------

    def open(self, process: str, facts: Mapping[str, object], alike: Alike | None = None) -> None:
        """Start the process of a new case. ``alike`` counts cases that agree with it, for patterns of occurrence."""
        name = self.edition.processes.name(process)
        self.recording.note(Happening.OPENED, process, name=name, facts=self.merge(facts))
        self._recognise(alike)
        self.instance = Instance.start(self.edition.processes, process, self)
        self.instance.run()

    def reach(
        self,
        milestone: str,
        moment: date | datetime,
        element: Element | None = None,
        ended: RunningDeadline | None = None,
        date_fact: str | None = None,
    ) -> None:
        """A milestone is reached on a day, or at an instant.

        It is reached by an ``element`` of the model, by the end of a deadline, or by a person.

        Args:
            date_fact: the fact that should have said the day, and did not: it becomes this day, so that who is sent the
                fact later learns it. It stays an assumption: the next milestone that it belongs to has its own day.
        """
        day = legal_day(moment)
        filled = {"facts": {date_fact: day.isoformat()}} if date_fact else {}
        by = element.id if element else None
        self.recording.note(Happening.MILESTONE, milestone, element=by, on=day.isoformat(), **filled)
        if date_fact:
            self.assign(date_fact, day, element)
            self._assumed.add(date_fact)
        earlier = self._assumed - {date_fact}
        facts = {name: value for name, value in self._facts.items() if name not in earlier}
        self.docket.milestone(milestone, moment, facts, ended)

    def merge(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Take facts over into the case; gives them back as they go into the journal."""
        for name, value in facts.items():
            self.assign(name, value)
        return self.edition.rulebook.vocabulary.dump({name: self._facts[name] for name in facts})

    @property
    def late(self) -> bool:
        """Whether a deadline still runs that is over: no sweep has looked since."""
        return any(self.register.is_over(item) for item in self.register.deadlines)

    def catch_up(self) -> None:
        """Let deadlines expire that are over, before anything else happens."""
        while over := [item for item in self.register.deadlines if self.register.is_over(item)]:
            first = min(over, key=lambda item: (self.register.end(item).latest_at, item.seq))
            self.recording.unplan(Ref.expiry(first.seq))
            self.expire(first.seq)
            self._caught_up = True

    def waiting(self, key: int) -> Wait:
        """What the process waits for under ``key``.

        Raises:
            AlreadyDone: it no longer waits for it.
        """
        wait = self._before.get(key)
        if wait is None or (self._caught_up and not self._still_waits(key)):
            raise AlreadyDone(
                f"case {self.recording.case_id} no longer waits for this; it went on meanwhile, read it again"
            )
        return wait

    def complete(
        self, wait: Wait, answer: Mapping[str, object], kind: Happening, subject: str | None
    ) -> None:
        """A task or an outside call was answered.

        The answer becomes facts, unless the element turns it into facts itself by output parameters.

        Raises:
            FactError: the model does not know what to do with this outcome, or the vocabulary refuses a fact.
        """
        _check_outcome(wait.element, answer)
        facts = {} if wait.mapped else self.merge(answer)
        self.recording.note(kind, subject, token=wait.key, name=wait.element.name, facts=facts)
        key = wait.key
        self._answered.add(key)
        instance = self._running()
        instance.complete(key, answer)
        instance.run()

    def fail(self, key: int, code: str, topic: str) -> None:
        """An outside call ended with a BPMN error."""
        self._failed.add(key)
        self.recording.note(Happening.DELIVERY_FAILED, topic, token=key, code=code)
        instance = self._running()
        instance.fail(key, code)
        instance.run()

    def message(self, name: str, facts: Mapping[str, object], message_key: str | None) -> bool:
        """A message came for the case; ``False`` when nothing waits for it. Its facts are kept all the same."""
        entry = self.recording.note(Happening.MESSAGE, name, facts=self.merge(facts))
        entry["message_key"] = message_key
        waiting = [wait.element.name for wait in self._before.values() if wait.message == name]
        entry["data"]["name"] = waiting[0] if waiting else None
        caught = self.instance is not None and self.instance.message(name)
        entry["data"]["caught"] = caught
        if caught:
            self._running().run()
        return caught

    def fire_timer(self, key: int) -> None:
        """A timer of the process is due."""
        if key in self._before:
            element = self._before[key].element
            self.recording.note(Happening.TIMER, element.id, token=key, name=element.name)
            instance = self._running()
            instance.fire(key)
            instance.run()

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
            self.reach(milestone, day, ended=deadline)
        self._fire_timers_of(deadline.rule.id)
        return None

    def fire_rung(self, connection: Connection, seq: int, rung_id: str) -> None:
        """A rung of a deadline's ladder is due: tell whom it names. A rung fires once, ever."""
        deadline = self.register.get(seq)
        if deadline is None or deadline.status not in (DeadlineStatus.RUNNING, DeadlineStatus.EXPIRED):
            return
        rung = self.register.rung(deadline, rung_id)
        if rung is None:
            return
        before = store.claim_rung(connection, self.recording.case_id, seq, rung_id, self.now())
        if before is not None:
            self.docket.fire(deadline, rung, self._area, before)

    def press_task(self, key: int, data: Mapping[str, Any]) -> None:
        """Nobody has claimed a task for so long as a rung of its ladder says."""
        wait = self._before.get(key)
        if wait is not None:
            calendar = self.register.calendar
            escalation.press_task(wait, data, self._view, self._area, calendar, self.recording)

    def sent(self, entry: Any) -> None:
        """A delivery was carried, and its answer is still to come: it is kept, never sent again, and watched."""
        wait = self._before.get(entry.data["token"])
        name = wait.element.name if wait is not None else entry.topic
        calendar = self.register.calendar
        until = escalation.watch_answer(entry.ref, entry.topic, name, self._view, calendar, self.recording)
        self.recording.keep(
            entry, status=str(EntryStatus.SENT), next_try_at=entry.at, error=None, answer_by=until
        )

    def press_for_delivery(self, ref: str, data: Mapping[str, Any]) -> None:
        """A delivery was not answered for so long as a rung of its ladder says."""
        calendar = self.register.calendar
        escalation.press_for_delivery(ref, data, self._view, self._area, calendar, self.recording)

    def watch_again(self, keys: Iterable[int]) -> None:
        """Tasks that somebody had claimed are open to everybody again."""
        for key in keys:
            self._watch(self._before[key])

    def pass_on(self, connection: Connection, person: str) -> None:
        """Somebody is recused: what was to be told to them goes to others."""
        leader = self._row.leader
        recusal.pass_on(connection, self.recording, self._finder(), self.register.calendar, leader, person)

    def press_for_answer(self, ref: str, data: Mapping[str, Any]) -> None:
        """A supervision was not answered in time."""
        escalation.press_for_answer(ref, data, self._view, self._finder(), self.recording)

    def take_over(self) -> None:
        """Keep that the case goes by the edition of this step from now on."""
        digest, before = self.edition.digest, self._row.edition
        self.recording.changes.case["edition"] = digest
        self.recording.note(Happening.RULES_CHANGED, digest[:12], before=before, after=digest)

    def save(self, connection: Connection) -> SimpleNamespace:
        """Write everything that has changed; the case row as it stands then."""
        self._grade()
        self._assign_responsible()
        self._reconcile()
        if self._given_up:
            withdraw(connection, self.recording, self._given_up)
        self._tell()
        changes = self.recording.changes
        changes.deadlines = self.register.rows()
        running = self.instance is not None and not self.instance.ended
        changes.case.update(
            facts=self.edition.rulebook.vocabulary.dump(self._facts),
            area=self._area,
            assumed=sorted(self._assumed),
            updated_at=self.now(),
            deadlines_started=self.register.started,
            state=self.instance.dump() if running and self.instance is not None else None,
            **{name: self._facts.get(name) for name in _COLUMNS},
        )
        store.save(connection, self.recording.case_id, self._revision, changes)
        return SimpleNamespace(**{**self._row._mapping, **changes.case, "revision": self._revision + 1})

    # --- inside ---------------------------------------------------------------------------------------------------

    def _fire_timers_of(self, rule_id: str) -> None:
        """Fire what the process lets wait for a deadline; what the first one interrupts no longer fires."""
        due = [wait.key for wait in self.instance.waits if wait.deadline == rule_id] if self.instance else []
        for key in due:
            instance = self._running()
            wait = next((item for item in instance.waits if item.key == key and item.kind == "timer"), None)
            if wait is not None:
                self.recording.note(Happening.TIMER, wait.element.id, token=key, name=wait.element.name)
                instance.fire(key)
                instance.run()

    def _finder(self) -> Finder:
        roles, today = self.edition.rulebook.roles, china_date(self.now())
        recused = self._row.recused or ()
        return Finder(self._directory(), roles, self._view, self._facts, today, recused)

    def _tell(self) -> None:
        """Give what this step tells people its persons and its hour."""
        leader = self._row.leader
        if leader is not None:
            titles = {item.rule.id: item.rule.title for item in self.register.deadlines}
            escalation.tell_leader(leader, self._area, self.recording, titles)
        if any(item["topic"] in (NOTICE, REPORT) for item in self.recording.changes.agenda):
            address(self.recording, self._finder(), self.register.calendar, leader, self._area)

    def _watch(self, wait: Wait) -> None:
        escalation.watch_task(wait, self.now(), self._view, self.register.calendar, self.recording)

    def _still_waits(self, key: int) -> bool:
        """Whether the process waits for it also after what has expired in this step."""
        if self.instance is None or self.instance.ended:
            return False
        return any(wait.key == key for wait in self.instance.waits)

    def _running(self) -> Instance:
        if self.instance is None:
            raise NotFound(f"case {self.recording.case_id} has ended; its process waits for nothing")
        return self.instance

    def _day_said(self, milestone: str, fact: str, day: date) -> date:
        """The day that a fact gives a milestone, once it is known to be possible."""
        known_from = self.register.calendar.known_from
        if day > china_date(self.now()):
            raise FactError(
                f"fact {fact!r} gives {milestone} the date {day}, which is in the future; correct the date"
            )
        if day < known_from:
            raise FactError(
                f"fact {fact!r} gives {milestone} the date {day}, before {known_from}, the first day whose holidays "
                "are known; correct the date"
            )
        return day

    def _recognise(self, alike: Alike | None) -> None:
        pattern = recognise(self._view, self._facts, china_date(self.now()), alike)
        if pattern is None:
            return
        self.assign("occurrence", pattern.occurrence)
        lead = str(pattern.lead) if pattern.lead else None
        title = pattern.title
        self.recording.note(
            Happening.PATTERN, pattern.id, mode=str(pattern.mode), lead=lead, zh=title.zh, en=title.en
        )

    def _assign_responsible(self) -> None:
        today = china_date(self.now())
        before = responsible(self._view, self._facts_before, today) if self._revision else {}
        for name, entries in responsible(self._view, self._facts, today).items():
            if entries != before.get(name):
                self.recording.note(Happening.ASSIGNED, name, entries=entries)

    def _grade(self) -> None:
        today = china_date(self.now())
        for grading in self._view.gradings.values():
            if not grading.in_force(today):
                continue
            grade = grading.grade(self._facts)
            before = self._facts.get(grading.output)
            if grade.colour != before:
                self.assign(grading.output, grade.colour)
                self.recording.note(
                    Happening.GRADED, grade.colour, grading=grading.id, before=before, score=grade.score,
                    points=dict(grade.points),
                )  # fmt: skip

    def _reconcile(self) -> None:
        """Compare what the process waits for now with what it waited for before."""
        ended = self.instance is not None and self.instance.ended
        waits = self.instance.waits if self.instance is not None and not ended else ()
        now_waiting = {wait.key: wait for wait in waits}
        moved = self._area != self._row.area
        for key, wait in self._before.items():
            if key not in now_waiting:
                self._leave(wait)
        for key, wait in now_waiting.items():
            before = self._before.get(key)
            if before is None:
                self._await(wait)
            elif before.due_at != wait.due_at or (moved and wait.kind == "task"):
                self._move(wait)
        if ended:
            outcome = self._facts.get("outcome")
            self.recording.note(Happening.ENDED, str(outcome) if outcome else None)
            self.docket.end_of_case()
            ending = {"status": str(CaseStatus.ENDED), "ended_at": self.now(), "leader": None}
            self.recording.changes.case.update(ending)
            if self._row.leader is not None:
                self.recording.note(Happening.LEADER_RELEASED, self._row.leader)

    def _await(self, wait: Wait) -> None:
        if wait.kind == "task":
            self.recording.changes.tasks.append(self._task_row(wait, TaskStatus.OPEN))
            self.recording.note(
                Happening.TASK_OPENED, wait.element.id, token=wait.key, name=wait.element.name
            )
            self._watch(wait)
        elif wait.kind == "external":
            payload = {"element": wait.element.id, "token": wait.key, "inputs": plain(wait.inputs)}
            self.recording.deliver(Ref.call(wait.key), wait.topic or "", payload)
        elif wait.kind == "timer" and wait.deadline is not None:
            self.docket.timer_entered(wait.deadline, self._facts)
        elif wait.kind == "timer" and wait.due_at is not None:
            self.recording.plan(Ref.timer(wait.key), wait.due_at)

    def _move(self, wait: Wait) -> None:
        """A task or timer has a new due date, or a task a new area, because a deadline or a fact has changed."""
        if wait.kind == "task":
            self.recording.changes.tasks.append(self._task_row(wait, TaskStatus.OPEN))
        elif wait.kind == "timer" and wait.deadline is None:
            self.recording.unplan(Ref.timer(wait.key))
            if wait.due_at is not None:
                self.recording.plan(Ref.timer(wait.key), wait.due_at)

    def _leave(self, wait: Wait) -> None:
        if wait.kind == "task":
            answered = wait.key in self._answered
            status = TaskStatus.COMPLETED if answered else TaskStatus.WITHDRAWN
            self.recording.changes.tasks.append(self._task_row(wait, status))
            if self._view.unclaimed(wait.roles, china_date(self.now())) is not None:
                self.recording.unplan(Ref.task(wait.key))
            if not answered:
                self.recording.note(
                    Happening.TASK_WITHDRAWN, wait.element.id, token=wait.key, name=wait.element.name
                )
        elif wait.kind == "external" and wait.key not in self._answered | self._failed:
            self._given_up.append(wait)
        elif wait.kind == "timer" and wait.deadline is not None:
            waits = self.instance.waits if self.instance is not None and not self.instance.ended else ()
            # One that has only now begun to wait, a loop for one, has a deadline of its own.
            others = [one for one in waits if one.key in self._before and one.kind == "timer"]
            if all(other.deadline != wait.deadline for other in others):
                done = wait.element.type == "boundaryEvent" and bool(self._answered)
                self.docket.timer_left(wait.deadline, done=done)
        elif wait.kind == "timer":
            self.recording.unplan(Ref.timer(wait.key))

    def _task_row(self, wait: Wait, status: TaskStatus) -> dict[str, Any]:
        still_open = status is TaskStatus.OPEN
        return {
            "case_id": self.recording.case_id,
            "key": wait.key,
            "process": wait.element.process_id,
            "element": wait.element.id,
            "name": wait.element.name,
            # What is done was done where the case was then.
            "area": self._area if still_open else self._row.area,
            "roles": "|" + "|".join(wait.roles) + "|" if wait.roles else "",
            "assignee": wait.assignee,
            "seat": wait.seat,
            "form": wait.form,
            "locals": plain(wait.locals),
            "due_at": wait.due_at,
            "status": str(status),
            "opened_at": self.now(),
            "finished_at": None if still_open else self.now(),
            "finished_by": None if still_open else self.recording.actor,
        }


def _check_outcome(element: Element, answer: Mapping[str, object]) -> None:
    """Refuse an outcome outside the property ``outcomes``: the model has no way for it. Null is no outcome."""
    said, known = answer.get("outcome"), element.properties.get("outcomes")
    if said is None or known is None:
        return
    values = [value.strip() for value in known.split(",")]
    if said not in values:
        raise FactError(
            f"{element.name} [{element.id}] does not know the outcome {said!r}; it takes {', '.join(values)}"
        )
