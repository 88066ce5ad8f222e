"""Attachments of cases, and the bytes of those that are kept in the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.outside.files import digest_of
from jiefen.store import schema
from jiefen.store.sealing.ring import are_sealed, ring_of
from jiefen.store.sealing.types import SealedText

attachment = sa.Table(
    "jiefen_attachment",
    schema.metadata,
    schema.of_case(primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", SealedText("jiefen_attachment.name", "case_id", "seq", length=200), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("media", sa.String(100), nullable=False),
    sa.Column("size", schema.Id, nullable=False),
    sa.Column("at", schema.Instant, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("withdrawn_at", schema.Instant),
    sa.Column("withdrawn_by", sa.String(200)),
    sa.Column("reason", SealedText("jiefen_attachment.reason", "case_id", "seq")),
    sa.Column("fault", sa.String(16)),
    sa.Index(None, "digest"),
)
#: The same bytes once, whatever attaches them.
file = sa.Table(
    "jiefen_file",
    schema.metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
_is = attachment.c


class DatabaseFiles:
    """A store of files in the database, in the transaction of a call; keeps :class:`jiefen.Files`.

    Where there are keys they are encrypted by that of the whole database: the same bytes may belong to several cases.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, digest: str, content: bytes) -> None:
        """Keep bytes with the transaction; the same again changes nothing, damaged ones are replaced."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        ring = ring_of(self._connection.dialect)
        if ring is not None:
            kept = self._kept(digest)
            if kept is not None and digest_of(kept) != digest and self._opened(digest, kept) == content:
                return
            content = ring.seal_own(content, _place(digest))
        statement = dialect.insert(file).values(digest=digest, content=content)
        whole = statement.excluded.content
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["digest"], set_={"content": whole}, where=file.c.content != whole
            )
        )

    def read(self, digest: str) -> bytes | None:
        """The bytes of that digest, if there are any; what was encrypted and was changed since, as it lies there."""
        kept = self._kept(digest)
        return None if kept is None else self._opened(digest, kept)

    def _kept(self, digest: str) -> bytes | None:
        found = self._connection.scalar(sa.select(file.c.content).where(file.c.digest == digest))
        return None if found is None else bytes(found)

    def _opened(self, digest: str, kept: bytes) -> bytes:
        ring = ring_of(self._connection.dialect)
        # A file of before may begin like one that is encrypted; its digest tells.
        if ring is None or not are_sealed(kept) or digest_of(kept) == digest:
            return kept
        found = ring.open_own(kept, _place(digest))
        return kept if found is None else found


def _place(digest: str) -> str:
    return f"jiefen_file.content {digest}"


def of_case(connection: Connection, case_id: int, after: int, limit: int) -> list[Row[Any]]:
    """The attachments of a case by their number."""
    query = sa.select(attachment).where(_is.case_id == case_id, _is.seq > after)
    return list(connection.execute(query.order_by(_is.seq).limit(limit)))


def one(connection: Connection, case_id: int, seq: int) -> Row[Any] | None:
    """One attachment."""
    query = sa.select(attachment).where(_is.case_id == case_id, _is.seq == seq)
    return connection.execute(query).one_or_none()


def same(connection: Connection, case_id: int, digest: str) -> list[Row[Any]]:
    """The attachments of a case that have the same bytes and were not withdrawn."""
    query = sa.select(attachment).where(_is.digest == digest, _is.case_id == case_id)
    return list(connection.execute(query.where(_is.withdrawn_at.is_(None)).order_by(_is.seq)))


def last(connection: Connection, case_id: int) -> int:
    """The number of the last attachment of a case; 0 when there is none."""
    return int(connection.scalar(sa.select(sa.func.max(_is.seq)).where(_is.case_id == case_id)) or 0)


def digests(connection: Connection, after: str, limit: int) -> list[str]:
    """The digests of attachments in their order, each once."""
    query = sa.select(_is.digest).where(_is.digest > after).group_by(_is.digest)
    return list(connection.scalars(query.order_by(_is.digest).limit(limit)))


def with_digest(connection: Connection, digest: str) -> Sequence[Row[Any]]:
    """Every attachment of that digest, by case and number."""
    query = sa.select(attachment).where(_is.digest == digest)
    return connection.execute(query.order_by(_is.case_id, _is.seq)).all()
