"""Through PgBouncer in transaction mode, where every transaction may get another session of the server.

Run by ``make test-pooler``, which needs the program ``pgbouncer``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from jiefen import DatabaseError, Engine, FixedClock
from tests.integration.conftest import CLERK, HEAD, SMALL
from tests.integration.test_engine import FACTS, opened, task_of

EDITION = {"processes": SMALL / "processes", "rules": SMALL / "rules"}
PORT = 6432


@pytest.fixture
def pooled(pg_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database behind PgBouncer, with two server connections for everybody."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    assert program, "install pgbouncer (Debian: apt-get install pgbouncer)"
    address = make_url(pg_url)
    folder = Path(os.path.realpath(tmp_path_factory.mktemp("pooler")))
    users = folder / "users.txt"
    users.write_text(f'"{address.username}" ""\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"""[databases]
* = host={address.query["host"]}
[pgbouncer]
listen_port = {PORT}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
logfile = {folder / "log"}
"""
    )
    command = [program, str(settings)]
    if os.geteuid() == 0:  # it will not run as root; the user of the server can reach the server's socket
        user = pwd.getpwuid(Path(str(address.query["host"])).stat().st_uid)
        for path in (folder, users, settings):
            os.chown(path, user.pw_uid, user.pw_gid)
        for parent in folder.parents:
            if parent.owner() == "root" and parent != Path("/") and str(parent).startswith("/tmp/"):
                parent.chmod(parent.stat().st_mode | 0o011)
        command[1:1] = ["-u", user.pw_name]
    pooler = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = address.set(query={"host": str(folder), "port": str(PORT)}).render_as_string(
            hide_password=False
        )
        _wait(url, pooler)
        yield url
    finally:
        pooler.terminate()
        pooler.wait(10)


def _wait(url: str, pooler: subprocess.Popen[bytes]) -> None:
    engine = sa.create_engine(url, connect_args={"prepare_threshold": None})
    give_up = time.monotonic() + 10
    while True:
        try:
            with engine.connect():
                break
        except sa.exc.OperationalError:
            if pooler.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
    engine.dispose()


def test_a_case_goes_its_way_many_times(pooled: str, clock: FixedClock) -> None:
    """Often enough that a driver which prepares statements would prepare them, and from several threads."""
    failed: list[BaseException] = []
    with Engine.open(pooled, clock=clock, pooler="transaction", **EDITION) as engine:  # type: ignore[arg-type]

        def work(name: str) -> None:
            try:
                for number in range(8):
                    case = opened(engine, f"{name}{number}")
                    engine.complete(task_of(engine, case, "hear"), {}, by=CLERK)
                    engine.complete(task_of(engine, case, "decide"), {"outcome": "agreed"}, by=HEAD)
                    engine.explain(case)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
        for one in threads:
            one.start()
        for one in threads:
            one.join(120)
        assert failed == []
        clock.advance(timedelta(days=8))
        assert engine.sweep().failed == 0
        assert {case.status for case in engine.cases()} == {"ended"}


def test_a_host_works_in_its_own_transaction(pooled: str, clock: FixedClock) -> None:
    host = sa.create_engine(pooled, connect_args={"prepare_threshold": None})
    with Engine.open(pooled, clock=clock, pooler="transaction", **EDITION) as engine:  # type: ignore[arg-type]
        with Session(host) as session:
            engine.open_case("claim", FACTS, key="gone", by=CLERK, session=session)
            session.rollback()
        with Session(host) as session:
            engine.open_case("claim", FACTS, key="kept", by=CLERK, session=session)
            session.commit()
        assert [case.key for case in engine.cases()] == ["kept"]
    host.dispose()


def test_a_lock_is_waited_for_no_longer_than_said(pooled: str, clock: FixedClock) -> None:
    options = {"pooler": "transaction", "lock_timeout": 0.2}
    with Engine.open(pooled, clock=clock, **EDITION, **options) as engine:  # type: ignore[arg-type]
        case = opened(engine)
        with engine._runtime.writing() as holder:
            holder.execute(sa.text("SELECT 1 FROM jiefen_case WHERE id = :id FOR UPDATE"), {"id": case})
            with pytest.raises(DatabaseError, match=r"0\.2 s"):
                engine.message("matter.urgent", case=case, key="m")
