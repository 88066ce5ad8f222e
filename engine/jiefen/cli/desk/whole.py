"""What is done to whole cases: ``move``, ``void``, ``merge``, ``reopen``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.given import day_of
from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Evidence,
    Json,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, say, show_json

app = typer.Typer()

_MOVED: Words = ("{id} 号案已移送 {area}", "case {id} lies in {area} now")


@app.command("move")
@with_settings(*ON_DATABASE)
def move(
    settings: Settings,
    case: CaseId,
    to: Annotated[str, typer.Argument(metavar="AREA", help="Code of the area it belongs to.")],
    by: By,
    reason: Reason,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Move a case to the area it belongs to: its tasks, notices and supervisions go to the offices there."""
    with settings.engine() as engine:
        moved = engine.move(case, to, reason=reason, evidence=evidence, by=actor(by, role, area))
    if json:
        show_json({"id": moved.id, "revision": moved.revision, "area": moved.area})
    else:
        say(pick(_MOVED, settings.language).format(id=moved.id, area=moved.area))


@app.command("void")
@with_settings(*ON_DATABASE)
def void(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Void a case that was entered by mistake; it stays readable."""
    with settings.engine() as engine:
        voided = engine.void(case, reason=reason, evidence=evidence, by=actor(by, role, area))
    say(pick(("{id} 号案已作废", "case {id} is voided"), settings.language).format(id=voided.id))


@app.command("merge")
@with_settings(*ON_DATABASE)
def merge(
    settings: Settings,
    case: CaseId,
    into: Annotated[int, typer.Argument(metavar="INTO", min=1, max=MAX_ID, help="The case it goes on in.")],
    by: By,
    reason: Reason,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Merge a case into another one that is the same matter."""
    with settings.engine() as engine:
        target = engine.merge(case, into, reason=reason, evidence=evidence, by=actor(by, role, area))
    words = ("{id} 号案已并入 {into} 号案", "case {id} goes on in case {into}")
    say(pick(words, settings.language).format(id=case, into=target.id))


@app.command("reopen")
@with_settings(*ON_DATABASE)
def reopen(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day the party came back; absent: today.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Open a case again that has ended: its process begins anew, its story goes on."""
    with settings.engine() as engine:
        day = day_of(on, "--on") if on else None
        again = engine.reopen(case, reason=reason, on=day, by=actor(by, role, area))
    if json:
        show_json({"id": again.id, "revision": again.revision, "status": again.status})
    else:
        say(pick(("{id} 号案重新办理", "case {id} is open again"), settings.language).format(id=again.id))
