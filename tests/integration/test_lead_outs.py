"""转出待回执: who refuses a matter that was led out says why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiefen import Actor, Engine, FactError
from tests.integration.conftest import Opener

CLERK = Actor("0201", frozenset({"petition_officer", "township_coordinator"}), "140429")
ON = date(2026, 3, 2)


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def led_out(engine: Engine) -> int:
    facts = {
        "source": "petition",
        "dispute_type": "judicial_complaint",
        "area": "140429102201",
        "received_on": ON,
    }
    case = engine.open_case("dispute", facts, key="letter:1", by=CLERK).id
    do(engine, case, matter_type="claim", raised_by="letter")
    do(engine, case)
    return case


def do(engine: Engine, case: int, **answer: Any) -> None:
    [task] = engine.tasks(case=case)
    engine.complete(task.id, answer, by=CLERK)


@pytest.mark.parametrize("said", [{}, {"receipt_reason": None}, {"receipt_reason": " "}])
def test_a_refusal_without_a_reason_is_refused_however_it_comes(engine: Engine, said: dict[str, Any]) -> None:
    case = led_out(engine)
    before = engine.case(case).revision
    refusal = {"receipt_taken": False, "receipt_on": ON, **said}
    with pytest.raises(FactError, match="receipt_reason") as error:
        engine.message("organ.receipt", case=case, key="r", facts=refusal)
    assert "理由" in error.value.text("zh")
    with pytest.raises(FactError, match="receipt_reason"):
        do(engine, case, **refusal)
    assert engine.case(case).revision == before
    engine.message(
        "organ.receipt", case=case, key="r", facts=refusal | {"receipt_reason": "不属于本机关职权"}
    )
    assert engine.case(case).stage == "visit"


def test_a_receipt_that_takes_the_matter_needs_none(engine: Engine) -> None:
    case = led_out(engine)
    do(engine, case, receipt_taken=True, receipt_on=ON, receipt_organ="县委政法委")
    assert [task.element for task in engine.tasks(case=case)] == ["confirm"]
