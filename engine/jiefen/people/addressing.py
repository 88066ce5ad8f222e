"""Whom a notice reaches, and when: from the role a rule names to the persons who hold it, in their working hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from jiefen.areas import Level
from jiefen.clock import china_date
from jiefen.people.directory import (
    Directory,
    Divided,
    Holder,
    Seat,
    answered_holders,
    answered_superior,
    answered_units,
)
from jiefen.periods import Calendar, Period, Unit, due
from jiefen.periods.hours import working_time
from jiefen.record.kinds import EntryKind, Happening
from jiefen.record.recording import ALERT, NOTICE, REPORT, Recording
from jiefen.record.refs import Ref
from jiefen.rules import Action, AssignmentKind, Role, RuleView

#: A vacant post is reported upwards over at most so many seats; then nobody can be found.
MAX_CLIMB: Final = 5
_LEVELS: Final = tuple(Level)
_SUPERVISIONS: Final = frozenset({Action.SUPERVISE, Action.SUPERVISE_LIST})


#: 相关主管部门: the addressee of a report (信访工作条例 art. 25) that is another one for each case.
_COMPETENT: Final = "competent_department"
_REPORT: Final[Mapping[str, Any]] = {
    "title": {"zh": "重大、紧急信访事项报告", "en": "Report of a grave and urgent matter"},
    "action": "report",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a role of a rule has led to.

    Attributes:
        role, level: the role that is told: the one the rule names, or that of the first superior somebody holds.
        holders: ids; empty when nobody was found up to the top; ``None`` when there is nobody to be looked up: there
            is no directory, or the role lies outside the organisation, like a party.
        deputies: whether the holders only stand in.
        vacant: the seats that were looked at in vain, the one of the rule first.
        parts: where a case concerns several units, like the grids of a village: what each of them has led to.
        unit: of such a part.
    """

    role: str
    level: Level | None
    holders: tuple[str, ...] | None
    deputies: bool = False
    vacant: tuple[Seat, ...] = ()
    parts: tuple[Target, ...] = ()
    unit: str | None = None

    @property
    def alone(self) -> tuple[Target, ...]:
        """Its parts, or itself where it has none."""
        return self.parts or (self,)


