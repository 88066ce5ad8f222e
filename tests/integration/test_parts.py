"""One case becomes several; a whole and its parts: nothing is lost, nothing is silent, each keeps its own clocks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiefen import (
    Actor,
    Conflict,
    Engine,
    FactError,
    FixedClock,
    Happening,
    LinkKind,
    NotAllowed,
    Received,
    Share,
)
from tests.integration.conftest import Opener
from tests.integration.watch import china
from tests.support.moments import WINDOW

VILLAGE, TOWNSHIP = "140429102201", "140429102"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
GRID = Actor("g-1", frozenset({"grid_worker"}), VILLAGE)
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE, "title": "院墙占了过道"}
LABOUR = {"dispute_type": "labour", "knew_on": "2025-06-10"}
PEOPLE = [
    {"part": "applicant", "name": "张三", "phone": "13800000001"},
    {"part": "applicant", "name": "李四"},
    {"part": "agent", "name": "王五", "represents": 2},
]


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, key: str, people: Any = (), **more: Any) -> int:
    return engine.open_case("dispute", FACTS | more, key=key, by=CENTRE, parties=people).id


def running(engine: Engine, case: int) -> dict[str, date | None]:
    return {one.rule: one.due_on for one in engine.deadlines(case) if one.status == "running"}


class TestSplit:
    def test_each_has_its_people_its_links_and_its_clocks(self, engine: Engine, clock: FixedClock) -> None:
        case, other = opened(engine, "k", PEOPLE, **LABOUR, amount="9000"), opened(engine, "other")
        engine.link(case, other, kind="related", reason="同一工地", by=CENTRE)
        clock.set(china(3, 16))
        shares = [Share(key="k/1", facts={"title": "张三工资"}, parties=[1]),
                  {"key": "k/2", "facts": {"title": "李四工资", "amount": "4000.00"}, "parties": [2, 3]}]  # fmt: skip
        one, two = engine.split(case, shares, reason="两人工资各自结算", by=CENTRE)
        assert [(item.facts["title"], item.facts["amount"]) for item in (one, two)] == [
            ("张三工资", 9000), ("李四工资", 4000),
        ]  # fmt: skip
        assert [item.name for item in engine.parties.of(one.id)] == ["张三"]
        assert [(item.name, item.represents) for item in engine.parties.of(two.id)] == [
            ("李四", None),
            ("王五", 1),
        ]
        for new in (one, two):
            assert {(item.kind, item.other) for item in engine.links(new.id)} == {
                (LinkKind.SPLIT_FROM, case), (LinkKind.RELATED, other),
            }  # fmt: skip
            assert running(engine, new.id)["labour.limitation"] == running(engine, case)["labour.limitation"]
            assert engine.tasks(case=new.id)
        # What happens to one of them is no matter of the others.
        engine.message("party.withdrew", case=one.id, key="w", by=WINDOW)
        assert [engine.case(item).status for item in (case, one.id, two.id)] == ["open", "ended", "open"]
        assert f"拆出 {one.id} 号案" in engine.explain(case).text("zh")
        told = [item.payload for item in engine.deliveries() if item.payload.get("action") == "split"]
        assert {"party"} < {item["to"] for item in told}
        assert all(item["cases"] == [one.id, two.id] for item in told)
        before = engine.history(case)
        assert [item.id for item in engine.split(case, shares, reason="再次", by=CENTRE)] == [one.id, two.id]
        assert engine.history(case) == before

    def test_periods_run_from_the_day_on_which_it_was_received(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = opened(engine, "k", PEOPLE, source="petition", dispute_type="other")
        clock.set(china(3, 10))
        [new] = engine.split(case, [{"key": "k/1"}], reason="两件事", by=CENTRE)
        assert running(engine, case).items() <= running(engine, new.id).items()

    def test_a_right_that_runs_from_what_the_procedure_reached_runs_there_as_well(
        self, engine: Engine
    ) -> None:
        case = opened(engine, "k", PEOPLE)
        engine.milestone(case, "judgment_served", on=date(2026, 2, 25), by=CENTRE)
        before = {rule: due for rule, due in running(engine, case).items() if rule.startswith("trial.")}
        assert before
        [new] = engine.split(case, [{"key": "k/1", "parties": [1]}], reason="两件事", by=CENTRE)
        assert before.items() <= running(engine, new.id).items()
        assert before.items() <= running(engine, case).items()

    def test_nonsense_is_refused(self, engine: Engine) -> None:
        case = opened(engine, "k", PEOPLE)
        opened(engine, "taken")
        for shares, problem in (
            ([], "one to 50"),
            ([{"key": "a"}, {"key": "a"}], "the key 'a'"),
            ([{"key": "a", "partys": [1]}], "did you mean"),
            ([{"key": "a", "parties": [7]}], "no party 7"),
            ([{"key": "a", "parties": [3]}], "speaks for party 2"),
            ([{"key": "a", "facts": {"persons": 0}}], "persons"),
        ):
            with pytest.raises(FactError, match=problem):
                engine.split(case, shares, reason="两件事", by=CENTRE)
        with pytest.raises(Conflict, match="was not split from"):
            engine.split(case, [{"key": "taken"}], reason="两件事", by=CENTRE)
        with pytest.raises(NotAllowed):
            engine.split(case, [{"key": "a"}], reason="两件事", by=GRID)
        assert [item.key for item in engine.cases()] == ["k", "taken"]
        engine.message("party.withdrew", case=case, key="w", by=WINDOW)
        with pytest.raises(Conflict, match="only an open case"):
            engine.split(case, [{"key": "a"}], reason="两件事", by=CENTRE)


class TestOneDecisionForAllParts:
    def family(self, engine: Engine) -> tuple[int, list[int]]:
        whole = opened(engine, "project", title="征地项目")
        parts = [opened(engine, f"house-{n}", title=f"{n} 号户") for n in range(3)]
        for part in parts:
            engine.link(part, whole, kind="child_of", reason="同一项目", by=CENTRE)
        return whole, parts

    def test_every_part_hears_it_once_and_keeps_its_clocks(self, engine: Engine, clock: FixedClock) -> None:
        whole, parts = self.family(engine)
        engine.message("party.withdrew", case=parts[0], key="w", by=WINDOW)
        clock.set(china(3, 16))
        late = opened(engine, "house-late")
        engine.link(late, whole, kind="child_of", reason="同一项目", by=CENTRE)
        told = engine.decide_all(whole, "matter.urgent", key="u-1", facts={"urgent": True}, by=CENTRE)
        assert [(one.case, one.received is not None) for one in told] == [
            (one, True) for one in (*parts, late)
        ]
        for part in (*parts, late):
            assert [one.kind for one in engine.history(part)].count(Happening.MESSAGE) == (
                2 if part == parts[0] else 1
            )
            assert engine.case(part).facts["urgent"] is True
        assert {engine.case(one).status for one in parts[1:]} == {"open"}
        [entry] = [one for one in engine.history(whole) if one.kind is Happening.DECIDED_FOR_PARTS]
        assert (entry.data["told"], entry.data["refused"]) == (4, 0)
        assert "向 4 件子件告知" in engine.explain(whole).text("zh")
        before = engine.history(whole)
        again = engine.decide_all(whole, "matter.urgent", key="u-1", facts={"urgent": True}, by=CENTRE)
        assert {one.received for one in again} == {Received.REPEATED}
        assert engine.history(whole) == before

    def test_one_that_refuses_it_holds_up_no_other_and_is_named(self, engine: Engine) -> None:
        whole, parts = self.family(engine)
        engine.receive("party.withdrew", case=parts[1], key="u-1", by=WINDOW)
        told = engine.decide_all(whole, "matter.urgent", key="u-1", by=CENTRE)
        assert [one.error is not None for one in told] == [False, True, False]
        entry = engine.history(whole)[-1]
        assert (entry.data["parts"], entry.data["refused"]) == ([parts[1]], 1)
        assert f"{parts[1]} 未能告知" in engine.explain(whole).text("zh")

    def test_one_that_was_voided_hears_nothing_one_that_was_merged_once(self, engine: Engine) -> None:
        whole, parts = self.family(engine)
        engine.void(parts[0], reason="误登", by=CENTRE)
        engine.merge(parts[1], parts[2], reason="同一户", by=CENTRE)
        told = engine.decide_all(whole, "matter.urgent", key="u-1", by=CENTRE)
        assert [one.case for one in told] == [parts[2]]

    def test_who_may(self, engine: Engine) -> None:
        whole, _ = self.family(engine)
        with pytest.raises(NotAllowed):
            engine.decide_all(whole, "matter.urgent", key="u-1", by=GRID)


class TestOpenParts:
    def test_the_end_of_a_matter_with_an_open_order_is_told(self, engine: Engine) -> None:
        case = opened(engine, "k")
        order = engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE)
        engine.message("party.withdrew", case=case, key="w", by=WINDOW)
        entry = next(one for one in engine.history(case) if one.kind is Happening.PARTS_OPEN)
        assert entry.data["parts"] == [order.id]
        [told] = [one.payload for one in engine.deliveries() if one.payload.get("action") == "parts_open"]
        assert told["to"] is not None

    def test_a_void_waits_for_the_orders(self, engine: Engine) -> None:
        case = opened(engine, "k")
        order = engine.dispatch(case, to="land_officer", asked="核实", key="d", by=CENTRE)
        with pytest.raises(Conflict, match=f"case {order.id}") as error:
            engine.void(case, reason="误登", by=CENTRE)
        assert "撤单" in error.value.text("zh")
        engine.recall(order.id, reason="误派", by=CENTRE)
        assert engine.void(case, reason="误登", by=CENTRE).status == "voided"

    def test_a_merge_takes_parts_and_orders_along(self, engine: Engine) -> None:
        source, part, target = opened(engine, "a"), opened(engine, "part"), opened(engine, "b")
        engine.link(part, source, kind="child_of", reason="同一项目", by=CENTRE)
        order = engine.dispatch(source, to="land_officer", asked="核实", key="d", by=CENTRE)
        engine.merge(source, target, reason="同一事项", by=CENTRE)
        assert [one.id for one in engine.dispatches(case=target)] == [order.id]
        assert {(one.kind, one.case) for one in engine.links(target)} == {
            (LinkKind.MERGED_INTO, source), (LinkKind.CHILD_OF, part), (LinkKind.DISPATCHED_FROM, order.id),
        }  # fmt: skip
        land = Actor("l-1", frozenset({"land_officer"}), TOWNSHIP)
        engine.complete(engine.tasks(case=order.id)[0].id, {}, by=land)
        engine.sweep()
        progress = [one for one in engine.history(target) if one.kind is Happening.DISPATCH_PROGRESS]
        assert [one.data["state"] for one in progress] == ["signed"]
        assert f"{part} 号案" in engine.explain(source).text("zh")

    def test_a_whole_is_not_merged_into_its_own_part(self, engine: Engine) -> None:
        whole, part, inner = opened(engine, "a"), opened(engine, "b"), opened(engine, "c")
        engine.link(part, whole, kind="child_of", reason="同一项目", by=CENTRE)
        engine.link(inner, part, kind="child_of", reason="同一项目", by=CENTRE)
        for into in (part, inner):
            with pytest.raises(Conflict, match=f"case {part} is a part of case {whole}"):
                engine.merge(whole, into, reason="同一事项", by=CENTRE)
        assert engine.merge(part, whole, reason="同一事项", by=CENTRE).id == whole

    def test_a_right_of_the_procedure_goes_over_with_a_merge(self, engine: Engine) -> None:
        source, target = opened(engine, "a"), opened(engine, "b")
        engine.milestone(source, "judgment_served", on=date(2026, 2, 25), by=CENTRE)
        before = {rule: due for rule, due in running(engine, source).items() if rule.startswith("trial.")}
        assert before
        engine.merge(source, target, reason="同一事项", by=CENTRE)
        assert before.items() <= running(engine, target).items()
        told = [one.payload for one in engine.deliveries() if one.payload.get("action") == "merged"]
        assert [(one["to"], one["into"]) for one in told] == [("party", target)]
