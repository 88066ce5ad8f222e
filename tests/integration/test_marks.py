"""A case that holds marked words wherever somebody can write some: where there are keys, none of them lies open."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, Audit, Delivery, Engine, FaultKind, FileKeys, FixedClock
from jiefen.record.counter.codes import read_code
from jiefen.store.connecting.database import open_database
from tests.integration.conftest import CLERK as SMALL_CLERK
from tests.integration.conftest import HEAD, SMALL
from tests.integration.test_keys import PLAIN, rows_of

CLERK = Actor("0412", frozenset({"village_mediator"}), EVERYWHERE)
AREA = "140429102201"


class Failing:
    """An adapter that quotes what it was given."""

    def send(self, delivery: Delivery) -> None:
        raise ConnectionError(str(delivery.payload))


@pytest.fixture
def mark() -> str:
    """A word that stands nowhere else, on this machine or another."""
    return "".join(chr(0x4E00 + number) for number in secrets.token_bytes(8))


def lived(engine: Engine, mark: str, clock: FixedClock) -> int:
    """A case in which every word is marked."""
    people = [
        {
            "part": "applicant", "name": f"王{mark}", "phone": "13912345678", "id_number": "110101199003071233",
            "contact": f"{mark}联系", "address": f"{mark}一号", "service_address": f"{mark}二号",
        },
        {"part": "respondent", "name": f"李{mark}"},
    ]  # fmt: skip
    facts = {
        "source": "walk_in", "dispute_type": "family", "area": AREA, "title": f"{mark}之争",
        "description": f"听{mark}说", "violence": True, "accused_persons": [f"9{mark}"],
    }  # fmt: skip
    case = engine.open_case("dispute", facts, key="k1", by=CLERK, parties=people).id
    other = engine.open_case("dispute", {"source": "walk_in", "area": AREA}, key="k2", by=CLERK).id
    roles = engine.edition.rulebook.roles.values()
    office = Actor("0618", frozenset(one.id for one in roles if one.is_office), "14")
    for task in engine.tasks(case=case):
        if task.element == "ask_consent":
            engine.complete(task.id, {}, by=office)
    engine.notes.add(case, f"{mark}不肯来", by=CLERK)
    engine.log_contact(case, "telephone", f"{mark}说先去看现场", by=office)
    engine.correct(case, {"title": f"{mark}之争议"}, reason=f"{mark}听错", by=office)
    name = f"{mark}说明.txt"
    engine.attachments.add(case, name=name, content=f"{mark}不肯来".encode(), by=CLERK)
    engine.attachments.add(case, name="副本.txt", content=f"{mark}再次说明".encode(), by=CLERK)
    engine.attachments.withdraw(case, 2, reason=f"{mark}误传", by=CLERK)
    at = datetime(2026, 3, 5, 1, tzinfo=UTC)
    for official in ("l-1", "l-2"):
        engine.appointments.book(case, "reception", at=at, place=f"{mark}大厅", official=official, by=CLERK)
    engine.appointments.cancel(case, 1, reason=f"{mark}有事", by=CLERK)
    engine.supervise(case, "village_mediator", "remind", ground=f"{mark}未办", reply="3 d", by=office)
    engine.link(case, other, kind="related", reason=f"{mark}也在", by=office)
    engine.grades.set(case, "sealed", reason=f"{mark}在场", by=office)
    engine.grades.let_read(case, "7002", reason=f"{mark}经办", by=office)
    engine.records.hold(case, reason=f"{mark}起诉", by=office)
    engine.delegate(
        "0412", "0413", since=date(2026, 3, 2), until=date(2026, 3, 3), reason=f"{mark}住院", by=CLERK
    )
    engine.as_(CLERK, because=f"查{mark}").case(other)
    engine.receive(
        "petition.review_requested", case=case, key="m1", facts={"applied_on": date(2026, 3, 2)}, by=office
    )
    engine.intake([{"key": "row-1", "facts": facts | {"title": f"{mark}表"}, "parties": people}], by=office)
    clock.advance(timedelta(days=4))
    engine.sweep()
    engine.appointments.held(case, 2, result=f"{mark}已谈", by=CLERK)
    code = engine.new_code(case, reason=f"{mark}遗失", by=office)
    assert read_code(code)
    engine.void(case, reason=f"{mark}误登", by=office)
    return case


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.create(tmp_path / "keys.yaml")


def holding(mark: str, url: str, *, log: bool = True) -> list[str]:
    """The files of a database that hold a mark: of SQLite with its log, of PostgreSQL by table, with the log or not."""
    spelt = [mark.encode(), json.dumps(mark)[1:-1].encode()]
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return _among({file.name: file for file in path.parent.glob(f"{path.name}*")}, spelt)
    database = open_database(url)
    with database.engine.connect() as connection:
        connection.execute(sa.text("CHECKPOINT"))
        folder = Path(str(connection.scalar(sa.text("SHOW data_directory"))))
        number = connection.scalar(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        name = connection.scalar(sa.text("SELECT pg_walfile_name(pg_current_wal_lsn())"))
        known = connection.execute(sa.text("SELECT pg_relation_filenode(oid), relname FROM pg_class")).all()
    database.dispose()
    tables = {str(node): table for node, table in known}
    files = {tables.get(file.name, file.name): file for file in (folder / "base" / str(number)).iterdir()}
    return _among(files | ({"log": folder / "pg_wal" / str(name)} if log else {}), spelt)


def _among(files: dict[str, Path], spelt: list[bytes]) -> list[str]:
    return sorted(name for name, file in files.items() if any(one in file.read_bytes() for one in spelt))


def test_no_word_of_a_case_lies_open(database_url: str, clock: FixedClock, keys: FileKeys, mark: str) -> None:
    adapters = {"notice": Failing()}
    with Engine.open(database_url, clock=clock, keys=keys, adapters=adapters) as engine:
        case = lived(engine, mark, clock)
        engine.reporters.keep(case, {"name": f"赵{mark}"}, by=CLERK)
        whole = rows_of(database_url)
        assert engine.case(case).facts["title"] == f"{mark}之争议"
        assert engine.attachments.read(case, 1, by=CLERK) == f"{mark}不肯来".encode()
        assert [one.reason for one in engine.absences(person="0412")] == [f"{mark}住院"]
        begin = datetime(2026, 3, 1, tzinfo=UTC)
        assert {one.because for one in engine.audit.reads(since=begin)} == {f"查{mark}"}
    assert whole.count(mark) == whole.count(json.dumps(mark)[1:-1]) == 0
    assert holding(mark, database_url) == []


def test_no_word_of_a_deadline_lies_open(
    database_url: str, clock: FixedClock, keys: FileKeys, mark: str
) -> None:
    with Engine.open(
        database_url, clock=clock, keys=keys, processes=SMALL / "processes", rules=SMALL / "rules"
    ) as engine:
        facts = {"area": "140429102", "received_on": "2026-03-02", "amount": 60_000}
        case = engine.open_case("claim", facts, key="k1", by=SMALL_CLERK).id
        engine.complete(engine.tasks(case=case)[0].id, {}, by=SMALL_CLERK)
        engine.extend(case, "claim.handle", "9 d", ground=f"{mark}复杂", by=HEAD)
        engine.suspend(case, "claim.handle", ground="hearing", by=HEAD)
        assert engine.deadlines(case)[0].extensions[0]["ground"] == f"{mark}复杂"
        assert engine.audit.verify().sound
    assert mark not in rows_of(database_url)
    assert holding(mark, database_url) == []


@pytest.mark.parametrize("damage", ["changed", "moved"])
def test_a_file_that_was_changed_where_it_is_encrypted_is_told(
    database_url: str, clock: FixedClock, keys: FileKeys, damage: str
) -> None:
    with Engine.open(database_url, clock=clock, keys=keys) as engine:
        case = engine.open_case("dispute", {"source": "walk_in", "area": AREA}, key="k", by=CLERK).id
        for name in "ab":
            engine.attachments.add(case, f"{name}.txt", name.encode() * 9, by=CLERK)
        first, second = (one.digest for one in engine.attachments.of(case, by=CLERK))
        change: Callable[..., Any] = {
            "changed": lambda: "UPDATE jiefen_file SET content = :raw WHERE digest = :first",
            "moved": lambda: (
                "UPDATE jiefen_file SET content = "
                "(SELECT content FROM jiefen_file WHERE digest = :second) WHERE digest = :first"
            ),
        }[damage]
        values = {"raw": b"jfA:" + bytes(40), "first": first, "second": second}
        with engine._runtime.writing() as connection:
            text = sa.text(change())
            connection.execute(text, {name: values[name] for name in text.compile().params})
        assert engine.attachments.check().faulty[0].digest == first
        engine.attachments.add(case, "a.txt", b"a" * 9, by=CLERK)
        assert engine.attachments.check().faulty == ()
        assert engine.attachments.read(case, 1, by=CLERK) == b"a" * 9


def opened_late(url: str, clock: FixedClock, keys: FileKeys, mark: str) -> tuple[int, dict[str, Any]]:
    """A case from before there were keys, and what was read of it then."""
    plain = Engine.open(url, clock=clock, adapters={"notice": Failing()})
    with plain as engine:
        case = lived(engine, mark, clock)
        return case, told(engine, case)


def told(engine: Engine, case: int) -> dict[str, Any]:
    """All that an engine reads of a case."""
    return {
        "case": engine.case(case).facts,
        "journal": [
            (one.kind, one.data) for one in engine.history(case, limit=1000) if one.kind != "encrypted"
        ],
        "parties": engine.parties.of(case),
        "notes": engine.notes.of(case, by=CLERK),
        "files": engine.attachments.of(case, by=CLERK),
        "bytes": engine.attachments.read(case, 1, by=CLERK),
        "meetings": engine.appointments.of(case, by=CLERK),
        "links": engine.links(case),
        "readers": engine.grades.readers(case, by=CLERK),
        "deadlines": engine.deadlines(case),
        "absences": engine.absences(person="0412"),
        "deliveries": [one for one in engine.deliveries() if one.case == case],
    }


@PLAIN
class TestKeysThatComeLate:
    """A database that was kept open for a year, and then gets keys."""

    def test_everything_is_encrypted_and_read_as_before(
        self, database_url: str, clock: FixedClock, keys: FileKeys, mark: str
    ) -> None:
        case, before = opened_late(database_url, clock, keys, mark)
        assert mark in rows_of(database_url)
        with Engine.open(database_url, clock=clock, keys=keys) as engine:
            assert told(engine, case) == before
            first = engine.records.encrypt(limit=1)
            assert (first.cases, first.after, first.unsound) == (1, case, ())
            # Somebody works on meanwhile, and it breaks off: it is begun again.
            assert told(engine, case) == before
            again = engine.records.encrypt(limit=50)
            assert (again.after, again.unsound, again.cases > 0, again.rows > 0) == (None, (), True, True)
            last = engine.records.encrypt()
            assert (last.cases, last.rows, last.after) == (0, 0, None)
            engine.records.rewrite()
            assert told(engine, case) == before
            assert [hit.case.id for hit in engine.search(party=f"李{mark}", text=f"{mark}之争议").items] == [
                case
            ]
            assert engine.audit.verify().faults == ()
            assert "此前的记录已加密" in engine.explain(case).text("zh")
            assert mark not in rows_of(database_url)
            engine.notes.add(case, "仍可办理", by=CLERK)
            assert engine.audit.verify().faults == ()
        # What was logged before lies in the log until PostgreSQL writes over it.
        assert holding(mark, database_url, log=False) == []
        with Audit.open(database_url) as audit:
            assert audit.verify().faults == ()

    def test_what_is_changed_afterwards_is_found_without_a_key(
        self, database_url: str, clock: FixedClock, keys: FileKeys, mark: str
    ) -> None:
        case, _ = opened_late(database_url, clock, keys, mark)
        with Engine.open(database_url, clock=clock, keys=keys) as engine:
            engine.records.encrypt()
            with engine._runtime.writing() as connection:
                # The trigger lets it pass: an entry tells that this one was encrypted.
                take = "(SELECT other.data FROM jiefen_journal AS other WHERE other.case_id = :case AND other.seq = 2)"
                change = f"UPDATE jiefen_journal SET data = {take} WHERE case_id = :case AND seq = 1"
                connection.execute(sa.text(change), {"case": case})
            [fault] = engine.audit.verify().faults
            assert (fault.kind, fault.case, fault.entry) == (FaultKind.CHANGED, case, 1)

    def test_a_case_whose_journal_was_changed_before_stays_as_it_is_and_is_told(
        self, sqlite_url: str, clock: FixedClock, keys: FileKeys, mark: str
    ) -> None:
        case, _ = opened_late(sqlite_url, clock, keys, mark)
        with Engine.open(sqlite_url, clock=clock, keys=keys) as engine:
            with engine._runtime.writing() as connection:
                connection.execute(sa.text("DROP TRIGGER jiefen_journal_changed"))
                set_ = "SET data = json_set(data, '$.reason', 'x') WHERE case_id = :case AND seq = 1"
                change = f"UPDATE jiefen_journal {set_}"
                connection.execute(sa.text(change), {"case": case})
            assert engine.records.encrypt().unsound == (case,)
            assert [one.entry for one in engine.audit.verify().faults] == [1]
