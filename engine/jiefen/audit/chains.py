"""The chains of cases looked through, each once, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jiefen.audit.faults import Faults
from jiefen.edition.edition import digest_of_kept
from jiefen.errors import DatabaseError, PeriodError
from jiefen.periods import Calendar, Plan
from jiefen.record.chain import START, covered, digest_of, hash_of
from jiefen.record.kinds import FaultKind, Happening
from jiefen.store import calendars
from jiefen.store import proof as store
from jiefen.store.sealing.covering import ASPECTS, ERASABLE, EVERY_ROW, NAMES
from jiefen.store.sealing.encrypting import add_sealed
from jiefen.store.sealing.types import IN

#: Cases are read so many at a time.
_CASES: Final = 500
_ERASED: Final = "erased"
_REPLACING: Final = (Happening.ENCRYPTED, Happening.REDACTED)


class Chains:
    """Goes through cases in the order of their ids, with the entries and the deadlines of each."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]], faults: Faults) -> None:
        self._reading, self._faults = reading, faults
        self.cases = self.entries = self.chained_later = self.erased = self.uncovered = 0
        self.not_read: frozenset[str] = frozenset()
        self.through = 0

    def look(self, after: int, until: int | None) -> None:
        """Look through the cases after an id, up to another one."""
        self.through = after
        while True:
            # A snapshot for each round: no long one keeps the database from tidying up.
            with self._reading() as connection, store.snapshot(connection):
                rows = store.cases(connection, self.through, until, _CASES)
                # The last round also finds the entries of cases behind the last one.
                end = rows[-1].id if len(rows) == _CASES else until
                self._batch(connection, rows, self.through, end)
            if rows:
                self.through = rows[-1].id
            if len(rows) < _CASES:
                return

    def _batch(self, connection: Connection, rows: Sequence[Any], after: int, until: int | None) -> None:
        entries = _Groups(store.entries(connection, after, until))
        last = rows[-1].id if rows else after
        deadlines = _Groups(store.deadlines(connection, after, last))
        self.not_read = store.unreadable(connection)
        hanging = {
            table: _Groups(store.rows(connection, table, after, last))
            for table in ASPECTS
            if table.name not in self.not_read
        }
        for row in rows:
            self._orphans(entries, row.id)
            there = {table: groups.of(row.id) for table, groups in hanging.items()}
            self._case(row, entries.of(row.id), list(deadlines.of(row.id)), there)
        self._orphans(entries, None)
        for groups in hanging.values():
            groups.finish()

    def _orphans(self, entries: _Groups, before: int | None) -> None:
        """The entries of cases before the next one that is there."""
        while entries.case is not None and (before is None or entries.case < before):
            self._faults.orphan(entries.case)
            for _ in entries.of(entries.case):
                self.entries += 1

    def _case(
        self, row: Any, entries: Iterator[Any], deadlines: list[Any], there: Mapping[sa.Table, Iterator[Any]]
    ) -> None:
        self.cases += 1
        chain = _Chain(row, self._faults)
        for entry in entries:
            self.entries += 1
            chain.add(entry)
        self.chained_later += min(chain.seq, row.chained_from - 1)
        self.erased += chain.erased
        chain.close(deadlines, there)
        self.uncovered += chain.uncovered


