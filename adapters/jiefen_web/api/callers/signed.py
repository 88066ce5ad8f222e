"""Signed requests of other systems: HMAC-SHA256 over what is asked, with a time and a word that is used once.

::

    Authorization: Jiefen-HMAC-SHA256 caller=grid,time=2026-03-02T01:00:00Z,nonce=0f3a…,signature=9c41…

is signed over these lines, each with ``\\n`` at its end: method, address with its query as sent, time, nonce, the
header ``Jiefen-Actor`` (empty where there is none), and the SHA-256 of the body in hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from jiefen import AlreadyDone, Conflict, Engine
from jiefen_web.api.callers.caller import Caller
from jiefen_web.api.callers.file import Callers
from jiefen_web.api.problems import Refusal

SCHEME: Final = "Jiefen-HMAC-SHA256"
#: How far a clock may be off.
MOST_OFF: Final = timedelta(minutes=5)
_FIELDS: Final = re.compile(r"(caller|time|nonce|signature)=([^,\s]{1,200})")
_NONCE: Final = re.compile(r"[\w-]{16,100}", re.ASCII)


def signature(secret: str, method: str, address: str, time: str, nonce: str, actor: str, body: bytes) -> str:
    """The signature of a request, in hexadecimal digits."""
    lines = (method, address, time, nonce, actor, hashlib.sha256(body).hexdigest())
    text = "".join(f"{line}\n" for line in lines)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Signed:
    """Tells who has signed a request, and lets none be sent again."""

    def __init__(self, callers: Callers, engine: Engine) -> None:
        self._callers, self._engine = callers, engine

    def caller(
        self, parameters: str, method: str, address: str, actor: str, body: bytes, now: datetime
    ) -> Caller | None:
        """Who has signed it; ``None``: nobody whom the file names, or the signature is wrong.

        Raises:
            Refusal: it was signed too long ago or by a clock that is off, or was sent before.
        """
        given = dict(_FIELDS.findall(parameters))
        found = self._callers.signing.get(given.get("caller", ""))
        if found is None or len(given) != len(("caller", "time", "nonce", "signature")):
            return None
        caller, secret = found
        expected = signature(secret, method, address, given["time"], given["nonce"], actor, body)
        if not hmac.compare_digest(expected, given["signature"]) or not _NONCE.fullmatch(given["nonce"]):
            return None
        at = _instant(given["time"])
        if at is None or abs(now - at) > MOST_OFF:
            here = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            raise Refusal(
                "not-authenticated",
                (f"签名时间不对;服务器时间为 {here}", f"the time of the signature is off; here it is {here}"),
                {"WWW-Authenticate": SCHEME},
            )
        try:
            with self._engine.calls.once(
                f"signed/{caller.id}",
                given["nonce"],
                hashlib.sha256(expected.encode()).hexdigest(),
                keep=4 * MOST_OFF,
            ):
                pass
        except (AlreadyDone, Conflict):
            raise Refusal(
                "not-authenticated",
                ("该签名请求已经用过", "this signed request came before; sign it again with another nonce"),
                {"WWW-Authenticate": SCHEME},
            ) from None
        return caller


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
