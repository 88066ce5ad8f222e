"""投递: calls to outside systems, kept until they are known to have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection, Row

from jiefen.asked import facts_set_by
from jiefen.cases import Answer, Delivery, Happening
from jiefen.errors import NotFound
from jiefen.runtime import Runtime
from jiefen.store import agenda as store
from jiefen.store import cases

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def send(runtime: Runtime, row: Row[Any]) -> None:
    """Carry a leased delivery over, outside of any transaction, and bring its answer back."""
    delivery = delivery_of(row, "entry_")
    answer = runtime.adapters[delivery.topic].send(delivery)
    token = delivery.payload.get("token")
    if answer is None and token is not None:
        with runtime.writing() as connection:
            # Arrived, and the process waits for the answer: kept, but never sent again.
            store.postpone(
                connection, delivery.id, next_try_at=delivery.at, attempts=delivery.attempts, status="sent"
            )
        return
    receive(runtime, delivery.id, answer or Answer())


def receive(
    runtime: Runtime, delivery_id: int, answer: Answer, session: Session | Connection | None = None
) -> None:
    """Take the answer to a delivery; the delivery is over then.

    Raises:
        NotFound: when it is over already, or there never was one.
    """
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        entry = store.entry(connection, delivery_id)
        case = cases.lock_case(connection, entry.case_id) if entry is not None else None
        # Read again under the lock: another answer may have come first.
        entry = store.entry(connection, delivery_id)
        if entry is None or case is None or entry.kind != "delivery":
            raise NotFound(
                f"there is no open delivery {delivery_id}; it was answered before, or its task has gone"
            )
        step = runtime.step(connection, case, cases.open_deadlines(connection, case.id), now)
        step.recording.changes.agenda_removed.append((entry.kind, entry.ref))
        token = entry.data.get("token")
        if token is None:
            step.recording.note(Happening.DELIVERY_ARRIVED, entry.topic, ref=entry.ref)
        elif answer.error is not None:
            step.fail(token, answer.error, entry.topic)
        else:
            wait = step.waiting(token)
            vocabulary = step.edition.rulebook.vocabulary
            facts = (
                answer.facts if wait.mapped else facts_set_by(answer.facts, vocabulary, ("message", "form"))
            )
            step.complete(wait, facts, Happening.DELIVERY_ARRIVED, entry.topic)
        step.save(connection)


def delivery_of(row: Row[Any], prefix: str = "") -> Delivery:
    """A delivery from its row on the agenda."""
    value = row._mapping
    return Delivery(
        id=value[f"{prefix}id"],
        case=value[f"{prefix}case_id"],
        key=f"jiefen:{value[f'{prefix}case_id']}:{value[f'{prefix}ref']}",
        topic=value[f"{prefix}topic"],
        status=value[f"{prefix}status"],
        attempts=value[f"{prefix}attempts"],
        error=value[f"{prefix}error"],
        at=value[f"{prefix}at"],
        payload=value[f"{prefix}data"],
    )
