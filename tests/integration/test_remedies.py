"""Remedies against organs as a person at the counter lives them: told late, cut off by the longest time."""

from __future__ import annotations

from datetime import date

import pytest

from jiefen import DeadlineStatus, FixedClock, Happening
from tests.support.moments import WINDOW, Life


class TestToldLate:
    """行政复议法第二十条第三款, 行诉法解释第六十四条."""

    def not_told(self, life: Life, clock: FixedClock, **facts: object) -> Life:
        clock.set(date(2026, 11, 20))
        given = {
            "dispute_type": "administrative_act",
            "knew_on": date(2026, 3, 2),
            "remedy_not_told": True,
        }
        return life.open(**(given | facts)).reach("registered")

    def test_the_periods_run_from_when_the_remedy_became_known(self, life: Life, clock: FixedClock) -> None:
        self.not_told(life, clock)
        assert [item.rule for item in life.engine.deadlines(life.case)] == [
            "administrative.not_told",
            "reconsideration.apply_not_told",
        ]
        clock.set(date(2026, 11, 27))
        life.reach("remedy_told", remedy_told_on=date(2026, 11, 27))
        assert life.the("reconsideration.apply_told_late").due_on == date(2027, 1, 26)
        # Six months end after the year that began on 2 March: the year is the end.
        assert life.the("administrative.told_late").due_on == date(2027, 3, 2)
        assert life.the("administrative.not_told").due_on == date(2027, 3, 2)

    def test_six_months_that_end_within_the_year(self, life: Life, clock: FixedClock) -> None:
        self.not_told(life, clock, knew_on=date(2026, 10, 1)).reach(
            "remedy_told", remedy_told_on=date(2026, 11, 20)
        )
        assert life.the("administrative.told_late").due_on == date(2027, 5, 20)

    def test_who_lets_them_pass_does_not_have_the_year_any_more(self, life: Life, clock: FixedClock) -> None:
        self.not_told(life, clock, knew_on=date(2026, 10, 1)).reach(
            "remedy_told", remedy_told_on=date(2026, 11, 20)
        )
        clock.set(date(2027, 3, 10))
        life.engine.sweep()
        assert life.the("reconsideration.apply_told_late").status is DeadlineStatus.EXPIRED
        assert life.the("reconsideration.apply_not_told").status is DeadlineStatus.CANCELLED
        assert life.the("administrative.not_told").status is DeadlineStatus.RUNNING

    def test_a_decision_on_reconsideration_that_does_not_tell_the_time(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 8, 31))
        life.open(dispute_type="administrative_act").reach(
            "reconsideration_decision_served",
            reconsideration_served_on=date(2026, 3, 2),
            decision_limit_not_told=True,
        )
        assert life.of("administrative.sue_after_reconsideration") == []
        life.reach("decision_limit_told", decision_limit_told_on=date(2026, 8, 29))
        assert life.the("administrative.decision_told_late").due_on == date(2026, 9, 14)
        assert life.the("administrative.decision_not_told").due_on == date(2027, 3, 2)


def test_the_longest_time_takes_the_six_months_with_it(life: Life, clock: FixedClock) -> None:
    """行诉法解释第六十五条: who learns of an act late has no longer than five years from when it was made."""
    clock.set(date(2026, 2, 2))
    life.open(dispute_type="administrative_act", knew_on=date(2026, 1, 20), act_made_on=date(2021, 3, 2))
    life.reach("registered").reach("administrative_act_made")
    assert life.the("administrative.sue_directly").due_on == date(2026, 7, 20)
    clock.set(date(2026, 3, 4))
    life.engine.sweep()
    assert life.the("administrative.cap").status is DeadlineStatus.EXPIRED
    assert life.the("administrative.sue_directly").status is DeadlineStatus.CANCELLED


