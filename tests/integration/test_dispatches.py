"""派单: an order goes out, is signed for, done, checked and asked about; whoever has it is pressed for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from jiefen import Actor, Conflict, Dispatch, Engine, FactError, FixedClock, NotAllowed, NotFound
from tests.integration.conftest import Opener
from tests.support.moments import WINDOW

ROOT = Path(__file__).parents[2]
VILLAGE, TOWNSHIP = "140429102201", "140429102"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
LAND = Actor("l-1", frozenset({"land_officer"}), TOWNSHIP)
HOUSING = Actor("h-1", frozenset({"housing_department"}), "140429")
MEETING = Actor("j-1", frozenset({"joint_meeting_office"}), "140429")
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def engine(opener: Opener, clock: FixedClock) -> Engine:
    return opener(processes=None, rules=None, clock=clock)


def matter(engine: Engine, key: str = "m", **facts: Any) -> int:
    given = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE, "title": "宅基地排水"} | facts
    parties = [
        {"part": "applicant", "name": "张三", "phone": "13800000001", "id_number": "11010519491231002X"}
    ]
    return engine.open_case("dispute", given, key=key, parties=parties, by=CENTRE).id


def do(engine: Engine, order: int, element: str, by: Actor, **answer: Any) -> None:
    [task] = engine.tasks(case=order)
    assert task.element == element
    engine.complete(task.id, answer, by=by)


def one(engine: Engine, order: Dispatch) -> Dispatch:
    [found] = [item for item in engine.dispatches(case=order.of) if item.id == order.id]
    return found


def running(engine: Engine, order: int) -> dict[str, str | None]:
    return {item.rule: item.holder for item in engine.deadlines(order) if item.status == "running"}


def pressed(engine: Engine, order: int) -> list[tuple[str, str]]:
    """Who was told what by the ladders of an order."""
    return [
        (entry.data["action"], entry.data["to"]) for entry in engine.history(order) if entry.kind == "rung"
    ]


def test_an_order_is_signed_for_done_checked_and_asked_about(engine: Engine, clock: FixedClock) -> None:
    case = matter(engine)
    order = engine.dispatch(case, to="land_officer", asked="到现场核实排水沟归属", key="d", by=CENTRE)
    assert (order.of, order.to, order.by, order.state) == (
        case,
        "land_officer",
        "township_coordinator",
        "sent",
    )
    assert running(engine, order.id) == {
        "dispatch.whole": "township_coordinator", "dispatch.sign": "land_officer",
    }  # fmt: skip
    do(engine, order.id, "sign", LAND)
    assert running(engine, order.id) == {
        "dispatch.whole": "township_coordinator", "dispatch.work_general": "land_officer",
    }  # fmt: skip
    with pytest.raises(FactError) as error:
        do(engine, order.id, "work", LAND, dispatch_done="已清淤")
    assert "办理结果" in error.value.text("zh")
    do(engine, order.id, "work", LAND, dispatch_done="已清淤", dispatch_result="done")
    assert one(engine, order).state == "reported"
    do(engine, order.id, "check", CENTRE, dispatch_accepted=False, check_words="没有答复归属")
    assert running(engine, order.id)["dispatch.work_again"] == "land_officer"
    do(engine, order.id, "work", LAND, dispatch_done="沟属集体,双方共用", dispatch_result="settled")
    do(engine, order.id, "check", CENTRE, dispatch_accepted=True)
    do(engine, order.id, "follow_up", CENTRE, satisfied=True)
    closed = one(engine, order)
    assert (closed.state, closed.result, closed.satisfied) == ("closed", "settled", True)
    assert engine.case(order.id).outcome == "fed_back"
    told = {
        item.topic: item.payload["inputs"]
        for item in engine.deliveries()
        if item.case == order.id and "inputs" in item.payload
    }
    assert told["notice.dispatch_result"] == {
        "by": "land_officer",
        "done": "沟属集体,双方共用",
        "result": "settled",
    }
    assert told["notice.dispatch_sent_back"]["words"] == "没有答复归属"
    engine.sweep()
    engine.sweep()
    said = [entry.data["state"] for entry in engine.history(case) if entry.kind == "dispatch_progress"]
    assert said == ["signed", "closed"]
    story = engine.explain(case).text("zh")
    assert f"派单 {order.id} 号:由 乡镇农经专干 办理" in story
    assert f"派单 {order.id} 号:已反馈、审核并归档" in story
    assert f"Order {order.id}: signed for" in engine.explain(case).text("en")


def test_the_people_of_the_matter_are_known_to_the_department(engine: Engine) -> None:
    order = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="d", by=CENTRE)
    [party] = engine.parties.of(order.id)
    assert (party.name, party.phone, party.id_number) == ("张三", "13800000001", None)


def test_a_department_returns_once_and_the_joint_meeting_has_the_last_word(engine: Engine) -> None:
    order = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="d", by=CENTRE)
    whole = next(item for item in engine.deadlines(order.id) if item.rule == "dispatch.whole")
    do(engine, order.id, "sign", LAND, return_reason="属住建职责", proposed_to="住建局")
    assert (one(engine, order).state, one(engine, order).to, one(engine, order).returns) == (
        "returned",
        None,
        1,
    )
    assert running(engine, order.id)["dispatch.name"] == "township_coordinator"
    do(engine, order.id, "assign", CENTRE, dispatched_to="housing_department")
    assert running(engine, order.id)["dispatch.sign"] == "housing_department"
    with pytest.raises(NotAllowed):
        do(engine, order.id, "sign", LAND)
    do(engine, order.id, "sign", HOUSING, return_reason="属农经职责")
    assert one(engine, order).state == "disputed"
    assert running(engine, order.id)["dispatch.meet"] == "joint_meeting_office"
    do(engine, order.id, "meet", MEETING, dispatched_to="housing_department")
    # It is bound now: there is nothing to sign for, and nothing to return.
    assert [task.element for task in engine.tasks(case=order.id)] == ["work"]
    again = next(item for item in engine.deadlines(order.id) if item.rule == "dispatch.whole")
    assert (again.due_on, again.status) == (whole.due_on, "running")
    engine.sweep()
    said = [entry.data for entry in engine.history(order.of) if entry.kind == "dispatch_progress"]
    assert [(data["state"], data.get("reason")) for data in said] == [
        ("returned", "属住建职责"), ("returned", "属农经职责"), ("signed", None),
    ]  # fmt: skip


def test_who_has_the_order_is_pressed_whoever_that_is(engine: Engine, clock: FixedClock) -> None:
    order = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="d", by=CENTRE)
    do(engine, order.id, "sign", LAND, return_reason="属住建职责")
    do(engine, order.id, "assign", CENTRE, dispatched_to="housing_department")
    clock.advance(timedelta(days=9))
    engine.sweep()
    told = pressed(engine, order.id)
    assert ("remind", "housing_department") in told
    assert ("rectify", "housing_department") in told
    assert ("escalate", "county_government") in told
    assert "land_officer" not in {to for _, to in told}
    by = {one.by for one in engine.supervisions(case=order.id)}
    assert by == {"joint_meeting_office"}
    owed = engine.deadlines_due(holder="housing_department")
    assert [due.deadline.rule for due in owed] == ["dispatch.sign"]
    assert engine.deadlines_due(holder="land_officer") == []


def test_a_department_that_is_no_more_is_told_upwards_and_another_one_does_it(
    engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    known = yaml.safe_load((ROOT / "examples" / "directory.yaml").read_text(encoding="utf-8"))
    file = tmp_path / "directory.yaml"

    def load(*posts: dict[str, str]) -> None:
        file.write_text(
            yaml.safe_dump(known | {"posts": [*known["posts"], *posts]}, allow_unicode=True), encoding="utf-8"
        )
        engine.load_directory(file)

    load({"role": "land_officer", "area": TOWNSHIP, "holder": "l-1"})
    order = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="d", by=CENTRE)
    load()
    clock.advance(timedelta(days=9))
    engine.sweep()
    missing = [one.data for one in engine.history(order.id) if one.kind == "target_missing"]
    assert {one["vacant"][0]["role"] for one in missing} >= {"land_officer"}
    warned = [one.payload for one in engine.deliveries(limit=100) if one.case == order.id]
    assert {(one["to"], *one["holders"]) for one in warned if one["action"] == "rectify"} == {
        ("township_leader", "t-4010")
    }
    # The clock of the centre goes on, and so does the matter: the order is taken back, and given to another office.
    whole = next(item for item in engine.deadlines(order.id) if item.rule == "dispatch.whole")
    assert whole.status == "running"
    engine.recall(order.id, reason="农经专干已撤销", by=CENTRE)
    other = engine.dispatch(order.of, to="housing_department", asked="核实", key="d2", by=CENTRE)
    do(engine, other.id, "sign", HOUSING)
    assert one(engine, other).state == "signed"


def test_an_urgent_order_is_signed_for_within_the_hour(engine: Engine, clock: FixedClock) -> None:
    order = engine.dispatch(
        matter(engine), to="police_chief", asked="到场", key="d", urgent=True, limit="simple", by=CENTRE
    )
    [sign] = [item for item in engine.deadlines(order.id) if item.rule.startswith("dispatch.sign")]
    assert (sign.rule, sign.due_at) == ("dispatch.sign_urgent", datetime(2026, 3, 2, 3, tzinfo=UTC))
    clock.advance(timedelta(hours=3))
    engine.sweep()
    assert ("escalate", "township_coordinator") in pressed(engine, order.id)


def test_who_is_not_satisfied_is_heard_twice(engine: Engine) -> None:
    order = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="d", by=CENTRE)
    do(engine, order.id, "sign", LAND)
    for satisfied in (False, False):
        if engine.tasks(case=order.id)[0].element == "work":
            do(engine, order.id, "work", LAND, dispatch_done="已办", dispatch_result="done")
        do(engine, order.id, "check", CENTRE, dispatch_accepted=True)
        do(engine, order.id, "follow_up", CENTRE, satisfied=satisfied)
    closed = one(engine, order)
    assert (closed.state, closed.satisfied) == ("closed", False)


def test_the_rules_name_the_department_and_people_may_name_another(engine: Engine) -> None:
    land = engine.dispatch(
        matter(engine, "a", dispute_type="land_contract"), asked="核实", key="1", by=CENTRE
    )
    assert land.to == "land_officer"
    with pytest.raises(FactError, match="to=") as error:
        engine.dispatch(matter(engine, "b", dispute_type="other"), asked="核实", key="2", by=CENTRE)
    assert "归口" in error.value.text("zh")
    with pytest.raises(NotFound, match="housing_department"):
        engine.dispatch(matter(engine, "c"), to="housing_departmnt", asked="核实", key="3", by=CENTRE)
    with pytest.raises(FactError, match="itself"):
        engine.dispatch(matter(engine, "d"), to="township_coordinator", asked="核实", key="4", by=CENTRE)


def test_the_same_key_is_the_same_order(engine: Engine) -> None:
    case = matter(engine)
    first = engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE)
    assert engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE) == first
    with pytest.raises(Conflict):
        engine.dispatch(case, to="land_officer", asked="另一件", key="d", by=CENTRE)
    with pytest.raises(Conflict):
        engine.dispatch(matter(engine, "n"), to="land_officer", asked="核实", key="d", by=CENTRE)
    assert [found.id for found in engine.dispatches(case=case)] == [first.id]


def test_only_the_centre_of_the_place_gives_and_takes_back(engine: Engine) -> None:
    case = matter(engine)
    elsewhere = Actor("c-2", frozenset({"township_coordinator"}), "140429103")
    for stranger in (LAND, elsewhere):
        with pytest.raises(NotAllowed) as error:
            engine.dispatch(case, to="land_officer", asked="核实", key="d", by=stranger)
        assert "综治中心" in error.value.text("zh")
    order = engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE)
    with pytest.raises(NotAllowed):
        engine.recall(order.id, reason="已自行解决", by=LAND)
    assert engine.recall(order.id, reason="已自行解决", by=CENTRE).state == "recalled"
    assert engine.recall(order.id, reason="已自行解决", by=CENTRE).state == "recalled"
    assert engine.tasks(case=order.id) == []
    with pytest.raises(NotFound):
        engine.recall(case, reason="不是派单", by=CENTRE)


def test_an_accusation_is_given_to_nobody(engine: Engine) -> None:
    case = matter(engine, matter_type="accusation")
    with pytest.raises(NotAllowed) as error:
        engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE)
    assert "第三十条第三款" in error.value.text("zh")


def test_an_order_is_not_given_on_and_an_ended_matter_not_at_all(engine: Engine) -> None:
    order = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="d", by=CENTRE)
    with pytest.raises(Conflict):
        engine.dispatch(order.id, to="housing_department", asked="核实", key="e", by=CENTRE)
    ended = matter(engine, "w")
    engine.message("party.withdrew", case=ended, key="w", by=WINDOW)
    with pytest.raises(Conflict):
        engine.dispatch(ended, to="housing_department", asked="核实", key="f", by=CENTRE)


def test_orders_are_no_second_dispute(engine: Engine) -> None:
    """Neither the kind of dispute nor its patterns count them."""
    case = matter(engine)
    order = engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE)
    assert engine.case(order.id).dispute_type is None
    assert [found.id for found in engine.cases(dispute_type="neighbour")] == [case]


def test_lists_by_place_and_status(engine: Engine) -> None:
    first = engine.dispatch(matter(engine), to="land_officer", asked="核实", key="1", by=CENTRE)
    second = engine.dispatch(matter(engine, "n"), to="land_officer", asked="核实", key="2", by=CENTRE)
    engine.recall(first.id, reason="重复", by=CENTRE)
    assert [found.id for found in engine.dispatches(status="open")] == [second.id]
    assert [found.id for found in engine.dispatches(area=TOWNSHIP, limit=1)] == [first.id]
    assert [found.id for found in engine.dispatches(area=TOWNSHIP, after=first.id)] == [second.id]
    assert engine.dispatches(area="140429103") == []
