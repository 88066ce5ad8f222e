"""What every adapter must keep, and an adapter that remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from jiefen.clock import FixedClock
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


class AdapterContract:
    """What every adapter must keep. Subclass it in a test, and provide the two methods below.

    Attributes:
        cancels: whether the adapter is named for ``<topic>.cancelled`` too; then it is tested with cancellations.
    """

    cancels = False

    def adapter(self) -> Any:
        """The adapter under test, connected to something that can be looked at."""
        raise AssertionError("override adapter() in your test class")

    def arrived(self) -> int:
        """How many different deliveries have arrived outside."""
        raise AssertionError("override arrived() in your test class")

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
