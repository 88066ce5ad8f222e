"""What is not computed is said: the law of an earlier day, and days before the known holidays."""

from __future__ import annotations

from datetime import date

from jiefen import FixedClock, Uncounted
from tests.support.moments import CLERK, Life


def missed(life: Life) -> dict[str, Uncounted]:
    return {item.rule: item for item in life.engine.explain(life.case).uncounted}


def test_an_opinion_under_the_regulations_of_before_2022(life: Life, clock: FixedClock) -> None:
    life.open().reach("petition_opinion_served", served_on=date(2019, 3, 5))
    assert life.engine.deadlines(life.case) == []
    item = missed(life)["petition.review_request"]
    assert (item.kind, item.day) == ("right", date(2019, 3, 5))
    told = life.engine.explain(life.case)
    assert "2019-03-05适用的法律没有收录(本规则自2022-05-01起)" in told.text("zh")
    assert "the law of 2019-03-05 is not among the rules" in told.text("en")
    assert told.as_dict()["uncounted"][0]["why"]["zh"] == item.why.zh


def test_a_day_that_only_the_condition_would_hide(life: Life) -> None:
    """Rules say knew_on: '>= 2024-01-01'; who knew before has another law, not none."""
    life.open(dispute_type="administrative_act", knew_on=date(2023, 5, 8)).reach("registered")
    assert missed(life)["reconsideration.apply_act"].day == date(2023, 5, 8)
    assert "administrative.sue_directly" not in missed(life)


def test_rules_for_other_cases_are_not_told_of(life: Life) -> None:
    life.open(dispute_type="lending", knew_on=date(2019, 5, 8)).reach("registered")
    assert set(missed(life)) == {"limitation.general"}


def test_a_case_whose_periods_all_run_has_nothing_to_say(life: Life) -> None:
    life.open(dispute_type="lending", knew_on=date(2025, 5, 8)).reach("registered")
    assert missed(life) == {}


def test_a_matter_of_before_the_known_holidays_is_registered_with_its_day(
    life: Life, clock: FixedClock
) -> None:
    """信访积案 are older than any holiday list; nobody is to falsify their date."""
    clock.set(date(2026, 3, 2))
    life.open(dispute_type="labour", occurred_on=date(2005, 3, 1), received_on=date(2005, 3, 5))
    life.reach("registered")
    assert life.engine.case(life.case).facts["received_on"] == date(2005, 3, 5)
    assert life.engine.deadlines(life.case) == []
    assert "早于已知的最早放假安排(2007-01-01)" in missed(life)["labour.inspection_report"].why.zh


def test_a_person_may_record_a_milestone_of_that_time(life: Life) -> None:
    life.open()
    life.engine.milestone(life.case, "labour_award_served", on=date(2003, 3, 5), by=CLERK)
    assert "labour.sue" in missed(life)
