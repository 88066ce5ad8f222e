"""信访: petitions as a clerk lives them, by the Regulations on Petition Work (2022), on a simulated clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Engine, FixedClock
from jiefen.record.kinds import Happening
from tests.integration.conftest import Opener
from tests.support.moments import WINDOW

AREA = "140429102201"
PETITION = {"source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour", "area": AREA}
CLERK = Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE)
#: What a written opinion has to say (art. 32).
OPINION = {
    "outcome": "opinion_issued", "opinion_kind": "not_supported", "opinion_request": "恢复水渠",
    "opinion_facts": "水渠在规划之外", "opinion_text": "不予支持", "opinion_basis": "信访工作条例第三十二条第三项",
}  # fmt: skip


class Office:
    """The desk at which petitions come in; whoever has the role does what is asked."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock = engine, clock

    @property
    def today(self) -> date:
        return self.clock.now().date()

    def open(self, key: str, **facts: Any) -> int:
        return self.engine.open_case("dispute", PETITION | facts, key=key, by=CLERK).id

    def tasks(self, case: int) -> set[str]:
        return {task.element for task in self.engine.tasks(case=case)}

    def do(self, case: int, element: str, **answer: Any) -> None:
        task = next(one for one in self.engine.tasks(case=case) if one.element == element)
        self.engine.complete(task.id, answer, by=Actor("0600", frozenset(task.roles), "140429"))

    def hear(self, case: int, message: str, **facts: Any) -> None:
        self.engine.message(message, case=case, facts=facts, key=f"{message}:{case}", by=WINDOW)

    def wait(self, days: int) -> None:
        for _ in range(days):
            self.clock.advance(timedelta(days=1))
            self.engine.sweep()

    def sent(self, case: int, topic: str) -> list[dict[str, Any]]:
        """What has gone out for a case on a topic; without an adapter it waits on the list of deliveries."""
        found = [one for one in self.engine.deliveries() if (one.case, one.topic) == (case, topic)]
        return [dict(one.payload["inputs"]) for one in found]

    def told(self, case: int, kind: Happening) -> list[tuple[str | None, Any]]:
        return [(one.subject, one.data) for one in self.engine.history(case) if one.kind is kind]

    def running(self, case: int) -> dict[str, date | None]:
        return {one.rule: one.due_on for one in self.engine.deadlines(case) if one.status == "running"}

    def facts(self, case: int) -> Any:
        return self.engine.case(case).facts

    def accept(self, case: int, **registered: Any) -> None:
        """Registered, passed on and accepted today."""
        self.do(case, "register", matter_type="claim", **registered)
        self.do(case, "transfer", transferred_on=self.today)
        self.do(case, "examine", competent=True, accepted_on=self.today)

    def re_examine(self, case: int) -> None:
        """The opinion is served, reviewed and re-examined, all today."""
        self.do(case, "handle", **OPINION)
        self.do(case, "serve_opinion", served_on=self.today)
        self.do(case, "follow_opinion")
        self.hear(case, "petition.review_requested", applied_on=self.today)
        self.do(case, "review")
        self.do(case, "serve_review", served_on=self.today)
        self.hear(case, "petition.recheck_requested", applied_on=self.today)
        self.do(case, "recheck")
        self.do(case, "serve_recheck", served_on=self.today)


@pytest.fixture
def office(opener: Opener, clock: FixedClock) -> Office:
    return Office(opener(processes=None, rules=None), clock)


