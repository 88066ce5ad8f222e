"""What the engine asks of an adapter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol, runtime_checkable

from jiefen.record.values import Answer, Delivery


class Adapter(Protocol):
    """Something that carries deliveries of one topic to an outside system."""

    def send(self, delivery: Delivery) -> Answer | None:
        """Carry one delivery over; called outside of any transaction, again after a failure or a crash.

        ``delivery.key`` is the same at every try: the outside system must take it as an idempotency key. ``None``
        means: it has arrived, and the answer, if the process waits for one, comes later by ``Engine.answer``.
        Raise anything to be tried again later.
        """
        ...


class Receiver(Protocol):
    """Who takes what came from outside: the engine, as a collector sees it."""

    def answer(self, delivery_id: int, answer: Answer) -> None:
        """Take the answer of an outside system to a delivery; as :meth:`jiefen.Engine.answer`."""
        ...

    def message(self, name: str, *, case: int, key: str, facts: Mapping[str, Any] | None = None) -> bool:
        """Take a message from outside for a case; as :meth:`jiefen.Engine.message`."""
        ...


@runtime_checkable
class Collector(Protocol):
    """An adapter that also brings in what came from outside, for example the answers in a folder."""

    def collect(self, engine: Receiver, *, topics: Collection[str]) -> object:
        """Take what has come for deliveries of ``topics`` to the engine: ``answer``, ``message``.

        Called after each round of deliveries, outside of any transaction, by any worker; what it raises is logged.
        """
        ...
