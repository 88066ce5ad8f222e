"""What comes from outside: messages, and the answers to deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.agenda import deliveries as carrying
from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.arguments import (
    check_actor,
    check_choice,
    check_facts,
    check_id,
    check_key,
    check_page,
    facts_set_by,
)
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import delivery_seen
from jiefen.case.state.withdrawal import key_parts
from jiefen.clock import china_date
from jiefen.commands.acting import come_in_person, keep, recording_of, require_declaring, require_party
from jiefen.commands.binding import note_refusal
from jiefen.commands.lookup import (
    KeyTaken,
    case_row,
    locked_case,
    require_same_facts,
    require_same_name,
    without_names,
)
from jiefen.notation.texts import MOST_ID
from jiefen.people.authority import require_act
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, EntryStatus, Happening, Received
from jiefen.record.rows import CaseRow
from jiefen.record.values import Answer, Delivery
from jiefen.store import agenda as agenda_store
from jiefen.store import cases as store
from jiefen.store import reading
from jiefen.store.desk import links


def message(
    runtime: Runtime,
    name: str,
    *,
    case: int,
    key: str,
    facts: Mapping[str, Any] | None = None,
    by: Actor | None = None,
    party: int | None = None,
    session: HostTransaction = None,
) -> bool:
    """Take a message from outside for a case, as :meth:`receive` does. Returns whether the process waited for it."""
    received = receive(runtime, name, case=case, key=key, facts=facts, by=by, party=party, session=session)
    return received is Received.CAUGHT


def receive(
    runtime: Runtime,
    name: str,
    *,
    case: int,
    key: str,
    facts: Mapping[str, Any] | None = None,
    by: Actor | None = None,
    party: int | None = None,
    session: HostTransaction = None,
) -> Received:
    """Take a message from outside for a case. The same ``key`` twice is once, when name and facts are the same.

    Its facts become facts of the case, and what the message reaches is reached on its own day, whether or not the
    process waits for it. A process that may still come to wait for it takes it then, with its facts.

    Args:
        by: who brings it; the program of the engine when absent. What declares a party's will (``will`` in
            ``messages.yaml``) is for the party, :meth:`Actor.party`, or for an office of the place that records it.
        party: the number of the party whose will an office records.

    Returns:
        What became of it: :class:`Received`.

    Raises:
        NotFound: there is no such case, its edition knows no message of that name, or it has no such party.
        NotAllowed: it declares the will of a party, and comes from a program or from somebody without a post there; or
            who brings it as a party is none of this case.
        FactError: a fact is unknown, out of its domain, or not for messages to set; its day cannot be; the key is none.
        Conflict: another message came to the case with this key, or the same one with other facts.
    """
    check_key(name, "name of a message")
    check_key(key, "key of a message")
    check_id(case, "case")
    told = check_facts(facts) if facts is not None else {}
    if party is not None:
        check_id(party, "party")
    actor = check_actor(by, party=True) if by is not None else runtime.program
    try:
        return take(
            runtime, name, case=case, key=key, told=told, actor=actor, party=party, session=session, asks=True
        )
    except KeyTaken as error:
        # The auditor sees it: whoever has taken the key of a genuine message keeps that out.
        note_refusal(runtime, "message", actor, case, error, session)
        raise


def take(
    runtime: Runtime,
    name: str,
    *,
    case: int,
    key: str,
    told: Mapping[str, Any],
    actor: Actor,
    party: int | None = None,
    session: HostTransaction = None,
    asks: bool = False,
) -> Received:
    """Take a message that was looked at, or that the engine gives itself.

    Args:
        asks: whether it is asked who may bring it; not of what the engine brings, or an act that was asked for itself.
    """
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        row, came_to = _open_end(connection, case)
        if row.id != case and store.deadlines_and_message(connection, case, key)[1]:
            # It came before the cases were merged.
            row = came_to
        elif row.id != case:
            # Whoever sends it knows the case by its old number, and may have used the key for the other one as well.
            key = _key_of(case, key)
        case = row.id
        deadlines, seen = store.deadlines_and_message(connection, case, key)
        edition = runtime.edition_of(connection, row.edition)
        edition.require_message(name)
        vocabulary = edition.rulebook.vocabulary
        given = facts_set_by(told, vocabulary, ("message", f"message:{name}"))
        if seen:
            entry = reading.message(connection, case, key)
            what = f"the key {key!r} is that of a message that case {case} has had"
            require_same_name(what, entry.subject, name)
            require_same_facts(what, entry.data["facts"], vocabulary.dump(given))
            return Received.REPEATED
        known = edition.rulebook.messages.get(name)
        if actor.in_person is not None:
            actor = come_in_person(connection, row, came_to, actor)
            party = actor.in_person.number if actor.in_person is not None else None
        if known is not None and known.will:
            require_declaring(runtime, row, actor, known)
        elif asks:
            require_act(actor, row.area, f"{name} for case {case}", on=china_date(now))
        if party is not None:
            require_party(connection, came_to.id, party)
        if case != came_to.id:
            recording = recording_of(runtime, came_to, actor)
            recording.note(Happening.FORWARDED, str(case), name=name)
            keep(connection, recording)
        step = runtime.step(connection, row, deadlines, now, actor.id)
        step = after_due_entries(runtime, connection, step)
        received = step.message(name, given, key, party)
        step.save(connection)
        return received


def _open_end(connection: Connection, case: int) -> tuple[CaseRow, CaseRow]:
    """The case in which a case goes on, which may be itself, and the case itself; both locked in the order of ids."""
    unmerged = store.lock_unmerged(connection, case)
    if unmerged is not None:
        return unmerged, unmerged
    while True:
        last = links.goes_on_in(connection, case)
        rows = {one: locked_case(connection, one) for one in sorted({case, last})}
        # Else somebody has merged it while its lock was waited for.
        if rows[last].status != CaseStatus.MERGED:
            return rows[last], rows[case]


def _key_of(case: int, key: str) -> str:
    """The key under which a message to a merged case is known in the other one."""
    own = f"{case}:{key}"
    return own if len(own) <= MOST_ID else f"{case}:{sha256(key.encode()).hexdigest()}"


def deliveries(
    runtime: Runtime,
    *,
    status: str | None = None,
    case: int | None = None,
    topic: str | None = None,
    key: str | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Delivery]:
    """Deliveries in the order of their ids; page with ``after=deliveries[-1].id``.

    Args:
        status: ``pending``, ``parked``, ``sent`` or ``incident``; ``answered`` or ``withdrawn`` for those that are
            over, which hold no payload any more. Absent: the parked ones, or with ``case`` or ``key`` every one.
        case: those of one case.
        topic: those of one topic.
        key: the one that the outside knows by this key.

    Raises:
        UnknownValue: there is no such status; the message names the nearest.
        FactError: a filter that cannot be.
    """
    check_page(after, limit)
    if case is not None:
        check_id(case, "case")
    for name, given in (("topic", topic), ("key of a delivery", key)):
        if given is not None:
            check_key(given, name)
    if status is not None:
        check_choice(status, "status of deliveries", EntryStatus)
    elif case is None and key is None:
        status = EntryStatus.PARKED
    ref = None
    if key is not None:
        named = key_parts(key)
        if named is None or case not in (None, named[0]):
            return []
        case, ref = named
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        seen = runtime.seen(connection)
        rows = agenda_store.deliveries(connection, status, case, topic, ref, after, limit, seen)
        return without_names(connection, [delivery_seen(carrying.delivery_of(row, now), row) for row in rows])


def answer(
    runtime: Runtime,
    delivery_id: int,
    answer: Answer,
    *,
    by: Actor | None = None,
    session: HostTransaction = None,
) -> None:
    """Take the answer of an outside system to a delivery.

    Args:
        by: who brings it; the program of the engine when absent.

    Raises:
        NotFound: there never was such a delivery.
        AlreadyDone: it was answered or withdrawn before; the message says which, and when. So a retry of the outside
            is known for what it is. An answer to a delivery that was withdrawn is kept in the journal.
        FactError: the answer is none, or a fact of it is not for messages to set.
    """
    check_id(delivery_id, "delivery")
    actor = check_actor(by) if by is not None else runtime.program
    if not actor.trusted:
        with runtime.reading(session) as connection:
            entry = agenda_store.entry(connection, delivery_id)
            area = case_row(connection, entry.case_id).area if entry is not None and entry.case_id else None
        require_act(actor, area, f"the answer to delivery {delivery_id}", on=china_date(runtime.clock.now()))
    carrying.receive(runtime, delivery_id, answer, session, actor.id)
