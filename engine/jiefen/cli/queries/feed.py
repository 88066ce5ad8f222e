"""What happens in all cases, in one order: ``feed``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import MAX_ID, ON_DATABASE, Json, Limit, Settings, with_settings
from jiefen.cli.frame.output import pick, say, show_json, show_table

app = typer.Typer()


@app.command("feed")
@with_settings(*ON_DATABASE)
def feed(
    settings: Settings,
    after: Annotated[int, typer.Option(min=0, max=MAX_ID, metavar="CURSOR", help="Start after it.")] = 0,
    reader: Annotated[
        str | None,
        typer.Option("--reader", metavar="NAME", help="Go on where this reader was, and keep its place."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Only these, for example deadline_expired."),
    ] = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what happened in all cases, in one order: each entry once, none left out."""
    if reader is None:
        with settings.reading() as engine:
            found = engine.feed(after=after, kinds=kind or None, limit=limit)
    else:
        with settings.engine() as whole:
            found = whole.feed(after=reader, kinds=kind or None, limit=limit)
            whole.acknowledge(reader, found.cursor)
    if json:
        show_json({"entries": found.entries, "cursor": found.cursor})
        return
    language = settings.language
    rows = [(one.id, one.at, one.case, one.actor, one.kind, one.subject or "") for one in found.entries]
    headings = [
        ("编号", "id"),
        ("时间", "at"),
        ("案件", "case"),
        ("何人", "by"),
        ("事项", "kind"),
        ("对象", "subject"),
    ]
    show_table(language, headings, rows)
    say(pick(("接续:--after {at}", "go on with --after {at}"), language).format(at=found.cursor), err=True)
