"""The parties of cases, with the keys by which people are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from jiefen.record.desk.keys import LONGEST_ID_KEY, LONGEST_NAME_KEY, id_key, name_key, phone_key
from jiefen.record.desk.parties import Party, digest
from jiefen.record.kinds import CaseStatus
from jiefen.store import schema
from jiefen.store.sealing.ring import ring_of
from jiefen.store.sealing.types import Blinded, SealedText
from jiefen.store.statements import Statement

#: What of a party may change; its number in the case does not, nor what the case was opened with.
CHANGING: Final = (
    "part", "name", "name_key", "phone", "phone_key", "contact", "address", "service_address", "id_number", "id_key",
    "persons", "represents", "since", "ended",
)  # fmt: skip


def _said(name: str, length: int, **options: Any) -> sa.Column[Any]:
    """What was said of somebody: encrypted where there are keys."""
    kind = SealedText(f"jiefen_party.{name}", "case_id", "seq", length=length)
    return sa.Column(name, kind, **options)


# The keys by which somebody is looked up are keyed digests where there are keys, and so is opened_as.
party = sa.Table(
    "jiefen_party",
    schema.metadata,
    sa.Column(
        "case_id", schema.Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("part", sa.String(32), nullable=False),
    _said("name", 200, nullable=False),
    sa.Column("name_key", Blinded(LONGEST_NAME_KEY), nullable=False),
    _said("phone", 32),
    sa.Column("phone_key", Blinded(64)),
    _said("contact", 200),
    _said("address", 300),
    _said("service_address", 300),
    _said("id_number", 32),
    sa.Column("id_key", Blinded(LONGEST_ID_KEY)),
    sa.Column("persons", sa.Integer),
    sa.Column("represents", sa.Integer),
    sa.Column("since", sa.Date),
    sa.Column("ended", sa.Date),
    # Of a party that the case was opened with, the digest of what was said of it then: the journal does not hold it.
    sa.Column("opened_as", Blinded(64)),
    sa.Index(None, "name_key", "case_id"),
)  # fmt: skip
for _column in (party.c.phone_key, party.c.id_key):
    _given = _column.is_not(None)
    sa.Index(
        f"ix_jiefen_party_{_column.name}",
        _column,
        party.c.case_id,
        postgresql_where=_given,
        sqlite_where=_given,
    )


def row_of(case_id: int, one: Party, *, opening: bool = False) -> dict[str, Any]:
    """A party as its row; ``opening``: the case is opened with it."""
    kept = {name: getattr(one, name) for name in ("seq", *CHANGING) if not name.endswith("_key")}
    keys = keys_of(one.name, one.phone, one.id_number)
    opened_as = digest(one) if opening else None
    return {"case_id": case_id, **kept, "part": str(one.part), **keys, "opened_as": opened_as}


def keys_of(name: str, phone: str | None, id_number: str | None) -> dict[str, str | None]:
    """By which keys somebody is looked up."""
    return {"name_key": name_key(name), "phone_key": phone_key(phone), "id_key": id_key(id_number)}


def rows_of_person(connection: Connection, card: str | None, phone: str | None) -> list[Row[Any]]:
    """The rows of whoever has a card, or a telephone, by case and number; each way by an index of its own."""
    ways = [(party.c.id_key, card), (party.c.phone_key, phone)]
    found = sa.union(
        *(sa.select(party.c.case_id, party.c.seq).where(way == key) for way, key in ways if key is not None)
    ).subquery()
    same = sa.and_(party.c.case_id == found.c.case_id, party.c.seq == found.c.seq)
    query = sa.select(party).join(found, same).order_by(party.c.case_id, party.c.seq)
    return list(connection.execute(query))


def of_cases(connection: Connection, case_ids: Collection[int]) -> list[Row[Any]]:
    """The parties of some cases, by case and number."""
    query = sa.select(party).where(party.c.case_id.in_(case_ids)).order_by(party.c.case_id, party.c.seq)
    return list(connection.execute(query))


def opened_as(connection: Connection, parties: Iterable[Party]) -> list[str]:
    """The digests of parties, as those of :func:`opened_with` are kept."""
    ring = ring_of(connection.dialect)
    return [digest(one) if ring is None else ring.blind(digest(one)) for one in parties]


def opened_with(connection: Connection, case_id: int) -> list[str]:
    """The digests of the parties that a case was opened with, in their order."""
    query = sa.select(party.c.opened_as).where(party.c.case_id == case_id, party.c.opened_as.is_not(None))
    return list(connection.scalars(query.order_by(party.c.seq)))


def cases_of_people(
    connection: Connection, people: Collection[Party], *, except_case: int, since: datetime, most: int
) -> list[Row[Any]]:
    """The newest cases, opened since an instant, in which somebody with such a name, telephone or card has a part; with
    their titles, and none that was voided.
    """
    keys = {
        "name": sorted({name_key(one.name) for one in people}),
        "phone": sorted({key for one in people if (key := phone_key(one.phone)) is not None}),
        "card": sorted({key for one in people if (key := id_key(one.id_number)) is not None}),
    }
    values: dict[str, Any] = {
        f"{way}_{at}": key for way, found in keys.items() for at, key in enumerate(found)
    }
    statement = _cases_of(*(len(found) for found in keys.values()))
    return statement.rows(connection, values | {"since_": since, "case_": except_case, "most_": most})


@cache
def _cases_of(names: int, phones: int, cards: int) -> Statement:
    """The query for so many names, telephones and cards; each of them is served by an index of its own."""
    asked = (
        ("name", party.c.name_key, names),
        ("phone", party.c.phone_key, phones),
        ("card", party.c.id_key, cards),
    )
    ways = [
        column == sa.bindparam(f"{way}_{at}", type_=column.type)
        for way, column, count in asked
        for at in range(count)
    ]
    found = sa.union(*(sa.select(party.c.case_id).where(way) for way in ways)).subquery()
    return Statement(
        sa.select(schema.case.c.id, schema.TITLE)
        .join(found, found.c.case_id == schema.case.c.id)
        .where(
            schema.case.c.opened_at >= sa.bindparam("since_", type_=schema.Instant),
            schema.case.c.id != sa.bindparam("case_", type_=schema.Id),
            schema.case.c.status != schema.text_of(CaseStatus.VOIDED),
        )
        .order_by(schema.case.c.id.desc())
        .limit(sa.bindparam("most_", type_=sa.Integer))
    )
