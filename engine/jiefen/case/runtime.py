"""What every call of the engine needs: the database, the clock, the editions, and the adapters."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy.engine import Connection

from jiefen.case.arguments import (
    check_adapters,
    check_clock,
    check_flag,
    check_folder,
    check_methods,
    check_text,
)  # fmt: skip
from jiefen.case.related import EarlierCase
from jiefen.case.sight import Viewer, sight_of
from jiefen.case.step import Step
from jiefen.clock import Clock, SystemClock, china_date
from jiefen.edition import holidays
from jiefen.edition.edition import Edition, load_edition, unpack_edition
from jiefen.edition.holidays import Holidays
from jiefen.errors import DatabaseError, DefinitionError, NotFound, StateError
from jiefen.outside.adapter import Adapter
from jiefen.outside.files import Files
from jiefen.outside.keys import Keys
from jiefen.people.confidential import names_of_accused
from jiefen.people.directory import Directory, usable
from jiefen.people.posts import Posts
from jiefen.people.standing_in import StandIns
from jiefen.record.actor import SYSTEM, TRUSTED, Actor
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.rules import Rulebook
from jiefen.store import agenda, cases, reading
from jiefen.store.connecting.database import Connecting, Database, open_database, share_database
from jiefen.store.connecting.listening import Listeners
from jiefen.store.migrate import prepare
from jiefen.store.refusals import Refusals
from jiefen.store.sealing.tables import open_ring
from jiefen.store.viewing.seen import EVERYTHING, Seen
from jiefen.store.viewing.sight import seen_by

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine as SqlEngine
    from sqlalchemy.orm import Session

#: What ``session=`` of a call may be: the host's transaction, in which the engine works then.
HostTransaction: TypeAlias = "Session | Connection | None"


class Runtime:
    """Shared by the calls of one engine; safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        edition: Edition,
        clock: Clock,
        adapters: Mapping[str, Adapter],
        directory: Directory | None = None,
        files: Files | None = None,
        program: Actor = TRUSTED,
    ) -> None:
        #: Who acts where a call may do without ``by`` and was given none.
        self.program = program
        #: Where attachments lie; ``None``: in the database.
        self.files = files
        self.database = database
        self.listeners = Listeners(database)
        self.refusals = Refusals(database)
        self.clock = clock
        self.adapters = dict(adapters)
        self._edition = edition
        self.holidays = Holidays(edition.calendar)
        self.posts, self.stand_ins = Posts(), StandIns()
        #: Who reads; ``None``: a program of the host, from which nothing is kept.
        self.viewer: Viewer | None = None
        self._directory = directory
        self._editions = {edition.digest: edition}
        self._lock = threading.Lock()
        self._closed = False
        self._keep(edition)
        with self.reading() as connection:
            self.holidays.read(connection)
        if self.adapters:
            with self.writing() as connection:
                agenda.unpark(connection, self.adapters)

    @property
    def edition(self) -> Edition:
        """The edition that new cases run on, with the newest calendar known."""
        return self._up_to_date(self._edition)

    def adopt(self, edition: Edition) -> None:
        """Open new cases on ``edition`` from now on; cases that run stay on theirs."""
        self.keep(edition)
        with self._lock:
            self._edition = edition

    def keep(self, edition: Edition) -> None:
        """Let cases run on ``edition``; it is kept in the database."""
        self._keep(edition)
        self.holidays.add(edition.calendar)
        self.remember(edition)

    def remember(self, edition: Edition) -> None:
        """Know an edition by its digest, whether or not the database keeps it."""
        with self._lock:
            self._editions[edition.digest] = edition

    def edition_of(self, connection: Connection, digest: str) -> Edition:
        """The edition a case runs on, with the newest calendar known.

        Raises:
            NotFound: when the database does not hold it.
        """
        return self._up_to_date(self._known(connection, digest))

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions that this process has loaded."""
        with self._lock:
            return tuple(self._editions.values())

    def every_edition(self, connection: Connection) -> Iterator[Edition]:
        """Every edition that the database keeps and this version can read."""
        for digest in reading.editions(connection):
            try:
                yield self.edition_of(connection, digest)
            except (DefinitionError, StateError):
                continue

    def viewed_by(self, viewer: Viewer) -> Runtime:
        """The same for calls that read, by somebody from whom what is not theirs is kept."""
        viewed = copy(self)
        viewed.viewer = viewer
        return viewed

    def seen(self, connection: Connection) -> Seen:
        """What whoever reads sees, for the statements that list, count and find cases."""
        if self.viewer is None or self.viewer.actor.trusted:
            return EVERYTHING
        editions = (self.edition, *self.every_edition(connection))
        accused = frozenset().union(*(names_of_accused(edition.processes) for edition in editions))
        today, known = china_date(self.clock.now()), self.edition.rulebook.roles
        return seen_by(connection, sight_of(self.viewer, known, accused, today))

    def places(self) -> Collection[str | None] | None:
        """Where whoever reads holds a post of an office today, ``None`` for everywhere; no answer for a program."""
        if self.viewer is None or self.viewer.actor.trusted:
            return None
        known, today = self.edition.rulebook.roles, china_date(self.clock.now())
        return sight_of(self.viewer, known, (), today).posts.keys()

    def rulebook_of(self, connection: Connection, digest: str) -> Rulebook:
        """The rules of an edition.

        Raises:
            NotFound: when the database does not hold it.
        """
        return self._known(connection, digest).rulebook

    def step(
        self,
        connection: Connection,
        row: CaseRow,
        deadlines: Iterable[DeadlineRow],
        now: datetime,
        actor: str = SYSTEM.id,
        edition: Edition | None = None,
    ) -> Step:
        """A step on a case row that was read and locked, by the case's edition unless another is given."""
        rows = list(deadlines)
        self.holidays.load_missing(connection, (item.calendar for item in rows))
        return Step(
            edition or self.edition_of(connection, row.edition),
            row,
            rows,
            now,
            self.adapters.keys(),
            actor,
            partial(self.directory, connection),
            rulebooks=partial(self.rulebook_of, connection),
            earlier=partial(_earlier, connection, now),
            deputies=partial(self.stand_ins.deputies, connection, china_date(now), self._of_host(connection)),
        )

    def directory(self, connection: Connection) -> Directory | None:
        """The host's directory, else the one in the database; ``None`` when there is neither."""
        if self._directory is not None:
            return self._directory
        return self.posts.current(connection, of_host=self._of_host(connection))

    def _of_host(self, connection: Connection) -> bool:
        return self.database.lent(connection)

    def close(self) -> None:
        """Give the connections back; nothing works on a closed engine, so that a forgotten thread is found."""
        if not self._closed:
            self.listeners.tell_ended()
            self.refusals.write()
        self._closed = True
        self.database.dispose()

    def writing(self, session: HostTransaction = None) -> AbstractContextManager[Connection]:
        """A transaction, or the host's.

        Raises:
            DatabaseError: the engine was closed.
        """
        self._require_open()
        return self.listeners.heard(self.database.writing(session), session)

    def reading(self, session: HostTransaction = None) -> AbstractContextManager[Connection]:
        """A connection to read with; the host's sees what it has not committed yet. Raises as :meth:`writing`."""
        self._require_open()
        return self.database.reading(session)

    def _require_open(self) -> None:
        if self._closed:
            raise DatabaseError("this engine was closed; open another one, and close it last")

    def _known(self, connection: Connection, digest: str) -> Edition:
        """An edition, loaded once, with the calendar that came with it."""
        with self._lock:
            known = self._editions.get(digest)
        if known is not None:
            return known
        content = reading.edition(connection, digest)
        if content is None:
            raise NotFound(f"the database holds no edition {digest[:12]}; restore the table jiefen_edition")
        edition = unpack_edition(content, digest)
        self.holidays.add(edition.calendar)
        with self._lock:
            return self._editions.setdefault(digest, edition)

    def _up_to_date(self, edition: Edition) -> Edition:
        calendar = self.holidays.current
        return edition if edition.calendar is calendar else replace(edition, calendar=calendar)

    def _keep(self, edition: Edition) -> None:
        with self.reading() as connection:
            known = reading.edition(connection, edition.digest) is not None
        if not known:
            with self.writing() as connection:
                reading.keep_edition(connection, edition.digest, edition.pack(), self.clock.now())
                holidays.keep(connection, edition.calendar, self.clock.now())


