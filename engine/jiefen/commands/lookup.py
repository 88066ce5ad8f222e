"""What a call names by its id, or by a key that came before; or an error that says where to look, or what differs.

A key that comes again with the same content stands for the same thing; with other content it is a mistake to be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Row

from jiefen.case.runtime import Runtime
from jiefen.case.sight import case_seen
from jiefen.errors import Conflict, NotFound
from jiefen.record.desk.parties import Party, masked_title
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case, Deadline, Delivery, Incident
from jiefen.store import cases as store
from jiefen.store import people as people_store
from jiefen.store import reading
from jiefen.store.desk import parties
from jiefen.store.viewing.seen import EVERYTHING, Seen
from jiefen.story.snapshots import deadline_of, party_snapshot

_Failed = TypeVar("_Failed", Delivery, Incident)


def locked_case(connection: Connection, case_id: int) -> CaseRow:
    """The row of a case, locked for this transaction.

    Raises:
        NotFound: there is no such case.
    """
    row = store.lock_case(connection, case_id)
    if row is None:
        raise no_case(case_id)
    return row


def case_row(connection: Connection, case_id: int, seen: Seen = EVERYTHING) -> Row[Any]:
    """The row of a case, without its saved state.

    Args:
        seen: what whoever reads sees; a case that is kept from them is none.

    Raises:
        NotFound: there is no such case.
    """
    row = reading.case(connection, case_id, seen)
    if row is None:
        raise no_case(case_id)
    return row


def read_case(runtime: Runtime, connection: Connection, case_id: int) -> Case:
    """A case as callers see it.

    Raises:
        NotFound: there is no such case.
    """
    row = case_row(connection, case_id, runtime.seen(connection))
    return case_seen(row, runtime.edition_of(connection, row.edition))


def supervision_row(connection: Connection, case_id: int, ref: str) -> Row[Any]:
    """The row of a supervision.

    Raises:
        NotFound: the case has none of that name.
    """
    row = people_store.supervision(connection, case_id, ref)
    if row is None:
        raise NotFound(
            f"case {case_id} has no supervision {ref!r}; list them with `jiefen supervisions --case {case_id}` "
            f"(supervisions(case={case_id}))"
        )
    return row


def deadlines_of(runtime: Runtime, connection: Connection, case: Row[Any], now: datetime) -> list[Deadline]:
    """Every deadline that a case has or had, oldest first."""
    rows, rulebook_of = reading.deadlines(connection, case.id), runtime.rulebook_of
    facts = rulebook_of(connection, case.edition).vocabulary.from_json(case.facts) if rows else {}
    return [deadline_of(row, rulebook_of(connection, row.edition), case.area, now, facts) for row in rows]


def without_names(connection: Connection, found: Sequence[_Failed]) -> list[_Failed]:
    """What has failed, with what was said of it but without the names and numbers of the parties of its case: an
    adapter may say all that it was given."""
    cases = {one.case for one in found if one.error and one.case is not None}
    people: dict[int | None, list[Party]] = {}
    for row in parties.of_cases(connection, cases) if cases else ():
        people.setdefault(row.case_id, []).append(party_snapshot(row))
    return [
        replace(one, error=masked_title(one.error, people.get(one.case, ())) or "") if one.error else one
        for one in found
    ]


class KeyTaken(Conflict):
    """A key stands for something else already: a slip, or somebody has poisoned it."""


def require_same_name(what: str, before: str, now: str) -> None:
    """Refuse a key that stands for something of another name already.

    Args:
        what: what carries the key and what it stands for, for example ``the key 'k' is that of case 5``.

    Raises:
        Conflict: the names differ; it says both.
    """
    if before != now:
        raise KeyTaken(
            f"{what}, a {before}; give a {now} a key of its own", zh="该编号已用于其他事项;请另编一个编号"
        )


def require_same_facts(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a key that came with other facts before; both are given as JSON carries them.

    Raises:
        Conflict: they differ; it names the facts, and none of their values.
    """
    missing = object()
    names = {*before, *now}
    others = sorted(name for name in names if before.get(name, missing) != now.get(name, missing))
    if others:
        raise KeyTaken(
            f"{what}, which came with other facts ({', '.join(others)}); "
            "give another matter a key of its own, or send again exactly what was sent",
            zh="该编号已用于内容不同的事项;请另编一个编号,或者原样重发",
        )


def no_case(case_id: int) -> NotFound:
    return NotFound(
        f"there is no case {case_id}; list them with `jiefen cases` (cases()), or look one up by its key",
        zh=f"没有 {case_id} 号案;可以用 jiefen cases 查看",
    )
