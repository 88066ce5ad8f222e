"""``jiefen audit``: proof that what is kept is what happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    After,
    Json,
    Limit,
    OfMatter,
    Settings,
    with_settings,
)
from jiefen.cli.frame.output import Words, more, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode
from jiefen.clock import SystemClock

app = typer.Typer()
audit_app = typer.Typer(help="Prove that what is kept is what happened.")
app.add_typer(audit_app, name="audit")

Folder = Annotated[Path | None, typer.Option(metavar="DIR", help="Compare with the anchors in this folder.")]


@audit_app.command("verify")
@with_settings("db", "lang")
def verify(
    settings: Settings,
    anchors: Folder = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The public key that must have signed the anchors.")
    ] = None,
    after: Annotated[
        int, typer.Option(min=0, max=MAX_ID, metavar="CASE", help="Only cases after this one.")
    ] = 0,
    until: Annotated[
        int | None, typer.Option(min=1, max=MAX_ID, metavar="CASE", help="Only cases up to this one.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Tell at most so many faults.")] = 100,
    workers: Annotated[int, typer.Option(min=1, max=64, help="So many processes share the work.")] = 1,
    json: Json = False,
) -> None:
    """Look through every journal: what was changed, taken out, put in, cut off or moved without the engine."""
    from jiefen import Audit

    with Audit.open(settings.database()) as audit:
        found = audit.verify(after=after, until=until, anchors=anchors, key=key, limit=limit, workers=workers)
    language = settings.language
    if json:
        show_json(found)
    else:
        for fault in found.faults:
            say(pick((fault.zh, fault.en), language))
        words = (
            "案件 {0.cases} 件,流水 {0.entries} 条,锚定 {0.anchors} 个;至案件 {0.through};发现 {0.found} 处问题",
            "{0.cases} cases, {0.entries} entries, {0.anchors} anchors, through case {0.through}; {0.found} faults",
        )
        say(pick(words, language).format(found))
        if found.chained_later:
            later = (
                "其中 {n} 条是升级时才编入链的:升级之前是否改动过,无从证明",
                "{n} of them were chained by a migration: what was changed before it, nobody can tell",
            )
            say(pick(later, language).format(n=found.chained_later))
        if found.uncovered:
            before = (
                "另有 {n} 条记录形成时尚无校验:是否改动过,无从证明",
                "{n} rows were written before such rows were covered: whether they were changed, nobody can tell",
            )
            say(pick(before, language).format(n=found.uncovered))
        if found.not_read:
            closed = ("无权读取,未比对的表:{names}", "not compared, for this role may not read them: {names}")
            say(pick(closed, language).format(names=", ".join(found.not_read)))
    if not found.sound:
        raise typer.Exit(ExitCode.REFUSED)


@audit_app.command("anchor")
@with_settings("db", "lang")
def anchor(
    settings: Settings,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the administrator of the database cannot write.")
    ],
    key: Annotated[Path, typer.Option(metavar="FILE", help="The private key; `jiefen audit key` makes one.")],
    json: Json = False,
) -> None:
    """Sign where every journal ends that has grown since the last time; once a day is usual."""
    from jiefen import Audit

    with Audit.open(settings.database()) as audit:
        made = audit.anchor(out, key=key)
    if json:
        show_json(made)
        return
    words = (
        "第 {0.number} 号锚定:新增流水 {0.entries} 条,涉及案件 {0.cases} 件,已签名:{0.file}",
        "anchor {0.number}: {0.entries} entries of {0.cases} cases, signed in {0.file}",
    )
    say(pick(words, settings.language).format(made))


@audit_app.command("key")
@with_settings("lang")
def key(
    settings: Settings,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The private key; the public one is FILE.pub.")],
) -> None:
    """Make a pair of keys: the private one signs anchors, the public one is for whoever verifies."""
    from jiefen.audit.signing import make_key

    name = make_key(out)
    words = (
        "私钥 {file} 只供签名,请与数据库分开保管;公钥 {file}.pub({name})交审计人员",
        "{file} signs: keep it away from the database; {file}.pub ({name}) is for the auditors",
    )
    say(pick(words, settings.language).format(file=out, name=name[:16]))


@audit_app.command("refusals")
@with_settings(*ON_DATABASE)
def refusals(
    settings: Settings,
    who: Annotated[str | None, typer.Option("--who", metavar="WHO", help="Refused to them.")] = None,
    act: Annotated[str | None, typer.Option("--act", metavar="ACT", help="As in authority.yaml.")] = None,
    case: OfMatter = None,
    often: Annotated[
        int | None,
        typer.Option("--often", min=1, metavar="TIMES", help="Who was refused so often in a week."),
    ] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what was refused to whom, or who was refused often."""
    with settings.engine() as engine:
        if often is not None:
            found: list[Any] = engine.refused_often(least=often, limit=limit)
        else:
            found = engine.refusals(actor=who, act=act, case=case, after=after, limit=limit)
    if json:
        show_json(found)
        return
    if often is not None:
        heads = [("人员", "who"), ("次数", "times"), ("最近一次", "last")]
        show_table(settings.language, heads, [(one.actor, one.times, one.last) for one in found])
        return
    headings = [
        ("编号", "id"), ("时间", "at"), ("人员", "who"), ("事项", "act"), ("案件", "case"), ("原因", "why"),
    ]  # fmt: skip
    rows = [(one.id, one.at, one.actor, one.act, one.case, one.why) for one in found]
    show_table(settings.language, headings, rows)
    more(found, limit, settings.language)


@audit_app.command("roles")
def roles() -> None:
    """Print the SQL for PostgreSQL that makes an owner, an application and an auditor, each with what it needs."""
    from jiefen.store.roles import roles_sql

    typer.echo(roles_sql(), nl=False)


@audit_app.command("reads")
@with_settings("db", "lang")
def reads(
    settings: Settings,
    person: Annotated[str | None, typer.Option(metavar="WHO", help="Only what this person has read.")] = None,
    case: OfMatter = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="Of so many days.")] = 7,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List who has read what of cases that are not open, and what was refused."""
    from jiefen import Audit

    with Audit.open(settings.database()) as audit:
        found = audit.reads(
            person=person, case=case, since=_ago(days), refused=refused or None, after=after, limit=limit
        )
    if json:
        show_json(found)
        return
    rows = [
        (one.id, one.at, one.person, one.call, one.case, one.grade, one.refused or "", one.because or "")
        for one in found
    ]
    show_table(settings.language, _READS, rows)


@audit_app.command("unusual")
@with_settings("db", "lang")
def unusual(
    settings: Settings,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="Of so many days.")] = 7,
    many: Annotated[int, typer.Option(min=1, help="So many cases in a minute are unusual.")] = 60,
    json: Json = False,
) -> None:
    """Tell whose reading is unusual: very much at once, at odd hours, of strangers, or of what is not theirs."""
    from jiefen import Audit

    with Audit.open(settings.database()) as audit:
        found = audit.unusual(since=_ago(days), many=many)
    if json:
        show_json(found)
        return
    show_table(
        settings.language, _UNUSUAL, [(one.person, one.sign, one.number, one.at or "") for one in found]
    )


_READS: list[Words] = [
    ("号", "no."), ("时间", "when"), ("何人", "who"), ("查阅方式", "call"), ("案件", "case"), ("密级", "grade"),
    ("拒绝", "refused"), ("理由", "because"),
]  # fmt: skip
_UNUSUAL: list[Words] = [("何人", "who"), ("异常", "sign"), ("数量", "number"), ("时间", "when")]


def _ago(days: int) -> datetime:
    return SystemClock().now() - timedelta(days=days)
