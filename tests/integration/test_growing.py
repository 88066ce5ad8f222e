"""What is asked across cases stays as dear as its page, however many cases of years there are; on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from jiefen import EVERYWHERE, Actor, Between, Engine, NotFound
from jiefen.record.desk.parties import party_of
from jiefen.store import schema
from jiefen.store.counter.appointments import appointment
from jiefen.store.desk import index
from jiefen.store.viewing.readers import reader
from tests.integration.conftest import Opener

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
TALE = "邻居在共用通道上砌墙堵路,多次协商没有结果,要求拆除并恢复原状,赔偿修缮和误工的损失"
YEARS = 4_000
NEEDLE = 1_700
#: The tables with rows of years here; what a reader has to do with a case stands in statements as `seen_…`.
OF_YEARS = "case|task|deadline|journal|agenda|supervision|fact|text|party|reader|appointment|entry"
WHOLE = re.compile(rf"(?:SCAN (?:jiefen|seen)|Seq Scan on jiefen)_(?:{OF_YEARS})\b")


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An office of years: most cases are over, and in nearly all of them something was missed."""
    engine = opener(processes=None, rules=None)
    facts = {
        "source": "walk_in",
        "dispute_type": "neighbour",
        "area": "140429102",
        "title": "样板",
        "urgent": True,
    }
    people = [{"part": "applicant", "name": "张三", "phone": "13800000000"}]
    first = engine.open_case("dispute", facts, key="k", by=CLERK, parties=people).id
    with engine._runtime.database.writing() as connection:
        copy_of(connection, first)
    with engine._runtime.database.writing() as connection:
        if connection.dialect.name == "postgresql":
            # What autovacuum does in the background.
            connection.exec_driver_sql("SELECT gin_clean_pending_list('ix_jiefen_text_pairs')")
        connection.exec_driver_sql("ANALYZE")
    return engine


