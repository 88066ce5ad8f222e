"""The report in a terminal."""

from __future__ import annotations

from rich import box
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from jiefen.insight.sheet import Cell, Grid, Kind, Report, Section, Story, Tile, Tone
from jiefen.notation.labels import Language
from jiefen.rules import Label

_STYLES = {
    Tone.PLAIN: "",
    Tone.FAINT: "dim",
    Tone.GOOD: "green",
    Tone.WARN: "yellow",
    Tone.BAD: "bold red",
}
_BAR = 16
_DIGITS = 3
_NARROWEST = 12
_EIGHTHS = " ▏▎▍▌▋▊▉"


def show(report: Report, console: Console) -> None:
    """Print a report."""
    console.print()
    console.print(
        Panel(Text(report.subtitle, justify="center"), title=Text(report.title, style="bold"), box=box.HEAVY)
    )
    console.print(Columns([_tile(tile) for tile in report.tiles], expand=True, equal=True))
    for section in report.sections:
        console.print(_section(section, report.language))
    if report.story is not None:
        console.print(_story(report.story, report.language))
    console.print(Text(report.footer, style="dim"))


def _tile(tile: Tile) -> Panel:
    style = _STYLES[tile.tone] or "cyan"
    return Panel(
        Group(
            Text(tile.figure, style=f"bold {style}", justify="center"),
            Text(tile.note, style="dim", justify="center"),
        ),
        title=Text(tile.title),
        box=box.ROUNDED,
    )


def _heading(title: Label, language: Language) -> RenderableType:
    text = Text(title.text(language), style="bold")
    if language == "zh":
        text.append(f"  {title.en}", style="dim")
    return Padding(Rule(text, align="left", style="cyan"), (1, 0, 0, 0))


def _section(section: Section, language: Language) -> Group:
    parts: list[RenderableType] = [_heading(section.title, language), Text(section.lead, style="italic")]
    parts += [Padding(_grid(grid), (1, 0, 0, 2)) for grid in section.grids]
    return Group(*parts)


def _grid(grid: Grid) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        title=Text(grid.caption) if grid.caption else None,
        title_justify="left",
        title_style="bold",
        show_footer=grid.total is not None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for place, column in enumerate(grid.columns):
        is_text = column.kind is Kind.TEXT
        table.add_column(
            Text(column.title),
            _text(grid.total[place], column.kind) if grid.total else "",
            justify="right" if column.kind is Kind.NUMBER else "left",
            no_wrap=not is_text,
            min_width=_NARROWEST if is_text else None,
            overflow="fold",
            footer_style="bold",
        )
    for row in grid.rows:
        table.add_row(*(_text(cell, column.kind) for cell, column in zip(row, grid.columns, strict=True)))
    return table


def _text(cell: Cell, kind: Kind) -> Text:
    text = Text(cell.text.rjust(_DIGITS) if kind is Kind.BAR else cell.text, style=_STYLES[cell.tone])
    if cell.bar is not None:
        text.append(f" {_bar(cell.bar)}", style=_STYLES[cell.tone] or "cyan")
    return text


def _bar(length: float) -> str:
    eighths = round(max(0.0, min(1.0, length)) * _BAR * 8)
    full, rest = divmod(eighths, 8)
    return f"{'█' * full}{_EIGHTHS[rest] if rest else ''}".ljust(_BAR)


def _story(story: Story, language: Language) -> Group:
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for beat in story.beats:
        text = Text(beat.what)
        for reason in beat.reasons:
            text.append(f"\n  {reason}", style="dim")
        table.add_row(Text(beat.when), text)
    return Group(
        _heading(story.title, language),
        Text(story.lead, style="italic"),
        Padding(Text(story.heading, style="bold"), (1, 0, 1, 0)),
        table,
        *(Text(line, style="bold" if line and not line.startswith(" ") else "") for line in story.ending),
    )
