"""The people around a case: ``supervise``, ``supervisions``, ``recuse``, ``contact``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

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
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, last_day, more, pick, say, show_json, show_table
from jiefen.errors import NotFound

if TYPE_CHECKING:
    from jiefen import Supervision

app = typer.Typer()
supervisions_app = typer.Typer(help="List what somebody was pressed for (督办); answer it in writing.")
app.add_typer(supervisions_app, name="supervisions")

Ref = Annotated[str, typer.Argument(metavar="REF", help="As listed, for example rung/1/supervise.")]
ReplyTime = Annotated[
    str | None, typer.Option("--reply", metavar="PERIOD", help="Time for the answer, such as '5 wd'.")
]
ReplyDay = Annotated[
    str | None, typer.Option("--reply-by", metavar="DATE", help="Its last day, such as 2026-03-20.")
]


@supervisions_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def supervisions(
    settings: Settings,
    status: Annotated[
        Literal["open", "overdue", "answered", "accepted", "withdrawn"],
        typer.Option(help="Whether it waits, waits too long, or is over."),
    ] = "open",
    case: Annotated[
        int | None, typer.Option("--case", min=1, max=MAX_ID, metavar="CASE", help="Those of one case.")
    ] = None,
    area: Area = None,
    role: Annotated[str | None, typer.Option(help="Those that this role must answer.")] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what somebody was pressed for and must answer in writing."""
    from jiefen.notation.labels import suggestion

    if settings.subcommand is not None:
        return
    with settings.reading() as engine:
        found = engine.supervisions(status=status, case=case, area=area, role=role, after=after, limit=limit)
        roles = engine.edition.rulebook.roles
        if role is not None and not found and role not in roles:
            raise NotFound(f"there is no role {role!r}; {suggestion(role, roles)}")
    if json:
        show_json(found)
        return
    language = settings.language
    headings = [
        ("案件", "case"), ("编号", "ref"), ("督办", "action"), ("事项", "about"), ("岗位", "role"), ("属地", "area"),
        ("任职人", "holders"), ("答复期限", "reply by"), ("备注", "notes"),
    ]  # fmt: skip
    rows = [
        (
            one.case, one.ref, one.action, one.title[language], one.role, one.area, one.holders, last_day(one.reply_at),
            pick(("逾期", "overdue"), language) if one.overdue else "",
        )
        for one in found
    ]  # fmt: skip
    show_table(language, headings, rows)
    more(found, limit, language)


@supervisions_app.command("answer")
@with_settings(*ON_DATABASE)
def answer(
    settings: Settings,
    case: CaseId,
    ref: Ref,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="The answer; the journal keeps it.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Answer a supervision in writing: one of its holders, or somebody with its role."""
    with settings.engine() as engine:
        answered = engine.answer_supervision(case, ref, text, by=actor(by, role, area))
    if json:
        show_json(answered)
        return
    words: Words = ("案件 {case} 的督办 {ref} 已答复", "supervision {ref} of case {case} is answered")
    say(pick(words, settings.language).format(case=case, ref=ref))


@supervisions_app.command("check")
@with_settings(*ON_DATABASE)
def check(
    settings: Settings,
    case: CaseId,
    ref: Ref,
    enough: Annotated[
        bool,
        typer.Option(
            "--enough/--send-back", help="The answer is accepted, or goes back.", show_default=False
        ),
    ],
    by: By,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="What is missing.")] = None,
    reply: ReplyTime = None,
    reply_by: ReplyDay = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Look at the answer to a supervision: it is enough, or goes back with a new time (审核答复)."""
    with settings.engine() as engine:
        found = engine.check_answer(
            case,
            ref,
            enough=enough,
            reason=reason,
            reply=reply,
            reply_by=_day(reply_by),
            by=actor(by, role, area),
        )
    _told(
        found,
        json,
        settings,
        ("案件 {case} 的督办 {ref}:{status}", "supervision {ref} of case {case}: {status}"),
    )


@supervisions_app.command("withdraw")
@with_settings(*ON_DATABASE)
def withdraw(
    settings: Settings,
    case: CaseId,
    ref: Ref,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the journal keeps it.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take back a supervision that is not to be answered any more; who was pressed is told."""
    with settings.engine() as engine:
        found = engine.withdraw_supervision(case, ref, reason=reason, by=actor(by, role, area))
    _told(
        found,
        json,
        settings,
        ("案件 {case} 的督办 {ref} 已撤销", "supervision {ref} of case {case} is withdrawn"),
    )


@app.command("supervise")
@with_settings(*ON_DATABASE)
def supervise(
    settings: Settings,
    case: CaseId,
    pressed: Annotated[str, typer.Argument(metavar="OFFICE", help="Who is pressed: a role.")],
    ground: Annotated[
        str, typer.Option("--ground", metavar="TEXT", help="What is wrong, and what is asked.")
    ],
    by: By,
    action: Annotated[
        str,
        typer.Option(
            metavar="ACTION", help="remind, supervise, interview, supervise_list, circular or rectify."
        ),
    ] = "supervise",
    reply: ReplyTime = None,
    reply_by: ReplyDay = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Press an office by hand (督办); it must answer in writing, and what is not answered climbs."""
    with settings.engine() as engine:
        found = engine.supervise(
            case,
            pressed,
            action,
            ground=ground,
            reply=reply,
            reply_by=_day(reply_by),
            by=actor(by, role, area),
        )
    _told(found, json, settings, ("案件 {case} 已督办:{ref}", "case {case}: {ref} is to be answered"))


def _told(found: Supervision, json: bool, settings: Settings, words: Words) -> None:
    if json:
        show_json(found)
        return
    said = {"case": found.case, "ref": found.ref, "status": str(found.status)}
    say(pick(words, settings.language).format(**said))


def _day(text: str | None) -> date | None:
    return day_of(text, "--reply-by") if text is not None else None


@app.command("recuse")
@with_settings(*ON_DATABASE)
def recuse(
    settings: Settings,
    case: CaseId,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Staff number of who keeps out.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the journal keeps it.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let them work on it again.")] = False,
) -> None:
    """Keep somebody with a direct interest away from a case (回避); what they had claimed is open to others again."""
    with settings.engine() as engine:
        do = engine.lift_recusal if lift else engine.recuse
        do(case, person, reason=reason, by=actor(by, role, area))
    words: Words = ("{person} 已回避案件 {case}", "{person} keeps out of case {case}")
    if lift:
        words = ("{person} 在案件 {case} 中不再回避", "{person} works on case {case} again")
    say(pick(words, settings.language).format(case=case, person=person))


@app.command("contact")
@with_settings(*ON_DATABASE)
def contact(
    settings: Settings,
    case: CaseId,
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORM",
            help="reception, field_visit, appointment, follow_up, persuasion or telephone; or the Chinese word.",
        ),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What came of it.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Log that somebody met the people of a case; a record and nothing else."""
    with settings.engine() as engine:
        engine.log_contact(case, form, note, by=actor(by, role, area))
    say(pick(("案件 {case} 已记录", "logged for case {case}"), settings.language).format(case=case))
