"""席位: who sits for which office in a joint session. A person fills one seat, and comes as what they are.

A task of a model fills a seat where its property ``sits`` names the fact that keeps who sits; ``comes`` names the fact
that says how (head, deputy, absent), and ``seat`` the role at the head of the office. A task with ``signs`` is for
whoever sits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from jiefen.errors import FactError, NotAllowed
from jiefen.notation.texts import person_id
from jiefen.people.authority import acts_in
from jiefen.process import Element
from jiefen.record.actor import Actor
from jiefen.rules import Role

#: Properties of user tasks.
SITS: Final = "sits"
COMES: Final = "comes"
SIGNS: Final = "signs"
HEAD: Final = "head"
DEPUTY: Final = "deputy"
ABSENT: Final = "absent"


def take_seat(
    element: Element,
    among: Collection[Element],
    facts: Mapping[str, object],
    given: Mapping[str, object],
    by: Actor,
    known: Mapping[str, Role],
    area: str | None,
    on: date,
) -> dict[str, object]:
    """What follows from ``by`` doing a task of a seat: who sits, and as what. Nothing for any other task.

    Args:
        among: the elements of the same model; their seats are those that one person cannot fill at the same time.
        given: the answer to the task.
        known: the roles of the rules.
        on: the day in China on which it is done.

    Raises:
        NotAllowed: they sit for another office, or somebody else sits in this seat and has to sign.
        FactError: they come as head without holding that post, or as a deputy who is none.
    """
    said = element.properties
    if SIGNS in said:
        sitting = facts.get(said[SIGNS])
        if isinstance(sitting, str) and person_id(sitting) != person_id(by.id):
            raise NotAllowed(
                f"{element.name} [{element.id}] is for {sitting}, who sat in this seat; {by.id} did not",
                zh=f"“{element.name}”由到席的 {sitting} 本人办理",
            )
        return {}
    if SITS not in said:
        return {}
    comes = given.get(said[COMES]) if COMES in said else None
    if comes == ABSENT:
        return {said[SITS]: None}
    for other in among:
        fact = other.properties.get(SITS)
        sitting = facts.get(fact) if fact not in (None, said[SITS]) else None
        if isinstance(sitting, str) and person_id(sitting) == person_id(by.id):
            raise NotAllowed(
                f"{by.id} sits in the seat of {other.properties.get('seat', other.id)} already, and nobody fills two; "
                "let the head or a deputy of the other office come, or answer absent",
                zh=f"{by.id} 已经在另一席({other.name})到席,一人不得兼任两席",
            )
    taken: dict[str, object] = {said[SITS]: by.id}
    if COMES in said:
        taken[said[COMES]] = _as_what(element, comes, by, known, area, on)
    return taken


def _as_what(
    element: Element, comes: object, by: Actor, known: Mapping[str, Role], area: str | None, on: date
) -> str:
    """As head or as deputy, by the post that they hold on the day; what they say must agree with it."""
    held = {post.role for post in by.held(on) if acts_in(post, area, known)}
    head = element.properties.get("seat", "")
    deputies = set(known[head].deputies) if head in known else set()
    powers = [what for what, roles in ((HEAD, {head}), (DEPUTY, deputies)) if held & roles]
    if comes is None and powers:
        return powers[0]
    if comes in powers:
        return str(comes)
    fact = element.properties[COMES]
    raise FactError(
        f"{by.id} does not come as {comes} of {head}: they hold {', '.join(sorted(held)) or 'no post here'}; "
        "whoever sits confirms, as what they are",
        zh=f"{by.id} 不是该席的{'正职' if comes == HEAD else '副职'};由到席者本人按其岗位确认",
        fact=fact,
    )
