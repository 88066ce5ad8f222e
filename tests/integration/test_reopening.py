"""A case that has ended is opened again: on its process, from the true day, by who may, and nothing is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import Actor, Conflict, Engine, FactError, FixedClock, Happening, NotAllowed, Severity
from jiefen.clock import CHINA
from jiefen.commands.lookup import locked_case
from jiefen.store import schema
from tests.integration.conftest import Opener
from tests.integration.watch import china
from tests.support.moments import WINDOW

VILLAGE, TOWNSHIP, COUNTY = "140429102201", "140429102", "140429"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
ABOVE = Actor("j-1", frozenset({"joint_meeting_office"}), COUNTY)
FACTS = {"source": "walk_in", "dispute_type": "neighbour", "area": VILLAGE, "title": "院墙占了过道"}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def ended(engine: Engine, key: str = "k", **more: Any) -> int:
    case = engine.open_case("dispute", FACTS | more, key=key, by=CENTRE).id
    assert engine.message("party.withdrew", case=case, key="w", by=WINDOW)
    assert engine.case(case).status == "ended"
    return case


def running(engine: Engine, case: int) -> dict[str, date | None]:
    return {one.rule: one.due_on for one in engine.deadlines(case) if one.status == "running"}


def test_it_goes_on_in_the_same_case_from_the_start(engine: Engine, clock: FixedClock) -> None:
    case = engine.open_case("dispute", FACTS, key="k", by=CENTRE).id
    first = {task.id: task.element for task in engine.tasks(case=case)}
    engine.message("party.withdrew", case=case, key="w", by=WINDOW)
    clock.set(china(5, 4))
    again = engine.reopen(case, reason="当事人反悔", by=CENTRE)
    assert (again.status, again.outcome, again.ended_at) == ("open", None, None)
    assert again.facts["title"] == "院墙占了过道"
    assert again.facts["reopened"] == 1
    assert (again.level, again.facts["received_on"]) == ("township", date(2026, 5, 4))
    tasks = engine.tasks(case=case)
    assert [task.element for task in tasks] == [*first.values()]
    assert first.keys().isdisjoint(task.id for task in tasks)
    [entry] = [one for one in engine.history(case) if one.kind is Happening.REOPENED]
    assert entry.data["before"]["outcome"] == "withdrawn"
    assert (entry.actor, entry.data["reason"], entry.data["on"]) == ("c-1", "当事人反悔", "2026-05-04")
    assert "第 1 次重新办理,自 2026-05-04 起(当事人反悔)" in engine.explain(case).text("zh")
    assert "Opened again, time 1, as of 2026-05-04" in engine.explain(case).text("en")
    told = [one.payload["to"] for one in engine.deliveries() if one.payload.get("action") == "reopened"]
    assert "party" in told
    assert len(told) == 2
    before = engine.history(case)
    assert engine.reopen(case, reason="再次", by=CENTRE).revision == again.revision
    assert engine.history(case) == before


def test_it_can_be_worked_on_to_its_end_once_more(engine: Engine) -> None:
    case = ended(engine)
    engine.reopen(case, reason="当事人反悔", by=CENTRE)
    [task] = engine.tasks(case=case)
    assert task.element == "ask_consent"
    engine.complete(
        task.id, {"refuses_mediation": True}, by=Actor("m", frozenset({"township_mediator"}), TOWNSHIP)
    )
    assert engine.message("party.withdrew", case=case, key="w2", by=WINDOW)
    assert engine.case(case).status == "ended"
    assert engine.case(case).facts["reopened"] == 1


def test_the_second_time_is_for_the_level_above(engine: Engine) -> None:
    case = ended(engine)
    engine.reopen(case, reason="当事人反悔", by=CENTRE)
    engine.message("party.withdrew", case=case, key="w2", by=WINDOW)
    with pytest.raises(NotAllowed, match="joint_meeting_office") as error:
        engine.reopen(case, reason="又反悔", by=CENTRE)
    assert "综治中心" not in error.value.text("zh")
    again = engine.reopen(case, reason="又反悔", by=ABOVE)
    assert (again.level, again.facts["reopened"]) == ("county", 2)


def test_who_may(engine: Engine) -> None:
    case = ended(engine)
    for stranger in (
        Actor("g", frozenset({"grid_worker"}), VILLAGE),
        Actor("c-2", frozenset({"township_coordinator"}), "140429103"),
        Actor("nobody"),
    ):
        with pytest.raises(NotAllowed):
            engine.reopen(case, reason="反悔", by=stranger)
    engine.recuse(case, "c-1", by=CENTRE, reason="近亲属")
    with pytest.raises(NotAllowed, match="recused"):
        engine.reopen(case, reason="反悔", by=CENTRE)
    leader = Actor("l-1", frozenset({"township_leader"}), TOWNSHIP)
    assert engine.reopen(case, reason="反悔", by=leader).status == "open"


def test_periods_start_from_the_day_on_which_the_party_came_back(engine: Engine, clock: FixedClock) -> None:
    case = ended(engine, source="petition", dispute_type="other")
    clock.set(china(4, 13))
    engine.reopen(case, reason="再次来访", on=date(2026, 4, 10), by=CENTRE)
    fresh = [one for one in engine.deadlines(case) if one.status == "running"]
    assert {one.anchored_at.astimezone(CHINA).date() for one in fresh if one.kind == "duty"} == {
        date(2026, 4, 10)
    }
    for day in (date(2026, 4, 14), date(2026, 2, 27)):
        other = ended(engine, f"k{day}")
        with pytest.raises(FactError):
            engine.reopen(other, reason="再次来访", on=day, by=CENTRE)


def test_what_was_missed_stays_missed(engine: Engine, clock: FixedClock) -> None:
    case = engine.open_case(
        "dispute", FACTS | {"source": "petition", "dispute_type": "other"}, key="p", by=CENTRE
    ).id
    clock.set(china(5, 4))
    engine.sweep()
    missed = {one.seq: (one.rule, one.due_on) for one in engine.deadlines(case) if one.status == "expired"}
    assert missed
    engine.message("party.withdrew", case=case, key="w", by=WINDOW)
    engine.reopen(case, reason="再次来访", by=CENTRE)
    still = {one.seq: (one.rule, one.due_on) for one in engine.deadlines(case) if one.status == "expired"}
    assert still.items() >= missed.items()
    assert {rule for rule, _ in missed.values()} <= running(engine, case).keys()
    at = len(engine.history(case))
    clock.set(china(5, 5))
    engine.sweep()
    seqs = {one.data.get("seq") for one in engine.history(case)[at:] if one.kind is Happening.RUNG}
    assert seqs.isdisjoint(missed)


def test_rights_run_on_from_their_own_days(engine: Engine, clock: FixedClock) -> None:
    case = ended(engine, dispute_type="labour", knew_on="2025-06-10")
    before = running(engine, case)
    assert "labour.limitation" in before
    clock.set(china(4, 13))
    engine.reopen(case, reason="再次来访", by=CENTRE)
    now = running(engine, case)
    assert {rule: now.get(rule) for rule in before} == before
    rules = [one.rule for one in engine.deadlines(case)]
    assert rules.count("labour.limitation") == 1


def test_what_was_voided_by_mistake_gets_its_rights_back(engine: Engine, clock: FixedClock) -> None:
    case = engine.open_case(
        "dispute", FACTS | {"dispute_type": "labour", "knew_on": "2025-06-10"}, key="v", by=CENTRE
    ).id
    before = {rule: due for rule, due in running(engine, case).items() if rule == "labour.limitation"}
    engine.void(case, reason="误登", evidence="登记簿", by=CENTRE)
    assert not running(engine, case)
    clock.set(china(4, 13))
    again = engine.reopen(case, reason="并非误登", by=CENTRE)
    assert again.status == "open"
    assert before.items() <= running(engine, case).items()


def test_what_has_not_ended_or_goes_on_elsewhere(engine: Engine) -> None:
    case = engine.open_case("dispute", FACTS, key="a", by=CENTRE).id
    with pytest.raises(Conflict, match="only what has ended"):
        engine.reopen(case, reason="反悔", by=CENTRE)
    other = engine.open_case("dispute", FACTS, key="b", by=CENTRE).id
    engine.merge(case, other, reason="同一事项", by=CENTRE)
    with pytest.raises(Conflict, match=f"case {other}"):
        engine.reopen(case, reason="反悔", by=CENTRE)
    order = engine.dispatch(other, to="land_officer", asked="核实", key="d", by=CENTRE)
    engine.recall(order.id, reason="误派", by=CENTRE)
    with pytest.raises(Conflict, match="order"):
        engine.reopen(order.id, reason="反悔", by=CENTRE)


def test_a_late_answer_of_the_first_round_answers_nothing_of_the_second(engine: Engine) -> None:
    """Keys are new: a delivery, a task or a timer of before is never taken for one of now."""
    case = ended(engine)
    used = max(one.data["token"] for one in engine.history(case) if "token" in one.data)
    engine.reopen(case, reason="当事人反悔", by=CENTRE)
    opened = [one for one in engine.history(case) if one.kind is Happening.TASK_OPENED]
    assert opened[-1].data["token"] > used


def test_what_is_due_once_in_a_case_stays_done(engine: Engine) -> None:
    """The allowance of a mediator is claimed once, however often the case is opened again."""
    facts = engine.edition.rulebook.vocabulary.facts
    assert not facts["allowance_claimed"].of_the_procedure
    assert facts["outcome"].of_the_procedure
    assert facts["served_on"].of_the_procedure
    assert not facts["knew_on"].of_the_procedure
    case = ended(engine)
    with engine._runtime.writing() as connection:
        row = locked_case(connection, case)
        changed = {"facts": row.facts | {"allowance_claimed": True, "satisfied": True}}
        connection.execute(sa.update(schema.case).where(schema.case.c.id == case).values(changed))
    again = engine.reopen(case, reason="反悔", by=CENTRE)
    assert (again.facts["allowance_claimed"], again.facts["satisfied"]) == (True, None)


@pytest.mark.parametrize("sent", ["corrects: true", "corrects: false"])
def test_an_office_of_no_level_corrects_nothing(tmp_path: Any, sent: str) -> None:
    from jiefen.rules import check_rulebook

    (tmp_path / "roles.yaml").write_text(f"roles:\n  x: {{title: {{zh: 甲, en: A}}, {sent}}}\n", "utf-8")
    found = [one.code for one in check_rulebook(tmp_path) if one.severity is Severity.ERROR]
    assert ("corrects-nowhere" in found) is (sent == "corrects: true")


@pytest.mark.parametrize("more", ["", ", corrects: true"])
def test_an_office_that_moves_no_case_gives_none_its_area(tmp_path: Any, more: str) -> None:
    from jiefen.rules import check_rulebook

    role = f"{{title: {{zh: 甲, en: A}}, level: county, gives_area: true{more}}}"
    (tmp_path / "roles.yaml").write_text(f"roles:\n  x: {role}\n", "utf-8")
    found = [one.code for one in check_rulebook(tmp_path) if one.severity is Severity.ERROR]
    assert ("gives-no-area" in found) is (not more)
