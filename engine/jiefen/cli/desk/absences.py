"""Work that goes to somebody else: ``reassign``, ``delegate``, ``absences``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from jiefen.cli.frame.given import day_of
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
from jiefen.cli.frame.staff import staff_number

app = typer.Typer()
absences_app = typer.Typer(help="Who is away, and who stands in.")
app.add_typer(absences_app, name="absences")

Day = Annotated[str, typer.Option(metavar="DATE", help="A day in China, such as 2026-03-02.")]


@app.command("reassign")
@with_settings(*ON_DATABASE)
def reassign(
    settings: Settings,
    task: Annotated[int, typer.Argument(metavar="TASK", min=1, max=MAX_ID, help="Id of the task.")],
    to: Annotated[str, typer.Argument(metavar="WHO", help="Who is to do it: a staff number.")],
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    to_role: Annotated[
        list[str] | None,
        typer.Option("--to-role", metavar="ROLE", help="A role that WHO holds, where no directory tells it."),
    ] = None,
    to_area: Annotated[
        str | None, typer.Option("--to-area", metavar="CODE", help="Where WHO holds it, or everywhere.")
    ] = None,
    json: Json = False,
) -> None:
    """Give a task to a person who could claim it, whoever has it now."""
    if to_area is not None and not to_role:
        raise typer.BadParameter("it says where a role is held; give --to-role too", param_hint="--to-area")
    with settings.engine() as engine:
        whom = actor(to, to_role, to_area) if to_role else (to := staff_number(settings, engine, to))
        given = engine.reassign(task, whom, reason=reason, by=actor(by, role, area))
    if json:
        show_json(given)
        return
    say(
        pick(("待办 {id} 由 {who} 办理", "task {id} is for {who}"), settings.language).format(
            id=given.id, who=to
        )
    )


@app.command("delegate")
@with_settings(*ON_DATABASE)
def delegate(
    settings: Settings,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who is away.")],
    deputy: Annotated[str, typer.Argument(metavar="DEPUTY", help="Who stands in.")],
    by: By,
    reason: Reason,
    since: Day,
    until: Day,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Let somebody do what another one has claimed, from a day through another."""
    with settings.engine() as engine:
        person, deputy = (staff_number(settings, engine, one) for one in (person, deputy))
        made = engine.delegate(
            person, deputy, since=_day(since), until=_day(until), reason=reason, by=actor(by, role, area)
        )
    if json:
        show_json(made)
        return
    words = (
        "{person} 自 {since} 至 {until} 由 {deputy} 代理",
        "{deputy} stands in for {person}, {since} to {until}",
    )
    said = {name: getattr(made, name) for name in ("person", "deputy", "since", "until")}
    say(pick(words, settings.language).format(**said))


@absences_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def absences(
    settings: Settings,
    person: Annotated[str | None, typer.Option(metavar="WHO", help="Of this person.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="On this day.")] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List who is away, and who stands in."""
    if settings.subcommand is not None:
        return
    with settings.engine() as engine:
        day = _day(on) if on is not None else None
        found = engine.absences(person=person, on=day, after=after, limit=limit)
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (one.id, one.person, one.deputy, one.since, one.until, one.reason, one.by, one.ended_by or "")
        for one in found
    ]
    headings = [
        ("编号", "id"),
        ("何人", "who"),
        ("代理人", "stands in"),
        ("自", "from"),
        ("至", "through"),
        ("理由", "reason"),
        ("设定人", "said by"),
        ("提前结束人", "ended by"),
    ]
    show_table(language, headings, rows)
    more(found, limit, language)


@absences_app.command("end")
@with_settings(*ON_DATABASE)
def end(
    settings: Settings,
    absence: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, help="Id of the absence.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Somebody is back: nobody stands in for them from today on."""
    with settings.engine() as engine:
        over = engine.end_absence(absence, by=actor(by, role, area))
    say(pick(("代理至 {day}", "through {day}"), settings.language).format(day=over.until))


def _day(text: str) -> date:
    return day_of(text, "--since, --until, --on")
