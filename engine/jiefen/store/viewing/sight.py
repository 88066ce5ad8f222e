"""Who reads, and which cases they see: by post and area, by what they work on, and by the grade of the case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from jiefen.record.kinds import Grade, Happening, SupervisionStatus, TaskStatus
from jiefen.store import schema
from jiefen.store.desk.index import fact, found_by
from jiefen.store.reading import lies_for
from jiefen.store.sealing.ring import ring_of
from jiefen.store.viewing.readers import reader
from jiefen.store.viewing.seen import Seen, there_is

# Under names of their own: the statements that these conditions stand in may look into the same tables.
_tasks, _facts, _entries = (
    schema.task.alias("seen_task"), fact.alias("seen_fact"), schema.journal.alias("seen_entry"),
)  # fmt: skip
_supervisions, _readers = schema.supervision.alias("seen_supervision"), reader.alias("seen_reader")
_case, _task, _fact, _entry = schema.case.c, _tasks.c, _facts.c, _entries.c
_supervision, _reader = _supervisions.c, _readers.c
_LOOSE: Final = [schema.text_of(Grade.OPEN), schema.text_of(Grade.PERSONAL)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Who reads, as the tables know them.

    Attributes:
        id: as tasks and cases keep who has them.
        person: as the recused and the named are kept.
        terms: by which they, or units of theirs, stand in a fact.
        accused: the facts that say from whom a case is kept.
        posts: by area, the roles of theirs and those for which they stand in; ``None`` is everywhere.
        unplaced: the roles for which cases are theirs that have no area yet.
        with_reason: whether they say why they read, as a sealed case asks for.
    """

    id: str
    person: str
    terms: tuple[str, ...]
    accused: tuple[str, ...]
    posts: Mapping[str | None, frozenset[str]]
    unplaced: frozenset[str]
    with_reason: bool


def seen_by(connection: Connection, sight: Sight) -> Seen:
    """What somebody sees.

    Nothing of a case from which they are recused, or in which they or a unit of theirs is accused. Else a case of their
    area that is no closer kept than personal; a sensitive one that they work on; one that is or was theirs to lead, or
    for which they are named; and a sealed one for which two persons have named them, when they say why.
    """
    if not sight.posts:
        return Seen((sa.false(),), sa.false())
    lies = [lies_for(schema.case.c.area, area) for area in sight.posts]
    if sight.unplaced:
        lies.append(_case.area.is_(None))
    there, works, chosen = sa.or_(*lies), _works(sight), _chosen(sight)
    sealed = schema.text_of(Grade.SEALED)
    ways = [
        sa.and_(there, sa.or_(_case.grade.in_(_LOOSE), sa.and_(_case.grade != sealed, works))),
        sa.and_(_case.grade != sealed, chosen),
    ]
    if sight.with_reason:
        ways.append(sa.and_(_case.grade == sealed, _named_by_two(sight.person)))
    knows = sa.or_(_case.grade == sealed, works, chosen)
    return Seen((*_not_kept_from(connection, sight), sa.or_(*ways)), knows)


def recused(connection: Connection, person: str) -> sa.ColumnElement[bool]:
    """That somebody is recused from a case."""
    if connection.dialect.name == "postgresql":
        holds = sa.type_coerce(_case.recused, postgresql.JSONB).contains([person])
        # Of a case from which nobody is recused, the column is null.
        return sa.func.coalesce(holds, sa.false())
    each = sa.func.json_each(_case.recused).table_valued("value")
    return sa.exists(sa.select(each.c.value).where(each.c.value == person))


def _not_kept_from(connection: Connection, sight: Sight) -> list[sa.ColumnElement[bool]]:
    terms = found_by(sight.terms, ring_of(connection.dialect))
    accused = there_is(
        _facts, _fact.case_id == _case.id, _fact.fact.in_(sight.accused), _fact.value.in_(terms)
    )
    return [~recused(connection, sight.person), ~accused]


def _works(sight: Sight) -> sa.ColumnElement[bool]:
    """That somebody has or had a task of a case, may do an open one, or has to answer for it."""
    may = [
        sa.and_(lies_for(_task.area, area), for_one_of(_task.roles, roles))
        for area, roles in sight.posts.items()
        if roles
    ]
    if sight.unplaced:
        may.append(sa.and_(_task.area.is_(None), for_one_of(_task.roles, sight.unplaced)))
    is_open = _task.status == schema.text_of(TaskStatus.OPEN)
    own = sa.or_(_task.assignee == sight.id, _task.finished_by == sight.id)
    open_to_them = sa.and_(is_open, sa.or_(sa.false(), *may))
    tasks = there_is(_tasks, _task.case_id == _case.id, sa.or_(own, open_to_them))
    pressed = [
        sa.and_(lies_for(_supervision.area, area), _supervision.role.in_(sorted(roles)))
        for area, roles in sight.posts.items()
        if roles
    ]
    owes = there_is(
        _supervisions,
        _supervision.case_id == _case.id,
        _supervision.status == schema.text_of(SupervisionStatus.OPEN),
        sa.or_(sa.false(), *pressed),
    )
    return sa.or_(tasks, owes)


def _chosen(sight: Sight) -> sa.ColumnElement[bool]:
    """That a case is or was somebody's to lead, or that they are named for it."""
    led = there_is(
        _entries,
        _entry.case_id == _case.id,
        _entry.kind == schema.text_of(Happening.LEADER_BOUND),
        _entry.subject == sight.id,
    )
    named = there_is(
        _readers, _reader.case_id == _case.id, _reader.person == sight.person, _reader.withdrawn_at.is_(None)
    )
    return sa.or_(led, named)


def _named_by_two(person: str) -> sa.ColumnElement[bool]:
    one, other = reader.alias("seen_one"), reader.alias("seen_other")
    stands = [
        sa.and_(row.c.case_id == _case.id, row.c.person == person, row.c.withdrawn_at.is_(None))
        for row in (one, other)
    ]
    return there_is(one.join(other, one.c.named_by < other.c.named_by), *stands)


def for_one_of(column: sa.ColumnElement[str], roles: Collection[str]) -> sa.ColumnElement[bool]:
    """That a task is for one of some roles, by the column that keeps them."""
    return sa.or_(sa.false(), *(column.contains(f"|{role}|", autoescape=True) for role in sorted(roles)))
