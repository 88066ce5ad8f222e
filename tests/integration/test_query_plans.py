"""No statement of a public call reads a whole table that grows with what has happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from jiefen import EVERYWHERE, Actor, Answer, Between, Engine, FixedClock, IntakeRow
from jiefen.people.unmoved import MOVEMENTS
from jiefen.store.desk import movements
from tests.integration.conftest import CLERK, HEAD
from tests.integration.test_engine import FACTS, opened

#: The tables that grow; a list of editions or of posts does not.
GROWING = ("case", "task", "deadline", "agenda", "journal", "rung", "supervision", "routine", "party", "link",
           "note", "code", "fact", "text", "rating",
           "attachment", "file", "appointment", "tick", "reader", "read", "diary_address",
           "call", "caller_key")  # fmt: skip


#: How statements begin that may look through a table.
READING = ("SELECT", "UPDATE", "DELETE", "WITH", "INSERT INTO JIEFEN_READ")
#: Calls of a reader that list or count, and those about one case.
LISTED = (
    "cases", "tasks", "worklist", "workload", "search", "deadlines_due", "probable_repeats", "dispatches", "whistles",
    "supervisions", "deliveries", "incidents", "feed", "figures", "appointments.find",
    "absences", "routines.lists",
)  # fmt: skip
OF_A_CASE = (
    "case",
    "history",
    "explain",
    "open_questions",
    "deadlines",
    "links",
    "parties.of",
    "notes.of",
    "status",
)


def _as_somebody(engine: Engine, case: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """What somebody reads: with what is kept from them, and with the log of it."""
    reader = engine.as_(CLERK, because="检查")
    for name in (*LISTED, *OF_A_CASE):
        part, _, call = name.rpartition(".")
        found = getattr(getattr(reader, part) if part else reader, call)
        arguments = (case,) if name in OF_A_CASE else ()
        yield f"as_({name})", lambda found=found, arguments=arguments: found(*arguments)  # type: ignore[misc]
    for how in ("due", "colour"):
        yield f"as_(search {how})", lambda how=how: reader.search(order=how, facets=True)  # type: ignore[misc]
    yield "as_(petition_report)", lambda: reader.petition_report(2026)


def _calls(engine: Engine, clock: FixedClock) -> Iterator[tuple[str, Callable[[], object]]]:
    case = opened(engine, "watched")
    [task] = engine.tasks(case=case)
    yield "open_case", lambda: engine.open_case("claim", FACTS, key="another", by=CLERK)
    yield "case", lambda: engine.case(case)
    for name, value in {
        "status": "open", "area": "140429", "key": "watched", "leader": "l", "process": "claim",
    }.items():  # fmt: skip
        yield f"cases({name})", lambda name=name, value=value: engine.cases(**{name: value})  # type: ignore[misc]
    yield "cases", engine.cases
    yield "tasks", engine.tasks
    yield "tasks(role)", lambda: engine.tasks(role="head")
    yield "tasks(assignee)", lambda: engine.tasks(assignee="nobody")
    yield "tasks(area)", lambda: engine.tasks(area="140429")
    yield "tasks(case)", lambda: engine.tasks(case=case)
    yield "worklist", lambda: engine.worklist(by=CLERK)
    yield "worklist(county)", lambda: engine.worklist(by=Actor("c", frozenset({"clerk"}), "140429"))
    for how in ("newest", "due", "colour"):
        yield f"search({how})", lambda how=how: engine.search(order=how, by=CLERK)  # type: ignore[misc]
    for asked in (
        {"text": "欠薪"},
        {"party": "张三"},
        {"party": "0001"},
        {"facts": {"amount": Between(1, 9)}, "area": "140429"},
        {"opened": Between(date(2026, 3, 2))},
        {"ended": Between(date(2026, 3, 2))},
        {"holder": "clerk", "facets": True, "by": CLERK},
        {"overdue": True},
    ):
        yield f"search({', '.join(asked)})", lambda asked=asked: engine.search(**asked)  # type: ignore[misc]
    yield "deadlines_due", engine.deadlines_due
    narrow = {"since": date(2026, 3, 2), "until": date(2026, 9, 1), "area": "140429", "holder": "clerk"}
    yield "deadlines_due(leader)", lambda: engine.deadlines_due(leader="l")
    yield "deadlines_due(narrow)", lambda: engine.deadlines_due(**narrow)  # type: ignore[arg-type]
    yield "figures", engine.figures
    by_month = {"since": date(2026, 1, 1), "until": date(2026, 3, 31), "area": "140429", "by": "month"}
    yield "figures(by)", lambda: engine.figures(**by_month)  # type: ignore[arg-type]
    for figure in engine.edition.rulebook.view("140429").figures:
        yield f"figure_cases({figure})", lambda figure=figure: engine.figure_cases(figure, area="140429")  # type: ignore[misc]
    yield "petition_report", lambda: engine.petition_report(2026, area="140429")
    yield "feed", lambda: engine.feed(after=1)
    yield "feed(kinds)", lambda: engine.feed(kinds=["opened"])
    yield "feed(reader)", lambda: engine.feed(after="report")
    yield from _as_somebody(engine, case)
    yield "grades.set", lambda: engine.grades.set(case, "sensitive", reason="有顾虑", by=HEAD)
    yield "grades.let_read", lambda: engine.grades.let_read(case, "r-7", reason="会商", by=HEAD)
    yield "grades.readers", lambda: engine.grades.readers(case, by=HEAD)
    yield "grades.withdraw", lambda: engine.grades.withdraw(case, "r-7", reason="会商结束", by=HEAD)
    yield "grades.set(lower)", lambda: engine.grades.set(case, "personal", reason="已消除", by=HEAD)
    yield "workload", lambda: engine.workload(area="140429")
    yield "task", lambda: engine.task(task.id)
    yield "absences", engine.absences
    yield "refusals", engine.refusals
    yield "refusals of somebody", lambda: engine.refusals(actor="nobody")
    yield "refused_often", engine.refused_often
    code = engine.new_code(case, reason="凭条遗失", by=CLERK)
    yield "by_code", lambda: engine.by_code(code)
    yield "notes.add", lambda: engine.notes.add(case, "待核实", by=CLERK)
    yield "notes", lambda: engine.notes.of(case, by=CLERK)
    engine.void(case - 1, reason="误登", by=HEAD)
    yield "ratings", lambda: engine.ratings(case, by=CLERK)
    yield "checklists.of", lambda: engine.checklists.of(case, by=CLERK)
    meeting: dict[str, Any] = {
        "at": clock.now() + timedelta(days=3),
        "place": "大厅",
        "official": "l-1",
        "by": CLERK,
    }
    yield "appointments.book", lambda: engine.appointments.book(case, "reception", **meeting)
    yield "appointments.of", lambda: engine.appointments.of(case, by=CLERK)
    yield "appointments.find", lambda: engine.appointments.find(by=CLERK)
    yield "calls.once", lambda: _once(engine)
    yield "calls.used", lambda: engine.calls.used("c/1")
    yield "calls.uses", engine.calls.uses
    yield "diaries.of", lambda: engine.diaries.of(by=CLERK)
    diary = engine.diaries.issue(by=CLERK)
    yield "diaries.issue", lambda: engine.diaries.issue(by=CLERK)
    yield "diaries.opened", lambda: engine.diaries.opened(str(diary.token))
    yield "diaries.addresses", lambda: engine.diaries.addresses(by=CLERK)
    yield "diaries.revoke", lambda: engine.diaries.revoke(diary.id, reason="手机遗失", by=CLERK)
    narrowed = {"area": "140429", "official": "l-1", "status": "planned", "until": date(2026, 3, 9)}
    yield "appointments.find(narrow)", lambda: engine.appointments.find(by=CLERK, **narrowed)  # type: ignore[arg-type]
    yield (
        "appointments.move",
        lambda: engine.appointments.move(case, 1, place="三楼", reason="装修", by=CLERK),
    )
    yield "attachments.add", lambda: engine.attachments.add(case, "a.pdf", b"%PDF-1.7", by=CLERK)
    yield "attachments.of", lambda: engine.attachments.of(case, by=CLERK)
    yield "attachments.read", lambda: engine.attachments.read(case, 1, by=CLERK)
    yield "attachments.check", engine.attachments.check
    engine.parties.add(case, {"part": "applicant", "name": "张三"}, by=CLERK)
    notice = {"party": 1, "content": {"reasons": "已核实"}, "by": CLERK}
    yield "documents.draft", lambda: engine.documents.draft(case, "notice", **notice)  # type: ignore[arg-type]
    yield "documents.make", lambda: engine.documents.make(case, "notice", **notice)  # type: ignore[arg-type]
    yield "documents.sign", lambda: engine.documents.sign(case, 1, by=HEAD)
    served: dict[str, Any] = {"way": "direct", "day": date(2026, 3, 2), "by": CLERK}
    yield "documents.serve", lambda: engine.documents.serve(case, 1, 1, **served)
    yield "documents.of", lambda: engine.documents.of(case, by=CLERK)
    yield "documents.services", lambda: engine.documents.services(case, by=CLERK)
    yield "documents.read", lambda: engine.documents.read(case, 1, by=CLERK)
    yield "parties", lambda: engine.parties.of(case)
    people = [{"part": "applicant", "name": "张三", "phone": "13800000001"}]
    row = IntakeRow(key="row", facts=FACTS, parties=people)
    yield "intake", lambda: list(engine.intake([row, replace(row, key="again")], process="claim", by=CLERK))
    yield "link", lambda: engine.link(case, case - 1, kind="probable_repeat", reason="同名", by=CLERK)
    yield "links", lambda: engine.links(case)
    yield "probable_repeats", engine.probable_repeats
    yield "whistles", engine.whistles
    yield "whistles(case)", lambda: engine.whistles(case=case)
    yield "whistles(area)", lambda: engine.whistles(area="140429", status="open")
    yield "dispatches", engine.dispatches
    yield "dispatches(case)", lambda: engine.dispatches(case=case)
    yield "dispatches(area)", lambda: engine.dispatches(area="140429", status="open")
    yield "correct", lambda: engine.correct(case, {"amount": 7}, reason="更正", by=CLERK)
    yield "split", lambda: engine.split(case, [{"key": "share"}], reason="两件事", by=HEAD)
    yield "decide_all", lambda: engine.decide_all(case, "matter.urgent", key="all", by=HEAD)
    over = opened(engine, "over")
    engine.void(over, reason="误登", evidence="登记簿", by=HEAD)
    yield "reopen", lambda: engine.reopen(over, reason="并非误登", by=HEAD)
    yield "deadlines", lambda: engine.deadlines(case)
    yield "history", lambda: engine.history(case)
    yield "explain", lambda: engine.explain(case)
    for status in ("pending", "parked", "sent", "incident"):
        yield f"deliveries({status})", lambda status=status: engine.deliveries(status=status)  # type: ignore[misc]
    yield "deliveries(case)", lambda: engine.deliveries(case=case)
    yield "deliveries(topic)", lambda: engine.deliveries(status="parked", topic="court")
    yield "deliveries(key)", lambda: engine.deliveries(key="jiefen:1:token/1")
    yield "incidents", engine.incidents
    yield "incidents(case)", lambda: engine.incidents(case=case)
    yield "supervisions", engine.supervisions
    pressed = {"ground": "未办", "reply": "3 d", "by": HEAD}
    yield "supervise", lambda: engine.supervise(case, "clerk", "remind", **pressed)  # type: ignore[arg-type]
    leader, until = Actor("l-1", frozenset({"township_coordinator"}), EVERYWHERE), date(2026, 9, 1)
    yield "bind_leader", lambda: engine.bind_leader(case, leader.id, by=HEAD)
    yield "leading.plan", lambda: engine.leading.plan(case, "查清事实", until, by=leader)
    yield "leading.of", lambda: engine.leading.of(case)
    yield "leading.release", lambda: engine.leading.release_leader(case, reason="移交", by=HEAD)
    yield "lag", engine.lag
    yield "sweep(unmoved)", lambda: _look(engine, case)
    yield "claim", lambda: engine.claim(task.id, by=CLERK)
    yield "complete", lambda: engine.complete(task.id, {}, by=CLERK)
    yield "message", lambda: engine.message("matter.urgent", case=case, key="m")
    yield "earliest_right", lambda: engine.earliest_right(case)
    yield "recuse", lambda: engine.recuse(case, "somebody", by=HEAD, reason="a cousin")
    yield "lift_recusal", lambda: engine.lift_recusal(case, "somebody", by=HEAD, reason="no cousin")
    clock.advance(timedelta(days=400))
    yield "sweep", engine.sweep
    for delivery in engine.deliveries(status="parked", limit=1):
        yield (
            "outside.note_status",
            lambda delivery=delivery: engine.outside.note_status(delivery.id, "已签收", key="s"),  # type: ignore[misc]
        )
        yield "answer", lambda delivery=delivery: engine.answer(delivery.id, Answer())  # type: ignore[misc]


def _once(engine: Engine) -> None:
    """A call that happens once."""
    with engine.calls.once("c", "k", "0" * 64):
        pass


def _look(engine: Engine, case: int) -> None:
    """What the sweep asks to see whether anything has moved in a case; the small edition has no ladder for it."""
    with engine._runtime.reading() as connection:
        movements.last_entry(connection, case, MOVEMENTS)
        movements.open_tasks(connection, case)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    for number in range(30):
        opened(engine, f"f{number}")
    return engine  # not analysed: SQLite then plans as for large tables


def test_no_call_reads_a_growing_table_from_end_to_end(filled: Engine, clock: FixedClock) -> None:
    database = filled._runtime.database
    seen: list[tuple[str, str, Any]] = []
    call = ""

    def listen(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        seen.append((call, statement, parameters[0] if many else parameters))

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", listen)
    clock.set(date(2026, 3, 2))
    for call, act in _calls(filled, clock):  # noqa: B007 the listener reads it
        act()
    for engine in database.engines:
        event.remove(engine, "before_cursor_execute", listen)
    wrong = {
        (name, table, statement)
        for name, statement, parameters in seen
        if name and statement.lstrip().upper().startswith(READING)
        for table in _scanned(database.engine, statement, parameters)
    }
    assert not wrong
    assert len({name for name, _, _ in seen if name}) > 20


def _scanned(engine: sa.Engine, statement: str, parameters: Any) -> set[str]:
    """The growing tables of which the plan of a statement reads every row."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            text = "\n".join(str(row[3]) for row in plan)
            found = re.findall(r"SCAN (?:jiefen|seen)_(\w+)", text)
        else:
            # The table is small: whatever the planner prefers, is there another way than reading it all?
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
            text = "\n".join(str(row[0]) for row in plan)
            found = re.findall(r"Seq Scan on jiefen_(\w+)", text)
    return set(found) & set(GROWING)


def test_the_look_at_plans_finds_what_is_missing(filled: Engine) -> None:
    database = filled._runtime.database
    with database.writing() as connection:
        connection.execute(sa.text("DROP INDEX ix_jiefen_case_colour_id"))
    found = _scanned(database.engine, "SELECT id FROM jiefen_case WHERE colour = 'red' LIMIT 1", ())
    assert found == {"case"}
