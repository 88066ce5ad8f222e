"""A small edition and an engine on it, once on each backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiefen import Actor, Engine, FixedClock
from jiefen.store.connecting.database import open_database
from jiefen.store.migrate import prepare
from tests.support.databases import Databases
from tests.support.moments import Life

SMALL = Path(__file__).parents[1] / "small"
#: Of an office of the small edition and of the bundled one.
CLERK = Actor("clerk-1", frozenset({"clerk", "township_coordinator"}), "140429102")
HEAD = Actor("head-1", frozenset({"head"}), "140429102")

Opener = Callable[..., Engine]


def make_tables(url: str) -> None:
    """Create the tables in an empty database."""
    database = open_database(url)
    prepare(database)
    database.dispose()


@pytest.fixture
def url(databases: Databases) -> str:
    """A database with the tables of Jiefen."""
    return databases.prepared(make_tables)


@pytest.fixture
def opener(url: str, clock: FixedClock) -> Iterator[Opener]:
    """Opens engines on one database with the small edition; closes them after the test."""
    opened: list[Engine] = []

    def open_engine(**options: Any) -> Engine:
        options = {"clock": clock, "processes": SMALL / "processes", "rules": SMALL / "rules"} | options
        engine = Engine.open(options.pop("url", url), **options)
        opened.append(engine)
        return engine

    yield open_engine
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An engine on the small edition."""
    return opener()


@pytest.fixture
def life(sqlite: Databases, clock: FixedClock) -> Iterator[Life]:
    """A case on the bundled rules, on SQLite; opened on Monday 2 March 2026."""
    one = Life(sqlite.prepared(make_tables), clock)
    yield one.open()
    one.engine.close()


@pytest.fixture
def both(databases: Databases, clock: FixedClock) -> Iterator[Life]:
    """The same, once on each backend."""
    one = Life(databases.prepared(make_tables), clock)
    yield one.open()
    one.engine.close()
