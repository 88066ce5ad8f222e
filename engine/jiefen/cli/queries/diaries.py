"""日程: ``diary``, what is on for a person or an office, as a file for calendars; ``diaries``, its secret addresses."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    By,
    ByWhoever,
    Json,
    Limit,
    Reason,
    Roles,
    Settings,
    actor,
    named,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.errors import FactError
from jiefen.outside.calendars import calendar_adapter

app = typer.Typer()

Office = Annotated[
    str | None,
    typer.Option("--office", metavar="ROLE@CODE", help="Of this office, which they hold; else their own."),
]


def read_office(given: str | None) -> tuple[str | None, str | None]:
    """Role and area of ``ROLE@CODE``; of nothing, neither.

    Raises:
        FactError: it is written otherwise.
    """
    if given is None:
        return None, None
    role, at, area = given.partition("@")
    if not at:
        raise FactError(
            f"--office {given} is no ROLE@CODE; write for example petition_officer@140429102",
            zh=f"--office {given} 应写作 岗位@属地代码,例如 petition_officer@140429102",
        )
    return role, area


@app.command("diary")
@with_settings(*ON_DATABASE)
def diary(
    settings: Settings,
    by: By,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", dir_okay=False, help="The calendar, .ics; it is replaced."),
    ],
    role: Roles = None,
    area: ActorArea = None,
    office: Office = None,
    domain: Annotated[
        str, typer.Option(metavar="NAME", help="Makes the ids of its entries those of this office.")
    ] = "jiefen",
) -> None:
    """Write what is on for somebody, or an office of theirs, as a calendar (iCalendar): what they may read of it."""
    write = calendar_adapter()
    of_role, of_area = read_office(office)
    with settings.engine() as engine:
        found = engine.diaries.of(by=actor(by, role, area), role=of_role, area=of_area)
        content = write(found, language=settings.language, domain=domain)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise FactError(
            f"{out} cannot be written: {error.strerror}; name another place",
            zh=f"{out} 写不进去({error.strerror});请换一个位置",
        ) from error
    count = content.count(b"BEGIN:VEVENT")
    say(pick(("{n} 项 → {file}", "{n} entries → {file}"), settings.language).format(n=count, file=out))


diaries_app = typer.Typer(invoke_without_command=True, help="Secret addresses of diaries.")
app.add_typer(diaries_app, name="diaries")


@diaries_app.callback()
@with_settings(*ON_DATABASE)
def diaries(
    settings: Settings,
    by: Annotated[str | None, typer.Option("--by", metavar="WHO", help="Whose: a staff number.")] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List the secret addresses that somebody has issued for calendars; issue one, take one back."""
    if settings.subcommand is not None:
        return
    if by is None:
        raise typer.BadParameter("say whose, by a staff number", param_hint="--by")
    with settings.engine() as engine:
        found = engine.diaries.addresses(by=actor(by, None, None), after=after, limit=limit)
    if json:
        show_json(found)
        return
    headings: list[Words] = [
        ("编号", "id"), ("岗位", "office"), ("属地", "area"), ("生成时间", "issued"), ("有效期至", "until"),
        ("收回时间", "taken back"),
    ]  # fmt: skip
    rows = [(one.id, one.role, one.area, one.issued_at, one.until, one.revoked_at) for one in found]
    show_table(settings.language, headings, rows)


@diaries_app.command("issue")
@with_settings(*ON_DATABASE)
def issue(
    settings: Settings,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    office: Office = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Its last day; a year from now when absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Issue a secret address; it is said this once. Whoever has it reads the diary."""
    of_role, of_area = read_office(office)
    with settings.engine() as engine:
        made = engine.diaries.issue(
            by=actor(by, role, area),
            role=of_role,
            area=of_area,
            until=until.date() if until is not None else None,
        )
    if json:
        show_json(made)
        return
    words: Words = (
        "{id} 号日程地址(至 {until},只显示这一次):{token}",
        "address {id}, until {until}, shown this once: {token}",
    )
    say(pick(words, settings.language).format(id=made.id, until=made.until, token=made.token))


@diaries_app.command("revoke")
@with_settings(*ON_DATABASE)
def revoke(
    settings: Settings,
    address: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, help="Of the address.")],
    reason: Reason,
    by: ByWhoever = None,
    json: Json = False,
) -> None:
    """Take an address back; nothing is read under it from now on."""
    with settings.engine() as engine:
        gone = engine.diaries.revoke(address, reason=reason, by=named(by, None, None))
    if json:
        show_json(gone)
        return
    say(pick(("{n} 号日程地址已收回", "address {n} was taken back"), settings.language).format(n=gone.id))