class TestTheSameMatterOnceMore:
    def test_after_a_re_examination_it_is_not_accepted_and_help_goes_on(self, office: Office) -> None:
        first = office.open("xf:1")
        office.accept(first)
        office.re_examine(first)
        assert office.facts(first)["rechecked"] is True
        assert len(office.sent(first, "notice.petition_review")) == 1
        assert len(office.sent(first, "notice.petition_concluded")) == 1

        again = office.open("xf:2")
        office.do(again, "register", matter_type="claim", repeat_of="xf:1")
        [(subject, data)] = office.told(again, Happening.SAME_MATTER)
        assert (subject, data["case"], data["facts"]["rechecked"]) == ("xf:1", first, True)
        assert (office.facts(again)["repeat_petition"], office.facts(first)["repeat_petition"]) == (
            True,
            False,
        )

        office.do(again, "compare", new_ground=False)
        [told] = office.sent(again, "notice.petition_not_accepted")
        assert (told["because"], told["repeat_of"]) == ("rechecked", "xf:1")
        assert "第三十六条第三款" in office.engine.explain(again).text("zh")
        assert "petition.transfer" not in office.running(again)
        office.do(again, "support_after_refusal")
        ended = office.engine.case(again)
        assert (ended.status, ended.outcome) == ("ended", "not_accepted")

    def test_new_facts_or_reasons_make_it_another_matter(self, office: Office) -> None:
        first = office.open("xf:1")
        office.accept(first)
        office.re_examine(first)
        again = office.open("xf:2", repeat_of=str(first))
        office.do(again, "register", matter_type="claim")
        office.do(again, "compare", new_ground=True)
        assert office.tasks(again) == {"transfer"}
        assert not office.sent(again, "notice.petition_not_accepted")
        third = office.open("xf:3", repeat_of="xf:2")
        office.do(third, "register", matter_type="claim")
        assert office.tasks(third) == {"transfer"}

    def test_while_it_is_handled_in_time_and_no_longer(self, office: Office) -> None:
        first = office.open("xf:1")
        office.accept(first)
        due = office.running(first)["petition.handle"]
        again = office.open("xf:2", repeat_of="xf:1")
        office.do(again, "register", matter_type="claim")
        office.do(again, "compare", new_ground=False)
        [told] = office.sent(again, "notice.petition_not_accepted")
        assert told["because"] == "in_process"
        assert "第十九条第三款" in office.engine.explain(again).text("zh")
        assert office.engine.case(again).status == "ended"

        office.wait((due - office.today).days + 1 if due else 0)
        late = office.open("xf:3", repeat_of="xf:1")
        office.do(late, "register", matter_type="claim")
        assert office.tasks(late) == {"transfer"}
        assert office.facts(late)["same_matter_in_process"] is False

    def test_a_number_that_no_case_has_is_said_and_closes_nothing(self, office: Office) -> None:
        case = office.open("xf:9", repeat_of="晋信〔2019〕7号")
        assert office.told(case, Happening.SAME_MATTER) == [("晋信〔2019〕7号", {"case": None, "facts": {}})]
        assert "本系统没有此编号" in office.engine.explain(case).text("zh")
        office.do(case, "register", matter_type="claim")
        assert office.tasks(case) == {"transfer"}
        assert office.facts(case)["repeat_petition"] is True

    @pytest.mark.parametrize("number", ["xf:1", "1"], ids=["its own key", "its own number"])
    def test_no_case_repeats_itself(self, office: Office, number: str) -> None:
        case = office.open("xf:1", repeat_of=number)
        assert [data["case"] for _, data in office.told(case, Happening.SAME_MATTER)] == [None]


class TestWhoIsPressed:
    """督办: the organ that delays, its head, and the level above; nobody for the delay of another."""

    def pressed(self, office: Office, case: int, deadline: str) -> list[tuple[str, str, str | None]]:
        entries = [entry for entry in office.engine.history(case) if entry.kind is Happening.RUNG]
        return [
            (entry.data["rung"], entry.data["to"], entry.data["by"])
            for entry in entries
            if entry.data["deadline"] == deadline
        ]

    def test_a_review_that_is_late_presses_the_organ_of_review(self, office: Office) -> None:
        case = office.open("pressed")
        office.engine.milestone(case, "petition_review_requested", on=office.today, by=CLERK)
        office.wait(75)
        review, petition, meeting = "review_organ", "county_petition_office", "joint_meeting_office"
        assert self.pressed(office, case, "petition.review") == [
            ("early", review, None), ("near", review, None), ("last_day", "review_organ_head", None),
            ("remind", review, petition), ("supervise", "review_organ_head", petition),
            ("listed", "review_organ_head", meeting), ("above", "recheck_organ", None),
            ("interview", "review_organ_head", meeting), ("discipline", "recheck_organ", petition),
        ]  # fmt: skip

    def test_a_petition_that_is_not_registered_presses_the_petition_officer(self, office: Office) -> None:
        case = office.open("late")
        office.wait(20)
        told = self.pressed(office, case, "petition.register")
        assert told
        assert {to for _, to, _ in told} == {"petition_officer", "township_leader"}
        assert {by for _, _, by in told} <= {None, "county_petition_office", "joint_meeting_office"}


