"""The day of an act that was typed wrongly: what it met, came too late for, started or interrupted is judged again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiefen import FixedClock, Happening, NotAllowed
from tests.support.asking import engine_that_asks
from tests.support.desk import CLERK, Desk

#: An accident at work, and the last day for the worker to apply (工伤保险条例第十七条第二款, one year, no roll).
INJURED, LAST = date(2025, 3, 10), date(2026, 3, 10)
IN_TIME, LATE, TODAY = date(2026, 2, 20), date(2026, 4, 15), date(2026, 6, 1)
WORKER = "injury.worker_application"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(TODAY)


@pytest.fixture
def desk(tmp_path: Path, url: str, clock: FixedClock) -> Iterator[Desk]:
    with engine_that_asks(tmp_path, clock, url) as engine:
        yield Desk(engine, clock)


def correct(desk: Desk, evidence: str | None = "回执存卷", **facts: Any) -> None:
    desk.engine.correct(desk.case, facts, reason="填错", evidence=evidence, by=CLERK)


def stands(desk: Desk, rule: str) -> list[tuple[str, date | None, str | None]]:
    """Status, last day and what ended it, of each deadline of a rule; without those that ran from a wrong day."""
    return [
        (str(item.status), item.due_on, item.closed_by)
        for item in desk.engine.deadlines(desk.case)
        if item.rule == rule and item.closed_by not in ("correction", "department_request")
    ]


def reopened(desk: Desk, rule: str) -> list[str]:
    return [
        entry.data["why"]["en"]
        for entry in desk.engine.history(desk.case)
        if entry.kind is Happening.DEADLINE_REOPENED
        and entry.subject == rule
        and "told late" not in entry.data["why"]["en"]
    ]


def test_an_act_typed_late_and_corrected_was_in_time(desk: Desk) -> None:
    desk.open(TODAY, dispute_type="labour", injured_on=INJURED).say(injury_applied_on=LATE)
    assert stands(desk, WORKER) == [("expired", LAST, "injury_recognition_requested")]
    correct(desk, injury_applied_on=IN_TIME)
    assert stands(desk, WORKER) == [("met", LAST, "injury_recognition_requested")]
    assert len(reopened(desk, WORKER)) == 1
    desk.wait(date(2026, 12, 1))
    assert stands(desk, WORKER) == [("met", LAST, "injury_recognition_requested")]


def test_a_form_that_tells_an_earlier_day_does_the_same(desk: Desk) -> None:
    desk.open(TODAY, dispute_type="labour", injured_on=INJURED).say(injury_applied_on=LATE)
    desk.say(injury_applied_on=IN_TIME)
    assert stands(desk, WORKER) == [("met", LAST, "injury_recognition_requested")]


def test_an_act_typed_in_time_was_late_and_that_needs_evidence(desk: Desk) -> None:
    desk.open(TODAY, dispute_type="labour", injured_on=INJURED).say(injury_applied_on=IN_TIME)
    with pytest.raises(NotAllowed, match=WORKER):
        correct(desk, evidence=None, injury_applied_on=LATE)
    assert stands(desk, WORKER) == [("met", LAST, "injury_recognition_requested")]
    correct(desk, injury_applied_on=LATE)
    assert stands(desk, WORKER) == [("expired", LAST, "injury_recognition_requested")]
    assert len(reopened(desk, WORKER)) == 1


def test_a_later_day_that_a_form_tells_may_be_another_act(desk: Desk) -> None:
    desk.open(TODAY, dispute_type="labour", injured_on=INJURED).say(injury_applied_on=IN_TIME)
    desk.say(injury_applied_on=LATE)
    assert stands(desk, WORKER) == [("met", LAST, "injury_recognition_requested")]


def test_another_day_in_time_changes_nothing(desk: Desk) -> None:
    desk.open(TODAY, dispute_type="labour", injured_on=INJURED).say(injury_applied_on=IN_TIME)
    correct(desk, evidence=None, injury_applied_on=date(2026, 1, 9))
    assert stands(desk, WORKER) == [("met", LAST, "injury_recognition_requested")]
    assert reopened(desk, WORKER) == []


def test_an_act_that_never_was_gives_the_right_back(desk: Desk) -> None:
    desk.open(date(2026, 2, 24), dispute_type="labour", injured_on=INJURED)
    desk.say(injury_applied_on=IN_TIME, injury_accepted_on=IN_TIME)
    assert "injury.decision" in desk.open_now()
    correct(desk, injury_applied_on=None)
    assert desk.open_now()[WORKER] == LAST
    correct(desk, injury_accepted_on=None)
    assert "injury.decision" not in desk.open_now()
    desk.wait(date(2026, 3, 12))
    assert stands(desk, WORKER) == [("expired", LAST, "system")]


def test_what_never_was_is_over_at_once_where_its_time_has_passed(desk: Desk) -> None:
    desk.open(TODAY, dispute_type="labour", injured_on=INJURED).say(injury_applied_on=IN_TIME)
    correct(desk, injury_applied_on=None)
    assert stands(desk, WORKER) == [("expired", LAST, "system")]


def test_a_duty_that_was_done_late_after_all_is_told_so(desk: Desk) -> None:
    """政府信息公开条例第三十三条第二款: twenty working days from 2026-03-02 end on 2026-03-30."""
    desk.open(TODAY, dispute_type="information_disclosure", information_requested_on=date(2026, 3, 2))
    desk.say(information_answered_on=date(2026, 3, 20))
    assert stands(desk, "information.answer") == [("met", date(2026, 3, 30), "information_answered")]
    correct(desk, information_answered_on=date(2026, 4, 20))
    assert stands(desk, "information.answer") == [("expired", date(2026, 3, 30), "information_answered")]


class TestInterruptions:
    """劳动争议调解仲裁法第二十七条第二款: asking the department interrupts; the year starts again on that day."""

    KNEW = date(2025, 9, 1)

    def told(self, desk: Desk, on: date) -> Desk:
        desk.open(TODAY, dispute_type="labour", knew_on=self.KNEW)
        return desk.say(inspection_reported_on=on)

    def test_the_year_starts_again_on_the_true_day(self, desk: Desk) -> None:
        self.told(desk, date(2026, 3, 2))
        assert desk.open_now()["labour.limitation"] == date(2027, 3, 2)
        correct(desk, inspection_reported_on=date(2026, 1, 12))
        assert desk.open_now()["labour.limitation"] == date(2027, 1, 12)

    def test_an_act_before_the_year_began_interrupts_nothing(self, desk: Desk) -> None:
        self.told(desk, date(2026, 3, 2))
        correct(desk, inspection_reported_on=date(2025, 8, 12))
        assert desk.open_now()["labour.limitation"] == date(2026, 9, 1)

    def test_an_act_that_never_was_interrupts_nothing(self, desk: Desk) -> None:
        self.told(desk, date(2026, 3, 2))
        with pytest.raises(NotAllowed, match=r"labour\.limitation"):
            correct(desk, evidence=None, inspection_reported_on=None)
        correct(desk, inspection_reported_on=None)
        assert desk.open_now()["labour.limitation"] == date(2026, 9, 1)
        assert "has not happened" in reopened(desk, "labour.limitation")[0]
        desk.wait(date(2026, 9, 2))
        assert stands(desk, "labour.limitation") == [("expired", date(2026, 9, 1), "system")]


def test_a_day_put_off_is_reached_when_it_comes(desk: Desk) -> None:
    """A time that a law or the organ has set and that ends later: the sixty days have not begun."""
    rule = "reconsideration.apply_inaction_term"
    desk.open(TODAY, dispute_type="administrative_inaction", performance_term_over_on=date(2026, 5, 20))
    assert rule in desk.open_now()
    correct(desk, performance_term_over_on=date(2026, 7, 6))
    desk.wait(date(2026, 7, 7))
    assert desk.open_now()[rule] == date(2026, 9, 4)
