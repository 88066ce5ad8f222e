"""A system card as it is used: one outside system, how it is reached, and what its fields mean to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any

#: What an answer, a document or a file may hold at most where the card does not say.
MOST_BYTES = 1_000_000


class Gives(StrEnum):
    """What something that comes in is to us."""

    CASE = "case"
    MESSAGE = "message"
    ANSWER = "answer"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, and how it is turned.

    Attributes:
        path: its place on the other side, with dots; ``None`` where ``value`` says it.
        form: how a date or a time is written, as ``strftime`` has it.
        values: the values of the side that it comes from, as text, to those of the other.
        others, absent: what stands for a value that is not among them, and for none; ``None``: nothing does.
    """

    path: str | None = None
    value: Any = None
    form: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    others: Any = None
    absent: Any = None
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How what they answer is read.

    Attributes:
        good, again: what stands where; an answer is no error, or is to be tried again, when every place fits one value.
        errors: by place, their codes to the errors of the topic.
        later: what the case waits for comes by itself; this says only that the delivery has come.
    """

    format: str | None = None
    good: Mapping[str, Sequence[str]] = field(default_factory=dict)
    again: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    facts: Mapping[str, Source] = field(default_factory=dict)
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What goes out on one topic: their fields from what the topic carries.

    Attributes:
        request: what the transport has to know, checked by its own shape.
    """

    topic: str
    map: Mapping[str, Source]
    format: str = "json"
    root: str = "request"
    request: Mapping[str, Any] = field(default_factory=dict)
    reply: Reply = field(default_factory=Reply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What comes in, one kind of it; see :data:`jiefen_adapters.cards.format.INCOMING` for the fields."""

    name: str
    gives: Gives
    key: tuple[str, ...]
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)
    each: str | None = None
    number: str | None = None
    case: str | None = None
    delivery: str | None = None
    message: str | None = None
    process: str = "dispute"
    facts: Mapping[str, Source] = field(default_factory=dict)
    parties: Sequence[Mapping[str, Source]] = ()
    error: Source | None = None
    status: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One outside system.

    Attributes:
        settings: what its transport has to know; secrets stand there as ``{"env": NAME}``, never as they are.
        rate: so many in so many seconds.
        breaker: after so many failures in a row, for so many seconds.
        quiet: the time of day in China from which, and until which, nothing is sent.
        out: by topic.
    """

    name: str
    title: Mapping[str, str]
    transport: str
    settings: Mapping[str, Any]
    personal: bool = False
    encoding: str = "utf-8"
    most: int = MOST_BYTES
    rate: tuple[int, int] | None = None
    breaker: tuple[int, int] | None = None
    quiet: tuple[time, time] | None = None
    out: Mapping[str, Outgoing] = field(default_factory=dict)
    entrances: Sequence[Entrance] = ()

    def key_of(self, number: str) -> str:
        """The key of the case of a matter that has this number over there."""
        return f"{self.name}:{number}"
