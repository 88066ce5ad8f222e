"""What somebody has to do, as a worklist shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jiefen.notation.labels import Label
from jiefen.record.desk.parties import Party
from jiefen.record.values import Task


class Why(StrEnum):
    """Why a task is on somebody's list.

    They have claimed it, they hold its role, they are a deputy of it, or they stand in for who has claimed it.
    """

    OWN = "own"
    GROUP = "group"
    DEPUTY = "deputy"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """A task that somebody may do, and what they want to know of its case.

    Attributes:
        title: how the matter is called, as its register has it; masked like the party.
        party: who it is about first, masked.
        due_at: when the task or the next deadline of the case is over, whichever comes first.
        due: the deadline that is over then; ``None`` where it is the task.
        days_left: calendar days in China until then; negative when it is over.
        token: where the next page begins: ``after=items[-1].token``.
    """

    task: Task
    why: Why
    title: str | None
    party: Party | None
    colour: str | None
    due_at: datetime | None
    due: Label | None
    days_left: int | None
    token: str
