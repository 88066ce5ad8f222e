"""Migrations lead to the schema that the code uses, and back, on both backends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from jiefen.record.rows import FAR
from jiefen.store import migrate, schema
from jiefen.store.connecting.database import Database, open_database
from jiefen.store.desk.parties import party
from tests.support.databases import Databases


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    database = open_database(databases.empty())
    yield database
    database.dispose()


def tables(database: Database) -> set[str]:
    return {name for name in sa.inspect(database.engine).get_table_names() if name.startswith("jiefen_")}


def ours(name: str | None, kind: str, _: object) -> bool:
    """Whether a table or index is described by the schema; that which finds pairs of characters is in the migration."""
    if kind == "index":
        return name != "ix_jiefen_text_pairs"
    return kind != "table" or (str(name).startswith("jiefen_") and not str(name).startswith("jiefen_pairs"))


def test_the_newest_migration_is_the_one_the_library_names() -> None:
    versions = Path(migrate.__file__).parent / "migrations" / "versions"
    assert max(path.name.partition("_")[0] for path in versions.glob("[0-9]*.py")) == migrate.HEAD


def test_migrations_make_exactly_the_schema(database: Database) -> None:
    migrate.prepare(database)
    with database.reading() as connection:
        options = {"include_name": ours}
        context = MigrationContext.configure(connection, opts=options | {"version_table": "jiefen_version"})
        assert compare_metadata(context, schema.metadata) == []
        assert migrate.current_version(connection) == migrate.HEAD


def test_preparing_twice_changes_nothing(database: Database) -> None:
    migrate.prepare(database)
    before = tables(database)
    migrate.prepare(database, migrate=False)
    assert tables(database) == before


def test_every_migration_can_be_undone(database: Database) -> None:
    migrate.prepare(database)
    with database.writing() as connection:
        migrate.downgrade(connection, "base")
    assert tables(database) == {"jiefen_version"}
    migrate.prepare(database)
    assert "jiefen_case" in tables(database)


def test_a_hosts_own_tables_are_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE resident (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO resident VALUES (1)"))
    migrate.prepare(database)
    with database.reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM resident")) == 1


def test_what_a_database_of_the_first_version_holds_is_kept(database: Database) -> None:
    """Each deadline is given the edition of its case, each case the milestones of its journal; all else stays."""
    metadata = sa.MetaData()
    with database.writing() as connection:
        migrate.upgrade(connection, "0001")
        metadata.reflect(connection, only=lambda name, _: name.startswith("jiefen_"))
        names = ("edition", "case", "deadline", "agenda", "journal")
        old = {name: metadata.tables[f"jiefen_{name}"] for name in names}
        at = datetime(2026, 3, 2, tzinfo=UTC)
        connection.execute(sa.insert(old["edition"]).values(digest="e" * 64, loaded_at=at, content=b""))
        case = {
            "id": 1, "key": "a", "process": "p", "edition": "e" * 64, "status": "open", "opened_at": at,
            "updated_at": at, "revision": 1, "facts": {},
        }  # fmt: skip
        connection.execute(sa.insert(old["case"]).values(**case))
        deadline = {
            "case_id": 1, "seq": 1, "rule": "r", "version": at.date(), "kind": "duty", "status": "running",
            "anchor": "accepted", "anchored_at": at, "provisional": False, "extensions": [], "suspensions": [],
            "calendar": "c", "started_at": at,
        }  # fmt: skip
        connection.execute(sa.insert(old["deadline"]).values(**deadline))
        entry = {
            "id": 7, "at": at, "next_try_at": at, "kind": "expiry", "case_id": 1, "ref": "1", "status": "pending",
            "data": {},
        }  # fmt: skip
        connection.execute(sa.insert(old["agenda"]).values(**entry))
        told = [("milestone", "registered", {}), ("stage", "visit", {}), ("ended", None, {}),
                ("milestone", "judgment_served", {"on": "2026-02-27"})]  # fmt: skip
        for kind, subject, data in told:
            line = {"case_id": 1, "at": at, "actor": "a", "kind": kind, "subject": subject, "data": data}
            connection.execute(sa.insert(old["journal"]).values(**line))
    migrate.prepare(database)
    with database.reading() as connection:
        [kept] = connection.execute(sa.select(schema.deadline)).all()
        assert (kept.edition, kept.rule, kept.anchored_at) == ("e" * 64, "r", at)
        row, look = connection.execute(sa.select(schema.agenda).order_by(schema.agenda.c.kind)).all()
        assert (row.id, row.ref, row.next_try_at) == (7, "1", at)
        # Whether anything moves in an open case is looked at from now on.
        assert (look.case_id, look.kind, look.ref, look.at, look.data) == (1, "unmoved", "case", at, {})
        assert connection.scalar(sa.select(schema.case.c.reached)) == {
            "registered": ["2026-03-02", 1],
            ":stage": ["", 2],
            "judgment_served": ["2026-02-27", 3],
        }


def test_the_people_who_stood_in_facts_become_parties_and_go_back(database: Database) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    said: list[dict[str, str]] = [
        {"party_name": "张　三", "party_phone": "138 0000 0001", "other_party": "李四", "title": "院墙"},
        {"party_phone": "13800000002"},
        {"title": "无人"},
    ]
    metadata = sa.MetaData()
    with database.writing() as connection:
        migrate.upgrade(connection, "0003")
        metadata.reflect(connection, only=["jiefen_case", "jiefen_edition"])
        edition, case = metadata.tables["jiefen_edition"], metadata.tables["jiefen_case"]
        connection.execute(sa.insert(edition).values(digest="e" * 64, loaded_at=at, content=b""))
        for number, facts in enumerate(said, 1):
            row = {
                "id": number, "key": str(number), "process": "p", "edition": "e" * 64, "status": "open",
                "opened_at": at, "updated_at": at, "revision": 1, "facts": facts,
            }  # fmt: skip
            connection.execute(sa.insert(case).values(**row))
    migrate.prepare(database)
    with database.reading() as connection:
        rows = connection.execute(sa.select(party).order_by(party.c.case_id, party.c.seq)).all()
        assert [(row.case_id, row.seq, row.part, row.name, row.name_key, row.phone_key) for row in rows] == [
            (1, 1, "applicant", "张　三", "张三", "13800000001"),
            (1, 2, "respondent", "李四", "李四", None),
            (2, 1, "applicant", "匿名", "匿名", "13800000002"),
        ]
        facts = list(connection.scalars(sa.select(schema.case.c.facts).order_by(schema.case.c.id)))
        assert facts == [{"title": "院墙"}, {}, {"title": "无人"}]
    with database.writing() as connection:
        migrate.downgrade(connection, "0003")
        back = list(connection.scalars(sa.select(schema.case.c.facts).order_by(schema.case.c.id)))
    assert back == [said[0], {"party_name": "匿名", "party_phone": "13800000002"}, said[2]]


def test_what_recurs_keeps_its_plans_and_lists_under_the_name_of_routines(database: Database) -> None:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    entry = {
        "at": at, "next_try_at": at, "kind": "duty", "ref": "meeting@140429102", "status": "pending", "attempts": 0,
        "data": {"nominal_on": "2026-03-02", "provisional": False},
    }  # fmt: skip
    left = {
        "rule": "meeting", "area": "140429102", "at": at, "nominal_on": at.date(), "provisional": False,
        "role": "clerk", "items": [{"id": "x"}], "status": "open",
    }  # fmt: skip
    old = sa.MetaData()
    with database.writing() as connection:
        migrate.upgrade(connection, "0004")
        old.reflect(connection, only=["jiefen_duty", "jiefen_agenda"])
        connection.execute(sa.insert(old.tables["jiefen_agenda"]).values(**entry))
        connection.execute(sa.insert(old.tables["jiefen_duty"]).values(**left))
    migrate.prepare(database)
    later = left | {"at": datetime(2026, 4, 2, 1, tzinfo=UTC)}
    with database.writing() as connection:
        assert connection.scalar(sa.select(schema.agenda.c.kind)) == "routine"
        # The numbers go on where they were, and the same occurrence leaves no second list.
        connection.execute(sa.insert(schema.routine).values(**later))
        assert sorted(connection.scalars(sa.select(schema.routine.c.id))) == [1, 2]
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sa.insert(schema.routine).values(**left))
        migrate.downgrade(connection, "0004")
        assert connection.scalar(sa.select(old.tables["jiefen_agenda"].c.kind)) == "duty"
        rows = connection.execute(sa.select(old.tables["jiefen_duty"])).all()
    assert [(row.id, row.rule, row.items) for row in rows] == [
        (id, "meeting", [{"id": "x"}]) for id in (1, 2)
    ]


def test_open_tasks_learn_what_is_over_next(database: Database) -> None:
    at, sooner, later = (datetime(2026, 3, day, tzinfo=UTC) for day in (2, 9, 20))
    metadata = sa.MetaData()
    tables = ["jiefen_case", "jiefen_edition", "jiefen_task", "jiefen_deadline"]
    with database.writing() as connection:
        migrate.upgrade(connection, "0003")
        metadata.reflect(connection, only=tables)
        edition, case, task, deadline = (
            metadata.tables[name]
            for name in ("jiefen_edition", "jiefen_case", "jiefen_task", "jiefen_deadline")
        )
        connection.execute(sa.insert(edition).values(digest="e" * 64, loaded_at=at, content=b""))
        for number in (1, 2):
            row = {
                "id": number, "key": str(number), "process": "p", "edition": "e" * 64, "status": "open",
                "opened_at": at, "updated_at": at, "revision": 1, "facts": {},
            }  # fmt: skip
            connection.execute(sa.insert(case).values(**row))
        for seq, (status, due) in enumerate((("running", later), ("running", sooner), ("met", at)), 1):
            row = {
                "case_id": 1, "seq": seq, "rule": "r", "version": at.date(), "edition": "e" * 64, "kind": "duty",
                "status": status, "anchor": "a", "anchored_at": at, "due_at": due, "provisional": False,
                "extensions": [], "suspensions": [], "calendar": "c", "started_at": at,
            }  # fmt: skip
            connection.execute(sa.insert(deadline).values(**row))
        for key, (number, area, due, status) in enumerate(
            ((1, "140429102201", None, "open"), (1, None, at, "open"), (2, "140429", None, "open"),
             (2, None, later, "open"), (2, None, None, "completed")), 1,
        ):  # fmt: skip
            row = {
                "id": key, "case_id": number, "key": key, "process": "p", "element": "e", "name": "n",
                "area": area, "roles": "|r|", "locals": {}, "due_at": due, "status": status, "opened_at": at,
                "finished_at": at if status == "completed" else None,
            }  # fmt: skip
            connection.execute(sa.insert(task).values(**row))
    migrate.prepare(database)
    with database.reading() as connection:
        rows = connection.execute(sa.select(schema.task).order_by(schema.task.c.id)).all()
    assert [(row.next_due, row.township) for row in rows] == [
        (sooner, "140429102"),
        (at, ""),
        (FAR, "140429"),
        (later, ""),
        (None, None),
    ]
