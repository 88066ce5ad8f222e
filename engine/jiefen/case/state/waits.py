"""What the process of a case waits for: tasks, timers, outside systems; what has come and gone in a step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from jiefen.case.state.facts import Facts
from jiefen.clock import china_date
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.errors import AlreadyDone, NotFound, ProcessError
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.texts import shown
from jiefen.people import escalation
from jiefen.people.addressing import TELLS
from jiefen.people.confidential import CONFIDENTIAL
from jiefen.process import Element, Instance, Wait
from jiefen.record.kinds import EntryStatus, Happening, TaskStatus
from jiefen.record.notice import Notice
from jiefen.record.recording import Recording, plain
from jiefen.record.refs import Ref
from jiefen.record.rows import FAR, TaskRow, kept_roles, township_of

_STUCK: Final = Label("流程停滞,需人工处理", "The process waits for nothing, and needs a person")


def waits_for_nothing(element: Element) -> str:
    """What is wrong with a place at which a process waits for nothing, and what can be done."""
    return (
        f"{element.process_id}: {element.id} waits for a token on a flow where none can come any more; close the case, "
        "and join in the model with an exclusive gateway what an exclusive gateway has split"
    )


def payload_of(element: Element, token: int | None, inputs: Mapping[str, object]) -> dict[str, Any]:
    """What a delivery of an element carries; ``token`` is ``None`` where nobody waits for the answer."""
    secret = {"confidential": True} if CONFIDENTIAL in element.properties else {}
    told = {TELLS: element.properties[TELLS].replace(",", " ").split()} if TELLS in element.properties else {}
    return {"element": element.id, "token": token, "inputs": plain(inputs), **secret, **told}


class Waits:
    """The process of one case in work, and what it waited for before this step.

    Args:
        instance: the running process; ``None`` for a case that is being opened, or has ended.
        area: of the case before this step.
        roles: that the rules know.
    """

    def __init__(
        self,
        instance: Instance | None,
        area: str | None,
        register: Register,
        docket: Docket,
        facts: Facts,
        recording: Recording,
        roles: Collection[str],
    ) -> None:
        self.instance = instance
        self._before = {wait.key: wait for wait in instance.waits} if instance is not None else {}
        self._stuck_before = instance.stuck if instance is not None else ()
        self._area_before = area
        self._register, self._docket, self._facts, self._recording = register, docket, facts, recording
        self._roles = roles
        self._due_before = register.next_due
        self._answered: set[int] = set()
        self._failed: set[int] = set()
        self._stopped = False
        #: External tasks that went without an answer in this step.
        self.given_up: list[Wait] = []

    @property
    def ended(self) -> bool:
        """Whether the process has come to its end in this step."""
        return self._stopped or (self.instance is not None and self.instance.ended)

    def stop(self) -> None:
        """The process is over without having come to its end: everything it waited for is given up."""
        self._stopped, self.instance = True, None

    @property
    def state(self) -> bytes | None:
        """The process as it is kept; ``None`` once it has ended."""
        return self.instance.dump() if self.instance is not None and not self.instance.ended else None

    def running(self) -> Instance:
        """The process.

        Raises:
            NotFound: it has ended.
        """
        if self.instance is None:
            raise NotFound(f"case {self._recording.case_id} has ended; its process waits for nothing")
        return self.instance

    def before(self, key: int) -> Wait | None:
        """What the process waited for under ``key`` when the step began."""
        return self._before.get(key)

    def overdue(self, now: datetime) -> bool:
        """Whether a timer of its own is over; one that follows a deadline fires with that."""
        timers = (wait for wait in self._before.values() if wait.kind == "timer" and wait.deadline is None)
        return any(timer.due_at is not None and timer.due_at <= now for timer in timers)

    def answerable(self, key: int, *, looked_again: bool) -> Wait:
        """What waits to be answered under ``key``.

        Args:
            looked_again: whether something has happened in this step that may have taken it away.

        Raises:
            AlreadyDone: nothing waits for an answer under that key.
        """
        wait = self._before.get(key)
        if wait is None or (looked_again and all(one.key != key for one in self._now())):
            raise AlreadyDone(
                f"case {self._recording.case_id} no longer waits for this; it went on meanwhile, read it again"
            )
        return wait

    def awaited_message(self, name: str) -> str | None:
        """The name of the element that waited for a message when the step began."""
        return next((wait.element.name for wait in self._before.values() if wait.message == name), None)

    def answer(self, key: int) -> None:
        """A task or an outside system was answered: what goes with it was not given up."""
        self._answered.add(key)

    def fail(self, key: int) -> None:
        """An outside system has failed, and told so."""
        self._failed.add(key)

    def fire_timers_of(self, rule: str) -> None:
        """Fire what waits for a deadline now; what the first one interrupts no longer fires."""
        for key in [wait.key for wait in self._now() if wait.deadline == rule]:
            wait = next((one for one in self._now() if one.key == key and one.kind == "timer"), None)
            if wait is not None:
                self.fire(wait)

    def fire(self, wait: Wait) -> None:
        """A timer is due; the process goes on."""
        name = wait.element.name
        fired = self._recording.note(Happening.TIMER, wait.element.id, token=wait.key, name=name)
        instance = self.running()
        missed = instance.fire(wait.key)
        if missed:
            fired.data["missed"] = missed
        instance.run()

    def watch(self, wait: Wait) -> None:
        """Let a task climb the ladder of its roles."""
        register, recording = self._register, self._recording
        escalation.watch_task(wait, recording.now, register.view, register.calendar, recording)

    def watch_again(self, keys: Collection[int]) -> None:
        """Tasks that somebody had claimed are open to everybody again."""
        for key in keys:
            self.watch(self._before[key])

    def reconcile(self) -> None:
        """Compare what the process waits for now with what it waited for before, and keep the difference.

        Raises:
            ProcessError: a task has come, or has changed, so that nobody may do it.
        """
        now_waiting = {wait.key: wait for wait in self._now()}
        moved = self._register.area != self._area_before
        for key, wait in self._before.items():
            if key not in now_waiting:
                self._leave(wait)
        for key, wait in now_waiting.items():
            before = self._before.get(key)
            if before is None:
                self._enter(wait)
            elif before.roles != wait.roles:
                self._hand_over(wait)
            elif before.due_at != wait.due_at or (moved and wait.kind == "task"):
                self._move(wait)

    def tell_stuck(self, in_charge: Callable[[], str | None]) -> None:
        """Tell of each place at which the process has come to wait for nothing; what goes on again is told no more.

        The place is an incident of the case, which a person has to mend: the model is wrong, and nothing that the
        process waits for can help. Whoever is in charge of the case is told.
        """
        now = self.instance.stuck if self.instance is not None and not self.instance.ended else ()
        recording = self._recording
        for element in self._stuck_before:
            if element not in now:
                recording.unplan(Ref.stuck(element.process_id, element.id))
        for element in now:
            if element in self._stuck_before:
                continue
            recording.note(Happening.STUCK, element.id, name=element.name)
            given = {"status": str(EntryStatus.INCIDENT), "error": waits_for_nothing(element)}
            recording.plan(Ref.stuck(element.process_id, element.id), recording.now, **given)
            about = {"element": element.id, "name": element.name}
            told = Notice(about=about, title=_STUCK, action="stuck", to=in_charge(), area=self._register.area)
            recording.tell(recording.next_ref(recording.revision), told)

    def look_whether_stuck(self, process: str, element: str) -> None:
        """Somebody has asked to look again at a place where the process waited for nothing.

        Raises:
            ProcessError: it still does.
        """
        for one in self._stuck_before:
            if (one.process_id, one.id) == (process, element):
                raise ProcessError(waits_for_nothing(one))

    def keep_due(self) -> None:
        """Let each open task know what is over next in its case, once no deadline changes any more in this step."""
        changes, due = self._recording.changes, self._register.next_due
        if due != self._due_before:
            kept = {row.key for row in changes.tasks}
            tasks = (wait for wait in self._now() if wait.kind == "task" and wait.key not in kept)
            changes.tasks += [self._row(wait, TaskStatus.OPEN) for wait in tasks]
        changes.tasks = [row._replace(next_due=min(row.due_at or FAR, due or FAR)) for row in changes.tasks]

    def _now(self) -> tuple[Wait, ...]:
        return self.instance.waits if self.instance is not None and not self.instance.ended else ()

    def _enter(self, wait: Wait) -> None:
        recording = self._recording
        if wait.kind == "task":
            self._require_somebody(wait)
            recording.changes.tasks.append(self._row(wait, TaskStatus.OPEN))
            recording.changes.opened.add(wait.key)
            recording.note(Happening.TASK_OPENED, wait.element.id, token=wait.key, name=wait.element.name)
            self.watch(wait)
        elif wait.kind == "external":
            payload = payload_of(wait.element, wait.key, wait.inputs)
            recording.deliver(Ref.call(wait.key), wait.topic or "", payload)
        elif wait.kind == "timer" and wait.deadline is not None:
            self._docket.timer_entered(wait.deadline, self._facts.values)
        elif wait.kind == "timer" and wait.due_at is not None:
            recording.plan(Ref.timer(wait.key), wait.due_at)

    def _hand_over(self, wait: Wait) -> None:
        """A task is for other roles now, because a fact from which they are computed has changed."""
        self._require_somebody(wait)
        self._recording.changes.tasks.append(self._row(wait, TaskStatus.OPEN))
        entries, name = [{"role": role} for role in wait.roles], wait.element.name
        self._recording.note(
            Happening.TASK_MOVED, wait.element.id, token=wait.key, name=name, entries=entries
        )

    def _require_somebody(self, wait: Wait) -> None:
        """Refuse a task that nobody could do, rather than let anybody do it."""
        element = wait.element
        where = f"{element.file}:{element.line}: {element.name} [{element.id}]"
        if wait.nobody or not (wait.roles or wait.assignee):
            empty = " and ".join(f"${{{text}}}" for text in wait.nobody) or "its candidateGroups"
            raise ProcessError(
                f"{where} would be for nobody: {empty} gives nothing on the facts of the case; set the fact before, or "
                "name a role in camunda:candidateGroups"
            )
        unknown = [role for role in wait.roles if role not in self._roles]
        if unknown:
            raise ProcessError(
                f"{where} is for {shown(unknown[0])}, which is no role; {suggestion(unknown[0], self._roles)}"
            )

    def _move(self, wait: Wait) -> None:
        """A task or timer has a new due date, or a task a new area, because a deadline or a fact has changed."""
        if wait.kind == "task":
            self._recording.changes.tasks.append(self._row(wait, TaskStatus.OPEN))
        elif wait.kind == "timer" and wait.deadline is None:
            self._recording.unplan(Ref.timer(wait.key))
            if wait.due_at is not None:
                self._recording.plan(Ref.timer(wait.key), wait.due_at)

    def _leave(self, wait: Wait) -> None:
        if wait.kind == "task":
            self._leave_task(wait)
        elif wait.kind == "external" and wait.key not in self._answered | self._failed:
            self.given_up.append(wait)
        elif wait.kind == "timer" and wait.deadline is not None:
            # One that has only now begun to wait, a loop for one, has a deadline of its own.
            others = [one for one in self._now() if one.key in self._before and one.kind == "timer"]
            if all(other.deadline != wait.deadline for other in others):
                done = wait.element.type == "boundaryEvent" and bool(self._answered)
                self._docket.timer_left(wait.deadline, done=done)
        elif wait.kind == "timer":
            self._recording.unplan(Ref.timer(wait.key))

    def _leave_task(self, wait: Wait) -> None:
        answered, recording = wait.key in self._answered, self._recording
        status = TaskStatus.COMPLETED if answered else TaskStatus.WITHDRAWN
        recording.changes.tasks.append(self._row(wait, status))
        view, today = self._register.view, china_date(recording.now)
        if view.unclaimed(wait.roles, today) is not None or view.claimed(wait.roles, today) is not None:
            recording.unplan(Ref.task(wait.key))
        if not answered:
            recording.note(Happening.TASK_WITHDRAWN, wait.element.id, token=wait.key, name=wait.element.name)

    def _row(self, wait: Wait, status: TaskStatus) -> TaskRow:
        still_open, recording = status is TaskStatus.OPEN, self._recording
        return TaskRow(
            case_id=recording.case_id,
            key=wait.key,
            process=wait.element.process_id,
            element=wait.element.id,
            name=wait.element.name,
            # What is done was done where the case was then.
            area=self._register.area if still_open else self._area_before,
            roles=kept_roles(wait.roles),
            assignee=wait.assignee,
            seat=wait.seat,
            form=wait.form,
            locals=plain(wait.locals),
            due_at=wait.due_at,
            status=str(status),
            opened_at=recording.now,
            finished_at=None if still_open else recording.now,
            finished_by=None if still_open else recording.actor,
            next_due=FAR,  # known once every deadline of the step is
            township=township_of(self._register.area if still_open else self._area_before),
        )
