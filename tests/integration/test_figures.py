"""Figures by the database are figures counted by hand from what each case says, and hiding makes none better."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import event
from typer.testing import CliRunner

from jiefen import (
    EVERYWHERE,
    Actor,
    Case,
    Deadline,
    Engine,
    FactError,
    Figure,
    FixedClock,
    JiefenError,
    Link,
    UnknownValue,
)
from jiefen.cli.root import app
from jiefen.clock import CHINA, china_date
from jiefen.record.desk.measures import Counting, Measure
from tests.integration.conftest import Opener

CLERK = Actor(
    "0412", frozenset({"township_coordinator", "petition_officer", "county_petition_office"}), EVERYWHERE
)
AREAS = ("140429102", "140429102201", "140429102201001", "140429103", "140430")
TODAY = date(2026, 9, 1)


@pytest.fixture
def engine(opener: Opener, clock: FixedClock) -> Engine:
    clock.set(datetime(2026, 1, 5, 9, tzinfo=CHINA))
    return opener(processes=None, rules=None)


class County:
    """Cases to which at random everything happens that moves a figure."""

    def __init__(self, engine: Engine, clock: FixedClock, seed: int) -> None:
        self.engine, self.clock, self.chance = engine, clock, Random(seed)

    def live(self, cases: int) -> None:
        for number in range(cases):
            self.open(number)
            self.clock.advance(timedelta(days=self.chance.randrange(1, 12)))
            for _ in range(2):
                self.act()
            self.engine.sweep()

    def open(self, number: int) -> int:
        """One that came up to eighty days ago; petitions have reached where their duties start."""
        came = self.today - timedelta(days=self.chance.choice((0, 0, 3, 80)))
        facts = {
            "source": "petition", "dispute_type": "neighbour", "area": self.chance.choice(AREAS),
            "title": "院墙占了过道", "repeat_petition": False,
        }  # fmt: skip
        if self.chance.random() < 0.8:
            facts["received_on"] = came.isoformat()
        case = self.engine.open_case("dispute", facts, key=f"k{number}", by=CLERK).id
        for milestone in ("petition_registered", "petition_accepted"):
            if self.chance.random() < 0.9:
                self.try_to(self.engine.milestone, case, milestone, on=came, by=CLERK)
        return case

    @property
    def today(self) -> date:
        return china_date(self.clock.now())

    def try_to(self, act: Callable[..., Any], *args: Any, **more: Any) -> None:
        """What a case refuses does not happen to it."""
        try:
            act(*args, **more)
        except JiefenError:
            return

    def act(self) -> None:
        case = self.chance.choice(self.engine.cases(limit=1000)).id
        back = self.today - timedelta(days=self.chance.choice((0, 0, 20)))
        act = self.chance.choice(("serve", "serve", "transfer", "hide", "link", "correct", "contact"))
        if act == "serve":
            self.try_to(self.engine.milestone, case, "petition_opinion_served", on=back, by=CLERK)
        elif act == "transfer":
            self.try_to(self.engine.milestone, case, "petition_transferred", on=back, by=CLERK)
        elif act == "correct":
            self.try_to(self.engine.correct, case, {"satisfied": True}, reason="更正", by=CLERK)
        elif act == "contact":
            self.try_to(self.engine.log_contact, case, form="follow_up", note="回访", by=CLERK)
        elif act == "link":
            other = self.chance.choice(self.engine.cases(limit=1000)).id
            kind = self.chance.choice(("repeat", "rebound_of", "related"))
            self.try_to(self.engine.link, case, other, kind=kind, reason="同一事项", by=CLERK)
        else:
            self.hide(case)

    def hide(self, case: int) -> None:
        """What somebody would do who wants a case out of the figures."""
        others = [one.id for one in self.engine.cases(limit=1000) if one.id != case]
        other = self.chance.choice(others) if others else case
        for act in self.chance.sample(
            (
                lambda: self.engine.void(case, reason="误登", evidence="台账第3页", by=CLERK),
                lambda: self.engine.merge(case, other, reason="同一事项", by=CLERK),
                lambda: self.engine.milestone(case, "withdrawn", by=CLERK),
                lambda: self.engine.move(case, self.chance.choice(AREAS), reason="属地有误", by=CLERK),
            ),
            1,
        ):
            self.try_to(act)


# --- counted by hand --------------------------------------------------------------------------------------------------


class ByHand:
    """The same figures from what each case says of itself."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.engine, self.now = engine, now
        self.cases = engine.cases(limit=1000)
        self.links: dict[int, list[Link]] = {case.id: engine.links(case.id) for case in self.cases}

    def figure(self, counting: Counting, keep: Callable[[str | None, date], bool]) -> tuple[int, int, int]:
        """Numerator, denominator, and what is left out."""
        found = [one for one in self.all(counting) if keep(one[0], one[1])]
        counted = [counts for _, _, among, counts in found if among]
        return sum(counted), len(counted), len(found) - len(counted)

    def all(self, counting: Counting) -> Iterator[tuple[str | None, date, bool, bool]]:
        for case in self.cases:
            if counting.deadlines:
                for one in self.engine.deadlines(case.id):
                    wanted = one.rule in counting.deadlines and one.status != "superseded"
                    if wanted and one.due_on is not None and self.holds(counting.when, case, one.due_on):
                        counted, met = self.deadline(one)
                        moment = one.closed_at if met else one.due_at
                        area = self.area_before(case, lambda at, moment=moment: at > moment)
                        yield area, one.due_on, counted, met
            elif self.holds(counting.when, case, day := self.day(counting, case)):
                assert counting.counts
                among = any(self.holds(one, case, day) for one in counting.among)
                yield (
                    self.area_before(case, lambda at, case=case: self.too_late(counting, case, at)),
                    day,
                    among,
                    any(self.holds(one, case, day) for one in counting.counts),
                )

    def too_late(self, counting: Counting, case: Case, at: datetime) -> bool:
        days = (china_date(at) - china_date(case.opened_at)).days
        return days > counting.moves_within or (case.ended_at is not None and at > case.ended_at)

    def area_before(self, case: Case, later: Callable[[datetime], bool]) -> str | None:
        moves = [entry for entry in self.engine.history(case.id) if entry.kind == "moved"]
        for entry in moves:
            if later(entry.at):
                return str(entry.data["before"]["area"])
        return case.area

    def deadline(self, one: Deadline) -> tuple[bool, bool]:
        entries = [entry.kind for entry in self.engine.history(one.case) if entry.data.get("seq") == one.seq]
        late = "deadline_expired" in entries and "deadline_reopened" not in entries
        met = "deadline_met" in entries and not late
        overdue = one.status == "running" and one.overdue
        return met or late or overdue or one.status == "expired", met

    def missed(self, rules: tuple[str, ...], case: Case) -> bool:
        found = (self.deadline(one) for one in self.engine.deadlines(case.id) if one.rule in rules)
        return any(counted and not met for counted, met in found)

    def grades(self, case: Case) -> set[str]:
        return {str(one.data["grade"]) for one in self.engine.history(case.id) if one.kind == "rated"}

    def day(self, counting: Counting, case: Case) -> date:
        said = case.facts.get(counting.day) if counting.day else None
        return date.fromisoformat(str(said)) if said else china_date(case.opened_at)

    def holds(self, measure: Measure, case: Case, day: date) -> bool:
        reached = {one.subject for one in self.engine.history(case.id) if one.kind == "milestone"}
        contacts = {one.subject for one in self.engine.history(case.id) if one.kind == "contact"}
        leads = {str(one.kind) for one in self.links[case.id] if one.case == case.id}
        comes = {str(one.kind) for one in self.links[case.id] if one.other == case.id}
        length = (china_date(case.ended_at or self.now) - day).days
        return (
            all(case.facts.get(name) in values for name, values in measure.facts.items())
            and (not measure.said or any(name in case.facts for name in measure.said))
            and (not measure.reached or bool(reached & set(measure.reached)))
            and (not measure.status or case.status in measure.status)
            and (not measure.linked or bool(leads & set(measure.linked)))
            and (not measure.linked_from or bool(comes & set(measure.linked_from)))
            and (not measure.contacts or bool(contacts & set(measure.contacts)))
            and (not measure.rated or bool(self.grades(case) & set(measure.rated)))
            and (measure.longer_than is None or length > measure.longer_than)
            and (not measure.process or case.process in measure.process)
            and (not measure.missed or self.missed(measure.missed, case))
            and not any(self.holds(one, case, day) for one in measure.unless)
        )


