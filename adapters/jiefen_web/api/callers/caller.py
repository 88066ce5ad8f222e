"""Somebody who calls over HTTP, as the file of callers names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from jiefen import Actor, Engine, HeldPost, Organisation


@dataclass(frozen=True, slots=True)
class Key:
    """An API key: its public half, the argon2 hash of the whole, and until which day in China it holds."""

    id: str
    hash: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person, or a program of another system.

    Attributes:
        id: a staff number, or the name of a program.
        program: it acts as ``program:ID`` in the journal, trusted with what the rules let programs do.
        speaks_for_people: it may name the person who acts (``Jiefen-Actor``): it has users of its own and knows them.
        posts: the posts of a person; ``None``: those that the loaded directory says.
        secret: with which it signs what it asks.
        only: the parts of the interface that it may use; ``None``: all of them.
        per_minute: how many calls it has in a minute.
    """

    id: str
    program: bool = False
    speaks_for_people: bool = False
    posts: tuple[HeldPost, ...] | None = None
    keys: tuple[Key, ...] = ()
    secret: str | None = field(default=None, repr=False)
    only: frozenset[str] | None = None
    per_minute: int

    def actor(self, engine: Engine, person: str | None) -> Actor:
        """As whom the engine is asked.

        Args:
            person: whom a program speaks for.

        Raises:
            FactError: that is no name of a person.
        """
        if person is not None:
            return Actor(person, posts=tuple(posts_of(engine, person)))
        if self.program:
            return Actor.program(self.id)
        return Actor(
            self.id, posts=tuple(self.posts if self.posts is not None else posts_of(engine, self.id))
        )


def posts_of(engine: Engine, person: str) -> Sequence[HeldPost]:
    """The posts that the loaded directory says a person holds; none where there is no such directory."""
    directory = engine.directory()
    return directory.posts_of(person) if isinstance(directory, Organisation) else ()
