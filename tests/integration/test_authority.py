"""Every act has its row in authority.yaml, nothing goes past it, and what is refused is written down."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from jiefen import EVERYWHERE, TRUSTED, Actor, Case, Engine, FixedClock, Happening, NotAllowed
from jiefen.bundled import bundled
from jiefen.cli.root import app
from jiefen.commands.binding import ACT
from jiefen.people.directory_file import check_directory
from jiefen.rules import Kind, Who, check_rulebook, load_rulebook
from tests.integration.conftest import make_tables
from tests.support.databases import Databases
from tests.support.moments import WINDOW

VILLAGE, TOWNSHIP, COUNTY = "140429102201", "140429102", "140429"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
MEDIATOR = Actor("m-1", frozenset({"village_mediator"}), VILLAGE)
SYSTEM, SECURITY, AUDIT = (
    Actor(f"{one}-1", frozenset({f"{one}_administrator"}), EVERYWHERE)
    for one in ("system", "security", "audit")
)
#: Calls that change nothing that anybody answers for, are the clock's and a program's own, or go by the row of what is
#: asked for.
NO_ACTS = {
    "absences", "acknowledge", "as_", "by_code", "case", "cases", "close", "deadlines", "deadlines_due", "deliveries",
    "directory", "dispatches", "earliest_right", "explain", "feed", "figure_cases", "figures", "history", "incidents",
    "lag", "links", "on", "open", "open_questions", "petition_report", "probable_repeats", "rate", "ratings",
    "refusals", "refused_often", "search", "supervisions", "sweep", "task", "tasks", "whistles", "workload",
    "worklist", "appointments.find", "appointments.of", "attachments.check", "attachments.of", "attachments.read",
    "calls.once", "calls.unchanged", "calls.used", "calls.uses",
    "checklists.of", "documents.draft", "documents.kinds", "documents.of", "documents.read", "documents.services",
    "diaries.addresses", "diaries.of", "diaries.opened", "grades.readers",
    "pending.agree", "pending.ask", "pending.of", "pending.refuse",

    "leading.of", "notes.of", "parties.of",
    "routines.lists",
    "records.encrypt", "records.rewrite",
}  # fmt: skip


@pytest.fixture
def engine(databases: Databases, clock: FixedClock) -> Iterator[Engine]:
    """The bundled edition."""
    with Engine.open(databases.prepared(make_tables), clock=clock) as one:
        yield one


@pytest.fixture
def case(engine: Engine) -> Case:
    facts = {"source": "walk_in", "dispute_type": "family", "area": VILLAGE, "violence": True}
    people = [{"part": "applicant", "name": "李四"}]
    return engine.open_case("dispute", facts, key="dv:1", by=WINDOW, parties=people)


def public(engine: Engine) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every call of the engine and of its parts, by the name under which hosts know it."""
    for name in dir(engine):
        one = getattr(engine, name)
        if name.startswith("_"):
            continue
        if inspect.ismethod(one):
            yield name, one
        elif type(one).__module__.startswith("jiefen.") and hasattr(one, "_runtime"):
            for part in dir(one):
                if not part.startswith("_") and inspect.ismethod(getattr(one, part)):
                    yield f"{name}.{part}", getattr(one, part)