def said(one: Figure) -> tuple[int, int, int]:
    return one.numerator, one.denominator, one.left_out


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_are_those_counted_by_hand(engine: Engine, clock: FixedClock, seed: int) -> None:
    County(engine, clock, seed).live(12)
    by_hand = ByHand(engine, clock.now())
    rules = engine.edition.rulebook.view(None).figures
    whole = {"since": date(2025, 1, 1), "until": date(2026, 12, 31)}
    for one in engine.figures(**whole):
        assert said(one) == by_hand.figure(rules[one.name].counting, lambda *_: True), one.name
    for one in engine.figures(**whole, area="140429", by="township"):
        expected = by_hand.figure(
            rules[one.name].counting,
            lambda area, _, group=one.group: (area or "").startswith("140429") and (area or "")[:9] == group,
        )
        assert said(one) == expected, (one.name, one.group)
    months = engine.figures(**whole, by="month")
    for one in months:
        expected = by_hand.figure(
            rules[one.name].counting, lambda _, day, group=one.group: day.isoformat()[:7] == group
        )
        assert said(one) == expected, (one.name, one.group)
    for one in engine.figures(**whole):
        parts = [said(month) for month in months if month.name == one.name]
        assert [sum(part[at] for part in parts) for at in range(3)] == [*said(one)]
        if one.denominator:
            share = Decimal(100 * one.numerator) / one.denominator
            assert one.rate == share.quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert sum(one.denominator for one in engine.figures(**whole)) > 12


