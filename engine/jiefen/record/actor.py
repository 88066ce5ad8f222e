"""Who acts on a case."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from jiefen.areas import normalise_area
from jiefen.errors import FactError
from jiefen.notation.texts import SYSTEM_ID, named


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something.

    Attributes:
        id: the host's name for the person or program; it goes into the journal, so use a staff number, not a name.
            Kept in one form: full-width digits become plain ones, invisible characters and blanks around it go.
        roles: the roles held, by their ids in ``rules/roles.yaml``.
        area: area code the roles are held for; ``None`` means everywhere. A role held for a township covers its
            villages and grids.

    Raises:
        FactError: the id is no text of 1 to 200 characters that a database can keep, or is one that the engine keeps
            for itself (``system``, ``message:…``), ``roles`` is no set of texts, or the area is none.
    """

    id: str
    roles: frozenset[str] = frozenset()
    area: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", named(self.id, "id of the actor"))
        roles: object = self.roles
        if not isinstance(roles, Set | list | tuple) or not all(isinstance(role, str) for role in roles):
            raise FactError(
                f"the roles of the actor {self.id} are a {type(roles).__name__}, not a set of ids of roles; "
                "write frozenset({'petition_officer'}), or leave them out"
            )
        object.__setattr__(self, "roles", frozenset(roles))
        if self.area is not None:
            normalise_area(self.area)


def _engine_itself() -> Actor:
    """Past the look at the id: callers may not go by it."""
    actor = object.__new__(Actor)
    for name, value in (("id", SYSTEM_ID), ("roles", frozenset()), ("area", None)):
        object.__setattr__(actor, name, value)
    return actor


#: The engine itself in the journal: timers, deadlines and decisions. Nobody else can act as it.
SYSTEM = _engine_itself()