def copy_of(connection: sa.Connection, first: int) -> None:
    """Cases like the first one, row by row."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    case = connection.execute(sa.select(schema.case).where(schema.case.c.id == first)).one()._asdict()
    deadline = connection.execute(sa.select(schema.deadline).limit(1)).one()._asdict()
    party = connection.execute(sa.text("SELECT * FROM jiefen_party")).one()._asdict()
    tables = sa.MetaData()
    parties = sa.Table("jiefen_party", tables, autoload_with=connection)
    task = connection.execute(sa.select(schema.task).limit(1)).one()._asdict()
    entry = connection.execute(sa.select(schema.journal).limit(1)).one()._asdict()
    rows: dict[str, list[dict[str, Any]]] = {"case": [], "deadline": [], "fact": [], "text": [], "party": []}
    work: dict[sa.Table, list[dict[str, Any]]] = {
        table: []
        for table in (schema.task, schema.journal, schema.supervision, schema.agenda, reader, appointment)
    }
    for number in range(1, YEARS):
        id, day = first + number, at + timedelta(hours=number)
        is_open = number % 20 == 0
        name = f"赵{chr(0x4E00 + number)}" if number != NEEDLE else "钱针"
        over = {"status": "open", "ended_at": None} if is_open else {"status": "ended", "ended_at": day}
        changed = {"id": id, "key": f"c{number}", "opened_at": day, "updated_at": day}
        rows["case"].append(case | over | changed | {"area": f"1404291{number % 30:02}"})
        for seq, status in ((1, "expired"), (2, "running")):
            rows["deadline"].append(
                deadline
                | {
                    "case_id": id,
                    "seq": seq,
                    "status": status,
                    "due_at": day + timedelta(days=900 * (seq - 1)),
                }
                | {"case_ended_at": None if is_open else day}
            )
        rows["fact"].append({"case_id": id, "fact": "amount", "value": str(number), "number": number * 100})
        said = index.text_row(
            {"title": f"{name}家院墙", "description": f"第{number}件,{TALE}"}, [], connection.dialect.name
        )
        rows["text"].append({"case_id": id, **said})
        key = party_of({"part": "applicant", "name": name}).name
        rows["party"].append(
            party
            | {"case_id": id, "name": name, "name_key": key, "phone_key": f"139{number:08}", "phone": None}
            | {"id_key": None, "id_number": None}
        )
        for table, row in worked_on(id, number, day, is_open, task, entry):
            work[table].append(row)
    connection.execute(sa.insert(schema.case), rows["case"])
    connection.execute(sa.insert(schema.deadline), rows["deadline"])
    connection.execute(sa.insert(index.fact), rows["fact"])
    connection.execute(sa.insert(index.text), rows["text"])
    connection.execute(sa.insert(parties), rows["party"])
    for table, some in work.items():
        connection.execute(sa.insert(table), some)


def worked_on(
    case: int, number: int, at: datetime, is_open: bool, task: dict[str, Any], entry: dict[str, Any]
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """What a case leaves behind: tasks, entries, who answers for it, what is sent, who meets whom, who may read it."""
    here, over = {"case_id": case}, None if is_open else at
    for key in (1, 2):
        waits = is_open and key == 2
        done = (
            {"status": "open"}
            if waits
            else {"status": "done", "finished_at": at, "finished_by": f"p{number % 200}"}
        )
        row = {name: value for name, value in task.items() if name != "id"}
        yield (
            schema.task,
            row | here | {"key": key, "opened_at": at, "area": f"1404291{number % 30:02}"} | done,
        )
    for seq, kind, subject in (
        (1, "opened", None),
        (2, "stage", "mediation"),
        (3, "leader_bound", f"l{number % 200}"),
    ):
        told = {"seq": seq, "at": at, "kind": kind, "subject": subject, "data": {}, "message_key": None}
        yield schema.journal, {name: value for name, value in entry.items() if name != "id"} | here | told
    pressed = {"status": "open" if is_open else "answered", "answered_at": over, "answered_by": over and "p"}
    yield schema.supervision, here | pressed | {
        "ref": "r", "action": "supervise", "title": {"zh": "督办", "en": "Supervise"},
        "role": "township_coordinator" if number % 40 == 0 else "land_officer", "by_role": "police",
        "area": f"1404291{number % 30:02}", "holders": [],
        "opened_at": at, "reply_at": None,
    }  # fmt: skip
    yield schema.agenda, here | {
        "at": at, "next_try_at": at, "kind": "delivery", "ref": "d", "status": "sent" if is_open else "done",
        "attempts": 1, "topic": "court.answer", "data": {"inputs": {}}, "error": None, "carried_at": at,
        "answer_by": at,
    }  # fmt: skip
    yield reader, here | {
        "person": f"r{number % 200}", "named_by": "chief", "at": at, "reason": "会商",
        "withdrawn_at": at if number % 400 > 200 else None, "withdrawn_by": None,
    }  # fmt: skip
    yield appointment, here | {
        "seq": 1, "form": "reception", "official": f"l{number % 200}", "staff": [], "parties": [], "minutes": 30,
        "area": f"1404291{number % 30:02}", "place": "大厅", "starts_at": at, "zone": "Asia/Shanghai",
        "status": "planned" if is_open else "held", "moves": 0,
    }  # fmt: skip


def asked(engine: Engine) -> Iterator[tuple[str, Callable[[], object]]]:
    search = engine.search
    yield "newest", lambda: search(limit=20)
    yield "oldest", lambda: search(order="oldest", limit=20)
    yield "colour", lambda: search(order="colour", limit=20)
    yield "words", lambda: search("钱针", limit=20)
    yield "name", lambda: search(party="钱针", limit=20)
    yield "telephone", lambda: search(party=f"139{NEEDLE:08}", limit=20)
    yield "amount", lambda: search(facts={"amount": Between(NEEDLE, NEEDLE)}, limit=20)
    yield "days", lambda: search(opened=Between(datetime(2020, 3, 1, tzinfo=UTC).date()), limit=20)
    yield "who looks", lambda: search("钱针", by=CLERK, limit=20)
    yield "dues", lambda: engine.deadlines_due(limit=20)


#: Who reads: of one township, of a whole county, of everywhere, one who has to do with a few cases, and one with none.
READERS = (
    CLERK,
    Actor("p7", frozenset({"land_officer"}), "140429107"),
    Actor("r9", frozenset({"land_officer"}), EVERYWHERE),
    Actor("l7", frozenset({"land_officer"}), "110101"),
)


def read_by(engine: Engine, actor: Actor, case: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """What somebody reads across the cases of years, and of one."""
    reader = engine.as_(actor, because="检查")
    page = {"limit": 20}
    for name in ("cases", "tasks", "worklist", "deadlines_due", "supervisions", "feed", "probable_repeats",
                 "dispatches", "whistles", "incidents", "search"):  # fmt: skip
        yield name, lambda name=name: getattr(reader, name)(**page)  # type: ignore[misc]
    yield "cases of a place", lambda: reader.cases(area="140429", status="open", **page)
    yield "deliveries", lambda: reader.deliveries(status="sent", **page)
    yield "words", lambda: reader.search("钱针", **page)
    yield "search due", lambda: reader.search(order="due", **page)
    yield "search colour", lambda: reader.search(order="colour", **page)
    yield (
        "appointments",
        lambda: reader.appointments.find(since=date(2020, 3, 1), until=date(2020, 3, 8), **page),
    )
    for name in ("history", "explain", "open_questions", "deadlines", "links", "parties.of", "notes.of"):
        part, _, call = name.rpartition(".")
        found = getattr(getattr(reader, part) if part else reader, call)
        yield name, lambda found=found: _opened(found, case)  # type: ignore[misc]


def _opened(call: Callable[[int], object], case: int) -> None:
    with suppress(NotFound):
        call(case)


@contextmanager
def watched(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are run meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def listen(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        seen.append((statement, parameters))

    for one in engine._runtime.database.engines:
        event.listen(one, "before_cursor_execute", listen)
    yield seen
    for one in engine._runtime.database.engines:
        event.remove(one, "before_cursor_execute", listen)


def plans(engine: Engine, seen: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """The plan of each statement, as the database would run it now."""
    database = engine._runtime.database.engine
    words = "EXPLAIN" if database.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with database.connect() as connection:
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"{words} {statement}", parameters).all()
            yield statement, "\n".join(str(row[-1]) for row in plan)


def test_no_question_reads_a_whole_table_of_years(engine: Engine) -> None:
    for name, ask in asked(engine):
        with watched(engine) as seen:
            found = ask()
        if name in ("words", "name", "telephone", "amount", "who looks"):
            assert [hit.case.key for hit in found.items] == [f"c{NEEDLE}"], name  # type: ignore[attr-defined]
        whole = [plan for _, plan in plans(engine, seen) if WHOLE.search(plan)]
        assert whole == [], "\n".join([name, *whole])


def test_what_was_missed_in_cases_that_are_over_is_not_looked_through(engine: Engine) -> None:
    with watched(engine) as seen:
        dues = engine.deadlines_due(limit=20)
    assert len(dues) == 20
    assert {engine.case(one.deadline.case).status for one in dues} == {"open"}
    [plan] = [plan for statement, plan in plans(engine, seen) if "jiefen_deadline" in statement]
    assert "ix_jiefen_deadline_missed" in plan


@pytest.mark.parametrize("actor", READERS, ids=lambda one: one.id)
def test_what_somebody_may_not_read_is_not_looked_through(engine: Engine, actor: Actor) -> None:
    whole: list[str] = []
    for name, ask in read_by(engine, actor, NEEDLE):
        with watched(engine) as seen:
            ask()
        whole += [f"{name}: {plan}" for _, plan in plans(engine, seen) if WHOLE.search(plan)]
    assert whole == [], "\n".join(whole)
