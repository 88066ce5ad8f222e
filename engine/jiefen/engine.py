"""The engine: a runtime, and the calls that work with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

from jiefen.agenda import deliveries as carrying
from jiefen.audit.auditing import Audit
from jiefen.case.runtime import HostTransaction, Runtime, open_runtime
from jiefen.clock import Clock
from jiefen.commands import cases as on_cases
from jiefen.commands import clock as on_clock
from jiefen.commands import deadlines as on_deadlines
from jiefen.commands import messages as on_messages
from jiefen.commands import people as on_people
from jiefen.commands import recompute as on_rules
from jiefen.commands import tasks as on_tasks
from jiefen.commands.binding import act_of, call_of
from jiefen.commands.routines import Routines
from jiefen.counter import ratings as on_ratings
from jiefen.counter import status as on_status
from jiefen.counter.appointments import Appointments
from jiefen.counter.attachments import Attachments
from jiefen.counter.checklists import Checklists
from jiefen.counter.notes import Notes
from jiefen.desk import absences as on_absences
from jiefen.desk import corrections as on_corrections
from jiefen.desk import dispatches as on_dispatches
from jiefen.desk import intake as on_intake
from jiefen.desk import links as on_links
from jiefen.desk import opening as on_opening
from jiefen.desk import whistles as on_whistles
from jiefen.desk.calls import Calls
from jiefen.desk.grades import Grades
from jiefen.desk.outside import Outside
from jiefen.desk.oversight import closing_dates as on_closing_dates
from jiefen.desk.oversight import leading as on_leading
from jiefen.desk.oversight import supervising as on_supervising
from jiefen.desk.parties import Parties
from jiefen.desk.pending import Pending
from jiefen.desk.retention.records import Records
from jiefen.desk.retention.reporters import Reporters
from jiefen.desk.whole import closing as on_closing
from jiefen.desk.whole import parts as on_parts
from jiefen.desk.whole import reopening as on_reopening
from jiefen.documents.documents import Documents
from jiefen.edition.edition import Edition
from jiefen.outside.adapter import Adapter
from jiefen.outside.files import Files
from jiefen.outside.keys import Keys
from jiefen.people.directory import Directory
from jiefen.queries import dues as on_dues
from jiefen.queries import feed as on_feed
from jiefen.queries import figures as on_figures
from jiefen.queries import listening as on_listening
from jiefen.queries import petitions as on_petitions
from jiefen.queries import refusals as on_refusals
from jiefen.queries import search as on_search
from jiefen.queries import worklist as on_worklist
from jiefen.reading import reader as on_reader
from jiefen.reading.diaries import Diaries
from jiefen.record.kinds import Lane
from jiefen.record.values import Swept
from jiefen.store.connecting.database import Connecting, Pooling

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine as SqlEngine


class Engine:
    """Opens cases, hands out tasks, takes answers and messages, and does what is due.

    Every method that writes is one transaction of its own. With ``session=`` (a SQLAlchemy ``Session`` or
    ``Connection`` on the same database) it works inside the host's transaction instead: it never commits it, never
    rolls it back and never retries in it. An engine may be used from several threads.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        #: Reception days, meetings, patrols: kept per area, each occurrence leaves a list.
        self.routines = Routines(runtime)
        #: What the leaders of cases plan and report, and what is decided about them.
        self.leading = on_leading.Leading(runtime)
        #: How closely cases are kept, and who may read one that is.
        self.grades = Grades(runtime)
        #: Who a case is about, and who speaks for them.
        self.parties = Parties(runtime)
        #: What the office writes for itself about a case.
        self.notes = Notes(runtime)
        #: Papers, pictures and recordings of cases.
        self.attachments = Attachments(runtime)
        #: Letters, agreements and records of cases, and on whom they were served.
        self.documents = Documents(runtime)
        #: When officials meet the people of cases.
        self.appointments = Appointments(runtime)
        #: Under which keys the database is kept; and who has reported, kept apart.
        self.records, self.reporters = Records(runtime), Reporters(runtime)
        #: What the rules want ticked at visits, or once in a case.
        self.checklists = Checklists(runtime)
        #: What is on for persons and offices, for their calendars.
        self.diaries = Diaries(runtime)
        #: What goes to outside systems: cancelled, tried again, and what they say of it.
        self.outside = Outside(runtime)
        #: What one person has asked for and another one has to agree to.
        self.pending = Pending(runtime, self)
        #: Whether what is kept is what happened; and what came over a network, so that it happens once.
        self.audit, self.calls = Audit(runtime), Calls(runtime)

    @classmethod
    def open(
        cls,
        url: str | None = None,
        *,
        engine: SqlEngine | None = None,
        processes: Path | str | None = None,
        rules: Path | str | None = None,
        clock: Clock | None = None,
        adapters: Mapping[str, Adapter] | None = None,
        directory: Directory | None = None,
        files: Files | None = None,
        keys: Keys | None = None,
        migrate: bool = True,
        program: str = "host",
        **how: Unpack[Pooling],
    ) -> Self:
        """Open a database and an edition.

        Args:
            url: ``sqlite:///file`` or ``postgresql+psycopg://…``; the file ``jiefen.db`` in this folder when absent.
            engine: an ``Engine`` of SQLAlchemy to share instead; its pool, and closing it, stay the host's. The
                settings of pools, ``connect_args`` and ``pooler`` are not used then.
            processes, rules: folders of an edition; the bundled ones when absent.
            adapters: what carries the deliveries of each topic.
            directory: who holds which post; the one loaded by :meth:`load_directory`, if any, when absent.
            files: where attachments lie, for example :class:`~jiefen.FolderFiles`; in the database when absent.
            keys: what holds the master keys, for example :class:`~jiefen.FileKeys`: what is known of people is
                encrypted then, and only who has the keys can open the database; when absent nothing is.
            program: the name of yours, for the journal: ``program:NAME`` does what is called without ``by``.
            migrate: create or update the tables; when false, tables of another version are an error. Where another
                process is just doing it, it is waited for.
            pool_size, max_overflow, pool_timeout: of SQLAlchemy's pool, the time in seconds. There are two such pools,
                one to write with and one to read with: reading never waits for writers that wait for a lock.
            lock_timeout: seconds for which a lock on a case, or on an SQLite file, is waited for.
            connect_args: handed to the driver.
            pooler: ``"transaction"`` behind a pooler that gives every transaction another session (PgBouncer).

        Raises:
            DatabaseError: the database cannot be used, or both ``url`` and ``engine`` are given.
            DefinitionError: the edition is broken; nothing is opened.
            FactError: an argument is of the wrong kind.
            JiefenError: ``directory`` cannot be asked.
            KeysError: the database is encrypted by other keys, or by keys and there are none.
        """
        runtime = open_runtime(
            url, engine, processes, rules, clock, adapters, directory, files, Connecting(**how),
            migrate=migrate, keys=keys, program=program,
        )  # fmt: skip
        runtime.adapters[on_dispatches.PROGRESS] = on_dispatches.Progress(runtime)
        runtime.adapters |= dict.fromkeys(on_whistles.TOPICS, on_whistles.Whistling(runtime))
        return cls(runtime)

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

    as_ = call_of(on_reader.as_)

    # --- cases --------------------------------------------------------------------------------------------------
    open_case = act_of(on_opening.open_case)
    case = call_of(on_cases.case)
    cases = call_of(on_cases.cases)
    history = call_of(on_cases.history)
    explain = call_of(on_cases.explain)
    open_questions = call_of(on_cases.open_questions)

    # --- tasks --------------------------------------------------------------------------------------------------
    tasks = call_of(on_tasks.tasks)
    claim = act_of(on_tasks.claim)
    release = act_of(on_tasks.release)
    complete = act_of(on_tasks.complete)
    reassign = act_of(on_tasks.reassign)
    delegate = act_of(on_absences.delegate)
    absences = call_of(on_absences.absences)
    end_absence = act_of(on_absences.end_absence)
    task = call_of(on_worklist.task)
    worklist = call_of(on_worklist.worklist)
    workload = call_of(on_worklist.workload)
    search = call_of(on_search.search)
    deadlines_due = call_of(on_dues.deadlines_due)
    feed = call_of(on_feed.feed)
    on = call_of(on_listening.on)
    acknowledge = call_of(on_feed.acknowledge)
    figures = call_of(on_figures.figures)
    figure_cases = call_of(on_figures.figure_cases)
    petition_report = call_of(on_petitions.petition_report)

    # --- deadlines ----------------------------------------------------------------------------------------------
    deadlines = call_of(on_deadlines.deadlines)
    earliest_right = call_of(on_deadlines.earliest_right)
    extend = act_of(on_deadlines.extend)
    suspend = act_of(on_deadlines.suspend)
    resume = act_of(on_deadlines.resume)
    interrupt = act_of(on_deadlines.interrupt)
    correct_anchor = act_of(on_deadlines.correct_anchor)
    milestone = act_of(on_deadlines.milestone)
    recompute = act_of(on_rules.recompute)
    load_edition = act_of(on_rules.load_edition)

    # --- people -------------------------------------------------------------------------------------------------
    directory = call_of(on_people.directory)
    load_directory = act_of(on_people.load_directory)
    supervisions = call_of(on_people.supervisions)
    answer_supervision = act_of(on_people.answer_supervision)
    supervise = act_of(on_supervising.supervise)
    check_answer = act_of(on_supervising.check_answer)
    withdraw_supervision = act_of(on_supervising.withdraw_supervision)
    bind_leader = act_of(on_leading.bind_leader)
    log_contact = act_of(on_people.log_contact)
    recuse = act_of(on_people.recuse)
    lift_recusal = act_of(on_people.lift_recusal)
    refusals = call_of(on_refusals.refusals)
    refused_often = call_of(on_refusals.refused_often)
    # --- the desk -----------------------------------------------------------------------------------------------
    correct = act_of(on_corrections.correct)
    move = act_of(on_corrections.move)
    void = act_of(on_closing.void)
    merge = act_of(on_closing.merge)
    reopen = act_of(on_reopening.reopen)
    close_by = act_of(on_closing_dates.close_by)
    lift_closing_date = act_of(on_closing_dates.lift_closing_date)
    split = act_of(on_parts.split)
    decide_all = act_of(on_parts.decide_all)
    intake = act_of(on_intake.intake)
    dispatch = act_of(on_dispatches.dispatch)
    dispatches = call_of(on_dispatches.dispatches)
    recall = act_of(on_dispatches.recall)
    whistle = act_of(on_whistles.whistle)
    whistles = call_of(on_whistles.whistles)
    link = act_of(on_links.link)
    unlink = act_of(on_links.unlink)
    links = call_of(on_links.links)
    probable_repeats = call_of(on_links.probable_repeats)
    decide_repeat = act_of(on_links.decide_repeat)
    # --- the counter --------------------------------------------------------------------------------------------
    by_code = call_of(on_status.by_code)
    new_code = act_of(on_status.new_code)
    rate = call_of(on_ratings.rate)
    ratings = call_of(on_ratings.ratings)

    # --- messages and deliveries --------------------------------------------------------------------------------
    message = act_of(on_messages.message)
    receive = act_of(on_messages.receive, "message")
    deliveries = call_of(on_messages.deliveries)
    answer = act_of(on_messages.answer)

    # --- the clock ----------------------------------------------------------------------------------------------
    incidents = call_of(on_clock.incidents)
    lag = call_of(on_clock.lag)
    resolve = act_of(on_clock.resolve)
    retry = act_of(on_clock.retry)

    def sweep(
        self,
        *,
        limit: int = 10_000,
        session: HostTransaction = None,
        lane: Lane | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Swept:
        """Do what is due now, oldest first.

        Timers, warnings, expiries and routines come first, at most ``limit`` of them; then deliveries, at most as many.
        With ``session``, deliveries are left for a sweep without it: nothing outside is called inside a transaction.

        Args:
            lane: only ``Lane.CLOCK`` or only ``Lane.DELIVERIES``, so that a slow outside system holds up no deadline.
            stop: asked before each entry; the sweep ends when it says so.
        """
        swept = on_clock.sweep(self._runtime, limit=limit, session=session, lane=lane, stop=stop)
        if session is None and lane is not Lane.CLOCK:
            carrying.collect(self, self._runtime.adapters, stop)
        return swept

    @property
    def topics(self) -> frozenset[str]:
        """The topics whose deliveries an adapter carries here."""
        return frozenset(self._runtime.adapters)
