"""The day that a deadline runs from: corrected, reached again, and what follows from an end that was none."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from jiefen import (
    Conflict,
    DeadlineStatus,
    FactError,
    FixedClock,
    Happening,
    JiefenError,
    PeriodError,
)
from tests.support.moments import CLERK, Life, holding, kinds, pass_days, pending, refused

DAY = timedelta(days=1)


class TestAnchors:
    def test_a_service_date_is_corrected_for_everything_that_runs_from_it(
        self, both: Life, clock: FixedClock
    ) -> None:
        both.open(dispute_type="labour")
        both.reach("labour_award_served", served_on=date(2026, 3, 2), award_final=True)
        clock.set(date(2026, 3, 5))
        corrected = both.engine.correct_anchor(both.case, "labour.sue", on=date(2026, 2, 26), by=CLERK)
        assert corrected.due_on == date(2026, 3, 13)
        assert both.engine.case(both.case).facts["served_on"] == date(2026, 2, 26)
        for rule, due in (("labour.sue", date(2026, 3, 13)), ("labour.set_aside", date(2026, 3, 30))):
            old, new = both.of(rule)
            assert (old.status, old.closed_by) == (DeadlineStatus.SUPERSEDED, "correction")
            assert (new.status, new.due_on) == (DeadlineStatus.RUNNING, due)

    def test_the_rungs_that_fired_stay_evidence_of_the_old_row(self, life: Life, clock: FixedClock) -> None:
        life.reach("petition_opinion_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 20))
        life.engine.sweep()
        assert kinds(life, Happening.RUNG) == [(Happening.RUNG, "petition.review_request/early")]
        life.engine.correct_anchor(life.case, "petition.review_request", on=date(2026, 3, 16), by=CLERK)
        pass_days(life, clock, 12)
        rungs = [entry for entry in life.engine.history(life.case) if entry.kind is Happening.RUNG]
        assert [(entry.data["seq"], entry.subject) for entry in rungs] == [
            (1, "petition.review_request/early"), (2, "petition.review_request/early"),
        ]  # fmt: skip

    def test_what_was_granted_goes_over_to_the_new_row(self, life: Life, clock: FixedClock) -> None:
        engine = life.engine
        life.reach("case_filed", filed_on=date(2026, 1, 5))
        engine.extend(
            life.case, "trial.first_instance", "6 mo", ground="特殊情况", by=holding("court_president")
        )
        engine.suspend(
            life.case, "trial.first_instance", ground="appraisal", since=date(2026, 2, 2), by=CLERK
        )
        clock.set(date(2026, 3, 12))
        engine.resume(life.case, "trial.first_instance", on=date(2026, 2, 12), by=CLERK)
        assert life.the("trial.first_instance").due_on == date(2027, 1, 15)
        corrected = engine.correct_anchor(life.case, "trial.first_instance", on=date(2026, 1, 4), by=CLERK)
        assert corrected.due_on == date(2027, 1, 14)
        # The five days of the suspension that lie before the new anchor never counted anyway.
        later = engine.correct_anchor(life.case, "trial.first_instance", on=date(2026, 2, 6), by=CLERK)
        assert later.due_on == date(2027, 2, 11)

    def test_one_that_had_expired_by_a_wrong_date_runs_again(self, life: Life, clock: FixedClock) -> None:
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 18))
        life.engine.sweep()
        assert life.the("labour.sue").status is DeadlineStatus.EXPIRED
        assert life.engine.correct_anchor(
            life.case, "labour.sue", on=date(2026, 3, 9), by=CLERK
        ).due_on == date(2026, 3, 24)

    def test_what_an_expiry_by_a_wrong_date_has_started_ends(self, both: Life, clock: FixedClock) -> None:
        wait, suit = "reconsideration.decide", "administrative.sue_after_no_decision"
        both.reach("reconsideration_accepted", accepted_on=date(2026, 3, 2))
        clock.set(date(2026, 5, 13))
        both.engine.sweep()
        assert (both.the(wait).status, both.the(suit).status) == (
            DeadlineStatus.EXPIRED, DeadlineStatus.RUNNING,
        )  # fmt: skip
        corrected = both.engine.correct_anchor(both.case, wait, on=date(2026, 4, 1), by=CLERK)
        assert (corrected.status, corrected.due_on) == (DeadlineStatus.RUNNING, date(2026, 6, 1))
        [cancelled] = both.of(suit)
        assert (cancelled.status, cancelled.closed_by) == (DeadlineStatus.CANCELLED, "correction")
        assert not {ref for _, ref in pending(both) if ref.partition("/")[0] == str(cancelled.seq)}
        assert "has not expired by its corrected day" in both.engine.explain(both.case).text("en")
        # Nobody loses the right to sue before it has begun; it begins when the organ is really late.
        clock.set(date(2026, 6, 2))
        both.engine.sweep()
        assert [(item.status, item.due_on) for item in both.of(suit)] == [
            (DeadlineStatus.CANCELLED, cancelled.due_on), (DeadlineStatus.RUNNING, date(2026, 6, 16)),
        ]  # fmt: skip

    def test_an_expiry_that_a_correction_moves_back_stands(self, life: Life, clock: FixedClock) -> None:
        wait, suit = "reconsideration.decide", "administrative.sue_after_no_decision"
        life.reach("reconsideration_accepted", accepted_on=date(2026, 3, 2))
        clock.set(date(2026, 5, 13))
        life.engine.sweep()
        life.engine.correct_anchor(life.case, wait, on=date(2026, 2, 28), by=CLERK)
        assert life.the(suit).status is DeadlineStatus.RUNNING
        life.engine.sweep()
        assert [item.status for item in life.of(suit)] == [
            DeadlineStatus.SUPERSEDED, DeadlineStatus.RUNNING,
        ]  # fmt: skip
        assert life.the(suit).anchored_at < life.of(suit)[0].anchored_at

    @pytest.mark.parametrize(
        ("on", "error", "said"),
        [
            (date(2026, 3, 3), FactError, "future"),
            (datetime(2026, 3, 1, 9), PeriodError, "no time zone"),  # noqa: DTZ001
        ],
    )
    def test_it_must_be_a_day_that_can_be(
        self, life: Life, on: date, error: type[JiefenError], said: str
    ) -> None:
        life.reach("case_filed", filed_on=date(2026, 1, 5))
        refused(life, error, said, lambda: life.engine.correct_anchor(
            life.case, "trial.first_instance", on=on, by=CLERK))  # fmt: skip

    def test_nothing_runs_from_a_day_for_which_there_is_no_law(self, life: Life) -> None:
        life.reach("case_filed", filed_on=date(2026, 1, 5))
        day = date(2023, 12, 29)  # the law of 2024 is in force from 1 January
        ended = life.engine.correct_anchor(life.case, "trial.first_instance", on=day, by=CLERK)
        assert (ended.status, ended.closed_by) == (DeadlineStatus.SUPERSEDED, "correction")
        assert pending(life) == {}

    def test_a_day_before_the_known_years_is_refused(self, life: Life) -> None:
        life.reach("labour_inspection_filed", filed_on=date(2026, 1, 5))
        refused(life, FactError, "2006-01-05 lies before 2007-01-01", lambda: life.engine.correct_anchor(
            life.case, "labour.inspection", on=date(2006, 1, 5), by=CLERK))  # fmt: skip

    def test_a_slip_in_the_year_takes_no_right_away(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 11, 23))
        life.engine.milestone(life.case, "judgment_served", on=date(2026, 11, 20), by=CLERK)
        right = life.engine.earliest_right(life.case)
        assert right is not None
        for day in (date(2006, 11, 20), date(1, 1, 1)):
            refused(life, FactError, "before 2007-01-01|outside the years", lambda day=day: life.engine.correct_anchor(
                life.case, right.rule, on=day, by=CLERK))  # fmt: skip
            refused(life, FactError, "runs since|outside the years", lambda day=day: life.engine.milestone(
                life.case, "judgment_served", on=day, by=CLERK))  # fmt: skip
            refused(life, FactError, "before 2007-01-01|outside the years", lambda day=day: life.engine.message(
                "go.judgment_served", case=life.case, key="late", facts={"served_on": day}))  # fmt: skip

    def test_what_has_been_done_cannot_be_moved(self, life: Life, clock: FixedClock) -> None:
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 20))
        life.engine.sweep()
        life.reach("suit_brought", sued_on=date(2026, 3, 19))  # late: the expiry stands
        refused(life, Conflict, "no longer matters", lambda: life.engine.correct_anchor(
            life.case, "labour.sue", on=date(2026, 3, 9), by=CLERK))  # fmt: skip

    def test_the_same_milestone_on_the_same_day_changes_no_deadline(self, both: Life) -> None:
        both.reach("case_filed", filed_on=date(2026, 3, 2))
        before, agenda = both.engine.deadlines(both.case), pending(both)
        both.reach("case_filed", filed_on=date(2026, 3, 2))
        assert (both.engine.deadlines(both.case), pending(both)) == (before, agenda)

    def test_a_milestone_on_another_day_supersedes(self, life: Life, clock: FixedClock) -> None:
        life.reach("petition_accepted")
        clock.advance(DAY)
        life.reach("petition_accepted")
        assert [item.status for item in life.of("petition.handle")] == [
            DeadlineStatus.SUPERSEDED, DeadlineStatus.RUNNING,
        ]  # fmt: skip

    def test_an_expired_one_does_not_start_again_on_its_own_day(self, life: Life, clock: FixedClock) -> None:
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 18))
        life.engine.sweep()
        life.reach("labour_award_served", served_on=date(2026, 3, 2))
        assert [item.status for item in life.of("labour.sue")] == [DeadlineStatus.EXPIRED]
