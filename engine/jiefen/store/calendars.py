"""The queries of recomputing: the calendars kept in the database, and the cases whose deadlines run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.store import schema

_case, _deadline, _rung = schema.case, schema.deadline, schema.rung
_OPEN = _deadline.c.status.in_(schema.STILL_OPEN)
_CAN_MOVE = sa.exists().where(_deadline.c.case_id == _case.c.id, _OPEN)


def calendars(connection: Connection) -> list[tuple[str, Any]]:
    """Every calendar that was kept: its digest and its plans."""
    rows = connection.execute(sa.select(schema.calendar.c.digest, schema.calendar.c.plans))
    return [(row.digest, row.plans) for row in rows]


def keep(connection: Connection, digest: str, plans: Sequence[Any], at: datetime) -> None:
    """Keep a calendar; another process may just have done so."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(schema.calendar).values(digest=digest, plans=plans, loaded_at=at)
    connection.execute(statement.on_conflict_do_nothing())


def concerned_cases(connection: Connection, every: bool, after: int, limit: int) -> list[CaseRow]:
    """Cases, open or ended, with a deadline whose end can still move; with ``every`` also all open cases. By id."""
    concerned = sa.or_(_case.c.status == "open", _CAN_MOVE) if every else _CAN_MOVE
    columns = [_case.c[name] for name in CaseRow._fields]
    query = sa.select(*columns).where(_case.c.id > after, concerned).order_by(_case.c.id).limit(limit)
    return [CaseRow._make(row) for row in connection.execute(query)]


def open_deadlines(connection: Connection, case_ids: Sequence[int]) -> dict[int, list[DeadlineRow]]:
    """The deadlines that can still change, by case, oldest first."""
    query = (
        sa.select(_deadline)
        .where(_deadline.c.case_id.in_(case_ids), _OPEN)
        .order_by(_deadline.c.case_id, _deadline.c.seq)
    )
    found: dict[int, list[DeadlineRow]] = {case_id: [] for case_id in case_ids}
    for row in connection.execute(query):
        found[row.case_id].append(DeadlineRow._make(row))
    return found


def fired(connection: Connection, case_id: int) -> set[tuple[int, str]]:
    """The rungs of a case that have fired, by the number of their deadline."""
    query = sa.select(_rung.c.deadline, _rung.c.rung).where(_rung.c.case_id == case_id)
    return {(row.deadline, row.rung) for row in connection.execute(query)}
