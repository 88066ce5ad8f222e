"""The day by which a case must be brought to its end: ``close-by``, ``lift-closing-date``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.given import day_of
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
from jiefen.cli.frame.output import Words, pick, say, show_json

app = typer.Typer()


@app.command("close-by")
@with_settings(*ON_DATABASE)
def close_by(
    settings: Settings,
    case: CaseId,
    on: Annotated[str, typer.Argument(metavar="DATE", help="The last day, such as 2026-04-30.")],
    reason: Reason,
    by: By,
    responsible: Annotated[
        str | None, typer.Option("--responsible", metavar="ROLE", help="Who has to bring it to its end.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Set the day by which a case must be brought to its end, or another one (限期结案)."""
    with settings.engine() as engine:
        deadline = engine.close_by(
            case, day_of(on, "DATE"), reason=reason, role=responsible, by=actor(by, role, area)
        )
    if json:
        show_json(deadline)
        return
    words: Words = ("案件 {case} 应于 {on} 前结案", "case {case} is to be brought to its end by {on}")
    say(pick(words, settings.language).format(case=case, on=deadline.due_on))


@app.command("lift-closing-date")
@with_settings(*ON_DATABASE)
def lift_closing_date(
    settings: Settings,
    case: CaseId,
    reason: Reason,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take the closing date of a case back."""
    with settings.engine() as engine:
        found = engine.lift_closing_date(case, reason=reason, by=actor(by, role, area))
    if json:
        show_json(found)
        return
    words: Words = ("案件 {case} 的限期结案已取消", "case {case} has no closing date any more")
    say(pick(words, settings.language).format(case=case))
