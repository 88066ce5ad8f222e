"""What callers hand over is looked at before a database sees it; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date

import pytest

from jiefen import Answer, Engine, FactError
from tests.integration.conftest import CLERK

FACTS = {"area": "140429102", "amount": 1200, "received_on": date(2026, 3, 2)}


def opened(engine: Engine, key: str = "k1", **facts: object) -> int:
    return engine.open_case("claim", FACTS | facts, key=key, by=CLERK).id


class TestWays:
    """A fact is set only in the ways its ``set_by`` names."""

    def test_a_form_does_not_set_what_intake_sets(self, engine: Engine) -> None:
        case = opened(engine)
        [task] = engine.tasks(case=case)
        with pytest.raises(FactError, match=r"'area' is set by intake, not by form"):
            engine.complete(task.id, {"area": "11"}, by=CLERK)
        assert engine.case(case).area == "140429102"

    def test_a_message_does_not_set_what_forms_and_intake_set(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(FactError, match=r"'area' is set by intake, not by message"):
            engine.message("any", case=case, key="m", facts={"area": "11"})
        assert engine.message("any", case=case, key="m") is False
        assert engine.case(case).facts["area"] == "140429102"

    def test_a_fact_of_one_message_is_not_set_by_another(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(FactError, match=r"message:matter\.urgent, not by message or message:other"):
            engine.message("other", case=case, key="m", facts={"urgent": True})
        engine.message("matter.urgent", case=case, key="m", facts={"urgent": True})
        assert engine.case(case).facts["urgent"] is True

    def test_an_outside_system_does_not_set_what_intake_sets(self, engine: Engine) -> None:
        case = opened(engine, amount=60000)
        [task] = engine.tasks(case=case)
        engine.complete(task.id, {}, by=CLERK)
        [parked] = engine.deliveries()
        with pytest.raises(FactError, match=r"'area' is set by intake, not by message or form"):
            engine.answer(parked.id, Answer({"area": "11"}))
        engine.answer(parked.id, Answer({"outcome": "agreed"}))
        assert engine.case(case).outcome == "agreed"
