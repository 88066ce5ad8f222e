"""The test bed itself: databases are fresh and alike on both backends; the server goes without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.binaries import CHECKOUT
from tests.support.databases import Databases


def _run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def _tables(url: str) -> list[str]:
    engine = sa.create_engine(url)
    tables = sa.inspect(engine).get_table_names()
    engine.dispose()
    return tables


def _prepare(url: str) -> None:
    _run(url, "CREATE TABLE kept (id INTEGER PRIMARY KEY)", "INSERT INTO kept VALUES (1)")


class TestDatabases:
    def test_an_empty_database_has_no_tables_and_shares_nothing(self, databases: Databases) -> None:
        first, second = databases.empty(), databases.empty()
        _run(first, "CREATE TABLE mine (id INTEGER PRIMARY KEY)")

        assert _tables(first) == ["mine"]
        assert _tables(second) == []

    def test_a_copy_has_what_was_prepared_and_does_not_change_it(self, databases: Databases) -> None:
        first = databases.prepared(_prepare)
        _run(first, "INSERT INTO kept VALUES (2)", "CREATE TABLE mine (id INTEGER PRIMARY KEY)")

        assert _tables(databases.prepared(_prepare)) == ["kept"]
        _run(databases.prepared(_prepare), "INSERT INTO kept VALUES (2)")

    def test_preparing_happens_once(self, databases: Databases) -> None:
        prepared = []

        def prepare(url: str) -> None:
            prepared.append(url)
            _prepare(url)

        urls = {databases.prepared(prepare) for _ in range(3)}

        assert len(urls) == 3
        assert len(prepared) == 1

    def test_dropping_does_not_wait_for_forgotten_connections(self, postgres: Databases) -> None:
        engine = sa.create_engine(postgres.empty())
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE TABLE held (id INTEGER)"))
            postgres.drop()
            with pytest.raises(sa.exc.DBAPIError, match="terminating connection"):
                connection.execute(sa.text("SELECT 1"))
        engine.dispose()

    def test_the_server_listens_on_no_network(self, pg_url: str) -> None:
        engine = sa.create_engine(pg_url)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SHOW listen_addresses")) == ""
        engine.dispose()


# A shell that runs the tests in the background has its programs ignore SIGINT.
_SESSION = """
import signal
import time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.support.cluster import Cluster, wait_for_url
cluster = Cluster()
wait_for_url(cluster.folder)
print(cluster.folder, (cluster.folder / "socket/data/postmaster.pid").read_text().split()[0], flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_its_session(how: signal.Signals) -> None:
    session = subprocess.Popen(
        [sys.executable, "-c", _SESSION],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with session:
        assert session.stdout is not None
        folder, pid = session.stdout.readline().split()
        os.kill(int(pid), 0)
        session.send_signal(how)

    give_up = time.monotonic() + 30
    while Path(folder).exists() and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
