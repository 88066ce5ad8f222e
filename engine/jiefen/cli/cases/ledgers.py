"""``import``: from ledgers to cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jiefen.cli.frame.options import ON_DATABASE, Json, Settings, actor, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode
from jiefen.errors import LedgerError
from jiefen.notation.labels import Label, Language
from jiefen.outside.ledgers import BUNDLED, ledger_adapter
from jiefen.record.desk.intake import Intake, Taken
from jiefen.story.desk import BESIDE_FACTS

if TYPE_CHECKING:
    from jiefen import Actor, Engine
    from jiefen.outside.ledgers import LedgerAdapter, Reading

app = typer.Typer()

_AREAS = "areas.yaml"
#: So many notes about single rows are shown for a file.
_SHOWN = 30
#: After so many rows a line says how far it has come.
_PROGRESS = 1_000


@dataclass(slots=True)
class _Taken:
    """What became of the rows of one file.

    Attributes:
        known: rows whose case was there and that say nothing else; ``changed``: those that say otherwise;
            ``voided``: those whose case was voided.
        told: rows about which a person should hear something.
        notes: the first of what was not read as it stands, in words; ``noted``: how many such notes there are.
    """

    file: str
    ledger: str
    rows: int = 0
    opened: int = 0
    known: int = 0
    changed: int = 0
    voided: int = 0
    rejected: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    noted: int = 0

    def add(self, one: Taken, language: Language) -> None:
        """Count a row that was taken in."""
        self.rows += 1
        self.opened += one.outcome.opens
        self.known += one.outcome is Intake.KNOWN
        self.changed += one.outcome is Intake.CHANGED
        self.voided += one.outcome is Intake.VOIDED
        if one.error is None and (
            one.outcome not in (Intake.OPENED, Intake.KNOWN) or one.unbound is not None
        ):
            self.told.append(
                {
                    "line": one.row.number, "outcome": one.outcome, "case": one.case, "others": one.others,
                    "differs": one.differs, "unbound": one.unbound,
                }
            )  # fmt: skip
        self.noted += len(one.row.notes)
        for note in one.row.notes[: max(0, _SHOWN - len(self.notes))]:
            self.notes.append(f"{self.file}:{one.row.number}: {note.text(language)}")


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
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Layout of the ledgers: its name, or a YAML file of your own.",
            show_default="found by the headings",
        ),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, help="Words of your own, besides those known."
        ),
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

    A row that was imported before opens nothing. Ends with 5 when rows were rejected, say otherwise than their case, or
    had a case that was voided.
    """  # fmt: skip
    reader = ledger_adapter(adapter)
    readings = reader.read_ledgers(
        files,
        areas=areas or _beside(files[0]),
        ledger=layout,
        year=year,
        everything=everything,
        words=words,
    )
    refused: list[Any] = []
    with settings.engine(create=True) as engine:
        engine.edition.processes.require(process)
        facts = engine.edition.rulebook.vocabulary.facts
        titles = {**BESIDE_FACTS, **{name: fact.title for name, fact in facts.items()}}
        taken = [
            _take(engine, reader, reading, process, actor(by, None, None), refused, settings.language)
            for reading in readings
        ]
    if refused:
        reader.write_rejects(rejects, refused)
    _report(settings, reader, readings, taken, rejects if refused else None, titles, json)
    if refused or any(item.changed or item.voided for item in taken):
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
    engine: Engine,
    reader: LedgerAdapter,
    reading: Reading,
    process: str,
    by: Actor,
    refused: list[Any],
    language: Language,
) -> _Taken:
    """Take in the rows of one file; what cannot become a case is added to ``refused``."""
    taken, back = _Taken(reading.file, reading.ledger), []
    for one in engine.intake(reading.rows, process=process, by=by):
        taken.add(one, language)
        if one.error is not None:
            back.append(reader.refuse(one.row, one.error.text("zh"), str(one.error)))
        if taken.rows % _PROGRESS == 0:
            progress: Words = (
                "{file}: 已处理 {rows} 行,立案 {opened}",
                "{file}: {rows} rows, {opened} cases opened",
            )
            say(
                pick(progress, language).format(file=taken.file, rows=taken.rows, opened=taken.opened),
                err=True,
            )
    refused += [*reading.rejects, *back]
    taken.rejected = len(reading.rejects) + len(back)
    taken.rows += len(reading.rejects)
    return taken


