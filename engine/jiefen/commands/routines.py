"""例行工作: the routines of an area, and the lists they leave to be worked through."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.agenda import routines as agenda
from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_choice, check_id, check_key, check_page, filters
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.binding import acting_as
from jiefen.commands.filters import require_role as require_known_role
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, FactError, NotAllowed, NotFound
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import written
from jiefen.people.authority import holds, require_act
from jiefen.people.directory import Directory, Organisation
from jiefen.periods import Unit, due
from jiefen.record.actor import Actor
from jiefen.record.values import RoutineList
from jiefen.rules import Who
from jiefen.store import routines as store
from jiefen.store.reading import seen_of
from jiefen.store.viewing.seen import Seen

_OVERDUE: Final = "overdue"
_STATUSES: Final = ("open", _OVERDUE, "done")


class Routines:
    """The routines of an engine: ``engine.routines``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("routines.keep")
    def keep(self, area: str, *, by: Actor | None = None, session: HostTransaction = None) -> list[str]:
        """Plan the routines of an area's level that are not planned yet; the ids of all that are kept there.

        What was planned by an older holiday list is planned again. Call it again when an edition brings new routines.

        Args:
            by: who has them planned; the program of the engine when absent.

        Raises:
            NotAllowed: somebody else may.
            FactError: ``area`` is no area code.
            NotFound: a directory is loaded, and does not have the area.
        """
        runtime, short = self._runtime, normalise_area(area)
        now, edition = runtime.clock.now(), runtime.edition
        self._require(by, short)
        with runtime.writing(session) as connection:
            _require_unit(runtime.directory(connection), short)
            return agenda.keep(connection, edition, short, now)

    @acting_as("routines.keep_below")
    def keep_below(self, area: str, *, by: Actor | None = None) -> dict[str, list[str]]:
        """:meth:`keep` for an area and every unit below it in the directory; a transaction for each.

        Returns:
            the ids of the routines that are kept, by area; areas without any are left out.

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
                "`jiefen directory load FILE` (Engine.load_directory), or keep the routines of each unit by itself"
            )
        _require_unit(directory, short)
        below = sorted({short, *(unit for unit in directory.units if short in directory.lineage(unit))})
        kept = {unit: self.keep(unit, by=by) for unit in below}
        return {unit: ids for unit, ids in kept.items() if ids}

    @acting_as("routines.stop")
    def stop(self, area: str, *, by: Actor | None = None, session: HostTransaction = None) -> None:
        """Plan no more routines for an area; the lists that were left stay."""
        short = normalise_area(area)
        self._require(by, short)
        with self._runtime.writing(session) as connection:
            store.remove_of_area(connection, short)

    def _require(self, by: Actor | None, area: str) -> None:
        actor = check_actor(by) if by is not None else self._runtime.program
        today = china_date(self._runtime.clock.now())
        require_act(actor, area, f"the routines of {area}", on=today)

    def lists(
        self,
        *,
        status: str = "open",
        area: str | None = None,
        role: str | None = None,
        after: int = 0,
        limit: int = 100,
        session: HostTransaction = None,
    ) -> list[RoutineList]:
        """Lists in the order of their ids; page with ``after=found[-1].id``.

        Args:
            status: ``open``, ``overdue`` (open, and the time that its rule gives to close it is over) or ``done``.
            area: includes what lies inside it.

        Somebody who reads (:meth:`~jiefen.Engine.as_`) is given those of the areas in which they hold posts, with the
        cases that they may read, and without numbers of all.

        Raises:
            UnknownValue: there is no such status, or no such role.
            FactError: ``area`` is no area code.
        """
        check_choice(status, "status of routine lists", _STATUSES, "ask for open, overdue, done")
        check_page(after, limit)
        filters(role=role)
        within = normalise_area(area) if area is not None else None
        runtime = self._runtime
        now, edition = runtime.clock.now(), runtime.edition
        found: list[RoutineList] = []
        with runtime.reading(session) as connection:
            require_known_role(runtime, connection, role)
            seen, places = runtime.seen(connection), runtime.places()
            while True:
                kept = "open" if status == _OVERDUE else status
                rows = store.lists(connection, kept, within, role, after, limit, places)
                page = [_list_of(row, edition, now) for row in rows]
                if places is not None:
                    page = _seen(connection, page, seen)
                # Whether a list is overdue is never stored: the rule may change, and the holidays too.
                found += [one for one in page if one.overdue] if status == _OVERDUE else page
                if len(rows) < limit or len(found) >= limit:
                    return found[:limit]
                after = rows[-1].id

    @acting_as("routines.close")
    def close(
        self,
        list_id: int,
        notes: Mapping[str, str],
        *,
        by: Actor,
        session: HostTransaction = None,
    ) -> RoutineList:
        """Close a list with a note for each of its items.

        Raises:
            NotFound: there is no such list, or it has no such item.
            AlreadyDone: it was closed before.
            NotAllowed: the actor does not hold the role of the routine in its area, or an item has no note.
        """
        check_id(list_id, "routine list")
        check_actor(by)
        if not isinstance(notes, Mapping):
            raise FactError(f"notes are given as {type(notes).__name__}; give a mapping from items to notes")
        for item, note in notes.items():
            check_key(item, "item of a routine list")
            if not isinstance(note, str) or note.strip():  # that an item has none is said below
                written(note, "note")
        runtime = self._runtime
        with runtime.writing(session) as connection:
            row = store.lock(connection, list_id)
            if row is None:
                raise NotFound(
                    f"there is no routine list {list_id}; list the open ones with `jiefen routines` (routines.lists())"
                )
            if row.status != "open":
                raise AlreadyDone(f"the routine list {list_id} ({row.rule}) was closed by {row.closed_by}")
            edition, what = runtime.edition, f"the routine list {list_id} ({row.rule})"
            today = china_date(runtime.clock.now())
            holder = holds([row.role], row.area, edition.rulebook.roles, what, on=today)
            require_act(by, row.area, what, on=today, tests={Who.ROUTINE: holder})
            ids = [item["id"] for item in row.items]
            if strange := sorted(set(notes) - set(ids)):
                known = ", ".join(ids) or "none"
                raise NotFound(f"the routine list {list_id} has no item {strange[0]!r}; it has {known}")
            if missing := [id for id in ids if not notes.get(id, "").strip()]:
                lacking = ", ".join(missing)
                raise NotAllowed(
                    f"the routine list {list_id} lacks a note for {lacking}; write one for each item"
                )
            items = [dict(item) | {"note": notes[item["id"]]} for item in row.items]
            store.close(connection, list_id, items, runtime.clock.now(), by.id)
            closed = store.lock(connection, list_id)
            assert closed is not None
            return _list_of(closed, edition, runtime.clock.now())


def _require_unit(directory: Directory | None, area: str) -> None:
    """Refuse an area that a loaded directory does not have: its lists would never reach anybody.

    A directory of the host's own cannot be asked for its units.
    """
    if isinstance(directory, Organisation) and area not in directory.units:
        raise NotFound(
            f"the directory has no unit {area}; {suggestion(area, directory.units)} "
            "(correct the code, or add the unit to the directory file and load it again)"
        )


def _list_of(row: Row[Any], edition: Edition, now: datetime) -> RoutineList:
    """A list from its row, with the time that its rule gives to close it."""
    routine = edition.view(row.area).routines.get(row.rule)
    limit, more = None, timedelta(routine.lasts - 1 if routine is not None else 0)
    if routine is not None and routine.close_within is not None:
        # What lasts a week cannot be closed on its first day.
        start = row.at + more if routine.close_within.unit is Unit.HOUR else china_date(row.at) + more
        limit = due(routine.close_within, start, edition.calendar_in(row.area), next_hour=False)
    late = limit is not None and not limit.provisional and limit.instant <= now
    return RoutineList(
        close_by=limit.instant if limit is not None else None,
        overdue=late and row.status == "open",
        id=row.id,
        rule=row.rule,
        area=row.area,
        at=row.at,
        nominal_on=row.nominal_on,
        last_on=china_date(row.at) + more,
        provisional=row.provisional,
        role=row.role,
        items=tuple(row.items),
        status=row.status,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def _seen(connection: Connection, page: list[RoutineList], seen: Seen) -> list[RoutineList]:
    """Lists with the cases that whoever reads may read; how many there are of all, and shares of them, are left out."""
    named = {case for one in page for item in one.items for case in item.get("cases", ())}
    theirs = seen_of(connection, named, seen) if named else set()
    return [replace(one, items=tuple(_item_seen(item, theirs) for item in one.items)) for one in page]


def _item_seen(item: Mapping[str, Any], theirs: Collection[int]) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name not in ("more", "figures")}
    return kept | {"cases": [one for one in kept["cases"] if one in theirs]} if "cases" in kept else kept
