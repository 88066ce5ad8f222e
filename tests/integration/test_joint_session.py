"""四长联调: four persons, each in their own office, invited with day, hour and place; on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Engine, FactError, FixedClock, NotAllowed
from jiefen.errors import Conflict
from jiefen.people.directory import Organisation, Post
from tests.integration.conftest import Opener

MONDAY = date(2026, 3, 2)
TOWNSHIP, VILLAGE = "140429102", "140429102201"
POSTS = (
    ("police_chief", "p-1"), ("police_deputy", "p-2"), ("justice_office_head", "j-1"), ("justice_office_deputy", "j-2"),
    ("court_head", "c-1"), ("court_deputy", "c-2"), ("township_leader", "l-1"),
)  # fmt: skip
OFFICES = {
    "police": "police_chief",
    "justice": "justice_office_head",
    "court": "court_head",
    "grid": "grid_chief",
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


class Session:
    """A case that the four heads are called to."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock = engine, clock
        clerk = Actor(
            "clerk", frozenset({"grid_worker", "village_mediator", "township_coordinator"}), EVERYWHERE
        )
        matter = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE, "cross_village": True}
        self.case = engine.open_case("dispute", matter, key="k", by=clerk).id
        self.do("ask_consent", clerk)
        self.do(
            "assign_mediator",
            Actor("t-1", frozenset({"township_coordinator"}), EVERYWHERE),
            accepted_on=MONDAY,
        )

    def do(self, element: str, by: Actor | None = None, **answer: object) -> None:
        task = next(task for task in self.engine.tasks(case=self.case) if task.element == element)
        self.engine.complete(
            task.id, answer, by=by or Actor(task.roles[0], frozenset(task.roles[:1]), EVERYWHERE)
        )

    def arrange(self, on: date) -> None:
        self.do("arrange", session_on=on, session_time="09:30", session_place="乡镇综治中心")

    def confirm(self, office: str, person: str, role: str | None = None, **answer: object) -> None:
        self.do(
            f"confirm_{office}", Actor(person, frozenset({role or OFFICES[office]}), EVERYWHERE), **answer
        )

    def everybody(self) -> None:
        for office in OFFICES:
            self.confirm(office, f"{office}-head")

    @property
    def tasks(self) -> set[str]:
        return {task.element for task in self.engine.tasks(case=self.case)}

    def fact(self, name: str) -> object:
        return self.engine.case(self.case).facts.get(name)

    def sent(self, topic: str) -> list[dict[str, Any]]:
        return [dict(one.payload) for one in self.engine.deliveries(limit=500) if one.topic == topic]


@pytest.fixture
def session(opener: Opener, clock: FixedClock) -> Session:
    posts = tuple(Post(role=role, area=TOWNSHIP, holder=holder) for role, holder in POSTS)
    directory = Organisation(units={}, posts=posts, superiors={})
    return Session(opener(processes=None, rules=None, clock=clock, directory=directory), clock)


def test_the_invitation_says_when_and_where_and_names_who_is_invited(session: Session) -> None:
    with pytest.raises(FactError, match="session_place"):
        session.do("arrange", session_on=MONDAY, session_time="09:30")
    with pytest.raises(FactError, match="session_time"):
        session.do("arrange", session_on=MONDAY, session_time="25:30", session_place="x")
    session.arrange(date(2026, 3, 5))
    # The four heads draw no allowance for it, and nor does who mediated before them in vain.
    assert session.fact("mediator_person") is None
    [invitation] = session.sent("joint_mediation.invitation")
    told = invitation["inputs"]
    assert (told["on"], told["time"], told["place"], told["before"]) == (
        "2026-03-05",
        "09:30",
        "乡镇综治中心",
        None,
    )
    named = {one["for"]: one["holders"] for one in invitation["addressees"]}
    assert [named[one] for one in ("police_chief", "court_head", "justice_office_head")] == [
        ["p-1"],
        ["c-1"],
        ["j-1"],
    ]
    # Nobody holds the post of a grid chief: whoever is above is told, as with every notice. Parties are invited too.
    assert named.keys() == {"police_chief", "justice_office_head", "court_head", "grid_chief", "party"}
    entry = next(
        one for one in session.engine.history(session.case) if one.subject == "joint_mediation.invitation"
    )
    assert entry.data["addressees"] == invitation["addressees"]


