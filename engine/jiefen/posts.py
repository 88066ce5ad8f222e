"""The directory in the database: loaded from a file once, shared by every worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from jiefen.directory import Organisation, Post, Unit
from jiefen.rules.wording import Label
from jiefen.store import directory as store

#: A worker looks so often, in seconds, whether another directory was loaded.
LOOK_AGAIN: Final = 60.0


class Posts:
    """Reads the directory of a database, and again when it was replaced. Safe to use from several threads."""

    def __init__(self, look_again: float = LOOK_AGAIN) -> None:
        self._look_again = look_again
        self._lock = threading.Lock()
        self._looked: float | None = None
        self._digest: str | None = None
        self._organisation: Organisation | None = None

    def current(self, connection: Connection) -> Organisation | None:
        """The directory that was loaded last; ``None`` when none ever was."""
        with self._lock:
            now = time.monotonic()
            if self._looked is None or now - self._looked >= self._look_again:
                digest = store.digest(connection)
                if digest != self._digest:
                    self._organisation = _read(connection)
                    self._digest = digest
                self._looked = now
            return self._organisation

    def keep(self, connection: Connection, organisation: Organisation, at: datetime) -> None:
        """Put a directory in the place of the one before; this engine uses it from now on."""
        units = {area: asdict(unit) for area, unit in organisation.units.items()}
        posts = [asdict(post) for post in organisation.posts]
        superiors = dict(organisation.superiors)
        digest = sha256(msgspec.json.encode([units, posts, superiors], order="sorted")).hexdigest()
        values = {"digest": digest, "loaded_at": at, "units": units, "superiors": superiors}
        store.replace(connection, values, posts)
        with self._lock:
            self._looked = None


def _read(connection: Connection) -> Organisation | None:
    row, posts = store.read(connection)
    if row is None:
        return None
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
