"""``duties``: reception days, meetings and patrols of an area, and the lists they leave."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.options import (
    MAX_ID,
    ON_DATABASE,
    After,
    Area,
    By,
    Json,
    Limit,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.output import more, pick, say, show_json, show_table
from jiefen.errors import FactError

app = typer.Typer()
duties_app = typer.Typer(help="Recurring duties: keep them for an area, list what they left, close a list.")
app.add_typer(duties_app, name="duties")

_Where = Annotated[str, typer.Argument(metavar="AREA", help="Area code; the duties of its level are meant.")]


@duties_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def duties(
    settings: Settings,
    area: Area = None,
    role: Annotated[str | None, typer.Option(help="Only lists for this role.")] = None,
    done: Annotated[bool, typer.Option("--done", help="The closed ones.")] = False,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what recurring duties left to work through."""
    if settings.subcommand is not None:
        return
    status = "done" if done else "open"
    with settings.engine() as engine:
        found = engine.duties.lists(status=status, area=area, role=role, after=after, limit=limit)
    if json:
        show_json(found)
        return
    headings = [
        ("编号", "id"), ("工作", "duty"), ("属地", "area"), ("时间", "at"), ("岗位", "role"), ("清单", "items"),
    ]  # fmt: skip
    items = [", ".join(item["id"] for item in one.items) for one in found]
    rows = [
        (one.id, one.rule, one.area, one.at, one.role, text) for one, text in zip(found, items, strict=True)
    ]
    show_table(settings.language, headings, rows)
    more(found, limit, settings.language)


@duties_app.command("keep")
@with_settings(*ON_DATABASE)
def keep(settings: Settings, area: _Where) -> None:
    """Plan the duties of an area: each time one falls due, a sweep leaves its list."""
    with settings.engine() as engine:
        kept = engine.duties.keep(area)
    say(
        pick(("{area} 的定期工作:{names}", "kept in {area}: {names}"), settings.language).format(
            area=area, names=", ".join(kept) or "-"
        )
    )


@duties_app.command("stop")
@with_settings(*ON_DATABASE)
def stop(settings: Settings, area: _Where) -> None:
    """Plan no more duties for an area; the lists that were left stay."""
    with settings.engine() as engine:
        engine.duties.stop(area)
    say(
        pick(("{area} 不再安排定期工作", "no more duties are planned for {area}"), settings.language).format(
            area=area
        )
    )


@duties_app.command("close")
@with_settings(*ON_DATABASE)
def close(
    settings: Settings,
    id: Annotated[int, typer.Argument(metavar="LIST", min=1, max=MAX_ID, help="Id of the list.")],
    by: By,
    role: Roles = None,
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
        engine.duties.close(id, notes, by=actor(by, role, None))
    say(pick(("清单 {id} 已办结", "list {id} is closed"), settings.language).format(id=id))
