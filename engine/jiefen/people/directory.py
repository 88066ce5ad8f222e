"""人员目录: who holds which post, where, on which day.

The rulebook says which *role* is told; a directory says which *persons* hold it. A host that keeps its staff in tables
of its own implements :class:`Directory`; :class:`Organisation` is the directory that comes with Jiefen, read from a
YAML file or from the tables that such a file was loaded into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol, cast, runtime_checkable

from jiefen.areas import Level, ancestors, area_level
from jiefen.errors import JiefenError
from jiefen.notation.labels import Label
from jiefen.notation.texts import MOST_ID, person_id, shown, text_problem
from jiefen.periods import Span
from jiefen.record.actor import HeldPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who holds a post.

    Attributes:
        id: the host's name for the person, as in :class:`~jiefen.Actor`; it goes into notices and the journal, so use
            a staff number, not a name.
        area: the unit the post belongs to; a post held for a township covers its villages and grids.
        deputy: stands in for the holder (副职); told only while nobody else holds the post.
    """

    id: str
    role: str
    area: str
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """岗位: a role in an area, whoever holds it; ``None`` where the role has no level, or the case no area."""

    role: str
    level: Level | None
    area: str | None


class Directory(Protocol):
    """Something that knows who holds which post. It is asked inside a transaction: answer from memory or a query.

    Areas are codes without padding zeros, days are legal days in China.
    """

    def holders(self, role: str, area: str, level: Level | None, on: date) -> tuple[Holder, ...]:
        """Who holds ``role`` on that day for the part of ``area`` at ``level``, deputies among them; none: vacant.

        Args:
            area: the area of the case.
            level: where to look; ``None``: at the area itself.
        """
        ...

    def superior(self, role: str, area: str) -> Seat | None:
        """Who is told when nobody holds ``role`` in ``area``; ``None`` when the directory does not know.

        The level of the answer may be ``None``; then it is the role's own.
        """
        ...


@runtime_checkable
class Divided(Protocol):
    """A directory that also knows its units, so that one held grid of a village does not hide a vacant one.

    One that does not is asked once for the whole area, and somebody in it is enough.
    """

    def concerned(self, area: str, level: Level) -> Sequence[str]:
        """The units at ``level`` that a case in ``area`` concerns; each is then asked for itself, without a level."""
        ...


@runtime_checkable
class Staffed(Protocol):
    """A directory that also knows who has left, so that a case whose leader has is given to somebody else."""

    def in_office(self, person: str, on: date) -> bool:
        """Whether a person holds any post on that day. Somebody who never held one is not its business: ``True``."""
        ...


def usable(directory: object) -> Directory:
    """A host's directory, if it can be asked.

    Raises:
        JiefenError: it has not the methods of one.
    """
    if isinstance(directory, type) or not all(
        callable(getattr(directory, name, None)) for name in ("holders", "superior")
    ):
        raise JiefenError(
            f"directory={shown(directory)} is no directory: it needs the methods holders and superior of "
            "jiefen.Directory; to use a file, open the engine without it and call load_directory"
        )
    known: Any = directory
    return cast("Directory", known)


def answered_holders(
    directory: Directory, role: str, area: str, level: Level | None, on: date
) -> list[Holder]:
    """Ask a directory who holds a post; it may be the host's and answer whatever it likes.

    Raises:
        JiefenError: the answer is none of holders.
    """
    answer: object = directory.holders(role, area, level, on)
    held = (
        list(answer) if isinstance(answer, Sequence | Set) and not isinstance(answer, str | bytes) else None
    )
    if held is None or not all(isinstance(one, Holder) and _is_id(one.id) for one in held):
        kind = type(answer).__name__
        what = (
            f"a {kind}"
            if held is None
            else f"a {kind} with something in it that is no holder, or has no usable id"
        )
        raise JiefenError(
            f"holders({role!r}, {area!r}, …) of {type(directory).__name__} answered {what}; "
            "it must answer a tuple of jiefen.Holder, empty when nobody holds the post, each with an id of 1 to 200 "
            "characters"
        )
    return [replace(one, id=person_id(one.id)) for one in held]


def answered_superior(directory: Directory, role: str, area: str) -> Seat | None:
    """Ask a directory who is over a role.

    Raises:
        JiefenError: the answer is neither a seat nor ``None``.
    """
    answer: object = directory.superior(role, area)
    if answer is None:
        return None
    what = f"a {type(answer).__name__}"
    if isinstance(answer, Seat):
        known: Any = answer
        if not isinstance(known.level, Level | None):
            what += f" whose level is {known.level!r:.40}, no member of jiefen.areas.Level"
        elif not isinstance(known.role, str) or not isinstance(known.area, str | None):
            what += " whose role or area is no text"
        else:
            return answer
    raise JiefenError(
        f"superior({role!r}, {area!r}) of {type(directory).__name__} answered {what}; it must answer a "
        "jiefen.Seat, for example Seat('township_leader', None, area), or None"
    )


def answered_units(directory: Divided, area: str, level: Level) -> list[str]:
    """Ask a directory which units a case concerns; each once.

    Raises:
        JiefenError: the answer is none of codes.
    """
    answer: object = directory.concerned(area, level)
    if isinstance(answer, Sequence | Set) and not isinstance(answer, str | bytes):
        units = [one for one in answer if isinstance(one, str) and one]
        if len(units) == len(answer):
            return list(dict.fromkeys(units))
    raise JiefenError(
        f"concerned({area!r}, '{level}') of {type(directory).__name__} answered {answer!r:.80}; it must answer "
        "the codes of areas in a list or tuple, an empty one when it concerns none"
    )


