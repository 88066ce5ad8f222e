"""A report as plain data, so that the terminal and the page show the same thing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from jiefen.notation.labels import Language
from jiefen.rules import Label

K = TypeVar("K", str, str | None)


class Tone(StrEnum):
    """How something is meant."""

    PLAIN = "plain"
    FAINT = "faint"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, how it is meant, and a bar of this length (0 to 1) behind or beside it."""

    text: str
    tone: Tone = Tone.PLAIN
    bar: float | None = None


class Kind(StrEnum):
    """What stands in a column: text, numbers, numbers with a bar, or something short that is not broken."""

    TEXT = "text"
    NUMBER = "number"
    BAR = "measure"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Grid:
    """A table. ``total`` is a last row that sums up."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str | None = None
    total: tuple[Cell, ...] | None = None


@dataclass(frozen=True)
class Section:
    """A part of the report: its heading, a sentence that says what to see, and its tables."""

    id: str
    title: Label
    lead: str
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that stands at the top."""

    title: str
    figure: str
    note: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Beat:
    """One line of a story: when, what, and the reasons given for it."""

    when: str
    what: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """The whole story of one case: heading, why it was chosen, what happened, and what is said at the end."""

    title: Label
    heading: str
    lead: str
    beats: tuple[Beat, ...]
    ending: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """Everything that a report shows, in one language."""

    language: Language
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    story: Story | None
    footer: str


def number(value: int, tone: Tone = Tone.PLAIN) -> Cell:
    """A count; nothing is a dot, so that what there is stands out."""
    return Cell(str(value), tone) if value else Cell("·", Tone.FAINT)


def share(value: int, whole: int, tone: Tone = Tone.PLAIN) -> Cell:
    """A count with a bar for its share of ``whole``."""
    return Cell(str(value) if value else "·", tone if value else Tone.FAINT, value / whole if whole else 0.0)


def ordered(counts: Counter[K]) -> list[tuple[K, int]]:
    """Counts, the highest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0] or ""))
