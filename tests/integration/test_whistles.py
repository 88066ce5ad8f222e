"""街乡吹哨、部门报到: departments are called at once; it is known who came, and who did not has to explain it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jiefen import Actor, Conflict, Engine, FactError, FixedClock, NotAllowed, NotFound, UnknownValue, Whistle
from tests.integration.conftest import Opener
from tests.support.moments import WINDOW

VILLAGE, TOWNSHIP = "140429102201", "140429102"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
LAND = Actor("l-1", frozenset({"land_officer"}), TOWNSHIP)
TEAM = Actor("t-1", frozenset({"enforcement_team"}), TOWNSHIP)
HOUSING = Actor("h-1", frozenset({"housing_department"}), "140429")
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def engine(opener: Opener, clock: FixedClock) -> Engine:
    return opener(processes=None, rules=None, clock=clock)


def matter(engine: Engine, **facts: Any) -> int:
    given = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE, "title": "占道经营"} | facts
    return engine.open_case("dispute", given, key="m", by=CENTRE).id


def blow(engine: Engine, case: int | None = None, **more: Any) -> Whistle:
    given: dict[str, Any] = {
        "kind": "work", "asked": "联合查处占道", "key": "w", "by": CENTRE, "case": case,
        "departments": ["land_officer", "enforcement_team", "housing_department"],
        "area": None if case else TOWNSHIP,
    }  # fmt: skip
    return engine.whistle(**(given | more))


def do(engine: Engine, case: int, element: str, by: Actor, **answer: Any) -> None:
    [task] = engine.tasks(case=case)
    assert task.element == element
    engine.complete(task.id, answer, by=by)


def running(engine: Engine, case: int) -> dict[str, str | None]:
    return {item.rule: item.holder for item in engine.deadlines(case) if item.status == "running"}


def states(engine: Engine) -> dict[str | None, str]:
    [whistle] = engine.whistles()
    return {call.to: call.state.value for call in whistle.calls}


def test_who_came_who_did_not_what_was_decided_and_whether_it_helped(
    engine: Engine, clock: FixedClock
) -> None:
    case = matter(engine)
    whistle = blow(engine, case)
    land, team, housing = (call.id for call in whistle.calls)
    assert (whistle.of, whistle.kind, whistle.state, whistle.by) == (
        case,
        "work",
        "blown",
        "township_coordinator",
    )
    assert running(engine, whistle.id) == {"whistle.decide": "township_coordinator"}
    assert running(engine, housing) == {
        "whistle.sign": "housing_department", "whistle.arrive_work": "housing_department",
    }  # fmt: skip

    do(engine, land, "sign", LAND)
    do(engine, land, "arrive", LAND, arrived_person="王五")
    do(engine, land, "confirm", CENTRE, arrival_confirmed=True)
    do(engine, team, "sign", TEAM, return_reason="不属本队职责")
    do(engine, team, "judge", CENTRE, call_upheld=True)
    do(engine, team, "arrive", TEAM, arrived_person="赵六")
    do(engine, team, "confirm", CENTRE, arrival_confirmed=False)
    assert states(engine) == {
        "land_officer": "present", "enforcement_team": "signed", "housing_department": "sent",
    }  # fmt: skip
    assert running(engine, team) == {"whistle.arrive_again": "enforcement_team"}
    do(engine, team, "arrive", TEAM, arrived_person="赵六")
    do(engine, team, "confirm", CENTRE, arrival_confirmed=True)

    # 住建局 neither signs nor comes: it is pressed, and the centre and the leader of the township know.
    clock.advance(timedelta(days=4))
    engine.sweep()
    pressed = {
        (entry.data["action"], entry.data["to"]) for entry in engine.history(housing) if entry.kind == "rung"
    }
    assert {("warn", "housing_department"), ("escalate", "township_coordinator")} <= pressed

    do(engine, whistle.id, "decide", CENTRE, whistle_decision="当场清理", dispatched_to="enforcement_team")
    engine.sweep()
    engine.sweep()
    assert states(engine) == {
        "land_officer": "present", "enforcement_team": "present", "housing_department": "absent",
    }  # fmt: skip
    [now] = engine.whistles(case=case)
    assert [call.late for call in now.calls] == [False, False, True]
    assert running(engine, whistle.id) == {"whistle.work": "enforcement_team"}
    kept = {item.rule: item.status.value for item in engine.deadlines(housing)}
    assert kept["whistle.arrive_work"] == "expired"
    do(engine, housing, "explain", HOUSING, absence_reason="通知没有转到科室")
    for call in (land, team):
        do(engine, call, "rate", CENTRE, whistle_rating="good")
    do(engine, whistle.id, "work", TEAM, dispatch_done="已清理")
    do(engine, whistle.id, "check", CENTRE, whistle_solved=False, check_words="次日又占")
    assert running(engine, whistle.id) == {"whistle.decide_again": "township_coordinator"}
    do(engine, whistle.id, "decide", CENTRE, whistle_decision="划线定岗", dispatched_to="enforcement_team")
    do(engine, whistle.id, "work", TEAM, dispatch_done="已划线并定人")
    do(engine, whistle.id, "check", CENTRE, whistle_solved=True)
    engine.sweep()
    engine.sweep()

    [over] = engine.whistles(area="140429", status="ended")
    assert (over.state, over.decision, over.lead, over.solved) == (
        "closed",
        "划线定岗",
        "enforcement_team",
        True,
    )
    assert [(call.state.value, call.person, call.rating, call.reason) for call in over.calls] == [
        ("done", "王五", "good", None),
        ("done", "赵六", "good", "不属本队职责"),
        ("absent", None, None, "通知没有转到科室"),
    ]
    [sent] = [item for item in engine.deliveries() if item.topic == "supervision.whistle_absent"]
    assert sent.payload["inputs"]["reason"] == "通知没有转到科室"
    said = [entry.data["state"] for entry in engine.history(whistle.id) if entry.kind == "whistle_progress"]
    assert sorted(said) == ["absent", "present", "present", "returned", "signed", "signed"]
    assert [one.data["state"] for one in engine.history(case) if one.kind == "whistle_progress"] == ["closed"]
    assert f"吹哨报到 {housing} 号:未报到" in engine.explain(whistle.id).text("zh")
    assert f"Whistle, case {whistle.id}: decided, checked and filed" in engine.explain(case).text("en")


def test_a_department_that_was_called_by_mistake_is_let_off(engine: Engine) -> None:
    whistle = blow(engine, departments=["land_officer"])
    [call] = whistle.calls
    do(engine, call.id, "sign", LAND, return_reason="不属本所职责")
    do(engine, call.id, "judge", CENTRE, call_upheld=False)
    assert states(engine) == {"land_officer": "withdrawn"}
    assert running(engine, call.id) == {}
    assert (whistle.of, whistle.area) == (None, TOWNSHIP)


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("emergency", {"whistle.sign": "2026-03-02 03:00", "whistle.arrive_emergency": "2026-03-02 03:00"}),
        ("quick", {"whistle.sign": "2026-03-02 03:00", "whistle.arrive_quick": "2026-03-02 06:00"}),
    ],
)
def test_each_kind_has_its_hours(engine: Engine, kind: str, due: dict[str, str]) -> None:
    # The hour in which a period begins does not count.
    [call] = blow(engine, kind=kind, departments=["land_officer"]).calls
    found = {item.rule: item.due_at for item in engine.deadlines(call.id)}
    assert {rule: f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" for rule, at in found.items() if at} == due


def test_an_arrival_that_is_not_confirmed_when_it_is_decided_still_counts_when_it_was_true(
    engine: Engine,
) -> None:
    whistle = blow(engine, departments=["land_officer", "enforcement_team"])
    land, team = (call.id for call in whistle.calls)
    for call, who in ((land, LAND), (team, TEAM)):
        do(engine, call, "sign", who)
        do(engine, call, "arrive", who, arrived_person="王五")
    do(engine, whistle.id, "decide", CENTRE, whistle_decision="清理", dispatched_to="land_officer")
    engine.sweep()
    engine.sweep()
    do(engine, land, "confirm", CENTRE, arrival_confirmed=True)
    do(engine, team, "confirm", CENTRE, arrival_confirmed=False)
    assert states(engine) == {"land_officer": "present", "enforcement_team": "absent"}
    # Whoever was absent has met nothing by it.
    again = next(item for item in engine.deadlines(team) if item.rule == "whistle.arrive_again")
    assert again.status == "cancelled"
    do(engine, land, "rate", CENTRE, whistle_rating="fair")
    do(engine, team, "explain", TEAM, absence_reason="到错地点")


class TestRefusals:
    def test_a_key_that_comes_again_gives_the_whistle_back(self, engine: Engine) -> None:
        first, again = blow(engine), blow(engine)
        assert first == again
        assert len(engine.cases()) == 4
        case = matter(engine)
        with pytest.raises(Conflict, match="no whistle"):
            blow(engine, case, key="m")

    @pytest.mark.parametrize(
        ("more", "error"),
        [
            ({"departments": []}, FactError),
            ({"departments": "land_officer"}, FactError),
            ({"departments": ["land_officer", "land_officer"]}, FactError),
            ({"departments": ["township_coordinator"]}, FactError),
            ({"departments": ["land_office"]}, UnknownValue),
            ({"kind": "loud"}, FactError),
            ({"area": None}, FactError),
            ({"asked": " "}, FactError),
            ({"case": 77}, NotFound),
            ({"by": LAND}, NotAllowed),
            ({"by": Actor("c-2", frozenset({"township_coordinator"}), "140429101")}, NotAllowed),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_is_left(
        self, engine: Engine, more: dict[str, Any], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            blow(engine, **more)
        assert engine.cases() == []

    def test_an_accusation_and_what_has_ended_are_called_for_by_nobody(self, engine: Engine) -> None:
        case = matter(engine)
        engine.message("party.withdrew", case=case, key="p", by=WINDOW)
        with pytest.raises(Conflict, match="ended"):
            blow(engine, case)
        secret = {
            "source": "petition",
            "dispute_type": "labour",
            "matter_type": "accusation",
            "area": VILLAGE,
        }
        accused = engine.open_case("dispute", secret, key="a", by=CENTRE).id
        with pytest.raises(NotAllowed, match="第三十条"):
            blow(engine, accused)


class TestTheMatterGoesFirst:
    def test_it_is_not_voided_while_departments_are_called_for_it(self, engine: Engine) -> None:
        case = matter(engine)
        blow(engine, case)
        with pytest.raises(Conflict, match="still open"):
            engine.void(case, reason="误录", by=CENTRE)

    def test_merged_into_another_case_the_whistle_goes_with_it(self, engine: Engine) -> None:
        case = matter(engine)
        whistle = blow(engine, case)
        given = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE}
        other = engine.open_case("dispute", given, key="o", by=CENTRE).id
        engine.merge(case, other, reason="同一事项", by=CENTRE)
        assert [one.id for one in engine.whistles(case=other)] == [whistle.id]
        assert engine.whistles(case=case) == []

    def test_ended_it_is_told_that_departments_are_still_called(self, engine: Engine) -> None:
        case = matter(engine)
        whistle = blow(engine, case)
        engine.message("party.withdrew", case=case, key="p", by=WINDOW)
        [told] = [entry for entry in engine.history(case) if entry.kind == "parts_open"]
        assert told.data["parts"] == [whistle.id]