@pytest.mark.parametrize("seed", [4, 5])
def test_hiding_makes_no_figure_better(engine: Engine, clock: FixedClock, seed: int) -> None:
    county = County(engine, clock, seed)
    county.live(8)
    hidden = 0
    for case in engine.cases(status="open", limit=1000):
        before = {one.name: one for one in engine.figures(since=date(2025, 1, 1))}
        county.hide(case.id)
        hidden += engine.case(case.id).status != "open"
        for after in engine.figures(since=date(2025, 1, 1)):
            was = before[after.name]
            if was.denominator and after.denominator:
                shares = [Decimal(one.numerator) / one.denominator for one in (was, after)]
                better = shares[1] > shares[0] if after.better == "more" else shares[1] < shares[0]
                assert not better, (after.name, was, after)
            assert after.denominator >= was.denominator
    assert hidden


def petition(engine: Engine, key: str, received: str, area: str = AREAS[0]) -> int:
    facts = {"source": "petition", "dispute_type": "neighbour", "area": area, "received_on": received}
    case = engine.open_case("dispute", facts, key=key, by=CLERK).id
    on = date.fromisoformat(received)
    engine.milestone(case, "petition_accepted", on=on, by=CLERK)
    return case


def done(engine: Engine, **more: Any) -> Figure:
    [figure] = engine.figures(names=["petition.done_in_time"], **more)
    return figure


def test_what_parties_say_by_their_code_counts_and_no_merge_hides_it(engine: Engine) -> None:
    def said_satisfied() -> tuple[int, int, int]:
        [figure] = engine.figures(names=["satisfied"], since=date(2025, 1, 1))
        return said(figure)

    def opened(key: str) -> Case:
        facts = {"source": "petition", "dispute_type": "neighbour", "area": AREAS[0], "title": key}
        return engine.open_case("dispute", facts, key=key, by=CLERK)

    def end(case: int) -> None:
        engine.message("party.withdrew", case=case, key="w", by=CLERK)
        assert engine.case(case).status == "ended"

    asked, rated, hidden, into = (opened(key) for key in ("院墙占道", "楼上漏水", "树根拱地", "噪音扰民"))
    engine.correct(asked.id, {"satisfied": True}, reason="回访", by=CLERK)
    end(asked.id)
    end(rated.id)
    assert said_satisfied() == (1, 1, 1)
    engine.rate(rated.code or "", "fair")
    assert said_satisfied() == (2, 2, 0)
    # What somebody wrote down about them does not outweigh what they say.
    engine.rate(asked.code or "", "dissatisfied")
    engine.correct(asked.id, {"satisfied": True}, reason="再次回访", by=CLERK)
    assert said_satisfied() == (1, 2, 0)
    engine.milestone(hidden.id, "petition_opinion_served", by=CLERK)
    engine.rate(hidden.code or "", "dissatisfied", comment="没有人来看过")
    engine.merge(hidden.id, into.id, reason="同一事项", by=CLERK)
    engine.correct(into.id, {"satisfied": True}, reason="回访", by=CLERK)
    end(into.id)
    assert said_satisfied() == (1, 3, 0)
    [came] = engine.ratings(into.id, by=CLERK)
    assert (str(came.grade), came.comment) == ("dissatisfied", "没有人来看过")
    assert came.review is not None
    assert came.review in {one.ref for one in engine.supervisions(case=into.id)}
    assert "当事人的评价随案转入:1 项" in engine.explain(into.id).text("zh")


