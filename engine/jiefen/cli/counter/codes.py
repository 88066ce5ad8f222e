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
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.record.kinds import Satisfaction

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


@app.command("rate")
@with_settings(*ON_DATABASE)
def rate(
    settings: Settings,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code on the party's paper.")],
    grade: Annotated[Satisfaction, typer.Option(help="How content the party is.")],
    of: Annotated[
        str | None, typer.Option(metavar="ID", help="What is rated, as `jiefen status --json` has it.")
    ] = None,
    comment: Annotated[str | None, typer.Option(help="What the party says besides.")] = None,
    json: Json = False,
) -> None:
    """Say how content a party is with what was decided or done; a poor grade asks the office above to look at it."""
    with settings.engine() as engine:
        given = engine.rate(code, grade, of=of, comment=comment)
    if json:
        show_json(given)
        return
    words = ("已评价,谢谢", "rated, thank you") if given.review is None else _REVIEWED
    say(pick(words, settings.language))


@app.command("ratings")
@with_settings(*ON_DATABASE)
def ratings(
    settings: Settings, case: CaseId, by: By, role: Roles = None, area: ActorArea = None, json: Json = False
) -> None:
    """List how the party of a case has rated what was decided, for who may work on it."""
    with settings.engine() as engine:
        found = engine.ratings(case, by=actor(by, role, area))
    if json:
        show_json(found)
        return
    rows = [(one.seq, one.on, one.of, one.grade, one.comment or "", one.reviewed_at or "") for one in found]
    show_table(settings.language, _HEADINGS, rows)


_REVIEWED: Words = ("已评价,已请上一级复核", "rated; the office above is asked to review it")
_HEADINGS: list[Words] = [
    ("号", "no."), ("日期", "day"), ("事项", "what"), ("评价", "grade"), ("意见", "comment"), ("复核于", "reviewed"),
]  # fmt: skip
