"""Anchors: the heads of all chains, signed and kept where the administrator of the database cannot write.

A folder holds, for each anchor, a statement with its signature and a list of heads; ``docs/proof.md`` describes both to
the byte. An anchor names the hash of the one before it, so that none can be left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from jiefen.audit.faults import Faults
from jiefen.audit.signing import name_of, private_key, signed_by
from jiefen.errors import Conflict, FileError, NotFound
from jiefen.record.chain import START, canonical, instant
from jiefen.record.proof import Anchor
from jiefen.store import proof as store

_FORM: Final = "jiefen.anchor.1"
_NAME: Final = re.compile(r"(\d{6,})\.json")
#: Heads are compared so many at a time.
_HEADS: Final = 200
_LARGEST: Final = 10_000


class _Statement(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    form: str
    number: int
    made_at: str
    after: int
    until: int
    entries: int
    cases: int
    heads: str
    before: str
    signer: str


class _Signed(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    statement: _Statement
    signature: str

    @property
    def hash(self) -> str:
        """By which the next anchor names it."""
        return sha256(canonical(self.statement)).hexdigest()


def make_anchor(connection: Connection, folder: Path, key: Path, now: datetime) -> Anchor:
    """Sign the heads of all chains that have grown since the last anchor in a folder.

    Raises:
        NotFound: there is no such key.
        FileError: the key, the folder or the last anchor in it cannot be used.
        Conflict: the journal is shorter than the last anchor says, or another process made the same anchor.
    """
    signing = private_key(key)
    signer = name_of(signing.public_key())
    _make_folder(folder)
    last = _last(folder)
    if last is not None and not signed_by(signer, last.signature, canonical(last.statement)):
        raise FileError(
            f"anchor {last.statement.number} in {folder} was not signed by this key; a folder holds the anchors of one "
            "key: take the right key, or another folder"
        )
    after = last.statement.until if last is not None else 0
    with store.snapshot(connection):
        until = store.last_settled(connection)
        if until < after:
            raise Conflict(
                f"the journal ends at {until}, and anchor {_number(last)} has seen {after}: entries were removed, or "
                "an older backup was restored; look with `jiefen audit verify --anchors` before anything is signed"
            )
        number = _number(last) + 1
        heads, digest, cases = folder / f"{number:06}.heads", sha256(), 0
        with _written(heads) as out:
            for row in store.heads(connection, after, until):
                line = f"{row.case_id} {row.seq} {row.hash.hex() if row.hash else '-'}\n".encode()
                digest.update(line)
                out.write(line)
                cases += 1
        entries = store.count(connection, after, until)
    statement = _Statement(
        _FORM, number, instant(now), after, until, entries, cases, digest.hexdigest(),
        last.hash if last is not None else START.hex(), signer,
    )  # fmt: skip
    signed = _Signed(statement, signing.sign(canonical(statement)).hex())
    file = _file(folder, number)
    with _written(file) as out:
        out.write(canonical(signed) + b"\n")
    return _told(signed, file)


def look_at_anchors(
    connection: Connection, folder: Path, signer: str | None, after: int, until: int | None, faults: Faults
) -> int:
    """Compare the heads that anchors hold of cases in a range with what is there; how many anchors there are.

    Args:
        signer: who must have signed; ``None``: whoever signed the first one.

    Raises:
        NotFound: the folder holds no anchor.
    """
    numbers = _numbers(folder)
    if not numbers:
        raise NotFound(f"there is no anchor in {folder}; make them with `jiefen audit anchor --out {folder}`")
    before, through = START.hex(), 0
    newest = store.last_settled(connection)
    for number in range(1, numbers[-1] + 1):
        signed = _read(_file(folder, number)) if number in numbers else None
        if signed is None:
            faults.anchor(number, "it is missing or damaged", "缺失或损坏")
            before = ""  # what comes after names something that is not there
            continue
        statement = signed.statement
        signer = signer or statement.signer
        if statement.signer != signer or not signed_by(signer, signed.signature, canonical(statement)):
            faults.anchor(number, "it was not signed by the key that should have", "签名与指定的公钥不符")
            before = ""
            continue
        if statement.number != number or (
            before and (statement.before, statement.after) != (before, through)
        ):
            faults.anchor(number, "it does not come after the one before it", "与前一号锚定不相接")
        before, through = signed.hash, statement.until
        if newest < statement.until:
            faults.older(number, None, None)
        elif after == 0 and until is None:
            there = store.count(connection, statement.after, statement.until)
            if there < statement.entries:
                faults.older(number, None, None)
        if not _compare(connection, folder / f"{number:06}.heads", statement, after, until, faults):
            faults.anchor(number, "its list of heads was changed or is missing", "所附链头清单被改动或缺失")
    return len(numbers)


def _compare(
    connection: Connection, file: Path, statement: _Statement, after: int, until: int | None, faults: Faults
) -> bool:
    """Compare a list of heads; whether the list is the one that was signed."""
    if not file.is_file() or _digest(file) != statement.heads:
        return False
    for batch in _heads(file, after, until):
        there = store.hashes(connection, list(batch))
        for place, head in batch.items():
            found = there.get(place)
            if place not in there:
                faults.older(statement.number, *place)
            elif found is None or found.hex() != head:
                faults.rewritten(statement.number, *place)
    return True


def _heads(file: Path, after: int, until: int | None) -> Iterator[dict[tuple[int, int], str]]:
    batch: dict[tuple[int, int], str] = {}
    with file.open(encoding="ascii") as lines:
        for line in lines:
            case, seq, head = line.split()
            if int(case) <= after or (until is not None and int(case) > until) or not seq.isdigit():
                continue
            batch[int(case), int(seq)] = head
            if len(batch) == _HEADS:
                yield batch
                batch = {}
    if batch:
        yield batch


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        digest = sha256()
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    found = (_NAME.fullmatch(file.name) for file in folder.iterdir())
    return sorted(int(one[1]) for one in found if one)


def _last(folder: Path) -> _Signed | None:
    numbers = _numbers(folder)
    if not numbers:
        return None
    last = _read(_file(folder, numbers[-1]))
    if last is None:
        raise FileError(
            f"{_file(folder, numbers[-1])} is damaged; restore it from a copy before another one is made"
        )
    return last


def _number(last: _Signed | None) -> int:
    return last.statement.number if last is not None else 0


def _read(file: Path) -> _Signed | None:
    try:
        with file.open("rb") as source:
            return msgspec.json.decode(source.read(_LARGEST), type=_Signed)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.json"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} cannot hold anchors: {error.strerror}") from error


class _written:  # noqa: N801
    """A file that is there whole or not at all, and takes the place of no other one."""

    def __init__(self, file: Path) -> None:
        self._file, self._part = file, file.with_name(f".{file.name}.{os.getpid()}")

    def __enter__(self) -> Any:
        try:
            self._out = self._part.open("wb")
        except OSError as error:
            raise FileError(f"{self._file} cannot be written: {error.strerror}") from error
        return self._out

    def __exit__(self, kind: object, *_: object) -> None:
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        try:
            if kind is None and self._file.suffix == ".json":
                os.link(self._part, self._file)
            elif kind is None:
                os.replace(self._part, self._file)
                return
        except FileExistsError:
            raise Conflict(
                f"{self._file} was just made by another process; nothing was signed twice"
            ) from None
        finally:
            self._part.unlink(missing_ok=True)


def _told(signed: _Signed, file: Path) -> Anchor:
    statement = signed.statement
    return Anchor(
        number=statement.number,
        made_at=datetime.fromisoformat(statement.made_at).astimezone(UTC),
        until=statement.until,
        entries=statement.entries,
        cases=statement.cases,
        before=statement.before,
        signer=statement.signer,
        file=file,
    )
