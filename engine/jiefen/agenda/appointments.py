"""接访提醒: an official is reminded of an appointment, and asked afterwards what became of it.

The days are this library's own: the office day before, the office day after, and three office days later the office
responsible for the case, too. No legal date depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.case.step import Step
from jiefen.clock import CHINA, china_date
from jiefen.notation.labels import Label
from jiefen.notation.texts import person_id
from jiefen.periods import Calendar
from jiefen.periods.hours import last_office_day, next_office_day, opening
from jiefen.record.kinds import AppointmentForm, AppointmentStatus, CaseStatus, Happening
from jiefen.record.notice import Found, Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.store import reading
from jiefen.store.counter import appointments as store
from jiefen.store.desk import absences

_DAY: Final = timedelta(days=1)
_LATER: Final = 3
BEFORE, _ASKED, _ABOVE = "before", "asked", "above"
_GONE: Final = "gone"
_SAYS: Final[Mapping[str, Label]] = {
    "booked": Label("已安排", "is booked"),
    "moved": Label("已改期", "was moved"),
    "cancelled": Label("已取消", "was cancelled"),
    BEFORE: Label("即将进行", "is coming"),
    _ASKED: Label("已过时间,请登记结果", "is over; say what became of it"),
    _GONE: Label(
        "所属案件已并入他案或者作废,请取消", "belongs to a case that was merged or is void; cancel it"
    ),
    _ABOVE: Label("已过时间,仍未登记结果", "is over, and nobody has said what became of it"),
}
_AWAY: Final = Label(
    ";接待人当日不在岗,请改期或者由代理人接待",
    "; the official is away that day: move it, or let the deputy go",
)


def watch(recording: Recording, seq: int, starts_at: datetime, moves: int, calendar: Calendar) -> None:
    """Put the next reminder of an appointment on the agenda, if one is still to come."""
    for stage, at in _stages(china_date(starts_at), calendar):
        if at > recording.now:
            recording.plan(Ref.meeting(seq), at, data={"stage": stage, "moves": moves})
            return
    recording.unplan(Ref.meeting(seq))


def press(step: Step, connection: Connection, ref: Ref, data: Mapping[str, Any]) -> None:
    """A reminder is due: tell it, unless the appointment was held, missed, cancelled or moved since."""
    recording = step.recording
    row = store.one(connection, recording.case_id, ref.number)
    if row is None or row.status != AppointmentStatus.PLANNED or row.moves != data["moves"]:
        return
    case = reading.case(connection, recording.case_id)
    assert case is not None
    away = absences.away(connection, row.official, china_date(row.starts_at))
    recused = {person_id(one) for one in case.recused or ()}
    asked = (row.official, *row.staff, *((away.deputy,) if away is not None else ()))
    persons = [one for one in asked if person_id(one) not in recused]
    stage = _GONE if case.status in (CaseStatus.MERGED, CaseStatus.VOIDED) else data["stage"]
    tell(recording, row, stage, persons, away=away)
    recording.note(
        Happening.APPOINTMENT_REMINDED, str(row.seq), stage=stage, away=away.person if away else None
    )
    if stage != _GONE:
        watch(recording, row.seq, row.starts_at, row.moves, step.register.calendar)


def tell(recording: Recording, row: Any, stage: str, persons: Sequence[str], away: Any = None) -> None:
    """Tell who is to be there how an appointment stands; what nobody has answered, the office responsible too."""
    when, form = f"{row.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}", AppointmentForm(row.form)
    says, more = _SAYS[stage], _AWAY if away is not None else Label("", "")
    title = Label(
        f"{form.zh}({when},{row.place}){says.zh}{more.zh}", f"{form} ({when}, {row.place}) {says.en}{more.en}"
    )
    about = {
        "appointment": row.seq, "form": str(form), "at": row.starts_at.isoformat(), "place": row.place, "state": stage,
        "parties": list(row.parties),
    }  # fmt: skip
    told = Notice(about=about, title=title, action="appointment", to=None, area=row.area)
    if persons:
        found = Found(holders=tuple(dict.fromkeys(persons)))
        recording.tell(
            Ref.told_of_meeting(row.seq, stage, recording.revision), told.addressed(found, None, None)
        )
    if stage == _ABOVE or not persons:
        # Nobody says anything, or whoever was to be there is recused by now.
        recording.tell(Ref.told_of_meeting(row.seq, f"{stage}/office", recording.revision), told)


def _stages(day: date, calendar: Calendar) -> list[tuple[str, datetime]]:
    after = next_office_day(day + _DAY, calendar)
    later = after
    for _ in range(_LATER):
        later = next_office_day(later + _DAY, calendar)
    return [
        (BEFORE, opening(last_office_day(day - _DAY, calendar), calendar)),
        (_ASKED, opening(after, calendar)),
        (_ABOVE, opening(later, calendar)),
    ]
