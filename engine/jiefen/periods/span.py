"""A span of days, as laws and posts have them: the first day and the last day, both counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``since`` to ``until``, both of them included; ``None``: from the beginning, or without an end."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        """Whether ``day`` is one of them."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def overlaps(self, other: Span) -> bool:
        """Whether both have a day in common."""
        return _not_after(self.since, other.until) and _not_after(other.since, self.until)


def _not_after(first: date | None, last: date | None) -> bool:
    return first is None or last is None or first <= last