def open_runtime(
    url: str | None,
    engine: SqlEngine | None,
    processes: Path | str | None,
    rules: Path | str | None,
    clock: Clock | None,
    adapters: Mapping[str, Adapter] | None,
    directory: Directory | None,
    files: Files | None,
    how: Connecting,
    *,
    migrate: bool,
    keys: Keys | None = None,
    program: str,
) -> Runtime:
    """The runtime on a database and an edition; the arguments are those of ``Engine.open``.

    Raises:
        DatabaseError: the database cannot be used, or both ``url`` and ``engine`` are given.
        DefinitionError: the edition is broken; nothing is opened.
        FactError: an argument is of the wrong kind.
        JiefenError: ``directory`` cannot be asked.
        KeysError: the database is encrypted by other keys, or by keys and there are none.
    """
    if directory is not None:
        usable(directory)
    if clock is not None:
        check_clock(clock)
    if url is not None:
        check_text(url, "url")
        if engine is not None:
            raise DatabaseError("url and engine both name a database; give one of them")
    if files is not None:
        check_methods(files, ("keep", "read"), "files")
    if keys is not None:
        check_methods(keys, ("wrap", "unwrap"), "keys")
    check_flag(migrate, "migrate")
    acting = Actor.program(program)
    carriers = check_adapters(adapters) if adapters is not None else {}
    edition = load_edition(check_folder(processes, "processes"), check_folder(rules, "rules"))
    if engine is None:
        database = open_database("sqlite:///jiefen.db" if url is None else url, how)
    else:
        database = share_database(engine, how)
    try:
        prepare(database, migrate=migrate)
        now = clock if clock is not None else SystemClock()
        open_ring(database, keys, now.now())
        return Runtime(database, edition, now, carriers, directory, files, acting)
    except BaseException as error:
        database.dispose()
        if how.connect_args and isinstance(error, TypeError):
            raise DatabaseError(f"the driver does not take these connect_args: {error}") from error
        raise


def _earlier(connection: Connection, now: datetime, number: str) -> EarlierCase | None:
    """The case that a key or a number of a case stands for, and what runs in it at this instant."""
    found = cases.matter(connection, number, now)
    return EarlierCase(*found) if found is not None else None
