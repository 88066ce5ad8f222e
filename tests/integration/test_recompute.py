"""A holiday plan is published or revised while cases run: what would move, what moves, what must not happen twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import TRUSTED, Engine, FixedClock, Happening
from jiefen.bundled import bundled
from jiefen.cli.root import app
from jiefen.clock import CHINA
from jiefen.commands.recompute import Recomputation
from jiefen.errors import PeriodError, RuleError
from jiefen.periods import Holiday, Plan, load_calendar
from jiefen.periods.files import render
from jiefen.store import schema
from tests.integration.conftest import CLERK, HEAD, SMALL, Opener

OFFICE = TRUSTED
#: 60 days later it is Sunday 31 January 2027, of a year without a plan: it may be worked, or roll, nobody knows yet.
ANCHOR = date(2026, 12, 2)


def plan(year: int, *off: date, revision: int = 1) -> str:
    holidays = (Holiday("试", tuple(off)),)
    return render(Plan(year=year, revision=revision, papers=("https://example.org/plan",), holidays=holidays))


@pytest.fixture
def year_files(tmp_path: Path) -> Path:
    """The bundled calendars, and a plan of 2027 by which Monday 1 and Tuesday 2 February are days off."""
    folder = tmp_path / "calendars"
    shutil.copytree(bundled("rules") / "calendars", folder)
    days = date(2027, 1, 1), date(2027, 2, 1), date(2027, 2, 2)
    (folder / "2027.yaml").write_text(plan(2027, *days), encoding="utf-8")
    return folder


@pytest.fixture
def case(engine: Engine, clock: FixedClock) -> int:
    """A case whose deadline ends beyond the last published plan."""
    clock.set(ANCHOR)
    facts = {"area": "140429102", "amount": 1000, "received_on": ANCHOR}
    return engine.open_case("claim", facts, key="a", by=CLERK).id


def everything(engine: Engine) -> Mapping[str, Any]:
    """Every row of every table."""
    with engine._runtime.database.engine.connect() as connection:
        tables = schema.metadata.sorted_tables
        return {table.name: connection.execute(sa.select(table)).all() for table in tables}


def planned(engine: Engine) -> dict[str, datetime]:
    """What the agenda holds of deadlines, in China time."""
    with engine._runtime.database.engine.connect() as connection:
        query = sa.select(schema.agenda).where(schema.agenda.c.kind.in_(("expiry", "rung")))
        return {f"{row.kind} {row.ref}": row.at.astimezone(CHINA) for row in connection.execute(query)}


def dates(found: Recomputation) -> list[tuple[int, str, date | None, bool, date | None, bool]]:
    return [
        (m.case, m.rule, m.before.due_on, m.before.provisional, m.after.due_on, m.after.provisional)
        for m in found.moves
        if m.before and m.after
    ]


MOVED = ("claim.handle", date(2027, 1, 31), True, date(2027, 2, 3), False)


def test_a_dry_run_tells_and_writes_nothing(engine: Engine, case: int, year_files: Path) -> None:
    assert engine.deadlines(case)[0].provisional
    before = everything(engine)
    found = engine.recompute(calendar=year_files, by=OFFICE)
    assert dates(found) == [(case, *MOVED)]
    assert found.moves[0].why["en"] == "the holiday plan of 2027 was published"
    assert "2027" in found.moves[0].why["zh"]
    assert everything(engine) == before


def test_a_published_plan_makes_a_date_firm_and_moves_it_with_everything_planned_by_it(
    engine: Engine, case: int, year_files: Path
) -> None:
    found = engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    assert dates(found) == [(case, *MOVED)]
    deadline = engine.deadlines(case)[0]
    assert (deadline.due_on, deadline.provisional) == (date(2027, 2, 3), False)
    assert engine.tasks(case=case)[0].due_at == deadline.due_at
    assert planned(engine) == {
        "expiry 1": datetime(2027, 2, 4, tzinfo=CHINA),
        # Ten days before is a Sunday: the last working day that is early enough.
        "rung 1/warn": datetime(2027, 1, 22, 9, tzinfo=CHINA),
        "rung 1/remind": datetime(2027, 2, 4, 9, tzinfo=CHINA),
    }
    entry = engine.history(case)[-1]
    assert (entry.kind, entry.actor, entry.subject) == (
        Happening.DEADLINE_MOVED,
        "program:host",
        "claim.handle",
    )
    assert (entry.data["before"], entry.data["due_on"]) == ("2027-01-31", "2027-02-03")
    assert entry.data["calendar"] == load_calendar(year_files).digest
    assert "from 2027-01-31 to 2027-02-03: the holiday plan of 2027" in engine.explain(case).text("en")
    assert "2027年放假安排公布" in engine.explain(case).text("zh")


def test_applying_twice_moves_nothing_twice(engine: Engine, case: int, year_files: Path) -> None:
    engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    before = everything(engine)
    assert engine.recompute(calendar=year_files, dry_run=False, by=OFFICE).moves == ()
    assert engine.recompute(by=OFFICE).moves == ()
    assert everything(engine) == before


def test_what_has_fired_stays_fired(engine: Engine, case: int, year_files: Path, clock: FixedClock) -> None:
    clock.set(date(2027, 1, 25))
    assert engine.sweep().done["rung"] == 1
    engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    assert set(planned(engine)) == {"expiry 1", "rung 1/remind"}
    clock.set(date(2027, 2, 3))
    assert engine.sweep().total == 0
    clock.set(date(2027, 3, 1))
    engine.sweep()
    told = [(e.kind, e.subject) for e in engine.history(case)
            if e.kind in (Happening.RUNG, Happening.DEADLINE_EXPIRED)]  # fmt: skip
    assert told == [
        (Happening.RUNG, "claim.handle/warn"),
        (Happening.DEADLINE_EXPIRED, "claim.handle"),
        (Happening.RUNG, "claim.handle/remind"),
    ]


def test_no_later_step_moves_it_back(
    opener: Opener, engine: Engine, case: int, year_files: Path, clock: FixedClock
) -> None:
    other = opener()  # a worker that was running before the plan came
    assert other.deadlines(case)[0].provisional
    engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    later = opener()  # and one that starts afterwards, on an edition that lacks the plan
    clock.advance(timedelta(days=1))
    for worker, ground in ((other, "a"), (later, "b")):
        worker.suspend(case, "claim.handle", ground="hearing", since=china(clock), by=HEAD)
        worker.resume(case, "claim.handle", on=china(clock), by=HEAD)
        deadline = worker.deadlines(case)[0]
        assert (deadline.due_on, deadline.provisional) == (date(2027, 2, 3), False), ground


def china(clock: FixedClock) -> date:
    return clock.now().astimezone(CHINA).date()


def test_a_revision_moves_a_firm_day_of_open_and_ended_cases(
    engine: Engine, clock: FixedClock, year_files: Path
) -> None:
    facts = {"area": "140429102", "amount": 1000, "received_on": date(2026, 3, 2)}
    still = engine.open_case("claim", facts, key="a", by=CLERK).id
    ended = engine.open_case("claim", facts, key="b", by=CLERK).id
    for outcome in ({}, {"outcome": "agreed"}):
        engine.complete(engine.tasks(case=ended)[0].id, outcome, by=HEAD if outcome else CLERK)
    clock.set(date(2026, 3, 10))
    engine.sweep()
    assert engine.case(ended).status == "ended"
    # The duty ends on Friday 1 May 2026, rolled to the 6th; the right to review on Wednesday 1 April.
    assert engine.deadlines(still)[0].due_on == date(2026, 5, 6)
    assert engine.deadlines(ended)[-1].due_on == date(2026, 4, 1)
    lines = (year_files / "2026.yaml").read_text(encoding="utf-8").replace("revision: 1", "revision: 2")
    lines += "  - {name: 试, days_off: [2026-04-01, 2026-05-06]}\n"
    (year_files / "2026.yaml").write_text(lines, encoding="utf-8")
    found = engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    assert dates(found) == [
        (still, "claim.handle", date(2026, 5, 6), False, date(2026, 5, 7), False),
        (ended, "claim.review", date(2026, 4, 1), False, date(2026, 4, 2), False),
    ]
    assert found.moves[0].why["en"].startswith("the holiday plan of 2026 was revised (revision 2)")
    assert engine.deadlines(ended)[-1].due_on == date(2026, 4, 2)
    clock.set(date(2026, 4, 2))
    assert engine.sweep().done.get("expiry") is None


def test_a_suspended_deadline_has_no_date_to_move(
    engine: Engine, case: int, year_files: Path, clock: FixedClock
) -> None:
    engine.suspend(case, "claim.handle", ground="hearing", by=HEAD)
    assert engine.recompute(calendar=year_files, dry_run=False, by=OFFICE).moves == ()
    assert engine.deadlines(case)[0].due_on is None
    clock.advance(timedelta(days=1))
    engine.resume(case, "claim.handle", by=HEAD)
    assert not engine.deadlines(case)[0].provisional


def test_a_calendar_that_would_lead_back_is_refused(
    engine: Engine, case: int, tmp_path: Path, year_files: Path
) -> None:
    engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    before = everything(engine)
    with pytest.raises(PeriodError, match="not newer"):
        engine.recompute(calendar=bundled("rules") / "calendars", dry_run=False, by=OFFICE)
    short = tmp_path / "short"
    short.mkdir()
    shutil.copy(year_files / "2027.yaml", short)
    with pytest.raises(PeriodError, match="earlier years"):
        engine.recompute(calendar=short, by=OFFICE)
    assert everything(engine) == before


def test_a_damaged_case_does_not_stop_the_others(engine: Engine, case: int, year_files: Path) -> None:
    facts = {"area": "140429102", "amount": 1000, "received_on": ANCHOR}
    second = engine.open_case("claim", facts, key="b", by=CLERK).id
    with engine._runtime.database.engine.begin() as connection:
        connection.execute(sa.update(schema.case).where(schema.case.c.id == case).values(state=b"damaged"))
    found = engine.recompute(calendar=year_files, dry_run=False, by=OFFICE)
    assert set(found.failed) == {case}
    assert [move.case for move in found.moves] == [second]


@pytest.fixture
def amend(tmp_path: Path) -> Callable[..., Path]:
    """Makes a copy of the small rulebook with something replaced in it."""

    def amended(*pairs: tuple[str, str]) -> Path:
        rules = tmp_path / f"rules-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(SMALL / "rules", rules)
        for file in rules.rglob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            for old, new in pairs:
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8")
        return rules

    return amended


SHORTER = ("length: 60 d", "length: 30 d")
LONGER = ("length: 60 d", "length: 90 d")
WHY = {
    "zh": "规则由 60日 改为 30日",
    "en": "the rule changes from 60 days to 30 days",
}


class TestAnotherRulebook:
    def test_a_dry_run_tells_and_writes_nothing(
        self, engine: Engine, case: int, amend: Callable[..., Path]
    ) -> None:
        before = everything(engine)
        found = engine.recompute(rules=amend(SHORTER), by=OFFICE)
        assert dates(found) == [(case, "claim.handle", date(2027, 1, 31), True, date(2027, 1, 2), True)]
        assert found.moves[0].why == WHY
        assert found.cases == 1
        assert everything(engine) == before

    def test_applying_moves_what_runs_and_rules_what_comes(
        self, engine: Engine, clock: FixedClock, amend: Callable[..., Path]
    ) -> None:
        facts = {"area": "140429102", "amount": 1000, "received_on": date(2026, 3, 2)}
        case = engine.open_case("claim", facts, key="a", by=CLERK)
        rules = amend(SHORTER, ("length: 10 d", "length: 20 d"))
        engine.recompute(rules=rules, dry_run=False, by=OFFICE)
        deadline = engine.deadlines(case.id)[0]
        assert deadline.due_on == date(2026, 4, 1)
        assert planned(engine)["expiry 1"] == datetime(2026, 4, 2, tzinfo=CHINA)
        after = engine.case(case.id)
        assert after.edition != case.edition
        assert engine.edition.digest == case.edition, "new cases still run on what the engine has loaded"
        changed, moved = engine.history(case.id)[-2:]
        assert (changed.kind, changed.actor) == (Happening.RULES_CHANGED, "program:host")
        assert (changed.data["before"], changed.data["after"]) == (case.edition, after.edition)
        assert (moved.kind, moved.data["why"]) == (Happening.DEADLINE_MOVED, WHY)
        assert f"from 2026-05-06 to 2026-04-01: {WHY['en']}" in engine.explain(case.id).text("en")
        # What begins to run later does so by the new rules.
        for outcome in ({}, {"outcome": "agreed"}):
            engine.complete(engine.tasks(case=case.id)[0].id, outcome, by=HEAD if outcome else CLERK)
        review = engine.deadlines(case.id)[-1]
        assert review.rule == "claim.review"
        assert review.due_on is not None
        assert (review.due_on - date(2026, 3, 2)).days >= 20

    def test_applying_twice_changes_nothing_and_another_worker_follows(
        self, opener: Opener, engine: Engine, case: int, amend: Callable[..., Path]
    ) -> None:
        other, rules = opener(), amend(SHORTER)
        engine.recompute(rules=rules, dry_run=False, by=OFFICE)
        before = everything(engine)
        again = other.recompute(rules=rules, dry_run=False, by=OFFICE)
        assert (again.moves, again.failed, again.cases) == ((), {}, 0)
        assert everything(engine) == before
        assert other.deadlines(case) == engine.deadlines(case)
        assert other.explain(case).text("en") == engine.explain(case).text("en")

    def test_what_has_fired_stays_fired(
        self, engine: Engine, case: int, clock: FixedClock, amend: Callable[..., Path]
    ) -> None:
        clock.set(date(2027, 1, 25))
        assert engine.sweep().done["rung"] == 1
        engine.recompute(rules=amend(LONGER), dry_run=False, by=OFFICE)
        clock.set(date(2027, 5, 1))
        engine.sweep()
        told = [e.subject for e in engine.history(case) if e.kind is Happening.RUNG]
        assert told == ["claim.handle/warn", "claim.handle/remind"]

    def test_what_expired_by_a_wrong_rule_runs_again(
        self, engine: Engine, clock: FixedClock, amend: Callable[..., Path]
    ) -> None:
        facts = {"area": "140429102", "amount": 1000, "received_on": date(2026, 3, 2)}
        case = engine.open_case("claim", facts, key="a", by=CLERK).id
        clock.set(date(2026, 5, 8))
        engine.sweep()
        assert engine.deadlines(case)[0].status == "expired"
        assert engine.recompute(rules=amend(SHORTER), by=OFFICE).moves == ()
        found = engine.recompute(rules=amend(LONGER), dry_run=False, by=OFFICE)
        assert [(move.reopened, move.after.due_on) for move in found.moves if move.after] == [
            (True, date(2026, 6, 1))
        ]
        deadline = engine.deadlines(case)[0]
        assert (deadline.status, deadline.due_on, deadline.closed_at) == ("running", date(2026, 6, 1), None)
        assert "Deadline runs again" in engine.explain(case).text("en")
        clock.set(date(2026, 6, 3))
        engine.sweep()
        kinds = [entry.kind for entry in engine.history(case)]
        assert kinds.count(Happening.DEADLINE_EXPIRED) == 2
        told = [entry.data["ref"] for entry in engine.history(case) if entry.kind is Happening.DELIVERY]
        # The warning stays given; the reminder of the false end does not stand for that of the real one.
        assert told == ["rung/1/warn", "rung/1/remind", "rung/1/remind/1"]

    def test_a_deadline_that_the_rules_no_longer_give_ends(
        self, engine: Engine, case: int, amend: Callable[..., Path]
    ) -> None:
        rules = amend(("from: 2020-01-01", "from: 2026-12-20"))
        found = engine.recompute(rules=rules, dry_run=False, by=OFFICE)
        assert [(move.rule, move.after) for move in found.moves] == [("claim.handle", None)]
        assert engine.deadlines(case)[0].status == "cancelled"
        assert planned(engine) == {}
        assert "the other rulebook does not give this deadline" in engine.explain(case).text("en")

    def test_a_rulebook_under_which_a_process_cannot_run_changes_nothing(
        self, engine: Engine, case: int, amend: Callable[..., Path]
    ) -> None:
        before = everything(engine)
        found = engine.recompute(rules=amend(("claim.handle", "claim.treat")), dry_run=False, by=OFFICE)
        assert (found.moves, found.cases) == ((), 0)
        assert "claim.handle" in found.failed[case]
        after = dict(everything(engine))
        assert after.pop("jiefen_calendar") is not None
        assert after == {name: rows for name, rows in before.items() if name != "jiefen_calendar"}

    def test_a_broken_rulebook_is_refused(
        self, engine: Engine, case: int, amend: Callable[..., Path]
    ) -> None:
        before = everything(engine)
        with pytest.raises(RuleError):
            engine.recompute(rules=amend(("length: 60 d", "length: sixty")), dry_run=False, by=OFFICE)
        assert everything(engine) == before


def test_from_the_command_line(
    engine: Engine, case: int, url: str, year_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEFEN_PROCESSES", str(SMALL / "processes"))
    monkeypatch.setenv("JIEFEN_RULES", str(SMALL / "rules"))
    asked = ["--lang", "en", "recompute", "--db", url, "--calendar", str(year_files)]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    assert "2027-01-31 (provisional)" in told.stdout
    assert "dry run: 1 deadlines would move" in told.stdout
    assert engine.deadlines(case)[0].provisional
    assert CliRunner().invoke(app, [*asked, "--apply", "--by", "0412"]).exit_code == 1
    done = CliRunner().invoke(app, [*asked, "--apply", "--json"])
    answer = json.loads(done.stdout)
    assert (answer["dry_run"], answer["failed"]) == (False, {})
    assert answer["moves"][0]["after"] == {"due_on": "2027-02-03", "provisional": False}
    assert engine.deadlines(case)[0].due_on == date(2027, 2, 3)
