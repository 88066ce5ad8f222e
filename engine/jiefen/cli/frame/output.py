"""What commands print: tables and lines for people, JSON for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import typer

from jiefen.cli.frame.options import Language
from jiefen.cli.frame.program import printable
from jiefen.clock import CHINA

if TYPE_CHECKING:
    from jiefen.record.desk.parties import Party
    from jiefen.rules import Vocabulary

#: A text in Chinese and English.
Words = tuple[str, str]

#: How cases, tasks and deadlines stand.
STATUS: dict[str, Words] = {
    "open": ("在办", "open"),
    "ended": ("办结", "ended"),
    "merged": ("并入他案", "merged"),
    "voided": ("作废", "voided"),
    "completed": ("已完成", "completed"),
    "withdrawn": ("已撤回", "withdrawn"),
    "running": ("进行中", "running"),
    "suspended": ("中止", "suspended"),
    "met": ("按期完成", "met"),
    "expired": ("已届满", "expired"),
    "cancelled": ("已终止", "cancelled"),
    "superseded": ("已被取代", "superseded"),
}

#: Wide enough that no line of a table breaks when a program reads it.
_UNBOUNDED: Final = 10_000
#: What some spreadsheet takes for the beginning of a formula, in half and full width.
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def pick(words: Words, language: Language) -> str:
    """The text in ``language``."""
    return words[language == "en"]


def say(text: str, *, err: bool = False) -> None:
    """A line for a person."""
    typer.echo(printable(text), err=err)


def show_json(value: Any) -> None:
    """One JSON document on stdout, always UTF-8."""
    typer.echo(as_json(value))


def as_json(value: Any) -> bytes:
    """A value as a JSON document in UTF-8. Instants are RFC 3339 in UTC, dates ISO, money text."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def show_table(language: Language, headings: Sequence[Words], rows: Iterable[Sequence[object]]) -> None:
    """A table: as wide as the terminal, or one line per row when the output goes to a file or a program."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(pick(heading, language), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNBOUNDED
    console.print(table)


def show_csv(language: Language, headings: Sequence[Words], rows: Iterable[Sequence[object]]) -> None:
    """A sheet for spreadsheets, which take the mark at its front as a sign of UTF-8.

    No cell of it is run as a formula: a text that some program would take for one begins with an apostrophe.
    """
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow([pick(words, language) for words in headings])
    for row in rows:
        sheet.writerow([value if isinstance(value, int) else harmless(cell(value)) for value in row])
    typer.echo("\ufeff" + text.getvalue(), nl=False)


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def cell(value: object) -> str:
    """A value as a table shows it; instants in China's time."""
    if value is None or value == ():
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(map(str, value))
    return printable(str(value)).replace("\n", " ")


def last_day(over_at: datetime | None) -> date | None:
    """When something is over, as people read it: its last day, or the minute where it ends within a day."""
    if over_at is None:
        return None
    here = over_at.astimezone(CHINA)
    return here.date() - timedelta(days=1) if here.time() == time() else over_at


def label(vocabulary: Vocabulary, fact: str, value: str | None, language: Language) -> str:
    """The label of a value of a choice, the value itself when it has none."""
    declared = vocabulary.facts.get(fact)
    known = declared.values.get(value) if declared is not None and value is not None else None
    return known.text(language) if known is not None else value or ""


def more(found: Sequence[Any], limit: int, language: Language, by: str = "id") -> None:
    """Say how to see the next page, which begins after what ``by`` names of the last, when this one is full."""
    if len(found) == limit:
        words = ("还有更多:加 --after {id}", "there may be more: --after {id}")
        say(pick(words, language).format(id=getattr(found[-1], by)), err=True)


def tell_doubts(language: Language, parties: Iterable[Party]) -> None:
    """Say on stderr what of parties is kept as it was typed in and should be looked at again."""
    from jiefen.story.desk import fields_named

    words = (
        "{party} 号当事人的{fields}按原样保存,请核实",
        "party {party}: {fields} is kept as it was said; look again whether it was copied rightly",
    )
    for one in parties:
        if one.doubts:
            told = {"party": one.seq, "fields": fields_named(one.doubts, language)}
            say(pick(words, language).format(**told), err=True)
