"""Orders: cases of the process ``dispatch`` that are linked to the matter that they belong to."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import DeadlineStatus, Happening, LinkKind, TaskStatus
from jiefen.store import schema
from jiefen.store.desk.links import link
from jiefen.store.reading import within

_case, _task, _deadline, _journal = (
    schema.case.c, schema.task.c, schema.deadline.c, schema.journal.c,
)  # fmt: skip
#: The process of an order.
PROCESS: Final = "dispatch"

_element = (
    sa.select(sa.func.min(_task.element))
    .where(_task.case_id == _case.id, _task.status == schema.text_of(TaskStatus.OPEN))
    .scalar_subquery()
)
_due_at = (
    sa.select(sa.func.min(_deadline.due_at))
    .where(_deadline.case_id == _case.id, _deadline.status == schema.text_of(DeadlineStatus.RUNNING))
    .scalar_subquery()
)


def orders(
    connection: Connection,
    of: int | None,
    area: str | None,
    status: str | None,
    after: int,
    limit: int,
) -> list[Row[Any]]:
    """Orders by id, each with its matter, the element that it waits at, and what is due in it next."""
    query = (
        sa.select(
            _case.id, _case.status, _case.edition, _case.facts, _case.outcome, _case.opened_at, _case.ended_at,
            link.c.other_id, _element.label("element"), _due_at.label("due_at"),
        )
        .join(link, link.c.case_id == _case.id)
        .where(link.c.kind == str(LinkKind.DISPATCHED_FROM), _case.process == PROCESS, _case.id > after)
        .order_by(_case.id)
        .limit(limit)
    )  # fmt: skip
    if of is not None:
        query = query.where(link.c.other_id == of)
    if area is not None:
        query = query.where(within(_case.area, area))
    if status is not None:
        query = query.where(_case.status == status)
    return list(connection.execute(query))


def order(connection: Connection, case_id: int) -> Row[Any] | None:
    """One order; ``None`` when the case is none."""
    found = orders(connection, None, None, None, case_id - 1, 1)
    return found[0] if found and found[0].id == case_id else None


def matter_of(connection: Connection, case_id: int) -> int | None:
    """The matter that an order belongs to."""
    query = sa.select(link.c.other_id).where(
        link.c.case_id == case_id, link.c.kind == str(LinkKind.DISPATCHED_FROM)
    )
    found: int | None = connection.scalar(query)
    return found


def is_told(connection: Connection, case_id: int, subject: str) -> bool:
    """Whether the journal of a matter has this progress of an order already."""
    query = sa.select(_journal.id).where(
        _journal.case_id == case_id,
        _journal.kind == str(Happening.DISPATCH_PROGRESS),
        _journal.subject == subject,
    )
    return connection.execute(query.limit(1)).first() is not None
