"""Cases over all by what is known of them: pages in an order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Row

from jiefen.record.desk.terms import TAIL, pairs, tail
from jiefen.record.kinds import CaseStatus, DeadlineStatus
from jiefen.store import schema
from jiefen.store.desk import index
from jiefen.store.desk.dues import SetBy, is_set_by
from jiefen.store.desk.index import found_by
from jiefen.store.desk.parties import party
from jiefen.store.reading import within
from jiefen.store.sealing.ring import Ring, ring_of
from jiefen.store.viewing.seen import Seen

_case, _deadline, _fact, _text = schema.case.c, schema.deadline.c, index.fact.c, index.text.c
_RUNNING = schema.text_of(DeadlineStatus.RUNNING)
#: At most so many cases are counted.
MOST_COUNTED: Final = 10_000
#: The columns by which cases are counted; the area and the source stand apart.
COUNTED: Final = ("dispute_type", "stage", "status", "colour", "outcome")


@dataclass(frozen=True, slots=True)
class FactIs:
    """A fact has a value, or lies between two ends: by its text, or by its hundredths."""

    name: str
    value: str | None = None
    least: str | int | None = None
    most: str | int | None = None


@dataclass(frozen=True, slots=True)
class PartyIs:
    """Somebody in the case has a key: of a name, a telephone or a card, any of these; or a phone with such an end."""

    name: str | None = None
    phone: str | None = None
    card: str | None = None
    end: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What cases are asked for. Everything must hold.

    Attributes:
        columns: columns of the case with their values.
        spans: columns with an instant at or after which, and before which, they lie.
        words: each stands in the title, the description or a name; as names are compared.
        overdue: whether it is open and a deadline has expired that nobody has met.
        set_by: it is open and has a deadline of these that nobody has met.
    """

    columns: tuple[tuple[str, str], ...] = ()
    area: str | None = None
    spans: tuple[tuple[str, datetime | None, datetime | None], ...] = ()
    facts: tuple[FactIs, ...] = ()
    party: PartyIs | None = None
    words: tuple[str, ...] = ()
    overdue: bool = False
    set_by: tuple[SetBy, ...] = ()


def by_id(
    connection: Connection, wanted: Wanted, after: int | None, limit: int, oldest: bool, seen: Seen
) -> list[Row[Any]]:
    """Cases by id, the last first or the first first."""
    query = _cases(connection, wanted, seen)
    if after is not None:
        query = query.where(_case.id > after if oldest else _case.id < after)
    return list(connection.execute(query.order_by(_case.id if oldest else _case.id.desc()).limit(limit)))


def by_colour(
    connection: Connection,
    wanted: Wanted,
    colours: Sequence[str],
    after: tuple[int, int] | None,
    limit: int,
    seen: Seen,
) -> list[Row[Any]]:
    """Cases by the place of their colour among ``colours``, those without one last; then the newest first."""
    # A part for each colour: the index gives each in order, and none is read further than the page goes.
    ranks = [*(_case.colour == colour for colour in colours), _case.colour.is_(None)]
    parts = []
    for rank, of_it in enumerate(ranks):
        if after is not None and rank < after[0]:
            continue
        query = _cases(connection, wanted, seen).add_columns(sa.literal(rank).label("rank")).where(of_it)
        if after is not None and rank == after[0]:
            query = query.where(_case.id < after[1])
        parts.append(query.order_by(_case.id.desc()).limit(limit).subquery())
    whole = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    query = sa.select(whole).order_by(whole.c.rank, whole.c.id.desc()).limit(limit)
    return list(connection.execute(query))


def by_due(
    connection: Connection, wanted: Wanted, after: tuple[datetime, int] | None, limit: int, seen: Seen
) -> list[Row[Any]]:
    """Cases by their next running deadline; those in which none runs are not among them."""
    mine = schema.deadline.alias("mine")
    query = _cases(connection, wanted, seen).join(mine, mine.c.case_id == _case.id)
    query = query.where(mine.c.status == _RUNNING, mine.c.due_at.is_not(None), ~_sooner(mine))
    if after is not None:
        due, id = after
        later = sa.or_(mine.c.due_at > due, _case.id > id)
        query = query.where(mine.c.due_at >= due, later)
    return list(connection.execute(query.order_by(mine.c.due_at, mine.c.case_id).limit(limit)))


def not_due(
    connection: Connection, wanted: Wanted, before: int | None, limit: int, seen: Seen
) -> list[Row[Any]]:
    """The cases in which no deadline with a last day runs, the newest first."""
    runs = sa.exists().where(
        _deadline.case_id == _case.id, _deadline.status == _RUNNING, _deadline.due_at.is_not(None)
    )
    query = _cases(connection, wanted, seen).where(~runs)
    if before is not None:
        query = query.where(_case.id < before)
    return list(connection.execute(query.order_by(_case.id.desc()).limit(limit)))


