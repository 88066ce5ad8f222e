"""A program that sweeps one database until it is killed or nothing is left; for tests with several processes."""

from __future__ import annotations

import sys
from datetime import datetime

from jiefen import Engine, FixedClock
from tests.integration.conftest import SMALL


def main(url: str, now: str, limit: str) -> None:
    """Sweep ``url`` at the instant ``now``, ``limit`` entries at a time, until nothing is due."""
    clock = FixedClock(datetime.fromisoformat(now))
    with Engine.open(url, processes=SMALL / "processes", rules=SMALL / "rules", clock=clock) as engine:
        print("ready", flush=True)  # noqa: T201
        while engine.sweep(limit=int(limit)).total:
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
