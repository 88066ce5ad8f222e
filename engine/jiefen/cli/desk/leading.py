"""Who leads a case, and by which plan: ``lead``, ``leading``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.cli.frame.staff import staff_number

if TYPE_CHECKING:
    from jiefen import Lead

app = typer.Typer()
leading_app = typer.Typer(
    help="The plan of who leads a case (包案), how it goes on, and what is decided about it."
)
app.add_typer(leading_app, name="leading")

Until = Annotated[str, typer.Argument(metavar="DATE", help="The last day, such as 2026-04-30.")]


@app.command("lead")
@with_settings(*ON_DATABASE)
def lead(
    settings: Settings,
    case: CaseId,
    leader: Annotated[str, typer.Argument(metavar="LEADER", help="Staff number of the leader.")],
    by: By,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; needed where somebody else leads.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Bind a leader to a case until it is closed, or hand it over (包案); `jiefen cases --leader WHO` is their list."""
    with settings.engine() as engine:
        who = staff_number(settings, engine, leader)
        bound = engine.bind_leader(case, who, reason=reason, by=actor(by, role, area))
    if json:
        show_json(bound)
        return
    words: Words = ("案件 {case} 由 {leader} 包案", "case {case} is led by {leader}")
    say(pick(words, settings.language).format(case=case, leader=bound.leader))


@leading_app.command("show")
@with_settings(*ON_DATABASE)
def show(settings: Settings, case: CaseId, json: Json = False) -> None:
    """Show who leads a case, by which plan, and how it goes on."""
    with settings.reading() as engine:
        _show(settings, engine.leading.of(case), json)


@leading_app.command("plan")
@with_settings(*ON_DATABASE)
def plan(
    settings: Settings,
    case: CaseId,
    until: Until,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="What is to be done.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """The leader hands in the plan, or a new one (包案方案)."""
    with settings.engine() as engine:
        found = engine.leading.plan(case, text, day_of(until, "DATE"), by=actor(by, role, area))
    _show(settings, found, json)


@leading_app.command("report")
@with_settings(*ON_DATABASE)
def report(
    settings: Settings,
    case: CaseId,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="How it goes on.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """The leader says how it goes on (进展报告)."""
    with settings.engine() as engine:
        found = engine.leading.report(case, text, by=actor(by, role, area))
    _show(settings, found, json)


@leading_app.command("extend")
@with_settings(*ON_DATABASE)
def extend(
    settings: Settings,
    case: CaseId,
    until: Until,
    reason: Reason,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Who bound the leader gives the plan more time."""
    with settings.engine() as engine:
        found = engine.leading.extend_plan(
            case, day_of(until, "DATE"), reason=reason, by=actor(by, role, area)
        )
    _show(settings, found, json)


@leading_app.command("release")
@with_settings(*ON_DATABASE)
def release(
    settings: Settings,
    case: CaseId,
    reason: Reason,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Who bound the leader releases them (解除包案)."""
    with settings.engine() as engine:
        freed = engine.leading.release_leader(case, reason=reason, by=actor(by, role, area))
    if json:
        show_json(freed)
        return
    words: Words = ("案件 {case} 已解除包案", "case {case} has no leader any more")
    say(pick(words, settings.language).format(case=case))


def _show(settings: Settings, found: Lead, json: bool) -> None:
    if json:
        show_json(found)
        return
    headings: list[Words] = [
        ("案件", "case"), ("包案领导", "leader"), ("确定单位", "bound by"), ("方案", "plan"), ("办结日期", "until"),
        ("进展", "progress"), ("下一期限", "next due"),
    ]  # fmt: skip
    row = (
        found.case,
        found.leader or "",
        found.office or "",
        found.plan or "",
        found.until or "",
        found.progress or "",
        found.next_on or "",
    )
    show_table(settings.language, headings, [row])
