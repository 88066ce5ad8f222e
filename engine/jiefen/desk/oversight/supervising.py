"""督办: somebody presses an office by hand, and looks at its answer.

What is pressed for goes the way of what the rungs of ladders press for: it is told to who holds the post, must be
answered in writing, and climbs when it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_choice, check_day, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.lookup import supervision_row
from jiefen.desk.corrections import step_of
from jiefen.errors import AlreadyDone, Conflict, FactError, NotAllowed, PeriodError, UnknownValue
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.texts import shown, written
from jiefen.people.addressing import reply_until
from jiefen.people.authority import pressing_office, require_act, require_role
from jiefen.periods import Period
from jiefen.periods.hours import working_time
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, Happening, SupervisionStatus
from jiefen.record.notice import Notice
from jiefen.record.refs import Ref
from jiefen.record.values import Supervision
from jiefen.rules import PRESSING, Action, Role, Who
from jiefen.store import people as store
from jiefen.story.snapshots import supervision_of


def supervise(
    runtime: Runtime,
    case: int,
    role: str,
    action: str,
    *,
    ground: str,
    by: Actor,
    reply: str | None = None,
    reply_by: date | None = None,
    session: HostTransaction = None,
) -> Supervision:
    """Press an office for something it owes in a case: it is told, and must answer in writing in time.

    Args:
        role: the office, by its id; its holders for the area of the case are told.
        action: ``remind``, ``supervise``, ``interview``, ``supervise_list``, ``circular`` or ``rectify``.
        ground: what is wrong, and what is asked for; the office reads it.
        reply: the time for the answer, as a period (``5 wd``), or
        reply_by: its last day in China. One of the two.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused, acts for another area, or holds no office that may press this one so.
        Conflict: the case is not open.
        UnknownValue: there is no such role or action; the message names the nearest.
        FactError: the ground says nothing, or there is no time for the answer, or one that is over.
    """
    why = written(ground, "ground")
    check_key(role, "role")
    check_choice(action, "action of an office that presses another", sorted(PRESSING))
    doing = Action(action)
    _require_time(reply, reply_by, "an answer needs its time", "请写明答复时限")
    with step_of(runtime, case, by, session, tests=True) as (step, row, connection):
        if row.status != CaseStatus.OPEN:
            raise Conflict(
                f"case {case} is {row.status}; only who works on an open case is pressed",
                zh=f"{case} 号案已不在办理中",
            )
        roles = step.edition.rulebook.roles
        if role not in roles:
            raise UnknownValue(
                f"there is no role {shown(role)}; {suggestion(role, roles)}",
                zh=f"没有 {shown(role)} 这个岗位;请用岗位代号",
            )
        if roles[role].level is None:
            raise NotAllowed(
                f"{role} is a party of the case, and no office; nobody presses a party",
                zh=f"“{roles[role].title.zh}”不是承办单位,不能督办",
            )
        today = china_date(step.now())
        presses = partial(_presses, doing, role, row.area, roles, today)
        what = f"pressing {role} in case {case}"
        office = require_act(by, row.area, what, on=today, tests={Who.PRESSES: presses})
        period, day = _time(step, reply, reply_by)
        ref = Ref.told_by_hand(step.recording.revision)
        step.recording.note(
            Happening.SUPERVISED, ref.name, to=role, action=str(doing), by=office, reason=why,
            reply=period or day,
        )  # fmt: skip
        told = Notice(
            about={"ground": why}, title=Label(why, why), action=str(doing), to=role, area=row.area, by=office,
            reply=period, reply_by=day,
        )  # fmt: skip
        step.recording.tell(ref, told)
        step.save(connection)
        return _found(connection, step, case, ref.name)


def check_answer(
    runtime: Runtime,
    case: int,
    ref: str,
    *,
    enough: bool,
    by: Actor,
    reason: str | None = None,
    reply: str | None = None,
    reply_by: date | None = None,
    session: HostTransaction = None,
) -> Supervision:
    """Whoever supervises looks at the answer: it is enough, or goes back with what is missing and a new time.

    What is sent back is open again, is told to who must answer, and climbs when it is not answered.

    Args:
        enough: whether the answer is accepted. Accepting what is accepted changes nothing.
        reason: why it goes back; may be absent where it is enough.
        reply, reply_by: the new time for the answer, as for :meth:`supervise`; only where it goes back.

    Raises:
        NotFound: there is no such case, or no such supervision.
        Conflict: it has no answer to look at.
        NotAllowed: the actor is not the office that supervises nor may press in its place, or gave the answer.
        FactError: no reason or no time where it goes back.
    """
    check_key(ref, "ref of a supervision")
    if not isinstance(enough, bool):
        raise FactError(
            f"enough={shown(enough)} does not say whether the answer is enough; give True or False"
        )
    if not enough:
        if reason is None:
            raise FactError(
                "an answer that goes back says what is missing; give reason= (--reason TEXT)",
                zh="退回答复须写明缺什么;请填写理由(--reason)",
            )
        _require_time(reply, reply_by, "an answer that goes back needs a new time", "退回答复须写明新的时限")
    why = written(reason, "reason") if reason is not None else None
    with step_of(runtime, case, by, session, tests=True) as (step, _, connection):
        row = supervision_row(connection, case, ref)
        _permit(step, row, by)
        if enough and row.status == SupervisionStatus.ACCEPTED:
            return supervision_of(row, step.now())
        if row.status != SupervisionStatus.ANSWERED:
            raise Conflict(
                f"supervision {ref} of case {case} is {row.status}; an answer is looked at once it is there",
                zh="该督办没有待审核的答复",
            )
        if by.id == row.answered_by:
            raise NotAllowed(
                f"{by.id} has given this answer; somebody else looks at it",
                zh=f"答复由 {by.id} 作出,应由他人审核",
            )
        if enough:
            _change(step, row, status=SupervisionStatus.ACCEPTED)
            step.recording.note(Happening.SUPERVISION_ACCEPTED, ref, title=row.title, reason=why)
        else:
            period, day = _time(step, reply, reply_by)
            calendar = step.register.calendar
            until = reply_until(period, day, working_time(step.now(), calendar), calendar)
            _change(
                step, row, status=SupervisionStatus.OPEN, reply_at=until, answered_at=None, answered_by=None
            )
            step.recording.note(
                Happening.SUPERVISION_SENT_BACK, ref, title=row.title, reason=why, reply_at=until.isoformat()
            )
            data = {name: getattr(row, name) for name in ("title", "role", "area", "action")}
            step.recording.plan(
                Ref.reply(ref), until, data=data | {"roles": [row.role], "by": row.by_role, "level": None}
            )
            _tell(step, row, "sent_back", {"reason": why, "reply_at": until.isoformat()})
        step.save(connection)
        return _found(connection, step, case, ref)


def withdraw_supervision(
    runtime: Runtime, case: int, ref: str, *, reason: str, by: Actor, session: HostTransaction = None
) -> Supervision:
    """Take back a supervision that is not to be answered any more; who was pressed is told.

    Raises:
        NotFound: there is no such case, or no such supervision.
        AlreadyDone: it was answered.
        NotAllowed: the actor is not the office that supervises, nor may press in its place.
        FactError: the reason says nothing.
    """
    check_key(ref, "ref of a supervision")
    why = written(reason, "reason")
    with step_of(runtime, case, by, session, tests=True) as (step, _, connection):
        row = supervision_row(connection, case, ref)
        _permit(step, row, by)
        if row.status == SupervisionStatus.WITHDRAWN:
            return supervision_of(row, step.now())
        if row.status != SupervisionStatus.OPEN:
            raise AlreadyDone(
                f"supervision {ref} of case {case} was answered; check the answer instead (check_answer)",
                zh="该督办已经答复,请审核答复",
            )
        _change(step, row, status=SupervisionStatus.WITHDRAWN)
        step.recording.unplan(Ref.reply(ref))
        step.recording.note(Happening.SUPERVISION_WITHDRAWN, ref, title=row.title, reason=why)
        _tell(step, row, "withdrawn", {"reason": why})
        step.save(connection)
        return _found(connection, step, case, ref)


def _require_time(reply: object, reply_by: object, en: str, zh: str) -> None:
    """Refuse an answer without a time, or with two."""
    if (reply is None) == (reply_by is None):
        raise FactError(
            f"{en}: give either reply= (--reply '5 wd') or reply_by= (--reply-by, a date), and not both",
            zh=f"{zh}:期间(--reply '5 wd')或者日期(--reply-by),只写一种",
        )
    if reply_by is not None:
        check_day(reply_by, "reply_by")


def _time(step: Step, reply: object, reply_by: object) -> tuple[str | None, str | None]:
    """The time for an answer: a period as text, or the last day as text."""
    if reply_by is not None:
        day = check_day(reply_by, "reply_by")
        if day < china_date(step.now()):
            raise FactError(
                f"reply_by={day} is no day to come; give a date from today on", zh="答复日期应在今天以后"
            )
        return None, day.isoformat()
    try:
        period = Period.parse(reply) if isinstance(reply, str) else None
    except PeriodError:
        period = None
    if period is None or period.length < 1:
        raise FactError(
            f"reply={shown(reply)} is no time for an answer; write it like 5 wd", zh="答复时限写法如 5 wd"
        )
    return f"{period.length} {period.unit}", None


def _change(step: Step, row: Row[Any], **now: Any) -> None:
    kept = {name: getattr(row, name) for name in ("status", "reply_at", "answered_at", "answered_by")}
    step.recording.changes.supervised[row.ref] = kept | now


def _tell(step: Step, row: Row[Any], action: str, more: dict[str, Any]) -> None:
    """Tell who must answer, or had to."""
    told = Notice(
        about={"supervision": row.ref} | more, title=row.title, action=action, to=row.role, area=row.area,
        by=row.by_role,
    )  # fmt: skip
    step.recording.tell(Ref.told_of_answer(row.ref, action, step.recording.revision), told)


def _presses(
    action: Action, role: str, area: str | None, roles: Mapping[str, Role], today: date, by: Actor
) -> str:
    return pressing_office(by, action, role, area, roles, on=today)


def _permit(step: Step, row: Row[Any], by: Actor) -> None:
    """Let who may look at what came of a supervision, by its row."""
    today = china_date(step.now())
    presses = partial(_issues, row, step.edition.rulebook.roles, today)
    require_act(by, row.area, f"supervision {row.ref}", on=today, tests={Who.PRESSES: presses})


def _issues(row: Row[Any], roles: Mapping[str, Role], today: date, by: Actor) -> str | None:
    """The office that supervises, or whoever may press in the same way."""
    try:
        require_role(
            by, [row.by_role] if row.by_role else [], row.area, roles, f"supervision {row.ref}", on=today
        )
    except NotAllowed:
        if row.role not in roles:
            raise
        return pressing_office(by, Action(row.action), row.role, row.area, roles, on=today)
    issuer: str | None = row.by_role
    return issuer


def _found(connection: Connection, step: Step, case: int, ref: str) -> Supervision:
    row = store.supervision(connection, case, ref)
    assert row is not None
    return supervision_of(row, step.now())
