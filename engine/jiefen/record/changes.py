"""The unit of work: all that a call writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jiefen.record.counter.kept import Kept
from jiefen.record.refs import Ref
from jiefen.record.rows import DeadlineRow, JournalRow, TaskRow


@dataclass
class Changes:
    """What one call writes to a case; the revision of the case moves with it.

    One thing is written at once: whether a rung of a ladder has fired is known by inserting its row, in the same
    transaction (``store.cases.claim_rung``).

    Rows without a type of their own are mappings with the column names of ``schema``.
    """

    case: dict[str, Any] = field(default_factory=dict)
    #: The facts that have changed, in plain values; ``None`` for one that is not known any more.
    facts: dict[str, object] = field(default_factory=dict)
    #: The names of facts that must not lie open in the tables where these are encrypted.
    hidden: frozenset[str] = frozenset()
    tasks: list[TaskRow] = field(default_factory=list)
    #: Which of these tasks the call has opened, by their number in the case.
    opened: set[int] = field(default_factory=set)
    deadlines: list[DeadlineRow] = field(default_factory=list)
    agenda_removed: list[Ref] = field(default_factory=list)
    agenda: list[dict[str, Any]] = field(default_factory=list)
    #: Who has claimed open tasks, by the number of the task in its case; ``None``: it is free again.
    claims: dict[int, str | None] = field(default_factory=dict)
    supervisions: list[dict[str, Any]] = field(default_factory=list)
    #: How supervisions stand now, by their ref: status, time for the answer, who answered and when.
    supervised: dict[str, dict[str, Any]] = field(default_factory=dict)
    parties: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    #: Links that are no more: the other case, and the kind.
    unlinked: list[tuple[int, str]] = field(default_factory=list)
    #: Entries of the agenda that are for others now, by their id: kind, ref, and what they hold. When they are due
    #: stays, and so does who may be carrying them.
    readdressed: dict[int, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)
    #: Supervisions that others must answer, by their ref: the role, its holders and their area.
    handed_over: dict[str, tuple[str, list[str], str | None]] = field(default_factory=dict)
    #: Deadlines that have not expired when they seemed to: their number, and when that was.
    reopened: list[tuple[int, datetime]] = field(default_factory=list)
    #: Rows of the tables of the counter, which take the place of those with the same key.
    counter: dict[Kept, list[dict[str, Any]]] = field(default_factory=dict)
    journal: list[JournalRow] = field(default_factory=list)
