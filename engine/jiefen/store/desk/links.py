"""How cases belong together: a row for each pair and kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import CaseStatus, LinkKind
from jiefen.store import schema
from jiefen.store.sealing.types import SealedText
from jiefen.store.statements import Statement
from jiefen.store.viewing.seen import EVERYTHING, Seen

link = sa.Table(
    "jiefen_link",
    schema.metadata,
    sa.Column("id", schema.Id, primary_key=True),
    sa.Column("case_id", schema.Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), nullable=False),
    sa.Column("other_id", schema.Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("reason", SealedText("jiefen_link.reason", "case_id", "other_id", "kind")),
    sa.UniqueConstraint("case_id", "other_id", "kind"),
    sa.Index(None, "other_id"),
)
_open = link.c.kind == schema.text_of(LinkKind.PROBABLE_REPEAT)
# What waits for a person to decide.
sa.Index("ix_jiefen_link_undecided", link.c.kind, link.c.id, postgresql_where=_open, sqlite_where=_open)

#: What makes a case a part of another one, an order of it, or a whistle for it.
BELOW = (LinkKind.CHILD_OF, LinkKind.DISPATCHED_FROM, LinkKind.WHISTLED_FROM)
INSERT = Statement(sa.insert(link))
DELETE = Statement(
    sa.delete(link).where(
        link.c.case_id == sa.bindparam("id_", type_=schema.Id),
        link.c.other_id == sa.bindparam("other_", type_=schema.Id),
        link.c.kind == sa.bindparam("kind_", type_=sa.String),
    )
)


def links(connection: Connection, case_id: int, seen: Seen = EVERYTHING) -> list[Row[Any]]:
    """The links of a case, from it and to it, oldest first; those whose other case is seen."""
    here = sa.or_(link.c.case_id == case_id, link.c.other_id == case_id)
    other = sa.case((link.c.case_id == case_id, link.c.other_id), else_=link.c.case_id)
    return list(connection.execute(sa.select(link).where(here, *seen.of(other)).order_by(link.c.id)))


def between(connection: Connection, case_id: int, other_id: int) -> dict[LinkKind, Row[Any]]:
    """The links from a case to another one, by kind."""
    here = sa.and_(link.c.case_id == case_id, link.c.other_id == other_id)
    return {LinkKind(row.kind): row for row in connection.execute(sa.select(link).where(here))}


def parents(connection: Connection, case_id: int) -> list[int]:
    """The case that a case is a part of, the one that this is a part of, and so on; the nearest first."""
    found: list[int] = []
    query = sa.select(link.c.other_id).where(
        link.c.kind == str(LinkKind.CHILD_OF), link.c.case_id == sa.bindparam("case")
    )
    at: int | None = case_id
    while at is not None and len(found) < _DEEPEST:
        at = connection.scalar(query, {"case": at})
        if at is not None:
            found.append(at)
    return found


def parts(connection: Connection, case_id: int) -> list[int]:
    """The parts of a case that were not voided, by id."""
    query = (
        sa.select(schema.case.c.id)
        .join(link, link.c.case_id == schema.case.c.id)
        .where(link.c.other_id == case_id, link.c.kind == str(LinkKind.CHILD_OF))
        .where(schema.case.c.status != str(CaseStatus.VOIDED))
        .order_by(schema.case.c.id)
    )
    return list(connection.scalars(query))


def open_parts(connection: Connection, case_id: int, most: int) -> list[int]:
    """The parts of a case, and the orders of it, that are still open, by id; no more than ``most``."""
    query = (
        sa.select(schema.case.c.id)
        .join(link, link.c.case_id == schema.case.c.id)
        .where(link.c.other_id == case_id, link.c.kind.in_([str(kind) for kind in BELOW]))
        .where(schema.case.c.status == str(CaseStatus.OPEN))
        .order_by(schema.case.c.id)
        .limit(most)
    )
    return list(connection.scalars(query))


def undecided(
    connection: Connection, area: str | None, after: int, limit: int, seen: Seen = EVERYTHING
) -> list[Row[Any]]:
    """The links that wait for a person to decide, of cases in an area, by id; those of which both cases are seen."""
    both = (*seen.of(link.c.case_id), *seen.of(link.c.other_id))
    query = sa.select(link).where(_open, link.c.id > after, *both)
    if area is not None:
        query = query.join(schema.case, schema.case.c.id == link.c.case_id).where(
            schema.case.c.area.startswith(area, autoescape=True)
        )
    return list(connection.execute(query.order_by(link.c.id).limit(limit)))


def merged_into(connection: Connection, case_id: int) -> int | None:
    """The case that a case was merged into; ``None`` when it was not."""
    query = sa.select(link.c.other_id).where(
        link.c.case_id == case_id, link.c.kind == str(LinkKind.MERGED_INTO)
    )
    found: int | None = connection.scalar(query)
    return found


def merged_here(connection: Connection, case_id: int) -> int | None:
    """The first case that was merged into a case; ``None`` when none was."""
    query = (
        sa.select(link.c.case_id)
        .where(link.c.other_id == case_id, link.c.kind == str(LinkKind.MERGED_INTO))
        .order_by(link.c.id)
        .limit(1)
    )
    found: int | None = connection.scalar(query)
    return found


def goes_on_in(connection: Connection, case_id: int) -> int:
    """The case in which a case goes on after every merge; itself, when it was not merged."""
    at: int | None = case_id
    while at is not None:
        last, at = at, merged_into(connection, at)
    return last


def merged_case_of_delivery(connection: Connection, delivery_id: int) -> tuple[int, int] | None:
    """The merged case that a delivery is of, and the case that it was merged into."""
    agenda = schema.agenda
    query = (
        sa.select(link.c.case_id, link.c.other_id)
        .join(agenda, agenda.c.case_id == link.c.case_id)
        .where(agenda.c.id == delivery_id, link.c.kind == str(LinkKind.MERGED_INTO))
    )
    found = connection.execute(query).first()
    return (found.case_id, found.other_id) if found is not None else None


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row to be written, with every column."""
    return {name: row.get(name) for name in ("case_id", "other_id", "kind", "at", "by", "reason")}


#: Nobody nests matters deeper; a chain of parts ends here at the latest.
_DEEPEST = 20
