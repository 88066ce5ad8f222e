"""The clock and the outside: ``sweep``, ``serve``, ``lag``, ``answer``, ``incidents``."""

from __future__ import annotations

import logging
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from jiefen.cli.frame.given import Facts, FactsFile, given_facts
from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    ByWhoever,
    Json,
    Limit,
    Roles,
    Settings,
    named,
    with_settings,
)
from jiefen.cli.frame.output import Words, as_json, cell, more, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode
from jiefen.errors import NotFound

if TYPE_CHECKING:
    from jiefen import Engine, Lag
    from jiefen.scheduler import Beat

app = typer.Typer()
incidents_app = typer.Typer(help="List what failed too often and waits for a person; retry it.")
app.add_typer(incidents_app, name="incidents")

_BATCH: Final = 1_000
_KINDS: Final[dict[str, Words]] = {
    "timer": ("定时", "timers"),
    "expiry": ("期限届满", "expiries"),
    "rung": ("催办", "rungs"),
    "task": ("无人签收", "unclaimed tasks"),
    "reply": ("督办未答复", "unanswered supervisions"),
    "unmoved": ("查看有无进展", "looks whether anything moves"),
    "stuck": ("流程停滞", "processes that wait for nothing"),
    "routine": ("例行工作", "routines"),
    "delivery": ("投递", "deliveries"),
}
Adapters = Annotated[
    Path | None,
    typer.Option(
        "--adapters",
        envvar="JIEFEN_ADAPTERS",
        metavar="FILE",
        dir_okay=False,
        help="Who carries which deliveries; without it they are left to others.",
    ),
]


@app.command("sweep")
@with_settings(*ON_DATABASE)
def sweep(
    settings: Settings,
    once: Annotated[
        bool, typer.Option("--once", help="One batch of at most --limit entries; for cron.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Entries in a batch, and as many deliveries.")] = _BATCH,
    adapters: Adapters = None,
    json: Json = False,
) -> None:
    """Do what is due now, oldest first: timers, warnings, expiries, routines; then deliveries. Until nothing is due."""
    done: Counter[str] = Counter()
    failed = incidents = 0
    with settings.engine(adapters=adapters) as engine:
        while True:
            swept = engine.sweep(limit=limit)
            done.update(swept.done)
            failed += swept.failed
            incidents += swept.incidents
            if once or swept.total + swept.failed < limit:
                break
    language = settings.language
    if json:
        show_json({"done": dict(done), "failed": failed, "incidents": incidents})
    else:
        kinds = ", ".join(
            f"{pick(_KINDS.get(kind, (kind, kind)), language)} {count}" for kind, count in done.items()
        )
        words = ("到期事项 {n} 件{kinds};失败 {failed} 件", "{n} due entries done{kinds}; {failed} failed")
        say(pick(words, language).format(n=done.total(), kinds=f" ({kinds})" if kinds else "", failed=failed))
    if failed:
        raise typer.Exit(ExitCode.PARTLY)


@app.command("serve")
@with_settings(*ON_DATABASE)
def serve(
    settings: Settings,
    every: Annotated[float, typer.Option(min=0.01, metavar="SECONDS", help="Time between sweeps.")] = 300,
    adapters: Adapters = None,
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve the HTTP interface there too; needs --callers."),
    ] = None,
    callers: Annotated[
        Path | None,
        typer.Option(
            envvar="JIEFEN_CALLERS",
            metavar="FILE",
            dir_okay=False,
            help="Who may call over HTTP, with hashes of keys.",
        ),
    ] = None,
    beat: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Write each heartbeat here too, as JSON, for a monitor."
        ),
    ] = None,
) -> None:
    """Sweep now and from then on, until SIGTERM or Ctrl-C; a heartbeat per round goes to the log on stderr."""
    from jiefen.scheduler import Scheduler

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    log = logging.getLogger("jiefen.serve")
    beats = _BeatFile(beat) if beat is not None else None
    if http is not None and callers is None:
        raise typer.BadParameter("say who may call, with --callers", param_hint="--http")
    with _stop_signals() as stop, settings.engine(create=True, adapters=adapters) as engine:
        with Scheduler(engine, timedelta(seconds=every), told=beats), _http(engine, http, callers):
            log.info("serving: a sweep every %g s", every)
            stop.wait()
            log.info("stopping: finishing what is in work")
        log.info("stopped")


def _http(engine: Engine, address: str | None, callers: Path | None) -> AbstractContextManager[object]:
    """What serves the HTTP interface, where it was asked for."""
    if address is None or callers is None:
        return nullcontext()
    from jiefen.outside.http import http_interface

    return http_interface().serving(engine, address, callers)


