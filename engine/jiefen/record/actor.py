"""Who acts on a case."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from jiefen.areas import check_held
from jiefen.errors import FactError
from jiefen.notation.texts import SYSTEM_ID, named


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that somebody holds: a role, where, and from which to which day in China; a day of ``None`` is open.

    Without an area it has no power; what holds in all areas says :data:`~jiefen.EVERYWHERE`.

    Raises:
        FactError: the role is no text, the area is none, or a day is no date.
    """

    role: str
    area: str | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        role: object = self.role
        days: tuple[object, ...] = (self.since, self.until)
        if not isinstance(role, str) or not all(day is None or type(day) is date for day in days):
            raise FactError("a post names a role, and dates or nothing from and until when it is held")
        check_held(self.area)

    def held(self, on: date) -> bool:
        """Whether it is held on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something.

    Attributes:
        id: the host's name for the person or program; it goes into the journal, so use a staff number, not a name.
            Kept in one form: full-width digits become plain ones, invisible characters and blanks around it go.
        roles: the roles held, by their ids in ``rules/roles.yaml``.
        area: area code the roles are held for, or :data:`~jiefen.EVERYWHERE`; without one they have no power. A role
            held for a township covers its villages and grids.
        posts: roles that are held for different areas, or for a time. Somebody with posts and no roles has the powers
            of the posts that they hold on the day, and no others.

    Raises:
        FactError: the id is no text of 1 to 200 characters that a database can keep, or is one that the engine keeps
            for itself (``system``, ``message:…``), ``roles`` is no set of texts, or the area is none.
    """

    id: str
    roles: frozenset[str] = frozenset()
    area: str | None = None
    posts: tuple[HeldPost, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", named(self.id, "id of the actor"))
        roles: object = self.roles
        if not isinstance(roles, Set | list | tuple) or not all(isinstance(role, str) for role in roles):
            raise FactError(
                f"the roles of the actor {self.id} are a {type(roles).__name__}, not a set of ids of roles; "
                "write frozenset({'petition_officer'}), or leave them out"
            )
        object.__setattr__(self, "roles", frozenset(roles))
        check_held(self.area)
        posts: object = self.posts
        if not isinstance(posts, Set | list | tuple) or not all(isinstance(one, HeldPost) for one in posts):
            raise FactError(
                f"the posts of the actor {self.id} are not HeldPost records; give them, or leave them out"
            )
        object.__setattr__(self, "posts", tuple(posts))

    def held(self, on: date) -> tuple[HeldPost, ...]:
        """The posts held on a day in China."""
        always = tuple(HeldPost(role, self.area) for role in sorted(self.roles))
        return always + tuple(post for post in self.posts if post.held(on))

    def roles_on(self, on: date) -> frozenset[str]:
        """The roles held on a day, wherever."""
        return frozenset(post.role for post in self.held(on))

    def areas(self, on: date) -> frozenset[str]:
        """The areas that they act for on a day. Without roles and posts: what ``area`` says."""
        held = {post.area for post in self.held(on)}
        if self.roles or not self.posts:
            held.add(self.area)
        return frozenset(area for area in held if area is not None)


def _engine_itself() -> Actor:
    """Past the look at the id: callers may not go by it."""
    actor = object.__new__(Actor)
    for name, value in (("id", SYSTEM_ID), ("roles", frozenset()), ("area", None), ("posts", ())):
        object.__setattr__(actor, name, value)
    return actor


#: The engine itself in the journal: timers, deadlines and decisions. Nobody else can act as it.
SYSTEM = _engine_itself()