def counts(
    connection: Connection, wanted: Wanted, level: int, seen: Seen
) -> dict[str, list[tuple[str | None, int]]]:
    """How many of the newest cases have each value of :data:`COUNTED`, the source, and the first digits of the area."""
    area = sa.func.substr(_case.area, 1, level).label("area")
    source = sa.select(_fact.value).where(_fact.case_id == _case.id, _fact.fact == "source").limit(1)
    columns = [area, source.scalar_subquery().label("source"), *(_case[name] for name in COUNTED)]
    found = (
        sa.select(*columns)
        .where(*_conditions(connection, wanted), *seen.conditions)
        .order_by(_case.id.desc())
        .limit(MOST_COUNTED + 1)
        .cte("found")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    parts = [
        sa.select(
            sa.literal(name).label("facet"), found.c[name].label("value"), sa.func.count().label("many")
        )
        .select_from(found)
        .group_by(found.c[name])
        for name in ("area", "source", *COUNTED)
    ]
    facets: dict[str, list[tuple[str | None, int]]] = {name: [] for name in ("area", "source", *COUNTED)}
    for row in connection.execute(sa.union_all(*parts)):
        facets[row.facet].append((row.value, row.many))
    return {name: sorted(values, key=lambda one: (-one[1], one[0] or "")) for name, values in facets.items()}


def _sooner(mine: sa.FromClause) -> sa.Exists:
    """Whether another deadline of the case is over before."""
    other = schema.deadline.alias("other")
    before = sa.or_(
        other.c.due_at < mine.c.due_at, sa.and_(other.c.due_at == mine.c.due_at, other.c.seq < mine.c.seq)
    )
    return sa.exists().where(other.c.case_id == mine.c.case_id, other.c.status == _RUNNING, before)


def _cases(connection: Connection, wanted: Wanted, seen: Seen) -> sa.Select[Any]:
    columns = [column for column in schema.case.c if column.name not in ("state", "terms")]
    next_due = sa.select(sa.func.min(_deadline.due_at)).where(
        _deadline.case_id == _case.id, _deadline.status == _RUNNING
    )
    due = sa.type_coerce(next_due.correlate(schema.case).scalar_subquery(), schema.Instant).label("next_due")
    return sa.select(*columns, due, *seen.columns).where(*_conditions(connection, wanted), *seen.conditions)


def _conditions(connection: Connection, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_case.id > 0]
    found += [_case[name] == value for name, value in wanted.columns]
    if wanted.area is not None:
        found.append(within(schema.case.c.area, wanted.area))
    for name, since, before in wanted.spans:
        if since is not None:
            found.append(_case[name] >= since)
        if before is not None:
            found.append(_case[name] < before)
    ring = ring_of(connection.dialect)
    found += [_case.id.in_(sa.select(_fact.case_id).where(_has(one, ring))) for one in wanted.facts]
    if wanted.overdue or wanted.set_by:
        found.append(_case.status == schema.text_of(CaseStatus.OPEN))
        statuses = [schema.text_of(DeadlineStatus.EXPIRED)] if wanted.overdue else schema.STILL_OPEN
        unmet = sa.exists().where(
            _deadline.case_id == _case.id,
            _deadline.status.in_(statuses),
            *(is_set_by(schema.deadline, one) for one in wanted.set_by),
        )
        found.append(unmet)
    if wanted.party is not None:
        found.append(_case.id.in_(_of_somebody(connection, wanted.party)))
    if wanted.words:
        terms = sorted({pair for word in wanted.words for pair in pairs(word)})
        # Where the texts are encrypted, what has all the pairs of a word is taken to have the word.
        readable = ring_of(connection.dialect) is None
        in_it = [_position(connection, word) > 0 for word in wanted.words] if readable else []
        found.append(_case.id.in_(sa.select(_text.case_id).where(_with_all(connection, terms), *in_it)))
    return found


def _has(one: FactIs, ring: Ring | None) -> sa.ColumnElement[bool]:
    conditions: list[sa.ColumnElement[bool]] = [_fact.fact == one.name]
    if one.value is not None:
        conditions.append(_fact.value.in_(found_by([one.value], ring)))
    for end, at_least in ((one.least, True), (one.most, False)):
        if end is not None:
            column: sa.ColumnElement[Any] = _fact.number if isinstance(end, int) else _fact.value
            conditions.append(column >= end if at_least else column <= end)
    return sa.and_(*conditions)


def _of_somebody(connection: Connection, one: PartyIs) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The cases in which somebody has one of these keys; each of them is served by an index of its own."""
    ways: list[sa.ColumnElement[bool]] = []
    for column, key in (
        (party.c.name_key, one.name),
        (party.c.phone_key, one.phone),
        (party.c.id_key, one.card),
    ):
        if key is not None:
            ways.append(column == key)
    if one.end is not None:
        readable = ring_of(connection.dialect) is None
        with_it = _with_all(connection, [tail(one.end[-TAIL:]) if readable else f"tel{one.end}"])
        has_it = sa.cast(party.c.phone_key, sa.String).like(f"%{one.end}") if readable else sa.true()
        ways.append(sa.and_(party.c.case_id.in_(sa.select(_text.case_id).where(with_it)), has_it))
    as_part = () if one.part is None else (party.c.part == one.part,)
    selects = [sa.select(party.c.case_id).where(way, *as_part) for way in ways]
    return selects[0] if len(selects) == 1 else sa.union_all(*selects)


def _with_all(connection: Connection, terms: Sequence[str]) -> sa.ColumnElement[bool]:
    """The texts that have all these terms."""
    ring = ring_of(connection.dialect)
    if ring is not None:
        terms = [ring.blind_pair(term) for term in terms]
    if connection.dialect.name == "postgresql":
        return sa.type_coerce(_text.pairs, postgresql.ARRAY(sa.Text)).contains(list(terms))
    match = sa.text("SELECT rowid FROM jiefen_pairs WHERE jiefen_pairs MATCH :terms_")
    asked = match.bindparams(sa.bindparam("terms_", " AND ".join(terms), unique=True))
    return _text.case_id.in_(asked.columns(sa.column("rowid")))


def _position(connection: Connection, word: str) -> sa.ColumnElement[int]:
    find = sa.func.strpos if connection.dialect.name == "postgresql" else sa.func.instr
    found: sa.ColumnElement[int] = find(_text.body, word)
    return found
