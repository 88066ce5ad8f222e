"""限期结案: a supervisor sets the day by which a case must end; it is met, or presses upwards; on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jiefen import (
    Actor,
    Conflict,
    Deadline,
    Engine,
    FactError,
    FixedClock,
    NotAllowed,
    NotFound,
    UnknownValue,
)
from jiefen.cli.root import app
from jiefen.people.directory_file import load_directory
from jiefen.rules import load_rulebook
from tests.integration.conftest import CLERK, HEAD, Opener
from tests.integration.test_engine import opened, statements, task_of
from tests.integration.watch import china, notices

ROOT = Path(__file__).parents[2]
TOWNSHIP = "140429102"
CENTRE = Actor("t-4001", frozenset({"township_coordinator"}), TOWNSHIP)
LEADER = Actor("t-4010", frozenset({"township_leader"}), TOWNSHIP)
OFFICE = Actor("x-6201", frozenset({"joint_meeting_office"}), "140429")
LATE = "办理已逾一月,群众多次来电"
BY = {"reason": LATE, "by": LEADER}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    roles = load_rulebook(ROOT / "rules").roles
    directory = load_directory(ROOT / "examples" / "directory.yaml", roles)
    return opener(processes=None, rules=None, directory=directory)


@pytest.fixture
def case(engine: Engine) -> int:
    """Opened on Monday 2 March 2026."""
    facts = {"source": "hotline_12345", "request_kind": "repair", "area": "140429102201", "title": "路灯不亮"}
    return engine.open_case("enquiry", facts, key="12345:1", by=CENTRE).id


def closing(engine: Engine, case: int) -> list[Deadline]:
    return [one for one in engine.deadlines(case) if one.rule == "oversight.close"]


def ended(engine: Engine, case: int) -> None:
    for element, answer in (("answer", {"reply": "已修好"}), ("feedback", {"satisfied": True})):
        for task in engine.tasks(case=case):
            if task.element == element:
                engine.complete(task.id, answer, by=CENTRE)


def told(engine: Engine, case: int) -> list[tuple[str, str, list[str]]]:
    """What was told of the closing date: the action, the role and the persons."""
    return [
        (one["action"], one["to"], one["holders"])
        for ref, one in notices(engine, case).items()
        if one.get("deadline") == "oversight.close" or ref.startswith("order/")
    ]


def test_a_closing_date_is_set_moved_and_met(engine: Engine, case: int, clock: FixedClock) -> None:
    """Monday 2 March: set for the 20th. The 9th: put off to the 27th. The 16th: the case ends."""
    deadline = engine.close_by(case, date(2026, 3, 20), **BY)
    assert (deadline.due_on, deadline.holder, deadline.status) == (
        date(2026, 3, 20), "township_coordinator", "running",
    )  # fmt: skip
    assert told(engine, case) == [("closing_date", "township_coordinator", ["t-4001"])]
    assert [one.deadline.rule for one in engine.deadlines_due(holder="township_coordinator")].count(
        "oversight.close"
    ) == 1
    revision = engine.case(case).revision
    assert engine.close_by(case, date(2026, 3, 20), **BY).due_on == date(2026, 3, 20)
    assert engine.case(case).revision == revision  # the same day again changes nothing
    clock.set(china(3, 9))
    engine.close_by(case, date(2026, 3, 27), reason="配件未到", by=LEADER)
    assert [(one.due_on, str(one.status)) for one in closing(engine, case)] == [
        (date(2026, 3, 20), "superseded"), (date(2026, 3, 27), "running"),
    ]  # fmt: skip
    clock.set(china(3, 16))
    ended(engine, case)
    assert (engine.case(case).status, str(closing(engine, case)[1].status)) == ("ended", "met")
    clock.set(china(5, 8))
    engine.sweep()
    assert [action for action, _, _ in told(engine, case)] == ["closing_date", "closing_date"]
    story = engine.explain(case).text("zh")
    assert "t-4010 确定限期结案:限期结案日期 2026-03-27" in story
    assert "配件未到" in story
    assert "t-4010 set a closing date: Closing date 2026-03-27" in engine.explain(case).text("en")


def test_who_is_late_is_pressed_then_who_stands_above(engine: Engine, case: int, clock: FixedClock) -> None:
    """Friday 20 March passes; nobody closes the case, and the law runs on as before."""
    rights = [(one.rule, one.due_on, one.status) for one in engine.deadlines(case) if one.kind == "right"]
    engine.close_by(case, date(2026, 3, 20), **BY)
    for day in range(9, 31):
        clock.set(china(3, day))
        engine.sweep()
    pressed = [one for one in told(engine, case) if one[0] not in ("closing_date", "unanswered")]
    assert pressed == [
        ("warn", "township_coordinator", ["t-4001"]), ("warn", "township_coordinator", ["t-4001"]),
        ("supervise", "township_coordinator", ["t-4001"]), ("escalate", "joint_meeting_office", ["x-6201"]),
    ]  # fmt: skip
    assert engine.case(case).status == "open"
    [asked] = [one for one in engine.supervisions(case=case) if one.ref.startswith("rung/")]
    assert (asked.role, asked.by) == ("township_coordinator", "county_petition_office")
    assert [
        (one.rule, one.due_on, one.status) for one in engine.deadlines(case) if one.kind == "right"
    ] == rights
    ended(engine, case)
    [deadline] = closing(engine, case)
    assert str(deadline.status) == "expired"  # it ended too late, and nothing presses any more
    clock.set(china(5, 8))
    engine.sweep()
    assert [one for one in told(engine, case) if one[0] not in ("closing_date", "unanswered")] == pressed


def test_another_day_after_it_has_passed_presses_by_that_one(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    engine.close_by(case, date(2026, 3, 10), **BY)
    clock.set(china(3, 12))
    engine.sweep()
    assert str(closing(engine, case)[0].status) == "expired"
    engine.close_by(case, date(2026, 4, 30), reason="另行安排", by=LEADER)
    assert [str(one.status) for one in closing(engine, case)] == ["superseded", "running"]
    clock.set(china(4, 1))
    engine.sweep()
    assert "escalate" not in [action for action, _, _ in told(engine, case)]


def test_a_closing_date_is_lifted_with_a_reason(engine: Engine, case: int, clock: FixedClock) -> None:
    engine.close_by(case, date(2026, 3, 20), **BY)
    engine.lift_closing_date(case, reason="已转法院", by=LEADER)
    assert [str(one.status) for one in closing(engine, case)] == ["cancelled"]
    assert told(engine, case)[-1] == ("closing_date_lifted", "township_coordinator", ["t-4001"])
    clock.set(china(4, 1))
    engine.sweep()
    assert {action for action, _, _ in told(engine, case)} == {"closing_date", "closing_date_lifted"}
    assert "t-4010 取消限期结案:已转法院" in engine.explain(case).text("zh")
    assert "t-4010 lifted the closing date: 已转法院" in engine.explain(case).text("en")
    with pytest.raises(NotFound, match="no closing date is set"):
        engine.lift_closing_date(case, reason="再来一次", by=LEADER)
    engine.close_by(case, date(2026, 4, 30), reason="退回后重新限期", by=LEADER)
    assert [str(one.status) for one in closing(engine, case)] == ["cancelled", "running"]


def test_only_who_stands_over_the_responsible_office_sets_the_day(engine: Engine, case: int) -> None:
    for by in (CENTRE, Actor("v-3001", frozenset({"village_head"}), "140429102201"), Actor("n-1")):
        with pytest.raises(NotAllowed):
            engine.close_by(case, date(2026, 3, 20), reason=LATE, by=by)
    with pytest.raises(NotAllowed) as error:
        engine.close_by(case, date(2026, 3, 20), reason=LATE, by=CENTRE)
    assert "不在“乡镇综治中心”之上" in error.value.text("zh")
    assert closing(engine, case) == []


def test_a_day_set_from_above_is_put_off_from_there_alone(engine: Engine, case: int) -> None:
    engine.close_by(case, date(2026, 3, 20), reason=LATE, by=OFFICE)
    with pytest.raises(NotAllowed) as error:
        engine.close_by(case, date(2026, 4, 20), reason="人手不足", by=LEADER)
    assert "应由其或者其上级更改" in error.value.text("zh")
    with pytest.raises(NotAllowed, match="joint_meeting_office has decided"):
        engine.lift_closing_date(case, reason="人手不足", by=LEADER)
    # A nearer day is stricter: whoever may press sets it.
    assert engine.close_by(case, date(2026, 3, 16), reason="群众急盼", by=LEADER).due_on == date(2026, 3, 16)
    assert engine.close_by(case, date(2026, 3, 30), reason="同意延后", by=OFFICE).due_on == date(2026, 3, 30)


def test_another_office_may_be_responsible(engine: Engine, case: int, clock: FixedClock) -> None:
    deadline = engine.close_by(case, date(2026, 3, 20), role="handling_organ", reason=LATE, by=OFFICE)
    assert deadline.holder == "handling_organ"
    assert told(engine, case) == [("closing_date", "handling_organ", ["o-6001"])]
    assert engine.close_by(case, date(2026, 3, 18), reason="提前", by=OFFICE).holder == "handling_organ"
    with pytest.raises(UnknownValue, match="did you mean"):
        engine.close_by(case, date(2026, 3, 18), role="handling_organs", reason=LATE, by=OFFICE)
    clock.set(china(3, 19))
    engine.sweep()
    assert told(engine, case)[-1][1:] == ("handling_organ", ["o-6001"])


def test_what_cannot_be_a_closing_date_is_refused_with_the_way_out(
    engine: Engine, case: int, opener: Opener, clock: FixedClock
) -> None:
    for on in (date(2026, 3, 1), clock.now(), "2026-04-30", None):
        with pytest.raises(FactError, match="is no day"):
            engine.close_by(case, on, **BY)  # type: ignore[arg-type]
    with pytest.raises(FactError):
        engine.close_by(case, date(2026, 3, 20), reason=" ", by=LEADER)
    assert engine.close_by(case, date(2026, 3, 2), **BY).due_on == date(2026, 3, 2)  # today is still a day
    # Neither its milestone nor its day is put into the case round who may.
    with pytest.raises(NotAllowed, match="close_by"):
        engine.milestone(case, "closing_date_set", by=CENTRE)
    with pytest.raises(NotAllowed, match="close_by"):
        engine.correct_anchor(case, "oversight.close", on=date(2027, 1, 1), by=CENTRE)
    with pytest.raises(FactError):
        engine.correct(case, {"closing_date": "2027-01-01"}, reason="更正", by=CENTRE)
    ended(engine, case)
    with pytest.raises(Conflict):
        engine.close_by(case, date(2026, 4, 20), **BY)
    small = opener()
    with pytest.raises(NotFound, match="know no closing date"):
        small.close_by(opened(small, "k9"), date(2026, 4, 20), **BY)


def test_a_case_that_is_voided_or_merged_owes_no_end(engine: Engine, case: int, clock: FixedClock) -> None:
    engine.close_by(case, date(2026, 3, 10), **BY)
    clock.set(china(3, 10, 8))
    engine.sweep()
    clock.set(china(3, 11, 0, 30))
    engine.sweep()
    assert str(closing(engine, case)[0].status) == "expired"
    engine.void(case, reason="误登", evidence="登记簿", by=CENTRE)
    before = len(told(engine, case))
    clock.set(china(4, 1))
    engine.sweep()
    assert len(told(engine, case)) == before


def test_it_takes_few_statements(engine: Engine, case: int) -> None:
    """Eight, and one look in a minute at who is away."""
    acts = [
        lambda: engine.close_by(case, date(2026, 3, 20), **BY),
        lambda: engine.close_by(case, date(2026, 3, 27), **BY),
        lambda: engine.lift_closing_date(case, reason=LATE, by=LEADER),
    ]
    for act in acts:
        with statements(engine) as seen:
            act()
        assert sum("jiefen_absence" not in one for one in seen) <= 8


def test_a_case_that_its_timer_has_ended_has_no_closing_date(opener: Opener, clock: FixedClock) -> None:
    """Also where no sweep has seen it end yet."""
    engine = opener()
    case = opened(engine)
    engine.complete(task_of(engine, case, "hear"), {}, by=CLERK)
    engine.complete(task_of(engine, case, "decide"), {"outcome": "agreed"}, by=HEAD)
    clock.advance(timedelta(days=8))
    with pytest.raises(Conflict, match="is ended"):
        engine.close_by(case, date(2026, 4, 20), **BY)


def test_the_command_line_sets_and_lifts_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'j.db'}"
    run = CliRunner()
    with Engine.open(url) as engine:
        facts = {"source": "hotline_12345", "request_kind": "repair", "area": "140429102201"}
        case = engine.open_case("enquiry", facts, key="1", by=CENTRE).id
    who = ["--reason", LATE, "--by", "t-4010", "--role", "township_leader", "--area", "everywhere"]
    day = "2099-01-05"
    found = run.invoke(app, ["--db", url, "close-by", str(case), day, *who, "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["due_on"] == day
    again = run.invoke(app, ["--db", url, "--lang", "zh", "close-by", str(case), "2099-01-06", *who])
    assert "应于 2099-01-06 前结案" in again.stdout
    wrong = run.invoke(app, ["--db", url, "close-by", str(case), "2099-02-01", *who[:-1], "village_head"])
    assert wrong.exit_code != 0
    lifted = run.invoke(app, ["--db", url, "lift-closing-date", str(case), *who, "--json"])
    assert json.loads(lifted.stdout)["id"] == case
