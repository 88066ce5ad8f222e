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

from jiefen.record.desk.terms import LONGEST_TERM, TEXTS, Term, body, pairs, tail, terms
from jiefen.store import schema
from jiefen.store.desk.parties import party
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
    sa.select(schema.case.c.facts, party.c.name, party.c.phone_key)
    .select_from(schema.case.outerjoin(party, party.c.case_id == schema.case.c.id))
    .where(schema.case.c.id == _CASE)
    .order_by(party.c.seq)
)
#: Facts that have a column in the row of the case.
_COLUMNS = frozenset({*schema.FACT_COLUMNS, "area"})


def changed_terms(facts: Mapping[str, object]) -> dict[str, list[Term]]:
    """What facts that have changed are found by now, as the column ``terms`` of a case has it."""
    return {name: terms(value) for name, value in facts.items() if name not in _COLUMNS and name not in TEXTS}


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
        known = [(row.name, row.phone_key) for row in rows if row.name is not None]
    dialect = connection.dialect.name
    _keep_texts(dialect).run_each(connection, [{"case_id": case_id, **text_row(facts, known, dialect)}])


def rows_of(case_id: int, facts: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows for some facts, in plain values or as JSON carries them."""
    return [
        {"case_id": case_id, "fact": name, "value": term.value, "number": term.number}
        for name, found in changed_terms(facts).items()
        for term in found
    ]


def text_row(
    facts: Mapping[str, object], people: Collection[tuple[str, str | None]], dialect: str
) -> dict[str, Any]:
    """What is kept of the texts of a case: those of its facts, and the names of its people, with the keys of phones."""
    whole = body([*(facts.get(name) for name in TEXTS), *(name for name, _ in people)])
    found = [*pairs(whole), *sorted({tail(phone) for _, phone in people if phone is not None})]
    return {"body": whole, "pairs": found if dialect == "postgresql" else " ".join(found)}


@cache
def _keep_texts(dialect: str) -> Statement:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(text)
    changed = {name: statement.excluded[name] for name in ("body", "pairs")}
    return Statement(statement.on_conflict_do_update(index_elements=["case_id"], set_=changed))
