"""What is ticked at a visit, or once in a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from jiefen.notation.labels import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """An item of a checklist as it stands.

    Attributes:
        done: whether it is ticked.
        by, at: who has ticked it, or taken the tick away, last, and when; ``None``: nobody has said anything.
        note: what they said besides.
    """

    item: str
    title: Label
    done: bool = False
    by: str | None = None
    at: datetime | None = None
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """清单: a checklist of a case as it stands.

    Attributes:
        visit: the day of the visit in China; ``None`` for one that is ticked once in the case.
        ticks: the items for a case like this, in the order of the rules.
    """

    case: int
    checklist: str
    title: Label
    visit: date | None
    ticks: tuple[Tick, ...]

    @property
    def begun(self) -> bool:
        """Whether somebody has said anything of it."""
        return any(one.by is not None for one in self.ticks)

    @property
    def missing(self) -> tuple[Tick, ...]:
        """What is not ticked."""
        return tuple(one for one in self.ticks if not one.done)
