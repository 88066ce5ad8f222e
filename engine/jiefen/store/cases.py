"""Loading one case to work on, and writing what one step changed.

The case row is read and locked first and everything that hangs on it afterwards: PostgreSQL reads each statement from a
fresh snapshot, so what was read under the lock is what the last writer left.

Statements are built once, and compiled once: each of the two costs several times what SQLite needs to run one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.clock import CHINA
from jiefen.errors import Conflict
from jiefen.record.chain import START, Head, LinkedRow, covered, link
from jiefen.record.changes import Changes
from jiefen.record.kinds import CaseStatus, DeadlineStatus, EntryKind, Happening
from jiefen.record.refs import Ref, pressing_for
from jiefen.record.rows import CHANGING, CaseRow, DeadlineRow, JournalRow
from jiefen.store import schema
from jiefen.store.connecting.listening import collect
from jiefen.store.counter.kept import WRITTEN
from jiefen.store.desk import absences, index, links, parties
from jiefen.store.sealing.covering import EVERY_ROW, covered_rows
from jiefen.store.sealing.ring import ring_of
from jiefen.store.sealing.rows import marked, marked_deadlines, marked_entries, sealed_changes, sealed_entries
from jiefen.store.statements import Statement, Values, pipeline

# What a second write of the same row may change; the rest is fixed when the row is first written.
_TASK_UPDATED = (
    "area", "roles", "status", "due_at", "finished_at", "finished_by", "next_due", "township",
)  # fmt: skip
_AGENDA_UPDATED = (
    "at",
    "next_try_at",
    "status",
    "attempts",
    "topic",
    "data",
    "error",
    "carried_at",
    "answer_by",
)


#: A number of a case has no more digits than its column holds.
_MOST_DIGITS = 18
_ID = sa.bindparam("id_", type_=schema.Id)
_KEY = sa.bindparam("key_", type_=sa.String)
_TASK = sa.bindparam("task_", type_=sa.Integer)
_OPEN_DEADLINE = schema.deadline.c.status.in_(schema.STILL_OPEN)
_CASE = [schema.case.c[name] for name in CaseRow._fields]
_DEADLINE = [schema.deadline.c[name] for name in DeadlineRow._fields]

_CASE_WITH_KEY = Statement(sa.select(schema.case.c.id).where(schema.case.c.key == _KEY))
_LOCK_CASE = Statement(
    sa.select(*_CASE).where(schema.case.c.id == _ID).with_for_update(),
    CaseRow._make,
)
_LOCK_UNMERGED = Statement(
    sa.select(*_CASE)
    .where(schema.case.c.id == _ID, schema.case.c.status != schema.text_of(CaseStatus.MERGED))
    .with_for_update(),
    CaseRow._make,
)
_LOCK_CASE_OF_TASK = Statement(
    sa.select(*_CASE)
    .where(
        schema.case.c.id == sa.select(schema.task.c.case_id).where(schema.task.c.id == _ID).scalar_subquery()
    )
    .with_for_update(),
    CaseRow._make,
)
_OPEN_DEADLINES = Statement(
    sa.select(*_DEADLINE)
    .where(schema.deadline.c.case_id == _ID, _OPEN_DEADLINE)
    .order_by(schema.deadline.c.seq),
    DeadlineRow._make,
)
_TASK_AND_OPEN_DEADLINES = Statement(
    sa.select(
        schema.task,
        absences.away_when(
            sa.bindparam("person_", type_=sa.String), sa.bindparam("day_", type_=sa.Date)
        ).label("away"),
        *(column.label(f"deadline_{column.name}") for column in _DEADLINE),
    )
    .select_from(
        schema.task.outerjoin(
            schema.deadline, sa.and_(schema.deadline.c.case_id == schema.task.c.case_id, _OPEN_DEADLINE)
        )
    )
    .where(schema.task.c.id == _ID)
    .order_by(schema.deadline.c.seq)
)
_SEEN = sa.select(
    sa.exists().where(schema.journal.c.case_id == _ID, schema.journal.c.message_key == _KEY).label("seen")
).subquery()
_OF_CASE = sa.select(*_DEADLINE).where(schema.deadline.c.case_id == _ID, _OPEN_DEADLINE).subquery()
_SEEN_AND_OPEN_DEADLINES = Statement(
    sa.select(_SEEN.c.seen, *_OF_CASE.c)
    .select_from(_SEEN.outerjoin(_OF_CASE, sa.true()))
    .order_by(_OF_CASE.c.seq)
)
_UPDATE_CASE = Statement(
    sa.update(schema.case).where(
        schema.case.c.id == _ID, schema.case.c.revision == sa.bindparam("revision_", type_=sa.Integer)
    )
)
#: Between the name of a rung and the revision of the case at which its expiry was taken back; no rung has it in its
#: own name.
_TAKEN_BACK = "~"
_REMOVE_AGENDA = Statement(
    sa.delete(schema.agenda).where(
        schema.agenda.c.case_id == _ID,
        schema.agenda.c.kind == sa.bindparam("kind_", type_=sa.String),
        schema.agenda.c.ref == _KEY,
    )
)
_CLAIM_TASK = Statement(
    sa.update(schema.task)
    .where(schema.task.c.case_id == _ID, schema.task.c.key == _TASK)
    .values(assignee=sa.bindparam("person_", type_=sa.String))
)
_CHANGE_SUPERVISION = Statement(
    sa.update(schema.supervision)
    .where(schema.supervision.c.case_id == _ID, schema.supervision.c.ref == _KEY)
    .values(
        status=sa.bindparam("status_", type_=sa.String),
        reply_at=sa.bindparam("until_", type_=schema.Instant),
        answered_at=sa.bindparam("at_", type_=schema.Instant),
        answered_by=sa.bindparam("person_", type_=sa.String),
    )
)
_READDRESS = Statement(
    sa.update(schema.agenda)
    .where(schema.agenda.c.case_id == _ID, schema.agenda.c.id == sa.bindparam("entry_", type_=schema.Id))
    .values(data=sa.bindparam("data_", type_=schema.agenda.c.data.type))
)
_HAND_OVER = Statement(
    sa.update(schema.supervision)
    .where(schema.supervision.c.case_id == _ID, schema.supervision.c.ref == _KEY)
    .values(
        role=sa.bindparam("role_", type_=sa.String),
        holders=sa.bindparam("holders_", type_=schema.Json),
        area=sa.bindparam("area_", type_=sa.String),
    )
)
_MOVE_HEAD = Statement(
    sa.update(schema.case)
    .where(schema.case.c.id == _ID)
    .values(
        revision=schema.case.c.revision + 1,
        updated_at=sa.bindparam("at_", type_=schema.Instant()),
        entries=sa.bindparam("entries_", type_=sa.Integer),
        head=sa.bindparam("head_", type_=sa.LargeBinary),
    )
)
_INSERT_JOURNAL = Statement(sa.insert(schema.journal))
_INSERT_SUPERVISION = Statement(sa.insert(schema.supervision))


def case_with_key(connection: Connection, key: str) -> int | None:
    """The id of the case opened with ``key``, if there is one."""
    case_id: int | None = _CASE_WITH_KEY.value(connection, {"key_": key})
    return case_id


def matter(
    connection: Connection, number: str, now: datetime
) -> tuple[int, Mapping[str, object], frozenset[str]] | None:
    """The case with that key, else with that id: its id, its facts, and the rules whose deadlines run in it."""
    by_id: sa.ColumnElement[bool] = sa.false()
    if number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS:
        by_id = schema.case.c.id == int(number)
    by_key = schema.case.c.key == number
    case = connection.execute(
        sa.select(schema.case.c.id, schema.case.c.facts)
        .where(by_key | by_id)
        .order_by(sa.desc(by_key))
        .limit(1)
    ).first()
    if case is None:
        return None
    deadline = schema.deadline.c
    running = sa.select(deadline.rule).where(
        deadline.case_id == case.id,
        deadline.status.in_((str(DeadlineStatus.RUNNING), str(DeadlineStatus.SUSPENDED))),
        sa.or_(deadline.due_at.is_(None), deadline.due_at > now),
    )
    return case.id, case.facts, frozenset(connection.scalars(running))


def lock_case(connection: Connection, case_id: int) -> CaseRow | None:
    """The case row, locked for this transaction where the database locks rows."""
    case: CaseRow | None = _LOCK_CASE.first(connection, {"id_": case_id})
    return case


def lock_unmerged(connection: Connection, case_id: int) -> CaseRow | None:
    """The case row, locked as by :func:`lock_case`; ``None`` when it goes on in another case, or is none."""
    case: CaseRow | None = _LOCK_UNMERGED.first(connection, {"id_": case_id})
    return case


def lock_task(
    connection: Connection, task_id: int, person: str, on: date
) -> tuple[CaseRow, Any, list[DeadlineRow]] | None:
    """The case that a task belongs to, locked, then the task and the open deadlines of the case.

    The row of the task says as ``away`` by which absence a person, who is to do it, is away on a day.
    """
    with pipeline(connection):
        # In this order: what is read after the lock is what the last writer left.
        locked = _LOCK_CASE_OF_TASK.start(connection, {"id_": task_id})
        values = {"id_": task_id, "person_": person, "day_": on}
        hanging = _TASK_AND_OPEN_DEADLINES.start(connection, values)
        case, rows = locked.first(), hanging.rows()
    if case is None or not rows:
        return None
    first = len(schema.task.c) + 1
    deadlines = [DeadlineRow._make(row[first:]) for row in rows if row.deadline_seq is not None]
    return case, rows[0], deadlines


def open_deadlines(connection: Connection, case_id: int) -> list[DeadlineRow]:
    """The case's deadlines that can still change, oldest first."""
    return _OPEN_DEADLINES.rows(connection, {"id_": case_id})


