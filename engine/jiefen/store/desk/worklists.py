"""The tasks that somebody may do, what is due first before the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import DeadlineStatus, TaskStatus
from jiefen.record.rows import DeadlineRow, kept_roles
from jiefen.store import schema
from jiefen.store.desk import absences
from jiefen.store.reading import lies_for, within

_task, _case, _deadline = schema.task.c, schema.case.c, schema.deadline.c
#: Later than anything is due.
FAR = datetime(9999, 1, 1, tzinfo=UTC)

_NEXT = (
    sa.select(sa.func.min(_deadline.due_at))
    .where(_deadline.case_id == _task.case_id, _deadline.status == schema.text_of(DeadlineStatus.RUNNING))
    .correlate(schema.task)
    .scalar_subquery()
)
_SOONER = sa.case(
    (_task.due_at.is_(None), _NEXT),
    (_NEXT.is_(None), _task.due_at),
    (_task.due_at > _NEXT, _NEXT),
    else_=_task.due_at,
)
_DUE = sa.type_coerce(
    sa.func.coalesce(_SOONER, sa.bindparam("far_", FAR, type_=schema.Instant)), schema.Instant
)


def work(
    connection: Connection,
    person: str,
    on: date,
    posts: Mapping[str | None, Collection[str]],
    areas: Collection[str | None],
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Row[Any]]:
    """The open tasks that a person may do, their own and free ones, with what is due first at the front.

    Args:
        on: the day in China on which they stand in for others.
        posts: by area, the roles for which somebody there may do a task; ``None`` is everywhere.
        areas: where they act at all.
    """
    fits = [
        sa.and_(lies_for(schema.task.c.area, area), _for_one_of(roles))
        for area, roles in posts.items()
        if roles
    ]
    # A model may give a task to a person and to no role.
    mine: sa.ColumnElement[bool] = _task.assignee == person
    nobodys: sa.ColumnElement[bool] = _task.roles == kept_roles(())
    named = sa.and_(
        mine, nobodys, sa.or_(sa.false(), *(lies_for(schema.task.c.area, area) for area in areas))
    )
    # Who is away takes nothing new, and stands in for nobody.
    there = absences.away_when(sa.literal(person), sa.literal(on, sa.Date)).is_(None)
    for_others = _task.assignee.in_(absences.persons(person, on))
    theirs = sa.or_(mine, sa.and_(there, sa.or_(_task.assignee.is_(None), for_others)))
    wanted = sa.or_(named, sa.and_(theirs, sa.or_(*fits))) if fits else named
    columns = [_case.facts, _case.colour, _case.recused, _case.edition, _case.area.label("case_area")]
    query = (
        sa.select(schema.task, *columns, _DUE.label("next_due"))
        .join(schema.case, _case.id == _task.case_id)
        .where(_task.status == schema.text_of(TaskStatus.OPEN), wanted)
        .order_by(sa.text("next_due"), _task.id)
        .limit(limit)
    )
    if after is not None:
        due, id = after
        theirs_due = _DUE
        query = query.where(sa.or_(theirs_due > due, sa.and_(theirs_due == due, _task.id > id)))
    return list(connection.execute(query))


def running(connection: Connection, case_ids: Collection[int]) -> dict[int, list[DeadlineRow]]:
    """The deadlines that run in some cases, those that are over first at the front."""
    query = (
        sa.select(schema.deadline)
        .where(_deadline.case_id.in_(case_ids), _deadline.status == schema.text_of(DeadlineStatus.RUNNING))
        .order_by(_deadline.due_at, _deadline.seq)
    )
    found: dict[int, list[DeadlineRow]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, []).append(DeadlineRow._make(row))
    return found


def load(connection: Connection, area: str | None, now: datetime) -> Sequence[Row[Any]]:
    """How many tasks are open, by the roles they are for and their area; how many are claimed, how many are over."""
    claimed = sa.func.count(_task.assignee)
    running, expired = schema.text_of(DeadlineStatus.RUNNING), schema.text_of(DeadlineStatus.EXPIRED)
    past = sa.or_(_deadline.status == expired, sa.and_(_deadline.status == running, _deadline.due_at <= now))
    missed = sa.exists().where(_deadline.case_id == _task.case_id, past)
    over = sa.func.count(sa.case((sa.or_(_task.due_at <= now, missed), 1)))
    query = (
        sa.select(
            _task.roles,
            _task.area,
            sa.func.count().label("open"),
            claimed.label("claimed"),
            over.label("overdue"),
        )
        .where(_task.status == schema.text_of(TaskStatus.OPEN))
        .group_by(_task.roles, _task.area)
        .order_by(_task.area, _task.roles)
    )
    if area is not None:
        query = query.where(within(schema.task.c.area, area))
    return connection.execute(query).all()


def _for_one_of(roles: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*(_task.roles.contains(f"|{role}|", autoescape=True) for role in sorted(roles)))
