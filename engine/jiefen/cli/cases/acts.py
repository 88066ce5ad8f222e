"""Acts on the deadlines of a case: ``extend``, ``suspend``, ``resume``, ``interrupt``, ``correct``, ``milestone``."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.given import Facts, given_facts, moment_of
from jiefen.cli.frame.options import (
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Evidence,
    Json,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, say, show_json
from jiefen.errors import FactError

if TYPE_CHECKING:
    from jiefen import Deadline

app = typer.Typer()

Which = Annotated[
    str,
    typer.Argument(
        metavar="DEADLINE", help="Its rule, for example petition.handle, or its number in the case."
    ),
]
Ground = Annotated[
    str, typer.Option("--ground", metavar="ID", help="One that the rule names: hearing, demand …")
]

_DUE: Words = ("期限 {seq} {title}:{due} 届满{provisional}", "deadline {seq} {title}: due {due}{provisional}")
_STILL: Words = (
    "期限 {seq} {title}:已中止,没有届满日",
    "deadline {seq} {title}: suspended, without a due date",
)
_CORRECTED: Words = ("{id} 号案已更正", "case {id} is corrected")
_OVER: Words = ("期限 {seq} {title}:不再计算", "deadline {seq} {title}: no longer runs")


@app.command("extend")
@with_settings(*ON_DATABASE)
def extend(
    settings: Settings,
    case: CaseId,
    deadline: Which,
    length: Annotated[str, typer.Argument(metavar="LENGTH", help="By how much: '30 d', '10 wd', '1 mo'.")],
    by: By,
    ground: Annotated[
        str | None, typer.Option("--ground", metavar="TEXT", help="Why, where the article names a ground.")
    ] = None,
    consent: Annotated[
        str | None,
        typer.Option(
            "--consent", metavar="RECORD", help="Where the parties' consent is recorded, if they decide."
        ),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Extend a deadline as far as its article allows, and leave the notices that it asks for."""
    with settings.engine() as engine:
        who = actor(by, role, area)
        changed = engine.extend(case, _which(deadline), length, by=who, ground=ground, consent=consent)
    _show(settings, changed, json)


@app.command("suspend")
@with_settings(*ON_DATABASE)
def suspend(
    settings: Settings,
    case: CaseId,
    deadline: Which,
    ground: Ground,
    by: By,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="First day that does not count; absent: today."),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Let a deadline stand still (中止) for a legal ground; until it is resumed it has no due date."""
    day = _moment(since, "--since")
    with settings.engine() as engine:
        who = actor(by, role, area)
        changed = engine.suspend(case, _which(deadline), ground=ground, since=day, by=who)
    _show(settings, changed, json)


@app.command("resume")
@with_settings(*ON_DATABASE)
def resume(
    settings: Settings,
    case: CaseId,
    deadline: Which,
    by: By,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="First day that counts again; absent: today.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Let a suspended deadline go on."""
    day = _moment(on, "--on")
    with settings.engine() as engine:
        changed = engine.resume(case, _which(deadline), on=day, by=actor(by, role, area))
    _show(settings, changed, json)


@app.command("interrupt")
@with_settings(*ON_DATABASE)
def interrupt(
    settings: Settings,
    case: CaseId,
    deadline: Which,
    ground: Ground,
    by: By,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Day of the act; absent: today.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Let a limitation period start again (中断) from the day of an act."""
    day = _moment(on, "--on")
    with settings.engine() as engine:
        who = actor(by, role, area)
        changed = engine.interrupt(case, _which(deadline), ground=ground, on=day, by=who)
    _show(settings, changed, json)


@app.command("correct")
@with_settings(*ON_DATABASE)
def correct(
    settings: Settings,
    case: CaseId,
    by: By,
    deadline: Annotated[
        str | None, typer.Argument(metavar="[DEADLINE]", help="Its rule or number, with --on.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day from which the deadline really runs.")
    ] = None,
    fact: Facts = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why facts are put right.")] = None,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Put right what was entered wrongly: facts (--fact, --reason), or the day a deadline runs from (DEADLINE --on).

    What follows is worked out again. A right of a party is not taken away without evidence.
    """
    if (deadline is None) == (fact is None) or (deadline is None) != (on is None):
        raise FactError(
            "say either --fact NAME=VALUE with --reason, or a deadline with --on DATE",
            zh="请写明 --fact 和 --reason,或者期限和 --on",
        )
    with settings.engine() as engine:
        who = actor(by, role, area)
        if deadline is not None and on is not None:
            changed = engine.correct_anchor(case, _which(deadline), on=moment_of(on, "--on"), by=who)
            _show(settings, changed, json)
            return
        given = given_facts(fact, None, engine.edition.rulebook.vocabulary)
        corrected = engine.correct(case, given, reason=reason or "", evidence=evidence, by=who)
    if json:
        show_json({"id": corrected.id, "revision": corrected.revision, "facts": corrected.facts})
    else:
        say(pick(_CORRECTED, settings.language).format(id=corrected.id))


@app.command("milestone")
@with_settings(*ON_DATABASE)
def milestone(
    settings: Settings,
    case: CaseId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="For example judgment_served.")],
    by: By,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="The day it was reached, or the instant; absent: now."),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Record what a case has reached outside of its process: deadlines that run from it start, others are met."""
    moment = _moment(on, "--on")
    with settings.engine() as engine:
        changed = engine.milestone(case, name, on=moment, by=actor(by, role, area))
    if json:
        show_json(changed)
        return
    for deadline in changed:
        _show(settings, deadline, json)
    if not changed:
        words = ("没有期限因 {name} 起算或届满", "no deadline starts, ends or is met by {name}")
        say(pick(words, settings.language).format(name=name))


def _which(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() else text


def _moment(text: str | None, option: str) -> date | datetime | None:
    return moment_of(text, option) if text is not None else None


def _show(settings: Settings, deadline: Deadline, json: bool) -> None:
    if json:
        show_json(deadline)
        return
    language = settings.language
    words = _DUE if deadline.status == "running" else _STILL if deadline.status == "suspended" else _OVER
    provisional = pick(("(暂定)", " (provisional)"), language) if deadline.provisional else ""
    title, due = deadline.title[language], deadline.due_on
    say(pick(words, language).format(seq=deadline.seq, title=title, due=due, provisional=provisional))