class Finder:
    """Finds the persons behind a role for one case.

    Args:
        day: the day on which they must hold it.
        recused: ids of persons who may have nothing to do with the case; their deputies stand in.
    """

    def __init__(
        self,
        directory: Directory | None,
        roles: Mapping[str, Role],
        view: RuleView,
        facts: Mapping[str, object],
        day: date,
        recused: Collection[str] = (),
    ) -> None:
        self._directory, self._roles, self._view = directory, roles, view
        self._facts, self._day, self._recused = facts, day, recused

    def on(self, day: date) -> Finder:
        """The same for another day."""
        return Finder(self._directory, self._roles, self._view, self._facts, day, self._recused)

    def find(self, role: str, level: Level | None, area: str | None, avoid: Collection[str] = ()) -> Target:
        """Who is told: the holders, else their deputies, else the nearest superior whom somebody holds.

        Roles to ``avoid`` are passed by, whoever holds them: an office neither supervises itself nor is told that it
        has failed. Where the case concerns several units, each is looked at for itself: one that is held hides no
        vacant one. The way up is the directory's; where it does not know, the chain of 四级包保 leads on.
        """
        seat = Seat(role, level or self._level(role), area)
        if self._directory is None or seat.level is None:
            return Target(role, seat.level, None)
        units = self._units(seat)
        if len(units) < 2:
            return self._climb(seat, avoid)
        parts = tuple(replace(self._climb(Seat(role, seat.level, unit), avoid), unit=unit) for unit in units)
        # The role of the rule, if somebody holds it anywhere; else the first superior that was found.
        told = next((part for part in parts if part.holders and not part.vacant), None)
        told = told or next((part for part in parts if part.holders), parts[0])
        return Target(
            told.role,
            told.level,
            tuple(dict.fromkeys(one for part in parts for one in part.holders or ())),
            all(part.deputies for part in parts if part.holders) and bool(told.holders),
            tuple(dict.fromkeys(seat for part in parts for seat in part.vacant)),
            parts,
        )

    def _climb(self, seat: Seat, avoid: Collection[str]) -> Target:
        """The holders of a seat, else of the nearest seat over it."""
        looked: list[Seat] = []
        at: Seat | None = seat
        while at is not None and at not in looked and len(looked) <= MAX_CLIMB:
            held = self._held(at) if at.role not in avoid else []
            if held:
                ids = tuple(dict.fromkeys(holder.id for holder in held))
                return Target(at.role, at.level, ids, all(one.deputy for one in held), _vacant(looked, avoid))
            looked.append(at)
            at = self.above(at)
        return Target(seat.role, seat.level, (), vacant=_vacant(looked, avoid))

    def above(self, seat: Seat) -> Seat | None:
        """The seat over a seat; ``None`` at the top."""
        directory = self._directory
        known = answered_superior(directory, seat.role, seat.area or "") if directory is not None else None
        if known is not None:
            return Seat(known.role, known.level or self._level(known.role), known.area or seat.area)
        for assignment in self._view.assignments.values():
            if assignment.mode is AssignmentKind.GUARANTEE and assignment.in_force(self._day):
                chain = [
                    (one.role, one.level or self._level(one.role)) for one in assignment.assign(self._facts)
                ]
                above = _above_in(chain, seat)
                if above is not None:
                    return Seat(*above, seat.area)
        return None

    def knows(self, role: object) -> bool:
        """Whether the rules declare a role."""
        return isinstance(role, str) and role in self._roles

    def over(self, role: str, area: str | None, but: Collection[str]) -> Seat | None:
        """The nearest seat over a role that is none of ``but``'s."""
        at: Seat | None = Seat(role, self._level(role), area)
        for _ in range(MAX_CLIMB):
            at = self.above(at) if at is not None else None
            if at is not None and at.role not in but:
                return at
        return None

    def responsible(self) -> tuple[str, Level | None] | None:
        """The department responsible for the case (归口), as role and level; ``None`` when no rule says."""
        for assignment in self._view.assignments.values():
            if assignment.mode is AssignmentKind.DEPARTMENT and assignment.in_force(self._day):
                for entry in assignment.assign(self._facts):
                    return entry.role, entry.level
        return None

    def _level(self, role: str) -> Level | None:
        known = self._roles.get(role)
        return known.level if known is not None else None

    def _units(self, seat: Seat) -> Sequence[str]:
        """The units that a seat means; none where the directory does not know them."""
        known: object = self._directory
        if seat.area is None or seat.level is None or not isinstance(known, Divided):
            return ()
        return answered_units(known, seat.area, seat.level)

    def _held(self, seat: Seat) -> list[Holder]:
        held = self._ask(seat)
        if held:
            return [holder for holder in held if not holder.deputy] or held
        role = self._roles.get(seat.role)
        return [
            Holder(id=holder.id, role=deputy, area=holder.area, deputy=True)
            for deputy in (role.deputies if role is not None else ())
            for holder in self._ask(Seat(deputy, self._level(deputy) or seat.level, seat.area))
        ]

    def _ask(self, seat: Seat) -> list[Holder]:
        if self._directory is None or seat.area is None:
            return []
        # A unit is asked for itself: the grid around an exclusive one has its own turn.
        level = None if seat.area in self._units(seat) else seat.level
        found = answered_holders(self._directory, seat.role, seat.area, level, self._day)
        return [holder for holder in found if holder.id not in self._recused]


def _vacant(seats: Sequence[Seat], avoid: Collection[str]) -> tuple[Seat, ...]:
    return tuple(seat for seat in seats if seat.role not in avoid)


