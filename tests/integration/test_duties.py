"""Recurring duties on a real database: planned once, each occurrence leaves one list, and nothing is missed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiefen import Actor, AlreadyDone, Engine, FactError, FixedClock, NotAllowed, NotFound
from tests.integration.conftest import Opener

OFFICER = Actor("p1", frozenset({"petition_officer"}))
TOWN = "140429102"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An engine on the bundled edition, whose rules name the duties."""
    return opener(processes=None, rules=None)


def test_each_monday_leaves_a_list(engine: Engine, clock: FixedClock) -> None:
    kept = engine.duties.keep(TOWN)
    assert "monday_reception" in kept
    assert "patrols" not in kept  # those are of the grid
    engine.duties.keep(TOWN)
    for _ in range(29):
        clock.advance(timedelta(days=1))
        engine.sweep()
    mondays = [item for item in engine.duties.lists(area="1404") if item.rule == "monday_reception"]
    assert [f"{item.at:%m-%d}" for item in mondays] == ["03-09", "03-16", "03-23", "03-30"]
    assert [item["id"] for item in mondays[0].items] == ["visitors", "open"]


def test_after_a_long_stop_no_list_is_missing_and_none_is_there_twice(
    engine: Engine, clock: FixedClock
) -> None:
    engine.duties.keep(f"{TOWN}201001")
    clock.advance(timedelta(days=10))
    engine.sweep()
    assert engine.sweep().total == 0
    patrols = [item.at for item in engine.duties.lists(limit=1000) if item.rule == "patrols"]
    assert len(patrols) == len(set(patrols)) == 30


def test_a_list_is_closed_with_a_note_for_each_item(engine: Engine, clock: FixedClock) -> None:
    engine.duties.keep(TOWN)
    clock.set(date(2026, 3, 9))
    engine.sweep()
    [item] = engine.duties.lists(role="petition_officer")
    for notes, error in (({"visitors": "3"}, NotAllowed), ({"visitors": "3", "open": " "}, NotAllowed)):
        with pytest.raises(error, match="open"):
            engine.duties.close(item.id, notes, by=OFFICER)
    with pytest.raises(NotFound, match="nobody"):
        engine.duties.close(item.id, {"nobody": "x"}, by=OFFICER)
    with pytest.raises(NotAllowed, match="petition_officer"):
        engine.duties.close(item.id, {"visitors": "3", "open": "0"}, by=Actor("x"))
    closed = engine.duties.close(item.id, {"visitors": "3", "open": "0"}, by=OFFICER)
    assert (closed.status, closed.closed_by, closed.items[0]["note"]) == ("done", "p1", "3")
    with pytest.raises(AlreadyDone, match="p1"):
        engine.duties.close(item.id, {"visitors": "3", "open": "0"}, by=OFFICER)
    with pytest.raises(NotFound, match="no duty list 999"):
        engine.duties.close(999, {}, by=OFFICER)


def test_an_area_can_stop(engine: Engine, clock: FixedClock) -> None:
    engine.duties.keep(TOWN)
    engine.duties.stop(TOWN)
    clock.advance(timedelta(days=30))
    assert engine.sweep().total == 0
    with pytest.raises(FactError, match="area"):
        engine.duties.keep("somewhere")
