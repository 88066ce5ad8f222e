"""信访: petitions as a clerk lives them, by the Regulations on Petition Work (2022), on a simulated clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiefen import Actor, Engine, FixedClock
from jiefen.record.kinds import Happening
from tests.integration.conftest import Opener

AREA = "140429102201"
PETITION = {"source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour", "area": AREA}
CLERK = Actor("0412")


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
        self.engine.message(message, case=case, facts=facts, key=f"{message}:{case}")

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
        self.do(case, "handle", outcome="opinion_issued")
        self.do(case, "serve_opinion", served_on=self.today)
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