def _data(item: _Taken) -> dict[str, Any]:
    """What became of a file, for JSON."""
    return {name: getattr(item, name) for name in item.__dataclass_fields__ if name not in ("notes", "noted")}


_SENTENCES: dict[Intake, Words] = {
    Intake.CHANGED: (
        "{case} 号案已立,台账现在写的不同:{differs};案件没有改动,需要改的请更正案件",
        "case {case} is there, and the ledger now says otherwise: {differs}; the case is as it was, correct it",
    ),
    Intake.VOIDED: (
        "对应的 {case} 号案已作废,未另行立案;确需办理的请手工立案",
        "its case {case} was voided, and no other was opened; open one by hand if it is to be handled",
    ),
    Intake.REBOUNDED: (
        "{others} 号案办结后反弹,立为 {case} 号案",
        "the matter of case {others} came up again: case {case}",
    ),
    Intake.ANOTHER: (
        "编号与 {others} 号案相同而事项不同,立为 {case} 号案",
        "another matter than case {others}, which has its number: case {case}",
    ),
    Intake.REPEAT: (
        "立为 {case} 号案,疑似与 {others} 号案重复,请认定(jiefen repeats)",
        "case {case}, perhaps a repeat of {others}; decide it (jiefen repeats)",
    ),
}


def _sentence(one: Mapping[str, Any], titles: Mapping[str, Label], language: Language) -> str:
    """What a person should hear about a row."""
    differs = (titles[name].text(language) if name in titles else name for name in one["differs"])
    join = "、" if language == "zh" else ", "
    values = {
        "case": one["case"],
        "others": join.join(map(str, one["others"])),
        "differs": join.join(differs),
    }
    said = (
        [pick(_SENTENCES[one["outcome"]], language).format(**values)] if one["outcome"] in _SENTENCES else []
    )
    if one["unbound"] is not None:
        unbound: Words = (
            "{case} 号案:包案领导“{who}”不在通讯录里,没有绑定;请用 jiefen lead 绑定,或在 --words 的 people 里写明工号",
            "case {case}: the leader {who} is not in the directory and was not bound; bind one with jiefen lead, or "
            "give the staff number in --words (people)",
        )
        said.append(pick(unbound, language).format(case=one["case"], who=one["unbound"]))
    return "; ".join(said)


def _report(
    settings: Settings,
    reader: LedgerAdapter,
    readings: Any,
    taken: list[_Taken],
    rejects: Path | None,
    titles: Mapping[str, Label],
    json: bool,
) -> None:
    if json:
        files = [_data(item) for item in taken]
        show_json({"files": files, "rejects": str(rejects) if rejects is not None else None})
        return
    language = settings.language
    for reading, item in zip(readings, taken, strict=True):
        for note in reading.notes:
            say(f"{reading.file}: {note.text(language)}", err=True)
        said = [
            f"{item.file}:{one['line']}: {_sentence(one, titles, language)}" for one in item.told[:_SHOWN]
        ]
        said = [*said, *item.notes][:_SHOWN]
        for line in said:
            say(line, err=True)
        if (more := len(item.told) + item.noted - len(said)) > 0:
            rest: Words = ("{file}: 还有 {n} 条,见各案的诉求", "{file}: and {n} more; the cases say them")
            say(pick(rest, language).format(file=reading.file, n=more), err=True)
    headings: list[Words] = [
        ("文件", "file"), ("台账", "ledger"), ("行", "rows"), ("立案", "opened"), ("此前已立案", "known"),
        ("与前不同", "changed"), ("已作废", "voided"), ("不合格", "rejected"),
    ]  # fmt: skip
    rows = [
        (
            item.file,
            reader.title(item.ledger).text(language),
            item.rows,
            item.opened,
            item.known,
            item.changed,
            item.voided,
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
