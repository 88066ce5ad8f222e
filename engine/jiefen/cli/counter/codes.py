"""一案一码: ``status`` shows a party its case, ``code`` gives a case another code."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Json,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import say, show_json

app = typer.Typer()


@app.command("status")
@with_settings(*ON_DATABASE)
def status(
    settings: Settings,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code on the party's paper.")],
    json: Json = False,
) -> None:
    """Say what a party may know of their case."""
    with settings.engine() as engine:
        seen = engine.by_code(code)
    if json:
        show_json(seen)
        return
    for line in seen.lines(settings.language):
        say(line)


@app.command("code")
@with_settings(*ON_DATABASE)
def code(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Give a case another code; the one before is void."""
    with settings.engine() as engine:
        given = engine.new_code(case, reason=reason, by=actor(by, role, area))
    if json:
        show_json({"case": case, "code": given})
        return
    say(given)
