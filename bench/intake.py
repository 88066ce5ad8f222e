"""How fast matters come in, and whether that and the memory stay the same however many there are; on SQLite.

Rows as a ledger gives them are taken in with the bundled models and rules, in one run. The exit code is 1 when a figure
of the design is missed.

    python bench/intake.py [--rows 20000]
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from jiefen import EVERYWHERE, Actor, Engine, FixedClock, IntakeRow

CLERK = Actor("clerk", frozenset({"township_coordinator"}), EVERYWHERE)
TYPES = ("labour", "neighbour", "lending", "family", "land_contract", "traffic", "consumer", "medical")
LEAST = 300


def rows(count: int) -> Iterator[IntakeRow]:
    """Matters of different people in different villages."""
    for number in range(count):
        facts = {
            "source": "visit_ledger", "dispute_type": TYPES[number % len(TYPES)], "received_on": "2026-03-02",
            "area": f"140429{100 + number % 20}{201 + number % 30}", "title": f"第{number}件事,{number * 7919}",
        }  # fmt: skip
        people = [{"part": "applicant", "name": f"人{number}", "phone": f"138{number:08}"}]
        yield IntakeRow(key=f"bench:{number}", facts=facts, parties=people)


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    count = parser.parse_args().rows
    part = max(count // 5, 1)
    speeds, memory = [], []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'intake.db'}"
        with Engine.open(url, clock=FixedClock(date(2026, 3, 2))) as engine:
            start = time.perf_counter()
            for number, _ in enumerate(engine.intake(rows(count), by=CLERK), 1):
                if number % part == 0:
                    speeds.append(part / (time.perf_counter() - start))
                    memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
                    start = time.perf_counter()
    print(f"{'rows':>8} {'rows/s':>8} {'MB':>8}")
    for number, (speed, used) in enumerate(zip(speeds, memory, strict=True), 1):
        print(f"{number * part:>8} {speed:>8.0f} {used:>8.0f}")
    flat, fast = memory[-1] <= memory[0] * 1.1, min(speeds) >= LEAST
    print(f"last part against the first: {speeds[-1] / speeds[0]:.2f}; memory {memory[-1] / memory[0]:.2f}")
    return 0 if flat and fast else 1


if __name__ == "__main__":
    sys.exit(main())
