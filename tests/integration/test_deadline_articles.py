"""Single articles on a running case: what starts, what goes on, how far it is extended, how long it stands still.

What each test expects is the number in the article that the rule quotes.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiefen import Deadline, DeadlineStatus, FixedClock, Happening, NotAllowed
from tests.support.moments import CLERK, Life, holding, kinds, refused


def reach(life: Life, milestone: str) -> Life:
    """A milestone that somebody records today."""
    life.engine.milestone(life.case, milestone, by=CLERK)
    return life


class TestAdministrativeSuitConverted:
    """行诉法解释第一百零五条第二款: the limit runs from the day on which the court took the case."""

    def test_the_six_months_go_on_from_the_filing(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("administrative_court_accepted", filed_on=date(2026, 3, 2), court_procedure="simplified")
        step, whole = life.the("administrative.simplified"), life.the("administrative.first_instance")
        assert (step.due_on, whole.due_on) == (date(2026, 4, 16), date(2026, 9, 2))
        assert step.within == "administrative.first_instance"
        clock.set(date(2026, 4, 15))
        reach(life, "converted_to_ordinary")
        assert life.the("administrative.simplified").status is DeadlineStatus.MET
        [whole] = life.of("administrative.first_instance")
        assert (whole.status, whole.due_on) == (DeadlineStatus.RUNNING, date(2026, 9, 2))


class TestReconsiderationCorrected:
    """行政复议法第三十一条第三款 with 第三十条: five working days anew, and silence is acceptance."""

    @pytest.fixture
    def corrected(self, life: Life, clock: FixedClock) -> Life:
        clock.set(date(2026, 3, 2))
        reach(life, "reconsideration_requested")
        assert life.the("reconsideration.examine").due_on == date(2026, 3, 9)
        clock.set(date(2026, 3, 4))
        reach(life, "reconsideration_correction_notified")
        assert life.the("reconsideration.examine").status is DeadlineStatus.CANCELLED
        clock.set(date(2026, 3, 11))
        return reach(life, "reconsideration_corrected")

    def test_the_organ_that_stays_silent_has_accepted(self, corrected: Life, clock: FixedClock) -> None:
        assert corrected.the("reconsideration.correct").status is DeadlineStatus.MET
        assert corrected.the("reconsideration.examine_corrected").due_on == date(2026, 3, 18)
        clock.set(date(2026, 3, 18))
        corrected.engine.sweep()
        assert corrected.of("reconsideration.decide") == []
        clock.set(date(2026, 3, 19))
        corrected.engine.sweep()
        assert corrected.the("reconsideration.examine_corrected").status is DeadlineStatus.EXPIRED
        assert corrected.the("reconsideration.decide").status is DeadlineStatus.RUNNING

    def test_a_refusal_in_time_meets_it(self, corrected: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 18))
        reach(corrected, "reconsideration_refused")
        assert corrected.the("reconsideration.examine_corrected").status is DeadlineStatus.MET
        clock.set(date(2026, 3, 19))
        corrected.engine.sweep()
        assert corrected.of("reconsideration.decide") == []


class TestHearingBeyondTheCalendar:
    """农村土地承包经营纠纷调解仲裁法第三十一条, 行政复议法第五十一条: five working days that nobody can count yet."""

    @pytest.mark.parametrize("procedure", ["land", "reconsideration"])
    @pytest.mark.parametrize(("day", "status"), [(7, DeadlineStatus.MET), (8, DeadlineStatus.EXPIRED)])
    def test_the_earliest_day_is_due_and_nobody_is_late_before_the_latest(
        self, life: Life, clock: FixedClock, procedure: str, day: int, status: DeadlineStatus
    ) -> None:
        clock.set(date(2026, 12, 1))
        life.engine.message(
            "support.needed", case=life.case, key="h", facts={"hearing_on": date(2027, 1, 12)}
        )
        reach(life, f"{procedure}_hearing_set")
        notice = life.the(f"{procedure}.notify_hearing")
        assert (notice.due_on, notice.provisional) == (date(2026, 12, 22), True)
        # The 7th is early enough, if every day from then on is worked, the weekend too.
        clock.set(date(2027, 1, day))
        reach(life, f"{procedure}_hearing_notified")
        assert life.the(f"{procedure}.notify_hearing").status is status


class TestMedicalMediation:
    """医疗纠纷预防和处理条例第三十八条, 第四十条第三款: not settled in thirty working days, it has failed."""

    @pytest.mark.parametrize(
        ("milestone", "rule"),
        [
            ("mediation_accepted", "mediation.medical"),
            ("medical_administrative_accepted", "mediation.medical_administrative"),
        ],
    )
    def test_mediation_out_of_time_has_ended(
        self, life: Life, clock: FixedClock, milestone: str, rule: str
    ) -> None:
        clock.set(date(2026, 1, 19))
        life.open(dispute_type="medical").reach(milestone, accepted_on=date(2026, 1, 19))
        assert life.the(rule).due_on == date(2026, 3, 6)
        clock.set(date(2026, 3, 6))
        life.engine.sweep()
        assert (Happening.MILESTONE, "mediation_ended") not in kinds(life, Happening.MILESTONE)
        clock.set(date(2026, 3, 7))
        life.engine.sweep()
        assert life.the(rule).status is DeadlineStatus.EXPIRED
        assert (Happening.MILESTONE, "mediation_ended") in kinds(life, Happening.MILESTONE)


class TestFurtherExtensions:
    """民事诉讼法第一百五十二条 and 案件审理期限规定第二条第一款、第五条第一款: 还需延长的."""

    def test_six_months_by_the_president_then_three_by_the_court_above(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2))

        def extend(length: str, role: str) -> Deadline:
            return life.engine.extend(
                life.case, "trial.first_instance", length, ground="特殊情况", by=holding(role)
            )

        president, above = "court_president", "higher_court"
        refused(life, NotAllowed, "at most 6 mo this time", lambda: extend("9 mo", president))
        refused(life, NotAllowed, "is for court_president", lambda: extend("6 mo", above))
        first = extend("6 mo", president)
        assert (first.due_on, first.provisional) == (date(2027, 3, 2), True)
        refused(life, NotAllowed, "once more is for higher_court", lambda: extend("3 mo", president))
        said = "at most 3 mo this time .*第一百五十二条.*案件审理期限规定.*第二条第一款"
        refused(life, NotAllowed, said, lambda: extend("6 mo", above))
        second = extend("3 mo", above)
        assert second.due_on == date(2027, 6, 2)
        assert [item["approver"] for item in second.extensions] == [president, above]
        said = "may be extended 2 times .*第一百五十二条.*第二条第一款.*has been"
        refused(life, NotAllowed, said, lambda: extend("3 mo", above))

    def test_what_enforcement_needs_beyond_three_months_is_filed_with_the_high_court(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 3, 2))
        reach(life, "enforcement_accepted")
        assert life.the("enforcement.court_limit").due_on == date(2026, 9, 2)

        def extend(length: str) -> Deadline:
            return life.engine.extend(
                life.case, "enforcement.court_limit", length, ground="特殊情况", by=holding("court_president")
            )

        refused(life, NotAllowed, "at most 3 mo", lambda: extend("4 mo"))
        assert extend("3 mo").due_on == date(2026, 12, 2)
        assert life.engine.deliveries() == []
        assert extend("4 mo").due_on == date(2027, 4, 2)
        [told] = life.engine.deliveries()
        assert {key: told.payload[key] for key in ("action", "to", "form")} == {
            "action": "extended", "to": "high_court", "form": "written",
        }  # fmt: skip
        assert extend("1 mo").extensions[-1]["length"] == "1 mo"  # 没有写几次


class TestAdjournment:
    """案件审理期限规定第九条第五项: of an adjournment for new evidence one month does not count, no more."""

    @pytest.mark.parametrize(
        ("since", "on", "counts_again", "due"),
        [
            (
                date(2026, 3, 10),
                date(2026, 4, 9),
                date(2026, 4, 9),
                date(2026, 10, 8),
            ),  # 2 October is a holiday
            (date(2026, 3, 10), date(2026, 4, 10), date(2026, 4, 10), date(2026, 10, 8)),
            (date(2026, 3, 10), date(2026, 4, 11), date(2026, 4, 10), date(2026, 10, 8)),
            (date(2026, 3, 10), date(2026, 6, 10), date(2026, 4, 10), date(2026, 10, 8)),
            (date(2026, 3, 31), date(2026, 4, 29), date(2026, 4, 29), date(2026, 10, 8)),
            (date(2026, 3, 31), date(2026, 6, 10), date(2026, 4, 30), date(2026, 10, 8)),
            (
                date(2026, 3, 10),
                date(2026, 3, 20),
                date(2026, 3, 20),
                date(2026, 9, 14),
            ),  # ten days, a Saturday
        ],
    )
    def test_more_than_a_month_counts(
        self, life: Life, clock: FixedClock, since: date, on: date, counts_again: date, due: date
    ) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2))
        clock.set(date(2026, 6, 10))
        rule = "trial.first_instance"
        life.engine.suspend(life.case, rule, ground="adjournment_new_evidence", since=since, by=CLERK)
        resumed = life.engine.resume(life.case, rule, on=on, by=CLERK)
        assert (resumed.suspensions[0]["to"], resumed.due_on) == (counts_again.isoformat(), due)

    def test_other_grounds_have_no_such_end(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2))
        clock.set(date(2026, 6, 10))
        rule = "trial.first_instance"
        life.engine.suspend(life.case, rule, ground="appraisal", since=date(2026, 3, 10), by=CLERK)
        assert life.engine.resume(life.case, rule, by=CLERK).suspensions[0]["to"] == "2026-06-10"

    def test_a_trial_adjourned_too_long_is_over_when_the_month_is_made_up_for(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified")
        life.engine.suspend(life.case, "trial.simplified", ground="adjournment_new_evidence", by=CLERK)
        clock.set(date(2026, 8, 3))
        assert life.engine.resume(life.case, "trial.simplified", by=CLERK).due_on == date(2026, 7, 2)
        life.engine.sweep()
        assert life.the("trial.simplified").status is DeadlineStatus.EXPIRED

    def test_an_adjournment_that_nobody_ends_is_over_by_itself(self, both: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        both.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified")
        both.engine.suspend(both.case, "trial.simplified", ground="adjournment_new_evidence", by=CLERK)
        clock.set(date(2026, 4, 1))
        both.engine.sweep()
        assert both.the("trial.simplified").status is DeadlineStatus.SUSPENDED
        clock.set(date(2026, 4, 2))
        both.engine.sweep()
        deadline = both.the("trial.simplified")
        assert (deadline.status, deadline.due_on) == (DeadlineStatus.RUNNING, date(2026, 7, 2))
        assert deadline.suspensions[0]["to"] == "2026-04-02"
        clock.set(date(2026, 7, 3))
        both.engine.sweep()
        assert both.the("trial.simplified").status is DeadlineStatus.EXPIRED


class TestLegalAidFirst:
    """法律援助法第四十四条第一款第一项: 需要及时提起诉讼或者申请仲裁、行政复议, and nothing else."""

    def test_a_review_of_a_petition_is_none_of_them(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("petition_opinion_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 27))
        told = life.engine.explain(life.case)
        assert told.earliest_right is not None
        assert (told.earliest_right.rule, told.earliest_right.due_on) == (
            "petition.review_request",
            date(2026, 4, 1),
        )
        assert not told.legal_aid_first
        assert "法律援助法" not in told.text("zh")

    def test_a_suit_is_not_hidden_by_an_earlier_right(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("petition_opinion_served", served_on=date(2026, 3, 2))
        clock.set(date(2026, 3, 18))
        life.reach("labour_award_served", served_on=date(2026, 3, 18))
        clock.set(date(2026, 3, 26))
        assert not life.engine.explain(life.case).legal_aid_first  # seven days until 2 April
        clock.set(date(2026, 3, 27))
        told = life.engine.explain(life.case)
        assert told.earliest_right is not None
        assert (told.earliest_right.rule, told.legal_aid_first) == ("petition.review_request", True)
        *_, suit, aid = told.text("zh").splitlines()
        assert "2026-04-02" in suit
        assert "不足七日:可以先行提供法律援助" in aid

    @pytest.mark.parametrize(
        ("milestone", "rule", "aided"),
        [
            ("reconsideration_decision_served", "administrative.sue_after_reconsideration", True),
            ("judgment_served", "trial.appeal_judgment", True),
            ("obstacle_ended", "trial.relief", False),
            ("reconsideration_correction_notified", "reconsideration.correct", False),
        ],
    )
    def test_what_the_right_is_used_by_decides(
        self, life: Life, clock: FixedClock, milestone: str, rule: str, aided: bool
    ) -> None:
        clock.set(date(2026, 3, 2))
        reach(life, milestone)
        due = life.the(rule).due_on
        assert due is not None
        clock.set(due)
        assert life.engine.explain(life.case).legal_aid_first is aided


class TestPublicNotice:
    """民事诉讼法第九十五条: served when thirty days have passed; recorded as the page of the national pack says."""

    def test_the_appeal_runs_from_the_end_of_the_notice_and_the_trial_is_in_time(
        self, life: Life, clock: FixedClock
    ) -> None:
        engine, case, rule = life.engine, life.case, "trial.first_instance"
        clock.set(date(2026, 3, 2))
        life.reach("case_filed", filed_on=date(2026, 3, 2))
        assert life.the(rule).due_on == date(2026, 9, 2)
        clock.set(date(2026, 8, 20))
        engine.suspend(case, rule, ground="public_notice", by=CLERK)
        clock.set(date(2026, 9, 19))
        assert engine.resume(case, rule, by=CLERK).due_on == date(2026, 10, 8)  # 2 October is a holiday
        engine.milestone(case, "judgment_served", on=date(2026, 8, 20) + timedelta(days=30), by=CLERK)
        assert life.the(rule).status is DeadlineStatus.MET
        assert life.the("trial.appeal_judgment").due_on == date(2026, 10, 8)  # 4 October is a holiday
