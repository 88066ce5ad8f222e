"""API keys: made once, kept as argon2 hashes, and looked at with every call.

A key is ``jf_`` with a public half that says which hash to look at, and a secret of 256 bits. Looking at argon2 takes
tens of milliseconds on purpose; a key that was good is remembered by its digest in the memory of this process, until
the file of callers changes.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jiefen import Clock
from jiefen_web.api.callers.caller import Caller
from jiefen_web.api.callers.file import Callers
from jiefen_web.api.days import china_day

_KEY: Final = re.compile(r"jf_([0-9a-f]{8})_[\w-]{20,100}", re.ASCII)
#: What is remembered is forgotten as a whole when it is more.
_MOST_REMEMBERED: Final = 10_000
#: At most so many are looked at with argon2 at once: each takes 64 MiB and a core.
_AT_ONCE: Final = 2


def new_key() -> tuple[str, str, str]:
    """A new key, said this once: the key, its public half, and the hash that is kept."""
    id = secrets.token_hex(4)
    key = f"jf_{id}_{secrets.token_urlsafe(32)}"
    return key, id, PasswordHasher().hash(key)


class ApiKeys:
    """Tells whose a key is. Safe to use from several threads."""

    def __init__(self, callers: Callers, clock: Clock) -> None:
        self._callers, self._clock = callers, clock
        self._hasher, self._slots = PasswordHasher(), threading.BoundedSemaphore(_AT_ONCE)
        self._salt, self._lock = secrets.token_bytes(32), threading.Lock()
        self._version, self._good = 0, set[bytes]()

    def caller(self, key: str) -> Caller | None:
        """Whose a key is; ``None`` when it is nobody's, or holds no more."""
        version, callers = self._callers.current
        found = _KEY.fullmatch(key)
        known = callers.get(found.group(1)) if found is not None else None
        if known is None:
            return None
        caller, kept = known
        if kept.until is not None and kept.until < china_day(self._clock.now()):
            return None
        digest = hashlib.blake2b(key.encode(), key=self._salt).digest()
        with self._lock:
            if version != self._version or len(self._good) > _MOST_REMEMBERED:
                self._version, self._good = version, set()
            if digest in self._good:
                return caller
        with self._slots:
            try:
                self._hasher.verify(kept.hash, key)
            except (VerificationError, InvalidHashError):
                return None
        with self._lock:
            if version == self._version:
                self._good.add(digest)
        return caller
