"""The editions of an engine and its databases: which it keeps, and what it says of those that it cannot use."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from jiefen import (
    DatabaseError,
    DefinitionError,
    Engine,
    FixedClock,
    Happening,
)
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.integration.test_engine import opened, task_of
from tests.support.databases import Databases


class TestEditions:
    def test_a_case_stays_on_its_edition(self, engine: Engine, opener: Opener, tmp_path: Path) -> None:
        case = opened(engine)
        folder = tmp_path / "next"
        shutil.copytree(SMALL, folder)
        rules = folder / "rules" / "nation" / "small.yaml"
        rules.write_text(rules.read_text().replace("60 d", "45 d"))
        later = opener(processes=folder / "processes", rules=folder / "rules")
        assert later.edition.digest != engine.edition.digest
        assert later.case(case).edition == engine.edition.digest
        other = opened(later, "k2")
        due = [later.deadlines(one)[0].due_on for one in (case, other)]
        assert due == [date(2026, 5, 6), date(2026, 4, 16)]
        later.complete(task_of(later, case, "hear"), {}, by=CLERK)

    def test_a_bad_edition_never_replaces_a_good_one(self, engine: Engine, tmp_path: Path) -> None:
        bad = tmp_path / "bad"
        bad.mkdir()
        (bad / "x.bpmn").write_text("<no")
        before = engine.edition
        with pytest.raises(DefinitionError, match=r"x\.bpmn"):
            engine.load_edition(bad, SMALL / "rules")
        assert engine.edition is before
        opened(engine)


class TestDatabases:
    def test_a_newer_database_is_refused(self, opener: Opener, url: str) -> None:
        engine = opener()
        with engine._runtime.database.engine.begin() as connection:
            connection.execute(sa.text("UPDATE jiefen_version SET version_num = '9999'"))
        with pytest.raises(DatabaseError, match="newer"):
            opener()

    def test_a_full_disk_is_said_and_nothing_is_half_written(self, tmp_path: Path, clock: FixedClock) -> None:
        options = {"processes": SMALL / "processes", "rules": SMALL / "rules", "clock": clock}
        with Engine.open(f"sqlite:///{tmp_path / 'full.db'}", **options) as engine:
            kept = opened(engine, "first")
            with engine._runtime.database.engine.connect() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            event.listen(
                engine._runtime.database.engine,
                "connect",
                lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages + 2}"),
            )
            engine._runtime.database.engine.dispose()  # connections made from now on have the limit

            def fill() -> None:
                for number in range(200):
                    opened(engine, f"k{number}")

            with pytest.raises(DatabaseError, match="cannot grow"):
                fill()
            for case in engine.cases(limit=1000):
                assert [entry.kind for entry in engine.history(case.id)].count(Happening.OPENED) == 1
                assert len(engine.tasks(case=case.id)) == 1
            assert engine.case(kept).revision == 1

    def test_an_empty_one_is_not_touched_when_migration_is_not_wanted(self, databases: Databases) -> None:
        url = databases.empty()
        with pytest.raises(DatabaseError, match="migrate=True"):
            Engine.open(url, processes=SMALL / "processes", rules=SMALL / "rules", migrate=False)

    @pytest.mark.parametrize("address", ["nonsense", "mysql://x/y", "sqlite:////no/such/folder/x.db"])
    def test_an_address_that_cannot_work_is_explained(self, address: str) -> None:
        with pytest.raises(DatabaseError):
            Engine.open(address, processes=SMALL / "processes", rules=SMALL / "rules")
