"""API keys: made once, kept as argon2 hashes, and looked at with every call.

A key is ``jf_`` with a public half that says which hash to look at, and a secret of 256 bits. Looking at argon2 takes
tens of milliseconds on purpose; a key that was good is remembered by its digest in the memory of this process, until
the file of callers changes.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import threading
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jiefen import Clock, DatabaseError, Engine
from jiefen_web.api.callers.caller import Caller, Key
from jiefen_web.api.callers.file import Callers
from jiefen_web.api.days import china_day

_LOG: Final = logging.getLogger("jiefen.http")
_HOUR: Final = timedelta(hours=1)
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

    def __init__(self, callers: Callers, clock: Clock, engine: Engine) -> None:
        self._callers, self._clock, self._engine = callers, clock, engine
        self._used = dict[str, datetime]()
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
            good = digest in self._good
        if good:
            self._note(caller, kept)
            return caller
        with self._slots:
            try:
                self._hasher.verify(kept.hash, key)
            except (VerificationError, InvalidHashError):
                return None
        with self._lock:
            if version == self._version:
                self._good.add(digest)
        self._note(caller, kept)
        return caller

    def _note(self, caller: Caller, key: Key) -> None:
        """Keep when a key is used, once an hour; that it cannot be kept now is no reason to refuse the call."""
        now = self._clock.now()
        with self._lock:
            before = self._used.get(key.id)
            if before is not None and now - before < _HOUR:
                return
            self._used[key.id] = now
        try:
            self._engine.calls.used(f"{caller.id}/{key.id}")
        except DatabaseError as error:
            _LOG.warning("when a key was used cannot be kept now: %s", type(error).__name__)
