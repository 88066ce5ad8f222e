"""Remedies against organs as a person at the counter lives them: told late, cut off by the longest time."""

from __future__ import annotations

from datetime import date

from jiefen import DeadlineStatus, FixedClock
from tests.support.moments import Life


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
