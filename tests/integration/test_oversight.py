"""Who is pressed until they answer, who leads a case, who keeps out of it; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiefen import (
    EVERYWHERE,
    Actor,
    AlreadyDone,
    Conflict,
    ContactForm,
    Engine,
    FactError,
    FixedClock,
    Happening,
    NotAllowed,
    NotFound,
)  # fmt: skip
from jiefen.notation.labels import Label
from jiefen.people.directory import Post, Unit
from tests.integration.conftest import Opener
from tests.integration.watch import (
    BINDER,
    CHIEF,
    FINDER,
    GRID,
    OFFICER,
    SUPERIORS,
    VILLAGE,
    Mail,
    china,
    claimed,
    edited,
    found,
    notices,
    of,
    staff,
)
from tests.support.moments import RECUSER, Life

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(directory=staff())


class TestSupervision:
    @pytest.fixture
    def case(self, engine: Engine, clock: FixedClock) -> int:
        """A case whose duty expired on Saturday 7 March 2026 and is supervised on Monday the 9th."""
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        return case

    def test_it_must_be_answered_within_its_time(self, engine: Engine, case: int) -> None:
        [one] = engine.supervisions(case=case)
        assert (one.ref, one.action, one.role, one.by) == (
            "rung/1/supervise",
            "supervise",
            "officer",
            "office",
        )
        assert (one.holders, one.status, one.overdue) == (("o-1",), "open", False)
        assert one.reply_at == china(3, 13, 0)  # the end of Thursday, three working days on
        assert one.title == {"zh": "处置期限", "en": "Handle what was found"}

    def test_an_answer_closes_it_and_stays_in_the_journal(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        answered = engine.answer_supervision(case, "rung/1/supervise", "已约定入户时间", by=OFFICER)
        assert (answered.status, answered.answered_by, answered.answered_at) == (
            "answered",
            "o-1",
            clock.now(),
        )
        assert engine.supervisions(case=case) == []
        assert engine.supervisions(status="answered") == [answered]
        [entry] = of(engine, case, Happening.SUPERVISION_ANSWERED)
        assert (entry.actor, entry.data["text"]) == ("o-1", "已约定入户时间")
        assert "o-1 书面答复督办:处置期限" in engine.explain(case).text("zh")
        clock.set(china(3, 13))
        engine.sweep()
        assert of(engine, case, Happening.SUPERVISION_UNANSWERED) == []

    def test_without_an_answer_it_climbs_to_the_next_actor_once(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        clock.set(china(3, 13, 0))
        assert engine.sweep().done == {"reply": 1}
        told = notices(engine, case)["reply/rung/1/supervise"]
        assert (told["to"], told["holders"], told["action"]) == ("joint_office", ["j-1"], "unanswered")
        [one] = engine.supervisions(status="overdue")
        assert one.overdue
        clock.set(china(3, 16))
        engine.sweep()
        assert len(of(engine, case, Happening.SUPERVISION_UNANSWERED)) == 1
        engine.answer_supervision(case, "rung/1/supervise", "迟复", by=OFFICER)
        assert engine.supervisions(status="overdue") == []

    def test_at_the_last_actor_it_climbs_to_the_superior(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(directory=staff(superiors={**SUPERIORS, "joint_office": "office"}))
        case = found(engine)
        claimed(engine, case)
        for day in (china(4, 6), china(4, 7), china(4, 13)):
            clock.set(day)
            engine.sweep()
        refs = ["rung/1/supervise", "rung/1/listed", "rung/1/discipline"]
        assert [one.ref for one in engine.supervisions(case=case)] == refs
        told = notices(engine, case)
        assert [told[f"reply/{ref}"]["to"] for ref in refs] == ["joint_office", "joint_office", "office"]

    def test_nobody_supervises_themselves(self, opener: Opener, clock: FixedClock) -> None:
        """A vacant post led to the office that would act: the next one over it acts."""
        superiors = {"officer": "office", "office": "joint_office"}
        engine = opener(directory=staff(officer=None, superiors=superiors))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        told = notices(engine, case)["rung/1/supervise"]
        assert (told["to"], told["holders"]) == ("office", ["x-1"])
        assert told["actor"] == {"role": "joint_office", "holders": ["j-1"], "deputies": False}
        assert [one.by for one in engine.supervisions(case=case)] == ["joint_office"]

    def test_at_the_top_nobody_acts_rather_than_the_office_itself(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        engine = opener(directory=staff(officer=None, superiors={"officer": "office"}))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        told = notices(engine, case)["rung/1/supervise"]
        assert (told["to"], told["holders"], told["actor"]) == ("office", ["x-1"], None)
        assert [one.by for one in engine.supervisions(case=case)] == [None]

    def test_who_has_not_answered_is_not_told_that_nobody_has(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        engine = opener(directory=staff(officer=None))
        case = found(engine)
        claimed(engine, case)
        for day in (china(3, 9), china(3, 13)):
            clock.set(day)
            engine.sweep()
        assert [one.holders for one in engine.supervisions(case=case)] == [("j-1",)]
        told = notices(engine, case)["reply/rung/1/supervise"]
        assert (told["to"], told["holders"], told["supervised"]) == ("office", ["x-1"], ["joint_office"])

    def test_nor_where_the_way_up_leads_back_to_them(self, opener: Opener, clock: FixedClock) -> None:
        superiors = {"officer": "joint_office", "office": "joint_office"}
        engine = opener(directory=staff(officer=None, office=None, superiors=superiors))
        case = found(engine)
        claimed(engine, case)
        for day in (china(3, 9), china(3, 13)):
            clock.set(day)
            engine.sweep()
        told = notices(engine, case)
        assert told["reply/rung/1/supervise"]["holders"] == []
        assert "alert/reply/rung/1/supervise" in told

    @pytest.fixture
    def halved(self, opener: Opener, clock: FixedClock, tmp_path: Path) -> tuple[Engine, int]:
        """A village of two grids, one without a chief: its head is supervised too, and would act by the rungs."""
        rules = edited(
            tmp_path,
            "to: officer, action: supervise, by: office, reply: 3 wd}\n"
            "      - {id: listed, after: 10 d, to: officer, action: supervise_list, by: joint_office",
            "to: grid_chief, action: supervise, by: village_head, reply: 3 wd}\n"
            "      - {id: listed, after: 10 d, to: grid_chief, action: supervise_list, by: village_head",
        )
        second = Unit(area=f"{VILLAGE}002", title=Label("乙", "B"))
        people = staff()
        people = replace(people, units={**people.units, second.area: second})
        engine = opener(directory=people, rules=rules)
        case = found(engine, area=VILLAGE)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        return engine, case

    def test_who_is_supervised_for_a_vacant_grid_does_not_act(self, halved: tuple[Engine, int]) -> None:
        engine, case = halved
        told = notices(engine, case)["rung/1/supervise"]
        assert (told["to"], told["holders"]) == ("grid_chief", ["g-1", "v-1"])
        assert told["actor"] == {"role": "officer", "holders": ["o-1"], "deputies": False}
        [one] = engine.supervisions(case=case)
        assert (one.role, one.holders, one.by) == ("grid_chief", ("g-1", "v-1"), "officer")

    def test_nor_are_they_told_that_nobody_has_answered(
        self, halved: tuple[Engine, int], clock: FixedClock
    ) -> None:
        engine, case = halved
        clock.set(china(3, 13))
        engine.sweep()
        told = notices(engine, case)["reply/rung/1/supervise"]
        assert (told["to"], told["holders"]) == ("joint_office", ["j-1"])
        assert told["supervised"] == ["grid_chief", "village_head"]

    def test_who_it_is_for_must_answer(self, engine: Engine, case: int) -> None:
        for actor in (CHIEF, Actor("o-9", frozenset({"officer"}), "140429103")):
            with pytest.raises(NotAllowed, match="supervise"):
                engine.answer_supervision(case, "rung/1/supervise", "x", by=actor)
        engine.answer_supervision(case, "rung/1/supervise", "x", by=Actor("o-1"))

    def test_what_cannot_be_answered_says_why_and_changes_nothing(self, engine: Engine, case: int) -> None:
        before = engine.history(case)
        for ref, text, error in (
            ("rung/1/none", "x", NotFound), ("rung/1/supervise", " ", FactError),
            ("rung/1/supervise", "x" * 20_001, FactError),
        ):  # fmt: skip
            with pytest.raises(error):
                engine.answer_supervision(case, ref, text, by=OFFICER)
        with pytest.raises(NotFound, match="no case 99"):
            engine.answer_supervision(99, "rung/1/supervise", "x", by=OFFICER)
        with pytest.raises(NotFound, match="open, overdue, answered, accepted or withdrawn"):
            engine.supervisions(status="late")
        assert engine.history(case) == before
        engine.answer_supervision(case, "rung/1/supervise", "x", by=OFFICER)
        with pytest.raises(AlreadyDone, match="o-1"):
            engine.answer_supervision(case, "rung/1/supervise", "y", by=OFFICER)

    def test_lists_filter_and_page(self, engine: Engine, case: int, clock: FixedClock) -> None:
        claimed(engine, found(engine, "w2"))
        clock.set(china(3, 16))
        engine.sweep()
        both = engine.supervisions(area="140429", role="officer")
        assert [one.case for one in both] == [case, case + 1]
        assert engine.supervisions(after=both[0].id) == both[1:]
        assert engine.supervisions(limit=1) == both[:1]
        assert engine.supervisions(area="140430") == engine.supervisions(role="office") == []

    def test_an_interview_without_an_answer_asked_for_is_only_told(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        clock.set(china(3, 27))
        engine.sweep()
        told = notices(engine, case)["rung/1/interview"]
        assert (told["action"], told["by"], told["actor"]["holders"]) == (
            "interview",
            "joint_office",
            ["j-1"],
        )
        assert not any(one.action == "interview" for one in engine.supervisions(case=case))

    def test_an_expiry_without_a_ladder_is_supervised_like_one_with(
        self, opener: Opener, clock: FixedClock, tmp_path: Path
    ) -> None:
        """督办 by `on_expiry: supervise` alone: it stands in the list until it is answered."""
        engine = opener(directory=staff(), rules=edited(tmp_path, "    ladder: watch\n", ""))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        [one] = engine.supervisions(case=case)
        assert (one.action, one.role, one.holders, one.by, one.reply_at) == (
            "supervise", "grid_chief", ("g-1",), None, None,
        )  # fmt: skip
        assert one.ref in notices(engine, case)
        engine.answer_supervision(case, one.ref, "已办结", by=CHIEF)
        engine.correct_anchor(case, "watch.handle", on=date(2026, 3, 5), by=OFFICER)
        clock.set(china(3, 12))
        engine.sweep()
        [again] = engine.supervisions(case=case)
        assert again.ref != one.ref

    def test_it_stays_open_when_the_case_has_ended(self, engine: Engine, case: int) -> None:
        for _ in range(2):
            [task] = engine.tasks(case=case)
            engine.complete(task.id, {}, by=CHIEF if task.element == "patrol" else OFFICER)
        assert engine.case(case).status == "ended"
        engine.answer_supervision(case, "rung/1/supervise", "已办结", by=OFFICER)


def led(engine: Engine, case: int) -> dict[str, Any]:
    """The one notice to the leader of a case, or to who is told in the leader's stead."""
    [told] = [told for ref, told in notices(engine, case).items() if ref.startswith("leader/")]
    return told


