"""Documents of cases, what is kept of them, on whom they were served, and the numbers that offices have given.

What a document says is kept as text, encrypted where there are keys: it names people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.store import schema
from jiefen.store.sealing.types import SealedText

document = sa.Table(
    "jiefen_document",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(200), nullable=False),
    sa.Column("title", schema.Json, nullable=False),
    sa.Column("number", sa.String(200)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("party", sa.Integer),
    sa.Column("office", sa.String(200), nullable=False),
    sa.Column("digests", schema.Json, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("made_at", schema.Instant, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("signed_at", schema.Instant),
    sa.Column("signed_by", sa.String(200)),
    sa.Column("voided_at", schema.Instant),
    sa.Column("voided_by", sa.String(200)),
    sa.Column("reason", SealedText("jiefen_document.reason", "case_id", "seq")),
)
#: The bytes of each version, in base64.
file = sa.Table(
    "jiefen_document_file",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("document", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("form", sa.String(16), primary_key=True),
    sa.Column(
        "content",
        SealedText("jiefen_document_file.content", "case_id", "document", "version", "form"),
        nullable=False,
    ),
)
service = sa.Table(
    "jiefen_service",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("document", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("party", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("way", sa.String(16), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("served_on", sa.Date, nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("proof", sa.Integer),
    sa.Column("note", SealedText("jiefen_service.note", "case_id", "document", "party")),
    # Whether the milestone of its day has been reached.
    sa.Column("reached", sa.Boolean, nullable=False),
)
#: The last number that an office has given in a row of a year; it only grows, so that none is given twice.
numbering = sa.Table(
    "jiefen_document_row",
    schema.metadata,
    sa.Column("office", sa.String(200), primary_key=True),
    sa.Column("scheme", sa.String(200), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)
_is, _served = document.c, service.c


def next_number(connection: Connection, office: str, scheme: str, year: int) -> int:
    """The next number of an office in a row of a year. Whoever else asks waits until this transaction has ended; when
    it is rolled back, the number was never given, so that none is left out.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(numbering).values(office=office, scheme=scheme, year=year, last=1)
    names = ["office", "scheme", "year"]
    connection.execute(first.on_conflict_do_update(index_elements=names, set_={"last": numbering.c.last + 1}))
    mine = numbering.c.office == office, numbering.c.scheme == scheme, numbering.c.year == year
    return int(connection.execute(sa.select(numbering.c.last).where(*mine)).scalar_one())


def of_case(connection: Connection, case_id: int, after: int, limit: int) -> list[Row[Any]]:
    """The documents of a case by their number."""
    query = sa.select(document).where(_is.case_id == case_id, _is.seq > after)
    return list(connection.execute(query.order_by(_is.seq).limit(limit)))


def one(connection: Connection, case_id: int, seq: int) -> Row[Any] | None:
    """One document."""
    query = sa.select(document).where(_is.case_id == case_id, _is.seq == seq)
    return connection.execute(query).one_or_none()


def last(connection: Connection, case_id: int) -> int:
    """The number of the last document of a case; 0 when there is none."""
    return int(connection.scalar(sa.select(sa.func.max(_is.seq)).where(_is.case_id == case_id)) or 0)


def content(connection: Connection, case_id: int, seq: int, version: int, form: str) -> str | None:
    """What is kept of a version of a document in a form."""
    kept = file.c
    query = sa.select(kept.content).where(
        kept.case_id == case_id, kept.document == seq, kept.version == version, kept.form == form
    )
    found: str | None = connection.scalar(query)
    return found


def services(connection: Connection, case_id: int) -> Sequence[Row[Any]]:
    """On whom the documents of a case were served, by document and party."""
    query = sa.select(service).where(_served.case_id == case_id)
    return connection.execute(query.order_by(_served.document, _served.party)).all()


def service_of(connection: Connection, case_id: int, seq: int, party: int) -> Row[Any] | None:
    """The service of a document on a party."""
    query = sa.select(service).where(
        _served.case_id == case_id, _served.document == seq, _served.party == party
    )
    return connection.execute(query).one_or_none()