def _above_in(chain: list[tuple[str, Level | None]], seat: Seat) -> tuple[str, Level | None] | None:
    """The next of a chain upwards; for a role that is not in it, the first of a higher level."""
    roles = [role for role, _ in chain]
    if seat.role in roles:
        return next(iter(chain[roles.index(seat.role) + 1 :]), None)
    for role, level in chain:
        if level is not None and seat.level is not None and _LEVELS.index(level) > _LEVELS.index(seat.level):
            return role, level
    return None


def patient(topic: str | None, data: Mapping[str, Any]) -> bool:
    """Whether a delivery waits for working hours: a notice of ours that is not urgent.

    A service task of a model may use the topic too; what it sends is its own affair.
    """
    return topic == NOTICE and "to" in data and not data.get("urgent")


def address(
    recording: Recording, finder: Finder, calendar: Calendar, leader: str | None, area: str | None
) -> None:
    """Give every notice of a step its persons and its hour; keep what must be answered; alert for who is missing.

    A notice is told to those who hold the post on the day on which it is told, once. One that is not urgent waits for
    working hours. A report of a grave and urgent matter has persons too, and waits for nothing.
    """
    for item in list(recording.changes.agenda):
        notice = item["data"]
        if item["kind"] == EntryKind.DELIVERY and item["topic"] == REPORT:
            _report(recording, item, finder, leader, area)
        if item["kind"] == EntryKind.DELIVERY and item["topic"] == NOTICE and "to" in notice:
            if patient(NOTICE, notice):
                item["at"] = item["next_try_at"] = working_time(recording.now, calendar)
            _find(recording, item["ref"], notice, finder.on(china_date(item["at"])), leader)
            _remember(recording, item)
            if _must_be_answered(notice):
                _open_supervision(recording, item["ref"], notice, item["at"], calendar)


def _report(
    recording: Recording, item: Mapping[str, Any], finder: Finder, leader: str | None, area: str | None
) -> None:
    """Look up whom a report is for: its addressee is a role of the rules, or the department in charge of the case."""
    report = item["data"]
    addressee = (report.get("inputs") or {}).get("addressee")
    if addressee != _COMPETENT and not finder.knows(addressee):
        return
    to, level = addressee, None
    if addressee == _COMPETENT:
        # Where no rule says which department that is, the law's own word is left for people to read.
        to, level = finder.responsible() or (addressee, None)
    report.update(_REPORT, to=to, level=str(level) if level else None, area=area, by=None)
    _find(recording, item["ref"], report, finder, leader)
    _remember(recording, item)


def _must_be_answered(notice: Mapping[str, Any]) -> bool:
    """Whether a notice presses for an answer, be it told by a rung or by an expiry without a ladder.

    Not one about a supervision that is open already, nor one that is for nobody.
    """
    if "supervision" in notice or notice["to"] is None:
        return False
    return notice["action"] in _SUPERVISIONS or ("rung" in notice and notice["reply"] is not None)


def address_again(
    recording: Recording, finder: Finder, ref: str, notice: dict[str, Any], leader: str | None
) -> None:
    """Look up anew whom a notice is for that has its persons already: one of them may not be told any more."""
    vacant = notice.get("vacant") or ()
    if vacant:
        # What the rule names is the first seat that was looked at in vain.
        notice.update(to=vacant[0]["role"], level=vacant[0]["level"])
    notice.pop("holders", None)
    _find(recording, ref, notice, finder, leader)


def _remember(recording: Recording, item: Mapping[str, Any]) -> None:
    """Keep in the journal whom a notice is for: the delivery itself is gone once it has arrived."""
    notice = item["data"]
    for entry in recording.changes.journal:
        if entry["kind"] == Happening.DELIVERY and entry["data"].get("ref") == item["ref"]:
            entry["data"].update(to=notice["to"], holders=notice["holders"], at=item["at"].isoformat())