class TestRows:
    def test_every_call_that_writes_and_every_message_has_its_row(self, engine: Engine) -> None:
        rulebook = engine.edition.rulebook
        rows, met = rulebook.view().authority, set()
        for name, call in public(engine):
            act = getattr(call, ACT, None)
            if act is None:
                assert name in NO_ACTS, (
                    f"{name} is no act that authority.yaml knows, and not among those without one"
                )
                continue
            assert act == name or (name, act) == ("receive", "message")
            assert act in rows, f"{act} has no row in authority.yaml"
            met.add(act)
            asks = {"reason", "why"} & {*inspect.signature(call).parameters}
            assert asks or not rows[act].reason, f"{act} cannot be told why"
        inside = {"message.will", "grades.lower", "close_by.change"}
        assert {*rows} == met | inside, "a row that no call looks at"
        assert all(
            rulebook.authority("message.will" if one.will else "message")
            for one in rulebook.messages.values()
        )

    def test_the_bundled_rows_name_no_role_so_that_they_hold_for_every_rulebook(self) -> None:
        rows = load_rulebook(bundled("rules")).view().authority.values()
        assert {one for row in rows for one in row.by} <= set(Who)

    def test_a_rulebook_that_says_nothing_goes_by_them(self, tmp_path: Path) -> None:
        (tmp_path / "roles.yaml").write_text(
            "roles:\n  x: {title: {zh: 甲, en: A}, level: county}\n", "utf-8"
        )
        said = load_rulebook(tmp_path).authority("void")
        assert said is not None
        assert said.by == ("corrects",)
        assert load_rulebook(tmp_path).authority("no_such_act") is None

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("{by: [post]}", None),
            ("{by: [pots]}", "unknown-who"),
            ("{by: [system, security]}", "powers-meet"),
            ("{by: [system, post]}", "powers-meet"),
        ],
    )
    def test_what_is_wrong_is_found_at_load(self, tmp_path: Path, row: str, code: str | None) -> None:
        self.write(tmp_path, "nation", row)
        found = {one.code for one in check_rulebook(tmp_path, tuple(Kind))}
        assert (code in found) if code else not found & {"unknown-who", "powers-meet"}

    @pytest.mark.parametrize(
        ("row", "looser"),
        [
            ("{by: [corrects], reason: true, override: true}", False),
            ("{by: [corrects, post], reason: true, override: true}", True),
            ("{by: [corrects], override: true}", True),
        ],
    )
    def test_a_layer_is_only_stricter(self, tmp_path: Path, row: str, looser: bool) -> None:
        self.write(tmp_path, "nation", "{by: [corrects, program], reason: true}")
        self.write(tmp_path, "140429", row)
        found = {one.code for one in check_rulebook(tmp_path, tuple(Kind))}
        assert ("looser-layer" in found) is looser

    @pytest.mark.parametrize("more", ["corrects: true", "deputies: [y]", "head: y"])
    def test_an_administrator_is_no_office(self, tmp_path: Path, more: str) -> None:
        roles = f"roles:\n  x: {{title: {{zh: 甲, en: A}}, level: county, administers: audit, {more}}}\n"
        (tmp_path / "roles.yaml").write_text(
            roles + "  y: {title: {zh: 乙, en: B}, level: county}\n", "utf-8"
        )
        assert "powers-meet" in {one.code for one in check_rulebook(tmp_path)}

    @staticmethod
    def write(root: Path, layer: str, row: str) -> None:
        (root / layer).mkdir()
        said = row.replace("{by", "{title: {zh: 作废, en: Void}, because: {policy: {zh: 定, en: set}}, by")
        head = "defaults: {from: 2022-05-01, owner: a, confidence: policy}\nauthority:\n"
        (root / layer / "authority.yaml").write_text(f"{head}  void: {said}\n", "utf-8")


