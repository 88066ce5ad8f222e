"""What is over in a case comes before what somebody does to it.

What an act leads to must not depend on whether a sweep has looked before it: neither where a deadline is over nor where
a timer of the model is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.engine import Connection

from jiefen.agenda.entries import run_entry
from jiefen.agenda.retries import EntryFailed, attempt
from jiefen.agenda.wrong_clock import take_back
from jiefen.case.runtime import Runtime
from jiefen.case.step import Step
from jiefen.store import agenda as store
from jiefen.store import cases as case_store

#: So many entries of one case are done before an act on it; more are left to the sweep.
_MOST_LATE: Final = 1_000


def after_due_entries(runtime: Runtime, connection: Connection, step: Step) -> Step:
    """The step of a case that somebody works on, begun again after everything that is due in the case.

    It costs nothing where no deadline and no timer is over.
    """
    if not step.late:
        return step
    now, actor, case_id = step.now(), step.recording.actor, step.recording.case_id
    if step.early:
        row = case_store.lock_case(connection, case_id)
        assert row is not None
        take_back(runtime, connection, row, now)
    _run_due(runtime, connection, case_id, now)
    row = case_store.lock_case(connection, case_id)
    assert row is not None  # it is locked, and nobody deletes cases
    again = runtime.step(connection, row, case_store.open_deadlines(connection, case_id), now, actor)
    again.catch_up()
    return again


def _run_due(runtime: Runtime, connection: Connection, case_id: int, now: datetime) -> None:
    """Do what is due in a locked case, in order, up to the first entry that fails: the sweep puts that off."""
    for _ in range(_MOST_LATE):
        claims = store.first_due(connection, store.lock_cases(connection, [case_id]), now)
        if not claims:
            return
        try:
            with attempt(claims[0].entry, within=connection):
                run_entry(runtime, connection, claims[0], now)
        except EntryFailed:
            return
