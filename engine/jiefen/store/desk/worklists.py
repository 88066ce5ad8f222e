"""The tasks that somebody may do, what is due first before the rest.

A list is put together of pages that an index gives in order: what lies in each township in which they act, what is for
the same roles anywhere where they act further up, and what they or those for whom they stand in have claimed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Row

from jiefen.record.kinds import DeadlineStatus, TaskStatus
from jiefen.record.rows import kept_roles, roles_of, township_of
from jiefen.store import schema
from jiefen.store.desk import absences
from jiefen.store.desk.index import fact, found_by
from jiefen.store.reading import lies_for, within
from jiefen.store.sealing.ring import ring_of
from jiefen.store.viewing.seen import EVERYTHING, Seen

_task, _case, _deadline, _fact = schema.task.c, schema.case.c, schema.deadline.c, fact.c
_TOWNSHIP = 9
#: A statement puts together so many pages at most; SQLite takes five hundred.
_PAGES: Final = 200
# An open task is not finished: said so that no index fits but those of what is free and what is claimed.
_FREE = sa.and_(_task.assignee.is_(None), _task.finished_at.is_(None))
_CLAIMED = sa.and_(_task.assignee.is_not(None), _task.finished_at.is_(None))


@dataclass(frozen=True, slots=True)
class Kept:
    """From whom confidential tasks are kept.

    Attributes:
        editions: their digests.
        elements: of these editions, as process and element.
        facts: that say who is accused.
    """

    editions: tuple[str, ...]
    elements: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Who looks, and what they may do.

    Attributes:
        on: the day in China on which they do.
        posts: by area, the roles for which somebody there may do a task; ``None`` is everywhere.
        areas: where they act at all.
        unplaced: the roles for which they may do a task of a case that has no area yet.
        terms: of their id and their roles, as accused ones are found.
        kept: what is kept from those who are accused.
    """

    person: str
    on: date
    posts: Mapping[str | None, Collection[str]]
    areas: Collection[str | None]
    unplaced: Collection[str]
    terms: tuple[str, ...]
    kept: tuple[Kept, ...]


