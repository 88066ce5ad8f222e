"""Every entry of every journal once, in one order, none left out, whoever writes meanwhile; on both databases."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import Engine, FactError, Happening, UnknownValue
from tests.integration.conftest import CLERK, Opener

FACTS = {"received_on": "2026-03-02", "area": "140429102"}


def opened(engine: Engine, key: str, **more: Any) -> int:
    return engine.open_case("claim", FACTS, key=key, by=CLERK, **more).id


def read(engine: Engine, after: int | str = 0, **more: Any) -> list[int]:
    found, cursor = [], after
    while True:
        part = engine.feed(after=cursor, **more)
        found += [entry.id for entry in part.entries]
        if cursor == part.cursor:
            return found
        cursor = part.cursor


def journal(engine: Engine) -> list[int]:
    with engine._runtime.database.engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT id FROM jiefen_journal ORDER BY id")))


def test_all_entries_of_all_cases_in_parts(engine: Engine) -> None:
    for number in range(3):
        opened(engine, f"k{number}")
    assert read(engine, limit=2) == read(engine) == journal(engine)
    assert {entry.case for entry in engine.feed().entries} == {1, 2, 3}


def test_some_kinds_and_the_cursor_moves_past_the_others(engine: Engine) -> None:
    opened(engine, "k")
    part = engine.feed(kinds=[Happening.OPENED, "deadline_started"])
    assert {entry.kind for entry in part.entries} == {"opened", "deadline_started"}
    assert part.cursor == journal(engine)[-1]
    assert engine.feed(after=part.cursor, kinds=["opened"]).entries == ()
    with pytest.raises(UnknownValue, match="did you mean 'opened'"):
        engine.feed(kinds=["opend"])
    for wrong in ("opened", 5):
        with pytest.raises(FactError, match="kinds"):
            engine.feed(kinds=wrong)  # type: ignore[arg-type]


def test_a_reader_goes_on_where_it_was_and_never_goes_back(engine: Engine) -> None:
    opened(engine, "k1")
    part = engine.feed(after="report")
    assert part.entries
    assert engine.feed(after="report") == part
    engine.acknowledge("report", part.cursor)
    assert engine.feed(after="report").entries == ()
    engine.acknowledge("report", 1)
    assert engine.feed(after="report").entries == ()
    opened(engine, "k2")
    assert {entry.case for entry in engine.feed(after="report").entries} == {2}
    assert engine.feed(after="another").entries[0].case == 1


def test_a_place_is_kept_with_what_the_host_makes_of_it_or_not_at_all(engine: Engine) -> None:
    opened(engine, "k1")
    with engine._runtime.database.engine.connect() as connection:
        transaction = connection.begin()
        engine.acknowledge("report", engine.feed().cursor, session=connection)
        transaction.rollback()
    assert engine.feed(after="report").entries


class TestOpenTransactions:
    @pytest.fixture
    def postgresql(self, engine: Engine) -> Engine:
        if engine._runtime.database.engine.dialect.name != "postgresql":
            pytest.skip("SQLite has one writer at a time")
        return engine

    def test_what_a_slow_transaction_wrote_first_is_not_left_behind(self, postgresql: Engine) -> None:
        opened(postgresql, "before")
        known = postgresql.feed().cursor
        with postgresql._runtime.database.engine.connect() as connection:
            transaction = connection.begin()
            slow = opened(postgresql, "slow", session=connection)
            fast = opened(postgresql, "fast")
            # The numbers of the fast one are higher; it is over, and waits for the slow one.
            assert postgresql.feed(after=known).entries == ()
            assert postgresql.feed(after=known).cursor == known
            transaction.commit()
        part = postgresql.feed(after=known)
        assert list(dict.fromkeys(entry.case for entry in part.entries)) == [slow, fast]

    def test_what_is_rolled_back_holds_nothing_up_afterwards(self, postgresql: Engine) -> None:
        known = postgresql.feed().cursor
        with postgresql._runtime.database.engine.connect() as connection:
            transaction = connection.begin()
            opened(postgresql, "gone", session=connection)
            fast = opened(postgresql, "fast")
            transaction.rollback()
        assert {entry.case for entry in postgresql.feed(after=known).entries} == {fast}

    def test_what_only_reads_or_writes_elsewhere_holds_nothing_up(self, postgresql: Engine) -> None:
        with postgresql._runtime.database.engine.connect() as connection:
            connection.execute(sa.text("CREATE TABLE host (id int)"))
            connection.execute(sa.text("SELECT * FROM jiefen_journal"))
            case = opened(postgresql, "k")
            assert {entry.case for entry in postgresql.feed().entries} == {case}
            connection.rollback()

    def test_writers_at_once_with_transactions_of_any_length(
        self, postgresql: Engine, opener: Opener
    ) -> None:
        dice, failed = random.Random(7), []
        pauses = [[dice.uniform(0, 0.03) for _ in range(12)] for _ in range(4)]

        def write(number: int) -> None:
            try:
                with postgresql._runtime.database.engine.connect() as connection:
                    for at, pause in enumerate(pauses[number]):
                        with connection.begin() as transaction:
                            opened(postgresql, f"w{number}-{at}", session=connection)
                            time.sleep(pause)
                            opened(postgresql, f"w{number}-{at}b", session=connection)
                            if at % 4 == 3:
                                transaction.rollback()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        seen, cursor = [], 0
        while any(thread.is_alive() for thread in threads):
            part = postgresql.feed(after=cursor, limit=7)
            seen += [entry.id for entry in part.entries]
            assert part.cursor >= cursor
            cursor = part.cursor
        for thread in threads:
            thread.join()
        assert failed == []
        seen += read(postgresql, cursor)
        assert seen == journal(postgresql)


def test_the_order_within_a_case_is_that_of_its_history(engine: Engine) -> None:
    cases = [opened(engine, f"k{number}") for number in range(3)]
    for case in reversed(cases):
        engine.message("matter.urgent", case=case, key="m")
    told = engine.feed(limit=1000).entries
    for case in cases:
        assert [entry for entry in told if entry.case == case] == engine.history(case)
