"""What happens to an entry of the agenda that fails: it waits, longer each time, and ends as an incident."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.errors import DeliveryPostponed, DeliveryRefused, FactError
from jiefen.record.kinds import EntryKind, EntryStatus
from jiefen.store import agenda as store
from jiefen.store.connecting.failures import has_failed, is_in_the_way

logger = logging.getLogger("jiefen.agenda")

#: An entry that has failed so often becomes an incident and waits for a person.
MAX_ATTEMPTS: Final = 8
#: The longest time between two tries. No retry is ever planned further ahead, whatever the clock said before.
LONGEST_DELAY: Final = timedelta(hours=12)
#: A delivery waits so long at most for a time that its adapter has named; then that is asked again.
_LONGEST_WAIT: Final = timedelta(days=1)
#: What sending again would not mend: the other side has refused, or its answer cannot be taken.
_FINAL: Final = (DeliveryRefused, FactError)
_FIRST_DELAY: Final = timedelta(minutes=1)
#: What another transaction was in the way of is tried again so soon.
_IN_A_MOMENT: Final = timedelta(seconds=1)


class EntryFailed(Exception):
    """An entry of the agenda could not be done.

    Attributes:
        entry: its row.
        left: how it stands on the agenda: its attempts and its next try.
    """

    def __init__(self, entry: Any, left: tuple[int, datetime], cause: BaseException) -> None:
        self.entry, self.left, self.cause = entry, left, cause
        super().__init__(type(cause).__name__)


@contextmanager
def attempt(
    entry: Any,
    *,
    within: Connection | None = None,
    outside: bool = False,
    left: tuple[int, datetime] | None = None,
) -> Iterator[None]:
    """Try an entry: whatever goes wrong concerns it alone, unless the database has failed.

    Args:
        within: the transaction; what the block has written there is taken back when it fails.
        outside: the block calls an outside system, whose own database may fail.
        left: how the entry stands on the agenda meanwhile, where its row was read before that.

    Raises:
        EntryFailed: with the error of the block as its cause.
    """
    try:
        with within.begin_nested() if within is not None else nullcontext():
            yield
    except (Exception, SystemExit) as error:
        if not outside and (isinstance(error, SystemExit) or has_failed(error)):
            raise
        raise EntryFailed(entry, left or (entry.attempts, entry.next_try_at), error) from error


def put_off(connection: Connection, failure: EntryFailed, now: datetime) -> EntryStatus | None:
    """Let a failed entry wait; how it stands then. ``None``: another transaction was in its way, so nothing is counted.

    Where somebody has planned the entry again since, because of an extension for example, the new plan stays.
    """
    entry, (attempts, _) = failure.entry, failure.left
    if is_in_the_way(failure.cause):
        soon = now + _IN_A_MOMENT
        store.put_off(connection, entry.id, if_still=failure.left, next_try_at=soon, attempts=attempts)
        return None
    if isinstance(failure.cause, DeliveryPostponed):
        return _wait(connection, failure, failure.cause, now)
    # Leasing a delivery has counted the attempt already.
    attempts += entry.kind != EntryKind.DELIVERY
    status = EntryStatus.INCIDENT if is_last(failure) else EntryStatus.PENDING
    changed = store.put_off(
        connection,
        entry.id,
        if_still=failure.left,
        next_try_at=now + min(_FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY),
        attempts=attempts,
        error=(entry.case_id, error_text(failure.cause)),
        status=status,
    )
    # The text of the error stays in the database: it may quote what a person wrote.
    logger.warning(
        "agenda entry %s (%s of case %s) failed with %s, attempt %s%s",
        entry.id,
        entry.kind,
        entry.case_id,
        type(failure.cause).__name__,
        attempts,
        "; it is an incident now" if status is EntryStatus.INCIDENT else "",
    )
    return status if changed else EntryStatus.PENDING


def is_last(failure: EntryFailed) -> bool:
    """Whether an entry that has failed is not tried again by itself: it waits for a person."""
    delivery = failure.entry.kind == EntryKind.DELIVERY
    if delivery and isinstance(failure.cause, DeliveryPostponed):
        return False
    final = delivery and isinstance(failure.cause, _FINAL)
    return final or failure.left[0] + (not delivery) >= MAX_ATTEMPTS


def _wait(
    connection: Connection, failure: EntryFailed, cause: DeliveryPostponed, now: datetime
) -> EntryStatus | None:
    """A delivery waits for a time that its adapter has named; the try does not count. It is no failure."""
    attempts = failure.left[0] - 1
    store.put_off(
        connection,
        failure.entry.id,
        if_still=failure.left,
        next_try_at=min(max(cause.until, now + _IN_A_MOMENT), now + _LONGEST_WAIT),
        attempts=attempts,
        error=(failure.entry.case_id, error_text(cause)),
    )
    return None


def error_text(error: BaseException) -> str:
    """An error in words that every database can keep: its type and its text, without what is no character."""
    try:
        text = str(error)
    except Exception:  # whatever an adapter raises must not stop the others
        text = "(its text cannot be read)"
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return f"{type(error).__name__}: {text}"[:4000]