class TestTheTransfer:
    """Monday 2 March 2026 is the first day; five working days end on Monday 9 March, fifteen days on the 17th."""

    def transferred(self, office: Office, **facts: Any) -> int:
        case = office.open("xf:1", **facts)
        office.do(case, "register", matter_type="claim")
        office.do(case, "transfer", transferred_on=office.today, passed_on_to="县水务局")
        return case

    def test_silence_is_acceptance_and_the_sixty_days_run_from_it(self, office: Office) -> None:
        case = self.transferred(office)
        assert office.running(case)["petition.object_transfer"] == date(2026, 3, 9)
        office.wait(10)
        assert office.running(case)["petition.handle"] == date(2026, 5, 8)
        assert office.running(case)["petition.tell_transferred"] == date(2026, 3, 17)
        assert office.tasks(case) == {"examine_accepted"}
        office.wait(140)
        office.do(case, "examine_accepted")
        [handled] = [one for one in office.engine.deadlines(case) if one.rule == "petition.handle"]
        assert (handled.due_on, handled.status) == (date(2026, 5, 8), "expired")

    def test_who_accepts_lawfully_is_never_pressed_for_not_having_objected(self, office: Office) -> None:
        case = self.transferred(office)
        office.wait(4)
        office.do(case, "examine", competent=True, accepted_on=office.today)
        assert office.sent(case, "notice.petition_received") == [
            {"organ": "县水务局", "transferred_on": "2026-03-02"}
        ]
        office.wait(30)
        pressed = [subject for subject, _ in office.told(case, Happening.RUNG)]
        assert not [
            subject for subject in pressed if subject and subject.startswith("petition.object_transfer/re")
        ]
        assert office.running(case)["petition.handle"] == date(2026, 5, 6)

    def test_an_upheld_objection_goes_back_to_the_petition_office_and_on_to_another(
        self, office: Office
    ) -> None:
        case = self.transferred(office)
        office.wait(1)
        office.do(case, "examine", competent=False, objected_on=office.today, objection_reason="水渠归镇里管")
        assert office.running(case)["petition.check_objection"] == date(2026, 3, 10)
        assert "petition.tell_transferred" in office.running(case)
        office.wait(1)
        office.do(case, "check_objection", objection_upheld=True, objection_decided_on=office.today)
        [told] = office.sent(case, "notice.petition_objection")
        assert (told["upheld"], told["organ"]) == (True, "县水务局")
        assert "petition.tell_transferred" not in office.running(case)
        assert office.running(case)["petition.transfer_again"] == date(2026, 3, 19)
        assert office.tasks(case) == {"transfer"}
        office.wait(1)
        office.do(case, "transfer", transferred_on=office.today, passed_on_to="镇人民政府")
        assert office.running(case)["petition.object_transfer"] == date(2026, 3, 12)
        assert office.running(case)["petition.tell_transferred"] == date(2026, 3, 20)

    def test_a_rejected_objection_leaves_it_with_the_organ_whose_time_has_run_all_along(
        self, office: Office
    ) -> None:
        case = self.transferred(office)
        office.wait(2)
        office.do(case, "examine", competent=False, objected_on=office.today)
        office.wait(3)
        office.do(case, "check_objection", objection_upheld=False, objection_decided_on=office.today)
        assert office.tasks(case) == {"examine_accepted"}
        assert office.running(case)["petition.tell_transferred"] == date(2026, 3, 17)
        assert office.running(case)["petition.handle"] == date(2026, 5, 6)
        office.wait(5)
        office.do(case, "examine_accepted")
        assert office.tasks(case) == {"handle"}
        assert office.running(case)["petition.handle"] == date(2026, 5, 6)

    def test_after_an_objection_somebodys_clock_always_runs(self, office: Office) -> None:
        case = self.transferred(office)
        office.do(case, "examine", competent=False, objected_on=office.today)
        office.wait(60)
        expired = {one.rule for one in office.engine.deadlines(case) if one.status == "expired"}
        assert {"petition.check_objection", "petition.tell_transferred"} <= expired
        assert any(
            "petition.check_objection" in str(subject) for subject, _ in office.told(case, Happening.RUNG)
        )

    @pytest.mark.parametrize(
        ("common", "rule", "task"),
        [
            (True, "petition.decide_jurisdiction", "decide_jurisdiction"),
            (False, "petition.coordinate_jurisdiction", "coordinate_jurisdiction"),
        ],
    )
    def test_disputed_competence_is_decided_above(
        self, office: Office, common: bool, rule: str, task: str
    ) -> None:
        case = self.transferred(office)
        office.do(case, "examine", competent=False, objected_on=office.today)
        office.do(case, "check_objection", objection_upheld=True, objection_decided_on=office.today,
                  jurisdiction_disputed=True, common_superior=common)  # fmt: skip
        assert office.running(case)[rule] == date(2026, 3, 9)
        office.do(case, task, passed_on_to="县自然资源局", jurisdiction_decided_on=office.today)
        assert rule not in office.running(case)
        assert office.tasks(case) == {"transfer"}


