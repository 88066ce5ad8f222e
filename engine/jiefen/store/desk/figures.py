"""What figures count, in one statement: each a share of cases or deadlines by area or month.

Whatever is counted is found by its day, through an index, and nothing that was closed early, merged or voided leaves
the count once it was due: see :func:`_deadlines`. A case that is moved too late stays in the count of its area: see
:func:`_area_before`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.clock import CHINA
from jiefen.record.desk.measures import Counting, Measure
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening, LinkKind
from jiefen.store import schema
from jiefen.store.counter.ratings import rating
from jiefen.store.desk.index import fact
from jiefen.store.desk.links import link
from jiefen.store.reading import within
from jiefen.store.viewing.seen import EVERYTHING, Seen

_case, _deadline = schema.case.c, schema.deadline.c
#: Where a page ended: a case, and the number of its deadline, 0 for the case itself.
Place = tuple[int, int]
_MONTH: Final = 7
_PUT_ASIDE: Final = (str(CaseStatus.VOIDED), str(CaseStatus.MERGED))


class _Dialect:
    """What the two databases write differently: days in China, and what a mapping in JSON says."""

    def __init__(self, connection: Connection) -> None:
        self._postgres = connection.dialect.name == "postgresql"

    def day_of(self, instant: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """The day in China of an instant, as text."""
        if self._postgres:
            return self._text(sa.func.timezone("Asia/Shanghai", instant))
        return sa.func.date(instant, "+8 hours", type_=sa.String)

    def text_of(self, day: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """A day as text."""
        return self._text(day) if self._postgres else sa.cast(day, sa.String)

    def after(self, day: sa.ColumnElement[str], days: int) -> sa.ColumnElement[str]:
        """So many days after a day that stands as text."""
        if self._postgres:
            return self._text(sa.cast(day, sa.Date) + sa.cast(sa.literal(days), sa.Integer))
        return sa.func.date(day, f"+{days} days", type_=sa.String)

    def has(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
        """Whether a mapping in JSON has a key, if only with nothing under it."""
        if self._postgres:
            return sa.func.jsonb_typeof(column.op("->")(sa.cast(name, sa.String))).is_not(None)
        return sa.func.json_type(column, f'$."{name}"').is_not(None)

    @staticmethod
    def _text(day: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        return sa.func.to_char(day, "YYYY-MM-DD", type_=sa.String)


def totals(
    connection: Connection,
    wanted: Mapping[str, Counting],
    since: date,
    until: date,
    area: str | None,
    digits: int | None,
    now: datetime,
    seen: Seen = EVERYTHING,
    *,
    monthly: bool,
) -> list[Row[Any]]:
    """For each figure and group: all that fall into the period, what is counted of it, what counts, what was put aside.

    Args:
        digits: group by so many digits of the area; ``monthly``: by the month.
    """
    dialect = _Dialect(connection)
    parts = []
    for name, counting in wanted.items():
        every = _counted(dialect, counting, since, until, area, now, seen).subquery()
        group: sa.ColumnElement[str] = sa.literal("")
        if monthly:
            group = sa.func.substr(every.c.day, 1, _MONTH)
        elif digits is not None:
            group = sa.func.coalesce(sa.func.substr(every.c.area, 1, digits), "")
        numbers = [
            _number(every.c.counted).label("denominator"),
            _number(sa.and_(every.c.counted, every.c.counts)).label("numerator"),
            _number(every.c.status == str(CaseStatus.VOIDED)).label("voided"),
            _number(every.c.status == str(CaseStatus.MERGED)).label("merged"),
            _number(sa.and_(sa.not_(every.c.counted), every.c.status.in_(_PUT_ASIDE))).label("aside"),
        ]
        query = sa.select(
            sa.literal(name, sa.String).label("name"),
            group.label("group"),
            sa.func.count().label("all"),
            *numbers,
        )
        parts.append(query.group_by(group) if monthly or digits is not None else query)
    return list(connection.execute(sa.union_all(*parts))) if parts else []


def behind(
    connection: Connection,
    counting: Counting,
    since: date,
    until: date,
    area: str | None,
    now: datetime,
    after: Place,
    limit: int,
    seen: Seen = EVERYTHING,
) -> list[Row[Any]]:
    """What a figure counts or leaves out, one by one, by case and deadline."""
    every = _counted(_Dialect(connection), counting, since, until, area, now, seen).subquery()
    later = sa.or_(every.c.id > after[0], sa.and_(every.c.id == after[0], every.c.seq > after[1]))
    query = sa.select(every).where(every.c.id >= after[0], later)
    return list(connection.execute(query.order_by(every.c.id, every.c.seq).limit(limit)))


def groups(
    connection: Connection,
    counting: Counting,
    since: date,
    until: date,
    area: str | None,
    now: datetime,
    seen: Seen = EVERYTHING,
    *,
    columns: Collection[str],
    facts: Collection[str],
    lists: Collection[str],
    milestones: Collection[str],
    digits: int,
) -> list[Row[Any]]:
    """How many cases of a period there are, and how many of each group: ``what``, ``value``, ``number``.

    Voided cases are in the group ``status`` alone.

    Args:
        columns, facts: columns and facts with one value each; ``lists``: facts with several, whose values come as
            cases are found by them, so that those that are encrypted are counted too.
        milestones: counted where a case has reached them.
        digits: group by so many digits of the area too.
    """
    dialect = _Dialect(connection)
    every = _counted(dialect, counting, since, until, area, now, seen).subquery()
    valid = every.c.status != str(CaseStatus.VOIDED)
    joined = every.join(schema.case, _case.id == every.c.id)

    def grouped(what: str, value: sa.ColumnElement[Any], where: Any = valid, source: Any = joined) -> Any:
        named = sa.func.coalesce(sa.cast(value, sa.String), "")
        query = sa.select(
            sa.literal(what, sa.String).label("what"), named.label("value"), sa.func.count().label("number")
        )
        return query.select_from(source).where(where).group_by(named)

    parts = [
        grouped("status", every.c.status, sa.true()),
        grouped("area", sa.func.substr(every.c.area, 1, digits)),
    ]
    parts += [grouped(name, _case[name]) for name in columns]
    parts += [grouped(name, _case.facts[name].as_string()) for name in facts]
    for name in lists:
        items = joined.join(fact, sa.and_(fact.c.case_id == every.c.id, fact.c.fact == name))
        parts.append(grouped(name, fact.c.value, source=items))
    parts += [
        grouped("reached", sa.literal(name), sa.and_(valid, dialect.has(_case.reached, name)))
        for name in milestones
    ]
    pressed = schema.supervision.c
    supervisions = joined.join(schema.supervision, pressed.case_id == every.c.id)
    parts.append(grouped("supervised", pressed.action + "/" + pressed.status, source=supervisions))
    # Case by case: joined, SQLite would rather begin with all links there are.
    of_case = sa.and_(link.c.other_id == every.c.id, link.c.kind == str(LinkKind.DISPATCHED_FROM))
    orders = sa.select(sa.func.count()).select_from(link).where(of_case).scalar_subquery()
    ordered = sa.select(
        sa.literal("ordered", sa.String),
        sa.literal("", sa.String),
        sa.cast(sa.func.coalesce(sa.func.sum(orders), 0), sa.BigInteger),
    )
    parts.append(ordered.select_from(every).where(valid))
    return list(connection.execute(sa.union_all(*parts)))


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _counted(
    dialect: _Dialect,
    counting: Counting,
    since: date,
    until: date,
    area: str | None,
    now: datetime,
    seen: Seen,
) -> sa.Select[Any]:
    """All that falls into the period, with whether it is counted, and whether it counts."""
    query = (_deadlines if counting.deadlines else _cases)(dialect, counting, since, until, now)
    there: sa.ColumnElement[str] = query.selected_columns.area
    query = query.where(*seen.conditions)
    return query.where(within(there, area)) if area is not None else query


def _deadlines(
    dialect: _Dialect, counting: Counting, since: date, until: date, now: datetime
) -> sa.Select[Any]:
    """Deadlines by their last day: those that were met, and those that were over before anybody met them.

    What was ended after it was over, by a withdrawal, a merger or because its case was voided, was late all the same.
    What was ended before is not counted, and what took the place of another is counted in its place.
    """
    status, late = _deadline.status, _late(_deadline, now)
    met = status == str(DeadlineStatus.MET)
    day = dialect.text_of(_deadline.due_on)
    moment = sa.case((met, _deadline.closed_at), else_=_deadline.due_at)
    return (
        sa.select(
            _case.id,
            _deadline.seq,
            _case.key,
            _area_before(schema.journal.c.at > moment).label("area"),
            _case.status,
            day.label("day"),
            sa.or_(met, late).label("counted"),
            met.label("counts"),
        )
        .join(schema.case, _case.id == _deadline.case_id)
        .where(
            _deadline.rule.in_(counting.deadlines),
            _deadline.due_on.between(since, until),
            status != str(DeadlineStatus.SUPERSEDED),
            _holds(dialect, counting.when, day, now),
        )
    )


def _late(deadline: Any, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a deadline was over before anybody met it, whatever ended it afterwards."""
    status = deadline.status
    over = sa.and_(
        status == str(DeadlineStatus.RUNNING), sa.not_(deadline.provisional), deadline.due_at <= now
    )
    ended_late = sa.and_(status == str(DeadlineStatus.CANCELLED), deadline.closed_at >= deadline.due_at)
    return sa.or_(status == str(DeadlineStatus.EXPIRED), over, ended_late)


