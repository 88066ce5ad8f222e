"""接访、下访、约访: ``appoint`` one, list ``appointments``, and say what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.given import day_of, moment_of
from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
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
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.cli.frame.staff import staff_number
from jiefen.record.kinds import AppointmentStatus, MissedBy

if TYPE_CHECKING:
    from datetime import datetime

    from jiefen import Appointment

app = typer.Typer()
appointments_app = typer.Typer(help="List appointments (接访、下访、约访); say what became of one.")
app.add_typer(appointments_app, name="appointments")
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=MAX_ID, help="Its number in the case.")]
At = Annotated[str, typer.Option(metavar="INSTANT", help="When, such as 2026-03-05T09:30+08:00.")]
_HEADINGS: list[Words] = [
    ("案件", "case"), ("号", "no."), ("时间", "when"), ("分钟", "minutes"), ("方式", "form"), ("地点", "place"),
    ("接待人", "official"), ("情况", "state"), ("备注", "notes"),
]  # fmt: skip
_AWAY: Words = ("接待人 {day} 前不在岗", "the official is away until {day}")


@app.command("appoint")
@with_settings(*ON_DATABASE)
def appoint(
    settings: Settings,
    case: CaseId,
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORM", help="接访 reception, 下访 field_visit, 约访 appointment, 带案下访 led_visit."
        ),
    ],
    at: At,
    place: Annotated[str, typer.Option(help="Where.")],
    official: Annotated[str, typer.Option(metavar="WHO", help="Who meets the people: a staff number.")],
    by: By,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long it takes.")] = 30,
    staff: Annotated[
        list[str] | None, typer.Option(metavar="WHO", help="Who is there besides; repeat it.")
    ] = None,
    party: Annotated[
        list[int] | None, typer.Option(metavar="NUMBER", help="A party to come; repeat it.")
    ] = None,
    where: Annotated[str | None, typer.Option(metavar="CODE", help="Area of the place.")] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Book a meeting of an official with the people of a case."""
    with settings.engine() as engine:
        official, *others = (staff_number(settings, engine, one) for one in (official, *(staff or ())))
        made = engine.appointments.book(
            case, form, at=_instant(at), place=place, official=official, minutes=minutes, staff=others,
            parties=party or (), area=where, by=actor(by, role, area),
        )  # fmt: skip
    _show(settings, made, json)


@appointments_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def appointments(
    settings: Settings,
    by: Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who looks: a staff number.")] = None,
    case: Annotated[
        int | None, typer.Option("--case", min=1, max=MAX_ID, metavar="CASE", help="Those of one case.")
    ] = None,
    within: Annotated[str | None, typer.Option("--where", metavar="CODE", help="Area of the place.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DAY", help="First day; today when absent.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day; a month later when absent.")
    ] = None,
    official: Annotated[str | None, typer.Option(metavar="WHO", help="Those of one official.")] = None,
    status: Annotated[AppointmentStatus | None, typer.Option(help="What has become of them.")] = None,
    after: Annotated[str | None, typer.Option(metavar="TOKEN", help="Start after this one.")] = None,
    limit: Limit = 100,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List appointments by time, those that one may see."""
    if settings.subcommand is not None:
        return
    if by is None:
        raise typer.BadParameter("say who looks, by a staff number", param_hint="--by")
    who = actor(by, role, area)
    language = settings.language
    with settings.engine() as engine:
        if case is not None:
            own = engine.appointments.of(case, by=who)
            if json:
                show_json(own)
            else:
                show_table(language, _HEADINGS, [_row(one, "") for one in own])
            return
        found = engine.appointments.find(
            by=who,
            area=within,
            since=day_of(since, "--since") if since is not None else None,
            until=day_of(until, "--until") if until is not None else None,
            official=official,
            status=status,
            after=after,
            limit=limit,
        )
    if json:
        show_json(found)
        return
    rows = [
        _row(one.appointment, pick(_AWAY, language).format(day=one.away_until) if one.away_until else "")
        for one in found
    ]
    show_table(language, _HEADINGS, rows)
    if len(found) == limit:
        words = ("还有更多:加 --after {token}", "there may be more: --after {token}")
        say(pick(words, language).format(token=found[-1].token), err=True)


@appointments_app.command("move")
@with_settings(*ON_DATABASE)
def move(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    reason: Reason,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="When instead.")] = None,
    place: Annotated[str | None, typer.Option(help="Where instead.")] = None,
    official: Annotated[str | None, typer.Option(metavar="WHO", help="Who holds it instead.")] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Move a meeting to another time or place, or to another official."""
    with settings.engine() as engine:
        who = staff_number(settings, engine, official) if official is not None else None
        moved = engine.appointments.move(
            case, number, at=_instant(at) if at is not None else None, place=place, official=who, reason=reason,
            by=actor(by, role, area),
        )  # fmt: skip
    _show(settings, moved, json)


@appointments_app.command("held")
@with_settings(*ON_DATABASE)
def held(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    result: Annotated[str | None, typer.Option(help="What came of it, for the office.")] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Say that a meeting was held."""
    with settings.engine() as engine:
        one = engine.appointments.held(case, number, result=result, by=actor(by, role, area))
    _show(settings, one, json)


@appointments_app.command("missed")
@with_settings(*ON_DATABASE)
def missed(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    reason: Reason,
    missed_by: Annotated[MissedBy, typer.Option("--missed-by", help="Who was not there.")],
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Say that a meeting did not take place because somebody was not there."""
    with settings.engine() as engine:
        one = engine.appointments.missed(
            case, number, missed_by=missed_by, reason=reason, by=actor(by, role, area)
        )
    _show(settings, one, json)


@appointments_app.command("cancel")
@with_settings(*ON_DATABASE)
def cancel(
    settings: Settings,
    case: CaseId,
    number: Number,
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Call a meeting off."""
    with settings.engine() as engine:
        one = engine.appointments.cancel(case, number, reason=reason, by=actor(by, role, area))
    _show(settings, one, json)


def _instant(text: str) -> datetime:
    from datetime import datetime

    instant = moment_of(text, "--at")
    if not isinstance(instant, datetime):
        raise typer.BadParameter("say the time too, for example 2026-03-05T09:30+08:00", param_hint="--at")
    return instant


def _show(settings: Settings, one: Appointment, json: bool) -> None:
    if json:
        show_json(one)
    else:
        show_table(settings.language, _HEADINGS, [_row(one, one.reason or "")])


def _row(one: Appointment, notes: str) -> tuple[object, ...]:
    return (
        one.case, one.seq, f"{one.starts_at:%Y-%m-%d %H:%M%z}", one.minutes, one.form.zh, one.place, one.official,
        one.status, notes,
    )  # fmt: skip
