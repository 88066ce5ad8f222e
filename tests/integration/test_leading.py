"""包案: a leader is bound, plans, reports, is given time, and hands over without a gap; on both databases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jiefen import (
    EVERYWHERE,
    Actor,
    Conflict,
    Engine,
    FactError,
    FixedClock,
    Happening,
    IntakeRow,
    NotAllowed,
)
from jiefen.cli.root import app
from jiefen.people.directory import Organisation
from jiefen.people.directory_file import load_directory
from jiefen.rules import load_rulebook
from jiefen.rules.model.deadlines import CALLS
from tests.integration.conftest import HEAD, Opener
from tests.integration.test_engine import opened, statements
from tests.integration.watch import china, notices, of

ROOT = Path(__file__).parents[2]
TOWNSHIP = "140429102"
CENTRE = Actor("t-4001", frozenset({"township_coordinator"}), TOWNSHIP)
#: Leads the case; holds a post of the township.
LEADER = Actor("t-4010", frozenset({"township_leader"}), TOWNSHIP)
SUCCESSOR = Actor("t-4020", frozenset({"petition_officer"}), TOWNSHIP)
OFFICE = Actor("x-6201", frozenset({"joint_meeting_office"}), "140429")
PLAN = "查清征地补偿依据,会同自然资源所答复,每周约见一次"
UNTIL = date(2026, 4, 30)


def directory(leaves: date | None = None) -> Organisation:
    """The people of the example; the leader holds the post to a day."""
    known = load_directory(ROOT / "examples" / "directory.yaml", load_rulebook(ROOT / "rules").roles)
    if leaves is None:
        return known
    text = (ROOT / "examples" / "directory.yaml").read_text(encoding="utf-8")
    assert "holder: t-4010}" in text
    posts = tuple(
        type(post)(role=post.role, area=post.area, holder=post.holder, deputy=post.deputy, until=leaves)
        if post.holder == "t-4010"
        else post
        for post in known.posts
    )
    return Organisation(known.units, posts, known.superiors)


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None, directory=directory())


def a_case(engine: Engine, key: str = "12345:1") -> int:
    facts = {"source": "hotline_12345", "request_kind": "repair", "area": "140429102201", "title": "路灯不亮"}
    return engine.open_case("enquiry", facts, key=key, by=CENTRE).id


@pytest.fixture
def case(engine: Engine) -> int:
    """Opened on Monday 2 March 2026, and given to the leader by the office of the joint meeting."""
    case = a_case(engine)
    engine.bind_leader(case, "t-4010", by=OFFICE)
    return case


def owed(engine: Engine, case: int, status: str = "running") -> dict[str, date | None]:
    return {
        one.rule.removeprefix("oversight."): one.due_on
        for one in engine.deadlines(case)
        if one.rule.startswith("oversight.") and one.status == status
    }


def rungs(engine: Engine, case: int) -> list[tuple[str, str, list[str]]]:
    """What the ladder of the leader has told: deadline, action, persons."""
    return [
        (str(one["deadline"]).removeprefix("oversight."), one["action"], one["holders"])
        for ref, one in notices(engine, case).items()
        if ref.startswith("rung/")
    ]


def ordered(engine: Engine, case: int) -> list[tuple[str, list[str]]]:
    return [
        (one["action"], one["holders"])
        for ref, one in notices(engine, case).items()
        if ref.startswith("order/")
    ]


def ended(engine: Engine, case: int) -> None:
    for answer in ({"reply": "已修好"}, {"satisfied": True}):
        [task] = engine.tasks(case=case)
        engine.complete(task.id, answer, by=CENTRE)


def test_a_leader_plans_reports_and_brings_it_to_its_end(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    """Bound on Monday 2 March; plans on the 4th; reports on the 13th; the case ends on the 20th."""
    assert owed(engine, case) == {"lead_plan": date(2026, 3, 9)}
    assert ordered(engine, case) == [("leader_bound", ["t-4010"])]
    clock.set(china(3, 4))
    lead = engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    assert (lead.leader, lead.office, lead.plan, lead.until, lead.next_on) == (
        "t-4010", "joint_meeting_office", PLAN, UNTIL, date(2026, 3, 16),
    )  # fmt: skip
    assert owed(engine, case) == {"lead_progress": date(2026, 3, 16), "lead_close": UNTIL}
    clock.set(china(3, 13))
    lead = engine.leading.report(case, "已约见当事人,补偿依据已调取", by=LEADER)
    assert (lead.progress, lead.next_on) == ("已约见当事人,补偿依据已调取", date(2026, 3, 23))
    assert engine.leading.of(case) == lead
    clock.set(china(3, 20))
    ended(engine, case)
    assert owed(engine, case, "met") == {
        "lead_plan": date(2026, 3, 9), "lead_progress": date(2026, 3, 23), "lead_close": UNTIL,
    }  # fmt: skip
    clock.set(china(5, 30))
    engine.sweep()
    assert rungs(engine, case) == []
    assert engine.leading.of(case).leader is None
    story = engine.explain(case).text("zh")
    assert "包案领导:t-4010(由信访工作联席会议办公室作出)" in story
    assert "t-4010 报送包案方案,2026-04-30 前办结" in story
    assert "t-4010 报告包案进展" in story
    assert PLAN not in story  # what is typed may name people
    assert "t-4010 handed in a plan, to be done by 2026-04-30" in engine.explain(case).text("en")


def test_a_leader_who_says_nothing_is_told_as_a_person_then_the_office_presses(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    """Nothing comes: warned on the 6th, reminded on the 10th, pressed on the 12th, and it goes upwards."""
    for day in range(3, 31):
        clock.set(china(3, day))
        engine.sweep()
    told = [one for one in rungs(engine, case) if one[0] == "lead_plan"]
    assert told == [
        ("lead_plan", "warn", ["t-4010"]), ("lead_plan", "remind", ["t-4010"]),
        ("lead_plan", "remind", ["t-4010"]), ("lead_plan", "escalate", ["x-6201"]),
    ]  # fmt: skip
    [asked] = [one for one in engine.supervisions(case=case, status="open") if one.ref.startswith("rung/")]
    assert (asked.role, asked.by) == ("township_leader", "joint_meeting_office")
    # A late plan settles it.
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    assert owed(engine, case, "expired") == {"lead_plan": date(2026, 3, 9)}
    assert set(owed(engine, case)) == {"lead_progress", "lead_close"}


def test_a_red_case_is_reported_every_five_days(opener: Opener) -> None:
    engine = opener(processes=None, rules=None)
    facts = {"source": "visit_ledger", "dispute_type": "neighbour", "area": "140429102201", "title": "排水"}
    case = engine.open_case("dispute", facts | {"violence": True}, key="r", by=CENTRE).id
    assert engine.case(case).colour == "red"
    engine.bind_leader(case, "t-4010", by=OFFICE)
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    assert set(owed(engine, case)) == {"lead_progress_red", "lead_close"}


def test_more_time_is_for_who_bound_the_leader(engine: Engine, case: int, clock: FixedClock) -> None:
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    # A nearer day is the leader's; a later one is not, however it is said.
    assert engine.leading.plan(case, PLAN, date(2026, 4, 20), by=LEADER).until == date(2026, 4, 20)
    later = date(2026, 5, 29)
    with pytest.raises(NotAllowed) as error:
        engine.leading.plan(case, PLAN, later, by=LEADER)
    assert "延期由确定包案的单位批准" in error.value.text("zh")
    with pytest.raises(NotAllowed, match="has decided the lead"):
        engine.leading.extend_plan(case, later, reason="鉴定未回", by=LEADER)
    with pytest.raises(NotAllowed, match="neither holds that office"):
        engine.leading.extend_plan(case, later, reason="鉴定未回", by=CENTRE)
    with pytest.raises(FactError, match="no later than"):
        engine.leading.extend_plan(case, date(2026, 4, 20), reason="鉴定未回", by=OFFICE)
    lead = engine.leading.extend_plan(case, later, reason="鉴定未回", by=OFFICE)
    assert (lead.until, owed(engine, case)["lead_close"]) == (later, later)
    assert ordered(engine, case)[-1] == ("plan_extended", ["t-4010"])
    assert "包案方案由 2026-04-20 延至 2026-05-29(鉴定未回)(由信访工作联席会议办公室作出)" in engine.explain(
        case
    ).text("zh")
    # Once it has passed, more time lets it run again, and the office above is not told.
    clock.set(china(5, 30))
    engine.sweep()
    assert "lead_close" in owed(engine, case, "expired")
    engine.leading.extend_plan(case, date(2026, 6, 30), reason="鉴定未回", by=OFFICE)
    assert owed(engine, case)["lead_close"] == date(2026, 6, 30)


def test_a_hand_over_leaves_no_gap(engine: Engine, case: int, clock: FixedClock) -> None:
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    running = owed(engine, case)
    clock.set(china(3, 6))
    with pytest.raises(FactError) as error:
        engine.bind_leader(case, "t-4020", by=OFFICE)
    assert "交接须写明理由" in error.value.text("zh")
    engine.bind_leader(case, "t-4020", reason="岗位调整", by=OFFICE)
    assert owed(engine, case) == running
    assert ordered(engine, case)[-2:] == [("leader_bound", ["t-4020"]), ("handed_over", ["t-4010"])]
    [handed] = [one for one in notices(engine, case).values() if one["holders"] == ["t-4020"]]
    assert (handed["plan"], handed["until"]) == (PLAN, "2026-04-30")
    lead = engine.leading.of(case)
    assert (lead.leader, lead.plan, lead.until, lead.next_on) == ("t-4020", PLAN, UNTIL, date(2026, 3, 12))
    with pytest.raises(NotAllowed, match="led by t-4020"):
        engine.leading.report(case, "已约见", by=LEADER)
    for day in (10, 11):
        clock.set(china(3, day))
        engine.sweep()
    assert rungs(engine, case) == [("lead_progress", "warn", ["t-4020"])]
    assert engine.leading.report(case, "已接手", by=SUCCESSOR).progress == "已接手"


def test_a_leader_whose_post_has_ended_is_told_of(opener: Opener, clock: FixedClock) -> None:
    """The leader's post ends on 5 March. The next warning goes to who bound them; a successor goes on."""
    engine = opener(processes=None, rules=None, directory=directory(leaves=date(2026, 3, 5)))
    case = a_case(engine)
    engine.bind_leader(case, "t-4010", by=OFFICE)
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    for day in (10, 11):
        clock.set(china(3, day))
        engine.sweep()
    assert ordered(engine, case)[-1] == ("leader_gone", ["x-6201"])
    [gone] = of(engine, case, Happening.LEADER_GONE)
    assert (gone.subject, gone.data["to"]) == ("t-4010", "joint_meeting_office")
    assert "t-4010" not in [person for _, _, people in rungs(engine, case) for person in people]
    assert "包案领导 t-4010 不能继续包案,通知 信访工作联席会议办公室" in engine.explain(case).text("zh")
    engine.bind_leader(case, "t-4020", reason="前任调离", by=OFFICE)
    assert engine.leading.of(case).plan == PLAN


