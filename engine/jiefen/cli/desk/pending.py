"""What one person has asked for and another one has to agree to: ``pending``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    By,
    Json,
    Limit,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import more, pick, say, show_json, show_table

app = typer.Typer()
pending_app = typer.Typer(help="What waits for a second person.")
app.add_typer(pending_app, name="pending")

PendingId = Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, help="Id of what waits.")]


@pending_app.command("list")
@with_settings(*ON_DATABASE)
def waiting(
    settings: Settings,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    case: Annotated[int | None, typer.Option("--case", min=1, max=MAX_ID, help="In this case.")] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what somebody may agree to, and what they have asked for."""
    with settings.engine() as engine:
        found = engine.pending.of(by=actor(by, role, area), case=case, after=after, limit=limit)
        titles = {one.act: engine.edition.rulebook.authority(one.act) for one in found}
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            one.id,
            one.case,
            title.title.text(language) if (title := titles[one.act]) is not None else one.act,
            ", ".join(f"{name}={value}" for name, value in one.arguments.items()),
            one.by,
            one.until,
            pick(("案件已变动", "changed"), language) if one.changed else "",
        )
        for one in found
    ]
    headings = [
        ("编号", "id"), ("案件", "case"), ("事项", "act"), ("内容", "what"), ("提出人", "asked by"),
        ("失效", "lapses"), ("", ""),
    ]  # fmt: skip
    show_table(language, headings, rows)
    more(found, limit, language)


@pending_app.command("agree")
@with_settings(*ON_DATABASE)
def agree(
    settings: Settings,
    pending: PendingId,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Agree to what somebody has asked for: it is done now, as theirs."""
    with settings.engine() as engine:
        found = engine.pending.agree(pending, by=actor(by, role, area))
    if json:
        show_json({"case": found.id, "status": str(found.status)})
    else:
        words = "已同意并办理({case} 号案)", "agreed, and done in case {case}"
        say(pick(words, settings.language).format(case=found.id))


@pending_app.command("refuse")
@with_settings(*ON_DATABASE)
def refuse(
    settings: Settings, pending: PendingId, by: By, reason: Reason, role: Roles = None, area: ActorArea = None
) -> None:
    """Do not agree to it, or take back what one has asked for."""
    with settings.engine() as engine:
        engine.pending.refuse(pending, reason=reason, by=actor(by, role, area))
    say(pick(("不予同意,已告知提出人", "not agreed to; who asked is told"), settings.language))