class TestTheThreeKinds:
    def test_a_suggestion_is_answered_with_what_became_of_it(self, office: Office) -> None:
        case = office.open("xf:1", source="petition", dispute_type="suggestion", raised_by="letter")
        office.do(case, "register", matter_type="suggestion", received_on=office.today)
        office.do(
            case,
            "answer_suggestion",
            reply="已列入计划",
            suggestion_adopted="partly",
            decided_on=office.today,
        )
        [told] = office.sent(case, "notice.petition_reply")
        assert (told["reply"], told["adopted"]) == ("已列入计划", "partly")
        assert "petition.transfer" not in office.running(case)

    @pytest.mark.parametrize(("official", "to"), [(True, "discipline_organ"), (False, "competent_organ")])
    def test_an_accusation_is_registered_and_goes_to_the_organ_that_is_competent(
        self, office: Office, official: bool, to: str
    ) -> None:
        case = office.open("xf:1", source="petition", dispute_type="labour", matter_type="accusation",
                           concerns_official=official, organ_part=None)  # fmt: skip
        office.do(case, "register", received_on=office.today)
        assert office.tasks(case) == {"pass_on"}
        office.do(case, "pass_on", accusation_to=to, transferred_on=office.today)
        [handed] = office.sent(case, "petition.accusation")
        assert handed["to"] == to
        assert len(office.sent(case, "notice.personnel_department")) == official
        waiting = office.engine.case(case)
        assert (waiting.status, waiting.stage, waiting.outcome) == ("open", "receipt", "transferred")
        office.do(case, "register_receipt", receipt_taken=True, receipt_on=office.today)
        office.do(case, "confirm", lead_out_answer="taken_up")
        assert office.engine.case(case).status == "ended"
        [transfer] = [one for one in office.engine.deadlines(case) if one.rule == "petition.transfer"]
        assert transfer.status == "met"

    def test_a_claim_whose_type_was_wrong_is_led_where_the_law_wants_it(self, office: Office) -> None:
        case = office.open("xf:1")
        office.do(case, "register", matter_type="claim")
        office.do(case, "transfer", transferred_on=office.today)
        office.do(case, "examine", competent=True, dispute_type="labour", organ_part=False)
        assert office.facts(case)["petition_way"] == "arbitration"
        assert "petition.handle" not in office.running(case)
        office.do(case, "lead_in", chosen_procedure="arbitration")
        [told] = office.sent(case, "case.led_out")
        assert (told["lead_to"], told["way"]) == (["labour_commission"], "arbitration")
        assert office.engine.case(case).stage == "arbitration"
        assert "第三十一条第二项" in office.engine.explain(case).text("zh")

    def test_whatever_its_kind_it_is_registered_first(self, office: Office) -> None:
        for number, kind in enumerate(
            ("labour", "land_expropriation", "neighbour", "administrative_act", "judicial_complaint")
        ):
            case = office.open(f"xf:{number}", source="petition", dispute_type=kind, organ_part=None)
            assert office.tasks(case) == {"register"}, kind

    def test_litigation_is_separated_from_petitions(self, office: Office) -> None:
        case = office.open("xf:1", source="petition", dispute_type="judicial_complaint", organ_part=None)
        office.do(case, "register", matter_type="claim", received_on=office.today, raised_by="letter")
        office.do(case, "lead_in")
        [told] = office.sent(case, "case.led_out")
        assert told["lead_to"] == ["political_legal_organ"]
        assert office.engine.case(case).stage == "receipt"
        assert office.running(case)["lead_out.receipt"] == date(2026, 3, 17)

    def test_who_asks_an_organ_to_act_gets_it_done_or_an_answer_within_its_time(self, office: Office) -> None:
        case = office.open("xf:1")
        office.do(case, "register", matter_type="claim")
        office.do(case, "transfer", transferred_on=office.today)
        office.do(case, "examine", competent=True, asks_to_act=True)
        assert office.running(case)["reconsideration.inaction_wait"] == date(2026, 5, 6)
        office.do(case, "perform_duty", reply="已责令拆除", decided_on=office.today)
        assert "reconsideration.inaction_wait" not in office.running(case)
        [told] = office.sent(case, "notice.petition_reply")
        assert told["reply"] == "已责令拆除"
        assert office.engine.case(case).outcome == "duty_answered"

    def test_an_opinion_without_its_legal_basis_is_told_and_stops_nobodys_right(self, office: Office) -> None:
        case = office.open("xf:1")
        office.accept(case)
        office.do(case, "handle", **(OPINION | {"opinion_basis": None}))
        [(_, data)] = office.told(case, Happening.TASK_INCOMPLETE)
        assert data["missing"] == ["opinion_basis"]
        story = office.engine.explain(case)
        assert "未写明应当载明的内容:法律法规依据" in story.text("zh")
        assert "done without what it must contain" in story.text("en")
        office.do(case, "serve_opinion", served_on=office.today)
        assert "petition.review_request" in office.running(case)

    def test_an_opinion_that_says_it_all_goes_out_with_it(self, office: Office) -> None:
        case = office.open("xf:1")
        office.accept(case)
        office.do(case, "handle", **OPINION)
        assert office.told(case, Happening.TASK_INCOMPLETE) == []
        office.do(case, "serve_opinion", served_on=office.today)
        [told] = office.sent(case, "notice.petition_opinion")
        assert told["kind"] == "not_supported"
        assert office.tasks(case) == {"follow_opinion"}

    def test_a_hearing_is_held_beside_and_the_sixty_days_run_on(self, office: Office) -> None:
        case = office.open("xf:1")
        office.accept(case)
        due = office.running(case)["petition.handle"]
        office.hear(case, "petition.hearing_called", hearing_on=date(2026, 3, 20))
        assert office.sent(case, "notice.petition_hearing") == [{"hearing_on": "2026-03-20"}]
        office.wait(20)
        office.do(case, "petition_hearing", held_on=date(2026, 3, 20))
        assert (office.tasks(case), office.running(case)["petition.handle"]) == ({"handle"}, due)


