"""How cases belong together: ``link``, ``unlink``, ``links``, ``repeats``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    Area,
    By,
    CaseId,
    Json,
    Limit,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import more, pick, say, show_json, show_table
from jiefen.record.desk.links import Link
from jiefen.story.desk import link_label

app = typer.Typer()
repeats_app = typer.Typer(help="What may be one matter twice, for a person to decide.")
app.add_typer(repeats_app, name="repeats")

Other = Annotated[int, typer.Argument(metavar="OTHER", min=1, max=MAX_ID, help="Id of the other case.")]
Kind = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="repeat, rebound_of, child_of, related; or in Chinese.")
]


@app.command("link")
@with_settings(*ON_DATABASE)
def link(
    settings: Settings,
    case: CaseId,
    other: Other,
    kind: Kind,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Link a case to another one: its repeat, a part of it, related …"""
    with settings.engine() as engine:
        made = engine.link(case, other, kind=kind, reason=reason, by=actor(by, role, area))
    _show(settings, [made], json)


@app.command("unlink")
@with_settings(*ON_DATABASE)
def unlink(
    settings: Settings,
    case: CaseId,
    other: Other,
    kind: Kind,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Take a link back; the journals of both cases keep that it was there."""
    with settings.engine() as engine:
        engine.unlink(case, other, kind=kind, reason=reason, by=actor(by, role, area))
    say(pick(("已解除", "taken back"), settings.language))


@app.command("links")
@with_settings(*ON_DATABASE)
def links(settings: Settings, case: CaseId, json: Json = False) -> None:
    """List what a case is linked to."""
    with settings.reading() as engine:
        found = engine.links(case)
    if json:
        show_json(found)
        return
    language = settings.language
    rows = []
    for one in found:
        here = one.case == case
        label = link_label(one.kind, one.other if here else one.case, here=here)
        rows.append((label.text(language), one.reason or "", one.by, one.at))
    show_table(language, [("关联", "link"), ("理由", "reason"), ("何人", "by"), ("何时", "at")], rows)


@repeats_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def repeats(
    settings: Settings,
    area: Area = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List the probable repeats that wait for a person to decide."""
    if settings.subcommand is not None:
        return
    with settings.reading() as engine:
        found = engine.probable_repeats(area=area, after=after, limit=limit)
    _show(settings, found, json)
    if not json:
        more(found, limit, settings.language)


@repeats_app.command("decide")
@with_settings(*ON_DATABASE)
def decide(
    settings: Settings,
    case: CaseId,
    other: Other,
    by: By,
    reason: Reason,
    same: Annotated[bool, typer.Option("--same/--different", help="Whether they are one matter.")],
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Say whether a probable repeat is the same matter as the other case."""
    with settings.engine() as engine:
        made = engine.decide_repeat(case, other, same=same, reason=reason, by=actor(by, role, area))
    _show(settings, [made], json)


def _show(settings: Settings, found: list[Link], json: bool) -> None:
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (one.id, one.case, link_label(one.kind, one.other, here=True).text(language), one.reason or "")
        for one in found
    ]
    show_table(language, [("编号", "id"), ("案件", "case"), ("关联", "link"), ("理由", "reason")], rows)
