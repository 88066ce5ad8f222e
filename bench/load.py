"""Importing Jiefen and opening an engine on the bundled edition, against reading its files and parsing their YAML.

    python bench/load.py

Each figure is processor time of a fresh process, the least of five, with compiled modules. Prints a small table and
exits 1 when a figure is missed: an engine opens in at most 2.5 times what PyYAML's C loader takes for the same rule
files alone, and the second engine of a process compiles nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 5

PROGRAM = """
import sys
from time import process_time

at = process_time()
import jiefen
imported = process_time() - at

at = process_time()
from jiefen import Engine
engine_imported = process_time() - at

at = process_time()
with Engine.open(sys.argv[1]):
    pass
opened = process_time() - at

at = process_time()
with Engine.open(sys.argv[1]):
    pass
again = process_time() - at

import yaml
from jiefen.bundled import bundled

files = [path for path in bundled("rules").rglob("*.yaml") if "tests" not in path.parts]
at = process_time()
for path in files:
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
parsed = process_time() - at
print(imported, engine_imported, opened, again, parsed)
"""

NAMES = (
    "import jiefen",
    "from jiefen import Engine",
    "Engine.open, a database that is there",
    "Engine.open again in the same process",
    "PyYAML's C loader on the rule files",
)


def measured(url: str) -> list[float]:
    """The times of one fresh process, in seconds."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, url], capture_output=True, text=True, check=True, env=kept
    )
    return [float(part) for part in told.stdout.split()]


def main() -> int:
    """Measure, print, and say by the exit code whether the figures hold."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        measured(url)  # compiles modules, makes the database
        runs = [measured(url) for _ in range(RUNS)]
    least = [min(run[at] for run in runs) for at in range(len(NAMES))]
    for name, seconds in zip(NAMES, least, strict=True):
        print(f"{name:40} {seconds * 1000:7.0f} ms")
    _, _, opened, again, parsed = least
    figures = [("opening / parsing", opened / parsed, 2.5), ("again / opening", again / opened, 0.25)]
    for name, ratio, most in figures:
        print(f"{name:40} {ratio:7.2f}, at most {most}{'' if ratio <= most else ': MISSED'}")
    return int(any(ratio > most for _, ratio, most in figures))


if __name__ == "__main__":
    sys.exit(main())
