"""What was to be told to somebody who has nothing to do with a case any more goes to others.

They are recused from it (回避), or it has moved to another area.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy.engine import Connection

from jiefen.clock import china_date
from jiefen.people.addressing import with_persons
from jiefen.people.finder import Finder
from jiefen.periods import Calendar
from jiefen.periods.hours import working_time
from jiefen.record.kinds import EntryKind, EntryStatus, Happening
from jiefen.record.notice import Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.store import people as store

#: What a notice about a supervision takes over from the agenda.
_ABOUT: Final = ("deadline", "task", "delivery", "due_on", "provisional")


def pass_on(
    connection: Connection,
    recording: Recording,
    finder: Finder,
    calendar: Calendar,
    leader: str | None,
    person: str | None,
    area: str | None = None,
) -> None:
    """Give what names ``person`` to who stands in, as if the post were vacant: notices that wait, open supervisions.

    Without a person, everything goes to the offices of ``area``, where the case lies now.

    What waits for the leader of the case alone, who leads it no longer, is told to who is responsible for it.

    Args:
        finder: of the case, which knows already that the person is recused.
    """
    passed = set()
    for row in store.to_be_told(connection, recording.case_id):
        notice = Notice.read(row.data)
        if person is None:
            notice = replace(notice, area=area)
        elif not _names(notice, person):
            continue
        passed.add(row.ref)
        # It has its hour already; one that is late goes out at the next sweep.
        day = china_date(max(row.next_try_at, recording.now))
        notice = with_persons(recording, finder.on(day), row.ref, notice.without_persons(), leader)
        if notice.to is None and not notice.holders:
            recording.finish(row, EntryStatus.WITHDRAWN)
            recording.note(
                Happening.DELIVERY_WITHDRAWN,
                row.topic,
                ref=row.ref,
                delivery=row.id,
                status=row.status,
                gone=False,
            )
            continue
        recording.changes.readdressed[row.id] = row.kind, row.ref, notice.payload()
        told = {"to": notice.to, "holders": list(notice.holders), "at": row.at.isoformat()}
        recording.note(Happening.DELIVERY, row.topic, ref=row.ref, **told)
    finder = finder.on(china_date(working_time(recording.now, calendar)))
    for supervision in store.still_open(connection, recording.case_id):
        if person is not None and person not in supervision.holders:
            continue
        known = dict(supervision.reply_data or {})
        ref = Ref.passed_on(supervision.ref, recording.revision)
        about = {name: known[name] for name in _ABOUT if name in known} | {
            "supervision": supervision.ref,
            "reply_at": supervision.reply_at.isoformat() if supervision.reply_at else None,
        }
        notice = Notice(
            about=about, title=supervision.title, action=supervision.action, to=supervision.role,
            level=known.get("level"), area=area if person is None else supervision.area, by=supervision.by_role,
        )  # fmt: skip
        notice = with_persons(recording, finder, ref.name, notice, leader)
        role, holders = notice.to or supervision.role, list(notice.holders)
        recording.changes.handed_over[supervision.ref] = role, holders, notice.area
        if supervision.reply is not None:
            told = {"role": notice.to, "roles": list(notice.roles), "level": notice.level}
            kept = str(EntryKind.REPLY), supervision.ref
            recording.changes.readdressed[supervision.reply] = *kept, {**known, **told}
        others = tuple(one for one in notice.holders if one not in supervision.holders)
        if others and notice.found is not None and supervision.ref not in passed:
            recording.tell(ref, replace(notice, found=replace(notice.found, holders=others)))


def _names(notice: Notice, person: str) -> bool:
    actor = (notice.found.actor if notice.found is not None else None) or {}
    return person in notice.holders or person in (actor.get("holders") or ())
