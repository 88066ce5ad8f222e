"""Recurring duties on the agenda: an area keeps its duties, each occurrence leaves a list, and plans the next one."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.schedule import Occurrence, next_occurrence, planned_anew
from jiefen.areas import area_level, normalise_area
from jiefen.case.arguments import check_actor, check_choice, check_id, check_key, check_page, filters
from jiefen.case.runtime import Runtime
from jiefen.clock import CHINA, china_date
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, FactError, NotAllowed, NotFound
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.texts import written
from jiefen.people.authority import require_role
from jiefen.people.directory import Directory, Organisation
from jiefen.periods import Calendar, Unit, due
from jiefen.record.actor import Actor
from jiefen.record.refs import Ref
from jiefen.record.values import DutyList
from jiefen.rules import Duty, ListItem
from jiefen.store import agenda as agenda_store
from jiefen.store import duties as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.recurring")

#: When the next occurrence of a duty is not known, so long passes until it is looked for again.
_LOOK_AGAIN: Final = timedelta(days=30)
#: When the edition does not have a duty, so long passes until it is looked for again.
_OTHER_EDITION: Final = timedelta(days=1)
_PAGE: Final = 500
#: An item of a list names at most so many cases.
MOST_CASES: Final = 500
_OVERDUE: Final = "overdue"
_STATUSES: Final = ("open", _OVERDUE, "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyMove:
    """An occurrence of a recurring duty that falls on another day by a newer calendar, or becomes certain.

    Attributes:
        before, after: ``None`` where the next occurrence is not known.
    """

    rule: str
    area: str
    title: Label
    before: Occurrence | None
    after: Occurrence | None


class Duties:
    """The recurring duties of an engine: ``engine.duties``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def keep(self, area: str, *, session: Session | Connection | None = None) -> list[str]:
        """Plan the duties of an area's level that are not planned yet; the ids of all that are kept there.

        What was planned by an older holiday list is planned anew. Call it again when an edition brings new duties.

        Raises:
            FactError: ``area`` is no area code.
            NotFound: a directory is loaded, and does not have the area.
        """
        runtime, short = self._runtime, normalise_area(area)
        now, edition = runtime.clock.now(), runtime.edition
        duties = {
            duty.id: duty
            for duty in edition.view(short).duties.values()
            if duty.level is None or duty.level is area_level(short)
        }
        with runtime.writing(session) as connection:
            _require_unit(runtime.directory(connection), short)
            planned = store.planned(connection, [Ref.routine(id, short).name for id in duties])
            known = {row.ref: row for row in planned}
            _replan(connection, known.values(), edition, now, apply=True)
            for id, duty in list(duties.items()):
                if Ref.routine(id, short).name in known:
                    continue
                plan = _Plan.next(duty, now, _Holidays.of(edition, short))
                if plan.occurrence is None and _over(duty, edition.calendar, now):
                    del duties[id]
                else:
                    store.plan(connection, Ref.routine(id, short).name, plan.look_at(now), plan.data())
        return sorted(duties)

    def keep_below(self, area: str) -> dict[str, list[str]]:
        """:meth:`keep` for an area and every unit below it in the directory; a transaction for each.

        Returns:
            the ids of the duties that are kept, by area; areas without any are left out.

        Raises:
            FactError: ``area`` is no area code.
            NotFound: there is no directory that lists its units, or it does not have the area.
        """
        runtime, short = self._runtime, normalise_area(area)
        with runtime.reading() as connection:
            directory = runtime.directory(connection)
        if not isinstance(directory, Organisation):
            raise NotFound(
                f"which units lie below {area} is not known: no directory file is loaded; load one with "
                "`jiefen directory load FILE` (Engine.load_directory), or keep the duties of each unit by itself"
            )
        _require_unit(directory, short)
        below = sorted({short, *(unit for unit in directory.units if short in directory.lineage(unit))})
        kept = {unit: self.keep(unit) for unit in below}
        return {unit: ids for unit, ids in kept.items() if ids}

    def stop(self, area: str, *, session: Session | Connection | None = None) -> None:
        """Plan no more duties for an area; the lists that were left stay."""
        with self._runtime.writing(session) as connection:
            store.remove_of_area(connection, normalise_area(area))

    def lists(
        self,
        *,
        status: str = "open",
        area: str | None = None,
        role: str | None = None,
        after: int = 0,
        limit: int = 100,
        session: Session | Connection | None = None,
    ) -> list[DutyList]:
        """Lists in the order of their ids; page with ``after=found[-1].id``.

        Args:
            status: ``open``, ``overdue`` (open, and the time that its rule gives to close it is over) or ``done``.
            area: includes what lies inside it.

        Raises:
            UnknownValue: there is no such status, or no such role.
            FactError: ``area`` is no area code.
        """
        check_choice(status, "status of duty lists", _STATUSES)
        check_page(after, limit)
        filters(role=role)
        within = normalise_area(area) if area is not None else None
        runtime = self._runtime
        now, edition = runtime.clock.now(), runtime.edition
        if role is not None:
            check_choice(role, "role", edition.rulebook.roles)
        found: list[DutyList] = []
        with runtime.reading(session) as connection:
            while True:
                kept = "open" if status == _OVERDUE else status
                rows = store.lists(connection, kept, within, role, after, limit)
                page = [_list_of(row, edition, now) for row in rows]
                # Whether a list is overdue is never stored: the rule may change, and the holidays too.
                found += [one for one in page if one.overdue] if status == _OVERDUE else page
                if len(rows) < limit or len(found) >= limit:
                    return found[:limit]
                after = rows[-1].id

    def close(
        self,
        list_id: int,
        notes: Mapping[str, str],
        *,
        by: Actor,
        session: Session | Connection | None = None,
    ) -> DutyList:
        """Close a list with a note for each of its items.

        Raises:
            NotFound: there is no such list, or it has no such item.
            AlreadyDone: it was closed before.
            NotAllowed: the actor does not hold the role of the duty in its area, or an item has no note.
        """
        check_id(list_id, "duty list")
        check_actor(by)
        if not isinstance(notes, Mapping):
            raise FactError(f"notes are given as {type(notes).__name__}; give a mapping from items to notes")
        for item, note in notes.items():
            check_key(item, "item of a duty list")
            if not isinstance(note, str) or note.strip():  # that an item has none is said below
                written(note, "note")
        runtime = self._runtime
        with runtime.writing(session) as connection:
            row = store.lock(connection, list_id)
            if row is None:
                raise NotFound(
                    f"there is no duty list {list_id}; list the open ones with `jiefen duties` (duties.lists())"
                )
            if row.status != "open":
                raise AlreadyDone(f"the duty list {list_id} ({row.rule}) was closed by {row.closed_by}")
            edition, what = runtime.edition, f"the duty list {list_id} ({row.rule})"
            require_role(by, [row.role], row.area, edition.rulebook.roles, what)
            ids = [item["id"] for item in row.items]
            if strange := sorted(set(notes) - set(ids)):
                known = ", ".join(ids) or "none"
                raise NotFound(f"the duty list {list_id} has no item {strange[0]!r}; it has {known}")
            if missing := [id for id in ids if not notes.get(id, "").strip()]:
                lacking = ", ".join(missing)
                raise NotAllowed(
                    f"the duty list {list_id} lacks a note for {lacking}; write one for each item"
                )
            items = [dict(item) | {"note": notes[item["id"]]} for item in row.items]
            store.close(connection, list_id, items, runtime.clock.now(), by.id)
            closed = store.lock(connection, list_id)
            assert closed is not None
            return _list_of(closed, edition, runtime.clock.now())


