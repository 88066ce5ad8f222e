"""更正: what was entered wrongly is put right, with who, why, and what was there before; a case goes where it belongs.

What follows from a corrected fact is worked out again: deadlines run from the true day, what had expired by a wrong
one is looked at again, the case is graded and assigned again. What the process has decided stays decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_facts, check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.lookup import locked_case
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused, require_act
from jiefen.people.directory import Organisation
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.record.values import Case
from jiefen.rules import Side
from jiefen.store import cases as store
from jiefen.store import people, reading
from jiefen.story.snapshots import case_of

#: What else is read of a case.
Read = TypeVar("Read")
#: A right that runs, or stands still: nobody takes it away by a correction.
_LIVE = (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Right:
    """A right of a party that runs in a case.

    Attributes:
        due: its last day; ``None`` while the day is not known, and so it is not over.
    """

    seq: int
    rule: str
    due: date | None

    @property
    def until(self) -> date:
        """Its last day, the farthest where it is not known."""
        return self.due or date.max

    def outlasts(self, other: Right) -> bool:
        """Whether it ends no sooner than another one, as far as both days are known."""
        return other.due is None or self.until >= other.due


def correct(
    runtime: Runtime,
    case: int,
    facts: Mapping[str, Any],
    *,
    reason: str,
    by: Actor,
    evidence: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """Correct facts of a case, also those that it was opened with. What is as it was changes nothing.

    Args:
        facts: the right values, in plain values or as JSON carries them; ``None`` for what is not known after all.
        evidence: what shows the right value, for example a receipt of service and where it is kept. Asked for where
            the correction would end or shorten a right of a party that runs.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it or acts for another area; or a right of a party would be taken away
            without evidence, and the message names the rule and its article.
        FactError: a fact is unknown, out of its domain, the area (:meth:`move` does that), or one that follows from
            others; or the reason says nothing.
        Conflict: the case was voided, or goes on in another one: that one is corrected.
    """
    why, shown_by = written(reason, "reason"), written(evidence, "evidence") if evidence is not None else None
    wanted = check_facts(facts)
    with step_reading(runtime, case, by, session, _every_deadline) as (step, connection, deadlines):
        row = step.row
        if row.status in (CaseStatus.MERGED, CaseStatus.VOIDED):
            raise Conflict(
                f"case {case} is {row.status}; correct the case in which it goes on (links tells which)",
                zh=f"{case} 号案已作废或者并入他案;请更正并入的案件",
            )
        vocabulary = step.edition.rulebook.vocabulary
        for name in wanted:
            fact = vocabulary.fact(name)
            if name == "area":
                raise FactError("the area of a case is not corrected but moved; use move (jiefen move)", fact=name,
                                zh="属地用移送更改(jiefen move)")  # fmt: skip
            if not fact.said:
                raise FactError(
                    f"fact {name!r} follows from others ({', '.join(fact.set_by)}); correct those",
                    zh=f"“{fact.title.zh}”由其他要素得出;请更正那些要素",
                    fact=name,
                )
        given = vocabulary.from_json(wanted)
        before = step.facts()
        changed = {name: value for name, value in given.items() if before.get(name) != value}
        if changed:
            step.correct(Happening.CORRECTED, changed, reason=why, evidence=shown_by)
            row = step.save(connection)
            if shown_by is None:
                _refuse_loss(runtime, connection, step, deadlines)
        return case_of(row, step.edition)


def move(
    runtime: Runtime,
    case: int,
    area: str,
    *,
    reason: str,
    by: Actor,
    evidence: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """Move a case to the area that it belongs to. To where it is already changes nothing.

    Its tasks are open to the people there, whoever had claimed them; the rules of that area hold for what starts from
    now on; who is responsible is looked up again; and what waits to be told or answered goes to the offices there.

    Args:
        evidence: what shows that the case belongs there; asked for where a right of a party would end by it.

    Raises:
        NotFound: there is no such case, or the directory that is loaded does not have the area.
        NotAllowed: the actor is recused from it, or holds no office that corrects cases in both places; or a right of
            a party would be taken away without evidence.
        FactError: it is no area code, or the reason or the evidence says nothing.
    """
    why, shown_by = written(reason, "reason"), written(evidence, "evidence") if evidence is not None else None
    there = normalise_area(area)
    doing = "the move of"
    with step_reading(runtime, case, by, session, _every_deadline, doing) as (step, connection, deadlines):
        row = step.row
        today = china_date(step.now())
        if row.area != there:
            # Whoever sends a case to a place acts for that place too: between two places an office over both decides.
            require_act(by, there, f"the move of case {case} to {there}", on=today)
        directory = runtime.directory(connection)
        if isinstance(directory, Organisation) and there not in directory.units:
            raise NotFound(
                f"the directory has no unit {there}; correct the code, or load a directory that has it",
                zh=f"通讯录里没有 {there} 这个单位;请核对代码",
            )
        if row.area != there:
            step.correct(Happening.MOVED, {"area": there}, reason=why, evidence=shown_by)
            claimed = people.claimed(connection, case)
            step.recording.changes.claims.update(dict.fromkeys(claimed))
            step.watch_again(claimed)
            step.pressing.pass_on(connection, None)
            row = step.save(connection)
            if shown_by is None:
                _refuse_loss(runtime, connection, step, deadlines)
        return case_of(row, step.edition)


@contextmanager
def step_of(
    runtime: Runtime,
    case: int,
    by: Actor,
    session: HostTransaction,
    correcting: str | None = None,
    *,
    tests: bool = False,
) -> Iterator[tuple[Step, CaseRow, Connection]]:
    """A step of a locked case by somebody who may act there, after what is due.

    Args:
        correcting: what is done to the whole case, which is for the centre of the place and for offices above.
        tests: as for :func:`step_reading`.
    """
    known = runtime, case, by, session, _nothing_else, correcting
    with step_reading(*known, tests=tests) as (step, connection, _):
        yield step, step.row, connection


@contextmanager
def step_reading(
    runtime: Runtime,
    case: int,
    by: Actor,
    session: HostTransaction,
    read: Callable[[Connection, int], tuple[list[DeadlineRow], Read]],
    correcting: str | None = None,
    *,
    tests: bool = False,
) -> Iterator[tuple[Step, Connection, Read]]:
    """A step as :func:`step_of` gives it, and what else is known of the case, after what is due.

    Args:
        tests: whether the caller asks who may do it by itself, with what it knows of it; see :func:`require_act`.
        read: reads the deadlines of a case that can still change, and what else the call looks at, in one statement.
    """
    check_id(case, "case")
    check_actor(by)
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        today = china_date(runtime.clock.now())
        what = f"case {case}" if correcting is None else f"{correcting} case {case}"
        if not tests:
            require_act(by, row.area, what, on=today)
        deadlines, known = read(connection, case)
        step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
        if step.late:
            step = after_due_entries(runtime, connection, step)
            _, known = read(connection, case)
        yield step, connection, known


def _nothing_else(connection: Connection, case: int) -> tuple[list[DeadlineRow], None]:
    return store.open_deadlines(connection, case), None


def _every_deadline(connection: Connection, case: int) -> tuple[list[DeadlineRow], list[DeadlineRow]]:
    """The deadlines of a case that can still change, and all that it has or had."""
    rows = reading.deadlines(connection, case)
    return [row for row in rows if DeadlineStatus(row.status).can_change], rows


def rights_of(connection: Connection, case: int) -> list[Right]:
    """The rights of parties that run in a case, or stand still, by number."""
    return [_right(row) for row in reading.deadlines(connection, case) if _is_live_right(row)]


def lost(before: Sequence[Right], after: Sequence[Right]) -> Right | None:
    """The first right that has nothing in its place that runs as long; each one stands in for one alone."""
    left = sorted(after, key=lambda one: one.until)
    for right in sorted(before, key=lambda one: one.until, reverse=True):
        found = next((one for one in left if one.rule == right.rule and one.outlasts(right)), None)
        if found is None:
            return right
        left.remove(found)
    return None


def lost_by_correction(before: Sequence[Right], rows: Sequence[Any]) -> Right | None:
    """A right that ran before a correction and is gone by it, or ends sooner; one that was used by it is not lost.

    Args:
        rows: every deadline of the case after the correction.
    """
    known = {right.seq for right in before}
    used = {row.seq for row in rows if row.status == DeadlineStatus.MET}
    still = {right.seq: right for right in map(_right, filter(_is_live_right, rows))}
    # One that was put in the place of another has a number of its own, and may have been used at once.
    renewed = [one for seq, one in still.items() if seq not in known]
    renewed += [
        replace(_right(row), due=None) for row in rows if row.seq in used and row.seq > max(known, default=0)
    ]
    gone = [one for one in before if one.seq not in used]
    return lost([one for one in gone if one.seq not in still or not still[one.seq].outlasts(one)], renewed)


def no_longer_used(before: Sequence[Any], after: Sequence[Any]) -> Right | None:
    """A right that was used in time, and by the corrected day of the act was not.

    Args:
        before, after: every deadline of the case before and after the correction.
    """
    used = {row.seq for row in before if row.kind == Side.RIGHT and row.status == DeadlineStatus.MET}
    gone = (row for row in after if row.seq in used and row.status == DeadlineStatus.EXPIRED)
    return next(map(_right, gone), None)


def _refuse_loss(runtime: Runtime, connection: Connection, step: Step, before: Sequence[DeadlineRow]) -> None:
    """Refuse what takes a right; ``before`` is every deadline of the case before the correction, which was saved."""
    changed = step.recording.changes.deadlines
    if not before or not changed:
        return
    known = {row.seq: row for row in (*before, *changed)}
    after = [known[seq] for seq in sorted(known)]
    rights = [_right(one) for one in before if _is_live_right(one)]
    right = lost_by_correction(rights, after) or no_longer_used(before, after)
    if right is not None:
        title, article = article_of_right(runtime, connection, step.row, right.rule)
        until = f" (until {right.due})" if right.due is not None else ""
        raise NotAllowed(
            f"this would take the right {right.rule}{until} from the party or shorten it ({article}); give "
            "evidence= of the true value, for example where the receipt of service is kept",
            zh=f"这一更正会使当事人的权利“{title}”消灭或者缩短({article});请写明真实情况的证据",
        )


def _is_live_right(row: Any) -> bool:
    return row.kind == Side.RIGHT and row.status in _LIVE


def _right(row: Any) -> Right:
    return Right(row.seq, row.rule, row.due_on)


def article_of_right(runtime: Runtime, connection: Connection, row: CaseRow, rule: str) -> tuple[str, str]:
    """What a right is called in Chinese, and the article that gives it."""
    known = runtime.edition_of(connection, row.edition).view(row.area).deadlines.get(rule)
    return (known.title.zh, known.versions[-1].because[0].text("zh")) if known is not None else (rule, rule)
