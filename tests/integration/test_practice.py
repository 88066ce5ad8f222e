"""Patterns of occurrence and responsible bodies are worked out for a real case, and told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Engine, FixedClock, Happening
from tests.integration.conftest import Opener

CLERK = Actor("clerk", frozenset({"grid_worker"}), EVERYWHERE)
FACTS = {"area": "140429102201", "matter_type": "claim", "received_on": date(2026, 3, 2)}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An engine on the bundled edition."""
    return opener(processes=None, rules=None)


def opened(engine: Engine, key: str, **facts: Any) -> int:
    return engine.open_case("dispute", FACTS | facts, key=key, by=CLERK).id


def noted(engine: Engine, case: int, kind: Happening) -> list[str | None]:
    return [entry.subject for entry in engine.history(case) if entry.kind is kind]


def test_a_land_dispute_before_ploughing_is_seasonal(engine: Engine) -> None:
    case = opened(engine, "1", dispute_type="land_contract")
    assert engine.case(case).facts["occurrence"] == "seasonal"
    assert noted(engine, case, Happening.PATTERN) == ["seasonal_land"]
    assert "春耕" in engine.explain(case).text("zh")


def test_what_intake_says_is_kept(engine: Engine) -> None:
    case = opened(engine, "1", dispute_type="land_contract", occurrence="sudden")
    assert engine.case(case).facts["occurrence"] == "sudden"


def test_the_fifth_of_a_kind_in_a_village_within_thirty_days_is_frequent(
    engine: Engine, clock: FixedClock
) -> None:
    found = [
        engine.case(opened(engine, str(n), dispute_type="medical")).facts.get("occurrence") for n in range(5)
    ]
    assert found == [None] * 4 + ["frequent"]
    elsewhere = opened(engine, "else", dispute_type="medical", area="140429102202")
    assert engine.case(elsewhere).facts.get("occurrence") is None
    clock.set(date(2026, 5, 4))
    assert engine.case(opened(engine, "late", dispute_type="medical")).facts.get("occurrence") is None


def test_who_is_responsible_is_noted_once_and_again_only_when_it_changes(engine: Engine) -> None:
    case = opened(engine, "1", dispute_type="medical")
    names = noted(engine, case, Happening.ASSIGNED)
    assert len(names) == len(set(names)) >= 2
    engine.message("support.needed", case=case, key="n", facts={"hardship": False})
    assert noted(engine, case, Happening.ASSIGNED) == names
    bodies = next(
        entry.data["entries"]
        for entry in engine.history(case)
        if entry.kind is Happening.ASSIGNED and "bodies" in (entry.subject or "")
    )
    assert any("medical" in body["role"] for body in bodies)
