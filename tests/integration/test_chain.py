"""The journal of a case is a chain, whoever writes it; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from jiefen import Actor, Engine, FixedClock
from jiefen.store import migrate, schema
from jiefen.store.connecting.database import open_database
from tests.conftest import ENCRYPTED
from tests.integration.conftest import CLERK, HEAD, SMALL, Opener
from tests.support.databases import Databases
from tests.support.moments import WINDOW
from tests.support.proof import faults

FACTS = {"area": "140429102201", "received_on": "2026-03-02", "amount": 60_000}


def _story(engine: Engine, clock: FixedClock, key: str) -> int:
    """A case with steps, messages, acts beside the process, and what the clock does."""
    case = engine.open_case("claim", FACTS, key=key, by=CLERK).id
    engine.extend(case, "claim.handle", "9 d", ground="复杂", by=HEAD)
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {}, by=CLERK)
    engine.message("party.withdrew", case=case, key="m1", by=WINDOW)
    engine.notes.add(case, "已电话联系", by=CLERK)
    clock.advance(timedelta(days=200))
    engine.sweep()
    return case


def test_every_entry_has_its_place(engine: Engine, clock: FixedClock) -> None:
    case = _story(engine, clock, "c1")
    other = engine.open_case("claim", FACTS, key="c2", by=CLERK).id
    assert len(engine.history(case)) > 5
    assert len(engine.history(other)) > 0
    assert faults(engine) == []


def test_what_is_noted_in_many_cases_at_once_has_its_place(engine: Engine) -> None:
    cases = [engine.open_case("claim", FACTS, key=f"c{number}", by=CLERK).id for number in range(3)]
    for case in cases:
        engine.claim(engine.tasks(case=case)[0].id, by=CLERK)
    deputy = Actor("clerk-2", frozenset({"clerk"}), "140429102")
    before = len(engine.history(cases[0]))
    engine.delegate(
        CLERK.id, deputy.id, since=date(2026, 3, 2), until=date(2026, 3, 9), reason="年假", by=CLERK
    )
    assert len(engine.history(cases[0])) > before
    assert faults(engine) == []
    engine.complete(engine.tasks(case=cases[0])[0].id, {}, by=CLERK)
    assert faults(engine) == []


def test_no_statement_more_is_sent(engine: Engine) -> None:
    """The chain lies in rows that are written anyway."""
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    one = engine._runtime.database.engine
    sa.event.listen(one, "before_cursor_execute", listen)
    engine.open_case("claim", FACTS, key="c1", by=CLERK)
    sa.event.remove(one, "before_cursor_execute", listen)
    assert sum("INTO jiefen_journal" in statement for statement in heard) == 1
    assert sum("UPDATE jiefen_case" in statement for statement in heard) == 1


@pytest.mark.skipif(ENCRYPTED, reason="a database of that version has no keys")
def test_journals_from_before_are_chained_and_say_so(
    opener: Opener, databases: Databases, clock: FixedClock
) -> None:
    url = databases.empty()
    engine = opener(url=url)
    case = _story(engine, clock, "c1")
    engine.close()
    database = open_database(url)
    with database.writing() as connection:
        migrate.downgrade(connection, "0004")
    migrate.prepare(database)
    database.dispose()

    engine = Engine.open(url, clock=clock, processes=SMALL / "processes", rules=SMALL / "rules")
    assert faults(engine) == []
    later = engine.open_case("claim", FACTS, key="c2", by=CLERK).id
    with engine._runtime.reading() as connection:
        kept = connection.execute(sa.select(schema.case).order_by(schema.case.c.id)).all()
        chained_from = {row.id: row.chained_from for row in kept}
    assert chained_from == {case: len(engine.history(case)) + 1, later: 1}
    engine.notes.add(case, "仍在", by=CLERK)
    assert faults(engine) == []
    engine.close()
