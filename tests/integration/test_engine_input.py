"""What callers hand over is looked at before a database sees it; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from jiefen import Actor, Answer, Engine, FactError, NotAllowed
from jiefen.store.database import open_database
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


class TestArea:
    """A role counts where it is held and below; a grid's in its village too."""

    @pytest.mark.parametrize("held", [None, "14", "140429", "140429102"])
    def test_whoever_acts_for_the_area_or_more_may_act(self, engine: Engine, held: str | None) -> None:
        [task] = engine.tasks(case=opened(engine))
        by = Actor("c", frozenset({"clerk"}), held)
        assert engine.claim(task.id, by=by).assignee == "c"

    @pytest.mark.parametrize(
        ("area", "held"),
        [
            ("14", "140429102201"),
            ("140429", "140429102"),
            ("140429102", "140429102201"),
            ("140429102", "140429103"),
            ("140429102201", "140429102202001"),
        ],
    )
    def test_whoever_acts_for_less_or_elsewhere_may_not(self, engine: Engine, area: str, held: str) -> None:
        [task] = engine.tasks(case=opened(engine, area=area))
        with pytest.raises(NotAllowed, match=f"lies in area {area}; c acts for {held}"):
            engine.claim(task.id, by=Actor("c", frozenset({"clerk"}), held))

    def test_a_grid_acts_for_its_village(self, engine: Engine) -> None:
        [task] = engine.tasks(case=opened(engine, area="140429102201"))
        by = Actor("c", frozenset({"clerk"}), "140429102201003")
        assert engine.claim(task.id, by=by).assignee == "c"


def test_what_the_database_refuses_is_told_without_the_data(url: str) -> None:
    database = open_database(url)
    with pytest.raises(sa.exc.DBAPIError) as caught, database.connect() as connection:
        connection.execute(sa.text("select * from jiefen_none where x = :name"), {"name": "Li Lei"})
    assert "Li Lei" not in str(caught.value)
    database.dispose()