def work(
    connection: Connection,
    looker: Looker,
    after: tuple[datetime, int] | None,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """The open tasks that somebody may do, their own and free ones, with what is due first at the front.

    Each comes with the deadline of its case that is over at the instant by which it is ordered, if there is one.
    """
    pages = [page.where(*seen.conditions) for page in _pages(connection, looker, after, limit)]
    found: list[tuple[datetime, int]] = []
    for first in range(0, len(pages) - _PAGES, _PAGES):
        more = _together(pages[first : first + _PAGES], limit)
        found += [(row.next_due, row.id) for row in connection.execute(more)]
    last = _together(pages[-_PAGES:] if len(pages) > _PAGES else pages, limit).subquery()
    ids = sa.select(last.c.id)
    wanted: sa.ColumnElement[bool] = _task.id.in_(ids)
    if found:
        wanted = sa.or_(wanted, _task.id.in_([id for _, id in sorted(found)[:limit]]))
    columns = [_case.facts, _case.colour, _case.recused, _case.edition, _case.area.label("case_area")]
    # In one expression, so that it is looked for in its case and not among all that is over at that instant.
    running = sa.case((_deadline.status == schema.text_of(DeadlineStatus.RUNNING), _deadline.due_at))
    first_over = sa.and_(_deadline.case_id == _task.case_id, running == _task.next_due)
    query = (
        sa.select(schema.task, *columns, _deadline.rule, _deadline.edition.label("of_edition"))
        .select_from(
            schema.task.join(schema.case, _case.id == _task.case_id).outerjoin(schema.deadline, first_over)
        )
        .where(wanted)
        .order_by(_task.next_due, _task.id, _deadline.seq)
    )
    # Of several deadlines that are over at the same instant the first is told.
    rows: dict[int, Row[Any]] = {}
    for row in connection.execute(query):
        rows.setdefault(row.id, row)
    return list(rows.values())[:limit]


def _together(pages: Sequence[sa.Select[Any]], limit: int) -> sa.Select[Any]:
    """One page of several, each task once."""
    whole = sa.union_all(*(sa.select(page.subquery()) for page in pages)).subquery()
    query = sa.select(whole.c.next_due, whole.c.id).distinct()
    return query.order_by(whole.c.next_due, whole.c.id).limit(limit)


def _pages(
    connection: Connection, looker: Looker, after: tuple[datetime, int] | None, limit: int
) -> Iterator[sa.Select[Any]]:
    """What an index gives in order, a page of each kind."""
    seen = _seen_by(connection, looker)
    page = (
        sa.select(_task.next_due, _task.id)
        .join(schema.case, _case.id == _task.case_id)
        .where(*seen)
        .order_by(_task.next_due, _task.id)
        .limit(limit)
    )
    if after is not None:
        due, id = after
        page = page.where(_task.next_due >= due, sa.or_(_task.next_due > due, _task.id > id))
    fits = sa.or_(
        sa.false(),
        *(
            sa.and_(lies_for(_task.area, area), _for_one_of(roles))
            for area, roles in looker.posts.items()
            if roles
        ),
        *_unplaced(looker),
    )
    # A model may give a task to a person and to no role.
    nobodys = sa.and_(
        _task.roles == kept_roles(()),
        sa.or_(
            sa.false(),
            *(lies_for(_task.area, area) for area in looker.areas),
            *((_task.area.is_(None),) if looker.unplaced else ()),
        ),
    )
    yield page.where(_CLAIMED, _task.assignee == looker.person, sa.or_(nobodys, fits))
    # Who is away takes nothing new, and stands in for nobody.
    there = absences.away_when(sa.literal(looker.person), sa.literal(looker.on, sa.Date)).is_(None)
    for_others = _is_one_of(connection, absences.persons(looker.person, looker.on))
    yield page.where(_CLAIMED, for_others, there, fits)
    near: dict[str, list[sa.ColumnElement[bool]]] = {}
    far: dict[str | None, Collection[str]] = {}
    for area, roles in looker.posts.items():
        if not roles:
            continue
        if area is None or len(area) < _TOWNSHIP:
            far[area] = roles
        else:
            near.setdefault(township_of(area), []).append(
                sa.and_(lies_for(_task.area, area), _for_one_of(roles))
            )
    if looker.unplaced:
        near[""] = _unplaced(looker)
    for township, ways in near.items():
        yield page.where(_FREE, there, _task.township == township, sa.or_(*ways))
    for same in _sets_of_roles(connection) if far else ():
        lies = [
            lies_for(_task.area, area)
            for area, roles in far.items()
            if not set(roles).isdisjoint(roles_of(same))
        ]
        if lies:
            yield page.where(_FREE, there, _task.roles == same, sa.or_(*lies))


def _unplaced(looker: Looker) -> list[sa.ColumnElement[bool]]:
    """What lies nowhere yet, for the offices that give it an area."""
    return [sa.and_(_task.area.is_(None), _for_one_of(looker.unplaced))] if looker.unplaced else []


def _is_one_of(connection: Connection, persons: sa.Select[tuple[str]]) -> sa.ColumnElement[bool]:
    """That a task is claimed by one of some people, looked for one after the other."""
    if connection.dialect.name == "postgresql":
        return _task.assignee == sa.any_(sa.func.array(persons.scalar_subquery()))
    return _task.assignee.in_(persons)


def _sets_of_roles(connection: Connection) -> list[str]:
    """For which roles there are free tasks, as they are kept; each found by a look into the index."""
    begin = sa.select(sa.literal("").label("roles")).cte("sets", recursive=True)
    following = (
        sa.select(_task.roles).where(_FREE, _task.roles > begin.c.roles).order_by(_task.roles).limit(1)
    )
    sets = begin.union_all(sa.select(following.scalar_subquery()).where(begin.c.roles.is_not(None)))
    return [roles for roles in connection.scalars(sa.select(sets.c.roles)) if roles]


def _seen_by(connection: Connection, looker: Looker) -> list[sa.ColumnElement[bool]]:
    """That a task is not kept from somebody: they are not recused, nor accused in what is confidential."""
    if connection.dialect.name == "postgresql":
        # Of a case from which nobody is recused, the column is null.
        recused = sa.type_coerce(_case.recused, postgresql.JSONB).contains([looker.person])
        seen = [~sa.func.coalesce(recused, sa.false())]
    else:
        each = sa.func.json_each(_case.recused).table_valued("value")
        seen = [~sa.exists(sa.select(each.c.value).where(each.c.value == looker.person))]
    terms = found_by(looker.terms, ring_of(connection.dialect))
    for one in looker.kept:
        accused = sa.select(_fact.case_id).where(_fact.fact.in_(one.facts), _fact.value.in_(terms))
        secret = sa.or_(
            *(
                sa.and_(_task.element == element, _task.process == process)
                for process, element in one.elements
            )
        )
        seen.append(~sa.and_(_task.case_id.in_(accused), secret, _case.edition.in_(one.editions)))
    return seen


def load(
    connection: Connection, area: str | None, now: datetime, seen: Seen = EVERYTHING
) -> Sequence[Row[Any]]:
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
        .where(_task.status == schema.text_of(TaskStatus.OPEN), *seen.of(_task.case_id))
        .group_by(_task.roles, _task.area)
        .order_by(_task.area, _task.roles)
    )
    if area is not None:
        query = query.where(within(schema.task.c.area, area))
    return connection.execute(query).all()


def _for_one_of(roles: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*(_task.roles.contains(f"|{role}|", autoescape=True) for role in sorted(roles)))