class TestCameToNothing:
    """行诉法解释第五十八条, 民法典第一百九十五条: an act that met a right and is withdrawn does not use it up."""

    def asked(self, life: Life, clock: FixedClock) -> Life:
        clock.set(date(2026, 3, 2))
        life.open(dispute_type="administrative_act", knew_on=date(2026, 3, 2)).reach("registered")
        clock.set(date(2026, 4, 1))
        return life.reach("reconsideration_requested", applied_on=date(2026, 4, 1))

    @pytest.mark.parametrize("milestone", ["reconsideration_withdrawn", "reconsideration_refused"])
    def test_the_suit_is_open_again_in_its_original_period(
        self, both: Life, clock: FixedClock, milestone: str
    ) -> None:
        self.asked(both, clock)
        assert both.the("administrative.sue_directly").status is DeadlineStatus.MET
        clock.set(date(2026, 5, 8))
        both.reach(milestone, event_on=date(2026, 5, 8))
        [suit] = both.of("administrative.sue_directly")
        assert (suit.status, suit.due_on, suit.closed_by) == (DeadlineStatus.RUNNING, date(2026, 9, 2), None)
        assert "原期限继续计算" in str(both.engine.explain(both.case))
        # Who asked for reconsideration and withdrew may not ask again on the same grounds.
        assert both.the("reconsideration.apply_act").status is DeadlineStatus.MET

    def test_a_period_that_is_over_by_then_is_over(self, life: Life, clock: FixedClock) -> None:
        self.asked(life, clock)
        clock.set(date(2026, 9, 10))
        life.reach("reconsideration_withdrawn", event_on=date(2026, 9, 10))
        assert life.the("administrative.sue_directly").status is DeadlineStatus.EXPIRED

    def test_a_revived_right_is_used_like_any_other(self, life: Life, clock: FixedClock) -> None:
        self.asked(life, clock).reach("reconsideration_withdrawn", event_on=date(2026, 4, 1))
        clock.set(date(2026, 4, 8))
        life.reach("reconsideration_requested", applied_on=date(2026, 4, 8))
        assert life.the("administrative.sue_directly").status is DeadlineStatus.MET

    def test_a_withdrawal_of_an_earlier_request_revives_nothing(self, life: Life, clock: FixedClock) -> None:
        self.asked(life, clock)
        life.reach("reconsideration_withdrawn", event_on=date(2026, 3, 20))
        assert life.the("administrative.sue_directly").status is DeadlineStatus.MET

    def test_a_suit_that_is_withdrawn_lets_the_limitation_start_again(
        self, both: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 3, 2))
        both.open(dispute_type="lending", knew_on=date(2023, 5, 8)).reach("registered")
        both.reach("suit_brought", sued_on=date(2026, 3, 2))
        clock.set(date(2026, 6, 5))
        both.reach("suit_withdrawn", event_on=date(2026, 6, 5))
        old, new = both.of("limitation.general")
        assert (old.status, new.status) == (DeadlineStatus.SUPERSEDED, DeadlineStatus.RUNNING)
        assert (new.anchor, new.due_on) == ("interruption:suit", date(2029, 6, 5))

    def test_an_application_for_labour_arbitration_that_is_withdrawn_was_a_request_of_its_day(
        self, life: Life, clock: FixedClock
    ) -> None:
        """劳动争议调解仲裁法第二十七条第二款: from the interruption, which is the application."""
        clock.set(date(2026, 3, 2))
        life.open(dispute_type="labour", knew_on=date(2025, 9, 1)).reach("registered")
        life.reach("labour_applied", applied_on=date(2026, 3, 2))
        clock.set(date(2026, 4, 8))
        life.reach("labour_withdrawn", event_on=date(2026, 4, 8))
        assert life.the("labour.limitation").due_on == date(2027, 3, 2)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("reconsideration.decision_served", {"reconsideration_served_on": date(2026, 3, 2)}),
        ("reconsideration.refused", {"event_on": date(2026, 3, 2)}),
        ("reconsideration.withdrawn", {"event_on": date(2026, 3, 2)}),
        (None, {}),
    ],
)
def test_the_end_of_a_reconsideration_opens_the_court_again(
    life: Life, name: str | None, told: dict[str, object]
) -> None:
    engine = life.engine
    facts = {
        "source": "walk_in", "dispute_type": "administrative_act", "area": "140429102201",
        "pending_in": "reconsideration",
    }  # fmt: skip
    case = engine.open_case("life", facts, key="r", by=WINDOW).id
    other = engine.open_case("life", facts | {"pending_in": "administrative_court"}, key="o", by=WINDOW).id
    for one in (case, other):
        if name is None:
            engine.milestone(one, "reconsideration_overdue", by=WINDOW)
        else:
            engine.message(name, case=one, key="m", facts=told)
    assert engine.case(case).facts.get("pending_in") is None
    assert engine.case(other).facts["pending_in"] == "administrative_court"
    entries = [one for one in engine.history(case, limit=1000) if one.kind is Happening.MILESTONE]
    assert [one.data["facts"] for one in entries if "facts" in one.data] == [{"pending_in": None}]
