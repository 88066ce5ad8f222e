"""The directory in the database: loaded from a file once, shared by every worker; and which posts a person holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection, Row

from jiefen.areas import Level, ancestors
from jiefen.notation.labels import Label
from jiefen.notation.texts import person_id
from jiefen.people.authority import with_deputies
from jiefen.people.directory import Directory, Organisation, Post, Unit, answered_holders
from jiefen.periods import Span
from jiefen.record.actor import HeldPost
from jiefen.rules import Role
from jiefen.store import people as store

#: A worker looks so often, in seconds, whether another directory was loaded.
LOOK_AGAIN: Final = 60.0


class Posts:
    """Reads the directory of a database, and again when it was replaced. Safe to use from several threads."""

    def __init__(self, look_again: float = LOOK_AGAIN) -> None:
        self._look_again = look_again
        self._lock = threading.Lock()
        self._looked: float | None = None
        self._digest: str | None = None
        self._known: dict[str, Organisation] = {}

    def current(self, connection: Connection, *, of_host: bool = False) -> Organisation | None:
        """The directory that was loaded last; ``None`` when none ever was.

        Args:
            of_host: the transaction is the host's and may still be rolled back: what is loaded in it is seen in it, and
                remembered for nobody else.
        """
        with self._lock:
            if of_host:
                return self._read(connection, store.directory_digest(connection))
            now = time.monotonic()
            if self._looked is None or now - self._looked >= self._look_again:
                self._digest, self._looked = store.directory_digest(connection), now
            return self._read(connection, self._digest)

    def keep(self, connection: Connection, organisation: Organisation, at: datetime) -> None:
        """Put a directory in the place of the one before; this engine uses it from now on."""
        units = {area: asdict(unit) for area, unit in organisation.units.items()}
        posts = [asdict(post) for post in organisation.posts]
        superiors = dict(organisation.superiors)
        digest = sha256(msgspec.json.encode([units, posts, superiors], order="sorted")).hexdigest()
        values = {"digest": digest, "loaded_at": at, "units": units, "superiors": superiors}
        store.replace_directory(connection, values, posts)
        with self._lock:
            self._looked = None

    def _read(self, connection: Connection, digest: str | None) -> Organisation | None:
        """The directory of that digest, or a newer one. A digest names the same people wherever it was read."""
        while digest is not None and digest not in self._known:
            row, posts = store.read_directory(connection)
            after = store.directory_digest(connection)
            if row is not None and row.digest == digest == after:
                self._known = {**dict(list(self._known.items())[-1:]), digest: _organisation(row, posts)}
            # Else somebody loaded another one between the statements.
            digest = after
        return self._known[digest] if digest is not None else None


def posts_of(
    directory: Directory,
    person: str,
    roles: Collection[str],
    area: str | None,
    known: Mapping[str, Role],
    on: date,
) -> tuple[HeldPost, ...]:
    """The posts of a person by which they could act for one of ``roles`` in ``area`` on a day.

    A loaded directory gives all that they ever hold, one of the host what it answers for these roles and this area.

    Raises:
        JiefenError: the directory of the host answers no holders.
    """
    if isinstance(directory, Organisation):
        return directory.posts_of(person)
    return tuple(
        HeldPost(role, where)
        for role in sorted(with_deputies(roles, known))
        for where, level in _places(area, known[role].level if role in known else None)
        if any(one.id == person for one in answered_holders(directory, role, where, level, on))
    )


def holds_any(directory: Organisation, person: str, days: Span) -> bool:
    """Whether a loaded directory knows a post that a person holds on one of some days."""
    return any(person_id(post.holder) == person and post.span.overlaps(days) for post in directory.posts)


def _organisation(row: Row[Any], posts: list[Row[Any]]) -> Organisation:
    return Organisation(
        {area: _unit(values) for area, values in row.units.items()},
        tuple(
            Post(
                role=post.role, area=post.area, holder=post.holder, deputy=post.deputy,
                since=post.since, until=post.until,
            )
            for post in posts
        ),
        row.superiors,
    )  # fmt: skip


def _unit(values: Mapping[str, Any]) -> Unit:
    return Unit(**{**values, "title": Label(**values["title"])})


def _places(area: str | None, level: Level | None) -> Iterator[tuple[str, Level | None]]:
    """Where a post may lie that counts in an area: there and further up, or in a part of it that its level names."""
    if area is None:
        return
    for where in ancestors(area):
        yield where, None
    if level is not None:
        yield area, level