class _BeatFile:
    """The last heartbeat of each lane in a file, which is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._last = path, dict[str, object]()
        self._writing = threading.Lock()

    def __call__(self, beat: Beat) -> None:
        told = {field.name: getattr(beat, field.name) for field in fields(beat)}
        if beat.lag is not None:
            told["lag"] = _lag(beat.lag)
        with self._writing:
            self._last[beat.lane] = told
            part = self._path.with_name(f".{self._path.name}.part")
            part.write_bytes(as_json(self._last))
            part.replace(self._path)


def _lag(lag: Lag) -> dict[str, float]:
    return {
        "due": lag.due,
        "behind_seconds": lag.behind.total_seconds(),
        "failing": lag.failing,
        "incidents": lag.incidents,
    }


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that the first SIGTERM or SIGINT sets; a second one ends the process at once."""
    stop = threading.Event()
    before = {}

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command("lag")
@with_settings(*ON_DATABASE)
def lag(
    settings: Settings,
    most: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="End with 1 when it is further behind than this."),
    ] = None,
    json: Json = False,
) -> None:
    """Say how far behind the agenda is: how much is due, since when, and how many incidents wait. For monitors."""
    with settings.engine() as engine:
        found = engine.lag()
    behind = found.behind.total_seconds()
    if json:
        show_json(_lag(found))
    else:
        words: Words = (
            "到期未办 {due} 件,最早的已过 {behind:.0f} 秒;失败待重试 {failing} 件;待人处理的事件 {incidents} 件",
            "{due} entries due, {behind:.0f} s behind; {failing} wait to be tried again; "
            "{incidents} incidents wait for a person",
        )
        numbers = {"due": found.due, "failing": found.failing, "incidents": found.incidents}
        say(pick(words, settings.language).format(behind=behind, **numbers))
    if most is not None and behind > most:
        raise typer.Exit(ExitCode.REFUSED)


@app.command("answer")
@with_settings(*ON_DATABASE)
def answer(
    settings: Settings,
    id: Annotated[int, typer.Argument(metavar="DELIVERY", min=1, max=MAX_ID, help="Id of the delivery.")],
    fact: Facts = None,
    facts: FactsFile = None,
    error: Annotated[
        str | None, typer.Option(metavar="CODE", help="The outside system refused: a BPMN error.")
    ] = None,
    by: ByWhoever = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Give the answer of an outside system to a delivery; the case goes on."""
    from jiefen import Answer

    with settings.engine() as engine:
        given = given_facts(fact, facts, engine.edition.rulebook.vocabulary)
        engine.answer(id, Answer(given, error), by=named(by, role, area))
    say(pick(("投递 {id} 已答复", "delivery {id} is answered"), settings.language).format(id=id))


@incidents_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def incidents(
    settings: Settings,
    case: Annotated[
        int | None, typer.Option(metavar="ID", min=1, max=MAX_ID, help="Those of one case.")
    ] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what failed too often and waits for a person."""
    if settings.subcommand is not None:
        return
    with settings.reading() as engine:
        found = engine.incidents(case=case, after=after, limit=limit)
    if json:
        show_json(found)
        return
    headings = [
        ("编号", "id"), ("案件", "case"), ("种类", "kind"), ("到期", "due"), ("次数", "attempts"), ("错误", "error"),
    ]  # fmt: skip
    show_table(
        settings.language, headings, [(i.id, i.case, i.kind, i.at, i.attempts, i.error) for i in found]
    )
    more(found, limit, settings.language)


@incidents_app.command("show")
@with_settings(*ON_DATABASE)
def incident(
    settings: Settings,
    id: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, help="Id of the incident.")],
    json: Json = False,
) -> None:
    """Show one incident with the whole text of its error."""
    with settings.reading() as engine:
        found = engine.incidents(after=id - 1, limit=1)
    if not found or found[0].id != id:
        raise NotFound(f"there is no incident {id}; list them with `jiefen incidents`")
    [one] = found
    if json:
        show_json(one)
        return
    words: Words = (
        "事件 {id}:{kind} {ref},案件 {case};到期 {at},已试 {attempts} 次\n{error}",
        "incident {id}: {kind} {ref} of case {case}; due {at}, tried {attempts} times\n{error}",
    )
    said = {"case": one.case or "-", "at": cell(one.at), "error": one.error}
    say(
        pick(words, settings.language).format(
            id=id, kind=one.kind, ref=one.ref, attempts=one.attempts, **said
        )
    )


@incidents_app.command("retry")
@with_settings(*ON_DATABASE)
def retry(
    settings: Settings,
    id: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, help="Id of the incident.")],
    by: ByWhoever = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Put an incident back on the agenda, due now; the next sweep tries it again."""
    with settings.engine() as engine:
        engine.retry(id, by=named(by, role, area))
    say(
        pick(("事件 {id} 已重新排入日程", "incident {id} is on the agenda again"), settings.language).format(
            id=id
        )
    )


@incidents_app.command("resolve")
@with_settings(*ON_DATABASE)
def resolve(
    settings: Settings,
    id: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, help="Id of the incident.")],
    by: ByWhoever = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Do now what failed: when it goes well the incident is over, else it stays, and the error is told."""
    with settings.engine() as engine:
        engine.resolve(id, by=named(by, role, area))
    say(pick(("事件 {id} 已解决", "incident {id} is resolved"), settings.language).format(id=id))
