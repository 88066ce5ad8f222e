"""保密: a report against somebody never goes to the accused person or unit (信访工作条例 art. 22, 30).

The property ``confidential`` of an element names the facts that say who must not see it: staff numbers and roles.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from jiefen.errors import NotAllowed
from jiefen.notation.labels import Label
from jiefen.notation.texts import person_id
from jiefen.process import Element, Processes
from jiefen.record.actor import Actor
from jiefen.record.desk.terms import terms

#: The property of an element.
CONFIDENTIAL: Final = "confidential"
#: What others than those who do it are told that it is.
UNNAMED: Final = Label("保密事项", "A confidential matter")


@dataclass(frozen=True, slots=True)
class Accused:
    """The people something is kept from.

    Attributes:
        persons: their ids, as :func:`~jiefen.notation.texts.person_id` compares them.
        roles: the roles of the unit.
        terms: all of them as cases are found by them, so that a list keeps away exactly what a claim refuses.
    """

    persons: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()


def accused_of(processes: Processes, facts: Mapping[str, object]) -> Accused:
    """The people everything confidential of a case is kept from: what any element names counts for all of them."""
    return _accused(names_of_accused(processes), facts)


@lru_cache(maxsize=64)  # every step of a case asks
def names_of_accused(processes: Processes) -> frozenset[str]:
    """The facts that say, anywhere in these models, whom something is kept from."""
    return frozenset().union(*confidential_elements(processes))


def terms_of(by: Actor, on: date) -> frozenset[str]:
    """By which terms somebody is found among accused persons and units: their id, and the roles they hold on a day."""
    return frozenset(term.value for name in (by.id, *by.roles_on(on)) for term in terms(name))


@lru_cache(maxsize=64)
def confidential_elements(processes: Processes) -> Mapping[frozenset[str], frozenset[tuple[str, str]]]:
    """What is confidential in these models, as process and element, by the facts that say from whom."""
    found: dict[frozenset[str], set[tuple[str, str]]] = {}
    for process in processes.ids:
        for element in processes.elements(process):
            if names := frozenset(_names(element)):
                found.setdefault(names, set()).add((element.process_id, element.id))
    return {names: frozenset(elements) for names, elements in found.items()}


def is_confidential(processes: Processes, facts: Mapping[str, object]) -> bool:
    """Whether of a case nothing but its receipt may be told to whoever has no post: it accuses somebody (art. 30)."""
    accused = accused_of(processes, facts)
    return bool(accused.persons or accused.roles) or facts.get("matter_type") == "accusation"


def refuse_accused(element: Element, facts: Mapping[str, object], by: Actor, what: str, *, on: date) -> None:
    """Keep a confidential task from who is accused in it, or holds a post of the accused unit on a day in China.

    Raises:
        NotAllowed: it is kept from the actor.
    """
    _refuse(_accused(_names(element), facts), by, what, on)


def refuse_accused_reader(
    processes: Processes, facts: Mapping[str, object], by: Actor, what: str, *, on: date
) -> None:
    """Keep what an office keeps about a case from who is accused in it.

    Raises:
        NotAllowed: it is kept from the actor.
    """
    _refuse(accused_of(processes, facts), by, what, on)


def _refuse(accused: Accused, by: Actor, what: str, on: date) -> None:
    if not accused.terms.isdisjoint(terms_of(by, on)):
        raise NotAllowed(
            f"{what} is confidential and kept from {by.id}, who is accused or holds a role of the accused unit "
            "(信访工作条例第三十条); give it to somebody else",
            zh="此项对被检举控告的人员和单位保密(信访工作条例第三十条);请交由他人办理",
        )


def _names(element: Element) -> set[str]:
    return {name.strip() for name in element.properties.get(CONFIDENTIAL, "").split(",") if name.strip()}


def _accused(names: Set[str], facts: Mapping[str, object]) -> Accused:
    said: set[str] = set()
    for name in names:
        value = facts.get(name)
        said |= {str(one).strip() for one in (value if isinstance(value, list | tuple) else (value,)) if one}
    found = (term.value for one in said for term in terms(one))
    return Accused(frozenset(map(person_id, said)), frozenset(said), frozenset(found))
