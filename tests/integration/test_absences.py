"""Work that goes to somebody else: given by who stands over it, or while somebody is away; on both databases."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from jiefen import (
    Actor,
    Conflict,
    Engine,
    FactError,
    FixedClock,
    Happening,
    HeldPost,
    NotAllowed,
    NotFound,
    Why,
)
from jiefen.areas import Level
from jiefen.people.directory import Holder, Organisation, Post, Seat
from tests.integration.conftest import Opener
from tests.integration.watch import china

VILLAGE, OTHER = "140429102201", "140429103201"
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE}
CENTRE = Actor("c", frozenset({"township_coordinator"}), "140429102")
ONE, TWO = (Actor(name, posts=(HeldPost("village_mediator", VILLAGE),)) for name in ("m1", "m2"))
STRANGER = Actor("m3", posts=(HeldPost("village_mediator", OTHER),))
MARCH = {"since": date(2026, 3, 2), "until": date(2026, 3, 6)}


@pytest.fixture
def directory() -> Organisation:
    held = [("village_mediator", VILLAGE, "m1"), ("village_mediator", VILLAGE, "m2"),
            ("village_mediator", OTHER, "m3"), ("village_head", VILLAGE, "h")]  # fmt: skip
    posts = tuple(Post(role=role, area=area, holder=holder) for role, area, holder in held)
    return Organisation(units={}, posts=posts, superiors={})


@pytest.fixture
def engine(opener: Opener, directory: Organisation) -> Engine:
    return opener(processes=None, rules=None, directory=directory)


@pytest.fixture
def task(engine: Engine) -> int:
    case = engine.open_case("dispute", FACTS, key="k", by=CENTRE).id
    [task] = [one for one in engine.tasks(case=case) if "village_mediator" in one.roles]
    return engine.claim(task.id, by=ONE).id


class TestReassign:
    def test_the_head_gives_it_to_somebody_and_it_presses_them(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        head = Actor("h", frozenset({"village_head"}), VILLAGE)
        given = engine.reassign(task, "m2", reason="m1出差", by=head)
        assert given.assignee == "m2"
        entry = engine.history(given.case)[-1]
        assert (entry.kind, entry.actor) == (Happening.TASK_REASSIGNED, "h")
        assert (entry.data["claimer"], entry.data["to"], entry.data["reason"]) == ("m1", "m2", "m1出差")
        assert "is given to m2 (m1出差)" in engine.explain(given.case).text("en")
        with pytest.raises(NotAllowed, match="claimed by m2"):
            engine.complete(task, {}, by=ONE)
        clock.set(china(4, 20))
        engine.sweep()
        assert Happening.TASK_UNFINISHED in [one.kind for one in engine.history(given.case)]
        before = engine.history(given.case)
        engine.reassign(task, "m2", reason="再次", by=head)
        assert engine.history(given.case) == before

    def test_who_may_not(self, engine: Engine, task: int) -> None:
        with pytest.raises(NotAllowed, match="village_head"):
            engine.reassign(task, "m2", reason="忙", by=Actor("g", frozenset({"labour_officer"}), VILLAGE))
        with pytest.raises(NotAllowed, match="acts for"):
            engine.reassign(task, "m3", reason="忙", by=CENTRE)
        engine.recuse(engine.task(task).case, "m2", reason="近亲属", by=CENTRE)
        with pytest.raises(NotAllowed, match="recused"):
            engine.reassign(task, "m2", reason="忙", by=CENTRE)
        with pytest.raises(FactError, match="reason"):
            engine.reassign(task, "m2", reason=" ", by=CENTRE)

    def test_the_centre_gives_out_what_lies_in_its_place(self, engine: Engine, task: int) -> None:
        """No office but the centre stands over the matter; that of another township has nothing to say here."""
        for elsewhere in ("140429103", "140430"):
            with pytest.raises(NotAllowed, match="acts for"):
                engine.reassign(
                    task, "m2", reason="忙", by=Actor("c", frozenset({"township_coordinator"}), elsewhere)
                )
        county = Actor("cc", frozenset({"county_mediation_centre"}), "140429")
        assert engine.reassign(task, "m2", reason="忙", by=county).assignee == "m2"
        assert engine.reassign(task, "m1", reason="回来了", by=CENTRE).assignee == "m1"
        assert engine.release(task, why="由他人办", by=CENTRE).assignee is None

    def test_the_centre_gives_out_its_own(self, engine: Engine) -> None:
        engine.open_case("enquiry", FACTS | {"request_kind": "enquiry"}, key="own", by=CENTRE)
        [own] = engine.tasks(role="township_coordinator")
        other = Actor("c2", posts=(HeldPost("township_coordinator", "140429102"),))
        assert engine.reassign(own.id, other, reason="分片", by=CENTRE).assignee == "c2"

    def test_somebody_the_directory_does_not_know(self, engine: Engine, task: int) -> None:
        with pytest.raises(NotAllowed, match="m9 holds no role") as refused:
            engine.reassign(task, "m9", reason="忙", by=CENTRE)
        assert refused.value.zh is not None

    def test_whom_the_accused_unit_may_not_have(self, opener: Opener) -> None:
        """Without a directory the host says what somebody holds, and the same is looked at as when they claim."""
        engine = opener(processes=None, rules=None)
        facts = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE}
        case = engine.open_case("dispute", facts, key="k", by=CENTRE).id
        [task] = [one.id for one in engine.tasks(case=case) if "village_mediator" in one.roles]
        with pytest.raises(FactError, match="no directory tells which posts m2 holds") as refused:
            engine.reassign(task, "m2", reason="忙", by=CENTRE)
        assert refused.value.zh is not None
        with pytest.raises(NotAllowed, match="acts for"):
            engine.reassign(task, STRANGER, reason="忙", by=CENTRE)
        given = engine.reassign(task, TWO, reason="忙", by=CENTRE)
        assert [one.task.id for one in engine.worklist(by=TWO)] == [given.id]

    def test_a_directory_of_the_host_is_asked(self, opener: Opener) -> None:
        class Staff:
            def holders(self, role: str, area: str, level: Level | None, on: date) -> tuple[Holder, ...]:
                held = role == "village_mediator" and area == VILLAGE
                return (Holder(id="m2", role=role, area=area),) if held else ()

            def superior(self, role: str, area: str) -> Seat | None:
                return None

        engine = opener(processes=None, rules=None, directory=Staff())
        case = engine.open_case("dispute", FACTS, key="k", by=CENTRE).id
        [task] = [one.id for one in engine.tasks(case=case) if "village_mediator" in one.roles]
        with pytest.raises(NotAllowed, match="m3 holds no role"):
            engine.reassign(task, "m3", reason="忙", by=CENTRE)
        assert engine.reassign(task, "m2", reason="忙", by=CENTRE).assignee == "m2"


class TestAbsence:
    def test_who_stands_in_does_what_was_claimed_and_then_no_more(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        assert engine.worklist(by=TWO) == []
        made = engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        assert [item.why for item in engine.worklist(by=TWO)] == [Why.ABSENCE]
        assert engine.absences(person="m2", on=date(2026, 3, 4)) == [made]
        clock.set(china(3, 7))
        assert engine.worklist(by=TWO) == []
        with pytest.raises(NotAllowed, match="claimed by m1"):
            engine.complete(task, {}, by=TWO)
        clock.set(china(3, 6))
        engine.complete(task, {}, by=TWO)
        assert engine.task(task).finished_by == "m2"

    def test_it_is_kept_with_its_reason_and_told_in_the_cases(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        """Why somebody is away is nobody's business in a case; who does its task is."""
        case = engine.task(task).case
        before = engine.case(case).revision
        made = engine.delegate("m1", "m2", reason="病假", by=CENTRE, **MARCH)
        assert (made.by, made.at, made.meant_until) == ("c", clock.now(), date(2026, 3, 6))
        told = engine.history(case)[-1]
        assert (told.kind, told.actor, told.at) == (Happening.ABSENCE, "c", clock.now())
        assert told.data["absence"] == made.id
        assert (told.data["person"], told.data["deputy"]) == ("m1", "m2")
        assert (told.data["since"], told.data["until"]) == ("2026-03-02", "2026-03-06")
        assert "病假" not in str(told.data)
        assert engine.case(case).revision == before + 1
        clock.set(china(3, 4))
        ended = engine.end_absence(made.id, by=TWO)
        assert (ended.until, ended.meant_until) == (date(2026, 3, 3), date(2026, 3, 6))
        assert (ended.ended_by, ended.ended_at) == ("m2", clock.now())
        told = engine.history(case)[-1]
        assert (told.kind, told.actor, told.data["until"]) == (Happening.ABSENCE_ENDED, "m2", "2026-03-03")
        assert engine.absences(person="m1") == [ended]
        story = engine.explain(case)
        assert "m1 自 2026-03-02 至 2026-03-06 外出" in story.text("zh")
        assert "m2 stands in for" in story.text("en")
        assert "is for m1 again" in story.text("en")
        entries = engine.history(case)
        engine.end_absence(made.id, by=TWO)
        assert engine.history(case) == entries

    def test_it_is_told_in_open_cases_of_the_absent_alone(self, engine: Engine, task: int) -> None:
        cases = [engine.open_case("dispute", FACTS, key=f"o{number}", by=CENTRE).id for number in range(3)]
        mine, others, _ = (engine.tasks(case=case)[0].id for case in cases)
        engine.claim(mine, by=ONE)
        engine.claim(others, by=TWO)
        engine.complete(task, {}, by=ONE)
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        every = [engine.task(task).case, *cases]
        said = [any(one.kind is Happening.ABSENCE for one in engine.history(case)) for case in every]
        assert said == [False, True, False, False]

    def test_however_much_somebody_has_claimed(
        self, engine: Engine, task: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jiefen.desk.absences._AT_ONCE", 2)
        cases = [engine.task(task).case]
        for number in range(4):
            cases.append(engine.open_case("dispute", FACTS, key=f"o{number}", by=CENTRE).id)
            engine.claim(engine.tasks(case=cases[-1])[0].id, by=ONE)
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        kinds = [[one.kind for one in engine.history(case)].count(Happening.ABSENCE) for case in cases]
        assert kinds == [1, 1, 1, 1, 1]

    def test_at_most_eight_statements(self, engine: Engine, task: int) -> None:
        for number in range(3):
            case = engine.open_case("dispute", FACTS, key=f"o{number}", by=CENTRE).id
            engine.claim(engine.tasks(case=case)[0].id, by=ONE)
        statements: list[str] = []
        for one in engine._runtime.database.engines:
            sa.event.listen(one, "before_cursor_execute", lambda *call: statements.append(call[2]))
        made = engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        # PostgreSQL locks the table besides, so that no circle of absences comes about.
        assert len([one for one in statements if not one.startswith("LOCK TABLE")]) <= 8, statements
        statements.clear()
        engine.end_absence(made.id, by=ONE)
        assert len(statements) <= 8, statements

    def test_who_stands_in_is_told_to_have_done_it_for_another(self, engine: Engine, task: int) -> None:
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        case = engine.task(task).case
        engine.complete(task, {}, by=TWO)
        [done] = [one for one in engine.history(case) if one.kind is Happening.TASK_COMPLETED]
        assert (done.actor, done.data["in_place_of"]) == ("m2", "m1")
        assert "m2代 m1 完成" in engine.explain(case).text("zh")
        assert "m2 completed for m1" in engine.explain(case).text("en")

    def test_a_claim_of_who_stands_in_takes_it_over(self, engine: Engine, task: int) -> None:
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        assert engine.claim(task, by=TWO).assignee == "m2"
        with pytest.raises(Conflict, match="claimed by m2"):
            engine.claim(task, by=ONE)

    def test_who_stands_in_needs_a_post_for_it(self, engine: Engine, task: int) -> None:
        engine.delegate("m1", "m3", reason="休假", by=ONE, **MARCH)
        assert engine.worklist(by=STRANGER) == []
        with pytest.raises(NotAllowed, match="acts for"):
            engine.complete(task, {}, by=STRANGER)

    def test_it_ends_when_somebody_is_back(self, engine: Engine, clock: FixedClock) -> None:
        made = engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        clock.set(china(3, 4))
        assert engine.end_absence(made.id, by=TWO).until == date(2026, 3, 3)
        assert engine.end_absence(made.id, by=TWO).until == date(2026, 3, 3)
        assert engine.absences(on=date(2026, 3, 4)) == []

    def test_no_two_at_once_and_no_circle(self, engine: Engine) -> None:
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        with pytest.raises(Conflict, match="already"):
            engine.delegate("m1", "m3", reason="休假", by=ONE, **MARCH)
        with pytest.raises(Conflict, match="m1 is away"):
            engine.delegate("m2", "m1", reason="休假", by=TWO, **MARCH)
        with pytest.raises(Conflict, match="themselves"):
            engine.delegate("m1", "m1", reason="休假", by=ONE, **MARCH)
        later = {name: day + timedelta(days=30) for name, day in MARCH.items()}
        assert engine.delegate("m2", "m1", reason="培训", by=TWO, **later).person == "m2"

    def test_no_circle_of_any_length(self, engine: Engine) -> None:
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        engine.delegate("m2", "m3", reason="休假", by=TWO, **MARCH)
        with pytest.raises(Conflict, match="away") as refused:
            engine.delegate("m3", "m1", reason="休假", by=STRANGER, **MARCH)
        assert refused.value.zh is not None
        last = {"since": date(2026, 3, 6), "until": date(2026, 3, 20)}
        with pytest.raises(Conflict):
            engine.delegate("m3", "m1", reason="休假", by=STRANGER, **last)
        after = {"since": date(2026, 3, 7), "until": date(2026, 3, 20)}
        assert engine.delegate("m3", "m1", reason="休假", by=STRANGER, **after).deputy == "m1"

    def test_no_circle_where_no_day_is_in_all_of_them(self, engine: Engine) -> None:
        for person, deputy, first, last in (("m1", "m2", 2, 4), ("m2", "m3", 4, 6)):
            by = ONE if person == "m1" else TWO
            span = {"since": date(2026, 3, first), "until": date(2026, 3, last)}
            engine.delegate(person, deputy, reason="休假", by=by, **span)
        span = {"since": date(2026, 3, 5), "until": date(2026, 3, 9)}
        assert engine.delegate("m3", "m1", reason="休假", by=STRANGER, **span).person == "m3"

    def test_two_at_once_make_no_circle(self, engine: Engine) -> None:
        said: list[str] = []

        def other_way() -> None:
            try:
                engine.delegate("m2", "m1", reason="休假", by=TWO, **MARCH)
            except Conflict:
                said.append("refused")

        other = threading.Thread(target=other_way)
        with engine._runtime.database.writing() as connection:
            engine.delegate("m1", "m2", reason="休假", by=ONE, session=connection, **MARCH)
            other.start()
            other.join(0.3)
            assert other.is_alive()
        other.join()
        assert said == ["refused"]

    def test_who_stands_in_for_who_stands_in_does_both(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        four = Actor("m4", posts=(HeldPost("village_mediator", VILLAGE),))
        engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        engine.delegate("m2", "h", since=date(2026, 3, 4), until=date(2026, 3, 6), reason="休假", by=TWO)
        head = Actor("h", posts=(HeldPost("village_head", VILLAGE), HeldPost("village_mediator", VILLAGE)))
        assert engine.worklist(by=head) == []
        clock.set(china(3, 4))
        assert engine.worklist(by=TWO) == []
        assert [one.why for one in engine.worklist(by=head)] == [Why.ABSENCE]
        with pytest.raises(NotAllowed, match="claimed by m1"):
            engine.complete(task, {}, by=four)
        engine.complete(task, {}, by=head)

    def test_who_is_away_takes_and_gets_nothing_new(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        engine.open_case("dispute", FACTS, key="new", by=CENTRE)
        [free] = [one.id for one in engine.tasks(role="village_mediator") if one.assignee is None]
        made = engine.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)
        for act in (
            lambda: engine.claim(free, by=ONE),
            lambda: engine.complete(free, {}, by=ONE),
            lambda: engine.reassign(free, "m1", reason="熟悉", by=CENTRE),
        ):
            with pytest.raises(
                Conflict, match=f"m1 is away from 2026-03-02 .* m2 stands in .absence {made.id}"
            ) as no:
                act()
            assert no.value.zh is not None
            assert "m2 代理" in no.value.zh
        assert [one.task.id for one in engine.worklist(by=ONE)] == [task]
        assert engine.claim(task, by=ONE).assignee == "m1"
        clock.set(china(3, 7))
        assert engine.claim(free, by=ONE).assignee == "m1"

    def test_a_deputy_whom_the_directory_does_not_know(self, opener: Opener, engine: Engine) -> None:
        with pytest.raises(NotAllowed, match="no post that m9 holds") as refused:
            engine.delegate("m1", "m9", reason="休假", by=ONE, **MARCH)
        assert refused.value.zh is not None
        past = Post(role="village_mediator", area=VILLAGE, holder="m2", until=date(2026, 3, 1))
        other = opener(
            processes=None, rules=None, directory=Organisation(units={}, posts=(past,), superiors={})
        )
        with pytest.raises(NotAllowed, match="no post that m2 holds"):
            other.delegate("m1", "m2", reason="休假", by=ONE, **MARCH)

    def test_any_post_of_the_person_counts(self, opener: Opener) -> None:
        """The office over the second post says it as well as the one over the first."""
        posts = (
            Post(role="labour_officer", area="140429102", holder="m1"),
            Post(role="village_mediator", area=OTHER, holder="m1"),
            Post(role="village_mediator", area=VILLAGE, holder="m2"),
        )
        engine = opener(
            processes=None, rules=None, directory=Organisation(units={}, posts=posts, superiors={})
        )
        head = Actor("h", frozenset({"village_head"}), OTHER)
        assert engine.delegate("m1", "m2", reason="病假", by=head, **MARCH).by == "h"

    def test_whose_it_is_to_say(self, engine: Engine) -> None:
        with pytest.raises(NotAllowed, match=r"acts for|is for"):
            engine.delegate("m1", "m2", reason="病假", by=STRANGER, **MARCH)
        with pytest.raises(NotAllowed, match="theirs to say"):
            engine.delegate("nobody", "m2", reason="病假", by=CENTRE, **MARCH)
        made = engine.delegate("m1", "m2", reason="病假", by=CENTRE, **MARCH)
        with pytest.raises(NotAllowed):
            engine.end_absence(made.id, by=STRANGER)
        with pytest.raises(NotFound, match="no absence 99"):
            engine.end_absence(99, by=ONE)

    @pytest.mark.parametrize(
        ("since", "until"),
        [
            (date(2026, 3, 6), date(2026, 3, 2)),
            (date(2026, 3, 2), date(2028, 3, 2)),
        ],
    )
    def test_no_span(self, engine: Engine, since: date, until: date) -> None:
        with pytest.raises(FactError, match="span"):
            engine.delegate("m1", "m2", since=since, until=until, reason="休假", by=ONE)


class TestNotices:
    """What is to be told to somebody who is away is told to who stands in for them, and said."""

    def told(self, engine: Engine, case: int) -> dict[str, dict[str, object]]:
        return {
            one.payload["action"]: one.payload
            for one in engine.deliveries(limit=500)
            if one.case == case and one.topic == "notice"
        }

    def test_a_notice_for_somebody_who_is_away_goes_to_the_deputy(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        april = {"since": date(2026, 3, 3), "until": date(2026, 6, 30)}
        engine.delegate("m1", "m2", reason="培训", by=ONE, **april)
        clock.set(china(4, 20))
        engine.sweep()
        case = engine.task(task).case
        pressed = [one for one in engine.history(case) if one.kind is Happening.TASK_UNFINISHED]
        assert pressed
        told = self.told(engine, case)["remind"]
        assert told["holders"] == ["m2"]
        assert told["absent"] == [{"person": "m1", "deputy": "m2"}]
        assert "m1 不在岗,通知由代理人 m2 接收" in engine.explain(case).text("zh")
        assert "m1 is away: m2 is told" in engine.explain(case).text("en")

    def test_a_chain_of_deputies_leads_to_who_is_there(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        april = {"since": date(2026, 3, 3), "until": date(2026, 6, 30)}
        engine.delegate("m1", "m2", reason="培训", by=ONE, **april)
        engine.delegate("m2", "h", reason="住院", by=TWO, **april)
        clock.set(china(4, 20))
        engine.sweep()
        told = self.told(engine, engine.task(task).case)["remind"]
        assert told["holders"] == ["h"]

    def test_who_is_recused_is_told_nothing_as_a_deputy(
        self, engine: Engine, task: int, clock: FixedClock
    ) -> None:
        april = {"since": date(2026, 3, 3), "until": date(2026, 6, 30)}
        case = engine.task(task).case
        engine.delegate("m1", "m2", reason="培训", by=ONE, **april)
        engine.recuse(case, "m2", by=CENTRE, reason="近亲属")
        clock.set(china(4, 20))
        engine.sweep()
        assert all("m2" not in (one.get("holders") or []) for one in self.told(engine, case).values())
