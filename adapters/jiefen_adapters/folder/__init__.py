"""Exchange by files: for outside systems that can be reached through a shared folder only.

Each delivery is one JSON file in the outbox::

    {"key": "jiefen:17:token/4", "topic": "court.filing", "case": 17, "at": "2026-03-02T09:00:00+08:00", "payload": {…}}

The outside may move the file or leave it. It answers with a file *of the same name* in the inbox, either
``{"facts": {"filed_on": "2026-03-20"}}`` or ``{"error": "refused"}``, which it should write under another name and then
rename, so that nobody reads half of it. :meth:`FolderAdapter.collect` takes the answers to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from jiefen import Answer, DatabaseError, Delivery, JiefenError
from jiefen_adapters.folder.shared import NotPlainError, SharedFolder

if TYPE_CHECKING:
    from jiefen import Engine

#: An answer may be this large.
MAX_BYTES: Final = 1_000_000
#: One round takes so many answers; those that deliveries wait for go first.
MAX_ANSWERS: Final = 1_000
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


def folder(*, outbox: str, inbox: str | None = None, group: bool = False) -> FolderAdapter:
    """A :class:`FolderAdapter` with the options of a file of adapters."""
    return FolderAdapter(Path(outbox), Path(inbox) if inbox is not None else None, group=group)


class FolderAdapter:
    """Carries deliveries into a folder, and answers out of another one.

    Args:
        outbox: where deliveries are put; made when it is not there.
        inbox: where answers arrive; ``None`` when there are none. ``done`` and ``failed`` are made inside it.
        group: the outside is another user of the folder's group. Files are then 0660 and folders 0770, else 0600 and
            0700, whatever the umask: deliveries hold personal data.
    """

    def __init__(self, outbox: Path, inbox: Path | None = None, *, group: bool = False) -> None:
        self._outbox, self._inbox, self._group = outbox, inbox, group

    def send(self, delivery: Delivery) -> None:
        """Put a delivery into the outbox; one that lies there already is left as it is.

        The answer comes later, by :meth:`collect`. When the outside has moved the file and the engine, after a crash,
        sends again, the same name appears again: the outside knows it by that.

        Raises:
            OSError: when it cannot be written, also because something else has its name; the engine tries again, and
                tells in the end.
        """
        content = {
            "key": delivery.key,
            "topic": delivery.topic,
            "case": delivery.case,
            "at": delivery.at,
            "payload": delivery.payload,
        }
        text = msgspec.json.format(msgspec.json.encode(content), indent=2)
        name = file_name(delivery.key)
        with SharedFolder.made(self._outbox, group=self._group) as outbox:
            if outbox.has(name):
                _require_same(outbox, name, text)
            else:
                outbox.put(name, text)

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
        with SharedFolder(self._inbox, group=self._group) as inbox, inbox.alone() as alone:
            names = sorted(name for name in inbox.names() if _is_answer(name)) if alone else []
            if not names:
                return Collected((), ())
            # Opened before any answer is taken: one that was taken and cannot be moved would come again.
            with inbox.inside("done") as done, inbox.inside("failed") as failed:
                return _collect(engine, _Round(names, inbox, done, failed), topics)


@dataclass(frozen=True, slots=True)
class _Round:
    """One round over an inbox: the names of its answers, and the open folders."""

    names: list[str]
    inbox: SharedFolder
    done: SharedFolder
    failed: SharedFolder


def _collect(engine: Engine, taken: _Round, topics: Collection[str] | None) -> Collected:
    done: list[str] = []
    failed: list[str] = []
    waiting = dict(_names_of_open(engine, topics))
    for name in sorted(taken.names, key=lambda name: name not in waiting)[:MAX_ANSWERS]:
        try:
            if name not in waiting:
                raise _Unusable(_NOBODY_WAITS)
            engine.answer(waiting[name], _read(taken.inbox, name))
        except DatabaseError:
            raise
        except FileNotFoundError:
            continue  # whoever wrote it has taken it back
        except (_Unusable, NotPlainError, JiefenError) as problem:
            moved = taken.inbox.move(name, taken.failed)
            _put_reason(taken.failed, moved, f"{problem}\n")
            failed.append(moved)
        else:
            done.append(taken.inbox.move(name, taken.done))
    return Collected(tuple(done), tuple(failed))


def _is_answer(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _put_reason(folder: SharedFolder, name: str, reason: str) -> None:
    """Say beside a failed answer why it failed; never in the place of a file that lies there."""
    number = 1
    beside = f"{name}.reason.txt"
    while folder.has(beside):
        number += 1
        beside = f"{name}.reason.{number}.txt"
    folder.put(beside, reason.encode("utf-8", "backslashreplace"))


def _require_same(outbox: SharedFolder, name: str, text: bytes) -> None:
    """Make sure that what has the name of a delivery in the outbox is that delivery.

    Raises:
        FileExistsError: it is something else, which somebody put there.
    """
    try:
        there = msgspec.json.decode(outbox.read(name, max(len(text), MAX_BYTES)))
    except (NotPlainError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        there = None
    ours = msgspec.json.decode(text)
    # When it was first tried does not tell deliveries apart.
    if not isinstance(there, Mapping) or {**there, "at": None} != {**ours, "at": None}:
        raise FileExistsError(
            f"{outbox.path / name} is not the delivery of that name; move it away, then retry"
        )


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


def _read(inbox: SharedFolder, name: str) -> Answer:
    raw = inbox.read(name, MAX_BYTES)
    try:
        document = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _Unusable(
            f'不是可用的答复({error});写成 {{"facts": {{…}}}} 或 {{"error": "…"}} / this is no usable answer'
        ) from None
    if (document.facts is None) == (document.error is None):
        raise _Unusable("facts 和 error 必须恰好写一个 / write exactly one of facts and error")
    return Answer(document.facts or {}, document.error)
