"""两人办理: what one person asks for is done when another one agrees, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from jiefen import (
    Actor,
    CaseStatus,
    Conflict,
    Engine,
    FixedClock,
    Happening,
    HeldPost,
    NeedsAgreement,
    NotAllowed,
)
from jiefen.bundled import bundled
from jiefen.cli.root import app
from jiefen.errors import AlreadyDone, FactError, NotFound, UnknownValue
from jiefen.rules import Kind, check_rulebook, load_rulebook
from tests.integration.conftest import make_tables
from tests.integration.test_rows_decide import COUNTY, HEAD, TOWNSHIP, VILLAGE, nation, row_of, rules_with
from tests.support.databases import Databases
from tests.support.moments import WINDOW

FIRST, SECOND = (Actor(f"c-{one}", frozenset({"township_coordinator"}), TOWNSHIP) for one in (1, 2))
MEDIATOR = Actor("m-1", frozenset({"village_mediator"}), VILLAGE)
STRANGE = Actor("s-1", frozenset({"township_coordinator"}), "110000")
FACTS = {"source": "walk_in", "dispute_type": "family", "area": VILLAGE}
ASKED = {"reason": "误登", "evidence": "登记簿"}


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.prepared(make_tables)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """In the county two persons void, correct, lift recusals and erase."""
    two = {"four_eyes": True, "agree_within": "2 wd"}
    return rules_with(tmp_path, *(nation(act, **two) for act in ("void", "correct", "lift_recusal")))


@pytest.fixture
def engine(url: str, rules: Path, clock: FixedClock) -> Iterator[Engine]:
    with Engine.open(url, clock=clock, rules=rules) as one:
        yield one


@pytest.fixture
def case(engine: Engine) -> int:
    people = [{"part": "applicant", "name": "李四"}]
    return engine.open_case("dispute", FACTS, key="k", by=WINDOW, parties=people).id


def kinds(engine: Engine, case: int) -> list[tuple[Happening, str]]:
    story = {
        Happening.AGREEMENT_ASKED,
        Happening.AGREED,
        Happening.AGREEMENT_REFUSED,
        Happening.AGREEMENT_LAPSED,
    }
    story |= {Happening.VOIDED}
    return [(one.kind, one.actor) for one in engine.history(case, limit=1000) if one.kind in story]


def test_one_asks_and_another_one_agrees(
    engine: Engine, case: int, url: str, rules: Path, clock: FixedClock
) -> None:
    with pytest.raises(NeedsAgreement) as alone:
        engine.void(case, by=FIRST, **ASKED)
    assert engine.case(case).status is CaseStatus.OPEN
    assert engine.refusals() == []
    assert alone.value.arguments == {"case": case, **ASKED}
    asked = engine.pending.ask(alone.value.act, alone.value.arguments, by=FIRST)
    assert engine.pending.ask("void", {"case": case, **ASKED}, by=FIRST) == asked
    assert (asked.act, asked.by, asked.arguments, asked.changed) == ("void", "c-1", ASKED, False)
    for who in (FIRST, SECOND):
        assert engine.pending.of(by=who) == [asked]
    for who in (MEDIATOR, STRANGE):
        assert engine.pending.of(by=who) == []
    # It survives a restart.
    with Engine.open(url, clock=clock, rules=rules) as other:
        done = other.pending.agree(asked.id, by=SECOND)
    assert done.status is CaseStatus.VOIDED
    assert engine.pending.of(by=SECOND) == []
    assert kinds(engine, case) == [
        (Happening.AGREEMENT_ASKED, "c-1"), (Happening.AGREED, "c-2"), (Happening.VOIDED, "c-1"),
    ]  # fmt: skip
    told = engine.explain(case).text("zh")
    assert "c-2 同意 c-1 提出的“作废”" in told
    assert "c-2 agreed to “" in engine.explain(case).text("en")
    with pytest.raises(NotFound):
        engine.pending.agree(asked.id, by=SECOND)


def test_who_may_agree(engine: Engine, case: int) -> None:
    asked = engine.pending.ask("void", {"case": case, **ASKED}, by=FIRST)
    full_width = Actor("c-１", frozenset({"township_coordinator"}), TOWNSHIP)
    for who in (FIRST, full_width, MEDIATOR, STRANGE, Actor.program("p")):
        with pytest.raises(NotAllowed):
            engine.pending.agree(asked.id, by=who)
    assert {one.actor for one in engine.refusals()} == {"c-1", "m-1", "s-1", "program:p"}
    engine.recuse(case, "c-2", reason="亲属", by=FIRST)
    with pytest.raises(NotAllowed, match="recused"):
        engine.pending.agree(asked.id, by=SECOND)
    assert engine.case(case).status is CaseStatus.OPEN
    [still] = engine.pending.of(by=FIRST)
    assert still.changed


def test_who_may_ask(engine: Engine, case: int) -> None:
    for who in (MEDIATOR, STRANGE, Actor.program("p")):
        with pytest.raises(NotAllowed):
            engine.pending.ask("void", {"case": case, **ASKED}, by=who)
    with pytest.raises(Conflict, match="needs no second person"):
        engine.pending.ask("records.hold", {"case": case, "reason": "诉讼"}, by=FIRST)
    with pytest.raises(UnknownValue):
        engine.pending.ask("merge", {"case": case}, by=FIRST)
    for wrong in ({"case": case, "wrong": 1}, {"case": case, "reason": b"x"}, {"reason": "x"}, []):
        with pytest.raises(FactError):
            engine.pending.ask("void", wrong, by=FIRST)  # type: ignore[arg-type]
    assert engine.pending.of(by=SECOND) == []
    assert kinds(engine, case) == []


def test_what_is_not_agreed_to_is_told(engine: Engine, case: int) -> None:
    asked = engine.pending.ask("void", {"case": case, **ASKED}, by=FIRST)
    with pytest.raises(NotAllowed):
        engine.pending.refuse(asked.id, reason="x", by=MEDIATOR)
    engine.pending.refuse(asked.id, reason="并非误登", by=SECOND)
    again = engine.pending.ask("void", {"case": case, **ASKED}, by=FIRST)
    engine.pending.refuse(again.id, reason="查清了", by=FIRST)
    assert engine.pending.of(by=SECOND) == []
    assert kinds(engine, case)[:2] == [
        (Happening.AGREEMENT_ASKED, "c-1"),
        (Happening.AGREEMENT_REFUSED, "c-2"),
    ]
    assert "并非误登" in engine.explain(case).text("zh")
    told = [one for one in engine.deliveries() if one.payload.get("action") == "agreement_refused"]
    assert [one.payload["holders"] for one in told] == [["c-1"], ["c-1"]]
    assert engine.case(case).status is CaseStatus.OPEN


def test_what_nobody_agrees_to_lapses(engine: Engine, case: int, clock: FixedClock) -> None:
    asked = engine.pending.ask("void", {"case": case, **ASKED}, by=FIRST)
    assert clock.now() < asked.until < clock.now() + timedelta(days=5)
    clock.set(asked.until)
    with pytest.raises(AlreadyDone, match="lapsed"):
        engine.pending.agree(asked.id, by=SECOND)
    engine.sweep()
    assert engine.pending.of(by=FIRST) == []
    assert kinds(engine, case)[-1] == (Happening.AGREEMENT_LAPSED, "system")
    assert "逾期无人同意" in engine.explain(case).text("zh")
    assert [one for one in engine.deliveries() if one.payload.get("action") == "agreement_lapsed"]


def test_everything_is_looked_at_again_when_somebody_agrees(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    """The post of who asked ended yesterday; or the case was closed meanwhile."""
    until = HeldPost("township_coordinator", TOWNSHIP, until=date(2026, 3, 2))
    gone = Actor("g-1", posts=(until,))
    asked = engine.pending.ask("void", {"case": case, **ASKED}, by=gone)
    clock.set(date(2026, 3, 3))
    with pytest.raises(NotAllowed, match="g-1"):
        engine.pending.agree(asked.id, by=SECOND)
    other = engine.pending.ask(
        "correct", {"case": case, "facts": {"title": "邻里"}, "reason": "误记"}, by=FIRST
    )
    voided = engine.pending.ask("void", {"case": case, **ASKED}, by=FIRST)
    engine.pending.agree(voided.id, by=SECOND)
    waits = {one.id: one.changed for one in engine.pending.of(by=FIRST)}
    assert waits[other.id]
    with pytest.raises(Conflict):
        engine.pending.agree(other.id, by=SECOND)
    assert other.id in {one.id for one in engine.pending.of(by=FIRST)}


def test_it_is_one_transaction_with_the_host(engine: Engine, case: int) -> None:
    asked = engine.pending.ask(
        "correct", {"case": case, "facts": {"title": "邻里"}, "reason": "误记"}, by=FIRST
    )
    with Session(engine._runtime.database.engine) as session:
        engine.pending.agree(asked.id, by=SECOND, session=session)
        session.rollback()
    assert engine.case(case).facts.get("title") is None
    assert engine.pending.of(by=SECOND) == [asked]
    with Session(engine._runtime.database.engine) as session:
        engine.pending.agree(asked.id, by=SECOND, session=session)
        session.commit()
    assert engine.case(case).facts["title"] == "邻里"


def test_the_journal_does_not_say_what_was_asked_for(engine: Engine, case: int) -> None:
    engine.pending.ask("correct", {"case": case, "facts": {"title": "李四家事"}, "reason": "李四"}, by=FIRST)
    assert not any("李四家事" in str(one.data) for one in engine.history(case, limit=1000))


@pytest.mark.parametrize(
    ("act", "row"),
    [
        ("void", {"four_eyes": True}),
        ("void", {"agree_within": "2 wd"}),
        ("claim", {"four_eyes": True, "agree_within": "2 wd"}),
    ],
)
def test_a_row_that_could_not_work_is_found(tmp_path: Path, act: str, row: dict[str, object]) -> None:
    (tmp_path / "nation").mkdir()
    text = HEAD + nation(act, **row)
    (tmp_path / "nation" / "authority.yaml").write_text(text.replace("override: true, ", ""), "utf-8")
    assert "not-by-two" in {one.code for one in check_rulebook(tmp_path, tuple(Kind))}


def test_a_layer_does_not_do_without_the_second_person(tmp_path: Path) -> None:
    erase = load_rulebook(bundled("rules")).view().authority["records.erase"]
    assert erase.four_eyes
    for layer, row in (("nation", nation("records.erase")), (COUNTY, row_of(erase, four_eyes=False))):
        (tmp_path / layer).mkdir()
        (tmp_path / layer / "authority.yaml").write_text(HEAD + row, "utf-8")
    (tmp_path / "nation" / "authority.yaml").write_text(
        (bundled("rules") / "nation/authority.yaml").read_text("utf-8")
    )
    assert "looser-layer" in {one.code for one in check_rulebook(tmp_path, tuple(Kind))}


def test_what_waits_is_found_without_a_look_through_the_agenda(engine: Engine) -> None:
    with engine._runtime.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.execute(
                sa.text(
                    "EXPLAIN QUERY PLAN SELECT * FROM jiefen_agenda WHERE kind = 'agreement' AND id > 0 ORDER BY id"
                )
            ).all()
            assert "ix_jiefen_agenda_agreements" in str(plan)


def test_at_the_command_line(engine: Engine, case: int, rules: Path, tmp_path: Path) -> None:
    url = engine._runtime.database.engine.url.render_as_string(hide_password=False)

    def run(*words: str, ends: int = 0) -> str:
        done = CliRunner().invoke(app, [*words, "--db", url, "--rules", str(rules), "--lang", "en"])
        assert done.exit_code == ends, done.output
        return done.output

    def who(id: str) -> list[str]:
        return ["--by", id, "--role", "township_coordinator", "--area", TOWNSHIP]

    said = run("void", str(case), "--reason", "误登", "--evidence", "登记簿", *who("c-1"), ends=1)
    assert "asked for as" in said
    assert '"act": "void"' in run("pending", "list", *who("c-2"), "--json")
    assert "c-1" in run("pending", "list", *who("c-2"))
    assert "1 more that others have asked for" in run("work", *who("c-2"))
    assert "asked for" not in run("work", *who("c-1"))
    [asked] = engine.pending.of(by=SECOND)
    run("pending", "refuse", str(asked.id), "--reason", "不是误登", *who("c-2"))
    run("void", str(case), "--reason", "误登", "--evidence", "登记簿", *who("c-1"), ends=1)
    [asked] = engine.pending.of(by=SECOND)
    run("pending", "agree", str(asked.id), *who("c-2"))
    assert engine.case(case).status is CaseStatus.VOIDED
