"""Who may do something: by role, its deputies, and the area the role is held for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from jiefen.areas import normalise_area
from jiefen.errors import NotAllowed
from jiefen.notation.texts import person_id
from jiefen.record.actor import Actor
from jiefen.record.rows import CaseRow
from jiefen.rules import Role

#: Digits of the code of a village.
_VILLAGE = 12


def require_role(
    by: Actor, roles: Collection[str], area: str | None, known: Mapping[str, Role], what: str
) -> None:
    """Let ``by`` do ``what`` for one of ``roles`` in ``area``; a deputy counts, and so does a role held further up.

    A role held further down does not: a village is no township. Only the grids of a village act for the village, since
    who takes a case in often knows the village and not the grid.

    Args:
        roles: one of them is enough; nobody may do what names none.
        what: subject of the message, for example ``task 5 (听取诉求)``.

    Raises:
        NotAllowed: the actor holds none of the roles and is no deputy, or acts for another area.
    """
    if not roles:
        raise NotAllowed(f"{what} names no role that may do it; correct camunda:candidateGroups in its model")
    deputies = {deputy for role in roles if role in known for deputy in known[role].deputies}
    if not by.roles & {*roles, *deputies}:
        held = ", ".join(sorted(by.roles)) or "no role"
        raise NotAllowed(f"{what} is for {' or '.join(roles)} or a deputy; {by.id} holds {held}")
    require_area(by, area, what)


def require_area(by: Actor, area: str | None, what: str) -> None:
    """Let ``by`` do ``what`` in ``area``, in the area that they act for or further down.

    Raises:
        NotAllowed: they act for another area.
    """
    theirs = normalise_area(by.area) if by.area else ""
    if (
        area
        and theirs
        and not (area.startswith(theirs) or (len(area) >= _VILLAGE and theirs.startswith(area)))
    ):
        raise NotAllowed(f"{what} lies in area {area}; {by.id} acts for {theirs}")


def refuse_recused(case: CaseRow, person: str) -> None:
    """Keep who has a direct interest away from a case (信访工作条例 art. 28 ¶3).

    Raises:
        NotAllowed: the person is recused.
    """
    if person_id(person) in {person_id(one) for one in case.recused or ()}:
        raise NotAllowed(
            f"{person} is recused from case {case.id} and may not work on it (信访工作条例第二十八条第三款); "
            "give it to somebody else"
        )
