"""Signatures by Ed25519 (RFC 8032): who holds the private key vouches for what was there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jiefen.errors import FileError, MissingExtra, NotFound

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_LARGEST: Final = 10_000


def make_key(file: Path) -> str:
    """Write a new private key, readable by its owner alone; the public key beside it, as ``FILE.pub``.

    Returns:
        the public key in hexadecimal.

    Raises:
        FileError: there is a file of that name already.
        MissingExtra: ``jiefen[crypto]`` is not installed.
    """
    _require_library()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    beside = file.with_name(f"{file.name}.pub")
    try:
        for path, content, mode in ((file, private, 0o600), (beside, public, 0o644)):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
                out.write(content)
    except FileExistsError as error:
        raise FileError(f"{error.filename} is there already; a key is never overwritten") from None
    except OSError as error:
        raise FileError(f"the key cannot be written to {file}: {error.strerror}") from error
    return name_of(key.public_key())


def private_key(file: Path) -> Ed25519PrivateKey:
    """The private key in a file of PEM.

    Raises:
        NotFound: there is no such file.
        FileError: it holds no private key of Ed25519.
        MissingExtra: ``jiefen[crypto]`` is not installed.
    """
    _require_library()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    try:
        key = serialization.load_pem_private_key(_content(file), None)
    except (ValueError, TypeError) as error:
        raise _no_key(file, "private") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _no_key(file, "private")
    return key


def public_key(file: Path) -> Ed25519PublicKey:
    """The public key in a file of PEM. Raises as :func:`private_key`."""
    _require_library()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    try:
        key = serialization.load_pem_public_key(_content(file))
    except ValueError as error:
        raise _no_key(file, "public") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise _no_key(file, "public")
    return key


def name_of(key: Ed25519PublicKey) -> str:
    """A public key in hexadecimal."""
    return key.public_bytes_raw().hex()


def signed_by(signer: str, signature: str, content: bytes) -> bool:
    """Whether the holder of the key ``signer`` has signed the content."""
    _require_library()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519

    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer))
        key.verify(bytes.fromhex(signature), content)
    except (ValueError, InvalidSignature):
        return False
    return True


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound(f"there is no key {file}; make one with `jiefen audit key --out FILE`")
    try:
        with file.open("rb") as source:
            return source.read(_LARGEST)
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}") from error


def _no_key(file: Path, kind: str) -> FileError:
    return FileError(
        f"{file} holds no {kind} key of Ed25519 in PEM; `jiefen audit key --out FILE` makes a pair"
    )


def _require_library() -> None:
    try:
        import cryptography  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra.of("signing", error, "crypto") from None
