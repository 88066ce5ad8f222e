"""The chain of a journal: each entry carries the hash of the one before it, so that none can be changed, left out or
put in without all after it telling.

What is hashed is described to the byte in ``docs/proof.md``. The hash of an entry covers a digest of its data, not the
data: what is erased later leaves its digest, and the chain stays whole. Digests are salted, and the salt is erased with
the data, so that nobody finds a name or a telephone number again by trying all of them.

The last entry of a call also covers what the call has written to the case, its deadlines and the rows that hang on it.
Whoever moves a deadline without an entry leaves a row that no entry covers.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from jiefen.record.rows import DeadlineRow, JournalRow

#: What the first entry of a chain comes after.
START: Final = bytes(32)
#: The name of the way in which entries are hashed; another way has another name.
FORM: Final = "jiefen.entry.1"
#: So many bytes of chance go into a digest.
SALT_BYTES: Final = 16

#: The columns of a case that are covered together. Those that are not said are left out: a column that a later version
#: brings, without a value in old rows, leaves what was covered before as it was.
CASE_COLUMNS: Final = (
    "key", "process", "edition", "status", "area", "stage", "level", "colour", "dispute_type", "outcome", "opened_at",
    "ended_at", "deadlines_started", "leader", "assumed", "recused", "reached", "kept_messages", "has_parts",
    "grade", "graded_by_hand",
)  # fmt: skip
#: Columns that are covered by themselves, for they are large and not always written.
OWN: Final = ("facts", "state")
#: Columns that are not covered: what the chain itself is known by, and what every write moves.
NOT_COVERED: Final = frozenset({"id", "updated_at", "revision", "entries", "head"})

#: JSON with sorted names, without blanks, in UTF-8.
canonical: Final = msgspec.json.Encoder(order="sorted").encode


class LinkedRow(NamedTuple):
    """An entry of the journal with its place in the chain of its case, as the database keeps it.

    Attributes:
        seq: its number in the journal of its case, from 1.
        digest: of its data, with ``salt``.
        covers: digests, with ``covers_salt``, of what the call has left of the case: by ``case``, ``facts``, ``state``,
            ``deadline:N``, and the names of :mod:`jiefen.store.sealing.covering`. ``None``: another entry of the call
            has them, or there was nothing.
        hash: of all this and of the hash of the entry before it.
    """

    case_id: int
    at: datetime
    actor: str
    kind: str
    subject: str | None
    data: dict[str, Any]
    message_key: str | None
    seq: int
    digest: bytes
    salt: bytes
    covers: dict[str, str] | None
    covers_salt: bytes | None
    hash: bytes


class Head(NamedTuple):
    """Where a chain ends: how many entries it has, and the hash of the last one."""

    entries: int
    hash: bytes


def digest_of(salt: bytes, value: object) -> bytes:
    """The digest of a value as JSON carries it, or of bytes as they are."""
    return sha256(salt + (value if isinstance(value, bytes) else canonical(value))).digest()


def hash_of(entry: Any, seq: int, digest: bytes, covers: Mapping[str, str] | None, before: bytes) -> bytes:
    """The hash of an entry.

    Args:
        entry: a :class:`JournalRow` or what has its names.
        before: the hash of the entry before it; :data:`START` for the first.
    """
    told = (
        FORM, entry.case_id, seq, before.hex(), instant(entry.at), entry.actor, entry.kind, entry.subject,
        entry.message_key, digest.hex(), covers,
    )  # fmt: skip
    return sha256(canonical(told)).digest()


@lru_cache(maxsize=64)  # the entries of one call have one instant
def instant(at: datetime) -> str:
    """An instant as it is hashed: in UTC, with six digits of the second."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(
    entries: Sequence[JournalRow], head: Head, written: Mapping[str, object]
) -> tuple[list[LinkedRow], Head]:
    """Entries of one case as links of its chain, and where the chain ends then.

    Args:
        written: what the last of them covers, as :func:`covered` has it.
    """
    rows: list[LinkedRow] = []
    seq, before = head
    chance = secrets.token_bytes(SALT_BYTES * (len(entries) + 1))
    for number, entry in enumerate(entries, 1):
        seq += 1
        salt = chance[number * SALT_BYTES : (number + 1) * SALT_BYTES]
        covers, covers_salt = None, None
        if written and number == len(entries):
            covers_salt = chance[:SALT_BYTES]
            covers = {name: digest_of(covers_salt, value).hex() for name, value in written.items()}
        digest = digest_of(salt, entry.data)
        before = hash_of(entry, seq, digest, covers, before)
        rows.append(LinkedRow(*entry, seq, digest, salt, covers, covers_salt, before))
    return rows, Head(seq, before)


def covered(
    row: Any, written: Mapping[str, Any], deadlines: Sequence[Any], *, whole: bool
) -> dict[str, object]:
    """What a call has left of a case, by the names under which an entry covers it.

    Args:
        row: the case before the call, a :class:`jiefen.record.rows.CaseRow` or what has its names.
        written: the columns of the case that the call writes.
        deadlines: that it writes, each a :class:`DeadlineRow` or what has its names.
        whole: cover all of the case, written or not, as when it has just been opened.
    """
    found: dict[str, object] = {}
    if whole or any(name in written for name in CASE_COLUMNS):
        found["case"] = _said(CASE_COLUMNS, written, row)
    for name in OWN:
        if whole or name in written:
            found[name] = written[name] if name in written else getattr(row, name)
    for deadline in deadlines:
        found[f"deadline:{deadline.seq}"] = _said(DeadlineRow._fields, {}, deadline)
    return found


def _said(names: Sequence[str], written: Mapping[str, object], row: Any) -> dict[str, object]:
    """What is said in some columns, as it is written or else stands in the row."""
    return {
        name: plain(value)
        for name in names
        if (value := written[name] if name in written else getattr(row, name)) is not None
    }


def plain(value: object) -> object:
    """A value as JSON carries it: an instant as it is hashed, a day as ``2026-03-02``."""
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value
