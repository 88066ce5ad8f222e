"""Recurring duties on the agenda: an area keeps its duties, each occurrence leaves a list, and plans the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection, Row

from jiefen.areas import area_level, normalise_area
from jiefen.cases import Actor, DutyList
from jiefen.duties import Occurrence, next_occurrence
from jiefen.errors import AlreadyDone, NotAllowed, NotFound
from jiefen.rules import Duty
from jiefen.runtime import Runtime
from jiefen.store import duties as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Duties:
    """The recurring duties of an engine: ``engine.duties``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def keep(self, area: str, *, session: Session | Connection | None = None) -> list[str]:
        """Plan the duties of an area's level that are not planned yet; the ids of all that are kept there.

        Raises:
            FactError: ``area`` is no area code.
        """
        runtime, short = self._runtime, normalise_area(area)
        now, edition = runtime.clock.now(), runtime.edition
        duties = {
            duty.id: duty
            for duty in edition.view(short).duties.values()
            if duty.level is None or duty.level is area_level(short)
        }
        with runtime.writing(session) as connection:
            known = store.planned(connection, [f"{id}@{short}" for id in duties])
            for id, duty in duties.items():
                ref = f"{id}@{short}"
                occurrence = next_occurrence(duty, now, edition.calendar) if ref not in known else None
                if occurrence is not None:
                    store.plan(connection, ref, occurrence.at, _data(occurrence))
        return sorted(duties)

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
        """Lists, ``open`` or ``done``, in the order of their ids; ``area`` includes what lies inside it."""
        within = normalise_area(area) if area is not None else None
        with self._runtime.reading(session) as connection:
            return [_list_of(row) for row in store.lists(connection, status, within, role, after, limit)]

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
            NotAllowed: the actor does not hold the role of the duty, or an item has no note.
        """
        runtime = self._runtime
        with runtime.writing(session) as connection:
            row = store.lock(connection, list_id)
            if row is None:
                raise NotFound(f"there is no duty list {list_id}; list the open ones with duties.lists()")
            if row.status != "open":
                raise AlreadyDone(f"the duty list {list_id} ({row.rule}) was closed by {row.closed_by}")
            roles = runtime.edition.rulebook.roles
            deputies = roles[row.role].deputies if row.role in roles else ()
            if not by.roles & {row.role, *deputies}:
                raise NotAllowed(f"the duty list {list_id} ({row.rule}) is for {row.role} or a deputy")
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
            return _list_of(closed)


def come(runtime: Runtime, connection: Connection, row: Row[Any], now: datetime) -> None:
    """An occurrence has come: leave its list and plan the next.

    After a long stop each missed occurrence comes in its turn, so that no list is missing.
    """
    id, _, area = row.ref.partition("@")
    edition = runtime.edition
    duty = edition.view(area).duties.get(id)
    if duty is None:
        store.remove(connection, row.id)  # the edition no longer has it
        return
    store.insert(connection, _list(duty, area, row))
    following = next_occurrence(duty, row.at, edition.calendar)
    if following is None:
        store.remove(connection, row.id)
    else:
        store.move(connection, row.id, following.at, _data(following))


def _list_of(row: Row[Any]) -> DutyList:
    """A list from its row."""
    return DutyList(
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


def _data(occurrence: Occurrence) -> dict[str, Any]:
    return {"nominal_on": occurrence.nominal.isoformat(), "provisional": occurrence.provisional}


def _list(duty: Duty, area: str, row: Row[Any]) -> dict[str, Any]:
    return {
        "rule": duty.id,
        "area": area,
        "at": row.at,
        "nominal_on": date.fromisoformat(row.data["nominal_on"]),
        "provisional": row.data["provisional"],
        "role": duty.role,
        "items": [{"id": item.id, "zh": item.title.zh, "en": item.title.en} for item in duty.items],
        "status": "open",
    }
