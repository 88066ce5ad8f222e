"""What an intake looks up: the cases that have a key, what was told of them, and those of the same kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.record.kinds import CaseStatus, Happening
from jiefen.store import schema
from jiefen.store.desk import links
from jiefen.store.statements import Statement

#: How many keys are asked for at once.
_AT_ONCE: Final = 10


def cases_with_key(connection: Connection, key: str, again: str) -> list[Row[Any]]:
    """The cases that came under a key, as ``key``, ``key~2`` and so on; the oldest first."""
    found: list[Row[Any]] = []
    while True:
        numbers = range(len(found) + 1, len(found) + 1 + _AT_ONCE)
        keys = (key if number == 1 else f"{key}{again}{number}" for number in numbers)
        rows = _WITH_KEYS.rows(connection, {f"key_{at}": one for at, one in enumerate(keys)})
        found += rows
        if len(rows) < _AT_ONCE:
            return found


def goes_on_in(connection: Connection, case_id: int) -> Row[Any]:
    """The case in which a case goes on: the one that it was merged into at last, or itself."""
    query = sa.select(_case.id, _case.key, _case.status, _case.facts)
    here = _case.id == links.goes_on_in(connection, case_id)
    return cast("Row[Any]", connection.execute(query.where(here)).one())


def last_told(
    connection: Connection, case_id: int, now_id: int, key: str, kind: Happening
) -> dict[str, Any] | None:
    """What the last intake noted of a row, as its entry of a kind has it.

    Args:
        case_id: the case of the row; in its journal the entries of its own rows name none.
        now_id: the case in which it goes on, in whose journal an entry names the row of a case that was merged into it.
    """
    row = schema.journal.c.data["row"].as_string()
    journal = schema.journal.c
    query = (
        sa.select(journal.data)
        .where(journal.case_id.in_({case_id, now_id}), journal.kind == str(kind))
        .where(sa.or_(sa.and_(journal.case_id == case_id, row.is_(None)), row == key))
        .order_by(journal.id.desc())
        .limit(1)
    )
    data: dict[str, Any] | None = connection.scalar(query)
    return data


def of_a_kind(
    connection: Connection, facts: Mapping[str, Any], *, except_case: int, since: datetime, most: int
) -> list[Row[Any]]:
    """The newest cases of a type of dispute in an area that were opened since an instant, with their titles; none that
    was voided.
    """
    kind, area = facts.get("dispute_type"), facts.get("area")
    if kind is None or area is None:
        return []
    values = {"kind_": str(kind), "area_": normalise_area(str(area)), "since_": since, "case_": except_case}
    return _OF_A_KIND.rows(connection, values | {"most_": most})


_case = schema.case.c
_WITH_KEYS: Final = Statement(
    sa.select(_case.id, _case.key, _case.status, _case.facts)
    .where(_case.key.in_([sa.bindparam(f"key_{at}", type_=sa.String) for at in range(_AT_ONCE)]))
    .order_by(_case.id)
)
_OF_A_KIND: Final = Statement(
    sa.select(_case.id, schema.TITLE)
    .where(
        _case.dispute_type == sa.bindparam("kind_", type_=sa.String),
        _case.area == sa.bindparam("area_", type_=sa.String),
        _case.opened_at >= sa.bindparam("since_", type_=schema.Instant),
        _case.id != sa.bindparam("case_", type_=schema.Id),
        _case.status != schema.text_of(CaseStatus.VOIDED),
    )
    .order_by(_case.opened_at.desc())
    .limit(sa.bindparam("most_", type_=sa.Integer))
)
