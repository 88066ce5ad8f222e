"""文书: ``documents kinds``, ``draft``, ``make``, ``list``, ``sign``, ``serve``, ``served``, ``void`` and ``write``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiefen.cli.frame.given import day_of
from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    Area,
    By,
    CaseId,
    Json,
    Limit,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, more, pick, say, show_json, show_table

app = typer.Typer()
documents_app = typer.Typer(
    help="Letters, agreements and records of cases, and on whom they were served.", no_args_is_help=True
)
app.add_typer(documents_app, name="documents")

Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=MAX_ID, help="Its number in the case.")]
Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="A kind of document; `documents kinds` lists them.")
]
ForParty = Annotated[
    int | None, typer.Option("--party", metavar="NUMBER", min=1, max=MAX_ID, help="The party it is for.")
]
Said = Annotated[
    list[str] | None, typer.Option("--say", metavar="NAME=TEXT", help="What the kind asks for; repeat it.")
]
OfficeName = Annotated[
    str | None, typer.Option("--office", metavar="NAME", help="How the office is called in it.")
]
Proof = Annotated[
    int | None,
    typer.Option("--proof", metavar="NUMBER", min=1, max=MAX_ID, help="The file of the case that shows it."),
]
_HEADINGS: list[Words] = [
    ("号", "no."), ("文书", "document"), ("文号", "number"), ("版", "version"), ("当事人", "party"), ("情况", "state"),
    ("制作", "made by"), ("签发", "signed by"),
]  # fmt: skip
_SERVED: list[Words] = [
    ("文书", "document"), ("当事人", "party"), ("方式", "way"), ("日期", "day"), ("送达日", "served on"),
    ("起算的期限和最后一天", "what runs, and its last day"),
]  # fmt: skip
_KINDS: list[Words] = [
    ("代号", "kind"), ("名称", "title"), ("制作", "made by"), ("签发", "signed by"), ("须写明", "asks for"),
]  # fmt: skip


@documents_app.command("kinds")
@with_settings(*ON_DATABASE)
def kinds(settings: Settings, area: Area = None, json: Json = False) -> None:
    """List the kinds of documents that the rules have, who makes and signs them, and what they ask for."""
    with settings.engine() as engine:
        found = engine.documents.kinds(area)
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            one.id,
            one.title.text(language),
            ", ".join(one.made_by),
            ", ".join(one.signed_by),
            ", ".join(f"{name}*" if name not in one.optional else name for name in one.asks),
        )
        for one in found
    ]
    show_table(language, _KINDS, rows)


@documents_app.command("draft")
@with_settings(*ON_DATABASE)
def draft(
    settings: Settings,
    case: CaseId,
    kind: Kind,
    by: By,
    party: ForParty = None,
    said: Said = None,
    office: OfficeName = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Show how a document would read, and what it still lacks; exit 1 when it lacks something."""
    with settings.engine() as engine:
        told = engine.documents.draft(
            case, kind, by=actor(by, role, area), party=party, content=_content(said), office=office,
            language=settings.language,
        )  # fmt: skip
    language = settings.language
    if json:
        show_json(told)
    else:
        for line in told.lines:
            say(line)
        for one in told.missing:
            lacks = pick(("缺:{title}{law}", "missing: {title}{law}"), language)
            say(lacks.format(title=one.title.text(language), law=f"({one.law})" if one.law else ""), err=True)
    if told.missing:
        raise typer.Exit(1)


@documents_app.command("make")
@with_settings(*ON_DATABASE)
def make(
    settings: Settings,
    case: CaseId,
    kind: Kind,
    by: By,
    party: ForParty = None,
    said: Said = None,
    office: OfficeName = None,
    replaces: Annotated[
        int | None,
        typer.Option(
            "--replaces", metavar="NUMBER", min=1, max=MAX_ID, help="The draft that it is to replace."
        ),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Make a document; it gets its number once nothing is missing."""
    with settings.engine() as engine:
        made = engine.documents.make(
            case, kind, by=actor(by, role, area), party=party, content=_content(said), office=office,
            replaces=replaces,
        )  # fmt: skip
    if json:
        show_json(made)
        return
    headings: list[Words] = [("号", "no."), ("文号", "number"), ("版", "version")]
    show_table(settings.language, headings, [(made.seq, made.number or "", made.version)])


@documents_app.command("list")
@with_settings(*ON_DATABASE)
def list_documents(
    settings: Settings,
    case: CaseId,
    by: By,
    after: After = 0,
    limit: Limit = 100,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List the documents of a case, void ones too."""
    with settings.engine() as engine:
        found = engine.documents.of(case, by=actor(by, role, area), after=after, limit=limit)
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            one.seq, one.title.text(language), one.number or "", one.version, one.party or "",
            one.status.zh if language == "zh" else str(one.status), one.made_by, one.signed_by or "",
        )
        for one in found
    ]  # fmt: skip
    show_table(language, _HEADINGS, rows)
    more(found, limit, language, by="seq")


