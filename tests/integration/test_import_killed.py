"""An import whose process is killed in the middle and that is done again: nothing is lost or there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from jiefen.bundled import bundled
from jiefen.clock import FixedClock
from jiefen.engine import Engine
from jiefen.record.kinds import Happening

HEAD = "工单编号,来电时间,来电人,诉求标题,诉求内容,诉求分类,诉求类型,所属区域,包案领导"
ROWS = 60


def importing(url: str, folder: Path) -> subprocess.Popen[bytes]:
    command = "import sys; from jiefen.cli import main; sys.exit(main())"
    areas = bundled("ledgers") / "areas.yaml"
    return subprocess.Popen(
        [sys.executable, "-c", command, "import", "12345热线台账.csv", "--areas", str(areas), "--json"],
        cwd=folder,
        env={**os.environ, "JIEFEN_DB": url, "JIEFEN_LANG": "en"},
        stdout=subprocess.DEVNULL,
    )


def test_nothing_is_lost_and_nothing_is_there_twice(url: str, tmp_path: Path, clock: FixedClock) -> None:
    lines = [
        f"W{number},2026-01-05,人{number},{number}号楼漏水,住户{number}反映,邻里纠纷,投诉,蟠龙镇上司村,李书记"
        for number in range(ROWS)
    ]
    (tmp_path / "12345热线台账.csv").write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    database = sa.create_engine(url)
    counted = sa.text("SELECT count(*) FROM jiefen_case")
    process = importing(url, tmp_path)
    until = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < until:
        with database.connect() as connection:
            if connection.scalar(counted) >= 5:
                break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    with database.connect() as connection:
        assert 5 <= connection.scalar(counted) < ROWS
    again = importing(url, tmp_path)
    assert again.wait(300) == 0
    database.dispose()
    with Engine.open(url, clock=clock) as engine:
        cases = engine.cases(limit=ROWS + 1)
        assert sorted(case.key for case in cases) == sorted(f"12345:W{number}" for number in range(ROWS))
        for case in cases:
            kinds = [entry.kind for entry in engine.history(case.id)]
            assert [kinds.count(kind) for kind in (Happening.OPENED, Happening.OWNERS_NAMED)] == [1, 1]
            assert len(engine.parties.of(case.id)) == 1