def run_occurrence(runtime: Runtime, connection: Connection, row: Row[Any], now: datetime) -> None:
    """An occurrence has come: leave its list and plan the next.

    After a long stop each missed occurrence comes in its turn, so that no list is missing. What was planned by an older
    holiday list is looked at again before it leaves anything.
    """
    id, area = Ref.of(row).rule_and_area
    plan = _Plan.of(row.at, row.data)
    runtime.holidays.meet(connection, [plan.calendar] if plan.calendar else ())
    edition = runtime.edition
    duty = edition.view(area).duties.get(id)
    if duty is None:
        # Another edition, perhaps one that was named by mistake: nothing is lost by it. `stop` ends a duty.
        logger.warning("the edition has no duty %s for %s; it is looked for again", id, area)
        agenda_store.put_off(connection, row.id, next_try_at=now + _OTHER_EDITION, attempts=0)
        return
    holidays = _Holidays.of(edition, area)
    if plan.holidays != holidays.here.digest or plan.occurrence is None:
        plan = plan.anew(duty, holidays)
    came = plan.occurrence
    if came is not None and came.at <= now:
        store.insert(connection, _list(connection, duty, area, came, now))
        plan = _Plan.next(duty, came.at, holidays, came)
    if plan.occurrence is None and _over(duty, edition.calendar, now):
        store.remove(connection, row.id)
        return
    if plan.occurrence is None:
        logger.warning("the next occurrence of duty %s in %s is not known; it is looked for again", id, area)
    store.move(connection, row.id, plan.look_at(now), plan.data())


