"""What an auditor is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jiefen.record.kinds import FaultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as it was written.

    Attributes:
        case: its id; ``None`` for what belongs to no case.
        entry: the number in the journal of the case; ``None`` for what is no entry.
        about: what else it is about: ``facts``, ``deadline:2``, the digest of an edition, the number of an anchor.
        en, zh: what is wrong, in words; no personal data.
    """

    kind: FaultKind
    case: int | None = None
    entry: int | None = None
    about: str | None = None
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked through.

    Attributes:
        cases, entries: how many.
        chained_later: entries that were chained by a migration and not when they were written.
        uncovered: rows that hang on cases from before such rows were covered, and that no entry covers.
        not_read: tables that were not compared, because this role of the database may not read them.
        erased: entries whose data was erased; their place in the chain holds.
        anchors: signed anchors that were compared.
        through: the last case that was looked at; another run may go on after it.
        faults: the first of them, at most as many as were asked for.
        found: how many there are.
    """

    cases: int
    entries: int
    chained_later: int
    erased: int
    uncovered: int
    not_read: tuple[str, ...]
    anchors: int
    through: int
    faults: tuple[Fault, ...]
    found: int

    @property
    def sound(self) -> bool:
        """Whether all is as it was written."""
        return self.found == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The heads of all chains that had grown since the anchor before, signed.

    Attributes:
        number: from 1, without a gap.
        until: the number of the last entry of the journal that it takes in.
        entries, cases: how many entries came since the anchor before, in how many cases.
        before: the hash of the anchor before; zeros for the first.
        signer: the public key, in hexadecimal.
        file: where the anchor lies; the heads lie beside it.
    """

    number: int
    made_at: datetime
    until: int
    entries: int
    cases: int
    before: str
    signer: str
    file: Path
