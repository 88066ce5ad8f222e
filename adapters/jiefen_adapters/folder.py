"""Exchange by files: for outside systems that can be reached through a shared folder only.

Each delivery is one JSON file in the outbox::

    {"key": "jiefen:17:token/4", "topic": "court.filing", "case": 17, "at": "2026-03-02T09:00:00+08:00", "payload": {…}}

The outside may move the file or leave it. It answers with a file *of the same name* in the inbox, either
``{"facts": {"filed_on": "2026-03-20"}}`` or ``{"error": "refused"}``, which it should write under another name and then
rename, so that nobody reads half of it. :meth:`FolderAdapter.collect` takes the answers to the engine.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

if sys.platform != "win32":
    import fcntl

from jiefen import Answer, DatabaseError, Delivery, JiefenError

if TYPE_CHECKING:
    from jiefen import Engine

#: An answer may be this large.
MAX_BYTES: Final = 1_000_000
#: A delivery can be answered before the worker has noted that it was sent, and after sending it was given up.
_OPEN: Final = ("sent", "pending", "parked", "incident")
_PAGE: Final = 1_000
_NOBODY_WAITS: Final = (
    "没有等待这个答复的投递:已经答复过、事项已撤回,或文件名不对 / no delivery waits for this answer: "
    "it was answered before, what waited has gone, or the file is not named like the delivery"
)


@dataclass(frozen=True, slots=True)
class Collected:
    """What one round over the inbox came to: names of files in ``done`` and in ``failed``."""

    done: tuple[str, ...]
    failed: tuple[str, ...]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer as the outside writes it."""

    facts: dict[str, Any] | None = None
    error: str | None = None


class _Unusable(Exception):
    """An answer that the engine is not asked about."""


def folder(*, outbox: str, inbox: str | None = None) -> FolderAdapter:
    """A :class:`FolderAdapter` with the options of a file of adapters, which are text."""
    return FolderAdapter(Path(outbox), Path(inbox) if inbox is not None else None)


class FolderAdapter:
    """Carries deliveries into a folder, and answers out of another one.

    Args:
        outbox: where deliveries are put; made when it is not there.
        inbox: where answers arrive; ``None`` when there are none. ``done`` and ``failed`` are made inside it.
    """

    def __init__(self, outbox: Path, inbox: Path | None = None) -> None:
        self._outbox, self._inbox = outbox, inbox

    def send(self, delivery: Delivery) -> None:
        """Put a delivery into the outbox; one that lies there already is left as it is.

        The answer comes later, by :meth:`collect`. When the outside has moved the file and the engine, after a crash,
        sends again, the same name appears again: the outside knows it by that.

        Raises:
            OSError: when it cannot be written; the engine tries again.
        """
        self._outbox.mkdir(parents=True, exist_ok=True)
        path = self._outbox / file_name(delivery.key)
        if path.exists():
            return
        document = {
            "key": delivery.key,
            "topic": delivery.topic,
            "case": delivery.case,
            "at": delivery.at,
            "payload": delivery.payload,
        }
        content = msgspec.json.format(msgspec.json.encode(document), indent=2)
        part = path.with_name(f".{path.stem}.{uuid4().hex}.part")
        try:
            with part.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _make_lasting(self._outbox)

    def collect(self, engine: Engine, *, topics: Collection[str] | None = None) -> Collected:
        """Take the answers of the inbox to the engine: those taken go to ``done``, the others to ``failed``.

        Beside a failed answer lies a file ``.reason.txt`` that says why. To try it again, mend it and move it back.
        One process at a time collects from an inbox; another one finds nothing to do meanwhile.

        Args:
            engine: whose deliveries are answered.
            topics: only deliveries of these topics may be answered; name them when other outside systems have
                folders of their own.

        Raises:
            DatabaseError: the answer that the database did not take, and those after it, stay in the inbox.
            OSError: when a file cannot be moved.
        """
        if self._inbox is None or not self._inbox.is_dir():
            return Collected((), ())
        with _alone_in(self._inbox) as alone:
            return self._collect(engine, topics) if alone else Collected((), ())

    def _collect(self, engine: Engine, topics: Collection[str] | None) -> Collected:
        done: list[str] = []
        failed: list[str] = []
        paths = sorted(self._answers())
        waiting = dict(_names_of_open(engine, topics)) if paths else {}
        for path in paths:
            try:
                if path.name not in waiting:
                    raise _Unusable(_NOBODY_WAITS)
                engine.answer(waiting[path.name], _read(path))
            except DatabaseError:
                raise
            except (_Unusable, JiefenError) as problem:
                target = _move(path, "failed")
                target.with_name(f"{target.name}.reason.txt").write_text(f"{problem}\n", encoding="utf-8")
                failed.append(target.name)
            else:
                done.append(_move(path, "done").name)
        return Collected(tuple(done), tuple(failed))

    def _answers(self) -> Iterator[Path]:
        for path in self._inbox.iterdir() if self._inbox is not None else ():
            if path.suffix == ".json" and not path.name.startswith(".") and not path.is_dir():
                yield path


def file_name(key: str) -> str:
    """The name of the file for a delivery: what can be read of its key, and a digest that tells keys apart.

    It is safe on every file system, also where ``A`` and ``a`` are the same.
    """
    legible = re.sub(r"[^a-z0-9]+", "-", key.lower())[:80].strip("-")
    return f"{legible}-{sha256(key.encode()).hexdigest()[:16]}.json".removeprefix("-")


def _names_of_open(engine: Engine, topics: Collection[str] | None) -> Iterator[tuple[str, int]]:
    """File name and id of every delivery that can be answered."""
    for status in _OPEN:
        after = 0
        while page := engine.deliveries(status=status, after=after, limit=_PAGE):
            for delivery in page:
                if topics is None or delivery.topic in topics:
                    yield file_name(delivery.key), delivery.id
            after = page[-1].id


def _read(path: Path) -> Answer:
    if path.is_symlink() or not path.is_file():
        raise _Unusable("不是普通文件 / this is no plain file")
    with path.open("rb") as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise _Unusable(f"文件超过{MAX_BYTES}字节 / the file is larger than {MAX_BYTES} bytes")
    try:
        document = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _Unusable(
            f'不是可用的答复({error});写成 {{"facts": {{…}}}} 或 {{"error": "…"}} / this is no usable answer'
        ) from None
    if (document.facts is None) == (document.error is None):
        raise _Unusable("facts 和 error 必须恰好写一个 / write exactly one of facts and error")
    return Answer(document.facts or {}, document.error)


def _move(path: Path, folder: str) -> Path:
    """Move an answer into a folder of the inbox, beside what lies there already."""
    target = path.parent / folder / path.name
    target.parent.mkdir(exist_ok=True)
    number = 1
    while target.exists() or target.is_symlink():
        number += 1
        target = target.with_name(f"{path.stem}.{number}{path.suffix}")
    path.rename(target)
    return target


@contextmanager
def _alone_in(inbox: Path) -> Iterator[bool]:
    """Whether nobody else collects from an inbox, and nobody begins to until the block ends."""
    if sys.platform == "win32":  # without locks that end with their process
        yield True
        return
    handle = os.open(inbox, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        alone = False
    else:
        alone = True
    try:
        yield alone
    finally:
        os.close(handle)  # and the lock with it


def _make_lasting(folder: Path) -> None:
    """Have the names in a folder survive a power failure, where the system can be asked to."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