def test_a_leader_who_is_recused_leaves_the_plan_to_the_next_one(engine: Engine, case: int) -> None:
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    running = owed(engine, case)
    engine.recuse(case, "t-4010", reason="近亲属", by=CENTRE)
    assert (engine.leading.of(case).leader, owed(engine, case)) == (None, running)
    assert ("leader_gone", ["x-6201"]) in ordered(engine, case)
    engine.bind_leader(case, "t-4020", by=OFFICE)
    assert (engine.leading.of(case).plan, owed(engine, case)) == (PLAN, running)


def test_a_release_ends_what_was_owed(engine: Engine, case: int, clock: FixedClock) -> None:
    engine.leading.plan(case, PLAN, UNTIL, by=LEADER)
    clock.set(china(3, 20))
    engine.sweep()  # a note is overdue by now
    with pytest.raises(NotAllowed):
        engine.leading.release_leader(case, reason="不再需要", by=LEADER)
    assert engine.leading.release_leader(case, reason="转入诉讼", by=OFFICE).leader is None
    assert (owed(engine, case), owed(engine, case, "expired")) == ({}, {})
    lead = engine.leading.of(case)
    assert (lead.leader, lead.office, lead.plan, lead.until, lead.next_on) == (None, None, None, None, None)
    assert ordered(engine, case)[-1] == ("leader_released", ["t-4010"])
    assert "解除包案:t-4010(转入诉讼)" in engine.explain(case).text("zh")
    before = len(rungs(engine, case))
    clock.set(china(5, 30))
    engine.sweep()
    assert len(rungs(engine, case)) == before
    with pytest.raises(Conflict):
        engine.leading.release_leader(case, reason="再来", by=OFFICE)
    # Bound again, the leader plans again.
    engine.bind_leader(case, "t-4020", by=OFFICE)
    assert set(owed(engine, case)) == {"lead_plan"}
    assert engine.leading.of(case).plan is None


