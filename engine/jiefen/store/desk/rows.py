"""What an intake looks up: the cases that have a key, what was told of them, and how their matters are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.record.kinds import CaseStatus, Happening
from jiefen.store import schema
from jiefen.store.desk.links import merged_into

#: How many keys are asked for at once.
_AT_ONCE: Final = 10


def cases_with_key(connection: Connection, key: str, again: str) -> list[Row[Any]]:
    """The cases that came under a key, as ``key``, ``key~2`` and so on; the oldest first."""
    case = schema.case.c
    found: list[Row[Any]] = []
    while True:
        first = len(found) + 1
        keys = [key if number == 1 else f"{key}{again}{number}" for number in range(first, first + _AT_ONCE)]
        rows: list[Any] = list(
            connection.execute(
                sa.select(case.id, case.key, case.status, case.facts)
                .where(case.key.in_(keys))
                .order_by(case.id)
            )
        )
        found += rows
        if len(rows) < _AT_ONCE:
            return found


def goes_on_in(connection: Connection, case_id: int) -> Row[Any]:
    """The case in which a case goes on: the one that it was merged into at last, or itself."""
    at: int | None = case_id
    while at is not None:
        case_id, at = at, merged_into(connection, at)
    case = schema.case.c
    query = sa.select(case.id, case.key, case.status, case.facts).where(case.id == case_id)
    return cast("Row[Any]", connection.execute(query).one())


def last_told(connection: Connection, case_id: int) -> dict[str, Any] | None:
    """What the last intake that said otherwise than the case said, as its entry in the journal has it."""
    journal = schema.journal.c
    query = (
        sa.select(journal.data)
        .where(journal.case_id == case_id, journal.kind == str(Happening.INTAKE_DIFFERS))
        .order_by(journal.id.desc())
        .limit(1)
    )
    data: dict[str, Any] | None = connection.scalar(query)
    return data


def titles(connection: Connection, case_ids: Collection[int]) -> list[Row[Any]]:
    """How the matters of some cases are called, the newest first; of cases that were voided nothing."""
    case = schema.case.c
    title = case.facts["title"].as_string().label("title")
    query = sa.select(case.id, title).where(case.id.in_(case_ids), case.status != str(CaseStatus.VOIDED))
    return list(connection.execute(query.order_by(case.id.desc())))


def of_a_kind(
    connection: Connection, facts: Mapping[str, Any], *, except_case: int, since: datetime, most: int
) -> list[int]:
    """The newest cases of a type of dispute in an area that were opened since an instant."""
    case, kind, area = schema.case.c, facts.get("dispute_type"), facts.get("area")
    if kind is None or area is None:
        return []
    here = (case.dispute_type == str(kind), case.area == normalise_area(str(area)), case.opened_at >= since)
    query = sa.select(case.id).where(*here, case.id != except_case)
    return list(connection.scalars(query.order_by(case.opened_at.desc()).limit(most)))
