"""What came of work on the records that a database keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Encrypted:
    """What was encrypted of a database that had no keys before.

    Attributes:
        cases: so many had something open in them.
        rows: so many rows were encrypted.
        unsound: cases that stay open, because their journal is not as it was written; ``engine.audit.verify`` says
            where.
        after: where to go on; ``None``: nothing lies open any more, but for the unsound ones.
    """

    cases: int
    rows: int
    unsound: tuple[int, ...]
    after: int | None
