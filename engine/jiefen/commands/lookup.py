"""Rows of cases that a call names by their id, or an error that says where to look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.case.runtime import Runtime
from jiefen.errors import NotFound
from jiefen.record.values import Case, Deadline
from jiefen.store import cases as store
from jiefen.store import reading
from jiefen.story.snapshots import case_of, deadline_of


def locked_case(connection: Connection, case_id: int) -> Row[Any]:
    """The row of a case, locked for this transaction.

    Raises:
        NotFound: there is no such case.
    """
    row = store.lock_case(connection, case_id)
    if row is None:
        raise _no_case(case_id)
    return row


def case_row(connection: Connection, case_id: int) -> Row[Any]:
    """The row of a case, without its saved state.

    Raises:
        NotFound: there is no such case.
    """
    row = reading.case(connection, case_id)
    if row is None:
        raise _no_case(case_id)
    return row


def read_case(runtime: Runtime, connection: Connection, case_id: int) -> Case:
    """A case as callers see it.

    Raises:
        NotFound: there is no such case.
    """
    row = case_row(connection, case_id)
    return case_of(row, runtime.edition_of(connection, row.edition))


def deadlines_of(runtime: Runtime, connection: Connection, case: Row[Any], now: datetime) -> list[Deadline]:
    """Every deadline that a case has or had, oldest first."""
    rows, rulebook_of = reading.deadlines(connection, case.id), runtime.rulebook_of
    return [deadline_of(row, rulebook_of(connection, row.edition), case.area, now) for row in rows]


def _no_case(case_id: int) -> NotFound:
    return NotFound(
        f"there is no case {case_id}; list them with `jiefen cases` (cases()), or look one up by its key"
    )
