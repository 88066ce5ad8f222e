"""The log of what people read, and what an auditor sees in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from jiefen import Actor, Engine, FixedClock, NotFound, Sign
from jiefen.store.viewing.reads import read
from tests.integration.conftest import CLERK
from tests.integration.test_engine import opened

FAR = Actor("far", frozenset({"clerk"}), "140429103")


def test_a_list_of_fifty_cases_is_kept_in_one_statement(engine: Engine) -> None:
    cases = [opened(engine, f"c{number}") for number in range(50)]
    told: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    for one in engine._runtime.database.engines:
        event.listen(one, "before_cursor_execute", listen)
    assert len(engine.as_(CLERK, because="核对").cases()) == 50
    assert len([one for one in told if "INSERT INTO jiefen_read" in one]) == 1
    found = engine.audit.reads(limit=1000)
    assert [(one.person, one.call, one.because, one.refused) for one in found] == [
        (CLERK.id, "cases", "核对", False)
    ] * 50
    assert [one.case for one in found] == cases
    assert engine.audit.reads(person="nobody") == []
    assert len(engine.audit.reads(case=cases[3])) == 1
    assert engine.audit.reads(after=found[-1].id) == []


def test_what_was_refused_is_kept_and_what_is_not_there_is_not(engine: Engine) -> None:
    case = opened(engine, "c")
    for one in (case, case + 99):
        with pytest.raises(NotFound):
            engine.as_(FAR).history(one)
    [refused] = engine.audit.reads(refused=True)
    assert (refused.person, refused.call, refused.case) == ("far", "history", case)
    assert engine.audit.reads(refused=False) == []


def test_nothing_is_read_that_cannot_be_kept(engine: Engine) -> None:
    case = opened(engine, "c")
    with engine._runtime.writing() as connection:
        connection.execute(sa.text("DROP TABLE jiefen_read"))
    with pytest.raises(Exception, match="jiefen_read"):
        engine.as_(CLERK).case(case)


def test_a_thousand_reads_in_a_minute_are_seen(engine: Engine, clock: FixedClock) -> None:
    case = opened(engine, "c")
    night = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # half past one on Tuesday in China
    with engine._runtime.writing() as connection:
        rows = [
            {"at": night, "person": "r-9", "call": "case", "case_id": case + number, "grade": "personal",
             "refused": False}
            for number in range(1000)
        ]  # fmt: skip
        connection.execute(sa.insert(read), rows)
    clock.set(night + timedelta(hours=9))
    engine.as_(CLERK).case(case)
    for _ in range(10):
        with pytest.raises(NotFound):
            engine.as_(FAR).case(case)
    seen = {(one.person, one.sign, one.number) for one in engine.audit.unusual()}
    assert seen == {
        ("r-9", Sign.MANY, 1000),
        ("r-9", Sign.ODD_HOURS, 1000),
        ("r-9", Sign.STRANGERS, 1000),
        ("far", Sign.REFUSED, 10),
    }
    [many] = [one for one in engine.audit.unusual() if one.sign is Sign.MANY]
    assert many.at == night
    assert engine.audit.unusual(until=night) == []


def test_days_off_and_days_that_are_worked_are_those_of_the_calendar(
    engine: Engine, clock: FixedClock
) -> None:
    case = opened(engine, "c")
    holiday, worked = datetime(2026, 5, 1, 2, tzinfo=UTC), datetime(2026, 5, 9, 2, tzinfo=UTC)
    assert (holiday.isoweekday(), worked.isoweekday()) == (5, 6)
    for at in (holiday, worked):
        clock.set(at)
        engine.as_(CLERK).case(case)
    [odd] = [one for one in engine.audit.unusual(since=holiday) if one.sign is Sign.ODD_HOURS]
    assert (odd.number, odd.at) == (1, holiday)