def test_who_may_do_what(engine: Engine) -> None:
    case = a_case(engine)
    for by in (CENTRE, Actor("n-1"), Actor("z", frozenset({"township_leader"}), "140429103")):
        with pytest.raises(NotAllowed):
            engine.bind_leader(case, "t-4010", by=by)
    with pytest.raises(NotAllowed) as error:
        engine.bind_leader(case, "t-4010", by=CENTRE)
    assert "包案由 乡镇(分管)领导、" in error.value.text("zh")
    with pytest.raises(Conflict, match="nobody leads"):
        engine.leading.extend_plan(case, UNTIL, reason="鉴定未回", by=OFFICE)
    engine.bind_leader(case, "t-4010", by=LEADER)  # the head of the township binds themselves
    with pytest.raises(Conflict, match="has no plan yet"):
        engine.leading.report(case, "已约见", by=LEADER)
    with pytest.raises(NotAllowed, match="plans and reports"):
        engine.leading.plan(case, PLAN, UNTIL, by=CENTRE)
    for until in (date(2026, 3, 1), "2026-04-30", None):
        with pytest.raises(FactError, match="no day"):
            engine.leading.plan(case, PLAN, until, by=LEADER)  # type: ignore[arg-type]
    # None of it is recorded round who may.
    for milestone in ("leader_bound", "lead_planned", "lead_reported"):
        with pytest.raises(NotAllowed, match="is reached by the call"):
            engine.milestone(case, milestone, by=CENTRE)


