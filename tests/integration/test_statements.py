"""Statements on the driver's cursor: the same rows, the same errors and the same writes as SQLAlchemy's own way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event, exc

from jiefen import Conflict, DatabaseError, Engine, FixedClock
from jiefen.record.changes import Changes
from jiefen.record.rows import CaseRow
from jiefen.store import cases, reading, schema
from jiefen.store.statements import Statement, pipeline
from tests.integration.conftest import CLERK, SMALL
from tests.integration.test_engine import opened

_CASE = Statement(sa.select(schema.case).where(schema.case.c.id == sa.bindparam("id_", type_=schema.Id)))


@pytest.fixture
def watched(engine: Engine) -> Iterator[Engine]:
    """An engine to whose statements somebody listens: they take SQLAlchemy's way."""

    with _listening(engine):
        yield engine


@contextmanager
def _listening(engine: Engine) -> Iterator[None]:
    for one in engine._runtime.database.engines:
        event.listen(one, "before_cursor_execute", _nothing)
    yield
    for one in engine._runtime.database.engines:
        event.remove(one, "before_cursor_execute", _nothing)


def _nothing(*_: object) -> None: ...


def _story(engine: Engine, key: str) -> list[Any]:
    case = opened(engine, key)
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {}, by=CLERK)
    engine.message("matter.urgent", case=case, key="m")
    with engine._runtime.reading() as connection:
        row = _CASE.first(connection, {"id_": case})
        tasks = reading.tasks(
            connection, status="open", role=None, area=None, case_id=case, assignee=None, after=0, limit=9
        )
    # But for ids and keys, and for the hashes in which they are.
    told = [value for name, value in row._asdict().items() if name not in ("id", "key", "head")]
    return [told, [task[3:] for task in tasks], [entry.kind for entry in engine.history(case)]]


def test_both_ways_write_and_read_the_same(engine: Engine) -> None:
    directly = _story(engine, "directly")
    with _listening(engine):
        assert _story(engine, "by sqlalchemy") == directly


def test_a_listener_hears_every_statement_of_a_call(watched: Engine) -> None:
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    engine = watched._runtime.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    opened(watched)
    event.remove(engine, "before_cursor_execute", listen)
    assert any("INSERT INTO jiefen_case" in one for one in heard)
    assert any("INSERT INTO jiefen_journal" in one for one in heard)


def test_a_role_is_looked_for_as_it_is_written(engine: Engine) -> None:
    opened(engine)
    [role] = {role for task in engine.tasks() for role in task.roles}
    assert engine.tasks(role=role)
    with engine._runtime.reading() as connection:
        for wildcard in ("%", "_" * len(role)):
            wanted: dict[str, Any] = {"area": None, "case_id": None, "assignee": None, "after": 0, "limit": 9}
            assert reading.tasks(connection, status="open", role=wildcard, **wanted) == []


def test_a_revision_that_has_gone_on_is_a_conflict_and_nothing_is_kept(engine: Engine) -> None:
    case = opened(engine)
    before = engine.history(case)
    changes = Changes(case={"updated_at": datetime(2026, 3, 2, tzinfo=UTC), "leader": "somebody"})
    with engine._runtime.reading() as connection:
        row = cases.lock_case(connection, case)
    assert row is not None
    with pytest.raises(Conflict, match="read it again"), engine._runtime.writing() as connection:
        cases.save(connection, row._replace(revision=99), changes)
    assert engine.case(case).leader is None
    assert engine.history(case) == before


def test_an_error_in_the_middle_of_a_pipeline_is_told_and_undoes_all(engine: Engine) -> None:
    case = opened(engine)
    fire = Statement(sa.insert(schema.rung))
    row = {"case_id": case, "deadline": 1, "rung": "r", "fired_at": datetime(2026, 3, 2, tzinfo=UTC)}

    def fire_twice_and_go_on() -> None:
        with engine._runtime.writing() as connection, pipeline(connection):
            fire.run_each(connection, [row])
            fire.run_each(connection, [row])
            _CASE.start(connection, {"id_": case})

    with pytest.raises(Conflict):
        fire_twice_and_go_on()
    with engine._runtime.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.rung)) == 0


@pytest.fixture
def on_postgresql(pg_url: str, clock: FixedClock) -> Iterator[Engine]:
    with Engine.open(pg_url, clock=clock, processes=SMALL / "processes", rules=SMALL / "rules") as engine:
        yield engine


def _end_all_connections(url: sa.URL) -> None:
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    admin.dispose()


def test_connections_that_the_server_has_ended_are_replaced(on_postgresql: Engine) -> None:
    case = opened(on_postgresql)
    [task] = on_postgresql.tasks(case=case)
    _end_all_connections(on_postgresql._runtime.database.engine.url)
    assert on_postgresql.case(case).id == case
    assert on_postgresql.complete(task.id, {}, by=CLERK).id == case


def test_a_connection_lost_inside_a_transaction_is_a_database_error(on_postgresql: Engine) -> None:
    case = opened(on_postgresql)

    def lock_lose_and_lock() -> None:
        with on_postgresql._runtime.writing() as connection:
            cases.lock_case(connection, case)
            _end_all_connections(on_postgresql._runtime.database.engine.url)
            cases.lock_case(connection, case)

    with pytest.raises(DatabaseError):
        lock_lose_and_lock()
    [task] = on_postgresql.tasks(case=case)
    assert on_postgresql.claim(task.id, by=CLERK).assignee == CLERK.id


def test_the_row_of_a_case_has_the_columns_of_its_table() -> None:
    # The terms are for a trigger alone, which keeps the index of the search; when it was chained is for the auditor.
    assert set(CaseRow._fields) == {column.name for column in schema.case.c} - {
        "terms",
        "chained_from",
    }


def test_an_error_of_the_driver_is_told_as_sqlalchemy_tells_it(engine: Engine) -> None:
    nowhere = Statement(sa.select(sa.column("x", sa.Integer)).select_from(sa.table("jiefen_nowhere")))

    def read_it() -> None:
        with engine._runtime.reading() as connection:
            nowhere.rows(connection, {})

    with pytest.raises(DatabaseError, match="jiefen_nowhere") as caught:
        read_it()
    assert isinstance(caught.value.__cause__, exc.DBAPIError)
