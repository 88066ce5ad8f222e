"""Deadlines start when what their article names is known, whoever makes it known, and from its true day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from jiefen import EVERYWHERE, Actor, Deadline, Engine, FactError, FixedClock, Happening
from jiefen.clock import china_date
from tests.support.asking import engine_that_asks

CLERK = Actor("0412", frozenset({"grid_worker"}), EVERYWHERE)
TODAY = date(2026, 11, 27)
AREA = "140429102201"


class Desk:
    """A clerk and the case before them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.case = 0

    def open(self, **facts: Any) -> Desk:
        """Open the case with what is known at intake."""
        self.case = self.engine.open_case("asking", {"area": AREA, **facts}, key="k", by=CLERK).id
        return self

    def say(self, **facts: Any) -> Desk:
        """Type in what has become known."""
        [task] = self.engine.tasks(case=self.case)
        self.engine.complete(task.id, facts, by=CLERK)
        return self

    def reach(self, milestone: str, on: date | None = None) -> Desk:
        """Record a milestone."""
        self.engine.milestone(self.case, milestone, on=on, by=CLERK)
        return self

    def of(self, rule: str) -> list[tuple[str, date | None]]:
        """Status and last day of each deadline by a rule."""
        return [(str(item.status), item.due_on) for item in self.all(rule)]

    def all(self, rule: str) -> list[Deadline]:
        """The deadlines by a rule."""
        return [item for item in self.engine.deadlines(self.case) if item.rule == rule]

    def kinds(self) -> list[tuple[str, str | None]]:
        """The kinds and subjects of the journal."""
        return [(str(entry.kind), entry.subject) for entry in self.engine.history(self.case)]


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> FixedClock:
    return FixedClock(TODAY)


@pytest.fixture
def desk(tmp_path: Path, url: str, clock: FixedClock) -> Iterator[Desk]:
    with engine_that_asks(tmp_path, clock, url) as engine:
        yield Desk(engine)


@pytest.mark.parametrize(
    ("kind", "knew", "rule", "due"),
    [
        ("labour", date(2025, 12, 20), "labour.limitation", date(2026, 12, 21)),
        ("administrative_act", date(2026, 10, 12), "reconsideration.apply_act", date(2026, 12, 11)),
        ("administrative_act", date(2026, 6, 3), "administrative.sue_directly", date(2026, 12, 3)),
        ("collective_membership", date(2025, 12, 20), "collective.annul", date(2026, 12, 21)),
        ("land_contract", date(2025, 12, 20), "land.limitation", date(2027, 12, 20)),
    ],
)
def test_a_type_learned_on_the_visit_starts_the_right_from_the_day_of_knowing(
    opener: Any, clock: FixedClock, kind: str, knew: date, rule: str, due: date
) -> None:
    engine = opener(processes=None, rules=None, clock=clock)
    facts = {"source": "grid", "area": AREA, "knew_on": knew}
    case = engine.open_case("dispute", facts, key="w", by=CLERK).id
    assert engine.deadlines(case) == []
    [task] = engine.tasks(case=case)
    engine.complete(
        task.id,
        {"outcome": "needs_mediation", "dispute_type": kind},
        by=Actor("0412", frozenset(task.roles), EVERYWHERE),
    )
    right = next(item for item in engine.deadlines(case) if item.rule == rule)
    engine.sweep()
    assert (china_date(right.anchored_at), right.due_on) == (knew, due)


class TestWhatWasOverBefore:
    """It is over with its day as soon as it is known; no sweep has to come first."""

    @pytest.mark.parametrize(
        ("process", "facts", "over"),
        [
            # 劳动争议调解仲裁法第二十七条: one year.
            ("dispute", {"dispute_type": "labour"}, {"labour.limitation": date(2025, 1, 6)}),
            # 行政诉讼法第四十六条: six months; 行政复议法第二十条: sixty days.
            (
                "dispute",
                {"dispute_type": "administrative_act"},
                {
                    "administrative.sue_directly": date(2024, 7, 5),
                    "reconsideration.apply_act": date(2024, 3, 5),
                },
            ),
        ],
    )
    def test_a_case_is_opened_with_what_is_over(
        self, opener: Any, clock: FixedClock, process: str, facts: dict[str, Any], over: dict[str, date]
    ) -> None:
        engine = opener(processes=None, rules=None, clock=clock)
        given = {"source": "grid", "area": AREA, "knew_on": date(2024, 1, 5), **facts}
        case = engine.open_case(process, given, key="w", by=CLERK).id
        at_once = engine.deadlines(case)
        assert {item.rule: item.due_on for item in at_once if str(item.status) == "expired"} == over
        assert not any(str(item.status) == "running" for item in at_once if item.rule in over)
        engine.sweep()
        assert engine.deadlines(case) == at_once

    def test_a_milestone_of_long_ago_is_told_later(self, desk: Desk) -> None:
        # 民事诉讼法第二百五十条: two years.
        desk.open(dispute_type="lending").reach("confirmation_ruled", date(2024, 1, 5))
        assert desk.of("enforcement.apply_confirmation") == [("expired", date(2026, 1, 5))]
        expired = [subject for kind, subject in desk.kinds() if kind == str(Happening.DEADLINE_EXPIRED)]
        assert expired == ["confirmation.object", "enforcement.apply_confirmation"]


