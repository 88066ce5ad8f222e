"""The data keys of one database, as a process remembers them.

A value is kept as ``jfA:`` (AES-256-GCM) or ``jfS:`` (SM4-GCM) and the encrypted bytes in base64. A data key is kept
wrapped, as the name of its master key, a dot and its bytes in base64.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from typing import TYPE_CHECKING, Any, Final

from jiefen.errors import KeysError
from jiefen.outside.keys import KEY_BYTES, Algorithm, Keys

if TYPE_CHECKING:
    from jiefen.outside.ciphers import Aead

_MARKS: Final = {Algorithm.AES: "jfA:", Algorithm.SM4: "jfS:"}
_ALGORITHMS: Final = {mark: algorithm for algorithm, mark in _MARKS.items()}
_MARKED: Final = frozenset(mark.encode() for mark in _ALGORITHMS)
#: How a value that is encrypted begins; nobody writes such a text by hand.
MARK: Final = 4
#: At most so many data keys are remembered.
_MOST: Final = 4096
#: So many hexadecimal digits of a keyed digest stand for a value that is looked up, and for a pair of characters.
_DIGITS: Final = 32
_PAIR_DIGITS: Final = 16


class Ring:
    """The keys of a database; safe to use from several threads.

    Args:
        keys: what holds the master keys.
        index: the wrapped key of the digests by which people are looked up.

    Raises:
        KeysError: the key cannot be unwrapped: it is that of another database, or the master key is lost.
    """

    def __init__(self, keys: Keys, index: str) -> None:
        from jiefen.outside.ciphers import Aead, NotAuthentic

        self._aead, self._not_authentic = Aead, NotAuthentic
        self.keys = keys
        self._opened: dict[tuple[str, Algorithm], Aead] = {}
        self._of_case: dict[int, str] = {}
        self._index = unwrapped(keys, "index", index)
        self._own = hmac.digest(self._index, b"texts of the database", "sha256")

    def blind(self, value: str) -> str:
        """A digest by which an equal value is found, and which tells nothing to who has not the key."""
        return hmac.digest(self._index, value.encode(), "sha256").hex()[:_DIGITS]

    def blind_pair(self, pair: str) -> str:
        """As :meth:`blind`, for a pair of characters of a text."""
        return hmac.digest(self._index, b"pair" + pair.encode(), "sha256").hex()[:_PAIR_DIGITS]

    def digest(self, name: str, wrapped: str, value: str) -> str:
        """As :meth:`blind`, by another key."""
        return hmac.digest(unwrapped(self.keys, name, wrapped), value.encode(), "sha256").hex()

    def remember(self, case_id: int, wrapped: str) -> None:
        """The row of a case has just said how its key is wrapped; empty: it has none."""
        if wrapped:
            if len(self._of_case) >= _MOST:
                self._of_case.clear()
            self._of_case[case_id] = wrapped
        else:
            self._of_case.pop(case_id, None)

    def remembered(self, case_id: int) -> str | None:
        """How the key of a case is wrapped, as its row said last."""
        return self._of_case.get(case_id)

    def seal(self, name: str, wrapped: str, text: str, bound_to: str) -> str:
        """A text encrypted by a data key, for one place."""
        algorithm = self.keys.algorithm
        sealed = self._key(name, wrapped, algorithm).encrypt(text.encode(), bound_to.encode())
        return _MARKS[algorithm] + b2a_base64(sealed, newline=False).decode()

    def open(self, name: str, wrapped: str, sealed: str, bound_to: str) -> str:
        """What :meth:`seal` has encrypted.

        Raises:
            KeysError: the key is gone or lost, or the value was changed or comes from another place.
        """
        if not wrapped:
            raise KeysError(
                f"{bound_to}: the key of {name} is gone, so this cannot be read; bring back jiefen_case_key from the "
                "backup that belongs to this database"
            )
        try:
            raw = b64decode(sealed[MARK:], validate=True)
            return (
                self._key(name, wrapped, _ALGORITHMS[sealed[:MARK]]).decrypt(raw, bound_to.encode()).decode()
            )
        except (self._not_authentic, NotBase64):
            raise KeysError(
                f"{bound_to}: what is kept encrypted here was changed, or put here from another row; bring the row "
                "back from a backup"
            ) from None

    def seal_own(self, data: bytes, bound_to: str) -> bytes:
        """Bytes of no case alone, encrypted by a key of the whole database, for one place."""
        algorithm = self.keys.algorithm
        return _MARKS[algorithm].encode() + self._own_key(algorithm).encrypt(data, bound_to.encode())

    def open_own(self, sealed: bytes, bound_to: str) -> bytes | None:
        """What :meth:`seal_own` has encrypted; ``None`` when it was changed, or comes from another place."""
        algorithm = _ALGORITHMS[sealed[:MARK].decode()]
        try:
            return self._own_key(algorithm).decrypt(sealed[MARK:], bound_to.encode())
        except self._not_authentic:
            return None

    def _own_key(self, algorithm: Algorithm) -> Aead:
        return self._opened.setdefault(("", algorithm), self._aead(self._own, algorithm))

    def _key(self, name: str, wrapped: str, algorithm: Algorithm) -> Aead:
        known = self._opened.get((wrapped, algorithm))
        if known is None:
            if len(self._opened) >= _MOST:
                self._opened.clear()
            known = self._aead(unwrapped(self.keys, name, wrapped), algorithm)
            self._opened[wrapped, algorithm] = known
        return known


def is_sealed(value: object) -> bool:
    """Whether a value is one that was encrypted."""
    return isinstance(value, str) and value[:MARK] in _ALGORITHMS


def are_sealed(value: bytes) -> bool:
    """Whether bytes begin as those that were encrypted."""
    return value[:MARK] in _MARKED


def of_case(case_id: int) -> str:
    """How the data key of a case is called."""
    return f"case {case_id}"


def new_key(keys: Keys, name: str) -> str:
    """A new data key, wrapped."""
    master = keys.current
    wrapped = keys.wrap(secrets.token_bytes(KEY_BYTES), master, name.encode())
    return f"{master}.{b2a_base64(wrapped, newline=False).decode()}"


def rewrapped(keys: Keys, name: str, wrapped: str) -> str | None:
    """A data key wrapped by the current master key; ``None`` when it is already."""
    master = keys.current
    if wrapped.partition(".")[0] == master:
        return None
    again = keys.wrap(unwrapped(keys, name, wrapped), master, name.encode())
    return f"{master}.{b2a_base64(again, newline=False).decode()}"


def unwrapped(keys: Keys, name: str, wrapped: str) -> bytes:
    """A data key.

    Raises:
        KeysError: its master key is lost, or another one.
    """
    master, _, kept = wrapped.partition(".")
    try:
        return keys.unwrap(b64decode(kept, validate=True), master, name.encode())
    except NotBase64:
        raise KeysError(f"the wrapped key of {name} is damaged; bring it back from a backup") from None


def ring_of(dialect: Any) -> Ring | None:
    """The keys of the database whose statements a dialect writes; ``None``: nothing is encrypted there."""
    found: Ring | None = getattr(dialect, "jiefen_ring", None)
    return found
