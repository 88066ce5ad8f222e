"""A database with keys: nothing of people lies open in it, and everything works as it does without."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Algorithm, Case, Engine, FileKeys, FixedClock, KeysError, NotAllowed
from jiefen.cli.root import app
from jiefen.queries.petitions import _FACTS
from jiefen.store import schema
from jiefen.store.connecting.database import open_database
from jiefen.store.desk.index import text as texts
from jiefen.store.desk.parties import party
from jiefen.store.sealing.tables import case_key, key
from tests.conftest import ENCRYPTED
from tests.support.databases import Databases

#: For what needs a database without keys.
PLAIN = pytest.mark.skipif(ENCRYPTED, reason="every database has keys here")
CLERK = Actor("0412", frozenset({"village_mediator"}), EVERYWHERE)
NAME, PHONE, CARD, MATTER, OTHER = "王小花", "13912345678", "110101199003071233", "宅基地边界被占", "张三丰"
SECRETS = (NAME, PHONE, CARD, MATTER, OTHER, "听邻居说过的话", "不肯来", "先去看现场")
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": MATTER}
PEOPLE = [
    {"part": "applicant", "name": NAME, "phone": PHONE, "id_number": CARD},
    {"part": "respondent", "name": OTHER},
]

Opener = Callable[..., Engine]


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.create(tmp_path / "keys.yaml")


@pytest.fixture
def opener(database_url: str, clock: FixedClock, keys: FileKeys) -> Any:
    opened: list[Engine] = []

    def opening(**options: Any) -> Engine:
        opened.append(Engine.open(**({"url": database_url, "clock": clock, "keys": keys} | options)))
        return opened[-1]

    yield opening
    for engine in opened:
        engine.close()


def lived(engine: Engine) -> Case:
    """A case that was opened, worked on, written about and swept."""
    case = engine.open_case(
        "dispute", FACTS | {"description": "听邻居说过的话"}, key="k1", by=CLERK, parties=PEOPLE
    )
    everybody = Actor(
        "0618", frozenset(one.id for one in engine.edition.rulebook.roles.values() if one.is_office), "14"
    )
    for element in ("ask_consent", "assign_mediator"):
        for task in engine.tasks(case=case.id):
            if task.element == element:
                engine.complete(task.id, {}, by=everybody)
    engine.notes.add(case.id, f"{OTHER}不肯来", by=CLERK)
    engine.log_contact(case.id, "telephone", f"{NAME}说先去看现场", by=everybody)
    return engine.case(case.id)


def rows_of(url: str) -> str:
    """Everything that the tables hold, as text."""
    database = open_database(url)
    with database.engine.connect() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        said = [
            repr(list(connection.execute(sa.text(f"SELECT * FROM {name}"))))
            for name in tables.tables
            if name != "jiefen_edition"
        ]
    database.dispose()
    return "\n".join(said)


def spelt(secret: str, whole: str) -> bool:
    return secret in whole or json.dumps(secret)[1:-1] in whole


def test_nothing_of_people_lies_open_and_all_of_it_is_read_again(opener: Opener, database_url: str) -> None:
    engine = opener()
    before = lived(engine)
    whole = rows_of(database_url)
    assert [secret for secret in SECRETS if spelt(secret, whole)] == []
    engine.close()
    again = opener()
    assert again.case(before.id) == before
    assert [(one.name, one.phone, one.id_number) for one in again.parties.of(before.id)] == [
        (NAME, PHONE, CARD),
        (OTHER, None, None),
    ]
    assert [note.text for note in again.notes.of(before.id, by=CLERK)] == [f"{OTHER}不肯来"]
    assert again.history(before.id)[0].data["facts"]["title"] == MATTER
    assert again.explain(before.id).text("zh")


def test_the_file_of_sqlite_holds_none_of_it(sqlite_url: str, clock: FixedClock, keys: FileKeys) -> None:
    with Engine.open(sqlite_url, clock=clock, keys=keys) as engine:
        lived(engine)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    spellings = [(one.encode(), json.dumps(one)[1:-1].encode()) for one in SECRETS]
    assert [one for one in spellings if one[0] in raw or one[1] in raw] == []


def test_people_and_matters_are_found(opener: Opener) -> None:
    engine = opener()
    case = lived(engine)
    for asked in (
        {"text": "宅基地边界"},
        {"text": OTHER},
        {"party": NAME},
        {"party": PHONE},
        {"party": "5678"},
        {"party": "345678"},
        {"party": CARD},
    ):
        assert [hit.case.id for hit in engine.search(**asked).items] == [case.id], asked
    for asked in ({"text": "宅基证"}, {"party": "王小华"}, {"party": "445678"}, {"party": "13912345679"}):
        assert engine.search(**asked).items == (), asked
    assert engine.search(text=OTHER, unmasked=True).items[0].title == MATTER


def test_the_same_key_with_the_same_people_is_the_same_case_and_with_others_it_is_not(opener: Opener) -> None:
    from jiefen import Conflict

    engine = opener()
    case = engine.open_case("dispute", FACTS, key="k1", by=CLERK, parties=PEOPLE)
    assert engine.open_case("dispute", FACTS, key="k1", by=CLERK, parties=PEOPLE).id == case.id
    with pytest.raises(Conflict, match="parties"):
        engine.open_case("dispute", FACTS, key="k1", by=CLERK, parties=PEOPLE[:1])


def test_every_case_has_a_key_of_its_own_made_once(opener: Opener, database_url: str) -> None:
    engine = opener()
    first = lived(engine)
    second = engine.open_case("dispute", FACTS, key="k2", by=CLERK, parties=PEOPLE)
    database = open_database(database_url)
    with database.reading() as connection:
        kept = {row.of_case: row.wrapped for row in connection.execute(sa.select(case_key))}
        assert [row.name for row in connection.execute(sa.select(key))] == ["index"]
    database.dispose()
    assert kept.keys() == {first.id, second.id}
    assert len(set(kept.values())) == 2


@pytest.mark.parametrize("change", ["swapped", "of another case", "changed", "without its key"])
def test_what_was_moved_or_changed_in_the_tables_is_told(
    opener: Opener, database_url: str, change: str
) -> None:
    engine = opener()
    first, second = (
        engine.open_case("dispute", FACTS, key=name, by=CLERK, parties=PEOPLE).id for name in ("a", "b")
    )
    here = (party.c.case_id == first) & (party.c.seq == 1)
    name = sa.column("name", sa.String)
    database = open_database(database_url)
    with database.writing() as connection:
        read = sa.select(name).select_from(party)
        if change == "without its key":
            connection.execute(sa.delete(case_key).where(case_key.c.of_case == first))
        else:
            from_there = {
                "swapped": (party.c.case_id == first) & (party.c.seq == 2),
                "of another case": (party.c.case_id == second) & (party.c.seq == 1),
                "changed": here,
            }[change]
            taken = str(connection.scalar(read.where(from_there)))
            if change == "changed":
                taken = taken[:20] + ("A" if taken[20] != "A" else "B") + taken[21:]
            raw = sa.text("UPDATE jiefen_party SET name = :taken WHERE case_id = :case AND seq = 1")
            connection.execute(raw, {"taken": taken, "case": first})
    database.dispose()
    with pytest.raises(
        KeysError, match="is gone" if change == "without its key" else "was changed, or put here"
    ):
        engine.parties.of(first)
    assert engine.parties.of(second)


@PLAIN
def test_a_lost_or_another_key_is_said_when_it_is_opened(opener: Opener, tmp_path: Path) -> None:
    opener().close()
    with pytest.raises(KeysError, match="is encrypted; open it with the keys"):
        opener(keys=None)
    with pytest.raises(KeysError, match="not the one"):
        opener(keys=FileKeys.create(tmp_path / "other.yaml"))


def test_sm4_and_aes_stand_beside_each_other(opener: Opener, tmp_path: Path, keys: FileKeys) -> None:
    engine = opener()
    first = engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE)
    engine.close()
    path = tmp_path / "keys.yaml"
    path.write_text(path.read_text().replace(Algorithm.AES, Algorithm.SM4))
    path.chmod(0o600)
    other = opener(keys=FileKeys(path))
    second = other.open_case("dispute", FACTS, key="b", by=CLERK, parties=PEOPLE)
    assert [other.case(one.id).facts["title"] for one in (first, second)] == [MATTER, MATTER]


def test_a_host_in_its_own_transaction_writes_nothing_open(opener: Opener, database_url: str) -> None:
    engine = opener()
    hosts = sa.create_engine(database_url)
    with hosts.begin() as connection:
        case = engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE, session=connection)
        assert engine.case(case.id, session=connection).facts["title"] == MATTER
        engine.notes.add(case.id, f"{OTHER}不肯来", by=CLERK, session=connection)
    hosts.dispose()
    assert [secret for secret in SECRETS if spelt(secret, rows_of(database_url))] == []
    assert engine.case(case.id).facts["title"] == MATTER


def test_a_transaction_that_is_undone_leaves_no_key_behind(opener: Opener, database_url: str) -> None:
    """The next case gets the number again, and must not be encrypted by a key that nobody has kept."""
    engine = opener()
    hosts = sa.create_engine(database_url)
    for _ in range(2):
        with hosts.connect() as connection:
            engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE, session=connection)
    case = engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE)
    engine.notes.add(case.id, "先去看现场", by=CLERK)
    hosts.dispose()
    engine.close()
    assert [note.text for note in opener().notes.of(case.id, by=CLERK)] == ["先去看现场"]


def test_a_plain_value_is_never_written_where_there_are_keys(opener: Opener) -> None:
    """A statement that forgets to encrypt is refused by the type of the column."""
    engine = opener()
    row = {"case_id": 1, "actor": "x", "kind": "note", "data": {"a": 1}, "at": engine._runtime.clock.now()}
    with engine._runtime.writing() as connection, pytest.raises(Exception, match="without being encrypted"):
        connection.execute(sa.insert(schema.journal), row)


@PLAIN
def test_without_keys_everything_lies_as_before(opener: Opener, database_url: str) -> None:
    engine = opener(keys=None)
    lived(engine)
    whole = rows_of(database_url)
    assert [secret for secret in SECRETS if not spelt(secret, whole)] == []


@PLAIN
def test_what_was_written_before_there_were_keys_is_still_read(opener: Opener, database_url: str) -> None:
    plain = opener(keys=None)
    case = lived(plain)
    plain.close()
    engine = opener()
    assert engine.case(case.id) == case
    engine.notes.add(case.id, "先去看现场", by=CLERK)
    assert [note.text for note in engine.notes.of(case.id, by=CLERK)] == [f"{OTHER}不肯来", "先去看现场"]
    database = open_database(database_url)
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(texts)) == 1
    database.dispose()


@PLAIN
@pytest.mark.parametrize("day", [date(2026, 3, 2)])
def test_a_step_takes_no_statement_more_with_keys(databases: Databases, keys: FileKeys, day: date) -> None:
    """But for the one that makes the key of a case."""
    counted: list[list[int]] = []
    for given in (None, keys):
        hosts = sa.create_engine(databases.empty())
        seen: list[str] = []
        with Engine.open(engine=hosts, clock=FixedClock(day), keys=given) as engine:
            each = []
            sa.event.listen(
                engine._runtime.database.engine,
                "before_cursor_execute",
                lambda conn, cursor, statement, *rest, seen=seen: seen.append(statement),
            )
            case = engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE)
            each.append(len(seen))
            [task] = engine.tasks(case=case.id)
            everybody = Actor(
                "0618",
                frozenset(one.id for one in engine.edition.rulebook.roles.values() if one.is_office),
                "14",
            )
            seen.clear()
            engine.complete(task.id, {}, by=everybody)
            each.append(len(seen))
            seen.clear()
            engine.sweep()
            each.append(len(seen))
            counted.append(each)
        hosts.dispose()
    plain, encrypted = counted
    assert encrypted == [plain[0] + 1, *plain[1:]]


class TestRotation:
    def test_data_keys_go_over_to_a_new_master_key_while_the_engine_is_open(
        self, opener: Opener, tmp_path: Path, keys: FileKeys
    ) -> None:
        engine = opener()
        cases = [engine.open_case("dispute", FACTS, key=name, by=CLERK, parties=PEOPLE).id for name in "abc"]
        assert keys.add_master() == "m2"
        later = engine.open_case("dispute", FACTS, key="d", by=CLERK, parties=PEOPLE).id
        assert engine.records.rotate_keys() == 4  # three cases, and the digests of the database
        assert (
            engine.records.rotate_keys(by=Actor("s-1", frozenset({"security_administrator"}), EVERYWHERE))
            == 0
        )
        for other in ("system_administrator", "audit_administrator", "township_leader"):
            with pytest.raises(NotAllowed):
                engine.records.rotate_keys(by=Actor("o-1", frozenset({other}), EVERYWHERE))
        engine.close()
        path = tmp_path / "keys.yaml"
        path.write_text("".join(line for line in path.read_text().splitlines(True) if "  m1:" not in line))
        path.chmod(0o600)
        again = opener(keys=FileKeys(path))
        assert [again.case(one).facts["title"] for one in (*cases, later)] == [MATTER] * 4

    @PLAIN
    def test_without_keys_there_is_nothing_to_rotate(self, opener: Opener) -> None:
        with pytest.raises(KeysError, match="not encrypted"):
            opener(keys=None).records.rotate_keys()

    def test_the_command(
        self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
    ) -> None:
        run = CliRunner()
        path = tmp_path / "made.yaml"
        assert run.invoke(app, ["keys", "create", str(path), "--lang", "en"]).stdout.startswith("made ")
        with Engine.open(sqlite_url, clock=clock, keys=FileKeys(path)) as engine:
            engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE)
        monkeypatch.setenv("JIEFEN_DB", sqlite_url)
        monkeypatch.delenv("JIEFEN_KEYS", raising=False)
        lost = run.invoke(app, ["keys", "rotate"])
        assert (lost.exit_code, "names no file of keys" in lost.output) == (1, True)
        monkeypatch.setenv("JIEFEN_KEYS", str(path))
        told = run.invoke(app, ["keys", "rotate", "--json"])
        assert json.loads(told.stdout) == {"master": "m2", "wrapped": 2}
        said = run.invoke(app, ["keys", "rotate", "--again", "--lang", "zh"])
        assert said.stdout == "主密钥现为 m2;重新加密数据密钥 0 个\n"
        assert MATTER in run.invoke(app, ["case", "1", "--json"]).stdout


def test_no_figure_and_no_pattern_of_the_nation_counts_by_what_is_hidden(clock: FixedClock) -> None:
    """In an encrypted database it would count nothing."""
    with Engine.open("sqlite://", clock=clock) as engine:
        rulebook = engine.edition.rulebook
    view, hidden = rulebook.view(None), rulebook.vocabulary.hidden
    counted = repr([*view.figures.values(), *view.patterns.values(), _FACTS])
    assert [name for name in hidden if f"'{name}'" in counted] == []
    assert {"title", "description", "violence", "opinion_text", "return_reason"} <= hidden
    assert hidden.isdisjoint({*schema.FACT_COLUMNS, "area", "source"})


@PLAIN
class TestABackupOfLastWeek:
    """Restored after the master key was replaced, or after a case was erased."""

    def test_it_needs_the_master_key_of_last_week_and_says_which(
        self, sqlite_url: str, tmp_path: Path, clock: FixedClock, keys: FileKeys
    ) -> None:
        path, backup = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "last-week.db"
        with Engine.open(sqlite_url, clock=clock, keys=keys) as engine:
            case = engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=PEOPLE).id
        shutil.copy(path, backup)
        keys.add_master()
        with Engine.open(sqlite_url, clock=clock, keys=keys) as engine:
            engine.records.rotate_keys()
        file = tmp_path / "keys.yaml"
        whole = file.read_text()
        file.write_text("".join(line for line in whole.splitlines(True) if "  m1:" not in line))
        file.chmod(0o600)
        with pytest.raises(
            KeysError, match=r"'m1' is not in .*, which has m2; bring it back from the backup of the file"
        ):
            Engine.open(f"sqlite:///{backup}", clock=clock, keys=FileKeys(file))
        file.write_text(whole)
        file.chmod(0o600)
        with Engine.open(f"sqlite:///{backup}", clock=clock, keys=FileKeys(file)) as engine:
            assert engine.case(case).facts["title"] == MATTER
            assert engine.records.rotate_keys() == 2

    def test_keys_of_a_case_that_were_not_restored_with_it_are_told(
        self, sqlite_url: str, clock: FixedClock, keys: FileKeys
    ) -> None:
        with Engine.open(sqlite_url, clock=clock, keys=keys) as engine:
            first, second = (
                engine.open_case("dispute", FACTS, key=name, by=CLERK, parties=PEOPLE).id for name in "ab"
            )
            with engine._runtime.writing() as connection:
                connection.execute(sa.delete(case_key).where(case_key.c.of_case == first))
        with Engine.open(sqlite_url, clock=clock, keys=keys) as engine:
            with pytest.raises(KeysError, match="bring back jiefen_case_key from the backup that belongs"):
                engine.case(first)
            assert engine.case(second).facts["title"] == MATTER
