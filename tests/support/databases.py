"""Fresh databases for tests, the same on each backend.

A test takes an empty database, or one that was prepared once (migrated, filled) and is copied for every test.
"""

from __future__ import annotations

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

#: Brings an empty database, given by its URL, into the state that tests start from.
Prepare = Callable[[str], object]


class Databases(ABC):
    """Where the databases of one backend come from. They live as long as the test that asked for them."""

    def __init__(self) -> None:
        self._templates: dict[Prepare, str] = {}
        self._numbers = count(1)

    def empty(self) -> str:
        """The URL of a fresh database with nothing in it."""
        return self._create(f"test_{next(self._numbers)}", template=None)

    def prepared(self, prepare: Prepare) -> str:
        """The URL of a fresh copy of the database that ``prepare`` makes.

        ``prepare`` runs once, on a database of its own, and must close its connections.
        """
        if prepare not in self._templates:
            name = f"template_{len(self._templates) + 1}"
            prepare(self._create(name, template=None))
            self._templates[prepare] = name
        return self._create(f"test_{next(self._numbers)}", template=self._templates[prepare])

    @abstractmethod
    def drop(self) -> None:
        """Drop what was handed out since the last call, whoever is still connected; keep the templates."""

    @abstractmethod
    def _create(self, name: str, template: str | None) -> str:
        """Create the database ``name``, empty or as a copy of ``template``; return its URL."""


class SqliteDatabases(Databases):
    """SQLite files in ``folder``."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def drop(self) -> None:
        for path in self._folder.glob("test_*"):
            path.unlink()

    def _create(self, name: str, template: str | None) -> str:
        path = self._folder / f"{name}.db"
        if template is not None:
            source = self._folder / f"{template}.db"
            with closing(sqlite3.connect(source)) as connection:
                # In WAL mode what was written last may still lie beside the file.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(source, path)
        return f"sqlite:///{path}"


class PostgresDatabases(Databases):
    """Databases on the server of ``admin_url``, told apart from those of other workers by ``prefix``."""

    def __init__(self, admin_url: str, prefix: str) -> None:
        super().__init__()
        self._url = make_url(admin_url)
        self._prefix = prefix
        self._handed_out: list[str] = []
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._admin = psycopg.connect(plain, autocommit=True)

    def drop(self) -> None:
        while self._handed_out:
            name = sql.Identifier(self._handed_out.pop())
            self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def close(self) -> None:
        """End the connection to the server; no more databases come from here."""
        self._admin.close()

    def _create(self, name: str, template: str | None) -> str:
        full = f"{self._prefix}_{name}"
        source = "template0" if template is None else f"{self._prefix}_{template}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._admin.execute(statement.format(sql.Identifier(full), sql.Identifier(source)))
        if not name.startswith("template"):
            self._handed_out.append(full)
        return self._url.set(database=full).render_as_string(hide_password=False)
