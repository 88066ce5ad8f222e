"""重新计算: which deadlines would end on another day by another calendar or rulebook, and moving them.

Holidays are facts and hold for every case. Rules are those of a case's edition; a case goes over to others only here,
when somebody applies them: the law was amended, or a rule was wrong. Its process and what has happened stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy.engine import Connection

from jiefen.agenda.routines import RoutineMove, replan
from jiefen.case.arguments import check_actor, check_flag, check_folder, check_path
from jiefen.case.runtime import Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.deadlines.moves import GONE, Move, adopt, move, moves_by
from jiefen.edition import holidays
from jiefen.edition.edition import Edition, with_rules
from jiefen.edition.edition import load_edition as read_edition
from jiefen.errors import DatabaseError, DefinitionError, JiefenError, PeriodError
from jiefen.notation.labels import Label
from jiefen.people.authority import require_act
from jiefen.periods import Calendar, load_calendar
from jiefen.record.actor import Actor
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.rules import load_rulebook
from jiefen.store import calendars as store
from jiefen.store import cases as case_store

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Recomputation:
    """What would move, or has moved, in the order of cases; and the error of each case that failed.

    Attributes:
        cases: how many cases go over to the other rulebook; 0 without one.
        routines: the routines whose next occurrence falls on another day, or becomes certain.
    """

    moves: tuple[Move, ...]
    failed: Mapping[int, str]
    cases: int = 0
    routines: tuple[RoutineMove, ...] = ()


def recompute(
    runtime: Runtime,
    *,
    calendar: Path | str | None = None,
    rules: Path | str | None = None,
    dry_run: bool = True,
    by: Actor,
) -> Recomputation:
    """Say which deadlines would move by another calendar or rulebook; without ``dry_run``, move them.

    The deadlines of open cases and of ended ones are looked at. Applying a rulebook takes every case over to it, except
    for its process: what is decided and what begins to run from now on goes by the new rules, too. The journal keeps
    the change (``rules_changed``).

    A suspended deadline has no date to move. One that has expired, and is not over by what holds now, runs again,
    unless something was done about it since. Applying takes one transaction per case, and can be repeated: what has
    been moved is left alone. Rungs that have fired stay fired.

    Args:
        calendar: a folder of year files; the newest calendar known when absent.
        rules: a folder with another rulebook, to which every open case goes over, and every ended one whose deadlines
            run. Each keeps its process. The conditions of a rule are looked at again where the rule has changed.
        dry_run: only tell what would move.

    Raises:
        NotAllowed: neither the system administrator nor a program applies it.
        RuleError: the calendar or the rulebook cannot be used.
        PeriodError: the calendar lacks early years, or is to be applied and is older than the one in force.
    """
    check_actor(by)
    check_flag(dry_run, "dry_run")
    if not dry_run:
        require_act(by, None, "moving deadlines", on=china_date(runtime.clock.now()))
    calendar = check_path(calendar, "calendar") if calendar is not None else None
    rules = check_path(rules, "rules") if rules is not None else None
    known = runtime.holidays.current
    wanted = load_calendar(calendar) if calendar is not None else known
    if wanted.known_from > known.known_from:
        raise PeriodError(
            f"the calendar in {calendar} begins on {wanted.known_from}, the one in force on {known.known_from}; "
            "put the files of the earlier years beside it"
        )
    if not dry_run and wanted.digest != known.digest and not holidays.newer(wanted, known):
        raise PeriodError(
            f"the calendar in {calendar} is not newer than the one in force, which is known through "
            f"{known.known_through}; give a changed year a higher revision, as 'jiefen calendar import' does"
        )
    if rules is not None:
        load_rulebook(rules)
    work = _Work(runtime, wanted, rules, by)
    return work.apply() if not dry_run else work.ask()


def load_edition(
    runtime: Runtime,
    processes: Path | str | None = None,
    rules: Path | str | None = None,
    *,
    by: Actor | None = None,
) -> Edition:
    """Load an edition and open new cases on it from now on. A broken one changes nothing.

    Args:
        by: the system administrator; the program of the engine when absent.

    Raises:
        NotAllowed: it is neither of them.
        DefinitionError: with every finding.
        FactError: a folder is no path.
    """
    actor = check_actor(by) if by is not None else runtime.program
    require_act(actor, None, "loading an edition", on=china_date(runtime.clock.now()))
    edition = read_edition(check_folder(processes, "processes"), check_folder(rules, "rules"))
    runtime.adopt(edition)
    return edition


@dataclass(frozen=True)
class _Outcome:
    """What becomes of one case."""

    moves: list[Move] = field(default_factory=list)
    taken_over: bool = False


@dataclass
class _Work:
    """One recomputation.

    Attributes:
        taken_over: the editions that cases go over to, by the digest of the one they run on; built when first met.
    """

    runtime: Runtime
    calendar: Calendar
    rules: Path | None
    by: Actor
    taken_over: dict[str, Edition | DefinitionError] = field(default_factory=dict)

    def ask(self) -> Recomputation:
        """Tell what would move."""
        with self.runtime.reading() as connection:
            found = self._each(
                _cases(connection, every=self.rules is not None),
                lambda row, rows: self._worked_out(connection, row, rows)[1],
            )
        return self._with_routines(found, apply=False)

    def apply(self) -> Recomputation:
        """Move it; a transaction for each case."""
        runtime, every = self.runtime, self.rules is not None
        with runtime.writing() as connection:
            holidays.keep(connection, self.calendar, runtime.clock.now())
        runtime.holidays.add(self.calendar)
        with runtime.reading() as connection:
            concerned = [
                (case, rows)
                for case, rows in _cases(connection, every=every)
                if every or any(row.calendar != self.calendar.digest for row in rows)
            ]
        for digest in {row.edition for row, _ in concerned} if self.rules is not None else ():
            self._take_along(digest)
        return self._with_routines(self._each(concerned, lambda row, _: self._apply_to(row.id)), apply=True)

    def _with_routines(self, found: Recomputation, *, apply: bool) -> Recomputation:
        """The routines follow the edition that the engine has now, so only holidays move them."""
        return replace(found, routines=tuple(replan(self.runtime, self.calendar, apply=apply)))

    def _take_along(self, digest: str) -> None:
        """Keep what the cases of an edition go over to, before the first of them is locked."""
        with self.runtime.reading() as connection:
            edition = self.runtime.edition_of(connection, digest)
        with suppress(DefinitionError):  # told of each case
            self.runtime.keep(self._other(edition))

    def _each(
        self,
        cases: Iterable[tuple[CaseRow, list[DeadlineRow]]],
        work: Callable[[CaseRow, list[DeadlineRow]], _Outcome],
    ) -> Recomputation:
        moves: list[Move] = []
        failed: dict[int, str] = {}
        taken_over = 0
        for row, rows in cases:
            try:
                found = work(row, rows)
            except DatabaseError:
                raise
            except JiefenError as error:
                failed[row.id] = str(error)
                continue
            taken_over += found.taken_over
            moves += found.moves
        return Recomputation(tuple(moves), failed, taken_over)

    def _apply_to(self, case_id: int) -> _Outcome:
        """Move the deadlines of one case."""
        with self.runtime.writing() as connection:
            row = case_store.lock_case(connection, case_id)
            if row is None:
                return _Outcome()
            step, found = self._worked_out(connection, row, case_store.open_deadlines(connection, case_id))
            if found.taken_over or step.register.stale:
                why = {move.seq: move.why for move in found.moves}
                step.docket.rederive(store.fired(connection, case_id), why)
                step.save(connection)
            return found

    def _worked_out(
        self, connection: Connection, row: CaseRow, rows: list[DeadlineRow]
    ) -> tuple[Step, _Outcome]:
        """A case under what is to hold, without what the rules no longer give, and what moves."""
        runtime, now = self.runtime, self.runtime.clock.now()
        runtime.holidays.load_missing(connection, (item.calendar for item in rows))
        edition = runtime.edition_of(connection, row.edition)
        if self.rules is not None:
            edition = self._other(edition)
        edition = replace(edition, calendar=self.calendar)
        step = runtime.step(connection, row, rows, now, self.by.id, edition)
        taken_over = edition.digest != row.edition
        changed: dict[int, Label] = {}
        if taken_over:
            step.take_over()
            changed = adopt(step.docket, step.register, step.facts())
        gone = [item for item in step.register.deadlines if changed.get(item.seq) is GONE]
        moves = [move(row.id, item, None, GONE) for item in gone]
        for deadline in gone:
            # Before the others are looked at: the steps inside a whole case end by themselves then.
            step.docket.drop(deadline, GONE)
        moves += moves_by(row.id, step.register, runtime.holidays, changed)
        moves.sort(key=lambda move: move.seq)
        return step, _Outcome(moves, taken_over)

    def _other(self, edition: Edition) -> Edition:
        """The processes of an edition under the other rulebook, known to the runtime."""
        assert self.rules is not None
        found = self.taken_over.get(edition.digest)
        if found is None:
            try:
                found = with_rules(edition, self.rules)
                self.runtime.remember(found)
            except DefinitionError as error:
                found = error
            self.taken_over[edition.digest] = found
        if isinstance(found, DefinitionError):
            raise found
        return found


def _cases(connection: Connection, *, every: bool) -> Iterator[tuple[CaseRow, list[DeadlineRow]]]:
    """Each case whose deadlines can still move, with ``every`` also each open case; in pages, in the order of ids."""
    after = 0
    while page := store.concerned_cases(connection, every, after, _PAGE):
        rows = store.open_deadlines(connection, [case.id for case in page])
        for case in page:
            yield case, rows[case.id]
        after = page[-1].id
