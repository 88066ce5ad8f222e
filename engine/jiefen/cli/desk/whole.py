"""What is done to whole cases: ``move``, ``void``, ``merge``, ``reopen``, ``split``, ``decide-all``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.given import Facts, FactsFile, day_of, given_facts, given_share
from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Evidence,
    Json,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, say, show_json

app = typer.Typer()

_MOVED: Words = ("{id} 号案已移送 {area}", "case {id} lies in {area} now")


@app.command("move")
@with_settings(*ON_DATABASE)
def move(
    settings: Settings,
    case: CaseId,
    to: Annotated[str, typer.Argument(metavar="AREA", help="Code of the area it belongs to.")],
    by: By,
    reason: Reason,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Move a case to the area it belongs to: its tasks, notices and supervisions go to the offices there."""
    with settings.engine() as engine:
        moved = engine.move(case, to, reason=reason, evidence=evidence, by=actor(by, role, area))
    if json:
        show_json({"id": moved.id, "revision": moved.revision, "area": moved.area})
    else:
        say(pick(_MOVED, settings.language).format(id=moved.id, area=moved.area))


@app.command("void")
@with_settings(*ON_DATABASE)
def void(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Void a case that was entered by mistake; it stays readable."""
    with settings.engine() as engine:
        voided = engine.void(case, reason=reason, evidence=evidence, by=actor(by, role, area))
    say(pick(("{id} 号案已作废", "case {id} is voided"), settings.language).format(id=voided.id))


@app.command("merge")
@with_settings(*ON_DATABASE)
def merge(
    settings: Settings,
    case: CaseId,
    into: Annotated[int, typer.Argument(metavar="INTO", min=1, max=MAX_ID, help="The case it goes on in.")],
    by: By,
    reason: Reason,
    evidence: Evidence = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Merge a case into another one that is the same matter."""
    with settings.engine() as engine:
        target = engine.merge(case, into, reason=reason, evidence=evidence, by=actor(by, role, area))
    words = ("{id} 号案已并入 {into} 号案", "case {id} goes on in case {into}")
    say(pick(words, settings.language).format(id=case, into=target.id))


@app.command("reopen")
@with_settings(*ON_DATABASE)
def reopen(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day the party came back; absent: today.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Open a case again that has ended: its process begins again from the start, its story goes on."""
    with settings.engine() as engine:
        day = day_of(on, "--on") if on else None
        again = engine.reopen(case, reason=reason, on=day, by=actor(by, role, area))
    if json:
        show_json({"id": again.id, "revision": again.revision, "status": again.status})
    else:
        say(pick(("{id} 号案重新办理", "case {id} is open again"), settings.language).format(id=again.id))


@app.command("split")
@with_settings(*ON_DATABASE)
def split(
    settings: Settings,
    case: CaseId,
    share: Annotated[
        list[str],
        typer.Option(
            "--share",
            metavar="SHARE",
            help="A new case: KEY,title=…,parties=1+3; what is not said is as here.",
        ),
    ],
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Make cases of their own of what was entered as one; the case goes on with what is left."""
    with settings.engine() as engine:
        shares = [given_share(one, engine.edition.rulebook.vocabulary) for one in share]
        new = engine.split(case, shares, reason=reason, by=actor(by, role, area))
    if json:
        show_json([{"id": one.id, "key": one.key, "revision": one.revision} for one in new])
    else:
        listed = ", ".join(str(one.id) for one in new)
        say(
            pick(("{id} 号案拆出 {new}", "case {id} was split: {new}"), settings.language).format(
                id=case, new=listed
            )
        )


@app.command("decide-all")
@with_settings(*ON_DATABASE)
def decide(
    settings: Settings,
    case: CaseId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the message that tells the decision.")],
    key: Annotated[str, typer.Option("--key", help="What makes it the same decision; twice is once.")],
    by: By,
    fact: Facts = None,
    facts: FactsFile = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Tell one decision to every part of a whole (one project, many households)."""
    with settings.engine() as engine:
        given = given_facts(fact, facts, engine.edition.rulebook.vocabulary)
        told = engine.decide_all(case, name, key=key, facts=given, by=actor(by, role, area))
    if json:
        show_json(
            [
                {"case": one.case, "received": one.received, "error": str(one.error) if one.error else None}
                for one in told
            ]
        )
        return
    refused = [one for one in told if one.error is not None]
    words = ("已告知 {count} 件子件", "told to {count} parts")
    say(pick(words, settings.language).format(count=len(told) - len(refused)))
    for one in refused:
        assert one.error is not None
        say(f"{one.case}: {one.error.text(settings.language)}")
    if refused:
        raise typer.Exit(1)
