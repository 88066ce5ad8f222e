"""Opening cases and reading them: one call, one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import (
    check_actor,
    check_choice,
    check_facts,
    check_id,
    check_key,
    check_page,
    facts_set_by,
    filters,
)
from jiefen.case.questions import Known
from jiefen.case.questions import open_questions as questions_of
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import case_seen, entry_seen, withheld_of
from jiefen.clock import china_date
from jiefen.commands.acting import issue_code
from jiefen.commands.filters import require_process, require_value
from jiefen.commands.lookup import case_row, deadlines_of, read_case, require_same_facts, require_same_name
from jiefen.deadlines.reached import Reached
from jiefen.edition.edition import Edition
from jiefen.errors import Conflict, FactError, NotFound
from jiefen.people.authority import require_act
from jiefen.people.directory import Organisation
from jiefen.record.actor import Actor
from jiefen.record.desk.parties import Party, parties_of
from jiefen.record.kinds import CaseStatus, Happening, TaskStatus
from jiefen.record.questions import Question
from jiefen.record.values import Case, Entry
from jiefen.store import cases as store
from jiefen.store import reading
from jiefen.store.desk import links
from jiefen.store.desk import parties as party_store
from jiefen.story import explain as story
from jiefen.story.explain import Explanation
from jiefen.story.snapshots import case_of, entry_of, task_of

#: Filters whose values are those of a choice in the vocabulary.
_CHOICES = ("stage", "level", "colour", "dispute_type", "outcome")


def open_within(
    runtime: Runtime,
    connection: Connection,
    process: str,
    facts: Mapping[str, Any],
    *,
    key: str,
    by: Actor,
    parties: Sequence[Party | Mapping[str, Any]] = (),
    asks: bool = False,
) -> Case:
    """Open a case inside a transaction, as :func:`jiefen.desk.opening.open_case` does, without a look at others of the
    same people.

    Args:
        asks: whether it is asked who may open it; not of an act that was asked for itself.

    Raises:
        NotFound, FactError, Conflict: as there.
    """
    now = runtime.clock.now()
    people = parties_of(parties, today=china_date(now))
    check_key(key, "key of a case")
    check_actor(by)
    check_key(process, "name of a process")
    check_facts(facts)
    edition = runtime.edition
    try:
        given, area = _intake(process, facts, edition)
    except (NotFound, FactError):
        # The case may be there since an edition that knew this process and these facts.
        existing = store.case_with_key(connection, key)
        if existing is None:
            raise
        return _opened_before(runtime, connection, existing, process, facts, people)
    if asks:
        require_act(by, area, f"opening a case in {area or 'no area yet'}", on=china_date(now))
    row = store.insert_case(
        connection,
        {
            "key": key,
            "process": process,
            "edition": edition.digest,
            "status": str(CaseStatus.OPEN),
            "area": area,
            "opened_at": now,
            "updated_at": now,
            "revision": 0,
            "facts": {},
        },
    )
    if row is None:
        existing = store.case_with_key(connection, key)
        if existing is None:
            raise Conflict(f"a case with key {key!r} is being opened by somebody else; try again")
        return _opened_before(runtime, connection, existing, process, facts, people)
    step = runtime.step(connection, row, (), now, by.id)
    step.open(process, given, partial(store.alike, connection), people)
    directory = runtime.directory(connection)
    unknown = isinstance(directory, Organisation) and area is not None and area not in directory.units
    if unknown:
        step.recording.note(Happening.AREA_UNKNOWN, area)
    code = issue_code(step.recording)
    opened = case_of(step.save(connection), edition, step.facts())
    return replace(opened, code=code, unknown_area=unknown)


def case(runtime: Runtime, case_id: int, *, session: HostTransaction = None) -> Case:
    """One case.

    Raises:
        NotFound: there is none with this id.
    """
    check_id(case_id, "case")
    with runtime.reading(session) as connection:
        return read_case(runtime, connection, case_id)


def cases(
    runtime: Runtime,
    *,
    status: str | None = None,
    area: str | None = None,
    stage: str | None = None,
    level: str | None = None,
    colour: str | None = None,
    dispute_type: str | None = None,
    outcome: str | None = None,
    process: str | None = None,
    key: str | None = None,
    leader: str | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Case]:
    """Cases in the order of their ids. ``area`` includes what lies inside it; page with ``after=cases[-1].id``.

    Raises:
        UnknownValue: there is no such status, or no edition in use knows the process; the message names the nearest.
        FactError: no edition in use knows the stage, level, colour, type or outcome; or an area, a page or a filter
            that cannot be.
    """
    check_page(after, limit)
    given = {
        "status": status, "stage": stage, "level": level, "colour": colour, "dispute_type": dispute_type,
        "outcome": outcome, "process": process, "key": key, "leader": leader,
    }  # fmt: skip
    filters(**given)
    wanted = {name: value for name, value in given.items() if value is not None}
    within = normalise_area(area) if area is not None else None
    if status is not None:
        check_choice(status, "status of cases", CaseStatus)
    with runtime.reading(session) as connection:
        require_process(runtime, connection, process)
        for name in _CHOICES:
            require_value(runtime, connection, name, given[name])
        rows = reading.cases(connection, wanted, within, after, limit, runtime.seen(connection))
        return [case_seen(row, runtime.edition_of(connection, row.edition)) for row in rows]


def history(
    runtime: Runtime, case_id: int, *, after: int = 0, limit: int = 1000, session: HostTransaction = None
) -> list[Entry]:
    """The journal of a case in order; page with ``after=entries[-1].id``.

    Raises:
        NotFound: there is no such case.
    """
    check_id(case_id, "case")
    check_page(after, limit)
    with runtime.reading(session) as connection:
        row = case_row(connection, case_id, runtime.seen(connection))
        hidden = withheld_of(row, runtime.edition_of(connection, row.edition))
        entries = reading.journal(connection, case_id, after, limit)
        return [entry_seen(entry_of(entry), hidden) for entry in entries]


def explain(runtime: Runtime, case_id: int, *, session: HostTransaction = None) -> Explanation:
    """Why the case went where it went, and why each date is what it is: rule, version, article.

    Raises:
        NotFound: there is no such case.
    """
    check_id(case_id, "case")
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        row = case_row(connection, case_id, runtime.seen(connection))
        edition = runtime.edition_of(connection, row.edition)
        case, hidden = case_seen(row, edition), withheld_of(row, edition)
        journal = [entry_of(item) for item in _whole_journal(connection, case_id)]
        deadlines = deadlines_of(runtime, connection, row, now)
        edition_of, law = partial(runtime.edition_of, connection), runtime.edition.rulebook
        onward = links.goes_on_in(connection, case_id) if case.status is CaseStatus.MERGED else None
        told = story.explain(case, journal, deadlines, edition_of, now, law, onward, hidden)
        return replace(told, journal=tuple(entry_seen(entry, hidden) for entry in journal))


def open_questions(
    runtime: Runtime, case_id: int, *, session: HostTransaction = None
) -> tuple[Question, ...]:
    """What should be asked: the missing facts, and the messages that may have come, on which a right or the route of
    the case depends, the most urgent first.

    Each says why (rule and article), what it would do, and by which day a right may be lost. Nothing is changed. A case
    that has ended is asked about as well: the rights of its parties go on. One that was voided is not, nor one that was
    merged: the case in which it goes on is.

    Raises:
        NotFound: there is no such case.
    """
    check_id(case_id, "case")
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        row = case_row(connection, case_id, runtime.seen(connection))
        if row.status in (CaseStatus.MERGED, CaseStatus.VOIDED):
            return ()
        edition = runtime.edition_of(connection, row.edition)
        assumed = set(row.assumed or ())
        facts = edition.rulebook.vocabulary.from_json(row.facts)
        known = Known(
            edition=edition,
            view=edition.view(row.area),
            facts={name: value for name, value in facts.items() if name not in assumed},
            reached=Reached(row.reached),
            deadlines=deadlines_of(runtime, connection, row, now),
            process=row.process,
            area=row.area,
            today=china_date(now),
            tasks=[task_of(task) for task in _open_tasks(connection, case_id)],
        )
        return questions_of(known)


def _intake(process: str, facts: Mapping[str, Any], edition: Edition) -> tuple[dict[str, object], str | None]:
    """What a new case of that process begins with: its facts and its area."""
    edition.processes.require(process)
    given = facts_set_by(facts, edition.rulebook.vocabulary, ("intake",))
    area = given.get("area")
    return given, normalise_area(area) if isinstance(area, str) else None


def _opened_before(
    runtime: Runtime,
    connection: Connection,
    case_id: int,
    process: str,
    facts: Mapping[str, Any],
    parties: Sequence[Party],
) -> Case:
    """The case that a key stands for already, after a look whether the same is asked for again.

    Facts and parties are compared with those given then, facts as the edition of the case understands them: the case
    may have changed its own since.
    """
    case = read_case(runtime, connection, case_id)
    what = f"the key {case.key!r} is that of case {case_id}"
    require_same_name(what, case.process, process)
    vocabulary = runtime.edition_of(connection, case.edition).rulebook.vocabulary
    try:
        given = vocabulary.dump(facts_set_by(facts, vocabulary, ("intake",)))
    except FactError as error:
        raise Conflict(f"{what}, and comes again with facts that it cannot have had: {error}") from error
    entry = reading.opening(connection, case_id)
    if entry is not None and entry.kind == Happening.OPENED:
        before = entry.data.get("facts", {}) | {"parties": party_store.opened_with(connection, case_id)}
        require_same_facts(what, before, given | {"parties": party_store.opened_as(connection, parties)})
    return case


def _open_tasks(connection: Connection, case_id: int) -> list[Any]:
    everything: dict[str, Any] = {"role": None, "area": None, "assignee": None, "after": 0, "limit": 1000}
    return reading.tasks(connection, status=TaskStatus.OPEN, case_id=case_id, **everything)


def _whole_journal(connection: Connection, case_id: int) -> Iterator[Row[Any]]:
    after = 0
    while rows := reading.journal(connection, case_id, after, 1000):
        yield from rows
        after = rows[-1].id
