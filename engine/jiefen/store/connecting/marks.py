"""The mark that a writing transaction leaves on PostgreSQL; see :mod:`jiefen.store.desk.feed`."""

from __future__ import annotations

from typing import Final

#: Any constant serves that no host takes; it stands above the numbers of the journal in the key of a lock.
MARKS: Final = 0x4A46
MARK_BITS: Final = 44
#: The last number of the journal that was given out.
GIVEN: Final = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM jiefen_journal_id_seq"
#: Everything that is numbered from here on in this transaction has a higher number.
MARK: Final = f"SELECT pg_advisory_xact_lock_shared({MARKS << MARK_BITS} + ({GIVEN}))"
