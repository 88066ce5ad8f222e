"""What a case holds about people is taken out of it, or must not be: ``erase`` and ``hold``."""

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
from jiefen.cli.frame.output import pick, say, show_json

app = typer.Typer()


@app.command("erase")
@with_settings(*ON_DATABASE)
def erase(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take out what a case that is over holds about people, for good; days, deadlines and outcomes stay."""
    with settings.engine() as engine:
        found = engine.records.erase(case, reason=reason, by=actor(by, role, area))
    if json:
        show_json({"case": found.id, "facts": dict(found.facts)})
    else:
        words = "已删除 {case} 号案的个人信息", "what case {case} held about people is erased"
        say(pick(words, settings.language).format(case=case))


@app.command("hold")
@with_settings(*ON_DATABASE)
def hold(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    lift: Annotated[bool, typer.Option("--lift", help="Allow erasing it again.")] = False,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Forbid erasing a case, for a suit or an inquiry."""
    with settings.engine() as engine:
        act = engine.records.lift_hold if lift else engine.records.hold
        act(case, reason=reason, by=actor(by, role, area))
    words = ("可以删除", "may be erased again") if lift else ("不得删除", "must not be erased")
    say(pick((f"{case} 号案{words[0]}", f"case {case} {words[1]}"), settings.language))
