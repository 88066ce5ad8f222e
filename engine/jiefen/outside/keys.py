"""Where the master keys lie under which the data of cases are encrypted.

Every case has a data key of its own, which the database keeps wrapped by a master key; a master key never gets into the
database. A host hands in what holds its master keys, a key management service or a 密码机, as :class:`Keys`;
:class:`FileKeys` is a file, for trials and small places.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import threading
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from jiefen.errors import FactError, KeysError, RuleError
from jiefen.notation.texts import shown

if TYPE_CHECKING:
    from jiefen.outside.ciphers import Aead

#: Bytes of a data key, and of a master key of :class:`FileKeys`.
KEY_BYTES: Final = 32
#: How a master key may be called.
NAME: Final = re.compile("[A-Za-z0-9_-]{1,64}")


class Algorithm(StrEnum):
    """By which data are encrypted; each also shows whether anybody has changed them."""

    AES = "AES-256-GCM"
    #: Of the national algorithms (GM/T 0002); only where the OpenSSL of ``cryptography`` has it.
    SM4 = "SM4-GCM"


class Keys(Protocol):
    """What holds the master keys; safe to use from several threads and processes.

    A process asks once for each data key, and remembers some thousands of them. It may ask inside a transaction, so a
    service that answers slowly holds up the first step on a case.
    """

    @property
    def current(self) -> str:
        """The name of the master key by which new data keys are wrapped: letters, digits, ``-`` and ``_``."""
        ...

    @property
    def algorithm(self) -> Algorithm:
        """By which new data are encrypted; what was encrypted by the other one stays readable."""
        ...

    def wrap(self, key: bytes, master: str, bound_to: bytes) -> bytes:
        """A data key of 32 bytes wrapped by a master key, so that it opens only for the same ``bound_to``.

        Raises:
            KeysError: there is no such master key, or it cannot be used.
        """
        ...

    def unwrap(self, wrapped: bytes, master: str, bound_to: bytes) -> bytes:
        """The data key that :meth:`wrap` has wrapped.

        Raises:
            KeysError: there is no such master key, or it did not wrap this key for ``bound_to``.
        """
        ...


class FileKeys:
    """Master keys in a file that its owner alone can read: for trials, and where there is nothing better.

    The file is YAML: ``current`` names the master key in use, ``masters`` has each of them by name in base64, and
    ``algorithm`` may say ``SM4-GCM``. It is read again when it has changed, so that a rotation needs no restart.

    Args:
        path: of the file; :meth:`create` makes one.

    Raises:
        FactError: it is no path.
        KeysError: the file is not there, can be read by others, or is none of keys.
        MissingExtra: the package ``cryptography`` is not installed.
    """

    def __init__(self, path: Path | str) -> None:
        if not isinstance(path, str | Path) or not str(path).strip() or "\0" in str(path):
            raise FactError(f"{shown(path)} is no path of a file of keys; give a text or a pathlib.Path")
        self._path = Path(path)
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._current, self._algorithm = "", Algorithm.AES
        self._masters: Mapping[str, Aead] = {}
        self._read()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._path

    def __repr__(self) -> str:
        """Without the keys."""
        return f"FileKeys({str(self._path)!r})"

    @classmethod
    def create(cls, path: Path | str, *, algorithm: Algorithm = Algorithm.AES) -> FileKeys:
        """A new file with one new master key.

        Raises:
            KeysError: there is a file already, or it cannot be written.
        """
        if Path(path).exists():
            raise KeysError(f"there is a file {path} already; name another one, or rotate its keys")
        _write(Path(path), "m1", {"m1": secrets.token_bytes(KEY_BYTES)}, algorithm)
        return cls(path)

    @property
    def current(self) -> str:
        """The name of the master key by which new data keys are wrapped."""
        self._read()
        return self._current

    @property
    def algorithm(self) -> Algorithm:
        """By which new data are encrypted."""
        return self._algorithm

    def add_master(self) -> str:
        """Add a new master key to the file and make it the current one; the others stay. Gives its name.

        Raises:
            KeysError: the file cannot be written.
        """
        _, masters, algorithm = _parsed(self._path)
        numbers = [int(name[1:]) for name in masters if re.fullmatch("m[0-9]{1,9}", name)]
        name = f"m{max(numbers, default=0) + 1}"
        _write(self._path, name, {**masters, name: secrets.token_bytes(KEY_BYTES)}, algorithm)
        self._read()
        return name

    def wrap(self, key: bytes, master: str, bound_to: bytes) -> bytes:
        """A data key, wrapped."""
        return self._master(master).encrypt(key, bound_to)

    def unwrap(self, wrapped: bytes, master: str, bound_to: bytes) -> bytes:
        """A data key, unwrapped."""
        from jiefen.outside.ciphers import NotAuthentic

        try:
            return self._master(master).decrypt(wrapped, bound_to)
        except NotAuthentic:
            raise KeysError(
                f"the master key {master!r} in {self._path} is not the one by which this database was encrypted, or a "
                "wrapped key in the database was changed; give the file of keys that belongs to the database"
            ) from None

    def _master(self, name: str) -> Aead:
        if name not in self._masters:
            self._read()
        found = self._masters.get(name)
        if found is None:
            raise KeysError(
                f"the master key {name!r} is not in {self._path}, which has {', '.join(self._masters)}; bring it back "
                "from the backup of the file of keys: what was encrypted by it is lost without it"
            )
        return found

    def _read(self) -> None:
        """Read the file, unless it is as it was."""
        from jiefen.outside.ciphers import Aead

        with self._lock:
            try:
                found = os.stat(self._path)
            except OSError as error:
                raise KeysError(
                    f"the file of keys {self._path} cannot be read ({error.strerror}); bring it back from its "
                    "backup, or make one for a new database with `jiefen keys create`"
                ) from error
            seen = found.st_mtime_ns, found.st_ino
            if seen == self._seen:
                return
            if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
                raise KeysError(
                    f"the file of keys {self._path} can be used by others than its owner; run chmod 600 on it"
                )
            self._current, masters, self._algorithm = _parsed(self._path)
            self._masters = {name: Aead(key, Algorithm.AES) for name, key in masters.items()}
            self._seen = seen


def _parsed(path: Path) -> tuple[str, dict[str, bytes], Algorithm]:
    from jiefen.notation.yaml import load_text  # costs every program that has no keys

    try:
        said = load_text(path.read_text("utf-8"), path).data
        masters: object = said["masters"]
        if not isinstance(masters, Mapping) or said["current"] not in masters:
            raise ValueError
        keys = {str(name): b64decode(str(key), validate=True) for name, key in masters.items()}
        algorithm = Algorithm(str(said.get("algorithm", Algorithm.AES)))
        if any(NAME.fullmatch(name) is None or len(key) != KEY_BYTES for name, key in keys.items()):
            raise ValueError
    except (OSError, RuleError, NotBase64, ValueError, KeyError, TypeError, AttributeError):
        raise KeysError(
            f"the file of keys {path} cannot be used: it must have `current: m1` and under `masters` that name with "
            f"{KEY_BYTES} bytes in base64; `jiefen keys create` makes one"
        ) from None
    return str(said["current"]), keys, algorithm


def _write(path: Path, current: str, masters: Mapping[str, bytes], algorithm: Algorithm) -> None:
    lines = [
        "# Master keys of Jiefen. Whoever has this file can read what the database keeps encrypted, and without it",
        "# nobody can. Keep a copy of it, and not beside the backups of the database.",
        f"current: {current}",
        f"algorithm: {algorithm}",
        "masters:",
        *(f"  {name}: {b64encode(key).decode()}" for name, key in masters.items()),
    ]
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise KeysError(f"the file of keys {path} cannot be written ({error.strerror})") from error
