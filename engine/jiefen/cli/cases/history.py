"""``history``: the journal of a case, page by page."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import MAX_ID, ON_DATABASE, After, Json, Limit, Settings, with_settings
from jiefen.cli.frame.output import more, show_json, show_table

app = typer.Typer()


@app.command("history")
@with_settings(*ON_DATABASE)
def history(
    settings: Settings,
    case: Annotated[int, typer.Argument(metavar="CASE", min=1, max=MAX_ID, help="Id of the case.")],
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what happened to a case, in order. With --json, entries carry their data, facts among them."""
    from jiefen.story.sentences import Teller

    with settings.reading() as engine:
        found = engine.history(case, after=after, limit=limit)
        if json:
            show_json(found)
            return
        edition, area = engine.edition, engine.case(case).area
    teller, language = Teller(edition, edition.view(area)), settings.language
    headings = [("编号", "id"), ("时间", "at"), ("经办", "by"), ("种类", "kind"), ("内容", "what")]
    rows = [(one.id, one.at, one.actor, one.kind, teller.entry(one, language)) for one in found]
    show_table(language, headings, rows)
    more(found, limit, language)
