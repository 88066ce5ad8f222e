"""日程: what must happen at a time, made to happen.

Timers, rungs, expiries, recurring duties and deliveries are rows of one table. The clock's entries are done in the
order in which they fell due, each in a transaction of its own: the claim, everything the entry causes, and its removal
are kept together or not at all. So nothing fires twice, nothing is lost, and what fell due while everything was down
fires in order afterwards. Deliveries have a lane of their own, because an outside system may be slow or dead: nothing
that the law counts waits for them.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from jiefen.agenda import deliveries
from jiefen.agenda import routines as recurring
from jiefen.case.runtime import Runtime
from jiefen.case.step import Step
from jiefen.errors import Conflict, NotAllowed, NotFound
from jiefen.people.addressing import waits_for_office_hours
from jiefen.periods.hours import working_time
from jiefen.record.kinds import Lane
from jiefen.record.recording import LEASE
from jiefen.record.refs import Ref
from jiefen.record.values import Swept
from jiefen.store import agenda as store
from jiefen.store import cases as case_store
from jiefen.store import duties as duty_store
from jiefen.store.database import has_failed, is_in_the_way

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.agenda")

#: An entry that has failed so often becomes an incident and waits for a person.
MAX_ATTEMPTS = 8
#: A topic whose deliveries fail so often in a row is left alone for the rest of a sweep.
PATIENCE = 3
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=12)
#: So many entries of one case are done before an act on it; more are left to the sweep.
_MOST_LATE = 1_000
#: After so long the clock's entries are looked at again between two deliveries.
_GLANCE = timedelta(seconds=1)


def sweep(
    runtime: Runtime,
    *,
    limit: int,
    session: Session | Connection | None = None,
    lane: Lane | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Swept:
    """Do what is due now, oldest first: at most ``limit`` entries of the clock, then at most ``limit`` deliveries.

    Args:
        session: do entries of the clock in the host's transaction; deliveries are left for a sweep without it, since
            nothing outside is called inside a transaction.
        lane: only one of the two.
        stop: asked before each entry; the sweep ends when it says so.
    """
    work = _Sweep(runtime, session, stop)
    if lane is not Lane.DELIVERIES:
        work.clock(limit)
    if lane is not Lane.CLOCK and session is None and runtime.adapters:
        work.deliveries(limit, glance=lane is None)
    return Swept(done=dict(work.done), failed=work.failed, incidents=work.incidents)


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
            if found is None or found.status != "incident":
                raise _no_incident(incident_id)
            if found.kind != "delivery":
                _again(runtime, connection, found, now)
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
            attempts, until = found.attempts + 1, now + LEASE
            mine = store.put_off(
                connection,
                incident_id,
                if_still=(found.attempts, found.next_try_at),
                next_try_at=until,
                attempts=attempts,
            )
            if not mine:
                raise _no_incident(incident_id)
        _carry(runtime, found, (attempts, until))
    except _EntryFailed as failure:
        if failure.entry.kind == "delivery":
            _put_off(runtime, failure, None)
        raise Conflict(
            f"incident {incident_id} still fails with {told(failure.cause)}; mend the cause first"
        ) from failure.cause


def caught_up(runtime: Runtime, connection: Connection, step: Step) -> Step:
    """The step of a case that somebody works on, begun anew once the clock has done what is over in the case.

    What an act comes to must not depend on whether a sweep has looked before it. Only where a deadline is over does
    this cost anything.
    """
    if not step.late:
        return step
    now, actor, case_id = step.now(), step.recording.actor, step.recording.case_id
    _catch_up(runtime, connection, case_id, now)
    row = case_store.lock_case(connection, case_id)
    assert row is not None  # it is locked, and nobody deletes cases
    anew = runtime.step(connection, row, case_store.open_deadlines(connection, case_id), now, actor)
    anew.catch_up()
    return anew


def _catch_up(runtime: Runtime, connection: Connection, case_id: int, now: datetime) -> None:
    """Do what is due of a locked case, in order, up to the first entry that fails: the sweep puts that off."""
    for _ in range(_MOST_LATE):
        case = case_store.lock_case(connection, case_id)
        claim = store.first_due(connection, case, now) if case is not None else None
        if claim is None:
            return
        try:
            with connection.begin_nested():
                _do(runtime, connection, claim, now)
        except Exception as error:
            if has_failed(error):
                raise
            return


def told(error: BaseException) -> str:
    """An error in words that every database can keep: its type and its text, without what is no character."""
    try:
        text = str(error)
    except Exception:  # whatever an adapter raises must not stop the others
        text = "(its text cannot be read)"
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return f"{type(error).__name__}: {text}"[:4000]


class _EntryFailed(Exception):
    """An entry of the agenda could not be done; ``left`` is how it then stands there: its attempts and next try."""

    def __init__(self, entry: Any, left: tuple[int, datetime], cause: BaseException) -> None:
        self.entry, self.left, self.cause = entry, left, cause
        super().__init__(type(cause).__name__)


class _Sweep:
    """One sweep, and what it has done."""

    def __init__(
        self, runtime: Runtime, session: Session | Connection | None, stop: Callable[[], bool]
    ) -> None:
        self._runtime, self._session, self._stop = runtime, session, stop
        self._looked_at = runtime.clock.now()
        self.done: Counter[str] = Counter()
        self.failed = self.incidents = 0

    def clock(self, limit: int) -> None:
        """Do entries of cases and recurring duties in the order in which they fell due."""
        self._looked_at = self._runtime.clock.now()
        duty_at = self._next_duty()
        for _ in range(limit):
            if self._stop():
                return
            now = self._runtime.clock.now()
            try:
                # No entry of a case that fell due after the next duty comes before it.
                kind = self._of_a_case(now, now if duty_at is None else min(now, duty_at))
                if kind is None and duty_at is not None:
                    kind = self._duty(now)
                    # One that another worker holds is that worker's; the rest goes on.
                    duty_at = self._next_duty() if kind else None
            except _EntryFailed as failure:
                self._note(failure)
                duty_at = self._next_duty()
                continue
            if kind is None:
                return
            if kind:
                self.done[kind] += 1

    def deliveries(self, limit: int, *, glance: bool) -> None:
        """Carry deliveries over, one of each topic in turn; with ``glance``, what falls due meanwhile goes first."""
        runtime = self._runtime
        with runtime.writing() as connection:
            # Another process without these adapters, a web server perhaps, may have parked deliveries since.
            store.unpark(connection, runtime.adapters)
        topics = deque(sorted(runtime.adapters))
        failures: Counter[str] = Counter()
        left = limit
        while topics and left and not self._stop():
            if glance and runtime.clock.now() - self._looked_at > _GLANCE:
                self.clock(limit)
            topic = topics.popleft()
            try:
                carried = self._delivery(topic)
                if carried is None:
                    continue
                left -= carried
                failures[topic] = 0
            except _EntryFailed as failure:
                self._note(failure)
                failures[topic] += 1
                left -= 1
            if failures[topic] < PATIENCE:
                topics.append(topic)

    def _of_a_case(self, now: datetime, until: datetime) -> str | None:
        """Do the first due entry of a case: its kind, "" when somebody else has just done it, ``None`` without one."""
        with self._runtime.writing(self._session) as connection:
            case = store.lock_due_case(connection, until)
            claim = store.first_due(connection, case, until) if case is not None else None
            if claim is None:
                return None if case is None else ""
            entry = claim.entry
            try:
                _do(self._runtime, connection, claim, now)
            except Exception as error:  # whatever it is, it must not stop the other entries
                if has_failed(error):
                    raise
                raise _EntryFailed(entry, (entry.attempts, entry.next_try_at), error) from error
        return str(entry.kind)

    def _next_duty(self) -> datetime | None:
        with self._runtime.reading(self._session) as connection:
            return duty_store.next_due(connection, self._runtime.clock.now())

    def _duty(self, now: datetime) -> str:
        """Let the first due duty leave its list; "" when somebody else has just done it."""
        with self._runtime.writing(self._session) as connection:
            entry = duty_store.claim(connection, now)
            if entry is None:
                return ""
            _come(self._runtime, connection, entry, now)
        return "duty"

    def _delivery(self, topic: str) -> int | None:
        """Carry the first due delivery of a topic: 1, or 0 when it waits for working hours; ``None`` without one."""
        now = self._runtime.clock.now()
        with self._runtime.writing() as connection:
            entry = store.lease(connection, topic, now, now + LEASE)
            if entry is None:
                return None
            at = _hour(self._runtime, entry, now)
            if at > now:
                # It was late, and the office is closed: that was no attempt.
                store.put_off(
                    connection, entry.id, next_try_at=at, attempts=entry.attempts - 1, error=entry.error
                )
                return 0
        left = entry.attempts, entry.next_try_at
        if entry.attempts > MAX_ATTEMPTS:
            raise _EntryFailed(entry, left, RuntimeError("whoever carried it never came back to tell"))
        _carry(self._runtime, entry, left)
        self.done["delivery"] += 1
        return 1

    def _note(self, failure: _EntryFailed) -> None:
        if is_in_the_way(failure.cause):
            # Nobody's fault: the same may go well in a moment.
            with self._runtime.writing(self._session) as connection:
                soon = self._runtime.clock.now() + _GLANCE
                store.put_off(
                    connection,
                    failure.entry.id,
                    if_still=failure.left,
                    next_try_at=soon,
                    attempts=failure.left[0],
                )
            return
        self.failed += 1
        self.incidents += _put_off(self._runtime, failure, self._session)


def _do(runtime: Runtime, connection: Connection, claim: store.Claim, now: datetime) -> None:
    """Do an entry of a case in the transaction that has locked it."""
    entry = claim.entry
    step = runtime.step(connection, claim.case, claim.deadlines, now)
    ref = Ref.of(entry)
    step.recording.changes.agenda_removed.append(ref)
    if entry.kind == "timer":
        step.fire_timer(ref.number)
    elif entry.kind == "expiry":
        look_again = step.expire(ref.number)
        if look_again is not None:
            step.recording.plan(ref, look_again)
    elif entry.kind == "rung":
        step.fire_rung(connection, ref.number, ref.rung_id)
    elif entry.kind == "task":
        step.press_task(ref.number, entry.data)
    elif entry.kind == "reply":
        step.press_for_answer(entry.ref, entry.data)
    elif entry.kind == "sent":
        step.press_for_delivery(entry.ref, entry.data)
    else:
        raise NotFound(
            f"the agenda holds an entry of the unknown kind {entry.kind!r}; it was written by hand"
        )
    step.save(connection)


def _come(runtime: Runtime, connection: Connection, entry: Any, now: datetime) -> None:
    """Let a duty that is locked leave its list."""
    try:
        recurring.come(runtime, connection, entry, now)
    except Exception as error:  # whatever it is, it must not stop the other entries
        if has_failed(error):
            raise
        raise _EntryFailed(entry, (entry.attempts, entry.next_try_at), error) from error


def _again(runtime: Runtime, connection: Connection, incident: Any, now: datetime) -> None:
    """Do the entry of an incident of the clock, once it is locked."""
    if incident.case_id is None:
        entry = duty_store.lock_entry(connection, incident.id)
        if entry is None or entry.status != "incident":
            raise _no_incident(incident.id)
        _come(runtime, connection, entry, now)
        return
    claim = store.claim(connection, incident.id)
    if claim is None or claim.entry.status != "incident":
        raise _no_incident(incident.id)
    try:
        _do(runtime, connection, claim, now)
    except Exception as error:
        if has_failed(error):
            raise
        raise _EntryFailed(incident, (incident.attempts, incident.next_try_at), error) from error


def _hour(runtime: Runtime, entry: Any, instant: datetime) -> datetime:
    """When an entry may be done, not before ``instant``: a notice that is not urgent waits for working hours."""
    if not waits_for_office_hours(entry.topic, entry.data):
        return instant
    return working_time(instant, runtime.edition.calendar_in(entry.data.get("area")))


def _carry(runtime: Runtime, entry: Any, left: tuple[int, datetime]) -> None:
    """Carry a leased delivery over, outside of any transaction, and bring its answer back."""
    delivery = deliveries.delivery_of(entry)
    try:
        answer = runtime.adapters[delivery.topic].send(delivery)
    except (Exception, SystemExit) as error:  # its own database may be down: that is not ours
        raise _EntryFailed(entry, left, error) from error
    try:
        deliveries.arrived(runtime, delivery, answer)
    except Exception as error:
        if has_failed(error):
            raise
        raise _EntryFailed(entry, left, error) from error


def _put_off(runtime: Runtime, failure: _EntryFailed, session: Session | Connection | None) -> int:
    """Let a failed entry wait, longer each time; 1 when it has become an incident.

    Its lock is gone by now. Where someone has planned the entry anew since, an extension for one, the new plan stands.
    """
    entry = failure.entry
    # Leasing a delivery has counted the attempt already.
    attempts = failure.left[0] + (entry.kind != "delivery")
    incident = attempts >= MAX_ATTEMPTS
    delay = min(_FIRST_DELAY * 2 ** (attempts - 1), _LONGEST_DELAY)
    with runtime.writing(session) as connection:
        left = store.put_off(
            connection,
            entry.id,
            if_still=failure.left,
            next_try_at=_hour(runtime, entry, runtime.clock.now() + delay),
            attempts=attempts,
            error=told(failure.cause),
            status="incident" if incident else "pending",
        )
    incident = incident and left
    # The text of the error stays in the database: it may quote what a person wrote.
    logger.warning(
        "agenda entry %s (%s of case %s) failed with %s, attempt %s%s",
        entry.id,
        entry.kind,
        entry.case_id,
        type(failure.cause).__name__,
        attempts,
        "; it is an incident now" if incident else "",
    )
    return int(incident)


def _no_incident(incident_id: int) -> NotFound:
    return NotFound(f"there is no incident {incident_id}; list them with `jiefen incidents` (incidents())")
