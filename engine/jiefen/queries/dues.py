"""到期清单: the deadlines of all open cases that nobody has met, what is over first at the front."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import check_day, check_page, filters, read_place
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import CHINA, china_date
from jiefen.commands.filters import require_deadline, versions_of_holder, versions_of_law
from jiefen.record.desk.parties import Party, masked_title
from jiefen.record.kinds import Grade
from jiefen.record.rows import DeadlineRow
from jiefen.record.values import Deadline
from jiefen.store.desk import dues as store
from jiefen.store.desk import parties
from jiefen.story.snapshots import deadline_of, party_snapshot

_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline that nobody has met, and what one wants to know of its case.

    Attributes:
        key: of the case.
        title: how the matter is called, as its register has it, without the names and numbers of people.
        area: of the case.
        leader: who answers for it (包案领导).
        grade: how closely the case is kept.
        revision: of the case; it grows with every change.
        days_left: calendar days in China until its last day; negative when that is past.
        token: where the next page begins: ``after=dues[-1].token``.
    """

    deadline: Deadline
    key: str
    title: str | None
    area: str | None
    leader: str | None
    grade: Grade
    revision: int
    days_left: int
    token: str


def deadlines_due(
    runtime: Runtime,
    *,
    since: date | None = None,
    until: date | None = None,
    area: str | None = None,
    rule: str | None = None,
    holder: str | None = None,
    law: str | None = None,
    leader: str | None = None,
    after: str | None = None,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Due]:
    """The deadlines of open cases that run, or have expired and were not met, by their last day.

    Args:
        since, until: the last day lies between these, both included; days in China. ``until`` yesterday is what is
            overdue, today and three days on what is at risk. Without ``since`` all that was ever missed in open cases
            comes first.
        area: of the case, with what lies inside it.
        rule: only those by this rule.
        holder: only those that this role owes or has.
        law: only those that this law sets, by its name, such as ``信访工作条例``.
        leader: only those of cases for which this person answers, by their staff number.

    Raises:
        UnknownValue: no edition in use knows the rule, the role or the law; the message names the nearest.
        FactError: a day, an area or a page that cannot be.
    """
    filters(rule=rule, holder=holder, law=law, leader=leader)
    check_page(0, limit)
    begin = read_place(after) if after is not None else None
    first, last = _morning(since, "since"), _morning(until, "until")
    # A last day ends as the next one begins: the instant of the end is that of the next morning.
    first = first + _MOMENT if first is not None else None
    last = last + timedelta(days=1) + _MOMENT if last is not None else None
    inside = normalise_area(area) if area is not None else None
    now = runtime.clock.now()
    found: list[Due] = []
    with runtime.reading(session) as connection:
        require_deadline(runtime, connection, rule)
        by, seen = set_by(runtime, connection, holder, law), runtime.seen(connection)
        while len(found) < limit:
            rows = store.unmet(connection, first, last, inside, rule, by, leader, begin, limit, seen)
            dues = [_due(runtime, connection, row, now) for row in rows]
            # An edition or a layer may say of the same version what another one does not.
            found += [
                one
                for one in dues
                if holder in (None, one.deadline.holder) and law in (None, one.deadline.law)
            ]
            if len(rows) < limit:
                break
            begin = (rows[-1].due_at, rows[-1].case_id, rows[-1].seq)
        return _masked(connection, found[:limit])


def _masked(connection: Connection, dues: list[Due]) -> list[Due]:
    """Deadlines with the titles of their cases as lists show them."""
    people: dict[int, list[Party]] = {}
    for row in parties.of_cases(connection, {one.deadline.case for one in dues}) if dues else ():
        people.setdefault(row.case_id, []).append(party_snapshot(row))
    return [replace(one, title=masked_title(one.title, people.get(one.deadline.case, ()))) for one in dues]


def set_by(
    runtime: Runtime, connection: Connection, holder: str | None, law: str | None
) -> tuple[store.SetBy, ...]:
    """Deadlines that a role owes or has, and those that a law sets.

    Raises:
        UnknownValue: no edition in use knows the role or the law; the message names the nearest.
    """
    found: list[store.SetBy] = []
    if holder is not None:
        found.append(store.SetBy(tuple(sorted(versions_of_holder(runtime, connection, holder))), holder))
    if law is not None:
        found.append(store.SetBy(tuple(sorted(versions_of_law(runtime, connection, law)))))
    return tuple(found)


def _due(runtime: Runtime, connection: Connection, row: Row[Any], now: datetime) -> Due:
    kept = DeadlineRow._make(getattr(row, name) for name in DeadlineRow._fields)
    facts = runtime.rulebook_of(connection, row.case_edition).vocabulary.from_json(row.facts)
    rulebook = runtime.rulebook_of(connection, row.edition)
    title = row.facts.get("title")
    return Due(
        deadline=deadline_of(kept, rulebook, row.area, now, facts),
        key=row.key,
        title=title if isinstance(title, str) else None,
        area=row.area,
        leader=row.leader,
        grade=Grade(row.grade),
        revision=row.revision,
        days_left=(china_date(row.due_at - _MOMENT) - china_date(now)).days,
        token=f"{row.due_at.astimezone(UTC).isoformat()}/{row.case_id}/{row.seq}",
    )


def _morning(day: date | None, what: str) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(check_day(day, what), time(0), CHINA)