class TestAYear:
    def test_voiding_a_late_case_leaves_it_late(self, engine: Engine, clock: FixedClock) -> None:
        good, bad = petition(engine, "good", "2026-01-05"), petition(engine, "bad", "2026-01-05")
        engine.milestone(good, "petition_opinion_served", by=CLERK)
        early = petition(engine, "early", "2026-01-05")
        engine.void(early, reason="误登", evidence="台账第3页", by=CLERK)
        clock.set(date(2026, 4, 1))
        # Nobody has swept: it is late all the same.
        assert (done(engine).numerator, done(engine).denominator) == (1, 2)
        engine.void(bad, reason="误登", evidence="台账第3页", by=CLERK)
        figure = done(engine)
        assert (figure.numerator, figure.denominator, figure.rate) == (1, 2, Decimal("50.0"))
        assert (figure.left_out, figure.voided, figure.merged) == (1, 2, 0)
        assert "信访工作条例" in figure.because.zh
        assert "第三十四条" in figure.because.zh

    def test_voiding_or_merging_before_the_last_day_is_no_gain_at_worst(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        good, bad, twice = (petition(engine, key, "2026-01-05") for key in ("good", "bad", "twice"))
        engine.milestone(good, "petition_opinion_served", by=CLERK)
        engine.void(bad, reason="误登", evidence="台账第3页", by=CLERK)
        engine.merge(twice, good, reason="同一事项", by=CLERK)
        clock.set(date(2026, 4, 1))
        figure = done(engine)
        assert (figure.rate, figure.at_worst) == (100, Decimal("33.3"))
        assert (figure.voided, figure.merged, figure.left_out) == (1, 1, 2)

    def test_a_case_that_is_moved_when_it_is_late_stays_with_whom_it_was_late(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case, other = petition(engine, "late", "2026-01-05"), petition(engine, "wrong", "2026-01-05")
        engine.move(other, AREAS[3], reason="属地有误", by=CLERK)
        clock.set(date(2026, 4, 1))
        engine.move(case, AREAS[3], reason="属地有误", by=CLERK)
        assert {one.group: one.denominator for one in engine.figures(names=["settled"], by="township")} == {
            AREAS[0]: 1,
            AREAS[3]: 1,
        }
        assert [done(engine, area=area).denominator for area in (AREAS[0], AREAS[3])] == [1, 1]
        assert [one.key for one in engine.figure_cases("petition.done_in_time", area=AREAS[0])] == ["late"]

    def test_a_case_registered_late_counts_by_its_true_day(self, engine: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 6, 1))
        petition(engine, "late", "2026-01-05")
        assert done(engine, until=date(2026, 3, 31)).denominator == 1
        assert done(engine, since=date(2026, 4, 1)).denominator == 0
        assert done(engine).rate == 0
        january = engine.figures(names=["settled"], until=date(2026, 1, 31))
        assert (january[0].numerator, january[0].denominator) == (0, 1)

    def test_an_extension_by_law_is_in_time(self, engine: Engine, clock: FixedClock) -> None:
        case = petition(engine, "k", "2026-01-05")
        head = Actor("2", frozenset({"handling_organ_head"}), EVERYWHERE)
        engine.extend(case, "petition.handle", "30 d", ground="情况复杂", by=head)
        clock.set(date(2026, 3, 25))
        assert done(engine, until=date(2026, 12, 31)).denominator == 0
        engine.milestone(case, "petition_opinion_served", by=CLERK)
        assert done(engine, until=date(2026, 12, 31)).rate == 100

    def test_what_is_behind_a_figure_page_by_page(self, engine: Engine, clock: FixedClock) -> None:
        for number in range(5):
            petition(engine, f"k{number}", "2026-01-05")
        clock.set(date(2026, 4, 1))
        pages: list[Any] = []
        name = "petition.done_in_time"
        while page := engine.figure_cases(name, after=pages[-1].token if pages else None, limit=2):
            pages += page
        assert pages == engine.figure_cases(name)
        assert [one.key for one in pages] == [f"k{number}" for number in range(5)]
        assert {(one.counted, one.counts, one.day) for one in pages} == {(True, False, date(2026, 3, 6))}

    def test_one_statement_for_all_figures(self, engine: Engine) -> None:
        heard: list[str] = []
        for one in engine._runtime.database.engines:
            event.listen(one, "before_cursor_execute", lambda *call: heard.append(call[2]))
        engine.figures(by="month")
        assert len([one for one in heard if "SELECT" in one]) == 1


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"by": "monht"}, UnknownValue, "month"),
        ({"names": ["petition.done"]}, UnknownValue, "petition"),
        ({"names": "settled"}, FactError, "list"),
        ({"since": date(2027, 1, 1)}, FactError, "swap"),
        ({"until": "2026"}, FactError, "day"),
        ({"area": "14x"}, FactError, "area"),
    ],
)
def test_what_cannot_be_asked(
    engine: Engine, wrong: dict[str, Any], error: type[JiefenError], says: str
) -> None:
    with pytest.raises(error, match=says):
        engine.figures(**wrong)


