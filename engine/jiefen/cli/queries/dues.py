"""What is due in all cases: ``deadlines-due``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from jiefen.cli.frame.options import ON_DATABASE, Area, Json, Limit, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_csv, show_json, show_table
from jiefen.cli.frame.sheets import Out, require_sheet, write_sheet

app = typer.Typer()

_DAY = ["%Y-%m-%d"]


@app.command("deadlines-due")
@with_settings(*ON_DATABASE)
def deadlines_due(
    settings: Settings,
    since: Annotated[
        datetime | None, typer.Option(formats=_DAY, metavar="DATE", help="The last day is this or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, metavar="DATE", help="The last day is this or earlier.")
    ] = None,
    area: Area = None,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="By this rule alone.")] = None,
    holder: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Those that this role owes or has.")
    ] = None,
    leader: Annotated[
        str | None, typer.Option(metavar="WHO", help="Those of cases for which this person answers.")
    ] = None,
    law: Annotated[str | None, typer.Option(metavar="NAME", help="Those that this law sets.")] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="TOKEN", help="Start after this token, of the page before."),
    ] = None,
    limit: Limit = 100,
    json: Json = False,
    sheet: Annotated[bool, typer.Option("--csv", help="CSV for spreadsheets.")] = False,
    out: Out = None,
) -> None:
    """List the deadlines that nobody has met in all open cases, what is over first before the rest."""
    if out is not None:
        require_sheet(out)
    with settings.reading() as engine:
        found = engine.deadlines_due(
            since=since.date() if since is not None else None,
            until=until.date() if until is not None else None,
            area=area,
            rule=rule,
            holder=holder,
            leader=leader,
            law=law,
            after=after,
            limit=limit,
        )
        roles = engine.edition.rulebook.roles
    if json:
        show_json(found)
        return
    language = settings.language
    names = {id: role.title.text(language) for id, role in roles.items()}
    headings: list[Words] = [
        ("案件", "case"), ("事由", "matter"), ("属地", "area"), ("期限", "deadline"),
        ("责任人", "holder"), ("最后一日", "last day"), ("剩余天数", "days"),
    ]  # fmt: skip
    rows = [
        (
            one.deadline.case,
            one.title or one.key,
            one.area or "",
            one.deadline.title.text(language),
            names.get(one.deadline.holder or "", one.deadline.holder or ""),
            one.deadline.due_on or one.deadline.due_at or "",
            one.days_left,
        )
        for one in found
    ]
    if out is not None:
        write_sheet(
            out, pick(("期限", "deadlines"), language), [pick(one, language) for one in headings], rows
        )
    else:
        (show_csv if sheet else show_table)(language, headings, rows)
    if len(found) == limit:
        words = ("还有更多:--after {token}", "there is more: --after {token}")
        say(pick(words, language).format(token=found[-1].token), err=True)
