"""The database itself refuses to change what happened, and its roles can do what they must, no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from jiefen import Audit, Engine, FixedClock, JiefenError
from jiefen.store import schema
from jiefen.store.connecting.database import open_database
from jiefen.store.roles import APPLICATION, AUDITOR, roles_sql
from tests.integration.conftest import CLERK, HEAD, SMALL
from tests.support.databases import Databases
from tests.support.proof import faults

FACTS = {"area": "140429102201", "received_on": "2026-03-02", "amount": 60_000}
SMALL_ONES: dict[str, Any] = {"processes": SMALL / "processes", "rules": SMALL / "rules"}
journal = schema.journal

#: What nobody may do, whoever asks.
FORBIDDEN: dict[str, sa.Executable] = {
    "change who": sa.update(journal).values(actor="somebody else"),
    "change when": sa.update(journal).values(at=sa.func.now()),
    "change what": sa.update(journal).values(data={}),
    "take the salt": sa.update(journal).values(salt=None),
    "erase without telling": sa.update(journal).values(data={"erased": 2}, salt=None),
    "remove": sa.delete(journal),
    "remove the case": sa.delete(schema.case),
    "change rules": sa.update(schema.edition).values(content=b"x"),
    "change holidays": sa.update(schema.calendar).values(plans=[]),
    "remove holidays": sa.delete(schema.calendar),
}


def _refused(engine: Engine, act: Callable[[Connection], object]) -> None:
    database = open_database(engine._runtime.database.engine.url.render_as_string(hide_password=False))
    try:
        with pytest.raises(JiefenError), database.writing() as connection:
            act(connection)
    finally:
        database.dispose()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_history_is_not_changed(engine: Engine, what: str) -> None:
    case = engine.open_case("claim", FACTS, key="c1", by=CLERK).id
    before = engine.history(case)
    _refused(engine, lambda connection: connection.execute(FORBIDDEN[what]))
    assert engine.history(case) == before
    assert faults(engine) == []


def test_what_is_erased_leaves_the_number_of_the_entry_that_tells_of_it(engine: Engine) -> None:
    """The way for erasing: first an entry that tells of it, then the data gives way to its number."""
    case = engine.open_case("claim", FACTS, key="c1", by=CLERK).id
    told = {"case_id": case, "at": engine._runtime.clock.now(), "actor": "a", "kind": "erased", "data": {}}
    erased = {"data": {"erased": 99}, "salt": None}
    first = sa.update(journal).where(journal.c.case_id == case, journal.c.seq == 1)
    with engine._runtime.writing() as connection:
        connection.execute(sa.insert(journal).values(**told, seq=99))
    _refused(engine, lambda connection: connection.execute(first.values(**erased, actor="b")))
    _refused(engine, lambda connection: connection.execute(first.values(data={"erased": 98}, salt=None)))
    _refused(
        engine, lambda connection: connection.execute(first.values(data={"erased": 99, "x": 1}, salt=None))
    )
    with engine._runtime.writing() as connection:
        connection.execute(first.values(**erased))
    with engine._runtime.reading() as connection:
        kept = sa.select(journal.c.data).where(journal.c.case_id == case).order_by(journal.c.id)
        assert connection.scalars(kept).first() == {"erased": 99}


@pytest.fixture
def as_role(postgres: Databases, clock: FixedClock) -> Callable[[str], str]:
    """A database on PostgreSQL with the roles: its address for one of them."""
    url = postgres.empty()
    Engine.open(url, clock=clock, **SMALL_ONES).close()
    database = open_database(url)
    for _ in range(2):  # after a new version they are run again
        with database.writing() as connection:
            for statement in roles_sql().split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
    database.dispose()

    def address(role: str) -> str:
        by = make_url(url).update_query_dict({"options": f"-c role={role}"})
        return by.render_as_string(hide_password=False)

    return address


def test_the_application_works_and_cannot_change_history(
    as_role: Callable[[str], str], clock: FixedClock
) -> None:
    with Engine.open(as_role(APPLICATION), clock=clock, migrate=False, **SMALL_ONES) as engine:
        case = engine.open_case("claim", FACTS, key="c1", by=CLERK).id
        engine.extend(case, "claim.handle", "9 d", ground="复杂", by=HEAD)
        [task] = engine.tasks(case=case)
        engine.complete(task.id, {}, by=CLERK)
        engine.notes.add(case, "已电话联系", by=CLERK)
        engine.parties.add(case, {"part": "applicant", "name": "张三"}, by=CLERK)
        engine.acknowledge("reader", engine.feed().entries[-1].id)
        engine.message("party.withdrew", case=case, key="m1")
        clock.advance(timedelta(days=200))
        engine.sweep()
        assert faults(engine) == []
        for forbidden in (
            "UPDATE jiefen_journal SET actor = 'x'", "DELETE FROM jiefen_journal", "TRUNCATE jiefen_journal",
            "DELETE FROM jiefen_case", "UPDATE jiefen_edition SET content = ''", "DROP TABLE jiefen_case",
            "ALTER TABLE jiefen_journal DISABLE TRIGGER ALL", "UPDATE jiefen_version SET version_num = '1'",
            "UPDATE jiefen_journal SET data = '{}'",
        ):  # fmt: skip
            with pytest.raises(JiefenError), engine._runtime.writing() as connection:
                connection.exec_driver_sql(forbidden)
        assert faults(engine) == []


def test_the_auditor_reads_and_no_more(as_role: Callable[[str], str], clock: FixedClock) -> None:
    with Engine.open(as_role(APPLICATION), clock=clock, migrate=False, **SMALL_ONES) as engine:
        case = engine.open_case("claim", FACTS, key="c1", by=CLERK).id
    with Audit.open(as_role(AUDITOR)) as audit:
        found = audit.verify()
        assert (found.sound, found.cases) == (True, 1)
        unread = set(found.not_read)
        assert {"jiefen_party", "jiefen_note", "jiefen_attachment", "jiefen_rating"} <= unread
        assert unread.isdisjoint({"jiefen_task", "jiefen_supervision", "jiefen_link"})
    database = open_database(as_role(AUDITOR))
    for forbidden in (
        f"UPDATE jiefen_case SET leader = 'x' WHERE id = {case}", "SELECT * FROM jiefen_party",
        "INSERT INTO jiefen_journal (case_id, at, actor, kind, data) SELECT case_id, at, actor, kind, data FROM "
        "jiefen_journal", "DELETE FROM jiefen_agenda",
    ):  # fmt: skip
        with pytest.raises(JiefenError, match="denied"), database.writing() as connection:
            connection.exec_driver_sql(forbidden)
    database.dispose()


def test_the_roles_are_given_every_table(as_role: Callable[[str], str]) -> None:
    database = open_database(as_role(AUDITOR))
    with database.reading() as connection:
        names = sa.inspect(connection).get_table_names()
    database.dispose()
    given = roles_sql()
    assert [name for name in names if f"ON {name} TO {APPLICATION};" not in given] == []
