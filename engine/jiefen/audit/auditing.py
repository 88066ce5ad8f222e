"""审计: what an auditor asks the engine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import Connection

from jiefen.audit.anchoring import look_at_anchors, make_anchor
from jiefen.audit.chains import Chains, look_at_definitions
from jiefen.audit.faults import Faults
from jiefen.audit.reading import listed, unusual
from jiefen.audit.signing import name_of, public_key
from jiefen.case.arguments import (
    MOST_ON_PAGE,
    check_clock,
    check_count,
    check_flag,
    check_folder,
    check_id,
    check_page,
    check_path,
    check_text,
    filters,
)
from jiefen.clock import Clock, SystemClock
from jiefen.errors import FactError
from jiefen.record.proof import Anchor, Verified
from jiefen.record.reads import Read, Unusual
from jiefen.store.connecting.database import Database, open_database
from jiefen.store.migrate import prepare
from jiefen.store.proof import ends_of_parts


class Looking(Protocol):
    """What an auditor needs: to read, and to know the time."""

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def database(self) -> Database:
        """Where the tables are."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        ...


@dataclass(frozen=True)
class _Tables:
    """The tables alone, without an edition and without keys."""

    database: Database
    clock: Clock

    def reading(self) -> AbstractContextManager[Connection]:
        return self.database.reading()


def _look_at_part(url: str, after: int, until: int | None, limit: int) -> Verified:
    """What one of several processes does."""
    with Audit.open(url) as audit:
        return audit.verify(after=after, until=until, limit=limit)