def _cases(dialect: _Dialect, counting: Counting, since: date, until: date, now: datetime) -> sa.Select[Any]:
    """Cases by the day of a fact, else of their opening; nobody registers what has not come yet."""
    day = dialect.day_of(_case.opened_at)
    bounds = [_case.opened_at >= datetime.combine(since, time(0), CHINA)]
    if counting.day is not None:
        day = sa.func.coalesce(_case.facts[counting.day].as_string(), day)
        bounds.append(day.between(since.isoformat(), until.isoformat()))
    else:
        bounds.append(_case.opened_at < datetime.combine(until + timedelta(days=1), time(0), CHINA))
    moved_late = sa.or_(
        schema.journal.c.at > _case.ended_at,
        dialect.day_of(schema.journal.c.at)
        > dialect.after(dialect.day_of(_case.opened_at), counting.moves_within),
    )
    among = sa.or_(*(_holds(dialect, one, day, now) for one in counting.among))
    counts = sa.or_(sa.false(), *(_holds(dialect, one, day, now) for one in counting.counts))
    return sa.select(
        _case.id,
        sa.literal(0).label("seq"),
        _case.key,
        _area_before(moved_late).label("area"),
        _case.status,
        day.label("day"),
        among.label("counted"),
        counts.label("counts"),
    ).where(*bounds, _holds(dialect, counting.when, day, now))


