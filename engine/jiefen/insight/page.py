"""The report as a page for a browser: one file, nothing fetched from elsewhere, every text escaped by lxml."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from lxml import etree
from lxml.html import tostring

from jiefen.insight.sheet import Cell, Grid, Kind, Report, Section, Story, Tile
from jiefen.rules import Label

_Child: TypeAlias = etree._Element | str
_STYLE = Path(__file__).with_name("page.css")


def page(report: Report) -> str:
    """The page as HTML text."""
    english = report.language == "en"
    document = _e(
        "html",
        _e(
            "head",
            _e("meta", charset="utf-8"),
            _e("meta", name="viewport", content="width=device-width, initial-scale=1"),
            _e("title", report.title),
            _e("style", _STYLE.read_text("utf-8")),
        ),
        _e(
            "body",
            _e("header", _e("h1", report.title), _e("p", report.subtitle)),
            _e(
                "main",
                _e("div", *map(_tile, report.tiles), kind="tiles"),
                *(_section(section, english) for section in report.sections),
                *([_story(report.story, english)] if report.story else []),
            ),
            _e("footer", _e("p", report.footer)),
        ),
        lang="en" if english else "zh-CN",
    )
    text: str = tostring(document, doctype="<!DOCTYPE html>", encoding="unicode", pretty_print=True)
    return text


def _e(tag: str, *children: _Child, kind: str | None = None, **attributes: str) -> etree._Element:
    """An element with its children; ``kind`` is its class. Text is text: lxml escapes it when it writes."""
    element = etree.Element(tag, {"class": kind, **attributes} if kind else attributes)
    for child in children:
        if isinstance(child, str):
            element.text = (element.text or "") + child
        else:
            element.append(child)
    return element


def _tile(tile: Tile) -> etree._Element:
    return _e(
        "div",
        _e("span", tile.title, kind="name"),
        _e("span", tile.figure, kind="figure"),
        _e("span", tile.note, kind="note"),
        kind=f"tile {tile.tone}",
    )


def _heading(title: Label, english: bool) -> etree._Element:
    return _e("h2", title.en) if english else _e("h2", title.zh, _e("small", title.en))


def _section(section: Section, english: bool) -> etree._Element:
    return _e(
        "section",
        _heading(section.title, english),
        _e("p", section.lead, kind="lead"),
        _e("div", *map(_grid, section.grids), kind="grids"),
        id=section.id,
    )


def _grid(grid: Grid) -> etree._Element:
    parts = [_e("caption", grid.caption)] if grid.caption is not None else []
    parts.append(
        _e("thead", _e("tr", *(_e("th", column.title, kind=column.kind) for column in grid.columns)))
    )
    parts.append(_e("tbody", *(_row(cells, grid) for cells in grid.rows)))
    if grid.total is not None:
        parts.append(_e("tfoot", _row(grid.total, grid)))
    return _e("div", _e("table", *parts), kind="grid")


def _row(cells: tuple[Cell, ...], grid: Grid) -> etree._Element:
    return _e("tr", *(_cell(cell, column.kind) for cell, column in zip(cells, grid.columns, strict=True)))


def _cell(cell: Cell, kind: Kind) -> etree._Element:
    classes = f"{kind} {cell.tone}"
    if kind is not Kind.BAR:
        return _e("td", cell.text, kind=classes)
    bar = [] if cell.bar is None else [_e("i", _e("b", style=f"width:{cell.bar:.1%}"))]
    return _e("td", _e("div", _e("span", cell.text), *bar), kind=classes)


def _story(story: Story, english: bool) -> etree._Element:
    beats = [
        _e(
            "li",
            _e("time", beat.when),
            _e("div", _e("p", beat.what), *(_e("p", reason, kind="reason") for reason in beat.reasons)),
            kind="decided" if beat.reasons else None,
        )
        for beat in story.beats
    ]
    return _e(
        "section",
        _heading(story.title, english),
        _e("p", story.lead, kind="lead"),
        _e("h3", story.heading),
        _e("ol", *beats, kind="beats"),
        _e("pre", "\n".join(story.ending)),
        id="story",
    )
