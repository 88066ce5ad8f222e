"""``demo``: a year of disputes on the example ledgers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiefen.cli.frame.options import Settings, with_settings

app = typer.Typer()


@app.command("demo")
@with_settings("db", "lang")
def demo(
    settings: Settings,
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days that pass from 1 January 2026.")] = 365,
    rejects: Annotated[
        Path, typer.Option(metavar="FILE", help="Rows that open no case, with their reasons.")
    ] = Path("demo-output/rejects.csv"),
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as a page, too.")
    ] = None,
    ledgers: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", exists=True, file_okay=False, help="Other ledgers, with their areas.yaml."
        ),
    ] = None,
) -> None:
    """Import the example ledgers, let a year pass on a simulated clock with scripted workers, and report.

    The database is a new file beside the rejects unless --db names an empty one; JIEFEN_DB is not looked at, so that
    made-up cases cannot get among real ones.
    """
    from rich.console import Console

    from jiefen.demo import run

    run(
        db=settings.db,
        seed=seed,
        days=days,
        console=Console(),
        reject_file=rejects,
        html=html,
        lang=settings.language,
        ledgers=ledgers,
    )
