"""A case that turns red tells somebody, once for each turn; on the bundled rules."""

from __future__ import annotations

from typing import Any

import pytest

from jiefen import Actor, Engine
from jiefen.people.directory import Organisation, Post
from tests.integration.conftest import Opener

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    post = Post(role="township_leader", area="140429102", holder="l-1")
    return opener(processes=None, rules=None, directory=Organisation(units={}, posts=(post,), superiors={}))


def told(engine: Engine, case: int) -> list[dict[str, Any]]:
    notices = [one for one in engine.deliveries(limit=1000) if one.case == case and one.topic == "notice"]
    return [dict(one.payload) for one in notices if one.payload.get("action") == "graded"]


def test_a_case_that_is_red_from_the_start(engine: Engine) -> None:
    case = engine.open_case("dispute", FACTS | {"violence": True}, key="k", by=CLERK)
    assert case.colour == "red"
    [notice] = told(engine, case.id)
    assert (notice["to"], notice["holders"], notice["colour"], notice["before"]) == (
        "township_leader", ["l-1"], "red", None,
    )  # fmt: skip


def test_one_that_turns_red_later_and_again(engine: Engine) -> None:
    case = engine.open_case("dispute", FACTS, key="k", by=CLERK)
    assert (case.colour, told(engine, case.id)) == ("green", [])
    engine.correct(case.id, {"persons": 40}, reason="人数漏填", by=CLERK)
    assert [one["before"] for one in told(engine, case.id)] == ["green"]
    engine.correct(case.id, {"amount": "5000.00"}, reason="金额漏填", by=CLERK)
    assert len(told(engine, case.id)) == 1
    engine.correct(case.id, {"persons": 3}, reason="多写了零", by=CLERK)
    assert engine.case(case.id).colour == "green"
    engine.correct(case.id, {"persons": 40}, reason="原来没错", by=CLERK)
    assert len(told(engine, case.id)) == 2
