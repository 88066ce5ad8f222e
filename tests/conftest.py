"""Fixtures that every test may use: the clock, and fresh databases on both backends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import hypothesis
import pytest

from jiefen.case import runtime
from jiefen.clock import FixedClock
from jiefen.outside.keys import FileKeys, Keys
from jiefen.store.connecting.database import Database
from jiefen.store.sealing import tables
from tests.support import chance
from tests.support.binaries import NoPostgres
from tests.support.cluster import Cluster, wait_for_url
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases

#: With JIEFEN_TEST_KEYS=1 every database of a test is encrypted that is opened without keys of its own.
ENCRYPTED = os.environ.get("JIEFEN_TEST_KEYS") == "1"

for name in [name for name in os.environ if name.startswith("JIEFEN_")]:
    del os.environ[name]  # what a developer has set for a database at home

chance.register()

_CLUSTER = pytest.StashKey[Cluster]()


def _cluster_of(config: pytest.Config) -> Cluster:
    """The one server of the session; it gets ready while the tests are being collected."""
    if _CLUSTER not in config.stash:
        config.stash[_CLUSTER] = Cluster()
    return config.stash[_CLUSTER]


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Take the rest of chance away, now that Hypothesis has the profile that was asked for."""
    if hypothesis.settings.get_current_profile_name() == chance.SAME:
        chance.forget_constants()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of pytest-xdist where the session's server is; the controller owns it."""
    node.workerinput["postgres"] = str(_cluster_of(node.config).folder)  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, however the session ended."""
    if _CLUSTER in config.stash:
        config.stash[_CLUSTER].close()


@pytest.fixture(scope="session")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    return FileKeys.create(tmp_path_factory.mktemp("keys") / "keys.yaml")


@pytest.fixture(autouse=ENCRYPTED)
def _encrypted(_keys: FileKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Encrypt the databases that are opened without keys, by commands and in other processes too."""
    monkeypatch.setenv("JIEFEN_KEYS", str(_keys.path))

    def open_ring(database: Database, keys: Keys | None, now: datetime) -> None:
        tables.open_ring(database, keys or _keys, now)

    monkeypatch.setattr(runtime, "open_ring", open_ring)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at 09:00 in China on Monday 2 March 2026, a working day."""
    return FixedClock(date(2026, 3, 2))


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgres(request: pytest.FixtureRequest) -> Iterator[PostgresDatabases]:
    worker: dict[str, str] = getattr(request.config, "workerinput", {})
    folder = worker.get("postgres") or _cluster_of(request.config).folder
    try:
        url = wait_for_url(Path(folder))
    except NoPostgres as failure:
        raise pytest.fail.Exception(str(failure), pytrace=False) from None
    databases = PostgresDatabases(url, worker.get("workerid", "main"))
    yield databases
    databases.close()


@pytest.fixture
def sqlite(_sqlite: SqliteDatabases) -> Iterator[Databases]:
    """Fresh SQLite files, removed after the test."""
    yield _sqlite
    _sqlite.drop()


@pytest.fixture
def postgres(_postgres: PostgresDatabases) -> Iterator[Databases]:
    """Fresh PostgreSQL databases, dropped after the test."""
    yield _postgres
    _postgres.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """The test runs once on each backend: ``databases.empty()``, ``databases.prepared(prepare)``."""
    found: Databases = request.getfixturevalue("sqlite" if request.param == "sqlite" else "postgres")
    return found


@pytest.fixture
def sqlite_url(sqlite: Databases) -> str:
    """The URL of a fresh SQLite file."""
    return sqlite.empty()


@pytest.fixture
def pg_url(postgres: Databases) -> str:
    """The URL of a fresh, empty PostgreSQL database."""
    return postgres.empty()


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The URL of a fresh, empty database; the test runs once on each backend."""
    return databases.empty()