def test_on_the_command_line(engine: Engine, clock: FixedClock, url: str) -> None:
    petition(engine, "k", "2026-01-05")
    clock.set(date(2026, 4, 1))
    engine.sweep()
    runner = CliRunner()

    def run(*words: str) -> str:
        result = runner.invoke(app, ["--db", url, "--lang", "zh", *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    span = ("--since", "2026-01-01", "--until", "2026-12-31")
    table = run("figures", *span)
    assert "按期办结率" in table
    assert "第三十四条" in table
    [one] = json.loads(run("figures", *span, "--name", "petition.done_in_time", "--json"))
    assert (one["numerator"], one["denominator"], one["rate"]) == (0, 1, "0.0")
    rows = list(csv.reader(run("figures", *span, "--by", "month", "--csv").lstrip("\ufeff").splitlines()))
    assert ["按期办结率", "2026-03", "0.0%", "0", "1"] in [row[:5] for row in rows]
    told = run("figures", "explain", "petition.done_in_time", *span)
    assert "申诉求决类信访事项办结" in told
    assert "仅分母" in told
    [case] = json.loads(run("figures", "explain", "petition.done_in_time", *span, "--json"))
    assert (case["key"], case["counted"], case["counts"]) == ("k", True, False)


def test_who_says_that_he_came_and_is_not_there_has_not_come(engine: Engine, clock: FixedClock) -> None:
    """Three departments are called: one comes, one says so and is not there, one does not come at all."""
    centre = Actor("c-1", frozenset({"township_coordinator"}), AREAS[0])
    clerks = {
        role: Actor(role, frozenset({role}), "140429")
        for role in ("land_officer", "enforcement_team", "housing_department")
    }
    whistle = engine.whistle(
        kind="work", asked="联合查处占道", key="w", by=centre, departments=list(clerks), area=AREAS[0]
    )

    def do(call: int, element: str, by: Actor, **answer: Any) -> None:
        [task] = [one for one in engine.tasks(case=call) if one.element == element]
        engine.complete(task.id, answer, by=by)

    def present() -> tuple[int, int, int]:
        [figure] = engine.figures(names=["whistle.present"], area=AREAS[0])
        return said(figure)

    land, team, _ = (call.id for call in whistle.calls)
    assert present() == (0, 0, 3)
    for call, role, there in ((land, "land_officer", True), (team, "enforcement_team", False)):
        do(call, "sign", clerks[role])
        do(call, "arrive", clerks[role], arrived_person="王五")
        do(call, "confirm", centre, arrival_confirmed=there)
    assert present() == (1, 1, 2)
    clock.advance(timedelta(days=7))
    assert present() == (1, 3, 0)
    engine.sweep()
    do(team, "arrive", clerks["enforcement_team"], arrived_person="王五")
    do(team, "confirm", centre, arrival_confirmed=True)
    assert present() == (1, 3, 0)
    # Neither calls nor orders are disputes.
    assert [said(one) for one in engine.figures(names=["settled", "asked_after"])] == [(0, 0, 0)] * 2
