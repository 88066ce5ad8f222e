"""What every adapter must keep, and an adapter that remembers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Final

from jiefen.clock import FixedClock
from jiefen.errors import DeliveryRefused
from jiefen.record.values import Answer, Delivery


class MemoryAdapter:
    """An adapter that remembers what it was given and answers as it was told.

    Args:
        answers: for one send each: an answer, ``None`` (arrived, the answer comes later) or an exception to raise.
            When they are used up, ``None`` is returned.
    """

    def __init__(self, *answers: Answer | Exception | None) -> None:
        self.sent: list[Delivery] = []
        self._answers = list(answers)

    def send(self, delivery: Delivery) -> Answer | None:
        """Remember the delivery. The same key twice is remembered twice, so that a test can see it."""
        self.sent.append(delivery)
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


#: Bad days of an outside system on which a delivery is tried again. ``down``: nobody is there; ``slow``: they do not
#: answer in time; ``broken``: they fail; ``done``: they fail after they have done it; ``garbage``: what they answer is
#: no document; ``huge``: it does not end; ``garbled``: in other characters than agreed.
BAD_DAYS: Final = ("down", "slow", "broken", "done", "garbage", "huge", "garbled")
#: Days on which they do not take it, and would not take it again: ``refuses`` says so, ``elsewhere`` sends us away,
#: ``within`` says so in an answer that looks good, ``renamed`` has other fields than agreed.
REFUSALS: Final = ("refuses", "elsewhere", "within", "renamed")


class AdapterContract:
    """What every adapter must keep. Subclass it in a test, and provide the two methods below.

    Attributes:
        cancels: whether the adapter is named for ``<topic>.cancelled`` too; then it is tested with cancellations.
        secrets: what the adapter knows and must never tell: passwords, tokens.
    """

    cancels = False
    secrets: tuple[str, ...] = ()

    def adapter(self) -> Any:
        """The adapter under test, connected to something that can be looked at."""
        raise AssertionError("override adapter() in your test class")

    def arrived(self) -> int:
        """How many different deliveries have arrived outside."""
        raise AssertionError("override arrived() in your test class")

    def bad_day(self, kind: str) -> Any:
        """The adapter, on a bad day of an outside system that has seen nothing yet; ``None``: it has no such days.

        Args:
            kind: one of :data:`BAD_DAYS` or :data:`REFUSALS`.
        """
        return None

    def good_day(self) -> None:
        """Let the outside system of the last :meth:`bad_day` be well again."""
        raise AssertionError("override good_day() in your test class, since bad_day() gives an adapter")

    def delivery(self, key: str = "jiefen:1:token/1") -> Delivery:
        """A delivery to send."""
        now = FixedClock(date(2026, 3, 2)).now()
        payload = {"element": "file", "token": 1, "inputs": {"amount": "1200.50", "name": "张三"}}
        return Delivery(
            id=1,
            case=1,
            key=key,
            topic="court",
            status="pending",
            attempts=0,
            error=None,
            at=now,
            payload=payload,
        )

    def test_a_delivery_arrives(self) -> None:
        """One send, one arrival, and an answer or ``None``."""
        answer = self.adapter().send(self.delivery())
        assert answer is None or isinstance(answer, Answer)
        assert self.arrived() == 1

    def test_the_same_key_twice_arrives_once(self) -> None:
        """After a crash the engine sends again: the outside must not take it for a second matter."""
        adapter = self.adapter()
        adapter.send(self.delivery())
        adapter.send(self.delivery())
        assert self.arrived() == 1

    def test_another_key_is_another_delivery(self) -> None:
        """Keys tell deliveries apart, however alike they are."""
        adapter = self.adapter()
        adapter.send(self.delivery())
        adapter.send(self.delivery("jiefen:2:token/1"))
        assert self.arrived() == 2

    def cancellation(self) -> Delivery:
        """The delivery that takes :meth:`delivery` back."""
        taken = self.delivery()
        payload = {"element": "file", "token": None, "inputs": taken.payload["inputs"], "cancels": taken.key}
        topic, key = f"{taken.topic}.cancelled", "jiefen:1:cancelled/token/1"
        return replace(taken, id=2, key=key, topic=topic, cancels=taken.key, payload=payload)

    def test_what_is_cancelled_arrives_as_another_matter(self) -> None:
        """A cancellation must not be taken for the delivery that it cancels."""
        if self.cancels:
            adapter = self.adapter()
            adapter.send(self.delivery())
            adapter.send(self.cancellation())
            adapter.send(self.cancellation())
            assert self.arrived() == 2

    def test_what_never_arrived_can_be_cancelled(self) -> None:
        """The engine cancels what may have arrived; the outside must not refuse what it has never seen."""
        if self.cancels:
            answer = self.adapter().send(self.cancellation())
            assert answer is None or answer.error is None

    def test_what_fails_is_raised_and_arrives_once_when_it_is_sent_again(self) -> None:
        """The engine tries again what is raised, under the same key; also what was done before it failed."""
        for kind in BAD_DAYS:
            adapter = self.bad_day(kind)
            if adapter is None:
                continue
            error = _raised(adapter, self.delivery())
            assert error is not None, f"{kind}: it must raise, or the engine takes it for arrived"
            assert not isinstance(error, DeliveryRefused), f"{kind}: it may go well another time: {error}"
            self.good_day()
            adapter.send(self.delivery())
            assert self.arrived() == 1, kind

    def test_what_is_refused_is_not_tried_again(self) -> None:
        """A refusal is ``DeliveryRefused``, or an answer with an error that the case knows."""
        for kind in REFUSALS:
            adapter = self.bad_day(kind)
            if adapter is None:
                continue
            try:
                answer = adapter.send(self.delivery())
            except DeliveryRefused:
                continue
            assert answer is not None, f"{kind}: it must say that it was refused"
            assert answer.error is not None, f"{kind}: it must say that it was refused"

    def test_neither_errors_nor_the_log_tell_names_or_secrets(self) -> None:
        """What a delivery holds is for the outside system alone."""
        for kind in (*BAD_DAYS, *REFUSALS):
            with logged() as lines:
                adapter = self.bad_day(kind)
                if adapter is None:
                    continue
                told: list[str] = []
                error: BaseException | None = _raised(adapter, self.delivery())
                while error is not None:
                    told.append(f"{error} {error!r}")
                    error = error.__cause__
            for word in ("张三", *self.secrets):
                assert word not in " ".join([*told, *lines]), f"{kind}: {word[:2]}… is told"


def _raised(adapter: Any, delivery: Delivery) -> Exception | None:
    try:
        adapter.send(delivery)
    except Exception as error:
        return error
    return None


class _Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile, by whoever, down to the last detail."""
    root, handler = logging.getLogger(), _Lines()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