def closed_deadlines(connection: Connection, case_id: int, rules: Collection[str]) -> list[DeadlineRow]:
    """The case's deadlines by some rules that nothing changes any more, oldest first."""
    query = (
        sa.select(*_DEADLINE)
        .where(schema.deadline.c.case_id == case_id, schema.deadline.c.rule.in_(rules), ~_OPEN_DEADLINE)
        .order_by(schema.deadline.c.seq)
    )
    return [DeadlineRow._make(row) for row in connection.execute(query)]


def open_and_ended_by(
    connection: Connection, case_id: int, by: str
) -> tuple[list[DeadlineRow], list[DeadlineRow]]:
    """The case's deadlines that can still change, and those that something has ended, both oldest first."""
    deadline = schema.deadline.c
    query = sa.select(*_DEADLINE).where(
        deadline.case_id == case_id, sa.or_(_OPEN_DEADLINE, deadline.closed_by == by)
    )
    rows = [DeadlineRow._make(row) for row in connection.execute(query.order_by(deadline.seq))]
    still_open = [row for row in rows if DeadlineStatus(row.status).can_change]
    return still_open, [row for row in rows if row not in still_open]


class Rounds(NamedTuple):
    """How often a case was opened again, and the largest key of a token that a task or delivery has kept; 0: none."""

    reopened: int
    last_key: int


