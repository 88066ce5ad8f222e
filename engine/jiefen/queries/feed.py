"""动态: what happens in all cases, in one order, for programs that follow it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import MAX_ID, check_choice, check_key, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import entry_seen, withheld_of
from jiefen.errors import FactError, NotAllowed
from jiefen.notation.texts import shown
from jiefen.record.kinds import Happening
from jiefen.record.values import Entry
from jiefen.store.desk import feed as store
from jiefen.story.snapshots import entry_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A part of the feed.

    Attributes:
        entries: in the order in which they were written; those of one case in the order in which they happened.
        cursor: where the next part begins: ``after=feed.cursor``.
    """

    entries: tuple[Entry, ...]
    cursor: int


def feed(
    runtime: Runtime,
    *,
    after: int | str = 0,
    kinds: Collection[Happening | str] | None = None,
    limit: int = 100,
    session: HostTransaction = None,
) -> Feed:
    """Entries of the journals of all cases after a cursor: each once, none left out.

    An entry is given when its transaction is over, and so is every transaction that began to write before it: while a
    host keeps one open for long, the feed waits for it. With ``session=``, what that transaction has written itself is
    not given yet.

    Args:
        after: the ``cursor`` of the part before, or the name of a reader whose place is kept (:meth:`acknowledge`).
        kinds: only these; the cursor moves past the others.

    Somebody who reads (:meth:`as_`) is given a cursor that is no further than the last entry that they may read, so
    that it counts nothing for them; and the places that are kept are those of programs.

    Raises:
        UnknownValue: there is no such kind of entry; the message names the nearest.
        FactError: a cursor or a page that cannot be.
        NotAllowed: a person asks by the name of a reader.
    """
    name = check_key(after, "name of a reader") if isinstance(after, str) else None
    person = runtime.viewer is not None and not runtime.viewer.actor.trusted
    if name is not None and person:
        raise NotAllowed(
            "the places in the feed that are kept are those of programs; give the cursor of the part before",
            zh="按名称保存的读取位置只供程序使用;请使用上一页的游标",
        )
    check_page(after if name is None else 0, limit)
    if kinds is not None and (isinstance(kinds, str) or not isinstance(kinds, Collection)):
        raise FactError(
            f"kinds are {shown(kinds)}; give a list such as ['deadline_expired'], or leave it out"
        )
    wanted = (
        [check_choice(kind, "kind of entries", Happening) for kind in kinds] if kinds is not None else None
    )
    with runtime.reading(session) as connection:
        begin = store.place(connection, name) if name is not None else int(after)
        until = store.settled(connection)
        end = store.newest(connection) if until is None else until
        rows = store.entries(connection, begin, end, wanted, limit, runtime.seen(connection))
        cursor = max(begin, end)
        if len(rows) == limit or person:
            cursor = rows[-1].id if rows else begin
        return Feed(entries=tuple(_entry(runtime, connection, row) for row in rows), cursor=cursor)


def _entry(runtime: Runtime, connection: Connection, row: Row[Any]) -> Entry:
    if runtime.viewer is None:
        return entry_of(row)
    return entry_seen(entry_of(row), withheld_of(row, runtime.edition_of(connection, row.edition)))


def acknowledge(runtime: Runtime, reader: str, cursor: int, *, session: HostTransaction = None) -> None:
    """Keep that a reader has done with everything up to a cursor: ``feed(after=reader)`` goes on there.

    With ``session=`` the place is kept together with what the host made of the entries. It never goes back.

    Raises:
        FactError: no name, or no cursor.
    """
    check_key(reader, "name of a reader")
    if not isinstance(cursor, int) or isinstance(cursor, bool) or not 0 <= cursor <= MAX_ID:
        raise FactError(f"cursor={shown(cursor)} is none; give that of the last part of the feed")
    with runtime.writing(session) as connection:
        store.keep_place(connection, reader, cursor, runtime.clock.now())
