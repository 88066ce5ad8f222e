"""``routines``: reception days, meetings and patrols of an area, and the lists they leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    Area,
    By,
    Json,
    Language,
    Limit,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, more, pick, say, show_json, show_table
from jiefen.errors import FactError

app = typer.Typer()
routines_app = typer.Typer(help="Routines: keep them for an area, list what they left, close a list.")
app.add_typer(routines_app, name="routines")

_Where = Annotated[
    str, typer.Argument(metavar="AREA", help="Area code; the routines of its level are meant.")
]


@routines_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def routines(
    settings: Settings,
    area: Area = None,
    role: Annotated[str | None, typer.Option(help="Only lists for this role.")] = None,
    status: Annotated[
        Literal["open", "overdue", "done"],
        typer.Option(help="Whether it waits, waits too long, or is closed."),
    ] = "open",
    done: Annotated[bool, typer.Option("--done", help="The same as --status done.")] = False,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what routines left to work through."""
    if settings.subcommand is not None:
        return
    with settings.engine() as engine:
        wanted = "done" if done else status
        found = engine.routines.lists(status=wanted, area=area, role=role, after=after, limit=limit)
    if json:
        show_json(found)
        return
    language = settings.language
    headings = [
        ("编号", "id"), ("工作", "routine"), ("属地", "area"), ("时间", "at"), ("岗位", "role"), ("清单", "items"),
        ("应办结", "close by"), ("备注", "note"),
    ]  # fmt: skip
    rows = [
        (
            one.id, one.rule, one.area, one.at, one.role, [_item(item, language) for item in one.items], one.close_by,
            pick(("逾期", "overdue"), language) if one.overdue else "",
        )
        for one in found
    ]  # fmt: skip
    show_table(language, headings, rows)
    more(found, limit, language)


def _item(item: Mapping[str, Any], language: Language) -> str:
    """An item of a list in a table: its name, the ids of the cases that it is about, and its figures."""
    told = str(item["id"])
    if "cases" in item:
        cases = " ".join(map(str, item["cases"]))
        told += f" [{cases}{' +' + str(item['more']) if item['more'] else ''}]"
    for one in item.get("figures", ()):
        told += f"; {one[language]} {one['rate'] or '—'} ({one['numerator']}/{one['denominator']})"
    return told


@routines_app.command("keep")
@with_settings(*ON_DATABASE)
def keep(
    settings: Settings,
    area: _Where,
    below: Annotated[
        bool, typer.Option("--below", help="Also for every unit below it in the directory.")
    ] = False,
    json: Json = False,
) -> None:
    """Plan the routines of an area: each time one falls due, a sweep leaves its list.

    Run it again when an edition brings new routines; what is planned already stays, or follows a newer holiday list.
    """
    with settings.engine() as engine:
        kept = engine.routines.keep_below(area) if below else {area: engine.routines.keep(area)}
    if json:
        show_json(kept)
        return
    words: Words = ("{area} 的例行工作:{names}", "kept in {area}: {names}")
    for place, names in kept.items():
        if names:
            say(pick(words, settings.language).format(area=place, names=", ".join(names)))
    if not any(kept.values()):
        nothing: Words = (
            "规则没有 {area} 这一层级的例行工作,未作任何安排",
            "the rules have no routines for an area of the level of {area}; nothing is planned",
        )
        say(pick(nothing, settings.language).format(area=area), err=True)


@routines_app.command("stop")
@with_settings(*ON_DATABASE)
def stop(settings: Settings, area: _Where) -> None:
    """Plan no more routines for an area; the lists that were left stay."""
    with settings.engine() as engine:
        engine.routines.stop(area)
    say(
        pick(
            ("{area} 不再安排例行工作", "no more routines are planned for {area}"), settings.language
        ).format(area=area)
    )


@routines_app.command("close")
@with_settings(*ON_DATABASE)
def close(
    settings: Settings,
    id: Annotated[int, typer.Argument(metavar="LIST", min=1, max=MAX_ID, help="Id of the list.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    note: Annotated[
        list[str] | None, typer.Option("--note", metavar="ITEM=TEXT", help="What came of an item; repeat it.")
    ] = None,
) -> None:
    """Close a list with a note for each of its items."""
    notes = {}
    for text in note or ():
        item, found, said = text.partition("=")
        if not found:
            raise FactError(
                f"--note {text!r} is not ITEM=TEXT; write for example --note visitors='three came'"
            )
        notes[item] = said
    with settings.engine() as engine:
        engine.routines.close(id, notes, by=actor(by, role, area))
    say(pick(("清单 {id} 已办结", "list {id} is closed"), settings.language).format(id=id))
