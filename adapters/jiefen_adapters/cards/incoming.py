"""What comes from outside, as the engine takes it: read from a document by the entrances of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from jiefen_adapters.cards.card import Card, Entrance, Gives
from jiefen_adapters.cards.documents import UnusableDocument, found_at, read_document
from jiefen_adapters.cards.reading import text_of
from jiefen_adapters.cards.values import to_ours

#: A key may be this long; the engine keeps no longer one.
_LONGEST_KEY: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that came from outside.

    Attributes:
        card: the system that it came from.
        key: theirs, with the name of the card before it: the same again is once.
        number: the key of the case of the matter, from their number of it.
        case: our number of the case, where they sent it back.
        delivery: our key of the delivery that is answered.
        message: its name.
        error: the error of the topic, of an answer.
        status: their word, of a status.
    """

    gives: Gives
    card: str
    key: str
    number: str | None = None
    case: int | None = None
    delivery: str | None = None
    message: str | None = None
    process: str = "dispute"
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    parties: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    error: str | None = None
    status: str | None = field(default=None, repr=False)


def take(
    card: Card, raw: bytes, content_type: str = "", *, types: Mapping[str, str] | None = None
) -> list[Incoming]:
    """Everything that a document of a system says to us.

    Args:
        types: the types of facts by their names (:func:`types_of`); without them every value stays as they write it.

    Raises:
        UnusableDocument: it is too large, no document, or no entrance of the card takes it; or a field that is needed
            is missing, or says what the card does not map. Nothing of it is taken then.
    """
    tree = read_document(raw, content_type, encoding=card.encoding, most=card.most)
    return take_tree(card, tree, types=types)


def take_tree(card: Card, tree: Any, *, types: Mapping[str, str] | None = None) -> list[Incoming]:
    """As :func:`take`, for what was read already: a row of a table, the fields of a mail.

    Raises:
        UnusableDocument: as there.
    """
    found: list[Incoming] = []
    fits = False
    for entrance in card.entrances:
        if entrance.each is None and isinstance(tree, Mapping):
            items: Any = [tree]
        else:
            items = found_at(tree, entrance.each) if entrance.each is not None else tree
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, Mapping) and matches(entrance.when, item):
                fits = True
                found.append(_incoming(card, entrance, item, types or {}))
    if not fits:
        raise UnusableDocument(
            f"nothing in the document is what the card {card.name} takes in: a field may have been renamed over there; "
            "compare it with `when` and `each` of the card",
            zh=f"卡片 {card.name} 认不出这份报文,对方可能改了字段名",
        )
    return found


def types_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """The types of the facts of a vocabulary, as :func:`take` wants them."""
    return {name: str(fact.type) for name, fact in facts.items()}


def matches(accepted: Mapping[str, Sequence[str]], tree: Any) -> bool:
    """Whether at every place stands one of the values that are accepted there."""
    for place, values in accepted.items():
        value = found_at(tree, place)
        if value is None or text_of(value) not in values:
            return False
    return True


def _incoming(card: Card, entrance: Entrance, item: Mapping[str, Any], types: Mapping[str, str]) -> Incoming:
    facts = {name: to_ours(source, item, name, types.get(name)) for name, source in entrance.facts.items()}
    parties = []
    for party in entrance.parties:
        read = {name: to_ours(source, item, name, _PARTY.get(name)) for name, source in party.items()}
        if read.get("name") is not None:
            parties.append({name: value for name, value in read.items() if value is not None})
    number = _text(item, entrance.number)
    case = _text(item, entrance.case)
    if case is not None and not (case.isascii() and case.isdigit()):
        raise UnusableDocument(f"{entrance.case} is no number of a case", zh=f"{entrance.case} 不是案件编号")
    for needed in ("number", "delivery"):
        path = getattr(entrance, needed)
        if path is not None and _text(item, path) is None and (needed != "number" or case is None):
            raise UnusableDocument(f"{entrance.name}: {path} is missing", zh=f"{entrance.name}:缺少 {path}")
    return Incoming(
        gives=entrance.gives,
        card=card.name,
        key=_key(card, entrance, item),
        number=card.key_of(number) if number is not None else None,
        case=int(case) if case is not None else None,
        delivery=_text(item, entrance.delivery),
        message=entrance.message,
        process=entrance.process,
        facts={name: value for name, value in facts.items() if value is not None},
        parties=tuple(parties),
        error=to_ours(entrance.error, item, "error", None) if entrance.error is not None else None,
        status=text_of(to_ours(entrance.status, item, "status", None) or "") or None
        if entrance.status is not None
        else None,
    )


#: What of a party is no text.
_PARTY: Final = {
    "persons": "integer",
    **dict.fromkeys(("part", "name", "phone", "contact", "id_number"), "text"),
}


def _key(card: Card, entrance: Entrance, item: Mapping[str, Any]) -> str:
    parts = [_text(item, path) for path in entrance.key]
    if any(part is None for part in parts):
        missing = ", ".join(path for path, part in zip(entrance.key, parts, strict=True) if part is None)
        raise UnusableDocument(
            f"{entrance.name}: {missing} is missing, by which it is known",
            zh=f"{entrance.name}:缺少 {missing}",
        )
    key = f"{card.name}:{entrance.name}:{'/'.join(map(str, parts))}"
    return (
        key if len(key) <= _LONGEST_KEY else f"{card.name}:{entrance.name}:{sha256(key.encode()).hexdigest()}"
    )


def _text(item: Mapping[str, Any], path: str | None) -> str | None:
    value = found_at(item, path) if path is not None else None
    if value is None or isinstance(value, Mapping | list):
        return None
    return text_of(value).strip() or None
