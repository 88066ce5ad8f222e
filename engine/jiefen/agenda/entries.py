"""What an entry of a case does when its time has come: one handler for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.appointments import press as press_meeting
from jiefen.agenda.services import served
from jiefen.case.runtime import Runtime
from jiefen.case.step import Step
from jiefen.people.escalation import tell_asker
from jiefen.record.kinds import EntryKind, Happening
from jiefen.record.refs import Ref
from jiefen.store.agenda import Claim

#: Takes the step of the case, its transaction, what the entry refers to, and what was kept with it.
Handler = Callable[[Step, Connection, Ref, Mapping[str, Any]], None]


def _timer(step: Step, _connection: Connection, ref: Ref, _data: Mapping[str, Any]) -> None:
    step.fire_timer(ref.number)


def _expiry(step: Step, _connection: Connection, ref: Ref, _data: Mapping[str, Any]) -> None:
    look_again = step.expire(ref.number)
    if look_again is not None:
        step.recording.plan(ref, look_again)


def _known(step: Step, _connection: Connection, ref: Ref, _data: Mapping[str, Any]) -> None:
    step.reach_known(ref.name)


def _rung(step: Step, connection: Connection, ref: Ref, data: Mapping[str, Any]) -> None:
    step.pressing.rung(connection, ref.number, ref.rung_id, first=data.get("first", False))


def _task(step: Step, _connection: Connection, ref: Ref, data: Mapping[str, Any]) -> None:
    step.pressing.task(ref.number, data)


def _reply(step: Step, _connection: Connection, ref: Ref, data: Mapping[str, Any]) -> None:
    step.pressing.answer(ref.name, data)


def _sent(step: Step, connection: Connection, ref: Ref, data: Mapping[str, Any]) -> None:
    if "awaited" in data:
        step.pressing.term_over(connection, data["awaited"])
    else:
        step.pressing.delivery(ref.name, data)


def _unmoved(step: Step, connection: Connection, _ref: Ref, data: Mapping[str, Any]) -> None:
    step.pressing.movement(connection, data)


def _stuck(step: Step, _connection: Connection, ref: Ref, _data: Mapping[str, Any]) -> None:
    step.look_whether_stuck(*ref.place)


def _agreement(step: Step, _connection: Connection, _ref: Ref, data: Mapping[str, Any]) -> None:
    """Nobody has agreed to an act in time."""
    step.recording.note(Happening.AGREEMENT_LAPSED, data["act"], title=data["title"], first=data["by"]["id"])
    tell_asker(step.recording, data, "agreement_lapsed", step.register.area, {})


#: One handler for each kind of entry that a case has; deliveries and routines are worked on elsewhere.
HANDLERS: Final[Mapping[EntryKind, Handler]] = MappingProxyType(
    {
        EntryKind.TIMER: _timer,
        EntryKind.EXPIRY: _expiry,
        EntryKind.KNOWN: _known,
        EntryKind.MEETING: press_meeting,
        EntryKind.SERVED: served,
        EntryKind.RUNG: _rung,
        EntryKind.TASK: _task,
        EntryKind.REPLY: _reply,
        EntryKind.SENT: _sent,
        EntryKind.UNMOVED: _unmoved,
        EntryKind.STUCK: _stuck,
        EntryKind.AGREEMENT: _agreement,
    }
)


def run_entry(runtime: Runtime, connection: Connection, claim: Claim, now: datetime) -> None:
    """Do an entry of a case in the transaction that has locked the case.

    Raises:
        NotFound: the entry is of no kind that is known.
    """
    ref = Ref.of(claim.entry)
    step = runtime.step(connection, claim.case, claim.deadlines, now)
    step.recording.changes.agenda_removed.append(ref)
    HANDLERS[ref.kind](step, connection, ref, claim.entry.data)
    step.save(connection)
