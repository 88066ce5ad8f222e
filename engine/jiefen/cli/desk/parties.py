"""The people of a case: ``party add``, ``party change``, ``party list``."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.given import given_party
from jiefen.cli.frame.options import (
    MAX_ID,
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
from jiefen.cli.frame.output import Words, show_json, show_table, tell_doubts
from jiefen.record.desk.parties import Party, dumped, masked
from jiefen.story.desk import fields_named

app = typer.Typer()
party_app = typer.Typer(help="The people of a case, and who speaks for them.", no_args_is_help=True)
app.add_typer(party_app, name="party")

PartyNumber = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=MAX_ID, help="Its number in the case.")
]
_HEADINGS: list[Words] = [
    ("号", "no."), ("身份", "part"), ("姓名", "name"), ("电话", "telephone"), ("人数", "persons"),
    ("代表", "speaks for"), ("止于", "until"), ("待核实", "to check"),
]  # fmt: skip


@party_app.command("list")
@with_settings(*ON_DATABASE)
def list_parties(
    settings: Settings,
    case: CaseId,
    plain: Annotated[bool, typer.Option("--plain", help="With names and numbers as they are.")] = False,
    json: Json = False,
) -> None:
    """List the parties of a case; names and telephones are masked unless asked for."""
    with settings.reading() as engine:
        found = engine.parties.of(case)
    shown = found if plain else tuple(masked(one) for one in found)
    if json:
        show_json([dumped(one) | {"doubts": list(of.doubts)} for of, one in zip(found, shown, strict=True)])
        return
    language = settings.language
    rows = [
        (
            one.seq,
            one.part.zh if language == "zh" else one.part.value,
            one.name,
            one.phone or "",
            one.persons or "",
            one.represents or "",
            one.ended or "",
            fields_named(of.doubts, language),
        )
        for of, one in zip(found, shown, strict=True)
    ]
    show_table(language, _HEADINGS, rows)


@party_app.command("add")
@with_settings(*ON_DATABASE)
def add_party(
    settings: Settings,
    case: CaseId,
    party: Annotated[
        str,
        typer.Argument(metavar="PARTY", help="For example applicant,name=张三,phone=13800000001."),
    ],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Add somebody to a case."""
    with settings.engine() as engine:
        added = engine.parties.add(case, given_party(party), by=actor(by, role, area))
    _show(settings, added, json)


@party_app.command("change")
@with_settings(*ON_DATABASE)
def change_party(
    settings: Settings,
    case: CaseId,
    number: PartyNumber,
    changes: Annotated[
        str,
        typer.Argument(
            metavar="CHANGES", help="For example phone=13800000002; ended=2026-03-01 ends the part."
        ),
    ],
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Correct what is known of a party."""
    with settings.engine() as engine:
        given = given_party(changes)
        changed = engine.parties.change(case, number, given, reason=reason, by=actor(by, role, area))
    _show(settings, changed, json)


def _show(settings: Settings, party: Party, json: bool) -> None:
    if json:
        show_json({"seq": party.seq, "doubts": list(party.doubts)})
        return
    show_table(settings.language, [("当事人", "party")], [(party.seq,)])
    tell_doubts(settings.language, [party])