class _Groups:
    """Rows in the order of their cases, taken case by case."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    @property
    def case(self) -> int | None:
        """The case that comes next."""
        return None if self._next is None else self._next.case_id

    def of(self, case: int) -> Iterator[Any]:
        """The rows of a case; those of cases before it are passed over."""
        while self._next is not None and self._next.case_id <= case:
            row, self._next = self._next, next(self._rows, None)
            if row.case_id == case:
                yield row

    def finish(self) -> None:
        """Pass over the rest, so that the database lets go of it: of a broken chain nothing was compared."""
        for _ in self._rows:
            pass


class _Chain:
    """The chain of one case; the first entry that is wrong ends the look at it."""

    def __init__(self, row: Any, faults: Faults) -> None:
        self._row, self._faults = row, faults
        self.seq, self._before, self._broken = 0, START, False
        self.erased = self.uncovered = 0
        #: The last entry that let what was covered before be forgotten, and the first after it that is forgotten.
        self._let_go = 0
        self._forgotten: int | None = None
        #: What is covered: by which entry, with which salt, and the digest.
        self._covers: dict[str, tuple[int, bytes | None, str]] = {}
        #: Entries that were erased, by the number of the entry that tells of it.
        self._tombstones: dict[int, int] = {}
        self._told: set[int] = set()
        #: Entries that were encrypted later, by the entry that tells of it: their first number, and what they hold.
        self._encrypted: dict[int, tuple[int, Any]] = {}
        self._digests: dict[int, object] = {}

    def add(self, entry: Any) -> None:
        """The next entry."""
        if self._broken:
            return
        expected = self.seq + 1
        if entry.seq != expected:
            gap = entry.seq is not None and entry.seq > expected
            self._break(FaultKind.MISSING if gap else FaultKind.INSERTED, expected)
            return
        if entry.digest is None or not self._holds(entry):
            self._break(FaultKind.CHANGED, expected)
            return
        found = hash_of(entry, expected, entry.digest, entry.covers, self._before)
        if found != entry.hash:
            self._break(FaultKind.CHANGED, expected)
            return
        self.seq, self._before = expected, found
        if entry.kind == Happening.ERASED:
            self._told.add(expected)
        if entry.kind in _REPLACING:
            self._digests[expected] = entry.data.get("digest") if isinstance(entry.data, dict) else None
        if entry.kind in (Happening.ERASED, *_REPLACING):
            self._let_go, self._forgotten = expected, None
        for name, digest in (entry.covers or {}).items():
            self._covers[name] = (expected, entry.covers_salt, digest)

    def close(self, deadlines: list[Any], there: Mapping[sa.Table, Iterator[Any]]) -> None:
        """After the last entry: whether it is the last one, and whether the case stands as its journal left it."""
        if self._broken:
            return
        row = self._row
        if row.entries > self.seq:
            self._break(FaultKind.CUT, self.seq + 1)
        elif row.entries < self.seq or (self.seq and row.head != self._before):
            self._break(FaultKind.INSERTED, min(self.seq, row.entries + 1))
        elif untold := [entry for told, entry in self._tombstones.items() if told not in self._told]:
            self._break(FaultKind.CHANGED, min(untold))
        elif self._forgotten is not None:
            self._break(FaultKind.CHANGED, self._forgotten)
        elif other := [
            first
            for told, (first, whole) in self._encrypted.items()
            if whole.hexdigest() != self._digests.get(told)
        ]:
            self._break(FaultKind.CHANGED, min(other))
        else:
            self._compare(deadlines, there)

    def _compare(self, deadlines: list[Any], there: Mapping[sa.Table, Iterator[Any]]) -> None:
        """Whether the case stands as its journal left it, and the rows that hang on it."""
        every_row = self._covers.pop(EVERY_ROW, None) is not None
        rules = {f"deadline:{one.seq}": one.rule for one in deadlines}
        for name, value in covered(self._row, {}, deadlines, whole=True).items():
            self._stands(name, value, rules.get(name))
        for table, rows in there.items():
            for row in rows:
                for aspect in ASPECTS[table]:
                    name = aspect.name_of(row._mapping)
                    if every_row or name in self._covers:
                        self._stands(name, aspect.value_of(row._mapping))
                    else:
                        self.uncovered += 1
        looked_at = {aspect.name for table in there for aspect in ASPECTS[table]}
        for name, (entry, salt, digest) in self._covers.items():
            kind = name.partition(":")[0]
            if kind in NAMES and kind not in looked_at:
                continue  # in a table that this role may not read
            gone = salt is not None and digest_of(salt, None).hex() == digest
            erased = kind in ERASABLE and entry < self._let_go
            if not gone and not erased:
                self._faults.moved(self._row.id, name, entry)

    def _stands(self, name: str, value: object, rule: str | None = None) -> None:
        """Whether something is as the newest entry that covers it has left it; it is looked at once."""
        entry, salt, digest = self._covers.pop(name, (None, b"", ""))
        if entry is None or (salt is not None and digest_of(salt, value).hex() != digest):
            self._faults.moved(self._row.id, name, entry, rule)

    def _holds(self, entry: Any) -> bool:
        """Whether the data is what the digest says, or was erased or encrypted with a later entry that tells of it."""
        if entry.salt is not None:
            # Nobody can say any more what it covers: a later entry must tell why.
            if entry.covers and entry.covers_salt is None and self._forgotten is None:
                self._forgotten = entry.seq
            return bool(digest_of(entry.salt, entry.data) == entry.digest)
        within = entry.data.get(IN) if isinstance(entry.data, dict) else None
        if isinstance(within, int) and within > entry.seq:
            _, whole = self._encrypted.setdefault(within, (entry.seq, sha256()))
            add_sealed(whole, entry.seq, entry.data)
            return True
        told = entry.data.get(_ERASED) if isinstance(entry.data, dict) and len(entry.data) == 1 else None
        if not isinstance(told, int) or told <= entry.seq:
            return False
        self._tombstones.setdefault(told, entry.seq)
        self.erased += 1
        return True

    def _break(self, kind: FaultKind, entry: int) -> None:
        self._broken = True
        self._faults.entry(kind, self._row.id, entry)


def look_at_definitions(connection: Connection, faults: Faults) -> None:
    """Whether editions and calendars are what their digests say."""
    for row in store.editions(connection):
        try:
            whole = digest_of_kept(row.content) == row.digest
        except DatabaseError:
            whole = False
        if not whole:
            faults.edition(row.digest)
    for digest, plans in calendars.calendars(connection):
        try:
            whole = Calendar(tuple(msgspec.convert(plans, list[Plan]))).digest == digest
        except (msgspec.ValidationError, PeriodError, IndexError):
            whole = False
        if not whole:
            faults.calendar(digest)