def rounds(connection: Connection, case_id: int) -> Rounds:
    """What a case that is to be opened again has behind it."""
    task, agenda, entry, called = (
        schema.task.c,
        schema.agenda.c,
        schema.journal.c,
        Ref.call(0).name.rstrip("0"),
    )
    reopened = sa.select(sa.func.count()).where(
        entry.case_id == case_id, entry.kind == str(Happening.REOPENED)
    )
    of_tasks = sa.select(sa.func.max(task.key)).where(task.case_id == case_id)
    number = sa.cast(sa.func.substr(agenda.ref, len(called) + 1), sa.Integer)
    of_calls = sa.select(sa.func.max(number)).where(
        agenda.case_id == case_id, agenda.kind == str(EntryKind.DELIVERY), agenda.ref.startswith(called)
    )
    parts = (one.scalar_subquery() for one in (reopened, of_tasks, of_calls))
    times, *keys = connection.execute(sa.select(*parts)).one()
    return Rounds(times, max(key or 0 for key in keys))


def interrupted(connection: Connection, case_id: int, seq: int, rule: str) -> DeadlineRow:
    """The deadline whose interruption let the one of number ``seq`` begin."""
    query = (
        sa.select(schema.deadline)
        .where(
            schema.deadline.c.case_id == case_id,
            schema.deadline.c.seq < seq,
            schema.deadline.c.rule == rule,
            schema.deadline.c.status == "superseded",
        )
        .order_by(schema.deadline.c.seq.desc())
        .limit(1)
    )
    return DeadlineRow._make(connection.execute(query).one())


