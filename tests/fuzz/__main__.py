"""``python -m tests.fuzz --seconds N [TARGET …]``: search targets one after another, in N seconds together.

What is learnt on the way stays in ``.fuzz``, and the next search goes on from there. A finding is kept in
``found``, and ``tests/unit/test_fuzz.py`` holds it from then on.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.fuzz.targets import TARGETS

_ROOT: Final = Path(__file__).parents[2]
_FOUND: Final = Path(__file__).parent / "found"


def _kept(name: str) -> set[Path]:
    return set((_FOUND / name).glob("*"))


def main() -> int:
    """Search; 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=24)
    parser.add_argument("targets", nargs="*", default=[], metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args()
    if unknown := set(options.targets) - TARGETS.keys():
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if importlib.util.find_spec("atheris") is None:
        print(
            "Nothing was searched: atheris has no wheel for this system or Python (Linux on x86-64, up to 3.13)."
        )
        return 0
    names = options.targets or list(TARGETS)
    seconds = max(1, options.seconds // len(names))
    bad = 0
    for name in names:
        corpus, before = _ROOT / ".fuzz" / name, _kept(name)
        corpus.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.one", name, str(seconds), str(corpus)],
            cwd=_ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        output = done.stdout + done.stderr
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
        found = _kept(name) - before
        print(f"{name:>10}: {int(runs[1]) if runs else 0:>9,} inputs, {len(found)} findings", flush=True)
        if found or done.returncode:
            bad = 1
            told = [line for line in output.splitlines() if not line.startswith(("#", "INFO", "stat::"))]
            print(*told[-60:], *sorted(found), sep="\n", flush=True)
    for folder in _FOUND.iterdir():
        if not any(folder.iterdir()):
            folder.rmdir()
    return bad


if __name__ == "__main__":
    sys.exit(main())
