"""A paper, picture or recording that belongs to a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from jiefen.record.kinds import FileFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """附件: a file of a case. Its bytes lie in the store of files, by their SHA-256; they never change.

    Attributes:
        seq: its number in the case, from 1.
        name: as whoever attached it called it; it may name people, so it is not told in the journal.
        media: the media type, by the content.
        size: in bytes.
        withdrawn_at, withdrawn_by, reason: when it was taken out of the case, by whom and why.
        fault: what was wrong with its bytes when they were looked at last.
    """

    case: int
    seq: int
    digest: str
    media: str
    size: int
    at: datetime
    by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    reason: str | None = None
    fault: FileFault | None = None
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesChecked:
    """What a look at the stored bytes has found.

    Attributes:
        looked: how many different files were read.
        faulty: the attachments whose bytes are missing or changed.
        after: the digest to go on after; ``None`` when all were looked at.
    """

    looked: int
    faulty: tuple[Attachment, ...]
    after: str | None