class TestActs:
    def test_nobody_does_anything_to_a_case_of_another_province(self, engine: Engine, case: Case) -> None:
        nobody = Actor("anyone", frozenset(), "110000")
        strange = Actor("s", frozenset({"township_coordinator"}), "110000")
        for by in (nobody, strange, Actor("x", frozenset({"township_coordinator"}))):
            for act in (
                lambda by: engine.bind_leader(case.id, "0001", by=by),
                lambda by: engine.recuse(case.id, "0618", reason="x", by=by),
                lambda by: engine.lift_recusal(case.id, "0618", reason="x", by=by),
                lambda by: engine.log_contact(case.id, "telephone", "伪造", by=by),
                lambda by: engine.message("party.withdrew", case=case.id, key="f", by=by),
                lambda by: engine.message("matter.urgent", case=case.id, key="f", by=by),
                lambda by: engine.milestone(case.id, "petition_accepted", by=by),
                lambda by: engine.notes.add(case.id, "x", by=by),
                lambda by: engine.void(case.id, reason="x", by=by),
                lambda by: engine.recompute(dry_run=False, by=by),
                lambda by: engine.routines.keep(TOWNSHIP, by=by),
                lambda by: engine.routines.stop(TOWNSHIP, by=by),
                lambda by: engine.load_edition(by=by),
                lambda by: engine.load_directory("no-such-file.yaml", by=by),
            ):
                with pytest.raises(NotAllowed):
                    act(by)
        assert [one.kind for one in engine.history(case.id) if one.actor in ("anyone", "s", "x")] == []

    def test_a_program_does_what_is_for_programs_and_no_more(self, engine: Engine, case: Case) -> None:
        for act in (
            lambda: engine.recuse(case.id, "0618", reason="x", by=TRUSTED),
            lambda: engine.void(case.id, reason="x", by=TRUSTED),
            lambda: engine.notes.add(case.id, "x", by=TRUSTED),
        ):
            with pytest.raises(NotAllowed, match="not for the program program:host"):
                act()
        assert engine.recompute(dry_run=False, by=TRUSTED).failed == {}
        assert engine.routines.keep(TOWNSHIP)

    def test_the_clerk_of_a_village_recuses_nobody_but_themselves(self, engine: Engine, case: Case) -> None:
        with pytest.raises(NotAllowed):
            engine.recuse(case.id, "0618", reason="x", by=MEDIATOR)
        engine.recuse(case.id, MEDIATOR.id, reason="亲属", by=MEDIATOR)
        with pytest.raises(NotAllowed):
            engine.notes.add(case.id, "x", by=MEDIATOR)

    def test_a_recusal_is_lifted_with_a_reason_by_who_decides_it(self, engine: Engine, case: Case) -> None:
        engine.recuse(case.id, MEDIATOR.id, reason="误认亲属", by=CENTRE)
        with pytest.raises(NotAllowed, match="recused"):
            engine.lift_recusal(case.id, MEDIATOR.id, reason="无关", by=MEDIATOR)
        for _ in range(2):
            engine.lift_recusal(case.id, MEDIATOR.id, reason="核实并非亲属", by=CENTRE)
        [entry] = [one for one in engine.history(case.id) if one.kind is Happening.RECUSAL_LIFTED]
        assert (entry.actor, entry.subject, entry.data["reason"]) == ("c-1", MEDIATOR.id, "核实并非亲属")
        assert "核实并非亲属" in engine.explain(case.id).text("zh")
        engine.notes.add(case.id, "继续办理", by=MEDIATOR)


class TestAdministrators:
    def test_their_powers_do_not_meet(self, engine: Engine, case: Case, tmp_path: Path) -> None:
        file = tmp_path / "d.yaml"
        file.write_text("units: {'140429': {title: {zh: 县, en: C}}}\nposts: []\n", "utf-8")
        acts: dict[str, tuple[Actor, Callable[[Actor], object]]] = {
            "recompute": (SYSTEM, lambda by: engine.recompute(dry_run=False, by=by)),
            "load_edition": (SYSTEM, lambda by: engine.load_edition(by=by)),
        }
        for mine, act in acts.values():
            act(mine)
            for other in {SYSTEM, SECURITY, AUDIT, CENTRE} - {mine}:
                with pytest.raises(NotAllowed):
                    act(other)
        for other in (SYSTEM, AUDIT, CENTRE):
            with pytest.raises(NotAllowed, match="security_administrator"):
                engine.load_directory(file, by=other)

    def test_none_of_them_touches_a_case(self, engine: Engine, case: Case) -> None:
        for by in (SYSTEM, SECURITY, AUDIT):
            for act in (
                lambda by: engine.notes.add(case.id, "x", by=by),
                lambda by: engine.void(case.id, reason="x", by=by),
                lambda by: engine.message("party.withdrew", case=case.id, key="f", by=by),
            ):
                with pytest.raises(NotAllowed):
                    act(by)

    def test_nobody_is_two_of_them(self, engine: Engine) -> None:
        both = Actor("b", frozenset({"system_administrator", "audit_administrator"}), EVERYWHERE)
        with pytest.raises(NotAllowed, match="two administrators"):
            engine.recompute(dry_run=False, by=both)

    @pytest.mark.parametrize(("until", "wrong"), [("2026-12-31", True), ("2026-01-31", False)])
    def test_no_directory_makes_somebody_two_of_them(
        self, engine: Engine, tmp_path: Path, until: str, wrong: bool
    ) -> None:
        file = tmp_path / "d.yaml"
        file.write_text(
            "units: {'140429': {title: {zh: 县, en: County}}}\n"
            f"posts:\n  - {{role: system_administrator, area: '140429', holder: a-1, to: {until}}}\n"
            "  - {role: audit_administrator, area: '140429', holder: a-1, from: 2026-02-01}\n",
            "utf-8",
        )
        found = {one.code for one in check_directory(file, engine.edition.rulebook.roles)}
        assert ("two-administrators" in found) is wrong


