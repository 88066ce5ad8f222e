"""What is due over all cases is what each of them says for itself; on both databases."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import Actor, Answer, Due, Engine, FactError, FixedClock, JiefenError, UnknownValue
from jiefen.cli.frame.output import show_csv
from jiefen.cli.root import app
from jiefen.store import schema
from tests.integration.conftest import HEAD, Opener
from tests.integration.test_engine import opened
from tests.integration.watch import china
from tests.support.moments import WINDOW

AREAS = ("140429102", "140429102201", "140429103", "140430")
LIVE = ("running", "expired")


@pytest.fixture
def engine(engine: Engine, clock: FixedClock) -> Engine:
    """A county with cases of four areas, opened over months: some deadlines run, some have passed."""
    clock.set(china(1, 5))
    for number in range(8):
        opened(engine, f"k{number}", area=AREAS[number % len(AREAS)], received_on=clock.now().date())
        clock.advance(timedelta(days=9))
        engine.sweep()
    return engine


def expected(engine: Engine) -> list[tuple[int, int]]:
    """The same from the deadlines of each case."""
    live = [
        (one.due_at, one.case, one.seq)
        for case in engine.cases(status="open", limit=1000)
        for one in engine.deadlines(case.id)
        if one.status in LIVE and one.due_at is not None
    ]
    return [(case, seq) for _, case, seq in sorted(live)]


def ids(found: list[Due]) -> list[tuple[int, int]]:
    return [(one.deadline.case, one.deadline.seq) for one in found]


def test_all_of_all_open_cases_in_the_order_of_their_ends(engine: Engine) -> None:
    found = engine.deadlines_due(limit=1000)
    assert ids(found) == expected(engine)
    assert {str(one.deadline.status) for one in found} == set(LIVE)
    own = {(one.case, one.seq): one for case in engine.cases() for one in engine.deadlines(case.id)}
    assert all(one.deadline == own[one.deadline.case, one.deadline.seq] for one in found)
    assert [one.key for one in found] == [engine.case(one.deadline.case).key for one in found]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_go_on_without_a_gap_or_a_repeat(engine: Engine, limit: int) -> None:
    pages: list[Due] = []
    while page := engine.deadlines_due(after=pages[-1].token if pages else None, limit=limit):
        pages += page
    assert ids(pages) == ids(engine.deadlines_due(limit=1000))


def test_a_last_day_is_inside_its_window_and_in_no_other(engine: Engine) -> None:
    all_of_them = engine.deadlines_due(limit=1000)
    for one in all_of_them:
        day = one.deadline.due_on
        if day is None:
            continue
        place = (one.deadline.case, one.deadline.seq)
        assert place in ids(engine.deadlines_due(since=day, until=day, limit=1000))
        assert place not in ids(engine.deadlines_due(since=day + timedelta(days=1), limit=1000))
        assert place not in ids(engine.deadlines_due(until=day - timedelta(days=1), limit=1000))
    today = date(2026, 2, 28)
    overdue, rest = (
        engine.deadlines_due(until=today, limit=1000),
        engine.deadlines_due(since=today + timedelta(days=1), limit=1000),
    )
    assert ids(overdue) + ids(rest) == ids(all_of_them)


def test_by_area_rule_and_holder(engine: Engine) -> None:
    all_of_them = engine.deadlines_due(limit=1000)
    for area in ("140429", AREAS[0]):
        inside = [one for one in all_of_them if (one.area or "").startswith(area)]
        assert inside
        assert engine.deadlines_due(area=area, limit=1000) == inside
    for rule in {one.deadline.rule for one in all_of_them}:
        assert [one for one in all_of_them if one.deadline.rule == rule] == engine.deadlines_due(
            rule=rule, limit=1000
        )
    holders = {one.deadline.holder for one in all_of_them} - {None}
    assert holders
    for holder in holders:
        theirs = [one for one in all_of_them if one.deadline.holder == holder]
        assert engine.deadlines_due(holder=holder, limit=1000) == theirs
        assert engine.deadlines_due(holder=holder, limit=1) == theirs[:1]


def test_a_case_that_is_over_is_not_in_the_list(engine: Engine) -> None:
    case = engine.deadlines_due()[0].deadline.case
    engine.void(case, reason="误登", evidence="登记簿", by=HEAD)
    assert case not in {one.deadline.case for one in engine.deadlines_due(limit=1000)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"holder": "village_mediatr"}, {"rule": "mediation.complet"}, {"since": "2026-03-02"}, {"until": 3},
        {"since": date(1, 1, 1)}, {"until": date.max}, {"after": "x"}, {"after": "2026-01-01T00:00:00+00:00/1"},
        {"after": f"2026-01-01T00:00:00+00:00/{2**70}/1"}, {"limit": 0}, {"area": "abc"},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(engine: Engine, wrong: dict[str, object]) -> None:
    with pytest.raises(JiefenError) as caught:
        engine.deadlines_due(**wrong)  # type: ignore[arg-type]
    assert isinstance(caught.value, UnknownValue if {"holder", "rule"} & set(wrong) else FactError)


def test_the_command_lists_the_same(engine: Engine, url: str) -> None:
    def run(*more: str) -> str:
        result = CliRunner().invoke(app, ["--db", url, "--lang", "zh", "deadlines-due", *more])
        assert result.exit_code == 0, result.output
        return result.output

    found = engine.deadlines_due(until=date(2026, 4, 30), area="140429", holder="clerk")
    assert found
    narrow = ("--until", "2026-04-30", "--area", "140429", "--holder", "clerk")
    assert [one["token"] for one in json.loads(run(*narrow, "--json"))] == [one.token for one in found]
    heading, *rows = csv.reader(run(*narrow, "--csv").removeprefix("\ufeff").splitlines())
    assert heading == ["案件", "事由", "属地", "期限", "责任人", "最后一日", "剩余天数"]
    assert [(int(row[0]), row[1], row[5]) for row in rows] == [
        (one.deadline.case, one.title or one.key, str(one.deadline.due_on)) for one in found
    ]
    assert all(row[6].removeprefix("-").isdigit() for row in rows)  # by the clock of the machine
    assert f"--after {found[0].token}" in run(*narrow, "--limit", "1").replace("\n", "")


def test_no_cell_of_a_sheet_is_run_as_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    risky = ["=1+1", "+1", "-1", "@x", " =1", "＝1", "＋1", "－1", "＠x"]
    show_csv("zh", [("甲", "a")], [[text] for text in [*risky, "墙", -3]])
    _, *cells = csv.reader(capsys.readouterr().out.splitlines())
    assert [one[0] for one in cells] == [*(f"'{text}" for text in risky), "墙", "-3"]


def test_deadlines_know_that_their_case_is_over(opener: Opener, clock: FixedClock) -> None:
    engine = opener(processes=None, rules=None)
    centre = Actor("c-1", frozenset({"township_coordinator"}), "140429102")
    facts = {"source": "petition", "area": "140429102", "urgent": True, "dispute_type": "neighbour"}

    def keys() -> set[str]:
        with engine._runtime.reading() as connection:
            over, case = schema.deadline.c.case_ended_at, schema.case.c
            query = sa.select(case.status, over).join(schema.case, case.id == schema.deadline.c.case_id)
            query = query.where(schema.deadline.c.status == "expired")
            assert all((status == "open") == (at is None) for status, at in connection.execute(query))
        return {one.key for one in engine.deadlines_due(limit=1000)}

    cases = {key: engine.open_case("dispute", facts, key=key, by=centre).id for key in ("a", "b", "c", "d")}
    clock.advance(timedelta(days=5))
    engine.sweep()
    assert keys() == {*cases}
    engine.message("party.withdrew", case=cases["a"], key="w", by=WINDOW)
    [task] = engine.tasks(case=cases["a"])
    engine.complete(task.id, {}, by=Actor("c-2", frozenset(task.roles), "140429102"))
    for sent in engine.deliveries(limit=1000):
        if sent.topic == "report.urgent" and sent.case == cases["a"]:
            engine.answer(sent.id, Answer())
    assert engine.case(cases["a"]).status == "ended"
    assert {str(one.status) for one in engine.deadlines(cases["a"])} == {"expired"}
    engine.void(cases["b"], reason="误登", by=centre)
    engine.merge(cases["c"], into=cases["d"], reason="同一事项", by=centre)
    assert keys() == {"d"}
    clock.advance(timedelta(days=400))
    engine.sweep()
    assert keys() == {"d"}
    engine.reopen(cases["a"], reason="当事人反悔", by=centre)
    assert keys() >= {"a", "d"}
    assert keys() & {"b", "c"} == set()