@documents_app.command("sign")
@with_settings(*ON_DATABASE)
def sign(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    proof: Proof = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Sign a document, so that it can be served; what the parties sign on paper is recorded with --proof."""
    with settings.engine() as engine:
        signed = engine.documents.sign(case, number, by=actor(by, role, area), proof=proof)
    if json:
        show_json(signed)
        return
    told = pick(("{number} 号文书已签发", "document {number} is signed"), settings.language)
    say(told.format(number=number))


@documents_app.command("serve")
@with_settings(*ON_DATABASE)
def serve(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    party: Annotated[
        int, typer.Option("--party", metavar="NUMBER", min=1, max=MAX_ID, help="On which party.")
    ],
    way: Annotated[
        str,
        typer.Option(
            "--way",
            metavar="WAY",
            help="direct, left, refused, electronic, post, entrusted or public_notice.",
        ),
    ],
    on: Annotated[
        str,
        typer.Option("--on", metavar="DAY", help="The day it was signed for, left, arrived, was published."),
    ],
    proof: Proof = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="What happened: the witness, the reason.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Record that a document was served on a party; what runs from it starts on the day on which it counts."""
    day = day_of(on, "--on")
    with settings.engine() as engine:
        served = engine.documents.serve(
            case, number, party, way=way, day=day, by=actor(by, role, area), proof=proof, note=note
        )
    if json:
        show_json(served)
        return
    language = settings.language
    told = pick(("{on} 为送达日", "it counts as served on {on}"), language)
    say(told.format(on=served.served_on))
    for one in served.last_days:
        until = pick(("{title}:最后一天 {day}", "{title}: until {day}"), language)
        say(until.format(title=one.title.text(language), day=one.due_on or "?"))


@documents_app.command("served")
@with_settings(*ON_DATABASE)
def served(
    settings: Settings,
    case: CaseId,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List on whom the documents of a case were served, and what runs from it for each of them."""
    with settings.engine() as engine:
        found = engine.documents.services(case, by=actor(by, role, area))
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            one.document,
            one.party,
            one.way.zh if language == "zh" else str(one.way),
            one.day,
            one.served_on,
            "; ".join(f"{last.title.text(language)} {last.due_on or '?'}" for last in one.last_days),
        )
        for one in found
    ]
    show_table(language, _SERVED, rows)


@documents_app.command("void")
@with_settings(*ON_DATABASE)
def void(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Void a document; its number stays with it and no other gets it."""
    with settings.engine() as engine:
        gone = engine.documents.void(case, number, reason=reason, by=actor(by, role, area))
    if json:
        show_json(gone)
        return
    told = pick(("{number} 号文书已作废", "document {number} is void"), settings.language)
    say(told.format(number=number))


@documents_app.command("write")
@with_settings(*ON_DATABASE)
def write(
    settings: Settings,
    case: CaseId,
    number: Number,
    into: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it; a new file.")],
    by: By,
    form: Annotated[
        str, typer.Option("--form", metavar="FORM", help="txt, docx or pdf (with LibreOffice).")
    ] = "txt",
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Write a document to a new file, once it is known to be what was made."""
    with settings.engine() as engine:
        content = engine.documents.read(case, number, by=actor(by, role, area), form=form)
    with into.open("xb") as opened:
        opened.write(content)
    say(pick(("已保存到 {into}", "written to {into}"), settings.language).format(into=into))


def _content(said: list[str] | None) -> dict[str, str] | None:
    if not said:
        return None
    given: dict[str, str] = {}
    for one in said:
        name, equals, text = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"--say {one!r}: write NAME=TEXT")
        given[name.strip()] = text
    return given
