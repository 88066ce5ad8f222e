"""The demo: the ledgers of a county come in, a year passes on a simulated clock, and a report tells what became of it.

Nothing is done but by the engine's public methods. The same seed on the same edition gives the same report.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jiefen.bundled import bundled
from jiefen.clock import FixedClock
from jiefen.demo.desk import Desk
from jiefen.demo.intake import Matters, read_matters
from jiefen.demo.office import Office, team
from jiefen.demo.outside import Outside, systems_of
from jiefen.demo.overseers import Overseers
from jiefen.demo.papers import leave_papers
from jiefen.demo.script import Dice, load_playbook
from jiefen.demo.simulation import Simulation, Today
from jiefen.demo.workers import Workers
from jiefen.engine import Engine
from jiefen.errors import Conflict, FactError
from jiefen.insight.case_sections import Worklist
from jiefen.insight.figures import read_records
from jiefen.insight.labels import Labels
from jiefen.insight.page import page
from jiefen.insight.report import Year, build
from jiefen.insight.sheet import Report
from jiefen.insight.story import tell, worth_telling
from jiefen.insight.terminal import show
from jiefen.notation.labels import Language
from jiefen.record.actor import Actor

__all__ = ["FIRST_DAY", "run"]

#: The day on which the simulated clock starts.
FIRST_DAY = date(2026, 1, 1)
#: So many tasks of a worklist are shown.
_SHOWN: Final = 8


def run(
    *,
    db: str | None,
    seed: int,
    days: int,
    console: Console,
    reject_file: Path,
    html: Path | None,
    lang: Language = "zh",
    ledgers: Path | None = None,
) -> Report:
    """Import ledgers, let days pass, and show the report.

    Args:
        db: URL of an empty database; ``None`` makes a new SQLite file ``demo.db`` beside the reject file, in place of
            the one that an earlier demo left there, so that the cases can be looked at afterwards.
        seed: the same seed on the same edition gives the same report.
        days: how many days pass from :data:`FIRST_DAY`.
        console: where the progress bar and the report go.
        reject_file: CSV file for the rows that opened no case, with their reasons; beside it, in the folder ``papers``,
            the papers of one petition are left to look at.
        html: where to write the report as a page; ``None`` writes none.
        lang: language of the report.
        ledgers: folder of the ledgers and their ``areas.yaml``; those that come with Jiefen when absent.

    Raises:
        FactError: ``days`` is less than 1.
        NotFound: no adapter for ledgers is installed.
        LedgerError: a ledger cannot be read.
        Conflict: the database holds cases already.
        DatabaseError: the database cannot be used.
        DefinitionError: the edition is broken, or the script does not know a task of it.
    """
    if days < 1:
        raise FactError(f"the demo cannot run for {days} days; give 1 or more")
    reject_file.parent.mkdir(parents=True, exist_ok=True)
    matters = read_matters(ledgers or bundled("ledgers"))
    clock, dice = FixedClock(FIRST_DAY), Dice(seed)
    playbook = load_playbook()
    systems = systems_of(playbook, dice, clock)
    with _quiet(), Engine.open(db or _fresh(reject_file.parent), clock=clock, adapters=systems) as engine:
        if engine.cases(limit=1):
            raise Conflict(f"the database {db} holds cases already; the demo needs an empty one")
        playbook.check(engine.edition.rulebook.vocabulary.facts)
        office = Office(engine.edition.calendar)
        simulation = Simulation(
            engine,
            clock,
            Workers(engine, clock, playbook, dice, office),
            Overseers(engine, clock, playbook, dice, office),
            Desk(engine, clock, playbook, dice, office),
            Outside(engine, clock, playbook, dice, systems),
        )
        _let_pass(simulation, matters, days, console, lang)
        matters.write_rejects(reject_file, simulation.refused)
        report = _report(engine, simulation, matters, days, reject_file, lang)
        leave_papers(engine, reject_file.parent / "papers")
    show(report, console)
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(page(report), "utf-8")
    return report


def _let_pass(simulation: Simulation, matters: Matters, days: int, console: Console, lang: Language) -> None:
    told = "{} 在办 {} 办结 {}" if lang == "zh" else "{} open {} ended {}"
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bar = progress.add_task(told.format(FIRST_DAY, 0, 0), total=days)
        today: Today
        for today in simulation.run(matters.arrivals, FIRST_DAY, days):
            progress.update(
                bar, advance=1, description=told.format(today.day, today.open_cases, today.ended_cases)
            )


def _report(
    engine: Engine, simulation: Simulation, matters: Matters, days: int, reject_file: Path, lang: Language
) -> Report:
    records, labels = read_records(engine), Labels(engine.edition, lang)
    year = Year(
        FIRST_DAY,
        FIRST_DAY + timedelta(days=days - 1),
        matters.counted(simulation.opened, simulation.refused, lang),
        reject_file.name,
        simulation.swept,
        simulation.failures,
        simulation.retried,
        tuple((item.case, item.asked, item.deadline) for item in simulation.found),
        _busiest(engine),
    )
    told = worth_telling(records)
    story = tell(engine.explain(told.id), labels) if told else None
    return build(records, year, story, labels)


def _busiest(engine: Engine) -> Worklist | None:
    """The worklist of the team that has most to do."""
    roles = engine.edition.rulebook.roles
    teams: Counter[Actor] = Counter()
    for load in engine.workload():
        if load.role in roles:
            teams[team(roles[load.role], load.area)] += load.open
    if not teams.total():
        return None
    by, number = min(teams.items(), key=lambda item: (-item[1], item[0].id))
    [role] = by.roles
    return Worklist(role, by.area, number, engine.worklist(by=by, limit=_SHOWN))


def _fresh(folder: Path) -> str:
    """A new SQLite file in place of the one of an earlier demo."""
    path = folder / "demo.db"
    for old in (path, path.with_name("demo.db-wal"), path.with_name("demo.db-shm")):
        old.unlink(missing_ok=True)
    return f"sqlite:///{path}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the warnings about outages that the script makes from running across the progress bar."""
    logger, handler = logging.getLogger("jiefen"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