def deadlines_and_message(
    connection: Connection, case_id: int, message_key: str
) -> tuple[list[DeadlineRow], bool]:
    """The open deadlines of a case, and whether a message with this key came before."""
    rows = _SEEN_AND_OPEN_DEADLINES.rows(connection, {"id_": case_id, "key_": message_key})
    return [DeadlineRow._make(row[1:]) for row in rows if row.seq is not None], bool(rows[0].seen)


def insert_case(connection: Connection, values: Values) -> CaseRow | None:
    """A new case row; ``None`` when another writer has just opened a case with the same key."""
    case: CaseRow | None = _insert_case(connection.dialect.name).first(connection, values)
    return case


def alike(connection: Connection, facts: Mapping[str, object], since: date, most: int) -> int:
    """How many cases opened since that day (in China) have these facts, and the one being opened among them.

    No more than ``most`` are counted, so that it costs the same however many there are.
    """
    values: dict[str, object] = {
        f"fact_{at}": normalise_area(str(value)) if name == "area" else str(value)
        for at, (name, value) in enumerate(facts.items())
    }
    asked = {"since_": datetime.combine(since, time(0), CHINA), "most_": max(most - 1, 0)}
    # The facts of the case being opened are written at the end of its step.
    return int(_alike(tuple(facts)).value(connection, values | asked) or 0) + 1


@cache
def _alike(facts: tuple[str, ...]) -> Statement:
    """The query for cases that have these facts."""
    same = (_has(name, sa.bindparam(f"fact_{at}", type_=sa.String)) for at, name in enumerate(facts))
    found = (
        sa.select(sa.literal_column("1"))
        .where(schema.case.c.opened_at >= sa.bindparam("since_", type_=schema.Instant), *same)
        .limit(sa.bindparam("most_", type_=sa.Integer))
        .subquery()
    )
    return Statement(sa.select(sa.func.count().label("number")).select_from(found))


