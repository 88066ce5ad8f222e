"""Build the sdist, the wheel from it, install that in an environment of its own, and try it there.

``python -m tests.support.wheel`` ends with 0 when a person who runs ``pip install jiefen`` gets a library
that works outside of any checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from tests.support.binaries import CHECKOUT

#: Every one of these must be in the wheel; a folder counts when there is a file in it.
REQUIRED = (
    "jiefen/py.typed",
    "jiefen_adapters/py.typed",
    "jiefen/_bundled/processes/",
    "jiefen/_bundled/rules/",
    "jiefen/_bundled/ledgers/",
)

_TRIAL = """
from pathlib import Path
import sys
import jiefen, jiefen_adapters
from jiefen.bundled import bundled

home = Path(sys.prefix).resolve()
modules = [Path(jiefen.__file__), Path(jiefen_adapters.__file__)]
for place in (*modules, *map(bundled, ("processes", "rules", "ledgers"))):
    if not place.resolve().is_relative_to(home):
        sys.exit(f"{place} is not part of the installed wheel")
"""


def missing_from(wheel: Path) -> list[str]:
    """What the wheel should carry and does not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    return [entry for entry in REQUIRED if not any(name.startswith(entry) for name in names)]


def main() -> int:
    """Build, install, try; say what went well."""
    with tempfile.TemporaryDirectory(prefix="jiefen-wheel-") as name:
        folder = Path(name)
        # Without further options the wheel is built from the sdist, which proves the sdist complete.
        _run(sys.executable, "-m", "build", "--outdir", folder, CHECKOUT)
        (wheel,) = folder.glob("*.whl")
        if missing := missing_from(wheel):
            print(f"{wheel.name} lacks {', '.join(missing)}", file=sys.stderr)
            return 1
        print(f"{wheel.name}: {wheel.stat().st_size // 1024} kB, complete")
        home = folder / "home"
        venv.create(home)
        python = home / "bin" / "python"
        pip: list[str | Path] = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "--quiet",
            "--disable-pip-version-check",
        ]
        _run(*pip, "install", wheel, cwd=folder)
        _run(python, "-c", _TRIAL, cwd=folder)
        _run(home / "bin" / "jiefen", "--version", cwd=folder)
        print(f"{wheel.name}: installs and runs outside of the checkout")
    return 0


def _run(*command: str | Path, cwd: Path = CHECKOUT) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    answer = subprocess.run(
        command, cwd=cwd, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        said = (answer.stdout + answer.stderr).strip()
        sys.exit(f"`{' '.join(map(str, command))[:200]}` failed with {answer.returncode}:\n{said}")


if __name__ == "__main__":
    sys.exit(main())