def _area_before(later: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    """Where a case was before it was moved too late; where it is, when it was not."""
    journal = schema.journal.c
    moved = sa.and_(journal.case_id == _case.id, journal.kind == schema.text_of(Happening.MOVED), later)
    before = (
        sa.select(journal.data[("before", "area")].as_string()).where(moved).order_by(journal.id).limit(1)
    )
    return sa.func.coalesce(before.scalar_subquery(), _case.area)


def _holds(
    dialect: _Dialect, measure: Measure, day: sa.ColumnElement[str], now: datetime
) -> sa.ColumnElement[bool]:
    """Whether a measure holds of a case whose day is ``day``."""
    parts = [_has_value(name, values) for name, values in measure.facts.items()]
    if measure.process:
        parts.append(_case.process.in_(measure.process))
    if measure.missed:
        other = schema.deadline.alias().c  # the figure itself may be about deadlines
        missed = (other.case_id == _case.id, other.rule.in_(measure.missed), _late(other, now))
        parts.append(sa.exists().where(*missed))
    if measure.said:
        parts.append(sa.or_(*(dialect.has(_case.facts, name) for name in measure.said)))
    if measure.reached:
        parts.append(sa.or_(*(dialect.has(_case.reached, name) for name in measure.reached)))
    if measure.status:
        parts.append(_case.status.in_(measure.status))
    if measure.linked:
        parts.append(_link(lambda row: row.case_id, measure.linked))
    if measure.linked_from:
        parts.append(_link(lambda row: row.other_id, measure.linked_from))
    if measure.contacts:
        journal = schema.journal.c
        met = (journal.kind == str(Happening.CONTACT), journal.subject.in_(measure.contacts))
        parts.append(sa.exists().where(journal.case_id == _case.id, *met))
    if measure.rated:
        grades = (rating.c.case_id == _case.id, rating.c.grade.in_(measure.rated))
        parts.append(sa.exists().where(*grades))
    if measure.longer_than is not None:
        end = dialect.day_of(sa.func.coalesce(_case.ended_at, sa.literal(now, schema.Instant)))
        parts.append(dialect.after(day, measure.longer_than) < end)
    parts += [sa.not_(_holds(dialect, one, day, now)) for one in measure.unless]
    return sa.and_(sa.true(), *parts)


def _has_value(name: str, values: tuple[str | bool, ...]) -> sa.ColumnElement[bool]:
    fact = _case.facts[name]
    said = fact.as_boolean() if isinstance(values[0], bool) else fact.as_string()
    # What is not known is not so; under a "not" it must not become unknown.
    return sa.func.coalesce(said.in_(values), sa.false())


def _link(end: Callable[[Any], sa.ColumnElement[int]], kinds: tuple[str, ...]) -> sa.ColumnElement[bool]:
    return sa.exists().where(end(link.c) == _case.id, link.c.kind.in_(kinds))
