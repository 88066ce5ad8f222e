"""A person acts on a case, in one transaction: a step of its process, or a record beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.arguments import check_actor, check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.lookup import case_row, locked_case
from jiefen.errors import NotAllowed, NotFound
from jiefen.people.authority import refuse_recused, require_act, require_area
from jiefen.people.confidential import accused_of, refuse_accused_reader
from jiefen.people.posts import posts_of
from jiefen.record.actor import Actor
from jiefen.record.counter.codes import digest_of, new_code
from jiefen.record.counter.kept import Kept
from jiefen.record.recording import Recording
from jiefen.record.rows import CaseRow
from jiefen.rules import Message
from jiefen.store import cases as store
from jiefen.store.counter import codes
from jiefen.store.desk import parties


def recording_of(runtime: Runtime, case: CaseRow, by: Actor) -> Recording:
    """What a call records about a locked case without a step of its process."""
    return Recording(case, runtime.clock.now(), by.id, ())


def keep(connection: Connection, recording: Recording) -> None:
    """Write what was recorded; revision and time of change of the case move with it.

    Raises:
        Conflict: somebody else has changed the case since it was read.
    """
    recording.changes.case["updated_at"] = recording.now
    store.save(connection, recording.row, recording.changes)


def issue_code(recording: Recording) -> str:
    """Give a case a code; the one before, if any, is no code any more. Only its digest is kept."""
    code = new_code()
    row = {"case_id": recording.case_id, "digest": digest_of(code), "issued_at": recording.now}
    recording.changes.counter[Kept.CODE] = [row]
    return code


@contextmanager
def beside(
    runtime: Runtime, case_id: int, by: Actor, session: HostTransaction
) -> Iterator[tuple[Connection, Recording, CaseRow]]:
    """A record beside the process of a locked case, by somebody who may act there; :func:`keep` writes it."""
    check_id(case_id, "case")
    check_actor(by)
    with runtime.writing(session) as connection:
        row = locked_case(connection, case_id)
        require_in(runtime, connection, row, by)
        yield connection, recording_of(runtime, row, by), row


@contextmanager
def kept_of(
    runtime: Runtime, case_id: int, by: Actor, session: HostTransaction
) -> Iterator[tuple[Connection, Row[Any]]]:
    """What an office keeps about a case, for somebody who may act there, to read.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
    """
    check_id(case_id, "case")
    check_actor(by)
    with runtime.reading(session) as connection:
        row = case_row(connection, case_id, runtime.seen(connection))
        if runtime.viewer is None:
            refuse_outsider(runtime, connection, row, by)
        yield connection, row


def refuse_involved(runtime: Runtime, connection: Connection, row: Any, by: Actor) -> None:
    """Keep a case from who has a part in it.

    Raises:
        NotAllowed: the actor is recused from it, or is accused in it.
    """
    refuse_recused(row, by.id)
    edition = runtime.edition_of(connection, row.edition)
    facts, today = edition.rulebook.vocabulary.from_json(row.facts), china_date(runtime.clock.now())
    refuse_accused_reader(
        edition.processes, facts, by, f"what the office keeps about case {row.id}", on=today
    )


def refuse_named(runtime: Runtime, connection: Connection, row: Any, person: str) -> None:
    """Keep a case from somebody whom others name for it: as its leader, its reader, or to meet its people.

    Of their posts counts what the directory knows: nobody is named who holds a role of an accused unit.

    Raises:
        NotAllowed: they are recused from it or accused in it, or their unit is.
    """
    edition, today = runtime.edition_of(connection, row.edition), china_date(runtime.clock.now())
    known = edition.rulebook.roles
    accused = accused_of(edition.processes, edition.rulebook.vocabulary.from_json(row.facts))
    units, directory = accused.roles & known.keys(), runtime.directory(connection)
    posts = (
        posts_of(directory, person, units, row.area, known, today) if units and directory is not None else ()
    )
    refuse_involved(runtime, connection, row, Actor(person, posts=posts))


def require_in(runtime: Runtime, connection: Connection, row: Any, by: Actor) -> None:
    """Let who may do it, as ``authority.yaml`` says, do something to what an office keeps about a case.

    Raises:
        NotAllowed: the actor is recused from it, is accused in it, or may not do it there.
    """
    refuse_involved(runtime, connection, row, by)
    require_act(by, row.area, f"case {row.id}", on=china_date(runtime.clock.now()))


def refuse_outsider(runtime: Runtime, connection: Connection, row: Any, by: Actor) -> None:
    """Keep what an office keeps about a case from who may not work on it.

    Raises:
        NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
    """
    refuse_involved(runtime, connection, row, by)
    today = china_date(runtime.clock.now())
    require_area(by, row.area, runtime.edition.rulebook.roles, f"case {row.id}", on=today)


@contextmanager
def acting(
    runtime: Runtime, case_id: int, by: Actor, session: HostTransaction, *, tests: bool = False
) -> Iterator[tuple[Step, str | None, Connection]]:
    """A step of a case by a person, in one transaction, and the area of the case; kept when the block ends well.

    Args:
        tests: whether the caller asks who may do it by itself, with what it knows of it; see :func:`require_act`.
    """
    check_id(case_id, "case")
    check_actor(by)
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        row = locked_case(connection, case_id)
        step = runtime.step(connection, row, store.open_deadlines(connection, case_id), now, by.id)
        if not tests:
            require_act(by, row.area, f"case {case_id}", on=china_date(now))
        step = after_due_entries(runtime, connection, step)
        yield step, row.area, connection
        if step.register.changed or step.recording.changes.journal:
            step.save(connection)


def come_in_person(connection: Connection, case: CaseRow, came_to: CaseRow, by: Actor) -> Actor:
    """Whoever acts as a party, once their code or their case has shown that this one is theirs.

    Args:
        case: in which it goes on after merges.
        came_to: for which it was said.

    Raises:
        FactError: the code cannot be one.
        NotAllowed: it is the code of another case, or of none, or they are a party of another one.
    """
    assert by.in_person is not None
    theirs, code = by.in_person.case, by.in_person.code
    if code is not None:
        theirs = codes.case_with(connection, digest_of(code))
    if theirs == case.id:
        return by.come_as(case.id)
    if theirs is None or theirs != came_to.id:
        raise NotAllowed(
            f"whoever acts as a party is none of case {came_to.id}: their code is that of no such case",
            zh=f"查询码或者当事人身份与 {came_to.id} 号案不符",
        )
    return by.come_as(came_to.id)


def require_declaring(runtime: Runtime, case: CaseRow, by: Actor, message: Message) -> None:
    """Let the will of a party be said by nobody but the party, or recorded by an office of the place.

    Raises:
        NotAllowed: a program says it alone, or somebody who holds no post there, or is recused.
    """
    if by.in_person is not None:
        return
    what = f"{message.id} ({message.title})"
    if by.trusted:
        raise NotAllowed(
            f"{what} says what a party of case {case.id} wants, and {by.id} alone may not: give by=Actor.party(code), "
            "Actor.representative(case, number), or an office that records it",
            zh=f"“{message.title.zh}”是当事人的意思表示,程序不能代为作出;请由当事人凭查询码作出,或者由经办单位记录",
        )
    refuse_recused(case, by.id)
    today = china_date(runtime.clock.now())
    require_act(by, case.area, f"recording {what}", on=today, act="message.will")


def require_party(connection: Connection, case_id: int, number: int) -> None:
    """Refuse a number that is no party's of a case.

    Raises:
        NotFound: there is none.
    """
    known = [row.seq for row in parties.of_cases(connection, [case_id])]
    if number not in known:
        raise NotFound(
            f"case {case_id} has no party {number}; there are {', '.join(map(str, known)) or 'none'} "
            f"(jiefen party list {case_id})",
            zh=f"本案没有 {number} 号当事人",
        )
