"""What a report is before it is written: a title, lines, and tables of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, TypeVar

from jiefen import Engine, Label, Reader
from jiefen_adapters.sheets import CHINA, Cell, printable

Language = Literal["zh", "en"]
Row: TypeAlias = Sequence[Cell]
Words: TypeAlias = tuple[str, str]
T = TypeVar("T")

PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks a report of."""

    reader: Engine | Reader
    today: date
    area: str | None
    year: int | None
    language: Language

    def say(self, words: Words) -> str:
        """A text in the language of the report."""
        return words[self.language == "en"]

    def role(self, id: str | None) -> str | None:
        """How people call a role; its id where the rules do not know it."""
        known = self.reader.edition.rulebook.roles.get(id or "")
        return known.title.text(self.language) if known is not None else id

    def text(self, label: Label) -> str:
        """A label in the language of the report."""
        return label.text(self.language)

    def place(self) -> str:
        """Of which area it is."""
        return self.area if self.area is not None else self.say(("全部属地", "all areas"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and how wide it is, in characters of the Latin alphabet."""

    heading: str
    width: int = 12


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a report.

    Attributes:
        rows: read once. Those of a table that sums up others are read after them, wherever it stands.
        sums_up: whether it does.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]
    sums_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report.

    Attributes:
        lines: below the title: of what, until when, by which article.
        ending: below the tables: what is to be added by hand, who signs.
        lying: written across the page.
    """

    title: str
    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    ending: tuple[str, ...] = ()
    lying: bool = False


def in_order(tables: Sequence[Table]) -> list[int]:
    """In which order tables are read: those that sum up others after them."""
    return sorted(range(len(tables)), key=lambda at: tables[at].sums_up)


def last_day(over_at: datetime | None) -> date | None:
    """The last day in China of a time that is over at an instant: a day ends as the next one begins."""
    return (over_at - timedelta(microseconds=1)).astimezone(CHINA).date() if over_at is not None else None


def shown(value: Cell) -> str:
    """A cell as a document shows it; instants in China's time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else printable(str(value))


def pages(call: Callable[[Any], Sequence[T]], token: Callable[[T], object]) -> Iterator[T]:
    """Every item of a list that is given in pages of :data:`PAGE`."""
    after: object = None
    while True:
        page = call(after)
        yield from page
        if len(page) < PAGE:
            return
        after = token(page[-1])
