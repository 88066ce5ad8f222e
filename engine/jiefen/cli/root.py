"""The commands of every part put together under ``jiefen``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jiefen import __version__
from jiefen.cli.cases import acts, history, ledgers, people, work
from jiefen.cli.counter import appointments, attachments, checklists, codes, documents, notes
from jiefen.cli.definitions import asking, calendar, rulebook
from jiefen.cli.desk import (
    absences,
    closing_dates,
    dispatches,
    erasing,
    grades,
    leading,
    links,
    parties,
    pending,
    reporters,
    whistles,
    whole,
)
from jiefen.cli.frame.chinese import into_chinese
from jiefen.cli.frame.options import (
    Because,
    Database,
    Lang,
    Processes,
    ReadAs,
    Rules,
    Settings,
    strange_language,
)
from jiefen.cli.frame.output import say
from jiefen.cli.frame.program import EXIT_CODES, Program
from jiefen.cli.operation import audit, callers, demo, directory, keys, outside, recompute, routines, running
from jiefen.cli.queries import diaries, dues, feed, figures, petitions, reports, search, worklist
from jiefen.cli.queries import ledgers as lists

_EPILOG = "Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in EXIT_CODES.items()) + "."


class Bilingual(Program):
    """The commands, with their help in the language of whoever asks."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and Settings().language == "zh":
            into_chinese(command, cmd_name)
        return command


app = typer.Typer(
    cls=Bilingual,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
for part in (
    ledgers.app,
    work.app,
    history.app,
    acts.app,
    people.app,
    parties.app,
    links.app,
    dispatches.app,
    whistles.app,
    whole.app,
    closing_dates.app,
    grades.app,
    reporters.app,
    erasing.app,
    pending.app,
    leading.app,
    absences.app,
    codes.app,
    notes.app,
    attachments.app,
    documents.app,
    appointments.app,
    checklists.app,
    worklist.app,
    search.app,
    lists.app,
    dues.app,
    diaries.app,
    feed.app,
    figures.app,
    petitions.app,
    reports.app,
    directory.app,
    running.app,
    outside.app,
    callers.app,
    routines.app,
    recompute.app,
    audit.app,
    keys.app,
    rulebook.app,
    asking.app,
    calendar.app,
    demo.app,
):
    app.add_typer(part)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"jiefen {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    db: Database = None,
    processes: Processes = None,
    rules: Rules = None,
    lang: Lang = None,
    reader: ReadAs = None,
    because: Because = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """解纷 Jiefen: dispute escalation and petition handling by models and dated rules."""
    context.obj = Settings(db=db, processes=processes, rules=rules, lang=lang, reader=reader, because=because)
    said = strange_language()
    if said is not None and lang is None:
        # In both languages: nobody can know which of them is read.
        say(f"JIEFEN_LANG={said}:请写 zh 或 en / is neither zh nor en; the locale decides", err=True)
