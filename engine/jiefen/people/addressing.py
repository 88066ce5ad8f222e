"""Who is told, and when: notices and reports get their persons and their hour, and what must be answered is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from jiefen.areas import Level
from jiefen.clock import china_date, midnight_after
from jiefen.people.directory import Seat
from jiefen.people.finder import Finder, Target
from jiefen.periods import Calendar, Period, Unit, due
from jiefen.periods.hours import working_time
from jiefen.record.kinds import Happening, SupervisionStatus
from jiefen.record.notice import Found, Notice
from jiefen.record.recording import ALERT, NOTICE, REPORT, Recording
from jiefen.record.refs import Ref
from jiefen.rules import Action

#: What is pressed for in writing, whether or not the rung gives it a time.
_SUPERVISIONS: Final = frozenset({Action.SUPERVISE, Action.SUPERVISE_LIST, Action.RECTIFY})
#: What a supervision keeps of its notice, for the day on which it was not answered.
_KEPT: Final = (
    "deadline", "task", "delivery", "title", "due_on", "provisional", "action", "level", "area", "by", "ladder", "rung",
)  # fmt: skip
#: Property of an element that sends something: the roles that it is for; and what comes of it in what goes out.
TELLS: Final = "tells"
ADDRESSEES: Final = "addressees"
#: 相关主管部门: the addressee of a report (信访工作条例 art. 25) that is another one for each case.
_COMPETENT: Final = "competent_department"
_REPORT_TITLE: Final[Mapping[str, str]] = {
    "zh": "重大、紧急信访事项报告",
    "en": "Report of a grave and urgent matter",
}


def address(
    recording: Recording, finder: Finder, calendar: Calendar, leader: str | None, area: str | None
) -> None:
    """Give every notice of a step its persons and its hour; keep what must be answered; alert for who is missing.

    A notice is told to those who hold the post on the day on which it is told, once. One that is not urgent waits for
    working hours. A report of a grave and urgent matter has persons too, and waits for nothing.
    """
    for item in list(recording.changes.agenda):
        notice = recording.told.get(item["ref"]) if item["topic"] == NOTICE else None
        if notice is not None:
            if not notice.urgent:
                item["at"] = item["next_try_at"] = working_time(recording.now, calendar)
            notice = with_persons(recording, finder.on(china_date(item["at"])), item["ref"], notice, leader)
            if asks_for_an_answer(notice):
                _open_supervision(recording, item["ref"], notice, item["at"], calendar)
        elif item["topic"] == REPORT and "to" not in item["data"]:
            notice = _report(recording, item, finder, leader, area)
        elif item["data"] and TELLS in item["data"]:
            _name_addressees(recording, item, finder, area)
        if notice is not None:
            item["data"] = notice.payload()
            _remember(recording, item)


def with_persons(
    recording: Recording, finder: Finder, ref: str, notice: Notice, leader: str | None
) -> Notice:
    """The notice with who it is for, and who acts by it; one that has its persons already keeps them.

    Who is away has a deputy, who is told in their place, and the journal says so.
    """
    notice = _looked_up(recording, finder, ref, notice, leader)
    found = notice.found
    away = (
        (finder.discreet() if notice.confidential else finder).away(found.persons)
        if found is not None
        else {}
    )
    if found is None or not away:
        return notice
    for person, deputy in away.items():
        recording.note(Happening.STOOD_IN, person, ref=ref, deputy=deputy)
    return replace(notice, found=found.in_place_of(away))


def _looked_up(recording: Recording, finder: Finder, ref: str, notice: Notice, leader: str | None) -> Notice:
    if notice.found is not None:
        return notice
    role, level = notice.to, Level(notice.level) if notice.level else None
    if notice.confidential:
        finder, leader = finder.discreet(), None
    if role is None:
        role, level = finder.responsible() or (None, None)
    if role is None:
        return notice.addressed(Found(holders=(leader,) if leader else None), None, notice.level)
    target = finder.find(role, level, notice.area, notice.supervised)
    _missing(recording, ref, notice, target)
    found = Found(
        holders=target.holders,
        deputies=target.deputies,
        vacant=tuple(_plain(seat) for seat in target.vacant),
        seats=_seats(target, notice.area),
        actor=_actor(recording, finder, ref, notice, target),
    )
    if finder.avoids(target.role):
        # Nobody else is over the accused unit: an alert that names nothing is all that is left.
        _alert(recording, ref, notice, ())
        return notice.addressed(found, None, None)
    return notice.addressed(found, target.role, str(target.level) if target.level else None)


def _actor(
    recording: Recording, finder: Finder, ref: str, notice: Notice, target: Target
) -> Mapping[str, Any] | None:
    """Who acts by a notice. A vacant post may have led to the very office that acts: nobody supervises themselves, the
    next one up does."""
    if notice.by is None:
        return None
    own = {part.role for part in target.targets if part.holders}
    actor = finder.find(notice.by, None, notice.area, own)
    _missing(recording, f"{ref}/by", notice, actor)
    holders = list(actor.holders) if actor.holders is not None else None
    if holders or actor.vacant or holders is None:
        return {"role": actor.role, "holders": holders, "deputies": actor.deputies}
    return None


def _report(
    recording: Recording, item: Mapping[str, Any], finder: Finder, leader: str | None, area: str | None
) -> Notice | None:
    """A report with its addressee: that addressee is a role of the rules, or the department in charge of the case."""
    addressee = (item["data"].get("inputs") or {}).get("addressee")
    if addressee != _COMPETENT and not finder.knows(addressee):
        return None
    to, level = addressee, None
    if addressee == _COMPETENT:
        # Where no rule says which department that is, the law's own word is left for people to read.
        to, level = finder.responsible() or (addressee, None)
    report = Notice(
        about=item["data"],
        title=_REPORT_TITLE,
        action="report",
        to=to,
        level=str(level) if level else None,
        area=area,
        confidential=item["data"].get("confidential", False),
    )
    return with_persons(recording, finder, item["ref"], report, leader)


def _name_addressees(recording: Recording, item: dict[str, Any], finder: Finder, area: str | None) -> None:
    """What goes out for several roles names who holds each of them, or who is told in their place."""
    data = dict(item["data"])
    found = [(role, finder.find(role, None, area)) for role in data.pop(TELLS)]
    away = finder.away(frozenset(one for _, target in found for one in target.holders or ()))
    for person, deputy in away.items():
        recording.note(Happening.STOOD_IN, person, ref=item["ref"], deputy=deputy)
    data[ADDRESSEES] = [
        _plain(Seat(target.role, target.level, area))
        | {
            "for": role,
            "holders": None
            if target.holders is None
            else list(dict.fromkeys(away.get(one, one) for one in target.holders)),
            "deputies": target.deputies,
        }
        for role, target in found
    ]
    item["data"] = data
    for entry in recording.changes.journal:
        if entry.kind == Happening.DELIVERY and entry.data.get("ref") == item["ref"]:
            entry.data[ADDRESSEES] = data[ADDRESSEES]


def asks_for_an_answer(notice: Notice) -> bool:
    """Whether a notice presses for an answer, be it told by a rung or by an expiry without a ladder.

    Not one about a supervision that is open already, nor one that is for nobody.
    """
    if "supervision" in notice.about or notice.to is None:
        return False
    return notice.action in _SUPERVISIONS or notice.reply is not None or notice.reply_by is not None


def _remember(recording: Recording, item: Mapping[str, Any]) -> None:
    """Keep the addressee of a notice in the journal: the delivery keeps nothing once it has arrived."""
    notice = item["data"]
    for entry in recording.changes.journal:
        if entry.kind == Happening.DELIVERY and entry.data.get("ref") == item["ref"]:
            entry.data.update(to=notice["to"], holders=notice["holders"], at=item["at"].isoformat())


def _seats(target: Target, area: str | None) -> tuple[Mapping[str, Any], ...]:
    """The seats that are told, each with its holders."""
    return tuple(
        _plain(Seat(part.role, part.level, part.unit or area))
        | {"holders": list(part.holders), "deputies": part.deputies}
        for part in target.targets
        if part.holders
    )


def _missing(recording: Recording, ref: str, notice: Notice, target: Target) -> None:
    """A post that nobody holds is told to its superior; at the top an alert is all that is left."""
    for part in target.targets:
        if not part.vacant:
            continue
        vacant = [_plain(seat) for seat in part.vacant]
        told = part.role if part.holders else None
        recording.note(Happening.TARGET_MISSING, part.vacant[0].role, ref=ref, vacant=vacant, to=told)
        if told is None:
            _alert(recording, ref, notice, vacant, part.unit)


def _alert(
    recording: Recording,
    ref: str,
    notice: Notice,
    vacant: Sequence[Mapping[str, Any]],
    unit: str | None = None,
) -> None:
    about = {"title": dict(notice.title), "action": notice.action, "area": notice.area}
    recording.deliver(Ref.alert(ref, unit), ALERT, {"notice": ref, "vacant": list(vacant), **about})


def _plain(seat: Seat) -> dict[str, Any]:
    return {"role": seat.role, "level": str(seat.level) if seat.level else None, "area": seat.area}


def reply_until(reply: str | None, reply_by: str | None, told_at: datetime, calendar: Calendar) -> datetime:
    """Until when an answer is to come: the end of a day that was set, else of the period from the notice on."""
    if reply_by is not None:
        return midnight_after(date.fromisoformat(reply_by))
    period = Period.parse(reply or "")
    start = told_at if period.unit is Unit.HOUR else china_date(told_at)
    return due(period, start, calendar).instant


def _open_supervision(
    recording: Recording, ref: str, notice: Notice, told_at: datetime, calendar: Calendar
) -> None:
    """督办: what somebody is pressed for stays open until it is answered in writing (信访工作条例 art. 40)."""
    found = notice.found
    by, reply_at = notice.by, None
    if found is not None and by in {seat["role"] for seat in found.seats}:
        by = found.actor["role"] if found.actor else None
    if notice.reply is not None or notice.reply_by is not None:
        reply_at = reply_until(notice.reply, notice.reply_by, told_at, calendar)
        payload = notice.payload()
        data = {name: payload[name] for name in _KEPT if name in payload}
        recording.plan(
            Ref.reply(ref), reply_at, data=data | {"role": notice.to, "roles": list(notice.roles), "by": by}
        )
    recording.changes.supervisions.append(
        {
            "case_id": recording.case_id,
            "ref": ref,
            "action": notice.action,
            "title": dict(notice.title),
            "role": notice.to,
            "area": notice.area,
            "holders": list(notice.holders),
            "by_role": by,
            "opened_at": recording.now,
            "reply_at": reply_at,
            "status": str(SupervisionStatus.OPEN),
        }
    )