class TestLeaders:
    LEADER = "t-9"

    def test_a_leader_is_told_of_every_expiry(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(directory=staff())
        case = found(engine)
        claimed(engine, case)
        assert engine.bind_leader(case, self.LEADER, by=BINDER).leader == self.LEADER
        clock.set(china(3, 8, 0))
        engine.sweep()
        told = led(engine, case)
        assert (told["holders"], told["action"], told["deadline"]) == (
            [self.LEADER],
            "expired",
            "watch.handle",
        )
        [delivery] = [item for item in engine.deliveries() if "leader/" in item.key]
        assert delivery.at == china(3, 9)

    def test_an_expiry_that_was_undone_and_comes_again_is_told_again(
        self, both: Life, clock: FixedClock
    ) -> None:
        """Under another name: receivers drop what they have seen."""
        engine, case, rule = both.engine, both.case, "reconsideration.apply"
        engine.bind_leader(case, self.LEADER, by=replace(BINDER, area=EVERYWHERE))
        clock.set(date(2026, 3, 2))
        finder = replace(FINDER, area=EVERYWHERE)
        engine.milestone(case, "ownership_award_served", on=date(2026, 3, 2), by=finder)
        clock.set(date(2026, 5, 11))
        engine.sweep()
        engine.suspend(case, rule, ground="force_majeure", since=date(2026, 4, 28), by=finder)
        engine.resume(case, rule, on=date(2026, 5, 11), by=finder)
        clock.set(date(2026, 5, 20))
        engine.sweep()
        told = [one for one in notices(engine, case).values() if one["holders"] == [self.LEADER]]
        assert [one["due_on"] for one in told if one.get("deadline") == rule] == ["2026-05-06", "2026-05-14"]

    def test_it_ends_with_the_case(self, engine: Engine) -> None:
        case = found(engine)
        engine.bind_leader(case, self.LEADER, by=BINDER)
        for actor in (CHIEF, OFFICER):
            [task] = engine.tasks(case=case)
            engine.complete(task.id, {}, by=actor)
        assert engine.case(case).leader is None
        assert [one.subject for one in of(engine, case, Happening.LEADER_RELEASED)] == [self.LEADER]
        with pytest.raises(Conflict, match="ended"):
            engine.bind_leader(case, self.LEADER, by=BINDER)

    def test_the_same_again_changes_nothing_and_another_takes_over(self, engine: Engine) -> None:
        case = found(engine)
        engine.bind_leader(case, self.LEADER, by=BINDER)
        before = engine.history(case)
        engine.bind_leader(case, self.LEADER, by=BINDER)
        assert engine.history(case) == before
        assert engine.bind_leader(case, "t-8", reason="岗位调整", by=BINDER).leader == "t-8"
        [_, last] = of(engine, case, Happening.LEADER_BOUND)
        assert (last.subject, last.data["before"], last.actor) == ("t-8", self.LEADER, "finder")
        with pytest.raises(FactError, match="staff number"):
            engine.bind_leader(case, " ", by=BINDER)

    @pytest.mark.parametrize("form", ["接访", "下访", "约访", "回访", "劝访", "电话", *ContactForm])
    def test_contacts_are_logged(self, engine: Engine, form: str) -> None:
        case = found(engine)
        before = engine.case(case)
        engine.log_contact(case, form, "听取意见", by=Actor(self.LEADER, frozenset({"officer"}), EVERYWHERE))
        [entry] = of(engine, case, Happening.CONTACT)
        assert (entry.subject, entry.actor, entry.data["note"]) == (
            ContactForm(form).value,
            "t-9",
            "听取意见",
        )
        after = engine.case(case)
        assert replace(after, revision=before.revision, updated_at=before.updated_at) == before
        assert f"t-9 {ContactForm(form).zh}" in engine.explain(case).text("zh")
        assert "听取意见" not in engine.explain(case).text("zh")

    def test_a_contact_of_no_form_or_without_a_note_is_refused(self, engine: Engine) -> None:
        case = found(engine)
        with pytest.raises(FactError, match="follow_up 回访"):
            engine.log_contact(case, "截访", "x", by=FINDER)
        with pytest.raises(FactError, match="note"):
            engine.log_contact(case, "接访", "", by=FINDER)
        assert of(engine, case, Happening.CONTACT) == []


class TestBadInput:
    """Nothing that a caller gives surfaces as an error of Python or of the database."""

    @pytest.mark.parametrize("bad", [None, 5, "", "a\0b", "\ud800", "x" * 20_001])
    def test_texts_and_ids(self, engine: Engine, bad: Any) -> None:
        case = found(engine)
        before = engine.history(case)
        for call in (
            lambda: engine.bind_leader(case, bad, by=BINDER),
            lambda: engine.recuse(case, bad, reason="x", by=RECUSER),
            lambda: engine.recuse(case, "g-1", reason=bad, by=RECUSER),
            lambda: engine.log_contact(case, "接访", bad, by=FINDER),
            lambda: engine.answer_supervision(case, bad, "x", by=FINDER),
            lambda: engine.answer_supervision(case, "rung/1/supervise", bad, by=FINDER),
            lambda: engine.load_directory(bad) if not isinstance(bad, str) else Actor(bad),
        ):
            with pytest.raises(FactError):
                call()
        assert engine.history(case) == before

    @pytest.mark.parametrize("by", [None, "g-1"])
    def test_who_acts(self, engine: Engine, by: Any) -> None:
        case = found(engine)
        [task] = engine.tasks(case=case)
        for call in (
            lambda: engine.open_case("watch", {}, key="k", by=by),
            lambda: engine.claim(task.id, by=by),
            lambda: engine.complete(task.id, {}, by=by),
            lambda: engine.bind_leader(case, "t-9", by=by),
            lambda: engine.recuse(case, "g-1", reason="x", by=by),
            lambda: engine.log_contact(case, "接访", "x", by=by),
            lambda: engine.answer_supervision(case, "x", "x", by=by),
            lambda: engine.extend(case, "watch.handle", "1 d", by=by),
        ):
            with pytest.raises(FactError, match="give for example Actor"):
                call()

    @pytest.mark.parametrize("case", [None, "1", 1.0, True, 2**70])
    def test_cases(self, engine: Engine, case: Any) -> None:
        for call in (
            lambda: engine.bind_leader(case, "t-9", by=BINDER),
            lambda: engine.recuse(case, "g-1", reason="x", by=RECUSER),
            lambda: engine.log_contact(case, "接访", "x", by=FINDER),
            lambda: engine.answer_supervision(case, "rung/1/supervise", "x", by=FINDER),
            lambda: engine.supervisions(case=case if case is not None else "x"),
        ):
            with pytest.raises(FactError, match="no id of a case"):
                call()

    @pytest.mark.parametrize("asked", [
        {"limit": "x"}, {"limit": None}, {"limit": 0}, {"limit": -1}, {"after": None}, {"after": "1"},
        {"role": 5}, {"role": "\ud800"}, {"role": "a\0b"},
    ])  # fmt: skip
    def test_what_is_asked_of_the_list(self, engine: Engine, asked: dict[str, Any]) -> None:
        [name] = asked
        with pytest.raises(FactError, match=f"{name}="):
            engine.supervisions(**asked)

    def test_a_leader_with_a_blank_is_the_same_leader(self, engine: Engine) -> None:
        case = found(engine)
        engine.bind_leader(case, "t-9 ", by=BINDER)
        assert [one.id for one in engine.cases(leader="t-9")] == [case]
        engine.recuse(case, " t-9", reason="x", by=RECUSER)
        assert engine.case(case).leader is None


class TestRecusal:
    """信访工作条例 art. 28 ¶3: who has a direct interest withdraws."""

    def test_they_can_neither_claim_nor_complete_nor_lead(self, engine: Engine) -> None:
        case = found(engine)
        [task] = engine.tasks(case=case)
        engine.recuse(case, "g-1", reason="当事人近亲属", by=RECUSER)
        for call in (
            lambda: engine.claim(task.id, by=CHIEF),
            lambda: engine.complete(task.id, {}, by=CHIEF),
            lambda: engine.bind_leader(case, "g-1", by=BINDER),
            lambda: engine.log_contact(case, "接访", "x", by=CHIEF),
        ):
            with pytest.raises(NotAllowed, match="recused"):
                call()
        other = Actor("g-2", frozenset({"grid_chief"}), GRID)
        engine.complete(task.id, {}, by=other)

    def test_what_they_had_claimed_is_open_again_and_pressed_for(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = found(engine)
        task = claimed(engine, case)
        engine.recuse(case, "g-1", reason="利害关系", by=RECUSER)
        assert engine.tasks(case=case)[0].assignee is None
        clock.set(china(3, 3))
        assert engine.sweep().done["task"] == 1
        engine.claim(task, by=Actor("g-2", frozenset({"grid_worker"}), GRID))

    def test_their_deputy_is_told_in_their_stead(self, opener: Opener, clock: FixedClock) -> None:
        deputy = Post(role="officer", area="140429102", holder="d-1", deputy=True)
        engine = opener(directory=staff(deputy))
        case = found(engine)
        claimed(engine, case)
        engine.recuse(case, "o-1", reason="利害关系", by=RECUSER)
        clock.set(china(3, 9))
        engine.sweep()
        assert notices(engine, case)["rung/1/supervise"]["holders"] == ["d-1"]
        with pytest.raises(NotAllowed, match="recused"):
            engine.answer_supervision(case, "rung/1/supervise", "x", by=OFFICER)

    def test_what_waits_for_the_morning_is_told_to_who_stands_in(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        deputy = Post(role="officer", area="140429102", holder="d-1", deputy=True)
        engine = opener(directory=staff(deputy))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        [before] = [one for one in engine.deliveries() if one.key.endswith("rung/1/supervise")]
        engine.recuse(case, "o-1", reason="利害关系", by=RECUSER)
        [after] = [one for one in engine.deliveries() if one.key.endswith("rung/1/supervise")]
        assert (before.payload["holders"], after.payload["holders"]) == (["o-1"], ["d-1"])
        assert (after.id, after.at, after.status) == (before.id, before.at, before.status)
        [one] = engine.supervisions(case=case)
        assert one.holders == ("d-1",)
        assert not any("passed/" in delivery.key for delivery in engine.deliveries())
        told = [entry.data["holders"] for entry in of(engine, case, Happening.DELIVERY)
                if entry.data["ref"] == "rung/1/supervise"]  # fmt: skip
        assert told == [["o-1"], ["d-1"]]

    def test_who_stands_in_does_so_when_a_late_notice_is_told(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        """It was not carried in the day, and is passed on in the evening: it goes out at the next sweep."""
        posts = (
            Post(role="officer", area="140429102", holder="d-1", deputy=True, until=date(2026, 3, 9)),
            Post(role="officer", area="140429102", holder="d-2", deputy=True, since=date(2026, 3, 10)),
        )
        engine = opener(directory=staff(*posts))
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        clock.set(china(3, 9, 20))
        engine.recuse(case, "o-1", reason="利害关系", by=RECUSER)
        assert notices(engine, case)["rung/1/supervise"]["holders"] == ["d-1"]

    def test_who_acts_is_somebody_else_too(self, engine: Engine, clock: FixedClock) -> None:
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        engine.recuse(case, "x-1", reason="利害关系", by=RECUSER)
        told = notices(engine, case)["rung/1/supervise"]
        assert (told["holders"], told["actor"]["holders"]) == (["o-1"], [])

    def test_a_supervision_that_was_told_already_is_passed_on_and_told_again(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        engine = opener(directory=staff(), adapters={"notice": (mail := Mail(clock))})
        case = found(engine)
        claimed(engine, case)
        clock.set(china(3, 9))
        engine.sweep()
        mail.sent.clear()
        engine.recuse(case, "o-1", reason="利害关系", by=RECUSER)
        [one] = engine.supervisions(case=case)
        assert (one.role, one.holders) == ("joint_office", ("j-1",))
        engine.sweep()
        [(_, delivery)] = mail.sent
        told = delivery.payload
        assert (told["supervision"], told["action"], told["holders"]) == (
            "rung/1/supervise", "supervise", ["j-1"],
        )  # fmt: skip
        assert told["vacant"] == [{"role": "officer", "level": "township", "area": GRID}]
        engine.answer_supervision(case, one.ref, "由联席办答复", by=Actor("j-1"))

    def test_what_waits_for_a_leader_who_is_recused_is_withdrawn_where_nobody_is_responsible(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = found(engine)
        claimed(engine, case)
        engine.bind_leader(case, "t-9", by=BINDER)
        clock.set(china(3, 8, 0))
        engine.sweep()
        assert led(engine, case)["holders"] == ["t-9"]
        engine.recuse(case, "t-9", reason="利害关系", by=RECUSER)
        assert not any("t-9" in (told["holders"] or ()) for told in notices(engine, case).values())
        gone = [one.data["ref"].split("/")[0] for one in of(engine, case, Happening.DELIVERY_WITHDRAWN)]
        assert sorted(gone) == ["leader", "order"]

    def test_else_it_is_told_to_the_department_in_charge(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(processes=None, rules=None)
        engine.load_directory(ROOT / "examples" / "directory.yaml")
        facts = {"area": VILLAGE, "source": "petition_backlog", "dispute_type": "neighbour"}
        case = engine.open_case("dispute", facts, key="u", by=FINDER).id
        engine.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})
        engine.bind_leader(case, "t-9", by=BINDER)
        clock.advance(timedelta(hours=25))
        engine.sweep()
        assert led(engine, case)["holders"] == ["t-9"]
        engine.recuse(case, "t-9", reason="利害关系", by=RECUSER)
        told = led(engine, case)
        assert (told["to"], told["holders"], told["vacant"]) == ("justice_office_head", ["j-5101"], [])

    def test_a_leader_who_is_recused_leads_no_longer(self, engine: Engine) -> None:
        case = found(engine)
        engine.bind_leader(case, "t-9", by=BINDER)
        assert engine.recuse(case, "t-9", reason="利害关系", by=RECUSER).leader is None
        before = engine.history(case)
        engine.recuse(case, "t-9", reason="再次", by=RECUSER)
        assert engine.history(case) == before
