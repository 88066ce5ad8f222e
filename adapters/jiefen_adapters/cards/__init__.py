"""System cards: one YAML file says how an outside system is reached and what its fields mean to us. No Python.

:func:`card_named` reads one, :class:`CardAdapter` carries what goes out by it, :func:`take` reads what came in as
:class:`Incoming`, and :func:`give` gives that to the engine, once however often it comes. :data:`CARDS` is what the
entry point of the group ``jiefen.cards`` gives: ``jiefen check`` and files of adapters use it. ``docs/adapters.md``
tells what a card says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jiefen import Adapter, Clock, DefinitionError, Finding, load_yaml
from jiefen_adapters.cards.adapter import CardAdapter
from jiefen_adapters.cards.card import Card, Gives
from jiefen_adapters.cards.checking import Named, check_card
from jiefen_adapters.cards.documents import UnusableDocument
from jiefen_adapters.cards.giving import Given, Outcome, give
from jiefen_adapters.cards.incoming import Incoming, take, take_tree, types_of
from jiefen_adapters.cards.reading import (
    MAX_BYTES,
    SYSTEMS,
    card_named,
    cards_in,
    is_card,
    load_card,
    read_card,
)
from jiefen_adapters.cards.trial import Trial, try_card

__all__ = [
    "CARDS",
    "SYSTEMS",
    "Card",
    "CardAdapter",
    "Cards",
    "Given",
    "Gives",
    "Incoming",
    "Outcome",
    "Trial",
    "UnusableDocument",
    "card_named",
    "give",
    "load_card",
    "take",
    "take_tree",
    "try_card",
    "types_of",
]


class Cards:
    """What Jiefen asks of whoever reads cards."""

    def adapters(
        self, card: str, folder: Path | None = None, clock: Clock | None = None
    ) -> dict[str, Adapter]:
        """What carries the topics of a card, by topic.

        Args:
            card: its name, or the path of its file.
            folder: where the county's own cards lie.

        Raises:
            DefinitionError: there is no such card, it is wrong, or a secret is not in the environment.
            MissingExtra: the library of its transport is not installed.
        """
        adapter = CardAdapter(card_named(card, folder), clock=clock)
        return dict.fromkeys(adapter.topics, adapter)

    def check(self, path: Path, named: Callable[[], Named]) -> Sequence[Finding] | None:
        """What is wrong with a card; ``None`` when the file is none.

        Args:
            named: gives what a card may name; it is worth asking for a card alone.
        """
        try:
            document = load_yaml(path, max_bytes=MAX_BYTES)
        except DefinitionError as error:
            return error.findings
        if not is_card(document.data):
            return None
        card, findings = read_card(document)
        return [*findings, *(check_card(card, document, named()) if card is not None else ())]

    def trial(self, card: str, topic: str | None, named: Named) -> Trial:
        """Send one delivery with invented data, and tell what was sent and what came back; see :func:`try_card`."""
        return try_card(card_named(card), topic, named)

    def shipped(self) -> dict[str, Path]:
        """The cards that come along, by name."""
        return {name: SYSTEMS / f"{name}.yaml" for name in sorted(cards_in(SYSTEMS))}


CARDS = Cards()
