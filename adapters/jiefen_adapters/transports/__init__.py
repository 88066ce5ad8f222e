"""How outside systems are reached: a module for each way. A card names one, and says what it has to know.

A transport is a module with ``SETTINGS`` and ``REQUEST``, the shapes of what a card says about it, and ``connect``. It
is imported when a card names it, and imports its library when it is connected.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast, runtime_checkable

from jiefen import DefinitionError

if TYPE_CHECKING:
    from jiefen import Clock, Engine, shapes
    from jiefen_adapters.cards.card import Card

#: The transports that a card can name, with the modules that hold them.
TRANSPORTS: Final[Mapping[str, str]] = {
    "http": "jiefen_adapters.transports.http",
    "mail": "jiefen_adapters.transports.mail",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One document on its way out.

    Attributes:
        key: tells it from every other, the same at every try.
        body: the document, encoded.
        request: what the card says about this topic for the transport.
        fields: what the card has mapped, flat, for what the transport fills in: a path, a subject, a file name.
    """

    key: str
    topic: str
    content_type: str
    body: bytes = field(repr=False)
    request: Mapping[str, Any]
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back at once.

    Attributes:
        good: the transport itself says that it went well; what the document says, its card knows.
        status: the transport's own word for it, for people: ``HTTP 200``.
    """

    good: bool
    status: str
    content_type: str
    body: bytes = field(repr=False)


class NotReachedError(Exception):
    """Nobody answered, or nobody useful; it is tried again."""


class Wire(Protocol):
    """A transport, connected to one system."""

    def carry(self, message: Message) -> Answered | None:
        """Carry a document over. ``None``: it lies there, and nothing comes back at once.

        Raises:
            DeliveryRefused: the other side does not take it, and would not take it again.
            DeliveryPostponed: it says when it may be tried again.
            NotReachedError: nobody took it, this time.
            Exception: anything else is tried again by the engine.
        """
        ...


@runtime_checkable
class Collecting(Protocol):
    """A wire that also reads what lies over there: a mailbox."""

    def collect(self, engine: Engine) -> None:
        """Read it, and give it to the engine; what is not dealt with stays for the next time.

        Raises:
            DatabaseError: nothing can be written now.
        """
        ...


class Transport(Protocol):
    """The module of a transport."""

    SETTINGS: shapes.Record
    REQUEST: shapes.Record

    def connect(self, card: Card, clock: Clock) -> Wire:
        """Connect to the system of a card; nothing is sent yet.

        Raises:
            DefinitionError: a secret is not in the environment, or a file that the card names is not there.
            MissingExtra: the library is not installed.
        """
        ...


def transport_of(name: str) -> Transport:
    """The module of a transport, by the name that cards use."""
    return cast("Transport", import_module(TRANSPORTS[name]))


def secret_of(card: Card, value: Any) -> str:
    """A setting, which may lie in the environment.

    Raises:
        DefinitionError: it is not there.
    """
    if not isinstance(value, Mapping):
        return str(value)
    found = os.environ.get(value["env"])
    if found is None:
        raise DefinitionError(f"{card.name}: {value['env']} is not in the environment; set it")
    return found
