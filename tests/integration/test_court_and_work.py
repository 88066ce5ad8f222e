"""What courts, commissions and employers do starts and ends the periods of a party, whatever is known first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from jiefen import FixedClock
from tests.support.asking import engine_that_asks
from tests.support.desk import CLERK, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock(date(2026, 3, 2))
    with engine_that_asks(tmp_path, clock) as engine:
        yield Desk(engine, clock)


def test_preservation_before_suit_is_lost_in_thirty_days_and_kept_by_suing(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="lending", preserved_when="before_suit")
    desk.reach("preservation_taken", on=date(2026, 3, 2))
    assert desk.open_now() == {"preservation.sue": date(2026, 4, 1)}
    desk.wait(date(2026, 3, 20)).reach("suit_brought", on=date(2026, 3, 20))
    assert desk.status("preservation.sue") == ["met"]


def test_when_preservation_ends_is_told_later_and_starts_the_time_to_renew_it(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="lending", preserved_when="in_suit")
    desk.reach("preservation_taken", on=date(2026, 3, 2))
    assert "preservation.renew" not in desk.open_now()
    desk.say(preserved_until=date(2027, 3, 1))
    assert desk.open_now()["preservation.renew"] == date(2027, 2, 22)


def test_a_third_person_sues_or_asks_for_retrial_as_it_is_the_judgment_that_is_wrong(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="lending", judgment_disputed=True)
    desk.reach("third_party_objection_ruled", on=date(2026, 3, 2))
    assert desk.open_now() == {"enforcement.third_party_retrial": date(2026, 9, 2)}


def test_nothing_runs_for_labour_inspection_while_the_breach_goes_on(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="labour", occurred_on=date(2023, 5, 4), breach_continues=True)
    assert not [rule for rule in desk.open_now() if rule.startswith("labour.inspection")]
    desk.say(labour_breach_ended_on=date(2026, 2, 2))
    assert desk.open_now()["labour.inspection_report_continued"] == date(2028, 2, 2)


def test_a_suit_over_the_employment_does_not_count_in_the_year_of_the_injured(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="labour", injured_on=date(2026, 2, 10))
    assert desk.open_now()["injury.worker_application"] == date(2027, 2, 10)
    [year] = [item for item in desk.engine.deadlines(desk.case) if item.rule == "injury.worker_application"]
    desk.engine.suspend(desk.case, year.seq, ground="employment_disputed", by=CLERK)
    desk.wait(date(2026, 6, 10))
    desk.engine.resume(desk.case, year.seq, by=CLERK)
    assert desk.open_now()["injury.worker_application"] == date(2027, 5, 21)


def test_the_day_an_injury_decision_came_is_told_later_and_opens_both_remedies(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="labour", injured_on=date(2026, 1, 5))
    desk.wait(date(2026, 4, 27)).say(injury_served_on=date(2026, 4, 20), injury_recognised=False)
    assert desk.open_now()["injury.reconsider"] == date(2026, 6, 22)
    assert desk.open_now()["injury.sue"] == date(2026, 10, 20)
    assert desk.reach("reconsideration_requested", on=date(2026, 4, 27)).status("injury.sue") == ["met"]


def test_a_refused_enforcement_of_a_labour_award_opens_thirty_days_to_sue(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="labour")
    desk.reach("labour_enforcement_refused", on=date(2026, 3, 2))
    assert desk.open_now()["labour.sue_after_refused_enforcement"] == date(2026, 4, 1)


def test_a_small_claim_knows_no_appeal(desk: Desk) -> None:
    desk.open(date(2026, 3, 2), dispute_type="lending").say(court_procedure="small_claims")
    desk.reach("judgment_served", on=date(2026, 3, 2))
    assert "trial.appeal_judgment" not in desk.open_now()
    desk.say(court_procedure="ordinary")
    assert desk.open_now()["trial.appeal_judgment"] == date(2026, 3, 17)


def test_preservation_before_suit_interrupts_the_limitation(desk: Desk) -> None:
    desk.open(
        date(2026, 3, 2), dispute_type="lending", knew_on=date(2024, 3, 4), preserved_when="before_suit"
    )
    assert desk.open_now()["limitation.general"] == date(2027, 3, 4)
    desk.reach("preservation_requested", on=date(2026, 3, 2))
    assert desk.open_now()["limitation.general"] == date(2029, 3, 2)