def also_concerning(directory: Directory | None, area: str) -> list[str]:
    """The areas outside a grid whose cases are its cases as well; none for what is no grid.

    Who takes a case in often knows the village and not the grid: such a case is a case of each grid of the village. An
    exclusive grid (专属网格) has no part in it; a case of an exclusive grid is one of the grid around it too.

    Raises:
        JiefenError: the directory of the host answers no codes of units.
    """
    if area_level(area) is not Level.GRID:
        return []
    around, inside = [*ancestors(area)], list[str]()
    if isinstance(directory, Organisation):
        around = [*directory.lineage(area)]
        inside = [unit.area for unit in directory.units.values() if unit.lies_in == area]
    village = next((one for one in around if area_level(one) is Level.VILLAGE), None)
    known: object = directory
    if village is None or (
        isinstance(known, Divided) and area not in answered_units(known, village, Level.GRID)
    ):
        return inside
    return [village, *inside]


def _is_id(id: object) -> bool:
    return isinstance(id, str) and text_problem(person_id(id), MOST_ID) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A province, city, county, township, village or grid.

    Attributes:
        area: its code without padding zeros.
        exclusive: 专属网格: a grid for one institution, such as a school, a factory or a hospital.
        under: the unit it belongs to, where that is not the one its code says.
        lies_in: the territorial grid in which an exclusive grid lies; a case there concerns both.
        reach: how people reach its office, as they are told: a telephone, an address, the days on which it is open.
    """

    area: str
    title: Label
    exclusive: bool = False
    under: str | None = None
    lies_in: str | None = None
    reach: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One person in one role for one unit, from its first to its last day; ``None`` is open."""

    role: str
    area: str
    holder: str
    deputy: bool = False
    since: date | None = None
    until: date | None = None

    @property
    def span(self) -> Span:
        """The days on which it is held."""
        return Span(self.since, self.until)

    def held(self, on: date) -> bool:
        """Whether it is held on that day."""
        return on in self.span


@dataclass(frozen=True)
class Organisation:
    """The units of an area, their posts, and which role answers to which: a :class:`Directory`, and :class:`Divided`.

    Attributes:
        units: by area code.
        superiors: the role that is told when nobody holds a role.
    """

    units: Mapping[str, Unit]
    posts: tuple[Post, ...]
    superiors: Mapping[str, str]
    _held: Mapping[tuple[str, str], list[Post]] = field(init=False, repr=False, compare=False)
    _below: Mapping[str, list[Unit]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        held: dict[tuple[str, str], list[Post]] = {}
        for post in self.posts:
            held.setdefault((post.role, post.area), []).append(post)
        below: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            below.setdefault(unit.under or _parent(unit.area) or "", []).append(unit)
        object.__setattr__(self, "_held", held)
        object.__setattr__(self, "_below", below)

    def holders(self, role: str, area: str, level: Level | None, on: date) -> tuple[Holder, ...]:
        """See :class:`Directory`.

        A case in an exclusive grid concerns the territorial grid as well. A case whose area is one level wider than
        ``level`` (a village, where a grid is asked for) concerns every territorial unit of that level inside it; of
        a still wider one nobody can be picked.
        """
        found: dict[str, Holder] = {}
        for start in self.concerned(area, level) if level is not None else (area,):
            for holder in self._nearest(role, start, on):
                known = found.get(holder.id)
                # One person may be the holder in one grid and a deputy in the next: the holder counts.
                if known is None or (known.deputy and not holder.deputy):
                    found[holder.id] = holder
        return tuple(found.values())

    def superior(self, role: str, area: str) -> Seat | None:
        """See :class:`Directory`."""
        above = self.superiors.get(role)
        return Seat(above, None, area) if above is not None else None

    def posts_of(self, person: str) -> tuple[HeldPost, ...]:
        """The posts that a person has, past and future ones among them, as an :class:`~jiefen.Actor` takes them."""
        who = person_id(person)
        return tuple(
            HeldPost(post.role, post.area, post.since, post.until)
            for post in self.posts
            if person_id(post.holder) == who
        )

    def in_office(self, person: str, on: date) -> bool:
        """See :class:`Staffed`."""
        posts = [post for post in self.posts if person_id(post.holder) == person_id(person)]
        return not posts or any(post.held(on) for post in posts)

    def lineage(self, area: str) -> Iterator[str]:
        """A unit and those it belongs to, the nearest first; by its code where nothing else is said."""
        seen: set[str] = set()
        at: str | None = area
        while at is not None and at not in seen:
            yield at
            seen.add(at)
            unit = self.units.get(at)
            at = unit.under if unit is not None and unit.under is not None else _parent(at)

    def concerned(self, area: str, level: Level) -> list[str]:
        """See :class:`Divided`. Of an area more than one level wider than ``level`` there are none."""
        at = next((one for one in self.lineage(area) if area_level(one) == level), None)
        if at is not None:
            unit = self.units.get(at)
            return [at, unit.lies_in] if unit is not None and unit.lies_in is not None else [at]
        if _LEVELS.index(area_level(area)) != _LEVELS.index(level) + 1:
            return []
        inside = self._below.get(area, [])
        return [unit.area for unit in inside if area_level(unit.area) == level and not unit.exclusive]

    def _nearest(self, role: str, start: str, on: date) -> list[Holder]:
        for area in self.lineage(start):
            held = [post for post in self._held.get((role, area), ()) if post.held(on)]
            if held:
                return [
                    Holder(id=post.holder, role=role, area=post.area, deputy=post.deputy) for post in held
                ]
        return []


_LEVELS = tuple(Level)


def _parent(area: str) -> str | None:
    above = ancestors(area)[:-1]
    return above[-1] if above else None
