"""限期结案: an office over whoever is responsible sets the day by which a case must be brought to its end.

The day is a deadline by a policy of the rules: it is warned of, met when the case ends, and presses when it does not.
It closes no case by itself, and touches no period of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy.engine import Connection

from jiefen.case.arguments import check_day
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.deadlines.running import RunningDeadline
from jiefen.desk.corrections import step_reading
from jiefen.errors import Conflict, FactError, NotFound, UnknownValue
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.texts import shown, written
from jiefen.people.authority import Tests, overruling_office, pressing_office, require_act
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.notice import Notice
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.record.values import Case, Deadline
from jiefen.rules import Action, DeadlineRule, DeadlineVersion, Who
from jiefen.store.desk.movements import Entry, deadlines_and_last_entries
from jiefen.story.snapshots import case_of, deadline_of

_LIFTED = Label("限期结案已取消", "the closing date was lifted")


class DatedRule(NamedTuple):
    """A deadline that a call of the engine gives its day: counted back from a milestone that the call reaches."""

    milestone: str
    rule: DeadlineRule
    version: DeadlineVersion


def dated_rule(step: Step, call: str) -> DatedRule | None:
    """What the rules of a case have for the day that a call sets; ``None`` where they have nothing."""
    today = china_date(step.now())
    for milestone in step.edition.rulebook.reached_by(call):
        for rule in step.register.view.anchored_at(milestone):
            version = rule.version_on(today)
            if version is not None and version.backwards and version.date_fact is not None:
                return DatedRule(milestone, rule, version)
    return None


def reach_called(step: Step, call: str) -> None:
    """Reach the milestones that the rules have for a call."""
    for milestone in step.edition.rulebook.reached_by(call):
        step.reach(milestone, china_date(step.now()))


def close_by(
    runtime: Runtime,
    case: int,
    on: date,
    *,
    reason: str,
    by: Actor,
    role: str | None = None,
    session: HostTransaction = None,
) -> Deadline:
    """Set the day by which a case must be brought to its end, or another one; who is responsible is told.

    The same day for the same office changes nothing. A later day, or another office, is for who has set the day, or
    stands over them.

    Args:
        on: the last day in China, today or later. A day off stays the day.
        reason: why, also why it is another day now; the office reads it.
        role: who is responsible; absent: who is now, at first the centre that the rules name.

    Raises:
        NotFound: there is no such case, or its rules know no closing dates.
        NotAllowed: the actor is recused, acts for another area, or holds no office over the responsible one; or
            somebody higher has set the day.
        Conflict: the case is not open.
        UnknownValue: that role brings no case to its end; the message names the nearest.
        FactError: no day to come, or the reason says nothing.
    """
    why = written(reason, "reason")
    check_day(on, "on")
    with step_reading(runtime, case, by, session, _with_setting, tests=True) as (step, connection, setting):
        row = step.row
        known = _closing(step, row)
        today = china_date(step.now())
        if on < today:
            raise FactError(
                f"on={on} is no day to come; give a date from today on", zh="结案日期应在今天以后"
            )
        deadline = _current(step, known)
        held = deadline.held_by if deadline is not None else None
        holder = _responsible(step, known, role or held or known.version.holder)
        office = _permit(step, by, {Who.PRESSES: partial(_presses, step, holder)})
        if deadline is not None and deadline.live and (deadline.due_on, held) == (on, holder):
            return deadline_of(
                deadline.row(row.id), step.register.rulebook(deadline), row.area, step.now(), step.facts()
            )
        before = deadline.due_on if deadline is not None else None
        if before is not None and (on > before or holder != held):
            tests = {Who.OVERRULES: partial(_overrules, setting, step, holder)}
            _permit(step, by, tests, act="close_by.change")
        for one in _standing(step, known):
            step.register.close(
                one, DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED, known.milestone
            )
        _say(step, known, Happening.CLOSING_DATE_SET, on, holder, why, office)
        reach_called(step, "close_by")
        _tell(step, known, "closing_date", holder, office, {"closing_date": on.isoformat(), "reason": why})
        found = _current(step, known)
        assert found is not None
        step.save(connection)
        return deadline_of(
            found.row(row.id), step.register.rulebook(found), row.area, step.now(), step.facts()
        )


def lift_closing_date(
    runtime: Runtime, case: int, *, reason: str, by: Actor, session: HostTransaction = None
) -> Case:
    """Take a closing date back; who was responsible is told. What was asked for in writing is still to be answered.

    Raises:
        NotFound: there is no such case, or no day is set for it.
        NotAllowed: the actor is recused, acts for another area, or neither has set the day nor stands over who has.
        Conflict: the case is not open.
        FactError: the reason says nothing.
    """
    why = written(reason, "reason")
    with step_reading(runtime, case, by, session, _with_setting, tests=True) as (step, connection, setting):
        row = step.row
        known = _closing(step, row)
        deadline = _current(step, known)
        if deadline is None or deadline.held_by is None:
            raise NotFound(f"no closing date is set for case {case}", zh=f"{case} 号案没有限期结案")
        office = _permit(step, by, {Who.OVERRULES: partial(_overrules, setting, step, deadline.held_by)})
        before = deadline.due_on
        for one in _standing(step, known):
            step.docket.drop(one, _LIFTED, known.milestone)
        _say(step, known, Happening.CLOSING_DATE_LIFTED, None, None, why, office)
        about = {"closing_date": before.isoformat() if before else None, "reason": why}
        _tell(step, known, "closing_date_lifted", deadline.held_by, office, about)
        return case_of(step.save(connection), step.edition)


def _closing(step: Step, row: CaseRow) -> DatedRule:
    if row.status != CaseStatus.OPEN:
        raise Conflict(
            f"case {row.id} is {row.status}; only an open case has a closing date",
            zh=f"{row.id} 号案已不在办理中",
        )
    known = dated_rule(step, "close_by")
    if known is not None:
        return known
    raise NotFound(
        f"the rules that case {row.id} goes by know no closing date: no deadline is counted back from a milestone of "
        "the call close_by (milestones.yaml, call:)",
        zh="本案适用的规则集没有限期结案",
    )


def _responsible(step: Step, known: DatedRule, role: str | None) -> str:
    fact = known.version.holder_fact
    offices = [known.version.holder] if known.version.holder is not None else []
    if fact is not None:
        offices = list(step.edition.rulebook.vocabulary.fact(fact).values)
    if not isinstance(role, str) or role not in offices:
        raise UnknownValue(
            f"{shown(role)} brings no case to its end; {suggestion(str(role), offices)}",
            zh="没有这个责任单位;请核对",
            fact=fact,
        )
    return role


def _standing(step: Step, known: DatedRule) -> list[RunningDeadline]:
    return [one for one in step.register.deadlines if one.rule.id == known.rule.id and one.is_effective]


def _current(step: Step, known: DatedRule) -> RunningDeadline | None:
    return next(iter(reversed(_standing(step, known))), None)


def _permit(step: Step, by: Actor, tests: Tests, act: str | None = None) -> str | None:
    what = f"the closing date of case {step.row.id}"
    return require_act(by, step.row.area, what, on=china_date(step.now()), tests=tests, act=act)


def _presses(step: Step, holder: str, by: Actor) -> str:
    roles, today = step.edition.rulebook.roles, china_date(step.now())
    return pressing_office(by, Action.SUPERVISE, holder, step.row.area, roles, on=today)


def _with_setting(connection: Connection, case: int) -> tuple[list[DeadlineRow], Entry | None]:
    """The deadlines of a case that can still change, and the entry of the journal that set its closing date last."""
    deadlines, last = deadlines_and_last_entries(connection, case, [Happening.CLOSING_DATE_SET])
    return deadlines, last.get(Happening.CLOSING_DATE_SET)


def _overrules(setting: Entry | None, step: Step, holder: str, by: Actor) -> str:
    """Who has set the day, or stands over them; a day that no office has set is for who may press for it."""
    row, setter = step.row, setting.data["by"] if setting is not None else None
    roles, today = step.edition.rulebook.roles, china_date(step.now())
    if setter is None:
        return _presses(step, holder, by)
    return overruling_office(by, setter, row.area, roles, f"the closing date of case {row.id}", on=today)


def _say(
    step: Step,
    known: DatedRule,
    kind: Happening,
    on: date | None,
    holder: str | None,
    why: str,
    office: str | None,
) -> None:
    facts: dict[str, object] = {str(known.version.date_fact): on}
    if known.version.holder_fact is not None:
        facts[known.version.holder_fact] = holder
    step.correct(kind, facts, reason=why, by=office)


def _tell(
    step: Step, known: DatedRule, action: str, holder: str, office: str | None, about: Mapping[str, object]
) -> None:
    told = Notice(
        about=about, title=known.rule.title, action=action, to=holder, area=step.register.area, by=office
    )
    step.recording.tell(Ref.told_of_order(action, step.recording.revision), told)
