"""A trial: one delivery with invented data, and what was sent and came back. No case knows of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

from jiefen import (
    Clock,
    DefinitionError,
    Delivery,
    DeliveryPostponed,
    DeliveryRefused,
    SystemClock,
    suggestion,
)
from jiefen_adapters.cards.card import Card
from jiefen_adapters.cards.checking import Named
from jiefen_adapters.cards.outgoing import answer_of, message_of
from jiefen_adapters.transports import Wire, transport_of

#: So much is shown of what came back.
_SHOWN: Final = 2_000
#: A shorter secret is masked nowhere: it would be found in every word.
_LEAST_SECRET: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a trial came to.

    Attributes:
        key: under which it went out; whoever looks after the other side finds it by that.
        sent: the document, as text.
        status, received: what came back at once, as the transport calls it, and as text; ``None``: nothing did.
        meaning: what the card makes of it, in words.
        well: whether a delivery would have gone well.
    """

    card: str
    topic: str
    key: str
    sent: str
    status: str | None
    received: str | None
    meaning: str
    well: bool


def try_card(
    card: Card, topic: str | None, named: Named, *, clock: Clock | None = None, wire: Wire | None = None
) -> Trial:
    """Send one delivery of a topic with invented data; secrets are masked in what is told.

    Args:
        topic: which; the first of the card when absent.
        named: the topics and facts of the edition, from which data are invented.

    Raises:
        DefinitionError: the card sends nothing, or not on this topic; or a secret is not in the environment.
        DeliveryRefused: the card cannot write the document.
        MissingExtra: the library of the transport is not installed.
    """
    topics = list(card.out)
    if not topics or (topic is not None and topic not in topics):
        hint = suggestion(topic or "", topics) if topics else "it only takes what comes in"
        raise DefinitionError(f"the card {card.name} sends nothing on {topic or 'any topic'}; {hint}")
    topic = topic or topics[0]
    clock = clock if clock is not None else SystemClock()
    now, key = clock.now(), f"jiefen:trial:{token_hex(8)}"
    delivery = Delivery(
        id=0, case=0, key=key, topic=topic, status="pending", attempts=0, error=None, at=now, cancels=f"{key}/0",
        payload={"inputs": _invented(topic, named, now.date().isoformat())},
    )  # fmt: skip
    message = message_of(card, delivery)
    wire = wire if wire is not None else transport_of(card.transport).connect(card, clock)
    status: str | None = None
    received: str | None = None
    try:
        answered = wire.carry(message)
        if answered is not None:
            status, received = answered.status, _text(card, answered.body)
            answer = answer_of(card, topic, answered)
            meaning = "it has come; the answer comes later"
            if answer is not None:
                said = (
                    f"the error {answer.error}"
                    if answer.error
                    else ", ".join(answer.facts) or "that it has come"
                )
                meaning = f"the answer says {said}"
        else:
            meaning = "it lies there; nothing comes back at once"
        well = True
    except DeliveryPostponed as error:
        meaning, well = f"it would wait until {error.until.isoformat()}: {error}", False
    except DeliveryRefused as error:
        meaning, well = f"refused: {error}", False
    except Exception as error:  # whatever the transport raises, the engine would try again
        meaning, well = f"it would be tried again: {error}", False
    return Trial(
        card=card.name, topic=topic, key=key, sent=_text(card, message.body), status=status, received=received,
        meaning=_masked(card, meaning), well=well,
    )  # fmt: skip


def _invented(topic: str, named: Named, today: str) -> dict[str, Any]:
    """Something for every name that the topic carries, as its fact has it."""
    known = (named.topics or {}).get(topic.removesuffix(".cancelled"))
    return {
        name: _value((named.facts or {}).get(name), name, today)
        for name in sorted(getattr(known, "carries", ()))
    }


def _value(fact: Any, name: str, today: str) -> Any:
    if fact is None:
        return today if name.endswith("_on") else "试投"
    if fact.type == "choice":
        return next(iter(fact.values))
    invented: Mapping[str, Any] = {
        "boolean": True, "integer": 1, "money": "100.00", "date": today, "list": ["试投"],
    }  # fmt: skip
    return "140429102201" if name == "area" else invented.get(str(fact.type), "试投")


def _text(card: Card, raw: bytes) -> str:
    text = raw.decode(card.encoding, "replace")
    return _masked(card, text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _masked(card: Card, text: str) -> str:
    """A text without the values of the variables that the card names."""
    for name in _variables(card.settings):
        value = os.environ.get(name, "")
        if len(value) >= _LEAST_SECRET:
            text = text.replace(value, "***")
    return text


def _variables(settings: object) -> list[str]:
    if isinstance(settings, Mapping):
        if set(settings) == {"env"}:
            return [str(settings["env"])]
        return [name for value in settings.values() for name in _variables(value)]
    return []
