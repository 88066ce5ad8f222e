"""What goes out: the document of a delivery, and what they answered to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jiefen import Answer, Delivery, DeliveryRefused
from jiefen_adapters.cards.card import Card, Outgoing
from jiefen_adapters.cards.documents import UnusableDocument, found_at, read_document, write_document
from jiefen_adapters.cards.incoming import matches
from jiefen_adapters.cards.reading import text_of
from jiefen_adapters.cards.values import UnsendableValue, to_ours, to_theirs
from jiefen_adapters.transports import Answered, Message

#: What every delivery has besides what its topic carries.
BESIDE: Final = ("case", "key", "topic", "at", "cancels")
#: A longer text is no code.
_LONGEST_CODE: Final = 24
_CHINA: Final = ZoneInfo("Asia/Shanghai")


class AgainError(Exception):
    """The other side had no answer, or says that it is to be tried again."""


def message_of(card: Card, delivery: Delivery) -> Message:
    """The document of a delivery, as the card maps it.

    Raises:
        DeliveryRefused: the card does not carry the topic, or a value that they need is missing or not mapped.
    """
    out = outgoing_of(card, delivery.topic)
    given = {**carried(delivery.payload), **beside(delivery)}
    fields: dict[str, Any] = {}
    try:
        for place, source in out.map.items():
            value = to_theirs(source, given, place)
            if value is not None:
                fields[place] = value
    except UnsendableValue as error:
        raise DeliveryRefused(f"{card.name}: {error}") from None
    try:
        body, content_type = write_document(fields, format=out.format, root=out.root, encoding=card.encoding)
    except ValueError:
        raise DeliveryRefused(
            f"{card.name}: what {delivery.topic} holds cannot be written as {out.format}: it has a character that this "
            "does not allow, or a name of a field that it does not"
        ) from None
    flat = {
        name: text_of(value)
        for name, value in {**given, **fields}.items()
        if not isinstance(value, dict | list)
    }
    return Message(
        key=delivery.key,
        topic=delivery.topic,
        content_type=content_type,
        body=body,
        request=out.request,
        fields=flat,
    )


def outgoing_of(card: Card, topic: str) -> Outgoing:
    """How a card carries a topic.

    Raises:
        DeliveryRefused: it does not.
    """
    out = card.out.get(topic)
    if out is None:
        raise DeliveryRefused(f"{card.name}: the card has no {topic} under `out`")
    return out


def carried(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a topic carries, from the payload of a delivery: of a model its inputs, of a notice all of it."""
    inputs = payload.get("inputs")
    return dict(inputs) if isinstance(inputs, Mapping) else dict(payload)


def beside(delivery: Delivery) -> dict[str, Any]:
    """What every delivery has besides."""
    at: datetime = delivery.at.astimezone(_CHINA)
    return {
        "case": delivery.case, "key": delivery.key, "topic": delivery.topic, "at": at, "cancels": delivery.cancels,
    }  # fmt: skip


def answer_of(
    card: Card, topic: str, answered: Answered, types: Mapping[str, str] | None = None
) -> Answer | None:
    """What their answer means to the case; ``None``: it has come, and what the case waits for comes later.

    Raises:
        AgainError: it is to be tried again: they say so, or what they said is no document of theirs.
        DeliveryRefused: they refuse it, and the case has no error for that.
    """
    reply = outgoing_of(card, topic).reply
    reads = reply.good or reply.again or reply.errors or reply.facts
    if not reads:
        return _unread(card, topic, answered, later=reply.later)
    try:
        tree = read_document(
            answered.body, answered.content_type, encoding=card.encoding, most=card.most, format=reply.format
        )
    except UnusableDocument as error:
        if not answered.good:
            raise _refused(card, topic, answered.status) from None
        # It may have taken the delivery all the same: the key tells it, when it is sent again.
        raise AgainError(f"{card.name} answered {answered.status}, and {error}") from None
    if reply.again and matches(reply.again, tree):
        raise AgainError(f"{card.name} answered {answered.status}, and asks to be tried again")
    for place, codes in reply.errors.items():
        code = codes.get(text_of(found_at(tree, place)))
        if code is not None:
            return Answer(error=code)
    if not answered.good or (reply.good and not matches(reply.good, tree)):
        raise _refused(card, topic, f"{answered.status} with {_codes(reply.good, tree)}")
    try:
        facts = {
            name: to_ours(source, tree, name, (types or {}).get(name)) for name, source in reply.facts.items()
        }
    except UnusableDocument as error:
        raise DeliveryRefused(f"{card.name}: what it answered to {topic} cannot be used: {error}") from None
    return (
        None if reply.later else Answer({name: value for name, value in facts.items() if value is not None})
    )


def _unread(card: Card, topic: str, answered: Answered, *, later: bool) -> Answer | None:
    if not answered.good:
        raise _refused(card, topic, answered.status)
    return None if later else Answer()


def _refused(card: Card, topic: str, what: str) -> DeliveryRefused:
    return DeliveryRefused(
        f"{card.name} refuses {topic}: it answered {what}; look what it wants, then retry or cancel"
    )


def _codes(good: Mapping[str, Any], tree: Any) -> str:
    """What stands where a good answer has its code: codes and short words alone, for they may quote anything."""
    said = []
    for place in good:
        value = text_of(found_at(tree, place))
        short = (
            value.isascii()
            and value.replace("_", "").replace("-", "").isalnum()
            and len(value) <= _LONGEST_CODE
        )
        # A longer number may be a telephone's, or a person's.
        said.append(f"{place}={value if short and (len(value) <= 6 or not value.isdigit()) else '…'}")
    return ", ".join(said) or "an error in it"
