"""What there is to do: ``work`` of somebody, ``workload`` of offices."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    ON_DATABASE,
    ActorArea,
    Area,
    By,
    Json,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, label, pick, say, show_json, show_table
from jiefen.record.desk.work import Why

app = typer.Typer()

_WHY: dict[Why, Words] = {
    Why.OWN: ("已签收", "own"),
    Why.GROUP: ("本岗位", "group"),
    Why.DEPUTY: ("副职代办", "deputy"),
    Why.ABSENCE: ("代理", "standing in"),
}


@app.command("work")
@with_settings(*ON_DATABASE)
def work(
    settings: Settings,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="TOKEN", help="Start after this token, of the page before."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """List what somebody may do now, what is due first before the rest."""
    with settings.engine() as engine:
        found = engine.worklist(by=actor(by, role, area), after=after, limit=limit)
        vocabulary = engine.edition.rulebook.vocabulary
    if json:
        show_json(found)
        return
    language = settings.language
    headings: list[Words] = [
        ("待办", "task"), ("案件", "case"), ("事项", "to do"), ("事由", "matter"), ("当事人", "party"),
        ("颜色", "colour"), ("届满", "due"), ("剩余天数", "days"), ("缘由", "why"),
    ]  # fmt: skip
    rows = [
        (
            one.task.id,
            one.task.case,
            one.task.name,
            one.title or "",
            one.party.name if one.party is not None else "",
            label(vocabulary, "colour", one.colour, language),
            one.due_at or "",
            "" if one.days_left is None else one.days_left,
            pick(_WHY[one.why], language),
        )
        for one in found
    ]
    show_table(language, headings, rows)
    if len(found) == limit:
        words = ("还有更多:--after {token}", "there is more: --after {token}")
        say(pick(words, language).format(token=found[-1].token), err=True)


@app.command("workload")
@with_settings(*ON_DATABASE)
def workload(
    settings: Settings,
    area: Area = None,
    role: Annotated[str | None, typer.Option(help="Of this role alone.")] = None,
    json: Json = False,
) -> None:
    """Count the open tasks by role and area, and how many of them somebody has claimed."""
    with settings.engine() as engine:
        found = engine.workload(area=area, role=role)
        roles = engine.edition.rulebook.roles
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            roles[one.role].title.text(language) if one.role in roles else one.role,
            one.area or "",
            one.open,
            one.claimed,
        )
        for one in found
    ]
    show_table(language, [("岗位", "role"), ("属地", "area"), ("待办", "open"), ("已签收", "claimed")], rows)
