"""What an auditor finds when somebody has written to the tables without the engine; on both databases."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typer.testing import CliRunner

from jiefen import (
    EVERYWHERE,
    Actor,
    Audit,
    Conflict,
    DatabaseError,
    Engine,
    FaultKind,
    FileError,
    FileKeys,
    FixedClock,
    NotFound,
)
from jiefen.audit.faults import Faults
from jiefen.audit.signing import make_key
from jiefen.cli.root import app
from jiefen.record.chain import START, Head, covered, link
from jiefen.record.rows import JournalRow
from jiefen.store import schema
from jiefen.store.connecting.database import open_database
from jiefen.store.counter.kept import WRITTEN
from jiefen.store.desk.parties import CHANGING, party
from jiefen.store.sealing.covering import NAMES
from jiefen.store.sealing.types import Marked, Sealed
from tests.integration.conftest import CLERK, HEAD, SMALL, Opener, make_tables
from tests.support.databases import Databases

FACTS = {"area": "140429102201", "received_on": "2026-03-02", "amount": 60_000}
case, journal, deadline = schema.case, schema.journal, schema.deadline


def _story(engine: Engine, key: str) -> int:
    found = engine.open_case("claim", FACTS, key=key, by=CLERK).id
    engine.extend(found, "claim.handle", "9 d", ground="复杂", by=HEAD)
    [task] = engine.tasks(case=found)
    engine.complete(task.id, {}, by=CLERK)
    return found


@pytest.fixture
def cases(engine: Engine) -> list[int]:
    return [_story(engine, f"c{number}") for number in range(3)]


def tamper(engine: Engine, *statements: sa.Executable | Callable[[Connection], object]) -> None:
    """What somebody does who owns the tables: the triggers are off."""
    database = open_database(engine._runtime.database.engine.url.render_as_string(hide_password=False))
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in found.scalars().all():
                if name.startswith(("jiefen_journal", "jiefen_edition", "jiefen_calendar")):
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            if callable(statement):
                statement(connection)
            else:
                connection.execute(statement)
    database.dispose()


def table(name: str) -> sa.Table:
    """The table of that name."""
    return schema.metadata.tables[f"jiefen_{name}"]


def changed(of: str, /, **values: Any) -> Callable[[int], sa.Executable]:
    """Changes the rows of a case in a table."""
    return lambda number: sa.update(table(of)).where(table(of).c.case_id == number).values(**values)


def told(engine: Engine, **options: Any) -> list[tuple[FaultKind, int | None, int | None, str | None]]:
    found = engine.audit.verify(**options)
    assert found.found == len(found.faults)
    assert found.sound == (not found.faults)
    return [(fault.kind, fault.case, fault.entry, fault.about) for fault in found.faults]


def test_what_nobody_has_touched_is_sound(engine: Engine, cases: list[int], clock: FixedClock) -> None:
    clock.advance(timedelta(days=200))
    engine.sweep()
    found = engine.audit.verify()
    assert (found.cases, found.through, found.chained_later, found.erased) == (3, cases[-1], 0, 0)
    assert found.entries == sum(len(engine.history(one)) for one in cases)
    assert found.sound
    assert found.faults == ()


def _at(number: int, seq: int) -> sa.ColumnElement[bool]:
    return sa.and_(journal.c.case_id == number, journal.c.seq == seq)


def _values(**values: Any) -> Callable[[int], sa.Executable]:
    return lambda number: sa.update(journal).where(_at(number, 3)).values(**values)


CHANGED: dict[str, Callable[[int], sa.Executable]] = {
    "who": _values(actor="0999"),
    "when": _values(at=datetime(2025, 1, 1, tzinfo=UTC)),
    "what kind": _values(kind="decision"),
    "about what": _values(subject="other"),
    "the data": _values(data={"title": "另一件"}),
    "the digest": _values(digest=b"x" * 32),
    "the hash": _values(hash=b"x" * 32),
    "what it covers": _values(covers={"facts": "00"}),
    "erased in silence": _values(data={"erased": 4}, salt=None),
}


@pytest.mark.parametrize("what", CHANGED)
def test_the_first_entry_that_was_changed_is_named(engine: Engine, cases: list[int], what: str) -> None:
    tamper(engine, CHANGED[what](cases[1]))
    assert told(engine) == [(FaultKind.CHANGED, cases[1], 3, None)]


def test_an_entry_that_was_taken_out_is_missing(engine: Engine, cases: list[int]) -> None:
    tamper(engine, sa.delete(journal).where(_at(cases[0], 2)))
    assert told(engine) == [(FaultKind.MISSING, cases[0], 2, None)]


def test_a_tail_that_was_cut_off_is_missed(engine: Engine, cases: list[int]) -> None:
    tamper(engine, sa.delete(journal).where(journal.c.case_id == cases[2], journal.c.seq > 4))
    assert told(engine) == [(FaultKind.CUT, cases[2], 5, None)]


def test_an_entry_that_was_put_in_shows(engine: Engine, cases: list[int]) -> None:
    entry = {
        "case_id": cases[0],
        "at": engine._runtime.clock.now(),
        "actor": "a",
        "kind": "noted",
        "data": {},
    }
    last = len(engine.history(cases[0]))
    tamper(engine, sa.insert(journal).values(**entry))
    assert told(engine) == [(FaultKind.INSERTED, cases[0], last + 1, None)]


def test_a_deadline_that_no_entry_moved_shows(engine: Engine, cases: list[int]) -> None:
    mine = sa.and_(deadline.c.case_id == cases[0], deadline.c.seq == 1)
    tamper(engine, sa.update(deadline).where(mine).values(due_on=date(2027, 1, 1)))
    [fault] = engine.audit.verify().faults
    assert (fault.kind, fault.case, fault.about) == (FaultKind.MOVED, cases[0], "deadline:1")
    assert "claim.handle" in fault.en
    tamper(engine, sa.delete(deadline).where(mine))
    assert [one[0::3] for one in told(engine)] == [(FaultKind.MOVED, "deadline:1")]


@pytest.mark.parametrize(
    ("values", "about"),
    [
        ({"facts": {"amount": 1}}, "facts"),
        ({"outcome": "agreed"}, "case"),
        ({"process": "other"}, "case"),
        ({"state": b"JF"}, "state"),
    ],
)
def test_a_case_that_is_not_as_its_journal_left_it_shows(
    engine: Engine, cases: list[int], values: dict[str, Any], about: str
) -> None:
    tamper(engine, sa.update(case).where(case.c.id == cases[1]).values(**values))
    [(kind, number, entry, what)] = told(engine)
    assert (kind, number, what) == (FaultKind.MOVED, cases[1], about)
    assert entry is not None


def test_a_case_that_was_removed_leaves_its_entries(engine: Engine, cases: list[int]) -> None:
    url = engine._runtime.database.engine.url.render_as_string(hide_password=False)
    raw = sa.create_engine(url)  # SQLite does not look at foreign keys unless it is told to
    with raw.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(sa.delete(case).where(case.c.id.in_([cases[0], cases[2]])))
    raw.dispose()
    assert told(engine) == [
        (FaultKind.ORPHAN, cases[0], None, None),
        (FaultKind.ORPHAN, cases[2], None, None),
    ]


def test_rules_and_holidays_that_were_changed_show(engine: Engine, cases: list[int]) -> None:
    [digest] = [row.digest for row in _rows(engine, schema.edition)]
    [days] = [row.digest for row in _rows(engine, schema.calendar)]
    tamper(
        engine, sa.update(schema.edition).values(content=b"x"), sa.update(schema.calendar).values(plans=[])
    )
    assert told(engine) == [
        (FaultKind.EDITION, None, None, digest),
        (FaultKind.CALENDAR, None, None, days),
    ]


def _rows(engine: Engine, table: sa.Table) -> list[Any]:
    with engine._runtime.reading() as connection:
        return list(connection.execute(sa.select(table)))


def test_a_long_look_is_taken_in_parts(engine: Engine, cases: list[int]) -> None:
    tamper(engine, _values(actor="x")(cases[2]), sa.delete(journal).where(_at(cases[0], 2)))
    first = engine.audit.verify(until=cases[1])
    second = engine.audit.verify(after=first.through)
    assert (first.through, second.through) == (cases[1], cases[2])
    assert (first.cases, second.cases) == (2, 1)
    assert [fault.case for fault in (*first.faults, *second.faults)] == [cases[0], cases[2]]


def test_several_processes_find_the_same(engine: Engine, cases: list[int], tmp_path: Path, key: Path) -> None:
    engine.audit.anchor(tmp_path / "out", key=key)
    tamper(engine, _values(actor="0999")(cases[0]), sa.delete(journal).where(_at(cases[2], 2)))
    tamper(engine, sa.update(schema.calendar).values(plans=[]))
    options: dict[str, Any] = {"anchors": tmp_path / "out"}
    alone, together = engine.audit.verify(**options), engine.audit.verify(workers=5, **options)
    assert {*together.faults} == {*alone.faults}
    assert replace(together, faults=()) == replace(alone, faults=())
    assert together.found == 4
    some = engine.audit.verify(after=cases[0], until=cases[1], workers=2)
    assert some == engine.audit.verify(after=cases[0], until=cases[1])
    assert engine.audit.verify(after=cases[2], workers=2) == engine.audit.verify(after=cases[2])
    assert len(engine.audit.verify(workers=2, limit=1).faults) == 1


def test_no_more_faults_are_told_than_were_asked_for(engine: Engine, cases: list[int]) -> None:
    tamper(engine, sa.delete(journal).where(journal.c.seq == 2))
    found = engine.audit.verify(limit=1)
    assert (len(found.faults), found.found) == (1, 3)


def test_what_was_erased_is_no_fault_and_is_counted(engine: Engine, cases: list[int]) -> None:
    """An entry that tells of the erasing, then its number in the place of the data."""

    def erase(connection: Connection) -> None:
        row = connection.execute(sa.select(case).where(case.c.id == cases[0])).one()
        told = JournalRow(cases[0], row.updated_at, "0412", "erased", None, {"entries": [1]})
        rows, head = link([told], Head(row.entries, row.head), {})
        connection.execute(sa.insert(journal), [one._asdict() | {"data": Marked(one.data)} for one in rows])
        ends = {"entries": head.entries, "head": head.hash}
        connection.execute(sa.update(case).where(case.c.id == cases[0]).values(ends))
        tombstone = {"data": Marked({"erased": head.entries}), "salt": None, "covers_salt": None}
        connection.execute(sa.update(journal).where(_at(cases[0], 1)).values(tombstone))

    with engine._runtime.writing() as connection:
        erase(connection)
    found = engine.audit.verify()
    assert (found.sound, found.erased) == (True, 1)


def test_an_auditor_needs_no_key_to_what_is_encrypted(
    database_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    """What is covered is what is kept."""
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": "院墙"}
    clerk = Actor("0412", frozenset({"county_petition_office"}), EVERYWHERE)
    with Engine.open(database_url, clock=clock, keys=FileKeys.create(tmp_path / "keys.yaml")) as engine:
        number = engine.open_case("dispute", facts, key="k", by=clerk).id
        engine.message("party.performed", case=number, key="early")
        engine.notes.add(number, "已联系", by=clerk)
        engine.correct(number, {"title": "院墙和水沟"}, reason="听错", by=clerk)
        assert engine.audit.verify().faults == ()
    with Audit.open(database_url) as audit:
        found = audit.verify()
        assert (found.faults, found.cases) == ((), 1)


def test_an_auditor_opens_no_tables_of_another_version(databases: Databases) -> None:
    with pytest.raises(DatabaseError), Audit.open(databases.empty()):
        pass


# --- anchors ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "anchor.pem"
    file.parent.mkdir()
    make_key(file)
    return file


def _rewrite(number: int) -> Callable[[Connection], object]:
    """Change an entry, and work out every hash after it anew, as an administrator can who knows how."""

    def rewrite(connection: Connection) -> None:
        entries = connection.execute(
            sa.select(journal).where(journal.c.case_id == number).order_by(journal.c.seq)
        ).all()
        told = [JournalRow(*(getattr(entry, name) for name in JournalRow._fields)) for entry in entries]
        told[1] = told[1]._replace(actor="0999")
        row = connection.execute(sa.select(case).where(case.c.id == number)).one()
        hanging = connection.execute(sa.select(deadline).where(deadline.c.case_id == number)).all()
        rows, head = link(told, Head(0, START), covered(row, {}, hanging, whole=True))
        for entry, linked in zip(entries, rows, strict=True):
            connection.execute(sa.update(journal).where(journal.c.id == entry.id).values(linked._asdict()))
        connection.execute(sa.update(case).where(case.c.id == number).values(head=head.hash))

    return rewrite


def test_an_anchor_shows_that_a_whole_chain_was_written_anew(
    engine: Engine, cases: list[int], tmp_path: Path, key: Path
) -> None:
    made = engine.audit.anchor(tmp_path / "out", key=key)
    assert (made.number, made.cases, made.entries) == (1, 3, engine.audit.verify().entries)
    later = _story(engine, "later")
    again = engine.audit.anchor(tmp_path / "out", key=key)
    assert (again.number, again.cases) == (2, 1)
    options = {"anchors": tmp_path / "out", "key": key.with_name("anchor.pem.pub")}
    found = engine.audit.verify(**options)
    assert (found.sound, found.anchors) == (True, 2)
    tamper(engine, _rewrite(cases[1]), _rewrite(later))
    assert told(engine) == []
    assert [(kind, number, about) for kind, number, _, about in told(engine, **options)] == [
        (FaultKind.CHANGED, cases[1], "1"),
        (FaultKind.CHANGED, later, "2"),
    ]


def test_an_older_backup_shows(engine: Engine, opener: Opener, tmp_path: Path, key: Path) -> None:
    """Entries that were there when they were signed are not there any more, and nothing else is wrong."""
    first = _story(engine, "first")
    engine.audit.anchor(tmp_path / "out", key=key)
    backup = {name: _rows(engine, table) for name, table in (("case", case), ("journal", journal))}
    engine.notes.add(first, "已联系", by=CLERK)
    second = _story(engine, "second")
    engine.audit.anchor(tmp_path / "out", key=key)

    def restore(connection: Connection) -> None:
        connection.execute(sa.delete(journal).where(journal.c.id > backup["journal"][-1].id))
        connection.execute(sa.delete(deadline).where(deadline.c.case_id == second))
        connection.execute(sa.delete(table("note")))
        [row] = backup["case"]
        values = {name: value for name, value in row._mapping.items() if name != "id"}
        connection.execute(sa.update(case).where(case.c.id == first).values(values))

    tamper(engine, restore)
    raw = sa.create_engine(engine._runtime.database.engine.url)
    with raw.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(sa.delete(case).where(case.c.id == second))
    raw.dispose()
    assert told(engine) == []
    found = engine.audit.verify(anchors=tmp_path / "out")
    assert {fault.kind for fault in found.faults} == {FaultKind.OLDER}
    assert {fault.case for fault in found.faults} == {None, first, second}
    with pytest.raises(Conflict, match="older backup"):
        engine.audit.anchor(tmp_path / "out", key=key)


def test_anchors_that_were_meddled_with_show(
    engine: Engine, cases: list[int], tmp_path: Path, key: Path
) -> None:
    out = tmp_path / "out"
    for number in range(4):
        engine.audit.anchor(out, key=key)
        engine.notes.add(cases[0], f"{number}", by=CLERK)
    other = tmp_path / "other.pem"
    make_key(other)
    with pytest.raises(FileError, match="not signed by this key"):
        engine.audit.anchor(out, key=other)
    assert {one[3] for one in told(engine, anchors=out, key=other.with_name("other.pem.pub"))} == set("1234")
    os.unlink(out / "000002.json")
    heads = out / "000003.heads"
    heads.write_bytes(heads.read_bytes().replace(b" ", b"  "))
    statement = json.loads((out / "000004.json").read_bytes())
    statement["statement"]["cases"] += 1
    (out / "000004.json").write_text(json.dumps(statement), encoding="utf-8")
    assert [(kind, about) for kind, _, _, about in told(engine, anchors=out)] == [
        (FaultKind.ANCHOR, "2"),
        (FaultKind.ANCHOR, "3"),
        (FaultKind.ANCHOR, "4"),
    ]


def test_keys_and_folders_that_cannot_be_used_are_told(
    engine: Engine, cases: list[int], tmp_path: Path, key: Path
) -> None:
    assert key.stat().st_mode & 0o077 == 0
    with pytest.raises(FileError, match="never overwritten"):
        make_key(key)
    with pytest.raises(NotFound, match="no key"):
        engine.audit.anchor(tmp_path / "out", key=tmp_path / "none.pem")
    with pytest.raises(FileError, match="no private key"):
        engine.audit.anchor(tmp_path / "out", key=key.with_name("anchor.pem.pub"))
    with pytest.raises(NotFound, match="no anchor"):
        engine.audit.verify(anchors=tmp_path)
    with pytest.raises(FileError, match="no public key"):
        engine.audit.verify(anchors=tmp_path, key=key)


@pytest.fixture
def command(url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("JIEFEN_DB", url)
    monkeypatch.setenv("JIEFEN_LANG", "zh")
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_the_command_names_what_is_wrong(
    engine: Engine, cases: list[int], command: Callable[..., Any], tmp_path: Path
) -> None:
    key, out = str(tmp_path / "k.pem"), str(tmp_path / "out")
    assert "公钥" in command("audit", "key", "--out", key).output
    assert "第 1 号锚定" in command("audit", "anchor", "--out", out, "--key", key).output
    good = command("audit", "verify", "--anchors", out, "--key", f"{key}.pub")
    assert (good.exit_code, "发现 0 处问题" in good.output) == (0, True)
    tamper(engine, sa.delete(journal).where(_at(cases[0], 2)))
    bad = command("audit", "verify", "--json")
    assert bad.exit_code == 1
    [fault] = json.loads(bad.output)["faults"]
    assert (fault["kind"], fault["case"], fault["entry"]) == ("missing", cases[0], 2)
    assert "缺少第 2 条流水" in command("audit", "verify").output


def test_the_commands_show_an_auditor_what_was_read(
    engine: Engine, cases: list[int], command: Callable[..., Any]
) -> None:
    assert engine.as_(CLERK, because="核对").case(cases[0]).id == cases[0]
    long_ago = ("--days", "3660")
    [seen] = json.loads(command("audit", "reads", "--person", CLERK.id, *long_ago, "--json").output)
    assert (seen["person"], seen["call"], seen["case"], seen["because"]) == (
        CLERK.id,
        "case",
        cases[0],
        "核对",
    )
    assert "查阅方式" in command("audit", "reads", *long_ago).output
    assert json.loads(command("audit", "reads", "--refused", *long_ago, "--json").output) == []
    found = json.loads(command("audit", "unusual", "--many", "1", *long_ago, "--json").output)
    assert ("many", 1) in {(one["sign"], one["number"]) for one in found}


# --- what hangs on a case ---------------------------------------------------------------------------------------------


def test_rows_from_before_they_were_covered_are_counted(engine: Engine, cases: list[int]) -> None:
    """A case whose first call covers no such rows, as of a version before: what was not covered nobody can tell."""
    tamper(engine, _rewrite(cases[0]))
    found = engine.audit.verify()
    assert (found.faults, found.uncovered > 2) == ((), True)
    engine.notes.add(cases[0], "一", by=CLERK)
    assert engine.audit.verify().uncovered == found.uncovered
    tamper(engine, changed("note", text="二")(cases[0]))
    assert [about for *_, about in told(engine)] == ["note:1"]


def test_what_an_entry_covers_cannot_be_forgotten(engine: Engine, cases: list[int]) -> None:
    """Without its salt nobody could compare; it goes with the data of an entry that was erased, and never alone."""
    covering = sa.and_(journal.c.case_id == cases[0], journal.c.covers_salt.is_not(None))
    seqs = [
        row.seq for row in _rows(engine, journal) if row.case_id == cases[0] and row.covers_salt is not None
    ]
    moved = sa.update(deadline).where(deadline.c.case_id == cases[0]).values(due_on=date(2027, 1, 1))
    tamper(engine, sa.update(journal).where(covering).values(covers_salt=None), moved)
    assert told(engine) == [(FaultKind.CHANGED, cases[0], seqs[0], None)]


def test_a_swapped_edition_shows(engine: Engine, cases: list[int], opener: Opener, tmp_path: Path) -> None:
    """A case that is put on other rules, and rules that lie under the digest of others."""
    rules = tmp_path / "rules"
    shutil.copytree(SMALL / "rules", rules)
    (rules / "grounds.yaml").write_text(
        (SMALL / "rules" / "grounds.yaml").read_text(encoding="utf-8") + "\n# other\n", encoding="utf-8"
    )
    opener(rules=rules).close()
    mine, other = (row.digest for row in sorted(_rows(engine, schema.edition), key=lambda row: row.loaded_at))
    [content] = [row.content for row in _rows(engine, schema.edition) if row.digest == other]
    tamper(engine, sa.update(case).where(case.c.id == cases[1]).values(edition=other))
    assert [(kind, number, about) for kind, number, _, about in told(engine)] == [
        (FaultKind.MOVED, cases[1], "case")
    ]
    swapped = sa.update(schema.edition).where(schema.edition.c.digest == mine).values(content=content)
    tamper(engine, sa.update(case).where(case.c.id == cases[1]).values(edition=mine), swapped)
    assert told(engine) == [(FaultKind.EDITION, None, None, mine)]


def test_an_edition_that_would_fill_the_memory_is_told_and_not_unpacked(
    engine: Engine, cases: list[int]
) -> None:
    packing = zlib.compressobj(9)
    bomb = packing.compress(b'{"rules/a.yaml":"') + packing.compress(b"a" * 1_000_000)
    bomb += b"".join(packing.compress(b"a" * 1_000_000) for _ in range(300)) + packing.flush()
    tamper(engine, sa.update(schema.edition).values(content=bomb))
    tracemalloc.start()
    assert [kind for kind, *_ in told(engine)] == [FaultKind.EDITION]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 100_000_000


def test_a_backup_of_last_week_shows(
    sqlite: Databases, opener: Opener, clock: FixedClock, tmp_path: Path, key: Path
) -> None:
    """The file itself is put back: by itself it is sound, and the anchors are newer."""
    url = sqlite.prepared(make_tables)
    file, backup = Path(str(sa.make_url(url).database)), tmp_path / "backup.db"
    first = opener(url=url)
    _story(first, "first")
    first.audit.anchor(tmp_path / "out", key=key)
    first.close()
    shutil.copy(file, backup)
    clock.advance(timedelta(days=7))
    second = opener(url=url)
    _story(second, "second")
    second.audit.anchor(tmp_path / "out", key=key)
    second.close()
    for left in file.parent.glob(f"{file.name}-*"):
        left.unlink()
    shutil.copy(backup, file)
    with Audit.open(url) as audit:
        assert audit.verify().sound
        found = audit.verify(anchors=tmp_path / "out")
    assert {(fault.kind, fault.about) for fault in found.faults} == {(FaultKind.OLDER, "2")}
    assert any(fault.case == 2 for fault in found.faults)


def test_what_is_encrypted_anew_is_written_anew() -> None:
    """Or the row would hold what was encrypted before, and the entry cover what is nowhere."""
    for kept in WRITTEN.values():
        sealed = {column.name for column in kept.table.c if isinstance(column.type, Sealed)}
        assert sealed <= {*kept.changing}, kept.table.name
    assert {column.name for column in party.c if isinstance(column.type, Sealed)} <= {*CHANGING}


def test_every_kind_of_row_has_a_name_in_both_languages() -> None:
    for name in sorted(NAMES):
        faults = Faults(1)
        faults.moved(1, f"{name}:2", 3)
        [fault] = faults.first
        assert f"{name}:2" not in fault.en
        assert f"{name}:2" not in fault.zh