def test_a_leader_whom_a_ledger_names_is_bound_by_whoever_brings_it_in(engine: Engine) -> None:
    facts = {"source": "hotline_12345", "request_kind": "repair", "area": "140429102201", "title": "路灯不亮"}
    row = IntakeRow(key="l1", facts=facts, process="enquiry", owners={"leader": "t-4010"})
    [taken] = engine.intake([row], process="enquiry", by=CENTRE)
    assert taken.case is not None
    lead = engine.leading.of(taken.case)
    assert (lead.leader, lead.office) == ("t-4010", None)
    assert set(owed(engine, taken.case)) == {"lead_plan"}


def test_rules_without_such_deadlines_still_have_leaders(opener: Opener) -> None:
    engine = opener()
    case = opened(engine, "k")
    engine.bind_leader(case, "l-1", by=HEAD)
    lead = engine.leading.plan(
        case, PLAN, UNTIL, by=Actor("l-1", frozenset({"township_coordinator"}), EVERYWHERE)
    )
    assert (lead.plan, lead.until, lead.next_on) == (PLAN, UNTIL, None)
    assert (
        engine.leading.report(
            case, "已约见", by=Actor("l-1", frozenset({"township_coordinator"}), EVERYWHERE)
        ).progress
        == "已约见"
    )


def test_every_call_that_reaches_a_milestone_is_one_of_the_engine(engine: Engine) -> None:
    for call in CALLS:
        found: object = engine
        for name in call.split("."):
            found = getattr(found, name)
        assert callable(found)
        assert engine.edition.rulebook.reached_by(call)


def test_it_takes_few_statements(engine: Engine) -> None:
    case = a_case(engine)
    acts = [
        lambda: engine.bind_leader(case, "t-4010", by=OFFICE),
        lambda: engine.leading.plan(case, PLAN, UNTIL, by=LEADER),
        lambda: engine.leading.report(case, "已约见", by=LEADER),
        lambda: engine.leading.extend_plan(case, date(2026, 6, 1), reason="鉴定未回", by=OFFICE),
        lambda: engine.leading.release_leader(case, reason="转入诉讼", by=OFFICE),
    ]
    for act in acts:
        with statements(engine) as seen:
            act()
        # Eight, and one look in a minute at who is away.
        assert sum("jiefen_absence" not in one for one in seen) <= 8


def test_from_the_command_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'j.db'}"
    with Engine.open(url) as engine:
        case = str(a_case(engine))

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["--db", url, "--lang", "zh", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    leader = ["--by", "t-4010", "--role", "township_leader", "--area", "everywhere"]
    office = [
        "--by",
        "x-6201",
        "--role",
        "joint_meeting_office",
        "--area",
        "everywhere",
        "--reason",
        "领导小组决定",
    ]
    assert "由 t-4010 包案" in run("lead", case, "t-4010", *office)
    planned = json.loads(run("leading", "plan", case, "2099-01-05", "--text", PLAN, *leader, "--json"))
    assert (planned["plan"], planned["until"]) == (PLAN, "2099-01-05")
    assert "已约见" in run("leading", "report", case, "--text", "已约见", *leader)
    assert "2099-02-05" in run("leading", "extend", case, "2099-02-05", *office)
    assert json.loads(run("leading", "show", case, "--json"))["progress"] == "已约见"
    assert "已解除包案" in run("leading", "release", case, *office)