def _find(recording: Recording, ref: str, notice: dict[str, Any], finder: Finder, leader: str | None) -> None:
    """Look up whom a notice is for, and who acts by it."""
    if "holders" in notice:
        return
    role, level = notice["to"], Level(notice["level"]) if notice["level"] else None
    if role is None:
        role, level = finder.responsible() or (None, None)
    if role is None:
        notice.update(holders=[leader] if leader else None, deputies=False, vacant=[], actor=None)
        return
    target = finder.find(role, level, notice["area"], notice.get("supervised") or ())
    notice.update(
        to=target.role,
        level=str(target.level) if target.level else None,
        holders=list(target.holders) if target.holders is not None else None,
        deputies=target.deputies,
        vacant=[_plain(seat) for seat in target.vacant],
        seats=_told(target, notice["area"]),
        actor=None,
    )
    _missing(recording, ref, notice, target)
    if notice["by"] is not None:
        # A vacant post may have led to the very office that acts: nobody supervises themselves, the next one up does.
        own = {part.role for part in target.alone if part.holders}
        actor = finder.find(notice["by"], None, notice["area"], own)
        holders = list(actor.holders) if actor.holders is not None else None
        if holders or actor.vacant or holders is None:
            notice["actor"] = {"role": actor.role, "holders": holders, "deputies": actor.deputies}
        _missing(recording, f"{ref}/by", notice, actor)


def _told(target: Target, area: str | None) -> list[dict[str, Any]]:
    """The seats that are told, each with its holders."""
    return [
        _plain(Seat(part.role, part.level, part.unit or area))
        | {"holders": list(part.holders), "deputies": part.deputies}
        for part in target.alone
        if part.holders
    ]


def roles_told(notice: Mapping[str, Any]) -> list[str]:
    """The roles that a notice is for: several where only some of the units have somebody of the first."""
    return list(dict.fromkeys([notice["to"], *(seat["role"] for seat in notice["seats"])]))


def _missing(recording: Recording, ref: str, notice: Mapping[str, Any], target: Target) -> None:
    """A post that nobody holds is told to its superior; at the top an alert is all that is left."""
    for part in target.alone:
        if not part.vacant:
            continue
        vacant = [_plain(seat) for seat in part.vacant]
        told = part.role if part.holders else None
        recording.note(Happening.TARGET_MISSING, part.vacant[0].role, ref=ref, vacant=vacant, to=told)
        if told is None:
            about = {name: notice[name] for name in ("title", "action", "area")}
            recording.deliver(Ref.alert(ref, part.unit), ALERT, {"notice": ref, "vacant": vacant, **about})


def _plain(seat: Seat) -> dict[str, str | None]:
    return {"role": seat.role, "level": str(seat.level) if seat.level else None, "area": seat.area}


def _open_supervision(
    recording: Recording, ref: str, notice: Mapping[str, Any], told_at: datetime, calendar: Calendar
) -> None:
    """督办: what somebody is pressed for stays open until it is answered in writing (信访工作条例 art. 40)."""
    by, reply_at = notice["by"], None
    if by in {seat["role"] for seat in notice["seats"]}:
        by = notice["actor"]["role"] if notice["actor"] else None
    if notice["reply"] is not None:
        period = Period.parse(notice["reply"])
        start = told_at if period.unit is Unit.HOUR else china_date(told_at)
        reply_at = due(period, start, calendar).instant
        kept = (
            "deadline",
            "task",
            "title",
            "due_on",
            "provisional",
            "action",
            "level",
            "area",
            "by",
            "ladder",
            "rung",
        )
        data = {name: notice[name] for name in kept if name in notice}
        data |= {"role": notice["to"], "roles": roles_told(notice), "by": by}
        recording.plan(Ref.reply(ref), reply_at, data=data)
    recording.changes.supervisions.append(
        {
            "case_id": recording.case_id,
            "ref": ref,
            "action": notice["action"],
            "title": notice["title"],
            "role": notice["to"],
            "area": notice["area"],
            "holders": notice["holders"] or [],
            "by_role": by,
            "opened_at": recording.now,
            "reply_at": reply_at,
            "status": "open",
        }
    )
