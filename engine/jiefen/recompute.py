"""重新计算: which running deadlines would end on another day by another calendar or rulebook, and moving them.

A calendar can be applied: holidays are facts, and hold for every case. A rulebook can only be asked *what if*: a case
runs on the rules of its edition, by which its story is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen import holidays
from jiefen.cases import Actor, DeadlineStatus
from jiefen.deadlines import RunningDeadline
from jiefen.docket import Docket
from jiefen.errors import DatabaseError, JiefenError, NotAllowed, NotFound, PeriodError
from jiefen.periods import Calendar, load_calendar
from jiefen.recording import Recording
from jiefen.rules import Rulebook, RuleView, load_rulebook
from jiefen.runtime import Runtime
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
        title, why: in ``zh`` and ``en``.
        after: ``None`` when the other rulebook does not give this deadline.
    """

    case: int
    seq: int
    rule: str
    title: Mapping[str, str]
    before: DueDate | None
    after: DueDate | None
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recomputation:
    """What would move, or has moved, in the order of cases; and the error of each case that failed."""

    moves: tuple[Move, ...]
    failed: Mapping[int, str]


def recompute(
    runtime: Runtime,
    *,
    calendar: Path | None = None,
    rules: Path | None = None,
    dry_run: bool = True,
    by: Actor,
) -> Recomputation:
    """Derive every running deadline of every case, open or ended, anew.

    A suspended deadline has no date to move; an expired one stays expired. Applying takes one transaction per case, and
    can be repeated: what has been moved is left alone. Rungs that have fired stay fired.

    Args:
        calendar: a folder of year files; the newest calendar known when absent.
        rules: a folder with another rulebook, for a dry run; each case's own rules when absent.
        dry_run: only tell what would move.

    Raises:
        RuleError: the calendar or the rulebook cannot be used.
        PeriodError: the calendar lacks early years, or is to be applied and is older than the one in force.
        NotAllowed: a rulebook is to be applied.
    """
    if rules is not None and not dry_run:
        raise NotAllowed(
            "a rulebook cannot be applied to running cases: each keeps the rules of its edition, by which its story is "
            "told; look at what would move without applying, and extend or correct the deadlines it names one by one"
        )
    known = runtime.holidays.current
    wanted = load_calendar(calendar) if calendar is not None else known
    if wanted.known_from > known.known_from:
        raise PeriodError(
            f"the calendar in {calendar} begins on {wanted.known_from}, the one in force on {known.known_from}; "
            "put the files of the earlier years beside it"
        )
    if not dry_run:
        return _apply(runtime, wanted, known, calendar, by)
    rulebook = load_rulebook(rules) if rules is not None else None
    return _ask(runtime, wanted, rulebook, by)


def _ask(runtime: Runtime, calendar: Calendar, rulebook: Rulebook | None, by: Actor) -> Recomputation:
    moves: list[Move] = []
    failed: dict[int, str] = {}
    now = runtime.clock.now()
    with runtime.reading() as connection:
        for case, rows in _cases(connection):
            try:
                edition = replace(runtime.edition_of(connection, case.edition), calendar=calendar)
                recording = Recording(case.id, now, by.id, ())
                view = edition.view(case.area)
                docket = Docket(edition, view, case.area, rows, case.deadlines_started, recording)
                gone = _under(docket, rulebook.view(case.area)) if rulebook is not None else {}
                moves += _moves(case.id, docket, runtime.holidays, gone)
            except DatabaseError:
                raise
            except JiefenError as error:
                failed[case.id] = str(error)
    return Recomputation(tuple(moves), failed)