def test_a_person_fills_one_seat_and_comes_as_what_they_are(session: Session) -> None:
    session.arrange(date(2026, 3, 5))
    with pytest.raises(FactError, match="hold police_deputy") as refused:
        session.confirm("police", "p-2", "police_deputy", seat_police="head")
    assert "正职" in refused.value.text("zh")
    with pytest.raises(FactError, match="whoever sits confirms"):
        session.confirm("police", "p-1", seat_police="deputy")
    session.confirm("police", "p-2", "police_deputy")
    assert (session.fact("seat_police"), session.fact("sits_police")) == ("deputy", "p-2")
    # The same person holds a post in another office too, and writes their number with full-width digits.
    with pytest.raises(NotAllowed, match="nobody fills two") as refused_seat:
        session.confirm("grid", "p-２", "grid_chief")
    assert "不得兼任" in refused_seat.value.text("zh")
    # Whoever only says that nobody comes fills no seat.
    session.confirm("grid", "p-2", "grid_worker", seat_grid="absent")
    assert (session.fact("seat_grid"), session.fact("sits_grid")) == ("absent", None)


def test_whoever_sat_signs_and_an_empty_seat_does_not(session: Session) -> None:
    session.arrange(MONDAY)
    session.confirm("grid", "g-1", "grid_worker", seat_grid="absent")
    for office in ("police", "justice", "court"):
        session.confirm(office, f"{office}-head")
    # Second call, with a time of its own.
    assert (session.fact("joint_calls"), session.tasks) == (2, {"arrange"})
    session.arrange(date(2026, 3, 3))
    session.confirm("grid", "g-1", "grid_worker", seat_grid="absent")
    for office in ("police", "justice", "court"):
        session.confirm(office, f"{office}-head")
    with pytest.raises(NotAllowed, match="nobody fills two"):
        session.do(
            "hold_session",
            Actor("court-head", frozenset({"justice_office_deputy"}), EVERYWHERE),
            outcome="agreed",
            held_on=MONDAY,
        )
    session.do(
        "hold_session",
        Actor("justice-head", frozenset({"justice_office_head"}), EVERYWHERE),
        outcome="agreed",
        held_on=MONDAY,
    )
    session.do("minutes", minutes_ref="纪要一号")
    assert session.tasks == {"sign_justice"}
    session.do("sign_justice", Actor("justice-head", frozenset({"justice_office_head"}), EVERYWHERE))
    assert session.tasks == {"sign_police", "sign_court"}
    with pytest.raises(NotAllowed, match="who sat in this seat"):
        session.do("sign_police", Actor("p-9", frozenset({"police_deputy"}), EVERYWHERE))
    session.do("sign_police", Actor("police-head", frozenset({"police_chief"}), EVERYWHERE))
    session.do("sign_court", Actor("court-head", frozenset({"court_head"}), EVERYWHERE))
    assert session.tasks == {"sign_agreement"}


def test_the_chair_postpones_and_everybody_is_told_and_confirms_again(session: Session) -> None:
    session.arrange(date(2026, 3, 3))
    session.everybody()
    due = {one.rule: one.due_on for one in session.engine.deadlines(session.case)}
    assert due["joint_mediation.session"] == date(2026, 3, 9)
    session.do(
        "hold_session", postponed_to=date(2026, 3, 6), postponed_why="一方当事人外出", session_time="15:00"
    )
    [first, second] = session.sent("joint_mediation.invitation")
    assert first["addressees"] == second["addressees"]
    told = second["inputs"]
    assert (told["on"], told["time"], told["place"], told["before"]) == (
        "2026-03-06", "15:00", "乡镇综治中心", "2026-03-03",
    )  # fmt: skip
    assert session.tasks == {f"confirm_{office}" for office in OFFICES}
    assert session.fact("sits_police") is None
    # Beyond the time for the session: the chair extends it, once.
    session.everybody()
    session.do("hold_session", postponed_to=date(2026, 3, 12), postponed_why="等候鉴定")
    [running] = [
        one for one in session.engine.deadlines(session.case) if one.rule == "joint_mediation.session"
    ]
    assert running.due_on == date(2026, 3, 16)
    session.everybody()
    with pytest.raises((Conflict, NotAllowed)):
        session.do("hold_session", postponed_to=date(2026, 3, 20), postponed_why="再等")
    session.clock.set(MONDAY + timedelta(14))
    session.do(
        "hold_session",
        Actor("justice-head", frozenset({"justice_office_head"}), EVERYWHERE),
        outcome="agreed",
        held_on=date(2026, 3, 12),
    )
    assert "minutes" in session.tasks
