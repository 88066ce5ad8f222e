"""附件: ``attach`` a file to a case, list ``attachments``, ``fetch`` one, ``detach`` it, and ``check-files``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
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

if TYPE_CHECKING:
    from jiefen import Attachment

app = typer.Typer()
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=MAX_ID, help="Its number in the case.")]
_HEADINGS: list[Words] = [
    ("号", "no."), ("文件", "file"), ("类型", "kind"), ("字节", "bytes"), ("时间", "when"), ("何人", "who"),
    ("情况", "state"),
]  # fmt: skip


@app.command("attach")
@with_settings(*ON_DATABASE)
def attach(
    settings: Settings,
    case: CaseId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A paper, picture, recording or plain text.")],
    by: By,
    name: Annotated[str | None, typer.Option(help="What to call it; as the file is called.")] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Attach a file to a case; what it is, is told by its content."""
    from jiefen.counter.attachments import MOST_BYTES

    with file.open("rb") as opened:
        # One more than is taken, so that a file that is too large is never read whole.
        content = opened.read(MOST_BYTES + 1)
    with settings.engine() as engine:
        made = engine.attachments.add(case, name or file.name, content, by=actor(by, role, area))
    if json:
        show_json(made)
        return
    show_table(settings.language, [("号", "no."), ("SHA-256", "SHA-256")], [(made.seq, made.digest)])


@app.command("attachments")
@with_settings(*ON_DATABASE)
def attachments(
    settings: Settings,
    case: CaseId,
    by: By,
    after: After = 0,
    limit: Limit = 100,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List the files of a case, for who may work on it."""
    with settings.engine() as engine:
        found = engine.attachments.of(case, by=actor(by, role, area), after=after, limit=limit)
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            one.seq, one.name, one.media, one.size, one.at, one.by,
            pick(("已撤出", "withdrawn"), language) if one.withdrawn_at else one.fault or "",
        )
        for one in found
    ]  # fmt: skip
    show_table(language, _HEADINGS, rows)
    more(found, limit, language, by="seq")


@app.command("fetch")
@with_settings(*ON_DATABASE)
def fetch(
    settings: Settings,
    case: CaseId,
    number: Number,
    into: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it; a new file.")],
    by: By,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Write a file of a case where you say, once it is known to be what was attached."""
    with settings.engine() as engine:
        content = engine.attachments.read(case, number, by=actor(by, role, area))
    with into.open("xb") as opened:
        opened.write(content)
    say(pick(("已保存到 {into}", "written to {into}"), settings.language).format(into=into))


@app.command("detach")
@with_settings(*ON_DATABASE)
def detach(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take a file out of a case; nobody reads it any more, and the journal keeps that it was there."""
    with settings.engine() as engine:
        gone = engine.attachments.withdraw(case, number, reason=reason, by=actor(by, role, area))
    if json:
        show_json(gone)
        return
    say(pick(("附件 {seq} 已撤出", "file {seq} is withdrawn"), settings.language).format(seq=gone.seq))


@app.command("check-files")
@with_settings(*ON_DATABASE)
def check_files(settings: Settings, json: Json = False) -> None:
    """Read every stored file and compare it with its digest; exit 1 when one is missing or changed."""
    faulty: list[Attachment] = []
    looked, after = 0, ""
    with settings.engine() as engine:
        while True:
            page = engine.attachments.check(after=after)
            looked, faulty = looked + page.looked, [*faulty, *page.faulty]
            if page.after is None:
                break
            after = page.after
    if json:
        show_json({"looked": looked, "faulty": faulty})
    else:
        headings: list[Words] = [("案件", "case"), ("号", "no."), ("SHA-256", "SHA-256"), ("问题", "fault")]
        show_table(
            settings.language, headings, [(one.case, one.seq, one.digest, one.fault) for one in faulty]
        )
        say(pick(("已核查 {n} 个文件", "{n} files were read"), settings.language).format(n=looked))
    if faulty:
        raise typer.Exit(1)
