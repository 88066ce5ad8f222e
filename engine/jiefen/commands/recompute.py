"""重新计算: which deadlines would end on another day by another calendar or rulebook, and moving them.

Holidays are facts and hold for every case. Rules are those of a case's edition; a case goes over to others only here,
when somebody applies them: the law was amended, or a rule was wrong. Its process and what has happened stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.routines import DutyMove, replan
from jiefen.case.arguments import check_actor, check_flag, check_path
from jiefen.case.runtime import Runtime
from jiefen.case.step import Step
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline
from jiefen.edition import holidays
from jiefen.edition.edition import Edition, with_rules
from jiefen.errors import DatabaseError, DefinitionError, JiefenError, NotFound, PeriodError
from jiefen.notation.labels import Label
from jiefen.periods import Calendar, Roll, load_calendar
from jiefen.record.actor import Actor
from jiefen.record.rows import DeadlineRow
from jiefen.rules import DeadlineRule, DeadlineVersion, load_rulebook
from jiefen.store import calendars as store
from jiefen.store import cases as case_store

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a deadline ends; ``provisional`` while the holidays that decide it are not published."""

    due_on: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One deadline that ends on another day, or whose day becomes certain or uncertain.

    Attributes:
        after: ``None`` when the other rulebook does not give this deadline; it ends then.
        reopened: it had expired, and runs again.
    """

    case: int
    seq: int
    rule: str
    title: Label
    before: DueDate | None
    after: DueDate | None
    why: Label
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Recomputation:
    """What would move, or has moved, in the order of cases; and the error of each case that failed.

    Attributes:
        cases: how many cases go over to the other rulebook; 0 without one.
        duties: the recurring duties whose next occurrence falls on another day, or becomes certain.
    """

    moves: tuple[Move, ...]
    failed: Mapping[int, str]
    cases: int = 0
    duties: tuple[DutyMove, ...] = ()


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
        RuleError: the calendar or the rulebook cannot be used.
        PeriodError: the calendar lacks early years, or is to be applied and is older than the one in force.
    """
    check_actor(by)
    check_flag(dry_run, "dry_run")
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
        return self._with_duties(found, apply=False)

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
        return self._with_duties(self._each(concerned, lambda row, _: self._apply_to(row.id)), apply=True)

    def _with_duties(self, found: Recomputation, *, apply: bool) -> Recomputation:
        """The recurring duties follow the edition that the engine has now, so only holidays move them."""
        return replace(found, duties=tuple(replan(self.runtime, self.calendar, apply=apply)))

    def _take_along(self, digest: str) -> None:
        """Keep what the cases of an edition go over to, before the first of them is locked."""
        with self.runtime.reading() as connection:
            edition = self.runtime.edition_of(connection, digest)
        with suppress(DefinitionError):  # told of each case
            self.runtime.keep(self._other(edition))

    def _each(
        self,
        cases: Iterable[tuple[Row[Any], list[DeadlineRow]]],
        work: Callable[[Row[Any], list[DeadlineRow]], _Outcome],
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
        self, connection: Connection, row: Row[Any], rows: list[DeadlineRow]
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
            changed = _adopt(step)
        gone = [item for item in step.register.deadlines if changed.get(item.seq) is _GONE]
        moves = [_move(row.id, item, None, _GONE) for item in gone]
        for deadline in gone:
            # Before the others are looked at: the steps inside a whole case end by themselves then.
            step.docket.drop(deadline, _GONE)
        moves += _moves(row.id, step.register, runtime.holidays, changed)
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


def _cases(connection: Connection, *, every: bool) -> Iterator[tuple[Row[Any], list[DeadlineRow]]]:
    """Each case whose deadlines can still move, with ``every`` also each open case; in pages, in the order of ids."""
    after = 0
    while page := store.concerned_cases(connection, every, after, _PAGE):
        rows = store.open_deadlines(connection, [case.id for case in page])
        for case in page:
            yield case, rows[case.id]
        after = page[-1].id


def _adopt(step: Step) -> dict[int, Label]:
    """Let the deadlines of a case run by the rules of its new edition; how each is counted otherwise, or that it goes.

    One that has expired is left to the rules by which it did, unless by the new ones it is not over.
    """
    changes: dict[int, Label] = {}
    docket, register = step.docket, step.register
    for deadline in register.deadlines:
        found = _rule_for(deadline, register, step.facts())
        if found is not None and _another_anchor(deadline.version, found[1]):
            # What it runs from is another moment, of which nobody can tell here when it was.
            if deadline.live:
                changes[deadline.seq] = _OTHER_ANCHOR
        elif found is not None and (deadline.live or register.would_still_run(deadline, *found)):
            old, version = deadline.version, found[1]
            docket.adopt(deadline, *found)
            if (old.length, old.roll) != (version.length, version.roll):
                changes[deadline.seq] = _other_length(old, version)
            elif _counting(old) != _counting(version):
                changes[deadline.seq] = _CHANGED
        elif deadline.live:
            changes[deadline.seq] = _GONE
    return changes


def _other_length(old: DeadlineVersion, new: DeadlineVersion) -> Label:
    """A change of length, and of whether the last day rolls, where that changes too."""

    def told(version: DeadlineVersion) -> Label:
        length = version.length.label
        return length if old.roll is new.roll else _ROLLS[version.roll].format(length=length)

    return _OTHER_LENGTH.format(old=told(old), new=told(new))


def _another_anchor(old: DeadlineVersion, new: DeadlineVersion) -> bool:
    return (old.anchor, old.date_fact) != (new.anchor, new.date_fact)


def _counting(version: DeadlineVersion) -> tuple[object, ...]:
    """What besides length and roll decides when a deadline ends."""
    return version.first_day, version.ends, version.direction, version.suspends_in_last, version.within


def _rule_for(
    deadline: RunningDeadline, register: Register, facts: Mapping[str, object]
) -> tuple[DeadlineRule, DeadlineVersion] | None:
    """What gives a deadline under the rules of the edition; ``None`` where they do not, or no longer for such facts."""
    rule = register.view.deadlines.get(deadline.rule.id)
    try:
        version = rule.version_at(deadline.anchored_on) if rule is not None else None
    except NotFound:
        return None
    if rule is None or version is None or (deadline.version.applies(facts) and not version.applies(facts)):
        return None
    return rule, version


_ROLLS: Final = {
    Roll.NONE: Label("{length}(不顺延)", "{length}, no roll"),
    Roll.NEXT_WORKING_DAY: Label("{length}(遇节假日顺延)", "{length}, rolling over holidays"),
}
_OTHER_LENGTH: Final = Label("规则由 {old} 改为 {new}", "the rule changes from {old} to {new}")
_OTHER_ANCHOR: Final = Label(
    "新规则改自另一节点起算;本期限仍按原规则计算,请人工核对(更正起算日,或另记节点)",
    "by the other rules it runs from another milestone; it goes on by its old rule: look at it yourself, correct its "
    "anchor or record the milestone",
)
_GONE: Final = Label("新规则没有这一期限", "the other rulebook does not give this deadline")
_CHANGED: Final = Label("规则有改动", "the rule changes")


def _moves(
    case_id: int, register: Register, known: holidays.Holidays, changed: Mapping[int, Label]
) -> list[Move]:
    moves = []
    for deadline in register.derivable():
        end, why = register.end(deadline), changed.get(deadline.seq)
        after = DueDate(end.on, end.provisional)
        if after != _due(deadline) or why is _OTHER_ANCHOR:
            published = _published(deadline, after, known.get(deadline.calendar), register.calendar)
            moves.append(_move(case_id, deadline, after, why or published))
    return moves


def _move(case_id: int, deadline: RunningDeadline, after: DueDate | None, why: Label) -> Move:
    return Move(
        case=case_id,
        seq=deadline.seq,
        rule=deadline.rule.id,
        title=deadline.rule.title,
        before=_due(deadline),
        after=after,
        why=why,
        reopened=not deadline.live,
    )


def _due(deadline: RunningDeadline) -> DueDate | None:
    return DueDate(deadline.due_on, deadline.provisional) if deadline.due_on else None


def _published(
    deadline: RunningDeadline, after: DueDate | None, old: Calendar | None, new: Calendar
) -> Label:
    """Which holiday plans have come or changed since a deadline was derived."""
    first, last = deadline.anchored_on.year, (after or deadline).due_on
    had = {plan.year: plan for plan in old.plans} if old is not None else {}
    zh, en = [], []
    for plan in new.plans:
        # The plan of the next year may move the last days of a year.
        if not first <= plan.year <= (last.year if last else first) + 1 or had.get(plan.year) == plan:
            continue
        if plan.year in had:
            zh.append(f"{plan.year}年放假安排修订(第{plan.revision}版)")
            en.append(f"the holiday plan of {plan.year} was revised (revision {plan.revision})")
        elif old is not None:
            zh.append(f"{plan.year}年放假安排公布")
            en.append(f"the holiday plan of {plan.year} was published")
    return Label(";".join(zh) or "放假日历更新", "; ".join(en) or "the holiday calendar is newer")
