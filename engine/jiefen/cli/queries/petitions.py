"""The annual petition report: ``petition-report``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import ON_DATABASE, Area, Json, Settings, with_settings
from jiefen.cli.frame.output import say, show_json

app = typer.Typer()


@app.command("petition-report")
@with_settings(*ON_DATABASE)
def petition_report(
    settings: Settings,
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Of the petitions received in this year.")],
    area: Area = None,
    json: Json = False,
) -> None:
    """Write what the annual petition report has to hold, as a document in Markdown to be completed."""
    with settings.reading() as engine:
        report = engine.petition_report(year, area=area)
    if json:
        show_json(report)
    else:
        say(report.text(settings.language).rstrip("\n"))
