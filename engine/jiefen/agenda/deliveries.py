"""投递: calls to outside systems, kept until they are known to have arrived."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from jiefen.case.arguments import facts_set_by
from jiefen.case.runtime import Runtime
from jiefen.errors import DatabaseError, NotFound
from jiefen.outside.adapter import Adapter, Collector, Receiver
from jiefen.record.kinds import EntryKind, EntryStatus, Happening
from jiefen.record.refs import Ref
from jiefen.record.values import Answer, Delivery
from jiefen.store import agenda as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.deliveries")


def arrived(runtime: Runtime, delivery: Delivery, answer: Answer | None) -> None:
    """Note that a delivery was carried over, and take its answer if there is one already."""
    if answer is None and delivery.payload.get("token") is not None:
        with runtime.writing() as connection:
            # The process waits for the answer: kept, but never sent again.
            store.put_off(
                connection,
                delivery.id,
                next_try_at=delivery.at,
                attempts=delivery.attempts,
                status=EntryStatus.SENT,
            )
        return
    receive(runtime, delivery.id, answer or Answer())


def collect(engine: Receiver, adapters: Mapping[str, Adapter], stop: Callable[[], bool]) -> None:
    """Let the adapters that can bring in what came from outside; each once, with all its topics."""
    topics: dict[int, list[str]] = {}
    for topic, adapter in adapters.items():
        topics.setdefault(id(adapter), []).append(topic)
    for own in topics.values():
        adapter = adapters[own[0]]
        if not isinstance(adapter, Collector) or stop():
            continue
        try:
            adapter.collect(engine, topics=own)
        except DatabaseError:
            raise
        except (Exception, SystemExit) as error:  # it must not stop the others; its text may quote anybody
            logger.warning("collecting for %s failed with %s", ", ".join(own), type(error).__name__)


def receive(
    runtime: Runtime, delivery_id: int, answer: Answer, session: Session | Connection | None = None
) -> None:
    """Take the answer to a delivery; the delivery is over then.

    Raises:
        NotFound: when it is over already, or there never was one.
    """
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        claim = store.claim(connection, delivery_id)
        if claim is None or claim.entry.kind != EntryKind.DELIVERY:
            raise NotFound(
                f"there is no open delivery {delivery_id}; it was answered before, or its task has gone"
            )
        entry = claim.entry
        step = runtime.step(connection, claim.case, claim.deadlines, now)
        step.recording.changes.agenda_removed.append(Ref.of(entry))
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


def delivery_of(entry: Any) -> Delivery:
    """A delivery from its row on the agenda."""
    return Delivery(
        id=entry.id,
        case=entry.case_id,
        key=f"jiefen:{entry.case_id}:{entry.ref}",
        topic=entry.topic,
        status=entry.status,
        attempts=entry.attempts,
        error=entry.error,
        at=entry.at,
        payload=entry.data,
    )