def _apply(
    runtime: Runtime, calendar: Calendar, known: Calendar, folder: Path | None, by: Actor
) -> Recomputation:
    if calendar.digest != known.digest:
        if not holidays.newer(calendar, known):
            raise PeriodError(
                f"the calendar in {folder} is not newer than the one in force, which is known through "
                f"{known.known_through}; give a changed year a higher revision, as 'jiefen calendar import' does"
            )
        with runtime.writing() as connection:
            holidays.keep(connection, calendar, runtime.clock.now())
        runtime.holidays.learn(calendar)
    moves: list[Move] = []
    failed: dict[int, str] = {}
    with runtime.reading() as connection:
        stale = [
            case.id
            for case, rows in _cases(connection)
            if any(row.status == DeadlineStatus.RUNNING and row.calendar != calendar.digest for row in rows)
        ]
    for case_id in stale:
        try:
            moves += _apply_to(runtime, case_id, by)
        except DatabaseError:
            raise
        except JiefenError as error:
            failed[case_id] = str(error)
    return Recomputation(tuple(moves), failed)


def _apply_to(runtime: Runtime, case_id: int, by: Actor) -> list[Move]:
    """Move the deadlines of one case, in a transaction of its own."""
    with runtime.writing() as connection:
        row = case_store.lock_case(connection, case_id)
        if row is None:
            return []
        deadlines = case_store.open_deadlines(connection, case_id)
        step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
        moves = _moves(case_id, step.docket, runtime.holidays, {})
        why = {move.seq: move.why for move in moves}
        step.docket.rederive(store.fired(connection, case_id), why)
        step.save(connection)
        return moves


def _cases(connection: Connection) -> Iterator[tuple[Row[Any], list[Row[Any]]]]:
    """Every case with a running deadline, and its open deadlines; in pages, in the order of ids."""
    after = 0
    while page := store.running_cases(connection, after, _PAGE):
        rows = store.open_deadlines(connection, [case.id for case in page])
        for case in page:
            yield case, rows[case.id]
        after = page[-1].id


def _under(docket: Docket, view: RuleView) -> dict[int, Mapping[str, str]]:
    """Put the open deadlines under other rules; what changes of each whose rule is another."""
    changes: dict[int, Mapping[str, str]] = {}
    for deadline in list(docket.deadlines):
        rule, old = view.deadlines.get(deadline.rule.id), deadline.version
        try:
            version = rule.version_at(deadline.anchored_on) if rule is not None else None
        except NotFound:
            version = None
        if rule is None or version is None:
            changes[deadline.seq] = _GONE
            continue
        deadline.rule, deadline.version = rule, version
        if (str(old.length), old.roll) != (str(version.length), version.roll):
            text = f"{old.length} {old.roll} → {version.length} {version.roll}"
            changes[deadline.seq] = {"zh": f"规则改为:{text}", "en": f"the rule changes: {text}"}
        elif old != version:
            changes[deadline.seq] = {"zh": "规则有改动", "en": "the rule changes"}
    docket.view = view
    return changes


_GONE: Final = {"zh": "新规则没有这一期限", "en": "the other rulebook does not give this deadline"}


def _moves(
    case_id: int, docket: Docket, known: holidays.Holidays, changed: Mapping[int, Mapping[str, str]]
) -> list[Move]:
    moves = []
    for deadline in docket.deadlines:
        if deadline.status is not DeadlineStatus.RUNNING:
            continue
        before = DueDate(deadline.due_on, deadline.provisional) if deadline.due_on else None
        why = changed.get(deadline.seq)
        after = None
        if why is not _GONE:
            end = docket.end(deadline)
            after = DueDate(end.on, end.provisional)
        if before != after:
            move = Move(
                case=case_id,
                seq=deadline.seq,
                rule=deadline.rule.id,
                title={"zh": deadline.rule.title.zh, "en": deadline.rule.title.en},
                before=before,
                after=after,
                why=why or _published(deadline, after, known.get(deadline.calendar), docket.calendar),
            )
            moves.append(move)
    return moves


def _published(
    deadline: RunningDeadline, after: DueDate | None, old: Calendar | None, new: Calendar
) -> Mapping[str, str]:
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
    return {"zh": ";".join(zh) or "放假日历更新", "en": "; ".join(en) or "the holiday calendar is newer"}
