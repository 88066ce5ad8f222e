"""The engine: one method, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from sqlalchemy.engine import Connection, Row

from jiefen.agenda import deliveries
from jiefen.agenda import sweep as agenda
from jiefen.agenda.routines import Duties
from jiefen.areas import normalise_area
from jiefen.case.arguments import a_key, a_page, an_actor, an_id, facts_set_by, filters
from jiefen.case.runtime import Runtime
from jiefen.clock import Clock, SystemClock
from jiefen.commands.deadlines import DeadlineActs
from jiefen.commands.people import Oversight, refuse_recused
from jiefen.edition.edition import Edition, load_edition
from jiefen.errors import AlreadyDone, Conflict, FactError, NotAllowed, NotFound
from jiefen.outside.adapter import Adapter
from jiefen.people.authority import require_role
from jiefen.people.directory import Directory, usable
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, Happening, Lane, TaskStatus
from jiefen.record.values import Answer, Case, Deadline, Delivery, Entry, Incident, Lag, Swept, Task
from jiefen.store import agenda as agenda_store
from jiefen.store import cases as case_store
from jiefen.store import reading
from jiefen.store.database import open_database
from jiefen.store.migrate import prepare
from jiefen.story.explain import Explanation, earliest_right, explain
from jiefen.story.snapshots import case_of, deadline_of, entry_of, incident_of, task_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

HostTransaction: TypeAlias = "Session | Connection | None"


class Engine(DeadlineActs, Oversight):
    """Opens cases, hands out tasks, takes answers and messages, and does what is due.

    Every method that writes is one transaction of its own. With ``session=`` (a SQLAlchemy ``Session`` or
    ``Connection`` on the same database) it works inside the host's transaction instead: it never commits it, never
    rolls it back and never retries in it. An engine may be used from several threads.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        #: Reception days, meetings, patrols: kept per area, each occurrence leaves a list.
        self.duties = Duties(runtime)

    @classmethod
    def open(
        cls,
        url: str = "sqlite:///jiefen.db",
        *,
        processes: Path | str | None = None,
        rules: Path | str | None = None,
        clock: Clock | None = None,
        adapters: Mapping[str, Adapter] | None = None,
        directory: Directory | None = None,
        migrate: bool = True,
    ) -> Self:
        """Open a database and an edition.

        Args:
            url: ``sqlite:///file`` or ``postgresql+psycopg://…``; an SQLite file in this folder when absent.
            processes, rules: folders of an edition; the bundled ones when absent.
            adapters: what carries the deliveries of each topic.
            directory: who holds which post; the one loaded by :meth:`load_directory`, if any, when absent.
            migrate: create or update the tables; when false, tables of another version are an error.

        Raises:
            DatabaseError: the database cannot be used.
            DefinitionError: the edition is broken; nothing is opened.
            JiefenError: ``directory`` cannot be asked.
        """
        if directory is not None:
            usable(directory)
        edition = load_edition(_path(processes), _path(rules))
        database = open_database(url)
        try:
            prepare(database, migrate=migrate)
            return cls(Runtime(database, edition, clock or SystemClock(), adapters or {}, directory))
        except BaseException:
            database.dispose()
            raise

    def close(self) -> None:
        """Give the database connections back; stop schedulers first. Closing it again does nothing."""
        self._runtime.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def edition(self) -> Edition:
        """The edition that new cases run on."""
        return self._runtime.edition

    def directory(self, *, session: HostTransaction = None) -> Directory | None:
        """Who holds which post: the directory given to :meth:`open`, else the one loaded last; ``None`` without one."""
        with self._runtime.reading(session) as connection:
            return self._runtime.directory(connection)

    def load_edition(self, processes: Path | str | None = None, rules: Path | str | None = None) -> Edition:
        """Load an edition and open new cases on it from now on. A broken one changes nothing.

        Raises:
            DefinitionError: with every finding.
        """
        edition = load_edition(_path(processes), _path(rules))
        self._runtime.adopt(edition)
        return edition

    # --- cases --------------------------------------------------------------------------------------------------

    def open_case(
        self,
        process: str,
        facts: Mapping[str, Any],
        *,
        key: str,
        by: Actor,
        session: HostTransaction = None,
    ) -> Case:
        """Open a case. A ``key`` that exists already gives that case back and changes nothing.

        Raises:
            NotFound: there is no such process.
            FactError: a fact is unknown, out of its domain, or not one that intake may set; or the key is none.
            Conflict: the key is that of a case of another process.
        """
        a_key(key, "key of a case")
        an_actor(by)
        runtime, edition = self._runtime, self._runtime.edition
        try:
            given, area = self._intake(process, facts, edition)
        except (NotFound, FactError):
            # The case may be there since an edition that knew this process and these facts.
            with runtime.reading(session) as connection:
                existing = case_store.case_with_key(connection, key)
                if existing is None:
                    raise
                return self._opened_before(connection, existing, process, key)
        now = runtime.clock.now()
        with runtime.writing(session) as connection:
            case_id = case_store.insert_case(
                connection,
                {
                    "key": key,
                    "process": process,
                    "edition": edition.digest,
                    "status": str(CaseStatus.OPEN),
                    "area": area,
                    "opened_at": now,
                    "updated_at": now,
                    "revision": 0,
                    "facts": {},
                },
            )
            if case_id is None:
                existing = case_store.case_with_key(connection, key)
                if existing is None:
                    raise Conflict(f"a case with key {key!r} is being opened by somebody else; try again")
                return self._opened_before(connection, existing, process, key)
            row = case_store.lock_case(connection, case_id)
            assert row is not None
            step = runtime.step(connection, row, (), now, by.id)
            step.open(process, given, lambda same, since: case_store.alike(connection, same, since))
            return case_of(step.save(connection), edition, step.facts())

    def case(self, case_id: int, *, session: HostTransaction = None) -> Case:
        """One case.

        Raises:
            NotFound: there is none with this id.
        """
        an_id(case_id, "case")
        with self._runtime.reading(session) as connection:
            return self._case(connection, case_id)

    def cases(
        self,
        *,
        status: str | None = None,
        area: str | None = None,
        stage: str | None = None,
        level: str | None = None,
        colour: str | None = None,
        dispute_type: str | None = None,
        outcome: str | None = None,
        process: str | None = None,
        key: str | None = None,
        leader: str | None = None,
        after: int = 0,
        limit: int = 100,
        session: HostTransaction = None,
    ) -> list[Case]:
        """Cases in the order of their ids. ``area`` includes what lies inside it; page with ``after=cases[-1].id``."""
        a_page(after, limit)
        given = {
            "status": status, "stage": stage, "level": level, "colour": colour, "dispute_type": dispute_type,
            "outcome": outcome, "process": process, "key": key, "leader": leader,
        }  # fmt: skip
        filters(**given)
        wanted = {name: value for name, value in given.items() if value is not None}
        with self._runtime.reading(session) as connection:
            rows = reading.cases(connection, wanted, _area(area), after, limit)
            return [case_of(row, self._runtime.edition_of(connection, row.edition)) for row in rows]

    def deadlines(self, case_id: int, *, session: HostTransaction = None) -> list[Deadline]:
        """Every deadline the case has or had, oldest first; the duties of organs and the rights of parties."""
        an_id(case_id, "case")
        now = self._runtime.clock.now()
        with self._runtime.reading(session) as connection:
            case = self._row(connection, case_id)
            return self._deadlines(connection, case, now)

    def history(
        self, case_id: int, *, after: int = 0, limit: int = 1000, session: HostTransaction = None
    ) -> list[Entry]:
        """The journal of a case in order; page with ``after=entries[-1].id``.

        Raises:
            NotFound: there is no such case.
        """
        an_id(case_id, "case")
        a_page(after, limit)
        with self._runtime.reading(session) as connection:
            self._row(connection, case_id)
            return [entry_of(row) for row in reading.journal(connection, case_id, after, limit)]

    def explain(self, case_id: int, *, session: HostTransaction = None) -> Explanation:
        """Why the case went where it went, and why each date is what it is: rule, version, article.

        Raises:
            NotFound: there is no such case.
        """
        an_id(case_id, "case")
        now = self._runtime.clock.now()
        with self._runtime.reading(session) as connection:
            row = self._row(connection, case_id)
            case = case_of(row, self._runtime.edition_of(connection, row.edition))
            journal = [entry_of(item) for item in self._whole_journal(connection, case_id)]
            deadlines = self._deadlines(connection, row, now)
            return explain(case, journal, deadlines, partial(self._runtime.edition_of, connection), now)

    # --- tasks --------------------------------------------------------------------------------------------------

    def tasks(
        self,
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
        """Tasks in the order of their ids; page with ``after=tasks[-1].id``."""
        a_page(after, limit)
        filters(role=role, assignee=assignee, status=status)
        if case is not None:
            an_id(case, "case")
        with self._runtime.reading(session) as connection:
            rows = reading.tasks(
                connection,
                status=status,
                role=role,
                area=_area(area),
                case_id=case,
                assignee=assignee,
                after=after,
                limit=limit,
            )
            return [task_of(row) for row in rows]

    def claim(self, task_id: int, *, by: Actor, session: HostTransaction = None) -> Task:
        """Bind an open task to a person; claiming one's own task again changes nothing.

        Raises:
            NotFound, NotAllowed, AlreadyDone: as for :meth:`complete`.
            Conflict: somebody else has claimed it.
        """
        an_id(task_id, "task")
        an_actor(by)
        runtime = self._runtime
        with runtime.writing(session) as connection:
            case = case_store.lock_case_of_task(connection, task_id)
            task = reading.task(connection, task_id)
            if case is None or task is None:
                raise _no_task(task_id)
            self._may_work(connection, case, task, by)
            if task.assignee != by.id:
                if not reading.assign(connection, task_id, by.id):
                    raise Conflict(
                        f"task {task_id} ({task.name}) is claimed by {task.assignee}; ask them to finish it"
                    )
                row = {
                    "case_id": case.id, "at": runtime.clock.now(), "actor": by.id,
                    "kind": str(Happening.TASK_CLAIMED), "subject": task.element,
                    "data": {"token": task.key, "name": task.name},
                }  # fmt: skip
                reading.write_journal(connection, row)
                agenda_store.remove(connection, case.id, "task", str(task.key))
                task = reading.task(connection, task_id)
                assert task is not None
            return task_of(task)

    def complete(
        self, task_id: int, answer: Mapping[str, Any], *, by: Actor, session: HostTransaction = None
    ) -> Case:
        """Complete a task; the answer becomes facts of the case, and the case goes on.

        Raises:
            NotFound: there is no such task.
            AlreadyDone: it was completed or withdrawn before.
            NotAllowed: the actor holds none of its roles here, or somebody else has claimed it.
            FactError: a fact of the answer is unknown, out of its domain, or not for people to set.
        """
        an_id(task_id, "task")
        an_actor(by)
        runtime = self._runtime
        now = runtime.clock.now()
        with runtime.writing(session) as connection:
            case = case_store.lock_case_of_task(connection, task_id)
            if case is None:
                raise _no_task(task_id)
            task, deadlines = case_store.task_and_open_deadlines(connection, task_id)
            self._may_work(connection, case, task, by)
            if task.assignee is not None and task.assignee != by.id:
                raise NotAllowed(
                    f"task {task_id} ({task.name}) is claimed by {task.assignee}; only they can complete it"
                )
            edition = runtime.edition_of(connection, case.edition)
            step = runtime.step(connection, case, deadlines, now, by.id)
            step = agenda.caught_up(runtime, connection, step)
            wait = step.waiting(task.key)
            vocabulary = edition.rulebook.vocabulary
            given = answer if wait.mapped else facts_set_by(answer, vocabulary, ("form",))
            step.complete(wait, given, Happening.TASK_COMPLETED, task.element)
            return case_of(step.save(connection), edition, step.facts())

    # --- deadlines ------------------------------------------------------------------------------------------------

    def earliest_right(self, case_id: int, *, session: HostTransaction = None) -> Deadline | None:
        """The right of a party that is lost first, whatever stage the case is in; ``None`` when none runs.

        Raises:
            NotFound: there is no such case.
        """
        now = self._runtime.clock.now()
        return earliest_right(self.deadlines(case_id, session=session), now)

    # --- messages and deliveries ----------------------------------------------------------------------------------

    def message(
        self,
        name: str,
        *,
        case: int,
        key: str,
        facts: Mapping[str, Any] | None = None,
        by: Actor | None = None,
        session: HostTransaction = None,
    ) -> bool:
        """Take a message from outside for a case. The same ``key`` twice is once.

        Its facts become facts of the case whether or not the process waits for it. Returns whether it did;
        ``False`` also when the message came before.

        Raises:
            NotFound: there is no such case, or no process and no fact of its edition knows a message of that name.
            FactError: a fact is unknown, out of its domain, or not for messages to set; or the key is none.
        """
        a_key(name, "name of a message")
        a_key(key, "key of a message")
        an_id(case, "case")
        if by is not None:
            an_actor(by)
        runtime = self._runtime
        now = runtime.clock.now()
        with runtime.writing(session) as connection:
            row = case_store.lock_case(connection, case)
            if row is None:
                raise _no_case(case)
            deadlines, seen = case_store.deadlines_and_message(connection, case, key)
            if seen:
                return False
            edition = runtime.edition_of(connection, row.edition)
            edition.require_message(name)
            vocabulary = edition.rulebook.vocabulary
            given = facts_set_by(facts or {}, vocabulary, ("message", f"message:{name}"))
            step = runtime.step(connection, row, deadlines, now, by.id if by else f"message:{name}"[:200])
            step = agenda.caught_up(runtime, connection, step)
            caught = step.message(name, given, key)
            step.save(connection)
            return caught

    def deliveries(
        self, *, status: str = "parked", after: int = 0, limit: int = 100, session: HostTransaction = None
    ) -> list[Delivery]:
        """Deliveries of one status (``pending``, ``parked``, ``sent``, ``incident``) in the order of their ids."""
        a_page(after, limit)
        filters(status=status)
        with self._runtime.reading(session) as connection:
            rows = agenda_store.entries(connection, status, "delivery", after, limit)
            return [deliveries.delivery_of(row) for row in rows]

    def answer(self, delivery_id: int, answer: Answer, *, session: HostTransaction = None) -> None:
        """Take the answer of an outside system to a delivery.

        Raises:
            NotFound: it was answered before, or what waited for it has gone.
        """
        an_id(delivery_id, "delivery")
        deliveries.receive(self._runtime, delivery_id, answer, session)

    # --- the clock --------------------------------------------------------------------------------------------------

    def sweep(
        self,
        *,
        limit: int = 10_000,
        session: HostTransaction = None,
        lane: Lane | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Swept:
        """Do what is due now, oldest first.

        Timers, warnings, expiries and duties come first, at most ``limit`` of them; then deliveries, at most as many.
        With ``session``, deliveries are left for a sweep without it: nothing outside is called inside a transaction.

        Args:
            lane: only ``Lane.CLOCK`` or only ``Lane.DELIVERIES``, so that a slow outside system holds up no deadline.
            stop: asked before each entry; the sweep ends when it says so.
        """
        a_page(0, limit)
        if lane is not None and lane not in tuple(Lane):
            raise FactError(f"there is no lane {lane!r} of the agenda; it has {', '.join(Lane)}")
        lane = Lane(lane) if lane is not None else None
        swept = agenda.sweep(self._runtime, limit=limit, session=session, lane=lane, stop=stop)
        if session is None and lane is not Lane.CLOCK:
            deliveries.collect(self, self._runtime.adapters, stop)
        return swept

    @property
    def topics(self) -> frozenset[str]:
        """The topics whose deliveries an adapter carries here."""
        return frozenset(self._runtime.adapters)

    def incidents(
        self, *, after: int = 0, limit: int = 100, session: HostTransaction = None
    ) -> list[Incident]:
        """What failed too often and waits for a person."""
        a_page(after, limit)
        with self._runtime.reading(session) as connection:
            return [
                incident_of(row) for row in agenda_store.entries(connection, "incident", None, after, limit)
            ]

    def lag(self, *, session: HostTransaction = None) -> Lag:
        """How far behind the agenda is; for a monitor."""
        now = self._runtime.clock.now()
        with self._runtime.reading(session) as connection:
            row = agenda_store.lag(connection, now)
        oldest = [at for at in (row["clock_since"], row["deliveries_since"]) if at is not None]
        behind = now - min(oldest, default=now)
        return Lag(due=row["due"], behind=behind, failing=row["failing"], incidents=row["incidents"])

    def resolve(self, incident_id: int, *, session: HostTransaction = None) -> None:
        """Look again whether what failed still does: do it now. An incident that goes well is over.

        Raises:
            NotFound: there is no such incident.
            Conflict: it still fails; the message has the error, and the incident stays.
            NotAllowed: a delivery inside the host's transaction.
        """
        an_id(incident_id, "incident")
        agenda.resolve(self._runtime, incident_id, session)

    def retry(self, incident_id: int, *, session: HostTransaction = None) -> None:
        """Put an incident back on the agenda, due now.

        Raises:
            NotFound: there is no such incident.
        """
        an_id(incident_id, "incident")
        runtime = self._runtime
        with runtime.writing(session) as connection:
            row = agenda_store.entry(connection, incident_id)
            if row is None or row.status != "incident":
                raise NotFound(
                    f"there is no incident {incident_id}; list them with `jiefen incidents` (incidents())"
                )
            agenda_store.put_off(connection, incident_id, next_try_at=runtime.clock.now(), attempts=0)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _intake(
        self, process: str, facts: Mapping[str, Any], edition: Edition
    ) -> tuple[dict[str, object], str | None]:
        """What a new case of that process begins with: its facts and its area."""
        filters(process=process)
        edition.processes.require(process)
        given = facts_set_by(facts, edition.rulebook.vocabulary, ("intake",))
        area = given.get("area")
        return given, normalise_area(area) if isinstance(area, str) else None

    def _opened_before(self, connection: Connection, case_id: int, process: str, key: str) -> Case:
        case = self._case(connection, case_id)
        if case.process != process:
            raise Conflict(
                f"the key {key!r} is that of case {case.id}, a {case.process}; give a {process} a key of its own"
            )
        return case

    def _row(self, connection: Connection, case_id: int) -> Row[Any]:
        row = reading.case(connection, case_id)
        if row is None:
            raise _no_case(case_id)
        return row

    def _case(self, connection: Connection, case_id: int) -> Case:
        row = self._row(connection, case_id)
        return case_of(row, self._runtime.edition_of(connection, row.edition))

    def _deadlines(self, connection: Connection, case: Row[Any], now: datetime) -> list[Deadline]:
        rows, rulebook_of = reading.deadlines(connection, case.id), self._runtime.rulebook_of
        return [deadline_of(row, rulebook_of(connection, row.edition), case.area, now) for row in rows]

    def _whole_journal(self, connection: Connection, case_id: int) -> Iterator[Row[Any]]:
        after = 0
        while rows := reading.journal(connection, case_id, after, 1000):
            yield from rows
            after = rows[-1].id

    def _may_work(self, connection: Connection, case: Row[Any], task: Row[Any], by: Actor) -> None:
        if task.status != TaskStatus.OPEN:
            when = task.finished_at.isoformat(timespec="minutes") if task.finished_at else "before"
            raise AlreadyDone(
                f"task {task.id} ({task.name}) was {task.status} at {when} by {task.finished_by}"
            )
        refuse_recused(case, by.id)
        roles = [role for role in task.roles.split("|") if role]
        known = self._runtime.edition_of(connection, case.edition).rulebook.roles
        require_role(by, roles, case.area, known, f"task {task.id} ({task.name})")


def _path(folder: Path | str | None) -> Path | None:
    return Path(folder) if folder is not None else None


def _area(code: str | None) -> str | None:
    return normalise_area(code) if code is not None else None


def _no_case(case_id: int) -> NotFound:
    return NotFound(
        f"there is no case {case_id}; list them with `jiefen cases` (cases()), or look one up by its key"
    )


def _no_task(task_id: int) -> NotFound:
    return NotFound(f"there is no task {task_id}; list the open ones with `jiefen tasks` (tasks())")
