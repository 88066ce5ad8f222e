"""立案: a case is opened at the counter, and compared with those of the same people.

What may be the same matter under another key is linked for a person to decide (疑似重复件), never swallowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.case.arguments import check_actor, check_facts, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.cases import open_within
from jiefen.commands.lookup import locked_case
from jiefen.desk import links as linking
from jiefen.errors import FactError
from jiefen.record.actor import Actor
from jiefen.record.desk.likeness import Sameness, likeness, sameness
from jiefen.record.desk.parties import Party, parties_of
from jiefen.record.kinds import LinkKind
from jiefen.record.values import Case
from jiefen.store.desk import parties as people_store
from jiefen.store.desk import rows as store
from jiefen.story.snapshots import party_snapshot

#: Two matters whose titles share so much of their wording may be one.
ALIKE: Final = 0.6
#: Repeats are looked for among cases that are not older, and among so many of the newest of the same people.
_LOOKED_BACK: Final = timedelta(days=3660)
_MOST_COMPARED: Final = 50
_SAME_PEOPLE: Final = "人员相同或者相近、事由相近 / the same or similar people, a similar matter"


def open_case(
    runtime: Runtime,
    process: str,
    facts: Mapping[str, Any],
    *,
    key: str,
    by: Actor,
    parties: Sequence[Party | Mapping[str, Any]] = (),
    session: HostTransaction = None,
) -> Case:
    """Open a case. A ``key`` that comes again with the same process, facts and parties gives that case back and changes
    nothing.

    Other cases of the same or similar people about a similar matter are linked as probable repeats, for a person to
    decide (:meth:`decide_repeat`); ``alike`` of the case that was opened names them. A case whose area the directory
    does not have is opened, its journal says so, and so does ``unknown_area``: nobody there is told of it before it is
    moved, or the directory has the unit.

    Args:
        parties: who it is about and who speaks for them, each a :class:`~jiefen.Party` or a mapping with ``part`` and
            ``name``; they are numbered from 1 in their order, and ``represents`` names one of these numbers.

    Raises:
        NotFound: there is no such process.
        FactError: the process begins no case by itself, or a fact or party is unknown, out of its domain, or a fact not
            one that intake may set; or the key is none.
        Conflict: the key is that of a case that was opened by another process or with other facts or parties.
    """
    people = parties_of(parties, today=china_date(runtime.clock.now()))
    check_key(key, "key of a case")
    check_actor(by)
    check_facts(facts)
    require_by_itself(runtime, process)
    with runtime.writing(session) as connection:
        opened = open_within(runtime, connection, process, facts, key=key, by=by, parties=people, asks=True)
        found = alike(runtime, connection, opened.id, facts, people) if opened.code is not None else []
        if not found:
            return opened
        link_alike(runtime, connection, opened.id, found, by)
        return replace(opened, alike=tuple(found), revision=opened.revision + 1)


def require_by_itself(runtime: Runtime, process: object) -> None:
    """Refuse a process that only goes on from something else: nobody would be told what came of the case.

    Raises:
        FactError: it is one; the message names what begins it.
    """
    begun_by = runtime.edition.processes.begun_by(check_key(process, "name of a process"))
    if begun_by is not None:
        raise FactError(
            f"the process {process!r} is begun by {begun_by} alone, and would belong to nothing by itself; use that",
            zh=f"流程“{process}”只由 {begun_by} 启动,不能单独立案;请改用 {begun_by}",
        )


def alike(
    runtime: Runtime, connection: Connection, case: int, facts: Mapping[str, Any], parties: Sequence[Party]
) -> list[int]:
    """The cases of the same people that may be the same matter as a case that was just opened, the newest first."""
    if not parties:
        return []
    since = runtime.clock.now() - _LOOKED_BACK
    asked: dict[str, Any] = {"except_case": case, "since": since, "most": _MOST_COMPARED}
    kind = {row.id: row for row in store.of_a_kind(connection, facts, **asked)}
    found = {row.id: row for row in people_store.cases_of_people(connection, parties, **asked)} | kind
    title = str(facts.get("title") or "")
    # Where neither says what it is called, the type of dispute and the area must be the same.
    near = [
        one for one, row in sorted(found.items(), reverse=True)
        if likeness(str(row.title or ""), title) >= ALIKE and (title or one in kind)
    ]  # fmt: skip
    theirs: dict[int, list[Party]] = {}
    for row in people_store.of_cases(connection, near) if near else ():
        theirs.setdefault(row.case_id, []).append(party_snapshot(row))
    return [other for other in near if share(theirs.get(other, ()), parties, at_least=Sameness.PERHAPS)]


def link_alike(runtime: Runtime, connection: Connection, case: int, others: Iterable[int], by: Actor) -> None:
    """Link a case that was just opened to those that may be the same matter, wherever they lie.

    Only its own journal tells it: whoever reads the other ones need not know that there is this one.
    """
    one = recording_of(runtime, locked_case(connection, case), by)
    for other in sorted(others):
        linking.propose(one, other, LinkKind.PROBABLE_REPEAT, _SAME_PEOPLE)
    keep(connection, one)


def share(some: Iterable[Party], others: Sequence[Party], *, at_least: Sameness) -> bool:
    """Whether somebody has the same part in both; whoever is not named is nobody."""
    return any(
        one.part == other.part and sameness(one, other) >= at_least and _is_named(one)
        for one in some
        for other in others
    )


def _is_named(party: Party) -> bool:
    return party.name != "匿名" or party.phone is not None
