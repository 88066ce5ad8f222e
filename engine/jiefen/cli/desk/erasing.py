"""What a case holds about people is taken out of it, or must not be: ``erase`` and ``hold``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Json,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import pick, say, show_json

app = typer.Typer()


@app.command("erase")
@with_settings(*ON_DATABASE)
def erase(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take out what a case that is over holds about people, for good; days, deadlines and outcomes stay."""
    with settings.engine() as engine:
        found = engine.records.erase(case, reason=reason, by=actor(by, role, area))
    if json:
        show_json({"case": found.id, "facts": dict(found.facts)})
    else:
        words = "已删除 {case} 号案的个人信息", "what case {case} held about people is erased"
        say(pick(words, settings.language).format(case=case))


@app.command("redact")
@with_settings(*ON_DATABASE)
def redact(
    settings: Settings,
    case: CaseId,
    words: Annotated[str, typer.Argument(metavar="WORDS", help="What is taken out, as it stands there.")],
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take words out of all that is kept of a case, for good; its story and its proof stay whole."""
    with settings.engine() as engine:
        places = engine.records.redact(case, words, reason=reason, by=actor(by, role, area))
    if json:
        show_json({"case": case, "places": places})
    else:
        said = "已从 {case} 号案删除 {n} 处", "taken out of {n} places of case {case}"
        say(pick(said, settings.language).format(case=case, n=places))


CardNumber = Annotated[
    str | None, typer.Option("--id-number", metavar="NUMBER", help="Of the identity card.")
]
Name = Annotated[str | None, typer.Option("--name", help="With --phone, where there is no number.")]
Phone = Annotated[str | None, typer.Option("--phone", help="With --name.")]


@app.command("forget")
@with_settings(*ON_DATABASE)
def forget(
    settings: Settings,
    by: By,
    reason: Reason,
    id_number: CardNumber = None,
    name: Name = None,
    phone: Phone = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take one person out of the cases of an area that are over, for good."""
    with settings.engine() as engine:
        done = engine.records.forget(_person(id_number, name, phone), reason=reason, by=actor(by, role, area))
    if json:
        kept = {str(case): dict(why) for case, why in done.kept.items()}
        show_json({"cases": list(done.cases), "kept": kept})
        return
    said = "已从 {n} 件案件中删除", "taken out of {n} cases"
    say(pick(said, settings.language).format(n=len(done.cases)))
    for case, why in done.kept.items():
        say(f"{case}: {why.text(settings.language)}")


@app.command("export-subject")
@with_settings(*ON_DATABASE)
def export_subject(
    settings: Settings,
    by: By,
    reason: Reason,
    id_number: CardNumber = None,
    name: Name = None,
    phone: Phone = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """What is kept about one person in the cases of an area, as a paper for them; each case notes it."""
    with settings.engine() as engine:
        found = engine.records.export_subject(
            _person(id_number, name, phone), reason=reason, by=actor(by, role, area)
        )
    if json:
        show_json(found.as_dict())
    else:
        say(found.text(settings.language).rstrip())


def _person(id_number: str | None, name: str | None, phone: str | None) -> dict[str, str]:
    told = {"id_number": id_number, "name": name, "phone": phone}
    return {field: value for field, value in told.items() if value is not None}


@app.command("hold")
@with_settings(*ON_DATABASE)
def hold(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    lift: Annotated[bool, typer.Option("--lift", help="Allow erasing it again.")] = False,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Forbid erasing a case, for a suit or an inquiry."""
    with settings.engine() as engine:
        act = engine.records.lift_hold if lift else engine.records.hold
        act(case, reason=reason, by=actor(by, role, area))
    words = ("可以删除", "may be erased again") if lift else ("不得删除", "must not be erased")
    say(pick((f"{case} 号案{words[0]}", f"case {case} {words[1]}"), settings.language))
