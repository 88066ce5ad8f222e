"""查阅记录: who has read what, when and why. It outlives the cases that it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import Grade
from jiefen.store import schema
from jiefen.store.sealing.types import OwnText

read = sa.Table(
    "jiefen_read",
    schema.metadata,
    sa.Column("id", schema.Id, primary_key=True),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("call", sa.String(64), nullable=False),
    # No reference: what was read of a case is known when the case is gone.
    sa.Column("case_id", schema.Id, nullable=False),
    sa.Column("grade", sa.String(16), nullable=False),
    sa.Column("area", sa.String(15)),
    sa.Column("refused", sa.Boolean, nullable=False),
    sa.Column("because", OwnText("jiefen_read.because")),
    sa.Index(None, "at"),
    sa.Index(None, "person", "at"),
    sa.Index(None, "case_id", "at"),
)
_is, _case, _task = read.c, schema.case.c, schema.task.c


def keep(
    connection: Connection,
    cases: Sequence[int],
    at: datetime,
    person: str,
    call: str,
    because: str | None,
    *,
    refused: bool,
) -> None:
    """Keep that somebody has read, or was refused, some cases, whatever their number in one statement.

    What was read of open cases is not kept; what was refused always is, if there is such a case.
    """
    names = ["at", "person", "call", "case_id", "grade", "area", "refused", "because"]
    told = sa.select(
        sa.literal(at, schema.Instant), sa.literal(person), sa.literal(call), _case.id, _case.grade, _case.area,
        sa.literal(refused), sa.literal(because, read.c.because.type),
    ).where(_case.id.in_(cases))  # fmt: skip
    if not refused:
        told = told.where(_case.grade != schema.text_of(Grade.OPEN))
    connection.execute(sa.insert(read).from_select(names, told))


def find(
    connection: Connection,
    person: str | None,
    case_id: int | None,
    since: datetime,
    until: datetime,
    refused: bool | None,
    after: int,
    limit: int,
) -> list[Row[Any]]:
    """What was read between two instants, by its number."""
    query = sa.select(read).where(_is.at >= since, _is.at < until, _is.id > after)
    if person is not None:
        query = query.where(_is.person == person)
    if case_id is not None:
        query = query.where(_is.case_id == case_id)
    if refused is not None:
        query = query.where(_is.refused.is_(refused))
    return list(connection.execute(query.order_by(_is.id).limit(limit)))


def by_minute(connection: Connection, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """How many cases each person has read in each minute, which is given in UTC as text."""
    if connection.dialect.name == "postgresql":
        minute: sa.ColumnElement[str] = sa.func.to_char(sa.func.timezone("UTC", _is.at), "YYYY-MM-DD HH24:MI")
    else:
        minute = sa.func.strftime("%Y-%m-%d %H:%M", _is.at)
    cases = sa.func.count(sa.distinct(sa.case((~_is.refused, _is.case_id))))
    query = sa.select(_is.person, minute.label("minute"), cases.label("cases"))
    within = query.where(_is.at >= since, _is.at < until)
    return connection.execute(within.group_by(_is.person, minute).order_by(_is.person, minute)).all()


def by_person(connection: Connection, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """In how many cases that each person has read they never had a task (``strange``), and how often they were
    ``refused``."""
    worked = sa.exists().where(
        _task.case_id == _is.case_id, sa.or_(_task.assignee == _is.person, _task.finished_by == _is.person)
    )
    strange = sa.func.count(sa.distinct(sa.case((sa.and_(~_is.refused, ~worked), _is.case_id))))
    query = sa.select(
        _is.person, strange.label("strange"), sa.func.count(sa.case((_is.refused, 1))).label("refused")
    )
    within = query.where(_is.at >= since, _is.at < until)
    return connection.execute(within.group_by(_is.person).order_by(_is.person)).all()