class TestVisitors:
    @pytest.mark.parametrize(
        ("facts", "told"),
        [
            ({"persons": 12, "representatives": 8}, ["at_most_five"]),
            ({"persons": 12}, ["choose_representatives"]),
            ({"persons": 12, "representatives": 5}, None),
            ({"persons": 1, "skips_level": True}, ["right_level"]),
        ],
        ids=["eight", "none", "five", "skips"],
    )
    def test_they_are_told_what_article_20_asks_and_the_matter_is_taken(
        self, office: Office, facts: dict[str, Any], told: list[str] | None
    ) -> None:
        case = office.open("xf:1")
        office.do(case, "register", matter_type="claim", raised_by="visit", **facts)
        assert [one["told"] for one in office.sent(case, "notice.petition_visit")] == ([told] if told else [])
        assert ("第二十条" in office.engine.explain(case).text("zh")) == bool(told)
        assert office.tasks(case) == {"transfer"}


class TestAnOrganThatGetsItDirectly:
    def received(self, office: Office, **facts: Any) -> int:
        case = office.open("xf:1")
        office.do(
            case, "register", matter_type="claim", received_directly=True, received_on=office.today, **facts
        )
        return case

    def test_it_answers_within_fifteen_days_and_handles_its_own_matter(self, office: Office) -> None:
        case = self.received(office)
        assert office.running(case)["petition.tell"] == date(2026, 3, 17)
        assert "petition.transfer" not in office.running(case)
        office.do(case, "examine_directly", competent=True, accepted_on=office.today)
        [told] = [one for one in office.engine.deadlines(case) if one.rule == "petition.tell"]
        assert (told.status, office.tasks(case)) == ("met", {"handle"})

    def test_what_is_not_its_own_is_told_and_not_lost(self, office: Office) -> None:
        case = self.received(office)
        office.do(case, "examine_directly", competent=False)
        [told] = [one for one in office.engine.deadlines(case) if one.rule == "petition.tell"]
        assert (told.status, office.tasks(case)) == ("met", {"transfer"})

    def test_nobody_can_be_told_whose_name_and_address_are_unclear(self, office: Office) -> None:
        assert "petition.tell" not in office.running(self.received(office, identity_unclear=True))


