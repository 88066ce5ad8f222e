"""What came from outside, given to the engine: once, however often it comes, and nothing dropped in silence."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from jiefen import (
    Actor,
    AlreadyDone,
    Answer,
    DatabaseError,
    Delivery,
    FactError,
    Intake,
    IntakeRow,
    JiefenError,
    NotFound,
    Received,
)
from jiefen_adapters.cards.card import Gives
from jiefen_adapters.cards.incoming import Incoming

if TYPE_CHECKING:
    from jiefen import Engine

logger = logging.getLogger("jiefen.cards")

#: More matters than this nobody sends under one number.
_MOST_UNDER_ONE_NUMBER: Final = 100


class Outcome(StrEnum):
    """What became of something that came.

    ``taken``: it is in the case; ``repeated``: it came before, and changes nothing; ``late``: an answer to what was
    answered or withdrawn before, kept in the journal where it was the first; ``refused``: it is not taken, and why.
    """

    TAKEN = "taken"
    REPEATED = "repeated"
    LATE = "late"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of one thing that came.

    Attributes:
        case: the case that it is in; ``None`` where it is in none.
        intake: of a new matter, what became of it there.
        error: why it was refused.
    """

    incoming: Incoming
    outcome: Outcome
    case: int | None = None
    intake: Intake | None = None
    error: JiefenError | None = None


def give(engine: Engine, incoming: Iterable[Incoming], *, by: Actor | None = None) -> list[Given]:
    """Give what came to the engine, one after the other, each in a transaction of its own.

    Args:
        by: who brings it; the program ``card:NAME`` when absent.

    Raises:
        DatabaseError: the database cannot be written; what was given before stays, and giving all again changes nothing
            of it.
    """
    return [_given(engine, one, by or Actor.program(f"card:{one.card}")) for one in incoming]


def _given(engine: Engine, one: Incoming, by: Actor) -> Given:
    try:
        return _GIVE[one.gives](engine, one, by)
    except DatabaseError:
        raise
    except AlreadyDone as error:
        return Given(incoming=one, outcome=Outcome.LATE, error=error)
    except JiefenError as error:
        # Its text may quote what somebody wrote: it is for whoever sent it, not for the log.
        logger.warning("%s: %s was refused with %s", one.card, one.gives, type(error).__name__)
        return Given(incoming=one, outcome=Outcome.REFUSED, error=error)


def _case(engine: Engine, one: Incoming, by: Actor) -> Given:
    if one.number is None:
        raise FactError(f"the card {one.card} does not say by which number of theirs a case is known")
    row = IntakeRow(key=one.number, facts=one.facts, parties=one.parties, process=one.process)
    [taken] = engine.intake([row], by=by)
    if taken.error is not None:
        raise taken.error
    known = taken.outcome is Intake.KNOWN
    outcome = Outcome.REPEATED if known else Outcome.TAKEN
    return Given(incoming=one, outcome=outcome, case=taken.case, intake=taken.outcome)


def _message(engine: Engine, one: Incoming, by: Actor) -> Given:
    case = one.case if one.case is not None else _case_of(engine, one)
    received = engine.receive(str(one.message), case=case, key=one.key, facts=one.facts, by=by)
    again = received is Received.REPEATED
    return Given(incoming=one, outcome=Outcome.REPEATED if again else Outcome.TAKEN, case=case)


def _answer(engine: Engine, one: Incoming, by: Actor) -> Given:
    delivery = _delivery_of(engine, one)
    engine.answer(delivery.id, Answer({} if one.error else one.facts, one.error), by=by)
    return Given(incoming=one, outcome=Outcome.TAKEN, case=delivery.case)


def _status(engine: Engine, one: Incoming, by: Actor) -> Given:
    delivery = _delivery_of(engine, one)
    new = engine.outside.note_status(delivery.id, one.status or "?", key=one.key, by=by)
    return Given(incoming=one, outcome=Outcome.TAKEN if new else Outcome.REPEATED, case=delivery.case)


def _delivery_of(engine: Engine, one: Incoming) -> Delivery:
    """The delivery that is meant, by our key of it.

    Raises:
        NotFound: there never was one.
    """
    found = engine.deliveries(key=one.delivery, limit=1)
    if not found:
        raise NotFound(
            "no delivery has the key that is answered; send it back as it was sent",
            zh="没有该投递键对应的投递",
        )
    return found[0]


_GIVE: Final = {Gives.CASE: _case, Gives.MESSAGE: _message, Gives.ANSWER: _answer, Gives.STATUS: _status}


def _case_of(engine: Engine, one: Incoming) -> int:
    """The case of a matter by their number of it; the last one where several matters came under one number.

    Raises:
        NotFound: none came.
    """
    if one.number is None:
        raise FactError(f"the card {one.card} does not say to which case a message belongs")
    found: int | None = None
    for again in range(1, _MOST_UNDER_ONE_NUMBER):
        cases = engine.cases(key=one.number if again == 1 else f"{one.number}~{again}", limit=1)
        if not cases:
            break
        found = cases[0].id
    if found is None:
        raise NotFound(
            f"no case has come from {one.card} under the number that the message names; let the matter itself "
            "come first",
            zh=f"没有找到 {one.card} 编号对应的案件;请先送来该事项",
        )
    return found
