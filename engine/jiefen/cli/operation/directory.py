"""``directory``: check and load the directory of posts, and ask who holds what, and what nobody holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jiefen.areas import area_level, normalise_area
from jiefen.cli.frame.findings import show_findings
from jiefen.cli.frame.given import day_of
from jiefen.cli.frame.options import (
    ON_DATABASE,
    ON_RULES,
    ActorArea,
    Area,
    ByWhoever,
    Json,
    Language,
    Roles,
    Settings,
    named,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.clock import SystemClock, china_date
from jiefen.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jiefen import Engine
    from jiefen.people.directory import Holder, Organisation, Post, Seat
    from jiefen.people.finder import Finder
    from jiefen.rules import Role

app = typer.Typer()
directory_app = typer.Typer(
    no_args_is_help=True, help="Who holds which post: check and load the file, and ask it."
)
app.add_typer(directory_app, name="directory")

_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A directory file; docs/directory.md describes it.")
]
_On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="On this day; absent: today.")]
_VACANT: Words = ("空缺", "vacant")
_DEPUTY: Words = ("{id}(副)", "{id} (deputy)")


@directory_app.command("check")
@with_settings(*ON_RULES)
def check(settings: Settings, file: _File, json: Json = False) -> None:
    """Say what is wrong with a directory file, without loading it. Its roles must be those of the rulebook."""
    from jiefen.people.directory_file import check_directory

    findings = check_directory(file, settings.rulebook().roles)
    show_findings(findings, [str(file)], settings.language, json=json)


@directory_app.command("load")
@with_settings(*ON_DATABASE)
def load(
    settings: Settings,
    file: _File,
    by: ByWhoever = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Put a directory file into the database in the place of the one before; a broken one changes nothing."""
    with settings.engine() as engine:
        loaded = engine.load_directory(file, by=named(by, role, area))
    numbers = {"units": len(loaded.units), "posts": len(loaded.posts)}
    if json:
        show_json(numbers)
        return
    words: Words = ("已载入 {units} 个单位、{posts} 个任职", "loaded {units} units and {posts} posts")
    say(pick(words, settings.language).format(**numbers))


