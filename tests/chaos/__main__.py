"""``python -m tests.chaos --kills N``: so many processes are killed on SQLite and as many on PostgreSQL.

This process opens no database while others live: it forks, so that a worker begins at once and is in the middle of
something when it is killed.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from jiefen import Engine
from jiefen.store.connecting.database import open_database
from jiefen.store.migrate import prepare
from tests.chaos.invariants import broken
from tests.chaos.workers import Worker
from tests.support.cluster import Cluster, wait_for_url

_ROLES: Final = {
    "sqlite": ("office", "office", "sweeper", "sweeper", "reader", "holder", "full"),
    "postgresql": ("office", "office", "sweeper", "sweeper", "reader", "holder", "breaker"),
}
_PR_SET_PDEATHSIG: Final = 1
#: The server is restarted, in turn by breaking off and by a crash, after so many kills.
_RESTART_AFTER: Final = 20


class Chaos:
    """Processes on one database that are killed at random points.

    Args:
        restart: starts the server again; ``None``: there is none.
    """

    def __init__(
        self, url: str, folder: Path, seed: int, restart: Callable[[signal.Signals], None] | None
    ) -> None:
        self._url, self._folder, self._restart = url, folder, restart
        self._chance = random.Random(seed)
        self._living: dict[int, str] = {}
        self._number = 0
        self.did: Counter[str] = Counter()

    def run(self, kills: int) -> None:
        """Kill so many processes; others take their places."""
        database = open_database(self._url)
        prepare(database)
        kind = database.engine.dialect.name
        database.dispose()
        try:
            for role in _ROLES[kind]:
                self._fork(role)
            while self.did["kills"] < kills:
                time.sleep(self._chance.uniform(0.01, 0.25))
                self._kill(self._chance.choice(list(self._living)), again=True)
                if self._restart is not None and self.did["kills"] % _RESTART_AFTER == 0:
                    self._restart(self._chance.choice([signal.SIGINT, signal.SIGQUIT]))
                    self.did["restarts"] += 1
        finally:
            for process in list(self._living):
                self._kill(process, again=False)

    def broken(self) -> list[str]:
        """What is not as it must be."""
        files = sorted(self._folder.glob("*.promised"))
        kept = Counter(line.split()[0] for file in files for line in file.read_text().splitlines())
        self.did |= Counter({f"promised: {what}": number for what, number in kept.items()})
        return broken(self._url, files)

    def _fork(self, role: str) -> None:
        self._number += 1
        self.did[role] += 1
        seed, promised = self._chance.random(), self._folder / f"{role}{self._number}.promised"
        process = os.fork()
        if process == 0:
            _die_with_parent()
            logging.disable(logging.CRITICAL)  # of connections that broke: they are meant to
            try:
                Worker(self._url, promised, random.Random(seed)).work(role)
            except BaseException as error:
                sys.stderr.write(f"{role}: {type(error).__name__}: {error}\n")
            os._exit(3)
        self._living[process] = role

    def _kill(self, process: int, *, again: bool) -> None:
        role = self._living.pop(process)
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit(f"a worker ({role}) ended by itself; see above")
        self.did["kills"] += 1
        if again:
            self._fork(role)


def _die_with_parent() -> None:
    """However the main process ends, nobody is left at work; on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _on_sqlite(kills: int, seed: int) -> tuple[Counter[str], list[str]]:
    with tempfile.TemporaryDirectory(prefix="jiefen-chaos-") as folder:
        chaos = Chaos(f"sqlite:///{folder}/chaos.db", Path(folder), seed, None)
        chaos.run(kills)
        return chaos.did, chaos.broken()


def _on_postgresql(kills: int, seed: int) -> tuple[Counter[str], list[str]]:
    cluster = Cluster(durable=True)
    try:
        admin = sa.create_engine(wait_for_url(cluster.folder), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE chaos"))
        url = admin.url.set(database="chaos").render_as_string(hide_password=False)
        admin.dispose()
        with tempfile.TemporaryDirectory(prefix="jiefen-chaos-") as folder:
            chaos = Chaos(url, Path(folder), seed, cluster.restart)
            chaos.run(kills)
            return chaos.did, chaos.broken()
    finally:
        cluster.close()


def main() -> int:
    """1 when anything is broken; what was done, and what is broken, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=60, help="on each database")
    parser.add_argument("--only", choices=sorted(_ROLES))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    worst = 0
    for name, run in (("sqlite", _on_sqlite), ("postgresql", _on_postgresql)):
        if given.only not in (None, name):
            continue
        begun = time.monotonic()
        did, found = run(given.kills, given.seed)
        told = {
            "database": name,
            "seconds": round(time.monotonic() - begun),
            "did": did,
            "broken": found[:20],
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        worst |= bool(found)
    return int(worst)


assert Engine  # forked workers must not have to load it each time
if __name__ == "__main__":
    sys.exit(main())