class TestWages:
    @pytest.mark.parametrize(
        ("ended", "due"), [(date(2025, 12, 10), date(2026, 12, 10)), (date(2026, 1, 15), date(2027, 1, 15))]
    )
    @pytest.mark.parametrize("at_intake", [True, False])
    def test_one_year_from_the_end_of_the_employment(
        self, desk: Desk, ended: date, due: date, at_intake: bool
    ) -> None:
        facts = {"dispute_type": "labour", "wages_unpaid": True, "employment_ended_on": ended}
        if at_intake:
            desk.open(**facts)
        else:
            desk.open()
            for name, value in facts.items():
                desk.say(**{name: value})
        [right] = desk.all("labour.limitation_wages")
        assert (str(right.status), right.due_on, right.anchor) == ("running", due, "employment_ended")

    def test_an_employment_that_is_still_to_end_starts_it_on_that_day(
        self, desk: Desk, clock: FixedClock
    ) -> None:
        desk.open(dispute_type="labour", wages_unpaid=True, employment_ended_on=date(2026, 12, 31))
        assert desk.of("labour.limitation_wages") == []
        clock.set(date(2027, 1, 4))
        desk.engine.sweep()
        assert desk.of("labour.limitation_wages") == [("running", date(2027, 12, 31))]

    def test_while_it_lasts_there_is_no_limit_and_that_is_said(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", wages_unpaid=True, knew_on=date(2025, 12, 20))
        assert [item for item in desk.engine.deadlines(desk.case) if item.rule.startswith("labour.lim")] == []
        assert "不受一年限制" in desk.engine.explain(desk.case).text("zh")
        desk.say(employment_ended_on=date(2026, 6, 1))
        assert "不受一年限制" not in desk.engine.explain(desk.case).text("zh")

    def test_claims_beside_the_wages_keep_their_year(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", wages_unpaid=True, knew_on=date(2025, 12, 20))
        assert "more_than_wages" in {one.name for one in desk.engine.open_questions(desk.case)}
        desk.say(more_than_wages=True)
        assert desk.of("labour.limitation_other_claims") == [("running", date(2026, 12, 21))]

    def test_a_corrected_end_moves_it(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", wages_unpaid=True, employment_ended_on=date(2025, 11, 3))
        desk.engine.sweep()
        assert desk.of("labour.limitation_wages") == [("expired", date(2026, 11, 3))]
        desk.say(employment_ended_on=date(2025, 12, 3))
        assert desk.of("labour.limitation_wages") == [
            ("superseded", date(2026, 11, 3)),
            ("running", date(2026, 12, 3)),
        ]


class TestWhatCameBefore:
    def test_a_stop_that_was_reached_meets_it_at_once(self, desk: Desk) -> None:
        desk.open().reach("labour_applied", date(2026, 3, 2))
        desk.say(knew_on=date(2025, 12, 20)).say(dispute_type="labour")
        assert desk.of("labour.limitation") == [("met", date(2026, 12, 21))]

    def test_what_was_met_never_starts_twice(self, desk: Desk) -> None:
        desk.open(knew_on=date(2025, 12, 20), dispute_type="labour").reach("labour_applied", date(2026, 3, 2))
        desk.say(wages_unpaid=True).say(wages_unpaid=False).say(knew_on=date(2025, 12, 22))
        assert desk.of("labour.limitation") == [("met", date(2026, 12, 21))]

    def test_a_stop_that_came_too_late_does_not_meet_it(self, desk: Desk) -> None:
        desk.open().reach("labour_applied", date(2026, 11, 20)).say(
            dispute_type="labour", knew_on=date(2025, 10, 9)
        )
        assert desk.of("labour.limitation") == [("expired", date(2026, 10, 9))]

    def test_an_interruption_starts_it_again_from_its_day(self, desk: Desk) -> None:
        desk.open().reach("mediation_requested", date(2026, 2, 2))
        desk.say(dispute_type="lending", knew_on=date(2025, 12, 20))
        assert [item.anchor for item in desk.all("limitation.general")][-1].startswith("interruption:")

    def test_what_was_over_is_shown_expired_with_its_day(self, desk: Desk) -> None:
        desk.open(dispute_type="labour").say(knew_on=date(2024, 1, 5))
        assert desk.of("labour.limitation") == [("expired", date(2025, 1, 6))]
        assert "2025-01-06" in str(desk.engine.explain(desk.case))


class TestCorrections:
    def test_what_expired_by_a_wrong_day_runs_from_the_right_one(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", knew_on=date(2025, 10, 9))
        desk.engine.sweep()
        desk.say(knew_on=date(2025, 12, 20))
        assert desk.of("labour.limitation") == [
            ("superseded", date(2026, 10, 9)),
            ("running", date(2026, 12, 21)),
        ]
        assert (str(Happening.DEADLINE_SUPERSEDED), "labour.limitation") in desk.kinds()

    def test_an_act_that_was_too_late_by_a_wrong_day_may_have_been_in_time(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", knew_on=date(2025, 10, 9)).reach(
            "labour_applied", date(2026, 11, 20)
        )
        assert desk.of("labour.limitation") == [("expired", date(2026, 10, 9))]
        desk.say(knew_on=date(2025, 12, 20))
        assert desk.of("labour.limitation")[-1] == ("met", date(2026, 12, 21))

    def test_a_right_does_not_vanish_by_an_edit(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", knew_on=date(2025, 12, 20)).say(dispute_type="lending")
        [right] = desk.all("labour.limitation")
        assert (str(right.status), right.fits) == ("running", False)
        assert desk.kinds().count((str(Happening.DEADLINE_DOUBTED), "labour.limitation")) == 1
        assert "no longer fits the facts" in desk.engine.explain(desk.case).text("en")
        desk.say(dispute_type="labour")
        assert [item.fits for item in desk.all("labour.limitation")] == [True]

    def test_a_duty_that_nobody_owes_ends_with_a_trace(self, desk: Desk) -> None:
        desk.open().say(court_procedure="simplified").reach("case_filed", date(2026, 11, 2))
        assert desk.of("trial.simplified") == [("running", date(2027, 2, 2))]
        desk.say(court_procedure="ordinary")
        [ended] = desk.all("trial.simplified")
        assert (str(ended.status), ended.closed_by) == ("cancelled", "conditions")
        desk.say(court_procedure="simplified")
        assert desk.of("trial.simplified")[-1] == ("running", date(2027, 2, 2))

    def test_a_fact_that_serves_one_procedure_after_the_other_moves_nothing(self, desk: Desk) -> None:
        desk.open().reach("judgment_served", date(2026, 11, 20)).say(served_on=date(2026, 11, 25))
        assert desk.of("trial.appeal_judgment") == [("running", date(2026, 12, 7))]


class TestRecordedMilestones:
    def test_the_day_of_knowing_is_never_overwritten(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", knew_on=date(2025, 12, 20)).reach("registered", TODAY)
        assert desk.engine.case(desk.case).facts["knew_on"] == date(2025, 12, 20)
        assert desk.of("labour.limitation") == [("running", date(2026, 12, 21))]

    def test_nor_given_where_nobody_has_said_it(self, desk: Desk) -> None:
        desk.open(dispute_type="labour").reach("registered", TODAY)
        assert "knew_on" not in desk.engine.case(desk.case).facts
        assert desk.of("labour.limitation") == []

    def test_the_fact_that_makes_it_known_is_said_by_it(self, desk: Desk) -> None:
        desk.open(dispute_type="labour", wages_unpaid=True).reach("employment_ended", date(2026, 1, 15))
        assert desk.engine.case(desk.case).facts["employment_ended_on"] == date(2026, 1, 15)
        assert desk.of("labour.limitation_wages") == [("running", date(2027, 1, 15))]

    def test_an_older_service_does_not_date_what_a_message_reaches(self, desk: Desk) -> None:
        desk.open().reach("judgment_served", date(2026, 5, 4))
        desk.engine.message(
            "reconsideration.copy_served", case=desk.case, key="m", facts={"event_on": date(2026, 11, 23)}
        )
        assert {china_date(item.anchored_at) for item in desk.all("reconsideration.answer")} <= {
            date(2026, 11, 23)
        }


def test_a_day_to_come_is_refused_where_a_right_would_run_from_it(desk: Desk) -> None:
    desk.open(dispute_type="labour")
    with pytest.raises(FactError, match="in the future"):
        desk.say(knew_on=TODAY + timedelta(days=3))
    assert "knew_on" not in desk.engine.case(desk.case).facts


class TestCost:
    def statements(self, desk: Desk, **facts: Any) -> int:
        heard: list[str] = []

        def listen(_c: object, _cursor: object, statement: str, *_: object) -> None:
            heard.append(statement)

        [task] = desk.engine.tasks(case=desk.case)
        engines: tuple[sa.Engine, ...] = tuple(desk.engine._runtime.database.engines)
        for one in engines:
            event.listen(one, "before_cursor_execute", listen)
        desk.engine.complete(task.id, facts, by=CLERK)
        for one in engines:
            event.remove(one, "before_cursor_execute", listen)
        return len([one for one in heard if not one.startswith(("BEGIN", "PRAGMA"))])

    def test_a_relevant_fact_costs_one_statement_more_and_only_then(self, desk: Desk) -> None:
        desk.open(knew_on=date(2025, 12, 20), dispute_type="labour").reach("labour_applied", date(2026, 3, 2))
        desk.engine.sweep()
        before = self.statements(desk, satisfied=True)
        assert self.statements(desk, satisfied=False) == before
        # The rule was met: only what the case no longer holds open can tell that.
        assert self.statements(desk, wages_unpaid=False) == before + 1
        assert before + 1 <= 8

    def test_what_was_over_before_costs_no_statement_more(self, desk: Desk) -> None:
        desk.open(dispute_type="labour")
        runs = self.statements(desk, knew_on=date(2025, 12, 20))
        assert self.statements(desk, knew_on=date(2024, 1, 5)) <= runs
