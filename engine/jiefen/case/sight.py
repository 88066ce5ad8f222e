"""查阅: whether somebody may read a case, or a fact of it, and what they get of one that they may.

Nothing is given to who holds no post today. What lists, counts and finds goes by the same conditions as what opens a
case: :func:`jiefen.store.viewing.sight.seen_by` writes them, from what is said here of the reader.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final

from jiefen.areas import EVERYWHERE, normalise_area
from jiefen.edition.edition import Edition
from jiefen.errors import NotAllowed
from jiefen.notation.texts import person_id
from jiefen.people.authority import acts_in, with_deputies
from jiefen.people.confidential import terms_of
from jiefen.record.actor import Actor
from jiefen.record.desk.parties import Party
from jiefen.record.kinds import Grade
from jiefen.record.values import Case, Delivery, Entry, Incident, Task
from jiefen.rules import Administers, Role, Vocabulary
from jiefen.store.viewing.sight import Sight
from jiefen.story.facts import WITHHELD
from jiefen.story.snapshots import case_of

#: Under which name a delivery carries what the model puts in.
_INPUTS: Final = "inputs"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads, and why, if they say so."""

    actor: Actor
    because: str | None = None


def sight_of(viewer: Viewer, known: Mapping[str, Role], accused: Collection[str], on: date) -> Sight:
    """A reader as the tables know them, on a day in China.

    Args:
        known: the roles of the rules; a post of a role that they do not know lets nobody read.
        accused: the facts that say from whom a case is kept.
    """
    by = viewer.actor
    posts: dict[str | None, set[str]] = {}
    unplaced: set[str] = set()
    for post in by.held(on):
        if post.area is None or post.role not in known or not known[post.role].is_office:
            # 三员: who keeps the platform has nothing to do with its cases.
            continue
        roles = {post.role, *(role for role in known if post.role in with_deputies([role], known))}
        posts.setdefault(normalise_area(post.area) if post.area != EVERYWHERE else None, set()).update(roles)
        if acts_in(post, None, known):
            unplaced |= roles
    return Sight(
        id=by.id,
        person=person_id(by.id),
        terms=tuple(sorted(terms_of(by, on))),
        accused=tuple(sorted(accused)),
        posts={area: frozenset(roles) for area, roles in posts.items()},
        unplaced=frozenset(unplaced),
        with_reason=viewer.because is not None,
    )


@lru_cache(maxsize=64)
def withheld_facts(vocabulary: Vocabulary, knows: bool, opened: bool) -> frozenset[str]:
    """The facts that are withheld from who reads a case.

    Args:
        knows: they need to know what is sensitive in it: they work on it, lead it, or are named.
        opened: it is sealed, and open to them.
    """
    most = Grade.SEALED if opened else Grade.SENSITIVE if knows else Grade.PERSONAL
    return frozenset(name for name, fact in vocabulary.facts.items() if fact.grade.above(most))


def withheld_of(row: Any, edition: Edition) -> frozenset[str]:
    """The facts of a case that are withheld, by its row, which says as ``knows`` what its reader needs to know."""
    knows = getattr(row, "knows", None)
    if knows is None:
        return frozenset()
    return withheld_facts(edition.rulebook.vocabulary, bool(knows), row.grade == Grade.SEALED)


def case_seen(row: Any, edition: Edition) -> Case:
    """A case as its reader gets it: without the facts that are withheld, and with their number."""
    case, hidden = case_of(row, edition), withheld_of(row, edition)
    if hidden.isdisjoint(case.facts):
        return case
    facts = {name: value for name, value in case.facts.items() if name not in hidden}
    return replace(case, facts=facts, withheld=len(case.facts) - len(facts))


def task_seen(task: Task, row: Any) -> Task:
    """A task as whoever reads it gets it: what the model works out for it is for who needs to know."""
    return task if _knows(row) else replace(task, locals=dict.fromkeys(task.locals, WITHHELD))


def delivery_seen(delivery: Delivery, row: Any) -> Delivery:
    """A delivery: what it carries of the case, and what came back, is for who needs to know."""
    if _knows(row):
        return delivery
    payload = {
        name: dict.fromkeys(value, WITHHELD) if isinstance(value, Mapping) and name == _INPUTS else value
        for name, value in delivery.payload.items()
    }
    return replace(delivery, payload=payload, error=WITHHELD if delivery.error else delivery.error)


def incident_seen(incident: Incident, row: Any) -> Incident:
    """An incident: what an adapter or a process said is for who needs to know."""
    return incident if _knows(row) or not incident.error else replace(incident, error=WITHHELD)


def require_auditor(viewer: Viewer, known: Mapping[str, Role], on: date) -> None:
    """Let nobody read what people have read, and what they were refused, but the auditor.

    Raises:
        NotAllowed: they are none on that day, or keep something else of the platform as well.
    """
    by = viewer.actor
    kept = {
        known[post.role].administers for post in by.held(on) if post.area is not None and post.role in known
    }
    if not by.trusted and kept - {None} != {Administers.AUDIT}:
        raise NotAllowed(
            f"what people have read and were refused is for the audit administrator, and {by.id} is none",
            zh="查阅记录和拒绝记录由审计管理员查阅",
        )


def entry_seen(entry: Entry, hidden: frozenset[str]) -> Entry:
    """An entry of the journal with ``***`` in the place of every fact that is withheld."""
    return replace(entry, data=_without(entry.data, hidden)) if hidden else entry


def party_seen(party: Party, row: Any) -> Party:
    """A party as the reader of its case gets it: the number of the card is for who needs to know."""
    if _knows(row):
        return party
    return replace(party, id_number=None if party.id_number is None else f"{WITHHELD}{party.id_number[-4:]}")


def _knows(row: Any) -> bool:
    """Whether whoever reads needs to know what is sensitive, by the row; one for a program does not ask."""
    return getattr(row, "knows", None) in (None, True, 1)


def _without(data: Any, hidden: frozenset[str]) -> Any:
    if isinstance(data, Mapping):
        return {
            name: WITHHELD if name in hidden and value is not None else _without(value, hidden)
            for name, value in data.items()
        }
    return [_without(one, hidden) for one in data] if isinstance(data, list | tuple) else data
