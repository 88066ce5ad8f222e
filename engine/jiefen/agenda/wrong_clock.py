"""A clock that was ahead and has been put right: what came too early is taken back, what was put off too far comes.

Nobody loses a right because a machine had the wrong time. What the models have done meanwhile stays as it is.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.retries import LONGEST_DELAY
from jiefen.case.runtime import Runtime
from jiefen.errors import JiefenError
from jiefen.record.rows import CaseRow
from jiefen.store import agenda as store
from jiefen.store import calendars as calendar_store
from jiefen.store import cases as case_store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.agenda")

#: So many cases are looked for at a time.
_PAGE: Final = 100


def put_right(runtime: Runtime, session: Session | Connection | None) -> None:
    """Bring what was put off by a clock that was ahead, and take back what expired by it.

    It costs one look where the clock was never ahead.
    """
    now = runtime.clock.now()
    latest = now + LONGEST_DELAY
    with runtime.reading(session) as connection:
        put_off, expired = store.signs_of_a_wrong_clock(connection, now, latest)
    if put_off:
        with runtime.writing(session) as connection:
            brought = store.bring(connection, latest)
        logger.warning("%s retries were planned by a clock that was ahead; they come by %s", brought, latest)
    after = 0
    while expired:
        with runtime.reading(session) as connection:
            cases = store.cases_expired_early(connection, now, after, _PAGE)
        for case_id in cases:
            _look_again(runtime, case_id, now, session)
        if len(cases) < _PAGE:
            return
        after = cases[-1]


def take_back(runtime: Runtime, connection: Connection, case: CaseRow, now: datetime) -> None:
    """Let the deadlines of a locked case run again that expired by a clock that was ahead, and are not over."""
    step = runtime.step(connection, case, case_store.open_deadlines(connection, case.id), now)
    if step.early:
        step.docket.take_back_early(calendar_store.fired(connection, case.id))
        step.save(connection)


def _look_again(runtime: Runtime, case_id: int, now: datetime, session: Session | Connection | None) -> None:
    try:
        with runtime.writing(session) as connection:
            case = store.lock_cases(connection, [case_id]).get(case_id)
            if case is not None:  # else another worker looks
                take_back(runtime, connection, case, now)
    except JiefenError as error:
        logger.warning(
            "what expired too early in case %s cannot be taken back: %s", case_id, type(error).__name__
        )
