"""待办: listing, claiming and completing tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.catching_up import after_due_entries
from jiefen.areas import normalise_area
from jiefen.case.answers import task_answer
from jiefen.case.arguments import check_actor, check_choice, check_id, check_page, filters
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date, china_minute
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.filters import require_role as require_known_role
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, Conflict, NotAllowed, NotFound
from jiefen.notation.texts import named, written
from jiefen.people.authority import refuse_recused, require_area, require_role
from jiefen.people.confidential import CONFIDENTIAL, refuse_accused
from jiefen.people.directory import Organisation
from jiefen.people.escalation import watch_claimed, watch_unclaimed
from jiefen.people.seats import take_seat
from jiefen.record.actor import Actor, HeldPost
from jiefen.record.kinds import Happening, TaskStatus
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow, roles_of
from jiefen.record.values import Case, Task
from jiefen.store import cases as case_store
from jiefen.store import reading
from jiefen.store.desk import absences
from jiefen.story.snapshots import case_of, task_of


def tasks(
    runtime: Runtime,
    *,
    role: str | None = None,
    area: str | None = None,
    case: int | None = None,
    assignee: str | None = None,
    status: str = TaskStatus.OPEN,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Task]:
    """Tasks in the order of their ids; page with ``after=tasks[-1].id``.

    Raises:
        UnknownValue: there is no such status, or no edition in use knows the role; the message names the nearest.
        FactError: an id, an area, a page or a filter that cannot be.
    """
    check_page(after, limit)
    filters(role=role, assignee=assignee)
    check_choice(status, "status of tasks", TaskStatus)
    within = normalise_area(area) if area is not None else None
    if case is not None:
        check_id(case, "case")
    with runtime.reading(session) as connection:
        require_known_role(runtime, connection, role)
        rows = reading.tasks(
            connection,
            status=status,
            role=role,
            area=within,
            case_id=case,
            assignee=assignee,
            after=after,
            limit=limit,
        )
        return [task_of(row) for row in rows]


def claim(runtime: Runtime, task_id: int, *, by: Actor, session: HostTransaction = None) -> Task:
    """Bind an open task to a person; claiming one's own task again changes nothing.

    Raises:
        NotFound, NotAllowed, AlreadyDone: as for :meth:`complete`.
        Conflict: somebody else has claimed it.
    """
    check_id(task_id, "task")
    check_actor(by)
    with runtime.writing(session) as connection:
        found = case_store.lock_task(connection, task_id)
        if found is None:
            raise _no_task(task_id)
        case, task, _ = found
        _may_work(runtime, connection, case, task, by)
        if task.assignee is None:
            recording = recording_of(runtime, case, by)
            recording.changes.claims[task.key] = by.id
            recording.note(Happening.TASK_CLAIMED, task.element, token=task.key, name=task.name)
            edition = runtime.edition_of(connection, case.edition)
            view, calendar = edition.view(case.area), edition.calendar_in(case.area)
            since = max(recording.now, task.due_at or recording.now)
            watch_claimed(task.key, roles_of(task.roles), by.id, since, view, calendar, recording)
            keep(connection, recording)
            task = reading.task(connection, task_id)
            assert task is not None
        elif task.assignee != by.id and not _stands_in(runtime, connection, by, task.assignee):
            raise Conflict(
                f"task {task_id} ({task.name}) is claimed by {task.assignee}; ask them to finish it or give it back",
                zh=f"待办 {task_id}({task.name})已由 {task.assignee} 签收;请其办结或者退回",
            )
        elif task.assignee != by.id:
            task = _give(runtime, connection, case, task, by.id, by, None)
        return task_of(task)


def release(
    runtime: Runtime, task_id: int, *, by: Actor, why: str | None = None, session: HostTransaction = None
) -> Task:
    """Give a claimed task back: it is open to everybody of its roles again, and pressed for like any unclaimed one.

    Who has claimed it may, and, where they are away, the head of the role or the level above it. A task that nobody has
    claimed stays as it is.

    Args:
        why: kept in the journal; needed from anybody but the claimer.

    Raises:
        NotFound: there is no such task.
        AlreadyDone: it was completed or withdrawn before.
        NotAllowed: somebody else has claimed it, and the actor is neither their head nor above them, or says no reason.
        Conflict: the model gives the task to this person, so nobody else could do it.
        FactError: the reason is too long.
    """
    check_id(task_id, "task")
    check_actor(by)
    reason = written(why, "reason") if why is not None else None
    with runtime.writing(session) as connection:
        found = case_store.lock_task(connection, task_id)
        if found is None:
            raise _no_task(task_id)
        case, task, _ = found
        _require_open(task)
        edition = runtime.edition_of(connection, case.edition)
        roles, what = roles_of(task.roles), f"giving back task {task_id} ({task.name})"
        if task.assignee is None:
            return task_of(task)
        if task.assignee != by.id:
            _require_over(runtime, edition, case, task, by, what)
            if reason is None:
                raise NotAllowed(
                    f"{what} for {task.assignee} needs a reason; say why they do not do it",
                    zh=f"代 {task.assignee} 退回待办须说明理由",
                )
        recording = recording_of(runtime, case, by)
        now = recording.now
        step = runtime.step(connection, case, found[2], now, by.id)
        if step.waiting(task.key).assignee is not None:
            raise Conflict(
                f"task {task_id} ({task.name}) is for {task.assignee} by its model, and nobody else could do it",
                zh=f"待办 {task_id}({task.name})按流程由 {task.assignee} 本人办理,不能退回",
            )
        recording.changes.claims[task.key] = None
        recording.note(
            Happening.TASK_RELEASED,
            task.element,
            token=task.key,
            name=task.name,
            claimer=task.assignee,
            reason=reason,
        )
        recording.unplan(Ref.task(task.key))
        view, calendar = edition.view(case.area), edition.calendar_in(case.area)
        watch_unclaimed(task.key, roles, now, view, calendar, recording)
        keep(connection, recording)
        task = reading.task(connection, task_id)
        assert task is not None
        return task_of(task)


def reassign(
    runtime: Runtime, task_id: int, to: str, *, reason: str, by: Actor, session: HostTransaction = None
) -> Task:
    """Give a task to a person, whoever has claimed it; it presses them from now on. They may have it already.

    Args:
        to: the host's name for the person. With a directory, they must hold a post for the task.

    Raises:
        NotFound: there is no such task.
        AlreadyDone: it was completed or withdrawn before.
        NotAllowed: the actor is neither the head of the role, nor above it; or the person may not do the task.
        FactError: no person, or the reason says nothing.
    """
    check_id(task_id, "task")
    check_actor(by)
    person, why = named(to, "person who is to do it"), written(reason, "reason")
    with runtime.writing(session) as connection:
        found = case_store.lock_task(connection, task_id)
        if found is None:
            raise _no_task(task_id)
        case, task, _ = found
        _require_open(task)
        edition = runtime.edition_of(connection, case.edition)
        _require_over(runtime, edition, case, task, by, f"giving task {task_id} ({task.name}) to {person}")
        refuse_recused(case, person)
        directory = runtime.directory(connection)
        if isinstance(directory, Organisation):
            posts = tuple(
                HeldPost(post.role, post.area, post.since, post.until)
                for post in directory.posts
                if post.holder == person
            )
            _may_work(runtime, connection, case, task, Actor(person, posts=posts))
        if task.assignee != person:
            task = _give(runtime, connection, case, task, person, by, why)
        return task_of(task)


def complete(
    runtime: Runtime, task_id: int, answer: Mapping[str, Any], *, by: Actor, session: HostTransaction = None
) -> Case:
    """Complete a task; the answer becomes facts of the case, and the case goes on.

    Raises:
        NotFound: there is no such task.
        AlreadyDone: it was completed or withdrawn before.
        NotAllowed: the actor holds none of its roles here, somebody else has claimed it, or they fill another seat of
            the same session.
        FactError: a fact of the answer is unknown, out of its domain, or not one that the form asks for.
    """
    check_id(task_id, "task")
    check_actor(by)
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        found = case_store.lock_task(connection, task_id)
        if found is None:
            raise _no_task(task_id)
        case, task, deadlines = found
        _may_work(runtime, connection, case, task, by)
        if task.assignee not in (None, by.id) and not _stands_in(runtime, connection, by, task.assignee):
            raise NotAllowed(
                f"task {task_id} ({task.name}) is claimed by {task.assignee}; only they can complete it",
                zh=f"待办 {task_id}({task.name})已由 {task.assignee} 签收,只能由其办结",
            )
        edition = runtime.edition_of(connection, case.edition)
        step = runtime.step(connection, case, deadlines, now, by.id)
        step = after_due_entries(runtime, connection, step)
        wait = step.waiting(task.key)
        given = task_answer(wait, answer, edition.rulebook.vocabulary)
        seats, roles = edition.processes.elements(task.process), edition.rulebook.roles
        taken = take_seat(wait.element, seats, step.facts(), given, by, roles, case.area, china_date(now))
        step.complete(wait, {**given, **taken}, Happening.TASK_COMPLETED, task.element, by)
        return case_of(step.save(connection), edition, step.facts())


def _require_over(
    runtime: Runtime, edition: Edition, case: CaseRow, task: Row[Any], by: Actor, what: str
) -> None:
    """Let nobody dispose of a task but the head of its roles and the level above them."""
    roles = edition.rulebook.roles
    known = [roles[role] for role in roles_of(task.roles) if role in roles]
    over = tuple({one for role in known for one in (role.head, role.above) if one is not None})
    if not over:
        raise NotAllowed(
            f"{what} is for {task.assignee}, who has claimed it; no role stands over them",
            zh=f"该待办已由 {task.assignee} 签收,规则中没有其上级岗位",
        )
    require_role(by, over, case.area, roles, what, on=china_date(runtime.clock.now()))


def _stands_in(runtime: Runtime, connection: Connection, by: Actor, person: str) -> bool:
    return absences.stands_in(connection, by.id, person, china_date(runtime.clock.now()))


def _give(
    runtime: Runtime,
    connection: Connection,
    case: CaseRow,
    task: Row[Any],
    person: str,
    by: Actor,
    reason: str | None,
) -> Any:
    """Bind a task to a person, and let it press them from now on."""
    recording = recording_of(runtime, case, by)
    recording.changes.claims[task.key] = person
    told = {"token": task.key, "name": task.name, "claimer": task.assignee, "to": person, "reason": reason}
    recording.note(Happening.TASK_REASSIGNED, task.element, **told)
    recording.unplan(Ref.task(task.key))
    edition = runtime.edition_of(connection, case.edition)
    view, calendar = edition.view(case.area), edition.calendar_in(case.area)
    since = max(recording.now, task.due_at or recording.now)
    watch_claimed(task.key, roles_of(task.roles), person, since, view, calendar, recording)
    keep(connection, recording)
    return reading.task(connection, task.id)


def _require_open(task: Row[Any]) -> None:
    if task.status != TaskStatus.OPEN:
        when = china_minute(task.finished_at) if task.finished_at else "before"
        done = {TaskStatus.COMPLETED: "已由 {} 办结", TaskStatus.WITHDRAWN: "已撤回({})"}[
            TaskStatus(task.status)
        ]
        raise AlreadyDone(
            f"task {task.id} ({task.name}) was {task.status} at {when} by {task.finished_by}",
            zh=f"待办 {task.id}({task.name})于 {when} {done.format(task.finished_by)}",
        )


def _may_work(runtime: Runtime, connection: Connection, case: CaseRow, task: Row[Any], by: Actor) -> None:
    _require_open(task)
    today = china_date(runtime.clock.now())
    refuse_recused(case, by.id)
    edition = runtime.edition_of(connection, case.edition)
    what = f"task {task.id} ({task.name})"
    if not task.roles and task.assignee == by.id:
        # The model names a person and no role.
        require_area(by, case.area, what, on=today)
    else:
        require_role(by, roles_of(task.roles), case.area, edition.rulebook.roles, what, on=today)
    element = edition.processes.element(task.process, task.element)
    if CONFIDENTIAL in element.properties:
        refuse_accused(element, edition.rulebook.vocabulary.from_json(case.facts), by, what)


def _no_task(task_id: int) -> NotFound:
    return NotFound(
        f"there is no task {task_id}; list the open ones with `jiefen tasks` (tasks())",
        zh=f"没有待办 {task_id}",
    )
