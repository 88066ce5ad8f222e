"""The clock and what waits for a person: sweeping, how late the agenda is, incidents."""

from __future__ import annotations

from collections.abc import Callable

from jiefen.agenda import sweep as agenda
from jiefen.case.arguments import check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.errors import FactError, NotFound
from jiefen.record.kinds import Lane
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
    """Do what is due now, oldest first.

    Timers, warnings, expiries and duties come first, at most ``limit`` of them; then deliveries, at most as many.
    With ``session``, deliveries are left for a sweep without it: nothing outside is called inside a transaction.

    Args:
        lane: only ``Lane.CLOCK`` or only ``Lane.DELIVERIES``, so that a slow outside system holds up no deadline.
        stop: asked before each entry; the sweep ends when it says so.
    """
    check_page(0, limit)
    if lane is not None and lane not in tuple(Lane):
        raise FactError(f"there is no lane {lane!r} of the agenda; it has {', '.join(Lane)}")
    lane = Lane(lane) if lane is not None else None
    return agenda.sweep(runtime, limit=limit, session=session, lane=lane, stop=stop)


def incidents(
    runtime: Runtime, *, after: int = 0, limit: int = 100, session: HostTransaction = None
) -> list[Incident]:
    """What failed too often and waits for a person."""
    check_page(after, limit)
    with runtime.reading(session) as connection:
        return [incident_of(row) for row in store.entries(connection, "incident", None, after, limit)]


def lag(runtime: Runtime, *, session: HostTransaction = None) -> Lag:
    """How far behind the agenda is; for a monitor."""
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        row = store.lag(connection, now)
    oldest = [at for at in (row["clock_since"], row["deliveries_since"]) if at is not None]
    behind = now - min(oldest, default=now)
    return Lag(due=row["due"], behind=behind, failing=row["failing"], incidents=row["incidents"])


def resolve(runtime: Runtime, incident_id: int, *, session: HostTransaction = None) -> None:
    """Look again whether what failed still does: do it now. An incident that goes well is over.

    Raises:
        NotFound: there is no such incident.
        Conflict: it still fails; the message has the error, and the incident stays.
        NotAllowed: a delivery inside the host's transaction.
    """
    check_id(incident_id, "incident")
    agenda.resolve(runtime, incident_id, session)


def retry(runtime: Runtime, incident_id: int, *, session: HostTransaction = None) -> None:
    """Put an incident back on the agenda, due now.

    Raises:
        NotFound: there is no such incident.
    """
    check_id(incident_id, "incident")
    with runtime.writing(session) as connection:
        row = store.entry(connection, incident_id)
        if row is None or row.status != "incident":
            raise NotFound(
                f"there is no incident {incident_id}; list them with `jiefen incidents` (incidents())"
            )
        store.put_off(connection, incident_id, next_try_at=runtime.clock.now(), attempts=0)
