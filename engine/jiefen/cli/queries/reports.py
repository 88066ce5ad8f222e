"""Reports as files: ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiefen.cli.frame.options import ON_DATABASE, Area, Settings, with_settings
from jiefen.cli.frame.output import pick, say
from jiefen.clock import SystemClock, china_date
from jiefen.outside.reports import report_adapter

app = typer.Typer()


@app.command("report")
@with_settings(*ON_DATABASE)
def report(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="annual, supervisions, weekly or monthly.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", dir_okay=False, help="The file: .xlsx or .docx; it is replaced."
        ),
    ],
    area: Area = None,
    year: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Of the annual report; last year when absent.")
    ] = None,
) -> None:
    """Write a report: of the year, of supervisions, of what is overdue and due within a week or a month."""
    adapter, today = report_adapter(), china_date(SystemClock().now())
    with settings.reading() as engine:
        many = adapter.write(
            name, out, reader=engine, today=today, area=area, year=year, language=settings.language
        )
    say(pick(("{n} 行 → {file}", "{n} rows → {file}"), settings.language).format(n=many, file=out))
