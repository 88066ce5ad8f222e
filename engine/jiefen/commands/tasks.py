"""待办: listing, claiming and completing tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.catching_up import after_due_entries
from jiefen.areas import normalise_area
from jiefen.case.answers import task_answer
from jiefen.case.arguments import check_actor, check_choice, check_id, check_page, filters
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import task_seen
from jiefen.clock import china_date, china_minute
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.filters import require_role as require_known_role
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, Conflict, FactError, NotAllowed, NotFound
from jiefen.notation.texts import named, written
from jiefen.people.authority import Tests, disposers, refuse_recused, require_act, require_area, require_role
from jiefen.people.confidential import CONFIDENTIAL, refuse_accused
from jiefen.people.escalation import watch_claimed, watch_unclaimed
from jiefen.people.posts import posts_of
from jiefen.people.seats import take_seat
from jiefen.record.actor import Actor
from jiefen.record.kinds import Happening, TaskStatus
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow, DeadlineRow, roles_of
from jiefen.record.values import Case, Task
from jiefen.rules import Who
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
            seen=runtime.seen(connection),
        )
        return [task_seen(task_of(row), row) for row in rows]


def claim(runtime: Runtime, task_id: int, *, by: Actor, session: HostTransaction = None) -> Task:
    """Bind an open task to a person; claiming one's own task again changes nothing.

    Raises:
        NotFound, NotAllowed, AlreadyDone: as for :meth:`complete`.
        Conflict: somebody else has claimed it, or the actor is away today.
    """
    check_id(task_id, "task")
    check_actor(by)
    with runtime.writing(session) as connection:
        case, task, _ = _locked(runtime, connection, task_id, by.id)
        _may_work(runtime, connection, case, task, by)
        taken = task.assignee not in (None, by.id) and not _stands_in(runtime, connection, by, task.assignee)
        if not taken and task.assignee != by.id:
            _refuse_away(connection, task, by.id)
        if taken:
            raise Conflict(
                f"task {task_id} ({task.name}) is claimed by {task.assignee}; ask them to finish it or give it back",
                zh=f"待办 {task_id}({task.name})已由 {task.assignee} 签收;请其办结或者退回",
            )
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
        elif task.assignee != by.id:
            task = _give(runtime, connection, case, task, by.id, by, None)
        return task_of(task)


def release(
    runtime: Runtime, task_id: int, *, by: Actor, why: str | None = None, session: HostTransaction = None
) -> Task:
    """Give a claimed task back: it is open to everybody of its roles again, and pressed for like any unclaimed one.

    Who has claimed it may, and, where they do not do it, the head of the role, the level above it, or who gives out its
    tasks. A task that nobody has claimed stays as it is.

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
        case, task, deadlines = _locked(runtime, connection, task_id, by.id)
        _require_open(task)
        edition = runtime.edition_of(connection, case.edition)
        roles, what = roles_of(task.roles), f"giving back task {task_id} ({task.name})"
        _permit(runtime, edition, case, task, by, what)
        if task.assignee is None:
            return task_of(task)
        if task.assignee != by.id and reason is None:
            raise NotAllowed(
                f"{what} for {task.assignee} needs a reason; say why they do not do it",
                zh=f"代 {task.assignee} 退回待办须说明理由",
            )
        recording = recording_of(runtime, case, by)
        now = recording.now
        _refuse_named(runtime, connection, case, task, deadlines, by)
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
    runtime: Runtime,
    task_id: int,
    to: str | Actor,
    *,
    reason: str,
    by: Actor,
    session: HostTransaction = None,
) -> Task:
    """Give a task to a person, whoever has claimed it; it presses them from now on. They may have it already.

    Args:
        to: who is to do it; they must be able to claim it. Of a bare name the directory tells the posts; without a
            directory give an actor, with the posts that they hold.

    Raises:
        NotFound: there is no such task.
        AlreadyDone: it was completed or withdrawn before.
        NotAllowed: the actor is neither the head of the role, nor above it, nor gives out its tasks; or the person may
            not do the task.
        Conflict: the model gives the task to somebody, so nobody else could do it; or the person is away today.
        FactError: no person, or a bare name without a directory; or the reason says nothing.
    """
    check_id(task_id, "task")
    check_actor(by)
    person = check_actor(to).id if isinstance(to, Actor) else named(to, "person who is to do it")
    why = written(reason, "reason")
    with runtime.writing(session) as connection:
        case, task, deadlines = _locked(runtime, connection, task_id, person)
        _require_open(task)
        edition = runtime.edition_of(connection, case.edition)
        _permit(runtime, edition, case, task, by, f"giving task {task_id} ({task.name}) to {person}")
        who = to if isinstance(to, Actor) else _known(runtime, connection, edition, case, task, person)
        _may_work(runtime, connection, case, task, who, act="claim")
        if task.assignee != person:
            _refuse_named(runtime, connection, case, task, deadlines, by)
            _refuse_away(connection, task, person)
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
        Conflict: the actor is away today, and has not claimed it.
        FactError: a fact of the answer is unknown, out of its domain, or not one that the form asks for.
    """
    check_id(task_id, "task")
    check_actor(by)
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        case, task, deadlines = _locked(runtime, connection, task_id, by.id)
        _may_work(runtime, connection, case, task, by)
        if task.assignee not in (None, by.id) and not _stands_in(runtime, connection, by, task.assignee):
            raise NotAllowed(
                f"task {task_id} ({task.name}) is claimed by {task.assignee}; only they can complete it",
                zh=f"待办 {task_id}({task.name})已由 {task.assignee} 签收,只能由其办结",
            )
        if task.assignee != by.id:
            _refuse_away(connection, task, by.id)
        edition = runtime.edition_of(connection, case.edition)
        step = runtime.step(connection, case, deadlines, now, by.id)
        step = after_due_entries(runtime, connection, step)
        wait = step.waiting(task.key)
        given = task_answer(wait, answer, edition.rulebook.vocabulary)
        seats, roles = edition.processes.elements(task.process), edition.rulebook.roles
        taken = take_seat(wait.element, seats, step.facts(), given, by, roles, case.area, china_date(now))
        step.complete(wait, {**given, **taken}, Happening.TASK_COMPLETED, task.element, by)
        if task.assignee not in (None, by.id):
            done = next(one for one in step.recording.changes.journal if one.kind == Happening.TASK_COMPLETED)
            done.data["in_place_of"] = task.assignee
        return case_of(step.save(connection), edition, step.facts())


def _permit(
    runtime: Runtime,
    edition: Edition,
    case: CaseRow,
    task: Row[Any],
    by: Actor,
    what: str,
    *,
    act: str | None = None,
) -> None:
    """Let who may do what is being done to a task, by its row."""
    today = china_date(runtime.clock.now())
    tests: Tests = {
        Who.TASK: partial(_works, edition, case, task, what, today),
        Who.CLAIMER: partial(_has, edition, case, task, what, today),
        Who.DISPOSES: partial(_disposes, edition, case, task, what, today),
    }
    require_act(by, case.area, what, on=today, tests=tests, act=act)


def _works(edition: Edition, case: CaseRow, task: Row[Any], what: str, today: date, by: Actor) -> None:
    """Whoever holds a role of a task, or is the person to whom its model gives it."""
    if not task.roles and task.assignee == by.id:
        # The model names a person and no role.
        require_area(by, case.area, edition.rulebook.roles, what, on=today)
    else:
        require_role(by, roles_of(task.roles), case.area, edition.rulebook.roles, what, on=today)


def _has(edition: Edition, case: CaseRow, task: Row[Any], what: str, today: date, by: Actor) -> None:
    """Whoever has claimed a task; where nobody has, whoever can."""
    if task.assignee is None:
        _works(edition, case, task, what, today, by)
    elif task.assignee != by.id:
        raise NotAllowed(f"{what} is for {task.assignee}, who has it", zh=f"该待办由 {task.assignee} 办理")


def _disposes(edition: Edition, case: CaseRow, task: Row[Any], what: str, today: date, by: Actor) -> None:
    """The head of the roles of a task, the level above them, and who gives out their tasks."""
    roles = edition.rulebook.roles
    over = disposers(roles_of(task.roles), roles)
    if not over:
        names = " or ".join(roles_of(task.roles))
        has = f"{task.assignee}, who has it" if task.assignee is not None else "who claims it"
        raise NotAllowed(
            f"{what} is for {has}: the rules declare no office over {names or 'the person whom its model names'}",
            zh=f"该待办由 {task.assignee} 办理,规则中没有可以处置它的上级岗位"
            if task.assignee is not None
            else "该待办只能由经办人员自行签收,规则中没有可以处置它的上级岗位",
        )
    require_role(by, over, case.area, roles, what, on=today)


def _locked(
    runtime: Runtime, connection: Connection, task_id: int, person: str
) -> tuple[CaseRow, Any, list[DeadlineRow]]:
    """A task, its locked case with the open deadlines, and whether a person is away today.

    Raises:
        NotFound: there is no such task.
    """
    found = case_store.lock_task(connection, task_id, person, china_date(runtime.clock.now()))
    if found is None:
        raise _no_task(task_id)
    return found


def _known(
    runtime: Runtime, connection: Connection, edition: Edition, case: CaseRow, task: Row[Any], person: str
) -> Actor:
    """A person with the posts that the directory knows of them for a task."""
    directory = runtime.directory(connection)
    if directory is None:
        raise FactError(
            f"no directory tells which posts {person} holds; load one, or give an actor with them: "
            f"to=Actor({person!r}, posts=(HeldPost(role, area),))",
            zh=f"没有通讯录,无从得知 {person} 的岗位;请先载入通讯录,或者写明其岗位和属地",
        )
    today, roles = china_date(runtime.clock.now()), edition.rulebook.roles
    return Actor(person, posts=posts_of(directory, person, roles_of(task.roles), case.area, roles, today))


def _refuse_away(connection: Connection, task: Row[Any], person: str) -> None:
    """Give nothing to who is away; what they have claimed already they may still do."""
    if task.away is None:
        return
    row = absences.one(connection, task.away)
    assert row is not None
    raise Conflict(
        f"{person} is away from {row.since} through {row.until}, and {row.deputy} stands in (absence {row.id}): "
        f"task {task.id} ({task.name}) is not for them now; end the absence first (end_absence), or let another one "
        "do it",
        zh=f"{person} 自 {row.since} 至 {row.until} 外出,由 {row.deputy} 代理(代理编号 {row.id}),"
        f"现在不能办理待办 {task.id}({task.name});请先结束代理,或者交由他人办理",
    )


def _refuse_named(
    runtime: Runtime,
    connection: Connection,
    case: CaseRow,
    task: Row[Any],
    deadlines: list[DeadlineRow],
    by: Actor,
) -> None:
    """Take no task from the person to whom its model gives it."""
    if task.assignee is None:
        return
    step = runtime.step(connection, case, deadlines, runtime.clock.now(), by.id)
    if step.waiting(task.key).assignee is not None:
        raise Conflict(
            f"task {task.id} ({task.name}) is for {task.assignee} by its model, and nobody else could do it",
            zh=f"待办 {task.id}({task.name})按流程由 {task.assignee} 本人办理,不能退回或者改派",
        )


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


def _may_work(
    runtime: Runtime,
    connection: Connection,
    case: CaseRow,
    task: Row[Any],
    by: Actor,
    *,
    act: str | None = None,
) -> None:
    """Let somebody work on a task, as the row of what is being done says, or of another act."""
    _require_open(task)
    today = china_date(runtime.clock.now())
    refuse_recused(case, by.id)
    edition = runtime.edition_of(connection, case.edition)
    what = f"task {task.id} ({task.name})"
    _permit(runtime, edition, case, task, by, what, act=act)
    element = edition.processes.element(task.process, task.element)
    if CONFIDENTIAL in element.properties:
        refuse_accused(element, edition.rulebook.vocabulary.from_json(case.facts), by, what, on=today)


def _no_task(task_id: int) -> NotFound:
    return NotFound(
        f"there is no task {task_id}; list the open ones with `jiefen tasks` (tasks())",
        zh=f"没有待办 {task_id}",
    )