class Audit:
    """Whether what is kept is what happened: ``engine.audit``. It only reads, and needs no key to what is encrypted."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking

    @classmethod
    @contextmanager
    def open(cls, url: str, *, clock: Clock | None = None) -> Iterator[Audit]:
        """An auditor on the tables alone: it writes nothing, loads no edition, and asks for no keys.

        Args:
            url: as for ``Engine.open``; the role ``jiefen_auditor`` will do.

        Raises:
            DatabaseError: the database cannot be read, or is of another version.
            FactError: an argument is of the wrong kind.
        """
        check_text(url, "url")
        if clock is not None:
            check_clock(clock)
        database = open_database(url)
        try:
            prepare(database, migrate=False)
            yield cls(_Tables(database, clock if clock is not None else SystemClock()))
        finally:
            database.dispose()

    def verify(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        anchors: Path | str | None = None,
        key: Path | str | None = None,
        limit: int = 100,
        workers: int = 1,
    ) -> Verified:
        """Look through the journals of cases, in the order of their ids, in bounded memory.

        Args:
            after, until: only cases with ids above and up to these, so that a long look can be taken in parts;
                editions and calendars are looked at with the first part.
            anchors: the folder of :meth:`anchor`, to compare with what was there when they were signed.
            key: the file of the public key that must have signed them. Without it the anchors are compared with each
                other and with the database, and not with anybody's key.
            limit: so many faults are told; all are counted.
            workers: so many processes look at once, each at a range of cases; for tables that other processes can open.

        Raises:
            NotFound: the folder holds no anchor, or there is no such key.
            FileError: the key cannot be used.
            FactError: an argument is of the wrong kind.
            MissingExtra: anchors need ``jiefen[crypto]``.
        """
        check_page(after, MOST_ON_PAGE)
        if until is not None:
            check_id(until, "case")
        check_count(limit)
        check_count(workers)
        folder, public = check_folder(anchors, "anchors"), check_folder(key, "key")
        signer = name_of(public_key(public)) if public is not None else None
        found = self._look(after, until, limit) if workers == 1 else self._share(after, until, limit, workers)
        if folder is None:
            return found
        faults = Faults(limit - len(found.faults))
        with self._looking.reading() as connection:
            compared = look_at_anchors(connection, folder, signer, after, until, faults)
        told = (*found.faults, *faults.first)
        return replace(found, anchors=compared, faults=told, found=found.found + faults.found)

    def _look(self, after: int, until: int | None, limit: int) -> Verified:
        faults = Faults(limit)
        chains = Chains(self._looking.reading, faults)
        chains.look(after, until)
        if after == 0:
            with self._looking.reading() as connection:
                look_at_definitions(connection, faults)
        return Verified(
            cases=chains.cases,
            entries=chains.entries,
            chained_later=chains.chained_later,
            erased=chains.erased,
            uncovered=chains.uncovered,
            not_read=tuple(sorted(chains.not_read)),
            anchors=0,
            through=chains.through,
            faults=tuple(faults.first),
            found=faults.found,
        )

    def _share(self, after: int, until: int | None, limit: int, workers: int) -> Verified:
        with self._looking.reading() as connection:
            ends = ends_of_parts(connection, after, until, workers)
        url = self._looking.database.engine.url.render_as_string(hide_password=False)
        # No fork: it would take connections along.
        with ProcessPoolExecutor(len(ends), mp_context=get_context("spawn")) as pool:
            begins = [after, *ends[:-1]]
            parts = list(pool.map(_look_at_part, repeat(url), begins, ends, repeat(limit)))
        return Verified(
            cases=sum(part.cases for part in parts),
            entries=sum(part.entries for part in parts),
            chained_later=sum(part.chained_later for part in parts),
            erased=sum(part.erased for part in parts),
            uncovered=sum(part.uncovered for part in parts),
            not_read=parts[0].not_read,
            anchors=0,
            through=max(part.through for part in parts),
            faults=tuple(fault for part in parts for fault in part.faults)[:limit],
            found=sum(part.found for part in parts),
        )

    def reads(
        self,
        *,
        person: str | None = None,
        case: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        refused: bool | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Read]:
        """What people have read of cases that are not open, and what was refused; page with ``after=found[-1].id``.

        Args:
            since, until: instants; the last seven days when absent.
            refused: only what was refused, or only what was not.

        Raises:
            FactError: an argument is of the wrong kind.
        """
        check_page(after, limit)
        filters(person=person)
        if case is not None:
            check_id(case, "case")
        if refused is not None:
            check_flag(refused, "refused")
        first, last = self._span(since, until)
        with self._looking.reading() as connection:
            return listed(connection, person, case, first, last, refused, after, limit)

    def unusual(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        hours: tuple[time, time] = (time(8), time(19)),
        many: int = 60,
        strangers: int = 200,
        refusals: int = 10,
    ) -> list[Unusual]:
        """Whose reading is unusual: what an auditor should ask about.

        Args:
            since, until: instants; the last seven days when absent.
            hours: when people work in China, on the working days of the calendar; what is read at other times is told.
            many: so many cases in one minute are.
            strangers: so many cases are, in which somebody never had a task.
            refusals: so many are.

        Raises:
            FactError: an argument is of the wrong kind.
        """
        for number in (many, strangers, refusals):
            check_count(number)
        if not (isinstance(hours, tuple) and [type(one) for one in hours] == [time, time]):
            raise FactError("hours are two times of the day, such as (time(8), time(19))")
        first, last = self._span(since, until)
        with self._looking.reading() as connection:
            return list(unusual(connection, first, last, hours, many, strangers, refusals))

    def _span(self, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
        last = until if until is not None else self._looking.clock.now() + timedelta(seconds=1)
        for one in (since, last):
            if one is not None and (not isinstance(one, datetime) or one.tzinfo is None):
                raise FactError("since and until are instants with a time zone")
        return (since if since is not None else last - timedelta(days=7)), last

    def anchor(self, out: Path | str, *, key: Path | str) -> Anchor:
        """Sign where every chain ends that has grown since the last anchor in a folder, and leave it there.

        Args:
            out: a folder that the administrator of the database cannot change, or that is copied to such a place.
            key: the file of a private key of Ed25519; whoever holds it vouches.

        Raises:
            NotFound: there is no such key.
            FileError: the key, the folder or the last anchor in it cannot be used.
            Conflict: the journal is shorter than the last anchor says, or another process made the same anchor.
            FactError: an argument is of the wrong kind.
            MissingExtra: ``jiefen[crypto]`` is not installed.
        """
        folder, private = check_path(out, "out"), check_path(key, "key")
        with self._looking.reading() as connection:
            return make_anchor(connection, folder, private, self._looking.clock.now())