class TestAnOpinionFromElsewhere:
    """Whoever brings the paper of another office is told until when to ask further."""

    def test_the_thirty_days_run_from_the_day_it_was_served(self, office: Office) -> None:
        case = office.open("xf:1")
        office.do(case, "register", matter_type="claim", opinion_served_on=date(2026, 2, 10))
        assert office.running(case)["petition.review_request"] == date(2026, 3, 12)

    def test_and_so_do_those_after_a_review(self, office: Office) -> None:
        case = office.open("xf:1", review_opinion_served_on=date(2026, 2, 10))
        assert office.running(case)["petition.recheck_request"] == date(2026, 3, 12)


class TestAHearingInTheReReview:
    """听证所需时间不计算在内 (第三十六条第二款)."""

    def re_review(self, office: Office) -> int:
        case = office.open("xf:1")
        office.accept(case)
        office.do(case, "handle", **OPINION)
        office.do(case, "serve_opinion", served_on=office.today)
        office.hear(case, "petition.review_requested", applied_on=office.today)
        office.do(case, "review")
        office.do(case, "serve_review", served_on=office.today)
        office.hear(case, "petition.recheck_requested", applied_on=office.today)
        return case

    def test_the_thirty_days_stand_still_from_the_call_to_the_day_after_it(self, office: Office) -> None:
        case = self.re_review(office)
        assert office.running(case)["petition.recheck"] == date(2026, 4, 1)
        office.wait(3)
        office.hear(case, "petition.hearing_called", hearing_on=date(2026, 3, 16))
        assert office.sent(case, "notice.petition_hearing") == [{"hearing_on": "2026-03-16"}]
        [recheck] = [one for one in office.engine.deadlines(case) if one.rule == "petition.recheck"]
        assert (recheck.status, recheck.due_on) == ("suspended", None)
        office.wait(13)
        office.do(case, "recheck_hearing", held_on=date(2026, 3, 16))
        # From Thursday 5 March to Monday 16 March twelve days did not count.
        assert office.running(case)["petition.recheck"] == date(2026, 4, 13)
        assert "recheck" in office.tasks(case)

    def test_the_sixty_days_of_the_first_opinion_know_no_such_stop(self, office: Office) -> None:
        case = office.open("xf:1")
        office.accept(case)
        due = office.running(case)["petition.handle"]
        office.hear(case, "petition.hearing_called", hearing_on=date(2026, 3, 16))
        assert office.running(case)["petition.handle"] == due
