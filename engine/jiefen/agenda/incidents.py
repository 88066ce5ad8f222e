"""Incidents: what failed too often and waits for a person, done when that person asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from jiefen.agenda.entries import run_entry
from jiefen.agenda.retries import EntryFailed, attempt, error_text, put_off
from jiefen.agenda.routines import run_occurrence
from jiefen.agenda.sweep import carry
from jiefen.case.runtime import Runtime
from jiefen.errors import Conflict, NotAllowed, NotFound
from jiefen.record.kinds import EntryKind, EntryStatus
from jiefen.record.recording import LEASE
from jiefen.store import agenda as store
from jiefen.store import routines as routine_store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def resolve(runtime: Runtime, incident_id: int, session: Session | Connection | None = None) -> None:
    """Do the entry of an incident now: it is resolved when that goes well, and stays one when it does not.

    Raises:
        NotFound: there is no such incident, or no adapter here carries its topic.
        Conflict: what failed still fails, with the error.
        NotAllowed: a delivery with ``session``: nothing outside is called inside a transaction.
    """
    now = runtime.clock.now()
    try:
        with runtime.writing(session) as connection:
            found = store.entry(connection, incident_id)
            if found is None or found.status != EntryStatus.INCIDENT:
                raise no_incident(incident_id)
            if found.kind != EntryKind.DELIVERY:
                _run(runtime, connection, found, now)
                return
            if session is not None:
                raise NotAllowed(
                    f"incident {incident_id} is a delivery; resolve it outside of the host's transaction"
                )
            if found.topic not in runtime.adapters:
                raise NotFound(
                    f"incident {incident_id} is a delivery of {found.topic}, and no adapter here carries that topic; "
                    "resolve it where one does, or answer the delivery"
                )
            # Leased like any other: a sweep must not carry it at the same time.
            leased = found.attempts + 1, now + LEASE
            mine = store.put_off(
                connection,
                incident_id,
                if_still=(found.attempts, found.next_try_at),
                next_try_at=leased[1],
                attempts=leased[0],
            )
            if not mine:
                raise no_incident(incident_id)
        carry(runtime, found, leased)
    except EntryFailed as failure:
        if failure.entry.kind == EntryKind.DELIVERY:
            with runtime.writing() as connection:
                put_off(connection, failure, runtime.clock.now())
        raise Conflict(
            f"incident {incident_id} still fails with {error_text(failure.cause)}; mend the cause first"
        ) from failure.cause


def no_incident(incident_id: int) -> NotFound:
    """What to tell whoever names an incident that is none."""
    return NotFound(f"there is no incident {incident_id}; list them with `jiefen incidents` (incidents())")


def _run(runtime: Runtime, connection: Connection, incident: Any, now: datetime) -> None:
    """Do the entry of an incident of the clock, once it is locked."""
    if incident.case_id is None:
        entry = routine_store.lock_entry(connection, incident.id)
        if entry is None or entry.status != EntryStatus.INCIDENT:
            raise no_incident(incident.id)
        with attempt(entry):
            run_occurrence(runtime, connection, entry, now)
        return
    claim = store.claim(connection, incident.id)
    if claim is None or claim.entry.status != EntryStatus.INCIDENT:
        raise no_incident(incident.id)
    with attempt(incident):
        run_entry(runtime, connection, claim, now)
