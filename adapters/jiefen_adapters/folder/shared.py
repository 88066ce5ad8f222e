"""A folder that somebody else can write to: no link in it is followed, and what is put there only its owner reads.

Every name is looked up in the open folder, not by its path, so that nothing can take the folder's place in between.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

if sys.platform != "win32":
    import fcntl

# Windows opens no folders and knows no such flags; there, names are looked up by path.
_BY_HANDLE: Final = os.open in os.supports_dir_fd
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NONBLOCK: Final = getattr(os, "O_NONBLOCK", 0)


#: Why a file is not opened that others have put there; other errors are the disk's.
_NOT_OURS: Final = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO)
#: A name of more bytes than this leaves no room for what is added to it; so many characters of it are kept then.
_LONG: Final = 200
_SHORT: Final = 40


class NotPlainError(Exception):
    """What has this name is a link, a folder, a pipe or a device, or too large."""


class SharedFolder:
    """An open folder; close it, or use it as a context manager.

    Args:
        path: the folder; the operator's own path to it may be a link.
        group: whether the group of the folder may read and write there too.

    Raises:
        OSError: it is not there, or is no folder.
    """

    def __init__(self, path: Path, *, group: bool = False, _inside: SharedFolder | None = None) -> None:
        self.path = path
        self._file_mode, self._folder_mode = (0o660, 0o770) if group else (0o600, 0o700)
        self._group = group
        self._handle: int | None = None
        if not _BY_HANDLE:
            if not path.is_dir():
                raise NotADirectoryError(f"{path} is no folder")
        elif _inside is None:
            self._handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        else:
            self._handle = os.open(
                path.name, os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW, dir_fd=_inside._handle
            )

    @classmethod
    def made(cls, path: Path, *, group: bool = False) -> SharedFolder:
        """The folder, made when it is not there; others than its owner (and group) cannot look into what was made."""
        mode = 0o770 if group else 0o700
        if not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                path.mkdir(mode=mode)
                path.chmod(mode)
        return cls(path, group=group)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def inside(self, name: str) -> SharedFolder:
        """A folder in this one, made when it is not there.

        Raises:
            OSError: what has the name is a link or no folder.
        """
        with suppress(FileExistsError):
            os.mkdir(self._at(name), self._folder_mode, dir_fd=self._handle)
            os.chmod(self._at(name), self._folder_mode, dir_fd=self._handle)
        if not stat.S_ISDIR(self._look(name).st_mode):
            raise NotADirectoryError(
                f"{self.path / name} is a link or a file; remove it, and a folder is made in its place"
            )
        return SharedFolder(self.path / name, group=self._group, _inside=self)

    def names(self) -> Iterator[str]:
        """What is in it, folders left out."""
        with os.scandir(self.path if self._handle is None else self._handle) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield entry.name

    def read(self, name: str, most: int) -> bytes:
        """The content of a plain file of at most ``most`` bytes.

        Raises:
            NotPlainError: it is something else, larger, or somebody's who does not let us read it.
            FileNotFoundError: nothing has the name.
        """
        self._require_plain(self._look(name), most)
        try:
            handle = os.open(self._at(name), os.O_RDONLY | _NOFOLLOW | _NONBLOCK, dir_fd=self._handle)
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
            raise NotPlainError(f"不能读取 / it cannot be read: {error.strerror}") from error
        with os.fdopen(handle, "rb") as stream:
            self._require_plain(os.fstat(handle), most)
            return stream.read(most + 1)[:most]

    def put(self, name: str, content: bytes) -> None:
        """Put a file there, whole or not at all, and never in the place of another.

        Raises:
            FileExistsError: the name is taken.
            OSError: it cannot be written.
        """
        part = f".{name[:_SHORT]}.{uuid4().hex}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW
        handle = os.open(self._at(part), flags, self._file_mode, dir_fd=self._handle)
        try:
            with os.fdopen(handle, "wb") as stream:
                os.chmod(handle if os.chmod in os.supports_fd else self._at(part), self._file_mode)
                stream.write(content)
                stream.flush()
                os.fsync(handle)
            self._take_name(part, name)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(self._at(part), dir_fd=self._handle)
            raise
        if self._handle is not None:
            os.fsync(self._handle)  # so that the name survives a power failure

    def move(self, name: str, to: SharedFolder) -> str:
        """Move a file into another folder, beside what lies there already; the name that it has there."""
        stem, dot, extension = name.rpartition(".")
        if len(os.fsencode(name)) > _LONG:
            stem, extension = stem[:_SHORT], extension[:_SHORT]
        taken, number = f"{stem}{dot}{extension}", 1
        while to.has(taken):
            number += 1
            taken = f"{stem}.{number}{dot}{extension}"
        os.rename(self._at(name), to._at(taken), src_dir_fd=self._handle, dst_dir_fd=to._handle)
        return taken

    def has(self, name: str) -> bool:
        """Whether anything has the name, if only a link that leads nowhere."""
        try:
            self._look(name)
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether nobody else is in such a block for this folder; nobody gets into one until this one ends."""
        if sys.platform == "win32" or self._handle is None:  # without locks that end with their process
            yield True
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _at(self, name: str) -> str:
        return name if self._handle is not None else str(self.path / name)

    def _look(self, name: str) -> os.stat_result:
        return os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)

    def _take_name(self, part: str, name: str) -> None:
        try:
            os.link(
                self._at(part),
                self._at(name),
                src_dir_fd=self._handle,
                dst_dir_fd=self._handle,
                follow_symlinks=False,
            )
        except FileExistsError:
            raise
        except OSError:
            # A file system without second names for a file, such as a share of Windows.
            if self.has(name):
                raise FileExistsError(f"{self.path / name} is there already") from None
            os.rename(self._at(part), self._at(name), src_dir_fd=self._handle, dst_dir_fd=self._handle)
        else:
            os.unlink(self._at(part), dir_fd=self._handle)

    @staticmethod
    def _require_plain(status: os.stat_result, most: int) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise NotPlainError("不是普通文件 / this is no plain file")
        if status.st_size > most:
            raise NotPlainError(f"文件超过{most}字节 / the file is larger than {most} bytes")