class TestRefusals:
    def test_they_are_written_down_and_counted(self, engine: Engine, case: Case, clock: FixedClock) -> None:
        stranger = Actor("s-1", frozenset({"village_mediator"}), "110000")
        for _ in range(3):
            with pytest.raises(NotAllowed):
                engine.void(case.id, reason="李四的案子", by=stranger)
        with pytest.raises(NotAllowed):
            engine.notes.add(case.id, "李四", by=Actor.program("p"))
        first, *_ = found = engine.refusals()
        assert len(found) == 4
        assert (first.actor, first.act, first.case) == ("s-1", "void", case.id)
        assert not any("李四" in one.why for one in found)
        assert [one.act for one in engine.refusals(actor="program:p", case=case.id)] == ["notes.add"]
        assert engine.refusals(after=found[-1].id) == []
        [often] = engine.refused_often(least=3)
        assert (often.actor, often.times) == ("s-1", 3)
        clock.advance(timedelta(days=8))
        assert engine.refused_often(least=1) == []
        assert engine.refusals(since=clock.now()) == []

    def test_also_in_the_transaction_of_a_host_that_rolls_back(self, engine: Engine, case: Case) -> None:
        database = engine._runtime.database.engine
        with Session(database) as session:
            with pytest.raises(NotAllowed):
                engine.void(case.id, reason="x", by=MEDIATOR, session=session)
            session.rollback()
        with database.connect() as connection, connection.begin() as transaction:
            with pytest.raises(NotAllowed):
                engine.void(case.id, reason="x", by=MEDIATOR, session=connection)
            connection.execute(sa.text("select 1"))
            transaction.rollback()
        assert [one.act for one in engine.refusals()] == ["void", "void"]

    def test_what_an_act_does_inside_itself_is_part_of_it(self, engine: Engine, case: Case) -> None:
        engine.dispatch(case.id, asked="上门核实", key="d:1", to="civil_affairs", by=CENTRE)
        assert engine.refusals() == []


def test_at_the_command_line(engine: Engine, case: Case) -> None:
    url = engine._runtime.database.engine.url.render_as_string(hide_password=False)

    def run(*words: str, ends: int = 0) -> str:
        done = CliRunner().invoke(app, [*words, "--db", url, "--lang", "en"])
        assert done.exit_code == ends, done.output
        return done.output

    shown = CliRunner().invoke(app, ["rules", "authority", "--lang", "en"])
    assert shown.exit_code == 0
    assert "recuse" in shown.output
    listed = CliRunner().invoke(app, ["rules", "authority", "--json"])
    assert '"message.will"' in listed.output
    run("recuse", str(case.id), "0618", "--reason", "x", "--by", "v", ends=1)
    who = ("--reason", "x", "--by", "c", "--role", "township_coordinator", "--area", TOWNSHIP)
    run("recuse", str(case.id), "0618", *who)
    words = run("recuse", str(case.id), "0618", "--lift", *who)
    assert "works on case" in words
    assert "recuse" in run("audit", "refusals")
    assert '"actor"' in run("audit", "refusals", "--who", "v", "--json")
    assert "v" in run("audit", "refusals", "--often", "1")
