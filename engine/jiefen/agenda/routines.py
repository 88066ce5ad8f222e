"""Routines on the agenda: an area keeps its routines, each occurrence leaves a list, and plans the next one."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.schedule import Occurrence, closed_period, next_occurrence, planned_again
from jiefen.areas import area_level
from jiefen.case.runtime import Runtime
from jiefen.clock import CHINA, china_date
from jiefen.edition.edition import Edition
from jiefen.notation.labels import Label
from jiefen.people.directory import also_concerning
from jiefen.periods import Calendar
from jiefen.record.desk.measures import rate
from jiefen.record.refs import Ref
from jiefen.rules import ListItem, Routine
from jiefen.store import agenda as agenda_store
from jiefen.store import routines as store
from jiefen.store.desk import figures as figure_store

if TYPE_CHECKING:
    pass

logger = logging.getLogger("jiefen.recurring")

#: When the next occurrence of a routine is not known, so long passes until it is looked for again.
_LOOK_AGAIN: Final = timedelta(days=30)
#: When the edition does not have a routine, so long passes until it is looked for again.
_OTHER_EDITION: Final = timedelta(days=1)
_PAGE: Final = 500
#: An item of a list names at most so many cases.
MOST_CASES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutineMove:
    """An occurrence of a routine that falls on another day by a newer calendar, or becomes certain.

    Attributes:
        before, after: ``None`` where the next occurrence is not known.
    """

    rule: str
    area: str
    title: Label
    before: Occurrence | None
    after: Occurrence | None


def keep(connection: Connection, edition: Edition, area: str, now: datetime) -> list[str]:
    """Plan the routines of an area's level that are not planned yet; the ids of all that are kept there.

    What was planned by an older holiday list is planned again.
    """
    routines = {
        routine.id: routine
        for routine in edition.view(area).routines.values()
        if routine.level is None or routine.level is area_level(area)
    }
    planned = store.planned(connection, [Ref.routine(id, area).name for id in routines])
    known = {row.ref: row for row in planned}
    _replan(connection, known.values(), edition, now, apply=True)
    for id, routine in list(routines.items()):
        if Ref.routine(id, area).name in known:
            continue
        plan = _Plan.next(routine, now, _Holidays.of(edition, area))
        if plan.occurrence is None and _over(routine, edition.calendar, now):
            del routines[id]
        else:
            store.plan(connection, Ref.routine(id, area).name, plan.look_at(now), plan.data())
    return sorted(routines)


def run_occurrence(runtime: Runtime, connection: Connection, row: Row[Any], now: datetime) -> None:
    """An occurrence has come: leave its list and plan the next.

    After a long stop each missed occurrence comes in its turn, so that no list is missing. What was planned by an older
    holiday list is looked at again before it leaves anything.
    """
    id, area = Ref.of(row).rule_and_area
    plan = _Plan.of(row.at, row.data)
    runtime.holidays.load_missing(connection, [plan.calendar] if plan.calendar else ())
    edition = runtime.edition
    routine = edition.view(area).routines.get(id)
    if routine is None:
        # Another edition, perhaps one that was named by mistake: nothing is lost by it. `stop` ends a routine.
        logger.warning("the edition has no routine %s for %s; it is looked for again", id, area)
        agenda_store.put_off(connection, row.id, next_try_at=now + _OTHER_EDITION, attempts=0)
        return
    holidays = _Holidays.of(edition, area)
    if plan.holidays != holidays.here.digest or plan.occurrence is None:
        plan = plan.by_other_holidays(routine, holidays)
    came = plan.occurrence
    if came is not None and came.at <= now:
        also = also_concerning(runtime.directory(connection), area)
        items = [_item(connection, item, area, also, now) for item in routine.items]
        for item, left in zip(routine.items, items, strict=True):
            if item.figures:
                period = closed_period(routine.every, came.nominal)
                left["figures"] = _figures(connection, edition, item, area, period, now)
        store.insert(connection, _list(routine, area, items, came))
        plan = _Plan.next(routine, came.at, holidays, came)
    if plan.occurrence is None and _over(routine, edition.calendar, now):
        store.remove(connection, row.id)
        return
    if plan.occurrence is None:
        logger.warning(
            "the next occurrence of routine %s in %s is not known; it is looked for again", id, area
        )
    store.move(connection, row.id, plan.look_at(now), plan.data())


def replan(runtime: Runtime, calendar: Calendar, *, apply: bool) -> list[RoutineMove]:
    """Every planned occurrence that a calendar of the nation puts on another day, in the order of the plans.

    Args:
        apply: move them; a transaction for each page.
    """
    edition, now = dataclasses.replace(runtime.edition, calendar=calendar), runtime.clock.now()
    moves: list[RoutineMove] = []
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
) -> list[RoutineMove]:
    moves = []
    for row in rows:
        id, area = Ref.of(row).rule_and_area
        plan, holidays = _Plan.of(row.at, row.data), _Holidays.of(edition, area)
        routine = edition.view(area).routines.get(id)
        if routine is None or plan.holidays == holidays.here.digest:
            continue
        other = plan.by_other_holidays(routine, holidays)
        if apply:
            store.move(connection, row.id, other.look_at(now), other.data())
        if other.occurrence != plan.occurrence:
            before, after = plan.occurrence, other.occurrence
            moves.append(RoutineMove(rule=id, area=area, title=routine.title, before=before, after=after))
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
    """What stands on the agenda for a routine.

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
    def next(cls, routine: Routine, after: datetime, by: _Holidays, last: Occurrence | None = None) -> _Plan:
        """The plan of the first occurrence after an instant."""
        return cls(next_occurrence(routine, after, by.here, last), after, by.nation, by.here.digest)

    def by_other_holidays(self, routine: Routine, by: _Holidays) -> _Plan:
        """The same by other holidays."""
        if self.occurrence is None:
            return _Plan.next(routine, self.after, by)
        other = planned_again(routine, self.occurrence, self.after, by.here)
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


