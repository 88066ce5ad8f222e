"""Where the bytes of attachments lie: what the engine asks of a store of files, and one that is a folder.

A store knows bytes by their SHA-256 and nothing else: no names, no cases. It never runs or opens what it keeps.
"""

from __future__ import annotations

import os
import re
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from jiefen.errors import FactError, FileError
from jiefen.notation.texts import shown

_DIGEST: Final = re.compile("[0-9a-f]{64}")


class Files(Protocol):
    """A store of bytes; safe to use from several threads and processes."""

    def keep(self, digest: str, content: bytes) -> None:
        """Keep bytes by their SHA-256, in small hexadecimal letters. The same again changes nothing; damaged ones are
        replaced. When it returns, they outlast a crash.

        Raises:
            FileError: they cannot be kept.
        """
        ...

    def read(self, digest: str) -> bytes | None:
        """The bytes as they lie there, changed or not; ``None`` when there are none.

        Raises:
            FileError: the store cannot be read.
        """
        ...


def digest_of(content: bytes) -> str:
    """The SHA-256 by which bytes are kept."""
    return sha256(content).hexdigest()


class FolderFiles:
    """A folder: each file under the first letters of its digest, readable by the owner alone, never executable.

    Args:
        folder: made when the first file is kept. Backups and other machines may share it.

    Raises:
        FactError: it is no path, or no folder.
    """

    def __init__(self, folder: Path | str) -> None:
        if not isinstance(folder, str | Path) or not str(folder).strip() or "\0" in str(folder):
            raise FactError(
                f"{shown(folder)} is no path of a folder for files; give a text or a pathlib.Path"
            )
        self._folder = Path(folder)
        if self._folder.exists() and not self._folder.is_dir():
            raise FactError(f"{shown(str(folder))} is no folder; name one where files may be kept")

    def keep(self, digest: str, content: bytes) -> None:
        """As :meth:`Files.keep`: written beside its place, then moved there in one step."""
        path = self._path(digest)
        try:
            if path.exists() and digest_of(path.read_bytes()) == digest:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _settle(path.parent)
        except OSError as error:
            raise _trouble(error) from error

    def read(self, digest: str) -> bytes | None:
        """As :meth:`Files.read`."""
        path = self._path(digest)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _trouble(error) from error

    def _path(self, digest: str) -> Path:
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise FactError(f"{shown(digest)} is no SHA-256 in hexadecimal letters")
        return self._folder / digest[:2] / digest[2:4] / digest


def _settle(folder: Path) -> None:
    """Let the name of a new file outlast a crash, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _trouble(error: OSError) -> FileError:
    return FileError(
        f"the folder of files cannot be used: {error.strerror or type(error).__name__}; look at its space and rights",
        zh="文件存储不能使用,请联系管理员",
    )
