"""What a new holiday plan or another rulebook would move: ``recompute``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.options import Json, Language, Settings, with_settings
from jiefen.cli.output import Words, pick, say, show_json, show_table
from jiefen.cli.program import ExitCode

if TYPE_CHECKING:
    from jiefen.recompute import DueDate, Recomputation

app = typer.Typer()

_PROVISIONAL: Words = ("{day}(暂定)", "{day} (provisional)")
_SAID: dict[bool, Words] = {
    True: (
        "试算:{n} 项期限会变动,未作任何改动;加 --apply 执行",
        "dry run: {n} deadlines would move, nothing is changed; --apply moves them",
    ),
    False: ("{n} 项期限已变动", "{n} deadlines have moved"),
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
        typer.Option(metavar="DIR", file_okay=False, help="Another rulebook: what if; not with --apply."),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Move them; otherwise only tell.")] = False,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Who moves them; needed with --apply.")
    ] = None,
    json: Json = False,
) -> None:
    """Say which running deadlines end on another day by a newer calendar, or would by another rulebook, and why.

    Without --apply nothing is changed. Applying takes one transaction per case and can be repeated.
    """
    from jiefen import Actor

    if apply and by is None:
        raise typer.BadParameter("--apply needs --by: the journal says who moved a deadline")
    with settings.engine() as engine:
        actor = Actor(by or "recompute")
        found = engine.recompute(calendar=calendar, rules=rules, dry_run=not apply, by=actor)
    _show(found, settings.language, dry_run=not apply, json=json)
    if found.failed:
        raise typer.Exit(ExitCode.PARTLY)


def _show(found: Recomputation, language: Language, *, dry_run: bool, json: bool) -> None:
    if json:
        show_json({"dry_run": dry_run, "moves": found.moves, "failed": found.failed})
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
    for case, error in found.failed.items():
        words: Words = ("案件 {case} 未能计算:{error}", "case {case} could not be worked on: {error}")
        say(pick(words, language).format(case=case, error=error), err=True)
    say(pick(_SAID[dry_run], language).format(n=len(found.moves)))


def _day(due: DueDate | None, language: Language) -> str:
    if due is None:
        return "—"
    day = due.due_on.isoformat()
    return pick(_PROVISIONAL, language).format(day=day) if due.provisional else day
