"""A case in which nothing moves, in whatever state, tells who holds it, then who stands above; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import TRUSTED, Actor, Answer, Engine, FixedClock, Happening
from jiefen.store import schema
from tests.integration.conftest import CLERK, Opener
from tests.integration.test_engine import opened, statements
from tests.integration.watch import CHIEF, OFFICER, china, claimed, edited, found, notices, staff
from tests.support.moments import Life

#: Five working days: the holder; ten: the officer; fifteen: the office.
LADDER = """ladders:
  unmoved:
    title: {zh: 久无进展, en: It does not move}
    unmoved: officer
    because: {policy: {zh: 测试, en: Test}}
    rungs:
      - {id: holder, after: 5 wd, to: holder, action: remind}
      - {id: officer, after: 10 wd, to: officer, action: escalate}
      - {id: office, after: 15 wd, to: office, action: supervise, by: joint_office, reply: 5 wd}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return edited(tmp_path, "ladders:\n", LADDER)


@pytest.fixture
def engine(opener: Opener, rules: Path) -> Engine:
    return opener(directory=staff(), rules=rules)


def told(engine: Engine, case: int) -> list[tuple[str, list[str]]]:
    """Who was told that nothing moves, in order."""
    pairs = [(ref, one) for ref, one in notices(engine, case).items() if ref.startswith("unmoved/")]
    pairs.sort(key=lambda pair: int(pair[0].partition("/")[2]))
    return [(one["to"], one["holders"]) for _, one in pairs]


def entries(engine: Engine, case: int) -> list[Any]:
    with engine._runtime.reading() as connection:
        query = sa.select(schema.agenda).where(schema.agenda.c.case_id == case)
        return [row for row in connection.execute(query) if row.kind == "unmoved"]


def swept(engine: Engine, clock: FixedClock, month: int, day: int) -> None:
    clock.set(china(month, day))
    engine.sweep()


def test_a_case_that_a_clerk_forgets_climbs_and_begins_again(engine: Engine, clock: FixedClock) -> None:
    """Opened on Monday 2 March 2026 and claimed; on the 12th somebody telephones, and then nobody does anything."""
    case = found(engine)
    claimed(engine, case)
    swept(engine, clock, 3, 8)
    assert told(engine, case) == []
    swept(engine, clock, 3, 9)  # five working days on
    assert told(engine, case) == [("grid_chief", ["g-1"])]
    clock.set(china(3, 12))
    engine.log_contact(case, "telephone", "群众说仍未解决", by=CHIEF)
    for day in (13, 16, 18):
        swept(engine, clock, 3, day)
    assert len(told(engine, case)) == 1
    swept(engine, clock, 3, 19)
    assert told(engine, case)[1:] == [("grid_chief", ["g-1"])]
    swept(engine, clock, 3, 26)
    assert told(engine, case)[2:] == [("officer", ["o-1"])]
    swept(engine, clock, 4, 2)
    assert told(engine, case)[3:] == [("office", ["x-1"])]
    ref = next(
        one.ref
        for one in engine.supervisions(case=case)
        if one.action == "supervise" and one.by == "joint_office"
    )
    assert ref.startswith("unmoved/")
    swept(
        engine, clock, 4, 10
    )  # 5 and 6 April are days off, so the first rung of the next round comes on the 10th
    assert told(engine, case)[4:] == [("grid_chief", ["g-1"])]
    assert len(entries(engine, case)) == 1
    story = engine.explain(case).text("zh")
    assert "案件自 2026-03-12 起无进展:上报,通知 专干" in story
    assert "Nothing has moved since 2026-03-12: report upwards, Officer is told" in engine.explain(case).text(
        "en"
    )


def test_what_moves_the_case_puts_it_off_and_ends_it(engine: Engine, clock: FixedClock) -> None:
    case = found(engine)
    task = claimed(engine, case)
    clock.set(china(3, 6))
    engine.complete(task, {}, by=CHIEF)
    swept(engine, clock, 3, 12)
    assert told(engine, case) == []
    swept(engine, clock, 3, 13)  # nobody has claimed what came next: its role is told
    assert told(engine, case) == [("officer", ["o-1"])]
    [task] = [one.id for one in engine.tasks(case=case)]
    engine.complete(task, {}, by=OFFICER)
    assert entries(engine, case) == []
    swept(engine, clock, 6, 1)
    assert len(told(engine, case)) == 1