def _over(routine: Routine, calendar: Calendar, now: datetime) -> bool:
    """Whether a routine never occurs again: its rule has ended, and the holidays up to then are known."""
    return routine.until is not None and (calendar.covers(routine.until) or routine.until < china_date(now))


def _list(routine: Routine, area: str, items: list[dict[str, Any]], came: Occurrence) -> dict[str, Any]:
    return {
        "rule": routine.id,
        "area": area,
        "at": came.at,
        "nominal_on": came.nominal,
        "provisional": came.provisional,
        "role": routine.role,
        "items": items,
        "status": "open",
    }


def _item(
    connection: Connection, item: ListItem, area: str, also: Sequence[str], now: datetime
) -> dict[str, Any]:
    """An item of a list; one that selects cases holds those of the moment at which the list is left."""
    plain: dict[str, Any] = {"id": item.id, **item.title}
    if item.cases is None:
        return plain
    found, total = store.selected_cases(
        connection, area, item.cases.facts, now if item.cases.overdue else None, MOST_CASES, also
    )
    return plain | {"cases": found, "more": total - len(found)}


def _figures(
    connection: Connection,
    edition: Edition,
    item: ListItem,
    area: str,
    period: tuple[date, date],
    now: datetime,
) -> list[dict[str, Any]]:
    """The figures of an item as they are at the moment at which the list is left."""
    known = edition.view(area).figures
    rules = {one: known[one] for one in item.figures if one in known}
    counting = {one: rule.counting for one, rule in rules.items()}
    since, until = period
    counted = figure_store.totals(connection, counting, since, until, area, None, now, monthly=False)
    found = {row.name: row for row in counted}
    told = []
    for id, rule in rules.items():
        row = found[id]
        share = rate(row.numerator, row.denominator, rule.unit.whole)
        told.append(
            {
                "id": id,
                **rule.title,
                "since": since.isoformat(),
                "until": until.isoformat(),
                "numerator": row.numerator,
                "denominator": row.denominator,
                "rate": f"{share}{rule.unit.sign}" if share is not None else None,
            }
        )
    return told
