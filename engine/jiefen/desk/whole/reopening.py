"""重新办理: a case that has ended is opened again, on its own process and with its own story."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.arguments import check_actor, check_day, check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.lookup import locked_case
from jiefen.deadlines.docket import DROPPED
from jiefen.errors import Conflict, FactError
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused, require_act
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus
from jiefen.record.notice import Notice
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.store import cases as store
from jiefen.store.desk import dispatches as orders
from jiefen.store.desk import links
from jiefen.story.snapshots import case_of

#: The fact that says how often a case was opened again; tables read it.
_REOPENED: Final = "reopened"
#: The fact from which periods run that run from receipt.
_RECEIVED: Final = "received_on"
_NOT_VOID: Final = Label("案件并非误登", "the case was no mistake")
_TITLE: Final = Label("案件重新办理", "The case was opened again")


def reopen(
    runtime: Runtime,
    case: int,
    *,
    reason: str,
    by: Actor,
    on: date | None = None,
    session: HostTransaction = None,
) -> Case:
    """Open a case again that has ended: its process begins again, in the same case. Once more changes nothing.

    What is known of the matter stays known; what the procedure had decided or was told is empty again, and the journal
    keeps it. Rights of the parties run on from their own days, also those that ended when it was voided; periods that
    run from receipt run from the day on which the party came back. A duty that was missed before stays missed. From the
    second time on it is for an office of a higher level, and the table ``level`` leads the case there. The party and
    whoever is responsible are told.

    Args:
        on: the day in China on which the party came back, or the relapse was found; today when absent.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it, or holds no office that may open it again there, this time.
        Conflict: it is open and has never ended, was merged, or is an order.
        FactError: the reason says nothing, or the day lies in the future or before the case ended.
    """
    check_id(case, "case")
    check_actor(by)
    why, now = written(reason, "reason"), runtime.clock.now()
    today = china_date(now)
    day = today if on is None else check_day(on, "on")
    if day > today:
        raise FactError(
            f"on={day} is no day that has come; give a date, or leave it out", zh="日期还没有到;请更正"
        )
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        rounds = store.rounds(connection, case)
        before = rounds.reopened
        if row.status != CaseStatus.OPEN or not before:
            require_act(by, row.area, f"opening case {case} again", on=today, again=before > 0)
            _require_possible(connection, row, day)
            deadlines, ended = store.open_and_ended_by(connection, case, DROPPED)
            step = runtime.step(connection, row, deadlines, now, by.id)
            step = after_due_entries(runtime, connection, step)
            step.docket.take_back(ended, _NOT_VOID)
            known, number = step.edition.rulebook.vocabulary.facts, before + 1
            given = {name: value for name, value in ((_REOPENED, number), (_RECEIVED, day)) if name in known}
            step.begin_again(rounds.last_key + 1, given, str(number), reason=why, on=day.isoformat())
            _tell(step, number, day)
            return case_of(step.save(connection), step.edition)
        return case_of(row, runtime.edition_of(connection, row.edition))


def _require_possible(connection: Connection, row: CaseRow, day: date) -> None:
    if row.process == orders.PROCESS:
        raise Conflict(
            f"case {row.id} is an order; give a new one to the matter (dispatch)",
            zh="派单不重新办理;请另行派单",
        )
    if row.status == CaseStatus.MERGED:
        into = links.goes_on_in(connection, row.id)
        raise Conflict(
            f"case {row.id} was merged and goes on in case {into}; open that one again",
            zh=f"{row.id} 号案已并入 {into} 号案;请对该案重新办理",
        )
    if row.ended_at is None:
        raise Conflict(
            f"case {row.id} is {row.status}; only what has ended is opened again", zh="本案尚在办理中"
        )
    if day < china_date(row.ended_at):
        raise FactError(
            f"on={day} lies before {china_date(row.ended_at)}, the day on which case {row.id} ended; correct the date",
            zh=f"{day} 早于办结日期 {china_date(row.ended_at)};请更正",
        )


def _tell(step: Step, number: int, day: date) -> None:
    about: dict[str, Any] = {"reopened": number, "on": day.isoformat()}
    for role in ("party", step.pressing.in_charge()):
        told = Notice(about=about, title=_TITLE, action="reopened", to=role, area=step.register.area)
        step.recording.tell(Ref.told_at_desk("reopened", step.recording.revision, role), told)
