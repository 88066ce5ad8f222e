"""Who acts on a case."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Self

from jiefen.areas import check_held
from jiefen.errors import FactError
from jiefen.notation.texts import MOST_ID, PARTY_ID, PROGRAM_ID, SYSTEM_ID, key_problem, named, shown


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
class InPerson:
    """How somebody who acts as a party of a case is known: by its code, or because the host knows who they are.

    Attributes:
        case: of which they are a party; ``None`` until their code has told it.
        number: theirs among the parties of the case; ``None`` for whoever has the code.
    """

    case: int | None
    number: int | None
    code: str | None = field(default=None, repr=False)


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
        trusted: whether it is a program of the host: see :meth:`program`.
        in_person: of whoever acts as a party: see :meth:`party` and :meth:`representative`.

    Raises:
        FactError: the id is no text of 1 to 200 characters that a database can keep, or is one that the engine keeps
            for itself (``system``, ``program:…``, ``party:…``), ``roles`` is no set of texts, or the area is none.
    """

    id: str
    roles: frozenset[str] = frozenset()
    area: str | None = None
    posts: tuple[HeldPost, ...] = ()
    trusted: bool = field(default=False, init=False)
    in_person: InPerson | None = field(default=None, init=False)

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

    @classmethod
    def program(cls, name: str) -> Self:
        """A program of the host that acts by itself, as ``program:NAME`` in the journal.

        It is trusted with what the rules let programs do, and declares nothing for anybody.

        Raises:
            FactError: the name is no text of 1 to 192 characters that is seen as it is.
        """
        return cls._made(PROGRAM_ID, name, trusted=True)

    @classmethod
    def party(cls, code: str, number: int | None = None) -> Self:
        """A party of a case, who has its code; in the journal by the number of the case, and their own where said.

        Args:
            number: theirs among the parties of the case.
        """
        return cls._made(PARTY_ID, "code", in_person=InPerson(None, number, code))

    @classmethod
    def representative(cls, case: int, number: int) -> Self:
        """A party of a case, or somebody who speaks for one there, of whom the host knows who they are.

        Args:
            number: theirs among the parties of the case.
        """
        return cls._made(PARTY_ID, f"{case}/{number}", in_person=InPerson(case, number))

    def come_as(self, case: int) -> Self:
        """The same party, once it is known of which case."""
        assert self.in_person is not None
        number = self.in_person.number
        mine = str(case) if number is None else f"{case}/{number}"
        return self._made(PARTY_ID, mine, in_person=InPerson(case, number))

    @classmethod
    def _made(cls, kind: str, name: object, **said: object) -> Self:
        """Past the look at the id: nobody else may go by it."""
        wrong = key_problem(name, MOST_ID - len(kind))
        if wrong is not None:
            raise FactError(
                f"{shown(name)} is no name for the journal: {wrong}; give a short one, such as 'portal'"
            )
        actor = object.__new__(cls)
        values: dict[str, object] = {"id": f"{kind}{name}", "roles": frozenset(), "area": None, "posts": ()}
        for key, value in (values | {"trusted": False, "in_person": None} | said).items():
            object.__setattr__(actor, key, value)
        return actor

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


#: The engine itself in the journal: timers, deadlines and decisions. Nobody else can act as it.
SYSTEM: Final = Actor._made("", SYSTEM_ID)
#: The host's program, where an engine was opened without a name for it.
TRUSTED: Final = Actor.program("host")
