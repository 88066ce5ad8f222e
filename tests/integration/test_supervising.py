"""A supervisor presses an office by hand, reads its answer, and sends it back; on both databases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jiefen import (
    Actor,
    AlreadyDone,
    Conflict,
    Engine,
    FactError,
    FixedClock,
    Happening,
    HeldPost,
    NotAllowed,
    NotFound,
    SupervisionStatus,
    UnknownValue,
)
from jiefen.cli.root import app
from tests.integration.conftest import SMALL, Opener
from tests.integration.watch import GRID, OFFICER, china, claimed, found, notices, of, staff

PETITION_OFFICE = Actor("x-1", frozenset({"office"}), "140429")
JOINT = Actor("j-1", frozenset({"joint_office"}), "140429")
WHY = "群众反映两周无人上门,请说明原因并在期限内办理"


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(directory=staff())


@pytest.fixture
def case(engine: Engine) -> int:
    """Opened on Monday 2 March 2026."""
    case = found(engine)
    claimed(engine, case)
    return case


def test_a_supervision_by_hand_is_told_answered_sent_back_and_accepted(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    """Monday: pressed, three working days. Wednesday: a thin answer goes back. Friday: the answer is enough."""
    asked = engine.supervise(case, "officer", "supervise", ground=WHY, reply="3 wd", by=PETITION_OFFICE)
    assert (asked.role, asked.holders, asked.by, asked.status) == ("officer", ("o-1",), "office", "open")
    assert asked.reply_at == china(3, 6, 0)  # the end of Thursday
    told = notices(engine, case)[asked.ref]
    assert (told["to"], told["holders"], told["action"], told["ground"]) == (
        "officer",
        ["o-1"],
        "supervise",
        WHY,
    )
    assert told["actor"] == {"role": "office", "holders": ["x-1"], "deputies": False}

    clock.set(china(3, 4, 10))
    engine.answer_supervision(case, asked.ref, "正在办理", by=OFFICER)
    [answer] = [one for ref, one in notices(engine, case).items() if ref.startswith("answered/")]
    assert (answer["to"], answer["holders"], answer["text"]) == ("office", ["x-1"], "正在办理")

    clock.set(china(3, 4, 15))
    back = engine.check_answer(
        case,
        asked.ref,
        enough=False,
        reason="没有写明上门时间",
        reply_by=date(2026, 3, 6),
        by=PETITION_OFFICE,
    )
    assert (back.status, back.answered_at, back.reply_at) == ("open", None, china(3, 7, 0))
    [again] = [one for ref, one in notices(engine, case).items() if ref.startswith("sent_back/")]
    assert (again["holders"], again["reason"], again["supervision"]) == (
        ["o-1"],
        "没有写明上门时间",
        asked.ref,
    )

    clock.set(china(3, 6))
    engine.answer_supervision(case, asked.ref, "三月五日已上门", by=OFFICER)
    done = engine.check_answer(case, asked.ref, enough=True, by=PETITION_OFFICE)
    assert done.status is SupervisionStatus.ACCEPTED
    before = engine.case(case).revision
    assert engine.check_answer(case, asked.ref, enough=True, by=PETITION_OFFICE) == done
    assert engine.case(case).revision == before
    clock.set(china(3, 6, 23))
    assert [one.ref for one in engine.supervisions(case=case, status="accepted")] == [asked.ref]
    story = engine.explain(case).text("zh")
    for line in (
        f"x-1 督办专干:{WHY}(由信访部门作出)",
        "x-1 退回督办答复",
        "没有写明上门时间",
        "x-1 认可督办答复",
    ):
        assert line in story
    english = engine.explain(case).text("en")
    assert f"x-1: supervision of Officer: {WHY} by Petition office" in english
    assert "x-1 accepted the answer" in english


@pytest.mark.parametrize("again", [False, True])
def test_without_an_answer_it_climbs_over_the_office_that_supervises(
    opener: Opener, clock: FixedClock, again: bool
) -> None:
    """Also the second time, after a thin answer came and went back."""
    engine = opener(directory=staff(superiors={"officer": "office", "office": "joint_office"}))
    case = found(engine)
    claimed(engine, case)
    asked = engine.supervise(
        case, "officer", "remind", ground=WHY, reply_by=date(2026, 3, 3), by=PETITION_OFFICE
    )
    if again:
        engine.answer_supervision(case, asked.ref, "办了", by=OFFICER)
        day = date(2026, 3, 3)
        engine.check_answer(case, asked.ref, enough=False, reason="不实", reply_by=day, by=PETITION_OFFICE)
    clock.set(china(3, 4, 0))
    assert engine.sweep().done["reply"] == 1
    told = notices(engine, case)[f"reply/{asked.ref}"]
    assert (told["to"], told["holders"], told["action"]) == ("joint_office", ["j-1"], "unanswered")
    assert [one.ref for one in engine.supervisions(status="overdue")] == [asked.ref]


def test_it_is_taken_back_with_a_reason_and_climbs_no_more(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    asked = engine.supervise(case, "officer", "supervise", ground=WHY, reply="1 wd", by=PETITION_OFFICE)
    gone = engine.withdraw_supervision(case, asked.ref, reason="已由市里督办", by=PETITION_OFFICE)
    assert gone.status is SupervisionStatus.WITHDRAWN
    assert engine.withdraw_supervision(case, asked.ref, reason="已由市里督办", by=PETITION_OFFICE) == gone
    [told] = [one for ref, one in notices(engine, case).items() if ref.startswith("withdrawn/")]
    assert (told["holders"], told["reason"]) == (["o-1"], "已由市里督办")
    clock.set(china(3, 5))
    engine.sweep()
    assert of(engine, case, Happening.SUPERVISION_UNANSWERED) == []
    with pytest.raises(AlreadyDone, match="withdrawn"):
        engine.answer_supervision(case, asked.ref, "x", by=OFFICER)
    with pytest.raises(Conflict, match="withdrawn"):
        engine.check_answer(case, asked.ref, enough=True, by=PETITION_OFFICE)


@pytest.mark.parametrize(
    ("by", "role", "action"),
    [
        (Actor("v-1", frozenset({"village_head"}), GRID), "officer", "remind"),  # below
        (OFFICER, "officer", "remind"),  # the same office
        (Actor("o-9"), "officer", "remind"),  # no post at all
        (Actor("x-2", frozenset({"office"}), "140430"), "officer", "remind"),  # of another county
        (PETITION_OFFICE, "officer", "interview"),  # that is for the joint meeting
        (JOINT, "officer", "supervise"),  # and this for the petition office
        (Actor("k-2", frozenset({"clerk"}), "140429102"), "head", "remind"),  # who stands under it
        (Actor("k-3", frozenset({"helper"}), "140429102"), "clerk", "remind"),  # the deputy
    ],
)
def test_only_an_office_over_another_one_presses_it(
    engine: Engine, case: int, by: Actor, role: str, action: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        engine.supervise(case, role, action, ground=WHY, reply="3 wd", by=by)
    assert refused.value.text("zh") != refused.value.text("en")
    assert engine.supervisions(case=case) == []


def test_who_stands_over_a_role_may_press_it_in_every_way(engine: Engine, case: int) -> None:
    head = Actor("h-1", posts=(HeldPost("head", "140429102"),))
    for action in ("remind", "supervise", "interview", "supervise_list", "circular", "rectify"):
        asked = engine.supervise(case, "clerk", action, ground=WHY, reply="2 d", by=head)
        assert (asked.action, asked.by, asked.role) == (action, "head", "clerk")
    assert (
        engine.supervise(case, "officer", "rectify", ground=WHY, reply="15 d", by=JOINT).by == "joint_office"
    )


def test_nobody_looks_at_their_own_answer(engine: Engine, case: int) -> None:
    both = Actor("o-1", frozenset({"officer", "office"}), "140429")
    asked = engine.supervise(case, "officer", "supervise", ground=WHY, reply="3 wd", by=PETITION_OFFICE)
    with pytest.raises(Conflict, match="once it is there"):
        engine.check_answer(case, asked.ref, enough=True, by=PETITION_OFFICE)
    engine.answer_supervision(case, asked.ref, "已办", by=OFFICER)
    for by in (both, OFFICER):
        with pytest.raises(NotAllowed):
            engine.check_answer(case, asked.ref, enough=True, by=by)
    with pytest.raises(FactError, match="time"):
        engine.check_answer(case, asked.ref, enough=False, reason="不够", by=PETITION_OFFICE)
    with pytest.raises(FactError, match="reason"):
        engine.check_answer(case, asked.ref, enough=False, reply="3 d", by=PETITION_OFFICE)
    with pytest.raises(AlreadyDone, match="check the answer"):
        engine.withdraw_supervision(case, asked.ref, reason="误发", by=PETITION_OFFICE)


def test_what_cannot_be_is_refused_and_leaves_nothing(engine: Engine, case: int) -> None:
    press = {"ground": WHY, "by": PETITION_OFFICE}
    days = {"reply": "3 wd", "reply_by": date(2026, 3, 9)}
    for wrong in ({}, days, {"reply_by": date(2026, 3, 1)}, {"reply": "bald"}, {"reply": "0 d"}):
        with pytest.raises(FactError):
            engine.supervise(case, "officer", "supervise", **press, **wrong)  # type: ignore[arg-type]
    for role, action in (("offcier", "supervise"), ("officer", "superwise"), ("officer", "warn")):
        with pytest.raises(UnknownValue):
            engine.supervise(case, role, action, reply="3 wd", **press)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        engine.check_answer(case, "hand/9", enough=True, by=PETITION_OFFICE)
    engine.void(case, reason="误登", evidence="登记簿第 3 页", by=PETITION_OFFICE)
    with pytest.raises(Conflict, match="voided"):
        engine.supervise(case, "officer", "supervise", reply="3 wd", **press)  # type: ignore[arg-type]
    assert engine.supervisions(case=case) == []


def test_from_the_command_line(tmp_path: Path) -> None:
    here = ["--db", f"sqlite:///{tmp_path / 'a.db'}", "--processes", str(SMALL / "processes")]
    here += ["--rules", str(SMALL / "rules"), "--lang", "en"]

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*here, *words])
        assert done.exit_code == 0, done.output
        return done.output

    office = ["--by", "x-1", "--role", "office", "--area", "140429"]
    run(
        "open",
        "claim",
        "--fact",
        "area=140429102",
        "--fact",
        "received_on=2026-03-02",
        "--key",
        "k",
        "--by",
        "c-1",
    )
    asked = json.loads(
        run("supervise", "1", "clerk", "--ground", "未办", "--reply", "5 wd", "--json", *office)
    )
    assert (asked["status"], asked["action"]) == ("open", "supervise")
    clerk = ("--by", "c-1", "--role", "clerk", "--area", "everywhere")
    run("supervisions", "answer", "1", asked["ref"], "--text", "在办", *clerk)
    run(
        "supervisions",
        "check",
        "1",
        asked["ref"],
        "--send-back",
        "--reason",
        "太略",
        "--reply",
        "2 d",
        *office,
    )
    assert asked["ref"] in run("supervisions")
    assert "withdrawn" in run("supervisions", "withdraw", "1", asked["ref"], "--reason", "已办", *office)
    assert asked["ref"] in run("supervisions", "--status", "withdrawn")
