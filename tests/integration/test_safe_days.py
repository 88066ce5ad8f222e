"""稳妥日: where the law can be read in two ways, the party sees the earlier day and consequences act at the later."""

from __future__ import annotations

from datetime import date

from jiefen import Deadline, DeadlineStatus, FixedClock
from tests.support.moments import Life


def silent_organ(life: Life, clock: FixedClock) -> Life:
    """Asked on 3 August 2026; sixty days are over on 2 October, which is a holiday until the 8th."""
    clock.set(date(2026, 8, 3))
    life.open(dispute_type="administrative_inaction")
    life.reach("performance_requested", performance_requested_on=date(2026, 8, 3))
    clock.set(date(2026, 10, 9))
    life.engine.sweep()
    return life


def days(deadline: Deadline) -> tuple[date | None, date | None]:
    return deadline.safe_on, deadline.due_on


class TestTheTimeToWait:
    def test_the_right_is_safe_by_the_end_of_the_wait_without_its_roll(
        self, life: Life, clock: FixedClock
    ) -> None:
        """收到申请满60日 (行政复议法实施条例第十六条): 2 October, or 8 October if the wait rolls."""
        silent_organ(life, clock)
        assert life.the("reconsideration.inaction_wait").due_on == date(2026, 10, 8)
        assert days(life.the("reconsideration.apply_inaction")) == (date(2026, 12, 1), date(2026, 12, 7))

    def test_what_follows_acts_at_the_later_day(self, life: Life, clock: FixedClock) -> None:
        silent_organ(life, clock)
        clock.set(date(2026, 12, 2))
        life.engine.sweep()
        assert life.the("reconsideration.apply_inaction").status is DeadlineStatus.RUNNING
        clock.set(date(2026, 12, 8))
        life.engine.sweep()
        assert life.the("reconsideration.apply_inaction").status is DeadlineStatus.EXPIRED

    def test_the_party_is_told_why(self, life: Life, clock: FixedClock) -> None:
        silent_organ(life, clock)
        told = life.engine.explain(life.case)
        assert told.earliest_right is not None
        assert told.earliest_right.rule == "reconsideration.apply_inaction"
        assert "稳妥起见,应在2026-12-01以前办理:等待期的末日遇节假日是否顺延有不同理解" in told.text("zh")
        assert "to be safe, act by 2026-12-01" in told.text("en")
        [kept] = [
            item for item in told.as_dict()["deadlines"] if item["rule"] == "reconsideration.apply_inaction"
        ]
        assert (kept["safe_on"], kept["due_on"]) == ("2026-12-01", "2026-12-07")


class TestNoRollInTheText:
    def test_the_last_day_without_the_roll_is_safe(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 9, 2))
        life.open().reach("petition_opinion_served", served_on=date(2026, 9, 2))
        assert days(life.the("petition.review_request")) == (date(2026, 10, 2), date(2026, 10, 8))

    def test_where_both_readings_give_one_day_there_is_nothing_to_tell(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 3, 2))
        life.open().reach("petition_opinion_served", served_on=date(2026, 3, 2))
        assert days(life.the("petition.review_request")) == (None, date(2026, 4, 1))
        assert "稳妥" not in str(life.engine.explain(life.case))

    def test_warnings_go_by_the_safe_day(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 9, 2))
        life.open().reach("petition_opinion_served", served_on=date(2026, 9, 2))
        clock.set(date(2026, 10, 1))
        life.engine.sweep()
        told = [
            item
            for item in life.engine.deliveries()
            if item.payload.get("deadline") == "petition.review_request"
        ]
        assert {item.payload["safe_on"] for item in told} == {"2026-10-02"}
        assert {item.payload["due_on"] for item in told} == {"2026-10-08"}


def test_the_safe_way_where_it_is_open_which_comes_first(life: Life, clock: FixedClock) -> None:
    """行政复议法第二十三条第一款第二项 may reach a taking: both ways run, and sixty days are the safe ones."""
    clock.set(date(2026, 3, 2))
    life.open(dispute_type="land_expropriation", knew_on=date(2026, 3, 2)).reach("registered")
    assert life.the("reconsideration.apply_act").due_on == date(2026, 5, 6)
    assert days(life.the("administrative.sue_expropriation")) == (date(2026, 5, 6), date(2026, 9, 2))
    clock.set(date(2026, 5, 8))
    life.engine.sweep()
    assert days(life.the("administrative.sue_expropriation")) == (None, date(2026, 9, 2))
    assert life.the("administrative.sue_expropriation").status is DeadlineStatus.RUNNING
