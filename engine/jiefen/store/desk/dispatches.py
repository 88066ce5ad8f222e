"""Orders, cases of the process ``dispatch``; whistles, and the departments that they call (``report_in``).

A link says which matter an order or a whistle belongs to, and which whistle a called department.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import DeadlineStatus, Happening, LinkKind, TaskStatus
from jiefen.store import schema
from jiefen.store.desk.links import link
from jiefen.store.reading import within
from jiefen.store.viewing.seen import EVERYTHING, Seen

_case, _task, _deadline, _journal = (
    schema.case.c, schema.task.c, schema.deadline.c, schema.journal.c,
)  # fmt: skip
#: The process of an order.
PROCESS: Final = "dispatch"

#: The element that an order waits at.
waits_at = (
    sa.select(sa.func.min(_task.element))
    .where(_task.case_id == _case.id, _task.status == schema.text_of(TaskStatus.OPEN))
    .scalar_subquery()
)
#: When what is due in it next is over.
due_at = (
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
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Orders by id, each with its matter, the element that it waits at, and what is due in it next."""
    query = (
        sa.select(
            _case.id, _case.status, _case.edition, _case.facts, _case.outcome, _case.opened_at, _case.ended_at,
            link.c.other_id, waits_at.label("element"), due_at.label("due_at"),
        )
        .join(link, link.c.case_id == _case.id)
        .where(link.c.kind == str(LinkKind.DISPATCHED_FROM), _case.process == PROCESS, _case.id > after)
        .where(*seen.conditions)
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


def matter_of(connection: Connection, case_id: int, kind: LinkKind = LinkKind.DISPATCHED_FROM) -> int | None:
    """The matter that an order belongs to, or another link of one case to another."""
    query = sa.select(link.c.other_id).where(link.c.case_id == case_id, link.c.kind == str(kind))
    found: int | None = connection.scalar(query)
    return found


def is_told(connection: Connection, case_id: int, kind: Happening, subject: str) -> bool:
    """Whether the journal of a matter has this progress of an order or a whistle already."""
    query = sa.select(_journal.id).where(
        _journal.case_id == case_id,
        _journal.kind == str(kind),
        _journal.subject == subject,
    )
    return connection.execute(query.limit(1)).first() is not None


#: The process of a whistle, and of a department that it calls.
WHISTLE: Final = "whistle"
CALLED: Final = "report_in"
#: The deadlines of a department: to sign for the call, and to come.
_OWED: Final = ("whistle.sign%", "whistle.arrive%")

_late = (
    sa.exists()
    .where(
        _deadline.case_id == _case.id,
        _deadline.status == str(DeadlineStatus.EXPIRED),
        sa.or_(*(_deadline.rule.like(pattern) for pattern in _OWED)),
    )
    .label("late")
)
_came = (
    sa.exists()
    .where(
        _journal.case_id == _case.id,
        _journal.kind == str(Happening.MILESTONE),
        _journal.subject == "whistle_present",
    )
    .label("came")
)


def whistles(
    connection: Connection,
    of: int | None,
    area: str | None,
    status: str | None,
    after: int,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """Whistles by id, each with its matter, the element that it waits at, and what is due in it next."""
    to_matter = sa.and_(link.c.case_id == _case.id, link.c.kind == str(LinkKind.WHISTLED_FROM))
    query = (
        sa.select(
            _case.id, _case.status, _case.area, _case.facts, _case.outcome, _case.opened_at, _case.ended_at,
            link.c.other_id, waits_at.label("element"), due_at.label("due_at"),
        )
        .select_from(schema.case.outerjoin(link, to_matter))
        .where(_case.process == WHISTLE, _case.id > after, *seen.conditions)
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


def calls(connection: Connection, whistles: Sequence[int]) -> list[Row[Any]]:
    """The departments that whistles call, by id, each with its whistle (``other_id``)."""
    query = (
        sa.select(
            _case.id, _case.status, _case.facts, _case.outcome, link.c.other_id,
            waits_at.label("element"), due_at.label("due_at"), _late, _came,
        )
        .join(link, link.c.case_id == _case.id)
        .where(
            link.c.kind == str(LinkKind.WHISTLED_FROM), _case.process == CALLED,
            link.c.other_id.in_(list(whistles)),
        )
        .order_by(_case.id)
    )  # fmt: skip
    return list(connection.execute(query))
