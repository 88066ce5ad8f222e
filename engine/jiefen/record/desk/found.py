"""What a search over all cases gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jiefen.record.desk.parties import Party
from jiefen.record.values import Case


class SearchOrder(StrEnum):
    """In which order cases are listed.

    The newest or the oldest first; by their next deadline, those without one after them; by colour, the gravest first.
    """

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Between:
    """A range of days, amounts or numbers, both ends included; an end that is ``None`` is open."""

    least: date | Decimal | int | None = None
    most: date | Decimal | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A case that was found.

    Attributes:
        title: how the matter is called, as its register has it; masked like the parties.
        parties: the people it is about, in the order of their numbers; masked unless the search says otherwise.
        due_at: when its next deadline is over; ``None``: none runs.
        days_left: calendar days in China until that last day; negative when it is over.
        token: where the next page begins: ``after=hits.items[-1].token``.
    """

    case: Case
    title: str | None
    parties: tuple[Party, ...]
    due_at: datetime | None
    days_left: int | None
    token: str

    @property
    def party(self) -> Party | None:
        """The party it is about first."""
        return self.parties[0] if self.parties else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """A page of a search.

    Attributes:
        count: how many cases were found, on all pages; ``None`` when nobody asked (``facets=True``).
        all_counted: whether ``count`` and ``facets`` stand for all of them; else for the newest.
        facets: by ``area`` (of the next level below the one searched), ``dispute_type``, ``stage``, ``status``,
            ``colour``, ``outcome`` and ``source``: how many there are of each, the most first.
    """

    items: tuple[Hit, ...]
    count: int | None
    all_counted: bool
    facets: Mapping[str, Mapping[str | None, int]]
