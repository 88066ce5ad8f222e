"""By what cases are found: the values of their facts, and their texts in pairs of characters.

Words of Chinese have two characters and no blanks between them. So a text is kept with every pair of its neighbours:
PostgreSQL finds them by an inverted index on an array, SQLite by its full-text search, which triggers keep up to date.
What has all the pairs of a word is looked at once more. The values of facts that have changed travel in the row of the
case, and a trigger puts them into their table, so that a step needs no statement more (migration 0004).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from jiefen.record.desk.keys import phone_key
from jiefen.record.desk.terms import LONGEST_TERM, TEXTS, Term, body, pairs, tail, tails, terms
from jiefen.store import schema
from jiefen.store.desk.parties import party
from jiefen.store.sealing.ring import Ring, ring_of
from jiefen.store.statements import Statement

fact = sa.Table(
    "jiefen_fact",
    schema.metadata,
    sa.Column(
        "case_id", schema.Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("fact", sa.String(100), primary_key=True),
    sa.Column("value", sa.String(LONGEST_TERM), primary_key=True),
    sa.Column("number", sa.BigInteger),
    sa.Index(None, "fact", "value", "case_id"),
    sqlite_with_rowid=False,
)  # fmt: skip
_numeric = fact.c.number.is_not(None)
sa.Index(
    "ix_jiefen_fact_number",
    fact.c.fact,
    fact.c.number,
    fact.c.case_id,
    postgresql_where=_numeric,
    sqlite_where=_numeric,
)

text = sa.Table(
    "jiefen_text",
    schema.metadata,
    sa.Column(
        "case_id", schema.Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("pairs", sa.Text().with_variant(postgresql.ARRAY(sa.Text), "postgresql"), nullable=False),
)  # fmt: skip

_CASE = sa.bindparam("case_", type_=schema.Id)
_PEOPLE = Statement(
    sa.select(schema.case.c.facts, party.c.name, party.c.phone)
    .select_from(schema.case.outerjoin(party, party.c.case_id == schema.case.c.id))
    .where(schema.case.c.id == _CASE)
    .order_by(party.c.seq)
)
#: Facts that have a column in the row of the case.
_COLUMNS = frozenset({*schema.FACT_COLUMNS, "area"})


def changed_terms(
    facts: Mapping[str, object], ring: Ring | None = None, hidden: Collection[str] = ()
) -> dict[str, list[Term]]:
    """What facts that have changed are found by now, as the column ``terms`` of a case has it.

    Args:
        hidden: the names of those that must not lie open; where there are keys they are found by keyed digests.
    """
    found = {
        name: terms(value) for name, value in facts.items() if name not in _COLUMNS and name not in TEXTS
    }
    if ring is not None:
        for name in found.keys() & set(hidden):
            found[name] = [Term(ring.blind(term.value), None) for term in found[name]]
    return found


def found_by(values: Collection[str], ring: Ring | None) -> list[str]:
    """By what values are found: as they are, and where there are keys by their digests too."""
    return [*values, *(map(ring.blind, values) if ring is not None else ())]


def keep_text(
    connection: Connection, case_id: int, facts: Mapping[str, object], people: Collection[Any], new: bool
) -> None:
    """Let a case be found by the words that have changed in it.

    Args:
        facts: those that have changed, in plain values; ``None`` for one that is not known any more.
        people: the rows of parties that are new or have changed.
        new: the case is being opened.
    """
    if not people and facts.keys().isdisjoint(TEXTS):
        return
    if new:
        known = [(one["name"], one["phone_key"]) for one in people]
    else:
        rows = _PEOPLE.rows(connection, {"case_": case_id})
        facts = rows[0].facts
        known = [(row.name, phone_key(row.phone)) for row in rows if row.name is not None]
    dialect = connection.dialect.name
    row = text_row(facts, known, dialect, ring_of(connection.dialect))
    _keep_texts(dialect).run_each(connection, [{"case_id": case_id, **row}])


def rows_of(case_id: int, facts: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows for some facts, in plain values or as JSON carries them."""
    return [
        {"case_id": case_id, "fact": name, "value": term.value, "number": term.number}
        for name, found in changed_terms(facts).items()
        for term in found
    ]


def text_row(
    facts: Mapping[str, object],
    people: Collection[tuple[str, str | None]],
    dialect: str,
    ring: Ring | None = None,
) -> dict[str, Any]:
    """What is kept of the texts of a case: those of its facts, and the names of its people, with the keys of phones.

    Where there are keys the texts are not kept, and each pair as its keyed digest.
    """
    whole = body([*(facts.get(name) for name in TEXTS), *(name for name, _ in people)])
    found = [*pairs(whole), *sorted({tail(phone) for _, phone in people if phone is not None})]
    if ring is not None:
        ends = (end for _, phone in people if phone is not None for end in tails(phone))
        whole, found = "", sorted({ring.blind_pair(term) for term in (*found, *ends)})
    return {"body": whole, "pairs": found if dialect == "postgresql" else " ".join(found)}


@cache
def _keep_texts(dialect: str) -> Statement:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(text)
    changed = {name: statement.excluded[name] for name in ("body", "pairs")}
    return Statement(statement.on_conflict_do_update(index_elements=["case_id"], set_=changed))
