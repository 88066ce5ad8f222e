"""System cards: what Jiefen asks of an adapter that reads them, and how it finds one. Jiefen itself reads none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

from jiefen.errors import NotFound
from jiefen.findings import Finding
from jiefen.outside.adapter import Adapter
from jiefen.outside.points import installed, the_only

#: The group of entry points in which who reads cards announces itself.
GROUP: Final = "jiefen.cards"
#: What comes with Jiefen.
BUNDLED: Final = "cards"


@dataclass(frozen=True, slots=True)
class CardNames:
    """What of an edition a card may name, by name; ``None``: that is not known."""

    topics: Mapping[str, Any] | None
    messages: Mapping[str, Any] | None
    facts: Mapping[str, Any] | None
    processes: Collection[str] | None


class Trial(Protocol):
    """What a trial came to."""

    @property
    def topic(self) -> str:
        """The topic of what was sent."""
        ...

    @property
    def key(self) -> str:
        """Under which it went out."""
        ...

    @property
    def sent(self) -> str:
        """The document, secrets masked."""
        ...

    @property
    def status(self) -> str | None:
        """What came back, as the transport calls it; ``None``: nothing at once."""
        ...

    @property
    def received(self) -> str | None:
        """What came back, secrets masked."""
        ...

    @property
    def meaning(self) -> str:
        """What the card makes of it, in words."""
        ...

    @property
    def well(self) -> bool:
        """Whether a delivery would have gone well."""
        ...


class CardReader(Protocol):
    """What an entry point of the group :data:`GROUP` gives."""

    def adapters(self, card: str, folder: Path | None = None) -> Mapping[str, Adapter]:
        """What carries the topics of a card, by topic.

        Args:
            card: its name, or the path of its file.
            folder: where the county's own cards lie.

        Raises:
            DefinitionError: there is no such card, it is wrong, or a secret is not in the environment.
            MissingExtra: a library is not installed.
        """
        ...

    def check(self, path: Path, named: Callable[[], CardNames]) -> Sequence[Finding] | None:
        """What is wrong with a card; ``None`` when the file is none.

        Args:
            named: gives what a card may name; it is worth asking for a card alone.
        """
        ...

    def trial(self, card: str, topic: str | None, named: CardNames) -> Trial:
        """Send one delivery with invented data, and tell what was sent and what came back.

        Raises:
            DefinitionError: there is no such card, it is wrong, or it sends nothing on this topic.
            DeliveryRefused: the card cannot write the document.
            MissingExtra: a library is not installed.
        """
        ...

    def shipped(self) -> Mapping[str, Path]:
        """The cards that come along, by name."""
        ...


def card_reader() -> CardReader:
    """Who reads cards.

    Raises:
        NotFound: nobody does here.
        DefinitionError: several distributions claim it.
    """
    points = installed(GROUP)
    if BUNDLED not in points:
        raise NotFound("nothing that reads system cards is installed; reinstall jiefen")
    return cast(CardReader, the_only(points[BUNDLED]).load())


def reads_cards() -> bool:
    """Whether somebody reads cards here."""
    return BUNDLED in installed(GROUP)
