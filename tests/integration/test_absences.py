"""Work that goes to somebody else: given by who stands over it, or while somebody is away; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

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
from jiefen.people.directory import Organisation, Post
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
            engine.reassign(task, "m2", reason="忙", by=Actor("g", frozenset({"grid_worker"}), VILLAGE))
        with pytest.raises(NotAllowed, match="acts for"):
            engine.reassign(task, "m3", reason="忙", by=CENTRE)
        engine.recuse(engine.task(task).case, "m2", reason="近亲属", by=CENTRE)
        with pytest.raises(NotAllowed, match="recused"):
            engine.reassign(task, "m2", reason="忙", by=CENTRE)
        with pytest.raises(FactError, match="reason"):
            engine.reassign(task, "m2", reason=" ", by=CENTRE)


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
            ("2026-03-02", date(2026, 3, 2)),
        ],
    )
    def test_no_span(self, engine: Engine, since: date, until: date) -> None:
        with pytest.raises(FactError, match="span"):
            engine.delegate("m1", "m2", since=since, until=until, reason="休假", by=ONE)
