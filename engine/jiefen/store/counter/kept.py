"""How the tables of the counter are written, with the other changes of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from jiefen.record.counter.kept import Kept
from jiefen.store.counter import appointments, codes, documents, files, notes, ratings, ticks
from jiefen.store.viewing import readers


@dataclass(frozen=True, slots=True)
class Written:
    """A table, by what its rows are known, and what a later write of a row may change."""

    table: sa.Table
    key: tuple[str, ...]
    changing: tuple[str, ...]


WRITTEN: Final[Mapping[Kept, Written]] = {
    Kept.NOTE: Written(notes.note, ("case_id", "seq"), ("text", "corrects")),
    Kept.CODE: Written(codes.code, ("case_id",), ("digest", "issued_at")),
    Kept.ATTACHMENT: Written(
        files.attachment, ("case_id", "seq"), ("name", "withdrawn_at", "withdrawn_by", "reason", "fault")
    ),
    Kept.APPOINTMENT: Written(
        appointments.appointment,
        ("case_id", "seq"),
        (
            "official",
            "place",
            "starts_at",
            "zone",
            "minutes",
            "status",
            "moves",
            "missed_by",
            "reason",
            "result",
        ),
    ),
    Kept.TICK: Written(ticks.tick, ("case_id", "checklist", "round", "item"), ("done", "by", "at", "note")),
    Kept.READER: Written(
        readers.reader, ("case_id", "person", "named_by"), ("at", "reason", "withdrawn_at", "withdrawn_by")
    ),
    Kept.DOCUMENT: Written(
        documents.document,
        ("case_id", "seq"),
        (
            "version",
            "office",
            "title",
            "digests",
            "status",
            "made_at",
            "made_by",
            "signed_at",
            "signed_by",
            "voided_at",
            "voided_by",
            "reason",
        ),
    ),
    Kept.DOCUMENT_FILE: Written(documents.file, ("case_id", "document", "version", "form"), ("content",)),
    Kept.SERVICE: Written(
        documents.service,
        ("case_id", "document", "party"),
        ("way", "day", "served_on", "at", "by", "proof", "note", "reached"),
    ),
    Kept.RATING: Written(ratings.rating, ("case_id", "seq"), ("comment", "review")),
}
