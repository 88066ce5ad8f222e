"""回避: what was to be told to somebody who may have nothing to do with a case any more goes to others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.clock import china_date
from jiefen.people.addressing import Finder, address_again, patient, roles_told
from jiefen.periods import Calendar
from jiefen.periods.hours import working_time
from jiefen.record.kinds import Happening
from jiefen.record.recording import NOTICE, Recording
from jiefen.record.refs import Ref
from jiefen.store import agenda
from jiefen.store import oversight as store

#: What a notice about a supervision takes over from the agenda.
_ABOUT: Final = ("deadline", "task", "due_on", "provisional", "level")


def pass_on(
    connection: Connection,
    recording: Recording,
    finder: Finder,
    calendar: Calendar,
    leader: str | None,
    person: str,
) -> None:
    """Give what names ``person`` to who stands in, as if the post were vacant: notices that wait, open supervisions.

    What waits for the leader of the case alone, who leads it no longer, is told to who is responsible for it.

    Args:
        finder: of the case, which knows already that the person is recused.
    """
    passed = set()
    for row in store.to_be_told(connection, recording.case_id):
        notice = dict(row.data)
        if not _names(notice, person):
            continue
        passed.add(row.ref)
        at = max(row.next_try_at, recording.now)
        day = china_date(working_time(at, calendar) if patient(row.topic, notice) else at)
        address_again(recording, finder.on(day), row.ref, notice, leader)
        if notice["to"] is None and not notice["holders"]:
            agenda.remove(connection, recording.case_id, Ref.of(row))
            continue
        store.readdress(connection, row.id, notice)
        told = {"to": notice["to"], "holders": notice["holders"], "at": row.at.isoformat()}
        recording.note(Happening.DELIVERY, row.topic, ref=row.ref, **told)
    finder = finder.on(china_date(working_time(recording.now, calendar)))
    for supervision, reply in store.still_open(connection, recording.case_id):
        if person not in supervision.holders:
            continue
        known = dict(reply.data) if reply is not None else {}
        ref = Ref.passed_on(supervision.ref, recording.revision)
        notice = {name: known[name] for name in _ABOUT if name in known} | {
            "supervision": supervision.ref,
            "title": supervision.title,
            "action": supervision.action,
            "to": supervision.role,
            "level": known.get("level"),
            "area": supervision.area,
            "by": supervision.by_role,
            "reply": None,
            "reply_at": supervision.reply_at.isoformat() if supervision.reply_at else None,
        }
        address_again(recording, finder, ref.name, notice, leader)
        holders = notice["holders"] or []
        store.hand_over(connection, supervision.id, notice["to"], holders)
        if reply is not None:
            told = {"role": notice["to"], "roles": roles_told(notice), "level": notice["level"]}
            store.readdress(connection, reply.id, {**known, **told})
        others = [one for one in holders if one not in supervision.holders]
        if others and supervision.ref not in passed:
            recording.deliver(ref, NOTICE, {**notice, "holders": others})


def _names(notice: Mapping[str, Any], person: str) -> bool:
    actor = notice.get("actor") or {}
    return person in (notice["holders"] or ()) or person in (actor.get("holders") or ())
