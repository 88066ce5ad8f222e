"""What a new holiday plan or another rulebook would move: ``recompute``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.options import (
    PROGRAM,
    ActorArea,
    Json,
    Language,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, cell, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode

if TYPE_CHECKING:
    from jiefen import DueDate, Recomputation
    from jiefen.agenda.schedule import Occurrence

app = typer.Typer()

_PROVISIONAL: Words = ("{day}(暂定)", "{day} (provisional)")
_SAID: dict[bool, Words] = {
    True: (
        "试算:{n} 项期限会变动,未作任何改动;加 --apply 执行",
        "dry run: {n} deadlines would move, nothing is changed; --apply moves them",
    ),
    False: ("{n} 项期限已变动", "{n} deadlines have moved"),
}
_TAKEN_OVER: dict[bool, Words] = {
    True: ("{n} 个案件会改用新规则", "{n} cases would go over to the new rules"),
    False: ("{n} 个案件已改用新规则", "{n} cases have gone over to the new rules"),
}
_ROUTINES: dict[bool, Words] = {
    True: ("{n} 项例行工作会改期", "{n} routines would fall on another day"),
    False: ("{n} 项例行工作已改期", "{n} routines fall on another day now"),
}


@app.command("recompute")
@with_settings("db", "processes", "lang")
def recompute(
    settings: Settings,
    calendar: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Year files; absent: the newest calendar known."),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Another rulebook, to which running cases go over."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run/--apply", help="Only tell, or move them.")] = True,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Who moves them; absent: this program.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Say which deadlines end on another day by a newer calendar or another rulebook, from when to when, and why.

    Without --apply nothing is changed. Applying takes one transaction per case and can be repeated. Cases keep their
    process; with --rules everything else in them goes by the new rules from then on.
    """
    from jiefen import Actor

    who = actor(by, role, area) if by is not None else Actor.program(PROGRAM)
    with settings.engine() as engine:
        found = engine.recompute(calendar=calendar, rules=rules, dry_run=dry_run, by=who)
    _show(found, settings.language, dry_run=dry_run, json=json)
    if found.failed:
        raise typer.Exit(ExitCode.PARTLY)


def _show(found: Recomputation, language: Language, *, dry_run: bool, json: bool) -> None:
    if json:
        show_json(
            {
                "dry_run": dry_run,
                "moves": found.moves,
                "cases": found.cases,
                "routines": found.routines,
                "failed": found.failed,
            }
        )
        return
    if found.moves:
        headings = [
            ("案件", "case"),
            ("序号", "no"),
            ("期限", "deadline"),
            ("原", "from"),
            ("现", "to"),
            ("原因", "why"),
        ]
        rows = [
            (m.case, m.seq, m.title[language], _day(m.before, language), _day(m.after, language), m.why[language])
            for m in found.moves
        ]  # fmt: skip
        show_table(language, headings, rows)
    if found.routines:
        headings = [("属地", "area"), ("例行工作", "routine"), ("原", "from"), ("现", "to")]
        show_table(
            language,
            headings,
            [
                (m.area, m.title[language], _time(m.before, language), _time(m.after, language))
                for m in found.routines
            ],
        )
    for case, error in found.failed.items():
        words: Words = ("案件 {case} 未能计算:{error}", "case {case} could not be worked on: {error}")
        say(pick(words, language).format(case=case, error=error), err=True)
    say(pick(_SAID[dry_run], language).format(n=len(found.moves)))
    if found.cases:
        say(pick(_TAKEN_OVER[dry_run], language).format(n=found.cases))
    if found.routines:
        say(pick(_ROUTINES[dry_run], language).format(n=len(found.routines)))


def _day(due: DueDate | None, language: Language) -> str:
    if due is None:
        return "—"
    day = due.due_on.isoformat()
    return pick(_PROVISIONAL, language).format(day=day) if due.provisional else day


def _time(occurrence: Occurrence | None, language: Language) -> str:
    if occurrence is None:
        return pick(("未知", "not known"), language)
    text = cell(occurrence.at)
    return pick(_PROVISIONAL, language).format(day=text) if occurrence.provisional else text