def _has(name: str, value: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """That a case has a fact: by its column where it has one, which an index serves."""
    if name == "area" or name in schema.FACT_COLUMNS:
        return schema.case.c[name] == value
    by_content: sa.ColumnElement[bool] = schema.case.c.facts[name].as_string() == value
    return by_content


def save(connection: Connection, row: CaseRow, changes: Changes) -> None:
    """Write the changes of one call, each table in one statement.

    Args:
        row: the case before them. Where its chain ends afterwards is added to ``changes.case``.

    Raises:
        Conflict: when the case is no longer at the revision of ``row``.
    """
    case_id, revision = row.id, row.revision
    kept = sealed_changes(connection, row, changes)
    withdrawn = [
        one
        for seq, since in changes.reopened
        for one in _withdraw_pressing(connection, case_id, revision, seq, since)
    ]
    entries = _link(row, kept, withdrawn)
    changes.case |= {name: kept.case[name] for name in ("entries", "head") if name in kept.case}
    values = marked(connection, schema.case, kept.case)
    values |= {"id_": case_id, "revision_": revision, "revision": revision + 1}
    if terms := index.changed_terms(changes.facts, ring_of(connection.dialect), changes.hidden):
        values["terms"] = terms
    with pipeline(connection):
        updated = _UPDATE_CASE.start(connection, values)
        _write(connection, case_id, kept, entries)
    index.keep_text(connection, case_id, changes.facts, changes.parties, new=revision == 0)
    if updated.changed != 1:
        raise Conflict(
            f"case {case_id} was changed by somebody else since it was read; read it again and retry"
        )
    collect(connection, changes.journal)


def lock_claimed(connection: Connection, person: str, after: int, limit: int) -> dict[int, list[Row[Any]]]:
    """The cases in which a person has claimed open tasks, locked in the order of their ids, and these tasks."""
    case, task = schema.case.c, schema.task.c
    theirs = sa.and_(task.assignee == person, task.finished_at.is_(None))
    has = case.id.in_(sa.select(task.case_id).where(theirs))
    query = sa.select(case.id).where(has, case.id > after).order_by(case.id).limit(limit)
    # Who waits for a lock reads what the one before has left: what was finished meanwhile has no tasks below.
    found: dict[int, list[Row[Any]]] = {one: [] for one in connection.scalars(query.with_for_update())}
    if found:
        tasks = sa.select(schema.task).where(theirs, task.case_id.in_(found)).order_by(task.case_id, task.key)
        for row in connection.execute(tasks):
            found[row.case_id].append(row)
    return found


def save_notes(connection: Connection, entries: Sequence[JournalRow], at: datetime) -> None:
    """Write what was noted at once in many locked cases; the revision of each moves."""
    noted: dict[int, list[JournalRow]] = {}
    for entry in entries:
        noted.setdefault(entry.case_id, []).append(entry)
    case = schema.case.c
    ends = sa.select(case.id, case.entries, case.head).where(case.id.in_(sorted(noted))).order_by(case.id)
    rows: list[LinkedRow] = []
    moved: list[Values] = []
    for end in connection.execute(ends):
        told = sealed_entries(connection, end.id, noted[end.id], end.entries)
        linked, head = link(told, Head(end.entries, START if end.head is None else end.head), {})
        rows += linked
        moved.append({"id_": end.id, "at_": at, "entries_": head.entries, "head_": head.hash})
    _MOVE_HEAD.run_each(connection, moved)
    _INSERT_JOURNAL.run_records(connection, marked_entries(connection, rows))
    collect(connection, entries)


def _write(connection: Connection, case_id: int, changes: Changes, entries: Sequence[LinkedRow]) -> None:
    """What hangs on the row of the case."""
    dialect = connection.dialect.name
    if changes.tasks:
        statement = _upsert(dialect, schema.task, ("case_id", "key"), _TASK_UPDATED)
        statement.run_records(connection, changes.tasks)
    if changes.deadlines:
        statement = _upsert(dialect, schema.deadline, ("case_id", "seq"), CHANGING)
        statement.run_records(connection, marked_deadlines(connection, changes.deadlines))
    if changes.agenda_removed:
        removed = [
            {"id_": case_id, "kind_": str(ref.kind), "key_": ref.name} for ref in changes.agenda_removed
        ]
        _REMOVE_AGENDA.run_each(connection, removed)
    if changes.agenda:
        statement = _upsert(dialect, schema.agenda, ("case_id", "kind", "ref"), _AGENDA_UPDATED)
        statement.run_each(connection, changes.agenda)
    if changes.claims:
        claims = [{"id_": case_id, "task_": key, "person_": one} for key, one in changes.claims.items()]
        _CLAIM_TASK.run_each(connection, claims)
    if changes.supervisions:
        _INSERT_SUPERVISION.run_each(connection, changes.supervisions)
    if changes.supervised:
        now = [
            {
                "id_": case_id,
                "key_": ref,
                "status_": str(one["status"]),
                "until_": one["reply_at"],
                "at_": one["answered_at"],
                "person_": one["answered_by"],
            }
            for ref, one in changes.supervised.items()
        ]
        _CHANGE_SUPERVISION.run_each(connection, now)
    if changes.readdressed:
        others = [
            {"id_": case_id, "entry_": one, "data_": data}
            for one, (_, _, data) in changes.readdressed.items()
        ]
        _READDRESS.run_each(connection, others)
    if changes.handed_over:
        handed = [
            {"id_": case_id, "key_": ref, "role_": role, "holders_": holders, "area_": area}
            for ref, (role, holders, area) in changes.handed_over.items()
        ]
        _HAND_OVER.run_each(connection, handed)
    if changes.parties:
        _upsert(dialect, parties.party, ("case_id", "seq"), parties.CHANGING).run_each(
            connection, changes.parties
        )
    for other, kind in changes.unlinked:
        links.DELETE.run_each(connection, [{"id_": case_id, "other_": other, "kind_": kind}])
    if changes.links:
        links.INSERT.run_each(connection, changes.links)
    for kept, rows in changes.counter.items():
        written = WRITTEN[kept]
        _upsert(dialect, written.table, written.key, written.changing).run_each(connection, rows)
    if entries:
        _INSERT_JOURNAL.run_records(connection, marked_entries(connection, entries))


def _link(row: CaseRow, changes: Changes, withdrawn: Sequence[Mapping[str, Any]]) -> list[LinkedRow]:
    """The entries of a call with their places in the chain of the case."""
    if not changes.journal:
        return []
    before = Head(row.entries, START if row.head is None else row.head)
    opened = row.entries == 0
    erased = changes.journal[-1].kind == Happening.ERASED
    written = covered(row, changes.case, changes.deadlines, whole=opened or erased)
    written |= covered_rows(changes, withdrawn)
    if opened:
        written[EVERY_ROW] = True
    entries, head = link(changes.journal, before, written)
    changes.case |= {"entries": head.entries, "head": head.hash}
    return entries


def pressing(connection: Connection, case_id: int, seq: int, since: datetime) -> list[Row[Any]]:
    """The open supervisions that press for a deadline since an instant."""
    query = (
        sa.select(schema.supervision).where(_presses(case_id, seq, since)).order_by(schema.supervision.c.id)
    )
    return list(connection.execute(query))


def _presses(case_id: int, seq: int, since: datetime) -> sa.ColumnElement[bool]:
    supervision = schema.supervision.c
    return sa.and_(
        supervision.case_id == case_id,
        supervision.status == "open",
        supervision.opened_at >= since,
        sa.or_(*(supervision.ref.startswith(start) for start in pressing_for(seq))),
    )


def _withdraw_pressing(
    connection: Connection, case_id: int, revision: int, seq: int, since: datetime
) -> list[Mapping[str, Any]]:
    """Take back what pressed for a deadline since an instant at which it had not expired; how it stands then."""
    supervision, agenda, rung = schema.supervision, schema.agenda, schema.rung
    pressing = _presses(case_id, seq, since)
    refs = sa.select(supervision.c.ref).where(pressing)
    replies = sa.and_(
        agenda.c.case_id == case_id, agenda.c.kind == str(EntryKind.REPLY), agenda.c.ref.in_(refs)
    )
    connection.execute(sa.delete(agenda).where(replies))
    columns = supervision.c
    answer = columns.ref, columns.status, columns.reply_at, columns.answered_at, columns.answered_by
    taken_back = sa.update(supervision).where(pressing).values(status="withdrawn").returning(*answer)
    found: list[Mapping[str, Any]] = [dict(row._mapping) for row in connection.execute(taken_back)]
    # Its row stays as evidence under another name, so that the rung can fire once more.
    after = sa.and_(
        rung.c.case_id == case_id,
        rung.c.deadline == seq,
        rung.c.fired_at >= since,
        rung.c.rung.not_like(f"%{_TAKEN_BACK}%"),
    )
    renamed = rung.c.rung + f"{_TAKEN_BACK}{revision}"
    connection.execute(sa.update(rung).where(after).values(rung=renamed))
    return found


def claim_rung(connection: Connection, case_id: int, deadline: int, rung: str, at: datetime) -> int | None:
    """Claim a rung of a deadline's ladder by inserting its row; ``None`` when it has fired before.

    Else how often it had fired for an expiry that was taken back.
    """
    values = {"case_id": case_id, "deadline": deadline, "rung": rung, "fired_at": at}
    values |= {"id_": case_id, "deadline_": deadline, "name_": f"{rung}{_TAKEN_BACK}%"}
    before: int | None = _insert_rung(connection.dialect.name).value(connection, values)
    return before


def _insert(dialect: str, table: sa.Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@cache
def _insert_case(dialect: str) -> Statement:
    statement = _insert(dialect, schema.case).on_conflict_do_nothing(index_elements=["key"])
    return Statement(statement.returning(*_CASE), CaseRow._make)


@cache
def _insert_rung(dialect: str) -> Statement:
    earlier = schema.rung.alias()
    taken_back = sa.select(sa.func.count()).where(
        earlier.c.case_id == _ID,
        earlier.c.deadline == sa.bindparam("deadline_", type_=sa.Integer),
        earlier.c.rung.like(sa.bindparam("name_", type_=sa.String)),
    )
    claim = _insert(dialect, schema.rung).values(
        {name: sa.bindparam(name) for name in ("case_id", "deadline", "rung", "fired_at")}
    )
    return Statement(claim.on_conflict_do_nothing().returning(taken_back.scalar_subquery().label("before")))


@cache
def _upsert(dialect: str, table: sa.Table, key: tuple[str, ...], updated: tuple[str, ...]) -> Statement:
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in updated}
    return Statement(statement.on_conflict_do_update(index_elements=list(key), set_=changed))
