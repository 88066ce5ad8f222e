"""Calls over a network: each happens once, on the case that its caller has seen; and when keys were last used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.engine import Connection

from jiefen.case.arguments import check_id, check_key, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.commands.lookup import locked_case
from jiefen.errors import AlreadyDone, Conflict, FactError
from jiefen.notation.texts import shown
from jiefen.store.viewing import calls as store

#: How long a key of a call is kept, unless said.
KEPT: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=366)
_DIGEST: Final = 64


@dataclass(frozen=True, slots=True)
class KeyUse:
    """When a key was last used, to the hour."""

    name: str
    at: datetime


class Calls:
    """What an interface over a network keeps, so that a call that comes again does nothing twice."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @contextmanager
    def once(
        self,
        caller: str,
        key: str,
        digest: str,
        *,
        keep: timedelta = KEPT,
        session: HostTransaction = None,
    ) -> Iterator[Connection]:
        """A transaction in which something is done once for a caller and a key: give it on as ``session=``.

        What fails in it leaves the key free.

        Args:
            digest: SHA-256 of what is asked, in hexadecimal digits.
            keep: for how long the key is known.

        Raises:
            AlreadyDone: the same was done with this key.
            Conflict: something else was.
            FactError: no key, no digest, or no such time.
        """
        check_key(caller, "name of a caller")
        check_key(key, "key of a call")
        if not isinstance(digest, str) or len(digest) != _DIGEST or not digest.isalnum():
            raise FactError(f"{shown(digest)} is no digest of a call; give SHA-256 in hexadecimal digits")
        if not isinstance(keep, timedelta) or not timedelta(0) < keep <= _LONGEST:
            raise FactError(f"keep={shown(keep)} is no time for which a key is kept; give at most a year")
        now = self._runtime.clock.now()
        with self._runtime.writing(session) as connection:
            row = {"caller": caller, "key": key, "digest": digest, "at": now, "until": now + keep}
            if not store.keep(connection, row):
                before = store.kept(connection, caller, key)
                if before.digest != digest:
                    raise Conflict(
                        f"the key {shown(key)} came at {before.at:%Y-%m-%d %H:%M} with something else; "
                        "give this call a key of its own",
                        zh="该幂等键已用于内容不同的请求;请另编一个",
                    )
                raise AlreadyDone(
                    f"this was done at {before.at:%Y-%m-%d %H:%M} UTC, with the key {shown(key)}; read what is there",
                    zh="该请求已经办过;请查看现在的情况",
                )
            store.forget(connection, now)
            yield connection

    @contextmanager
    def unchanged(self, case: int, revision: int, *, session: HostTransaction = None) -> Iterator[Connection]:
        """A transaction on a case that is as its caller has seen it: give it on as ``session=``.

        Raises:
            Conflict: the case has another revision now.
            NotFound: there is no such case.
            FactError: no id, or no revision.
        """
        check_id(case, "case")
        check_id(revision, "revision")
        with self._runtime.writing(session) as connection:
            now = locked_case(connection, case).revision
            if now != revision:
                raise Conflict(
                    f"case {case} has the revision {now}, and not {revision} any more; read it again",
                    zh=f"{case} 号案已有变化(现为第 {now} 版);请重新查看",
                )
            yield connection

    def used(self, name: str, *, session: HostTransaction = None) -> None:
        """Keep that a key is being used.

        Raises:
            FactError: it is no name.
        """
        check_key(name, "name of a key")
        with self._runtime.writing(session) as connection:
            store.used(connection, name, self._runtime.clock.now())

    def uses(self, *, after: str = "", limit: int = 100, session: HostTransaction = None) -> list[KeyUse]:
        """When keys were last used; page with ``after=found[-1].name``.

        Raises:
            FactError: no page.
        """
        check_page(0, limit)
        if after != "":
            check_key(after, "name of a key")
        with self._runtime.reading(session) as connection:
            return [KeyUse(row.name, row.used_at) for row in store.uses(connection, after, limit)]