def replan(runtime: Runtime, calendar: Calendar, *, apply: bool) -> list[DutyMove]:
    """Every planned occurrence that a calendar of the nation puts on another day, in the order of the plans.

    Args:
        apply: move them; a transaction for each page.
    """
    edition, now = dataclasses.replace(runtime.edition, calendar=calendar), runtime.clock.now()
    moves: list[DutyMove] = []
    after = 0
    while True:
        with runtime.writing() if apply else runtime.reading() as connection:
            rows = store.plans(connection, after, _PAGE)
            moves += _replan(connection, rows, edition, now, apply=apply)
        if len(rows) < _PAGE:
            return moves
        after = rows[-1].id


def _replan(
    connection: Connection, rows: Iterable[Row[Any]], edition: Edition, now: datetime, *, apply: bool
) -> list[DutyMove]:
    moves = []
    for row in rows:
        id, area = Ref.of(row).rule_and_area
        plan, holidays = _Plan.of(row.at, row.data), _Holidays.of(edition, area)
        duty = edition.view(area).duties.get(id)
        if duty is None or plan.holidays == holidays.here.digest:
            continue
        other = plan.anew(duty, holidays)
        if apply:
            store.move(connection, row.id, other.look_at(now), other.data())
        if other.occurrence != plan.occurrence:
            before, after = plan.occurrence, other.occurrence
            moves.append(DutyMove(rule=id, area=area, title=duty.title, before=before, after=after))
    return moves


