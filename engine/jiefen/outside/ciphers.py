"""One key, ready to encrypt: AES-256-GCM, and SM4-GCM where the OpenSSL of ``cryptography`` has it.

Imported only where there is something to encrypt: the package ``cryptography`` is an extra.
"""

from __future__ import annotations

import os
from typing import Any, Final

from jiefen.errors import KeysError, MissingExtra
from jiefen.outside.keys import Algorithm

try:
    from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ModuleNotFoundError as error:
    raise MissingExtra.of("encryption", error, "crypto") from error

_NONCE: Final = 12
_TAG: Final = 16
_SM4_BYTES: Final = 16


class NotAuthentic(Exception):
    """What was encrypted was changed, or belongs to another place or another key."""


class Aead:
    """A key with its algorithm: it encrypts, and tells when what was encrypted has been changed.

    Args:
        key: 32 bytes; SM4 takes the first 16.

    Raises:
        KeysError: SM4 is asked for, and the OpenSSL here does not have it.
    """

    def __init__(self, key: bytes, algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self._key = key
        self._aes: Any = None
        if algorithm is Algorithm.AES:
            self._aes = AESGCM(key)
        else:
            self.encrypt(b"", b"")  # says at once whether SM4 is there

    def encrypt(self, data: bytes, bound_to: bytes) -> bytes:
        """The data encrypted, behind a number that is used once; they open only for the same ``bound_to``."""
        nonce = os.urandom(_NONCE)
        if self._aes is not None:
            sealed: bytes = self._aes.encrypt(nonce, data, bound_to)
            return nonce + sealed
        turned = self._sm4(nonce, None, "encryptor")
        turned.authenticate_additional_data(bound_to)
        text: bytes = turned.update(data) + turned.finalize()
        tag: bytes = turned.tag
        return nonce + text + tag

    def decrypt(self, sealed: bytes, bound_to: bytes) -> bytes:
        """What :meth:`encrypt` gave.

        Raises:
            NotAuthentic: it was changed, or encrypted by another key or for another ``bound_to``.
        """
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        if len(rest) < _TAG:
            raise NotAuthentic
        try:
            if self._aes is not None:
                found: bytes = self._aes.decrypt(nonce, rest, bound_to)
                return found
            turned = self._sm4(nonce, rest[-_TAG:], "decryptor")
            turned.authenticate_additional_data(bound_to)
            text: bytes = turned.update(rest[:-_TAG]) + turned.finalize()
            return text
        except InvalidTag:
            raise NotAuthentic from None

    def _sm4(self, nonce: bytes, tag: bytes | None, way: str) -> Any:
        try:
            return getattr(Cipher(algorithms.SM4(self._key[:_SM4_BYTES]), modes.GCM(nonce, tag)), way)()
        except (AttributeError, UnsupportedAlgorithm) as error:
            raise KeysError(
                "the OpenSSL of the package cryptography has no SM4-GCM here; use AES-256-GCM, or a build of "
                "cryptography with the national algorithms"
            ) from error
