"""包案: a leader answers for a case by a plan, says how it goes on, and hands it over without a gap.

Who may bind a leader stands in ``roles.yaml``. What a leader owes are deadlines by policies of the rules; they are told
of it as a person, whatever posts they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_day, check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.acting import refuse_named
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import case_row, locked_case
from jiefen.deadlines.running import RunningDeadline
from jiefen.desk.corrections import step_reading
from jiefen.desk.oversight.closing_dates import dated_rule, reach_called
from jiefen.errors import Conflict, FactError, NotAllowed
from jiefen.notation.labels import Label
from jiefen.notation.texts import named, person_id, written
from jiefen.people.authority import (
    Tests,
    binding_office,
    overruling_office,
    require_act,
)
from jiefen.people.escalation import tell_person
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.record.values import Case, Lead
from jiefen.rules import Who
from jiefen.store import reading
from jiefen.store.desk import movements as store
from jiefen.story.snapshots import case_of

#: The calls that start what a leader owes.
_CALLS = ("bind_leader", "leading.plan", "leading.report")
_KINDS = (
    Happening.LEADER_BOUND,
    Happening.LEADER_RELEASED,
    Happening.LEAD_PLANNED,
    Happening.LEAD_EXTENDED,
    Happening.LEAD_REPORTED,
)
#: The last entry of each of these kinds.
Story: TypeAlias = Mapping[Happening, store.Entry]
_RELEASED = Label("已解除包案", "nobody leads the case any more")


def bind_leader(
    runtime: Runtime,
    case: int,
    leader: str,
    *,
    by: Actor,
    reason: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """包案: bind a leader to a case until it is closed; they are told so, and of every deadline that expires.

    Binding another one hands the case over: the plan and what is owed by it go on without a gap, and both are told. The
    same one again changes nothing.

    Args:
        leader: the host's name for the person, as in :class:`~jiefen.Actor`.
        reason: why; needed where somebody else leads the case.

    Raises:
        NotFound: there is no such case.
        Conflict: it has ended.
        NotAllowed: the actor holds no office that gives cases a leader, or is recused; or the leader, or their unit, is
            recused or accused.
        FactError: the id of the leader or of the case cannot be one, or a hand-over has no reason.
    """
    leader = named(leader, "leader")
    why = written(reason, "reason") if reason is not None else None
    with step_reading(runtime, case, by, session, _with_story, tests=True) as (step, connection, last):
        row = step.row
        office = _permit(step, by, {})
        _require_open(row)
        refuse_named(runtime, connection, row, leader)
        if row.leader == leader:
            return case_of(row, step.edition)
        if row.leader is not None and why is None:
            raise FactError(
                f"case {case} is led by {row.leader}; say why it goes to {leader} (reason=)",
                zh=f"{case} 号案现由 {row.leader} 包案;交接须写明理由",
            )
        _bind(step, last, leader, office, why)
        return case_of(step.save(connection), step.edition)


def bind_by_ledger(runtime: Runtime, connection: Connection, case: int, leader: str, by: Actor) -> None:
    """Bind the leader that a ledger names, whoever brings it in: that was decided by the office that keeps the ledger.

    Raises:
        NotAllowed: the leader is recused or accused, or their unit is.
    """
    row = locked_case(connection, case)
    refuse_named(runtime, connection, row, leader)
    deadlines, last = _with_story(connection, case)
    step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
    _bind(step, last, leader, None, None)
    step.save(connection)


class Leading:
    """What the leaders of cases do, and what is decided about them: ``engine.leading``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def of(self, case: int, *, session: HostTransaction = None) -> Lead:
        """Who leads a case, by which plan, and how it goes on.

        Raises:
            NotFound: there is no such case.
        """
        check_id(case, "case")
        with self._runtime.reading(session) as connection:
            row = case_row(connection, case, self._runtime.seen(connection))
            rulebook = self._runtime.edition_of(connection, row.edition).rulebook
            anchors = {milestone for call in _CALLS for milestone in rulebook.reached_by(call)}
            due = [
                one.due_on
                for one in reading.deadlines(connection, case)
                if one.anchor in anchors and one.status == DeadlineStatus.RUNNING and one.due_on is not None
            ]
            return _read(row, store.last_entries(connection, case, _KINDS), min(due, default=None))

    @acting_as("leading.plan")
    def plan(self, case: int, text: str, until: date, *, by: Actor, session: HostTransaction = None) -> Lead:
        """The leader says what is to be done, and by when the case is to be over. A new plan takes the old one's place.

        Args:
            until: its last day in China, today or later; a later one than now is for who bound the leader
                (:meth:`extend_plan`).

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor does not lead it, or puts the day off.
            Conflict: it has ended.
            FactError: the text says nothing, or the day is none to come.
        """
        plan = written(text, "plan")
        check_day(until, "until")
        with self._led(case, by, session) as (step, found, connection):
            before = found.until
            _require_day(step, until)
            if before is not None and until > before:
                raise NotAllowed(
                    f"the plan of case {case} ends on {before}; who bound the leader puts that off (extend_plan)",
                    zh=f"包案方案应在 {before} 前办结;延期由确定包案的单位批准",
                )
            _say(step, Happening.LEAD_PLANNED, until, text=plan)
            reach_called(step, "leading.plan")
            reach_called(step, "leading.report")
            step.save(connection)
            return replace(found, plan=plan, until=until, planned_at=step.now(), next_on=_next(step))

    @acting_as("leading.report")
    def report(self, case: int, text: str, *, by: Actor, session: HostTransaction = None) -> Lead:
        """The leader says how it goes on; the next note is due so many days later.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor does not lead it.
            Conflict: it has ended, or has no plan yet.
            FactError: the text says nothing.
        """
        note = written(text, "note")
        with self._led(case, by, session) as (step, found, connection):
            _require_plan(found)
            step.recording.note(Happening.LEAD_REPORTED, found.leader, text=note)
            reach_called(step, "leading.report")
            step.save(connection)
            return replace(found, progress=note, progress_at=step.now(), next_on=_next(step))

    @acting_as("leading.extend_plan")
    def extend_plan(
        self, case: int, until: date, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> Lead:
        """Who bound the leader, or stands over them, gives the plan more time; the leader is told.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor neither holds the office that bound the leader nor one over it, or is recused.
            Conflict: it has ended, or has no leader or no plan.
            FactError: the reason says nothing, or the day is not later than it was.
        """
        why = written(reason, "reason")
        check_day(until, "until")
        with self._bound(case, by, session) as (step, found, connection, office):
            before = _require_plan(found)
            _require_day(step, until)
            if until <= before:
                raise FactError(
                    f"until={until} is no later than {before}; a nearer day is the leader's to plan",
                    zh=f"延期应晚于现定的 {before}",
                )
            _say(step, Happening.LEAD_EXTENDED, until, earlier=before.isoformat(), reason=why, by=office)
            reach_called(step, "leading.plan")
            about = {"until": until.isoformat(), "reason": why}
            tell_person(found.leader or "", "plan_extended", about, step.register.area, step.recording)
            step.save(connection)
            return replace(found, until=until, next_on=_next(step))

    @acting_as("leading.release_leader")
    def release_leader(self, case: int, *, reason: str, by: Actor, session: HostTransaction = None) -> Case:
        """Who bound the leader, or stands over them, releases them: nothing is owed by the plan any more.

        Raises:
            NotFound: there is no such case.
            NotAllowed: as for :meth:`extend_plan`.
            Conflict: it has ended, or nobody leads it.
            FactError: the reason says nothing.
        """
        why = written(reason, "reason")
        with self._bound(case, by, session) as (step, found, connection, office):
            leader = found.leader or ""
            step.recording.changes.case["leader"] = None
            for one in _owed(step):
                step.docket.drop(one, _RELEASED, "leader_released")
            known = dated_rule(step, "leading.plan")
            fact = known.version.date_fact if known is not None else None
            facts = {fact: None} if fact is not None and step.facts().get(fact) is not None else {}
            step.learn(Happening.LEADER_RELEASED, leader, facts, reason=why, by=office)
            tell_person(leader, "leader_released", {"reason": why}, step.register.area, step.recording)
            return case_of(step.save(connection), step.edition)

    @contextmanager
    def _led(self, case: int, by: Actor, session: HostTransaction) -> Iterator[tuple[Step, Lead, Connection]]:
        """A step of a case by its leader, with what the leader has said."""
        with step_reading(self._runtime, case, by, session, _with_story, tests=True) as (
            step,
            connection,
            last,
        ):
            row = step.row
            _permit(step, by, {Who.LEADER: partial(_leads, row)})
            _require_open(row)
            yield step, _read(row, last), connection

    @contextmanager
    def _bound(
        self, case: int, by: Actor, session: HostTransaction
    ) -> Iterator[tuple[Step, Lead, Connection, str | None]]:
        """A step of a led case by who bound the leader or stands over them, with the office as which they act."""
        with step_reading(self._runtime, case, by, session, _with_story, tests=True) as (
            step,
            connection,
            last,
        ):
            row, found = step.row, _read(step.row, last)
            office = _permit(step, by, {Who.OVERRULES: partial(_overrules, step, found.office)})
            _require_open(row)
            if row.leader is None:
                raise Conflict(
                    f"nobody leads case {case}; bind_leader does it", zh=f"{case} 号案没有包案领导"
                )
            yield step, found, connection, office


def _permit(step: Step, by: Actor, tests: Tests) -> str | None:
    row = step.row
    return require_act(by, row.area, f"the lead of case {row.id}", on=china_date(step.now()), tests=tests)


def _leads(row: CaseRow, by: Actor) -> None:
    """Who leads the case."""
    if row.leader is None or person_id(row.leader) != person_id(by.id):
        raise NotAllowed(
            f"case {row.id} is led by {row.leader or 'nobody'}; its leader plans and reports, not {by.id}",
            zh=f"{row.id} 号案由 {row.leader or '无人'} 包案;方案和进展由包案领导报送",
        )


def _overrules(step: Step, setter: str | None, by: Actor) -> str:
    """Who bound the leader, or stands over them; where a ledger named the leader, who gives cases a leader."""
    area, roles, today = step.row.area, step.edition.rulebook.roles, china_date(step.now())
    if setter is None:
        return binding_office(by, area, roles, on=today)
    return overruling_office(by, setter, area, roles, f"the lead of case {step.row.id}", on=today)


def _with_story(connection: Connection, case: int) -> tuple[list[DeadlineRow], Story]:
    return store.deadlines_and_last_entries(connection, case, _KINDS)


def _bind(step: Step, last: Story, leader: str, office: str | None, why: str | None) -> None:
    row = step.row
    step.recording.changes.case["leader"] = leader
    step.recording.note(Happening.LEADER_BOUND, leader, before=row.leader, by=office, reason=why)
    found = _read(row, last)
    until = found.until.isoformat() if found.until is not None else None
    about = {"reason": why, "plan": found.plan, "until": until}
    tell_person(leader, "leader_bound", about, row.area, step.recording)
    if row.leader is not None:
        about = {"reason": why, "leader": leader}
        tell_person(row.leader, "handed_over", about, row.area, step.recording)
    if not _owed(step):
        reach_called(step, "bind_leader")


def _require_open(row: CaseRow) -> None:
    if row.status != CaseStatus.OPEN:
        raise Conflict(
            f"case {row.id} has ended; there is nothing left to lead", zh=f"{row.id} 号案已不在办理中"
        )


def _require_day(step: Step, until: date) -> None:
    if until < china_date(step.now()):
        raise FactError(
            f"until={until} is no day to come; give a date from today on", zh="办结日期应在今天以后"
        )


def _require_plan(found: Lead) -> date:
    """The day by which what is planned is to be done."""
    if found.until is None:
        raise Conflict(
            f"case {found.case} has no plan yet; its leader hands one in first (leading.plan)",
            zh=f"{found.case} 号案尚无包案方案;请先报送方案",
        )
    return found.until


def _say(step: Step, kind: Happening, until: date, **told: str | None) -> None:
    """Keep the day by which the case is to be over, and let go of the one before."""
    known = dated_rule(step, "leading.plan")
    facts: dict[str, object] = {}
    if known is not None and known.version.date_fact is not None:
        facts[known.version.date_fact] = until
        for one in step.register.deadlines:
            if one.rule.id == known.rule.id and one.is_effective and one.due_on != until:
                superseded = DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED
                step.register.close(one, *superseded, known.milestone)
    step.learn(kind, None, facts, until=until.isoformat(), **told)


def _owed(step: Step) -> list[RunningDeadline]:
    """What the leader of the case owes."""
    rulebook = step.edition.rulebook
    anchors = {milestone for call in _CALLS for milestone in rulebook.reached_by(call)}
    return [one for one in step.register.deadlines if one.anchor in anchors and one.is_effective]


def _next(step: Step) -> date | None:
    """The last day for what the leader owes next."""
    return min((one.due_on for one in _owed(step) if one.live and one.due_on is not None), default=None)


def _read(row: CaseRow | Row[Any], last: Story, next_on: date | None = None) -> Lead:
    """What the journal of a case says of its leader; a plan ends when its leader is released, not with a hand-over."""
    bound, planned = last.get(Happening.LEADER_BOUND), last.get(Happening.LEAD_PLANNED)
    extended, reported = last.get(Happening.LEAD_EXTENDED), last.get(Happening.LEAD_REPORTED)
    released = last.get(Happening.LEADER_RELEASED)
    if released is not None and "by" in released.data:
        planned, extended, reported = (
            one if one is not None and one.id > released.id else None for one in (planned, extended, reported)
        )
    if extended is not None and planned is not None and extended.id < planned.id:
        extended = None
    ends = extended or planned
    return Lead(
        case=row.id,
        leader=row.leader,
        office=bound.data.get("by") if bound is not None and row.leader is not None else None,
        since=bound.at if bound is not None and row.leader is not None else None,
        plan=planned.data["text"] if planned is not None else None,
        until=date.fromisoformat(ends.data["until"]) if ends is not None else None,
        planned_at=planned.at if planned is not None else None,
        progress=reported.data["text"] if reported is not None else None,
        progress_at=reported.at if reported is not None else None,
        next_on=next_on,
    )
