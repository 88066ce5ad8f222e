"""The questions that matter: what a visit asks before a right is lost, and that its answer starts the right."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from jiefen import Actor, Engine, FixedClock
from jiefen.cli.root import app
from jiefen.record.questions import Asked, Effect, Question
from tests.integration.conftest import Opener

AREA = "140429102201"
GRID = Actor("0412", frozenset({"grid_worker", "village_mediator", "village_head"}), AREA)


@pytest.fixture
def engine(opener: Opener) -> Engine:
    """An engine on the bundled edition; today is 2 March 2026."""
    return opener(processes=None, rules=None)


def opened(engine: Engine, **facts: object) -> int:
    """A case that the grid has reported."""
    return engine.open_case("dispute", {"source": "grid", "area": AREA, **facts}, key=repr(facts), by=GRID).id


def by_name(engine: Engine, case: int) -> dict[str, Question]:
    """The questions of a case by what they ask for."""
    return {question.name: question for question in engine.open_questions(case)}


def test_the_type_comes_first_with_the_day_on_which_a_right_may_be_lost(engine: Engine) -> None:
    case = opened(engine, knew_on=date(2025, 12, 20))
    first = engine.open_questions(case)[0]
    assert (first.about, first.name) == (Asked.FACT, "dispute_type")
    reasons = {reason.rule: reason for reason in first.reasons}
    assert reasons["labour.limitation"].effect is Effect.STARTS
    assert reasons["labour.limitation"].at_risk_on == date(2026, 12, 21)
    assert "第二十七条" in reasons["labour.limitation"].because.zh
    assert {value for value, _ in first.choices} >= {"labour", "traffic"}
    [task] = engine.tasks(case=case)
    assert first.tasks == (task.id,)


def test_when_did_you_learn_of_it_is_asked_before_a_year_is_lost(engine: Engine) -> None:
    case = opened(engine, dispute_type="labour")
    question = by_name(engine, case)["knew_on"]
    assert [reason.rule for reason in question.reasons] == ["labour.limitation"]
    # Nobody knows when it began: every day may be the last.
    assert question.at_risk_on == date(2026, 3, 2)
    assert not engine.deadlines(case) or engine.earliest_right(case) is not None
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {"outcome": "needs_mediation", "knew_on": date(2025, 12, 20)}, by=GRID)
    assert {item.rule: item.due_on for item in engine.deadlines(case)}["labour.limitation"] == date(
        2026, 12, 21
    )
    assert "knew_on" not in by_name(engine, case)


def test_what_is_known_already_or_does_not_matter_is_not_asked(engine: Engine) -> None:
    labour = by_name(engine, opened(engine, dispute_type="labour", knew_on=date(2025, 12, 20)))
    assert (
        not {"knew_on", "dispute_type", "accident_finding_served_on", "voters_published_on"} & labour.keys()
    )
    traffic = by_name(engine, opened(engine, dispute_type="traffic", occurred_on=date(2026, 2, 1)))
    assert "accident_finding_served_on" in traffic
    assert "employment_ended_on" not in traffic


def test_wages_that_were_not_paid_ask_when_the_employment_ended(engine: Engine) -> None:
    before = by_name(engine, opened(engine, dispute_type="labour"))
    assert {reason.effect for reason in before["wages_unpaid"].reasons} >= {Effect.STARTS, Effect.MOVES}
    after = by_name(engine, opened(engine, dispute_type="labour", wages_unpaid=True))
    assert [reason.rule for reason in after["employment_ended_on"].reasons] == ["labour.limitation_wages"]


def test_a_right_that_is_soon_lost_asks_what_would_interrupt_it(engine: Engine) -> None:
    case = opened(engine, dispute_type="lending", knew_on=date(2023, 4, 1))
    [right] = [item for item in engine.deadlines(case) if item.rule == "limitation.general"]
    asked = by_name(engine, case)["payment_order.requested"]
    assert asked.about is Asked.MESSAGE
    assert [(reason.effect, reason.at_risk_on) for reason in asked.reasons] == [(Effect.MOVES, right.due_on)]


def test_a_fact_that_would_change_the_route_says_by_which_row(engine: Engine) -> None:
    route = by_name(engine, opened(engine, dispute_type="neighbour"))["crime_suspected"]
    assert route.at_risk_on is None
    assert all(reason.effect is Effect.ROUTE and "/" in reason.rule for reason in route.reasons)


def test_asking_changes_nothing(engine: Engine) -> None:
    case = opened(engine)
    before = engine.case(case), engine.history(case)
    engine.open_questions(case)
    assert (engine.case(case), engine.history(case)) == before


def test_on_the_command_line(engine: Engine, clock: FixedClock) -> None:
    case, url = opened(engine, dispute_type="labour"), engine._runtime.database.engine.url
    if url.get_backend_name() != "sqlite" or url.database in (None, ""):
        pytest.skip("the command line opens the file itself")
    run = CliRunner().invoke
    told = run(app, ["--db", str(url), "questions", str(case), "--json"])
    assert {one["name"] for one in json.loads(told.stdout)} >= {"knew_on", "wages_unpaid"}
    story = run(app, ["--db", str(url), "case", str(case), "--lang", "zh"]).stdout
    assert "待查明" in story
    assert "知道或应当知道之日" in story
