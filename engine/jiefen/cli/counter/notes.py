"""备注: ``note`` writes one, ``notes`` lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    By,
    CaseId,
    Json,
    Limit,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, more, show_json, show_table

app = typer.Typer()
_HEADINGS: list[Words] = [
    ("号", "no."), ("时间", "when"), ("何人", "who"), ("备注", "note"), ("更正", "corrects"),
    ("已由更正", "corrected by"),
]  # fmt: skip


@app.command("note")
@with_settings(*ON_DATABASE)
def note(
    settings: Settings,
    case: CaseId,
    text: Annotated[str, typer.Option("--text", help="What to keep in mind; no party sees it.")],
    by: By,
    corrects: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", min=1, max=MAX_ID, help="The note that this one puts right."),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Write an internal note on a case; it is never changed, another one corrects it."""
    with settings.engine() as engine:
        made = engine.notes.add(case, text, by=actor(by, role, area), corrects=corrects)
    if json:
        show_json(made)
        return
    show_table(settings.language, [("备注", "note")], [(made.seq,)])


@app.command("notes")
@with_settings(*ON_DATABASE)
def notes(
    settings: Settings,
    case: CaseId,
    by: By,
    after: After = 0,
    limit: Limit = 100,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List the notes on a case, for who may work on it."""
    with settings.engine() as engine:
        found = engine.notes.of(case, by=actor(by, role, area), after=after, limit=limit)
    if json:
        show_json(found)
        return
    rows = [(one.seq, one.at, one.by, one.text, one.corrects or "", one.corrected_by or "") for one in found]
    show_table(settings.language, _HEADINGS, rows)
    more(found, limit, settings.language, by="seq")
