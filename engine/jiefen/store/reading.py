"""The queries behind the lists that people read. Lists page by key: ask again after the last id seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import Happening
from jiefen.record.rows import DeadlineRow
from jiefen.store import schema
from jiefen.store.statements import Statement
from jiefen.store.viewing.seen import EVERYTHING, Seen

#: Digits of the code of a village.
_VILLAGE = 12
_LIST_COLUMNS = [column for column in schema.case.c if column.name not in ("state", "terms")]


def case(connection: Connection, case_id: int, seen: Seen = EVERYTHING) -> Row[Any] | None:
    """One case, if it is seen."""
    query = sa.select(*_LIST_COLUMNS, *seen.columns).where(schema.case.c.id == case_id, *seen.conditions)
    return connection.execute(query).one_or_none()


def cases(
    connection: Connection,
    filters: Mapping[str, object],
    area: str | None,
    after: int,
    limit: int,
    seen: Seen,
) -> list[Row[Any]]:
    """Cases by id; ``filters`` are columns with the value they must have, ``area`` is a prefix."""
    query = sa.select(*_LIST_COLUMNS, *seen.columns).where(schema.case.c.id > after, *seen.conditions)
    for name, value in filters.items():
        query = query.where(schema.case.c[name] == value)
    if area is not None:
        query = query.where(within(schema.case.c.area, area))
    return list(connection.execute(query.order_by(schema.case.c.id).limit(limit)))


def cases_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Cases by their ids, without their saved state."""
    query = sa.select(*_LIST_COLUMNS).where(schema.case.c.id.in_(sorted(ids)))
    return {row.id: row for row in connection.execute(query)}


def tasks(
    connection: Connection,
    *,
    status: str,
    role: str | None,
    area: str | None,
    case_id: int | None,
    assignee: str | None,
    after: int,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Any]:
    """Tasks by id."""
    given: dict[str, Any] = {
        "role_": None if role is None else f"%|{_as_it_is(role)}|%",
        "area_": area,
        "until_": None if area is None else _last_within(area),
        "case_": case_id,
        "assignee_": assignee,
    }
    given = {name: value for name, value in given.items() if value is not None}
    wanted = {"status_": status, "after_": after, "limit_": limit, **given}
    if seen.conditions:
        of_case = schema.task.c.case_id
        query = _tasks(frozenset(given)).where(*seen.of(of_case)).add_columns(*seen.knows_of(of_case))
        return list(connection.execute(query, wanted))
    return _compiled_tasks(frozenset(given)).rows(connection, wanted)


@cache
def _compiled_tasks(given: frozenset[str]) -> Statement:
    return Statement(_tasks(given))


def _tasks(given: frozenset[str]) -> sa.Select[Any]:
    """The query for a list of tasks of which these things are asked."""
    task = schema.task.c
    conditions = {
        "role_": task.roles.like(sa.bindparam("role_", type_=sa.String), escape="/"),
        "area_": task.area.between(
            sa.bindparam("area_", type_=sa.String), sa.bindparam("until_", type_=sa.String)
        ),
        "case_": task.case_id == sa.bindparam("case_", type_=schema.Id),
        "assignee_": task.assignee == sa.bindparam("assignee_", type_=sa.String),
    }
    query = sa.select(schema.task).where(
        task.status == sa.bindparam("status_", type_=sa.String),
        task.id > sa.bindparam("after_", type_=schema.Id),
        *(condition for name, condition in conditions.items() if name in given),
    )
    return query.order_by(task.id).limit(sa.bindparam("limit_", type_=sa.Integer))


def _as_it_is(text: str) -> str:
    """A text in which LIKE finds no wildcards."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


_TASK = Statement(sa.select(schema.task).where(schema.task.c.id == sa.bindparam("id_", type_=schema.Id)))


def task(connection: Connection, task_id: int, seen: Seen = EVERYTHING) -> Any:
    """One task; ``None`` when there is none that is seen."""
    if seen.conditions:
        of_case = schema.task.c.case_id
        query = sa.select(schema.task, *seen.knows_of(of_case))
        query = query.where(schema.task.c.id == task_id, *seen.of(of_case))
        return connection.execute(query).one_or_none()
    return _TASK.first(connection, {"id_": task_id})


def seen_of(connection: Connection, case_ids: Collection[int], seen: Seen) -> set[int]:
    """Those of some cases that are seen."""
    query = sa.select(schema.case.c.id).where(schema.case.c.id.in_(case_ids), *seen.conditions)
    return set(connection.scalars(query))


def deadlines(connection: Connection, case_id: int) -> list[DeadlineRow]:
    """All deadlines of a case, oldest first."""
    query = (
        sa.select(schema.deadline).where(schema.deadline.c.case_id == case_id).order_by(schema.deadline.c.seq)
    )
    return [DeadlineRow._make(row) for row in connection.execute(query)]


def journal(connection: Connection, case_id: int, after: int, limit: int) -> list[Row[Any]]:
    """What happened to a case, in order."""
    return list(
        connection.execute(
            sa.select(*schema.TELLING)
            .where(schema.journal.c.case_id == case_id, schema.journal.c.id > after)
            .order_by(schema.journal.c.id)
            .limit(limit)
        )
    )


def last_of(connection: Connection, case_id: int, kind: Happening) -> datetime | None:
    """When something of a kind happened last to a case; ``None``: never."""
    entry = schema.journal.c
    query = sa.select(sa.func.max(entry.at)).where(entry.case_id == case_id, entry.kind == str(kind))
    found: datetime | None = connection.scalar(query)
    return found


def opening(connection: Connection, case_id: int) -> Row[Any] | None:
    """The entry of the journal with which a case began."""
    query = sa.select(*schema.TELLING).where(schema.journal.c.case_id == case_id)
    return connection.execute(query.order_by(schema.journal.c.id).limit(1)).one_or_none()


def message(connection: Connection, case_id: int, key: str) -> Row[Any]:
    """The entry of the journal of a message that came with this key."""
    query = sa.select(*schema.TELLING)
    mine = (schema.journal.c.case_id == case_id, schema.journal.c.message_key == key)
    return connection.execute(query.where(*mine)).one()


def edition(connection: Connection, digest: str) -> bytes | None:
    """The content of an edition."""
    return connection.scalar(sa.select(schema.edition.c.content).where(schema.edition.c.digest == digest))


def editions(connection: Connection) -> list[str]:
    """The digests of all editions, the newest first."""
    query = sa.select(schema.edition.c.digest).order_by(schema.edition.c.loaded_at.desc())
    return list(connection.scalars(query))


def keep_edition(connection: Connection, digest: str, content: bytes, at: datetime) -> None:
    """Keep an edition; another process may just have done so."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(schema.edition).values(digest=digest, content=content, loaded_at=at)
    connection.execute(statement.on_conflict_do_nothing())


def within(column: sa.ColumnElement[Any], area: str) -> sa.ColumnElement[bool]:
    """The rows of an area and of what lies inside it."""
    # A range of digits instead of LIKE: an index serves it, and every collation sorts digits alike.
    return column.between(area, _last_within(area))


def lies_for(column: sa.Column[Any], area: str | None) -> sa.ColumnElement[bool]:
    """What lies where somebody acts: in their area, or in the village of their grid. ``None`` is everywhere."""
    if area is None:
        return sa.literal(True)
    ways = [within(column, area)]
    if len(area) > _VILLAGE:
        ways.append(column == area[:_VILLAGE])
    return sa.or_(*ways)


def _last_within(area: str) -> str:
    return area.ljust(15, "9")
