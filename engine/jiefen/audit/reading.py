"""Who has read what, and whose reading is unusual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from sqlalchemy.engine import Connection

from jiefen.clock import CHINA
from jiefen.edition.holidays import newest
from jiefen.periods.hours import is_office_day
from jiefen.record.kinds import Grade
from jiefen.record.reads import Read, Sign, Unusual
from jiefen.store.viewing import reads as store

_SATURDAY = 6


def listed(
    connection: Connection,
    person: str | None,
    case: int | None,
    since: datetime,
    until: datetime,
    refused: bool | None,
    after: int,
    limit: int,
) -> list[Read]:
    """What was read between two instants, in the order of its number."""
    rows = store.find(connection, person, case, since, until, refused, after, limit)
    return [
        Read(
            id=row.id, at=row.at.astimezone(UTC), person=row.person, call=row.call, case=row.case_id,
            grade=Grade(row.grade), area=row.area, refused=row.refused, because=row.because,
        )
        for row in rows
    ]  # fmt: skip


def unusual(
    connection: Connection,
    since: datetime,
    until: datetime,
    hours: tuple[time, time],
    many: int,
    strangers: int,
    refusals: int,
) -> Iterator[Unusual]:
    """Whose reading between two instants is unusual, person by person; days off are those of the newest calendar."""
    calendar = newest(connection)
    most: dict[str, tuple[int, datetime]] = {}
    odd: dict[str, tuple[int, datetime]] = {}
    for row in store.by_minute(connection, since, until):
        at = datetime.strptime(row.minute, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        if row.cases > most.get(row.person, (0, at))[0]:
            most[row.person] = row.cases, at
        here = at.astimezone(CHINA)
        weekday = here.isoweekday() < _SATURDAY
        worked = weekday if calendar is None else is_office_day(here.date(), calendar)
        if row.cases and not (worked and hours[0] <= here.time() < hours[1]):
            before = odd.get(row.person, (0, at))
            odd[row.person] = before[0] + row.cases, before[1]
    for row in store.by_person(connection, since, until):
        number, at = most.get(row.person, (0, since))
        if number >= many:
            yield Unusual(person=row.person, sign=Sign.MANY, number=number, at=at)
        if row.person in odd:
            yield Unusual(
                person=row.person, sign=Sign.ODD_HOURS, number=odd[row.person][0], at=odd[row.person][1]
            )
        if row.strange >= strangers:
            yield Unusual(person=row.person, sign=Sign.STRANGERS, number=row.strange)
        if row.refused >= refusals:
            yield Unusual(person=row.person, sign=Sign.REFUSED, number=row.refused)
