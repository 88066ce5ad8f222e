"""A throwaway PostgreSQL for one test session.

The session starts a *keeper*: a process that creates a cluster in a folder of its own, runs the server, and
waits on its standard input. However the session ends (all passed, Ctrl-C, ``kill -9``) the pipe closes, and
the keeper stops the server by its process id and removes the folder. The server listens on a socket in that
folder and on nothing else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from tests.support.binaries import CHECKOUT, Binaries, NoPostgres, find

SUPERUSER = "jiefen"

#: Seconds; a loaded machine may need many, a healthy one needs less than one.
_PATIENCE = 120.0

# Durability is worth nothing here, and speed is: the data does not outlive the session.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


#: As an office runs it: what was committed is there after a crash.
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Cluster:
    """The session's hold on its keeper. Closing it, or dying, ends the server.

    Args:
        durable: keep what was committed, whatever happens to the server; slower.

    Attributes:
        folder: pass it to other processes of the session, which then call ``wait_for_url``.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._restarts = 0
        # Not under TMPDIR: the path of a socket must stay below 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="jiefen-pg-", dir="/tmp"))
        self.folder.chmod(0o711)
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.cluster", str(self.folder), "durable" if durable else ""],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the session; the keeper ends after it
        )

    def restart(self, how: signal.Signals) -> None:
        """Stop the server by a signal, start it again, and return when it answers.

        ``SIGINT`` breaks every connection off, ``SIGQUIT`` is a crash: the server recovers from its log.
        """
        assert self._keeper.stdin is not None
        self._restarts += 1
        self._keeper.stdin.write(f"{int(how)}\n".encode())
        self._keeper.stdin.flush()
        give_up = time.monotonic() + _PATIENCE
        while not (self.folder / f"restarted-{self._restarts}").exists():
            if time.monotonic() > give_up or self._keeper.poll() is not None:
                raise NoPostgres(f"the server did not come back:\n{_end_of_log(self.folder)}")
            time.sleep(0.02)

    def close(self) -> None:
        """Stop the server and wait until the folder is gone."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(_PATIENCE)


def wait_for_url(folder: Path) -> str:
    """The URL of the cluster's maintenance database, as soon as the server answers.

    Raises:
        NoPostgres: when there is no server to run, or it does not start; with the end of its log.
    """
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        if (folder / "failed").exists():
            raise NoPostgres((folder / "failed").read_text())
        if (folder / "ready").exists():
            return url(folder / "socket", "postgres")
        time.sleep(0.02)
    raise NoPostgres(f"the PostgreSQL under test did not start within {_PATIENCE:.0f} s; see {folder}")


def url(socket: Path, database: str) -> str:
    """The SQLAlchemy URL of ``database`` behind the socket folder."""
    return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={socket}"


@dataclass(frozen=True, slots=True)
class _Servant:
    """Whom the server runs as: PostgreSQL refuses to run as root."""

    name: str | None
    uid: int
    gid: int

    @classmethod
    def choose(cls) -> _Servant:
        if os.geteuid() != 0:
            return cls(None, os.geteuid(), os.getegid())
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(name, entry.pw_uid, entry.pw_gid)
        raise NoPostgres("PostgreSQL refuses to run as root, and there is no user postgres or nobody here")

    def spawn_options(self) -> dict[str, Any]:
        """How ``subprocess`` becomes this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.name else {}


def _keep(folder: Path, durable: bool) -> None:
    """Run a server in ``folder`` until standard input ends; each line of it is a signal to restart by."""
    server = None
    try:
        try:
            servant = _Servant.choose()
            programs = _create(folder, servant)
            server = _serve(folder, servant, programs, durable)
            _await_answer(folder, server)
            (folder / "ready").touch()
        except Exception as failure:  # whatever it is, the tests must be told
            partial = folder / "failed.partial"
            partial.write_text(f"{type(failure).__name__}: {failure}")
            partial.rename(folder / "failed")
        for number, line in enumerate(sys.stdin.buffer, 1):
            if server is None:
                break
            server.send_signal(int(line))
            server.wait()
            server = _serve(folder, servant, programs, durable)
            _await_answer(folder, server)
            (folder / f"restarted-{number}").touch()
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _create(folder: Path, servant: _Servant) -> Path:
    """Make the cluster; the folder of the programs that serve it."""
    socket = folder / "socket"
    socket.mkdir(mode=0o700)
    os.chown(socket, servant.uid, servant.gid)
    programs = _reachable(find(), folder, servant)
    data = socket / "data"
    # The C locale compares bytes: what the tests see does not depend on the machine's languages.
    options = f"-U {SUPERUSER} -A trust -E UTF8 --locale=C -N".split()
    create: list[str | Path] = [programs / "initdb", "-D", data, *options]
    with (folder / "log").open("ab") as log:
        if subprocess.run(create, check=False, **_plumbing(folder, log, servant)).returncode != 0:
            raise NoPostgres(f"initdb failed:\n{_end_of_log(folder)}")
    return programs


def _serve(folder: Path, servant: _Servant, programs: Path, durable: bool) -> subprocess.Popen[bytes]:
    socket = folder / "socket"
    wanted = _SETTINGS | (_DURABLE if durable else {})
    settings = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    serve: list[str | Path] = [programs / "postgres", "-D", socket / "data", "-k", socket, *settings]
    with (folder / "log").open("ab") as log:
        server: subprocess.Popen[bytes] = subprocess.Popen(serve, **_plumbing(folder, log, servant))
    return server


def _plumbing(folder: Path, log: IO[bytes], servant: _Servant) -> dict[str, Any]:
    return {
        "cwd": folder / "socket",
        "stdin": subprocess.DEVNULL,
        "stdout": log,
        "stderr": subprocess.STDOUT,
        **servant.spawn_options(),
    }


def _reachable(binaries: Binaries, folder: Path, servant: _Servant) -> Path:
    """The programs where ``servant`` may run them: a copy, when they lie under a private home."""
    try:
        subprocess.run(
            [binaries.folder / "postgres", "--version"],
            cwd="/",
            stdout=subprocess.DEVNULL,
            check=True,
            **servant.spawn_options(),
        )
        return binaries.folder
    except PermissionError:
        pass
    copy = folder / "programs"
    shutil.copytree(binaries.home, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, servant.uid, servant.gid, follow_symlinks=False)
    return copy / binaries.folder.relative_to(binaries.home)


def _await_answer(folder: Path, server: subprocess.Popen[bytes]) -> None:
    status = folder / "socket" / "data" / "postmaster.pid"
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        if server.poll() is not None:
            raise NoPostgres(f"the server ended with {server.returncode}:\n{_end_of_log(folder)}")
        # The server keeps its state on the eighth line of its pid file.
        state = status.read_text().splitlines()[7:8] if status.exists() else []
        if state and state[0].strip() == "ready":
            return
        time.sleep(0.02)
    raise NoPostgres(f"the server is not ready after {_PATIENCE:.0f} s:\n{_end_of_log(folder)}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    for how, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 10)):  # fast, then immediate
        server.send_signal(how)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
    server.kill()
    server.wait()


def _end_of_log(folder: Path) -> str:
    return "\n".join((folder / "log").read_text(errors="replace").splitlines()[-15:])


def _terminated(_signal: int, _frame: object) -> NoReturn:
    sys.exit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    _keep(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