@dataclass(frozen=True, slots=True)
class _Holidays:
    """The calendar of an area, and the digest of the nation's in it, by which another worker can look it up."""

    here: Calendar
    nation: str

    @classmethod
    def of(cls, edition: Edition, area: str) -> _Holidays:
        """Those that an edition knows."""
        return cls(edition.calendar_in(area), edition.calendar.digest)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What stands on the agenda for a duty.

    Attributes:
        occurrence: the next one; ``None``: not known, and looked for again.
        after: the instant after which it was looked for.
        calendar, holidays: digests of the nation's calendar and of the area's, by which it was looked for.
    """

    occurrence: Occurrence | None
    after: datetime
    calendar: str | None
    holidays: str | None

    @classmethod
    def of(cls, at: datetime, data: Mapping[str, Any]) -> _Plan:
        """A plan as it was kept; the first ones did not say after what and by which calendar they were made."""
        nominal, occurrence = data["nominal_on"], None
        if nominal is not None:
            day = date.fromisoformat(nominal)
            occurrence = Occurrence(at=at.astimezone(CHINA), nominal=day, provisional=data["provisional"])
        after = datetime.fromisoformat(data["after"]) if "after" in data else at - timedelta(days=1)
        return cls(occurrence, after, data.get("calendar"), data.get("holidays"))

    @classmethod
    def next(cls, duty: Duty, after: datetime, by: _Holidays, last: Occurrence | None = None) -> _Plan:
        """The plan of the first occurrence after an instant."""
        return cls(next_occurrence(duty, after, by.here, last), after, by.nation, by.here.digest)

    def anew(self, duty: Duty, by: _Holidays) -> _Plan:
        """The same by other holidays."""
        if self.occurrence is None:
            return _Plan.next(duty, self.after, by)
        other = planned_anew(duty, self.occurrence, self.after, by.here)
        return _Plan(other, self.after, by.nation, by.here.digest)

    def look_at(self, now: datetime) -> datetime:
        """When the agenda has to look at it."""
        return self.occurrence.at if self.occurrence is not None else now + _LOOK_AGAIN

    def data(self) -> dict[str, Any]:
        """What is kept of it."""
        known = self.occurrence
        return {
            "nominal_on": known.nominal.isoformat() if known is not None else None,
            "provisional": known.provisional if known is not None else True,
            "after": self.after.isoformat(),
            "calendar": self.calendar,
            "holidays": self.holidays,
        }


def _over(duty: Duty, calendar: Calendar, now: datetime) -> bool:
    """Whether a duty without a next occurrence never has one again: its rule has ended, and the holidays are known."""
    return duty.until is not None and (calendar.covers(duty.until) or duty.until < china_date(now))


def _require_unit(directory: Directory | None, area: str) -> None:
    """Refuse an area that a loaded directory does not have: its lists would never reach anybody.

    A directory of the host's own cannot be asked for its units.
    """
    if isinstance(directory, Organisation) and area not in directory.units:
        raise NotFound(
            f"the directory has no unit {area}; {suggestion(area, directory.units)} "
            "(correct the code, or add the unit to the directory file and load it again)"
        )


def _list_of(row: Row[Any], edition: Edition, now: datetime) -> DutyList:
    """A list from its row, with the time that its rule gives to close it."""
    duty = edition.view(row.area).duties.get(row.rule)
    limit = None
    if duty is not None and duty.close_within is not None:
        start = row.at if duty.close_within.unit is Unit.HOUR else china_date(row.at)
        limit = due(duty.close_within, start, edition.calendar_in(row.area), next_hour=False)
    late = limit is not None and not limit.provisional and limit.instant <= now
    return DutyList(
        close_by=limit.instant if limit is not None else None,
        overdue=late and row.status == "open",
        id=row.id,
        rule=row.rule,
        area=row.area,
        at=row.at,
        nominal_on=row.nominal_on,
        provisional=row.provisional,
        role=row.role,
        items=tuple(row.items),
        status=row.status,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def _list(connection: Connection, duty: Duty, area: str, came: Occurrence, now: datetime) -> dict[str, Any]:
    return {
        "rule": duty.id,
        "area": area,
        "at": came.at,
        "nominal_on": came.nominal,
        "provisional": came.provisional,
        "role": duty.role,
        "items": [_item(connection, item, area, now) for item in duty.items],
        "status": "open",
    }


def _item(connection: Connection, item: ListItem, area: str, now: datetime) -> dict[str, Any]:
    """An item of a list; one that selects cases holds those of the moment at which the list is left."""
    plain: dict[str, Any] = {"id": item.id, **item.title}
    if item.cases is None:
        return plain
    found, total = store.selected_cases(
        connection, area, item.cases.facts, now if item.cases.overdue else None, MOST_CASES
    )
    return plain | {"cases": found, "more": total - len(found)}
