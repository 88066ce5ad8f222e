"""咨询、报修、表扬: what is no dispute is answered, and closed when whoever asked is satisfied."""

from __future__ import annotations

import pytest

from jiefen import Actor, Engine, FactError
from tests.integration.conftest import Opener

CENTRE = Actor("0101", frozenset({"township_coordinator"}), "140429")
FACTS = {"source": "hotline_12345", "area": "140429102201", "title": "医保怎么报销"}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, kind: str) -> int:
    return engine.open_case("enquiry", FACTS | {"request_kind": kind}, key=f"12345:{kind}", by=CENTRE).id


def do(engine: Engine, case: int, element: str, **answer: object) -> None:
    [task] = engine.tasks(case=case)
    assert task.element == element
    engine.complete(task.id, answer, by=CENTRE)


@pytest.mark.parametrize(
    ("process", "instead"),
    [
        ("lead_out", "dispute"),
        ("dispatch", "engine.dispatch"),
        ("report_in", "engine.whistle"),
        ("whistle", "engine.whistle"),
    ],
)
def test_what_only_goes_on_from_something_else_is_no_case_by_itself(
    engine: Engine, process: str, instead: str
) -> None:
    with pytest.raises(FactError, match="by itself") as error:
        engine.open_case(process, FACTS, key="alone", by=CENTRE)
    assert instead in str(error.value)
    assert instead in error.value.text("zh")
    assert engine.cases() == []


def test_only_what_belongs_to_another_matter_begins_no_case(engine: Engine) -> None:
    """A county may well run a stage by itself: a mediation that somebody brings in, a review that is asked for."""
    processes = engine.edition.processes
    assert {id for id in processes.ids if processes.begun_by(id) is not None} == {
        "dispatch",
        "lead_out",
        "report_in",
        "whistle",
    }


@pytest.mark.parametrize("kind", ["enquiry", "repair"])
def test_it_is_answered_until_whoever_asked_is_satisfied(engine: Engine, kind: str) -> None:
    case = opened(engine, kind)
    with pytest.raises(FactError, match="reply") as error:
        do(engine, case, "answer")
    assert "答复内容" in error.value.text("zh")
    do(engine, case, "answer", reply="带身份证到便民服务中心办理")
    do(engine, case, "feedback", satisfied=False)
    do(engine, case, "answer", reply="已派人上门办理")
    do(engine, case, "feedback", satisfied=True)
    found = engine.case(case)
    assert (found.status, found.outcome) == ("ended", "answered")


def test_whoever_gives_thanks_is_not_visited(engine: Engine) -> None:
    case = opened(engine, "praise")
    do(engine, case, "answer", reply="已转告当事单位")
    assert engine.case(case).status == "ended"


def test_nobody_is_asked_to_mediate(engine: Engine) -> None:
    case = opened(engine, "enquiry")
    assert {task.element for task in engine.tasks(case=case)} == {"answer"}
    assert engine.deadlines(case) == []
