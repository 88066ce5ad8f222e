"""How often somebody may call, and how much they may send."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jiefen_web.api.callers import Caller
from jiefen_web.api.problems import Refusal, problem
from jiefen_web.api.words import asked_for

#: Wrong keys from one address in a minute.
WRONG_KEYS: Final = 20
#: Looks by the code of a case from one address in a minute, and how many of them may be wrong.
BY_CODE: Final = 30
WRONG_CODES: Final = 10
#: Streams that one caller may have open.
MOST_STREAMS: Final = 5
#: Where a request has its body, as it was sent.
BODY: Final = "jiefen.body"
#: So many callers and addresses are remembered, the newest.
_MOST_REMEMBERED: Final = 10_000
_MINUTE: Final = 60.0


class Buckets:
    """Tokens for whoever asks: so many in a minute, and as many at once. Safe to use from several threads."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick, self._lock = tick, threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, per_minute: int, cost: int = 1) -> float:
        """Take a token; 0, or after how many seconds there is one again.

        Args:
            cost: 0 only looks whether there is one.
        """
        with self._lock:
            now = self._tick()
            left, since = self._left.get(name, (float(per_minute), now))
            left = min(float(per_minute), left + (now - since) * per_minute / _MINUTE)
            enough = left >= 1
            self._left[name] = (left - cost if enough else left, now)
            self._left.move_to_end(name)
            while len(self._left) > _MOST_REMEMBERED:
                self._left.popitem(last=False)
            return 0.0 if enough else (1 - left) * _MINUTE / per_minute


class Limits:
    """Who has called too often. Each worker counts for itself."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._calls, self._unknown = Buckets(tick), Buckets(tick)
        self._codes, self._wrong_codes = Buckets(tick), Buckets(tick)

    def call(self, caller: Caller) -> None:
        """Count a call.

        Raises:
            Refusal: they have called too often.
        """
        _refuse(self._calls.take(caller.id, caller.per_minute))

    def unknown(self, address: str) -> None:
        """Count a call of somebody whom nobody knows."""
        self._unknown.take(address, WRONG_KEYS)

    def require_known(self, address: str) -> None:
        """Turn an address away that has tried too many wrong keys: looking at each takes time.

        Raises:
            Refusal: it has.
        """
        _refuse(self._unknown.take(address, WRONG_KEYS, 0))

    def by_code(self, address: str) -> None:
        """Count a look by the code of a case.

        Raises:
            Refusal: the address has looked too often, or tried too many wrong codes.
        """
        _refuse(self._wrong_codes.take(address, WRONG_CODES, 0))
        _refuse(self._codes.take(address, BY_CODE))

    def wrong_code(self, address: str) -> None:
        """Count a code that is none."""
        self._wrong_codes.take(address, WRONG_CODES)


class Streams:
    """How many streams each caller has open. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock, self._open = threading.Lock(), Counter[str]()

    def begin(self, caller: str) -> None:
        """Count one more.

        Raises:
            Refusal: they have too many.
        """
        with self._lock:
            if self._open[caller] >= MOST_STREAMS:
                raise Refusal(
                    "too-often",
                    (f"同时最多 {MOST_STREAMS} 个推送", f"at most {MOST_STREAMS} streams at once"),
                    {"Retry-After": "60"},
                )
            self._open[caller] += 1

    def end(self, caller: str) -> None:
        """Count one less."""
        with self._lock:
            self._open[caller] -= 1


def _refuse(seconds: float) -> None:
    if seconds > 0:
        wait = str(math.ceil(seconds))
        raise Refusal(
            "too-often", (f"请在 {wait} 秒后再试", f"try again in {wait} seconds"), {"Retry-After": wait}
        )


class BodyLimit:
    """Refuses a body that is larger than it may be, whatever its header says, before anything looks at it."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        told = headers.get(b"content-length", b"0")
        refusal = problem(
            "too-large",
            asked_for(headers.get(b"accept-language", b"").decode("latin-1")),
            f"{self._most} bytes",
            {"Connection": "close"},
        )
        if told.isdigit() and int(told) > self._most:
            await refusal(scope, receive, send)
            return
        read, kept = 0, list[Message]()
        while not kept or kept[-1].get("more_body", False):
            kept.append(await receive())
            read += len(kept[-1].get("body", b""))
            if read > self._most:
                await refusal(scope, receive, send)
                return

        scope[BODY] = b"".join(message.get("body", b"") for message in kept)

        async def again() -> Message:
            return kept.pop(0) if kept else await receive()

        await self._app(scope, again, send)
