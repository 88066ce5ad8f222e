"""What a figure measures, in a small closed vocabulary that the store turns into one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What must hold of a case, all of it; of what is listed for one thing, any.

    Attributes:
        process: processes of which the case is one.
        facts: facts with the values of which the case has one.
        said: facts of which somebody has said something, if only that there is nothing.
        reached: milestones of which the case has reached one.
        missed: rules of which a deadline of the case was not met in time; it is over, or was when somebody ended it.
        status: statuses of cases, as :class:`jiefen.record.kinds.CaseStatus` names them.
        linked: kinds of links that lead from the case to another; ``linked_from``: from another to this one.
        contacts: forms in which somebody met its people.
        rated: grades, as :class:`jiefen.record.kinds.Satisfaction` names them, of which a party has given one by the
            code of the case.
        longer_than: calendar days: it was open for more, or is.
        unless: of these measures none may hold.
    """

    process: tuple[str, ...] = ()
    facts: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    linked_from: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    rated: tuple[str, ...] = ()
    longer_than: int | None = None
    unless: tuple[Measure, ...] = ()


_TENTH: Final = Decimal("0.1")


def rate(numerator: int, denominator: int, whole: int) -> Decimal | None:
    """A share of ``whole`` (a hundred, a thousand), to a tenth; ``None`` of nothing."""
    return (Decimal(numerator * whole) / denominator).quantize(_TENTH, ROUND_HALF_UP) if denominator else None


#: Holds of every case.
ANY_CASE: Final = Measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What a figure counts: deadlines that were met in time, or cases of which something holds.

    Attributes:
        deadlines: the rules whose deadlines are counted, each in the period of its last day: those that were over, met
            or not. Empty: cases are counted.
        day: the date fact by which a case falls into a period; where nobody has said it, or for ``None``, it is the day
            on which the case was opened.
        when: the cases that it is about.
        among: those of them that are counted: any of these holds.
        counts: what makes one count for the figure: any of these holds; none of them for deadlines.
        moves_within: a case that is moved later than so many days after it was opened, or after it ended, is counted
            where it was before. A deadline is counted where its case was when it was met, or else over.
    """

    deadlines: tuple[str, ...] = ()
    day: str | None = None
    when: Measure = ANY_CASE
    among: tuple[Measure, ...] = (ANY_CASE,)
    counts: tuple[Measure, ...] = ()
    moves_within: int = 0
