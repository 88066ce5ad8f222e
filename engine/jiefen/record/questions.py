"""What should be asked in a case before a right is lost: the values that the engine gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jiefen.notation.labels import Label


class Asked(StrEnum):
    """What a question is about: a ``fact`` of the case, or a ``message`` that may have come."""

    FACT = "fact"
    MESSAGE = "message"


class Effect(StrEnum):
    """What an answer would do: start a right, move or end one, or change the route."""

    STARTS = "starts"
    MOVES = "moves"
    ENDS = "ends"
    ROUTE = "route"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something should be asked.

    Attributes:
        rule: id of the deadline rule, or ``table/row`` of the decision.
        at_risk_on: the day on which the right may be lost at the earliest, as far as is known; ``None`` for a route.
    """

    effect: Effect
    rule: str
    title: Label
    because: Label
    at_risk_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A missing fact, or a message that may have come, on which a right or the route depends.

    Attributes:
        name: of the fact (give it with a form, or as a fact of a message), or of the message (``jiefen message``).
        choices: the values of a choice, in their order.
        reasons: the most urgent first.
        at_risk_on: the earliest of its reasons.
        tasks: the open tasks whose form asks for it.
    """

    about: Asked
    name: str
    title: Label
    choices: tuple[tuple[str, Label], ...] = ()
    reasons: tuple[Reason, ...]
    at_risk_on: date | None
    tasks: tuple[int, ...] = ()
