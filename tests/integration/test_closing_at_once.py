"""Several people work on the same cases at the same moment: nothing is lost, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from jiefen import Actor, AlreadyDone, Conflict, Engine, Happening, JiefenError, NotFound
from tests.integration.conftest import Opener
from tests.integration.test_parts import CENTRE, TOWNSHIP, opened
from tests.support.moments import WINDOW

MEDIATOR_ROLE = "township_mediator"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def at_once(*acts: Callable[[], object]) -> list[JiefenError]:
    """Do several things in threads of their own, begun together; what was refused."""
    refused: list[JiefenError] = []
    wrong: list[BaseException] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(30)
            act()
        except JiefenError as error:
            refused.append(error)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    assert wrong == []
    return refused


def test_a_merge_and_an_answer_to_a_task(engine: Engine) -> None:
    mediator = Actor("m-1", frozenset({MEDIATOR_ROLE}), TOWNSHIP)
    for number in range(4):
        target, source = opened(engine, f"a{number}"), opened(engine, f"b{number}")
        [task] = engine.tasks(case=source)
        refused = at_once(
            lambda: engine.complete(task.id, {"refuses_mediation": True}, by=mediator),  # noqa: B023
            lambda: engine.merge(source, target, reason="同一事项", by=CENTRE),  # noqa: B023
        )
        assert engine.case(source).status == "merged"
        kinds = [one.kind for one in engine.history(source)]
        done = Happening.TASK_COMPLETED in kinds
        assert done is not bool(refused), "either the answer counts, or who gave it hears that it does not"
        assert all(isinstance(one, AlreadyDone | NotFound | Conflict) for one in refused)
        # What was answered before the merge is known in the other case.
        assert engine.case(target).facts.get("refuses_mediation") is (True if done else None)


def test_one_case_into_two_and_two_into_one(engine: Engine) -> None:
    one, two, three = opened(engine, "1"), opened(engine, "2"), opened(engine, "3")
    refused = at_once(
        lambda: engine.merge(one, two, reason="同一事项", by=CENTRE),
        lambda: engine.merge(one, three, reason="同一事项", by=CENTRE),
        lambda: engine.merge(two, three, reason="同一事项", by=CENTRE),
    )
    assert all(isinstance(error, Conflict) for error in refused)
    status = {case: engine.case(case).status for case in (one, two, three)}
    assert status[three] == "open"
    assert status[one] == "merged"
    received = engine.receive("matter.urgent", case=one, key="u")
    assert received
    ends = [case for case in (one, two, three) if engine.case(case).status == "open"]
    assert sum(any(e.kind is Happening.MESSAGE for e in engine.history(case)) for case in ends) == 1


def test_a_merge_and_a_new_order_of_the_same_case(engine: Engine) -> None:
    for number in range(3):
        target, source = opened(engine, f"a{number}"), opened(engine, f"b{number}")
        refused = at_once(
            lambda: engine.dispatch(source, to="land_officer", asked="核实", key=f"d{number}", by=CENTRE),  # noqa: B023
            lambda: engine.merge(source, target, reason="同一事项", by=CENTRE),  # noqa: B023
        )
        orders = engine.dispatches(case=target)
        assert len(orders) == 1 - len(refused)
        assert engine.dispatches(case=source) == []


def test_the_same_case_is_opened_again_and_split_by_two(engine: Engine) -> None:
    case = opened(engine, "k")
    engine.message("party.withdrew", case=case, key="w", by=WINDOW)
    again = [lambda: engine.reopen(case, reason="反悔", by=CENTRE)] * 3
    assert at_once(*again) == []
    assert [one.kind for one in engine.history(case)].count(Happening.REOPENED) == 1
    share = [lambda: engine.split(case, [{"key": "k/1"}], reason="两件事", by=CENTRE)] * 3
    assert at_once(*share) == []
    assert len(engine.links(case)) == 1
    assert len(engine.cases()) == 2


def test_a_decision_for_all_parts_while_parts_are_merged(engine: Engine) -> None:
    whole = opened(engine, "whole")
    parts = [opened(engine, f"p{number}") for number in range(4)]
    for part in parts:
        engine.link(part, whole, kind="child_of", reason="同一项目", by=CENTRE)
    refused = at_once(
        lambda: engine.decide_all(whole, "matter.urgent", key="u", by=CENTRE),
        lambda: engine.decide_all(whole, "matter.urgent", key="u", by=CENTRE),
        lambda: engine.merge(parts[3], parts[0], reason="同一户", by=CENTRE),
    )
    assert refused == []
    engine.decide_all(whole, "matter.urgent", key="u", by=CENTRE)
    for part in parts[:3]:
        assert [one.kind for one in engine.history(part)].count(Happening.MESSAGE) in (1, 2)
