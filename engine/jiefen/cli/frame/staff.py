"""People that a command names: staff numbers, looked up in the loaded directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jiefen.cli.frame.options import Settings
from jiefen.cli.frame.output import pick, say
from jiefen.clock import SystemClock, china_date
from jiefen.errors import UnknownValue
from jiefen.notation.labels import did_you_mean
from jiefen.notation.texts import person_id, shown

if TYPE_CHECKING:
    from jiefen import Engine

#: So many staff numbers are named to somebody who has written none of them.
_NAMED = 5


def staff_number(settings: Settings, engine: Engine, said: str) -> str:
    """The staff number of somebody that a command names by it, or by an office that one person holds today.

    A directory keeps no names of people, so that a name is found out here and not when nobody is told. Where none is
    loaded, and where the host keeps its own, what is said is taken as it is.

    Raises:
        UnknownValue: nobody in the loaded directory has that number, and no single person holds that office.
    """
    from jiefen.people.directory import Organisation

    directory = engine.directory()
    if not isinstance(directory, Organisation):
        return said
    known = {person_id(post.holder) for post in directory.posts}
    if person_id(said) in known:
        return said
    roles = engine.edition.rulebook.roles
    office = {id for id, role in roles.items() if said in (id, role.title.zh, role.title.en)}
    today = china_date(SystemClock().now())
    holders = {post.holder for post in directory.posts if post.role in office and post.held(today)}
    if len(holders) == 1:
        [holder] = holders
        words = ("{said}:{holder}", "{said} is {holder}")
        say(pick(words, settings.language).format(said=said, holder=holder), err=True)
        return holder
    several = ", ".join(sorted(holders)[:_NAMED])
    near = f"it is held by {several}" if several else did_you_mean(said, sorted(known))
    raise UnknownValue(
        f"{shown(said)} is no staff number in the loaded directory; {near or 'people are named by staff numbers'}"
        "; `jiefen directory who ROLE --area CODE` tells who holds an office",
        zh=f"通讯录中没有工号 {shown(said)}{f';担任该职务的有 {several}' if several else ''};请填工号,"
        "不填姓名,`jiefen directory who 岗位 --area 属地` 可查",
    )


def require_roles(engine: Engine, roles: list[str] | None) -> None:
    """Refuse a role that no edition in use knows, where it would only leave a list empty.

    Raises:
        UnknownValue: there is none; the message names the nearest.
    """
    for role in roles or ():
        engine.tasks(role=role, limit=1)
