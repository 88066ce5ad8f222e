"""Who listens is told what was kept, once, after it was kept, and breaks nothing; on both databases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from jiefen import Engine, Entry, FactError, FixedClock, Happening, UnknownValue
from jiefen.case.step import Step
from tests.integration.conftest import CLERK, Opener

FACTS = {"received_on": "2026-03-02", "area": "140429102"}


@pytest.fixture
def host(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def opened(engine: Engine, key: str, **more: Any) -> int:
    return engine.open_case("claim", FACTS, key=key, by=CLERK, **more).id


class Ear:
    """Listens to kinds of entries."""

    def __init__(self, engine: Engine, *kinds: str) -> None:
        self.heard: list[Entry] = []
        self.stops = [engine.on(kind, self.heard.append) for kind in kinds]

    @property
    def cases(self) -> list[int]:
        return [entry.case for entry in self.heard]


def test_what_was_kept_is_told_in_its_order(engine: Engine) -> None:
    ear = Ear(engine, "opened", "deadline_started")
    opened(engine, "a")
    opened(engine, "b")
    opened(engine, "a")  # the same key is the same case: nothing has happened
    assert ear.heard == list(engine.feed(kinds=["opened", "deadline_started"]).entries)
    assert set(ear.cases) == {1, 2}
    for stop in ear.stops:
        stop()
        stop()
    opened(engine, "c")
    assert 3 not in ear.cases


def test_it_is_kept_before_it_is_told(engine: Engine) -> None:
    seen: list[str] = []
    engine.on(Happening.OPENED, lambda entry: seen.append(engine.case(entry.case).key))
    opened(engine, "a")
    assert seen == ["a"]


def test_what_a_listener_does_is_told_after_what_it_was_told(engine: Engine) -> None:
    order: list[tuple[str, int]] = []

    def on_opened(entry: Entry) -> None:
        order.append(("begin", entry.case))
        if entry.case < 3:
            opened(engine, f"more {entry.case}")
        order.append(("end", entry.case))

    engine.on("opened", on_opened)
    opened(engine, "a")
    assert order == [(what, case) for case in (1, 2, 3) for what in ("begin", "end")]


def test_a_listener_that_fails_breaks_nothing_and_is_told_of(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_entry: Entry) -> None:
        raise ValueError("张三 13800000001")

    engine.on("opened", failing)
    ear = Ear(engine, "opened")
    with caplog.at_level(logging.ERROR, "jiefen.listening"):
        assert engine.case(opened(engine, "a")).key == "a"
    assert ear.cases == [1]
    [record] = caplog.records
    assert "opened" in record.getMessage()
    assert "ValueError" in record.getMessage()
    assert "138" not in caplog.text


def test_what_was_rolled_back_is_never_told(engine: Engine) -> None:
    ear = Ear(engine, "opened")
    with pytest.raises(FactError):
        engine.open_case("claim", {"no": 1}, key="a", by=CLERK)
    assert ear.heard == []


class TestHosts:
    def test_a_session_tells_when_it_is_committed(self, engine: Engine, host: sa.Engine) -> None:
        ear = Ear(engine, "opened")
        with Session(host) as session:
            opened(engine, "a", session=session)
            opened(engine, "b", session=session)
            assert ear.heard == []
            session.commit()
            assert ear.cases == [1, 2]
            opened(engine, "c", session=session)
            session.rollback()
        assert ear.cases == [1, 2]

    def test_of_a_savepoint_that_was_rolled_back_nothing(self, engine: Engine, host: sa.Engine) -> None:
        ear = Ear(engine, "opened")
        with Session(host) as session, session.begin():
            opened(engine, "a", session=session)
            inner = session.begin_nested()
            opened(engine, "b", session=session)
            inner.rollback()
            opened(engine, "c", session=session)
            assert ear.heard == []
        keys = [engine.case(case).key for case in ear.cases]
        assert keys == ["a", "c"]

    def test_a_connection_is_told_by_the_next_call(self, engine: Engine, host: sa.Engine) -> None:
        ear = Ear(engine, "opened")
        with host.connect() as connection:
            opened(engine, "lost", session=connection)
            connection.rollback()
            opened(engine, "a", session=connection)
            connection.commit()
        engine.sweep()
        assert [engine.case(case).key for case in ear.cases] == ["a"]

    def test_closing_the_engine_tells_what_is_over(self, opener: Opener, host: sa.Engine) -> None:
        engine = opener()
        ear = Ear(engine, "opened")
        with host.begin() as connection:
            opened(engine, "a", session=connection)
        engine.close()
        assert ear.cases == [1]


def test_a_deadline_that_comes_at_risk_is_told_once(engine: Engine, clock: FixedClock) -> None:
    ear = Ear(engine, "deadline_at_risk")
    case = opened(engine, "a")
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {}, by=CLERK)
    [deadline] = [one for one in engine.deadlines(case) if one.status == "running"]
    for _ in range(80):
        clock.advance(timedelta(days=1))
        engine.sweep()
    [entry] = ear.heard
    assert (entry.case, entry.subject, entry.data["seq"]) == (case, deadline.rule, deadline.seq)
    assert entry.data["due_on"] == deadline.due_on.isoformat()  # type: ignore[union-attr]
    assert entry.at.date() < (deadline.due_on or date.max)
    assert engine.feed(kinds=["deadline_at_risk"]).entries == (entry,)


def test_a_failed_entry_of_a_sweep_tells_nothing_and_takes_nothing_along(
    engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = Ear(engine, "deadline_expired")
    cases = [opened(engine, f"k{number}") for number in range(3)]
    for case in cases:
        [task] = engine.tasks(case=case)
        engine.complete(task.id, {}, by=CLERK)
    save: Callable[..., Any] = Step.save

    def failing(step: Step, connection: Any) -> Any:
        save(step, connection)
        if step.recording.case_id == cases[1]:
            raise OSError

    monkeypatch.setattr(Step, "save", failing)
    clock.advance(timedelta(days=200))
    engine.sweep()
    assert cases[1] not in ear.cases
    assert {cases[0], cases[2]} <= set(ear.cases)


def test_what_cannot_be_listened_to(engine: Engine) -> None:
    async def later(_entry: Entry) -> None: ...

    with pytest.raises(UnknownValue, match="opened"):
        engine.on("opend", print)
    for wrong in (later, None, "print"):
        with pytest.raises(FactError, match="function"):
            engine.on("opened", wrong)  # type: ignore[arg-type]
