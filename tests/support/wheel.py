"""Build the sdist, the wheel from it, install that in an environment of its own, and try it there.

``python -m tests.support.wheel`` ends with 0 when a person who runs ``pip install jiefen`` gets a library
that works outside of any checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

from tests.support.binaries import CHECKOUT

#: Every one of these must be in the wheel; a folder counts when there is a file in it.
REQUIRED = (
    "jiefen/py.typed",
    "jiefen_adapters/py.typed",
    "jiefen_web/py.typed",
    "jiefen/_bundled/processes/",
    "jiefen/_bundled/rules/",
    "jiefen/_bundled/ledgers/",
)

#: What must come along with every copy.
LEGAL = ("LICENSE", "NOTICE", "SECURITY.md")

_TRIAL = """
from pathlib import Path
import sys
import jiefen, jiefen_adapters, jiefen_web
from jiefen.bundled import bundled

home = Path(sys.prefix).resolve()
modules = [Path(one.__file__) for one in (jiefen, jiefen_adapters, jiefen_web)]
for place in (*modules, *map(bundled, ("processes", "rules", "ledgers"))):
    if not place.resolve().is_relative_to(home):
        sys.exit(f"{place} is not part of the installed wheel")
with jiefen.Engine.open("sqlite:///trial.db") as engine:
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
    engine.open_case("dispute", facts, key="trial", by=jiefen.Actor("0412"))
"""

#: What a person types who has not installed an extra, and the extra that the answer must name.
_WITHOUT_EXTRAS = {
    "cli": "import jiefen.cli; jiefen.cli.main()",
    "scheduler": "import jiefen.scheduler",
    "web": "import jiefen_web.api",
    "postgres": "import jiefen; jiefen.Engine.open('postgresql://localhost/cases')",
    "ledgers": """
from jiefen.bundled import bundled
from jiefen_adapters.ledgers import LEDGERS
folder = bundled("ledgers")
LEDGERS.read_ledgers(sorted(folder.glob("*.csv")), areas=folder / "areas.yaml")
LEDGERS.read_ledgers(sorted(folder.glob("*.xlsx")), areas=folder / "areas.yaml")
""",
}


def missing_from(wheel: Path) -> list[str]:
    """What the wheel should carry and does not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        legal = [name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name]
        old = [
            f"the {file} of the checkout"
            for name in names
            if ".dist-info/licenses/" in name and (CHECKOUT / (file := name.rpartition("/")[2])).is_file()
            if archive.read(name) != (CHECKOUT / file).read_bytes()
        ]
    return [entry for entry in REQUIRED if not any(name.startswith(entry) for name in names)] + [
        *(entry for entry in LEGAL if entry not in legal),
        *old,
    ]


def missing_from_sdist(sdist: Path) -> list[str]:
    """What the sdist should carry and does not; the wheel, which is built from it, shows the rest."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    return [entry for entry in (*LEGAL, "README.md", "Makefile", "tests/conftest.py") if entry not in names]


def main() -> int:
    """Build, install, try; say what went well."""
    with tempfile.TemporaryDirectory(prefix="jiefen-wheel-") as name:
        folder = Path(name)
        # Without further options the wheel is built from the sdist, which proves the sdist complete.
        _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT)
        (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
        if missing := missing_from_sdist(sdist):
            print(f"{sdist.name} lacks {', '.join(missing)}", file=sys.stderr)
            return 1
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
        for extra, code in _WITHOUT_EXTRAS.items():
            said = _run(python, "-c", code, cwd=folder, fails=True).strip().rpartition("\n")[2]
            if not said.endswith(f"pip install 'jiefen[{extra}]'"):
                print(f"{wheel.name}: without the extra {extra} it says: {said}", file=sys.stderr)
                return 1
        _run(*pip, "install", f"{wheel}[all]", cwd=folder)
        _run(home / "bin" / "jiefen", "--version", cwd=folder)
        print(f"{wheel.name}: installs and runs outside of the checkout, with its extras and without")
    return 0


def _run(*command: str | Path, cwd: Path = CHECKOUT, fails: bool = False) -> str:
    """What a command said on stderr; leaves when it went otherwise than it should."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    answer = subprocess.run(
        command, cwd=cwd, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if (answer.returncode != 0) is not fails:
        said = (answer.stdout + answer.stderr).strip()
        sys.exit(f"`{' '.join(map(str, command))[:200]}` ended with {answer.returncode}:\n{said}")
    return answer.stderr


if __name__ == "__main__":
    sys.exit(main())
