"""What a card names of an edition: topics, messages, facts, parties, processes, values; each looked up, both ways."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jiefen import Finding, Part, YamlDocument, suggestion
from jiefen_adapters.cards.card import Card, Entrance, Gives, Outgoing, Source
from jiefen_adapters.cards.outgoing import BESIDE

_CANCELLED: Final = ".cancelled"
_Path = tuple[str | int, ...]
#: Takes the place, a code, what is wrong, and how to mend it.
_Say = Callable[[_Path, str, str, str], Finding]


@dataclass(frozen=True, slots=True)
class Named:
    """What of an edition a card may name; ``None``: that is not known.

    Attributes:
        topics, messages, facts: those of a rulebook, by their names.
    """

    topics: Mapping[str, Any] | None
    messages: Mapping[str, Any] | None
    facts: Mapping[str, Any] | None
    processes: Collection[str] | None


def check_card(card: Card, document: YamlDocument, named: Named) -> list[Finding]:
    """What is wrong with what a sound card names."""
    say: _Say = document.finding
    found: list[Finding] = []
    if not card.out and not card.entrances:
        found.append(say((), "card-of-nothing", "the card carries nothing", "write `out`, `in`, or both"))
    for topic, out in card.out.items():
        found += _outgoing(card, topic, out, named, say)
    for entrance in card.entrances:
        found += _entrance(card, entrance, named, say)
    return found


def _outgoing(card: Card, topic: str, out: Outgoing, named: Named, say: _Say) -> Iterator[Finding]:
    at: _Path = ("out", topic)
    if named.topics is None or named.facts is None:
        return
    base = topic.removesuffix(_CANCELLED)
    known = named.topics.get(base)
    if known is None:
        yield say(at, "unknown-topic", f"there is no topic {base!r}", suggestion(base, named.topics))
        return
    if known.personal and not card.personal:
        hint = "write `personal: true` if the office has decided that this system may have it"
        yield say(
            at, "personal-data", f"{topic} carries what names people, and the card may not have that", hint
        )
    carries = {*known.carries, *BESIDE}
    for place, source in out.map.items():
        here: _Path = (*at, "map", place)
        yield from _one_origin(source, here, say)
        if source.path is None:
            continue
        name = source.path.partition(".")[0]
        if name not in carries:
            hint = suggestion(name, carries)
            yield say(here, "not-carried", f"the topic {base!r} does not carry {name!r}", hint)
        elif name in named.facts and name in known.carries:
            yield from _choices_out(named.facts[name], source, here, say)
    answers = frozenset() if topic.endswith(_CANCELLED) else known.answers
    for name, source in out.reply.facts.items():
        here = (*at, "answer", "facts", name)
        yield from _one_origin(source, here, say)
        if name not in answers:
            hint = suggestion(name, answers) if answers else "the topic has no `answers`: remove it here"
            yield say(here, "not-answered", f"an answer to {topic!r} may not set {name!r}", hint)
        elif name in named.facts:
            yield from _choices_in(named.facts[name], source, here, say)
    errors = frozenset() if topic.endswith(_CANCELLED) else known.errors
    for place, codes in out.reply.errors.items():
        for code, error in codes.items():
            if error not in errors:
                hint = suggestion(error, errors) if errors else "the topic has no `errors`: remove it here"
                message = f"the topic {topic!r} has no error {error!r}"
                yield say((*at, "answer", "errors", place, code), "unknown-error", message, hint)


def _entrance(card: Card, entrance: Entrance, named: Named, say: _Say) -> Iterator[Finding]:
    at: _Path = ("in", entrance.name)
    for field, needed, unless in (
        ("number", (Gives.CASE,), False),
        ("delivery", (Gives.ANSWER, Gives.STATUS), False),
        ("message", (Gives.MESSAGE,), False),
        ("status", (Gives.STATUS,), False),
    ):
        if entrance.gives in needed and getattr(entrance, field) is None and not unless:
            hint = f"add {field}:"
            yield say(at, "missing-key", f"what gives a {entrance.gives} says its {field}", hint)
        elif entrance.gives not in needed and getattr(entrance, field) is not None and field != "number":
            yield say((*at, field), "of-no-use", f"what gives a {entrance.gives} has no {field}", "remove it")
    if entrance.gives is Gives.MESSAGE and entrance.number is None and entrance.case is None:
        yield say(at, "missing-key", "a message says whose it is", "add number: (theirs) or case: (ours)")
    if entrance.parties and entrance.gives is not Gives.CASE:
        yield say((*at, "parties"), "of-no-use", "only a case brings parties", "remove them")
    if entrance.parties and not card.personal:
        hint = "write `personal: true` if the office has decided that this system may have it"
        yield say(
            (*at, "parties"), "personal-data", "parties are people, and the card may not have that", hint
        )
    for at_party, party in enumerate(entrance.parties):
        for name, source in party.items():
            yield from _one_origin(source, (*at, "parties", at_party, name), say)
        yield from _in_words(party["part"], {*map(str, Part)}, (*at, "parties", at_party, "part"), say)
    if named.facts is None or named.messages is None:
        return
    if entrance.message is not None and entrance.message not in named.messages:
        hint = suggestion(entrance.message, named.messages)
        yield say((*at, "message"), "unknown-message", f"there is no message {entrance.message!r}", hint)
    if (
        entrance.gives is Gives.CASE
        and named.processes is not None
        and entrance.process not in named.processes
    ):
        hint = suggestion(entrance.process, named.processes)
        yield say((*at, "process"), "unknown-process", f"there is no process {entrance.process!r}", hint)
    for name, source in entrance.facts.items():
        here = (*at, "facts", name)
        yield from _one_origin(source, here, say)
        fact = named.facts.get(name)
        if fact is None:
            yield say(here, "unknown-fact", f"there is no fact {name!r}", suggestion(name, named.facts))
            continue
        setters = _SETTERS[entrance.gives] | {f"message:{entrance.message}"}
        if entrance.gives is Gives.STATUS or not setters & {*fact.set_by}:
            who = ", ".join(fact.set_by)
            hint = f"it is set by {who}; remove it here, or let {entrance.gives} set it in facts.yaml"
            yield say(here, "not-set-by", f"{name!r} is not for a {entrance.gives} to set", hint)
        yield from _choices_in(fact, source, here, say)


#: Who sets the facts of what comes in, by what it is.
_SETTERS: Final[Mapping[Gives, frozenset[str]]] = {
    Gives.CASE: frozenset({"intake"}),
    Gives.MESSAGE: frozenset({"message"}),
    Gives.ANSWER: frozenset({"message", "form"}),
    Gives.STATUS: frozenset(),
}


def _one_origin(source: Source, here: _Path, say: _Say) -> Iterator[Finding]:
    if (source.path is None) == (source.value is None):
        message = "it says neither or both of `from` and `value`"
        yield say(here, "one-origin", message, "write from: and their field, or value: and a value")


def _choices_out(fact: Any, source: Source, here: _Path, say: _Say) -> Iterator[Finding]:
    """Each value that a fact can have must mean something to them."""
    if source.form is not None and fact.type != "date":
        yield say(here, "wrong-form", f"{fact.id!r} is no date", "remove `as`")
    if not source.values:
        return
    if not fact.values:
        return
    strange = [value for value in source.values if value not in fact.values]
    missing = [value for value in fact.values if value not in source.values]
    for value in strange:
        hint = suggestion(value, fact.values)
        yield say((*here, "values", value), "unknown-value", f"{fact.id!r} has no value {value!r}", hint)
    if missing and source.others is None:
        message = f"{len(missing)} values of {fact.id!r} mean nothing to them: {', '.join(missing[:8])}"
        yield say((*here, "values"), "values-missing", message, "add them, or write `others`")


def _choices_in(fact: Any, source: Source, here: _Path, say: _Say) -> Iterator[Finding]:
    """What they say must be what the fact can be."""
    if source.form is not None and fact.type != "date":
        yield say(here, "wrong-form", f"{fact.id!r} is no date", "remove `as`")
    if fact.values:
        yield from _in_words(source, set(fact.values), here, say)


def _in_words(source: Source, words: Collection[str], here: _Path, say: _Say) -> Iterator[Finding]:
    said = [
        *source.values.values(),
        *(one for one in (source.value, source.others, source.absent) if one is not None),
    ]
    for value in said:
        if value not in words:
            yield say(here, "unknown-value", f"there is no value {value!r}", suggestion(str(value), words))
