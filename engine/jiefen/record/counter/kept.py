"""Which tables the counter has."""

from __future__ import annotations

from enum import StrEnum


class Kept(StrEnum):
    """A table of the counter; its rows are written with the other changes of a call."""

    NOTE = "note"
    CODE = "code"
    RATING = "rating"
    ATTACHMENT = "attachment"
    APPOINTMENT = "appointment"
    TICK = "tick"
    READER = "reader"
    DOCUMENT = "document"
    DOCUMENT_FILE = "document_file"
    SERVICE = "service"