@directory_app.command("show")
@with_settings(*ON_DATABASE)
def show(
    settings: Settings,
    area: Area = None,
    role: Annotated[str | None, typer.Option(help="Only posts of this role.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Only posts held on this day; absent: all.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the posts of the directory that is loaded, and who holds them; an area includes what lies inside it."""
    day = day_of(on, "--on") if on is not None else None
    with settings.engine() as engine:
        organisation, roles = _loaded(engine), engine.edition.rulebook.roles
        _require_role(role, roles)
    within = normalise_area(area) if area is not None else ""
    inside = {code for code in organisation.units if not within or within in organisation.lineage(code)}
    posts = [
        post
        for post in organisation.posts
        if post.area in inside and role in (None, post.role) and (day is None or post.held(day))
    ]
    if json:
        units = [unit for code, unit in organisation.units.items() if code in inside]
        show_json({"units": units, "superiors": organisation.superiors, "posts": posts})
        return
    language = settings.language
    headings = [
        ("属地", "area"), ("单位", "unit"), ("岗位", "role"), ("名称", "title"), ("任职人", "holder"), ("起", "from"),
        ("止", "to"),
    ]  # fmt: skip
    rows = [
        (
            post.area, organisation.units[post.area].title.text(language), post.role,
            _title(post.role, roles, language), _person(post, language), post.since, post.until,
        )
        for post in posts
    ]  # fmt: skip
    show_table(language, headings, rows)


@directory_app.command("who")
@with_settings(*ON_DATABASE)
def who(
    settings: Settings,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="For example village_head.")],
    area: Annotated[str, typer.Option("--area", metavar="CODE", help="Area of the case.")],
    on: _On = None,
    json: Json = False,
) -> None:
    """Say who is told when a rule names a role: the holders, else who stands in, else who comes next on the way up."""
    day, code = _day(on), normalise_area(area)
    with settings.engine() as engine:
        organisation, roles = _loaded(engine), engine.edition.rulebook.roles
        _require_role(role, roles)
        finder = _finder(engine, organisation, code, day)
    target = finder.find(role, None, code)
    way = [
        {
            "role": seat.role,
            "level": seat.level,
            "area": seat.area,
            "holders": _held(organisation, seat, day, deputy=False),
            "deputies": _held(organisation, seat, day, deputy=True)
            + [
                holder
                for deputy in (roles[seat.role].deputies if seat.role in roles else ())
                for holder in _held(organisation, _seat(deputy, roles, code), day)
            ],
        }
        for seat in _way_up(finder, _seat(role, roles, code))
    ]
    told = {"role": target.role, "holders": target.holders, "deputies": target.deputies}
    if json:
        show_json(
            {"role": role, "area": code, "on": day, "told": told, "vacant": target.vacant, "way_up": way}
        )
        return
    language = settings.language
    if roles[role].level is None:
        outside: Words = (
            "{title}不属于机构内岗位,由接入方自行通知",
            "{title} lies outside of the organisation; the host reaches them",
        )
        say(pick(outside, language).format(title=_title(role, roles, language)))
        return
    headings = [
        ("岗位", "role"),
        ("名称", "title"),
        ("层级", "level"),
        ("任职人", "holders"),
        ("副职", "deputies"),
    ]
    rows = [
        (
            step["role"], _title(str(step["role"]), roles, language), step["level"],
            step["holders"] or pick(_VACANT, language), step["deputies"],
        )
        for step in way
    ]  # fmt: skip
    show_table(language, headings, rows)
    words: Words = ("通知:{who}({title})", "told: {who} ({title})")
    if not target.holders:
        words = ("无人可通知,将报警", "nobody can be told; an alert is left")
    said = pick(words, language).format(
        who=", ".join(target.holders or ()), title=_title(target.role, roles, language)
    )
    say(said)


@directory_app.command("vacancies")
@with_settings(*ON_DATABASE)
def vacancies(settings: Settings, area: Area = None, on: _On = None, json: Json = False) -> None:
    """List the posts that nobody holds, and who is told instead; an area includes what lies inside it.

    Looked at are the roles that the directory names, in every unit of their level.
    """
    day = _day(on)
    within = normalise_area(area) if area is not None else ""
    with settings.engine() as engine:
        organisation, roles = _loaded(engine), engine.edition.rulebook.roles
        found = list(_vacant(engine, organisation, within, day))
    if json:
        show_json(found)
        return
    language = settings.language
    headings = [
        ("属地", "area"), ("单位", "unit"), ("岗位", "role"), ("名称", "title"), ("改通知", "told instead"),
        ("任职人", "holders"),
    ]  # fmt: skip
    rows = [
        (
            one["area"], organisation.units[one["area"]].title.text(language), one["role"],
            _title(one["role"], roles, language), one["told"], one["holders"] or pick(("无人", "nobody"), language),
        )
        for one in found
    ]  # fmt: skip
    show_table(language, headings, rows)


def _vacant(engine: Engine, organisation: Organisation, within: str, day: date) -> Iterator[dict[str, Any]]:
    roles = engine.edition.rulebook.roles
    named = {post.role for post in organisation.posts} | set(organisation.superiors)
    levels = {role: roles[role].level for role in sorted(named & set(roles))}
    for code in sorted(organisation.units):
        if within and within not in organisation.lineage(code):
            continue
        finder = _finder(engine, organisation, code, day)
        for role, level in levels.items():
            if level is not area_level(code):
                continue
            target = finder.find(role, None, code)
            if target.vacant:
                told = target.role if target.holders else None
                yield {"area": code, "role": role, "told": told, "holders": target.holders}


def _loaded(engine: Engine) -> Organisation:
    """The directory in the database.

    Raises:
        NotFound: none was ever loaded.
    """
    from jiefen.people.directory import Organisation

    directory = engine.directory()
    if not isinstance(directory, Organisation):
        raise NotFound("no directory is loaded; load one with `jiefen directory load FILE`")
    return directory


def _finder(engine: Engine, organisation: Organisation, area: str, day: date) -> Finder:
    from jiefen.people.finder import Finder

    edition = engine.edition
    return Finder(organisation, edition.rulebook.roles, edition.view(area), {}, day)


def _way_up(finder: Finder, seat: Seat) -> Iterator[Seat]:
    """A seat and those above it, as far as a notice climbs."""
    from jiefen.people.finder import MAX_CLIMB

    at: Seat | None = seat
    seen: list[Seat] = []
    while at is not None and at not in seen and len(seen) <= MAX_CLIMB:
        yield at
        seen.append(at)
        at = finder.above(at)


def _seat(role: str, roles: Mapping[str, Role], area: str) -> Seat:
    from jiefen.people.directory import Seat

    return Seat(role, roles[role].level if role in roles else None, area)


def _held(organisation: Organisation, seat: Seat, day: date, *, deputy: bool | None = None) -> list[str]:
    if seat.area is None:
        return []
    found: tuple[Holder, ...] = organisation.holders(seat.role, seat.area, seat.level, day)
    return [holder.id for holder in found if deputy in (None, holder.deputy)]


def _require_role(role: str | None, roles: Mapping[str, Role]) -> None:
    from jiefen.notation.labels import suggestion

    if role is not None and role not in roles:
        raise NotFound(f"there is no role {role!r}; {suggestion(role, roles)}")


def _day(on: str | None) -> date:
    return day_of(on, "--on") if on is not None else china_date(SystemClock().now())


def _title(role: str, roles: Mapping[str, Role], language: Language) -> str:
    return roles[role].title.text(language) if role in roles else ""


def _person(post: Post, language: Language) -> str:
    return pick(_DEPUTY, language).format(id=post.holder) if post.deputy else post.holder
