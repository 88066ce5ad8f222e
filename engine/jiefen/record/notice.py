"""通知: what somebody is told. Whoever has something to tell makes one; addressing gives it its persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

#: Fields that every notice has, in the order in which people read them.
_ALWAYS: Final = ("title", "action", "to", "level", "area", "by", "reply")
#: Fields that stand in a notice only where they say something.
_SOMETIMES: Final = ("urgent", "ladder", "rung", "confidential", "supervised", "reply_by")
_FOUND: Final = ("holders", "deputies", "vacant", "seats", "actor", "absent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The persons that a notice is for.

    Attributes:
        holders: their ids; ``None`` where there is nobody to be looked up.
        deputies: whether they only stand in.
        vacant: posts that nobody holds, the one of the rule first: role, level and area of each.
        seats: the seats that are told, each with its holders.
        actor: the role that acts, and who holds it.
        absent: who is away, and in whose place another ``person`` stands here as their ``deputy``.
    """

    holders: tuple[str, ...] | None
    deputies: bool = False
    vacant: tuple[Mapping[str, Any], ...] = ()
    seats: tuple[Mapping[str, Any], ...] = ()
    actor: Mapping[str, Any] | None = None
    absent: tuple[Mapping[str, str], ...] = ()

    @property
    def persons(self) -> frozenset[str]:
        """Everybody who is named."""
        acting = (self.actor or {}).get("holders") or ()
        return frozenset(
            (*(self.holders or ()), *acting, *(one for seat in self.seats for one in seat["holders"]))
        )

    def in_place_of(self, away: Mapping[str, str]) -> Found:
        """The same with the deputies of who is away; each is named once."""

        def there(persons: Iterable[str]) -> list[str]:
            return list(dict.fromkeys(away.get(one, one) for one in persons))

        actor = dict(self.actor) if self.actor is not None else None
        if actor is not None and actor.get("holders"):
            actor["holders"] = there(actor["holders"])
        return replace(
            self,
            holders=tuple(there(self.holders)) if self.holders is not None else None,
            seats=tuple({**seat, "holders": there(seat["holders"])} for seat in self.seats),
            actor=actor,
            absent=tuple({"person": person, "deputy": away[person]} for person in sorted(away)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that a role is told; its payload is described in docs/directory.md.

    Attributes:
        about: what it is about, for example ``deadline``, ``due_on`` and ``provisional``, or ``task`` and ``key``.
        action: what is done by it: that of a rung, ``expired``, ``extended``, ``unanswered``, ``report``.
        to: the role that is told; ``None``: whoever is responsible for the case.
        level: where to look for the role; ``None``: at its own.
        by: the role that acts; ``None``: the engine on its own.
        reply: time for a written answer, as text; ``None``: none is asked for.
        reply_by: the last day for it instead, as text, where somebody has set a day.
        ladder, rung: of what tells it, if a rung does.
        confidential: it is never for the accused person or unit, and does not name what it is about.
        supervised: roles that have failed to answer; none of them is told.
        found: its persons; ``None`` until it is addressed.
    """

    about: Mapping[str, Any]
    title: Mapping[str, str]
    action: str
    to: str | None
    area: str | None
    level: str | None = None
    by: str | None = None
    reply: str | None = None
    reply_by: str | None = None
    urgent: bool = False
    ladder: str | None = None
    rung: str | None = None
    confidential: bool = False
    supervised: tuple[str, ...] = ()
    found: Found | None = None

    @property
    def holders(self) -> tuple[str, ...]:
        """The ids of who is told, as far as they are known."""
        return (self.found.holders or ()) if self.found is not None else ()

    @property
    def roles(self) -> tuple[str | None, ...]:
        """The roles that are told: several where only some of the units have somebody of the first."""
        seats = self.found.seats if self.found is not None else ()
        return tuple(dict.fromkeys([self.to, *(seat["role"] for seat in seats)]))

    def addressed(self, found: Found, to: str | None, level: str | None) -> Notice:
        """The same with its persons, who hold the role ``to`` at ``level``."""
        return replace(self, found=found, to=to, level=level)

    def without_persons(self) -> Notice:
        """The same as its rule named it, before anybody was looked up."""
        # What the rule names is the first seat that was found vacant.
        first = self.found.vacant[0] if self.found is not None and self.found.vacant else None
        to, level = (first["role"], first["level"]) if first is not None else (self.to, self.level)
        return replace(self, found=None, to=to, level=level)

    def payload(self) -> dict[str, Any]:
        """What goes out, as JSON carries it."""
        data = dict(self.about) | {name: getattr(self, name) for name in _ALWAYS}
        data["title"] = dict(self.title)
        if self.rung is not None or self.urgent:
            data["urgent"] = self.urgent
        if self.rung is not None:
            data |= {"ladder": self.ladder, "rung": self.rung}
        if self.reply_by is not None:
            data["reply_by"] = self.reply_by
        if self.confidential:
            data["confidential"] = True
        if self.supervised:
            data["supervised"] = list(self.supervised)
        if self.found is not None:
            found = self.found
            data |= {
                "holders": list(found.holders) if found.holders is not None else None,
                "deputies": found.deputies,
                "vacant": list(found.vacant),
                "seats": list(found.seats),
                "actor": found.actor,
            }
            if found.absent:
                data["absent"] = list(found.absent)
        return data

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Notice:
        """The notice that goes out as ``payload``."""
        own = {name: payload[name] for name in (*_ALWAYS, *_SOMETIMES) if name in payload}
        own["supervised"] = tuple(own.get("supervised") or ())
        persons = None
        if "holders" in payload:
            holders = payload["holders"]
            persons = Found(
                holders=tuple(holders) if holders is not None else None,
                deputies=payload.get("deputies", False),
                vacant=tuple(payload.get("vacant") or ()),
                seats=tuple(payload.get("seats") or ()),
                actor=payload.get("actor"),
                absent=tuple(payload.get("absent") or ()),
            )
        known = {*_ALWAYS, *_SOMETIMES, *_FOUND}
        return cls(
            about={name: value for name, value in payload.items() if name not in known}, found=persons, **own
        )
