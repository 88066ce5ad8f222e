"""日程: ``diary``, what is on for a person or an office, as a file for calendars."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiefen.cli.frame.options import ON_DATABASE, ActorArea, By, Roles, Settings, actor, with_settings
from jiefen.cli.frame.output import pick, say
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