def test_a_case_that_waits_for_the_outside_belongs_to_the_role_of_the_ladder(
    engine: Engine, clock: FixedClock
) -> None:
    """Nobody has a task while the court is asked; its answer moves the case."""
    case = opened(engine, "k", amount=60_000)
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {}, by=CLERK)
    assert engine.tasks(case=case) == []
    swept(engine, clock, 3, 9)
    assert told(engine, case) == [("officer", ["o-1"])]
    [delivery] = [one for one in engine.deliveries() if one.case == case and one.topic == "court"]
    engine.answer(delivery.id, Answer())
    swept(engine, clock, 3, 13)
    assert len(told(engine, case)) == 1


def test_one_look_tells_one_rung_however_late_it_comes(engine: Engine, clock: FixedClock) -> None:
    case = found(engine)
    swept(engine, clock, 6, 1)
    swept(engine, clock, 6, 1)
    assert [to for to, _ in told(engine, case)] == ["grid_chief"]
    swept(engine, clock, 6, 8)
    assert [to for to, _ in told(engine, case)] == ["grid_chief", "officer"]


@pytest.mark.parametrize("how", ["void", "merge"])
def test_what_is_closed_by_hand_is_not_looked_at(engine: Engine, clock: FixedClock, how: str) -> None:
    case, other = found(engine), found(engine, "w2")
    by = Actor("o-2", frozenset({"office"}), "140429")
    if how == "void":
        engine.void(case, reason="误登", evidence="登记簿", by=by)
    else:
        engine.merge(case, other, reason="同一事项", by=by)
    assert (entries(engine, case), len(entries(engine, other))) == ([], 1)
    swept(engine, clock, 3, 20)
    assert told(engine, case) == []


def test_a_step_that_moves_the_case_pays_nothing_for_it(opener: Opener, rules: Path) -> None:
    """Contact, claim and answer take the same statements with such a ladder and without."""
    counts = []
    for options in ({}, {"rules": rules}):
        engine = opener(directory=staff(), **options)
        case = found(engine, f"w{len(counts)}")
        with statements(engine) as seen:
            task = claimed(engine, case)
            engine.log_contact(case, "telephone", "已联系", by=CHIEF)
            engine.complete(task, {}, by=CHIEF)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_one_look_is_few_statements(engine: Engine, clock: FixedClock) -> None:
    case = found(engine)
    clock.set(china(3, 5))
    for number in range(30):
        engine.log_contact(case, "telephone", f"第 {number} 次", by=CHIEF)
    claimed(engine, case)
    clock.set(china(3, 12, 8))
    engine.sweep()
    clock.set(china(3, 12))
    with statements(engine) as seen:
        assert engine.sweep(limit=1).done == {"unmoved": 1}
    assert sum("FROM jiefen_journal" in one for one in seen) == 1
    assert len(told(engine, case)) == 1
    # Of which the sweep takes a dozen to find what is due, before and afterwards, and one is for who is away.
    assert len(seen) <= 19


def test_a_case_that_takes_new_rules_is_looked_at_from_then_on(
    opener: Opener, rules: Path, clock: FixedClock
) -> None:
    engine = opener(directory=staff())
    case = found(engine)
    assert entries(engine, case) == []
    engine.recompute(rules=rules, dry_run=False, by=TRUSTED)
    assert len(entries(engine, case)) == 1
    swept(engine, clock, 3, 9)
    assert told(engine, case) == [("grid_chief", ["g-1"])]


def test_the_nation_asks_after_twenty_forty_and_sixty_working_days(life: Life, clock: FixedClock) -> None:
    for _ in range(8):
        clock.advance(timedelta(days=15))
        life.engine.sweep()
    seen = [
        (entry.data["to"], entry.data["action"])
        for entry in life.engine.history(life.case)
        if entry.kind is Happening.CASE_UNMOVED
    ]
    assert seen[:3] == [
        ("township_coordinator", "remind"), ("joint_meeting_office", "escalate"), ("township_leader", "escalate"),
    ]  # fmt: skip
