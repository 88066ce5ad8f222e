"""Every call that writes to a case moves its revision and its time of change; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from jiefen import TRUSTED, Answer, Case, DeadlineStatus, Engine, FixedClock, Happening
from jiefen.store import schema
from jiefen.store.sealing.types import Marked
from tests.integration.conftest import CLERK, HEAD, Opener
from tests.integration.watch import OFFICER, china, claimed, found, staff
from tests.support.moments import RECUSER, WINDOW

FACTS = {"area": "140429102201", "received_on": "2026-03-02", "amount": 60_000}
RULE = "claim.handle"
Call = Callable[[Engine, int], object]


def _task(engine: Engine, case: int) -> int:
    return engine.tasks(case=case)[0].id


def _at_court(engine: Engine, case: int) -> None:
    engine.complete(_task(engine, case), {}, by=CLERK)


def _suspended(engine: Engine, case: int) -> None:
    engine.suspend(case, RULE, ground="hearing", by=CLERK)


def _nothing(engine: Engine, case: int) -> None:
    pass


#: Each call, and what has to have happened before it.
CALLS: dict[str, tuple[Call, Call]] = {
    "claim": (_nothing, lambda engine, case: engine.claim(_task(engine, case), by=CLERK)),
    "complete": (_nothing, _at_court),
    "message": (
        _nothing,
        lambda engine, case: engine.message("party.withdrew", case=case, key="m1", by=WINDOW),
    ),
    "answer": (_at_court, lambda engine, case: engine.answer(engine.deliveries()[0].id, Answer())),
    "bind_leader": (_nothing, lambda engine, case: engine.bind_leader(case, "l-1", by=HEAD)),
    "log_contact": (_nothing, lambda engine, case: engine.log_contact(case, "telephone", "已联系", by=CLERK)),
    "recuse": (_nothing, lambda engine, case: engine.recuse(case, "l-1", reason="近亲属", by=RECUSER)),
    "extend": (_nothing, lambda engine, case: engine.extend(case, RULE, "9 d", ground="复杂", by=HEAD)),
    "suspend": (_nothing, _suspended),
    "resume": (_suspended, lambda engine, case: engine.resume(case, RULE, by=CLERK)),
    "milestone": (_nothing, lambda engine, case: engine.milestone(case, "answered", by=CLERK)),
    "correct_anchor": (
        _nothing,
        lambda engine, case: engine.correct_anchor(case, RULE, on=date(2026, 3, 1), by=CLERK),
    ),
}


def moved(engine: Engine, before: Case, clock: FixedClock) -> None:
    """Both have moved."""
    after = engine.case(before.id)
    assert after.revision > before.revision
    assert after.updated_at == clock.now()


@pytest.mark.parametrize("name", CALLS)
def test_a_call_moves_both(engine: Engine, clock: FixedClock, name: str) -> None:
    prepare, call = CALLS[name]
    case = engine.open_case("claim", FACTS, key="c1", by=CLERK)
    prepare(engine, case.id)
    before = engine.case(case.id)
    clock.advance(timedelta(minutes=5))

    call(engine, case.id)

    moved(engine, before, clock)


def test_the_answer_to_a_supervision_moves_both(opener: Opener, clock: FixedClock) -> None:
    engine = opener(directory=staff())
    case = found(engine)
    claimed(engine, case)
    clock.set(china(3, 9))
    engine.sweep()
    before = engine.case(case)
    clock.advance(timedelta(minutes=5))

    engine.answer_supervision(case, "rung/1/supervise", "已约定入户时间", by=OFFICER)

    moved(engine, before, clock)


def test_what_the_clock_does_moves_both(engine: Engine, clock: FixedClock) -> None:
    before = engine.open_case("claim", FACTS, key="c1", by=CLERK)
    clock.set(date(2026, 7, 1))

    assert engine.sweep().total

    moved(engine, before, clock)
    assert engine.deadlines(before.id)[0].status is DeadlineStatus.EXPIRED


def test_a_claim_that_is_repeated_changes_nothing(engine: Engine, clock: FixedClock) -> None:
    case = engine.open_case("claim", FACTS, key="c1", by=CLERK)
    engine.claim(_task(engine, case.id), by=CLERK)
    before = engine.case(case.id)
    clock.advance(timedelta(minutes=5))

    engine.claim(_task(engine, case.id), by=CLERK)

    assert engine.case(case.id) == before


def test_a_recusal_lets_go_what_was_claimed(engine: Engine, clock: FixedClock) -> None:
    case = engine.open_case("claim", FACTS, key="c1", by=CLERK)
    engine.claim(_task(engine, case.id), by=CLERK)
    clock.advance(timedelta(minutes=5))

    recused = engine.recuse(case.id, CLERK.id, reason="近亲属", by=HEAD)

    assert engine.tasks(case=case.id)[0].assignee is None
    assert recused.updated_at == clock.now()


def test_a_retry_moves_both_and_names_who_asked_for_it(engine: Engine, clock: FixedClock) -> None:
    before = engine.open_case("claim", FACTS, key="c1", by=CLERK)
    expiry = sa.and_(schema.agenda.c.case_id == before.id, schema.agenda.c.kind == "expiry")
    with engine._runtime.database.engine.begin() as connection:
        connection.execute(
            sa.update(schema.agenda).where(expiry).values(status="incident", attempts=8, error=Marked("x"))
        )
    [incident] = engine.incidents()
    clock.advance(timedelta(minutes=5))

    engine.retry(incident.id, by=TRUSTED)

    moved(engine, before, clock)
    assert engine.incidents() == []
    last = engine.history(before.id)[-1]
    assert (last.kind, last.actor, last.subject) == (Happening.RETRIED, TRUSTED.id, "expiry")
    assert "program:host 让失败的事项重试" in engine.explain(before.id).text()


def test_whoever_brings_an_answer_is_named(engine: Engine) -> None:
    case = engine.open_case("claim", FACTS, key="c1", by=CLERK).id
    _at_court(engine, case)

    engine.answer(engine.deliveries()[0].id, Answer(), by=HEAD)

    [arrived] = [entry for entry in engine.history(case) if entry.kind is Happening.DELIVERY_ARRIVED]
    assert arrived.actor == HEAD.id
