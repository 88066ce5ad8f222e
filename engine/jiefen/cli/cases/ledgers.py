"""``import``: from ledgers to cases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jiefen.cli.frame.options import ON_DATABASE, Json, Settings, actor, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode
from jiefen.errors import DatabaseError, JiefenError, LedgerError
from jiefen.outside.ledgers import BUNDLED, ledger_adapter

if TYPE_CHECKING:
    from jiefen import Actor, Engine
    from jiefen.outside.ledgers import LedgerAdapter, Reading

app = typer.Typer()

_AREAS = "areas.yaml"
#: So many notes about single rows are shown for a file.
_SHOWN = 30


@dataclass(slots=True)
class _Taken:
    """What became of the rows of one file; ``known`` are those that opened a case at an earlier import."""

    file: str
    ledger: str
    rows: int
    opened: int = 0
    known: int = 0
    rejected: int = 0


@app.command("import")
@with_settings(*ON_DATABASE)
def import_ledgers(
    settings: Settings,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Ledgers: .csv or .xlsx."),
    ],
    areas: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Names of places and their codes.",
            show_default="areas.yaml beside the first ledger",
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            min=1949, max=9999, help="Year of dates without one.", show_default="found in the ledger"
        ),
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="Name of the ledgers' layout.", show_default="found by the headings")
    ] = None,
    rejects: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Where rows go that open no case; replaced by each import."
        ),
    ] = Path("rejects.csv"),
    process: Annotated[str, typer.Option(help="The process of the cases.")] = "dispute",
    by: Annotated[
        str, typer.Option("--by", metavar="WHO", help="Who imports: a staff number, not a name.")
    ] = "import",
    adapter: Annotated[
        str, typer.Option(metavar="NAME", help="Entry point of what reads the ledgers.")
    ] = BUNDLED,
    everything: Annotated[
        bool, typer.Option("--everything", help="Also rows of a workbook that are hidden or struck out.")
    ] = False,
    json: Json = False,
) -> None:
    """Open a case for each good row of ledgers; the bad ones go to a file with their reasons.

    A row that was imported before opens nothing. Ends with 5 when rows were rejected.
    """  # fmt: skip
    reader = ledger_adapter(adapter)
    readings = reader.read_ledgers(
        files, areas=areas or _beside(files[0]), ledger=layout, year=year, everything=everything
    )
    refused: list[Any] = []
    with settings.engine(create=True) as engine:
        engine.edition.processes.require(process)
        taken = [
            _take(engine, reader, reading, process, actor(by, None, None), refused) for reading in readings
        ]
    if refused:
        reader.write_rejects(rejects, refused)
    _report(settings, reader, readings, taken, rejects if refused else None, json)
    if refused:
        raise typer.Exit(ExitCode.PARTLY)


def _beside(ledger: Path) -> Path:
    areas = ledger.parent / _AREAS
    if not areas.is_file():
        if not ledger.is_file():
            raise LedgerError(f"there is no ledger {ledger}; check the path")
        raise LedgerError(
            f"{areas} is not there, so places cannot be told; name the file of areas and codes with --areas"
        )
    return areas


def _take(
    engine: Engine, reader: LedgerAdapter, reading: Reading, process: str, by: Actor, refused: list[Any]
) -> _Taken:
    """Open the cases of one file; what cannot become one is added to ``refused``."""
    taken = _Taken(reading.file, reading.ledger, len(reading.rows) + len(reading.rejects))
    before = len(refused)
    refused += reading.rejects
    for row in reading.rows:
        known = bool(engine.cases(key=row.key, limit=1))
        try:
            engine.open_case(process, row.facts, key=row.key, parties=row.parties, by=by)
        except DatabaseError:
            raise
        except JiefenError as error:
            refused.append(reader.refuse(row, str(error)))
        else:
            taken.known += known
            taken.opened += not known
    taken.rejected = len(refused) - before
    return taken


def _report(
    settings: Settings,
    reader: LedgerAdapter,
    readings: Any,
    taken: list[_Taken],
    rejects: Path | None,
    json: bool,
) -> None:
    if json:
        show_json({"files": taken, "rejects": str(rejects) if rejects is not None else None})
        return
    language = settings.language
    for reading in readings:
        for note in reading.notes:
            say(f"{reading.file}: {note.text(language)}", err=True)
        said: list[str] = []
        for row in reading.rows:
            said += [f"{reading.file}:{row.number}: {note.text(language)}" for note in row.notes]
        for line in said[:_SHOWN]:
            say(line, err=True)
        if len(said) > _SHOWN:
            rest: Words = ("{file}: 还有 {n} 条,见各案的诉求", "{file}: and {n} more; the cases say them")
            say(pick(rest, language).format(file=reading.file, n=len(said) - _SHOWN), err=True)
    headings: list[Words] = [
        ("文件", "file"), ("台账", "ledger"), ("行", "rows"), ("立案", "opened"), ("此前已立案", "known"),
        ("不合格", "rejected"),
    ]  # fmt: skip
    rows = [
        (
            item.file,
            reader.title(item.ledger).text(language),
            item.rows,
            item.opened,
            item.known,
            item.rejected,
        )
        for item in taken
    ]
    show_table(language, headings, rows)
    if rejects is not None:
        say(
            pick(("不合格的行及原因见 {file}", "rejected rows and their reasons: {file}"), language).format(
                file=rejects
            )
        )
