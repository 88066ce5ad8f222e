"""Who holds the post that a rule names: from a role to persons, upwards where nobody holds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from jiefen.areas import Level
from jiefen.notation.texts import person_id
from jiefen.people.confidential import Accused
from jiefen.people.directory import (
    Directory,
    Divided,
    Holder,
    Seat,
    Staffed,
    answered_holders,
    answered_superior,
    answered_units,
)
from jiefen.rules import AssignmentKind, Role, RuleView, Rung

#: A vacant post is reported upwards over at most so many seats; then nobody can be found.
MAX_CLIMB: Final = 5
_LEVELS: Final = tuple(Level)


@dataclass(frozen=True, slots=True)
class Target:
    """The people that a role of a rule has led to.

    Attributes:
        role, level: the role that is told: the one the rule names, or that of the first superior somebody holds.
        holders: ids; empty when nobody was found up to the top; ``None`` when there is nobody to be looked up: there
            is no directory, or the role lies outside the organisation, like a party.
        deputies: whether the holders only stand in.
        vacant: the seats that nobody holds, the one of the rule first.
        parts: where a case concerns several units, like the grids of a village: what each of them has led to.
        unit: of such a part.
    """

    role: str
    level: Level | None
    holders: tuple[str, ...] | None
    deputies: bool = False
    vacant: tuple[Seat, ...] = ()
    parts: tuple[Target, ...] = ()
    unit: str | None = None

    @property
    def targets(self) -> tuple[Target, ...]:
        """Its parts, or itself where it has none."""
        return self.parts or (self,)


#: Who of some persons is away on a day, and who stands in for each.
Deputies = Callable[[Collection[str], date], Mapping[str, str]]


def nobody_is_away(persons: Collection[str], day: date) -> Mapping[str, str]:
    """Where nobody keeps who is away."""
    return {}


class Finder:
    """Finds the persons behind a role for one case.

    Args:
        day: the day on which they must hold it.
        recused: ids of persons who may have nothing to do with the case; their deputies stand in.
        accused: who must not see what is confidential; looked up when something is.
        deputies: who of some persons is away on a day, and who stands in for each.
    """

    def __init__(
        self,
        directory: Directory | None,
        roles: Mapping[str, Role],
        view: RuleView,
        facts: Mapping[str, object],
        day: date,
        recused: Collection[str] = (),
        accused: Callable[[], Accused] = Accused,
        avoided: Collection[str] = (),
        deputies: Deputies = nobody_is_away,
    ) -> None:
        self._deputies = deputies
        self._directory, self._roles, self._view = directory, roles, view
        self._facts, self._day, self._recused = facts, day, recused
        self._accused, self._avoided = accused, avoided
        self._nobodies = frozenset(map(person_id, recused))

    def on(self, day: date) -> Finder:
        """The same for another day."""
        return self._but(day, self._recused, self._avoided)

    def discreet(self) -> Finder:
        """The same for what is confidential: the accused person and the accused unit are passed over."""
        accused = self._accused()
        return self._but(self._day, {*self._recused, *accused.persons}, {*self._avoided, *accused.roles})

    def _but(self, day: date, recused: Collection[str], avoided: Collection[str]) -> Finder:
        known = self._directory, self._roles, self._view, self._facts
        return Finder(*known, day, recused, self._accused, avoided, self._deputies)

    def away(self, persons: Collection[str]) -> dict[str, str]:
        """Who of some persons is away, and who stands in for each; not who may have nothing to do with the case."""
        found = self._deputies(sorted(persons), self._day) if persons else {}
        return {one: deputy for one, deputy in found.items() if person_id(deputy) not in self._nobodies}

    def find(self, role: str, level: Level | None, area: str | None, avoid: Collection[str] = ()) -> Target:
        """Who is told: the holders, else their deputies, else the nearest superior post that somebody holds.

        Roles to ``avoid`` are passed by, whoever holds them: an office neither supervises itself nor is told that it
        has failed. Where the case concerns several units, each is looked at for itself: one that is held hides no
        vacant one. The way up is the directory's; where it does not know, the chain of 四级包保 leads on, and beyond
        it the heads and the levels above that the rules name.
        """
        avoid = {*avoid, *self._avoided}
        seat = Seat(role, level or self._level(role), area)
        if self._directory is None or seat.level is None:
            return self._unlooked(seat, avoid)
        units = self._units(seat)
        if len(units) < 2:
            return self._climb(seat, avoid)
        parts = tuple(replace(self._climb(Seat(role, seat.level, unit), avoid), unit=unit) for unit in units)
        # The role of the rule, if somebody holds it anywhere; else the first superior that was found.
        told = next((part for part in parts if part.holders and not part.vacant), None)
        told = told or next((part for part in parts if part.holders), parts[0])
        return Target(
            told.role,
            told.level,
            tuple(dict.fromkeys(one for part in parts for one in part.holders or ())),
            all(part.deputies for part in parts if part.holders) and bool(told.holders),
            tuple(dict.fromkeys(seat for part in parts for seat in part.vacant)),
            parts,
        )

    def avoids(self, role: str) -> bool:
        """Whether nobody of that role may be told."""
        return role in self._avoided

    def _unlooked(self, seat: Seat, avoid: Collection[str]) -> Target:
        """The seat itself, or the nearest over it that is not to be avoided, where nobody can be looked up."""
        at: Seat | None = seat
        for _ in range(MAX_CLIMB):
            if at is None or at.role not in avoid:
                break
            at = self.above(at)
        if at is None or at.role in avoid:
            return Target(seat.role, seat.level, ())
        return Target(at.role, at.level, None)

    def _climb(self, seat: Seat, avoid: Collection[str]) -> Target:
        """The holders of a seat, else of the nearest seat over it."""
        looked: list[Seat] = []
        at: Seat | None = seat
        while at is not None and at not in looked and len(looked) <= MAX_CLIMB:
            held = self._held(at) if at.role not in avoid else []
            if held:
                ids = tuple(dict.fromkeys(holder.id for holder in held))
                return Target(at.role, at.level, ids, all(one.deputy for one in held), _vacant(looked, avoid))
            looked.append(at)
            at = self.above(at)
        return Target(seat.role, seat.level, (), vacant=_vacant(looked, avoid))

    def above(self, seat: Seat) -> Seat | None:
        """The seat over a seat; ``None`` at the top."""
        directory = self._directory
        known = answered_superior(directory, seat.role, seat.area or "") if directory is not None else None
        if known is not None:
            return Seat(known.role, known.level or self._level(known.role), known.area or seat.area)
        for assignment in self._view.assignments.values():
            if assignment.mode is AssignmentKind.GUARANTEE and assignment.in_force(self._day):
                chain = [
                    (one.role, one.level or self._level(one.role)) for one in assignment.assign(self._facts)
                ]
                above = _above_in(chain, seat)
                if above is not None:
                    return Seat(*above, seat.area)
        # Neither the directory nor the chain of guarantors leads on: the rules say who stands over a role.
        role = self._roles.get(seat.role)
        over = (role.head or role.above) if role is not None else None
        return Seat(over, self._level(over), seat.area) if over is not None else None

    def meant(self, rung: Rung, holder: str | None) -> Rung:
        """A rung with the roles that its words mean beside what ``holder`` owes."""
        return rung.meant(holder, self._roles)

    def in_office(self, person: str) -> bool:
        """Whether a person holds a post on the day, as far as the directory knows."""
        known: object = self._directory
        return not isinstance(known, Staffed) or known.in_office(person, self._day)

    def knows(self, role: object) -> bool:
        """Whether the rules declare a role."""
        return isinstance(role, str) and role in self._roles

    def over(self, role: str, area: str | None, but: Collection[str]) -> Seat | None:
        """The nearest seat over a role that is none of ``but``'s."""
        at: Seat | None = Seat(role, self._level(role), area)
        for _ in range(MAX_CLIMB):
            at = self.above(at) if at is not None else None
            if at is not None and at.role not in but:
                return at
        return None

    def responsible(self) -> tuple[str, Level | None] | None:
        """The department responsible for the case (归口), as role and level; ``None`` when no rule says."""
        for assignment in self._view.assignments.values():
            if assignment.mode is AssignmentKind.DEPARTMENT and assignment.in_force(self._day):
                for entry in assignment.assign(self._facts):
                    return entry.role, entry.level
        return None

    def in_charge(self, leader: str | None) -> str | None:
        """Who is told where nobody in particular is; ``None``: whoever leads the case or is responsible for it.

        Where it has neither, it is the office of the lowest level that corrects cases: the centre of the place.
        """
        if leader is not None or self.responsible() is not None:
            return None
        offices = [(one.level, one.id) for one in self._roles.values() if one.corrects]
        lowest = [id for level in _LEVELS for found, id in offices if found is level]
        return lowest[0] if lowest else None

    def _level(self, role: str) -> Level | None:
        known = self._roles.get(role)
        return known.level if known is not None else None

    def _units(self, seat: Seat) -> Sequence[str]:
        """The units that a seat means; none where the directory does not know them."""
        known: object = self._directory
        if seat.area is None or seat.level is None or not isinstance(known, Divided):
            return ()
        return answered_units(known, seat.area, seat.level)

    def _held(self, seat: Seat) -> list[Holder]:
        held = self._ask(seat)
        if held:
            return [holder for holder in held if not holder.deputy] or held
        role = self._roles.get(seat.role)
        return [
            Holder(id=holder.id, role=deputy, area=holder.area, deputy=True)
            for deputy in (role.deputies if role is not None else ())
            for holder in self._ask(Seat(deputy, self._level(deputy) or seat.level, seat.area))
        ]

    def _ask(self, seat: Seat) -> list[Holder]:
        if self._directory is None or seat.area is None:
            return []
        # A unit is asked for itself: the grid around an exclusive one has its own turn.
        level = None if seat.area in self._units(seat) else seat.level
        found = answered_holders(self._directory, seat.role, seat.area, level, self._day)
        return [holder for holder in found if person_id(holder.id) not in self._nobodies]


def _vacant(seats: Sequence[Seat], avoid: Collection[str]) -> tuple[Seat, ...]:
    return tuple(seat for seat in seats if seat.role not in avoid)


def _above_in(chain: list[tuple[str, Level | None]], seat: Seat) -> tuple[str, Level | None] | None:
    """The next of a chain upwards; for a role that is not in it, the first of a higher level."""
    roles = [role for role, _ in chain]
    if seat.role in roles:
        return next(iter(chain[roles.index(seat.role) + 1 :]), None)
    for role, level in chain:
        if level is not None and seat.level is not None and _LEVELS.index(level) > _LEVELS.index(seat.level):
            return role, level
    return None
