"""Who has reported, kept apart: ``reporter keep``, ``matter``, ``ask`` and ``open``."""

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
from jiefen.record.desk.parties import dumped

app = typer.Typer()
reporter_app = typer.Typer(help="Who has reported, kept apart from the case and opened by two persons.")
app.add_typer(reporter_app, name="reporter")


@reporter_app.command("keep")
@with_settings(*ON_DATABASE)
def keep(
    settings: Settings,
    case: CaseId,
    by: By,
    praise: Annotated[bool, typer.Option("--praise", help="They agree to be praised by name.")] = False,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Keep who has reported a case. Name and telephone are asked for, so that no history of a shell has them."""
    words = ("姓名", "Name"), ("电话(可空)", "Telephone (may be empty)")
    name, phone = (
        typer.prompt(pick(one, settings.language), default="" if at else None, show_default=False)
        for at, one in enumerate(words)
    )
    person = {"name": name, "phone": phone or None}
    with settings.engine() as engine:
        passphrase = engine.reporters.keep(case, person, praise=praise, by=actor(by, role, area))
    said = "举报人已封存。口令(只显示一次):{code}", "The reporter is kept. Passphrase, shown once: {code}"
    say(pick(said, settings.language).format(code=passphrase))


@reporter_app.command("matter")
@with_settings(*ON_DATABASE)
def matter(settings: Settings, by: By, role: Roles = None, area: ActorArea = None) -> None:
    """Say which case a passphrase belongs to, for a reward; the passphrase is asked for."""
    passphrase = typer.prompt(pick(("口令", "Passphrase"), settings.language))
    with settings.engine() as engine:
        case = engine.reporters.matter(passphrase, by=actor(by, role, area))
    say(
        pick(("口令属于 {case} 号案", "the passphrase is that of case {case}"), settings.language).format(
            case=case
        )
    )


@reporter_app.command("ask")
@with_settings(*ON_DATABASE)
def ask(
    settings: Settings, case: CaseId, by: By, reason: Reason, role: Roles = None, area: ActorArea = None
) -> None:
    """Ask to open who has reported a case; another person has to do it within a week."""
    with settings.engine() as engine:
        engine.reporters.ask(case, reason=reason, by=actor(by, role, area))
    say(
        pick(
            ("已申请;须由另一人在七日内开启", "asked; another person opens it within a week"),
            settings.language,
        )
    )


@reporter_app.command("open")
@with_settings(*ON_DATABASE)
def open_reporter(
    settings: Settings,
    case: CaseId,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    praise: Annotated[
        bool, typer.Option("--praise", help="To name them in public: refused unless they have agreed.")
    ] = False,
    json: Json = False,
) -> None:
    """Open who has reported a case, as the second of two persons; it is noted in the case and told."""
    with settings.engine() as engine:
        found = engine.reporters.open(case, reason=reason, by=actor(by, role, area), praise=praise)
    told = dumped(found.person)
    if json:
        show_json({"case": found.case, "praise": found.praise, "person": told})
    else:
        say(" ".join(str(told[name]) for name in ("name", "phone", "contact") if name in told))
