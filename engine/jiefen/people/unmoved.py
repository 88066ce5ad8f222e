"""久拖不决: an open case in which nothing moves, in whatever state, is told to who holds it, then above.

One entry of the agenda per case looks at the journal when it is due, and plans itself again. A step that moves the case
costs nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.clock import china_date
from jiefen.deadlines.ladder import rung_time
from jiefen.deadlines.notices import rung_fields
from jiefen.deadlines.planning import Register
from jiefen.notation.labels import Label
from jiefen.people.confidential import CONFIDENTIAL
from jiefen.periods import Calendar
from jiefen.process import Wait
from jiefen.record.kinds import Happening
from jiefen.record.notice import Found, Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow, roles_of
from jiefen.rules import Ladder, Relative, Role, RuleView
from jiefen.store.desk import movements as store

#: What moves a case: somebody did something for it, or it came to another point of its way.
MOVEMENTS: Final = (
    Happening.OPENED,
    Happening.TASK_COMPLETED,
    Happening.MESSAGE,
    Happening.MESSAGE_TAKEN,
    Happening.DELIVERY_ARRIVED,
    Happening.MILESTONE,
    Happening.STAGE,
    Happening.CONTACT,
    Happening.MOVED,
)
_TITLE: Final = Label("案件久无进展", "A case that does not move")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands while nothing moves.

    Attributes:
        moved_at: when something moved in it last.
        roles: of its first open task; none where nobody has a task.
        claimer: who has claimed that task.
        confidential: whether the accused person or unit may not know of it.
    """

    moved_at: datetime
    roles: Sequence[str] = ()
    claimer: str | None = None
    confidential: bool = False


def standing_of(connection: Connection, case: CaseRow, wait_of: Callable[[int], Wait | None]) -> Standing:
    """When something moved last in a case, and who has its first open task.

    Args:
        wait_of: what the process waits for under a key.
    """
    entry = store.last_entry(connection, case.id, MOVEMENTS)
    moved_at = entry.at if entry is not None else case.opened_at
    tasks = store.open_tasks(connection, case.id)
    if not tasks:
        return Standing(moved_at)
    waits = [wait_of(task.key) for task in tasks]
    secret = any(wait is not None and CONFIDENTIAL in wait.element.properties for wait in waits)
    return Standing(moved_at, roles_of(tasks[0].roles), tasks[0].assignee, secret)


def watch(view: RuleView, calendar: Calendar, recording: Recording) -> None:
    """Plan the first look at a case, where its area has a ladder for cases that do not move."""
    ladder = view.unmoved(china_date(recording.now))
    if ladder is not None:
        _plan(ladder, (), recording.now, recording.now, calendar, recording)


def press(
    data: Mapping[str, Any],
    standing: Standing,
    register: Register,
    recording: Recording,
    roles: Mapping[str, Role],
) -> None:
    """Look whether anything has moved; tell the next rung if nothing has for so long, and plan the next look.

    One look tells one rung, so that who stands above hears of it after who holds the case, however late the clock
    comes. After the last rung the ladder is climbed again.
    """
    ladder, calendar = register.view.unmoved(china_date(recording.now)), register.calendar
    if ladder is None:
        return
    moved = standing.moved_at
    same = data.get("moved") == moved.isoformat()
    since = datetime.fromisoformat(data["since"]) if same else moved
    told = tuple(data["told"]) if same else ()
    rung = next((one for one in ladder.rungs if one.id not in told), None)
    if rung is not None and rung_time(rung, china_date(since), since, calendar) <= recording.now:
        holder = standing.roles[0] if standing.roles else ladder.unmoved
        # Not every role has somebody over it.
        meant = rung.meant(holder, roles).meant(ladder.unmoved, roles)
        recording.note(
            Happening.CASE_UNMOVED, None, to=meant.role, action=str(rung.action), by=meant.by,
            moved=moved.isoformat(),
        )  # fmt: skip
        claimer = standing.claimer if rung.role == Relative.HOLDER else None
        notice = Notice(
            about={"moved_at": moved.isoformat()}, title=_TITLE, to=meant.role, area=register.area,
            confidential=standing.confidential, found=Found(holders=(claimer,)) if claimer else None,
            **rung_fields(meant, ladder.id),
        )  # fmt: skip
        recording.tell(Ref.told_unmoved(recording.revision), notice)
        told = (*told, rung.id)
        if len(told) == len(ladder.rungs):
            since, told = recording.now, ()
    _plan(ladder, told, moved, since, calendar, recording)


def _plan(
    ladder: Ladder,
    told: tuple[str, ...],
    moved: datetime,
    since: datetime,
    calendar: Calendar,
    recording: Recording,
) -> None:
    """Plan the next look: when the next rung is due, and no later than what moves now would have to be told."""
    first = ladder.rungs[0]
    again = rung_time(first, china_date(recording.now), recording.now, calendar)
    left = next((one for one in ladder.rungs if one.id not in told), first)
    due = rung_time(left, china_date(since), since, calendar)
    at = min(again, due) if due > recording.now else again
    data = {"moved": moved.isoformat(), "since": since.isoformat(), "told": list(told)}
    recording.plan(Ref.unmoved(), at, data=data)
