"""清单: ``checklists`` of a case, ``tick`` an item, and ``checklists finish`` one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.given import day_of
from jiefen.cli.frame.options import (
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Json,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, show_json, show_table

if TYPE_CHECKING:
    from datetime import date

    from jiefen import Checked

app = typer.Typer()
List = Annotated[str, typer.Argument(metavar="LIST", help="The checklist, by its id in the rules.")]
Visit = Annotated[
    str | None, typer.Option("--visit", metavar="DAY", help="Day of the visit; today when absent.")
]
_HEADINGS: list[Words] = [
    ("清单", "list"), ("项", "item"), ("内容", "what"), ("完成", "done"), ("何人", "who"), ("时间", "when"),
    ("备注", "note"),
]  # fmt: skip


@app.command("checklists")
@with_settings(*ON_DATABASE)
def checklists(
    settings: Settings,
    case: CaseId,
    by: By,
    visit: Visit = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List the checklists for a case as they stand (八必访 and the like)."""
    with settings.engine() as engine:
        found = engine.checklists.of(case, by=actor(by, role, area), visit=_day(visit))
    _show(settings, found, json)


@app.command("tick")
@with_settings(*ON_DATABASE)
def tick(
    settings: Settings,
    case: CaseId,
    checklist: List,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item, by its id.")],
    by: By,
    visit: Visit = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the tick away.")] = False,
    note: Annotated[str | None, typer.Option(help="What to keep with it, for the office.")] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Tick an item of a checklist."""
    with settings.engine() as engine:
        now = engine.checklists.tick(
            case, checklist, item, by=actor(by, role, area), visit=_day(visit), done=not undo, note=note
        )
    _show(settings, [now], json)


@app.command("finish")
@with_settings(*ON_DATABASE)
def finish(
    settings: Settings,
    case: CaseId,
    checklist: List,
    by: By,
    visit: Visit = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Say that a visit is over; what its checklist misses is written down."""
    with settings.engine() as engine:
        now = engine.checklists.finish(case, checklist, by=actor(by, role, area), visit=_day(visit))
    _show(settings, [now], json)


def _day(text: str | None) -> date | None:
    return day_of(text, "--visit") if text is not None else None


def _show(settings: Settings, found: list[Checked], json: bool) -> None:
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            one.checklist, item.item, item.title.text(language),
            pick(("是", "yes") if item.done else ("否", "no"), language), item.by or "", item.at or "", item.note or "",
        )
        for one in found
        for item in one.ticks
    ]  # fmt: skip
    show_table(language, _HEADINGS, rows)
