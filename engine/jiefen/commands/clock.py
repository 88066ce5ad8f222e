"""The clock and what waits for a person: sweeping, how late the agenda is, incidents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.agenda import sweep as agenda
from jiefen.agenda.incidents import no_incident
from jiefen.agenda.incidents import resolve as resolve_incident
from jiefen.case.arguments import check_actor, check_choice, check_count, check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import incident_seen
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.lookup import locked_case, without_names
from jiefen.errors import FactError
from jiefen.notation.texts import shown
from jiefen.people.authority import require_act
from jiefen.record.actor import Actor
from jiefen.record.kinds import EntryStatus, Happening, Lane
from jiefen.record.values import Incident, Lag, Swept
from jiefen.store import agenda as store
from jiefen.story.snapshots import incident_of


def sweep(
    runtime: Runtime,
    *,
    limit: int = 10_000,
    session: HostTransaction = None,
    lane: Lane | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Swept:
    """Do what is due now.

    Expiries come first, then each case has its turn with timers and warnings, and so have the routines, at most
    ``limit`` entries; then deliveries, at most as many.
    With ``session``, deliveries are left for a sweep without it: nothing outside is called inside a transaction.

    Args:
        lane: only ``Lane.CLOCK`` or only ``Lane.DELIVERIES``, so that a slow outside system holds up no deadline.
        stop: asked before each entry; the sweep ends when it says so.
    """
    check_count(limit)
    if not callable(stop):
        raise FactError(
            f"stop={shown(stop)} cannot be asked; give a function without arguments, or leave it out"
        )
    if lane is not None:
        lane = Lane(check_choice(lane, "lane of the agenda", Lane))
    return agenda.sweep(runtime, limit=limit, session=session, lane=lane, stop=stop)


def incidents(
    runtime: Runtime,
    *,
    case: int | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Incident]:
    """What failed too often and waits for a person, in the order of their ids; page with ``after=incidents[-1].id``.

    In what was said of it the parties are not named.

    Args:
        case: those of one case.
    """
    check_page(after, limit)
    if case is not None:
        check_id(case, "case")
    with runtime.reading(session) as connection:
        seen = runtime.seen(connection)
        rows = store.entries(connection, EntryStatus.INCIDENT, case, after, limit, seen)
        return without_names(connection, [incident_seen(incident_of(row), row) for row in rows])


def lag(runtime: Runtime, *, session: HostTransaction = None) -> Lag:
    """How far behind the agenda is; for a monitor."""
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        row = store.lag(connection, now)
    since = (row[name] for name in ("clock_since", "deliveries_since", "failing_since"))
    oldest = [at for at in since if at is not None and at <= now]
    behind = now - min(oldest, default=now)
    return Lag(due=row["due"], behind=behind, failing=row["failing"], incidents=row["incidents"])


def resolve(
    runtime: Runtime, incident_id: int, *, by: Actor | None = None, session: HostTransaction = None
) -> None:
    """Look again whether what failed still does: do it now. An incident that goes well is over.

    Args:
        by: who asks for it, for the journal of the case; the program of the engine when absent.

    Raises:
        NotFound: there is no such incident.
        Conflict: it still fails; the message has the error, and the incident stays.
        NotAllowed: a delivery inside the host's transaction.
    """
    check_id(incident_id, "incident")
    actor = check_actor(by) if by is not None else runtime.program
    require_act(actor, None, f"incident {incident_id}", on=china_date(runtime.clock.now()))
    with runtime.writing(session) as connection:
        row = _incident(connection, incident_id)
        if row.case_id is not None:
            recording = recording_of(runtime, locked_case(connection, row.case_id), actor)
            recording.note(Happening.RETRIED, str(row.kind), ref=row.ref)
            keep(connection, recording)
    resolve_incident(runtime, incident_id, session)


def retry(
    runtime: Runtime, incident_id: int, *, by: Actor | None = None, session: HostTransaction = None
) -> None:
    """Put an incident back on the agenda, due now.

    Args:
        by: who asks for it, for the journal of the case; the program of the engine when absent.

    Raises:
        NotFound: there is no such incident.
    """
    check_id(incident_id, "incident")
    actor = check_actor(by) if by is not None else runtime.program
    require_act(actor, None, f"incident {incident_id}", on=china_date(runtime.clock.now()))
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        row = _incident(connection, incident_id)
        if row.case_id is None:
            store.put_off(connection, incident_id, next_try_at=now, attempts=0)
            return
        recording = recording_of(runtime, locked_case(connection, row.case_id), actor)
        recording.keep(row, status=str(EntryStatus.PENDING), next_try_at=now, attempts=0, error=None)
        recording.note(Happening.RETRIED, str(row.kind), ref=row.ref)
        keep(connection, recording)


def _incident(connection: Connection, incident_id: int) -> Row[Any]:
    row = store.entry(connection, incident_id)
    if row is None or row.status != EntryStatus.INCIDENT:
        raise no_incident(incident_id)
    return row
