"""What a host may give the engine to work in: sessions of the same tables, engines to share, pools with limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from jiefen import DatabaseError, Engine, FixedClock
from tests.integration.conftest import CLERK, SMALL
from tests.integration.test_engine import FACTS, opened
from tests.support.databases import Databases

EDITION = {"processes": SMALL / "processes", "rules": SMALL / "rules"}


@pytest.fixture
def host(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


class TestSessions:
    def test_of_another_database_is_refused(
        self, engine: Engine, databases: Databases, clock: FixedClock
    ) -> None:
        elsewhere = databases.empty()
        with Engine.open(elsewhere, clock=clock, **EDITION):  # type: ignore[arg-type]
            other = sa.create_engine(elsewhere)
        with Session(other) as session:
            with pytest.raises(DatabaseError, match="other tables"):
                engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
            with pytest.raises(DatabaseError, match="other tables"):
                engine.cases(session=session)
            session.commit()
        with other.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM jiefen_case")) == 0
        other.dispose()

    def test_of_a_database_without_tables_is_refused_by_its_own_name(
        self, engine: Engine, databases: Databases
    ) -> None:
        other = sa.create_engine(databases.empty())
        with Session(other) as session, pytest.raises(DatabaseError) as caught:
            engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
        assert str(other.url.database) in str(caught.value)
        other.dispose()

    def test_in_autocommit_is_refused(self, engine: Engine, host: sa.Engine, url: str) -> None:
        always = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with (
            host.connect().execution_options(isolation_level="AUTOCOMMIT") as chosen,
            always.connect() as usual,
        ):
            for connection in (chosen, usual):
                with pytest.raises(DatabaseError, match="AUTOCOMMIT"):
                    engine.open_case("claim", FACTS, key="k", by=CLERK, session=connection)
        always.dispose()
        assert engine.cases() == []

    def test_of_the_same_database_is_taken(self, engine: Engine, host: sa.Engine) -> None:
        with Session(host) as session:
            kept = engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
            session.commit()
        assert [case.id for case in engine.cases()] == [kept.id]

    def test_of_asyncio_is_explained(self, engine: Engine) -> None:
        class AsyncSession:  # as SQLAlchemy's, which needs greenlet to be made
            sync_session = None

        with pytest.raises(DatabaseError, match="run_sync"):
            engine.cases(session=AsyncSession())  # type: ignore[arg-type]


def test_a_session_of_another_schema_is_refused(postgres: Databases, clock: FixedClock) -> None:
    url = postgres.empty()
    host = sa.create_engine(url)
    with host.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA county_a"))
    county = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dcounty_a"
    with (
        Engine.open(url, clock=clock, **EDITION),  # type: ignore[arg-type]
        Engine.open(county, clock=clock, **EDITION) as engine,  # type: ignore[arg-type]
    ):
        with Session(host) as session, pytest.raises(DatabaseError, match="search_path"):
            engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
        with Session(host) as session:
            session.execute(sa.text("SET LOCAL search_path = county_a"))
            engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
            session.commit()
        assert len(engine.cases()) == 1
    host.dispose()


class TestASharedEngine:
    def test_works_and_stays_the_hosts(self, host: sa.Engine, clock: FixedClock) -> None:
        with Engine.open(engine=host, clock=clock, **EDITION) as engine:  # type: ignore[arg-type]
            case = opened(engine)
            with Session(host) as session:
                engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
                session.rollback()
            assert [one.id for one in engine.cases()] == [case]
        with host.connect() as connection:  # still open
            assert connection.scalar(sa.text("SELECT count(*) FROM jiefen_case")) == 1

    def test_its_own_transactions_are_begun_as_the_host_has_them(
        self, host: sa.Engine, clock: FixedClock
    ) -> None:
        with Engine.open(engine=host, clock=clock, **EDITION) as engine:  # type: ignore[arg-type]
            opened(engine)
        with host.begin() as connection:
            connection.execute(sa.text("CREATE TABLE resident (id INTEGER)"))
            connection.execute(sa.text("INSERT INTO resident VALUES (1)"))
        with host.connect() as connection:
            connection.execute(sa.text("INSERT INTO resident VALUES (2)"))
        with host.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM resident")) == 1

    def test_beside_an_address_is_refused(self, host: sa.Engine, url: str) -> None:
        with pytest.raises(DatabaseError, match="one of them"):
            Engine.open(url, engine=host, **EDITION)  # type: ignore[arg-type]
        for nonsense in (3, object(), url):
            with pytest.raises(DatabaseError, match="Engine of SQLAlchemy"):
                Engine.open(engine=nonsense, **EDITION)  # type: ignore[arg-type]

    def test_what_only_a_pool_of_its_own_has_is_refused_with_it(self, host: sa.Engine) -> None:
        for settings in (
            {"pool_size": 7},
            {"pool_timeout": 1},
            {"connect_args": {}},
            {"pooler": "transaction"},
        ):
            with pytest.raises(DatabaseError, match=next(iter(settings))):
                Engine.open(engine=host, **settings, **EDITION)  # type: ignore[arg-type]
        Engine.open(engine=host, lock_timeout=3, **EDITION).close()  # type: ignore[arg-type]

    def test_in_autocommit_is_refused(self, url: str) -> None:
        with pytest.raises(DatabaseError, match="AUTOCOMMIT"):
            Engine.open(engine=sa.create_engine(url, isolation_level="AUTOCOMMIT"), **EDITION)  # type: ignore[arg-type]


class TestPools:
    def test_a_pool_that_is_used_up_is_said(self, url: str, clock: FixedClock) -> None:
        with (
            Engine.open(
                url, clock=clock, pool_size=1, max_overflow=0, pool_timeout=0.05, **EDITION
            ) as engine,  # type: ignore[arg-type]
            engine._runtime.writing(),
            pytest.raises(DatabaseError, match="pool_size"),
        ):
            opened(engine)

    def test_reading_does_not_wait_for_writers_that_wait_for_a_case(
        self, pg_url: str, clock: FixedClock
    ) -> None:
        options = {"pool_size": 2, "max_overflow": 0, "pool_timeout": 20, "lock_timeout": 5}
        with Engine.open(pg_url, clock=clock, **EDITION, **options) as engine:  # type: ignore[arg-type]
            case = opened(engine)
            [task] = engine.tasks(case=case)
            with engine._runtime.writing() as holder:
                holder.execute(sa.text("SELECT 1 FROM jiefen_case WHERE id = :id FOR UPDATE"), {"id": case})
                waiting = [
                    threading.Thread(target=lambda: engine.claim(task.id, by=CLERK), daemon=True)
                    for _ in range(2)
                ]
                for one in waiting:
                    one.start()
                # The pool of writers is used up now, or about to be; reading has its own.
                assert engine.lag().due == 0
                assert engine.case(case).id == case
            for one in waiting:
                one.join(10)
            assert engine.tasks(case=case)[0].assignee == CLERK.id

    @pytest.mark.parametrize(
        "wrong",
        [
            {"pool_size": 0},
            {"pool_size": "5"},
            {"lock_timeout": -1},
            {"pooler": "session"},
            {"connect_args": 1},
        ],
    )
    def test_nonsense_is_refused(self, url: str, wrong: dict[str, object]) -> None:
        with pytest.raises(DatabaseError, match=next(iter(wrong))):
            Engine.open(url, **EDITION, **wrong)  # type: ignore[arg-type]


class TestWhatHappensUnderAnOpenEngine:
    def test_newer_tables_stop_it_from_writing(self, engine: Engine, host: sa.Engine) -> None:
        case = opened(engine)
        with host.begin() as connection:
            connection.execute(sa.text("UPDATE jiefen_version SET version_num = '0099'"))
        with pytest.raises(DatabaseError, match="0099"):
            opened(engine, "another")
        with Session(host) as session, pytest.raises(DatabaseError, match="0099"):
            engine.open_case("claim", FACTS, key="third", by=CLERK, session=session)
        assert engine.case(case).id == case

    @pytest.mark.parametrize("replaced", [False, True])
    def test_a_file_that_is_taken_away_is_told(
        self, tmp_path: Path, clock: FixedClock, replaced: bool
    ) -> None:
        path = tmp_path / "cases.db"
        with Engine.open(f"sqlite:///{path}", clock=clock, **EDITION) as engine:  # type: ignore[arg-type]
            opened(engine)
            path.rename(tmp_path / "elsewhere.db")
            if replaced:
                path.write_bytes(b"")
            with pytest.raises(DatabaseError, match="replaced" if replaced else "gone"):
                opened(engine, "another")

    def test_damaged_facts_are_told(self, engine: Engine, host: sa.Engine, url: str) -> None:
        if not url.startswith("sqlite"):
            return  # PostgreSQL keeps nothing that is no JSON
        case = opened(engine)
        with host.begin() as connection:
            connection.execute(sa.text("UPDATE jiefen_case SET facts = '{broken'"))
        with pytest.raises(DatabaseError, match="damaged"):
            engine.case(case)


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("postgresql+psycopg://u@127.0.0.1:1/x?password=S3cretPw", "S3cretPw"),
        ("postgresql+psycopg://u:S3cretPw@127.0.0.1:1/x", "S3cretPw"),
        ("postgresql+psycopg://u@127.0.0.1:1/x?sslpassword=S3cretPw&passfile=S3cretPw", "S3cretPw"),
        ("postgresql+psycopg://u@127.0.0.1:1/x?options=-cfoo.bar%3DS3cretPw", "S3cretPw"),
        ("postgresql+psycopg://u:S3cretPw@h:notaport/x", "S3cretPw"),
        ("nonsense:S3cretPw", "S3cretPw"),
    ],
)
def test_no_part_of_an_address_gives_a_secret_away(address: str, secret: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        Engine.open(address, **EDITION)  # type: ignore[arg-type]
    assert secret not in str(caught.value)
