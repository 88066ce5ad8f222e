"""日程: what must happen at a time, made to happen.

Timers, rungs, expiries and deliveries are rows of one table. A sweep takes them in the order in which they fell due,
each in a transaction of its own: the claim, everything the entry causes, and its removal are kept together or not at
all. So nothing fires twice, nothing is lost, and what fell due while everything was down fires in order afterwards.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection, Row

from jiefen import deliveries, recurring
from jiefen.cases import Swept
from jiefen.errors import Conflict, NotAllowed, NotFound
from jiefen.runtime import Runtime
from jiefen.store import agenda as store
from jiefen.store import cases
from jiefen.store import duties as duty_store
from jiefen.store.database import DatabaseFailure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.agenda")

#: An entry that has failed so often becomes an incident and waits for a person.
MAX_ATTEMPTS = 8
#: How long a worker may take to carry a delivery before another worker takes it over.
LEASE = timedelta(minutes=10)
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=12)


def sweep(runtime: Runtime, *, limit: int = 10_000, session: Session | Connection | None = None) -> Swept:
    """Do what is due now, oldest first, at most ``limit`` entries.

    With ``session``, entries are done in the host's transaction and deliveries are left for a sweep without it:
    nothing outside is called inside a transaction.
    """
    done: Counter[str] = Counter()
    failed = incidents = 0
    for _ in range(limit):
        try:
            kind = _do_next(runtime, session)
        except _EntryFailed as failure:
            failed += 1
            incidents += _put_off(runtime, failure, session)
            continue
        if kind is None:
            break
        done[kind] += 1
    return Swept(done=dict(done), failed=failed, incidents=incidents)


class _EntryFailed(Exception):
    """An entry of the agenda could not be done; ``left`` is how it then stands there: its attempts and next try."""

    def __init__(self, entry: Row[Any], left: tuple[int, datetime], cause: Exception) -> None:
        self.entry, self.left, self.cause = entry, left, cause
        super().__init__(str(cause))


def _do_next(runtime: Runtime, session: Session | Connection | None) -> str | None:
    """Claim and do one entry; its kind, or ``None`` when nothing is due."""
    now = runtime.clock.now()
    to_send: Row[Any] | None = None
    with runtime.writing(session) as connection:
        row = store.claim_next(connection, now, runtime.adapters if session is None else ())
        row = row or duty_store.claim(connection, now)
        if (
            row is None
            and session is None
            and runtime.adapters
            and store.unpark(connection, runtime.adapters)
        ):
            # Another process without these adapters, a web server perhaps, has parked deliveries since.
            row = store.claim_next(connection, now, runtime.adapters)
        if row is None:
            return None
        try:
            to_send = _do(runtime, connection, row, now)
        except DatabaseFailure:
            raise
        except Exception as error:  # whatever it is, it must not stop the other entries
            raise _EntryFailed(row, (row.entry_attempts, row.entry_next_try_at), error) from error
    if to_send is not None:
        try:
            deliveries.send(runtime, to_send)
        except DatabaseFailure:
            raise
        except Exception as error:
            raise _EntryFailed(to_send, _leased(to_send, now), error) from error
    return str(row.entry_kind)


def resolve(runtime: Runtime, incident_id: int, session: Session | Connection | None = None) -> None:
    """Do the entry of an incident now: it is resolved when that goes well, and stays one when it does not.

    Raises:
        NotFound: there is no such incident.
        Conflict: what failed still fails, with the error.
        NotAllowed: a delivery with ``session``: nothing outside is called inside a transaction.
    """
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        row = store.claim_incident(connection, incident_id)
        if row is None:
            raise NotFound(f"there is no incident {incident_id}; list them with incidents()")
        if row.entry_kind == "delivery" and session is not None:
            raise NotAllowed(
                f"incident {incident_id} is a delivery; resolve it outside of the host's transaction"
            )
        try:
            to_send = _do(runtime, connection, row, now)
        except DatabaseFailure:
            raise
        except Exception as error:
            raise _still(incident_id, error) from error
    if to_send is not None:
        try:
            deliveries.send(runtime, to_send)
        except DatabaseFailure:
            raise
        except Exception as error:
            _put_off(runtime, _EntryFailed(to_send, _leased(to_send, now), error), None)
            raise _still(incident_id, error) from error


def _leased(row: Row[Any], now: datetime) -> tuple[int, datetime]:
    """The attempts and the next try of a delivery while it is carried."""
    return row.entry_attempts + 1, now + LEASE


def _still(incident_id: int, error: Exception) -> Conflict:
    return Conflict(
        f"incident {incident_id} still fails with {type(error).__name__}: {error}; mend the cause first"
    )


def _do(runtime: Runtime, connection: Connection, row: Row[Any], now: datetime) -> Row[Any] | None:
    """Do an entry in the transaction that claimed it. A delivery is only leased here and given back to be sent."""
    if row.entry_kind == "delivery":
        attempts, until = _leased(row, now)
        store.postpone(connection, row.entry_id, next_try_at=until, attempts=attempts)
        return row
    if row.entry_kind == "duty":
        recurring.come(runtime, connection, row, now)
        return None
    step = runtime.step(connection, row, cases.open_deadlines(connection, row.id), now)
    step.recording.changes.agenda_removed.append((row.entry_kind, row.entry_ref))
    if row.entry_kind == "timer":
        step.fire_timer(int(row.entry_ref))
    elif row.entry_kind == "expiry":
        look_again = step.expire(int(row.entry_ref))
        if look_again is not None:
            step.recording.plan("expiry", row.entry_ref, look_again)
    elif row.entry_kind == "rung":
        seq, _, rung = row.entry_ref.partition("/")
        step.fire_rung(connection, int(seq), rung)
    elif row.entry_kind == "task":
        step.press_task(int(row.entry_ref), row.entry_data)
    elif row.entry_kind == "reply":
        step.press_for_answer(row.entry_ref, row.entry_data)
    else:
        raise NotFound(
            f"the agenda holds an entry of the unknown kind {row.entry_kind!r}; it was written by hand"
        )
    step.save(connection)
    return None


def _put_off(runtime: Runtime, failure: _EntryFailed, session: Session | Connection | None) -> int:
    """Let a failed entry wait, longer each time; 1 when it has become an incident.

    Its lock is gone by now. Where someone has planned the entry anew since, an extension for one, the new plan stands.
    """
    row = failure.entry
    attempts = row.entry_attempts + 1
    incident = attempts >= MAX_ATTEMPTS
    delay = min(_FIRST_DELAY * 2 ** (attempts - 1), _LONGEST_DELAY)
    with runtime.writing(session) as connection:
        left = store.postpone(
            connection,
            row.entry_id,
            if_still=failure.left,
            next_try_at=runtime.clock.now() + delay,
            attempts=attempts,
            error=f"{type(failure.cause).__name__}: {failure.cause}"[:4000],
            status="incident" if incident else "pending",
        )
    incident = incident and left
    # The text of the error stays in the database: it may quote what a person wrote.
    logger.warning(
        "agenda entry %s (%s of case %s) failed with %s, attempt %s%s",
        row.entry_id,
        row.entry_kind,
        row.entry_case_id,
        type(failure.cause).__name__,
        attempts,
        "; it is an incident now" if incident else "",
    )
    return int(incident)
