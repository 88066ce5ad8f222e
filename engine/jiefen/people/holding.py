"""Which posts a person holds, asked of a directory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from jiefen.areas import Level, ancestors
from jiefen.notation.texts import person_id
from jiefen.people.authority import with_deputies
from jiefen.people.directory import Directory, Organisation, answered_holders
from jiefen.periods import Span
from jiefen.record.actor import HeldPost
from jiefen.rules import Role


def posts_of(
    directory: Directory,
    person: str,
    roles: Collection[str],
    area: str | None,
    known: Mapping[str, Role],
    on: date,
) -> tuple[HeldPost, ...]:
    """The posts of a person by which they could act for one of ``roles`` in ``area`` on a day.

    A loaded directory gives all that they ever hold, one of the host what it answers for these roles and this area.

    Raises:
        JiefenError: the directory of the host answers no holders.
    """
    if isinstance(directory, Organisation):
        return every_post_of(directory, person)
    return tuple(
        HeldPost(role, where)
        for role in sorted(with_deputies(roles, known))
        for where, level in _places(area, known[role].level if role in known else None)
        if any(one.id == person for one in answered_holders(directory, role, where, level, on))
    )


def every_post_of(directory: Organisation, person: str) -> tuple[HeldPost, ...]:
    """The posts that a loaded directory knows of a person, past and future ones among them."""
    return tuple(
        HeldPost(post.role, post.area, post.since, post.until)
        for post in directory.posts
        if person_id(post.holder) == person
    )


def holds_any(directory: Organisation, person: str, days: Span) -> bool:
    """Whether a loaded directory knows a post that a person holds on one of some days."""
    return any(person_id(post.holder) == person and post.span.overlaps(days) for post in directory.posts)


def _places(area: str | None, level: Level | None) -> Iterator[tuple[str, Level | None]]:
    """Where a post may lie that counts in an area: there and further up, or in a part of it that its level names."""
    if area is None:
        return
    for where in ancestors(area):
        yield where, None
    if level is not None:
        yield area, level
