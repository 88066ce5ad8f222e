"""Forged actors, offices of elsewhere and of yesterday, and taken keys: refused or told, and seen by the auditor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from jiefen import EVERYWHERE, Actor, Conflict, Engine, FactError, FixedClock, HeldPost, NotAllowed
from tests.integration.conftest import make_tables
from tests.support.databases import Databases
from tests.support.moments import WINDOW

VILLAGE, TOWNSHIP = "140429102201", "140429102"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
MEDIATOR = Actor("0618", frozenset({"village_mediator"}), VILLAGE)
AUDITOR = Actor("audit-1", frozenset({"audit_administrator"}), EVERYWHERE)


@pytest.fixture
def engine(databases: Databases, clock: FixedClock) -> Iterator[Engine]:
    with Engine.open(databases.prepared(make_tables), clock=clock) as one:
        yield one


@pytest.fixture
def case(engine: Engine) -> int:
    facts = {"source": "walk_in", "dispute_type": "family", "area": VILLAGE}
    return engine.open_case("dispute", facts, key="k", by=WINDOW).id


def seen(engine: Engine) -> list[tuple[str, str]]:
    """What the auditor finds."""
    return [(one.actor, one.act) for one in engine.refusals()]


@pytest.mark.parametrize(
    "id",
    [
        "system",
        "\uff53\uff59\uff53\uff54\uff45\uff4d",
        " system ",
        "program:host",
        "\uff50rogram:host",
        "party:1",
        "sys\u200btem",
    ],
)
def test_nobody_goes_by_a_name_that_the_engine_keeps(id: str) -> None:
    with pytest.raises(FactError):
        Actor(id)


@pytest.mark.parametrize("id", ["\uff10\uff16\uff11\uff18", "0618\u200b", "\u202e0618", " 0618 "])
def test_the_recused_does_not_come_back_under_another_writing(engine: Engine, case: int, id: str) -> None:
    engine.recuse(case, "0618", reason="亲属", by=CENTRE)
    forged = Actor(id, MEDIATOR.roles, MEDIATOR.area)
    [task] = engine.tasks(case=case)
    for act in (
        lambda: engine.claim(task.id, by=forged),
        lambda: engine.notes.add(case, "x", by=forged),
        lambda: engine.lift_recusal(case, "0618", reason="x", by=forged),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert seen(engine) == [("0618", "claim"), ("0618", "notes.add"), ("0618", "lift_recusal")]


def test_a_role_of_another_area_and_one_that_ended_yesterday(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    elsewhere = Actor("e-1", frozenset({"township_coordinator"}), "140429103")
    gone = Actor("g-1", posts=(HeldPost("township_coordinator", TOWNSHIP, until=date(2026, 3, 1)),))
    soon = Actor("n-1", posts=(HeldPost("township_coordinator", TOWNSHIP, since=date(2026, 3, 3)),))
    nowhere = Actor("w-1", frozenset({"township_coordinator"}))
    everyone = (elsewhere, gone, soon, nowhere)
    for who in everyone:
        with pytest.raises(NotAllowed):
            engine.void(case, reason="x", by=who)
    assert seen(engine) == [(who.id, "void") for who in everyone]
    clock.advance(timedelta(days=1))
    engine.recuse(case, "0618", reason="亲属", by=soon)
    for _ in range(10):
        with pytest.raises(NotAllowed):
            engine.void(case, reason="x", by=gone)
    [often] = engine.refused_often(least=10)
    assert often.actor == "g-1"
    assert "not held on 2026-03-03" in engine.refusals(actor="g-1")[-1].why


def test_a_key_that_somebody_took_before_the_genuine_message(engine: Engine, case: int) -> None:
    """The genuine one is not lost in silence: its sender is told, and the auditor sees who has taken the key."""
    engine.message("matter.urgent", case=case, key="court:1", by=CENTRE)
    with pytest.raises(Conflict, match="has had"):
        engine.message("crime.suspected", case=case, key="court:1", by=Actor.program("court"))
    assert seen(engine) == [("program:court", "message")]
    assert "court:1" in engine.refusals()[0].why
    assert engine.message("crime.suspected", case=case, key="court:2", by=Actor.program("court")) in (
        True,
        False,
    )
    assert engine.case(case).facts.get("crime_suspected") in (True, None)


def test_the_auditor_works_on_no_case(engine: Engine, case: int) -> None:
    with pytest.raises(NotAllowed):
        engine.notes.add(case, "x", by=AUDITOR)
    assert seen(engine) == [("audit-1", "notes.add")]
