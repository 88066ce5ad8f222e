"""The deadlines of open cases that nobody has met, over all cases, what is over first at the front."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import CaseStatus, DeadlineStatus
from jiefen.store import schema
from jiefen.store.reading import within
from jiefen.store.viewing.seen import EVERYTHING, Seen

_case, _deadline = schema.case.c, schema.deadline.c
#: Where a page ended: when the last deadline is over, its case, its number there.
Place = tuple[datetime, int, int]
_UNMET = (DeadlineStatus.RUNNING, DeadlineStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class SetBy:
    """Deadlines by versions of rules, with their first days; a ``holder`` that the case itself names goes before."""

    versions: tuple[tuple[str, date], ...]
    holder: str | None = None


def is_set_by(deadline: sa.FromClause, one: SetBy) -> sa.ColumnElement[bool]:
    """That a deadline is one of those."""
    by_rule: sa.ColumnElement[bool] = sa.false()
    if one.versions:
        by_rule = sa.tuple_(deadline.c.rule, deadline.c.version).in_(one.versions)
    if one.holder is None:
        return by_rule
    return sa.or_(deadline.c.holder == one.holder, sa.and_(deadline.c.holder.is_(None), by_rule))


def unmet(
    connection: Connection,
    since: datetime | None,
    until: datetime | None,
    area: str | None,
    rule: str | None,
    set_by: Collection[SetBy],
    leader: str | None,
    after: Place | None,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Deadlines that run or have expired, over from ``since`` and before ``until``, with what their cases say."""
    # A part for each status: the index gives each in order, and neither is read further than the page goes.
    parts = [
        _part(status, since, until, area, rule, set_by, leader, after)
        .where(*seen.conditions)
        .limit(limit)
        .subquery()
        for status in _UNMET
    ]
    both = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    query = sa.select(both).order_by(both.c.due_at, both.c.case_id, both.c.seq).limit(limit)
    return list(connection.execute(query))


def _part(
    status: DeadlineStatus,
    since: datetime | None,
    until: datetime | None,
    area: str | None,
    rule: str | None,
    set_by: Collection[SetBy],
    leader: str | None,
    after: Place | None,
) -> sa.Select[Any]:
    of_case = [
        _case.facts, _case.area, _case.leader, _case.key, _case.grade, _case.revision,
        _case.edition.label("case_edition"),
    ]  # fmt: skip
    query = (
        sa.select(schema.deadline, *of_case)
        .join(schema.case, _case.id == _deadline.case_id)
        .where(
            _deadline.status == schema.text_of(status),
            _deadline.due_at.is_not(None),
            _case.status == schema.text_of(CaseStatus.OPEN),
        )
        .order_by(_deadline.due_at, _deadline.case_id, _deadline.seq)
    )
    if status is DeadlineStatus.EXPIRED:
        # What was missed in the cases of all years only grows; an index leaves it out.
        query = query.where(_deadline.case_ended_at.is_(None))
    if since is not None:
        query = query.where(_deadline.due_at >= since)
    if until is not None:
        query = query.where(_deadline.due_at < until)
    if area is not None:
        query = query.where(within(schema.case.c.area, area))
    if leader is not None:
        query = query.where(_case.leader == leader)
    if rule is not None:
        query = query.where(_deadline.rule == rule)
    query = query.where(*(is_set_by(schema.deadline, one) for one in set_by))
    if after is not None:
        due_at, case, seq = after
        later = sa.or_(_deadline.case_id > case, sa.and_(_deadline.case_id == case, _deadline.seq > seq))
        query = query.where(_deadline.due_at >= due_at, sa.or_(_deadline.due_at > due_at, later))
    return query
