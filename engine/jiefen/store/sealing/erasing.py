"""What is taken out of the tables when a case is erased: everything about people, and its key.

The journal keeps every entry with its kind, its day and its hash; its data gives way to the number of the entry that
tells of the erasing, and the salts go, so that nothing is found again by trying. Deadlines, areas and outcomes stay.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jiefen.store import schema
from jiefen.store.counter import appointments, codes, documents, files, notes, ratings, ticks
from jiefen.store.desk import index, links, parties
from jiefen.store.sealing.reporters import Reporters
from jiefen.store.sealing.ring import ring_of
from jiefen.store.sealing.rows import OPEN_KINDS
from jiefen.store.sealing.tables import case_key
from jiefen.store.sealing.types import Marked
from jiefen.store.viewing import readers

#: Tables of which every row of the case goes.
_REMOVED: Final = (
    parties.party, notes.note, ratings.rating, ticks.tick, codes.code, files.attachment, index.text, readers.reader,
    appointments.appointment, documents.document, documents.file, documents.service,
)  # fmt: skip


def overwrite(connection: Connection) -> None:
    """Let SQLite write over what it gives up."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def forget(connection: Connection, case_id: int, now: datetime) -> None:
    """Take everything about people out of a locked case but its facts and its journal, and destroy its key: what was
    encrypted by it opens nowhere again. What is written afterwards in the same transaction gets another key.
    """
    overwrite(connection)
    mine = sa.select(files.attachment.c.digest).where(files.attachment.c.case_id == case_id)
    others = sa.select(files.attachment.c.digest).where(files.attachment.c.case_id != case_id)
    alone = list(connection.scalars(mine.where(files.attachment.c.digest.not_in(others)).distinct()))
    connection.execute(sa.delete(files.file).where(files.file.c.digest.in_(alone)))
    for table in _REMOVED:
        connection.execute(sa.delete(table).where(table.c.case_id == case_id))
    nothing: Any = Marked({})
    for table, values in (
        (schema.task, {"locals": nothing}),
        (schema.agenda, {"data": nothing, "error": None}),
        (schema.supervision, {"title": Marked({"zh": "", "en": ""})}),
        (links.link, {"reason": None}),
    ):
        connection.execute(sa.update(table).where(table.c.case_id == case_id).values(values))
    connection.execute(sa.delete(case_key).where(case_key.c.of_case == case_id))
    ring = ring_of(connection.dialect)
    if ring is not None:
        Reporters(connection, ring, now).forget(case_id)
        ring.remember(case_id, "")


def empty_journal(connection: Connection, case_id: int, told: int) -> None:
    """Let the data of a journal give way to the number of the entry that tells of the erasing."""
    entry = schema.journal.c
    tombstone = {"data": Marked({"erased": told}), "salt": None, "covers_salt": None}
    stays = sorted(map(str, OPEN_KINDS))
    connection.execute(
        sa.update(schema.journal)
        .where(entry.case_id == case_id, entry.seq < told, entry.kind.not_in(stays))
        .values(tombstone)
    )
    if connection.dialect.name == "sqlite":
        # What the full-text search has of it lies in pages of its own until they are written together.
        connection.exec_driver_sql("INSERT INTO jiefen_pairs(jiefen_pairs) VALUES ('optimize')")


def settle(connection: Connection) -> None:
    """Write the emptied pages of an SQLite file over those that its log still holds; outside of a transaction."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
