"""The life of a deadline on the bundled rules: extended, suspended, interrupted, and its anchor corrected.

What each test expects is the number in the article that the rule quotes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from jiefen import (
    EVERYWHERE,
    Actor,
    Conflict,
    DeadlineStatus,
    FactError,
    FixedClock,
    Happening,
    JiefenError,
    NotAllowed,
    NotFound,
    PeriodError,
)
from jiefen.clock import china_date
from jiefen.periods import calendars
from tests.support.moments import CLERK, Life, holding, kinds, pass_days, pending, refused

DAY = timedelta(days=1)
HEAD = Actor("head-7", frozenset({"handling_organ_head"}), "140429")
ANYBODY = Actor("somebody", frozenset({"township_coordinator"}), EVERYWHERE)


class TestExtending:
    @pytest.fixture
    def handled(self, life: Life, clock: FixedClock) -> Life:
        clock.set(date(2026, 8, 3))
        return life.reach("petition_accepted")

    def test_sixty_days_may_be_thirty_more_and_the_petitioner_is_told(
        self, both: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 8, 3))
        both.reach("petition_accepted")
        assert both.the("petition.handle").due_on == date(2026, 10, 8)
        extended = both.engine.extend(
            both.case, "petition.handle", "30 d", ground="情况复杂,涉及三个村", by=HEAD
        )
        # Ninety days from 3 August are a Sunday; what rolls is the last day of all.
        assert extended.due_on == date(2026, 11, 2)
        assert extended == both.the("petition.handle")
        [record] = extended.extensions
        assert (record["length"], record["approver"], record["by"]) == (
            "30 d",
            "handling_organ_head",
            "head-7",
        )
        [told] = both.engine.deliveries()
        assert told.topic == "notice"
        assert {key: told.payload[key] for key in ("action", "to", "form", "due_on")} == {
            "action": "extended", "to": "party", "form": "told", "due_on": "2026-11-02",
        }  # fmt: skip
        assert pending(both)["expiry", "1"] == extended.due_at
        assert kinds(both, Happening.DEADLINE_EXTENDED) == [(Happening.DEADLINE_EXTENDED, "petition.handle")]
        assert "期限延长" in str(both.engine.explain(both.case))

    @pytest.mark.parametrize(
        ("length", "more", "error", "said"),
        [
            ("31 d", {}, NotAllowed, r"at most 30 d .*第三十四条"),
            ("1 mo", {}, NotAllowed, "at most 30 d"),
            ("0 d", {}, PeriodError, "changes nothing"),
            ("30 days", {}, PeriodError, "not a period"),
            ("30 d", {"ground": None}, NotAllowed, "情况复杂"),
            ("30 d", {"ground": "  "}, NotAllowed, "情况复杂"),
            ("30 d", {"ground": "长" * 501}, FactError, "501 characters"),
            (
                "30 d",
                {"by": ANYBODY},
                NotAllowed,
                "handling_organ_head or a deputy; somebody holds",
            ),
            ("30 d", {"by": holding("handling_organ")}, NotAllowed, "handling_organ_head"),
            ("30 d", {"by": Actor("x", HEAD.roles, "140430")}, NotAllowed, "acts for 140430"),
            ("30 d", {"by": "head"}, FactError, "give for example Actor"),
        ],
    )
    def test_what_the_article_does_not_allow_is_refused(
        self, handled: Life, length: str, more: dict[str, Any], error: type[JiefenError], said: str
    ) -> None:
        given: dict[str, Any] = {"ground": "情况复杂", "by": HEAD} | more
        refused(
            handled,
            error,
            said,
            lambda: handled.engine.extend(handled.case, "petition.handle", length, **given),
        )

    def test_it_may_be_extended_as_often_as_the_article_says(self, handled: Life) -> None:
        def extend() -> object:
            return handled.engine.extend(handled.case, "petition.handle", "10 d", ground="情况复杂", by=HEAD)

        extend()
        refused(handled, NotAllowed, "may be extended once", extend)

    def test_after_its_expiry_it_cannot_be_extended(self, handled: Life, clock: FixedClock) -> None:
        def extend() -> object:
            return handled.engine.extend(handled.case, "petition.handle", "10 d", ground="情况复杂", by=HEAD)

        clock.set(date(2026, 10, 9))
        refused(handled, Conflict, "expired on 2026-10-08", extend)  # the clock has not seen it yet
        handled.engine.sweep()
        refused(handled, Conflict, "expired on 2026-10-08", extend)

    def test_what_is_not_there_is_named(self, handled: Life) -> None:
        engine = handled.engine
        for which, said in (
            ("petition.handel", "did you mean 'petition.handle'"),
            ("petition.review", r"no open deadline 'petition.review'; open are 1 \(petition.handle\)"),
            (9, "no open deadline 9"),
        ):
            refused(handled, NotFound, said, lambda w=which: engine.extend(handled.case, w, "1 d", by=HEAD))  # type: ignore[misc]
        with pytest.raises(NotFound, match="no case 99"):
            engine.extend(99, "petition.handle", "1 d", by=HEAD)

    def test_a_right_of_a_party_cannot_be_extended(self, life: Life) -> None:
        life.reach("petition_opinion_served", served_on=date(2026, 3, 2))
        refused(life, NotAllowed, "第三十五条.*does not provide", lambda: life.engine.extend(
            life.case, "petition.review_request", "1 d", by=HEAD))  # fmt: skip

    @pytest.mark.parametrize(("filed", "times"), [(date(2025, 12, 30), 1), (date(2026, 1, 5), 2)])
    def test_a_police_case_twice_since_2026_and_once_before(
        self, life: Life, clock: FixedClock, filed: date, times: int
    ) -> None:
        clock.set(date(2026, 1, 10))
        if (
            filed.year == 2025
        ):  # until then the limit ran from the acceptance (治安管理处罚法 2012 第九十九条)
            life.reach("police_case_accepted", accepted_on=filed)
        else:
            life.reach("police_case_filed", filed_on=filed)
        [deadline] = [
            item for item in life.engine.deadlines(life.case) if item.rule.startswith("police.case")
        ]

        def extend() -> Any:
            return life.engine.extend(
                life.case, deadline.seq, "30 d", ground="案情重大", by=holding("police_bureau")
            )

        for number in range(1, times + 1):
            natural = filed + timedelta(days=30 * (number + 1))
            assert extend().due_on == calendars().next_working_day(natural)
        refused(life, NotAllowed, "may be extended", extend)

    def test_a_total_bounds_length_and_extensions_together(self, life: Life) -> None:
        rule = life.reach("case_filed", filed_on=date(2026, 3, 2), court_procedure="simplified").the(
            "trial.simplified"
        )
        president = holding("court_president")
        extended = life.engine.extend(life.case, rule.seq, "1 mo", ground="特殊情况", by=president)
        assert extended.due_on == date(2026, 7, 2)  # four months in all (民诉法解释第二百五十八条)

    def test_where_the_parties_decide_their_consent_is_recorded(self, life: Life) -> None:
        life.open(dispute_type="medical").reach("mediation_accepted", accepted_on=date(2026, 1, 19))
        assert life.the("mediation.medical").due_on == date(2026, 3, 6)
        committee = holding("medical_committee")

        def extend(**more: Any) -> Any:
            given = {"ground": "特殊情况", "by": committee, "consent": "延期约定书(2026)3号"} | more
            return life.engine.extend(life.case, "mediation.medical", given.pop("length", "10 wd"), **given)

        refused(life, NotAllowed, "consent of 各方当事人", lambda: extend(consent=None))
        refused(life, NotAllowed, "medical_committee", lambda: extend(by=holding("court")))
        first = extend()
        assert (first.due_on, first.extensions[0]["consent"]) == (date(2026, 3, 20), "延期约定书(2026)3号")
        assert extend(length="200 wd").provisional  # 医疗纠纷预防和处理条例第三十八条 knows no limit

    def test_where_the_law_names_nobody_any_actor_may(self, life: Life) -> None:
        life.reach("capacity_appraisal_requested", applied_on=date(2026, 3, 2))
        extended = life.engine.extend(
            life.case, "injury.capacity_appraisal", "30 d", ground="伤情复杂", by=ANYBODY
        )
        assert extended.due_on == date(2026, 6, 1)  # 31 May is a Sunday
        assert extended.extensions[0]["approver"] is None

    def test_a_deputy_may_decide(self, life: Life) -> None:
        life.open(dispute_type="lending", occurred_on=date(2026, 1, 5)).reach("registered")
        president = holding("court_president")
        extended = life.engine.extend(life.case, "limitation.longest", "1 y", ground="特殊情况", by=president)
        assert (extended.due_on, extended.provisional) == (date(2047, 1, 5), True)  # a Saturday: it may roll

    def test_fired_rungs_stay_fired(self, handled: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 9, 25))
        handled.engine.sweep()
        early = (Happening.RUNG, "petition.handle/early")
        assert kinds(handled, Happening.RUNG) == [early]
        handled.engine.extend(handled.case, "petition.handle", "30 d", ground="情况复杂", by=HEAD)
        pass_days(handled, clock, 60)
        fired = kinds(handled, Happening.RUNG)
        assert fired.count(early) == 1
        assert [subject for _, subject in fired][:4] == [
            "petition.handle/early", "petition.handle/near", "petition.handle/last_day", "petition.handle/remind",
        ]  # fmt: skip


class TestSuspending:
    @pytest.fixture
    def recheck(self, life: Life) -> Life:
        return life.reach("petition_recheck_requested", applied_on=date(2026, 3, 2))

    def test_the_time_of_a_hearing_does_not_count(self, both: Life, clock: FixedClock) -> None:
        engine, case = both.engine, both.case
        both.reach("petition_recheck_requested", applied_on=date(2026, 3, 2))
        assert both.the("petition.recheck").due_on == date(2026, 4, 1)
        [task] = engine.tasks(case=case)
        assert task.due_at is not None
        clock.set(date(2026, 3, 10))
        suspended = engine.suspend(case, "petition.recheck", ground="hearing", by=CLERK)
        assert (suspended.status, suspended.due_on, suspended.due_at) == (
            DeadlineStatus.SUSPENDED,
            None,
            None,
        )
        assert engine.tasks(case=case)[0].due_at is None
        assert pending(both) == {}
        clock.set(date(2026, 3, 17))
        resumed = engine.resume(case, "petition.recheck", by=CLERK)
        assert (resumed.status, resumed.due_on) == (DeadlineStatus.RUNNING, date(2026, 4, 8))
        assert engine.tasks(case=case)[0].due_at == resumed.due_at == pending(both)["expiry", "1"]
        [span] = resumed.suspensions
        assert (span["ground"], span["from"], span["to"]) == ("hearing", "2026-03-10", "2026-03-17")

    def test_while_suspended_nothing_is_overdue_and_nobody_is_told(
        self, recheck: Life, clock: FixedClock
    ) -> None:
        recheck.engine.suspend(recheck.case, "petition.recheck", ground="hearing", by=CLERK)
        clock.advance(timedelta(days=400))
        assert not {"expiry", "rung"} & recheck.engine.sweep().done.keys()
        deadline = recheck.the("petition.recheck")
        assert (deadline.status, deadline.overdue) == (DeadlineStatus.SUSPENDED, False)
        assert kinds(recheck, Happening.RUNG, Happening.EFFECT) == []

    @pytest.mark.parametrize(
        ("milestone", "facts", "rule", "ground", "since", "on", "due"),
        [
            # TJ-17: thirty working days; five working days of an appraisal
            ("mediation_accepted", {"accepted_on": date(2026, 1, 19)}, "mediation.medical", "appraisal",
             date(2026, 2, 2), date(2026, 2, 9), date(2026, 3, 13)),
            # SP-17: six months to 5 July, and sixty days of a public notice: 3 September
            ("case_filed", {"filed_on": date(2026, 1, 5)}, "trial.first_instance", "public_notice",
             date(2026, 1, 10), date(2026, 3, 11), date(2026, 9, 3)),
            # SP-27: mediation does not count in an administrative suit, as it does in a civil one
            ("administrative_court_accepted", {"filed_on": date(2026, 1, 5)}, "administrative.first_instance",
             "court_mediation", date(2026, 2, 1), date(2026, 2, 11), date(2026, 7, 15)),
            # PSB-01: thirty days to 4 February; ten days of a hearing
            ("police_case_filed", {"filed_on": date(2026, 1, 5)}, "police.case", "hearing",
             date(2026, 1, 20), date(2026, 1, 30), date(2026, 2, 14)),
            # XZ-08: sixty days to 6 March; the law in question goes to the competent organ for twenty days
            ("reconsideration_accepted", {"accepted_on": date(2026, 1, 5)}, "reconsideration.decide", "law_question",
             date(2026, 2, 1), date(2026, 2, 21), date(2026, 3, 26)),
        ],
    )  # fmt: skip
    def test_each_procedure_has_its_own_list(
        self, life: Life, clock: FixedClock, milestone: str, facts: dict[str, object], rule: str, ground: str,
        since: date, on: date, due: date,
    ) -> None:  # fmt: skip
        clock.set(date(2026, 2, 2))
        life.open(dispute_type="medical").reach(milestone, **facts)
        clock.set(max(on, date(2026, 2, 2)))
        life.engine.suspend(life.case, rule, ground=ground, since=since, by=CLERK)
        assert life.engine.resume(life.case, rule, on=on, by=CLERK).due_on == due

    @pytest.mark.parametrize(
        ("ground", "since", "error", "said"),
        [
            ("", None, NotAllowed, r"only for a legal ground: hearing \(听证期间"),
            ("haering", None, NotFound, "did you mean 'hearing'"),
            (
                "appraisal",
                None,
                NotAllowed,
                "no ground on which petition.recheck .*第三十六条.*grounds are hearing",
            ),
            ("demand", None, NotAllowed, "grounds are hearing"),
            ("hearing", date(2026, 3, 1), PeriodError, "before 2026-03-02"),
            ("hearing", date(2026, 3, 21), FactError, "in the future"),
            ("hearing", datetime(2026, 3, 10, 9), PeriodError, "no time zone"),  # noqa: DTZ001
        ],
    )
    def test_it_needs_a_ground_of_its_own_law_and_a_day_that_can_be(
        self,
        recheck: Life,
        clock: FixedClock,
        ground: str,
        since: date | None,
        error: type[JiefenError],
        said: str,
    ) -> None:
        clock.set(date(2026, 3, 20))
        refused(recheck, error, said, lambda: recheck.engine.suspend(
            recheck.case, "petition.recheck", ground=ground, since=since, by=CLERK))  # fmt: skip

    def test_a_deadline_whose_law_names_no_ground_never_stands_still(self, life: Life) -> None:
        life.reach("petition_accepted")
        refused(life, NotAllowed, "第三十四条.*names no ground", lambda: life.engine.suspend(
            life.case, "petition.handle", ground="hearing", by=CLERK))  # fmt: skip

    def test_suspensions_follow_each_other_and_never_overlap(self, recheck: Life, clock: FixedClock) -> None:
        engine, case = recheck.engine, recheck.case

        def suspend(since: date) -> Any:
            return engine.suspend(case, "petition.recheck", ground="hearing", since=since, by=CLERK)

        clock.set(date(2026, 3, 20))
        suspend(date(2026, 3, 5))
        refused(recheck, Conflict, "suspended since 2026-03-05", lambda: suspend(date(2026, 3, 6)))
        refused(recheck, PeriodError, "cannot end before that", lambda: engine.resume(
            case, "petition.recheck", on=date(2026, 3, 4), by=CLERK))  # fmt: skip
        refused(recheck, FactError, "future", lambda: engine.resume(
            case, "petition.recheck", on=date(2026, 3, 21), by=CLERK))  # fmt: skip
        engine.resume(case, "petition.recheck", on=date(2026, 3, 10), by=CLERK)
        refused(recheck, Conflict, "not suspended", lambda: engine.resume(case, "petition.recheck", by=CLERK))
        refused(recheck, PeriodError, "earlier suspension", lambda: suspend(date(2026, 3, 9)))
        suspend(date(2026, 3, 10))  # recorded ten days later
        assert engine.resume(case, "petition.recheck", by=CLERK).due_on == date(2026, 4, 16)

    def test_after_its_end_it_cannot_be_suspended(self, recheck: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 4, 3))
        for sweep in (False, True):
            if sweep:
                recheck.engine.sweep()
            refused(recheck, Conflict, "was over on 2026-04-01", lambda: recheck.engine.suspend(
                recheck.case, "petition.recheck", ground="hearing", since=date(2026, 4, 2), by=CLERK))  # fmt: skip

    def test_an_obstacle_recorded_late_undoes_the_expiry(self, both: Life, clock: FixedClock) -> None:
        """行政复议法第二十条第二款: the obstacle stops the clock, not the clerk who writes it down."""
        clock.set(date(2026, 3, 2))
        both.engine.milestone(both.case, "ownership_award_served", on=date(2026, 3, 2), by=CLERK)
        assert both.the("reconsideration.apply").due_on == date(2026, 5, 6)
        clock.set(date(2026, 5, 11))
        both.engine.sweep()
        assert both.the("reconsideration.apply").status is DeadlineStatus.EXPIRED
        both.engine.suspend(
            both.case, "reconsideration.apply", ground="force_majeure", since=date(2026, 4, 28), by=CLERK
        )
        assert both.the("reconsideration.apply").status is DeadlineStatus.SUSPENDED
        resumed = both.engine.resume(both.case, "reconsideration.apply", on=date(2026, 5, 11), by=CLERK)
        # 56 of 60 days had passed before 28 April; 11 May is the 57th.
        assert (resumed.status, resumed.due_on) == (DeadlineStatus.RUNNING, date(2026, 5, 14))
        assert kinds(both, Happening.DEADLINE_REOPENED) == [
            (Happening.DEADLINE_REOPENED, "reconsideration.apply")
        ]
        assert both.engine.earliest_right(both.case) == resumed

    def test_a_warning_that_a_late_resumption_leaves_in_the_past_is_given_at_once(
        self, recheck: Life, clock: FixedClock
    ) -> None:
        engine, case = recheck.engine, recheck.case
        engine.suspend(case, "petition.recheck", ground="hearing", by=CLERK)
        clock.set(date(2026, 3, 24))
        engine.resume(case, "petition.recheck", on=date(2026, 3, 3), by=CLERK)
        engine.sweep()
        assert kinds(recheck, Happening.RUNG) == [(Happening.RUNG, "petition.recheck/early")]

    def test_a_provisional_date_can_be_suspended_and_stays_provisional(
        self, life: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 12, 1))
        life.open(dispute_type="medical").reach("mediation_accepted", accepted_on=date(2026, 12, 1))
        before = life.the("mediation.medical")
        assert before.provisional
        clock.set(date(2026, 12, 14))
        life.engine.suspend(life.case, "mediation.medical", ground="appraisal", by=CLERK)
        clock.set(date(2027, 2, 1))  # beyond every published plan
        resumed = life.engine.resume(life.case, "mediation.medical", by=CLERK)
        assert resumed.provisional
        # Eight working days were used up; with every weekend day worked, 22 more take 22 days, and the two weekdays
        # of the Spring Festival, which no plan makes working days.
        assert resumed.due_on == date(2027, 2, 24)
        assert not resumed.overdue

    def test_the_milestone_that_meets_it_meets_it_while_it_stands_still(
        self, life: Life, clock: FixedClock
    ) -> None:
        life.reach("case_filed", filed_on=date(2026, 3, 2))
        life.engine.suspend(life.case, "trial.first_instance", ground="public_notice", by=CLERK)
        clock.advance(timedelta(days=300))
        life.reach("judgment_served", served_on=china_date(clock.now()))
        assert life.the("trial.first_instance").status is DeadlineStatus.MET


class TestInterrupting:
    @pytest.fixture
    def claim(self, life: Life) -> Life:
        """A labour claim; the worker knew on 1 September 2025."""
        return life.open(dispute_type="labour", knew_on=date(2025, 9, 1)).reach("registered")

    def test_a_demand_lets_the_year_of_a_labour_claim_run_anew(self, both: Life, clock: FixedClock) -> None:
        both.open(dispute_type="labour", knew_on=date(2025, 9, 1)).reach("registered")
        assert both.the("labour.limitation").due_on == date(2026, 9, 1)
        clock.set(date(2026, 3, 20))
        anew = both.engine.interrupt(
            both.case, "labour.limitation", ground="demand", on=date(2026, 3, 16), by=CLERK
        )
        old, new = both.of("labour.limitation")
        assert (old.status, old.due_on, old.closed_by) == (
            DeadlineStatus.SUPERSEDED,
            date(2026, 9, 1),
            "demand",
        )
        assert new == anew
        assert (new.status, new.due_on, new.anchor) == (
            DeadlineStatus.RUNNING, date(2027, 3, 16), "interruption:demand",
        )  # fmt: skip
        assert {ref.split("/")[0] for _, ref in pending(both)} >= {str(new.seq)}
        assert not any(ref.split("/")[0] == str(old.seq) for _, ref in pending(both))
        told = str(both.engine.explain(both.case))
        assert "时效中断:劳动仲裁时效,2026-03-16" in told

    def test_interrupting_is_no_suspending(self, claim: Life) -> None:
        engine, case, rule = claim.engine, claim.case, "labour.limitation"
        for act, ground, said in (
            (engine.suspend, "demand", "no ground on which .* is suspended"),
            (engine.interrupt, "force_majeure", "no ground on which .* is interrupted"),
            (engine.interrupt, "mediation_request", "第二十七条"),
        ):
            refused(claim, NotAllowed, said, lambda act=act, g=ground: act(case, rule, ground=g, by=CLERK))  # type: ignore[misc]

    def test_an_act_on_the_same_day_changes_nothing(self, claim: Life) -> None:
        claim.engine.interrupt(claim.case, "labour.limitation", ground="demand", by=CLERK)
        before = claim.seen()
        claim.engine.interrupt(claim.case, "labour.limitation", ground="promise", by=CLERK)
        assert claim.seen() == before

    @pytest.mark.parametrize(
        ("on", "error", "said"),
        [
            (date(2025, 8, 31), PeriodError, "before that, interrupts nothing"),
            (date(2026, 3, 3), FactError, "future"),
        ],
    )
    def test_an_act_must_fall_into_the_period(
        self, claim: Life, on: date, error: type[JiefenError], said: str
    ) -> None:
        refused(claim, error, said, lambda: claim.engine.interrupt(
            claim.case, "labour.limitation", ground="demand", on=on, by=CLERK))  # fmt: skip

    def test_what_counts_is_the_day_of_the_act_not_that_of_its_recording(
        self, claim: Life, clock: FixedClock
    ) -> None:
        clock.set(date(2026, 11, 2))
        claim.engine.sweep()
        assert claim.the("labour.limitation").status is DeadlineStatus.EXPIRED

        def interrupt(on: date) -> Any:
            return claim.engine.interrupt(claim.case, "labour.limitation", ground="promise", on=on, by=CLERK)

        refused(claim, Conflict, "was over on 2026-09-01", lambda: interrupt(date(2026, 9, 2)))
        assert interrupt(date(2026, 9, 1)).due_on == date(2027, 9, 1)

    def test_a_fixed_period_keeps_running_while_the_case_is_mediated(
        self, life: Life, clock: FixedClock
    ) -> None:
        life.open(dispute_type="labour").reach("labour_award_served", served_on=date(2026, 3, 2))
        due = life.the("labour.sue").due_on
        assert due == date(2026, 3, 17)
        refused(life, NotAllowed, "第五十条.*fixed period", lambda: life.engine.interrupt(
            life.case, "labour.sue", ground="demand", by=CLERK))  # fmt: skip
        clock.set(date(2026, 3, 5))
        life.reach("mediation_requested", requested_on=date(2026, 3, 5))
        assert [item.due_on for item in life.of("labour.sue")] == [due]

    def test_a_request_for_mediation_interrupts_by_itself_from_its_day(self, both: Life) -> None:
        both.open(dispute_type="lending", knew_on=date(2023, 5, 8), occurred_on=date(2023, 5, 8)).reach(
            "registered"
        )
        both.reach("mediation_requested", requested_on=date(2026, 2, 27))
        old, new = both.of("limitation.general")
        assert (old.status, old.due_on) == (DeadlineStatus.SUPERSEDED, date(2026, 5, 8))
        assert (new.anchor, new.due_on) == ("interruption:mediation_request", date(2029, 2, 27))
        # The longest time of protection knows no interruption (民法典第一百八十八条).
        assert [item.status for item in both.of("limitation.longest")] == [DeadlineStatus.RUNNING]
        both.reach("mediation_requested", requested_on=date(2026, 2, 27))
        assert len(both.of("limitation.general")) == 2

    def test_a_milestone_outside_the_period_interrupts_nothing(self, life: Life) -> None:
        life.open(dispute_type="lending", knew_on=date(2023, 2, 20)).reach("registered")
        life.reach("mediation_requested", requested_on=date(2023, 2, 19))
        life.reach("crime_reported")  # today: the period ended on 20 February
        assert [item.due_on for item in life.of("limitation.general")] == [date(2026, 2, 24)]

    def test_reaching_the_anchor_again_does_not_undo_an_interruption(self, claim: Life) -> None:
        claim.engine.interrupt(claim.case, "labour.limitation", ground="demand", by=CLERK)
        claim.reach("registered")
        assert claim.the("labour.limitation").anchor == "interruption:demand"

    def test_an_obstacle_that_lasts_holds_the_new_period_too(self, claim: Life, clock: FixedClock) -> None:
        engine, case = claim.engine, claim.case
        engine.suspend(case, "labour.limitation", ground="force_majeure", by=CLERK)
        clock.set(date(2026, 3, 12))
        anew = engine.interrupt(case, "labour.limitation", ground="demand", by=CLERK)
        assert (anew.status, anew.due_on) == (DeadlineStatus.SUSPENDED, None)
        clock.set(date(2026, 3, 22))
        # A year, and the nine days of the obstacle after 12 March, which itself is not counted.
        assert engine.resume(case, "labour.limitation", by=CLERK).due_on == date(2027, 3, 21)

    def test_a_civil_limitation_stands_still_only_in_its_last_six_months(
        self, life: Life, clock: FixedClock
    ) -> None:
        life.open(dispute_type="lending", knew_on=date(2024, 1, 8)).reach("registered")
        engine, case = life.engine, life.case
        assert life.the("limitation.general").due_on == date(2027, 1, 8)

        def suspend() -> Any:
            return engine.suspend(
                case, "limitation.general", ground="force_majeure", since=date(2026, 3, 1), by=CLERK
            )

        refused(life, NotAllowed, "only in its last 6 mo, after 2026-07-08", suspend)
        clock.set(date(2026, 8, 3))
        suspend()
        clock.set(date(2026, 9, 1))
        assert engine.resume(case, "limitation.general", by=CLERK).due_on == date(2027, 3, 1)
