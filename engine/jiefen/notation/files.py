"""Files that people put into folders: plain files only, and looked at before they are read.

Definitions, calendars, directories and scenarios lie in folders that other programs can write to. A named pipe there
would hold up whoever opens it, and a file of a gigabyte would fill the memory: both are told by their kind and size.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

Problem = Literal["unreadable", "not-a-file", "too-big"]

# Windows has no named pipes among its files, and needs to be told that a file is not text.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class UnusableFile(Exception):
    """A file that is not read; ``problem`` is the kind of reason, ``hint`` the way to mend it."""

    def __init__(self, problem: Problem, message: str, hint: str) -> None:
        super().__init__(message)
        self.problem, self.message, self.hint = problem, message, hint


def read_plain(path: Path, max_bytes: int) -> bytes:
    """The content of a plain file of at most ``max_bytes``; a link to one is followed.

    Nothing else is opened, and nothing that is larger is read.

    Raises:
        UnusableFile: it is missing, unreadable, too large, or a folder, pipe, socket or device.
    """
    try:
        _require_plain(os.stat(path), max_bytes)
        handle = os.open(path, _FLAGS)
        with os.fdopen(handle, "rb") as stream:
            # Between the look and the opening something else may have taken its name.
            _require_plain(os.fstat(handle), max_bytes)
            content = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "check that it is there, and who may read it"
        raise UnusableFile("unreadable", f"the file cannot be read: {reason}", hint) from error
    if len(content) > max_bytes:
        raise _too_big(max_bytes)
    return content


def _require_plain(status: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        message = f"it is {_kind(status.st_mode)}, not a plain file"
        raise UnusableFile("not-a-file", message, "remove it, or put the file itself there")
    if status.st_size > max_bytes:
        raise _too_big(max_bytes)


def _too_big(max_bytes: int) -> UnusableFile:
    message = f"the file is larger than {max_bytes} bytes, and is not read"
    return UnusableFile("too-big", message, "split it into several files")


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")
