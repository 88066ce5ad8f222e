"""Deliveries whose answer a model no longer waits for: taken back, or sent all the same. None vanishes in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.process import Wait
from jiefen.record.kinds import EntryStatus, Happening
from jiefen.record.recording import CANCELLED, LEASE, Recording
from jiefen.record.refs import Ref
from jiefen.store import agenda as store

#: The property of an element of a model whose delivery the law requires, whatever becomes of the case; the payload of
#: one that goes out after its task has gone says so too.
STATUTORY: Final = "statutory"


def withdraw(connection: Connection, recording: Recording, waits: Sequence[Wait]) -> None:
    """Settle the deliveries of tokens that have gone: their task was interrupted, or the case has ended.

    What the law requires goes out all the same. What has not gone out is withdrawn. What may have reached the outside,
    even if no answer came, is withdrawn too, and a delivery that cancels it follows.
    """
    by_ref = {Ref.call(wait.key).name: wait for wait in waits}
    for row in store.deliveries_of(connection, recording.case_id, by_ref):
        wait = by_ref[row.ref]
        if EntryStatus(row.status).over:
            continue
        about = {"ref": row.ref, "delivery": row.id, "name": wait.element.name}
        if wait.element.properties.get(STATUTORY) == "true":
            recording.keep(row, data=row.data | {"token": None, STATUTORY: True})
            recording.note(Happening.DELIVERY_KEPT, row.topic, status=row.status, **about)
            continue
        gone = row.carried_at is not None or row.status == EntryStatus.SENT
        recording.finish(row, EntryStatus.WITHDRAWN)
        recording.note(Happening.DELIVERY_WITHDRAWN, row.topic, status=row.status, gone=gone, **about)
        if gone:
            cancel(recording, row)


def cancel(recording: Recording, row: Any) -> None:
    """Tell the outside that a delivery it may have is taken back; never before whoever carries it now has done so."""
    in_work = row.status == EntryStatus.PENDING and row.next_try_at > recording.now
    payload = {name: row.data[name] for name in ("element", "inputs", "confidential") if name in row.data}
    payload |= {"token": None, "cancels": delivery_key(row.case_id, row.ref)}
    until = min(row.next_try_at, recording.now + LEASE) if in_work else None
    recording.deliver(Ref.cancelled(row.ref), f"{row.topic}{CANCELLED}", payload, until)


def key_parts(key: str) -> tuple[int, str] | None:
    """The case and the name of a delivery within it, by the key that the outside knows; ``None``: it is no such key."""
    word, _, rest = key.partition(":")
    case, _, ref = rest.partition(":")
    if word != "jiefen" or not (case.isascii() and case.isdigit() and ref) or not 0 < int(case[:20]) < 2**63:
        return None
    return int(case), ref


def delivery_key(case_id: int, ref: str) -> str:
    """The key by which the outside recognises a delivery, the same at every try."""
    return f"jiefen:{case_id}:{ref}"
