"""A card as an adapter of the engine: it carries the deliveries of its topics, when it may."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from jiefen import Answer, Clock, Delivery, DeliveryPostponed, DeliveryRefused, SystemClock
from jiefen_adapters.cards.card import Card
from jiefen_adapters.cards.outgoing import answer_of, message_of
from jiefen_adapters.transports import Collecting, Wire, transport_of

logger = logging.getLogger("jiefen.cards")

_CHINA: Final = ZoneInfo("Asia/Shanghai")
#: A breaker stays open this long at most before one delivery is tried.
_LONGEST: Final = timedelta(hours=1)


class CardAdapter:
    """Carries the deliveries of the topics of a card.

    Nothing is sent in its quiet hours, more often than its rate, or while its breaker is open: the delivery waits, and
    says until when. What fails is tried again by the engine, under the same key.

    Args:
        wire: the connected transport; made from the card when absent.

    Raises:
        DefinitionError: a secret that the card names is not in the environment.
        MissingExtra: the library of its transport is not installed.
    """

    def __init__(self, card: Card, *, clock: Clock | None = None, wire: Wire | None = None) -> None:
        self.card = card
        self._clock = clock if clock is not None else SystemClock()
        self._wire = wire if wire is not None else transport_of(card.transport).connect(card, self._clock)
        self._breaker = _Breaker(card)
        self._rate = _Rate(card)

    @property
    def topics(self) -> frozenset[str]:
        """The topics that it carries."""
        return frozenset(self.card.out)

    def collect(self, engine: Any, *, topics: Collection[str]) -> None:
        """Let the transport read what lies over there, where it can; what came is given to the engine, once.

        Args:
            topics: those that the adapter carries here; what comes in says by itself what it is.

        Raises:
            DatabaseError: nothing can be written now.
            Exception: it cannot be read now.
        """
        if isinstance(self._wire, Collecting):
            self._wire.collect(engine)

    def send(self, delivery: Delivery) -> Answer | None:
        """Carry a delivery over.

        Raises:
            DeliveryPostponed: not now; it says until when.
            DeliveryRefused: the other side, or the card, does not take it, and would not take it again.
            Exception: anything else is tried again later.
        """
        message = message_of(self.card, delivery)  # what cannot be written is known at any hour
        now = self._clock.now()
        for wait in (_quiet(self.card, now), self._breaker.wait(now), self._rate.wait(now)):
            if wait is not None:
                raise wait
        try:
            answered = self._wire.carry(message)
            answer = answer_of(self.card, delivery.topic, answered) if answered is not None else None
        except (DeliveryRefused, DeliveryPostponed):
            self._breaker.good()  # somebody was there
            raise
        except Exception as error:
            self._breaker.bad(self._clock.now(), error)
            raise
        self._breaker.good()
        return answer


def _quiet(card: Card, now: datetime) -> DeliveryPostponed | None:
    """Until when the other side is not to be disturbed."""
    if card.quiet is None:
        return None
    here = now.astimezone(_CHINA)
    since, until = card.quiet
    over_night = since > until
    quiet = (here.time() >= since or here.time() < until) if over_night else since <= here.time() < until
    if not quiet:
        return None
    end = here.replace(hour=until.hour, minute=until.minute, second=0, microsecond=0)
    if end <= here:
        end += timedelta(days=1)
    return DeliveryPostponed(f"{card.name} is not disturbed from {since:%H:%M} to {until:%H:%M}", end)


class _Rate:
    """So many in so much time; what is too much waits for a time of its own, so that all do not come at once."""

    def __init__(self, card: Card) -> None:
        self._card, self._lock = card, threading.Lock()
        self._since: datetime | None = None
        self._sent = self._put_off = 0

    def wait(self, now: datetime) -> DeliveryPostponed | None:
        """Until when the next one must wait; ``None``: it may go, and is counted."""
        if self._card.rate is None:
            return None
        times, seconds = self._card.rate
        window = timedelta(seconds=seconds)
        with self._lock:
            if self._since is None or not self._since <= now < self._since + window:
                self._since, self._sent = now, 0
                self._put_off = max(0, self._put_off - times)
            if self._sent < times:
                self._sent += 1
                return None
            later = self._since + window * (1 + self._put_off // times)
            self._put_off += 1
        return DeliveryPostponed(f"{self._card.name} takes {times} in {seconds} s", later)


class _Breaker:
    """Leaves a system alone that does not answer. The delivery by which that is known is the one incident of it."""

    def __init__(self, card: Card) -> None:
        self._card, self._lock = card, threading.Lock()
        self._failures, self._opened = 0, 0
        self._until: datetime | None = None
        self._trying = False

    def wait(self, now: datetime) -> DeliveryPostponed | None:
        """Until when nothing is sent; once that has come, one delivery is tried."""
        with self._lock:
            if self._until is None:
                return None
            if now >= self._until and not self._trying:
                self._trying = True
                return None
            until = max(self._until, now + timedelta(seconds=1))
        return DeliveryPostponed(f"{self._card.name} does not answer", until)

    def good(self) -> None:
        """Somebody was there."""
        with self._lock:
            if self._until is not None:
                logger.warning("%s answers again", self._card.name)
            self._failures, self._opened, self._until, self._trying = 0, 0, None, False

    def bad(self, now: datetime, error: Exception) -> None:
        """Nobody was, or nobody useful.

        Raises:
            DeliveryRefused: it was this one by which the breaker opens: a person must look.
            DeliveryPostponed: it was the one that was tried.
        """
        if self._card.breaker is None:
            return
        most, seconds = self._card.breaker
        with self._lock:
            self._failures += 1
            first = self._until is None
            if first and self._failures < most:
                return
            wait = min(timedelta(seconds=seconds) * 2 ** min(self._opened, 16), _LONGEST)
            self._opened, self._trying = self._opened + 1, False
            self._until = now + wait
            until = self._until
        what = type(error).__name__
        if first:
            logger.warning(
                "%s: %s failures in a row, the last %s; it is left alone", self._card.name, most, what
            )
            raise DeliveryRefused(
                f"{self._card.name} does not answer: {most} failures in a row, the last {what}. What else is for it "
                "waits and goes out by itself when it answers again; look what is wrong over there, then retry this one"
            ) from error
        raise DeliveryPostponed(f"{self._card.name} still does not answer ({what})", until) from error


def adapters_of(
    cards: list[Card], make: Callable[[Card], CardAdapter] = CardAdapter
) -> dict[str, CardAdapter]:
    """The adapters of cards by topic, as ``Engine.open`` takes them.

    Raises:
        DefinitionError: as :class:`CardAdapter`.
    """
    return {topic: adapter for adapter in map(make, cards) for topic in adapter.topics}
